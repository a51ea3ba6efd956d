#include "unit.h"

#include "field/lattice_fixture.h"

/* The exact engine's log p(y | theta), its mode sought again from its mode: less is left of its last step. */
static tl_err exact_value(struct tl_ctx *ctx, double range, double sigma, int64_t pad, int again,
                          double *value)
{
    tl_err err = TL_OK;
    struct tl_model_scale scale = {0};
    struct tl_stage *stage = NULL;
    struct tl_laplace_point point;
    const struct tl_laplace_prior prior = {5.0, 1.2};
    const double t[2] = {log(range), log(sigma)};
    double gradient[2];
    TL_TRY_ALLOC(ctx, stage, 1);
    TL_TRY(exact_of_world(ctx, range, sigma, pad, &scale, stage, &point));
    for (int k = 0; k < again; k++)
        TL_TRY(tl_laplace_at(ctx, &stage->laplace, t, &point));
    *value = point.value - tl_laplace_log_prior(&prior, t, gradient);
done:
    if (stage != NULL)
        tl_stage_fini(stage);
    tl_free(stage);
    tl_model_scale_fini(&scale);
    return err;
}

/* Held theta: the exact engine's figure. */
TEST(given_theta_it_is_the_exact_engines)
{
    const int64_t shapes[][2] = {{64, 64}, {60, 50}, {63, 41}, {17, 61}};
    const double ranges[] = {2.0, 4.0, 8.0, 20.0, 60.0};
    for (int s = 0; s < 4; s++)
        for (int r = 0; r < 5; r++) {
            struct tl_field_result l;
            struct tl_field_options o = held(ranges[r], 1.0);
            double first = 0.0, again = 0.0;
            CHECK_OK(simulate(ctx, shapes[s][0], shapes[s][1], -1.0, 3 + (uint64_t)r, &world));
            CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
            CHECK_OK(exact_value(ctx, ranges[r], 1.0, l.pad_cells, 0, &first));
            CHECK_OK(exact_value(ctx, ranges[r], 1.0, l.pad_cells, 2, &again));
            printf("  %lld x %lld, range %g: %.6f, off by %.1e (exact engine by %.1e), said %.1e\n",
                   (long long)shapes[s][0], (long long)shapes[s][1], ranges[r], again,
                   l.log_marginal_likelihood - again, first - again,
                   l.log_marginal_likelihood_error);
            tl_field_result_fini(&l);
        }
}
