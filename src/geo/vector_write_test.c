#include "unit.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "geo/geom.h"
#include "geo/vector.h"

static const struct tl_vector_field fields[] = {{"n", TL_VECTOR_INTEGER}, {"x", TL_VECTOR_REAL}};

/* A folder of this process' own: what is left in it is counted. */
static int n_files(const char *folder)
{
    DIR *dir = opendir(folder);
    int n = -2;
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

static void folder_make(char *folder)
{
    snprintf(folder, 64, "vector_write_XXXXXX");
    if (mkdtemp(folder) == NULL)
        abort();
}

static void folder_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
}

TEST(wgs84_formats_are_transformed)
{
    char folder[64], path[128];
    struct tl_vector_writer *w = NULL;
    struct tl_vector *v = NULL;
    unsigned char point[TL_GEOM_POINT_BYTES];
    const char *values[] = {"1", "2.5"};
    const void *wkb = NULL;
    int64_t bytes = 0;
    bool more = false;
    static const char *const drivers[] = {"KML", "GeoJSON", "GPX"};
    struct tl_geom_info info;
    folder_make(folder);
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/out.%s", folder,
                 k == 0   ? "kml"
                 : k == 1 ? "geojson"
                          : "gpx");
        CHECK_OK(tl_vector_create(ctx, path, drivers[k], "places", "point", "EPSG:32636", 2, fields,
                                  &w));
        tl_geom_point(500000.0, 4982950.4002, point);
        CHECK_OK(tl_vector_add(ctx, w, values, point, sizeof point));
        CHECK_OK(tl_vector_finish(ctx, w, true));
        CHECK_OK(tl_vector_open(ctx, path, NULL, &v));
        CHECK_OK(tl_vector_next(ctx, v, &more));
        CHECK_OK(tl_vector_wkb(ctx, v, &wkb, &bytes));
        CHECK_OK(tl_geom_info(ctx, wkb, bytes, &info));
        CHECK_NEAR(info.x, 33.0, 1e-7);
        CHECK_NEAR(info.y, 45.0, 1e-7);
        tl_vector_close(v);
    }
    folder_remove(folder);
}

TEST(nothing_is_there_before_the_end_nor_after_giving_up)
{
    char folder[64], path[128];
    struct tl_vector_writer *w = NULL;
    const char *values[] = {"1", NULL}, *bad[] = {"one", NULL}, *worse[] = {"1", "2,5"};
    struct stat info;
    static const char *const drivers[] = {"ESRI Shapefile", "GPKG", "CSV", "XLSX"};
    static const char *const names[] = {"a.shp", "a.gpkg", "a.csv", "a.xlsx"};
    folder_make(folder);
    for (int k = 0; k < 4; k++) {
        const char *geometry = k < 2 ? "point" : NULL;
        snprintf(path, sizeof path, "%s/%s", folder, names[k]);
        CHECK_OK(
            tl_vector_create(ctx, path, drivers[k], "a", geometry, "EPSG:4326", 2, fields, &w));
        CHECK_OK(tl_vector_add(ctx, w, values, NULL, 0));
        CHECK(stat(path, &info) != 0);
        CHECK_OK(tl_vector_finish(ctx, w, false));
        CHECK(n_files(folder) == 0);
        CHECK_OK(
            tl_vector_create(ctx, path, drivers[k], "a", geometry, "EPSG:4326", 2, fields, &w));
        CHECK_FAILS(tl_vector_add(ctx, w, bad, NULL, 0), TL_EDATA, "\"one\" is not a whole number");
        CHECK_FAILS(tl_vector_add(ctx, w, worse, NULL, 0), TL_EDATA, "\"2,5\" is not a number");
        CHECK_FAILS(tl_vector_finish(ctx, w, true), TL_EIO, path);
        CHECK(n_files(folder) == 0);
        CHECK_OK(
            tl_vector_create(ctx, path, drivers[k], "a", geometry, "EPSG:4326", 2, fields, &w));
        CHECK_OK(tl_vector_add(ctx, w, values, NULL, 0));
        CHECK_OK(tl_vector_finish(ctx, w, true));
        CHECK(stat(path, &info) == 0 && info.st_size > 0);
        CHECK(n_files(folder) >= 1);
        folder_remove(folder);
        folder_make(folder);
    }
    folder_remove(folder);
}

TEST(what_cannot_be_written_is_said)
{
    struct tl_vector_writer *w = NULL;
    CHECK_FAILS(tl_vector_create(ctx, "x.abc", "ABC", "a", NULL, NULL, 2, fields, &w), TL_EUSAGE,
                "ABC");
    CHECK_FAILS(
        tl_vector_create(ctx, "no/such/folder/x.csv", "CSV", "a", NULL, NULL, 2, fields, &w),
        TL_EIO, "no/such/folder");
    CHECK_FAILS(tl_vector_create(ctx, "x.gpkg", "GPKG", "a", "point", "rubbish", 2, fields, &w),
                TL_EDATA, "rubbish");
}

