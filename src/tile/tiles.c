/* The set of caches of a server, and when what they hold is out of date. */
#include "tile/tile.h"

#include <stdio.h>
#include <string.h>

static const int64_t tile_bytes = 24 << 20, record_bytes = 48 << 20, raster_bytes = 24 << 20,
                     source_bytes = 64 << 20;

struct finished {
    struct tl_cache_thing thing;
    struct tl_tile facts; /* bytes behind it */
};

static int64_t or_default(int64_t asked, int64_t otherwise)
{
    return asked > 0 ? asked : otherwise;
}

tl_err tl_tiles_create(struct tl_ctx *ctx, const struct tl_tiles_options *options,
                       struct tl_tiles **tiles)
{
    struct tl_tiles_options o = {0};
    tl_err err = TL_OK;
    struct tl_tiles *made = NULL;
    if (options != NULL)
        o = *options;
    TL_TRY_ALLOC(ctx, made, 1);
    pthread_mutex_init(&made->lock, NULL);
    made->last_line = -1;
    TL_TRY(tl_cache_create(ctx, or_default(o.tile_bytes, tile_bytes), &made->tiles));
    TL_TRY(tl_cache_create(ctx, or_default(o.record_bytes, record_bytes), &made->records));
    TL_TRY(tl_cache_create(ctx, or_default(o.raster_bytes, raster_bytes), &made->blocks));
    TL_TRY(tl_cache_create(ctx, source_bytes, &made->sources));
    *tiles = made;
    made = NULL;
done:
    tl_tiles_free(made);
    return err;
}

void tl_tiles_free(struct tl_tiles *tiles)
{
    if (tiles == NULL)
        return;
    tl_cache_free(tiles->tiles);
    tl_cache_free(tiles->records);
    tl_cache_free(tiles->blocks);
    tl_cache_free(tiles->sources);
    for (int i = 0; i < tiles->n_packs; i++)
        tl_pack_free(tiles->packs[i]);
    pthread_mutex_destroy(&tiles->lock);
    tl_free(tiles);
}

tl_err tl_tiles_pack_take(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_pack **pack)
{
    struct tl_pack *found = NULL;
    pthread_mutex_lock(&tiles->lock);
    if (tiles->n_packs > 0)
        found = tiles->packs[--tiles->n_packs];
    pthread_mutex_unlock(&tiles->lock);
    *pack = found;
    return found != NULL ? TL_OK : tl_pack_create(ctx, pack);
}

void tl_tiles_pack_give(struct tl_tiles *tiles, struct tl_pack *pack)
{
    pthread_mutex_lock(&tiles->lock);
    if (pack != NULL && tiles->n_packs < TL_TILES_PACKS) {
        tiles->packs[tiles->n_packs++] = pack;
        pack = NULL;
    }
    pthread_mutex_unlock(&tiles->lock);
    tl_pack_free(pack);
}

void tl_tiles_clear(struct tl_tiles *tiles)
{
    tl_cache_clear(tiles->tiles);
    tl_cache_clear(tiles->records);
    tl_cache_clear(tiles->blocks);
    tl_cache_clear(tiles->sources);
}

void tl_tiles_counts(struct tl_tiles *tiles, struct tl_tiles_counts *counts)
{
    pthread_mutex_lock(&tiles->lock);
    counts->n_hits = tiles->n_hits;
    counts->n_made = tiles->n_made;
    pthread_mutex_unlock(&tiles->lock);
    counts->tile_bytes = tl_cache_bytes(tiles->tiles);
    counts->record_bytes = tl_cache_bytes(tiles->records);
    counts->raster_bytes = tl_cache_bytes(tiles->blocks) + tl_cache_bytes(tiles->sources);
}

/* A reader that looked before another may come here after it: lines only ever grow, unless the file is another one. */
static void take_in(struct tl_tiles *tiles, int64_t since, const struct tl_project_change *change)
{
    bool replaced = change->last_line < since;
    if (replaced)
        tiles->n_replaced++;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (change->kinds[k] && (replaced || change->last_line > tiles->kind_line[k]))
            tiles->kind_line[k] = change->last_line;
    if (change->map && (replaced || change->last_line > tiles->map_line))
        tiles->map_line = change->last_line;
    if (replaced || change->last_line > tiles->last_line)
        tiles->last_line = change->last_line;
}

tl_err tl_tiles_stamp(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                      enum tl_kind kind, struct tl_tiles_stamp *stamp)
{
    struct tl_project_change change;
    pthread_mutex_lock(&tiles->lock);
    int64_t since = tiles->last_line;
    pthread_mutex_unlock(&tiles->lock);
    tl_err err = tl_project_changes(ctx, project, since, &change);
    if (err != TL_OK)
        return err;
    pthread_mutex_lock(&tiles->lock);
    if (change.last_line != since || since < 0)
        take_in(tiles, since, &change);
    stamp->line = kind < TL_KIND_COUNT ? tiles->kind_line[kind] : tiles->map_line;
    stamp->n_replaced = tiles->n_replaced;
    pthread_mutex_unlock(&tiles->lock);
    return TL_OK;
}

static void finished_fini(struct tl_cache_thing *thing)
{
    tl_free(thing);
}

static void give(struct finished *f, struct tl_tile *tile)
{
    *tile = f->facts;
    tile->hold = &f->thing;
}

bool tl_tiles_find(struct tl_tiles *tiles, const struct tl_cache_key *key, struct tl_tile *tile)
{
    struct finished *f = (struct finished *)(void *)tl_cache_get(tiles->tiles, key);
    if (f == NULL)
        return false;
    give(f, tile);
    pthread_mutex_lock(&tiles->lock);
    tiles->n_hits++;
    pthread_mutex_unlock(&tiles->lock);
    return true;
}

tl_err tl_tiles_keep(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct tl_cache_key *key,
                     const struct tl_tile *facts, struct tl_tile *tile)
{
    uint8_t id[TL_HASH_ID_BYTES];
    int64_t cost = (int64_t)sizeof(struct finished) + facts->n_bytes;
    struct finished *f = tl_alloc(ctx, cost, 1);
    if (f == NULL)
        return TL_ENOMEM;
    uint8_t *bytes = (uint8_t *)f + sizeof *f;
    if (facts->n_bytes > 0)
        memcpy(bytes, facts->bytes, (size_t)facts->n_bytes);
    f->facts = *facts;
    f->facts.bytes = bytes;
    tl_hash_id(bytes, facts->n_bytes, id);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(f->facts.etag + 2 * i, 3, "%02x", id[i]);
    tl_cache_thing_init(&f->thing, cost, finished_fini);
    tl_cache_put(tiles->tiles, key, &f->thing);
    give(f, tile);
    pthread_mutex_lock(&tiles->lock);
    tiles->n_made++;
    pthread_mutex_unlock(&tiles->lock);
    return TL_OK;
}

void tl_tile_release(struct tl_tile *tile)
{
    tl_cache_drop(tile->hold);
    *tile = (struct tl_tile){0};
}
