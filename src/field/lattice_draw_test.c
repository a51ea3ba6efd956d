#include "unit.h"

#include "field/lattice_fixture.h"

/* Mean over draws of x_i^2 and x_i x_j against the exact factor's variance and a solve. */
TEST(draws_have_the_inverses_covariance)
{
    enum { DRAWS = 600 };
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    struct tl_model_scale s;
    struct tl_stage e;
    struct tl_laplace_point point;
    CHECK_OK(simulate(ctx, 24, 20, -0.5, 4, &world));
    CHECK_OK(mode_of_world(ctx, 6.0, 1.0, 0, &d, &m));
    CHECK_OK(exact_of_world(ctx, 6.0, 1.0, 0, &s, &e, &point));
    double *square = tl_alloc(ctx, 3 * m.n, sizeof *square), *cross = square + m.n;
    double *column = cross + m.n;
    float *x[2] = {tl_alloc(ctx, m.n, 4), tl_alloc(ctx, m.n, 4)};
    for (int at = 0; at < DRAWS; at += 2) {
        const int64_t number[2] = {at, at + 1};
        CHECK_OK(tl_lattice_draw(ctx, &m, 9, number, 2, 1e-5, x));
        for (int j = 0; j < 2; j++)
            for (int64_t i = 0; i < m.n; i++) {
                square[i] += (double)x[j][i] * (double)x[j][i] / DRAWS;
                cross[i] += (double)x[j][i] * (double)x[j][250] / DRAWS;
            }
    }
    column[250] = 1.0;
    CHECK_OK(tl_factor_solve(ctx, &e.factor, 1, column, column));
    double ratio = 0.0;
    for (int64_t i = 0; i < m.n; i++) {
        ratio += square[i] / e.mode.variance[i] / (double)m.n;
        double scale = sqrt(e.mode.variance[i] * e.mode.variance[250]);
        CHECK_NEAR(cross[i], column[i], 6.0 * scale / sqrt((double)DRAWS));
    }
    CHECK_NEAR(ratio, 1.0, 0.03);
    tl_free(square);
    tl_free(x[0]);
    tl_free(x[1]);
    tl_stage_fini(&e);
    tl_model_scale_fini(&s);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(a_draw_depends_on_seed_and_number_alone)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(simulate(ctx, 24, 20, -0.5, 4, &world));
    CHECK_OK(mode_of_world(ctx, 6.0, 1.0, 0, &d, &m));
    float *x[3];
    for (int j = 0; j < 3; j++)
        x[j] = tl_alloc(ctx, m.n, 4);
    const int64_t number[2] = {7, 8}, one = 8;
    CHECK_OK(tl_lattice_draw(ctx, &m, 9, number, 2, 1e-6, x));
    CHECK_OK(tl_lattice_draw(ctx, &m, 9, &one, 1, 1e-6, x + 2));
    for (int64_t i = 0; i < m.n; i++)
        CHECK_NEAR((double)x[1][i], (double)x[2][i], 1e-4);
    CHECK_OK(tl_lattice_draw(ctx, &m, 10, &one, 1, 1e-6, x + 2));
    CHECK(fabsf(x[1][100] - x[2][100]) > 1e-3F);
    for (int j = 0; j < 3; j++)
        tl_free(x[j]);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(fixed_effects_have_the_schur_complements_inverse_as_covariance)
{
    enum { DRAWS = 20000 };
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    double sum[16] = {0}, draw[4];
    CHECK_OK(simulate_pair(ctx, 24, 20));
    CHECK_OK(mode_of_world(ctx, 6.0, 1.0, 0, &d, &m));
    for (int64_t k = 0; k < DRAWS; k++) {
        tl_lattice_draw_fixed(&m, 3, k, draw);
        for (int i = 0; i < 16; i++)
            sum[i] += draw[i / 4] * draw[i % 4] / DRAWS;
    }
    for (int i = 0; i < 16; i++)
        CHECK_NEAR(sum[i], m.inverse_s[i],
                   0.04 * sqrt(m.inverse_s[i / 4 * 5] * m.inverse_s[i % 4 * 5]));
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}
