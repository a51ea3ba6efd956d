#include "unit.h"

#include "field/theta.h"

/* A Gaussian in (log range, log sigma), tilted: the marginals are log-normal, for a design of 5 points and for a grid. */
TEST(gaussian_theta_gives_log_normal_marginals)
{
    for (int design = 0; design < 2; design++) {
        struct tl_theta_node nodes[49];
        struct tl_theta theta = {.best = {.t = {2.0, -0.3}}};
        struct tl_theta_design d = {.nodes = nodes,
                                    .axes = {{0.2, -0.05}, {0.1, 0.1}},
                                    .spacing = design ? 1.0 : sqrt(3.0)};
        struct tl_estimate e[2];
        for (int k = 0; k < 49; k++) {
            double z0 = k / 7 - 3, z1 = k % 7 - 3;
            if (!design && (fabs(z0) + fabs(z1) > 1.0))
                continue;
            z0 *= d.spacing;
            z1 *= d.spacing;
            /* gradient by t of -|z|^2/2: -(axes^-1)' z */
            double det = 0.2 * 0.1 + 0.05 * 0.1;
            nodes[d.n++] =
                (struct tl_theta_node){.z = {z0, z1},
                                       .point = {.value = 100.0 - 0.5 * (z0 * z0 + z1 * z1),
                                                 .gradient = {-(0.1 * z0 - 0.1 * z1) / det,
                                                              -(0.05 * z0 + 0.2 * z1) / det}}};
        }
        CHECK_OK(tl_theta_marginals(ctx, &theta, &d, e));
        for (int j = 0; j < 2; j++) {
            double sd = hypot(d.axes[j][0], d.axes[j][1]), middle = theta.best.t[j];
            CHECK_NEAR(log(e[j].q50), middle, 0.02 * sd);
            CHECK_NEAR(log(e[j].q025), middle - 1.96 * sd, 0.04 * sd);
            CHECK_NEAR(log(e[j].q975), middle + 1.96 * sd, 0.04 * sd);
            CHECK_NEAR(e[j].mean, exp(middle + 0.5 * sd * sd), 0.01 * e[j].mean);
        }
    }
}

/* An edge of the design that rises outwards (a ridge that the walk along the axes has missed) does not carry the marginals away. */
TEST(rising_edge_keeps_the_marginals_near_the_design)
{
    struct tl_theta_node nodes[49];
    struct tl_theta theta = {.best = {.t = {2.0, -0.3}}};
    struct tl_theta_design d = {
        .nodes = nodes, .n = 49, .axes = {{0.2, 0}, {0, 0.1}}, .spacing = 1};
    struct tl_estimate e[2];
    for (int k = 0; k < 49; k++) {
        double z0 = k / 7 - 3, z1 = k % 7 - 3;
        double slope = z0 == 3 && z1 == 0 ? 6.0 : -z0;
        nodes[k] = (struct tl_theta_node){.z = {z0, z1},
                                          .point = {.value = 100.0 - 0.5 * (z0 * z0 + z1 * z1),
                                                    .gradient = {slope / 0.2, -z1 / 0.1}}};
    }
    CHECK_OK(tl_theta_marginals(ctx, &theta, &d, e));
    CHECK_NEAR(log(e[0].q50), 2.0, 0.1 * 0.2);
    CHECK_NEAR(log(e[0].q975), 2.0 + 1.96 * 0.2, 0.5 * 0.2);
    CHECK_NEAR(log(e[1].q50), -0.3, 0.1 * 0.1);
}
