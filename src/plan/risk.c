/*
 * Items that remain in a cell: residual area times density, as `survey next` and the forecast take them. Of a piece of ground: those of its cells by
 * the share of their land that it covers. The map keeps cells' margins, not their joint law: within a piece errors of cells are taken as
 * going together, which makes its range the widest that the margins allow.
 *
 * An item on land that people use fully causes rate accidents a year: the map's own accident channel, assumed 0.001 a year times the effect that
 * the fit found for it (evidence/use.h, model.md section 3), so it is calibrated on the register's accidents. Use of land is the map's too.
 */
#include "plan/risk.h"

#include <math.h>
#include <string.h>

#include "core/json.h"
#include "evidence/gather.h"
#include "evidence/use.h"
#include "geo/cover.h"

static const double USE_RANGE_M = 5000.0; /* as in evidence/build.c */
static const double EFFECT_SD = 1.5;      /* of a channel whose scale is poorly known */
enum { FEW_ACCIDENTS = 5, BLOCK_SIDE = 128, BLOCK_CELLS = BLOCK_SIDE * BLOCK_SIDE, BLOCKS = 64 };

/* What the map says of a block of cells. */
struct block {
    int64_t number, last_asked; /* number < 0 = none */
    float items[TL_RISK_ITEMS][BLOCK_CELLS];
    float use[BLOCK_CELLS];       /* how much people use the land, 0..1 */
    float cell_area[BLOCK_CELLS]; /* land [m2] */
};

/*
 * Blocks of the map, the latest asked for: enough for a whole row of them, because the cells of a polygon come row by row.
 * A district is one block to sixteen, so that nothing is read twice.
 */
struct tl_risk_blocks {
    struct tl_project *project; /* borrows */
    struct tl_gather gather;    /* owns: places */
    struct tl_land land;        /* owns */
    double range_m;             /* of the use of land */
    int64_t n_x, asked;         /* blocks in a row; a clock */
    int64_t n;
    struct block **list; /* owns, each: [n]; NULL = not needed yet */
};

static void blocks_free(struct tl_risk_blocks *b)
{
    if (b == NULL)
        return;
    for (int64_t k = 0; b->list != NULL && k < b->n; k++)
        tl_free(b->list[k]);
    tl_free(b->list);
    tl_gather_fini(&b->gather);
    tl_land_fini(&b->land);
    tl_free(b);
}

static tl_err blocks_make(struct tl_ctx *ctx, struct tl_project *project, double range_m,
                          struct tl_risk *risk)
{
    struct tl_risk_blocks *b = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, b, 1);
    b->project = project;
    b->range_m = range_m;
    b->n_x = (risk->grid.n_x + BLOCK_SIDE - 1) / BLOCK_SIDE;
    b->n = b->n_x + 1 > BLOCKS ? b->n_x + 1 : BLOCKS;
    TL_TRY_ALLOC(ctx, b->list, b->n);
    TL_TRY(tl_land_init(ctx, project, &b->land));
    TL_TRY(tl_gather_init(ctx, project, TL_GROUP_ALL, NULL, &b->land, &b->gather));
    risk->has_places = b->gather.n[TL_KIND_PLACE] > 0;
    risk->blocks = b;
    b = NULL;
done:
    blocks_free(b);
    return err;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static tl_err read_block(struct tl_ctx *ctx, const struct tl_risk *risk, int64_t number,
                         struct block *to)
{
    static const char *const names[] = {"density_mean", "density_q05", "density_q95",
                                        "density_q50"};
    const struct tl_risk_blocks *b = risk->blocks;
    int64_t x = number % b->n_x * BLOCK_SIDE, y = number / b->n_x * BLOCK_SIDE;
    const int64_t box[4] = {x, y, least(BLOCK_SIDE, risk->grid.n_x - x),
                            least(BLOCK_SIDE, risk->grid.n_y - y)};
    int64_t n = box[2] * box[3];
    float *residual = NULL;
    double *use = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, residual, n);
    TL_TRY_ALLOC(ctx, use, n);
    TL_TRY(tl_project_map_box(ctx, b->project, "residual", box, residual));
    TL_TRY(tl_project_map_box(ctx, b->project, "cell_area", box, to->cell_area));
    for (int k = 0; k < TL_RISK_ITEMS; k++) {
        TL_TRY(tl_project_map_box(ctx, b->project, names[k], box, to->items[k]));
        for (int64_t i = 0; i < n; i++) {
            float items = to->items[k][i] * residual[i];
            to->items[k][i] = isfinite(items) ? items : 0.0F;
        }
    }
    TL_TRY(tl_use_intensity_box(ctx, &b->gather, b->range_m, box, use));
    for (int64_t i = 0; i < n; i++)
        to->use[i] = (float)use[i];
    TL_TRY(tl_project_map_same(ctx, b->project, risk->run_id));
    to->number = number;
