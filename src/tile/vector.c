/*
 * Vector tiles from chunks of records. At low zooms much falls together: where a tile would hold more than CROWD points, those of a square of
 * POINT_CELL units become one with their number; where it would hold more than CROWD polygons of two units and less, these become squares of
 * SPECK_CELL units (a screen's pixel), those of one square and of the same choices (status, class) one with their number.
 */
#include <math.h>
#include <string.h>

#include "core/json.h"
#include "tile/chunk.h"
#include "tile/mvt.h"
#include "tile/shape.h"

enum { CROWD = 1500, POINT_CELL = 16, SPECK_CELL = 8, KEYS_MAX = TL_RECORD_COLUMNS_MAX + 2 };

/* Records that fell together. */
struct heap {
    int32_t x, y;
    uint32_t group;
    int32_t n;
    int64_t id;             /* of the first of them */
    int64_t props, n_props; /* its, in `heap_props` */
    bool is_point;
    int32_t at[2]; /* of a point */
};

struct building {
    const struct tl_chunk *chunk; /* borrows */
    const struct tl_tile_layer *layer;
    struct tl_tile_id id;
    double scale, x0, y0; /* from the plane to tile units */
    struct tl_mvt mvt;
    struct tl_shape shape;
    int32_t key_of[256]; /* number of a column's key; -1 = not shown */
    int32_t key_n;       /* of `n` */
    int64_t n_heaps, n_slots;
    struct heap *heaps; /* owns: [n_slots] by hash; n = 0 is free */
    struct tl_buf heap_props;
    bool crowd_points, crowd_specks;
    double (*xy)[2];             /* owns: of one record, in tile units */
    struct tl_shape_path *rings; /* owns */
    int64_t xy_room, ring_room;
};

static bool is_shown(const struct tl_tile_layer *layer, int column)
{
    static const char *const open[] = {"name", "classification", "status"};
    const char *name = tl_kind_info(layer->kind)->columns[column].name;
    bool found = false;
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        found = found || strcmp(name, open[i]) == 0;
    return tl_chunk_has_column(layer->kind, column) && (found || !layer->is_public);
}

static tl_err make_keys(struct tl_ctx *ctx, struct building *b)
{
    const struct tl_kind_info *info = tl_kind_info(b->layer->kind);
    tl_err err = TL_OK;
    for (int i = 0; i < 256; i++)
        b->key_of[i] = -1;
    b->key_of[TL_CHUNK_CODE] = b->mvt.n_keys;
    TL_TRY(tl_mvt_key(ctx, &b->mvt, "code"));
    for (int i = 0; i < info->n_columns; i++) {
        if (!is_shown(b->layer, i))
            continue;
        b->key_of[i] = b->mvt.n_keys;
        TL_TRY(tl_mvt_key(ctx, &b->mvt, info->columns[i].name));
    }
    b->key_n = b->mvt.n_keys;
    TL_TRY(tl_mvt_key(ctx, &b->mvt, "n"));
done:
    return err;
}

static double span_of(const struct building *b, const struct tl_chunk_record *r)
{
    return b->scale * fmax(r->box[2] - r->box[0], r->box[3] - r->box[1]);
}

static bool is_speck(const struct building *b, const struct tl_chunk_record *r)
{
    return r->kind == TL_GEOM_POLYGON && span_of(b, r) <= 2.0;
}

static bool is_here(const struct building *b, const struct tl_chunk_record *r)
{
    double edge = (TL_TILE_BUFFER + 1.0) / b->scale, side = TL_TILE_EXTENT / b->scale;
    return r->box[2] >= b->x0 - edge && r->box[0] <= b->x0 + side + edge &&
           r->box[3] >= b->y0 - edge && r->box[1] <= b->y0 + side + edge;
}

static void count_crowds(struct building *b)
{
    int64_t n_points = 0, n_specks = 0;
    for (int64_t i = 0; i < b->chunk->n_records; i++) {
        const struct tl_chunk_record *r = &b->chunk->records[i];
        if (!is_here(b, r))
            continue;
        n_points += r->kind == TL_GEOM_POINT;
        n_specks += is_speck(b, r);
    }
    b->crowd_points = n_points > CROWD;
    b->crowd_specks = n_specks > CROWD;
}

