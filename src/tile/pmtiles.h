/**
 * PMTiles 3: tiles of a map in one file with directories of its own, as somebody else has made it. Every offset and length is held against the file
 * and against the section that it belongs to. For any number of threads.
 */
#ifndef TL_TILE_PMTILES_H
#define TL_TILE_PMTILES_H

#include "core/buf.h"

enum { TL_PMTILES_ZOOM_MAX = 26, TL_PMTILES_TILE_MAX = 8 << 20 };

enum tl_pmtiles_type {
    TL_PMTILES_UNKNOWN,
    TL_PMTILES_MVT,
    TL_PMTILES_PNG,
    TL_PMTILES_JPEG,
    TL_PMTILES_WEBP
};

struct tl_pmtiles;

struct tl_pmtiles_facts {
    int min_zoom, max_zoom;
    double box_deg[4]; /* west, south, east, north, as the file says */
};

/** Errors: TL_ENOTFOUND, TL_EDATA (says what), TL_EIO, TL_ENOMEM. Messages name the file, not its folder. */
TL_MUST_USE tl_err tl_pmtiles_open(struct tl_ctx *ctx, const char *path,
                                   struct tl_pmtiles **pmtiles);
void tl_pmtiles_close(struct tl_pmtiles *pmtiles); /* NULL is fine; no call may be under way */

void tl_pmtiles_facts(const struct tl_pmtiles *pmtiles, struct tl_pmtiles_facts *facts);

/** Appends the metadata: JSON, unpacked. Errors: TL_EDATA, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_pmtiles_metadata(struct tl_ctx *ctx, const struct tl_pmtiles *pmtiles,
                                       struct tl_buf *json);

/**
 * Appends a tile's bytes as they are kept. *there is false, and nothing appended, where there is no such tile.
 * Errors: TL_EDATA (damaged directory, tile larger than TL_PMTILES_TILE_MAX), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_pmtiles_tile(struct tl_ctx *ctx, struct tl_pmtiles *pmtiles, int z, int64_t x,
                                   int64_t y, struct tl_buf *bytes, bool *there);

/** The first tile, to see what they are. */
TL_MUST_USE tl_err tl_pmtiles_any(struct tl_ctx *ctx, struct tl_pmtiles *pmtiles,
                                  struct tl_buf *bytes, bool *there);

/** Number of a tile along the Hilbert curves of all zooms, one after the other. 0 <= z <= TL_PMTILES_ZOOM_MAX, x and y within it. */
uint64_t tl_pmtiles_id(int z, int64_t x, int64_t y);

#endif
