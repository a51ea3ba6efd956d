/** Polygons in units of the grid, and their edges cut at the borders of cells: what the exact cover is made of. */
#ifndef TL_GEO_COVER_EDGES_H
#define TL_GEO_COVER_EDGES_H

#include "core/core.h"
#include "tilth/grid.h"

/** Rings in grid units: u columns from the west, v rows from the north; shells and holes oriented, interior consistent. */
struct tl_cover_shape {
    int64_t n_rings;
    int64_t *first; /* owns: [n_rings + 1] first point of a ring; the closing point is repeated */
    double *uv;     /* owns: [n_points][2] */
    double v_min, v_max; /* of all points; v_min > v_max when there is none */
};

/** Errors: TL_EDATA (not a polygon, not finite, cannot be repaired), TL_ENOMEM. */
TL_MUST_USE tl_err tl_cover_shape_init(struct tl_ctx *ctx, const struct tl_grid *grid,
                                       const void *wkb, int64_t wkb_bytes,
                                       struct tl_cover_shape *shape);
void tl_cover_shape_fini(struct tl_cover_shape *shape);

/**
 * Part of an edge within one cell, from its upper to its lower end, in units of the cell from its north-west corner.
 * sign +1: the polygon lies to the east of it, -1: to the west.
 */
struct tl_cover_piece {
    int64_t cell; /* counted from the first cell of the walk's first row */
    double u0, v0, u1, v1;
    int32_t sign;
    int32_t serial; /* makes the order of pieces of one cell the same everywhere */
};

struct tl_cover_pieces {
    struct tl_cover_piece *items; /* owns */
    int64_t n, room;
};

/**
 * Pieces of a shape's edges in rows [row_first, row_end), ordered by cell. What lies west of the grid becomes pieces along its
 * west edge; what lies east of it is left out: neither changes any area inside. Horizontal parts have no pieces.
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_cover_walk(struct tl_ctx *ctx, const struct tl_cover_shape *shape,
                                 int64_t n_x, int64_t row_first, int64_t row_end,
                                 struct tl_cover_pieces *pieces);

/** Area of the cell that the piece adds (share of a cell), and what it adds to every cell further east. */
static inline double tl_cover_piece_own(const struct tl_cover_piece *p)
{
    return (double)p->sign * (p->v1 - p->v0) * (1.0 - 0.5 * (p->u0 + p->u1));
}

static inline double tl_cover_piece_east(const struct tl_cover_piece *p)
{
    return (double)p->sign * (p->v1 - p->v0);
}

#endif
