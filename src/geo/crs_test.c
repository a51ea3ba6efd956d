#include "unit.h"

#include "tilth/crs.h"

TEST(area_within_a_zone_gets_utm_and_edges_still_count)
{
    char text[TL_CRS_TEXT_BYTES];
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){-77.5, 4.9, -73.8, 8.9}, text));
    CHECK_STR(text, "EPSG:32618");
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){30.0, 46.0, 36.0, 52.0}, text));
    CHECK_STR(text, "EPSG:32636");
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){174.0, -46.0, 180.0, -41.0}, text));
    CHECK_STR(text, "EPSG:32760");
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){-180.0, -1.0, -178.0, 3.0}, text));
    CHECK_STR(text, "EPSG:32601");
}

TEST(area_over_zones_gets_an_equal_area_system_that_is_understood)
{
    char text[TL_CRS_TEXT_BYTES], name[TL_CRS_TEXT_BYTES];
    char *wkt = NULL;
    struct tl_crs_map *map = NULL;
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){22.0, 44.0, 40.5, 52.5}, text));
    CHECK_OK(tl_crs_check(ctx, text, 1, name));
    CHECK(strstr(name, "equal-area") != NULL);
    CHECK(tl_crs_epsg(ctx, text) == 0);
    CHECK_OK(tl_crs_wkt(ctx, text, &wkt));
    CHECK(strstr(wkt, "Lambert_Azimuthal_Equal_Area") != NULL);
    /* Its centre is the origin, and a box of 1 by 1 degree has the area of the ellipsoid's zone. */
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", text, &map));
    double x = 31.25, y = 48.25;
    tl_crs_map_points(map, 1, &x, &y, NULL);
    CHECK_NEAR(x, 0.0, 1e-6);
    CHECK_NEAR(y, 0.0, 1e-6);
    tl_crs_map_free(map);
    tl_free(wkt);
    CHECK_OK(tl_crs_for_area(ctx, (double[4]){10.0, 80.0, 11.0, 85.0}, text));
    CHECK(strncmp(text, "PROJCRS", 7) == 0);
}

TEST(impossible_areas_are_refused_with_the_value)
{
    char text[TL_CRS_TEXT_BYTES] = "as it was";
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){179, 1, -179, 2}, text), TL_EDATA, "antimeridian");
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){1, 1, 2, 90.5}, text), TL_EDATA, "90.5");
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){1, 1, 1, 2}, text), TL_EDATA, "no size");
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){1, 3, 2, 2}, text), TL_EDATA, "south");
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){1, 1, 181, 2}, text), TL_EDATA, "longitude");
    CHECK_FAILS(tl_crs_for_area(ctx, (double[4]){NAN, 1, 2, 2}, text), TL_EDATA, "finite");
    CHECK_STR(text, "as it was");
}

TEST(systems_are_told_apart)
{
    char name[TL_CRS_TEXT_BYTES];
    CHECK_OK(tl_crs_check(ctx, "EPSG:32618", 1, name));
    CHECK_STR(name, "WGS 84 / UTM zone 18N");
    CHECK_OK(tl_crs_check(ctx, "EPSG:4326", 0, name));
    CHECK_OK(tl_crs_check(ctx, "+proj=utm +zone=36 +datum=WGS84", 1, name));
    CHECK_FAILS(tl_crs_check(ctx, "EPSG:4326", 1, name), TL_EDATA, "degrees");
    CHECK_FAILS(tl_crs_check(ctx, "EPSG:2263", 1, name), TL_EDATA, "foot");
    CHECK_FAILS(tl_crs_check(ctx, "EPSG:999999", 0, name), TL_EDATA, "EPSG:999999");
    CHECK_FAILS(tl_crs_check(ctx, "", 0, name), TL_EDATA, "not a coordinate");
    CHECK_FAILS(tl_crs_check(ctx, "nonsense", 0, name), TL_EDATA, "nonsense");
}

TEST(code_is_found_again_from_wkt)
{
    char *wkt = NULL;
    CHECK(tl_crs_epsg(ctx, "EPSG:32618") == 32618);
    CHECK_OK(tl_crs_wkt(ctx, "EPSG:32618", &wkt));
    CHECK(tl_crs_epsg(ctx, wkt) == 32618);
    tl_free(wkt);
    CHECK(tl_crs_epsg(ctx, "nonsense") == 0);
}

/* Reference: cs2cs (PROJ 9.1.1) EPSG:4326 to EPSG:32636, and GeoConvert -u -p 9 (GeographicLib 2.1): same to the mm. */
TEST(points_go_there_and_come_back)
{
    struct tl_crs_map *map = NULL;
    double x[3] = {30.5234, 33.0, 200.0}, y[3] = {50.4501, 45.0, 95.0};
    int64_t n_bad = -1;
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    tl_crs_map_points(map, 3, x, y, &n_bad);
    CHECK(n_bad == 1 && isnan(x[2]) && isnan(y[2]));
    CHECK_NEAR(x[1], 500000.0, 1e-6);
    CHECK_NEAR(y[1], 4982950.400, 1e-3);
    tl_crs_map_points_back(map, 3, x, y, &n_bad);
    CHECK(n_bad == 1);
    CHECK_NEAR(x[0], 30.5234, 1e-11);
    CHECK_NEAR(y[0], 50.4501, 1e-11);
    tl_crs_map_free(map);
}

TEST(box_holds_the_transformed_edges)
{
    struct tl_crs_map *map = NULL;
    double box[4], mid_x = 27.0, mid_y = 52.0;
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    CHECK_OK(tl_crs_map_box(ctx, map, (double[4]){27.0, 46.0, 39.0, 52.0}, box));
    tl_crs_map_points(map, 1, &mid_x, &mid_y, NULL);
    CHECK(box[3] >= mid_y && box[0] <= mid_x && box[0] < box[2] && box[1] < box[3]);
    /* The southern edge sags below its corners' northing: the densified box has the lowest point on the meridian. */
    double x = 33.0, y = 46.0;
    tl_crs_map_points(map, 1, &x, &y, NULL);
    CHECK_NEAR(box[1], y, 1.0);
    tl_crs_map_free(map);
    CHECK_FAILS(tl_crs_map_create(ctx, "EPSG:4326", "rubbish", &map), TL_EDATA, "rubbish");
}

static tl_err make_map(struct tl_ctx *ctx)
{
    struct tl_crs_map *map = NULL;
    tl_err err = tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map);
    tl_crs_map_free(err == TL_OK ? map : NULL);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, make_map(ctx));
}
