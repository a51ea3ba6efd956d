/** A band by blocks of its file, in single precision: for readers that come back for another part again and again. */
#ifndef TL_GEO_RASTER_BLOCKS_H
#define TL_GEO_RASTER_BLOCKS_H

#include "core/core.h"
#include "tilth/raster.h"

struct tl_raster_blocks;

/**
 * @param name  a band's description or number; NULL = the first
 * Errors: as tl_raster_read; TL_ENOTFOUND (no band of that name).
 */
TL_MUST_USE tl_err tl_raster_blocks_open(struct tl_ctx *ctx, const char *path, const char *name,
                                         struct tl_raster_blocks **blocks);
void tl_raster_blocks_close(struct tl_raster_blocks *blocks); /* NULL is fine */

/** Grid and system (`values` is NULL). Valid until closed. */
const struct tl_raster *tl_raster_blocks_raster(const struct tl_raster_blocks *blocks);

/** Description of the band, "" when it has none. */
const char *tl_raster_blocks_name(const struct tl_raster_blocks *blocks);

/** Cells of a block, west to east and north to south: whole blocks of the file, so that none is decoded twice. */
void tl_raster_blocks_size(const struct tl_raster_blocks *blocks, int64_t *n_x, int64_t *n_y);

/**
 * Block (bx, by), counted from the north-west. By one thread at a time; GDAL's own copies are dropped.
 * @param[out] values  [n_y * n_x] of a whole block; NaN where there is no data and beyond the raster
 * Errors: TL_EIO, TL_EDATA (no such block), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_raster_blocks_read(struct tl_ctx *ctx, struct tl_raster_blocks *blocks,
                                         int64_t bx, int64_t by, float *values);

#endif
