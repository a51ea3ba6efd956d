/*
 * Sources of raster tiles. Overviews hold the largest value, as the report's pages do: a hot cell is not averaged away. (That is why a
 * file's own overviews, which are averages as a rule, are not used.) One pass over a raster makes them when it is first looked at. Levels of at most
 * 2^18 cells are held in memory; what is finer is a sheet on disk, read by blocks, which the cache keeps. Where there can be no sheet, the
 * levels of at most 2^23 cells are held, while finer ones are read by blocks of the file or of the project's map. Neither is ever held whole.
 */
#include "tile/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/band.h"

enum {
    LEVEL_CELLS = 1 << 23, /* of the finest level that is held, without a sheet */
    SHEET_CELLS = 1 << 18, /* and with one: 1 MiB, and a third of that above it */
    BELOW_MAX = 4,
    OUTLINE = 32
};

void tl_source_describe(const char *band, char title[TL_SOURCE_NAME], char unit[32], double *factor)
{
    static const struct {
        const char *start, *title, *unit;
        double factor;
    } known[] = {
        {"density_mean", "Density of items, mean", "items/ha", 1e4},
        {"density_q05", "Density of items, 5 % quantile", "items/ha", 1e4},
        {"density_q50", "Density of items, median", "items/ha", 1e4},
        {"density_q95", "Density of items, 95 % quantile", "items/ha", 1e4},
        {"p_any", "Probability of at least one item in the cell", "1", 1},
        {"log_density_mean", "Logarithm of the density, mean", "log items/m2", 1},
        {"log_density_sd", "Uncertainty: standard deviation of log density", "1", 1},
        {"residual", "Ground not searched effectively", "m2", 1},
        {"cell_area", "Area within the area of interest", "m2", 1},
        {"counts:", "Records counted: ", "1", 1},
        {"effort:", "Effort: ", "m2", 1},
        {"share:", "Share of the field: ", "1", 1},
        {"covariate:", "Covariate: ", "", 1},
        {"field", "Field (log scale)", "1", 1},
    };
    snprintf(title, TL_SOURCE_NAME, "%.90s", band);
    unit[0] = '\0';
    *factor = 1.0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t n = strlen(known[i].start);
        bool open_end = known[i].start[n - 1] == ':';
        if (open_end ? strncmp(band, known[i].start, n) != 0 : strcmp(band, known[i].start) != 0)
            continue;
        snprintf(title, TL_SOURCE_NAME, "%s%.60s", known[i].title, open_end ? band + n : "");
        snprintf(unit, 32, "%s", known[i].unit);
        *factor = known[i].factor;
        return;
    }
}

static void source_fini(struct tl_cache_thing *thing)
{
    struct tl_source *s = (struct tl_source *)(void *)thing;
    tl_free(s->crs);
    for (int k = 0; k < TL_SOURCE_LEVELS; k++)
        tl_free(s->levels[k].values);
    for (int i = 0; i < s->n_maps; i++)
        tl_crs_map_free(s->maps[i]);
    tl_raster_blocks_close(s->file);
    tl_sheet_close(s->sheet);
    pthread_mutex_destroy(&s->lock);
    tl_free(s);
}

static float larger(float a, float b)
{
    return a >= b || isnan(b) ? a : b; /* of one NaN the other */
}

static void lay_out(struct tl_source *s)
{
    int64_t n_x = s->grid.n_x, n_y = s->grid.n_y;
    for (int k = 0; k < TL_SOURCE_LEVELS; k++) {
        s->levels[k].n_x = n_x;
        s->levels[k].n_y = n_y;
        s->n_levels = k + 1;
        if (n_x == 1 && n_y == 1)
            break;
        n_x = (n_x + 1) / 2;
        n_y = (n_y + 1) / 2;
    }
}

