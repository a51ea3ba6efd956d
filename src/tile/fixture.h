/** For the tests of this room: tiles decoded by libraries of others, and small projects. */
#ifndef TL_TILE_FIXTURE_H
#define TL_TILE_FIXTURE_H

#include <libdeflate.h>
#include <png.h>
#include <unistd.h>

#include "core/hash.h"
#include "geo/geom.h"
#include "tile/tile.h"

/** Decodes a PNG with libpng: [256 * 256][4] red, green, blue, alpha; owns: the caller, free. */
__attribute__((unused)) static uint8_t *fixture_png(const struct tl_tile *tile)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, tile->bytes, (size_t)tile->n_bytes) ||
        image.width != TL_TILE_PIXELS || image.height != TL_TILE_PIXELS)
        return NULL;
    image.format = PNG_FORMAT_RGBA;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL))
        return NULL;
    return pixels;
}

/** Unpacks gzip; owns: the caller, free. */
__attribute__((unused)) static uint8_t *fixture_gunzip(const void *bytes, int64_t n, int64_t *n_out)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t room = (size_t)64 << 20, got = 0;
    uint8_t *out = malloc(room);
    if (libdeflate_gzip_decompress(d, bytes, (size_t)n, out, room, &got) != LIBDEFLATE_SUCCESS) {
        free(out);
        out = NULL;
    }
    libdeflate_free_decompressor(d);
    *n_out = (int64_t)got;
    return out;
}

/** An empty project on a grid. */
__attribute__((unused)) static tl_err fixture_project(struct tl_ctx *ctx, const char *path,
                                                      const char *crs, struct tl_grid grid,
                                                      const double box[4],
                                                      struct tl_project **project)
{
    char wkt[512];
    void *wkb = NULL;
    tl_err err = TL_OK;
    struct tl_project_new options = {.crs = crs, .grid = grid, .overwrite = true, .title = "T"};
    memcpy(options.area_deg, box, sizeof options.area_deg);
    snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", box[0], box[1], box[2],
             box[1], box[2], box[3], box[0], box[3], box[0], box[1]);
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &options.area_wkb_bytes));
    options.area_wkb = wkb;
    TL_TRY(tl_project_create(ctx, path, &options));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, project));
done:
    tl_free(wkb);
    return err;
}

/** Keeps one band as the latest map. */
__attribute__((unused)) static tl_err fixture_map(struct tl_ctx *ctx, struct tl_project *project,
                                                  const char *name, const float *values)
{
    struct tl_map_band band = {name, values};
    int64_t run = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_map_save(ctx, project, "{}", 1, &band, &run));
    TL_TRY(tl_project_commit(ctx, project));
done:
    return err;
}

/** Puts a record of WKT in, inside a transaction of its own. */
__attribute__((unused)) static tl_err fixture_put(struct tl_ctx *ctx, struct tl_project *project,
                                                  enum tl_kind kind, const char *wkt,
                                                  const char *column, const char *value)
{
    struct tl_record record = {.source = "test", .accuracy_m = (double)NAN};
    void *wkb = NULL;
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &record.wkb_bytes));
    record.wkb = wkb;
    if (column != NULL)
        record.values[tl_kind_column(kind, column)] = value;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_register_put(ctx, project, kind, &record, true, &put, NULL));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_free(wkb);
    return err;
}

/** The tile of a zoom that holds a place. */
__attribute__((unused)) static struct tl_tile_id fixture_at(int z, double lon, double lat)
{
    double n = (double)((int64_t)1 << z);
    return (struct tl_tile_id){z, (int64_t)(tl_tile_x(lon) * n), (int64_t)(tl_tile_y(lat) * n)};
}

#endif
