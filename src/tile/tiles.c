/* The set of caches of a server, and when what they hold is out of date. */
#include "tile/tile.h"

#include "tile/chunk.h"

#include <stdio.h>
#include <string.h>

static const int64_t tile_bytes = 16 << 20, record_bytes = 48 << 20, raster_bytes = 16 << 20,
                     source_bytes = 24 << 20, whole_bytes = 192 << 20, shelf_bytes = 256 << 20,
                     sheet_bytes = (int64_t)2 << 30;

enum { LOOKS_MAX = 4 };

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
    pthread_mutex_init(&made->opening, NULL);
    made->state.last_line = -1;
    atomic_init(&made->no_sheets, false);
    made->sheet_bytes = or_default(o.sheet_bytes, sheet_bytes);
    TL_TRY(tl_cache_create(ctx, or_default(o.tile_bytes, tile_bytes), &made->tiles));
    TL_TRY(tl_cache_create(ctx, or_default(o.record_bytes, record_bytes), &made->records));
    TL_TRY(tl_cache_create(ctx, or_default(o.raster_bytes, raster_bytes), &made->blocks));
    if (o.project != NULL)
        TL_TRY(tl_shelf_open(ctx, o.project, or_default(o.shelf_bytes, shelf_bytes), &made->state,
                             &made->shelf));
    /* Without a disk large maps are held whole. */
    TL_TRY(tl_cache_create(ctx, made->shelf != NULL ? source_bytes : whole_bytes, &made->sources));
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
    if (tiles->scratch != NULL)
        tl_cache_drop(&tiles->scratch->thing);
    tl_shelf_close(tiles->shelf);
    pthread_mutex_destroy(&tiles->lock);
    pthread_mutex_destroy(&tiles->opening);
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
    pthread_mutex_lock(&tiles->lock);
    tiles->state.n_replaced++;
    if (tiles->shelf != NULL)
        tl_shelf_forget(tiles->shelf, &tiles->state);
    pthread_mutex_unlock(&tiles->lock);
}

void tl_tiles_counts(struct tl_tiles *tiles, struct tl_tiles_counts *counts)
{
    pthread_mutex_lock(&tiles->lock);
    counts->n_hits = tiles->n_hits;
    counts->n_read = tiles->n_read;
    counts->n_made = tiles->n_made;
    pthread_mutex_unlock(&tiles->lock);
    counts->shelf_bytes = tiles->shelf != NULL ? tl_shelf_bytes(tiles->shelf) : 0;
    counts->tile_bytes = tl_cache_bytes(tiles->tiles);
    counts->record_bytes = tl_cache_bytes(tiles->records);
    counts->raster_bytes = tl_cache_bytes(tiles->blocks) + tl_cache_bytes(tiles->sources);
}

/*
 * What a look found. The log says which kinds changed. A file that was written to while its log says nothing, one whose log is shorter, and another
 * file in its place make all that is kept worthless.
 */
static void take_in(struct tl_tiles *tiles, const struct tl_shelf_look *look,
                    const struct tl_project_change *change)
{
    struct tl_shelf_state *s = &tiles->state;
    bool same_file = s->look.inode == look->inode && s->look.device == look->device;
    bool replaced = s->last_line >= 0 && (!same_file || change->last_line <= s->last_line);
    s->n_replaced += replaced;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (change->kinds[k] || replaced)
            s->kind_line[k] = change->last_line;
    if (change->map || replaced)
        s->map_line = change->last_line;
    s->look = *look;
    s->last_line = change->last_line;
    if (tiles->shelf == NULL)
        return;
    if (replaced)
        tl_shelf_forget(tiles->shelf, s);
    else
        tl_shelf_note(tiles->shelf, s);
    if (change->map)
        tl_shelf_sweep(tiles->shelf, "m");
}

