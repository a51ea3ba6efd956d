/**
 * Levels of the multigrid hierarchy: axes coarsened by two with the far edge kept in place, operators discretised anew, weights restricted.
 */
#ifndef TL_FIELD_MGLEVEL_H
#define TL_FIELD_MGLEVEL_H

#include "field/mgkernel.h"

/** Axis of n cells of which the last is `last` wide, with its transfer to half as many. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_mglevel_axis_init(struct tl_ctx *ctx, int64_t n, double last,
                                        struct tl_mgkernel_axis *axis);

/** Cells of the coarser axis, and the width of its last one. */
int64_t tl_mglevel_coarsen(int64_t n, double last, double *last_coarse);

/** A level with room for `k` right-hand sides (the finest keeps its weights and most vectors elsewhere). Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_mglevel_init(struct tl_ctx *ctx, int64_t n_x, double last_x, int64_t n_y,
                                   double last_y, int k, bool coarse,
                                   struct tl_mgkernel_level *level);
void tl_mglevel_fini(struct tl_mgkernel_level *level);

/** Floats from row to row of our own arrays: whole cache lines where rows are long. */
int64_t tl_mglevel_stride(int64_t n_x);

/** Bytes of one level. */
int64_t tl_mglevel_bytes(int64_t n_x, int64_t n_y, int k, bool coarse);

/** Sets a level's operator to c (a + l/a)^2 in its own cells. */
void tl_mglevel_set(struct tl_mgkernel_level *level, double a, double c);

/** Tile number i. */
struct tl_mgkernel_tile tl_mglevel_tile(const struct tl_mgkernel_level *level, int64_t i);

#endif
