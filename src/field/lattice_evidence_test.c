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

static tl_err both(struct tl_ctx *ctx, double range, int again, struct tl_field_result *l,
                   double *truth)
{
    tl_err err = TL_OK;
    TL_TRY(fit_with(ctx, &world.input, held(range, 1.0), TL_ENGINE_LATTICE, l));
    TL_TRY(exact_value(ctx, range, 1.0, l->pad_cells, again, truth));
done:
    return err;
}

TEST(given_theta_it_is_the_exact_engines)
{
    const int64_t shapes[][2] = {{64, 64}, {17, 61}};
    const double ranges[] = {2.0, 8.0, 20.0, 60.0};
    for (int s = 0; s < 2; s++)
        for (int r = 0; r < 4; r++) {
            struct tl_field_result l;
            double truth = 0.0;
            CHECK_OK(simulate(ctx, shapes[s][0], shapes[s][1], -1.0, 3 + (uint64_t)r, &world));
            CHECK_OK(both(ctx, ranges[r], 2, &l, &truth));
            double off = l.log_marginal_likelihood - truth, said = l.log_marginal_likelihood_error;
            printf("  %lld x %lld, range %g: %.6f, off by %.1e, said %.1e\n",
                   (long long)shapes[s][0], (long long)shapes[s][1], ranges[r], truth, off, said);
            CHECK(fabs(off) < 2.0 * said && said < 0.1);
            tl_field_result_fini(&l);
        }
}

/* Two channels with effects and a corner outside; the same with next to nothing found. */
TEST(channels_with_effects_and_empty_hands)
{
    for (int found = 0; found < 2; found++) {
        struct tl_field_result l;
        double truth = 0.0;
        CHECK_OK(simulate_pair(ctx, 48, 40));
        for (int64_t i = 0; i < world.input.n_x * world.input.n_y && !found; i++)
            world.counts[i] = pair.other.counts[i] = 0.0;
        CHECK_OK(both(ctx, 6.0, 2, &l, &truth));
        printf("  %s: %.6f, off by %.1e, said %.1e\n", found ? "found" : "nothing found", truth,
               l.log_marginal_likelihood - truth, l.log_marginal_likelihood_error);
        CHECK_NEAR(l.log_marginal_likelihood, truth, 2.0 * l.log_marginal_likelihood_error);
        tl_field_result_fini(&l);
    }
}

/* Where the exact engine lays the design, its figure is taken. */
TEST(over_theta_a_small_grid_takes_the_exact_engines)
{
    struct tl_field_result e, l;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_EXACT, &e));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
    CHECK_NEAR(l.log_marginal_likelihood, e.log_marginal_likelihood, 0.05);
    CHECK(l.log_marginal_likelihood_error == 0.0);
    tl_field_result_fini(&e);
    tl_field_result_fini(&l);
}

/* A Gaussian likelihood times priors that hardly bend over it: one point and five both give the integral. */
TEST(over_theta_a_gaussian_is_integrated)
{
    struct tl_lattice_run *run = NULL;
    struct tl_lattice_node nodes[5];
    const double z[5][2] = {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}}, top = -1234.5;
    const double c[3] = {0.04, -0.01, 0.0225}, t[2] = {2.0, 0.1}, l00 = 0.2, l10 = -0.05;
    double l11 = sqrt(c[2] - l10 * l10), gradient[2], value, error;
    run = tl_alloc(ctx, 1, sizeof *run);
    CHECK(run != NULL);
    run->nodes = nodes;
    run->theta.prior = (struct tl_laplace_prior){1e-9, 1e-9};
    memcpy(run->theta.theta.best.t, t, sizeof t);
    memcpy(run->theta.covariance, c, sizeof c);
    memset(nodes, 0, sizeof nodes);
    for (int k = 0; k < 5; k++) {
        double sq = sqrt(3.0), *at = nodes[k].t;
        nodes[k].weight = k == 0 ? 1.0 / 3.0 : 1.0 / 6.0;
        at[0] = t[0] + sq * l00 * z[k][0];
        at[1] = t[1] + sq * (l10 * z[k][0] + l11 * z[k][1]);
        /* so that with the prior it is a Gaussian with its top at t */
        nodes[k].log_likelihood =
            top - tl_laplace_log_prior(&run->theta.prior, at, gradient) - (k == 0 ? 0.0 : 1.5);
        nodes[k].log_likelihood_error = 0.01 * k;
    }
    double truth = top + log(2.0 * 3.14159265358979323846 * l00 * l11);
    run->n_nodes = 5;
    tl_lattice_evidence(run, &value, &error);
    CHECK_NEAR(value, truth, 1e-9);
    CHECK_NEAR(error, 0.24, 1e-12);
    nodes[0].weight = 1.0;
    run->n_nodes = 1;
    tl_lattice_evidence(run, &value, &error);
    CHECK_NEAR(value, truth, 1e-9);
    /* From a window with a fifth of the items: the whole's theta is five times as sharp. */
    run->theta.share = 5.0;
    tl_lattice_evidence(run, &value, &error);
    CHECK_NEAR(value, truth - log(5.0), 1e-9);
    CHECK_NEAR(error, 4.2, 1e-12);
    run->theta.fixed = true;
    tl_lattice_evidence(run, &value, &error);
    CHECK(value == nodes[0].log_likelihood);
    tl_free(run);
}

static tl_err fit_blobs(struct tl_ctx *ctx, const struct tl_lattice_store *store,
                        struct tl_lattice_summary *summary)
{
    struct by_rows rows = {&world.input};
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    struct tl_lattice_sink sink = {NULL, NULL, NULL};
    struct tl_field_options o = held(6.0, 1.0);
    return tl_lattice_fit(ctx, &source, &o, &sink, store, summary);
}

TEST(same_bits_on_any_number_of_threads_and_after_a_stop_anywhere)
{
    static struct blob_store blobs;
    struct tl_lattice_summary summary;
    double value = 0.0;
    const int threads[] = {1, 2, 7};
    int before = tl_ctx_threads(ctx);
    CHECK_OK(simulate(ctx, 24, 20, -1.0, 3, &world));
    for (int k = 0; k < 3; k++) {
        tl_ctx_set_threads(ctx, threads[k]);
        CHECK_OK(fit_blobs(ctx, NULL, &summary));
        CHECK(k == 0 || summary.log_marginal_likelihood == value);
        value = summary.log_marginal_likelihood;
        tl_lattice_summary_fini(&summary);
    }
    tl_ctx_set_threads(ctx, before);
    struct tl_lattice_store store = blobs_open(&blobs);
    for (int stop = 1;; stop += 2) {
        struct tl_ctx *own = tl_ctx_create();
        blobs.n_puts = 0;
        blobs.stop_after = stop;
        blobs.ctx = own;
        tl_err err = fit_blobs(own, &store, &summary);
        blobs.stop_after = 0;
        if (err == TL_ECANCELLED) {
            tl_ctx_free(own);
            CHECK_OK(fit_blobs(ctx, &store, &summary));
            CHECK(summary.log_marginal_likelihood == value && blobs.n == 0);
            tl_lattice_summary_fini(&summary);
            continue;
        }
        tl_ctx_free(own);
        CHECK(err == TL_OK && stop > 8 && summary.log_marginal_likelihood == value);
        tl_lattice_summary_fini(&summary);
        break;
    }
    blobs_close(&blobs);
}
