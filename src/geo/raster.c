/*
 * Rasters by GDAL. Values are doubles with NaN for "no data", after the band's own scale and offset. Two rasters share
 * a grid when sizes are equal and corners and steps differ by less than a thousandth of a cell over the whole raster:
 * writers round geotransforms, and a shift of that size moves no count to another cell.
 */
#include "tilth/raster.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include "core/core.h"
#include "geo/gdal.h"
#include "geo/raster_parts.h"

static const double SAME_SHARE = 1e-3;

tl_err tl_raster_band_open(struct tl_ctx *ctx, const char *path, int band,
                           const struct tl_gdal_quiet *quiet, GDALDatasetH *data)
{
    VSIStatBufL info;
    if (VSIStatL(path, &info) != 0)
        return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no such file", path);
    if (!VSI_ISDIR(info.st_mode) && info.st_size == 0)
        return tl_fail(ctx, TL_EDATA, "%s: the file is empty", path);
    GDALDatasetH made = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    if (made == NULL)
        return tl_fail(ctx, TL_EDATA, "%s: not a raster that can be read: %s", path,
                       tl_gdal_why(quiet, "its format is not known"));
    int n_bands = GDALGetRasterCount(made);
    if (band < 1 || band > n_bands) {
        GDALClose(made);
        return tl_fail(ctx, TL_EDATA, "%s: there is no band %d; it has %d", path, band, n_bands);
    }
    *data = made;
    return TL_OK;
}

tl_err tl_raster_band_grid(struct tl_ctx *ctx, const char *path, GDALDatasetH data,
                           struct tl_grid *grid)
{
    double gt[6];
    if (GDALGetGeoTransform(data, gt) != CE_None)
        return tl_fail(ctx, TL_EDATA, "%s: the raster does not say where it lies", path);
    if (gt[2] != 0.0 || gt[4] != 0.0)
        return tl_fail(ctx, TL_EDATA,
                       "%s: the raster is rotated (%g, %g); rows from west to east are expected",
                       path, gt[2], gt[4]);
    if (!(gt[1] > 0.0) || !(gt[5] < 0.0))
        return tl_fail(ctx, TL_EDATA,
                       "%s: the raster's rows do not run from north to south (cell %g by %g)", path,
                       gt[1], gt[5]);
    if (fabs(gt[1] + gt[5]) > 1e-6 * gt[1])
        return tl_fail(ctx, TL_EDATA, "%s: the cells are %.10g by %.10g; square ones are expected",
                       path, gt[1], -gt[5]);
    *grid =
        (struct tl_grid){gt[0], gt[3], gt[1], GDALGetRasterXSize(data), GDALGetRasterYSize(data)};
    return TL_OK;
}

tl_err tl_raster_band_crs(struct tl_ctx *ctx, GDALDatasetH data, char **crs)
{
    char *wkt = NULL;
    OGRSpatialReferenceH srs = GDALGetSpatialRef(data);
    if (srs != NULL)
        OSRExportToWkt(srs, &wkt);
    *crs = tl_strdup(ctx, wkt == NULL ? "" : wkt);
    CPLFree(wkt);
    return *crs == NULL ? TL_ENOMEM : TL_OK;
}

/* GDAL gives a Float32 band's nodata as the double nearest to what was written; values are compared as floats then. */
void tl_raster_rule_of(GDALRasterBandH band, struct tl_raster_rule *rule)
{
    int has_nodata = 0, has_scale = 0, has_offset = 0;
    rule->nodata = GDALGetRasterNoDataValue(band, &has_nodata);
    rule->scale = GDALGetRasterScale(band, &has_scale);
    rule->offset = GDALGetRasterOffset(band, &has_offset);
    rule->scale = has_scale ? rule->scale : 1.0;
    rule->offset = has_offset ? rule->offset : 0.0;
    if (GDALGetRasterDataType(band) == GDT_Float32)
        rule->nodata = (double)(float)rule->nodata;
    rule->has_nodata = has_nodata;
}

void tl_raster_rule_apply(const struct tl_raster_rule *rule, int64_t first, int64_t n,
                          double *values, struct tl_raster *raster)
{
    bool nan_is_nodata = rule->has_nodata && isnan(rule->nodata);
    for (int64_t i = 0; i < n; i++) {
        if (isnan(values[i]) && !nan_is_nodata && raster->n_stray_nan++ == 0)
            raster->stray_nan = first + i;
        if (rule->has_nodata && values[i] == rule->nodata)
            values[i] = NAN;
        else if (rule->scale != 1.0 || rule->offset != 0.0)
            values[i] = values[i] * rule->scale + rule->offset;
    }
}

tl_err tl_raster_memory_check(struct tl_ctx *ctx, const char *path, int64_t n_cells,
                              int64_t bytes_each)
{
    if (n_cells > tl_memory_available() / bytes_each)
        return tl_fail(ctx, TL_ENOMEM, "%s: %.1f GiB of memory are needed, %.1f GiB are free", path,
                       (double)n_cells * (double)bytes_each / 1073741824.0,
                       (double)tl_memory_available() / 1073741824.0);
    return TL_OK;
}

