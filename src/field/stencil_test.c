#include "unit.h"

#include "core/rng.h"
#include "field/stencil.h"

enum { N_X = 9, N_Y = 5, N = N_X * N_Y };

static const struct tl_stencil_grid grid = {N_X, N_Y, N};

/* Rows of l and l^2 against applying l once and twice to unit vectors. */
TEST(rows_are_those_of_the_operator_and_its_square)
{
    double unit[N], l[N], l2[N];
    for (int64_t i = 0; i < N; i++) {
        struct tl_stencil_row row;
        memset(unit, 0, sizeof unit);
        unit[i] = 1.0;
        tl_stencil_laplace(&grid, unit, l);
        tl_stencil_laplace(&grid, l, l2);
        tl_stencil_row_of(&grid, i, &row);
        for (int k = 0; k < row.n; k++) {
            CHECK(l[row.cell[k]] == row.l[k] && l2[row.cell[k]] == row.l2[k]);
            l[row.cell[k]] = l2[row.cell[k]] = 0.0;
        }
        for (int64_t j = 0; j < N; j++)
            CHECK(l[j] == 0.0 && l2[j] == 0.0);
    }
}

TEST(a_constant_feels_only_kappa)
{
    struct tl_stencil_q q = tl_stencil_q_of(3.0, 20.0, 0.9);
    double one[N], out[N], scratch[N];
    for (int i = 0; i < N; i++)
        one[i] = 1.0;
    tl_stencil_apply(&grid, q, one, scratch, out);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(out[i], q.c * q.a * q.a, 1e-15);
    /* h^2 tau^2 kappa^4 in metres is the same number. */
    double kappa2 = 8.0 / 400.0, tau2 = 1.0 / (4.0 * 3.14159265358979 * kappa2 * 0.81);
    CHECK_NEAR(out[0], 9.0 * tau2 * kappa2 * kappa2, 1e-13);
}

TEST(form_and_derivative_agree_with_the_operator)
{
    double u[N], out[N], scratch[N], slope[N], step = 1e-6;
    tl_rng_normals(tl_rng_make(1, 1), 0, N, u);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 6.0, 1.2);
    tl_stencil_apply(&grid, q, u, scratch, out);
    tl_stencil_apply_drange(&grid, q, u, scratch, slope);
    double form = 0.0, along = 0.0;
    for (int i = 0; i < N; i++) {
        form += u[i] * out[i];
        along += u[i] * slope[i];
    }
    CHECK_NEAR(tl_stencil_form(&grid, q, u, scratch), form, 1e-12 * form);
    double up = tl_stencil_form(&grid, tl_stencil_q_of(1.0, 6.0 * exp(step), 1.2), u, scratch);
    double down = tl_stencil_form(&grid, tl_stencil_q_of(1.0, 6.0 * exp(-step), 1.2), u, scratch);
    CHECK_NEAR(along, (up - down) / (2.0 * step), 1e-6 * fabs(along));
}
