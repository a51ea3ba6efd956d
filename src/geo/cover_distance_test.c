#include "unit.h"

#include "core/rng.h"
#include "geo/cover.h"
#include "geo/geom.h"

static const struct tl_grid grid = {0.0, 100.0, 5.0, 20, 20};

TEST(distance_to_points_is_the_smallest_of_all)
{
    enum { N = 300 };
    static unsigned char bytes[N][TL_GEOM_POINT_BYTES];
    const void *wkb[N];
    int64_t sizes[N];
    double x[N], y[N], d[400];
    struct tl_rng rng = tl_rng_make(31, 1);
    for (uint64_t k = 0; k < N; k++) {
        x[k] = 160.0 * tl_rng_uniform(rng, 2 * k) - 30.0;
        y[k] = 160.0 * tl_rng_uniform(rng, 2 * k + 1) - 30.0;
        tl_geom_point(x[k], y[k], bytes[k]);
        wkb[k] = bytes[k];
        sizes[k] = TL_GEOM_POINT_BYTES;
    }
    for (int n = 1; n <= N; n = n * 3 + 1) {
        CHECK_OK(tl_cover_distance(ctx, &grid, n, wkb, sizes, d));
        for (int64_t i = 0; i < 400; i++) {
            double cx, cy, best = INFINITY;
            tl_grid_centre(&grid, (tl_cell){i}, &cx, &cy);
            for (int k = 0; k < n; k++)
                best = fmin(best, hypot(x[k] - cx, y[k] - cy));
            CHECK_NEAR(d[i], best, 1e-9);
        }
    }
}

TEST(nothing_is_infinitely_far_and_inside_is_at_zero)
{
    double d[400];
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(tl_cover_distance(ctx, &grid, 0, NULL, NULL, d));
    CHECK(isinf(d[0]) && isinf(d[399]));
    CHECK_OK(tl_geom_from_wkt(
        ctx, "POLYGON((10 10,90 10,90 90,10 90,10 10),(30 30,30 70,70 70,70 30,30 30))", &wkb, &n));
    const void *all[] = {wkb};
    CHECK_OK(tl_cover_distance(ctx, &grid, 1, all, &n, d));
    for (int64_t i = 0; i < 400; i++) {
        double x, y;
        tl_grid_centre(&grid, (tl_cell){i}, &x, &y);
        double out = hypot(fmax(fmax(10 - x, x - 90), 0), fmax(fmax(10 - y, y - 90), 0));
        bool in_hole = x > 30 && x < 70 && y > 30 && y < 70;
        double hole = in_hole ? fmin(fmin(x - 30, 70 - x), fmin(y - 30, 70 - y)) : 0.0;
        CHECK_NEAR(d[i], fmax(out, hole), 1e-9);
    }
    tl_free(wkb);
}

TEST(lines_are_near_along_all_their_length)
{
    double d[400];
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, "MULTILINESTRING((-50 50,150 50))", &wkb, &n));
    const void *all[] = {wkb};
    CHECK_OK(tl_cover_distance(ctx, &grid, 1, all, &n, d));
    for (int64_t i = 0; i < 400; i++) {
        double x, y;
        tl_grid_centre(&grid, (tl_cell){i}, &x, &y);
        CHECK_NEAR(d[i], fabs(y - 50.0), 1e-9);
    }
    tl_free(wkb);
    unsigned char bad[TL_GEOM_POINT_BYTES];
    tl_geom_point(1.0, INFINITY, bad);
    const void *bads[] = {bad};
    n = sizeof bad;
    CHECK_FAILS(tl_cover_distance(ctx, &grid, 1, bads, &n, d), TL_EDATA, "geometry 0");
}