tl_err tl_raster_read(struct tl_ctx *ctx, const char *path, int band, struct tl_raster *raster)
{
    tl_err err = TL_OK;
    GDALDatasetH data = NULL;
    struct tl_raster made = {0};
    struct tl_raster_rule rule;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    TL_TRY(tl_raster_band_open(ctx, path, band, &quiet, &data));
    TL_TRY(tl_raster_band_grid(ctx, path, data, &made.grid));
    int64_t n = tl_grid_n_cells(&made.grid);
    TL_TRY(tl_raster_memory_check(ctx, path, n, 8));
    TL_TRY(tl_raster_band_crs(ctx, data, &made.crs));
    TL_TRY_ALLOC(ctx, made.values, n);
    GDALRasterBandH source = GDALGetRasterBand(data, band);
    int n_x = (int)made.grid.n_x, n_y = (int)made.grid.n_y;
    if (GDALRasterIO(source, GF_Read, 0, 0, n_x, n_y, made.values, n_x, n_y, GDT_Float64, 0, 0) !=
        CE_None)
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", path,
                 tl_gdal_why(&quiet, "unknown reason"));
    tl_raster_rule_of(source, &rule);
    tl_raster_rule_apply(&rule, 0, n, made.values, &made);
    *raster = made;
    made = (struct tl_raster){0};
done:
    if (data != NULL)
        GDALClose(data);
    tl_gdal_end();
    tl_raster_fini(&made);
    return err;
}

tl_err tl_raster_grid(struct tl_ctx *ctx, const char *path, int band, struct tl_grid *grid)
{
    tl_err err = TL_OK;
    GDALDatasetH data = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    TL_TRY(tl_raster_band_open(ctx, path, band, &quiet, &data));
    TL_TRY(tl_raster_band_grid(ctx, path, data, grid));
done:
    if (data != NULL)
        GDALClose(data);
    tl_gdal_end();
    return err;
}

void tl_raster_fini(struct tl_raster *raster)
{
    tl_free(raster->crs);
    tl_free(raster->values);
    *raster = (struct tl_raster){0};
}

/* Same system: the same words, or the same in PROJ's eyes. */
static bool same_system(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    if (a[0] == '\0' || b[0] == '\0')
        return false;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    OGRSpatialReferenceH first = OSRNewSpatialReference(NULL),
                         second = OSRNewSpatialReference(NULL);
    const char *options[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT",
                             NULL};
    bool same = OSRSetFromUserInput(first, a) == OGRERR_NONE &&
                OSRSetFromUserInput(second, b) == OGRERR_NONE &&
                OSRIsSameEx(first, second, options);
    OSRRelease(first);
    OSRRelease(second);
    tl_gdal_end();
    return same;
}

static const char *system_name(struct tl_ctx *ctx, const char *crs, char *room)
{
    if (crs[0] == '\0')
        return "no system";
    return tl_crs_check(ctx, crs, 0, room) == TL_OK ? room : "an unknown system";
}

tl_err tl_raster_same_grid(struct tl_ctx *ctx, const char *name_a, const struct tl_raster *a,
                           const char *name_b, const struct tl_raster *b)
{
    const struct tl_grid *ga = &a->grid, *gb = &b->grid;
    if (ga->n_x != gb->n_x || ga->n_y != gb->n_y)
        return tl_fail(ctx, TL_EDATA,
                       "the rasters differ in size: %s has %lld by %lld cells, %s %lld by %lld",
                       name_a, (long long)ga->n_x, (long long)ga->n_y, name_b, (long long)gb->n_x,
                       (long long)gb->n_y);
    double most = (double)(ga->n_x > ga->n_y ? ga->n_x : ga->n_y);
    if (fabs(ga->step_m - gb->step_m) * most > SAME_SHARE * ga->step_m)
        return tl_fail(ctx, TL_EDATA, "the rasters differ in cell size: %s has %.10g, %s %.10g",
                       name_a, ga->step_m, name_b, gb->step_m);
    if (fabs(ga->x0_m - gb->x0_m) > SAME_SHARE * ga->step_m ||
        fabs(ga->y0_m - gb->y0_m) > SAME_SHARE * ga->step_m)
        return tl_fail(ctx, TL_EDATA,
                       "the rasters differ in origin: %s begins at (%.10g, %.10g), %s at (%.10g, "
                       "%.10g), %.4g east and %.4g north of it",
                       name_a, ga->x0_m, ga->y0_m, name_b, gb->x0_m, gb->y0_m, gb->x0_m - ga->x0_m,
                       gb->y0_m - ga->y0_m);
    if (!same_system(a->crs, b->crs)) {
        char first[TL_CRS_TEXT_BYTES], second[TL_CRS_TEXT_BYTES];
        const char *words_a = system_name(ctx, a->crs, first),
                   *words_b = system_name(ctx, b->crs, second);
        return tl_fail(ctx, TL_EDATA,
                       "the rasters differ in reference system: %s is in %.200s, %s in %.200s",
                       name_a, words_a, name_b, words_b);
    }
    return TL_OK;
}
