#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/json.h"
#include "geo/vector.h"
#include "tilth/rows.h"

/* GDAL does not free a driver that is taken off its list; the process that reads an upload ends right after. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgdal";
}

/* Everything in one process, without walls: sift_test.c and tests/serve have them. The first begin leaves only its own drivers. */
TEST(a_table_is_told_column_by_column_and_its_rows_are_handed_over)
{
    struct tl_rows_file *file = NULL;
    struct tl_vector_options how = {.plain_label = "deaths.csv"};
    struct tl_vector *v = NULL;
    bool more = false;
    CHECK_FAILS(tl_rows_begin(ctx, 0, "a.exe", NULL, &file), TL_EDATA, ".geojson");
    CHECK_FAILS(tl_rows_begin(ctx, 0, "../a.csv", NULL, &file), TL_EDATA, "ending");
    FILE *csv = fopen("look_test.csv", "w");
    fputs("id,lon,date,village,none\n", csv);
    for (int i = 0; i < 9; i++)
        fprintf(
            csv, "%d,30.%d,%s,\"%s%d\",\n", i, i, i == 3 ? "2004" : "2004-05-06",
            "\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0"
            "\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96"
            "\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0"
            "\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96x\xd0\x96\xd0\x96",
            i);
    fclose(csv);
    int in = open("look_test.csv", O_RDONLY);
    CHECK_OK(tl_rows_begin(ctx, in, "deaths.csv", "CP1251", &file));
    int out = open("look_test.json", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_OK(tl_rows_look(ctx, file, out));
    lseek(out, 0, SEEK_SET);
    json_t *told = json_loadfd(out, 0, NULL);
    CHECK(told != NULL);
    json_t *layer = json_array_get(json_object_get(told, "layers"), 0);
    CHECK_STR(json_string_value(json_object_get(told, "driver")), "CSV");
    CHECK_STR(json_string_value(json_object_get(layer, "name")), "deaths");
    CHECK(json_integer_value(json_object_get(layer, "rows")) == 9);
    static const char *const types[] = {"number", "number", "date", "text", "empty"};
    for (size_t i = 0; i < 5; i++) {
        json_t *column = json_array_get(json_object_get(layer, "columns"), i);
        CHECK_STR(json_string_value(json_object_get(column, "type")), types[i]);
        CHECK(json_array_size(json_object_get(column, "examples")) ==
              (i < 2    ? 5u
               : i == 2 ? 2u
               : i == 3 ? 1u
                        : 0u)); /* cut, the villages are the same */
    }
    json_decref(told);
    close(out);
    out = open("look_test.rows", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct tl_rows_wanted wanted = {.where = "id > 6"};
    CHECK_OK(tl_rows_write(ctx, file, &wanted, out));
    close(out);
    CHECK_OK(tl_vector_open(ctx, "look_test.rows", &how, &v));
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more && tl_vector_row(v) == 8);
    tl_vector_close(v);
    wanted = (struct tl_rows_wanted){.where = "moon > 6"};
    out = open("/dev/null", O_WRONLY);
    CHECK_FAILS(tl_rows_write(ctx, file, &wanted, out), TL_EDATA, "deaths.csv: ");
    CHECK(strstr(tl_ctx_message(ctx), "/vsi") == NULL);
    close(out);
    out = open("/dev/full", O_WRONLY);
    CHECK_FAILS(tl_rows_look(ctx, file, out), TL_EIO, "cannot be kept");
    close(out);
    close(in);
    tl_rows_end(file);
    unlink("look_test.csv");
    unlink("look_test.json");
    unlink("look_test.rows");
}

TEST(endings_that_are_read)
{
    CHECK(tl_rows_reads("a.XLSX") && tl_rows_reads("x.gdb.zip") && tl_rows_reads("a b.kmz"));
    CHECK(!tl_rows_reads("a") && !tl_rows_reads(".csv") && !tl_rows_reads("a.vrt") &&
          !tl_rows_reads("a.csv.exe"));
}
