#include "unit.h"

#include "field/lattice_fixture.h"

static tl_err both(struct tl_ctx *ctx, double range, struct tl_lattice_data *d,
                   struct tl_lattice_mode *m, struct tl_model_scale *s, struct tl_stage *e)
{
    struct tl_laplace_point point;
    tl_err err = mode_of_world(ctx, range, 1.0, 3, d, m);
    return err != TL_OK ? err : exact_of_world(ctx, range, 1.0, 3, s, e, &point);
}

TEST(mode_and_border_are_the_exact_engines)
{
    const double ranges[] = {3.0, 10.0, 100.0};
    for (int r = 0; r < 3; r++) {
        struct tl_lattice_data d;
        struct tl_lattice_mode m;
        struct tl_model_scale s;
        struct tl_stage e;
        CHECK_OK(simulate_pair(ctx, 50, 36));
        CHECK_OK(both(ctx, ranges[r], &d, &m, &s, &e));
        for (int64_t i = 0; i < m.n; i++)
            CHECK_NEAR((double)m.u[i], e.mode.x[i], 2e-3);
        for (int64_t j = 0; j < m.k; j++) {
            double sd = sqrt(e.mode.inverse_s[j * m.k + j]);
            CHECK_NEAR(m.g[j], e.mode.x[e.mode.n + j], 0.01 * sd);
            for (int64_t i = 0; i < m.k; i++)
                CHECK_NEAR(m.inverse_s[j * m.k + i], e.mode.inverse_s[j * m.k + i],
                           1e-2 * sd * sqrt(e.mode.inverse_s[i * m.k + i]));
        }
        tl_stage_fini(&e);
        tl_model_scale_fini(&s);
        tl_lattice_mode_fini(&m);
        tl_lattice_data_fini(&d);
    }
}

/* From a start that is far off on both sides the line search comes home. */
TEST(a_far_start_does_not_diverge)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(simulate(ctx, 48, 40, -1.0, 4, &world));
    CHECK_OK(mode_of_world(ctx, 8.0, 1.0, 0, &d, &m));
    double objective = m.objective;
    for (int side = -1; side <= 1; side += 2) {
        tl_lattice_mode_start(&m);
        for (int64_t i = 0; i < m.n; i++)
            m.u[i] = (float)(side * (i % 7 == 0 ? 9.0 : 2.0));
        m.g[0] = -1.0 - 4.0 * side;
        CHECK_OK(tl_lattice_mode_find(ctx, &m, m.q, false));
        CHECK_NEAR(m.objective, objective, 1e-3);
    }
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(weights_beyond_single_precision_are_refused)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(simulate(ctx, 20, 20, -1.0, 4, &world));
    CHECK_OK(mode_of_world(ctx, 8.0, 1.0, 0, &d, &m));
    m.g[0] = 90.0;
    CHECK_FAILS(tl_lattice_mode_find(ctx, &m, m.q, false), TL_ENUMERIC, "single precision");
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(weights_over_twelve_orders_converge)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(simulate(ctx, 20, 20, -1.0, 7, &world));
    for (int i = 0; i < 400; i++)
        world.effort[i] = i % 2 ? 1e-6 : 1e6;
    memset(world.counts, 0, sizeof world.counts);
    world.counts[210] = 1e5;
    world.counts[211] = 3.0;
    CHECK_OK(mode_of_world(ctx, 8.0, 2.0, 0, &d, &m));
    CHECK_NEAR((double)m.u[210] + tl_lattice_pass_fixed(&d, m.g, 210), log(0.1), 0.1);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}
