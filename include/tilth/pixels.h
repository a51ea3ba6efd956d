/**
 * Rasters from outside, read in a process that may do nothing else, as rows.h has it for tables: it takes the file as a descriptor, opens all that
 * reading needs, is then walled in, and hands over what a raster says, or a window of one band as plain numbers, which tl_pixels_bring takes.
 *
 *     tl_pixels_begin(ctx, 0, "slope.tif", &file);   still free
 *     ... the walls go up ...
 *     tl_pixels_look(ctx, file, 1);                  or tl_pixels_write
 */
#ifndef TILTH_PIXELS_H
#define TILTH_PIXELS_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/raster.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Endings of files that are read this way: ".tif .tiff ...", for messages. */
const char *tl_pixels_endings(void);

/** Whether a file's name has one of them. */
bool tl_pixels_reads(const char *name);

struct tl_pixels_file;

/**
 * Makes ready for one file, once in a process: as tl_rows_begin.
 * @param fd         open for reading
 * @param name       its name, for its ending and for messages; no path
 * @param[out] file  owns: the caller
 * Errors: TL_EDATA (an ending that is not read), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_pixels_begin(struct tl_ctx *ctx, int fd, const char *name,
                                   struct tl_pixels_file **file);
void tl_pixels_end(struct tl_pixels_file *file); /* NULL is fine */

/** Values that a raster of classes may have at most. */
enum { TL_PIXELS_CLASSES_MAX = 64 };

/**
 * Writes what is in the file to a descriptor, as JSON: {"driver", "crs" (name, "" = it does not say), "wkt", "place" (the six numbers of GDAL's
 * geotransform), "n_x", "n_y", "bands": [{"name", "type", "looked" (cells), "known" (of them), "min", "max", "mean" (null where nothing is known),
 * "classes": [{"value", "n", "name" ("" = the file has none)}] or null where there are too many values, or others than whole numbers}]}.
 * Of a large raster a part of the cells is looked at, evenly spread.
 * Errors: TL_EDATA, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_pixels_look(struct tl_ctx *ctx, const struct tl_pixels_file *file, int fd);

/** A window of a band, in cells. */
struct tl_pixels_wanted {
    int band; /* 1-based */
    int64_t x, y, n_x, n_y;
};

/** Writes it to a descriptor: true values, scale and offset applied, NaN where there is none. Errors: as tl_pixels_look; TL_EDATA (not within). */
TL_MUST_USE tl_err tl_pixels_write(struct tl_ctx *ctx, const struct tl_pixels_file *file,
                                   const struct tl_pixels_wanted *wanted, int fd);

/**
 * tl_raster_bring of a window that tl_pixels_write has written. Nothing of it is trusted but that it holds numbers.
 * @param path   of what was written
 * @param label  what messages call it
 * Errors: as tl_raster_bring; TL_EIO.
 */
TL_MUST_USE tl_err tl_pixels_bring(struct tl_ctx *ctx, const char *path, const char *label,
                                   const struct tl_raster_how *how, const char *crs,
                                   const struct tl_grid *grid, double *values);

/** Bytes that a window takes on the disk, at most. */
int64_t tl_pixels_bytes(const struct tl_pixels_wanted *wanted);

#ifdef __cplusplus
}
#endif
#endif
