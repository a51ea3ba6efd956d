/** What the raster files of this room share: opening a band, its rule from stored to true values, the last step of writing. */
#ifndef TL_GEO_RASTER_PARTS_H
#define TL_GEO_RASTER_PARTS_H

#include "geo/gdal.h"
#include "tilth/raster.h"

/** Opens a file and checks that it has the band; owns: the caller, GDALClose. */
TL_MUST_USE tl_err tl_raster_band_open(struct tl_ctx *ctx, const char *path, int band,
                                       const struct tl_gdal_quiet *quiet, GDALDatasetH *data);
TL_MUST_USE tl_err tl_raster_band_grid(struct tl_ctx *ctx, const char *path, GDALDatasetH data,
                                       struct tl_grid *grid);
TL_MUST_USE tl_err tl_raster_band_crs(struct tl_ctx *ctx, GDALDatasetH data, char **crs);

/** Errors: TL_ENOMEM, where there is no room for so many cells. */
TL_MUST_USE tl_err tl_raster_memory_check(struct tl_ctx *ctx, const char *path, int64_t n_cells,
                                          int64_t bytes_each);

/** tl_raster_bring of an open dataset; `path` is its name for messages. */
TL_MUST_USE tl_err tl_raster_warp_data(struct tl_ctx *ctx, const char *path, GDALDatasetH data,
                                       int band, const struct tl_raster_how *how,
                                       const struct tl_gdal_quiet *quiet, const char *crs,
                                       const struct tl_grid *grid, double *values);

/** From stored values to true ones. */
struct tl_raster_rule {
    bool has_nodata;
    double nodata, scale, offset;
};

void tl_raster_rule_of(GDALRasterBandH band, struct tl_raster_rule *rule);

/** Applies it to `n` values, the first of which is cell `first`; counts stray NaN in `raster`. */
void tl_raster_rule_apply(const struct tl_raster_rule *rule, int64_t first, int64_t n,
                          double *values, struct tl_raster *raster);

/** Place and system of a dataset that is being made. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_raster_place(struct tl_ctx *ctx, GDALDatasetH data,
                                   const struct tl_grid *grid, const char *crs);

/** Name and nodata of a band that is being made. */
void tl_raster_band_name(GDALRasterBandH band, const char *name);

/** Copies a dataset to `path` as Cloud-optimised GeoTIFF; `target` is the name for messages. Errors: TL_EIO, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_raster_cog(struct tl_ctx *ctx, GDALDatasetH from, const char *path,
                                 const char *target, const struct tl_gdal_quiet *quiet);

#endif
