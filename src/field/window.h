/**
 * The Gaussian nearest to the posterior of a small piece of a map, range and sigma held, priors of the fixed effects given: where exact sampling
 * (release/chain.c) starts from and what it proposes.
 */
#ifndef TL_FIELD_WINDOW_H
#define TL_FIELD_WINDOW_H

#include "field/window_kernel.h"
#include "tilth/field.h"

enum { TL_WINDOW_DRAWS = TL_WINDOW_KERNEL_LANES }; /* drawn at once */

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
 * @param like  borrows, for as long as the new one lives: a window of the same grid whose mean is a good start; NULL = none
 * Errors: TL_EDATA (as tl_field_fit), TL_ENOMEM, TL_ENUMERIC, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_window_create(struct tl_ctx *ctx, const struct tl_field_input *input,
                                    const struct tl_window_prior *prior,
                                    const struct tl_window *like, struct tl_window **window);
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

/** Numbers that tl_window_draw needs to work in. */
int64_t tl_window_work(const struct tl_window *window);

/**
 * TL_WINDOW_DRAWS draws from the Gaussian as deviations from its mean. One thread; several may draw at once, each with work of its own. Allocates: no.
 * @param      stream  numbers depend on (seed, stream, first + j) alone
 * @param      work    [tl_window_work]
 * @param[out] out     [TL_WINDOW_DRAWS, n_cells + n_channels]: log density by cell, then the channels' log-effects
 */
void tl_window_draw(const struct tl_window *window, uint64_t seed, uint64_t stream, int64_t first,
                    double *work, double *out);

/**
 * out = H^-1 r: how all log densities and effects move when log-intensities of one channel's observations are pulled by r.
 * @param      r    [n_cells], 0 where the channel observed nothing
 * @param[out] out  [n_cells + n_channels]
 */
TL_MUST_USE tl_err tl_window_pull(struct tl_ctx *ctx, struct tl_window *window, int64_t channel,
                                  const double *r, double *out);

#endif