/* Level k from level k - 1, which is in memory. */
static void reduce(const struct tl_source_level *from, struct tl_source_level *to)
{
    for (int64_t y = 0; y < to->n_y; y++)
        for (int64_t x = 0; x < to->n_x; x++) {
            const float *at = from->values + 2 * y * from->n_x + 2 * x;
            bool right = 2 * x + 1 < from->n_x, down = 2 * y + 1 < from->n_y;
            float most = right ? larger(at[0], at[1]) : at[0];
            if (down)
                most = larger(most, at[from->n_x]);
            if (down && right)
                most = larger(most, at[from->n_x + 1]);
            to->values[y * to->n_x + x] = most;
        }
}

static tl_err make_overviews(struct tl_ctx *ctx, struct tl_source *s)
{
    tl_err err = TL_OK;
    for (int k = s->n_below + 1; k < s->n_levels; k++) {
        TL_TRY_ALLOC(ctx, s->levels[k].values, s->levels[k].n_x * s->levels[k].n_y);
        reduce(&s->levels[k - 1], &s->levels[k]);
    }
done:
    return err;
}

/* A box of longitudes and latitudes around the raster: its outline, or the world where that says too little. */
static tl_err find_box(struct tl_ctx *ctx, struct tl_source *s)
{
    tl_err err = TL_OK;
    struct tl_crs_map *map = NULL;
    double x[4 * OUTLINE], y[4 * OUTLINE], *box = s->box_deg;
    double w = (double)s->grid.n_x * s->grid.step_m, h = (double)s->grid.n_y * s->grid.step_m;
    int64_t n_bad = 0;
    TL_TRY(tl_source_map_take(ctx, s, &map));
    for (int i = 0; i < OUTLINE; i++) {
        double share = (double)i / OUTLINE;
        const double along[4][2] = {
            {w * share, 0.0}, {w, -h * share}, {w * (1.0 - share), -h}, {0.0, -h * (1.0 - share)}};
        for (int e = 0; e < 4; e++) {
            x[e * OUTLINE + i] = s->grid.x0_m + along[e][0];
            y[e * OUTLINE + i] = s->grid.y0_m + along[e][1];
        }
    }
    tl_crs_map_points_back(map, 4 * (int64_t)OUTLINE, x, y, &n_bad);
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int i = 0; i < 4 * OUTLINE; i++) {
        box[0] = fmin(box[0], x[i]), box[2] = fmax(box[2], x[i]);
        box[1] = fmin(box[1], y[i]), box[3] = fmax(box[3], y[i]);
    }
    double px[2] = {0.0, 0.0}, py[2] = {90.0, -90.0};
    tl_crs_map_points(map, 2, px, py, NULL);
    bool pole = false;
    for (int k = 0; k < 2; k++)
        pole = pole || (px[k] >= s->grid.x0_m && px[k] <= s->grid.x0_m + w &&
                        py[k] <= s->grid.y0_m && py[k] >= s->grid.y0_m - h);
    double grow = 0.02 * (box[2] - box[0] + box[3] - box[1]) + 1e-6; /* edges bend between points */
    if (n_bad > 0 || pole || box[2] - box[0] > 179.0) {
        const double world[4] = {-180.0, -90.0, 180.0, 90.0};
        memcpy(box, world, sizeof world);
    } else {
        box[0] -= grow, box[1] -= grow, box[2] += grow, box[3] += grow;
    }
done:
    tl_source_map_give(s, map);
    return err;
}

static void set_name(struct tl_source *s, const char *band)
{
    snprintf(s->band, sizeof s->band, "%.95s", band);
    tl_source_describe(band, s->title, s->unit, &s->factor);
}

/* Levels that are not held: those of more cells than the bound. */
static void hold_from(struct tl_source *s, int64_t max_cells)
{
    s->n_below = 0;
    while (s->levels[s->n_below].n_x * s->levels[s->n_below].n_y > max_cells)
        s->n_below++;
}

