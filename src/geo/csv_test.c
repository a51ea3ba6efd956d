#include "unit.h"

#include <unistd.h>

#include "geo/csv.h"
#include "geo/gdal.h"
#include "geo/vector.h"

static tl_err put(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(text, 1, n, file) == n;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    return good ? TL_OK : TL_EIO;
}

/* Columns and rows as "name:value|value|", or the error. */
static tl_err read_all(struct tl_ctx *ctx, const char *text, const char *where, char *out,
                       size_t room)
{
    const struct tl_vector_options options = {.where = where};
    struct tl_vector *v = NULL;
    bool more = true;
    tl_err err = TL_OK;
    size_t at = 0;
    TL_TRY(put("csv_test.csv", text, strlen(text)));
    TL_TRY(tl_vector_open(ctx, "csv_test.csv", &options, &v));
    for (int c = 0; c < tl_vector_n_columns(v); c++)
        at += (size_t)snprintf(out + at, room - at, "%s:", tl_vector_column(v, c));
    for (;;) {
        TL_TRY(tl_vector_next(ctx, v, &more));
        if (!more)
            break;
        at += (size_t)snprintf(out + at, room - at, "%lld=", (long long)tl_vector_row(v));
        for (int c = 0; c < tl_vector_n_columns(v); c++)
            at += (size_t)snprintf(out + at, room - at, "%s|", tl_vector_text(v, c));
    }
done:
    tl_vector_close(v);
    unlink("csv_test.csv");
    return err;
}

TEST(a_table_of_one_column_is_a_table)
{
    static const struct {
        const char *text, *where, *rows;
    } cases[] = {
        {"position\n38TLN1\n38TLN2\n", NULL, "position:1=38TLN1|2=38TLN2|"},
        {"position\r\n38TLN1\r\n\r\n38TLN2", NULL, "position:1=38TLN1|2=38TLN2|"},
        {"\xef\xbb\xbf\"wkt\"\n\"POINT (30, 48)\"\n\"a \"\"b\"\"\n;c\"\n", NULL,
         "wkt:1=POINT (30, 48)|2=a \"b\"\n;c|"},
        {"position\n48\xc2\xb0 12' 15.5\" N 30\xc2\xb0 1' 2\" E\n\"\"\n\"x\"y\n", NULL,
         "position:1=48\xc2\xb0 12' 15.5\" N 30\xc2\xb0 1' 2\" E|2=|3=xy|"},
        {"name of the place\nOld Mill\n", NULL, "name of the place:1=Old Mill|"},
        {"lon lat\n30 48\n31 49\n", NULL, "lon:lat:1=30|48|2=31|49|"},
        {"name\na|b\n", NULL, "name:1=a|b|"},
        {"name\nAnna\nBo\nCy\n", "name <> 'Anna'", "name:2=Bo|3=Cy|"},
        {"name\n", NULL, "name:"},
    };
    char rows[500];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        CHECK_OK(read_all(ctx, cases[k].text, cases[k].where, rows, sizeof rows));
        CHECK_STR(rows, cases[k].rows);
    }
}

TEST(what_is_no_table_of_one_column_is_told_by_what_was_seen)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"Accidents of 1999\nlon,lat,year\n30,48,1999\n",
         "the first line names one column (\"Accidents of 1999\"), but row 1 has several values"},
        {"\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96"
         "x\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\n1,2\n",
         "\xd0\x96\"), but row 1"},
        {"name\nAnna\nBo;Cy\n", "row 2 has several values"},
        {"name\n\"Anna\",1\n", "row 1 has several values"},
        {"name\nAnna\n\"Bo\n", "row 2: a quote is never closed"},
        {"17\n18\n", "a header line with column names is needed"},
        {"a:b\n1:2\n3,4\n", "row 2 has several values"},
        {"\n\n", "not parted by commas, semicolons or tabs"},
    };
    char rows[500];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        CHECK_FAILS(read_all(ctx, cases[k].text, NULL, rows, sizeof rows), TL_EDATA, cases[k].part);
}

TEST(the_system_beside_it_goes_with_it)
{
    static const char prj[] =
        "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563]],"
        "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]";
    struct tl_vector *v = NULL;
    CHECK_OK(put("csv_prj.csv", "wkt\n\"POINT (30 48)\"\n", 20));
    CHECK_OK(put("csv_prj.prj", prj, sizeof prj - 1));
    CHECK_OK(tl_vector_open(ctx, "csv_prj.csv", NULL, &v));
    CHECK(strstr(tl_vector_crs(v), "WGS 84") != NULL);
    CHECK_STR(tl_vector_layer(v), "csv_prj");
    tl_vector_close(v);
    unlink("csv_prj.csv");
    unlink("csv_prj.prj");
}

/* A table of n columns. @return its length */
static size_t wide(char *text, size_t room, int n)
{
    size_t at = 0;
    for (int line = 0; line < 2; line++)
        for (int c = 0; c < n; c++)
            at += (size_t)snprintf(text + at, room - at, "%s%d%c", line == 0 ? "c" : "", c,
                                   c == n - 1 ? '\n' : ',');
    return at;
}

TEST(no_column_of_a_wide_table_is_dropped_in_silence)
{
    static char text[200000];
    struct tl_vector *v = NULL;
    bool more = false;
    CHECK_OK(put("csv_wide.csv", text, wide(text, sizeof text, TL_CSV_COLUMNS_MAX)));
    CHECK_OK(tl_vector_open(ctx, "csv_wide.csv", NULL, &v));
    CHECK(tl_vector_n_columns(v) == TL_CSV_COLUMNS_MAX);
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK_STR(tl_vector_text(v, TL_CSV_COLUMNS_MAX - 1), "4095");
    tl_vector_close(v);
    for (int more_by = 1; more_by < 1000; more_by += 900) {
        CHECK_OK(put("csv_wide.csv", text, wide(text, sizeof text, TL_CSV_COLUMNS_MAX + more_by)));
        CHECK_FAILS(tl_vector_open(ctx, "csv_wide.csv", NULL, &v), TL_EDATA,
                    "more than 4096 columns");
    }
    unlink("csv_wide.csv");
}

static tl_err one_column(struct tl_ctx *ctx)
{
    char rows[100];
    return read_all(ctx, "name\nAnna\n\"Bo\"\n", NULL, rows, sizeof rows);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, one_column(ctx));
}

TEST(a_table_of_one_column_that_is_too_large_is_refused)
{
    enum { LINE = 1 << 20 };
    struct tl_csv_one one = {0};
    char *line = tl_alloc(ctx, LINE, 1);
    FILE *file = fopen("csv_large.csv", "wb");
    memset(line, 'x', LINE - 1);
    line[LINE - 1] = '\n';
    fputs("name\n", file);
    for (int i = 0; i < 66; i++)
        fwrite(line, 1, LINE, file);
    fclose(file);
    tl_free(line);
    CHECK_FAILS(tl_csv_one_open(ctx, "large.csv", "csv_large.csv", &one), TL_EDATA,
                "may have 64 MiB at most");
    CHECK(one.path == NULL && one.text.text == NULL);
    unlink("csv_large.csv");
}
