#include "unit.h"

#include "field/fixture.h"
#include "field/stage.h"

static const struct tl_laplace_prior prior = {5.0, 1.2};

/* A plane is carried from coarse to fine unchanged, away from the edges, whatever the margins are. */
TEST(warm_start_carries_a_plane)
{
    struct tl_model_scale scale;
    struct tl_stage coarse, fine;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 24, 20, 0.0, 2, &world));
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &scale));
    CHECK_OK(tl_stage_init(ctx, &world.input, &scale, prior, 2, 0, 4, &coarse));
    CHECK_OK(tl_stage_init(ctx, &world.input, &scale, prior, 1, 3, 4, &fine));
    for (int64_t i = 0; i < coarse.model.grid.n; i++)
        coarse.mode.x[i] = 2.0 * ((double)(i % 12) + 0.5) - 3.0 * 2.0 * ((double)(i / 12) + 0.5);
    coarse.mode.x[coarse.mode.n + 1] = 0.77;
    tl_stage_warm_start(&coarse, &fine);
    for (int64_t y = 1; y < 19; y++)
        for (int64_t x = 1; x < 23; x++)
            CHECK_NEAR(fine.mode.x[tl_model_cell(&fine.model, x, y)],
                       (double)x + 0.5 - 3.0 * ((double)y + 0.5), 1e-9);
    CHECK_NEAR(fine.mode.x[fine.mode.n + 1], 0.77, 0.0);
    tl_stage_fini(&coarse);
    tl_stage_fini(&fine);
    tl_model_scale_fini(&scale);
}

/* The estimate against what the plan of a factorisation really asks for, beyond the sizes that fits are tested at. */
TEST(memory_estimate_is_within_a_third_from_16_to_400_cells_a_side)
{
    const int64_t shapes[][2] = {{16, 16}, {60, 60}, {128, 128}, {400, 400}, {1000, 30}, {20, 900}};
    for (int k = 0; k < 6; k++) {
        struct tl_factor_plan *plan = NULL;
        struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[k][0], shapes[k][1]);
        CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
        double truth =
            (double)plan->bytes +
            8.0 * (double)(plan->n_values + plan->n_work + 4 * (plan->n_rows + plan->n)) +
            8.0 * 23.0 * (double)grid.n;
        double ratio = (double)tl_stage_bytes(shapes[k][0], shapes[k][1], 1, 0, 4) / truth;
        printf("  %lld x %lld: %.2f\n", (long long)shapes[k][0], (long long)shapes[k][1], ratio);
        CHECK_NEAR(ratio, 1.0, 0.33);
        tl_factor_plan_free(plan);
    }
}
