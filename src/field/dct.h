/** Cosine transform of a lattice, the eigenvectors of the prior's precision; dense, by matrix products. */
#ifndef TL_FIELD_DCT_H
#define TL_FIELD_DCT_H

#include "field/stencil.h"

struct tl_dct {
    struct tl_stencil_grid grid;
    double *c_x,
        *c_y; /* owns: [n_x * n_x], [n_y * n_y] orthonormal, row = frequency; c_y is c_x in a square */
    double *half; /* owns: [n] scratch */
};

TL_MUST_USE tl_err tl_dct_init(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                               struct tl_dct *dct);
void tl_dct_fini(struct tl_dct *dct);

/** data := C data C' (to_frequencies) or back; row by row. Cost: 2 n (n_x + n_y) multiplications and additions. */
void tl_dct_transform(struct tl_ctx *ctx, struct tl_dct *dct, bool to_frequencies, double *data);

/** Multiplies frequency (j, k) by the eigenvalue of Q to the given power (-1, -1/2). */
void tl_dct_scale(const struct tl_dct *dct, struct tl_stencil_q q, double power, double *data);

#endif
