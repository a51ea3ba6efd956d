/*
 * Chunks: records decoded once for many tiles. A tile takes the square of an ancestor that is decoded already; else it asks for that at a multiple of
 * four zooms (at zooms 10 and 11: of two); where that holds more than a share of the cache it asks for smaller squares, and where its own does, it takes the
 * records by portions.
 *
 * Edges are straight in longitude and latitude, which the mercator plane bends: edges that cross more than 0.02 degrees of latitude get points
 * between (of a kilometre the bend is 2 cm, it grows with the square). A square at the antimeridian also gets what lies beyond it, moved by a world.
 */
#include "tile/chunk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/wkb.h"
#include "tile/mvt.h"

static const double bend_deg = 0.02;
enum { BEND_POINTS_MAX = 512, SHARE_OF_CACHE = 12, WORLDS = 8 };

bool tl_chunk_has_column(enum tl_kind kind, int column)
{
    static const char *const left_out[] = {"description", "blocked_land_use", "disposal"};
    const char *name = tl_kind_info(kind)->columns[column].name;
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (strcmp(name, left_out[i]) == 0)
            return false;
    return true;
}

static void chunk_fini(struct tl_cache_thing *thing)
{
    struct tl_chunk *chunk = (struct tl_chunk *)(void *)thing;
    tl_free(chunk->records);
    tl_free(chunk->paths);
    tl_free(chunk->xy);
    tl_buf_fini(&chunk->props);
    tl_free(chunk);
}

/* Room for one more of each, and n points. */
static tl_err grow(struct tl_ctx *ctx, void **array, int64_t n, int64_t more, size_t size,
                   int64_t *room)
{
    if (n + more <= *room)
        return TL_OK;
    int64_t wanted = 2 * (n + more) + 32;
    void *grown = tl_regrow(ctx, *array, n, wanted, size);
    if (grown == NULL)
        return TL_ENOMEM;
    *array = grown;
    *room = wanted;
    return TL_OK;
}

static int64_t chunk_bytes(const struct tl_chunk *c)
{
    return (int64_t)sizeof *c + c->n_records * (int64_t)sizeof *c->records +
           c->n_paths * (int64_t)sizeof *c->paths + c->n_xy * (int64_t)sizeof *c->xy +
           c->props.size_bytes;
}

static tl_err add_point(struct tl_ctx *ctx, struct tl_chunk *c, double lon, double lat)
{
    void *array = c->xy;
    tl_err err = grow(ctx, &array, c->n_xy, 1, sizeof *c->xy, &c->xy_room);
    c->xy = array;
    if (err != TL_OK)
        return err;
    c->xy[c->n_xy][0] = tl_tile_x(lon);
    c->xy[c->n_xy++][1] = tl_tile_y(lat);
    return TL_OK;
}

static tl_err add_edge(struct tl_ctx *ctx, struct tl_chunk *c, const double *a, const double *b,
                       double shift)
{
    tl_err err = TL_OK;
    double rise = fabs(b[1] - a[1]);
    int n = rise > bend_deg && a[0] != b[0] ? (int)fmin(ceil(rise / bend_deg), BEND_POINTS_MAX) : 1;
    for (int i = 1; i <= n && err == TL_OK; i++) {
        double share = (double)i / n;
        err = add_point(ctx, c, a[0] + share * (b[0] - a[0]) + shift,
                        i == n ? b[1] : a[1] + share * (b[1] - a[1]));
    }
    return err;
}

static tl_err add_path(struct tl_ctx *ctx, struct tl_chunk *c, const struct tl_wkb *wkb, int64_t k,
                       double shift)
{
    tl_err err = TL_OK;
    const struct tl_wkb_path *path = &wkb->paths[k];
    const double *xy = wkb->xy + 2 * path->first;
    void *array = c->paths;
    err = grow(ctx, &array, c->n_paths, 1, sizeof *c->paths, &c->path_room);
    c->paths = array;
    if (err != TL_OK || path->count == 0)
        return err;
    int64_t first = c->n_xy;
    TL_TRY(add_point(ctx, c, xy[0] + shift, xy[1]));
    for (int64_t i = 1; i < path->count; i++)
        TL_TRY(add_edge(ctx, c, xy + 2 * (i - 1), xy + 2 * i, shift));
    c->paths[c->n_paths++] =
        (struct tl_chunk_path){first, c->n_xy - first, path->is_hole, path->kind};
done:
    return err;
}

