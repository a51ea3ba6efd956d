/** For tests: a PMTiles file, written by its specification and not by the reader's code. */
#ifndef TL_TILE_PMTILES_FIXTURE_H
#define TL_TILE_PMTILES_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tile/pack.h"

struct fixture_tile {
    uint64_t id;
    uint32_t run;
    const void *bytes;
    uint32_t n_bytes;
};

struct fixture_pmtiles {
    int n;
    const struct fixture_tile *tiles; /* in order of their numbers */
    bool leaves;                      /* each tile in a leaf directory of its own */
    bool gzip;                        /* directories and metadata */
    int type, tile_packing, min_zoom, max_zoom;
    const char *json;
    double box_deg[4];
};

__attribute__((unused)) static void fixture_varint(struct tl_ctx *ctx, struct tl_buf *out,
                                                   uint64_t value)
{
    do {
        uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        (void)!tl_buf_add_bytes(ctx, out, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

struct fixture_entry {
    uint64_t id, run, n_bytes, offset;
};

__attribute__((unused)) static void fixture_directory(struct tl_ctx *ctx, struct tl_buf *out, int n,
                                                      const struct fixture_entry *entries,
                                                      bool gzip)
{
    struct tl_buf plain = {0};
    struct tl_pack *pack = NULL;
    uint64_t before = 0;
    fixture_varint(ctx, &plain, (uint64_t)n);
    for (int i = 0; i < n; i++) {
        fixture_varint(ctx, &plain, entries[i].id - before);
        before = entries[i].id;
    }
    for (int i = 0; i < n; i++)
        fixture_varint(ctx, &plain, entries[i].run);
    for (int i = 0; i < n; i++)
        fixture_varint(ctx, &plain, entries[i].n_bytes);
    for (int i = 0; i < n; i++) /* the shorthand where it holds */
        fixture_varint(ctx, &plain,
                       i > 0 && entries[i].offset == entries[i - 1].offset + entries[i - 1].n_bytes
                           ? 0
                           : entries[i].offset + 1);
    if (gzip && tl_pack_create(ctx, &pack) == TL_OK)
        (void)!tl_pack_gzip(ctx, pack, plain.text, plain.size_bytes, out);
    else
        (void)!tl_buf_add_bytes(ctx, out, plain.text, plain.size_bytes);
    tl_pack_free(pack);
    tl_buf_fini(&plain);
}

__attribute__((unused)) static void fixture_le(uint8_t *at, uint64_t value, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/** Appends the whole file to `out`. */
__attribute__((unused)) static void
fixture_pmtiles(struct tl_ctx *ctx, const struct fixture_pmtiles *f, struct tl_buf *out)
{
    struct tl_buf root = {0}, leaves = {0}, tiles = {0}, json = {0};
    struct fixture_entry entries[64], top[64];
    struct tl_pack *pack = NULL;
    uint8_t h[127] = "PMTiles\3";
    for (int i = 0; i < f->n; i++) {
        entries[i] = (struct fixture_entry){f->tiles[i].id, f->tiles[i].run, f->tiles[i].n_bytes,
                                            (uint64_t)tiles.size_bytes};
        (void)!tl_buf_add_bytes(ctx, &tiles, f->tiles[i].bytes, f->tiles[i].n_bytes);
        int64_t at = leaves.size_bytes;
        if (f->leaves) {
            fixture_directory(ctx, &leaves, 1, &entries[i], f->gzip);
            top[i] = (struct fixture_entry){entries[i].id, 0, (uint64_t)(leaves.size_bytes - at),
                                            (uint64_t)at};
        }
    }
    fixture_directory(ctx, &root, f->n, f->leaves ? top : entries, f->gzip);
    const char *text = f->json != NULL ? f->json : "{}";
    if (f->gzip && tl_pack_create(ctx, &pack) == TL_OK)
        (void)!tl_pack_gzip(ctx, pack, text, (int64_t)strlen(text), &json);
    else
        (void)!tl_buf_add(ctx, &json, text);
    tl_pack_free(pack);
    const struct tl_buf *const parts[4] = {&root, &json, &leaves, &tiles};
    uint64_t at = sizeof h;
    for (int i = 0; i < 4; i++) {
        fixture_le(h + 8 + 16 * i, at, 8);
        fixture_le(h + 16 + 16 * i, (uint64_t)parts[i]->size_bytes, 8);
        at += (uint64_t)parts[i]->size_bytes;
    }
    h[96] = 1;
    h[97] = f->gzip ? 2 : 1;
    h[98] = (uint8_t)f->tile_packing;
    h[99] = (uint8_t)f->type;
    h[100] = (uint8_t)f->min_zoom;
    h[101] = (uint8_t)f->max_zoom;
    for (int i = 0; i < 4; i++)
        fixture_le(h + 102 + 4 * i, (uint64_t)(int64_t)(f->box_deg[i] * 1e7), 4);
    (void)!tl_buf_add_bytes(ctx, out, h, sizeof h);
    for (int i = 0; i < 4; i++)
        if (parts[i]->size_bytes > 0)
            (void)!tl_buf_add_bytes(ctx, out, parts[i]->text, parts[i]->size_bytes);
    tl_buf_fini(&root);
    tl_buf_fini(&leaves);
    tl_buf_fini(&tiles);
    tl_buf_fini(&json);
}

__attribute__((unused)) static bool fixture_write(const char *path, const void *bytes, int64_t n)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(bytes, 1, (size_t)n, file) == (size_t)n;
    return file != NULL && fclose(file) == 0 && good;
}

#endif