/* Looks at the file and its log until nobody wrote meanwhile and nobody else took in what he saw; true when it is done. */
static tl_err look(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   bool *done)
{
    struct tl_project_change change;
    struct tl_shelf_look before, after;
    tl_err err = TL_OK;
    pthread_mutex_lock(&tiles->lock);
    struct tl_shelf_state known = tiles->state;
    pthread_mutex_unlock(&tiles->lock);
    tl_shelf_look_at(tl_project_path(project), &before);
    TL_TRY(tl_project_changes(ctx, project, known.last_line, &change));
    *done = change.last_line == known.last_line && tl_shelf_look_same(&before, &known.look);
    if (*done)
        return TL_OK;
    tl_shelf_look_at(tl_project_path(project), &after);
    pthread_mutex_lock(&tiles->lock);
    *done = tl_shelf_look_same(&before, &after) && tiles->state.last_line == known.last_line &&
            tl_shelf_look_same(&tiles->state.look, &known.look);
    if (*done)
        take_in(tiles, &after, &change);
    pthread_mutex_unlock(&tiles->lock);
done:
    return err;
}

tl_err tl_tiles_stamp(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                      enum tl_kind kind, struct tl_tiles_stamp *stamp)
{
    bool done = false;
    tl_err err = TL_OK;
    for (int i = 0; i < LOOKS_MAX && !done && err == TL_OK; i++)
        err = look(ctx, tiles, project, &done);
    if (err != TL_OK)
        return err;
    pthread_mutex_lock(&tiles->lock);
    /* Written to all the while: what is made now is made for this call alone. */
    if (!done)
        tiles->state.n_replaced++;
    const struct tl_shelf_state *s = &tiles->state;
    *stamp = (struct tl_tiles_stamp){kind < TL_KIND_COUNT ? s->kind_line[kind] : s->map_line,
                                     s->n_replaced};
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

static struct finished *finished_create(struct tl_ctx *ctx, int64_t n_bytes)
{
    int64_t cost = (int64_t)sizeof(struct finished) + n_bytes;
    struct finished *f = tl_alloc(ctx, cost, 1);
    if (f != NULL)
        tl_cache_thing_init(&f->thing, cost, finished_fini);
    return f;
}

static uint8_t *bytes_of(struct finished *f)
{
    return (uint8_t *)f + sizeof *f;
}

/* From disk into memory. */
static struct finished *fetch(struct tl_ctx *ctx, struct tl_tiles *tiles,
                              const struct tl_cache_key *key)
{
    struct tl_shelf_place place;
    if (tiles->shelf == NULL || !tl_shelf_find(tiles->shelf, key, &place))
        return NULL;
    struct finished *f = finished_create(ctx, place.n_bytes);
    if (f == NULL)
        return NULL;
    if (!tl_shelf_read(tiles->shelf, key, &place, &f->facts, bytes_of(f))) {
        tl_cache_drop(&f->thing);
        return NULL;
    }
    f->facts.bytes = bytes_of(f);
    tl_cache_put(tiles->tiles, key, &f->thing);
    return f;
}

bool tl_tiles_find(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct tl_cache_key *key,
                   struct tl_tile *tile)
{
    struct finished *f = (struct finished *)(void *)tl_cache_get(tiles->tiles, key);
    bool in_memory = f != NULL;
    if (f == NULL)
        f = fetch(ctx, tiles, key);
    if (f == NULL)
        return false;
    give(f, tile);
    pthread_mutex_lock(&tiles->lock);
    tiles->n_hits += in_memory;
    tiles->n_read += !in_memory;
    pthread_mutex_unlock(&tiles->lock);
    return true;
}

tl_err tl_tiles_keep(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct tl_cache_key *key,
                     const struct tl_tile *facts, struct tl_tile *tile)
{
    uint8_t id[TL_HASH_ID_BYTES];
    struct finished *f = finished_create(ctx, facts->n_bytes);
    if (f == NULL)
        return TL_ENOMEM;
    if (facts->n_bytes > 0)
        memcpy(bytes_of(f), facts->bytes, (size_t)facts->n_bytes);
    f->facts = *facts;
    f->facts.bytes = bytes_of(f);
    tl_hash_id(bytes_of(f), facts->n_bytes, id);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(f->facts.etag + 2 * i, 3, "%02x", id[i]);
    tl_cache_put(tiles->tiles, key, &f->thing);
    if (tiles->shelf != NULL)
        tl_shelf_put(ctx, tiles->shelf, key, &f->facts);
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
