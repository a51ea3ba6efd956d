/** Rasters on a grid: read and checked against a grid, written as Cloud-optimised GeoTIFF (GDAL). */
#ifndef TILTH_RASTER_H
#define TILTH_RASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/crs.h"
#include "tilth/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most that GDAL keeps of blocks, all files together, unless GDAL_CACHEMAX says otherwise. */
enum { TL_RASTER_CACHE_BYTES = 128 << 20 };

struct tl_raster {
    struct tl_grid grid;
    char *crs;      /* owns: WKT, or "" when the file has none */
    double *values; /* owns: [n_cells]; nodata = NaN */
    int64_t n_stray_nan,
        stray_nan; /* NaN that the file does not declare as nodata: how many, the first's cell */
};

/**
 * Reads one band; a scale and an offset that the file declares are applied.
 * @param path  anything GDAL reads
 * @param band  1-based
 * Errors: TL_ENOTFOUND, TL_EDATA (not a raster, rotated or non-square cells, no such band), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_raster_read(struct tl_ctx *ctx, const char *path, int band,
                                  struct tl_raster *raster);
void tl_raster_fini(struct tl_raster *raster);

/** Only where a band's raster lies; its values are not read. Errors: as tl_raster_read. */
TL_MUST_USE tl_err tl_raster_grid(struct tl_ctx *ctx, const char *path, int band,
                                  struct tl_grid *grid);

/**
 * Checks that two rasters share grid and system; the message says which way they differ (size, step, origin, CRS) and
 * both values. Errors: TL_EDATA.
 */
TL_MUST_USE tl_err tl_raster_same_grid(struct tl_ctx *ctx, const char *name_a,
                                       const struct tl_raster *a, const char *name_b,
                                       const struct tl_raster *b);

/**
 * Reads a band and brings it to a grid: averaged when finer, bilinear when coarser, nearest when `nearest`; outside = NaN.
 * Errors: as tl_raster_read; TL_EDATA when the two do not overlap.
 */
TL_MUST_USE tl_err tl_raster_warp(struct tl_ctx *ctx, const char *path, int band, const char *crs,
                                  const struct tl_grid *grid, int nearest, double *values);

/** How a band is brought to a grid. */
struct tl_raster_how {
    const char *crs; /* borrows: system of a file that does not say; NULL = it has to */
    bool nearest;    /* the value in the middle of the cell, no average */
    bool is_share;   /* not the value: the share of the cell that has the value `of`, a class */
    double of;
};

/** As tl_raster_warp. Errors: as tl_raster_warp; TL_EDATA (how->crs). Cost: of shares a byte a cell of the raster, besides. */
TL_MUST_USE tl_err tl_raster_bring(struct tl_ctx *ctx, const char *path, int band,
                                   const struct tl_raster_how *how, const char *crs,
                                   const struct tl_grid *grid, double *values);

/** A band read row by row, in memory that goes with the width of the raster and not with its size. */
struct tl_raster_rows;

/** Errors: as tl_raster_read. */
TL_MUST_USE tl_err tl_raster_rows_open(struct tl_ctx *ctx, const char *path, int band,
                                       struct tl_raster_rows **rows);
void tl_raster_rows_close(struct tl_raster_rows *rows); /* NULL is fine */

/** Grid and system (`values` is NULL); stray NaN of the rows read so far. Valid until the rows are closed. */
const struct tl_raster *tl_raster_rows_raster(const struct tl_raster_rows *rows);

/** Most bytes that it holds at one time. */
int64_t tl_raster_rows_bytes(const struct tl_raster_rows *rows);

/**
 * Row y, the same values as tl_raster_read. Any order is right; from north to south is fast.
 * @param[out] values  [n_x]
 * Errors: TL_EIO, TL_ENOMEM, TL_EDATA (no such row).
 */
TL_MUST_USE tl_err tl_raster_rows_read(struct tl_ctx *ctx, struct tl_raster_rows *rows, int64_t y,
                                       double *values);

struct tl_raster_band {
    const char *name;     /* borrows: band description */
    const double *values; /* borrows: [n_cells]; or NULL and floats given */
    const float *floats;  /* borrows */
};

/**
 * Writes bands as a Cloud-optimised GeoTIFF, Float32, nodata NaN, DEFLATE, overviews; whole or not at all.
 * Errors: TL_EIO, TL_ENOMEM, TL_ECANCELLED.  Same input, same bytes.
 */
TL_MUST_USE tl_err tl_raster_write(struct tl_ctx *ctx, const char *path, const struct tl_grid *grid,
                                   const char *crs, int64_t n_bands,
                                   const struct tl_raster_band *bands);

/** The same file, byte for byte, from rows: kept in a file beside the target until all are there. */
struct tl_raster_writer;

/**
 * @param names  [n_bands] descriptions; read now
 * Errors: TL_EIO, TL_ENOMEM, TL_EDATA (size or system not possible).
 */
TL_MUST_USE tl_err tl_raster_writer_begin(struct tl_ctx *ctx, const char *path,
                                          const struct tl_grid *grid, const char *crs,
                                          int64_t n_bands, const char *const *names,
                                          struct tl_raster_writer **writer);

/**
 * Takes rows of one band; each band's come from north to south, whole, bands in any order and mixed.
 * @param band  0-based
 * @param rows  [n_rows * n_x]
 * Errors: TL_EIO, TL_ENOMEM, TL_EBUG (not the next row of this band).
 */
TL_MUST_USE tl_err tl_raster_writer_rows(struct tl_ctx *ctx, struct tl_raster_writer *writer,
                                         int64_t band, int64_t y, int64_t n_rows,
                                         const float *rows);

/** Makes the file, when every row of every band is there; frees the writer in any case. Errors: as tl_raster_write, TL_EBUG. */
TL_MUST_USE tl_err tl_raster_writer_finish(struct tl_ctx *ctx, struct tl_raster_writer *writer);

/** Leaves no file and frees; NULL is fine. */
void tl_raster_writer_abort(struct tl_raster_writer *writer);

/** Bytes that a writer holds besides GDAL's cache while `n_open` bands are between their first row and their last. */
int64_t tl_raster_writer_bytes(const struct tl_grid *grid, int64_t n_open);

#ifdef __cplusplus
}
#endif
#endif
