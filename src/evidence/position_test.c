#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/position.h"

static const char path[] = "position_test.gpkg";

struct table {
    enum tl_position_way way;
    const char *crs, *a, *b;
    double lon, lat, accuracy_m;
};

/* Kyiv's district by hand; UTM and MGRS figures from GeographicLib's GeoConvert: 50.05 N 30.1 E is
 * 36N 292381.7 5548242.6. */
static const struct table accepted[] = {
    {TL_WAY_LONLAT, NULL, "30.1", "50.05", 30.1, 50.05, NAN},
    {TL_WAY_LONLAT, NULL, "30°06'00\"E", "50 3 0 N", 30.1, 50.05, NAN},
    {TL_WAY_LONLAT, "EPSG:32636", "30.1", "50.05", 30.1, 50.05,
     NAN}, /* a projected system says nothing of lon, lat */
    {TL_WAY_POSITION, NULL, "50°03'00\"N 30°06'00\"E", NULL, 30.1, 50.05, 22.0},
    {TL_WAY_WKT, NULL, "POINT(30.1 50.05)", NULL, 30.1, 50.05, NAN},
};

TEST(positions_are_read_in_every_way)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_district(ctx, path, &project));
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        const struct table *t = &accepted[i];
        struct tl_position position = {0};
        struct tl_position_options options = {TL_KIND_ACCIDENT, t->way, "", t->crs, false};
        struct tl_position_texts texts = {t->a, t->b};
        struct tl_batch batch;
        CHECK_OK(tl_batch_init(ctx, &batch));
        struct tl_batch_row *row = &batch.rows[0];
        row->refused = TL_REASON_NONE;
        row->record.accuracy_m = NAN;
        CHECK_OK(tl_position_init(ctx, project, &options, &position));
        CHECK_OK(tl_position_read(ctx, &position, t->way, &texts, &batch, row));
        if (row->refused != TL_REASON_NONE)
            printf("  %s: %s\n", t->a, row->message);
        CHECK(row->refused == TL_REASON_NONE && row->record.wkb_bytes == TL_GEOM_POINT_BYTES);
        CHECK_NEAR(row->box[0], t->lon, 1e-9);
        CHECK_NEAR(row->box[1], t->lat, 1e-9);
        CHECK(isnan(t->accuracy_m) == isnan(row->record.accuracy_m));
        CHECK(isnan(t->accuracy_m) || fabs(row->record.accuracy_m / t->accuracy_m - 1.0) < 0.5);
        tl_position_fini(&position);
        tl_batch_fini(&batch);
    }
    tl_project_close(project);
}

TEST(x_and_y_need_a_system_that_is_one)
{
    struct tl_project *project = NULL;
    struct tl_position position = {0};
    struct tl_position_options options = {TL_KIND_ACCIDENT, TL_WAY_XY, "", NULL, false};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_FAILS(tl_position_init(ctx, project, &options, &position), TL_EUSAGE, "--crs");
    options.crs = "EPSG:99999999";
    CHECK_FAILS(tl_position_init(ctx, project, &options, &position), TL_EDATA, "99999999");
    tl_project_close(project);
}

TEST(the_geometry_of_a_file_is_brought_over_from_its_own_system)
{
    struct tl_project *project = NULL;
    struct tl_position position = {0};
    struct tl_position_options options = {TL_KIND_HAZARD_AREA, TL_WAY_GEOMETRY, "EPSG:32636", NULL,
                                          false};
    struct tl_batch batch;
    void *wkb = NULL;
    int64_t bytes = 0;
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(tl_batch_init(ctx, &batch));
    CHECK_OK(tl_position_init(ctx, project, &options, &position));
    CHECK_OK(tl_geom_from_wkt(
        ctx,
        "POLYGON((290000 5547000,290500 5547000,290500 5547500,290000 5547500,290000 5547000))",
        &wkb, &bytes));
    struct tl_batch_row *row = &batch.rows[0];
    row->refused = TL_REASON_NONE;
    CHECK_OK(tl_position_take(ctx, &position, wkb, bytes, &batch, row));
    CHECK(row->refused == TL_REASON_NONE && row->n_doubts == 0);
    CHECK(row->box[0] > 30.0 && row->box[2] < 30.2 && row->box[1] > 50.0 && row->box[3] < 50.1);
    CHECK_OK(tl_position_take(ctx, &position, NULL, 0, &batch, row));
    CHECK(row->refused == TL_REASON_MISSING_POSITION);
    tl_free(wkb);
    tl_position_fini(&position);
    tl_batch_fini(&batch);
    tl_project_close(project);
}
