/**
 * The Gaussian nearest to the posterior of a small piece of a map, range and sigma held, priors of the fixed effects given: where exact sampling
 * (release/chain.c) starts from and what it proposes.
 */
#ifndef TL_FIELD_WINDOW_H
#define TL_FIELD_WINDOW_H

#include "field/factor.h"
#include "tilth/field.h"

enum { TL_WINDOW_DRAWS = 4 }; /* drawn at once */

struct tl_window;

struct tl_window_prior {
    double range_m, sigma;                 /* held */
    double level_mean, level_sd;           /* log density where every covariate is at its centre */
    const double *centres;                 /* borrows: [n_covariates]; NULL = 0 */
    const double *effect_mean, *effect_sd; /* borrows: [n_channels] log-effects; sd 0 = known */
};

/**
 * Finds its mean and precision. Coefficients' priors are those of the input's covariates (sd 0 = held at the mean), channel effects' those of `prior`. No effort at all
 * is fine: then it is the prior.
 * Errors: TL_EDATA (as tl_field_fit), TL_ENOMEM, TL_ENUMERIC, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_window_create(struct tl_ctx *ctx, const struct tl_field_input *input,
                                    const struct tl_window_prior *prior, struct tl_window **window);
void tl_window_free(struct tl_window *window);

/** Mean log density, [n_cells]; cells outside too. */
void tl_window_log_density(const struct tl_window *window, double *log_density);

/** Mean log-effect of a channel. */
double tl_window_effect(const struct tl_window *window, int64_t channel);

/**
 * Expected counts of a channel under the Gaussian, [n_cells], 0 where it observed nothing: w. The Gaussian's precision is that of the prior plus
 * diag(sum of w), and at its mean the prior's gradient is sum of (w - counts).
 */
void tl_window_weight(const struct tl_window *window, int64_t channel, double *weight);

/**
 * Draws from the Gaussian as deviations from its mean.
 * @param      stream  numbers depend on (seed, stream, first + j) alone
 * @param[out] out     [n, n_cells + n_channels]: log density by cell, then the channels' log-effects
 * Errors: TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_window_draw(struct tl_ctx *ctx, struct tl_window *window, uint64_t seed,
                                  uint64_t stream, int64_t first, int64_t n, double *out);

/**
 * out = H^-1 r: how all log densities and effects move when log-intensities of one channel's observations are pulled by r.
 * @param      r    [n_cells], 0 where the channel observed nothing
 * @param[out] out  [n_cells + n_channels]
 */
TL_MUST_USE tl_err tl_window_pull(struct tl_ctx *ctx, struct tl_window *window, int64_t channel,
                                  const double *r, double *out);

#endif
