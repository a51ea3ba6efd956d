/** Records of a kind around a square of the plane, decoded: what tiles are made from. */
#ifndef TL_TILE_CHUNK_H
#define TL_TILE_CHUNK_H

#include "geo/geom.h"
#include "tile/shape.h"
#include "tile/tile.h"

enum { TL_CHUNK_CODE = 255, TL_CHUNK_ZOOMS = 4, TL_CHUNK_TEXT_MAX = 200 };

struct tl_chunk_record {
    int64_t id;
    double box[4]; /* on the plane: west, north, east, south */
    int64_t first_path, n_paths;
    int64_t props,
        n_props; /* bytes in `props`: column (1 byte), length (2 bytes), a value's message; and so on */
    enum tl_geom_kind kind;
    uint32_t group; /* hash of the columns by which people tell records apart: those of choices */
};

struct tl_chunk_path {
    int64_t first, n; /* points */
    bool is_hole;
    enum tl_geom_kind kind;
};

struct tl_chunk {
    struct tl_cache_thing thing;
    int64_t n_records, n_paths, n_xy;
    int64_t record_room, path_room, xy_room;
    struct tl_chunk_record *records; /* owns */
    struct tl_chunk_path *paths;     /* owns */
    double (*xy)[2];                 /* owns: on the plane, the unit square */
    struct tl_buf props;
    bool is_too_large; /* and empty: look at a smaller square */
};

/**
 * The chunk that holds all records that a tile shows; drop its thing. Of one square there is one chunk for all tiles of up to TL_CHUNK_ZOOMS
 * zooms within it, as long as it is not larger than a share of the cache; a chunk that is_too_large says that the tile's own square is.
 */
TL_MUST_USE tl_err tl_chunk_get(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                struct tl_project *project, enum tl_kind kind,
                                const struct tl_tiles_stamp *stamp, struct tl_tile_id id,
                                struct tl_chunk **chunk);

/** Takes a portion of a square's records; it is the caller's again afterwards. */
typedef tl_err (*tl_chunk_fn)(struct tl_ctx *ctx, const struct tl_chunk *chunk, void *user);

/** All records that a tile shows, by portions; nothing is kept. Errors: those of `each`, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_chunk_each(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                 struct tl_project *project, enum tl_kind kind,
                                 struct tl_tile_id id, tl_chunk_fn each, void *user);

/** Whether a column of a kind goes into tiles. */
bool tl_chunk_has_column(enum tl_kind kind, int column);

#endif
