/*
 * Raster tiles: pixels to cells (warp.c), cells to values of the level whose squares are wide enough that none is passed over (source.c),
 * values to colours (scale.c), colours to PNG (pack.c).
 *
 * Level. Pixel centres form a lattice in the grid; a square whose sides are as long as the lattice's steps reach in columns and in rows
 * (`need`) holds a centre wherever it lies. The coarsest detail drawn is the first level with squares of at least that size, so every cell's
 * value reaches a pixel, through the largest of its square. Squares may hang over the raster's edge, by less than two pixels.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "tile/pack.h"
#include "tile/scale.h"
#include "tile/source.h"
#include "tile/warp.h"

enum {
    PIXELS = TL_TILE_PIXELS,
    WINDOW_CELLS_MAX = 1 << 24,
    PATCH_MAX = 64,
    STOPS = 10,
    LEVEL_MAX = 40,
    TORN_MAX = 2
};

/* Classes of a style over a span, kept for the next tiles. */
struct classes {
    struct tl_cache_thing thing;
    struct tl_scale_classes classes;
};

struct drawing {
    struct tl_source *source; /* held */
    struct classes *classes;  /* held */
    struct tl_warp warp;
    int level;
    struct tl_source_window window;
    uint8_t *pixels; /* owns: [PIXELS * PIXELS] */
    bool any;
};

/* Cells that the patches look at, as a window of a level; false when none lies in the raster. */
static bool window_of(const struct drawing *d, int level, struct tl_source_window *w)
{
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    const struct tl_grid *grid = &d->source->grid;
    for (int64_t i = 0; i < d->warp.n; i++)
        for (int k = 0; k < 4; k++) {
            const struct tl_warp_patch *p = &d->warp.patches[i];
            box[0] = fmin(box[0], p->col[k]), box[2] = fmax(box[2], p->col[k]);
            box[1] = fmin(box[1], p->row[k]), box[3] = fmax(box[3], p->row[k]);
        }
    w->n_x = ((grid->n_x - 1) >> level) + 1; /* of the level */
    w->n_y = ((grid->n_y - 1) >> level) + 1;
    if (!(box[2] >= 0.0 && box[3] >= 0.0 && box[0] < ldexp((double)w->n_x, level) &&
          box[1] < ldexp((double)w->n_y, level)))
        return false;
    w->x = (int64_t)fmax(box[0], 0.0) >> level;
    w->y = (int64_t)fmax(box[1], 0.0) >> level;
    int64_t last_x = (int64_t)fmin(box[2], ldexp((double)w->n_x, level) - 1.0) >> level;
    int64_t last_y = (int64_t)fmin(box[3], ldexp((double)w->n_y, level) - 1.0) >> level;
    w->n_x = last_x - w->x + 1;
    w->n_y = last_y - w->y + 1;
    return true;
}

/* A level above the source's last is one square as well, only larger. */
static tl_err open_window(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                          struct drawing *d, bool *any)
{
    int last = d->source->n_levels - 1;
    *any = false;
    while (d->level < LEVEL_MAX && d->warp.need > 1.0 && ldexp(1.0, d->level) < d->warp.need)
        d->level++;
    if (!window_of(d, d->level, &d->window))
        return TL_OK;
    /* Where the plane is torn (poles, the rim of a projection) a tile may look at much of the grid. */
    while (d->window.n_x * d->window.n_y > WINDOW_CELLS_MAX && d->level < LEVEL_MAX)
        window_of(d, ++d->level, &d->window);
    *any = true;
    return tl_source_window_read(ctx, tiles, project, d->source, d->level < last ? d->level : last,
                                 &d->window);
}

