/** What is kept of each integration point, and the results made of them. */
#ifndef TL_FIELD_POSTERIOR_H
#define TL_FIELD_POSTERIOR_H

#include "field/mixture.h"
#include "field/stage.h"

struct tl_posterior {
    const struct tl_field_input *input; /* borrows */
    struct tl_stage *stage;             /* borrows */
    bool plain_mode;
    int64_t n_cells, n; /* cells of the input; nodes so far */
    double *mean[TL_THETA_NODES_MAX],
        *sd[TL_THETA_NODES_MAX]; /* owns: [n_cells] of eta at a node */
    /* owns: [k] mean of the fixed effects, then [k * k] their covariance */
    double *fixed[TL_THETA_NODES_MAX];
    /* owns: [n_obs] expected counts; only with several channels */
    double *fitted[TL_THETA_NODES_MAX];
    double weight[TL_THETA_NODES_MAX];
    int64_t bytes;
};

/** tl_theta_visit: keeps the node. */
TL_MUST_USE tl_err tl_posterior_visit(struct tl_ctx *ctx, void *posterior,
                                      const struct tl_theta_node *node, int64_t index);

/** Arrays over cells except the samples. Errors: TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_posterior_cells(struct tl_ctx *ctx, struct tl_posterior *posterior,
                                      const struct tl_theta_design *design,
                                      struct tl_field_result *result);

/** Intercept, coefficients, channels. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_posterior_fixed(struct tl_ctx *ctx, struct tl_posterior *posterior,
                                      struct tl_field_result *result);

/** Joint samples. Errors: TL_ENOMEM, TL_ENUMERIC, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_posterior_sample(struct tl_ctx *ctx, struct tl_posterior *posterior,
                                       const struct tl_theta_design *design, int64_t n_samples,
                                       uint64_t seed, float *samples);

void tl_posterior_fini(struct tl_posterior *posterior);

#endif
