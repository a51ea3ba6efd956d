/* Grids beyond those that the exact engine takes whole, with so few items that theta is wide: its design is that of blocks, moved. */
#include "unit.h"

#include "core/rng.h"
#include "tilth/field.h"

enum { N_X = 150, N_Y = 140, N = N_X * N_Y };

static struct {
    double eta[N], counts[N], effort[N], items;
} area;

static tl_err simulate(struct tl_ctx *ctx, double level, uint64_t seed)
{
    struct tl_rng rng = tl_rng_make(seed, 0x7769);
    tl_err err = tl_field_draw_prior(ctx, N_X, N_Y, 1.0, 12.0, 0.8, seed, area.eta);
    area.items = 0.0;
    for (uint64_t i = 0; i < N; i++) {
        uint64_t block = i / N_X / 8 * N_X + i % N_X / 8;
        area.effort[i] = tl_rng_uniform(tl_rng_fork(rng, 1), block) < 0.6 ? 0.8 : 0.0;
        area.counts[i] = (double)tl_rng_poisson(tl_rng_fork(rng, 2), i,
                                                area.effort[i] * exp(level + area.eta[i]));
        area.items += area.counts[i];
    }
    return err;
}

static tl_err fit(struct tl_ctx *ctx, enum tl_engine engine, struct tl_field_result *r)
{
    struct tl_field_channel channel = {
        .name = "search", .counts = area.counts, .effort = area.effort};
    struct tl_field_input input = {
        .n_x = N_X, .n_y = N_Y, .step_m = 1.0, .n_channels = 1, .channels = &channel};
    struct tl_field_options o = tl_field_options_default();
    o.engine = engine;
    o.pad_m = 6.0;
    return tl_field_fit(ctx, &input, &o, r);
}

/* How far two posteriors' medians lie apart and how their widths differ, on logs, in units of the second one's sd. */
static void beside(const char *name, const struct tl_estimate *a, const struct tl_estimate *b,
                   double *apart, double *wider)
{
    double width = log(b->q975 / b->q025);
    *apart = fabs(log(a->q50 / b->q50)) / (width / 3.92);
    *wider = fabs(log(a->q975 / a->q025) / width - 1.0);
    printf("  %s: %.3f (%.3f %.3f), exact %.3f (%.3f %.3f)\n", name, a->q50, a->q025, a->q975,
           b->q50, b->q025, b->q975);
}

TEST(few_items_leave_theta_as_wide_as_the_exact_engine_says)
{
    struct tl_field_result l, e;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        double apart[2], wider[2], square = 0.0;
        CHECK_OK(simulate(ctx, seed == 1 ? -4.0 : -2.5, seed));
        CHECK_OK(fit(ctx, TL_ENGINE_AUTO, &l));
        CHECK_OK(fit(ctx, TL_ENGINE_EXACT, &e));
        CHECK(l.engine == TL_ENGINE_LATTICE && l.n_theta == e.n_theta);
        printf("  %.0f items\n", area.items);
        beside("range", &l.range_m, &e.range_m, &apart[0], &wider[0]);
        beside("sigma", &l.sigma, &e.sigma, &apart[1], &wider[1]);
        CHECK(fmax(apart[0], apart[1]) < 0.7);
        CHECK(fmax(wider[0], wider[1]) < 0.25);
        for (int i = 0; i < N; i++)
            square += pow(l.log_density_sd[i] / e.log_density_sd[i] - 1.0, 2.0);
        printf("  sd of cells %.4f apart (root mean square); log marginal likelihood %.3f and "
               "%.3f, %.3f told\n",
               sqrt(square / N), l.log_marginal_likelihood, e.log_marginal_likelihood,
               l.log_marginal_likelihood_error);
        CHECK(sqrt(square / N) < 0.1);
        CHECK_NEAR(l.log_marginal_likelihood, e.log_marginal_likelihood,
                   l.log_marginal_likelihood_error);
        tl_field_result_fini(&l);
        tl_field_result_fini(&e);
    }
}

TEST(design_of_blocks_is_the_same_on_any_number_of_threads)
{
    struct tl_field_result r[2];
    CHECK_OK(simulate(ctx, -4.0, 3));
    for (int k = 0; k < 2; k++) {
        tl_ctx_set_threads(ctx, k == 0 ? 1 : 3);
        CHECK_OK(fit(ctx, TL_ENGINE_AUTO, &r[k]));
    }
    CHECK(r[0].n_theta > 5);
    CHECK(memcmp(r[0].log_density_sd, r[1].log_density_sd, N * sizeof(double)) == 0);
    CHECK(memcmp(&r[0].range_m, &r[1].range_m, sizeof r[0].range_m) == 0);
    tl_field_result_fini(&r[0]);
    tl_field_result_fini(&r[1]);
}
