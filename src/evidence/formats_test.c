/* End to end through every format that the field sends: written with geo's writer, imported, read
 * back. */
#include "unit.h"

#include "evidence/fixture.h"
#include "geo/vector.h"

static const char path[] = "formats_test.gpkg";

static const char *const files[][2] = {
    {"formats.geojson", "GeoJSON"}, {"formats_in.gpkg", "GPKG"}, {"formats.shp", "ESRI Shapefile"},
    {"formats.fgb", "FlatGeobuf"},  {"formats.kml", "KML"},      {"formats.gpx", "GPX"},
};

static void remove_parts(const char *file)
{
    static const char *const parts[] = {".shp", ".shx", ".dbf", ".prj", ".cpg"};
    char name[128];
    unlink(file);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(name, sizeof name, "%.*s%s", (int)strcspn(file, "."), file, parts[i]);
        unlink(name);
    }
}

/* Three points; in UTM where the format can hold it, so that they have to be brought over. */
static tl_err write_points(struct tl_ctx *ctx, const char *file, const char *driver)
{
    static const struct tl_vector_field fields[] = {{"name", TL_VECTOR_TEXT},
                                                    {"date", TL_VECTOR_TEXT}};
    static const char *const rows[3][2] = {
        {"Перша", "1999-04-01"}, {"Second", "2001-05-02"}, {"Third", "2003-06-03"}};
    bool is_degrees = strcmp(driver, "GPX") == 0 || strcmp(driver, "KML") == 0;
    struct tl_vector_writer *writer = NULL;
    struct tl_crs_map *map = NULL;
    int n_fields = strcmp(driver, "GPX") == 0 ? 1 : 2;
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map));
    TL_TRY(tl_vector_create(ctx, file, driver, strcmp(driver, "GPX") == 0 ? "waypoints" : "points",
                            "point", is_degrees ? "EPSG:4326" : "EPSG:32636", n_fields, fields,
                            &writer));
    for (int i = 0; i < 3 && err == TL_OK; i++) {
        unsigned char wkb[TL_GEOM_POINT_BYTES];
        double x = 290000 + 100 * i, y = 5547000;
        if (is_degrees)
            tl_crs_map_points(map, 1, &x, &y, NULL);
        tl_geom_point(x, y, wkb);
        err = tl_vector_add(ctx, writer, rows[i], wkb, sizeof wkb);
    }
    if (writer != NULL) {
        tl_err finished = tl_vector_finish(ctx, writer, err == TL_OK);
        err = err == TL_OK ? finished : err;
    }
done:
    tl_crs_map_free(map);
    return err;
}

TEST(points_of_every_format_arrive_where_they_are)
{
    struct tl_crs_map *map = NULL;
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        struct tl_project *project = NULL;
        struct tl_cursor *cursor = NULL;
        struct tl_import_report r = {0};
        struct tl_import_options options = {.as = "place", .today = FIXTURE_TODAY};
        struct tl_import_map maps[] = {{"name", "name"}};
        bool more = false;
        options.n_maps = 1;
        options.maps = maps;
        if (strcmp(files[f][1], "KML") == 0)
            maps[0].column = "Name";
        if (strcmp(files[f][1], "GPX") == 0)
            options.layer = "waypoints";
        remove_parts(files[f][0]);
        CHECK_OK(write_points(ctx, files[f][0], files[f][1]));
        CHECK_OK(fixture_district(ctx, path, &project));
        CHECK_OK(tl_import_file(ctx, project, files[f][0], &options, &r));
        if (r.n_added != 3) {
            printf("  %s:\n", files[f][1]);
            fixture_print(&r);
        }
        CHECK(r.n_read == 3 && r.n_added == 3);
        CHECK_OK(tl_register_select(ctx, project, TL_KIND_PLACE, NULL, &cursor));
        CHECK_OK(tl_cursor_next(ctx, cursor, &more));
        CHECK(more);
        CHECK_STR(tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "name")), "Перша");
        int64_t bytes = 0;
        double xy[2];
        memcpy(xy, (const char *)tl_cursor_wkb(cursor, &bytes) + 5, sizeof xy);
        tl_crs_map_points(map, 1, &xy[0], &xy[1], NULL);
        CHECK_NEAR(xy[0], 290000,
                   0.02); /* GeoJSON and KML are written with seven decimals of a degree */
        CHECK_NEAR(xy[1], 5547000, 0.02);
        tl_cursor_free(cursor);
        CHECK_OK(tl_import_file(ctx, project, files[f][0], &options, &r));
        CHECK(r.n_unchanged == 3 && r.n_added == 0);
        tl_project_close(project);
        remove_parts(files[f][0]);
    }
    tl_crs_map_free(map);
}

