/* A base map: MBTiles (room store reads SQLite) or PMTiles behind one face; what is said of it, and its tiles as they may be sent. */
#include "tilth/basemap.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/json.h"
#include "core/text.h"
#include "store/mbtiles.h"
#include "tile/pmtiles.h"
#include "tile/sniff.h"
#include "tile/unpack.h"

enum {
    TILE_MAX = 8 << 20,
    UNPACKED_MAX = 16 << 20,
    NAME_BYTES = 200,
    CREDIT_BYTES = 1000,
    LAYERS_MAX = 200
};

struct tl_basemap {
    struct tl_mbtiles *mbtiles; /* owns: one of the two */
    struct tl_pmtiles *pmtiles; /* owns */
    char file[NAME_BYTES];      /* its name, for messages */
    char name[NAME_BYTES], credit[CREDIT_BYTES];
    int min_zoom, max_zoom;
    double box_deg[4];
    enum tl_basemap_format format;
    json_t *layers; /* owns: names */
};

const char *tl_basemap_format_name(enum tl_basemap_format format)
{
    static const char *const names[TL_BASEMAP_FORMATS] = {"png", "jpg", "webp", "mvt"};
    return (unsigned)format < TL_BASEMAP_FORMATS ? names[format] : NULL;
}

const char *tl_basemap_format_type(enum tl_basemap_format format)
{
    static const char *const types[TL_BASEMAP_FORMATS] = {"image/png", "image/jpeg", "image/webp",
                                                          "application/vnd.mapbox-vector-tile"};
    return (unsigned)format < TL_BASEMAP_FORMATS ? types[format] : NULL;
}

/* Cuts a text to what fits, at the border of a character. */
static void put_text(char *to, size_t room, const char *text)
{
    size_t n = strlen(text);
    if (n >= room) {
        n = room - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
    }
    memcpy(to, text, n);
    to[n] = '\0';
}

