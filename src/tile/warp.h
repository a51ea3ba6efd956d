/** Which cell of a grid each pixel of a tile looks at. */
#ifndef TL_TILE_WARP_H
#define TL_TILE_WARP_H

#include "tile/tile.h"
#include "tilth/crs.h"

enum { TL_WARP_SIZE_MAX = 64 }; /* of a patch */

/** A square of pixels over which the position in the grid is bilinear between its corners. */
struct tl_warp_patch {
    int u, v, size; /* pixels [u, u + size) by [v, v + size) */
    double col[4],
        row[4]; /* at its corners NW, NE, SW, SE, in cells from the grid's north-west corner; NaN = nowhere */
};

struct tl_warp {
    int64_t n, n_room;
    struct tl_warp_patch *patches; /* owns */
    double
        need; /* a square of this many cells a side holds the centre of a pixel wherever it lies; 0 = no patches */
};

/**
 * Patches of the pixels that meet a box of longitudes and latitudes; their positions are wrong by less than an eighth of a pixel.
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_warp_make(struct tl_ctx *ctx, struct tl_tile_id id, const double box_deg[4],
                                const struct tl_grid *grid, struct tl_crs_map *map,
                                struct tl_warp *warp);
void tl_warp_fini(struct tl_warp *warp);

/** Pixels [first, end) of a tile, in both directions, that meet a box or lie within two pixels of it; false when none does. */
bool tl_warp_pixels(struct tl_tile_id id, const double box_deg[4], int first[2], int end[2]);

#endif
