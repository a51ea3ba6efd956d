/*
 * Expected loss of a cell: items expected to remain (residual area times the posterior mean of the density, so that all of the map's
 * uncertainty is averaged over) times how much people use the land (evidence/use.h). The loss is linear in the items, so the expected
 * reduction by a search needs the mean alone; a wide posterior enters by raising it.
 *
 * A pass over the cell takes area / pace and finds a share q of what the method can find at all. Of what remains that is d where the method
 * never was, and less where it was, since it has already taken its share: d ∫(1 - q)^k / ∫[(1 - d) + d (1 - q)^k] over the cell, k the passes
 * of this method so far. Other methods take from both alike, as far as can be known here.
 */
#include "survey/worth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "evidence/miss.h"
#include "evidence/use.h"
#include "geo/cover.h"
#include "geo/geom.h"

enum { HOURS_PER_DAY = 6 };
static const double USE_RANGE_M = 5000.0; /* as in evidence/build.c */

static tl_err choice(struct tl_ctx *ctx, const char *what, const char *text, int n,
                     const char *const *names, int *out)
{
    *out = 0;
    for (int k = 0; text != NULL && k < n; k++)
        if (strcasecmp(names[k], text) == 0) {
            *out = k;
            return TL_OK;
        }
    return text == NULL ? TL_OK
                        : tl_fail(ctx, TL_EUSAGE, "%s '%s': expected %s to %s", what, text,
                                  names[0], names[n - 1]);
}

/* What vegetation and slope do to the method's pace and to its chance at a pass. */
static tl_err set_terrain(struct tl_ctx *ctx, const struct tl_survey_next *next,
                          struct tl_survey_worth *w)
{
    static const char *const vegetations[] = {"none", "light", "medium", "dense"};
    static const char *const slopes[] = {"flat", "moderate", "steep"};
    const struct tl_method *m = &w->method;
    int vegetation = 0, slope = 0;
    tl_err err =
        choice(ctx, "vegetation", next->vegetation, TL_METHOD_VEGETATION, vegetations, &vegetation);
    if (err == TL_OK)
        err = choice(ctx, "slope", next->slope, TL_METHOD_SLOPE, slopes, &slope);
    if (err != TL_OK)
        return err;
    w->vegetation = vegetations[vegetation];
    w->slope = slopes[slope];
    w->m2_per_hour *= m->vegetation_pace[vegetation] * m->slope_pace[slope];
    w->per_pass *= fmin(m->vegetation_detect[vegetation] * m->slope_detect[slope], 1.0);
    if (!(w->m2_per_hour > 0.0 && w->detectable * w->per_pass > 0.0))
        return tl_fail(ctx, TL_EDATA,
                       "the method '%s' cannot work in such ground, by the table of methods (%s)",
                       m->name, m->terrain_source);
    return TL_OK;
}

static tl_err check_method(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_survey_next *next, struct tl_survey_worth *w)
{
    double per_day = next->hours_per_day == 0.0 ? HOURS_PER_DAY : next->hours_per_day;
    if (!(next->hours > 0.0 && isfinite(next->hours)))
        return tl_fail(ctx, TL_EDATA, "%g hours; expected more than 0", next->hours);
    if (!(per_day > 0.0 && per_day <= 24.0))
        return tl_fail(ctx, TL_EDATA, "%g hours in a day; expected more than 0, at most 24",
                       per_day);
    if (next->method == NULL)
        return tl_fail(ctx, TL_EUSAGE, "no method; expected one of `tilth methods %s`",
                       tl_project_path(project));
    tl_err err = tl_survey_method(ctx, project, next->method, w->group, &w->method);
    if (err != TL_OK)
        return err;
    if (!w->method.is_search)
        return tl_fail(ctx, TL_EDATA,
                       "the method '%s' asks and looks, it does not search ground; expected one "
                       "that finds items",
                       w->method.name);
    if (!(w->method.m2_per_day > 0.0 && isfinite(w->method.m2_per_day)))
        return tl_fail(ctx, TL_EDATA,
                       "the pace of the method '%s' is not known, so hours cannot be turned into "
                       "ground; give its m2_per_day with `tilth methods %s --edit FILE`",
                       w->method.name, tl_project_path(project));
    w->m2_per_hour = w->method.m2_per_day / per_day;
    struct tl_cover_method chances = tl_miss_method(&w->method);
    w->detectable = chances.detectable;
    w->per_pass = fmin(chances.per_pass, 1.0 - 1e-9); /* alpha of Koopman stays finite */
    if (!(w->detectable * w->per_pass > 0.0))
    w->hours_per_day = per_day;
        return tl_fail(ctx, TL_EDATA, "the method '%s' finds nothing by its figures",
                       w->method.name);
    return set_terrain(ctx, next, w);
}