/* A row of a patch's pixels: positions go in even steps. */
static void draw_row(struct drawing *d, const struct tl_warp_patch *p, int j)
{
    const struct tl_source_window *w = &d->window;
    double down = p->size == 1 ? 0.0 : (j + 0.5) / p->size, half = 0.5 / p->size;
    double col = p->col[0] + down * (p->col[2] - p->col[0]),
           row = p->row[0] + down * (p->row[2] - p->row[0]);
    double col_step = (p->col[1] + down * (p->col[3] - p->col[1]) - col) / p->size,
           row_step = (p->row[1] + down * (p->row[3] - p->row[1]) - row) / p->size;
    double end_x = ldexp((double)(w->x + w->n_x), d->level),
           end_y = ldexp((double)(w->y + w->n_y), d->level);
    if (d->level == 0) {
        end_x = (double)d->source->grid.n_x;
        end_y = (double)d->source->grid.n_y;
    }
    uint8_t *out = d->pixels + (p->v + j) * PIXELS + p->u;
    float values[PATCH_MAX];
    col += half * col_step * p->size;
    row += half * row_step * p->size;
    for (int i = 0; i < p->size; i++, col += col_step, row += row_step) {
        values[i] = NAN;
        if (!(col >= 0.0 && row >= 0.0 && col < end_x && row < end_y))
            continue;
        int64_t x = ((int64_t)col >> d->level) - w->x, y = ((int64_t)row >> d->level) - w->y;
        if (x < 0 || y < 0 || x >= w->n_x || y >= w->n_y)
            continue; /* rounding at the window's edge */
        values[i] = w->values[y * w->stride + x];
    }
    tl_scale_classify(&d->classes->classes, p->size, values, out);
    for (int i = 0; i < p->size && !d->any; i++)
        d->any = out[i] != 0;
}

static tl_err draw(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   struct drawing *d, struct tl_tile_id id)
{
    struct tl_crs_map *map = NULL;
    bool any = false;
    int first[2], end[2];
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, d->pixels, (int64_t)PIXELS * PIXELS);
    if (!tl_warp_pixels(id, d->source->box_deg, first, end))
        goto done;
    TL_TRY(tl_source_map_take(ctx, d->source, &map));
    TL_TRY(tl_warp_make(ctx, id, d->source->box_deg, &d->source->grid, map, &d->warp));
    TL_TRY(open_window(ctx, tiles, project, d, &any));
    for (int64_t i = 0; any && i < d->warp.n; i++)
        for (int j = 0; j < d->warp.patches[i].size; j++)
            draw_row(d, &d->warp.patches[i], j);
done:
    tl_source_map_give(d->source, map);
    return err;
}

static tl_err pack(struct tl_ctx *ctx, struct tl_tiles *tiles, const struct drawing *d,
                   enum tl_tile_scale scale, const struct tl_cache_key *key, struct tl_tile *tile)
{
    uint8_t colours[TL_SCALE_CLASSES + 1][3];
    struct tl_buf out = {0};
    struct tl_pack *packer = NULL;
    struct tl_tile facts = {.is_empty = !d->any};
    tl_err err = TL_OK;
    tl_scale_palette(scale, colours);
    TL_TRY(tl_tiles_pack_take(ctx, tiles, &packer));
    TL_TRY(tl_pack_png(ctx, packer, PIXELS, d->pixels, TL_SCALE_CLASSES + 1,
                       (const uint8_t(*)[3])colours, &out));
    facts.bytes = out.text;
    facts.n_bytes = out.size_bytes;
    TL_TRY(tl_tiles_keep(ctx, tiles, key, &facts, tile));
done:
    tl_tiles_pack_give(tiles, packer);
    tl_buf_fini(&out);
    return err;
}

static struct tl_cache_key key_of(const struct tl_source *source, const struct tl_tile_style *style,
                                  const double span[2], struct tl_tile_id id)
{
    struct {
        uint8_t source[TL_HASH_ID_BYTES];
        double span[2];
        int64_t x, y;
        int32_t z, scale, classes, what;
    } name = {.span = {span[0], span[1]},
              .x = id.x,
              .y = id.y,
              .z = id.z,
              .scale = (int32_t)style->scale,
              .classes = (int32_t)style->classes};
    struct tl_cache_key key;
    memcpy(name.source, source->id, sizeof name.source);
    tl_hash_id(&name, sizeof name, key.id);
    return key;
}

static void classes_fini(struct tl_cache_thing *thing)
{
    tl_free(thing);
}

