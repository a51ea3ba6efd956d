/**
 * Conjugate gradients with geometric multigrid for A = Q + W on the lattice, Q = c (a I + l/a)^2 (stencil.h), W diagonal. Matrix-free;
 * vectors in single precision, sums in double; a refinement step with residuals in double where more than about 1e-6 is wanted.
 * Same bits on any number of threads and with any vector instructions of one width rule (docs/rooms/field.md says which).
 */
#ifndef TL_FIELD_MULTIGRID_H
#define TL_FIELD_MULTIGRID_H

#include "field/stencil.h"

struct tl_multigrid;

/** Which vector instructions: chosen at run time; tests try each. */
enum tl_multigrid_isa {
    TL_MULTIGRID_BEST,
    TL_MULTIGRID_PLAIN,
    TL_MULTIGRID_AVX2,
    TL_MULTIGRID_AVX512
};

/** Bytes of a hierarchy with its working vectors for solves of up to k right-hand sides at once. */
int64_t tl_multigrid_bytes(const struct tl_stencil_grid *grid, int k);

TL_MUST_USE tl_err tl_multigrid_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                                       int k_max, enum tl_multigrid_isa isa,
                                       struct tl_multigrid **multigrid);
void tl_multigrid_free(struct tl_multigrid *multigrid);

/** Sets the operator. @param w  borrows until the next set: [n] >= 0, finite */
TL_MUST_USE tl_err tl_multigrid_set(struct tl_ctx *ctx, struct tl_multigrid *multigrid,
                                    struct tl_stencil_q q, const float *w);

struct tl_multigrid_report {
    int iterations;                    /* most of any right-hand side */
    double residual;                   /* |b - A x| / |b|, most of any */
    int64_t bytes_read, bytes_written; /* moved by the kernels (counted, not measured) */
};

/**
 * Solves A x_j = b_j, j < k, to |r| <= tolerance |b|.
 * @param b  [k][n]
 * @param x  [k][n] start in (zeros are fine), solution out
 * Errors: TL_ENUMERIC (not converged in max_iterations: x holds the best so far), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_multigrid_solve(struct tl_ctx *ctx, struct tl_multigrid *multigrid, int k,
                                      const float *const *b, float *const *x, double tolerance,
                                      int max_iterations, struct tl_multigrid_report *report);

/** out = A x, and x' A x when `form` is not NULL. */
void tl_multigrid_apply(struct tl_ctx *ctx, struct tl_multigrid *multigrid, const float *x,
                        float *out, double *form);

/** One application of the preconditioner (symmetric, positive definite): out ~ A^-1 in. For tests. */
void tl_multigrid_precondition(struct tl_ctx *ctx, struct tl_multigrid *multigrid, const float *in,
                               float *out);

#endif
