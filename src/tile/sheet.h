/**
 * A raster's finer levels on disk, as single numbers in blocks that stand by themselves: what a tile reads instead of decoding the file's own,
 * larger blocks. Made in the pass over a raster when it is first looked at; a file in the shelf's folder.
 */
#ifndef TL_TILE_SHEET_H
#define TL_TILE_SHEET_H

#include "tile/scale.h"
#include "tile/shelf.h"

enum { TL_SHEET_SIDE = 128, TL_SHEET_CELLS = TL_SHEET_SIDE * TL_SHEET_SIDE, TL_SHEET_LEVELS = 12 };

/** What a sheet is of. */
struct tl_sheet_subject {
    char family;                  /* first letter of the file's name: tl_shelf_sweep */
    uint8_t id[TL_HASH_ID_BYTES]; /* of the raster, as it is now */
    int64_t n_x, n_y;             /* cells */
    int n_levels; /* levels on disk, 0 upwards; the next one, `top`, is the reader's */
};

struct tl_sheet; /* read by any number of threads */

/**
 * @param range  of the values
 * @param top    values of level n_levels, as many as it has
 * @param sheet  NULL where there is none, or none that is whole
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_sheet_open(struct tl_ctx *ctx, struct tl_shelf *shelf,
                                 const struct tl_sheet_subject *subject, struct tl_spread *range,
                                 float *top, struct tl_sheet **sheet);
void tl_sheet_close(struct tl_sheet *sheet); /* NULL is fine; one that is not finished is removed */

/** Begins a sheet; NULL where the disk has no room for it. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_sheet_create(struct tl_ctx *ctx, struct tl_shelf *shelf,
                                   const struct tl_sheet_subject *subject, int64_t max_bytes,
                                   struct tl_sheet **sheet);
/** Values of a rectangle of level 0; each cell once. */
void tl_sheet_put(struct tl_sheet *sheet, const int64_t box[4] /* x, y, n_x, n_y */, int64_t stride,
                  const float *values);
/** Makes the levels above, `top` too, and puts the file in its place. Errors: TL_EIO (a full disk), TL_ECANCELLED. */
TL_MUST_USE tl_err tl_sheet_finish(struct tl_ctx *ctx, struct tl_sheet *sheet,
                                   const struct tl_spread *range, float *top);

/** Block (bx, by) of a level. Errors: TL_EINTEGRITY (not what was written). */
TL_MUST_USE tl_err tl_sheet_read(struct tl_ctx *ctx, const struct tl_sheet *sheet, int level,
                                 int64_t bx, int64_t by, float values[TL_SHEET_CELLS]);

/** Removes its file: the next look makes it anew. */
void tl_sheet_discard(struct tl_sheet *sheet);

#endif
