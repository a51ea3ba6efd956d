/**
 * MBTiles 1.3: tiles of a map in an SQLite file that somebody else has made. Nothing in it is trusted: it is opened for reading, its views may only select,
 * and a query that does not end is cut. For any number of threads.
 */
#ifndef TL_STORE_MBTILES_H
#define TL_STORE_MBTILES_H

#include "core/buf.h"

enum { TL_MBTILES_ZOOM_MAX = 30, TL_MBTILES_TILE_MAX = 8 << 20, TL_MBTILES_QUERY_S = 3 };

struct tl_mbtiles;

/** Errors: TL_ENOTFOUND, TL_EDATA (no SQLite file, or one without tiles), TL_EIO, TL_ENOMEM. Messages name the file, not its folder. */
TL_MUST_USE tl_err tl_mbtiles_open(struct tl_ctx *ctx, const char *path,
                                   struct tl_mbtiles **mbtiles);
void tl_mbtiles_close(struct tl_mbtiles *mbtiles); /* NULL is fine; no call may be under way */

/** A value of the table metadata, UTF-8; NULL where there is none. owns: the caller, tl_free. Errors: TL_EDATA, TL_EIO. */
TL_MUST_USE tl_err tl_mbtiles_metadata(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles,
                                       const char *name, char **value);

/** Lowest and highest zoom that has tiles. Errors: TL_EDATA (none, or takes too long), TL_EIO. */
TL_MUST_USE tl_err tl_mbtiles_zooms(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, int *min,
                                    int *max);

/**
 * Appends a tile's bytes as they are kept; y counts from the north. *there is false, and nothing appended, where there is no such tile.
 * Errors: TL_EDATA (damaged, larger than TL_MBTILES_TILE_MAX, takes too long), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_mbtiles_tile(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, int z, int64_t x,
                                   int64_t y, struct tl_buf *bytes, bool *there);

/** Any one tile, to see what they are. */
TL_MUST_USE tl_err tl_mbtiles_any(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles,
                                  struct tl_buf *bytes, bool *there);

#endif
