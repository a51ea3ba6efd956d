/* theta's search that begins on a window (lattices from 512 x 512 cells): its bits, its answer beside the whole lattice's, a stop in it. */
#include "unit.h"

#include "field/lattice_fixture.h"

enum { ACROSS = 520, DOWN = 514, CELLS = ACROSS * DOWN };

static double n_found[CELLS], effort_m2[CELLS], slope[CELLS], eta[CELLS];
static struct tl_field_channel search_channel = {
    .name = "search", .counts = n_found, .effort = effort_m2};
static struct tl_field_covariate slope_covariate = {.name = "slope", .values = slope};
static const struct tl_field_input large = {.n_x = ACROSS,
                                            .n_y = DOWN,
                                            .step_m = 1.0,
                                            .n_channels = 1,
                                            .channels = &search_channel,
                                            .n_covariates = 1,
                                            .covariates = &slope_covariate};

/* As the fixture's area, with the same truth: range 8, sigma 1. */
static tl_err make_large(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(11, 99);
    TL_TRY(tl_field_draw_prior(ctx, ACROSS, DOWN, 1.0, 20.0, 1.0, 21, slope));
    TL_TRY(tl_field_draw_prior(ctx, ACROSS, DOWN, 1.0, 8.0, 1.0, 22, eta));
    for (int64_t i = 0; i < CELLS; i++) {
        int64_t block = i / ACROSS / 4 * ACROSS + i % ACROSS / 4;
        effort_m2[i] = tl_rng_uniform(rng, (uint64_t)block) < 0.3 ? 0.8 : 0.0;
        n_found[i] = (double)tl_rng_poisson(tl_rng_fork(rng, 1), (uint64_t)i,
                                            effort_m2[i] * exp(eta[i] - 2.0 + 0.5 * slope[i]));
    }
done:
    return err;
}

static bool same(const struct tl_field_result *a, const struct tl_field_result *b)
{
    size_t bytes = CELLS * sizeof(double);
    return memcmp(a->log_density_mean, b->log_density_mean, bytes) == 0 &&
           memcmp(a->log_density_sd, b->log_density_sd, bytes) == 0 &&
           memcmp(&a->range_m, &b->range_m, sizeof a->range_m) == 0 &&
           memcmp(&a->sigma, &b->sigma, sizeof a->sigma) == 0 &&
           memcmp(&a->intercept, &b->intercept, sizeof a->intercept) == 0;
}

/* The search without a window: from the coarse lattices straight to the whole one. */
static tl_err whole_search(struct tl_ctx *ctx, struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_field_options o = tl_field_options_default();
    struct by_rows rows = {&large};
    struct tl_lattice_source source = tl_lattice_wrap_source(&large, &rows);
    struct tl_lattice_data data = {0};
    struct tl_lattice_mode mode = {0};
    TL_TRY(tl_lattice_data_read(ctx, &source, &o, &data));
    TL_TRY(tl_lattice_theta_coarse(ctx, &data, &o, f));
    tl_lattice_data_set_pad(&data, tl_lattice_theta_pad(&data, &o, exp(f->theta.best.t[0])));
    TL_TRY(tl_lattice_mode_init(ctx, &data, 2, &mode));
    tl_lattice_theta_start(ctx, f, &mode);
    TL_TRY(tl_lattice_theta_finish(ctx, &mode, o.seed, f));
done:
    tl_lattice_mode_fini(&mode);
    tl_lattice_data_fini(&data);
    return err;
}

TEST(search_that_begins_on_a_window)
{
    const int threads[] = {1, 2, 7};
    struct tl_field_result first = {0}, r = {0};
    struct tl_field_options o = tl_field_options_default();
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    CHECK_OK(make_large(ctx));
    for (int t = 0; t < 3; t++) {
        tl_ctx_set_threads(ctx, threads[t]);
        CHECK_OK(fit_with(ctx, &large, o, TL_ENGINE_LATTICE, t == 0 ? &first : &r));
        CHECK(t == 0 || same(&first, &r));
        tl_field_result_fini(&r);
    }
    tl_ctx_set_threads(ctx, 2);

    struct tl_lattice_theta whole = {0};
    CHECK_OK(whole_search(ctx, &whole));
    double sd[2] = {sqrt(whole.covariance[0]), sqrt(whole.covariance[2])};
    double off[2] = {log(first.range_m.q50) - whole.theta.best.t[0],
                     log(first.sigma.q50) - whole.theta.best.t[1]};
    printf("  range %.3f (whole lattice %.3f, sd of log %.4f), sigma %.4f (%.4f, %.4f)\n",
           first.range_m.q50, exp(whole.theta.best.t[0]), sd[0], first.sigma.q50,
           exp(whole.theta.best.t[1]), sd[1]);
    CHECK(sd[0] > 0.005 && sd[0] < 0.2 && fabs(off[0]) < 0.5 * sd[0]);
    CHECK(sd[1] > 0.003 && sd[1] < 0.2 && fabs(off[1]) < 0.5 * sd[1]);
    CHECK_NEAR(log(first.range_m.q50), log(8.0), 4.0 * sd[0]);
    CHECK_NEAR(log(first.sigma.q50), 0.0, 4.0 * sd[1]);
    CHECK(fabs(off[0]) > 1e-7); /* else both went the same way */
    tl_lattice_theta_fini(&whole);

    /* Stopped as soon as theta is there, and in the middle of the draws. */
    o.store = &store;
    for (int stop = 1; stop <= 9; stop += 8) {
        struct tl_ctx *other = tl_ctx_create();
        store = blobs_open(&blobs);
        blobs.stop_after = stop;
        CHECK(fit_with(other, &large, o, TL_ENGINE_LATTICE, &r) == TL_ECANCELLED);
        tl_ctx_free(other);
        CHECK(blobs.n > 0 && blobs.n_mapped == 0);
        CHECK_OK(fit_with(ctx, &large, o, TL_ENGINE_LATTICE, &r));
        CHECK(same(&first, &r) && blobs.n == 0);
        tl_field_result_fini(&r);
    }
    tl_field_result_fini(&first);
}
