#include "unit.h"

#include "report/frame.h"

static struct tl_report_map district(void)
{
    return (struct tl_report_map){
        .grid = {.x0_m = 0, .y0_m = 1000, .step_m = 10, .n_x = 100, .n_y = 100},
        .corners_deg = {37.0, 48.5, 37.2, 48.6, 37.3, 48.4, 37.1, 48.3}};
}

TEST(degrees_at_the_corners_and_the_middle_are_as_given)
{
    struct tl_report_map map = district();
    double lon, lat;
    CHECK(tl_graticule_degrees(&map, 0, 1000, &lon, &lat));
    CHECK_NEAR(lon, 37.0, 1e-12);
    CHECK_NEAR(lat, 48.5, 1e-12);
    CHECK(tl_graticule_degrees(&map, 1000, 0, &lon, &lat));
    CHECK_NEAR(lon, 37.3, 1e-12);
    CHECK_NEAR(lat, 48.4, 1e-12);
    CHECK(tl_graticule_degrees(&map, 500, 500, &lon, &lat));
    CHECK_NEAR(lon, 37.15, 1e-12);
    CHECK_NEAR(lat, 48.45, 1e-12);
}

TEST(unknown_or_turned_corners_give_no_degrees)
{
    struct tl_report_map map = district();
    double lon = -1, lat = -1;
    map.corners_deg[5] = NAN;
    CHECK(!tl_graticule_degrees(&map, 0, 0, &lon, &lat));
    map = (struct tl_report_map){.grid = district().grid};
    CHECK(!tl_graticule_degrees(&map, 0, 0, &lon, &lat));
    CHECK(lon == -1 && lat == -1);
}