static tl_err add_tags(struct tl_ctx *ctx, struct building *b, const char *props, int64_t n_props)
{
    tl_err err = TL_OK;
    const uint8_t *at = (const uint8_t *)props;
    for (const uint8_t *end = at + n_props; at < end && err == TL_OK;) {
        int64_t n = at[1] | at[2] << 8;
        int32_t key = b->key_of[at[0]];
        if (key >= 0)
            err = tl_mvt_tag(ctx, &b->mvt, key, at + 3, n);
        at += 3 + n;
    }
    return err;
}

static tl_err add_number(struct tl_ctx *ctx, struct building *b, int32_t n)
{
    struct tl_buf value = {0};
    tl_err err = tl_mvt_integer(ctx, &value, n);
    if (err == TL_OK)
        err = tl_mvt_tag(ctx, &b->mvt, b->key_n, value.text, value.size_bytes);
    tl_buf_fini(&value);
    return err;
}

static tl_err heaps_grow(struct tl_ctx *ctx, struct building *b)
{
    int64_t n_slots = b->n_slots == 0 ? 4096 : 2 * b->n_slots;
    struct heap *made = tl_alloc(ctx, n_slots, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < b->n_slots; i++) {
        const struct heap *h = &b->heaps[i];
        uint32_t at = ((uint32_t)h->x * 73856093u ^ (uint32_t)h->y * 19349663u ^ h->group);
        for (; h->n > 0 && made[at & (n_slots - 1)].n > 0; at++)
            ;
        if (h->n > 0)
            made[at & (n_slots - 1)] = *h;
    }
    tl_free(b->heaps);
    b->heaps = made;
    b->n_slots = n_slots;
    return TL_OK;
}

static void to_units(const struct building *b, const double *plane, double out[2])
{
    out[0] = (plane[0] - b->x0) * b->scale;
    out[1] = (plane[1] - b->y0) * b->scale;
}

static tl_err heap_begin(struct tl_ctx *ctx, struct building *b, const struct tl_chunk_record *r,
                         struct heap *h)
{
    double at[2];
    to_units(b, b->chunk->xy[b->chunk->paths[r->first_path].first], at);
    h->id = r->id;
    h->is_point = r->kind == TL_GEOM_POINT;
    h->at[0] = h->is_point ? (int32_t)lround(at[0]) : 0;
    h->at[1] = h->is_point ? (int32_t)lround(at[1]) : 0;
    h->props = b->heap_props.size_bytes;
    h->n_props = r->n_props;
    return tl_buf_add_bytes(ctx, &b->heap_props, b->chunk->props.text + r->props, r->n_props);
}

static tl_err heap_add(struct tl_ctx *ctx, struct building *b, int32_t x, int32_t y,
                       const struct tl_chunk_record *r)
{
    uint32_t group = r->group;
    tl_err err = TL_OK;
    if (2 * b->n_heaps >= b->n_slots)
        TL_TRY(heaps_grow(ctx, b));
    uint32_t at = ((uint32_t)x * 73856093u ^ (uint32_t)y * 19349663u ^ group);
    struct heap *h = NULL;
    for (;; at++) {
        h = &b->heaps[at & (b->n_slots - 1)];
        if (h->n == 0 || (h->x == x && h->y == y && h->group == group))
            break;
    }
    if (h->n == 0) {
        *h = (struct heap){.x = x, .y = y, .group = group};
        TL_TRY(heap_begin(ctx, b, r, h));
        b->n_heaps++;
    }
    h->n++;
done:
    return err;
}

/* A crowd's record: the squares that its box meets. */
static tl_err heap_record(struct tl_ctx *ctx, struct building *b, const struct tl_chunk_record *r)
{
    int32_t cell = r->kind == TL_GEOM_POINT ? POINT_CELL : SPECK_CELL;
    double first[2], last[2];
    tl_err err = TL_OK;
    to_units(b, r->box, first);
    to_units(b, r->box + 2, last);
    /* Clear of the edge, as outward rounding is: half a unit of the seventh decimal of a degree is nothing beside it. */
    double clear = r->kind == TL_GEOM_POINT ? 0.0 : 1.0 / 64.0;
    for (int32_t y = (int32_t)floor((first[1] - clear) / cell);
         y <= (int32_t)floor((last[1] + clear) / cell) && err == TL_OK; y++)
        for (int32_t x = (int32_t)floor((first[0] - clear) / cell);
             x <= (int32_t)floor((last[0] + clear) / cell) && err == TL_OK; x++)
            err = heap_add(ctx, b, x, y, r);
    return err;
}

