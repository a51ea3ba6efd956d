/** Where a raster's values come from: the project's latest map, or a file, both with overviews that hold the largest value of 4 cells. */
#ifndef TL_TILE_SOURCE_H
#define TL_TILE_SOURCE_H

#include "geo/raster_blocks.h"
#include "tile/scale.h"
#include "tile/sheet.h"
#include "tile/tile.h"
#include "tilth/crs.h"

enum { TL_SOURCE_LEVELS = 33, TL_SOURCE_MAPS = 8, TL_SOURCE_NAME = 96 };

/** Level k: a value is the largest of 2^k by 2^k cells. */
struct tl_source_level {
    int64_t n_x, n_y;
    float *values; /* owns; NULL = by blocks of the sheet, of the file or of the project's map */
};

struct tl_source {
    struct tl_cache_thing thing;
    uint8_t id[TL_HASH_ID_BYTES]; /* of what the file or map holds */
    struct tl_grid grid;
    char *crs;                                                  /* owns */
    char band[TL_SOURCE_NAME], title[TL_SOURCE_NAME], unit[32]; /* of values as shown */
    double factor;                                              /* from stored values to these */
    int n_levels,
        n_below; /* levels below n_below are read by blocks: of the sheet where there is one, else of the file or the map */
    struct tl_source_level levels[TL_SOURCE_LEVELS];
    struct tl_spread range;
    double box_deg[4]; /* holds it; the whole world where that is not known */
    struct tl_raster_blocks
        *file;              /* owns; NULL = the project's map, or not needed beside the sheet */
    struct tl_sheet *sheet; /* owns; NULL = none */
    atomic_bool is_torn;    /* the sheet is not what was written: look for the source anew */
    pthread_mutex_t lock;   /* of file and maps */
    int n_maps;
    struct tl_crs_map *maps
        [TL_SOURCE_MAPS]; /* owns: from longitude, latitude to the grid's system; not in use now */
};

/** The source of a raster, from the cache where it is there; drop its thing. Errors: as tl_tiles_raster. */
TL_MUST_USE tl_err tl_source_get(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                 struct tl_project *project, const struct tl_tile_raster *raster,
                                 struct tl_source **source);

/** A transformation for this thread alone; give it back. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_source_map_take(struct tl_ctx *ctx, struct tl_source *source,
                                      struct tl_crs_map **map);
void tl_source_map_give(struct tl_source *source, struct tl_crs_map *map);

/** A part of a level. */
struct tl_source_window {
    int64_t x, y, n_x, n_y; /* cells of the level */
    const float *values;    /* borrows: value of the north-west cell */
    int64_t stride;         /* cells to the next row */
    float *own;             /* owns; NULL = the source's memory */
};

/**
 * @param project  the caller's handle, of a source that is the project's map; else not looked at
 * @param window  x, y, n_x, n_y given, within the level; the rest is filled.
 * Errors: TL_EIO, TL_ENOMEM; TL_EINTEGRITY: what is on disk is damaged and was removed, get the source again.
 */
TL_MUST_USE tl_err tl_source_window_read(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                         struct tl_project *project, struct tl_source *source,
                                         int level, struct tl_source_window *window);
void tl_source_window_fini(struct tl_source_window *window);

/** Range of a band of the project's latest map, in the unit shown; nothing of the band is read. Errors: TL_ENOTFOUND, TL_EIO. */
TL_MUST_USE tl_err tl_source_range(struct tl_ctx *ctx, struct tl_project *project, const char *band,
                                   double factor, struct tl_spread *range);

/** Words and unit of a band's name, and the factor to it. */
void tl_source_describe(const char *band, char title[TL_SOURCE_NAME], char unit[32],
                        double *factor);

#endif
