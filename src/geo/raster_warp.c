/*
 * A raster brought to another grid and system (GDAL's warp): averaged where it is finer, interpolated where it is coarser. Of a raster of classes the
 * share that one class has of a cell is the average of a raster that is 1 where the class is and 0 elsewhere; it is made in memory, a byte a cell.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
#include <ogr_srs_api.h>

#include "core/core.h"
#include "geo/gdal.h"
#include "geo/raster_parts.h"

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
    char *args[] = {"-r", way, "-dstnodata", "nan", "-wt", "Float64", "-wo", "NUM_THREADS=1", NULL};
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

/* 1 where a band has a value, 0 where it has another, unknown where it has none. */
enum { UNKNOWN = 255, STRIPE_BYTES = 8 << 20 };

static tl_err mark(struct tl_ctx *ctx, const char *path, GDALRasterBandH band, double of,
                   const struct tl_gdal_quiet *quiet, unsigned char *plane)
{
    struct tl_raster_rule rule;
    struct tl_raster strays = {0};
    double *values = NULL;
    tl_err err = TL_OK;
    int n_x = GDALGetRasterBandXSize(band), n_y = GDALGetRasterBandYSize(band);
    int rows = (int)fmax(1.0, fmin(n_y, STRIPE_BYTES / 8.0 / n_x));
    TL_TRY_ALLOC(ctx, values, (int64_t)rows * n_x);
    tl_raster_rule_of(band, &rule);
    for (int y = 0; y < n_y; y += rows) {
        int here = y + rows > n_y ? n_y - y : rows;
        int64_t n = (int64_t)here * n_x;
        if (GDALRasterIO(band, GF_Read, 0, y, n_x, here, values, n_x, here, GDT_Float64, 0, 0) !=
            CE_None)
            TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", path,
                     tl_gdal_why(quiet, "unknown reason"));
        tl_raster_rule_apply(&rule, 0, n, values, &strays);
        for (int64_t i = 0; i < n; i++)
            plane[(int64_t)y * n_x + i] =
                isnan(values[i]) ? UNKNOWN : (unsigned char)(values[i] == of);
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_free(values);
    return err;
}

/* A view of the plane that lies where the source lies. */
static GDALDatasetH plane_view(GDALDatasetH data, unsigned char *plane)
{
    char pointer[64], *options[] = {pointer, NULL};
    double gt[6];
    GDALDatasetH view = GDALCreate(GDALGetDriverByName("MEM"), "", GDALGetRasterXSize(data),
                                   GDALGetRasterYSize(data), 0, GDT_Byte, NULL);
    if (view == NULL)
        return NULL;
    int n = CPLPrintPointer(pointer + 12, plane, 40);
    memcpy(pointer, "DATAPOINTER=", 12);
    pointer[12 + n] = '\0';
    if (GDALAddBand(view, GDT_Byte, options) != CE_None) {
        GDALClose(view);
        return NULL;
    }
    if (GDALGetGeoTransform(data, gt) == CE_None)
        GDALSetGeoTransform(view, gt);
    GDALSetSpatialRef(view, GDALGetSpatialRef(data));
    GDALSetRasterNoDataValue(GDALGetRasterBand(view, 1), UNKNOWN);
    return view;
}

static tl_err make_view(struct tl_ctx *ctx, const char *path, GDALDatasetH data, int band,
                        const struct tl_raster_how *how, const struct tl_gdal_quiet *quiet,
                        unsigned char **plane, GDALDatasetH *view)
{
    tl_err err = TL_OK;
    if (how->is_share) {
        int64_t n = (int64_t)GDALGetRasterXSize(data) * GDALGetRasterYSize(data);
        TL_TRY(tl_raster_memory_check(ctx, path, n, 1));
        TL_TRY_ALLOC(ctx, *plane, n);
        TL_TRY(mark(ctx, path, GDALGetRasterBand(data, band), how->of, quiet, *plane));
        *view = plane_view(data, *plane);
    } else {
        *view = one_band(data, band);
    }
    if (*view == NULL)
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", path, tl_gdal_why(quiet, "unknown reason"));
done:
    return err;
}