static struct tl_sheet_subject subject_of(const struct tl_source *s, char family)
{
    struct tl_sheet_subject subject = {
        .family = family, .n_x = s->grid.n_x, .n_y = s->grid.n_y, .n_levels = s->n_below};
    memcpy(subject.id, s->id, sizeof subject.id);
    return subject;
}

static tl_err top_alloc(struct tl_ctx *ctx, struct tl_source *s)
{
    struct tl_source_level *top = &s->levels[s->n_below];
    tl_free(top->values);
    top->values = tl_alloc(ctx, top->n_x * top->n_y, sizeof *top->values);
    return top->values == NULL ? TL_ENOMEM : TL_OK;
}

/* The sheet that a source has on disk already. */
static tl_err sheet_find(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_source *s,
                         char family)
{
    struct tl_sheet_subject subject = subject_of(s, family);
    tl_err err = TL_OK;
    TL_TRY(top_alloc(ctx, s));
    TL_TRY(tl_sheet_open(ctx, tiles->shelf, &subject, &s->range, s->levels[s->n_below].values,
                         &s->sheet));
done:
    return err;
}

/* Whether large levels may go to disk. */
static bool wants_sheet(struct tl_tiles *tiles, struct tl_source *s)
{
    hold_from(s, SHEET_CELLS);
    return s->n_below > 0 && s->n_below <= TL_SHEET_LEVELS && tiles->shelf != NULL &&
           !atomic_load(&tiles->no_sheets);
}

/* A full disk, or one that fails: without a sheet then. */
static tl_err sheet_end(struct tl_ctx *ctx, struct tl_source *s)
{
    tl_err err = tl_sheet_finish(ctx, s->sheet, &s->range, s->levels[s->n_below].values);
    if (err == TL_OK)
        return TL_OK;
    tl_sheet_close(s->sheet);
    s->sheet = NULL;
    return err == TL_EIO ? TL_OK : err;
}

/* Sides of the blocks that levels below the held ones are read by, where there is no sheet. */
static void block_size(const struct tl_source *s, int64_t *x, int64_t *y)
{
    *x = *y = TL_SHEET_SIDE;
    if (s->file != NULL)
        tl_raster_blocks_size(s->file, x, y);
}

tl_err tl_source_range(struct tl_ctx *ctx, struct tl_project *project, const char *band,
                       double factor, struct tl_spread *range)
{
    struct tl_spread r;
    float f = (float)factor;
    tl_err err = tl_band_spread(ctx, project, band, &r, NULL);
    if (err != TL_OK)
        return err;
    r.min = (double)((float)r.min * f);
    r.max = (double)((float)r.max * f);
    r.min_positive = (double)((float)r.min_positive * f);
    for (int q = 0; q <= TL_SPREAD_QUANTILES; q++)
        r.quantiles[q] *= f;
    *range = r;
    return TL_OK;
}

/* The largest of each square of a level's, of a part of level 0. */
static void take_largest(struct tl_source *s, const int64_t box[4], int64_t stride,
                         const float *values)
{
    struct tl_source_level *to = &s->levels[s->n_below];
    for (int64_t y = 0; y < box[3]; y++)
        for (int64_t x = 0; x < box[2]; x++) {
            float *cell =
                &to->values[((box[1] + y) >> s->n_below) * to->n_x + ((box[0] + x) >> s->n_below)];
            *cell = larger(*cell, values[y * stride + x]);
        }
}

