#include "unit.h"

#include "field/lattice_fixture.h"

/* A state that is no mode: every sum has something in it. */
static tl_err some_state(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, int64_t pad,
                         struct tl_lattice_data *d, struct tl_lattice_mode *m)
{
    struct tl_rng rng = tl_rng_make(5, 5);
    tl_err err = TL_OK;
    TL_TRY(simulate_pair(ctx, n_x, n_y));
    TL_TRY(read_world(ctx, tl_field_options_default(), d));
    tl_lattice_data_set_pad(d, pad);
    TL_TRY(tl_lattice_mode_init(ctx, d, 2, m));
    m->q = tl_stencil_q_of(1.0, 7.0, 0.9);
    for (int64_t i = 0; i < m->n; i++)
        m->u[i] = (float)(0.3 * tl_rng_normal(rng, (uint64_t)i));
    for (int64_t j = 0; j < m->k; j++) {
        m->g[j] = j == 0 ? -1.5 : 0.1 * (double)j;
        for (int64_t i = 0; i < m->n; i++)
            m->v[j][i] = (float)tl_rng_normal(rng, (uint64_t)(m->n * (j + 1) + i));
    }
done:
    return err;
}

/* Against the exact engine's own assembly (its gradient is what a step from there solves with). */
TEST(objective_and_gradient_match_differences)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(some_state(ctx, 40, 23, 3, &d, &m));
    CHECK_OK(tl_lattice_pass_assemble(ctx, &m));
    const int64_t cells[] = {0, 150, 46 * 10 + 20, m.n - 1};
    double gradient[4], gradient_g[4], w = (double)m.w[46 * 10 + 20];
    for (int k = 0; k < 4; k++) {
        gradient[k] = (double)m.gradient[cells[k]];
        gradient_g[k] = m.gradient_g[k];
    }
    for (int k = 0; k < 4; k++) {
        double value[2];
        float kept = m.u[cells[k]];
        for (int side = 0; side < 2; side++) {
            m.u[cells[k]] = kept + (side == 0 ? -0x1p-9F : 0x1p-9F);
            CHECK_OK(tl_lattice_pass_assemble(ctx, &m));
            value[side] = m.objective;
        }
        m.u[cells[k]] = kept;
        CHECK_NEAR((value[1] - value[0]) * 256.0, gradient[k], 1e-4 * (1.0 + fabs(gradient[k])));
        double g = m.g[k];
        for (int side = 0; side < 2; side++) {
            m.g[k] = g + (side == 0 ? -1e-4 : 1e-4);
            CHECK_OK(tl_lattice_pass_assemble(ctx, &m));
            value[side] = m.objective;
        }
        m.g[k] = g;
        CHECK_NEAR((value[1] - value[0]) * 5e3, gradient_g[k], 1e-4 * (1.0 + fabs(gradient_g[k])));
    }
    CHECK(w >= 0.0);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(border_is_the_columns_times_v)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    CHECK_OK(some_state(ctx, 33, 20, 2, &d, &m));
    CHECK_OK(tl_lattice_pass_assemble(ctx, &m));
    tl_lattice_pass_border(ctx, &m);
    for (int64_t j = 0; j < m.k; j++) {
        tl_lattice_pass_column(ctx, &m, j, m.b[0]);
        for (int64_t i = 0; i < m.k; i++) {
            double dot = tl_lattice_pass_dot(ctx, m.n, m.b[0], m.v[i]);
            CHECK_NEAR(m.border[j * m.k + i], dot, 1e-5 * (1.0 + fabs(dot)));
        }
    }
    /* D is B's own products: its corner is the sum of the weights and the prior's precision. */
    tl_lattice_pass_column(ctx, &m, 0, m.b[0]);
    double sum = 0.0;
    for (int64_t i = 0; i < m.n; i++)
        sum += (double)m.b[0][i];
    CHECK_NEAR(m.d[0], sum + d.scale.prior_prec[0], 1e-5 * sum);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(forms_and_slopes_are_the_stencils)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    float *slope[2];
    double forms[2], form;
    CHECK_OK(some_state(ctx, 60, 33, 0, &d, &m));
    double *u = tl_alloc(ctx, 3 * m.n, sizeof *u), *scratch = u + m.n, *out = scratch + m.n;
    slope[0] = m.b[0];
    slope[1] = m.b[1];
    for (int64_t i = 0; i < m.n; i++)
        u[i] = (double)m.u[i];
    form = tl_stencil_form(&d.grid, m.q, u, scratch);
    tl_lattice_pass_forms(ctx, &m, m.u, m.u, NULL, forms);
    CHECK_NEAR(m.q.c * forms[0], form, 1e-9 * form);
    tl_lattice_pass_slopes(ctx, &m, slope);
    tl_stencil_apply_drange(&d.grid, m.q, u, scratch, out);
    for (int64_t i = 0; i < m.n; i++)
        CHECK_NEAR((double)slope[0][i], out[i], 1e-4 * (1.0 + fabs(out[i])));
    tl_stencil_apply(&d.grid, m.q, u, scratch, out);
    for (int64_t i = 0; i < m.n; i++)
        CHECK_NEAR((double)slope[1][i], -2.0 * out[i], 1e-4 * (1.0 + fabs(out[i])));
    double range = 2.0 * m.q.c * (forms[0] - 2.0 * m.q.a * forms[1]);
    double check = 0.0;
    for (int64_t i = 0; i < m.n; i++)
        check += (double)slope[0][i] * u[i];
    CHECK_NEAR(range, check, 1e-5 * fabs(check));
    tl_free(u);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

/* Tiles meet without a seam: the same on a lattice of one tile and on one of many. */
TEST(tiles_cover_every_cell_once)
{
    const int64_t shapes[][2] = {{1, 1}, {512, 64}, {513, 65}, {1500, 3}, {3, 1500}};
    for (int k = 0; k < 5; k++) {
        struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[k][0], shapes[k][1]);
        int64_t n = 0;
        for (int64_t t = 0; t < tl_lattice_pass_tiles(&grid); t++) {
            struct tl_lattice_tile tile = tl_lattice_pass_tile(&grid, t);
            CHECK(tile.x0 < tile.x1 && tile.y0 < tile.y1);
            CHECK(tile.x1 <= grid.n_x && tile.y1 <= grid.n_y);
            n += (tile.x1 - tile.x0) * (tile.y1 - tile.y0);
        }
        CHECK(n == grid.n);
    }
}
