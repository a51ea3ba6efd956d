#include "unit.h"

#include <gdal.h>
#include <ogr_api.h>
#include <unistd.h>

#include "geo/geom.h"
#include "geo/vector.h"

/* A path of this process' own in the build folder. */
static const char *place(char *path, const char *name)
{
    snprintf(path, 256, "vector_test_%ld_%s", (long)getpid(), name);
    return path;
}

static void write_text(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    fwrite(text, 1, n, file);
    fclose(file);
}

static tl_err open_text(struct tl_ctx *ctx, char *path, const char *text,
                        const struct tl_vector_options *options, struct tl_vector **v)
{
    write_text(place(path, "t.csv"), text, strlen(text));
    tl_err err = tl_vector_open(ctx, path, options, v);
    unlink(path);
    return err;
}

/* All rows as "row:first,second,...;" */
static tl_err all_rows(struct tl_ctx *ctx, struct tl_vector *v, char *out, size_t room)
{
    size_t at = 0;
    bool more = true;
    out[0] = '\0';
    for (;;) {
        tl_err err = tl_vector_next(ctx, v, &more);
        if (err != TL_OK || !more)
            return err;
        at += (size_t)snprintf(out + at, room - at, "%lld:", (long long)tl_vector_row(v));
        for (int k = 0; k < tl_vector_n_columns(v); k++)
            at += (size_t)snprintf(out + at, room - at, "%s%s", k == 0 ? "" : ",",
                                   tl_vector_text(v, k));
        at += (size_t)snprintf(out + at, room - at, ";");
    }
}

static const char *const events =
    "id,type_code,note\n007,1,a\n008,10,\"b, c\"\n9,2,\nx,n/a,d\n10,1.0,\"two\nlines\"\n";

TEST(csv_values_are_the_texts_of_the_file)
{
    struct tl_vector *v = NULL;
    char path[256], rows[500];
    CHECK_OK(open_text(ctx, path, events, NULL, &v));
    CHECK_STR(tl_vector_driver(v), "CSV");
    CHECK_STR(tl_vector_crs(v), "");
    CHECK(tl_vector_n_columns(v) == 3 && tl_vector_n_rows(v) == 5);
    CHECK(tl_vector_find_column(v, " TYPE_CODE ") == 1 &&
          tl_vector_find_column(v, "nothing") == -1);
    CHECK_OK(all_rows(ctx, v, rows, sizeof rows));
    CHECK_STR(rows, "1:007,1,a;2:008,10,b, c;3:9,2,;4:x,n/a,d;5:10,1.0,two\nlines;");
    tl_vector_close(v);
}

TEST(condition_on_csv_compares_numbers_as_numbers_and_text_as_text)
{
    static const struct {
        const char *where, *rows;
    } cases[] = {
        {"type_code in (1,2)", "1:007,1,a;3:9,2,;5:10,1.0,two\nlines;"},
        {"type_code not in (1,2)", "2:008,10,b, c;"},
        {"type_code > 1.5", "2:008,10,b, c;3:9,2,;"},
        {"9 < type_code", "2:008,10,b, c;"},
        {"type_code between 2 and 10", "2:008,10,b, c;3:9,2,;"},
        {"type_code = 0", ""}, /* n/a is not 0 */
        {"id = '007'", "1:007,1,a;"},
        {"id = 7", "1:007,1,a;"},
        {"id = '7'", ""},
        {"note is null or type_code = 10", "2:008,10,b, c;3:9,2,;"},
        {"\"Type_Code\" = 1 and note like 'tw%'", "5:10,1.0,two\nlines;"},
        {"note = 'type_code in (1,2)'", ""},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct tl_vector *v = NULL;
        char path[256], rows[500];
        CHECK_OK(
            open_text(ctx, path, events, &(struct tl_vector_options){.where = cases[k].where}, &v));
        CHECK_OK(all_rows(ctx, v, rows, sizeof rows));
        CHECK_STR(rows, cases[k].rows);
        tl_vector_close(v);
    }
}

