#include "unit.h"

#include "geo/cover.h"
#include "geo/geom.h"
#include "geo/test_shapes.h"

/* The cells of a cover come again as runs. */
struct again {
    const struct tl_cover_cell *cells;
    int64_t n, at, n_x;
};

static tl_err take_run(void *user, int64_t first, int64_t n, double area_m2)
{
    struct again *a = user;
    if (n < 1 || first / a->n_x != (first + n - 1) / a->n_x || a->at + n > a->n)
        return TL_EBUG;
    for (int64_t k = 0; k < n; k++, a->at++)
        if (a->cells[a->at].i != first + k || a->cells[a->at].area_m2 != area_m2)
            return TL_EBUG;
    return TL_OK;
}

static tl_err cover_wkt(struct tl_ctx *ctx, const struct tl_grid *grid, const char *wkt,
                        double *shares)
{
    void *wkb = NULL;
    int64_t n = 0, n_cells = 0;
    struct tl_cover_cell *cells = NULL;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &n);
    if (err == TL_OK)
        err = tl_cover_polygon(ctx, grid, wkb, n, &cells, &n_cells);
    for (int64_t i = 0; i < tl_grid_n_cells(grid); i++)
        shares[i] = 0.0;
    int64_t last = -1;
    for (int64_t k = 0; err == TL_OK && k < n_cells; k++) {
        if (cells[k].i <= last || cells[k].i >= tl_grid_n_cells(grid) ||
            !(cells[k].area_m2 > 0.0) || cells[k].area_m2 > grid->step_m * grid->step_m)
            err = TL_EBUG; /* not ascending, outside, or an impossible area */
        last = cells[k].i;
        shares[cells[k].i] = cells[k].area_m2;
    }
    struct again runs = {cells, n_cells, 0, grid->n_x};
    if (err == TL_OK)
        err = tl_cover_runs(ctx, grid, wkb, n, take_run, &runs);
    if (err == TL_OK && runs.at != n_cells)
        err = TL_EBUG;
    tl_free(cells);
    tl_free(wkb);
    return err;
}

/* The same by GEOS: intersection with each cell's square. */
static tl_err geos_area(struct tl_ctx *ctx, const struct tl_grid *grid, const char *wkt,
                        int64_t cell, double *area)
{
    char square[400];
    void *a = NULL, *b = NULL;
    int64_t n_a = 0, n_b = 0;
    double x, y, h = grid->step_m / 2;
    tl_grid_centre(grid, (tl_cell){cell}, &x, &y);
    snprintf(square, sizeof square,
             "POLYGON((%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g,%.17g %.17g))", x - h, y - h,
             x + h, y - h, x + h, y + h, x - h, y + h, x - h, y - h);
    tl_err err = tl_geom_from_wkt(ctx, wkt, &a, &n_a);
    if (err == TL_OK)
        err = tl_geom_from_wkt(ctx, square, &b, &n_b);
    if (err == TL_OK)
        err = tl_geom_overlap(ctx, a, n_a, b, n_b, area);
    tl_free(a);
    tl_free(b);
    return err;
}

static const struct tl_grid four = {0.0, 4.0, 1.0, 4, 4};

TEST(square_on_cell_edges_covers_whole_cells_and_no_others)
{
    double a[16];
    CHECK_OK(cover_wkt(ctx, &four, "POLYGON((1 1,3 1,3 3,1 3,1 1))", a));
    for (int i = 0; i < 16; i++) {
        bool in = i / 4 >= 1 && i / 4 <= 2 && i % 4 >= 1 && i % 4 <= 2;
        CHECK(a[i] == (in ? 1.0 : 0.0));
    }
}

TEST(hole_and_half_cells_are_exact)
{
    double a[16];
    CHECK_OK(cover_wkt(
        ctx, &four, "POLYGON((0 0,4 0,4 4,0 4,0 0),(0.5 0.5,0.5 3.5,3.5 3.5,3.5 0.5,0.5 0.5))", a));
    CHECK(a[0] == 0.75 && a[1] == 0.5 && a[5] == 0.0 && a[15] == 0.75);
    CHECK_OK(cover_wkt(ctx, &four, "POLYGON((0 0,4 0,4 4,0 0))", a));
    CHECK(a[12] == 0.5 && a[13] == 1.0 && a[8] == 0.0);
    CHECK_OK(cover_wkt(ctx, &four, "POLYGON((-5 1.25,9 1.25,9 1.75,-5 1.75,-5 1.25))", a));
    for (int i = 0; i < 16; i++)
        CHECK(a[i] == (i / 4 == 2 ? 0.5 : 0.0));
}

