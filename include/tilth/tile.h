/**
 * Tiles of web maps, made on the fly: rasters as PNG, records as Mapbox vector tiles (MVT 2.1). Web mercator, XYZ: column x counts
 * from 180 W eastwards, row y from the north (85.05 N) southwards.
 *
 * One `tl_tiles` serves all threads of a server; each call takes the calling thread's own project handle. Tiles are kept until
 * something that they show changes in the file, by whomever: every call looks at the log's last line.
 */
#ifndef TILTH_TILE_H
#define TILTH_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TL_TILE_PIXELS = 256,  /* side of a raster tile */
    TL_TILE_EXTENT = 4096, /* units to the side of a vector tile */
    TL_TILE_BUFFER = 64,   /* units beyond its edge that a vector tile still holds */
    TL_TILE_ZOOM_MAX = 22,
    TL_TILE_ETAG_BYTES = 40
};

struct tl_tile_id {
    int z;        /* 0 to TL_TILE_ZOOM_MAX */
    int64_t x, y; /* 0 to 2^z - 1 */
};

/** Checks what came from outside. Errors: TL_ENOTFOUND (no such tile: says which limit). */
TL_MUST_USE tl_err tl_tile_check(struct tl_ctx *ctx, int64_t z, int64_t x, int64_t y,
                                 struct tl_tile_id *id);

/** West, south, east, north of a tile, without its buffer. */
void tl_tile_box(struct tl_tile_id id, double box_deg[4]);

/** A finished tile. Its bytes stay until it is released, by any thread, also when the cache has dropped it. */
struct tl_tile {
    const void *bytes; /* borrows: `hold` */
    int64_t n_bytes;
    bool is_empty; /* nothing is drawn: a transparent PNG; no bytes of a vector tile (answer 204) */
    bool is_gzip;  /* to be sent with Content-Encoding: gzip */
    char etag[TL_TILE_ETAG_BYTES]; /* of the content, without quotes */
    void *hold;
};
void tl_tile_release(struct tl_tile *tile); /* fine twice, and on a zeroed one */

struct tl_tiles;

/** Bounds; 0 = the default. */
struct tl_tiles_options {
    int64_t tile_bytes;   /* finished tiles; 16 MiB */
    int64_t record_bytes; /* decoded records; 48 MiB */
    int64_t
        raster_bytes; /* decoded blocks of rasters; 16 MiB (overviews of open rasters beside: 24 MiB, without a disk 192) */
    /**
     * Path of the project: finished tiles and copies of large rasters are kept on disk too, in the folder PROJECT.tiles (mode 0700, for it holds what the
     * project holds), so that a server that is started again need not make them anew. It may be removed at any time; whatever in it is not exactly
     * what was put there is made anew; all of it is forgotten when the project was written to by somebody that nobody watched. Where the
     * folder cannot be made or another server uses it, there is none. NULL = in memory only.
     */
    const char *project;
    int64_t shelf_bytes; /* finished tiles on disk; 256 MiB */
    int64_t sheet_bytes; /* copies of rasters on disk; 2 GiB, and half of what is free at most */
};

/** @param options  NULL = defaults. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_tiles_create(struct tl_ctx *ctx, const struct tl_tiles_options *options,
                                   struct tl_tiles **tiles);
void tl_tiles_free(struct tl_tiles *tiles); /* NULL is fine; tiles that are held outlive it */

struct tl_tiles_counts {
    int64_t n_hits, n_read, n_made;                 /* tiles from memory, from disk, made */
    int64_t shelf_bytes;                            /* tiles on disk */
    int64_t tile_bytes, record_bytes, raster_bytes; /* held now */
};
void tl_tiles_counts(struct tl_tiles *tiles, struct tl_tiles_counts *counts);

/** Forgets all, on disk too. */
void tl_tiles_clear(struct tl_tiles *tiles);

/* Rasters. */

enum tl_tile_scale {
    TL_TILE_VIRIDIS,
    TL_TILE_CIVIDIS,
    TL_TILE_MAGMA,
    TL_TILE_GREY,
    TL_TILE_SCALE_COUNT
};
enum tl_tile_classes { TL_TILE_LINEAR, TL_TILE_LOG, TL_TILE_QUANTILE, TL_TILE_CLASSES_COUNT };

/** Names as in addresses ("viridis", "linear"); NULL past the last. */
const char *tl_tile_scale_name(enum tl_tile_scale scale);
const char *tl_tile_classes_name(enum tl_tile_classes classes);
/** Errors: TL_EUSAGE (lists the names). */
TL_MUST_USE tl_err tl_tile_scale_find(struct tl_ctx *ctx, const char *name,
                                      enum tl_tile_scale *scale);
TL_MUST_USE tl_err tl_tile_classes_find(struct tl_ctx *ctx, const char *name,
                                        enum tl_tile_classes *classes);

struct tl_tile_style {
    enum tl_tile_scale scale;
    enum tl_tile_classes classes;
    double min, max; /* NaN = the band's own range (of a log scale: at most six decades) */
};

/** A raster: a band of the project's latest map, or, where `path` is given, of a file that GDAL reads (its system must be known). */
struct tl_tile_raster {
    const char *band; /* borrows: name; NULL with a path: the first */
    const char *path; /* borrows: NULL = the project's map */
};

/**
 * A raster tile: PNG with a palette, transparent where there is no data. A cell is drawn where it lies to an eighth of a pixel; where
 * cells are smaller than pixels the largest value of those that a pixel stands for is drawn, so that a hot cell never disappears.
 * Errors: TL_ENOTFOUND (no map yet, no such band or file), TL_EUSAGE (min not below max; log without a positive range),
 * TL_EDATA, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_tiles_raster(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                   struct tl_project *project, const struct tl_tile_raster *raster,
                                   const struct tl_tile_style *style, struct tl_tile_id id,
                                   struct tl_tile *tile);

/** Legend: {"schema": "tilth.legend/1", band, title, unit, scale, classes, min, max, stops: [{value, colour}]}. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_tiles_legend(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                   struct tl_project *project, const struct tl_tile_raster *raster,
                                   const struct tl_tile_style *style, char **json);

/**
 * Bands of the latest map: JSON array of {name, title, unit, min, max, quantiles: [5, 25, 50, 75, 95 %], log: whether its range suits a
 * log scale, scales: [..], classes: [..]}; "[]" without a map. owns: the caller, tl_free.
 */
TL_MUST_USE tl_err tl_tiles_bands(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                  struct tl_project *project, char **json);

/* Records. */

/** A kind's records; MVT layer of the kind's name ("hazard-area"), properties `code` and the kind's columns that people filter and read by. */
struct tl_tile_layer {
    enum tl_kind kind;
    bool
        is_public; /* hazardous areas only, with code, name, classification and status only; other kinds are TL_EDENIED */
};

/**
 * A vector tile, gzip. A hazardous area is never drawn smaller than it is: boundaries are rounded outwards, by less than three units
 * (of 4096). Points that fall together at low zooms become one with a property `n`.
 * Errors: TL_EDENIED, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_tiles_vector(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                   struct tl_project *project, const struct tl_tile_layer *layer,
                                   struct tl_tile_id id, struct tl_tile *tile);

/** JSON array of {kind, layer, title, geometry, count, columns: [{name, type, choices, meaning}]} of the columns in tiles. owns: the caller. */
TL_MUST_USE tl_err tl_tiles_layers(struct tl_ctx *ctx, struct tl_project *project, bool is_public,
                                   char **json);

#ifdef __cplusplus
}
#endif
#endif