TEST(bad_input_has_a_clear_error)
{
    static const struct {
        const char *text, *part;
    } cases[] = {{"", "empty"},
                 {"1,2\n3,4\n", "header"},
                 {"id,n\n1,caf\xe9\n", "row 1: column \"n\" is not UTF-8"}};
    struct tl_vector *v = NULL;
    char path[256], rows[500];
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        tl_err err = open_text(ctx, path, cases[k].text, NULL, &v);
        if (err == TL_OK) {
            err = all_rows(ctx, v, rows, sizeof rows);
            tl_vector_close(v);
        }
        CHECK_FAILS(err, TL_EDATA, cases[k].part);
    }
    CHECK_FAILS(tl_vector_open(ctx, "no/such/file.csv", NULL, &v), TL_ENOTFOUND, "no such file");
    CHECK_FAILS(
        open_text(ctx, path, events, &(struct tl_vector_options){.where = "nothing = 3"}, &v),
        TL_EDATA, "nothing");
    CHECK_FAILS(open_text(ctx, path, events, &(struct tl_vector_options){.where = "id ="}, &v),
                TL_EDATA, "not valid");
    CHECK_FAILS(
        open_text(ctx, path, events, &(struct tl_vector_options){.encoding = "KLINGON"}, &v),
        TL_EUSAGE, "KLINGON");
    CHECK_FAILS(open_text(ctx, path, events, &(struct tl_vector_options){.layer = "other"}, &v),
                TL_ENOTFOUND, "other");
    char garbage[4096];
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (char)(i * 131 + i / 7 * 17);
    static const char *const names[] = {"g.csv",  "g.gpkg", "g.shp", "g.geojson",
                                        "g.xlsx", "g.kml",  "g.gpx", "g.fgb"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        write_text(place(path, names[k]), garbage, sizeof garbage);
        tl_err err = tl_vector_open(ctx, path, NULL, &v);
        unlink(path);
        CHECK(err == TL_EDATA);
    }
}

TEST(other_encodings_are_recoded_when_named)
{
    struct tl_vector *v = NULL;
    char path[256], rows[500];
    CHECK_OK(open_text(ctx, path, "id,n\xe4me\n1,caf\xe9\n2,x\n",
                       &(struct tl_vector_options){.encoding = "ISO-8859-1",
                                                   .where = "\"n\xc3\xa4me\" = 'caf\xc3\xa9'"},
                       &v));
    CHECK_STR(tl_vector_column(v, 1), "n\xc3\xa4me");
    CHECK_OK(all_rows(ctx, v, rows, sizeof rows));
    CHECK_STR(rows, "1:1,caf\xc3\xa9;");
    tl_vector_close(v);
    CHECK_OK(open_text(ctx, path, "\xef\xbb\xbfid,n\n1,caf\xc3\xa9\n", NULL, &v));
    CHECK_STR(tl_vector_column(v, 0), "id");
    tl_vector_close(v);
    write_text(place(path, "u.csv"), "\xff\xfei\0d\0\n\0", 8);
    CHECK_FAILS(tl_vector_open(ctx, path, NULL, &v), TL_EDATA, "UTF-16");
    unlink(path);
}

static const struct tl_vector_field fields[] = {
    {"name", TL_VECTOR_TEXT}, {"n", TL_VECTOR_INTEGER}, {"x", TL_VECTOR_REAL}};

static tl_err write_points(struct tl_ctx *ctx, const char *path, const char *driver,
                           const char *geometry)
{
    struct tl_vector_writer *w = NULL;
    static const char *const rows[][3] = {
        {"Ab\xc3\xa9", "7", "0.1"}, {"b", "-3", NULL}, {NULL, "12", "2.5"}};
    tl_err err =
        tl_vector_create(ctx, path, driver, "places", geometry, "EPSG:4326", 3, fields, &w);
    if (err != TL_OK)
        return err;
    for (int k = 0; k < 3 && err == TL_OK; k++) {
        unsigned char wkb[TL_GEOM_POINT_BYTES];
        tl_geom_point(30.5 + k, 50.25, wkb);
        err = tl_vector_add(ctx, w, rows[k], geometry == NULL ? NULL : wkb, sizeof wkb);
    }
    tl_err last = tl_vector_finish(ctx, w, err == TL_OK);
    return err != TL_OK ? err : last;
}

static void remove_parts(const char *path)
{
    static const char *const ends[] = {"", "shx", "dbf", "prj", "cpg"};
    char other[300];
    unlink(path);
    for (int k = 1; k < 5; k++) {
        snprintf(other, sizeof other, "%.*s.%s", (int)(strrchr(path, '.') - path), path, ends[k]);
        unlink(other);
    }
}

