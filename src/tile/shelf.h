/**
 * Finished tiles on disk, in a folder beside the project (PROJECT.tiles): what a server that was started again reads instead of making it anew.
 *
 * The folder may be removed at any time and holds nothing that cannot be made again. It is read only when the project's file is, to the
 * system's clock and number of the file, the one that was last looked at while the folder was in use; else everything in it is forgotten. Where it
 * cannot be made (a folder that may only be read) or another server has it, there is none, and that is no error.
 */
#ifndef TL_TILE_SHELF_H
#define TL_TILE_SHELF_H

#include "tile/cache.h"
#include "tilth/project.h"
#include "tilth/tile.h"

/** How a file looks from outside: changes with every write, by whatever program. Zeros: there is none. */
struct tl_shelf_look {
    uint64_t device, inode, size, changed_ns, touched_ns;
    uint64_t wal_size, wal_changed_ns; /* of the journal of another program beside it */
};
void tl_shelf_look_at(const char *path, struct tl_shelf_look *look);
bool tl_shelf_look_same(const struct tl_shelf_look *a, const struct tl_shelf_look *b);

/** What tiles rest on: see tl_tiles. */
struct tl_shelf_state {
    struct tl_shelf_look look;
    int64_t last_line;                          /* of the log; -1 = nothing is known */
    int64_t kind_line[TL_KIND_COUNT], map_line; /* at which each was last seen to have changed */
    int64_t n_replaced;                         /* times that all had to be forgotten */
};

struct tl_shelf;

/**
 * @param project    path of the project's file
 * @param max_bytes  of tiles; rasters have their own bound (sheet.h)
 * @param state      what the shelf's tiles rest on, if they are still good, else with last_line = -1; as it was where there is no shelf
 * @param shelf      NULL where there can be none
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_shelf_open(struct tl_ctx *ctx, const char *project, int64_t max_bytes,
                                 struct tl_shelf_state *state, struct tl_shelf **shelf);
void tl_shelf_close(struct tl_shelf *shelf); /* NULL is fine */

/** Notes what tiles rest on from now on; before any tile that rests on it is put. */
void tl_shelf_note(struct tl_shelf *shelf, const struct tl_shelf_state *state);

/** Empties the folder, and notes. */
void tl_shelf_forget(struct tl_shelf *shelf, const struct tl_shelf_state *state);

struct tl_shelf_place {
    int part;
    int64_t at, n_bytes;
    uint32_t epoch;
};
/** Where a tile lies, if there is one of this key; its bytes are not looked at yet. */
bool tl_shelf_find(struct tl_shelf *shelf, const struct tl_cache_key *key,
                   struct tl_shelf_place *place);
/** Reads it: its facts (without `bytes` and `hold`) and its bytes. False when it is not, to the last bit, what was put: make it anew. */
bool tl_shelf_read(struct tl_shelf *shelf, const struct tl_cache_key *key,
                   const struct tl_shelf_place *place, struct tl_tile *facts, void *bytes);

/** Keeps a tile; silently not where memory is short or the disk full. The older half is given up when there is no more room. */
void tl_shelf_put(struct tl_ctx *ctx, struct tl_shelf *shelf, const struct tl_cache_key *key,
                  const struct tl_tile *tile);

int64_t tl_shelf_bytes(struct tl_shelf *shelf); /* of tiles */

/** The folder, for files of rasters. Borrows. */
int tl_shelf_folder(const struct tl_shelf *shelf);

/** Removes files of rasters whose names begin so ("" = all), and gives the bytes of all others. */
int64_t tl_shelf_sweep(struct tl_shelf *shelf, const char *begins);

/** Makes room for so many bytes of rasters by removing the oldest; false when there is none. */
bool tl_shelf_make_room(struct tl_shelf *shelf, int64_t bytes, int64_t max_bytes);

#endif