/* One pass over the project's band, by rows of its blocks: to the sheet, or into the finest level that is held. */
static tl_err pass_map(struct tl_ctx *ctx, struct tl_project *project, struct tl_source *s)
{
    tl_err err = TL_OK;
    struct tl_source_level *to = &s->levels[s->n_below];
    int64_t rows = tl_project_map_rows(project);
    float *values = NULL;
    TL_TRY_ALLOC(ctx, values, rows * s->grid.n_x);
    TL_TRY(top_alloc(ctx, s));
    for (int64_t i = 0; i < to->n_x * to->n_y; i++)
        to->values[i] = NAN;
    for (int64_t y = 0; y < s->grid.n_y; y += rows) {
        const int64_t box[4] = {0, y, s->grid.n_x, y + rows < s->grid.n_y ? rows : s->grid.n_y - y};
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(tl_project_map_box(ctx, project, s->band, box, values));
        for (int64_t i = 0; i < box[2] * box[3]; i++)
            values[i] *= (float)s->factor;
        if (s->sheet != NULL)
            tl_sheet_put(s->sheet, box, s->grid.n_x, values);
        else
            take_largest(s, box, s->grid.n_x, values);
    }
done:
    tl_free(values);
    return err;
}

static tl_err map_to_sheet(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                           struct tl_source *s)
{
    struct tl_sheet_subject subject = subject_of(s, 'm');
    tl_err err = TL_OK;
    TL_TRY(sheet_find(ctx, tiles, s, 'm'));
    if (s->sheet != NULL)
        return TL_OK;
    TL_TRY(tl_sheet_create(ctx, tiles->shelf, &subject, tiles->sheet_bytes, &s->sheet));
    if (s->sheet == NULL)
        return TL_OK;
    TL_TRY(pass_map(ctx, project, s));
    TL_TRY(sheet_end(ctx, s));
done:
    return err;
}

static tl_err fill_project(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                           const char *band, struct tl_source *s)
{
    tl_err err = TL_OK;
    s->grid = tl_project_grid(project);
    s->crs = tl_strdup(ctx, tl_project_crs(project));
    if (s->crs == NULL)
        return TL_ENOMEM;
    lay_out(s);
    set_name(s, band);
    TL_TRY(tl_source_range(ctx, project, band, s->factor, &s->range));
    if (wants_sheet(tiles, s))
        TL_TRY(map_to_sheet(ctx, tiles, project, s));
    if (s->sheet == NULL) {
        tl_free(s->levels[s->n_below].values);
        s->levels[s->n_below].values = NULL;
        hold_from(s, LEVEL_CELLS);
        TL_TRY(pass_map(ctx, project, s));
    }
    TL_TRY(make_overviews(ctx, s));
done:
    return err;
}

/* A block of the file to the sheet or into the finest level that is held, and into the range. */
static void take_block(struct tl_source *s, float *block, int64_t bx, int64_t by,
                       struct tl_spread_sum *sum)
{
    int64_t b_x = 0, b_y = 0;
    block_size(s, &b_x, &b_y);
    int64_t x0 = bx * b_x, y0 = by * b_y;
    const int64_t box[4] = {x0, y0, s->grid.n_x - x0 < b_x ? s->grid.n_x - x0 : b_x,
                            s->grid.n_y - y0 < b_y ? s->grid.n_y - y0 : b_y};
    for (int64_t y = 0; y < box[3]; y++)
        for (int64_t x = 0; x < box[2]; x++) {
            float *value = &block[y * b_x + x];
            *value *= (float)s->factor;
            tl_spread_add(sum, (y0 + y) * s->grid.n_x + x0 + x, *value);
        }
    if (s->sheet != NULL)
        tl_sheet_put(s->sheet, box, b_x, block);
    else
        take_largest(s, box, b_x, block);
}