TEST(spreadsheets_are_read_with_their_numbers_and_dates)
{
    static const struct tl_vector_field fields[] = {{"Longitude", TL_VECTOR_REAL},
                                                    {"Latitude", TL_VECTOR_REAL},
                                                    {"date", TL_VECTOR_TEXT},
                                                    {"killed", TL_VECTOR_INTEGER},
                                                    {"category", TL_VECTOR_TEXT}};
    static const char *const rows[2][5] = {{"30.05", "50.05", "1999-04-01", "2", "AP mine"},
                                           {"30.15", "50.05", "36251", NULL, NULL}};
    struct tl_project *project = NULL;
    struct tl_vector_writer *writer = NULL;
    struct tl_import_report r = {0};
    unlink("formats.xlsx");
    CHECK_OK(tl_vector_create(ctx, "formats.xlsx", "XLSX", "sheet", NULL, "", 5, fields, &writer));
    for (int i = 0; i < 2; i++)
        CHECK_OK(tl_vector_add(ctx, writer, rows[i], NULL, 0));
    CHECK_OK(tl_vector_finish(ctx, writer, true));
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "accident", "formats.xlsx", NULL, &r));
    CHECK(r.n_read == 2 && r.n_added == 1 && fixture_reason(&r, "date-unreadable") == 1);
    CHECK(strstr(r.reasons[0].example, "1999-04-01") !=
          NULL); /* the serial number, as a proposal */
    CHECK_STR(r.driver, "XLSX");
    tl_project_close(project);
    unlink("formats.xlsx");
}

TEST(polygons_of_a_file_with_geometry_make_searches)
{
    static const struct tl_vector_field fields[] = {{"type", TL_VECTOR_TEXT},
                                                    {"method", TL_VECTOR_TEXT}};
    static const char *const row[2] = {"clearance", "manual"}, *const point_row[2] = {"TS", "dogs"};
    struct tl_project *project = NULL;
    struct tl_vector_writer *writer = NULL;
    struct tl_import_report r = {0};
    void *wkb = NULL;
    int64_t bytes = 0;
    unsigned char point[TL_GEOM_POINT_BYTES];
    unlink("formats.geojson");
    CHECK_OK(tl_vector_create(ctx, "formats.geojson", "GeoJSON", "s", "any", "EPSG:4326", 2, fields,
                              &writer));
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((30.01 50.01,30.02 50.01,30.02 50.02,30.01 50.01))",
                              &wkb, &bytes));
    CHECK_OK(tl_vector_add(ctx, writer, row, wkb, bytes));
    tl_geom_point(30.05, 50.05, point);
    CHECK_OK(tl_vector_add(ctx, writer, point_row, point, sizeof point));
    CHECK_OK(tl_vector_add(ctx, writer, point_row, NULL, 0));
    CHECK_OK(tl_vector_finish(ctx, writer, true));
    tl_free(wkb);
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "search", "formats.geojson", NULL, &r));
    CHECK(r.n_read == 3 && r.n_added == 1);
    CHECK(fixture_reason(&r, "wrong-geometry") == 1 && fixture_reason(&r, "missing-position") == 1);
    tl_project_close(project);
    unlink("formats.geojson");
}
