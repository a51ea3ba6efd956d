/*
 * The order is known from geometry: halve the longer side, the two middle lines last (George 1973). It takes no time,
 * where a general graph partitioner needs about as long as several factorisations, and gives no more fill (figures in docs/rooms/field.md).
 */
#include "field/dissect.h"

/* Below this many cells a block is eliminated as it stands; the supernodes then have a size that BLAS likes. */
enum { LEAF_CELLS = 30 };

struct box {
    int64_t x0, x1, y0, y1;
};

static int64_t number_box(const struct tl_stencil_grid *grid, struct box b, int32_t *order,
                          int64_t at)
{
    for (int64_t y = b.y0; y < b.y1; y++)
        for (int64_t x = b.x0; x < b.x1; x++)
            order[at++] = (int32_t)(y * grid->n_x + x);
    return at;
}

static int64_t dissect(const struct tl_stencil_grid *grid, struct box b, int32_t *order, int64_t at)
{
    int64_t w = b.x1 - b.x0, h = b.y1 - b.y0;
    if (w * h <= LEAF_CELLS || (w < 5 && h < 5))
        return number_box(grid, b, order, at);
    struct box first = b, second = b, middle = b;
    if (w >= h) {
        first.x1 = middle.x0 = b.x0 + (w - 2) / 2;
        middle.x1 = second.x0 = middle.x0 + 2;
    } else {
        first.y1 = middle.y0 = b.y0 + (h - 2) / 2;
        middle.y1 = second.y0 = middle.y0 + 2;
    }
    at = dissect(grid, first, order, at);
    at = dissect(grid, second, order, at);
    return number_box(grid, middle, order, at);
}

void tl_dissect_order(const struct tl_stencil_grid *grid, int32_t *order)
{
    dissect(grid, (struct box){0, grid->n_x, 0, grid->n_y}, order, 0);
}
