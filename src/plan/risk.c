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
enum { FEW_ACCIDENTS = 5 };

static tl_err read_items(struct tl_ctx *ctx, struct tl_project *project, struct tl_risk *risk)
{
    static const char *const names[] = {"density_mean", "density_q05", "density_q95",
                                        "density_q50"};
    float *residual = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, residual, risk->n_cells);
    TL_TRY_ALLOC(ctx, risk->cell_area, risk->n_cells);
    TL_TRY(tl_project_map_band(ctx, project, "residual", residual));
    TL_TRY(tl_project_map_band(ctx, project, "cell_area", risk->cell_area));
    for (int b = 0; b < TL_RISK_ITEMS; b++) {
        TL_TRY_ALLOC(ctx, risk->items[b], risk->n_cells);
        TL_TRY(tl_project_map_band(ctx, project, names[b], risk->items[b]));
        for (int64_t i = 0; i < risk->n_cells; i++) {
            float items = risk->items[b][i] * residual[i];
            risk->items[b][i] = isfinite(items) ? items : 0.0F;
        }
    }
done:
    tl_free(residual);
    return err;
}

static tl_err read_use(struct tl_ctx *ctx, struct tl_project *project, double range_m,
                       struct tl_risk *risk)
{
    struct tl_gather gather = {0};
    double *use = NULL, *area = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, area, risk->n_cells);
    for (int64_t i = 0; i < risk->n_cells; i++)
        area[i] = isfinite(risk->cell_area[i]) ? (double)risk->cell_area[i] : 0.0;
    TL_TRY(tl_gather_init(ctx, project, TL_GROUP_ALL, area, NULL, &gather));
    TL_TRY_ALLOC(ctx, use, risk->n_cells);
    TL_TRY(tl_use_intensity(ctx, &gather, range_m, use));
    TL_TRY_ALLOC(ctx, risk->use, risk->n_cells);
    for (int64_t i = 0; i < risk->n_cells; i++)
        risk->use[i] = (float)use[i];
    risk->has_places = gather.n[TL_KIND_PLACE] > 0;
done:
    tl_gather_fini(&gather);
    tl_free(area);
    tl_free(use);
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
    TL_TRY(read_items(ctx, project, risk));
    TL_TRY(read_use(ctx, project, range > 0.0 ? range : fmax(USE_RANGE_M, 2.0 * risk->grid.step_m),
                    risk));
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
    for (int b = 0; b < TL_RISK_ITEMS; b++)
        tl_free(risk->items[b]);
    tl_free(risk->use);
    tl_free(risk->cell_area);
    tl_free(risk->slope_deg);
    *risk = (struct tl_risk){0};
}

tl_err tl_risk_ground(struct tl_ctx *ctx, const struct tl_risk *risk, const void *wkb,
                      int64_t wkb_bytes, struct tl_risk_ground *ground)
{
    struct tl_risk_ground g = {.slope_deg = (double)NAN};
    struct tl_cover_cell *cells = NULL;
    double steep = 0.0, known = 0.0, all = 0.0, on_map = 0.0;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_cover_polygon(ctx, &risk->grid, wkb, wkb_bytes, &cells, &n));
    for (int64_t k = 0; k < n; k++) {
        int64_t i = cells[k].i;
        double land = risk->has_map ? (double)risk->cell_area[i] : 0.0;
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
            g.items[b] += share * (double)risk->items[b][i];
        g.exposed += share * (double)risk->items[0][i] * (double)risk->use[i];
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
