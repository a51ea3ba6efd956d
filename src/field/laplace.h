/** Laplace approximation of log p(theta | y), theta = (log range [m], log sigma), and its gradient. */
#ifndef TL_FIELD_LAPLACE_H
#define TL_FIELD_LAPLACE_H

#include "field/mode.h"

/** Penalised-complexity prior (Fuglstad et al. 2019, d = 2, smoothness 1). */
struct tl_laplace_prior {
    double lambda_range; /* -log(p) rho_0 [m] */
    double lambda_sigma; /* -log(p) / sigma_0 */
};

/** Log prior density of (log range, log sigma) and its gradient. */
double tl_laplace_log_prior(const struct tl_laplace_prior *prior, const double t[2],
                            double gradient[2]);

struct tl_laplace_point {
    double t[2];
    double value; /* log of likelihood times priors, in the scale of log range and log sigma */
    double gradient[2];
};

struct tl_laplace {
    struct tl_mode *mode; /* borrows */
    struct tl_laplace_prior prior;
    double *slope[2]; /* owns: [n + k] derivative of the mode by theta at the last point */
    double *weight;   /* owns: [n + k] */
    double *centre_x, *centre_slope[2]; /* owns: a mode to extrapolate from */
    double centre_t[2];
    bool has_centre;
    int64_t bytes;
};

TL_MUST_USE tl_err tl_laplace_init(struct tl_ctx *ctx, struct tl_mode *mode,
                                   struct tl_laplace_prior prior, struct tl_laplace *laplace);
void tl_laplace_fini(struct tl_laplace *laplace);

/**
 * Value and gradient at t, from mode->x or, where there is a centre, from the centre's mode extrapolated.
 * Leaves mode at the mode, with variances. Errors: TL_ENUMERIC, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_laplace_at(struct tl_ctx *ctx, struct tl_laplace *laplace, const double t[2],
                                 struct tl_laplace_point *point);

/** Only the mode and its factor at t. Errors: TL_ENUMERIC, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_laplace_mode_at(struct tl_ctx *ctx, struct tl_laplace *laplace,
                                      const double t[2]);

/** Later points start from the mode of now (at `t`) and its slopes. */
void tl_laplace_set_centre(struct tl_laplace *laplace, const double t[2]);

struct tl_stencil_q tl_laplace_q(const struct tl_laplace *laplace, const double t[2]);

#endif