static tl_err classes_get(struct tl_ctx *ctx, struct tl_tiles *tiles,
                          const struct tl_source *source, const struct tl_tile_style *style,
                          const double span[2], struct classes **classes)
{
    struct {
        uint8_t source[TL_HASH_ID_BYTES];
        double span[2];
        int64_t classes;
    } name = {.span = {span[0], span[1]}, .classes = (int64_t)style->classes};
    struct tl_cache_key key;
    tl_err err = TL_OK;
    memcpy(name.source, source->id, sizeof name.source);
    tl_hash_id(&name, sizeof name, key.id);
    struct classes *found = (struct classes *)(void *)tl_cache_get(tiles->blocks, &key);
    if (found == NULL) {
        TL_TRY_ALLOC(ctx, found, 1);
        tl_cache_thing_init(&found->thing, sizeof *found, classes_fini);
        tl_scale_classes_make(style, span, &source->range, &found->classes);
        tl_cache_put(tiles->blocks, &key, &found->thing);
    }
    *classes = found;
done:
    return err;
}

static tl_err style_check(struct tl_ctx *ctx, const struct tl_tile_style *style)
{
    if ((unsigned)style->scale >= TL_TILE_SCALE_COUNT ||
        (unsigned)style->classes >= TL_TILE_CLASSES_COUNT)
        return tl_fail(ctx, TL_EUSAGE, "there is no colour scale %d or way of classes %d",
                       (int)style->scale, (int)style->classes);
    return TL_OK;
}

static tl_err find_or_make(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                           const struct tl_tile_raster *raster, const struct tl_tile_style *style,
                           struct tl_tile_id id, struct tl_tile *tile)
{
    struct drawing d = {0};
    double span[2];
    tl_err err = TL_OK;
    TL_TRY(tl_source_get(ctx, tiles, project, raster, &d.source));
    TL_TRY(tl_scale_span(ctx, style, &d.source->range, span));
    struct tl_cache_key key = key_of(d.source, style, span, id);
    if (tl_tiles_find(ctx, tiles, &key, tile))
        goto done;
    TL_TRY(classes_get(ctx, tiles, d.source, style, span, &d.classes));
    TL_TRY(draw(ctx, tiles, project, &d, id));
    TL_TRY(pack(ctx, tiles, &d, style->scale, &key, tile));
done:
    tl_source_window_fini(&d.window);
    tl_warp_fini(&d.warp);
    tl_free(d.pixels);
    if (d.classes != NULL)
        tl_cache_drop(&d.classes->thing);
    if (d.source != NULL)
        tl_cache_drop(&d.source->thing);
    return err;
}

tl_err tl_tiles_raster(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       const struct tl_tile_raster *raster, const struct tl_tile_style *style,
                       struct tl_tile_id id, struct tl_tile *tile)
{
    tl_err err = TL_OK;
    TL_TRY(tl_tile_check(ctx, id.z, id.x, id.y, &id));
    TL_TRY(style_check(ctx, style));
    /* A copy on disk that was damaged has been removed by then and is made anew; a disk that damages that one too is not used any more. */
    for (int i = 0; i <= TORN_MAX; i++) {
        err = find_or_make(ctx, tiles, project, raster, style, id, tile);
        if (err != TL_EINTEGRITY)
            break;
        if (i + 1 == TORN_MAX)
            atomic_store(&tiles->no_sheets, true);
    }
done:
    return err;
}

/* What a legend tells of a raster. */
struct told {
    char band[TL_SOURCE_NAME], title[TL_SOURCE_NAME], unit[32];
    struct tl_spread range;
};

/* Of the project's map what the project keeps with a band: 24 bands of a country are not looked through for a list of them. */
static tl_err tell(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   const struct tl_tile_raster *raster, struct told *told)
{
    struct tl_source *s = NULL;
    double factor = 1.0;
    tl_err err = TL_OK;
    if (raster->path == NULL && raster->band != NULL) {
        tl_source_describe(raster->band, told->title, told->unit, &factor);
        snprintf(told->band, sizeof told->band, "%.95s", raster->band);
        return tl_source_range(ctx, project, raster->band, factor, &told->range);
    }
    TL_TRY(tl_source_get(ctx, tiles, project, raster, &s));
    memcpy(told->band, s->band, sizeof told->band);
    memcpy(told->title, s->title, sizeof told->title);
    memcpy(told->unit, s->unit, sizeof told->unit);
    told->range = s->range;
    tl_cache_drop(&s->thing);
done:
    return err;
}

