/** The data of a fit on one lattice: padded, coarsened, covariates standardised, observations in one list. */
#ifndef TL_FIELD_MODEL_H
#define TL_FIELD_MODEL_H

#include "field/stencil.h"
#include "tilth/field.h"

/** What does not depend on the lattice: scales of the covariates and priors of the fixed effects. */
struct tl_model_scale {
    int64_t n_cov, n_channels,
        n_fixed; /* n_fixed: intercept, coefficients, channel effects that are not known */
    double *cov_mean, *cov_sd;       /* owns: [n_cov] */
    double *prior_mean, *prior_prec; /* owns: [n_fixed], on the standardised scale */
    int32_t *effect; /* owns: [n_channels] index among the fixed effects, -1 = no effect */
    double total_count, total_effort;
};

struct tl_model {
    const struct tl_model_scale *scale; /* borrows */
    struct tl_stencil_grid grid;        /* padded */
    double step_m;
    int64_t pad;            /* cells of margin */
    int64_t n_x, n_y;       /* without the margin */
    int64_t n_obs;          /* searched cells, times channels */
    int32_t *cell;          /* owns: [n_obs] cell of the padded lattice */
    int32_t *channel;       /* owns: [n_obs] */
    double *count, *effort; /* owns: [n_obs] */
    double *x;       /* owns: [n_cov * grid.n] standardised; 0 where unknown and in the margin */
    double constant; /* sum of y log e - log y! */
};

/** Checks the input as field.h says. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_model_check(struct tl_ctx *ctx, const struct tl_field_input *input,
                                  const struct tl_field_options *options);

/** The part of tl_model_check that looks at options alone. */
TL_MUST_USE tl_err tl_model_check_options(struct tl_ctx *ctx,
                                          const struct tl_field_options *options, double step_m);

TL_MUST_USE tl_err tl_model_scale_init(struct tl_ctx *ctx, const struct tl_field_input *input,
                                       const struct tl_field_options *options,
                                       struct tl_model_scale *scale);
/** The parts of tl_model_scale_init, for whoever reads the data by rows: memory and channel effects; one covariate; the intercept. */
TL_MUST_USE tl_err tl_model_scale_alloc(struct tl_ctx *ctx, int64_t n_channels,
                                        const struct tl_field_channel *channels, int64_t n_cov,
                                        struct tl_model_scale *scale);
TL_MUST_USE tl_err tl_model_scale_covariate(struct tl_ctx *ctx,
                                            const struct tl_field_covariate *cov, int64_t k,
                                            double mean, double sd, double unknown,
                                            struct tl_model_scale *scale);
void tl_model_scale_intercept(const struct tl_field_options *options,
                              const struct tl_field_covariate *covariates,
                              struct tl_model_scale *scale);
void tl_model_scale_fini(struct tl_model_scale *scale);

/** Data on blocks of `coarse` x `coarse` cells with a margin of `pad` such blocks. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_model_init(struct tl_ctx *ctx, const struct tl_field_input *input,
                                 const struct tl_model_scale *scale, int64_t coarse, int64_t pad,
                                 struct tl_model *model);
void tl_model_fini(struct tl_model *model);

/** Cell of the padded lattice for a cell (column, row) of the unpadded one. */
int64_t tl_model_cell(const struct tl_model *model, int64_t x, int64_t y);

#endif