/* A number of a column as text; dates and choices stay texts. */
static tl_err add_value(struct tl_ctx *ctx, struct tl_buf *out, const struct tl_column *column,
                        const char *text)
{
    char *end = NULL;
    if (column->type == TL_COLUMN_INTEGER || column->type == TL_COLUMN_YESNO) {
        long long value = strtoll(text, &end, 10);
        if (end != text && *end == '\0')
            return column->type == TL_COLUMN_YESNO ? tl_mvt_yesno(ctx, out, value != 0)
                                                   : tl_mvt_integer(ctx, out, value);
    }
    if (column->type == TL_COLUMN_INTEGER || column->type == TL_COLUMN_REAL) {
        double value = strtod(text, &end);
        if (end != text && *end == '\0' && isfinite(value))
            return tl_mvt_real(ctx, out, value);
    }
    size_t n = strlen(text);
    if (n > TL_CHUNK_TEXT_MAX) /* not within a character */
        for (n = TL_CHUNK_TEXT_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
            n--;
    return tl_mvt_text(ctx, out, text, (int64_t)n);
}

static tl_err add_prop(struct tl_ctx *ctx, struct tl_chunk *c, int number,
                       const struct tl_column *column, const char *text)
{
    uint8_t head[3] = {(uint8_t)number};
    tl_err err = TL_OK;
    int64_t at = c->props.size_bytes;
    TL_TRY(tl_buf_add_bytes(ctx, &c->props, head, 3));
    if (column == NULL)
        TL_TRY(tl_mvt_text(ctx, &c->props, text, (int64_t)strnlen(text, TL_CHUNK_TEXT_MAX)));
    else
        TL_TRY(add_value(ctx, &c->props, column, text));
    int64_t n = c->props.size_bytes - at - 3;
    c->props.text[at + 1] = (char)(n & 255);
    c->props.text[at + 2] = (char)(n >> 8);
done:
    return err;
}

static tl_err add_props(struct tl_ctx *ctx, struct tl_chunk *c, enum tl_kind kind,
                        const struct tl_cursor *cursor, struct tl_chunk_record *record)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    tl_err err = TL_OK;
    uint32_t group = 2166136261u;
    record->props = c->props.size_bytes;
    TL_TRY(add_prop(ctx, c, TL_CHUNK_CODE, NULL, tl_cursor_code(cursor)));
    for (int i = 0; i < info->n_columns; i++) {
        const char *text = tl_chunk_has_column(kind, i) ? tl_cursor_text(cursor, i) : NULL;
        if (text == NULL)
            continue;
        TL_TRY(add_prop(ctx, c, i, &info->columns[i], text));
        for (const char *at = text; info->columns[i].type == TL_COLUMN_CHOICE && *at != '\0'; at++)
            group = (group ^ (uint8_t)*at) * 16777619u;
    }
    record->n_props = c->props.size_bytes - record->props;
    record->group = group;
done:
    return err;
}

static void box_record(const struct tl_chunk *c, struct tl_chunk_record *record)
{
    double *box = record->box;
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int64_t k = record->first_path; k < c->n_paths; k++)
        for (int64_t i = c->paths[k].first; i < c->paths[k].first + c->paths[k].n; i++) {
            double x = c->xy[i][0], y = c->xy[i][1];
            if (!(x > -WORLDS && x < WORLDS)) { /* also NaN: nowhere on earth */
                box[0] = -INFINITY;
                continue;
            }
            box[0] = x < box[0] ? x : box[0], box[2] = x > box[2] ? x : box[2];
            box[1] = y < box[1] ? y : box[1], box[3] = y > box[3] ? y : box[3];
        }
}

static tl_err add_record(struct tl_ctx *ctx, struct tl_chunk *c, enum tl_kind kind,
                         const struct tl_cursor *cursor, double shift)
{
    struct tl_chunk_record record = {.id = tl_cursor_id(cursor), .first_path = c->n_paths};
    struct tl_wkb wkb = {0};
    int64_t n_bytes = 0;
    tl_err err = TL_OK;
    const void *bytes = tl_cursor_wkb(cursor, &n_bytes);
    if (bytes == NULL)
        return TL_OK;
    if (tl_wkb_read(ctx, bytes, n_bytes, &wkb) == TL_ENOMEM)
        return TL_ENOMEM;
    void *array = c->records;
    err = grow(ctx, &array, c->n_records, 1, sizeof *c->records, &c->record_room);
    c->records = array;
    for (int64_t k = 0; k < wkb.n_paths && err == TL_OK; k++)
        err = add_path(ctx, c, &wkb, k, shift);
    if (err == TL_OK)
        err = add_props(ctx, c, kind, cursor, &record);
    record.n_paths = c->n_paths - record.first_path;
    record.kind = wkb.kind;
    box_record(c, &record);
    /* What could not be read or has no finite place is not drawn; the check of the project names it. */
    if (err == TL_OK && record.n_paths > 0 && isfinite(record.box[2] - record.box[0]) &&
        isfinite(record.box[3] - record.box[1]))
        c->records[c->n_records++] = record;
    tl_wkb_fini(&wkb);
    return err;
}