static bool suits_log(const struct tl_spread *range)
{
    double low = (double)range->quantiles[TL_SPREAD_QUANTILES / 4],
           high = (double)range->quantiles[TL_SPREAD_QUANTILES];
    return low > 0.0 && high > 30.0 * low;
}

static json_t *stops_of(const struct tl_tile_style *style, const double span[2],
                        const struct tl_spread *range)
{
    json_t *stops = json_array();
    for (int i = 0; i <= STOPS; i++) {
        uint8_t rgb[3];
        char colour[8];
        double share = (double)i / STOPS;
        tl_scale_rgb(style->scale, share, rgb);
        snprintf(colour, sizeof colour, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
        json_array_append_new(
            stops, json_pack("{s:o, s:s}", "value",
                             tl_json_number(tl_scale_value(style, span, range, share), 4), "colour",
                             colour));
    }
    return stops;
}

tl_err tl_tiles_legend(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       const struct tl_tile_raster *raster, const struct tl_tile_style *style,
                       char **json)
{
    struct told s;
    double span[2];
    json_t *legend = NULL;
    tl_err err = TL_OK;
    TL_TRY(style_check(ctx, style));
    TL_TRY(tell(ctx, tiles, project, raster, &s));
    TL_TRY(tl_scale_span(ctx, style, &s.range, span));
    legend = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "schema", "tilth.legend/1",
                       "band", s.band, "title", s.title, "unit", s.unit, "scale",
                       tl_tile_scale_name(style->scale), "classes",
                       tl_tile_classes_name(style->classes), "min", tl_json_number(span[0], 6),
                       "max", tl_json_number(span[1], 6), "stops", stops_of(style, span, &s.range));
    if (legend == NULL)
        TL_THROW(ctx, TL_EDATA, "the legend of band \"%.80s\" cannot be written", s.band);
    TL_TRY(tl_json_text(ctx, legend, json));
done:
    json_decref(legend);
    return err;
}

static json_t *names_of(const char *(*name)(int))
{
    json_t *names = json_array();
    for (int i = 0; name(i) != NULL; i++)
        json_array_append_new(names, json_string(name(i)));
    return names;
}

static const char *scale_name(int i)
{
    return tl_tile_scale_name((enum tl_tile_scale)i);
}

static const char *classes_name(int i)
{
    return tl_tile_classes_name((enum tl_tile_classes)i);
}

static tl_err add_band(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       const char *band, json_t *bands)
{
    struct told s;
    struct tl_tile_raster raster = {.band = band};
    json_t *quantiles = json_array();
    static const int percent[] = {5, 25, 50, 75, 95};
    tl_err err = TL_OK;
    TL_TRY(tell(ctx, tiles, project, &raster, &s));
    for (size_t i = 0; i < sizeof percent / sizeof percent[0]; i++) {
        bool known = !isnan(s.range.min);
        float value = s.range.quantiles[percent[i] * TL_SPREAD_QUANTILES / 100];
        json_array_append_new(quantiles, tl_json_number(known ? (double)value : (double)NAN, 6));
    }
    json_array_append_new(
        bands, json_pack("{s:s, s:s, s:s, s:o, s:o, s:O, s:b, s:o, s:o}", "name", s.band, "title",
                         s.title, "unit", s.unit, "min", tl_json_number(s.range.min, 6), "max",
                         tl_json_number(s.range.max, 6), "quantiles", quantiles, "log",
                         (int)suits_log(&s.range), "scales", names_of(scale_name), "classes",
                         names_of(classes_name)));
done:
    json_decref(quantiles);
    return err;
}

tl_err tl_tiles_bands(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                      char **json)
{
    json_t *bands = json_array();
    char **names = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_map_bands(ctx, project, &names, &n));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(add_band(ctx, tiles, project, names[i], bands));
    TL_TRY(tl_json_text(ctx, bands, json));
done:
    for (int64_t i = 0; i < n; i++)
        tl_free(names[i]);
    tl_free(names);
    json_decref(bands);
    return err;
}
