#include "unit.h"

#include "field/lattice_fixture.h"

struct seen {
    int64_t next, n_rows, n_x;
    bool in_order, finite;
};

static tl_err watch(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                    const struct tl_lattice_bands *b)
{
    struct seen *s = user;
    (void)ctx;
    s->in_order = s->in_order && y == s->next;
    s->next = y + n_rows;
    s->n_rows += n_rows;
    for (int64_t i = 0; i < n_rows * s->n_x; i++) {
        s->finite = s->finite && isfinite(b->log_density_sd[i]) && isfinite(b->density_mean[i]);
        s->finite = s->finite && b->density_q05[i] < b->density_q50[i] &&
                    b->density_q50[i] < b->density_q95[i];
        s->finite = s->finite && b->p_any[i] >= 0.0F && b->p_any[i] <= 1.0F;
        s->finite = s->finite && fabsf(b->shares[0][i] - b->field[i]) < 1e-6F;
    }
    return TL_OK;
}

static tl_err refuse(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                     const struct tl_lattice_bands *b)
{
    (void)user;
    (void)n_rows;
    (void)b;
    return tl_fail(ctx, TL_EIO, "row %lld is not wanted", (long long)y);
}

TEST(rows_come_from_north_to_south_each_once)
{
    struct by_rows rows = {&world.input};
    struct seen seen = {.n_x = 50, .in_order = true, .finite = true};
    struct tl_lattice_sink sink = {&seen, watch, NULL};
    struct tl_lattice_summary summary;
    struct tl_field_options o = held(6.0, 1.0);
    CHECK_OK(simulate(ctx, 50, 33, -0.5, 2, &world));
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    CHECK_OK(tl_lattice_fit(ctx, &source, &o, &sink, NULL, &summary));
    CHECK(seen.in_order && seen.n_rows == 33 && seen.finite);
    CHECK(summary.n_draws == TL_LATTICE_DRAWS && summary.n_iterations > 0 && !summary.resumed);
    CHECK_NEAR(summary.range_m.q50, 6.0, 1e-9);
    CHECK_NEAR(summary.range_m.sd, 0.0, 0.0);
    tl_lattice_summary_fini(&summary);
    sink.rows = refuse;
    CHECK_FAILS(tl_lattice_fit(ctx, &source, &o, &sink, NULL, &summary), TL_EIO,
                "row 0 is not wanted");
}

/* theta's uncertainty widens a cell by first order: larger than at theta held, and by little where theta is sharp. */
TEST(uncertain_theta_widens_the_answer)
{
    struct tl_lattice_run run = {.n_nodes = 1};
    CHECK_OK(simulate(ctx, 60, 60, 0.0, 2, &world));
    struct tl_field_result free_theta, fixed;
    CHECK_OK(
        fit_with(ctx, &world.input, tl_field_options_default(), TL_ENGINE_LATTICE, &free_theta));
    CHECK_OK(fit_with(ctx, &world.input, held(free_theta.range_m.q50, free_theta.sigma.q50),
                      TL_ENGINE_LATTICE, &fixed));
    double a = 0.0, b = 0.0;
    for (int64_t i = 0; i < 3600; i++) {
        a += free_theta.log_density_sd[i];
        b += fixed.log_density_sd[i];
    }
    CHECK(a > b && a < 1.1 * b);
    CHECK(run.n_nodes == 1);
    tl_field_result_fini(&free_theta);
    tl_field_result_fini(&fixed);
}
