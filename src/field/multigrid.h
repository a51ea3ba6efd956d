/**
 * Conjugate gradients with geometric multigrid for A = Q + W on the lattice, Q = c (a I + l/a)^2 (stencil.h), W diagonal. Matrix-free;
 * vectors in single precision, sums in double; a refinement step with residuals in double where more than about 1e-6 is wanted.
 * Same bits on any number of threads; the three kinds of vector instructions differ among each other by rounding.
 */
#ifndef TL_FIELD_MULTIGRID_H
#define TL_FIELD_MULTIGRID_H

#include "core/rng.h"
#include "field/stencil.h"

struct tl_multigrid;

/** Which vector instructions: chosen at run time; tests try each. */
enum tl_multigrid_isa {
    TL_MULTIGRID_BEST,
    TL_MULTIGRID_PLAIN,
    TL_MULTIGRID_AVX2,
    TL_MULTIGRID_AVX512
};

/** Bytes of a hierarchy with its working vectors for solves of up to k right-hand sides at once (not the caller's b, x, w). */
int64_t tl_multigrid_bytes(const struct tl_stencil_grid *grid, int k);

/** Errors: TL_ENOMEM, TL_EUSAGE (instructions that this machine or build does not have; no right-hand side or over 1024). */
TL_MUST_USE tl_err tl_multigrid_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                                       int k_max, enum tl_multigrid_isa isa,
                                       struct tl_multigrid **multigrid);
void tl_multigrid_free(struct tl_multigrid *multigrid);

/**
 * Sets the operator.
 * @param w  borrows until the next set: [n] >= 0, at most 1e12 times Q's diagonal
 * Errors: TL_EDATA (a weight that is negative, not finite or too large, a or c that single precision does not hold), TL_ENOMEM,
 * TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_multigrid_set(struct tl_ctx *ctx, struct tl_multigrid *multigrid,
                                    struct tl_stencil_q q, const float *w);

struct tl_multigrid_report {
    int iterations;  /* most of any right-hand side */
    double residual; /* |b - A x| / |b|, most of any: the one that the iteration carries along */
    int64_t bytes_read, bytes_written; /* moved by the kernels (counted, not measured) */
};

/**
 * Solves A x_j = b_j, j < k, to |r| <= tolerance |b|. b = 0 gives x = 0.
 *
 * The residual is the iteration's own. That of the x which is returned is larger by what rounding x to single precision does, up to
 * 6e-8 top |x|, top = c (a + 8/a)^2: nothing beside the posterior's sd, but it can be more than `tolerance |b|` where the range is
 * hundreds of cells. tl_multigrid_refine has no such limit.
 *
 * @param b  [k][n]
 * @param x  [k][n] start in (zeros are fine), solution out; must not overlap b
 * Errors: TL_ENUMERIC (not converged in max_iterations, or not finite: x holds the last), TL_EUSAGE (k, not set), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_multigrid_solve(struct tl_ctx *ctx, struct tl_multigrid *multigrid, int k,
                                      const float *const *b, float *const *x, double tolerance,
                                      int max_iterations, struct tl_multigrid_report *report);

/**
 * The same for one right-hand side in double precision: residuals in double, corrections by solves in single. Where x is so much larger than
 * b (a long range without data) that doubles do not hold an x to `tolerance`, what they hold is enough: |r| <= 2.2e-16 top |x|.
 * @param b  [n]
 * @param x  [n] start in, solution out
 * Errors: as tl_multigrid_solve, and TL_ENOMEM.  Allocates: 4 [n] vectors' worth of floats.
 */
TL_MUST_USE tl_err tl_multigrid_refine(struct tl_ctx *ctx, struct tl_multigrid *multigrid,
                                       const double *b, double *x, double tolerance,
                                       int max_iterations, struct tl_multigrid_report *report);

/** out = A x, and x' A x when `form` is not NULL. `out` must not overlap x. */
void tl_multigrid_apply(struct tl_ctx *ctx, struct tl_multigrid *multigrid, const float *x,
                        float *out, double *form);

/** *form = x' Q x, *drange = x' (dQ / d log range) x, in one pass. (dQ / d log sigma is -2 Q.) */
void tl_multigrid_forms(struct tl_ctx *ctx, struct tl_multigrid *multigrid, const float *x,
                        double *form, double *drange);

/**
 * out = Q^(1/2) z1 + W^(1/2) z2 with standard normals z1, z2 by cell from `rng`: a draw of Normal(0, A), so that A^-1 out
 * is one of the posterior's deviation from its mean. Depends on nothing but rng, the grid and the operator.
 */
void tl_multigrid_draw(struct tl_ctx *ctx, struct tl_multigrid *multigrid, struct tl_rng rng,
                       float *out);

/** The normals of tl_multigrid_draw of cells first..first+n-1 (tests; other draws by cell). */
void tl_multigrid_normals(const struct tl_multigrid *multigrid, struct tl_rng rng, int64_t first,
                          int64_t n, float *z1, float *z2);

/** One application of the preconditioner (symmetric, positive definite): out ~ A^-1 in. For tests. */
void tl_multigrid_precondition(struct tl_ctx *ctx, struct tl_multigrid *multigrid, const float *in,
                               float *out);

/** "plain", "AVX2" or "AVX-512": what runs. */
const char *tl_multigrid_isa_name(const struct tl_multigrid *multigrid);

#endif