static tl_err add_heap(struct tl_ctx *ctx, struct building *b, const struct heap *h)
{
    tl_err err = TL_OK;
    tl_mvt_begin(&b->mvt);
    TL_TRY(add_tags(ctx, b, b->heap_props.text + h->props, h->n_props));
    TL_TRY(add_number(ctx, b, h->n));
    if (h->is_point) {
        TL_TRY(tl_mvt_path(ctx, &b->mvt, TL_MVT_POINT, 1, &h->at));
    } else {
        const int32_t w = h->x * SPECK_CELL, n = h->y * SPECK_CELL, c = SPECK_CELL;
        const int32_t ring[4][2] = {{w, n}, {w + c, n}, {w + c, n + c}, {w, n + c}};
        TL_TRY(tl_mvt_path(ctx, &b->mvt, TL_MVT_POLYGON, 4, ring));
    }
    TL_TRY(tl_mvt_end(ctx, &b->mvt, h->is_point ? TL_MVT_POINT : TL_MVT_POLYGON, h->id));
done:
    return err;
}

static tl_err reserve(struct tl_ctx *ctx, struct building *b, int64_t n_xy, int64_t n_rings)
{
    tl_err err = TL_OK;
    if (n_xy > b->xy_room) {
        tl_free(b->xy);
        b->xy_room = 0;
        TL_TRY_ALLOC(ctx, b->xy, 2 * n_xy);
        b->xy_room = 2 * n_xy;
    }
    if (n_rings > b->ring_room) {
        tl_free(b->rings);
        b->ring_room = 0;
        TL_TRY_ALLOC(ctx, b->rings, 2 * n_rings);
        b->ring_room = 2 * n_rings;
    }
done:
    return err;
}

/* A hazardous area must not shrink; where somebody searched must not be moved either way. */
static enum tl_shape_bias bias_of(enum tl_kind kind)
{
    return kind == TL_KIND_HAZARD_AREA ? TL_SHAPE_OUTWARDS : TL_SHAPE_NEAREST;
}

static tl_err shape_paths(struct tl_ctx *ctx, struct building *b, const struct tl_chunk_record *r,
                          enum tl_geom_kind kind)
{
    const struct tl_chunk_path *paths = b->chunk->paths + r->first_path;
    tl_err err = TL_OK;
    for (int64_t k = 0; k < r->n_paths && err == TL_OK;) {
        int64_t n_rings = 0, n_xy = 0, last = k + 1;
        if (paths[k].kind != kind) {
            k++;
            continue;
        }
        while (kind == TL_GEOM_POLYGON && last < r->n_paths && paths[last].is_hole &&
               paths[last].kind == kind)
            last++;
        for (int64_t i = k; i < last; i++)
            n_xy += paths[i].n;
        err = reserve(ctx, b, n_xy, last - k);
        n_xy = 0;
        for (int64_t i = k; i < last && err == TL_OK; i++) {
            b->rings[n_rings++] = (struct tl_shape_path){n_xy, paths[i].n};
            for (int64_t j = 0; j < paths[i].n; j++)
                to_units(b, b->chunk->xy[paths[i].first + j], b->xy[n_xy++]);
        }
        const double(*xy)[2] = (const double(*)[2])b->xy;
        if (err == TL_OK && kind == TL_GEOM_POLYGON)
            err = tl_shape_polygon(ctx, &b->shape, bias_of(b->layer->kind), xy, b->rings, n_rings);
        else if (err == TL_OK && kind == TL_GEOM_LINE)
            err = tl_shape_polyline(ctx, &b->shape, xy, n_xy);
        else if (err == TL_OK)
            err = tl_shape_point(ctx, &b->shape, xy[0]);
        k = last;
    }
    return err;
}