/* One pass over the file: the range, and the finest level that is held, or the sheet. */
static tl_err pass(struct tl_ctx *ctx, struct tl_source *s)
{
    tl_err err = TL_OK;
    struct tl_spread_sum sum = {0};
    struct tl_source_level *to = &s->levels[s->n_below];
    int64_t b_x = 0, b_y = 0;
    float *block = NULL;
    block_size(s, &b_x, &b_y);
    TL_TRY_ALLOC(ctx, block, b_x * b_y);
    TL_TRY(top_alloc(ctx, s));
    for (int64_t i = 0; i < to->n_x * to->n_y; i++)
        to->values[i] = NAN;
    TL_TRY(tl_spread_begin(ctx, tl_grid_n_cells(&s->grid), &sum));
    for (int64_t by = 0; by * b_y < s->grid.n_y; by++)
        for (int64_t bx = 0; bx * b_x < s->grid.n_x; bx++) {
            TL_TRY(tl_cancelled(ctx));
            TL_TRY(tl_raster_blocks_read(ctx, s->file, bx, by, block));
            take_block(s, block, bx, by, &sum);
        }
    tl_spread_end(&sum, &s->range);
done:
    tl_spread_drop(&sum);
    tl_free(block);
    return err;
}

static tl_err file_to_sheet(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_source *s)
{
    struct tl_sheet_subject subject = subject_of(s, 'f');
    tl_err err = TL_OK;
    TL_TRY(sheet_find(ctx, tiles, s, 'f'));
    if (s->sheet != NULL)
        return TL_OK;
    TL_TRY(tl_sheet_create(ctx, tiles->shelf, &subject, tiles->sheet_bytes, &s->sheet));
    if (s->sheet == NULL)
        return TL_OK;
    TL_TRY(pass(ctx, s));
    TL_TRY(sheet_end(ctx, s));
done:
    return err;
}

static tl_err fill_file(struct tl_ctx *ctx, struct tl_tiles *tiles,
                        const struct tl_tile_raster *raster, struct tl_source *s)
{
    tl_err err = TL_OK;
    TL_TRY(tl_raster_blocks_open(ctx, raster->path, raster->band, &s->file));
    const struct tl_raster *info = tl_raster_blocks_raster(s->file);
    s->grid = info->grid;
    s->crs = tl_strdup(ctx, info->crs);
    if (s->crs == NULL)
        return TL_ENOMEM;
    if (s->crs[0] == '\0')
        TL_THROW(ctx, TL_EDATA, "%s: the raster does not say its reference system", raster->path);
    set_name(s, tl_raster_blocks_name(s->file));
    lay_out(s);
    hold_from(s, LEVEL_CELLS);
    if (s->n_below > BELOW_MAX)
        TL_THROW(ctx, TL_EDATA,
                 "%s: a raster of %lld by %lld cells is too large to be drawn; at most %lld cells",
                 raster->path, (long long)s->grid.n_x, (long long)s->grid.n_y,
                 (long long)LEVEL_CELLS << (2 * BELOW_MAX));
    if (wants_sheet(tiles, s))
        TL_TRY(file_to_sheet(ctx, tiles, s));
    if (s->sheet != NULL) {
        tl_raster_blocks_close(s->file);
        s->file = NULL;
    } else {
        tl_free(s->levels[s->n_below].values);
        s->levels[s->n_below].values = NULL;
        hold_from(s, LEVEL_CELLS);
        TL_TRY(pass(ctx, s));
    }
    TL_TRY(make_overviews(ctx, s));
done:
    return err;
}