static tl_err read_band(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                        float *scratch, int64_t n, double *values)
{
    tl_err err = tl_project_map_band(ctx, project, name, scratch);
    for (int64_t i = 0; i < n && err == TL_OK; i++)
        values[i] = isfinite(scratch[i]) ? (double)scratch[i] : 0.0;
    return err;
}

/* items = residual * density; hours = area / pace. */
static tl_err read_map(struct tl_ctx *ctx, struct tl_project *project, struct tl_survey_worth *w)
{
    tl_err err = TL_OK;
    float *scratch = NULL;
    TL_TRY_ALLOC(ctx, scratch, w->n_cells);
    TL_TRY_ALLOC(ctx, w->items, w->n_cells);
    TL_TRY_ALLOC(ctx, w->loss, w->n_cells);
    TL_TRY_ALLOC(ctx, w->hours, w->n_cells);
    TL_TRY_ALLOC(ctx, w->area_m2, w->n_cells);
    TL_TRY_ALLOC(ctx, w->p_any, w->n_cells);
    TL_TRY(read_band(ctx, project, "density_mean", scratch, w->n_cells, w->items));
    TL_TRY(read_band(ctx, project, "residual", scratch, w->n_cells, w->loss));
    TL_TRY(read_band(ctx, project, "cell_area", scratch, w->n_cells, w->area_m2));
    TL_TRY(tl_project_map_band(ctx, project, "p_any", w->p_any));
    for (int64_t i = 0; i < w->n_cells; i++) {
        bool inside = w->area_m2[i] > 0.0;
        w->items[i] = inside ? w->items[i] * w->loss[i] : 0.0;
        w->hours[i] = inside ? w->area_m2[i] / w->m2_per_hour : 0.0;
    }
done:
    tl_free(scratch);
    return err;
}

/* Positions and numbers of people of all places, as tl_use_intensity takes them. */
static tl_err read_places(struct tl_ctx *ctx, struct tl_project *project, struct tl_crs_map *map,
                          struct tl_gather *gather)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    int64_t n = 0, room = 0;
    int column = tl_kind_column(TL_KIND_PLACE, "population");
    bool more = true;
    TL_TRY(tl_register_count(ctx, project, TL_KIND_PLACE, &room));
    TL_TRY_ALLOC(ctx, gather->points[TL_KIND_PLACE], room);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_PLACE, NULL, &cursor));
    while (n < room) {
        struct tl_geom_info info;
        int64_t bytes;
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const void *wkb = tl_cursor_wkb(cursor, &bytes);
        if (wkb == NULL)
            continue;
        TL_TRY(tl_geom_info(ctx, wkb, bytes, &info));
        tl_crs_map_points(map, 1, &info.x, &info.y, NULL);
        gather->points[TL_KIND_PLACE][n++] = (struct tl_gather_point){
            .x_m = info.x, .y_m = info.y, .number = tl_cursor_real(cursor, column)};
    }
    gather->n[TL_KIND_PLACE] = n;
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err weigh(struct tl_ctx *ctx, struct tl_project *project, double range_m,
                    struct tl_crs_map *map, bool items_only, struct tl_survey_worth *w)
{
    tl_err err = TL_OK;
    struct tl_gather gather = {.grid = w->grid};
    double *use = NULL;
    if (items_only) {
        memcpy(w->loss, w->items, (size_t)w->n_cells * sizeof *w->loss);
        return TL_OK;
    }
    TL_TRY_ALLOC(ctx, use, w->n_cells);
    TL_TRY(read_places(ctx, project, map, &gather));
    TL_TRY(tl_use_intensity(ctx, &gather, range_m, use));
    for (int64_t i = 0; i < w->n_cells; i++)
        w->loss[i] = w->items[i] * use[i];
    w->has_places = gather.n[TL_KIND_PLACE] > 0;
done:
    tl_free(gather.points[TL_KIND_PLACE]);
    tl_free(use);
    return err;
}

struct searches {
    struct tl_cover_search *list; /* owns, and its WKB */
    int64_t n, room;
};

static bool is_same_method(struct tl_cursor *cursor, const struct tl_method *method)
{
    const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_SEARCH, "method"));
    return name != NULL && strcasecmp(name, method->name) == 0;
}

/* Takes the search that the cursor stands at, if it is of this method and has ground. */
static tl_err take_search(struct tl_ctx *ctx, struct tl_cursor *cursor, struct tl_crs_map *map,
                          const struct tl_method *method, struct searches *s)
{
    struct tl_geom_info info;
    int64_t bytes;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    double passes = tl_cursor_real(cursor, tl_kind_column(TL_KIND_SEARCH, "passes"));
    if (wkb == NULL || !is_same_method(cursor, method) || s->n >= s->room)
        return TL_OK;
    tl_err err = tl_geom_info(ctx, wkb, bytes, &info);
    if (err != TL_OK || info.kind != TL_GEOM_POLYGON || info.is_empty)
        return err;
    struct tl_cover_search made = {.n_passes = passes >= 1.0 ? (int32_t)fmin(passes, 1000.0) : 1};
    void *moved = NULL;
    err = tl_geom_transform(ctx, map, wkb, bytes, &moved, &made.wkb_bytes);
    made.wkb = moved;
    if (err == TL_OK)
        s->list[s->n++] = made;
    return err;
}

