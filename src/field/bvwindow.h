/** Filling a batch of windows (bvkernel.h) from a grid's weights and draws. For blockvar.c only. */
#ifndef TL_FIELD_BVWINDOW_H
#define TL_FIELD_BVWINDOW_H

#include "field/bvkernel.h"
#include "field/stencil.h"

enum { TL_BVWINDOW_MODES = 4 };

/** A grid that windows are cut from: the whole lattice or a coarser one of which some rows are at hand. */
struct tl_bvwindow_level {
    struct tl_stencil_grid grid;
    double last_x,
        last_y; /* width of the last column and height of the last row [cells], in (0, 1] */
    struct tl_stencil_q q;
    const float *w; /* borrows: weights of rows from `w_y` on */
    int64_t w_y;
    int n_draws;
    const float *const *draws; /* borrows: rows from `draws_y` on; NULL = all ones */
    int64_t draws_y;
};

/** What the variances of a level have to be multiplied by: the kernel works with a^2/c A. */
double tl_bvwindow_scale(const struct tl_bvwindow_level *level);

/**
 * Fills lane `lane` with the window whose first wanted cell is (x, y); cells outside the grid become unknowns of their own.
 * @param known  couplings (and, without draws, right-hand sides) of a window inside the grid are there already
 */
void tl_bvwindow_fill(const struct tl_bvkernel *kernel, struct tl_bvkernel_work *work, int lane,
                      const struct tl_bvwindow_level *level, int64_t x, int64_t y, bool known);

/** Whether all of a window's cells, and all that they are coupled with, lie inside the grid. */
bool tl_bvwindow_is_inner(const struct tl_bvwindow_level *level, struct tl_bvkernel_shape shape,
                          int64_t x, int64_t y);

/** Number `i` of an array of a batch. */
double tl_bvwindow_get(const struct tl_bvkernel *kernel, const void *array, int64_t i);

#endif
