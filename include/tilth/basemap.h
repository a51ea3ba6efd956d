/**
 * A base map from a file: MBTiles or PMTiles with pictures (PNG, JPEG, WebP) or vector tiles. What a tile is follows from its bytes, and never from what the
 * file says about itself. Borders and names are the file's, disputed ones too: nothing here mends them.
 */
#ifndef TILTH_BASEMAP_H
#define TILTH_BASEMAP_H

#include "tilth/tile.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tl_basemap_format {
    TL_BASEMAP_PNG,
    TL_BASEMAP_JPEG,
    TL_BASEMAP_WEBP,
    TL_BASEMAP_MVT,
    TL_BASEMAP_FORMATS
};

/** "png", "jpg", "webp", "mvt"; NULL past the last. */
const char *tl_basemap_format_name(enum tl_basemap_format format);
/** "image/png" ... */
const char *tl_basemap_format_type(enum tl_basemap_format format);

struct tl_basemap;

/**
 * Opens a base map; looks at a first tile. One for all threads.
 * @param path  PMTiles or MBTiles, told apart by the file's first bytes
 * Errors: TL_ENOTFOUND, TL_EDATA (no such file, no tiles, tiles of an unknown kind: says what), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_basemap_open(struct tl_ctx *ctx, const char *path,
                                   struct tl_basemap **basemap);
void tl_basemap_close(struct tl_basemap *basemap); /* NULL is fine; no call may be under way */

/**
 * {"name", "format", "minzoom", "maxzoom", "bounds": [w, s, e, n], "attribution": text without markup, "layers": names of the vector layers}.
 * owns: the caller, tl_free. Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_basemap_json(struct tl_ctx *ctx, const struct tl_basemap *basemap,
                                   char **json);

/** A tile; `bytes` is NULL where there is none. */
struct tl_basemap_tile {
    void *bytes; /* owns: tl_free */
    int64_t n_bytes;
    enum tl_basemap_format format;
    bool is_gzip;                  /* to be sent with Content-Encoding: gzip */
    char etag[TL_TILE_ETAG_BYTES]; /* of the content, without quotes */
};

/**
 * A tile of a base map; *tile untouched on error.
 * Errors: TL_EDATA (damaged; no picture and no vector tile; a picture among vector tiles), TL_EIO, TL_ENOMEM. Messages name the file, not its folder.
 */
TL_MUST_USE tl_err tl_basemap_tile(struct tl_ctx *ctx, struct tl_basemap *basemap,
                                   struct tl_tile_id id, struct tl_basemap_tile *tile);

#ifdef __cplusplus
}
#endif
#endif
