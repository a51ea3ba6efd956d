/**
 * Bands of the latest map in blocks of cells that stand by themselves, so that a window is read, and a band written, without the rest of it. For
 * this room, and for those that write maps or draw them.
 */
#ifndef TL_STORE_BAND_H
#define TL_STORE_BAND_H

#include "core/spread.h"
#include "tilth/project.h"

struct sqlite3;
struct tl_band_writer;

/**
 * Begins a band of a run (tl_project_map_new), inside a transaction; one of its name must not be there yet.
 * Errors: TL_EBUG (no transaction), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_band_begin(struct tl_ctx *ctx, struct tl_project *project, int64_t run_id,
                                 const char *name, struct tl_band_writer **writer);
/** The next rows, from the north. Memory: one row of blocks. @param values [n_rows * n_x] */
TL_MUST_USE tl_err tl_band_rows(struct tl_ctx *ctx, struct tl_band_writer *writer, int64_t n_rows,
                                const float *values);
/** After the last row. @param average  of the band over the area of interest, for who asks later; NaN = not known. Errors: TL_EBUG (rows are missing). */
TL_MUST_USE tl_err tl_band_finish(struct tl_ctx *ctx, struct tl_band_writer *writer,
                                  double average);
void tl_band_free(struct tl_band_writer *writer); /* finished or not; NULL is fine */

/** What a band's values come to, as it was when it was written. @param average  may be NULL. Errors: TL_ENOTFOUND, TL_EDATA (damaged). */
TL_MUST_USE tl_err tl_band_spread(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                                  struct tl_spread *spread, double *average);

/** Same for a migration. */
TL_MUST_USE tl_err tl_band_begin_db(struct tl_ctx *ctx, struct sqlite3 *db,
                                    const struct tl_grid *grid, int64_t run_id, const char *name,
                                    struct tl_band_writer **writer);

#endif