static tl_err read_searches(struct tl_ctx *ctx, struct tl_project *project, struct tl_crs_map *map,
                            const struct tl_method *method, struct searches *s)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = true;
    TL_TRY(tl_register_count(ctx, project, TL_KIND_SEARCH, &s->room));
    TL_TRY_ALLOC(ctx, s->list, s->room);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_SEARCH, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(take_search(ctx, cursor, map, method, s));
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err find_findable(struct tl_ctx *ctx, struct tl_project *project, struct tl_crs_map *map,
                            struct tl_survey_worth *w)
{
    tl_err err = TL_OK;
    struct searches s = {0};
    double *all = NULL, *left = NULL;
    /* What was done was done in ground of its own. */
    struct tl_cover_method method = tl_miss_method(&w->method), only;
    method.per_pass = fmin(method.per_pass, 1.0 - 1e-9);
    only = (struct tl_cover_method){1.0, method.per_pass};
    TL_TRY_ALLOC(ctx, w->findable, w->n_cells);
    for (int64_t i = 0; i < w->n_cells; i++)
        w->findable[i] = w->detectable;
    TL_TRY(read_searches(ctx, project, map, &w->method, &s));
    if (s.n == 0)
        goto done;
    TL_TRY_ALLOC(ctx, all, w->n_cells);
    TL_TRY_ALLOC(ctx, left, w->n_cells);
    TL_TRY(tl_cover_residual(ctx, &w->grid, w->area_m2, s.n, s.list, 1, &method, all));
    TL_TRY(tl_cover_residual(ctx, &w->grid, w->area_m2, s.n, s.list, 1, &only, left));
    for (int64_t i = 0; i < w->n_cells; i++)
        if (all[i] > 0.0)
            w->findable[i] = fmin(1.0, w->detectable * left[i] / all[i]);
done:
    for (int64_t k = 0; k < s.n; k++)
        tl_free((void *)(uintptr_t)s.list[k].wkb);
    tl_free(s.list);
    tl_free(all);
    tl_free(left);
    return err;
}

/* Which group the map speaks of, and the range of land use that it was made with. */
static tl_err read_options(struct tl_ctx *ctx, struct tl_project *project,
                           struct tl_survey_worth *w, double *range_m)
{
    char *text = NULL;
    tl_err err = tl_survey_map(ctx, project, &w->run_id, &text);
    if (err != TL_OK)
        return err;
    json_t *map = json_loads(text, 0, NULL);
    const json_t *options = json_object_get(map, "options");
    const char *group = json_string_value(json_object_get(options, "group"));
    double range = json_number_value(json_object_get(options, "use_range_m"));
    if (map == NULL)
        err = tl_fail(ctx, TL_EINTEGRITY,
                      "the last map in the project is not readable; see `tilth check`");
    if (group != NULL && strcmp(group, "all") != 0)
        snprintf(w->group, sizeof w->group, "%s", group);
    *range_m = range > 0.0 ? range : fmax(USE_RANGE_M, 2.0 * w->grid.step_m);
    json_decref(map);
    tl_free(text);
    return err;
}

tl_err tl_survey_worth_init(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_survey_next *next, struct tl_survey_worth *worth)
{
    tl_err err = TL_OK;
    struct tl_survey_worth made = {.grid = tl_project_grid(project)};
    struct tl_crs_map *map = NULL;
    double range_m = 0.0;
    made.n_cells = tl_grid_n_cells(&made.grid);
    TL_TRY(read_options(ctx, project, &made, &range_m));
    TL_TRY(check_method(ctx, project, next, &made));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &map));
    TL_TRY(read_map(ctx, project, &made));
    TL_TRY(weigh(ctx, project, range_m, map, next->items_only, &made));
    TL_TRY(find_findable(ctx, project, map, &made));
    for (int64_t i = 0; i < made.n_cells; i++) {
        made.items_total += made.items[i];
        made.loss_total += made.loss[i];
    }
    *worth = made;
    made = (struct tl_survey_worth){0};
done:
    tl_crs_map_free(map);
    tl_survey_worth_fini(&made);
    return err;
}

void tl_survey_worth_fini(struct tl_survey_worth *worth)
{
    tl_free(worth->items);
    tl_free(worth->loss);
    tl_free(worth->findable);
    tl_free(worth->hours);
    tl_free(worth->area_m2);
    tl_free(worth->p_any);
    *worth = (struct tl_survey_worth){0};
}

double tl_survey_worth_rate(const struct tl_survey_worth *worth, int64_t cell)
{
    double hours = worth->hours[cell];
    return hours > 0.0 ? worth->loss[cell] * worth->findable[cell] * worth->per_pass / hours : 0.0;
}
