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
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
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

static tl_err memory_check(struct tl_ctx *ctx, const char *path, int64_t n_cells,
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
    TL_TRY(memory_check(ctx, path, n, 8));
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

/* Size of the source's cells in the target system, from GDAL's own proposal for an output of like resolution. */
static tl_err step_there(struct tl_ctx *ctx, const char *path, GDALDatasetH source, const char *wkt,
                         const struct tl_gdal_quiet *quiet, double *step)
{
    double gt[6] = {0};
    int n_x = 0, n_y = 0;
    void *map = GDALCreateGenImgProjTransformer(source, NULL, NULL, wkt, 0, 0.0, 0);
    CPLErr bad =
        map == NULL ? CE_Failure
                    : GDALSuggestedWarpOutput(source, GDALGenImgProjTransform, map, gt, &n_x, &n_y);
    if (map != NULL)
        GDALDestroyGenImgProjTransformer(map);
    if (bad != CE_None)
        return tl_fail(ctx, TL_EDATA, "%s: the raster cannot be brought to the grid's system: %s",
                       path, tl_gdal_why(quiet, "unknown reason"));
    *step = gt[1];
    return TL_OK;
}

/* A dataset in memory over `values`, NaN all over. */
static GDALDatasetH target_make(const struct tl_grid *grid, OGRSpatialReferenceH srs,
                                double *values)
{
    char pointer[64], *options[] = {pointer, NULL};
    double gt[6] = {grid->x0_m, grid->step_m, 0.0, grid->y0_m, 0.0, -grid->step_m};
    GDALDatasetH target = GDALCreate(GDALGetDriverByName("MEM"), "", (int)grid->n_x, (int)grid->n_y,
                                     0, GDT_Float64, NULL);
    if (target == NULL)
        return NULL;
    int n = CPLPrintPointer(pointer + 12, values, 40);
    memcpy(pointer, "DATAPOINTER=", 12);
    pointer[12 + n] = '\0';
    GDALSetGeoTransform(target, gt);
    GDALSetSpatialRef(target, srs);
    if (GDALAddBand(target, GDT_Float64, options) != CE_None) {
        GDALClose(target);
        return NULL;
    }
    GDALSetRasterNoDataValue(GDALGetRasterBand(target, 1), NAN);
    return target;
}

static GDALDatasetH one_band(GDALDatasetH data, int band)
{
    char number[16];
    snprintf(number, sizeof number, "%d", band);
    char *args[] = {"-of", "VRT", "-b", number, "-unscale", "-ot", "Float64", NULL};
    GDALTranslateOptions *options = GDALTranslateOptionsNew(args, NULL);
    GDALDatasetH view = options == NULL ? NULL : GDALTranslate("", data, options, NULL);
    GDALTranslateOptionsFree(options);
    return view;
}

static bool warp_into(GDALDatasetH source, GDALDatasetH target, const char *method)
{
    char way[16];
    snprintf(way, sizeof way, "%s", method);
    char *args[] = {"-r", way, "-dstnodata", "nan", "-wo", "NUM_THREADS=1", NULL};
    GDALWarpAppOptions *options = GDALWarpAppOptionsNew(args, NULL);
    int bad = 0;
    GDALDatasetH done = options == NULL ? NULL : GDALWarp(NULL, target, 1, &source, options, &bad);
    GDALWarpAppOptionsFree(options);
    return done != NULL && !bad;
}

static tl_err warp_all(struct tl_ctx *ctx, const char *path, GDALDatasetH view,
                       OGRSpatialReferenceH srs, const struct tl_grid *grid, int nearest,
                       const struct tl_gdal_quiet *quiet, double *values)
{
    tl_err err = TL_OK;
    GDALDatasetH target = NULL;
    char *wkt = NULL;
    double step = 0.0;
    OSRExportToWkt(srs, &wkt);
    TL_TRY(step_there(ctx, path, view, wkt, quiet, &step));
    target = target_make(grid, srs, values);
    if (target == NULL)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to bring the raster to the grid", path);
    const char *method = nearest ? "near" : step < 0.999 * grid->step_m ? "average" : "bilinear";
    if (!warp_into(view, target, method) || quiet->n_failures > 0)
        TL_THROW(ctx, TL_EIO, "%s: the raster cannot be brought to the grid: %s", path,
                 tl_gdal_why(quiet, "unknown reason"));
    GDALFlushCache(target);
done:
    if (target != NULL)
        GDALClose(target);
    CPLFree(wkt);
    return err;
}

tl_err tl_raster_warp(struct tl_ctx *ctx, const char *path, int band, const char *crs,
                      const struct tl_grid *grid, int nearest, double *values)
{
    tl_err err = TL_OK;
    GDALDatasetH data = NULL, view = NULL;
    OGRSpatialReferenceH srs = NULL;
    double *made = NULL;
    int64_t n = tl_grid_n_cells(grid), n_known = 0;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    if (grid->n_x > INT32_MAX || grid->n_y > INT32_MAX)
        TL_THROW(ctx, TL_EDATA, "a grid of %lld by %lld cells is too large for rasters",
                 (long long)grid->n_x, (long long)grid->n_y);
    TL_TRY(tl_raster_band_open(ctx, path, band, &quiet, &data));
    if (GDALGetSpatialRef(data) == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: the raster does not say its reference system", path);
    srs = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(srs, crs) != OGRERR_NONE)
        TL_THROW(ctx, TL_EDATA, "\"%.80s\" is not a coordinate reference system", crs);
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    TL_TRY(memory_check(ctx, path, n, 8));
    TL_TRY_ALLOC(ctx, made, n);
    for (int64_t i = 0; i < n; i++)
        made[i] = NAN;
    view = one_band(data, band);
    if (view == NULL)
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", path,
                 tl_gdal_why(&quiet, "unknown reason"));
    TL_TRY(warp_all(ctx, path, view, srs, grid, nearest, &quiet, made));
    for (int64_t i = 0; i < n; i++)
        n_known += !isnan(made[i]);
    if (n_known == 0)
        TL_THROW(ctx, TL_EDATA,
                 "%s: the raster and the grid do not overlap, or it holds no data there", path);
    memcpy(values, made, (size_t)n * sizeof *values);
done:
    if (view != NULL)
        GDALClose(view);
    if (data != NULL)
        GDALClose(data);
    if (srs != NULL)
        OSRRelease(srs);
    tl_gdal_end();
    tl_free(made);
    return err;
}