/* One feature of a record for each kind of geometry that it has (a report may be a collection). */
static tl_err add_record(struct tl_ctx *ctx, struct building *b, const struct tl_chunk_record *r)
{
    static const struct {
        enum tl_geom_kind kind;
        enum tl_mvt_type type;
    } kinds[] = {{TL_GEOM_POINT, TL_MVT_POINT},
                 {TL_GEOM_LINE, TL_MVT_LINE},
                 {TL_GEOM_POLYGON, TL_MVT_POLYGON}};
    tl_err err = TL_OK;
    for (int k = 0; k < 3; k++) {
        if (r->kind != kinds[k].kind && r->kind != TL_GEOM_OTHER)
            continue;
        tl_shape_clear(&b->shape);
        TL_TRY(shape_paths(ctx, b, r, kinds[k].kind));
        if (b->shape.n_paths == 0)
            continue;
        tl_mvt_begin(&b->mvt);
        TL_TRY(add_tags(ctx, b, b->chunk->props.text + r->props, r->n_props));
        if (kinds[k].type == TL_MVT_POINT)
            TL_TRY(tl_mvt_path(ctx, &b->mvt, TL_MVT_POINT, b->shape.n_xy,
                               (const int32_t(*)[2])b->shape.xy));
        for (int64_t i = 0; kinds[k].type != TL_MVT_POINT && i < b->shape.n_paths; i++)
            TL_TRY(tl_mvt_path(ctx, &b->mvt, kinds[k].type, b->shape.paths[i].n,
                               (const int32_t(*)[2])b->shape.xy + b->shape.paths[i].first));
        TL_TRY(tl_mvt_end(ctx, &b->mvt, kinds[k].type, r->id));
    }
done:
    return err;
}

/* Of records that come by portions there are so many that the small ones are taken for a crowd. */
static tl_err add_portion(struct tl_ctx *ctx, const struct tl_chunk *chunk, void *user)
{
    struct building *b = user;
    tl_err err = TL_OK;
    b->chunk = chunk;
    for (int64_t i = 0; i < chunk->n_records; i++) {
        const struct tl_chunk_record *r = &chunk->records[i];
        if (!is_here(b, r))
            continue;
        bool one_point = r->kind == TL_GEOM_POINT && r->n_paths == 1;
        if ((b->crowd_points && one_point) || (b->crowd_specks && is_speck(b, r)))
            TL_TRY(heap_record(ctx, b, r));
        else
            TL_TRY(add_record(ctx, b, r));
    }
done:
    return err;
}

static tl_err build(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                    const struct tl_chunk *chunk, struct building *b)
{
    tl_err err = TL_OK;
    b->chunk = chunk;
    b->crowd_points = b->crowd_specks = chunk->is_too_large;
    if (chunk->is_too_large) {
        TL_TRY(tl_chunk_each(ctx, tiles, project, b->layer->kind, b->id, add_portion, b));
    } else {
        count_crowds(b);
        TL_TRY(add_portion(ctx, chunk, b));
    }
    for (int64_t i = 0; i < b->n_slots; i++)
        if (b->heaps[i].n > 0)
            TL_TRY(add_heap(ctx, b, &b->heaps[i]));
done:
    return err;
}

static tl_err finish(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct building *b,
                     const struct tl_cache_key *key, struct tl_tile *tile)
{
    struct tl_buf raw = {0}, packed = {0};
    struct tl_pack *packer = NULL;
    struct tl_tile facts = {.is_empty = b->mvt.n_features == 0};
    tl_err err = TL_OK;
    if (!facts.is_empty) {
        TL_TRY(
            tl_mvt_finish(ctx, &b->mvt, tl_kind_info(b->layer->kind)->name, TL_TILE_EXTENT, &raw));
        TL_TRY(tl_tiles_pack_take(ctx, tiles, &packer));
        TL_TRY(tl_pack_gzip(ctx, packer, raw.text, raw.size_bytes, &packed));
        facts.bytes = packed.text;
        facts.n_bytes = packed.size_bytes;
        facts.is_gzip = true;
    }
    TL_TRY(tl_tiles_keep(ctx, tiles, key, &facts, tile));
done:
    tl_tiles_pack_give(tiles, packer);
    tl_buf_fini(&raw);
    tl_buf_fini(&packed);
    return err;
}

