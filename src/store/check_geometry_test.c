#include "unit.h"

#include "store/fixture.h"

static const char path[] = "check_geometry_test.gpkg";

#include "store/fixture_check.h"

TEST(defects_of_the_register_are_named)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    /* a bow tie over 5 km, its twin, and an item that names a search which is not there */
    static const double ring[10] = {-75.2, 7.0, -75.1, 7.08, -75.1, 7.0, -75.2, 7.08, -75.2, 7.0};
    unsigned char wkb[sizeof fixture_area + sizeof ring];
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
    struct tl_record record = {
        .source = "a", .source_id = "7", .wkb = wkb, .wkb_bytes = sizeof wkb};
    record.accuracy_m = (double)NAN;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    record.source_id = " 7";
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    unsigned char point[21];
    fixture_point(-75.15, 7.05, point);
    struct tl_record item = {.source = "a", .wkb = point, .wkb_bytes = sizeof point};
    item.accuracy_m = (double)NAN;
    item.values[tl_kind_column(TL_KIND_ITEM, "search")] = "S-99";
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_ITEM, &item, false, &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
    CHECK_SAYS("warning invalid-polygon: hazard_area HA-0001");
    CHECK_SAYS("warning far-apart: hazard_area HA-0001");
    CHECK_SAYS("warning duplicate-geometry: hazard_area: 2 records");
    CHECK_SAYS("warning duplicate-id: hazard_area: source id \"7\" of a comes 2 times");
    CHECK_SAYS("warning orphan: item IT-0001 names the search \"S-99\"");
}
