/**
 * The lattice and the prior precision on it. With l the 5-point Laplacian of unit step (Neumann edges) and
 * a = kappa h, kappa = sqrt(8)/range, the precision of model.md is, free of units,
 *     Q = c (a I + l/a)^2,   c = 1 / (4 pi sigma^2).
 */
#ifndef TL_FIELD_STENCIL_H
#define TL_FIELD_STENCIL_H

#include "core/core.h"

struct tl_stencil_grid {
    int64_t n_x, n_y;
    int64_t n; /* n_x * n_y */
};

struct tl_stencil_q {
    double a, c;
};

enum { TL_STENCIL_POINTS = 13 };

/** One row of l and of l^2: cells, and both operators' whole-number entries. */
struct tl_stencil_row {
    int n;
    int64_t cell[TL_STENCIL_POINTS];
    int8_t l[TL_STENCIL_POINTS], l2[TL_STENCIL_POINTS];
};

struct tl_stencil_q tl_stencil_q_of(double step_m, double range_m, double sigma);
struct tl_stencil_grid tl_stencil_grid_of(int64_t n_x, int64_t n_y);

/** Row of a cell; every entry of l^2's pattern once, in no particular order. */
void tl_stencil_row_of(const struct tl_stencil_grid *grid, int64_t cell,
                       struct tl_stencil_row *row);

/** out = l u. */
void tl_stencil_laplace(const struct tl_stencil_grid *grid, const double *u, double *out);

/** out = Q u; `scratch` [n]. */
void tl_stencil_apply(const struct tl_stencil_grid *grid, struct tl_stencil_q q, const double *u,
                      double *scratch, double *out);

/** out = (dQ / d log range) u; `scratch` [n]. (dQ / d log sigma is -2 Q.) */
void tl_stencil_apply_drange(const struct tl_stencil_grid *grid, struct tl_stencil_q q,
                             const double *u, double *scratch, double *out);

/** u' Q u; `scratch` [n]. */
double tl_stencil_form(const struct tl_stencil_grid *grid, struct tl_stencil_q q, const double *u,
                       double *scratch);

/** log |Q| in closed form (cosines are the eigenvectors); *drange is its derivative by log range, may be NULL. */
double tl_stencil_logdet(const struct tl_stencil_grid *grid, struct tl_stencil_q q, double *drange);

/** Eigenvalue number k of the one-dimensional operator on n cells: 4 sin^2(pi k / 2n). */
double tl_stencil_eigenvalue(int64_t k, int64_t n);

#endif
