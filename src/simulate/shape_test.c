#include "unit.h"

#include "geo/geom.h"
#include "simulate/shape.h"

TEST(a_ring_is_closed_and_has_its_area)
{
    static const double xy[] = {0, 0, 4, 0, 4, 3, 0, 3};
    unsigned char wkb[TL_SHAPE_BYTES];
    struct tl_geom_info info;
    int64_t bytes = tl_shape_ring(xy, 4, wkb);
    CHECK_OK(tl_geom_info(ctx, wkb, bytes, &info));
    CHECK(info.kind == TL_GEOM_POLYGON && info.is_valid && info.n_points == 5);
    CHECK_NEAR(info.area, 12.0, 1e-12);
}

TEST(a_line_has_its_length)
{
    static const double xy[] = {0, 0, 3, 4, 3, 14};
    unsigned char wkb[TL_SHAPE_BYTES];
    struct tl_geom_info info;
    int64_t bytes = tl_shape_line(xy, 3, wkb);
    CHECK_OK(tl_geom_info(ctx, wkb, bytes, &info));
    CHECK(info.kind == TL_GEOM_LINE);
    CHECK_NEAR(info.length, 15.0, 1e-12);
}
