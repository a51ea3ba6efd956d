/** One lattice of a fit, coarse or full: its data, plan, factor, mode and Laplace approximation. */
#ifndef TL_FIELD_STAGE_H
#define TL_FIELD_STAGE_H

#include "field/theta.h"

struct tl_stage {
    int64_t coarse, pad;
    struct tl_model model;
    struct tl_factor_plan *plan;
    struct tl_factor factor;
    struct tl_mode mode;
    struct tl_laplace laplace;
    int64_t bytes;
};

/** Memory and data; the members point at each other, so a stage must not be moved. */
TL_MUST_USE tl_err tl_stage_init(struct tl_ctx *ctx, const struct tl_field_input *input,
                                 const struct tl_model_scale *scale, struct tl_laplace_prior prior,
                                 int64_t coarse, int64_t pad, int64_t max_rhs,
                                 struct tl_stage *stage);
void tl_stage_fini(struct tl_stage *stage);

/** The mode's field at a point given in the stage's cells, bilinear between centres, the edge continued. */
double tl_stage_value(const struct tl_stage *from, double x, double y);

/** Starts the finer stage's search from the coarser one's mode. */
void tl_stage_warm_start(const struct tl_stage *from, struct tl_stage *to);

/** Bytes a stage of this many cells needs (estimate; see docs/rooms/field.md). */
int64_t tl_stage_bytes(int64_t n_x, int64_t n_y, int64_t n_channels, int64_t n_covariates,
                       int64_t max_rhs);

#endif
