/*
 * A Cloud-optimised GeoTIFF begins with its overviews and holds all bands of a tile together, so it cannot be made from rows as
 * they come. They go to a plain tiled file in a folder of its own beside the target, whole stripes of tiles at a time, and that file
 * is copied at the end: memory goes with the width. The folder goes away with success, with failure, and with outdir's tidying
 * after a kill.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "geo/raster_parts.h"

/* Its tiles must not be cut by those of the target (512 x 512), or they would be read more than once. */
enum { STRIPE_ROWS = 64, TILE_COLUMNS = 512 };

struct band {
    float *stripe; /* owns: [STRIPE_ROWS * n_x] while rows come */
    int64_t next;  /* row */
};

struct tl_raster_writer {
    struct tl_gdal_aside aside; /* owns */
    char *rows_path;    /* owns: begins with a dot, so that it is not moved beside the target */
    GDALDatasetH data;  /* owns */
    struct band *bands; /* owns: [n_bands] */
    int64_t n_x, n_y, n_bands;
};

int64_t tl_raster_writer_bytes(const struct tl_grid *grid, int64_t n_open)
{
    return STRIPE_ROWS * grid->n_x * (int64_t)sizeof(float) * n_open;
}

static tl_err make_rows_file(struct tl_ctx *ctx, struct tl_raster_writer *w, const char *path,
                             const struct tl_gdal_quiet *quiet)
{
    char width[32], height[32];
    const char *options[] = {"TILED=YES", width, height, "INTERLEAVE=BAND", "BIGTIFF=YES", NULL};
    size_t n = strlen(w->aside.folder) + 16;
    snprintf(width, sizeof width, "BLOCKXSIZE=%d", (int)TILE_COLUMNS);
    snprintf(height, sizeof height, "BLOCKYSIZE=%d", (int)STRIPE_ROWS);
    w->rows_path = tl_alloc(ctx, (int64_t)n, 1);
    if (w->rows_path == NULL)
        return TL_ENOMEM;
    snprintf(w->rows_path, n, "%s/.rows.tif", w->aside.folder);
    w->data = GDALCreate(GDALGetDriverByName("GTiff"), w->rows_path, (int)w->n_x, (int)w->n_y,
                         (int)w->n_bands, GDT_Float32, (char **)(uintptr_t)options);
    if (w->data == NULL)
        return tl_fail(ctx, TL_EIO, "%s: cannot be written: %s", path,
                       tl_gdal_why(quiet, "unknown reason"));
    return TL_OK;
}

tl_err tl_raster_writer_begin(struct tl_ctx *ctx, const char *path, const struct tl_grid *grid,
                              const char *crs, int64_t n_bands, const char *const *names,
                              struct tl_raster_writer **writer)
{
    tl_err err = TL_OK;
    struct tl_raster_writer *w = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    if (n_bands < 1 || n_bands > 65535 || grid->n_x > INT32_MAX || grid->n_y > INT32_MAX)
        TL_THROW(ctx, TL_EDATA, "%s: a raster of %lld bands of %lld by %lld cells is not possible",
                 path, (long long)n_bands, (long long)grid->n_x, (long long)grid->n_y);
    TL_TRY_ALLOC(ctx, w, 1);
    w->n_x = grid->n_x;
    w->n_y = grid->n_y;
    w->n_bands = n_bands;
    TL_TRY_ALLOC(ctx, w->bands, n_bands);
    TL_TRY(tl_gdal_aside_init(ctx, path, &w->aside));
    TL_TRY(make_rows_file(ctx, w, path, &quiet));
    TL_TRY(tl_raster_place(ctx, w->data, grid, crs));
    for (int64_t k = 0; k < n_bands; k++)
        tl_raster_band_name(GDALGetRasterBand(w->data, (int)k + 1), names[k]);
    *writer = w;
    w = NULL;
done:
    tl_gdal_end();
    tl_raster_writer_abort(w);
    return err;
}

