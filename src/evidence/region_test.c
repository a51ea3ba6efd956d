#include "unit.h"

#include "evidence/region.h"

static tl_err region_of(struct tl_ctx *ctx, const char *wkt, struct tl_region *region)
{
    void *wkb = NULL;
    int64_t bytes = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &bytes);
    if (err == TL_OK)
        err = tl_region_from_wkb(ctx, wkb, bytes, region);
    tl_free(wkb);
    return err;
}

static const char *const BOX = "POLYGON((30 50,31 50,31 51,30 51,30 50))";

TEST(positions_that_would_lie_inside_once_mended_are_told_apart)
{
    struct tl_region region;
    double at[2] = {0, 0};
    CHECK_OK(region_of(ctx, BOX, &region));
    CHECK(region.is_box && tl_region_holds(&region, 30, 50, false));
    CHECK(tl_region_diagnose(&region, -30.5, 50.5, at) == TL_REASON_LON_SIGN);
    CHECK_NEAR(at[0], 30.5, 0);
    CHECK(tl_region_diagnose(&region, 30.5, -50.5, at) == TL_REASON_LAT_SIGN);
    CHECK(tl_region_diagnose(&region, -30.5, -50.5, at) == TL_REASON_BOTH_SIGNS);
    CHECK(tl_region_diagnose(&region, 50.5, 30.25, at) == TL_REASON_SWAPPED);
    CHECK_NEAR(at[0], 30.25, 0);
    CHECK_NEAR(at[1], 50.5, 0);
    CHECK(tl_region_diagnose(&region, 40, 40, at) == TL_REASON_OUTSIDE);
    CHECK(!tl_region_holds(&region, 31.2, 50.5, false) &&
          tl_region_holds(&region, 31.2, 50.5, true));
    CHECK(!tl_region_holds(&region, 32.2, 50.5, true));
    tl_region_fini(&region);
}

TEST(holes_and_parts_are_respected)
{
    struct tl_region region;
    CHECK_OK(region_of(ctx,
                       "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3)),"
                       "((20 0,21 0,21 1,20 1,20 0)))",
                       &region));
    CHECK(!region.is_box);
    CHECK(tl_region_holds(&region, 1, 1, false) && !tl_region_holds(&region, 4, 4, false));
    CHECK(tl_region_holds(&region, 20.5, 0.5, false) && !tl_region_holds(&region, 15, 0.5, false));
    tl_region_fini(&region);
    CHECK_FAILS(region_of(ctx, "POINT(1 1)", &region), TL_EDATA, "polygon");
}

TEST(a_long_edge_stays_where_it_is_on_the_grid)
{
    struct tl_region region;
    struct tl_crs_map *map = NULL;
    void *wkb = NULL;
    int64_t bytes = 0;
    CHECK_OK(
        region_of(ctx, "POLYGON((-77.5 4.9,-73.8 4.9,-73.8 8.9,-77.5 8.9,-77.5 4.9))", &region));
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32618", &map));
    CHECK_OK(tl_region_on_grid(ctx, &region, map, &wkb, &bytes));
    double x = -75.65, y = 8.9 - 1e-6; /* just inside, in the middle of the northern edge */
    tl_crs_map_points(map, 1, &x, &y, NULL);
    bool holds = false;
    CHECK_OK(tl_geom_holds(ctx, wkb, bytes, x, y, &holds));
    CHECK(holds);
    CHECK_OK(tl_geom_holds(ctx, wkb, bytes, x, y + 1.0, &holds));
    CHECK(!holds);
    tl_free(wkb);
    tl_crs_map_free(map);
    tl_region_fini(&region);
}