TEST(outside_the_grid_counts_for_nothing_on_each_side)
{
    static const char *const outside[] = {
        "POLYGON((-9 0,-1 0,-1 4,-9 4,-9 0))", "POLYGON((5 0,9 0,9 4,5 4,5 0))",
        "POLYGON((0 5,4 5,4 9,0 9,0 5))", "POLYGON((0 -5,4 -5,4 -1,0 -1,0 -5))", "POLYGON EMPTY"};
    double a[16];
    for (size_t k = 0; k < sizeof outside / sizeof outside[0]; k++) {
        CHECK_OK(cover_wkt(ctx, &four, outside[k], a));
        for (int i = 0; i < 16; i++)
            CHECK(a[i] == 0.0);
    }
    CHECK_OK(cover_wkt(ctx, &four, "POLYGON((-100 -100,100 -100,100 100,-100 100,-100 -100))", a));
    for (int i = 0; i < 16; i++)
        CHECK(a[i] == 1.0);
}

TEST(random_polygons_agree_with_geos_cell_by_cell)
{
    struct tl_rng rng = tl_rng_make(11, 1);
    double a[12 * 9];
    for (int k = 0; k < 150; k++) {
        struct tl_rng own = tl_rng_fork(rng, (uint64_t)k);
        struct tl_grid g = {500000.0 + 10.0 * (k % 3), 5600000.0, k % 2 == 0 ? 7.3 : 10.0, 12, 9};
        char wkt[4000];
        double x = g.x0_m + g.step_m * 12 * tl_rng_uniform(own, 2001),
               y = g.y0_m - g.step_m * 9 * tl_rng_uniform(own, 2002);
        shape_make(own, k % 5, x, y, 40.0 * tl_rng_uniform(own, 2003) + 0.5, wkt, sizeof wkt);
        CHECK_OK(cover_wkt(ctx, &g, wkt, a));
        for (int64_t i = 0; i < 12 * 9; i++) {
            double area = 0.0;
            CHECK_OK(geos_area(ctx, &g, wkt, i, &area));
            /* GEOS' own coordinates carry 1e-9 of rounding at a northing of 5.6e6. */
            CHECK_NEAR(a[i], area, 1e-6);
        }
    }
}

TEST(sum_of_cells_is_the_area_of_a_polygon_with_many_vertices)
{
    static char wkt[600000];
    static double a[400 * 400];
    struct tl_grid g = {0.0, 400.0, 1.0, 400, 400};
    int at = snprintf(wkt, sizeof wkt, "POLYGON(");
    at += shape_ring(tl_rng_make(5, 5), 20000, 200.0, 200.0, 150.0, 190.0, wkt + at,
                     sizeof wkt - (size_t)at);
    snprintf(wkt + at, sizeof wkt - (size_t)at, ")");
    void *wkb = NULL;
    int64_t n = 0;
    struct tl_geom_info info;
    CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb, &n));
    CHECK_OK(tl_geom_info(ctx, wkb, n, &info));
    CHECK_OK(cover_wkt(ctx, &g, wkt, a));
    double sum = 0.0;
    for (int i = 0; i < 400 * 400; i++)
        sum += a[i];
    CHECK_NEAR(sum, info.area, 1e-8 * info.area);
    tl_free(wkb);
}

TEST(invalid_polygon_is_mended_and_others_are_refused)
{
    double a[16], sum = 0.0;
    CHECK_OK(cover_wkt(ctx, &four, "POLYGON((0 0,2 2,2 0,0 2,0 0))", a));
    for (int i = 0; i < 16; i++)
        sum += a[i];
    CHECK_NEAR(sum, 2.0, 1e-12);
    CHECK_FAILS(cover_wkt(ctx, &four, "LINESTRING(0 0,1 1)", a), TL_EDATA, "polygon");
    CHECK_FAILS(cover_wkt(ctx, &four, "POINT(0 0)", a), TL_EDATA, "polygon");
}

static tl_err cover_once(struct tl_ctx *ctx)
{
    double a[16];
    return cover_wkt(ctx, &four, "POLYGON((0 0,2 2,2 0,0 2,0 0))", a);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, cover_once(ctx));
}
