/** Nested dissection of a rectangle for a stencil that reaches two cells: separators two cells wide. */
#ifndef TL_FIELD_DISSECT_H
#define TL_FIELD_DISSECT_H

#include "field/stencil.h"

/** order[k] = the cell that is eliminated k-th. [grid->n] Allocates: no. Cost: O(n). */
void tl_dissect_order(const struct tl_stencil_grid *grid, int32_t *order);

#endif
