/**
 * Mode of the latent field and the fixed effects for given range and sigma, and the Gaussian at it.
 *
 * Latent: u on the lattice, g = (intercept, coefficients, channel effects). Log-intensity of an observation is
 * u + z'g. The Hessian is bordered, H = [A B; B' D], A = Q + W sparse, D small and dense: with V = A^-1 B and
 * S = D - B'V, everything about H comes from A's factor and S.
 */
#ifndef TL_FIELD_MODE_H
#define TL_FIELD_MODE_H

#include "field/factor.h"
#include "field/model.h"

struct tl_mode {
    const struct tl_model *model; /* borrows */
    struct tl_factor *factor;     /* borrows */
    struct tl_stencil_q q;
    int64_t n, k;      /* cells, fixed effects */
    double *x;         /* owns: [n + k] u, then g */
    double *w;         /* owns: [n] weights */
    double *b, *v;     /* owns: [n * k] B, A^-1 B */
    double *d, *s;     /* owns: [k * k] D; Cholesky factor of S (lower) */
    double *inverse_s; /* owns: [k * k] */
    double *mean;      /* owns: [n_obs] e exp(.) */
    double *half;      /* owns: [n_obs] half of the variance held in the variational step, else 0 */
    double *z;         /* owns: [k] row of an observation */
    double *gradient, *step, *try_x; /* owns: [n + k] */
    double *scratch;                 /* owns: [n] */
    double *cg[3];                   /* owns: [n + k] */
    double *variance;                /* owns: [n] diagonal of A^-1 (not of H^-1) */
    double *obs_variance;            /* owns: [n_obs] variance of the log-intensity */
    double logdet_s;
    double trace_l, trace_l2; /* of A^-1 */
    double decrement;         /* of the last Newton step */
    int64_t n_newton;
    int64_t bytes;
};

TL_MUST_USE tl_err tl_mode_init(struct tl_ctx *ctx, const struct tl_model *model,
                                struct tl_factor *factor, struct tl_mode *mode);
void tl_mode_fini(struct tl_mode *mode);

/** Where a search starts that knows nothing: u = 0, the mean density. */
void tl_mode_start(struct tl_mode *mode);

/**
 * Newton from mode->x to the mode. The factor is left at the point before the last step (mode->step), which is so
 * short that a first-order correction does. Errors: TL_ENUMERIC (no convergence), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_mode_find(struct tl_ctx *ctx, struct tl_mode *mode, struct tl_stencil_q q);

/** Minus log of likelihood times prior at mode->x, without constants. */
double tl_mode_objective(struct tl_mode *mode, const double *x);

/** Variances of the cells (A^-1) and of the observations' log-intensities (H^-1). Errors: TL_ECANCELLED. */
TL_MUST_USE tl_err tl_mode_variances(struct tl_ctx *ctx, struct tl_mode *mode);

/** out = H^-1 in by the factor, [n + k] each; may be the same. */
TL_MUST_USE tl_err tl_mode_solve(struct tl_ctx *ctx, struct tl_mode *mode, const double *in,
                                 double *out);

/** Variance of u_i + z'g, z [k]. */
double tl_mode_variance_of(const struct tl_mode *mode, int64_t cell, const double *z);

/**
 * Variational correction of the mean (van Niekerk, Rue 2021): variances held, mode->x moved to the maximum with weights
 * e exp(. + v/2), by conjugate gradients on the factor at hand. Errors: TL_ENUMERIC, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_mode_correct(struct tl_ctx *ctx, struct tl_mode *mode);

/** Factor at mode->x with the weights of now, which the variational step's held variances enter. Errors: TL_ENUMERIC, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_mode_refactor(struct tl_ctx *ctx, struct tl_mode *mode);

/**
 * Cholesky of a small matrix s [k * k] in place (lower, row by row) and its inverse; *logdet of the matrix, may be NULL. Errors:
 * TL_ENUMERIC (not positive definite: says which fixed effect cannot be told from the others; *logdet untouched).
 */
TL_MUST_USE tl_err tl_mode_invert(struct tl_ctx *ctx, int64_t k, double *s, double *inverse,
                                  double *logdet);

/** Row of the fixed effects of an observation: 1, covariates, channel. */
void tl_mode_row(const struct tl_mode *mode, int64_t cell, int32_t channel, double *z);

#endif
