#include "unit.h"

#include "core/rng.h"
#include "tilth/grid.h"

static const struct tl_grid small = {0.0, 20.0, 10.0, 3, 2};

TEST(point_on_a_shared_corner_goes_south_east)
{
    tl_cell cell = {-1};
    CHECK_OK(tl_grid_cell_at(ctx, &small, 10.0, 10.0, &cell));
    CHECK(cell.i == 4);
    CHECK_OK(tl_grid_cell_at(ctx, &small, 0.0, 20.0, &cell));
    CHECK(cell.i == 0);
}

TEST(outer_south_and_east_edges_belong_to_the_last_cells)
{
    tl_cell cell = {-1};
    CHECK_OK(tl_grid_cell_at(ctx, &small, 30.0, 0.0, &cell));
    CHECK(cell.i == 5);
    CHECK_OK(tl_grid_cell_at(ctx, &small, 30.0, 20.0, &cell));
    CHECK(cell.i == 2);
}

TEST(outside_and_not_finite_are_refused_and_leave_the_cell)
{
    tl_cell cell = {42};
    CHECK_FAILS(tl_grid_cell_at(ctx, &small, 30.001, 5.0, &cell), TL_ENOTFOUND, "outside");
    CHECK_FAILS(tl_grid_cell_at(ctx, &small, 5.0, -0.001, &cell), TL_ENOTFOUND, "outside");
    CHECK_FAILS(tl_grid_cell_at(ctx, &small, 1e300, 5.0, &cell), TL_ENOTFOUND, "outside");
    CHECK_FAILS(tl_grid_cell_at(ctx, &small, NAN, 5.0, &cell), TL_EDATA, "finite");
    CHECK(cell.i == 42);
}

TEST(centre_is_in_its_cell_and_edges_as_computed_belong_to_one_cell)
{
    struct tl_rng rng = tl_rng_make(7, 1);
    for (uint64_t k = 0; k < 2000; k++) {
        struct tl_grid g = {(tl_rng_uniform(rng, 8 * k) - 0.5) * 1e6,
                            (tl_rng_uniform(rng, 8 * k + 1) - 0.5) * 1e7,
                            0.1 + 999.0 * tl_rng_uniform(rng, 8 * k + 2), 97, 55};
        tl_cell at, cell = {(int64_t)(tl_rng_uniform(rng, 8 * k + 3) * 97 * 55)};
        double x, y;
        tl_grid_centre(&g, cell, &x, &y);
        CHECK_OK(tl_grid_cell_at(ctx, &g, x, y, &at));
        CHECK(at.i == cell.i);
        int64_t row = cell.i / 97, column = cell.i % 97;
        CHECK_OK(tl_grid_cell_at(ctx, &g, g.x0_m + (double)column * g.step_m,
                                 g.y0_m - (double)row * g.step_m, &at));
        CHECK(at.i == cell.i);
    }
}

TEST(grid_over_a_box_lies_on_whole_multiples_and_is_the_smallest)
{
    struct tl_grid g;
    CHECK_OK(tl_grid_cover_box(ctx, (double[4]){11.0, -5.0, 39.0, 20.0}, 10.0, &g));
    CHECK(g.x0_m == 10.0 && g.y0_m == 20.0 && g.n_x == 3 && g.n_y == 3);
    CHECK_OK(tl_grid_cover_box(ctx, (double[4]){-20.0, -10.0, 0.0, 10.0}, 10.0, &g));
    CHECK(g.x0_m == -20.0 && g.y0_m == 10.0 && g.n_x == 2 && g.n_y == 2);
    struct tl_rng rng = tl_rng_make(8, 1);
    for (uint64_t k = 0; k < 2000; k++) {
        double w = (tl_rng_uniform(rng, 8 * k) - 0.5) * 1e6,
               s = (tl_rng_uniform(rng, 8 * k + 1) - 0.5) * 1e7;
        double box[4] = {w, s, w + 1e4 * tl_rng_uniform(rng, 8 * k + 2),
                         s + 1e4 * tl_rng_uniform(rng, 8 * k + 3)};
        double step = 1.0 + 500.0 * tl_rng_uniform(rng, 8 * k + 4);
        tl_cell cell;
        CHECK_OK(tl_grid_cover_box(ctx, box, step, &g));
        CHECK_OK(tl_grid_cell_at(ctx, &g, box[0], box[3], &cell));
        CHECK(cell.i == 0);
        CHECK_OK(tl_grid_cell_at(ctx, &g, box[2], box[1], &cell));
        CHECK(cell.i == tl_grid_n_cells(&g) - 1);
    }
}

TEST(impossible_boxes_and_steps_are_refused)
{
    struct tl_grid g;
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){0, 0, 0, 1}, 1.0, &g), TL_EDATA, "no area");
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){1, 0, 0, 1}, 1.0, &g), TL_EDATA, "no area");
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){0, 0, 1, 1}, 0.0, &g), TL_EDATA, "above 0");
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){0, 0, 1, 1}, -5.0, &g), TL_EDATA, "-5");
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){0, 0, NAN, 1}, 1.0, &g), TL_EDATA, "finite");
    CHECK_FAILS(tl_grid_cover_box(ctx, (double[4]){0, 0, 1e6, 1e6}, 1.0, &g), TL_EDATA, "1e+12");
}
