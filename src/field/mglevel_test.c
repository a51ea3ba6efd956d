#include "unit.h"

#include "field/mglevel.h"

TEST(far_edge_stays_where_it_is)
{
    for (int64_t n = 1; n < 3000; n += n < 300 ? 1 : 37) {
        double last = 1.0, cell = 1.0;
        int64_t m = n;
        while (m > 1) {
            double last_coarse;
            int64_t coarse = tl_mglevel_coarsen(m, last, &last_coarse);
            CHECK(coarse >= 1 && coarse < m);
            m = coarse;
            last = last_coarse;
            cell *= 2.0;
            CHECK_NEAR(((double)(m - 1) + last) * cell, (double)n, 1e-9);
            CHECK(last >= 0.75 && last < 1.75);
        }
    }
}

/* Straight lines come through as they are, but for half a cell at the edges, where they are cut off. */
TEST(transfer_keeps_constants_and_straight_lines)
{
    int64_t sizes[] = {2, 3, 7, 8, 64, 65, 1001};
    for (int s = 0; s < 7; s++) {
        struct tl_mgkernel_axis axis;
        int64_t n = sizes[s];
        CHECK_OK(tl_mglevel_axis_init(ctx, n, 1.0, &axis));
        for (int64_t i = 0; i < n; i++) {
            CHECK(axis.own[i] >= 0 && axis.own[i] < axis.n_coarse);
            CHECK(axis.other[i] >= 0 && axis.other[i] < axis.n_coarse);
            CHECK(axis.weight[i] >= 0.0f && axis.weight[i] <= 0.5f);
            double mid[2] = {2.0 * axis.own[i] + 1.0, 2.0 * axis.other[i] + 1.0};
            for (int k = 0; k < 2; k++) {
                if ((k == 0 ? axis.own[i] : axis.other[i]) == axis.n_coarse - 1)
                    mid[k] = 2.0 * (double)(axis.n_coarse - 1) + axis.last_coarse;
            }
            double at = mid[0] + (double)axis.weight[i] * (mid[1] - mid[0]);
            if (axis.own[i] != axis.other[i])
                CHECK_NEAR(at, (double)i + 0.5, 1e-5 * (double)n);
        }
        tl_free(axis.own);
        tl_free(axis.other);
        tl_free(axis.weight);
    }
}

TEST(tiles_cover_each_cell_once_and_never_cut_a_coarse_cell)
{
    int64_t sizes[][2] = {{1, 1},      {3, 100000}, {100000, 3},    {993, 1000},
                          {2049, 511}, {705, 737},  {10000, 10000}, {12345, 6789}};
    for (int s = 0; s < 8; s++) {
        struct tl_mgkernel_level level;
        CHECK_OK(tl_mglevel_init(ctx, sizes[s][0], 1.0, sizes[s][1], 1.0, 0, false, &level));
        int64_t covered = 0;
        for (int64_t i = 0; i < level.n_tiles_x * level.n_tiles_y; i++) {
            struct tl_mgkernel_tile t = tl_mglevel_tile(&level, i);
            covered += (t.x1 - t.x0) * (t.y1 - t.y0);
            CHECK(t.cx1 - t.cx0 <= TL_MGKERNEL_TILE_X + 2 * TL_MGKERNEL_MARGIN);
            CHECK(t.cx0 % 2 == 0 && t.x0 % 16 == 0 && t.y0 % 2 == 0);
            if (t.x1 < level.x.n) {
                CHECK(level.x.own[t.x1 - 1] < level.x.own[t.x1]);
                CHECK(level.x.own[t.x1] < level.x.n_coarse - 2);
            }
            if (t.y1 < level.y.n)
                CHECK(level.y.own[t.y1 - 1] < level.y.own[t.y1]);
        }
        CHECK(covered == sizes[s][0] * sizes[s][1]);
        tl_mglevel_fini(&level);
    }
}

TEST(hold_puts_heavy_cells_on_a_root)
{
    struct tl_mgkernel_level level;
    CHECK_OK(tl_mglevel_init(ctx, 30, 1.0, 30, 1.0, 0, false, &level));
    tl_mglevel_set(&level, 0.1, 2.0);
    double heavy = 1.0, light = 1.0, w = 1e9;
    for (int k = 0; k < TL_MGKERNEL_SMOOTH; k++) {
        double d = (double)level.top + (double)level.hold * w;
        heavy *= 1.0 - (double)level.step[k] * w / d;
        light *= 1.0 - (double)level.step[k] * 1.0;
    }
    CHECK_NEAR(heavy, 0.0, 1e-4);
    CHECK(fabs(light) < 0.4133);
    CHECK_NEAR((double)level.top, 2.0 * (0.1 + 80.0) * (0.1 + 80.0), 1e-2);
    tl_mglevel_fini(&level);
}

static tl_err make_and_free(struct tl_ctx *ctx)
{
    struct tl_mgkernel_level level = {0};
    tl_err err = tl_mglevel_init(ctx, 50, 1.0, 40, 1.25, 3, true, &level);
    tl_mglevel_fini(&level);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, make_and_free(ctx));
}