static bool same_number(const char *text, double value)
{
    return text[0] != '\0' && strtod(text, NULL) == value;
}

/* Rows, values, geometry and row numbers under a condition, of each format that GDAL can write. */
TEST(every_format_reads_what_was_written)
{
    static const struct {
        const char *driver, *name;
    } formats[] = {{"CSV", "f.csv"},        {"GeoJSON", "f.geojson"},
                   {"GPKG", "f.gpkg"},      {"ESRI Shapefile", "f.shp"},
                   {"KML", "f.kml"},        {"GPX", "f.gpx"},
                   {"FlatGeobuf", "f.fgb"}, {"XLSX", "f.xlsx"},
                   {"ODS", "f.ods"}};
    for (size_t k = 0; k < sizeof formats / sizeof formats[0]; k++) {
        bool is_sheet =
            strcmp(formats[k].driver, "XLSX") == 0 || strcmp(formats[k].driver, "ODS") == 0;
        struct tl_vector *v = NULL;
        char path[256];
        bool more = false;
        place(path, formats[k].name);
        printf("  %s\n", formats[k].driver);
        CHECK_OK(write_points(ctx, path, formats[k].driver, is_sheet ? NULL : "point"));
        CHECK_OK(tl_vector_open(ctx, path, NULL, &v));
        int name = tl_vector_find_column(v, "name"), n = tl_vector_find_column(v, "n"),
            x = tl_vector_find_column(v, "x");
        if (strcmp(formats[k].driver, "GPX") == 0) {
            n = tl_vector_find_column(v, "ogr_n");
            x = tl_vector_find_column(v, "ogr_x");
        }
        CHECK(name >= 0 && n >= 0 && x >= 0);
        for (int row = 0; row < 3; row++) {
            const void *wkb = NULL;
            int64_t bytes = 0;
            struct tl_geom_info info;
            CHECK_OK(tl_vector_next(ctx, v, &more));
            CHECK(more);
            CHECK(tl_vector_row(v) == row + 1);
            CHECK(same_number(tl_vector_text(v, n), row == 0 ? 7 : row == 1 ? -3 : 12));
            CHECK(row == 1 ? tl_vector_is_null(v, x)
                           : same_number(tl_vector_text(v, x), row == 0 ? 0.1 : 2.5));
            CHECK_STR(tl_vector_text(v, name), row == 0 ? "Ab\xc3\xa9" : row == 1 ? "b" : "");
            CHECK_OK(tl_vector_wkb(ctx, v, &wkb, &bytes));
            CHECK((wkb == NULL) == is_sheet);
            if (is_sheet)
                continue;
            CHECK_OK(tl_geom_info(ctx, wkb, bytes, &info));
            CHECK_NEAR(info.x, 30.5 + row, 1e-7);
            CHECK_NEAR(info.y, 50.25, 1e-7);
        }
        CHECK_OK(tl_vector_next(ctx, v, &more));
        CHECK(!more);
        char where[64], rows[2000];
        snprintf(where, sizeof where, "\"%s\" > 5", tl_vector_column(v, n));
        tl_vector_close(v);
        CHECK_OK(tl_vector_open(ctx, path, &(struct tl_vector_options){.where = where}, &v));
        CHECK_OK(tl_vector_next(ctx, v, &more));
        CHECK(more && tl_vector_row(v) == 1);
        CHECK_OK(tl_vector_next(ctx, v, &more));
        CHECK(more && tl_vector_row(v) == 3);
        CHECK_OK(all_rows(ctx, v, rows, sizeof rows));
        CHECK_STR(rows, "");
        tl_vector_close(v);
        remove_parts(path);
    }
}

