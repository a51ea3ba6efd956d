/*
 * A band by blocks. The file's own blocks (tiles, or strips made up to some rows) are the unit, and GDAL's copy of each is dropped when it
 * has been taken over, so that the caller alone decides what is kept.
 */
#include "geo/raster_blocks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/raster_parts.h"

enum { CELLS_WANTED = 1 << 16, CELLS_MAX = 1 << 24 };

struct tl_raster_blocks {
    char *path;            /* owns */
    char *name;            /* owns */
    GDALDatasetH data;     /* owns */
    GDALRasterBandH band;  /* borrows */
    struct tl_raster info; /* owns */
    struct tl_raster_rule rule;
    int64_t n_x, n_y; /* of a block */
    bool is_plain;    /* values are singles as they stand */
    double *row;      /* owns: [n_x * n_y] for the rule; NULL where it is plain */
};

static tl_err number_of(struct tl_ctx *ctx, const char *path, GDALDatasetH data, const char *name,
                        int *band)
{
    char *end = NULL;
    int n = GDALGetRasterCount(data);
    if (name == NULL)
        return *band = 1, TL_OK;
    for (int b = 1; b <= n; b++)
        if (strcmp(GDALGetDescription(GDALGetRasterBand(data, b)), name) == 0)
            return *band = b, TL_OK;
    long number = strtol(name, &end, 10);
    if (end != name && *end == '\0' && number >= 1 && number <= n)
        return *band = (int)number, TL_OK;
    return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no band \"%.80s\"; it has %d", path, name, n);
}

static void choose_size(struct tl_raster_blocks *b)
{
    int block_x = 1, block_y = 1;
    GDALGetBlockSize(b->band, &block_x, &block_y);
    int64_t n_x = block_x < 1 ? 1 : block_x, n_y = block_y < 1 ? 1 : block_y;
    const struct tl_grid *grid = &b->info.grid;
    if (n_x * n_y > CELLS_MAX) /* the whole image as one block: cut */
        n_x = n_y = 512;
    while (n_x * n_y < CELLS_WANTED && (n_x < grid->n_x || n_y < grid->n_y)) {
        bool down = n_y < grid->n_y && (n_y <= n_x || n_x >= grid->n_x);
        n_y *= down ? 2 : 1;
        n_x *= down ? 1 : 2;
    }
    b->n_x = n_x;
    b->n_y = n_y;
}

tl_err tl_raster_blocks_open(struct tl_ctx *ctx, const char *path, const char *name,
                             struct tl_raster_blocks **blocks)
{
    tl_err err = TL_OK;
    int number = 1;
    struct tl_raster_blocks *made = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(tl_raster_band_open(ctx, path, 1, &quiet, &made->data));
    TL_TRY(number_of(ctx, path, made->data, name, &number));
    TL_TRY(tl_raster_band_grid(ctx, path, made->data, &made->info.grid));
    TL_TRY(tl_raster_band_crs(ctx, made->data, &made->info.crs));
    made->band = GDALGetRasterBand(made->data, number);
    made->path = tl_strdup(ctx, path);
    made->name = tl_strdup(ctx, GDALGetDescription(made->band));
    if (made->path == NULL || made->name == NULL)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to open it", path);
    tl_raster_rule_of(made->band, &made->rule);
    choose_size(made);
    GDALDataType type = GDALGetRasterDataType(made->band);
    made->is_plain =
        made->rule.scale == 1.0 && made->rule.offset == 0.0 &&
        (type == GDT_Byte || type == GDT_UInt16 || type == GDT_Int16 || type == GDT_Float32);
    if (!made->is_plain)
        TL_TRY_ALLOC(ctx, made->row, made->n_x * made->n_y);
    *blocks = made;
    made = NULL;
done:
    tl_gdal_end();
    tl_raster_blocks_close(made);
    return err;
}

void tl_raster_blocks_close(struct tl_raster_blocks *blocks)
{
    struct tl_gdal_quiet quiet;
    if (blocks == NULL)
        return;
    tl_gdal_begin(&quiet);
    if (blocks->data != NULL)
        GDALClose(blocks->data);
    tl_gdal_end();
    tl_raster_fini(&blocks->info);
    tl_free(blocks->path);
    tl_free(blocks->name);
    tl_free(blocks->row);
    tl_free(blocks);
}

const struct tl_raster *tl_raster_blocks_raster(const struct tl_raster_blocks *blocks)
{
    return &blocks->info;
}

const char *tl_raster_blocks_name(const struct tl_raster_blocks *blocks)
{
    return blocks->name;
}

void tl_raster_blocks_size(const struct tl_raster_blocks *blocks, int64_t *n_x, int64_t *n_y)
{
    *n_x = blocks->n_x;
    *n_y = blocks->n_y;
}

tl_err tl_raster_blocks_read(struct tl_ctx *ctx, struct tl_raster_blocks *b, int64_t bx, int64_t by,
                             float *values)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    const struct tl_grid *grid = &b->info.grid;
    int64_t x = bx * b->n_x, y = by * b->n_y;
    if (bx < 0 || by < 0 || x >= grid->n_x || y >= grid->n_y)
        return tl_fail(ctx, TL_EDATA, "%s: there is no block %lld, %lld", b->path, (long long)bx,
                       (long long)by);
    int64_t n_x = grid->n_x - x < b->n_x ? grid->n_x - x : b->n_x;
    int64_t n_y = grid->n_y - y < b->n_y ? grid->n_y - y : b->n_y;
    tl_gdal_begin(&quiet);
    for (int64_t i = 0; (n_x < b->n_x || n_y < b->n_y) && i < b->n_x * b->n_y; i++)
        values[i] = NAN;
    void *to = b->is_plain ? (void *)values : (void *)b->row;
    int64_t line = b->is_plain ? 4 * b->n_x : 8 * n_x;
    if (GDALRasterIOEx(b->band, GF_Read, (int)x, (int)y, (int)n_x, (int)n_y, to, (int)n_x, (int)n_y,
                       b->is_plain ? GDT_Float32 : GDT_Float64, 0, line, NULL) != CE_None)
        TL_THROW(ctx, TL_EIO, "%s: cannot be read: %s", b->path,
                 tl_gdal_why(&quiet, "unknown reason"));
    GDALFlushCache(b->data); /* of a file that is only read: drops its blocks */
    if (b->is_plain) {
        float none = (float)b->rule.nodata;
        for (int64_t i = 0; b->rule.has_nodata && !isnan(none) && i < b->n_x * b->n_y; i++)
            values[i] = values[i] == none ? NAN : values[i];
        goto done;
    }
    tl_raster_rule_apply(&b->rule, y * grid->n_x + x, n_x * n_y, b->row, &b->info);
    for (int64_t j = 0; j < n_y; j++)
        for (int64_t i = 0; i < n_x; i++)
            values[j * b->n_x + i] = (float)b->row[j * n_x + i];
done:
    tl_gdal_end();
    return err;
}