static OGRSpatialReferenceH system_of(const char *crs)
{
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRSetFromUserInput(srs, crs) != OGRERR_NONE) {
        OSRRelease(srs);
        return NULL;
    }
    OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    return srs;
}

/* Of a file that does not say; one that says is believed. */
static tl_err set_system(struct tl_ctx *ctx, const char *path, GDALDatasetH view,
                         const struct tl_raster_how *how)
{
    if (GDALGetSpatialRef(view) != NULL)
        return TL_OK;
    if (how->crs == NULL)
        return tl_fail(ctx, TL_EDATA, "%s: the raster does not say its reference system", path);
    OGRSpatialReferenceH srs = system_of(how->crs);
    if (srs == NULL)
        return tl_fail(ctx, TL_EDATA, "\"%.80s\" is not a coordinate reference system", how->crs);
    GDALSetSpatialRef(view, srs);
    OSRRelease(srs);
    return TL_OK;
}

static tl_err check_place(struct tl_ctx *ctx, const char *path, GDALDatasetH data)
{
    double gt[6];
    if (GDALGetGeoTransform(data, gt) != CE_None && GDALGetGCPCount(data) == 0)
        return tl_fail(ctx, TL_EDATA, "%s: the raster does not say where it lies", path);
    return TL_OK;
}

tl_err tl_raster_warp_data(struct tl_ctx *ctx, const char *path, GDALDatasetH data, int band,
                           const struct tl_raster_how *how, const struct tl_gdal_quiet *quiet,
                           const char *crs, const struct tl_grid *grid, double *values)
{
    tl_err err = TL_OK;
    GDALDatasetH view = NULL;
    OGRSpatialReferenceH srs = NULL;
    unsigned char *plane = NULL;
    double *made = NULL;
    int64_t n = tl_grid_n_cells(grid), n_known = 0;
    if (grid->n_x > INT32_MAX || grid->n_y > INT32_MAX)
        TL_THROW(ctx, TL_EDATA, "a grid of %lld by %lld cells is too large for rasters",
                 (long long)grid->n_x, (long long)grid->n_y);
    TL_TRY(check_place(ctx, path, data));
    srs = system_of(crs);
    if (srs == NULL)
        TL_THROW(ctx, TL_EDATA, "\"%.80s\" is not a coordinate reference system", crs);
    TL_TRY(tl_raster_memory_check(ctx, path, n, 8));
    TL_TRY_ALLOC(ctx, made, n);
    for (int64_t i = 0; i < n; i++)
        made[i] = NAN;
    TL_TRY(make_view(ctx, path, data, band, how, quiet, &plane, &view));
    TL_TRY(set_system(ctx, path, view, how));
    TL_TRY(warp_all(ctx, path, view, srs, grid, how->nearest && !how->is_share, quiet, made));
    for (int64_t i = 0; i < n; i++)
        n_known += !isnan(made[i]);
    if (n_known == 0)
        TL_THROW(ctx, TL_EDATA,
                 "%s: the raster and the grid do not overlap, or it holds no data there", path);
    memcpy(values, made, (size_t)n * sizeof *values);
done:
    if (view != NULL)
        GDALClose(view);
    if (srs != NULL)
        OSRRelease(srs);
    tl_free(made);
    tl_free(plane);
    return err;
}

tl_err tl_raster_bring(struct tl_ctx *ctx, const char *path, int band,
                       const struct tl_raster_how *how, const char *crs, const struct tl_grid *grid,
                       double *values)
{
    GDALDatasetH data = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    tl_err err = tl_raster_band_open(ctx, path, band, &quiet, &data);
    if (err == TL_OK)
        err = tl_raster_warp_data(ctx, path, data, band, how, &quiet, crs, grid, values);
    if (data != NULL)
        GDALClose(data);
    tl_gdal_end();
    return err;
}

tl_err tl_raster_warp(struct tl_ctx *ctx, const char *path, int band, const char *crs,
                      const struct tl_grid *grid, int nearest, double *values)
{
    const struct tl_raster_how how = {.nearest = nearest != 0};
    return tl_raster_bring(ctx, path, band, &how, crs, grid, values);
}
