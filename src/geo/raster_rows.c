/*
 * A band by rows. A stripe of whole rows of GDAL's blocks is decoded at once and kept here in the least type that holds the band's
 * values; GDAL's own blocks are dropped then, so that what is held is known. One thread: GDAL's own threads would say their errors
 * to stderr, past the caller's handler.
 */
#include <string.h>

#include "core/core.h"
#include "geo/raster_parts.h"

enum { STRIPE_ROWS = 64 };

/* A block may be the whole image; then GDAL has to hold it, and a stripe is cut from it. */
static const int64_t stripe_bytes_max = 64 << 20;

struct tl_raster_rows {
    char *path;            /* owns */
    GDALDatasetH data;     /* owns */
    GDALRasterBandH band;  /* borrows */
    struct tl_raster info; /* owns */
    struct tl_raster_rule rule;
    bool single;            /* the stripe is floats */
    bool by_blocks;         /* it begins and ends with blocks */
    float *floats;          /* owns: [stripe_rows * n_x] NULL = not yet, or doubles */
    double *doubles;        /* owns */
    int64_t stripe_rows;    /* in a whole stripe */
    int64_t first, n_there; /* rows in the stripe now */
};

static void choose_stripe(struct tl_raster_rows *r)
{
    int block_x = 1, block_y = 1;
    GDALGetBlockSize(r->band, &block_x, &block_y);
    GDALDataType type = GDALGetRasterDataType(r->band);
    r->single = type == GDT_Byte || type == GDT_UInt16 || type == GDT_Int16 || type == GDT_Float32;
    int64_t row_bytes = r->info.grid.n_x * (r->single ? 4 : 8), height = block_y < 1 ? 1 : block_y;
    int64_t rows = (STRIPE_ROWS + height - 1) / height * height;
    if (rows * row_bytes > stripe_bytes_max)
        rows = height; /* at least one row of blocks */
    r->by_blocks = rows * row_bytes <= 4 * stripe_bytes_max;
    if (!r->by_blocks)
        rows = stripe_bytes_max / row_bytes < 1 ? 1 : stripe_bytes_max / row_bytes;
    r->stripe_rows = rows < r->info.grid.n_y ? rows : r->info.grid.n_y;
}

tl_err tl_raster_rows_open(struct tl_ctx *ctx, const char *path, int band,
                           struct tl_raster_rows **rows)
{
    tl_err err = TL_OK;
    struct tl_raster_rows *made = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    TL_TRY_ALLOC(ctx, made, 1);
    made->path = tl_strdup(ctx, path);
    if (made->path == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    TL_TRY(tl_raster_band_open(ctx, path, band, &quiet, &made->data));
    TL_TRY(tl_raster_band_grid(ctx, path, made->data, &made->info.grid));
    TL_TRY(tl_raster_band_crs(ctx, made->data, &made->info.crs));
    made->band = GDALGetRasterBand(made->data, band);
    tl_raster_rule_of(made->band, &made->rule);
    choose_stripe(made);
    *rows = made;
    made = NULL;
done:
    tl_gdal_end();
    tl_raster_rows_close(made);
    return err;
}

void tl_raster_rows_close(struct tl_raster_rows *r)
{
    struct tl_gdal_quiet quiet;
    if (r == NULL)
        return;
    tl_gdal_begin(&quiet);
    if (r->data != NULL)
        GDALClose(r->data);
    tl_gdal_end();
    tl_raster_fini(&r->info);
    tl_free(r->path);
    tl_free(r->floats);
    tl_free(r->doubles);
    tl_free(r);
}

const struct tl_raster *tl_raster_rows_raster(const struct tl_raster_rows *r)
{
    return &r->info;
}

int64_t tl_raster_rows_bytes(const struct tl_raster_rows *r)
{
    return r->stripe_rows * r->info.grid.n_x * (r->single ? 4 : 8);
}

static tl_err read_stripe(struct tl_ctx *ctx, struct tl_raster_rows *r, int64_t y)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    int64_t n_x = r->info.grid.n_x, first = y / r->stripe_rows * r->stripe_rows;
    int64_t left = r->info.grid.n_y - first, n = left < r->stripe_rows ? left : r->stripe_rows;
    tl_gdal_begin(&quiet);
    r->n_there = 0;
    if (r->single && r->floats == NULL)
        TL_TRY_ALLOC(ctx, r->floats, r->stripe_rows * n_x);
    if (!r->single && r->doubles == NULL)
        TL_TRY_ALLOC(ctx, r->doubles, r->stripe_rows * n_x);
    void *to = r->single ? (void *)r->floats : (void *)r->doubles;
    if (GDALRasterIO(r->band, GF_Read, 0, (int)first, (int)n_x, (int)n, to, (int)n_x, (int)n,
                     r->single ? GDT_Float32 : GDT_Float64, 0, 0) != CE_None)
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", r->path,
                 tl_gdal_why(&quiet, "unknown reason"));
    if (r->by_blocks)
        GDALFlushCache(r->data); /* of a file that is only read: drops its blocks */
    r->first = first;
    r->n_there = n;
done:
    tl_gdal_end();
    return err;
}

tl_err tl_raster_rows_read(struct tl_ctx *ctx, struct tl_raster_rows *r, int64_t y, double *values)
{
    int64_t n_x = r->info.grid.n_x;
    if (y < 0 || y >= r->info.grid.n_y)
        return tl_fail(ctx, TL_EDATA, "%s: there is no row %lld; it has %lld", r->path,
                       (long long)y, (long long)r->info.grid.n_y);
    if (y < r->first || y >= r->first + r->n_there) {
        tl_err err = read_stripe(ctx, r, y);
        if (err != TL_OK)
            return err;
    }
    int64_t at = (y - r->first) * n_x;
    for (int64_t x = 0; r->single && x < n_x; x++)
        values[x] = (double)r->floats[at + x];
    if (!r->single)
        memcpy(values, r->doubles + at, (size_t)n_x * sizeof *values);
    tl_raster_rule_apply(&r->rule, y * n_x, n_x, values, &r->info);
    return TL_OK;
}
