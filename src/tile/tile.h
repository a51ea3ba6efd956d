/** What the files of this room share: the set of caches, the mercator plane, packing. Not for other rooms. */
#ifndef TL_TILE_TILE_H
#define TL_TILE_TILE_H

#include <pthread.h>

#include "core/buf.h"
#include "core/core.h"
#include "tile/cache.h"
#include "tile/pack.h"
#include "tile/shelf.h"
#include "tilth/tile.h"

/** Where web mercator ends. */
#define TL_TILE_LAT_MAX 85.05112877980659

enum { TL_TILES_PACKS = 8 };

struct tl_tiles {
    struct tl_cache *tiles;      /* owns: finished tiles */
    struct tl_cache *records;    /* owns: decoded records */
    struct tl_cache *blocks;     /* owns: decoded blocks of rasters */
    struct tl_cache *sources;    /* owns: open rasters */
    struct tl_shelf *shelf;      /* owns: finished tiles and rasters on disk; NULL = none */
    int64_t sheet_bytes;         /* that rasters on disk may take together */
    pthread_mutex_t opening;     /* one raster is opened at a time: it is work and memory */
    pthread_mutex_t lock;        /* of what follows */
    struct tl_shelf_state state; /* when a call last looked */
    atomic_bool no_sheets;       /* the disk gave back something else than was written, twice */
    int64_t n_hits, n_read, n_made;
    int n_packs;
    struct tl_pack *packs[TL_TILES_PACKS]; /* owns: not in use now */
    struct tl_chunk *scratch; /* holds: grown arrays for the next one to be filled; NULL = in use */
};

/** What a tile rests on. */
struct tl_tiles_stamp {
    int64_t line;
    int64_t n_replaced; /* how often all was found to be another file's, or changed past the log */
};

/** Looks at the log and gives the stamp of a kind, or of the map (TL_KIND_COUNT). Errors: TL_EIO. */
TL_MUST_USE tl_err tl_tiles_stamp(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                  struct tl_project *project, enum tl_kind kind,
                                  struct tl_tiles_stamp *stamp);

/** The finished tile of a key from memory or disk, if it is there. */
bool tl_tiles_find(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct tl_cache_key *key,
                   struct tl_tile *tile);

/** Makes a finished tile of bytes (copied), keeps it under the key and gives it. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_tiles_keep(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                 const struct tl_cache_key *key, const struct tl_tile *facts,
                                 struct tl_tile *tile);

/** A packer for this thread alone; give it back (NULL is fine). Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_tiles_pack_take(struct tl_ctx *ctx, struct tl_tiles *tiles,
                                      struct tl_pack **pack);
void tl_tiles_pack_give(struct tl_tiles *tiles, struct tl_pack *pack);

/** Longitude and latitude of a point of the plane (the unit square, from the north-west), and back; latitudes are held to the square. */
double tl_tile_lon(double x);
double tl_tile_lat(double y);
double tl_tile_x(double lon_deg);
double tl_tile_y(double lat_deg);

/** Box of a tile and a share of its side around it. */
void tl_tile_box_grown(struct tl_tile_id id, double share, double box_deg[4]);

#endif