/* Credits are often HTML; people see the words of it. Tags go, the common entities are read, control characters become blanks. */
static void put_plain(char *to, size_t room, const char *html)
{
    static const char *const entities[][2] = {{"&copy;", "©"}, {"&#169;", "©"}, {"&amp;", "&"},
                                              {"&lt;", "<"},   {"&gt;", ">"},   {"&quot;", "\""},
                                              {"&#39;", "'"},  {"&nbsp;", " "}};
    char plain[2 * CREDIT_BYTES];
    size_t used = 0;
    for (const char *at = html; *at != '\0' && used < sizeof plain - 8;) {
        const char *close = *at == '<' ? strchr(at, '>') : NULL;
        size_t i = 0, n_entities = sizeof entities / sizeof entities[0];
        if (close != NULL) {
            at = close + 1;
            continue;
        }
        while (i < n_entities && strncmp(at, entities[i][0], strlen(entities[i][0])) != 0)
            i++;
        if (i < n_entities) {
            used += (size_t)snprintf(plain + used, sizeof plain - used, "%s", entities[i][1]);
            at += strlen(entities[i][0]);
            continue;
        }
        plain[used++] = (unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : *at;
        at++;
    }
    plain[used] = '\0';
    put_text(to, room, plain);
}

/* West, south, east, north within the world and in order; else the whole of it. */
static void put_box(double box_deg[4], const double given[4])
{
    const double world[4] = {-180, -85.0511, 180, 85.0511};
    bool good = true;
    for (int i = 0; i < 4; i++)
        good = good && isfinite(given[i]) && fabs(given[i]) <= (i % 2 == 0 ? 180 : 90);
    good = good && given[0] < given[2] && given[1] < given[3];
    memcpy(box_deg, good ? given : world, sizeof world);
}

static void put_layers(struct tl_basemap *b, const json_t *json)
{
    size_t i;
    json_t *layer;
    json_array_foreach(json_object_get(json, "vector_layers"), i, layer)
    {
        const char *id = json_string_value(json_object_get(layer, "id"));
        if (id != NULL && strlen(id) < NAME_BYTES && json_array_size(b->layers) < LAYERS_MAX)
            json_array_append_new(b->layers, json_string(id));
    }
}

/* A value of MBTiles' metadata, "" where there is none. */
static tl_err mb_value(struct tl_ctx *ctx, const struct tl_basemap *b, const char *name,
                       char **value)
{
    tl_err err = tl_mbtiles_metadata(ctx, b->mbtiles, name, value);
    if (err == TL_OK && *value == NULL) {
        *value = tl_strdup(ctx, "");
        err = *value == NULL ? TL_ENOMEM : TL_OK;
    }
    return err;
}

static tl_err read_mbtiles(struct tl_ctx *ctx, struct tl_basemap *b)
{
    static const char *const names[] = {"name", "attribution", "bounds", "json"};
    char *values[4] = {NULL};
    double box[4] = {0};
    tl_err err = TL_OK;
    for (int i = 0; i < 4; i++)
        TL_TRY(mb_value(ctx, b, names[i], &values[i]));
    TL_TRY(tl_mbtiles_zooms(ctx, b->mbtiles, &b->min_zoom, &b->max_zoom));
    put_plain(b->name, sizeof b->name, values[0]);
    put_plain(b->credit, sizeof b->credit, values[1]);
    if (sscanf(values[2], "%lf,%lf,%lf,%lf", &box[0], &box[1], &box[2], &box[3]) != 4)
        memset(box, 0, sizeof box);
    put_box(b->box_deg, box);
    json_t *json = json_loads(values[3], 0, NULL);
    put_layers(b, json);
    json_decref(json);
done:
    for (int i = 0; i < 4; i++)
        tl_free(values[i]);
    return err;
}

static tl_err read_pmtiles(struct tl_ctx *ctx, struct tl_basemap *b)
{
    struct tl_pmtiles_facts facts;
    struct tl_buf text = {0};
    json_t *json = NULL;
    tl_err err = TL_OK;
    tl_pmtiles_facts(b->pmtiles, &facts);
    b->min_zoom = facts.min_zoom;
    b->max_zoom = facts.max_zoom;
    put_box(b->box_deg, facts.box_deg);
    TL_TRY(tl_pmtiles_metadata(ctx, b->pmtiles, &text));
    json = json_loadb(text.text != NULL ? text.text : "", (size_t)text.size_bytes, 0, NULL);
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *credit = json_string_value(json_object_get(json, "attribution"));
    put_plain(b->name, sizeof b->name, name != NULL ? name : "");
    put_plain(b->credit, sizeof b->credit, credit != NULL ? credit : "");
    put_layers(b, json);
done:
    json_decref(json);
    tl_buf_fini(&text);
    return err;
}

/* What bytes are; packed pictures are unpacked in place, packed vector tiles stay packed. */
static tl_err settle(struct tl_ctx *ctx, const struct tl_basemap *b, struct tl_buf *bytes,
                     enum tl_basemap_format *format, bool *is_gzip)
{
    struct tl_buf plain = {0};
    tl_err err = TL_OK;
    *is_gzip = false;
    *format = tl_sniff(bytes->text, bytes->size_bytes);
    if (*format == TL_BASEMAP_FORMATS && tl_unpack_is_gzip(bytes->text, bytes->size_bytes)) {
        err = tl_unpack_gzip(ctx, bytes->text, bytes->size_bytes, UNPACKED_MAX, &plain);
        if (err != TL_OK)
            TL_THROW(ctx, err, "%s: a tile is damaged, or larger than %d bytes unpacked", b->file,
                     UNPACKED_MAX);
        *format = tl_sniff(plain.text, plain.size_bytes);
        *is_gzip = *format == TL_BASEMAP_MVT;
        if (plain.size_bytes == 0) /* an empty vector tile: nothing is drawn */
            tl_buf_clear(bytes);
    }
    if (bytes->size_bytes > 0 && *format == TL_BASEMAP_FORMATS)
        TL_THROW(ctx, TL_EDATA, "%s: a tile is neither PNG, JPEG or WebP nor a vector tile (MVT)",
                 b->file);
    if (bytes->size_bytes > 0 && plain.size_bytes > 0 && !*is_gzip) {
        struct tl_buf packed = *bytes;
        *bytes = plain;
        plain = packed;
    }
done:
    tl_buf_fini(&plain);
    return err;
}

static tl_err look_at_a_tile(struct tl_ctx *ctx, struct tl_basemap *b)
{
    struct tl_buf bytes = {0};
    bool there = false, is_gzip;
    tl_err err = TL_OK;
    if (b->pmtiles != NULL)
        TL_TRY(tl_pmtiles_any(ctx, b->pmtiles, &bytes, &there));
    else
        TL_TRY(tl_mbtiles_any(ctx, b->mbtiles, &bytes, &there));
    if (!there || bytes.size_bytes == 0)
        TL_THROW(ctx, TL_EDATA, "%s: has no tiles", b->file);
    TL_TRY(settle(ctx, b, &bytes, &b->format, &is_gzip));
    if (b->format == TL_BASEMAP_FORMATS)
        b->format = TL_BASEMAP_MVT; /* an empty one, and only these may be empty */
done:
    tl_buf_fini(&bytes);
    return err;
}

static tl_err begins_as_pmtiles(struct tl_ctx *ctx, const char *path, bool *is)
{
    char head[7] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no such file, or it may not be read", path);
    *is = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, "PMTiles", 7) == 0;
    fclose(file);
    return TL_OK;
}

