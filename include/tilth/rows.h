/**
 * Files from outside, read in a process that may do nothing else. It takes the file as a descriptor, opens all that reading needs, is then
 * walled in by whoever runs it, and hands over plain rows, which tl_import_file takes with `plain`. What GDAL's drivers do with a file made
 * to break them, they do there.
 *
 *     tl_rows_begin(ctx, 0, "deaths.xlsx", NULL, &file);   still free: drivers, the database of coordinate systems, encodings
 *     ... the walls go up ...
 *     tl_rows_look(ctx, file, 1);                          or tl_rows_write
 */
#ifndef TILTH_ROWS_H
#define TILTH_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Endings of files that are read this way: ".csv .geojson ...", for messages. */
const char *tl_rows_endings(void);

/** Whether a file's name has one of them. */
bool tl_rows_reads(const char *name);

struct tl_rows_file;

/**
 * Makes ready for one file: from now on this process reads it by its descriptor, whatever its name, and no other driver of GDAL than those
 * of its ending is left. Once in a process.
 * @param fd        open for reading
 * @param name      its name, for its ending and for messages; no path
 * @param encoding  that will be asked for, NULL = none
 * @param[out] file  owns: the caller
 * Errors: TL_EDATA (an ending that is not read), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_rows_begin(struct tl_ctx *ctx, int fd, const char *name, const char *encoding,
                                 struct tl_rows_file **file);
void tl_rows_end(struct tl_rows_file *file); /* NULL is fine */

/**
 * Writes what is in the file to a descriptor, as JSON: {"driver", "layers": [{"name", "rows", "geometry", "crs", "columns": [{"name", "type",
 * "filled", "examples"}]}]}.
 * Errors: TL_EDATA, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_rows_look(struct tl_ctx *ctx, const struct tl_rows_file *file, int fd);

/** Which rows; NULL = as of tl_import_options. */
struct tl_rows_wanted {
    const char *layer, *where, *encoding;
};

/** Writes the rows of a layer to a descriptor. Errors: as tl_rows_look; TL_ENOTFOUND (layer), TL_EUSAGE (several layers). */
TL_MUST_USE tl_err tl_rows_write(struct tl_ctx *ctx, const struct tl_rows_file *file,
                                 const struct tl_rows_wanted *wanted, int fd);

#ifdef __cplusplus
}
#endif
#endif