/* What the file or the map is now: a file by its time and size. */
static tl_err identify(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       const struct tl_tile_raster *raster, uint8_t id[TL_HASH_ID_BYTES])
{
    struct tl_buf buf = {0};
    struct tl_tiles_stamp stamp = {0};
    struct stat facts;
    tl_err err = TL_OK;
    if (raster->path == NULL) {
        TL_TRY(tl_tiles_stamp(ctx, tiles, project, TL_KIND_COUNT, &stamp));
        TL_TRY(tl_buf_printf(ctx, &buf, "map %lld %lld %s %s", (long long)stamp.line,
                             (long long)stamp.n_replaced, tl_project_path(project), raster->band));
    } else {
        if (stat(raster->path, &facts) != 0)
            TL_THROW(ctx, TL_ENOTFOUND, "%s: there is no such file", raster->path);
        TL_TRY(tl_buf_printf(ctx, &buf, "file %lld.%09ld %lld %llu %s %s",
                             (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
                             (long long)facts.st_size, (unsigned long long)facts.st_ino,
                             raster->path, raster->band == NULL ? "" : raster->band));
    }
    tl_hash_id(buf.text, buf.size_bytes, id);
done:
    tl_buf_fini(&buf);
    return err;
}

static tl_err make(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                   const struct tl_tile_raster *raster, const struct tl_cache_key *key,
                   struct tl_source **source)
{
    tl_err err = TL_OK;
    int64_t bytes = (int64_t)sizeof **source;
    struct tl_source *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    tl_cache_thing_init(&made->thing, 0, source_fini);
    pthread_mutex_init(&made->lock, NULL);
    atomic_init(&made->is_torn, false);
    memcpy(made->id, key->id, sizeof made->id);
    if (raster->path == NULL)
        TL_TRY(fill_project(ctx, tiles, project, raster->band, made));
    else
        TL_TRY(fill_file(ctx, tiles, raster, made));
    TL_TRY(find_box(ctx, made));
    for (int k = 0; k < made->n_levels; k++)
        bytes += made->levels[k].values == NULL ? 0 : 4 * made->levels[k].n_x * made->levels[k].n_y;
    made->thing.bytes = bytes;
    *source = made;
    made = NULL;
done:
    if (made != NULL)
        tl_cache_drop(&made->thing);
    return err;
}

static struct tl_source *find_whole(struct tl_tiles *tiles, const struct tl_cache_key *key)
{
    struct tl_source *found = (struct tl_source *)(void *)tl_cache_get(tiles->sources, key);
    if (found != NULL && atomic_load(&found->is_torn)) {
        tl_cache_drop(&found->thing);
        found = NULL;
    }
    return found;
}

tl_err tl_source_get(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                     const struct tl_tile_raster *raster, struct tl_source **source)
{
    struct tl_cache_key key;
    tl_err err = TL_OK;
    if (raster->path == NULL && raster->band == NULL)
        return tl_fail(ctx, TL_EUSAGE, "a raster of the map needs the name of a band");
    TL_TRY(identify(ctx, tiles, project, raster, key.id));
    struct tl_source *found = find_whole(tiles, &key);
    if (found == NULL) {
        pthread_mutex_lock(&tiles->opening);
        found = find_whole(tiles, &key); /* somebody may have made it while we waited */
        if (found == NULL)
            err = make(ctx, tiles, project, raster, &key, &found);
        if (err == TL_OK)
            tl_cache_put(tiles->sources, &key, &found->thing);
        pthread_mutex_unlock(&tiles->opening);
        TL_TRY(err);
    }
    *source = found;
done:
    return err;
}

tl_err tl_source_map_take(struct tl_ctx *ctx, struct tl_source *s, struct tl_crs_map **map)
{
    *map = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->n_maps > 0)
        *map = s->maps[--s->n_maps];
    pthread_mutex_unlock(&s->lock);
    return *map != NULL ? TL_OK : tl_crs_map_create(ctx, "EPSG:4326", s->crs, map);
}