tl_err tl_basemap_open(struct tl_ctx *ctx, const char *path, struct tl_basemap **basemap)
{
    struct tl_basemap *made = NULL;
    const char *slash = strrchr(path, '/');
    bool is_pmtiles = false;
    tl_err err = TL_OK;
    TL_TRY(begins_as_pmtiles(ctx, path, &is_pmtiles));
    TL_TRY_ALLOC(ctx, made, 1);
    put_text(made->file, sizeof made->file, slash != NULL ? slash + 1 : path);
    made->layers = json_array();
    if (made->layers == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a base map");
    if (is_pmtiles) {
        TL_TRY(tl_pmtiles_open(ctx, path, &made->pmtiles));
        TL_TRY(read_pmtiles(ctx, made));
    } else {
        TL_TRY(tl_mbtiles_open(ctx, path, &made->mbtiles));
        TL_TRY(read_mbtiles(ctx, made));
    }
    TL_TRY(look_at_a_tile(ctx, made));
    if (made->name[0] == '\0')
        put_text(made->name, sizeof made->name, made->file);
    *basemap = made;
    made = NULL;
done:
    tl_basemap_close(made);
    return err;
}

void tl_basemap_close(struct tl_basemap *basemap)
{
    if (basemap == NULL)
        return;
    tl_mbtiles_close(basemap->mbtiles);
    tl_pmtiles_close(basemap->pmtiles);
    json_decref(basemap->layers);
    tl_free(basemap);
}

tl_err tl_basemap_json(struct tl_ctx *ctx, const struct tl_basemap *b, char **json)
{
    json_t *made =
        json_pack("{s:s, s:s, s:i, s:i, s:[o, o, o, o], s:s, s:O}", "name", b->name, "format",
                  tl_basemap_format_name(b->format), "minzoom", b->min_zoom, "maxzoom",
                  b->max_zoom < TL_TILE_ZOOM_MAX ? b->max_zoom : TL_TILE_ZOOM_MAX, "bounds",
                  tl_json_number(b->box_deg[0], 9), tl_json_number(b->box_deg[1], 9),
                  tl_json_number(b->box_deg[2], 9), tl_json_number(b->box_deg[3], 9), "attribution",
                  b->credit, "layers", b->layers);
    if (made == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for what is said of a base map");
    tl_err err = tl_json_line(ctx, made, json);
    json_decref(made);
    return err;
}

tl_err tl_basemap_tile(struct tl_ctx *ctx, struct tl_basemap *b, struct tl_tile_id id,
                       struct tl_basemap_tile *tile)
{
    struct tl_basemap_tile made = {.format = b->format};
    struct tl_buf bytes = {.max_bytes = TILE_MAX + UNPACKED_MAX};
    uint8_t sum[TL_HASH_ID_BYTES];
    bool there = false;
    tl_err err = TL_OK;
    if (b->pmtiles != NULL)
        TL_TRY(tl_pmtiles_tile(ctx, b->pmtiles, id.z, id.x, id.y, &bytes, &there));
    else
        TL_TRY(tl_mbtiles_tile(ctx, b->mbtiles, id.z, id.x, id.y, &bytes, &there));
    if (there && bytes.size_bytes > 0)
        TL_TRY(settle(ctx, b, &bytes, &made.format, &made.is_gzip));
    if (bytes.size_bytes > 0) {
        if ((made.format == TL_BASEMAP_MVT) != (b->format == TL_BASEMAP_MVT))
            TL_THROW(ctx, TL_EDATA, "%s: has pictures and vector tiles mixed", b->file);
        made.bytes = bytes.text;
        made.n_bytes = bytes.size_bytes;
        bytes.text = NULL;
    } else {
        made.format = b->format;
    }
    tl_hash_id(made.bytes != NULL ? made.bytes : "", made.n_bytes, sum);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(made.etag + 2 * i, 3, "%02x", sum[i]);
    *tile = made;
done:
    tl_buf_fini(&bytes);
    return err;
}
