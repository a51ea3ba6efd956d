#include "unit.h"

#include "field/blockvar.h"

TEST(a_smaller_error_asks_for_a_wider_halo)
{
    struct tl_blockvar_plan loose = tl_blockvar_plan_of(40.0, 0.05, 12);
    struct tl_blockvar_plan usual = tl_blockvar_plan_of(40.0, 0.0, 12);
    struct tl_blockvar_plan tight = tl_blockvar_plan_of(40.0, 0.002, 12);
    CHECK(loose.halo < usual.halo && usual.halo < tight.halo);
    CHECK(loose.flops_per_cell < usual.flops_per_cell);
    CHECK(usual.flops_per_cell < tight.flops_per_cell);
    CHECK(usual.error <= 0.0065 && tl_blockvar_plan_of(20.0, 0.0, 12).error <= 0.003 &&
          tl_blockvar_plan_of(90.0, 0.0, 12).error <= 0.008 && tight.error <= 0.002);
}

/* What no plan can reach is not promised. */
TEST(an_error_out_of_reach_is_told_as_it_is)
{
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(100.0, 1e-6, 12);
    CHECK(plan.error > 1e-4);
}

TEST(the_coarsest_halo_holds_one_and_a_half_ranges)
{
    for (double range = 0.5; range < 300.0; range *= 1.3) {
        struct tl_blockvar_plan plan = tl_blockvar_plan_of(range, 0.0, 12);
        CHECK((double)(plan.halo * plan.coarse) >= 1.5 * range);
        CHECK(plan.coarse == 1 || (double)(plan.halo * plan.coarse) < 3.0 * range);
        CHECK(plan.coarse == 1 || plan.halo % 2 == 1);
        CHECK(plan.block % 4 == 0 && plan.length % 4 == 0);
        CHECK(plan.flops_per_cell > 0.0 && plan.flops_per_cell < 400e3);
    }
}

TEST(absurd_ranges_are_taken_as_the_nearest_that_make_sense)
{
    CHECK(tl_blockvar_plan_of(0.0, 0.0, 0).coarse == 1);
    CHECK(tl_blockvar_plan_of((double)NAN, 0.0, 0).coarse == 1);
    CHECK(tl_blockvar_plan_of(1e9, 0.0, 0).coarse == TL_BLOCKVAR_MAX_COARSE);
}

TEST(margin_step_and_bytes_follow_the_plan)
{
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(40.0, 0.0, 12);
    struct tl_stencil_grid grid = tl_stencil_grid_of(10000, 10000);
    CHECK(tl_blockvar_step(&plan) == plan.block * plan.coarse);
    CHECK(tl_blockvar_margin(&plan) >= (plan.halo + 2) * plan.coarse);
    int64_t band = tl_blockvar_bytes(&grid, &plan, 12, 512, 2);
    int64_t all = tl_blockvar_bytes(&grid, &plan, 12, 10000, 2);
    CHECK(band > (int64_t)1 << 20 && band < all);
    CHECK(all < (int64_t)3 << 30);
    CHECK(tl_blockvar_bytes(&grid, &plan, 12, 512, 4) > band);
}