done:
    tl_free(residual);
    tl_free(use);
    return err;
}

/* The block that holds a cell, and the cell's place in it. */
static tl_err block_of(struct tl_ctx *ctx, const struct tl_risk *risk, int64_t cell,
                       const struct block **block, int64_t *at)
{
    struct tl_risk_blocks *b = risk->blocks;
    int64_t x = cell % risk->grid.n_x, y = cell / risk->grid.n_x, oldest = 0;
    int64_t number = y / BLOCK_SIDE * b->n_x + x / BLOCK_SIDE;
    int64_t width = least(BLOCK_SIDE, risk->grid.n_x - x / BLOCK_SIDE * BLOCK_SIDE);
    *at = y % BLOCK_SIDE * width + x % BLOCK_SIDE;
    if (*block != NULL && (*block)->number == number)
        return TL_OK;
    for (int64_t k = 0; k < b->n; k++) {
        struct block *one = b->list[k];
        if (one == NULL) {
            oldest = k;
            break;
        }
        if (one->number == number) {
            one->last_asked = ++b->asked;
            *block = one;
            return TL_OK;
        }
        oldest = one->last_asked < b->list[oldest]->last_asked ? k : oldest;
    }
    if (b->list[oldest] == NULL)
        b->list[oldest] = tl_alloc(ctx, 1, sizeof **b->list);
    struct block *one = b->list[oldest];
    if (one == NULL)
        return TL_ENOMEM;
    one->number = -1; /* until all of it is there */
    one->last_asked = ++b->asked;
    tl_err err = read_block(ctx, risk, number, one);
    *block = err == TL_OK ? one : NULL;
    return err;
}

