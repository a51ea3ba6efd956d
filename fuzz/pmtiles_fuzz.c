/*
 * Fuzzer of base maps as PMTiles: any bytes as a file. What must hold: no crash, an error has words that do not name the folder, a tile is within its bound
 * and one of the kinds that are sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"
#include "tilth/basemap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_tile(struct tl_ctx *ctx, struct tl_basemap *basemap, int z, int64_t x, int64_t y)
{
    struct tl_basemap_tile tile = {0};
    tl_err err = tl_basemap_tile(ctx, basemap, (struct tl_tile_id){z, x, y}, &tile);
    must(err == TL_OK ||
         (tl_ctx_message(ctx)[0] != '\0' && strstr(tl_ctx_message(ctx), "/proc") == NULL));
    must(err == TL_OK || tile.bytes == NULL);
    must(tile.bytes == NULL || (tile.n_bytes > 0 && tl_basemap_format_type(tile.format) != NULL));
    tl_free(tile.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int places[][3] = {{0, 0, 0}, {1, 1, 0}, {2, 3, 2}, {5, 17, 11}, {22, 77777, 1}};
    struct tl_ctx *ctx = tl_ctx_create();
    struct tl_basemap *basemap = NULL;
    char path[64], *json = NULL;
    int file = memfd_create("map", MFD_CLOEXEC);
    must(ctx != NULL && file >= 0 && (size == 0 || write(file, data, size) == (ssize_t)size));
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (size >= 7 && memcmp(data, "PMTiles", 7) == 0 &&
        tl_basemap_open(ctx, path, &basemap) == TL_OK) {
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            check_tile(ctx, basemap, places[i][0], places[i][1], places[i][2]);
        must(tl_basemap_json(ctx, basemap, &json) == TL_OK && json[0] == '{');
    }
    tl_free(json);
    tl_basemap_close(basemap);
    close(file);
    tl_ctx_free(ctx);
    return 0;
}
