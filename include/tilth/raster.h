/** Rasters on a grid: read and checked against a grid, written as Cloud-optimised GeoTIFF (GDAL). */
#ifndef TILTH_RASTER_H
#define TILTH_RASTER_H

#include <stdint.h>

#include "tilth/crs.h"
#include "tilth/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
