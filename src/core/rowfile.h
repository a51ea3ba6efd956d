/** Rasters kept by rows: in memory, or in a nameless file where they are too many for it. Several planes share one grid. */
#ifndef TL_CORE_ROWFILE_H
#define TL_CORE_ROWFILE_H

#include "core/core.h"

struct tl_rowfile;

/**
 * @param folder    borrows for the call: where a file without a name is made (it goes with the program, also when that is killed);
 *                  NULL = all in memory
 * @param n_planes  how many there may be
 * Errors: TL_EIO (says which folder), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_rowfile_open(struct tl_ctx *ctx, const char *folder, int64_t n_x, int64_t n_y,
                                   int64_t n_planes, struct tl_rowfile **file);
void tl_rowfile_close(struct tl_rowfile *file); /* NULL is fine */

/**
 * Puts rows y .. y + n_rows - 1 of a plane, once each; any order is right, and planes may be mixed. A row is kept as runs of equal
 * values, as single precision where that loses nothing, or as it is: what is read is what was put, to the bit.
 * @param values  [n_rows * n_x]
 * Errors: TL_EIO (disk full: says so), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_rowfile_put(struct tl_ctx *ctx, struct tl_rowfile *file, int64_t plane,
                                  int64_t y, int64_t n_rows, const double *values);
TL_MUST_USE tl_err tl_rowfile_put_floats(struct tl_ctx *ctx, struct tl_rowfile *file, int64_t plane,
                                         int64_t y, int64_t n_rows, const float *values);

/** Row y of a plane; zeros where none was put. @param[out] values [n_x] Errors: TL_EIO. */
TL_MUST_USE tl_err tl_rowfile_get(struct tl_ctx *ctx, struct tl_rowfile *file, int64_t plane,
                                  int64_t y, double *values);

/** Forgets a plane; its room is used again when it was the last that was put. */
void tl_rowfile_forget(struct tl_rowfile *file, int64_t plane);

/** Bytes held in memory, and on disk. */
int64_t tl_rowfile_memory(const struct tl_rowfile *file);
int64_t tl_rowfile_disk(const struct tl_rowfile *file);

#endif