/* Where the records of a square go: all into one chunk as long as it is not too large, or, with `each`, by portions. */
struct filling {
    struct tl_chunk *chunk;
    int64_t max_bytes;
    tl_chunk_fn each; /* NULL = one chunk */
    void *user;
};

static void forget(struct tl_chunk *c)
{
    c->n_records = c->n_paths = c->n_xy = 0;
    tl_buf_clear(&c->props);
}

static tl_err hand_over(struct tl_ctx *ctx, struct filling *f)
{
    if (chunk_bytes(f->chunk) <= f->max_bytes)
        return TL_OK;
    f->chunk->is_too_large = f->each == NULL;
    tl_err err = f->each == NULL ? TL_OK : f->each(ctx, f->chunk, f->user);
    forget(f->chunk);
    return err;
}

static tl_err fill_world(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                         const double box[4], double shift, struct filling *f)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    tl_err err = tl_register_select(ctx, project, kind, box, &cursor);
    while (err == TL_OK && !f->chunk->is_too_large) {
        err = tl_cursor_next(ctx, cursor, &more);
        if (err != TL_OK || !more)
            break;
        err = add_record(ctx, f->chunk, kind, cursor, shift);
        if (err == TL_OK)
            err = hand_over(ctx, f);
    }
    tl_cursor_free(cursor);
    return err;
}

/* Records whose box meets the square moved by whole worlds. */
static tl_err fill(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                   struct tl_tile_id id, struct filling *f)
{
    double box[4];
    tl_err err = TL_OK;
    tl_tile_box_grown(id, (TL_TILE_BUFFER + 1.0) / TL_TILE_EXTENT, box);
    box[1] = id.y == ((int64_t)1 << id.z) - 1 ? -90.0 : box[1];
    box[3] = id.y == 0 ? 90.0 : box[3];
    for (int world = -1; world <= 1 && !f->chunk->is_too_large && err == TL_OK; world++) {
        const double there[4] = {fmax(box[0] - 360.0 * world, -180.0), box[1],
                                 fmin(box[2] - 360.0 * world, 180.0), box[3]};
        if (there[0] <= there[2])
            err = fill_world(ctx, project, kind, there, 360.0 * world, f);
    }
    return err;
}

static tl_err create(struct tl_ctx *ctx, struct tl_chunk **chunk)
{
    struct tl_chunk *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    tl_cache_thing_init(&made->thing, 0, chunk_fini);
    *chunk = made;
    return TL_OK;
}

static void *copy_of(struct tl_ctx *ctx, const void *array, int64_t n, size_t size)
{
    void *exact = tl_alloc(ctx, n, size);
    if (exact != NULL && n > 0)
        memcpy(exact, array, (size_t)n * size);
    return exact;
}