/* A full disk, as a limit on the size of files: whatever the driver makes of it, no file may appear. */
TEST(full_disk_is_an_error_and_leaves_nothing)
{
    char folder[64], path[128];
    struct tl_vector_writer *w = NULL;
    const char *values[] = {"123456789", "0.123456789"};
    static const char *const drivers[] = {"CSV", "GeoJSON", "GPKG"};
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    folder_make(folder);
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/a.%s", folder,
                 k == 0   ? "csv"
                 : k == 1 ? "geojson"
                          : "gpkg");
        tl_err err = tl_vector_create(ctx, path, drivers[k], "a", NULL, NULL, 2, fields, &w);
        CHECK(err == TL_OK);
        small = (struct rlimit){150000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        for (int row = 0; row < 60000 && err == TL_OK; row++)
            err = tl_vector_add(ctx, w, values, NULL, 0);
        tl_err last = tl_vector_finish(ctx, w, err == TL_OK);
        setrlimit(RLIMIT_FSIZE, &before);
        CHECK(err == TL_EIO || last == TL_EIO);
        CHECK(n_files(folder) == 0);
    }
    signal(SIGXFSZ, SIG_DFL);
    folder_remove(folder);
}

/* Somebody's remark must not be computed on the machine of whoever opens the table; numbers stay numbers. */
TEST(a_spreadsheet_computes_nothing_of_a_csv)
{
    static const struct tl_vector_field texts[] = {{"lon", TL_VECTOR_TEXT},
                                                   {"remarks", TL_VECTOR_TEXT}};
    static const char *const rows[][2] = {
        {"-75.1", "=HYPERLINK(\"http://x.example\")"}, {"+2", "@SUM(1)"}, {"3", "plain, -1"}};
    static const char expected[] = /* GDAL quotes text that reads as a number */
        "lon,remarks\n\"-75.1\",\"'=HYPERLINK(\"\"http://x.example\"\")\"\n\"+2\",'@SUM(1)\n"
        "\"3\",\"plain, -1\"\n";
    char folder[64], path[128], text[400] = "";
    struct tl_vector_writer *w = NULL;
    folder_make(folder);
    snprintf(path, sizeof path, "%s/a.csv", folder);
    CHECK_OK(tl_vector_create(ctx, path, "CSV", "a", NULL, NULL, 2, texts, &w));
    for (int k = 0; k < 3; k++)
        CHECK_OK(tl_vector_add(ctx, w, rows[k], NULL, 0));
    CHECK_OK(tl_vector_finish(ctx, w, true));
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    folder_remove(folder);
    CHECK(n > 0);
    CHECK_STR(text, expected);
}

/* A register keeps polygons and remarks as they came; a KML of them must be written all the same. */
TEST(kml_takes_what_is_not_valid_and_control_characters)
{
    static const struct tl_vector_field texts[] = {{"name", TL_VECTOR_TEXT}};
    static const char *const wkt[] = {"POLYGON((30 50,31 51,31 50,30 51,30 50))",
                                      "POLYGON((30 50,31 50,30.5 50,30 50))",
                                      "POLYGON((30 50,31 50,31 51,30 50))"};
    const char *values[] = {"bow \x1b[31m tie\nsecond line"};
    char folder[64], path[128];
    struct tl_vector_writer *w = NULL;
    struct tl_vector *v = NULL;
    bool more = false;
    folder_make(folder);
    snprintf(path, sizeof path, "%s/a.kml", folder);
    CHECK_OK(tl_vector_create(ctx, path, "KML", "a", "any", "EPSG:4326", 1, texts, &w));
    for (int k = 0; k < 3; k++) {
        void *wkb = NULL;
        int64_t n = 0;
        CHECK_OK(tl_geom_from_wkt(ctx, wkt[k], &wkb, &n));
        CHECK_OK(tl_vector_add(ctx, w, values, wkb, n));
        tl_free(wkb);
    }
    CHECK_OK(tl_vector_finish(ctx, w, true));
    CHECK_OK(tl_vector_open(ctx, path, NULL, &v));
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more && tl_vector_find_column(v, "name") >= 0);
    CHECK_STR(tl_vector_text(v, tl_vector_find_column(v, "name")), "bow  [31m tie\nsecond line");
    tl_vector_close(v);
    folder_remove(folder);
}

static tl_err write_some(struct tl_ctx *ctx)
{
    char folder[64], path[128];
    struct tl_vector_writer *w = NULL;
    unsigned char point[TL_GEOM_POINT_BYTES];
    const char *values[] = {"1", "2.5"};
    folder_make(folder);
    snprintf(path, sizeof path, "%s/a.geojson", folder);
    tl_geom_point(500000.0, 4982950.4002, point);
    tl_err err = tl_vector_create(ctx, path, "GeoJSON", "a", "point", "EPSG:32636", 2, fields, &w);
    if (err == TL_OK) {
        err = tl_vector_add(ctx, w, values, point, sizeof point);
        tl_err last = tl_vector_finish(ctx, w, err == TL_OK);
        err = err != TL_OK ? err : last;
    }
    folder_remove(folder);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, write_some(ctx));
}