/* The File Geodatabase is a folder, which our writer does not offer; GDAL 3.6 can make one. */
TEST(file_geodatabase_is_read)
{
    struct tl_vector *v = NULL;
    char path[256], command[600], rows[200];
    GDALAllRegister();
    GDALDriverH driver = GDALGetDriverByName("OpenFileGDB");
    if (driver == NULL || GDALGetMetadataItem(driver, GDAL_DCAP_CREATE, NULL) == NULL)
        SKIP("this GDAL cannot write File Geodatabases");
    GDALDatasetH data = GDALCreate(driver, place(path, "f.gdb"), 0, 0, 0, GDT_Unknown, NULL);
    OGRLayerH layer = GDALDatasetCreateLayer(data, "places", NULL, wkbPoint, NULL);
    OGRFieldDefnH field = OGR_Fld_Create("n", OFTInteger);
    OGR_L_CreateField(layer, field, 1);
    OGR_Fld_Destroy(field);
    for (int k = 0; k < 3; k++) {
        OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(layer));
        OGR_F_SetFieldInteger(feature, 0, 10 * k);
        CHECK(OGR_L_CreateFeature(layer, feature) == OGRERR_NONE);
        OGR_F_Destroy(feature);
    }
    GDALClose(data);
    CHECK_OK(tl_vector_open(ctx, path, &(struct tl_vector_options){.where = "n >= 10"}, &v));
    CHECK_STR(tl_vector_driver(v), "OpenFileGDB");
    CHECK_OK(all_rows(ctx, v, rows, sizeof rows));
    CHECK_STR(rows, "2:10;3:20;");
    tl_vector_close(v);
    snprintf(command, sizeof command, "rm -r '%s'", path);
    CHECK(system(command) == 0);
}

TEST(several_layers_need_a_name)
{
    struct tl_vector *v = NULL;
    char path[256];
    static const char *const kml =
        "<?xml version=\"1.0\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>"
        "<Folder><name>one</name><Placemark><name>p</name><Point><coordinates>30,50,7</"
        "coordinates></Point></Placemark></Folder>"
        "<Folder><name>two</name><Placemark><name>q</name><Point><coordinates>31,50</coordinates></"
        "Point></Placemark></Folder>"
        "</Document></kml>";
    write_text(place(path, "l.kml"), kml, strlen(kml));
    CHECK_FAILS(tl_vector_open(ctx, path, NULL, &v), TL_EUSAGE, "one, two");
    CHECK_OK(tl_vector_open(ctx, path, &(struct tl_vector_options){.layer = "two"}, &v));
    bool more = false;
    const void *wkb = NULL;
    int64_t bytes = 0;
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK_OK(tl_vector_wkb(ctx, v, &wkb, &bytes));
    CHECK(bytes == TL_GEOM_POINT_BYTES);
    tl_vector_close(v);
    unlink(path);
}

TEST(colombia_rows_are_as_a_spreadsheet_counts_them)
{
    const char *dir = unit_data_dir();
    char path[4096];
    struct tl_vector *v = NULL;
    int64_t n = 0;
    bool more = true;
    if (dir == NULL)
        SKIP("the real data are not here");
    snprintf(path, sizeof path, "%s/colombia/events_1990_2012.csv", dir);
    CHECK_OK(
        tl_vector_open(ctx, path, &(struct tl_vector_options){.where = "type_code in (1,2)"}, &v));
    for (; more; n += more)
        CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(n == 6004); /* awk -F, on the column; no quoted commas before it in this file */
    tl_vector_close(v);
}

static tl_err read_some(struct tl_ctx *ctx)
{
    struct tl_vector *v = NULL;
    char path[256], rows[500];
    tl_err err = open_text(ctx, path, events,
                           &(struct tl_vector_options){.where = "type_code in (1,2)"}, &v);
    if (err == TL_OK) {
        err = all_rows(ctx, v, rows, sizeof rows);
        tl_vector_close(v);
    }
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, read_some(ctx));
}

TEST(a_text_without_memory_is_not_passed_over)
{
    struct tl_vector *v = NULL;
    char path[256];
    bool more = false;
    static const char *const shape =
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"n\":"
        "7},\"geometry\":null},"
        "{\"type\":\"Feature\",\"properties\":{\"n\":8},\"geometry\":null}]}";
    write_text(place(path, "m.geojson"), shape, strlen(shape));
    CHECK_OK(tl_vector_open(ctx, path, NULL, &v));
    unlink(path);
    CHECK_OK(tl_vector_next(ctx, v, &more));
    tl_ctx_fail_alloc(ctx, 1);
    CHECK_STR(tl_vector_text(v, 0), "");
    tl_ctx_fail_alloc(ctx, 0);
    CHECK_FAILS(tl_vector_next(ctx, v, &more), TL_ENOMEM, "row 1");
    tl_vector_close(v);
}
