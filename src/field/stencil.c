/*
 * Precision of the Matern field of smoothness 1 on a lattice (Lindgren, Rue, Lindstroem 2011). Everything is kept in
 * units of the cell: h^2 tau^2 (kappa^2 + L)^2 with tau^2 = 1/(4 pi kappa^2 sigma^2) is c (a + l/a)^2, and
 *     dQ/d log range = -dQ/d log a = 2 c (l^2/a^2 - a^2),   dQ/d log sigma = -2 Q.
 */
#include "field/stencil.h"

#include <math.h>

#define PI 3.14159265358979323846

struct tl_stencil_q tl_stencil_q_of(double step_m, double range_m, double sigma)
{
    struct tl_stencil_q q = {.a = sqrt(8.0) * step_m / range_m};
    q.c = 1.0 / (4.0 * PI * sigma * sigma);
    return q;
}

struct tl_stencil_grid tl_stencil_grid_of(int64_t n_x, int64_t n_y)
{
    return (struct tl_stencil_grid){n_x, n_y, n_x * n_y};
}

static int neighbours(const struct tl_stencil_grid *grid, int64_t cell, int64_t out[4])
{
    int64_t x = cell % grid->n_x;
    int n = 0;
    if (cell >= grid->n_x)
        out[n++] = cell - grid->n_x;
    if (x > 0)
        out[n++] = cell - 1;
    if (x + 1 < grid->n_x)
        out[n++] = cell + 1;
    if (cell + grid->n_x < grid->n)
        out[n++] = cell + grid->n_x;
    return n;
}

static void add_entry(struct tl_stencil_row *row, int64_t cell, int l, int l2)
{
    int k = 0;
    while (k < row->n && row->cell[k] != cell)
        k++;
    if (k == row->n) {
        row->cell[row->n++] = cell;
        row->l[k] = row->l2[k] = 0;
    }
    row->l[k] = (int8_t)(row->l[k] + l);
    row->l2[k] = (int8_t)(row->l2[k] + l2);
}

void tl_stencil_row_of(const struct tl_stencil_grid *grid, int64_t cell, struct tl_stencil_row *row)
{
    int64_t near[4], far[4];
    int n_near = neighbours(grid, cell, near);
    row->n = 0;
    add_entry(row, cell, n_near, n_near * n_near);
    for (int k = 0; k < n_near; k++) {
        int n_far = neighbours(grid, near[k], far);
        add_entry(row, near[k], -1, -n_near - n_far);
        for (int m = 0; m < n_far; m++)
            add_entry(row, far[m], 0, 1);
    }
}

void tl_stencil_laplace(const struct tl_stencil_grid *grid, const double *u, double *out)
{
    int64_t n_x = grid->n_x, n_y = grid->n_y;
    for (int64_t y = 0; y < n_y; y++) {
        const double *row = u + y * n_x;
        /* At the edge the missing neighbour is the cell itself. */
        const double *up = y > 0 ? row - n_x : row, *down = y + 1 < n_y ? row + n_x : row;
        double *o = out + y * n_x;
        for (int64_t x = 0; x < n_x; x++)
            o[x] = (row[x] - up[x]) + (row[x] - down[x]);
        for (int64_t x = 0; x + 1 < n_x; x++) {
            double d = row[x] - row[x + 1];
            o[x] += d;
            o[x + 1] -= d;
        }
    }
}

void tl_stencil_apply(const struct tl_stencil_grid *grid, struct tl_stencil_q q, const double *u,
                      double *scratch, double *out)
{
    tl_stencil_laplace(grid, u, scratch);
    for (int64_t i = 0; i < grid->n; i++)
        scratch[i] = q.c * (q.a * u[i] + scratch[i] / q.a);
    tl_stencil_laplace(grid, scratch, out);
    for (int64_t i = 0; i < grid->n; i++)
        out[i] = q.a * scratch[i] + out[i] / q.a;
}

void tl_stencil_apply_drange(const struct tl_stencil_grid *grid, struct tl_stencil_q q,
                             const double *u, double *scratch, double *out)
{
    tl_stencil_laplace(grid, u, scratch);
    tl_stencil_laplace(grid, scratch, out);
    for (int64_t i = 0; i < grid->n; i++)
        out[i] = 2.0 * q.c * (out[i] / (q.a * q.a) - q.a * q.a * u[i]);
}

double tl_stencil_form(const struct tl_stencil_grid *grid, struct tl_stencil_q q, const double *u,
                       double *scratch)
{
    double sum = 0.0;
    tl_stencil_laplace(grid, u, scratch);
    for (int64_t i = 0; i < grid->n; i++) {
        double root = q.a * u[i] + scratch[i] / q.a;
        sum += root * root;
    }
    return q.c * sum;
}

double tl_stencil_eigenvalue(int64_t k, int64_t n)
{
    double s = sin(PI * (double)k / (2.0 * (double)n));
    return 4.0 * s * s;
}

double tl_stencil_logdet(const struct tl_stencil_grid *grid, struct tl_stencil_q q, double *drange)
{
    double logs = 0.0, ratio = 0.0;
    for (int64_t j = 0; j < grid->n_y; j++) {
        double ey = tl_stencil_eigenvalue(j, grid->n_y), product = 1.0;
        for (int64_t k = 0; k < grid->n_x; k++) {
            double e = ey + tl_stencil_eigenvalue(k, grid->n_x);
            double root = q.a + e / q.a;
            ratio += (q.a - e / q.a) / root;
            /* One logarithm for many factors; 8/a + a is below 1e6, so 32 of them stay in range. */
            product *= root;
            if (k % 32 == 31) {
                logs += log(product);
                product = 1.0;
            }
        }
        logs += log(product);
    }
    if (drange != NULL)
        *drange = -2.0 * ratio;
    return (double)grid->n * log(q.c) + 2.0 * logs;
}