void tl_source_map_give(struct tl_source *s, struct tl_crs_map *map)
{
    pthread_mutex_lock(&s->lock);
    if (map != NULL && s->n_maps < TL_SOURCE_MAPS) {
        s->maps[s->n_maps++] = map;
        map = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    tl_crs_map_free(map);
}

struct block {
    struct tl_cache_thing thing;
    float values[];
};

/* Who reads a window, of what; borrows. */
struct reader {
    struct tl_ctx *ctx;
    struct tl_tiles *tiles;
    struct tl_project *project; /* the reader's own handle; NULL = the source is a file */
    struct tl_source *source;
};

static void block_fini(struct tl_cache_thing *thing)
{
    tl_free(thing);
}

/* A block of the project's band; at the grid's edge less of it, row by row as the others are. */
static tl_err block_of_map(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_source *s, int64_t bx, int64_t by, float *values)
{
    enum { SIDE = TL_SHEET_SIDE };
    const int64_t box[4] = {bx * SIDE, by * SIDE,
                            s->grid.n_x - bx * SIDE < SIDE ? s->grid.n_x - bx * SIDE : SIDE,
                            s->grid.n_y - by * SIDE < SIDE ? s->grid.n_y - by * SIDE : SIDE};
    tl_err err = tl_project_map_box(ctx, project, s->band, box, values);
    for (int64_t y = box[3] - 1; y >= 0 && err == TL_OK; y--)
        for (int64_t x = box[2] - 1; x >= 0; x--)
            values[y * SIDE + x] = values[y * box[2] + x] * (float)s->factor;
    return err;
}

static tl_err block_read(struct tl_ctx *ctx, struct tl_project *project, struct tl_source *s,
                         int level, int64_t bx, int64_t by, int64_t n, float *values)
{
    if (s->sheet != NULL)
        return tl_sheet_read(ctx, s->sheet, level, bx, by, values);
    if (s->file == NULL)
        return block_of_map(ctx, project, s, bx, by, values);
    pthread_mutex_lock(&s->lock);
    tl_err err = tl_raster_blocks_read(ctx, s->file, bx, by, values);
    pthread_mutex_unlock(&s->lock);
    for (int64_t i = 0; s->factor != 1.0 && i < n; i++)
        values[i] *= (float)s->factor;
    return err;
}

/* A block of a sheet's level, or of the file or the project's map (level 0). */
static tl_err block_get(const struct reader *r, int level, int64_t bx, int64_t by,
                        struct block **block)
{
    struct {
        uint8_t id[TL_HASH_ID_BYTES];
        int64_t level, bx, by;
    } name = {.level = level, .bx = bx, .by = by};
    struct tl_source *s = r->source;
    struct tl_cache_key key;
    int64_t b_x = 0, b_y = 0;
    memcpy(name.id, s->id, sizeof name.id);
    tl_hash_id(&name, sizeof name, key.id);
    *block = (struct block *)(void *)tl_cache_get(r->tiles->blocks, &key);
    if (*block != NULL)
        return TL_OK;
    block_size(s, &b_x, &b_y);
    int64_t bytes = (int64_t)sizeof **block + 4 * b_x * b_y;
    struct block *made = tl_alloc(r->ctx, bytes, 1);
    if (made == NULL)
        return TL_ENOMEM;
    tl_cache_thing_init(&made->thing, bytes, block_fini);
    tl_err err = block_read(r->ctx, r->project, s, level, bx, by, b_x * b_y, made->values);
    if (err != TL_OK) {
        tl_cache_drop(&made->thing);
        return err;
    }
    tl_cache_put(r->tiles->blocks, &key, &made->thing);
    *block = made;
    return TL_OK;
}

/* A window of a sheet's level. */
static tl_err read_sheet(const struct reader *r, int level, struct tl_source_window *w)
{
    enum { SIDE = TL_SHEET_SIDE };
    tl_err err = TL_OK;
    for (int64_t by = w->y / SIDE; by * SIDE < w->y + w->n_y; by++)
        for (int64_t bx = w->x / SIDE; bx * SIDE < w->x + w->n_x; bx++) {
            struct block *block = NULL;
            int64_t x0 = bx * SIDE > w->x ? bx * SIDE : w->x;
            int64_t y0 = by * SIDE > w->y ? by * SIDE : w->y;
            int64_t x1 = (bx + 1) * SIDE < w->x + w->n_x ? (bx + 1) * SIDE : w->x + w->n_x;
            int64_t y1 = (by + 1) * SIDE < w->y + w->n_y ? (by + 1) * SIDE : w->y + w->n_y;
            TL_TRY(block_get(r, level, bx, by, &block));
            for (int64_t y = y0; y < y1; y++)
                memcpy(w->own + (y - w->y) * w->n_x + (x0 - w->x),
                       block->values + (y - by * SIDE) * SIDE + (x0 - bx * SIDE),
                       (size_t)(x1 - x0) * sizeof *w->own);
            tl_cache_drop(&block->thing);
        }
done:
    if (err == TL_EINTEGRITY) {
        tl_sheet_discard(r->source->sheet);
        atomic_store(&r->source->is_torn, true);
    }
    return err;
}

/* The part of a block that lies in the window, the largest of 2^level by 2^level cells. */
static void copy_part(const struct tl_source *s, int level, int64_t bx, int64_t by,
                      const float *values, struct tl_source_window *w)
{
    int64_t b_x = 0, b_y = 0;
    block_size(s, &b_x, &b_y);
    int64_t x0 = bx * b_x, y0 = by * b_y, first_x = w->x << level, first_y = w->y << level;
    int64_t from_x = x0 > first_x ? x0 : first_x, from_y = y0 > first_y ? y0 : first_y;
    int64_t end_x = (w->x + w->n_x) << level, end_y = (w->y + w->n_y) << level;
    end_x = end_x < x0 + b_x ? end_x : x0 + b_x;
    end_y = end_y < y0 + b_y ? end_y : y0 + b_y;
    for (int64_t y = from_y; y < end_y; y++) {
        const float *row = values + (y - y0) * b_x - x0;
        float *to = w->own + ((y >> level) - w->y) * w->n_x - w->x;
        if (level == 0 && end_x > from_x)
            memcpy(to + from_x, row + from_x, (size_t)(end_x - from_x) * sizeof *to);
        for (int64_t x = from_x; level > 0 && x < end_x; x++)
            to[x >> level] = larger(to[x >> level], row[x]);
    }
}

/* The largest of each square of the finest cells. */
static tl_err read_finest(const struct reader *r, int level, struct tl_source_window *w)
{
    tl_err err = TL_OK;
    const struct tl_source *s = r->source;
    int64_t b_x = 0, b_y = 0;
    block_size(s, &b_x, &b_y);
    for (int64_t i = 0; i < w->n_x * w->n_y; i++)
        w->own[i] = NAN;
    int64_t last_x = ((w->x + w->n_x) << level) - 1, last_y = ((w->y + w->n_y) << level) - 1;
    last_x = last_x < s->grid.n_x ? last_x : s->grid.n_x - 1;
    last_y = last_y < s->grid.n_y ? last_y : s->grid.n_y - 1;
    for (int64_t by = (w->y << level) / b_y; by <= last_y / b_y; by++)
        for (int64_t bx = (w->x << level) / b_x; bx <= last_x / b_x; bx++) {
            struct block *block = NULL;
            TL_TRY(block_get(r, 0, bx, by, &block));
            copy_part(s, level, bx, by, block->values, w);
            tl_cache_drop(&block->thing);
        }
done:
    return err;
}

tl_err tl_source_window_read(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                             struct tl_source *s, int level, struct tl_source_window *w)
{
    const struct reader reader = {ctx, tiles, project, s};
    tl_err err = TL_OK;
    const struct tl_source_level *from = &s->levels[level];
    w->own = NULL;
    if (from->values != NULL) {
        w->values = from->values + w->y * from->n_x + w->x;
        w->stride = from->n_x;
        return TL_OK;
    }
    TL_TRY_ALLOC(ctx, w->own, w->n_x * w->n_y);
    w->values = w->own;
    w->stride = w->n_x;
    if (s->sheet != NULL)
        TL_TRY(read_sheet(&reader, level, w));
    else
        TL_TRY(read_finest(&reader, level, w));
done:
    if (err != TL_OK)
        tl_source_window_fini(w);
    return err;
}

void tl_source_window_fini(struct tl_source_window *window)
{
    tl_free(window->own);
    window->own = NULL;
}
