/**
 * The field: posterior of item density on a grid from counts with known search effort. Arrays in, arrays out: no file,
 * no clock, no global; the same seed gives the same bits on any number of threads.
 *
 * Model (docs/rooms/field.md): for cell i and channel c
 *     y_ic ~ Poisson(e_ic exp(eta_i + delta_c)),   eta_i = beta_0 + sum_k beta_k x_ik + u_i,
 * u a Matern field of smoothness 1 with range rho [m] and standard deviation sigma (SPDE precision on the lattice,
 * Neumann edges: Lindgren, Rue, Lindstroem 2011), delta_c ~ Normal(0, s_c^2), penalised-complexity priors on rho and
 * sigma (Fuglstad et al. 2019).
 *
 * Arrays over cells are [n_y * n_x], row by row from the north, each row from the west.
 */
#ifndef TILTH_FIELD_H
#define TILTH_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tl_engine { TL_ENGINE_AUTO, TL_ENGINE_EXACT, TL_ENGINE_LATTICE };

struct tl_lattice_store;

struct tl_field_channel {
    const char *name;     /* borrows */
    const double *counts; /* borrows: [n_cells] items found; >= 0; 0 where effort is 0 */
    /* borrows: [n_cells] effective searched area [m2]; 0 = not searched; >= 0, finite */
    const double *effort;
    double effect_sd; /* s_c of the log-effect delta_c; 0 = the effort's scale is known exactly */
};

struct tl_field_covariate {
    const char *name; /* borrows */
    /* borrows: [n_cells] on its own scale; NaN = unknown there (taken as the mean, with a warning) */
    const double *values;
    double prior_mean; /* of the coefficient on the covariate's own scale */
    double prior_sd;   /* the same; 0 = weak default: 10 per standard deviation of the covariate */
};

struct tl_field_input {
    int64_t n_x, n_y; /* cells from west to east, from north to south; each at least 1 */
    double step_m;    /* side of a cell */
    /* borrows: [n_cells] nonzero = in the area of interest; NULL = all. Cells outside are kept in the lattice as
       unsearched ones and come out as NaN */
    const uint8_t *inside;
    int64_t n_channels;                      /* at least 1 */
    const struct tl_field_channel *channels; /* borrows */
    int64_t n_covariates;
    const struct tl_field_covariate *covariates; /* borrows */
    /* borrows: [n_cells] area [m2] not yet searched, for p_any; NULL = the cell's whole area less the sum of the
       channels' efforts, at least 0 */
    const double *residual;
};

struct tl_field_options {
    enum tl_engine engine;
    /* P(range < range_prior_m) = range_prior_p; 0 = default: 2 cells or 1/50 of the longer side, whichever is
       greater, with p 0.1 */
    double range_prior_m;
    double range_prior_p;
    double sigma_prior; /* P(sigma > sigma_prior) = sigma_prior_p; 0 = default: 2 with p 0.1 */
    double sigma_prior_p;
    /* Of beta_0 on the covariates' own scale [log items/m2]; read when the sd is > 0. sd 0 = default: nearly flat
       around the mean density (docs/rooms/field.md) */
    double intercept_prior_mean;
    double intercept_prior_sd;
    double fixed_range_m; /* > 0: theta is not estimated but held here (both must be given) */
    double fixed_sigma;
    /* Margin of unsearched cells around the grid, so that its edge does not bend the answer; negative = default: one
       range of the posterior's mode, at most a quarter of the longer side; 0 = none */
    double pad_m;
    bool plain_mode;   /* true: leave out the variational correction of the mean (for comparison) */
    int64_t n_samples; /* joint samples of log density to draw */
    uint64_t seed;
    /* Refuse with TL_ENOMEM, saying how much is needed, above this; 0 = what the machine has */
    int64_t memory_bytes;
    /* borrows: where the lattice engine may put what memory does not hold and what lets a stopped fit go on
       (tilth/lattice.h); NULL = nowhere */
    const struct tl_lattice_store *store;
};

/** Posterior of one number. */
struct tl_estimate {
    double mean, sd, q025, q50, q975;
};

struct tl_field_result {
    /* All arrays: owns, [n_cells], NaN outside. */
    double *log_density_mean; /* eta [log items/m2] */
    double *log_density_sd;
    /* exp(eta) [items/m2]; bounded where theta is not held by data (docs/rooms/field.md) */
    double *density_mean;
    double *density_q05;
    double *density_q50;
    double *density_q95;
    double *p_any; /* P(at least one item in the residual area of the cell now) */
    double *field; /* posterior mean of u */
    /* owns: [n_channels, n_cells] share of each channel in `field`: Q^-1 (y_c - expected counts), averaged over theta; they
       add up to `field` */
    double *shares;
    float *samples; /* owns: [n_samples, n_cells] joint draws of eta; NULL when n_samples is 0 */