/* Arrays without room to spare: a chunk stays long, and some tens of them are all that is kept. */
static tl_err exact(struct tl_ctx *ctx, const struct tl_chunk *c, struct tl_chunk **chunk)
{
    struct tl_chunk *made = NULL;
    tl_err err = TL_OK;
    TL_TRY(create(ctx, &made));
    made->records = copy_of(ctx, c->records, c->n_records, sizeof *c->records);
    made->paths = copy_of(ctx, c->paths, c->n_paths, sizeof *c->paths);
    made->xy = copy_of(ctx, c->xy, c->n_xy, sizeof *c->xy);
    made->props.text = copy_of(ctx, c->props.text, c->props.size_bytes, 1);
    if (made->records == NULL || made->paths == NULL || made->xy == NULL ||
        made->props.text == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for decoded records");
    made->n_records = made->record_room = c->n_records;
    made->n_paths = made->path_room = c->n_paths;
    made->n_xy = made->xy_room = c->n_xy;
    made->props.size_bytes = made->props.room_bytes = c->props.size_bytes;
    made->is_too_large = c->is_too_large;
    made->thing.bytes = chunk_bytes(made);
    *chunk = made;
    made = NULL;
done:
    if (made != NULL)
        tl_cache_drop(&made->thing);
    return err;
}

static int64_t max_bytes_of(const struct tl_tiles *tiles)
{
    return tl_cache_max(tiles->records) / SHARE_OF_CACHE;
}

/* A chunk to fill, whose arrays have grown before; give it back. */
static tl_err scratch_take(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_chunk **chunk)
{
    pthread_mutex_lock(&tiles->lock);
    *chunk = tiles->scratch;
    tiles->scratch = NULL;
    pthread_mutex_unlock(&tiles->lock);
    return *chunk != NULL ? TL_OK : create(ctx, chunk);
}

static void scratch_give(struct tl_tiles *tiles, struct tl_chunk *chunk)
{
    if (chunk == NULL)
        return;
    forget(chunk);
    chunk->is_too_large = false;
    pthread_mutex_lock(&tiles->lock);
    struct tl_chunk *other = tiles->scratch;
    tiles->scratch = chunk;
    pthread_mutex_unlock(&tiles->lock);
    if (other != NULL)
        tl_cache_drop(&other->thing);
}

/* The chunk of one square, whole or as a mark that it is too large. */
static tl_err make(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   enum tl_kind kind, struct tl_tile_id id, struct tl_chunk **chunk)
{
    struct filling f = {.max_bytes = max_bytes_of(tiles)};
    tl_err err = TL_OK;
    TL_TRY(scratch_take(ctx, tiles, &f.chunk));
    TL_TRY(fill(ctx, project, kind, id, &f));
    TL_TRY(exact(ctx, f.chunk, chunk));
done:
    scratch_give(tiles, f.chunk);
    return err;
}

tl_err tl_chunk_each(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                     enum tl_kind kind, struct tl_tile_id id, tl_chunk_fn each, void *user)
{
    struct filling f = {.max_bytes = max_bytes_of(tiles), .each = each, .user = user};
    tl_err err = TL_OK;
    TL_TRY(scratch_take(ctx, tiles, &f.chunk));
    TL_TRY(fill(ctx, project, kind, id, &f));
    TL_TRY(each(ctx, f.chunk, user));
done:
    scratch_give(tiles, f.chunk);
    return err;
}

/* Zooms of squares that are decoded for many tiles; the finer ones of each four hold so much less that they are worth a step of their own at low zooms. */
static int zoom_of(int z)
{
    return z >= 10 && z < 12 ? 10 : z - z % TL_CHUNK_ZOOMS;
}

static struct tl_cache_key key_of(enum tl_kind kind, const struct tl_tiles_stamp *stamp,
                                  struct tl_tile_id square)
{
    const int64_t name[7] = {'c',      (int64_t)kind, stamp->line, stamp->n_replaced,
                             square.z, square.x,      square.y};
    struct tl_cache_key key;
    tl_hash_id(name, sizeof name, key.id);
    return key;
}

static struct tl_tile_id square_of(struct tl_tile_id id, int z)
{
    return (struct tl_tile_id){z, id.x >> (id.z - z), id.y >> (id.z - z)};
}

/* A larger square that is decoded already. */
static struct tl_chunk *larger_one(struct tl_tiles *tiles, enum tl_kind kind,
                                   const struct tl_tiles_stamp *stamp, struct tl_tile_id id)
{
    struct tl_chunk *found = NULL;
    for (int z = zoom_of(id.z); z >= 0 && found == NULL; z = z > 0 ? zoom_of(z - 1) : -1) {
        struct tl_cache_key key = key_of(kind, stamp, square_of(id, z));
        found = (struct tl_chunk *)(void *)tl_cache_get(tiles->records, &key);
        if (found != NULL && found->is_too_large) { /* and so are those around it */
            tl_cache_drop(&found->thing);
            return NULL;
        }
    }
    return found;
}

tl_err tl_chunk_get(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                    enum tl_kind kind, const struct tl_tiles_stamp *stamp, struct tl_tile_id id,
                    struct tl_chunk **chunk)
{
    tl_err err = TL_OK;
    *chunk = larger_one(tiles, kind, stamp, id);
    for (int z = zoom_of(id.z); z <= id.z && *chunk == NULL; z++) {
        struct tl_cache_key key = key_of(kind, stamp, square_of(id, z));
        struct tl_chunk *found = (struct tl_chunk *)(void *)tl_cache_get(tiles->records, &key);
        if (found == NULL) {
            TL_TRY(make(ctx, tiles, project, kind, square_of(id, z), &found));
            tl_cache_put(tiles->records, &key, &found->thing);
        }
        if (!found->is_too_large || z == id.z)
            *chunk = found;
        else
            tl_cache_drop(&found->thing);
    }
done:
    return err;
}
