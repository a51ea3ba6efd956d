#include "unit.h"

#include "field/small.h"
#include "field/theta.h"

static const struct tl_theta_limits limits = {{-1.0, -5.0}, {7.0, 3.0}};

static tl_err count_visits(struct tl_ctx *ctx, void *user, const struct tl_theta_node *node,
                           int64_t index)
{
    int *n = user;
    (void)ctx;
    (void)node;
    return (*n)++ == index ? TL_OK : TL_EBUG;
}

TEST(maximum_has_no_slope_and_the_curvature_of_differences)
{
    struct set s;
    struct tl_theta theta = {.best = {.t = {3.0, 0.5}}};
    struct tl_laplace_point up, down;
    CHECK_OK(set_init(ctx, &s));
    CHECK_OK(tl_theta_maximise(ctx, &s.laplace, &limits, 1e-6, true, &theta));
    CHECK_NEAR(theta.best.gradient[0], 0.0, 0.01);
    CHECK_NEAR(theta.best.gradient[1], 0.0, 0.01);
    for (int j = 0; j < 2; j++) {
        double t[2] = {theta.best.t[0], theta.best.t[1]};
        t[j] += 0.05;
        CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &up));
        t[j] -= 0.1;
        CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &down));
        double curvature = theta.curvature[2 * j];
        CHECK_NEAR((down.gradient[j] - up.gradient[j]) / 0.1, curvature, 0.25 * curvature);
        CHECK(up.value < theta.best.value && down.value < theta.best.value);
    }
    set_fini(&s);
}

/* A fine grid and seven points must tell the same evidence, and weights add up to one. */
TEST(designs_agree_on_the_evidence)
{
    struct set s;
    double evidence[2];
    CHECK_OK(set_init(ctx, &s));
    for (int fine = 0; fine < 2; fine++) {
        struct tl_theta theta = {.best = {.t = {2.0, 0.0}}};
        struct tl_theta_design d;
        int n = 0;
        double sum = 0.0;
        CHECK_OK(tl_theta_maximise(ctx, &s.laplace, &limits, 1e-4, true, &theta));
        CHECK_OK(
            tl_theta_integrate(ctx, &s.laplace, &limits, &theta, fine == 1, count_visits, &n, &d));
        CHECK(n == d.n && (fine ? n > 15 : n == 7));
        for (int64_t k = 0; k < d.n; k++) {
            CHECK(d.nodes[k].weight >= 0.0);
            sum += d.nodes[k].weight;
        }
        CHECK_NEAR(sum, 1.0, 1e-12);
        evidence[fine] = d.log_evidence;
        tl_theta_design_fini(&d);
    }
    CHECK_NEAR(evidence[0], evidence[1], 0.35); /* theta is very wide with 42 cells */
    set_fini(&s);
}

/* Limits that cut the grid's cells, an edge within a sd of the maximum and a corner: the evidence is that of what is left. */
TEST(limits_cut_the_design_where_they_are)
{
    struct set s;
    CHECK_OK(set_init(ctx, &s));
    for (int k = 0; k < 3; k++) {
        struct tl_theta theta = {.best = {.t = {2.0, 0.0}}};
        struct tl_theta_limits cut = limits;
        struct tl_theta_design d;
        int n = 0;
        enum { SIDE = 24 };
        double sum = 0.0, weights = 0.0;
        CHECK_OK(tl_theta_maximise(ctx, &s.laplace, &limits, 1e-4, true, &theta));
        double top = theta.best.value,
               wide[2] = {1.0 / sqrt(theta.curvature[0]), 1.0 / sqrt(theta.curvature[2])};
        cut.high[0] = theta.best.t[0] + (0.3 + 0.4 * k) * wide[0];
        cut.low[1] = theta.best.t[1] - (k == 1 ? 0.4 : 6.0) * wide[1];
        cut.low[0] = fmax(cut.low[0], theta.best.t[0] - 6.0 * wide[0]);
        CHECK_OK(tl_theta_integrate(ctx, &s.laplace, &cut, &theta, true, count_visits, &n, &d));
        for (int64_t i = 0; i < d.n; i++) {
            weights += d.nodes[i].weight;
            for (int j = 0; j < 2; j++)
                CHECK(d.nodes[i].point.t[j] > cut.low[j] - 1e-9 &&
                      d.nodes[i].point.t[j] < cut.high[j] + 1e-9);
        }
        CHECK_NEAR(weights, 1.0, 1e-12);
        double cell = (cut.high[0] - cut.low[0]) * (cut.high[1] - cut.low[1]) / (SIDE * SIDE);
        for (int i = 0; i < SIDE * SIDE; i++) {
            struct tl_laplace_point p;
            const double t[2] = {cut.low[0] + (cut.high[0] - cut.low[0]) * (i / SIDE + 0.5) / SIDE,
                                 cut.low[1] + (cut.high[1] - cut.low[1]) * (i % SIDE + 0.5) / SIDE};
            CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &p));
            sum += cell * exp(p.value - top);
        }
        printf("  %d points, evidence %.4f, dense %.4f\n", n, d.log_evidence, top + log(sum));
        CHECK_NEAR(d.log_evidence, top + log(sum), 0.05);
        tl_theta_design_fini(&d);
    }
    set_fini(&s);
}