static void building_fini(struct building *b)
{
    tl_mvt_fini(&b->mvt);
    tl_shape_fini(&b->shape);
    tl_free(b->heaps);
    tl_buf_fini(&b->heap_props);
    tl_free(b->xy);
    tl_free(b->rings);
}

tl_err tl_tiles_vector(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       const struct tl_tile_layer *layer, struct tl_tile_id id,
                       struct tl_tile *tile)
{
    struct building b = {.layer = layer};
    struct tl_tiles_stamp stamp = {0};
    struct tl_chunk *chunk = NULL;
    struct tl_cache_key key;
    tl_err err = TL_OK;
    TL_TRY(tl_tile_check(ctx, id.z, id.x, id.y, &id));
    if ((unsigned)layer->kind >= TL_KIND_COUNT)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no layer %d", (int)layer->kind);
    if (layer->is_public && layer->kind != TL_KIND_HAZARD_AREA)
        TL_THROW(ctx, TL_EDENIED, "the layer %s is not public", tl_kind_info(layer->kind)->name);
    TL_TRY(tl_tiles_stamp(ctx, tiles, project, layer->kind, &stamp));
    const int64_t name[8] = {
        'v', (int64_t)layer->kind, layer->is_public, stamp.line, stamp.n_replaced, id.z, id.x,
        id.y};
    tl_hash_id(name, sizeof name, key.id);
    if (tl_tiles_find(ctx, tiles, &key, tile))
        return TL_OK;
    TL_TRY(tl_chunk_get(ctx, tiles, project, layer->kind, &stamp, id, &chunk));
    double n = (double)((int64_t)1 << id.z);
    b.id = id;
    b.scale = TL_TILE_EXTENT * n;
    b.x0 = (double)id.x / n;
    b.y0 = (double)id.y / n;
    TL_TRY(make_keys(ctx, &b));
    TL_TRY(build(ctx, tiles, project, chunk, &b));
    TL_TRY(finish(ctx, tiles, &b, &key, tile));
done:
    building_fini(&b);
    if (chunk != NULL)
        tl_cache_drop(&chunk->thing);
    return err;
}

static const char *type_name(enum tl_column_type type)
{
    static const char *const names[] = {"text", "integer", "real", "date", "choice", "yesno"};
    return names[type];
}

static json_t *choices_of(const struct tl_column *column)
{
    json_t *choices = json_array();
    for (const char *at = column->choices; at != NULL && *at != '\0';) {
        size_t n = strcspn(at, "|");
        json_array_append_new(choices, json_stringn(at, n));
        at += n + (at[n] == '|');
    }
    return choices;
}

static json_t *columns_of(const struct tl_tile_layer *layer)
{
    const struct tl_kind_info *info = tl_kind_info(layer->kind);
    json_t *columns = json_array();
    for (int i = 0; i < info->n_columns; i++)
        if (is_shown(layer, i))
            json_array_append_new(columns,
                                  json_pack("{s:s, s:s, s:o, s:s}", "name", info->columns[i].name,
                                            "type", type_name(info->columns[i].type), "choices",
                                            choices_of(&info->columns[i]), "meaning",
                                            info->columns[i].meaning));
    return columns;
}

tl_err tl_tiles_layers(struct tl_ctx *ctx, struct tl_project *project, bool is_public, char **json)
{
    json_t *layers = json_array();
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        struct tl_tile_layer layer = {(enum tl_kind)k, is_public};
        const struct tl_kind_info *info = tl_kind_info(layer.kind);
        int64_t n = 0;
        if (is_public && layer.kind != TL_KIND_HAZARD_AREA)
            continue;
        TL_TRY(tl_register_count(ctx, project, layer.kind, &n));
        json_array_append_new(layers, json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "kind",
                                                info->name, "layer", info->name, "title",
                                                info->title, "geometry", info->geometry, "count",
                                                (json_int_t)n, "columns", columns_of(&layer)));
    }
    TL_TRY(tl_json_text(ctx, layers, json));
done:
    json_decref(layers);
    return err;
}