static double number_at(const json_t *map, const char *a, const char *b, const char *c)
{
    const json_t *value = json_object_get(json_object_get(map, a), b);
    if (c != NULL)
        value = json_object_get(value, c);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void read_rate(const json_t *map, struct tl_risk *risk)
{
    const json_t *effect =
        json_object_get(json_object_get(json_object_get(map, "posterior"), "channels"), "accident");
    double mean = json_number_value(json_object_get(effect, "mean"));
    double sd = json_number_value(json_object_get(effect, "sd"));
    double low = number_at(map, "items_remaining", "q025", NULL),
           high = number_at(map, "items_remaining", "q975", NULL);
    risk->rate_by_map = effect != NULL;
    risk->rate_sd = effect != NULL ? sd : EFFECT_SD;
    risk->rate = TL_USE_ACCIDENT_RATE * (effect != NULL ? exp(mean + 0.5 * sd * sd) : 1.0);
    risk->common_sd = low > 0.0 && high > low ? log(high / low) / (2.0 * 1.959964) : 0.0;
    risk->range_m = number_at(map, "posterior", "range_m", "mean");
    if (!(risk->range_m > 0.0))
        risk->range_m = risk->grid.step_m;
}

/* Casualties of an accident, over those whose figures are known. */
static tl_err read_accidents(struct tl_ctx *ctx, struct tl_project *project, struct tl_risk *risk)
{
    struct tl_cursor *cursor = NULL;
    int killed = tl_kind_column(TL_KIND_ACCIDENT, "killed"),
        injured = tl_kind_column(TL_KIND_ACCIDENT, "injured");
    double n = 0.0, sum = 0.0, squares = 0.0;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(ctx, project, TL_KIND_ACCIDENT, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        double k = tl_cursor_real(cursor, killed), i = tl_cursor_real(cursor, injured);
        if (isnan(k) && isnan(i))
            continue;
        double people = (isnan(k) ? 0.0 : k) + (isnan(i) ? 0.0 : i);
        n += 1.0;
        sum += people;
        squares += people * people;
    }
    risk->per_accident = 1.0;
    if (n >= FEW_ACCIDENTS && sum > 0.0) {
        double mean = sum / n, variance = fmax(squares / n - mean * mean, 0.0) / (n - 1.0);
        risk->per_accident = mean;
        risk->per_accident_sd = sqrt(variance) / mean;
        risk->n_accidents = (int64_t)n;
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err read_slope(struct tl_ctx *ctx, struct tl_project *project, struct tl_risk *risk)
{
    struct tl_covariate_info *infos = NULL;
    int64_t n = 0;
    tl_err err = tl_project_covariates(ctx, project, &infos, &n);
    for (int64_t i = 0; i < n && err == TL_OK; i++)
        if (strcmp(infos[i].name, "slope") == 0 && risk->slope_deg == NULL) {
            TL_TRY_ALLOC(ctx, risk->slope_deg, risk->n_cells);
            err = tl_project_covariate_get(ctx, project, "slope", risk->slope_deg);
        }
done:
    tl_free(infos);
    return err;
}

static tl_err read_map(struct tl_ctx *ctx, struct tl_project *project, const char *text,
                       struct tl_risk *risk)
{
    json_t *map = json_loads(text, 0, NULL);
    tl_err err = TL_OK;
    if (map == NULL)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "the last map in the project is not readable; see `tilth check`");
    double range = number_at(map, "options", "use_range_m", NULL);
    TL_TRY(blocks_make(ctx, project,
                       range > 0.0 ? range : fmax(USE_RANGE_M, 2.0 * risk->grid.step_m), risk));
    read_rate(map, risk);
    TL_TRY(read_accidents(ctx, project, risk));
    risk->has_map = true;
done:
    json_decref(map);
    return err;
}

tl_err tl_risk_init(struct tl_ctx *ctx, struct tl_project *project, struct tl_risk *risk)
{
    struct tl_risk made = {.grid = tl_project_grid(project)};
    char *text = NULL;
    tl_err err = TL_OK;
    made.n_cells = tl_grid_n_cells(&made.grid);
    TL_TRY(tl_project_map_load(ctx, project, &made.run_id, &text));
    if (text != NULL)
        TL_TRY(read_map(ctx, project, text, &made));
    TL_TRY(read_slope(ctx, project, &made));
    *risk = made;
    made = (struct tl_risk){0};
done:
    tl_free(text);
    tl_risk_fini(&made);
    return err;
}

void tl_risk_fini(struct tl_risk *risk)
{
    blocks_free(risk->blocks);
    tl_free(risk->slope_deg);
    *risk = (struct tl_risk){0};
}

tl_err tl_risk_ground(struct tl_ctx *ctx, const struct tl_risk *risk, const void *wkb,
                      int64_t wkb_bytes, struct tl_risk_ground *ground)
{
    struct tl_risk_ground g = {.slope_deg = (double)NAN};
    struct tl_cover_cell *cells = NULL;
    const struct block *block = NULL;
    double steep = 0.0, known = 0.0, all = 0.0, on_map = 0.0;
    int64_t n = 0, at = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_cover_polygon(ctx, &risk->grid, wkb, wkb_bytes, &cells, &n));
    for (int64_t k = 0; k < n; k++) {
        int64_t i = cells[k].i;
        if (risk->has_map)
            TL_TRY(block_of(ctx, risk, i, &block, &at));
        double land = risk->has_map ? (double)block->cell_area[at] : 0.0;
        all += cells[k].area_m2;
        if (risk->slope_deg != NULL && isfinite(risk->slope_deg[i])) {
            steep += cells[k].area_m2 * risk->slope_deg[i];
            known += cells[k].area_m2;
        }
        if (!(land > 0.0))
            continue;
        double share = fmin(cells[k].area_m2 / land, 1.0);
        on_map += cells[k].area_m2;
        for (int b = 0; b < TL_RISK_ITEMS; b++)
            g.items[b] += share * (double)block->items[b][at];
        g.exposed += share * (double)block->items[0][at] * (double)block->use[at];
    }
    if (known > 0.0)
        g.slope_deg = steep / known;
    g.on_map = all > 0.0 ? on_map / all : 0.0;
    if (!risk->has_map)
        g.items[0] = g.items[1] = g.items[2] = g.items[3] = g.exposed = (double)NAN;
    *ground = g;
done:
    tl_free(cells);
    return err;
}
