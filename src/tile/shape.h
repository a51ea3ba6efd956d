/** Geometries in tile units: clipped, simplified, rounded; polygons rounded outwards. */
#ifndef TL_TILE_SHAPE_H
#define TL_TILE_SHAPE_H

#include "core/core.h"

/** Which way the boundary of a polygon may move by rounding. */
enum tl_shape_bias { TL_SHAPE_NEAREST, TL_SHAPE_OUTWARDS };

struct tl_shape_path {
    int64_t first, n; /* points in `xy` */
};

/** Scratch and result; zeroed at first, used again and again. */
struct tl_shape {
    int64_t n_xy, xy_room;
    int32_t (*xy)
        [2]; /* owns: the result's points; rings without their closing point, outer ones of positive area, holes negative */
    int64_t n_paths, path_room;
    struct tl_shape_path *paths; /* owns: each outer ring before its holes */
    int64_t room[4];
    double (*scratch[4])[2]; /* owns */
    uint8_t *marks;          /* owns */
    int64_t marks_room;
    int64_t n_by_geos; /* rings that the general way had to make, so far */
};

void tl_shape_fini(struct tl_shape *shape);
void tl_shape_clear(struct tl_shape *shape); /* forgets the result */

/**
 * Adds a polygon: an outer ring and its holes, in tile units, with or without closing points, either way round.
 * With TL_SHAPE_OUTWARDS what is added holds the polygon (as far as it lies in the tile and its buffer) and reaches at most
 * TL_SHAPE_GROWTH units beyond it.
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_shape_polygon(struct tl_ctx *ctx, struct tl_shape *shape,
                                    enum tl_shape_bias bias, const double (*xy)[2],
                                    const struct tl_shape_path *rings, int64_t n_rings);
TL_MUST_USE tl_err tl_shape_polyline(struct tl_ctx *ctx, struct tl_shape *shape,
                                     const double (*xy)[2], int64_t n);
/** A point, if it lies in the tile or its buffer. */
TL_MUST_USE tl_err tl_shape_point(struct tl_ctx *ctx, struct tl_shape *shape, const double xy[2]);

/** How far beyond a polygon its outward rounding may reach, in x and in y [tile units]. */
#define TL_SHAPE_GROWTH 3.0

#endif