    struct tl_estimate intercept; /* beta_0 with covariates on their own scale */
    struct tl_estimate
        level; /* log density where every covariate is at its centre; sd 0 = not told */
    double *
        centres; /* owns: [n_covariates] averages of the covariates; NULL = not told (lattice engine) */
    struct tl_estimate *coefficients; /* owns: [n_covariates], on the covariates' own scale */
    struct tl_estimate range_m;
    struct tl_estimate sigma;
    struct tl_estimate *channels; /* owns: [n_channels] log-effects delta_c */
    double log_marginal_likelihood;
    double log_marginal_likelihood_error; /* of the lattice engine's, about; 0 = none to tell */
    /* Monte Carlo error, mean over cells (lattice engine; 0 from the exact one): of the sd and the mean density relative, of
       p_any absolute */
    double mcse_sd_relative, mcse_density_mean_relative, mcse_p_any;
    int64_t n_theta;          /* integration points */
    int64_t n_newton;         /* Newton steps in all */
    int64_t n_factorisations; /* numeric factorisations in all */
    int64_t pad_cells;        /* margin that was used */
    int64_t n_cells;          /* n_x * n_y */
    enum tl_engine engine;    /* the engine that ran */
    int64_t memory_bytes;     /* peak of the engine's own arrays and factors (estimate) */
};

/** Options with every default in place (seed 1, no samples). */
struct tl_field_options tl_field_options_default(void);

/** The engine that a fit will run: as asked for, or, for TL_ENGINE_AUTO, the faster one by the number of cells (where the lattice engine
 * then finds no answer, the exact one is taken, with a warning). */
enum tl_engine tl_field_engine(const struct tl_field_input *input,
                               const struct tl_field_options *options);

/** Whether a fit that the lattice engine ended with `err` is to be taken up by the exact one (auto, and no answer found); warns then. */
bool tl_field_exact_instead(struct tl_ctx *ctx, const struct tl_field_options *options, tl_err err);

/**
 * Bytes that a fit will need.
 * @param      input    only n_x, n_y, n_channels, n_covariates are read
 * @param[out] bytes    estimate, within about a third of the truth
 * Errors: TL_EDATA (no cells).
 */
TL_MUST_USE tl_err tl_field_plan(struct tl_ctx *ctx, const struct tl_field_input *input,
                                 const struct tl_field_options *options, int64_t *bytes);

/**
 * Fits the model.
 * @param      input    see above; checked: a message names channel, row and column of the first offending cell
 * @param      options  NULL = defaults
 * @param[out] result   untouched on error; free with tl_field_result_fini
 * Errors: TL_EDATA (negative or non-finite counts, effort or residual, counts where effort is zero, no searched cell at
 * all, a number out of its range: docs/rooms/field.md), TL_ENOMEM, TL_ENUMERIC (no convergence: says where),
 * TL_ECANCELLED.
 * All counts zero is fine: the posterior says how low the density must be.
 * Collective: yes, uses the context's threads. Allocates: yes. Cost: docs/rooms/field.md.
 */
TL_MUST_USE tl_err tl_field_fit(struct tl_ctx *ctx, const struct tl_field_input *input,
                                const struct tl_field_options *options,
                                struct tl_field_result *result);

void tl_field_result_fini(struct tl_field_result *result);

/** What a map knows already when a window of it is asked about. */
struct tl_field_given {
    double range_m, sigma;
    /* of beta_0 on the covariates' own scale; sd 0 = the window's own default (nearly flat) */
    double intercept_mean, intercept_sd;
    int64_t n_samples;
    uint64_t seed;
};

/**
 * A local answer: the posterior in a window (its own margin included: two ranges are plenty) with range, sigma and the priors of the
 * fixed effects given; those of coefficients and channels stand in `input`. The exact engine up to 20,000 cells, the lattice engine
 * beyond.
 * Errors: those of tl_field_fit.
 * Cost: 128 x 128 cells .1 s, 512 x 512 1 s on one core (docs/rooms/lattice.md).
 */
TL_MUST_USE tl_err tl_field_local(struct tl_ctx *ctx, const struct tl_field_input *input,
                                  const struct tl_field_given *given,
                                  struct tl_field_result *result);

/**
 * One draw of the prior field u (mean 0) with the lattice's own precision, for simulation.
 * @param[out] u  [n_y * n_x]
 * Errors: TL_EDATA (range or sigma not positive, no cells), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_field_draw_prior(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, double step_m,
                                       double range_m, double sigma, uint64_t seed, double *u);

#ifdef __cplusplus
}
#endif
#endif