static tl_err write_stripe(struct tl_ctx *ctx, struct tl_raster_writer *w, int64_t band,
                           const float *rows, int64_t y, int64_t n_rows)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    GDALRasterBandH to = GDALGetRasterBand(w->data, (int)band + 1);
    if (GDALRasterIO(to, GF_Write, 0, (int)y, (int)w->n_x, (int)n_rows, (void *)(uintptr_t)rows,
                     (int)w->n_x, (int)n_rows, GDT_Float32, 0, 0) != CE_None ||
        GDALFlushRasterCache(to) != CE_None || quiet.n_failures > 0)
        err = tl_fail(ctx, TL_EIO, "%s: its rows cannot be kept beside it: %s", w->aside.target,
                      tl_gdal_why(&quiet, "unknown reason"));
    tl_gdal_end();
    return err;
}

tl_err tl_raster_writer_rows(struct tl_ctx *ctx, struct tl_raster_writer *w, int64_t band,
                             int64_t y, int64_t n_rows, const float *rows)
{
    struct band *b = &w->bands[band];
    if (b->next != y || y + n_rows > w->n_y)
        return tl_fail(ctx, TL_EBUG, "%s: band %lld: row %lld came where row %lld was due",
                       w->aside.target, (long long)band, (long long)y, (long long)b->next);
    if (b->stripe == NULL) {
        b->stripe = tl_alloc(ctx, STRIPE_ROWS * w->n_x, sizeof *b->stripe);
        if (b->stripe == NULL)
            return TL_ENOMEM;
    }
    for (int64_t r = 0; r < n_rows; r++) {
        int64_t in = b->next % STRIPE_ROWS;
        memcpy(b->stripe + in * w->n_x, rows + r * w->n_x, (size_t)w->n_x * sizeof *rows);
        b->next++;
        if (in + 1 < STRIPE_ROWS && b->next < w->n_y)
            continue;
        tl_err err = write_stripe(ctx, w, band, b->stripe, b->next - 1 - in, in + 1);
        if (err != TL_OK)
            return err;
    }
    if (b->next == w->n_y) {
        tl_free(b->stripe);
        b->stripe = NULL;
    }
    return TL_OK;
}

/* Written, closed and opened again to be read: what could not be flushed shows here. */
static tl_err reopen(struct tl_ctx *ctx, struct tl_raster_writer *w,
                     const struct tl_gdal_quiet *quiet)
{
    GDALClose(w->data);
    w->data = quiet->n_failures > 0 ? NULL : GDALOpen(w->rows_path, GA_ReadOnly);
    if (w->data == NULL)
        return tl_fail(ctx, TL_EIO, "%s: its rows cannot be kept beside it: %s", w->aside.target,
                       tl_gdal_why(quiet, "unknown reason"));
    return TL_OK;
}

tl_err tl_raster_writer_finish(struct tl_ctx *ctx, struct tl_raster_writer *w)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    for (int64_t k = 0; k < w->n_bands; k++)
        if (w->bands[k].next != w->n_y)
            TL_THROW(ctx, TL_EBUG, "%s: band %lld has %lld of its %lld rows", w->aside.target,
                     (long long)k, (long long)w->bands[k].next, (long long)w->n_y);
    TL_TRY(reopen(ctx, w, &quiet));
    TL_TRY(tl_raster_cog(ctx, w->data, w->aside.path, w->aside.target, &quiet));
    GDALClose(w->data);
    w->data = NULL;
    TL_TRY(tl_gdal_aside_finish(ctx, &w->aside, true));
done:
    tl_gdal_end();
    tl_raster_writer_abort(w);
    return err;
}

void tl_raster_writer_abort(struct tl_raster_writer *w)
{
    struct tl_gdal_quiet quiet;
    if (w == NULL)
        return;
    tl_gdal_begin(&quiet);
    if (w->data != NULL)
        GDALClose(w->data);
    tl_gdal_end();
    /* Without a context: nothing is kept, so nothing can fail. */
    if (w->aside.folder != NULL && w->rows_path != NULL)
        unlink(w->rows_path);
    if (w->aside.folder != NULL && tl_gdal_aside_finish(NULL, &w->aside, false) != TL_OK)
        w->aside = (struct tl_gdal_aside){0};
    for (int64_t k = 0; k < w->n_bands && w->bands != NULL; k++)
        tl_free(w->bands[k].stripe);
    tl_free(w->bands);
    tl_free(w->rows_path);
    tl_free(w);
}
