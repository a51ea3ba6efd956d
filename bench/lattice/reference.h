/**
 * The solver's method written plainly: one array operation after another, each over the whole level. Same levels, smoother, roots and
 * transfers as field/multigrid.h, so the same residuals to rounding: what it costs when every intermediate goes through memory.
 */
#ifndef TL_BENCH_LATTICE_REFERENCE_H
#define TL_BENCH_LATTICE_REFERENCE_H

#include "field/stencil.h"

struct reference;

struct reference *reference_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid);
void reference_free(struct reference *r);

/** @param w  borrows: [n] */
tl_err reference_set(struct reference *r, struct tl_stencil_q q, const float *w);

struct reference_report {
    int iterations;
    double residual;    /* |b - A x| / |b| as the iteration carries it */
    int64_t bytes;      /* read and written by the array operations, counted as the triad's are */
    double history[64]; /* residual after each iteration */
};

/** Solves A x = b from x = 0 to `tolerance`, or as far as `most` iterations go. */
void reference_solve(struct reference *r, const float *b, float *x, double tolerance, int most,
                     struct reference_report *report);

#endif
