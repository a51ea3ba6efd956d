/** The coarsest level, solved exactly: a band Cholesky factor in double precision. */
#ifndef TL_FIELD_MGDIRECT_H
#define TL_FIELD_MGDIRECT_H

#include "field/mgkernel.h"

struct tl_mgdirect {
    int64_t n, band;
    bool across;    /* cells are numbered along y first */
    double *factor; /* owns: [n][band + 1], the diagonal last */
};

/** Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_mgdirect_init(struct tl_ctx *ctx, const struct tl_mgkernel_level *level,
                                    struct tl_mgdirect *direct);
/** Bytes of a factor of so many cells, with the solves' working vectors. */
int64_t tl_mgdirect_bytes(int64_t n_x, int64_t n_y, int k);

void tl_mgdirect_fini(struct tl_mgdirect *direct);

/** Factors the level's A. Errors: TL_ENUMERIC (not positive definite). */
TL_MUST_USE tl_err tl_mgdirect_set(struct tl_ctx *ctx, const struct tl_mgkernel_level *level,
                                   struct tl_mgdirect *direct);

/** e = A^-1 b, both [n_y][stride]; `work` [n]. */
void tl_mgdirect_solve(const struct tl_mgdirect *direct, const struct tl_mgkernel_level *level,
                       const float *b, float *e, double *work);

#endif
