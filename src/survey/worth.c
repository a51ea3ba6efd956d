/*
 * Expected loss of a cell: items expected to remain (residual area times the posterior mean of the density, so that all of the map's
 * uncertainty is averaged over) times how much people use the land (evidence/use.h). The loss is linear in the items, so the expected
 * reduction by a search needs the mean alone; a wide posterior enters by raising it.
 *
 * A pass over the cell takes area / pace and finds a share q of what the method can find at all. Of what remains that is d where the method
 * never was, and less where it was, since it has already taken its share: d ∫(1 - q)^k / ∫[(1 - d) + d (1 - q)^k] over the cell, k the passes
 * of this method so far. Other methods take from both alike, as far as can be known here.
 *
 * The map is read by rows of its blocks, twice: which cells are worth most an hour (a heap), then what lies around them. Of a map of up to 2^20 cells
 * all are looked at. Hours buy few cells: 60,000 of a machine that does 1,000 m2 an hour are 96,000 cells of 25 m.
 */
#include "survey/worth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "evidence/effort.h"
#include "evidence/miss.h"
#include "evidence/use.h"
#include "geo/cover.h"
#include "geo/geom.h"

enum { HOURS_PER_DAY = 6, REACH = 2 /* cells around each of the best */ };
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
    w->hours_per_day = per_day;
    w->m2_per_hour = w->method.m2_per_day / per_day;
    struct tl_cover_method chances = tl_miss_method(&w->method);
    w->detectable = chances.detectable;
    w->per_pass = fmin(chances.per_pass, 1.0 - 1e-9); /* alpha of Koopman stays finite */
    if (!(w->detectable * w->per_pass > 0.0))
        return tl_fail(ctx, TL_EDATA, "the method '%s' finds nothing by its figures",
                       w->method.name);
    return set_terrain(ctx, next, w);
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

struct searches {
    struct tl_cover_search *list; /* owns, and its WKB */
    double (*boxes)[4];           /* owns: west, south, east, north [m] */
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
        err = tl_geom_info(ctx, made.wkb, made.wkb_bytes, &info);
    if (err != TL_OK) {
        tl_free(moved);
        return err;
    }
    memcpy(s->boxes[s->n], info.box, sizeof s->boxes[0]);
    s->list[s->n++] = made;
    return TL_OK;
}

static tl_err read_searches(struct tl_ctx *ctx, struct tl_project *project, struct tl_crs_map *map,
                            const struct tl_method *method, struct searches *s)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = true;
    TL_TRY(tl_register_count(ctx, project, TL_KIND_SEARCH, &s->room));
    TL_TRY_ALLOC(ctx, s->list, s->room);
    TL_TRY_ALLOC(ctx, s->boxes, s->room);
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

/* Some rows of the map, and what is reckoned of them; owns all: [rows * n_x]. */
struct stripe {
    int64_t first, n; /* cells */
    double *items, *loss, *findable, *hours, *area_m2, *one, *other;
    float *p_any, *scratch;
};

struct best {
    double rate;
    int64_t cell;
};

struct job {
    struct tl_ctx *ctx;
    struct tl_project *project;
    struct tl_survey_worth *w;
    bool items_only;
    double range_m;          /* of the use of land */
    struct tl_gather gather; /* owns: places */
    struct searches searches;
    struct tl_cover_search *near; /* owns: searches that meet the rows */
    int64_t rows;                 /* together */
    struct stripe s;
    struct best *heap; /* owns: heap[0] is the worst of the best */
    int64_t n_heap, room_heap;
    uint8_t *wanted; /* owns: of the rows' cells */
};

static tl_err stripe_alloc(struct job *j)
{
    tl_err err = TL_OK;
    struct tl_ctx *ctx = j->ctx;
    int64_t n = j->rows * j->w->grid.n_x;
    TL_TRY_ALLOC(ctx, j->s.items, n);
    TL_TRY_ALLOC(ctx, j->s.loss, n);
    TL_TRY_ALLOC(ctx, j->s.findable, n);
    TL_TRY_ALLOC(ctx, j->s.hours, n);
    TL_TRY_ALLOC(ctx, j->s.area_m2, n);
    TL_TRY_ALLOC(ctx, j->s.one, n);
    TL_TRY_ALLOC(ctx, j->s.other, n);
    TL_TRY_ALLOC(ctx, j->s.p_any, n);
    TL_TRY_ALLOC(ctx, j->s.scratch, n);
    TL_TRY_ALLOC(ctx, j->wanted, n);
    TL_TRY_ALLOC(ctx, j->near, j->searches.n);
done:
    return err;
}

static void job_fini(struct job *j)
{
    double *const owned[] = {j->s.items,   j->s.loss, j->s.findable, j->s.hours,
                             j->s.area_m2, j->s.one,  j->s.other};
    for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++)
        tl_free(owned[k]);
    tl_free(j->s.p_any);
    tl_free(j->s.scratch);
    tl_free(j->wanted);
    tl_free(j->near);
    tl_free(j->heap);
    tl_free(j->gather.points[TL_KIND_PLACE]);
    for (int64_t k = 0; k < j->searches.n; k++)
        tl_free((void *)(uintptr_t)j->searches.list[k].wkb);
    tl_free(j->searches.list);
    tl_free(j->searches.boxes);
}

static tl_err read_band(struct job *j, const char *name, const int64_t box[4], double *values)
{
    tl_err err = tl_project_map_box(j->ctx, j->project, name, box, j->s.scratch);
    for (int64_t i = 0; i < j->s.n && err == TL_OK; i++)
        values[i] = isfinite(j->s.scratch[i]) ? (double)j->s.scratch[i] : 0.0;
    return err;
}

/* items = residual * density; hours = area / pace. */
static tl_err read_rows(struct job *j, const int64_t box[4])
{
    tl_err err = TL_OK;
    struct stripe *s = &j->s;
    TL_TRY(read_band(j, "density_mean", box, s->items));
    TL_TRY(read_band(j, "residual", box, s->loss));
    TL_TRY(read_band(j, "cell_area", box, s->area_m2));
    TL_TRY(tl_project_map_box(j->ctx, j->project, "p_any", box, s->p_any));
    for (int64_t i = 0; i < s->n; i++) {
        bool inside = s->area_m2[i] > 0.0;
        s->items[i] = inside ? s->items[i] * s->loss[i] : 0.0;
        s->hours[i] = inside ? s->area_m2[i] / j->w->m2_per_hour : 0.0;
    }
done:
    return err;
}

static tl_err weigh_rows(struct job *j, const int64_t box[4])
{
    struct stripe *s = &j->s;
    if (j->items_only) {
        memcpy(s->loss, s->items, (size_t)s->n * sizeof *s->loss);
        return TL_OK;
    }
    tl_err err = tl_use_intensity_box(j->ctx, &j->gather, j->range_m, box, s->one);
    for (int64_t i = 0; i < s->n && err == TL_OK; i++)
        s->loss[i] = s->items[i] * s->one[i];
    return err;
}

static tl_err find_findable(struct job *j, const int64_t box[4])
{
    tl_err err = TL_OK;
    struct stripe *s = &j->s;
    const struct tl_survey_worth *w = j->w;
    int64_t n = 0, end = box[1] + box[3];
    /* What was done was done in ground of its own. */
    struct tl_cover_method method = tl_miss_method(&w->method), only;
    method.per_pass = fmin(method.per_pass, 1.0 - 1e-9);
    only = (struct tl_cover_method){1.0, method.per_pass};
    for (int64_t i = 0; i < s->n; i++)
        s->findable[i] = w->detectable;
    for (int64_t k = 0; k < j->searches.n; k++)
        if (tl_effort_meets_rows(&w->grid, box[1], end, j->searches.boxes[k]))
            j->near[n++] = j->searches.list[k];
    if (n == 0)
        return TL_OK;
    TL_TRY(tl_cover_residual_rows(j->ctx, &w->grid, box[1], end, s->area_m2, n, j->near, 1, &method,
                                  s->one));
    TL_TRY(tl_cover_residual_rows(j->ctx, &w->grid, box[1], end, s->area_m2, n, j->near, 1, &only,
                                  s->other));
    for (int64_t i = 0; i < s->n; i++)
        if (s->one[i] > 0.0)
            s->findable[i] = fmin(1.0, w->detectable * s->other[i] / s->one[i]);
done:
    return err;
}

/* Rows from y on, all of them. */
static tl_err make_rows(struct job *j, int64_t y)
{
    const struct tl_grid *grid = &j->w->grid;
    const int64_t box[4] = {0, y, grid->n_x, y + j->rows < grid->n_y ? j->rows : grid->n_y - y};
    tl_err err = TL_OK;
    j->s.first = y * grid->n_x;
    j->s.n = box[2] * box[3];
    TL_TRY(tl_cancelled(j->ctx));
    TL_TRY(read_rows(j, box));
    TL_TRY(weigh_rows(j, box));
    TL_TRY(find_findable(j, box));
done:
    return err;
}

static double rate_of(const struct job *j, int64_t i)
{
    const struct stripe *s = &j->s;
    return s->hours[i] > 0.0 ? s->loss[i] * s->findable[i] * j->w->per_pass / s->hours[i] : 0.0;
}

static bool is_worse(const struct best *a, const struct best *b)
{
    return a->rate < b->rate || (a->rate == b->rate && a->cell > b->cell);
}

/* Puts one in from the end, or in the place of the worst. */
static void heap_put(struct job *j, struct best in)
{
    struct best *heap = j->heap;
    int64_t at = 0;
    if (j->n_heap < j->room_heap) {
        for (at = j->n_heap++; at > 0 && is_worse(&in, &heap[(at - 1) / 2]); at = (at - 1) / 2)
            heap[at] = heap[(at - 1) / 2];
        heap[at] = in;
        return;
    }
    if (j->room_heap == 0 || !is_worse(&heap[0], &in))
        return;
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= j->n_heap)
            break;
        if (child + 1 < j->n_heap && is_worse(&heap[child + 1], &heap[child]))
            child++;
        if (!is_worse(&heap[child], &in))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = in;
}

static int by_cell(const void *a, const void *b)
{
    const struct best *x = a, *y = b;
    return (x->cell > y->cell) - (x->cell < y->cell);
}

/* Makes room for n more cells. */
static tl_err reserve(struct job *j, int64_t n, int64_t *room)
{
    struct tl_survey_worth *w = j->w;
    double **columns[] = {&w->items, &w->loss, &w->findable, &w->hours, &w->area_m2};
    if (w->n_cells + n <= *room)
        return TL_OK;
    int64_t wanted = w->n_cells + n + (w->n_cells + n) / 2;
    if (wanted > tl_grid_n_cells(&w->grid))
        wanted = tl_grid_n_cells(&w->grid);
    for (int k = 0; k < 5; k++) {
        double *more = tl_regrow(j->ctx, *columns[k], w->n_cells, wanted, sizeof **columns[k]);
        if (more == NULL)
            return TL_ENOMEM;
        *columns[k] = more;
    }
    float *p_any = tl_regrow(j->ctx, w->p_any, w->n_cells, wanted, sizeof *p_any);
    if (p_any == NULL)
        return TL_ENOMEM;
    w->p_any = p_any;
    int64_t *cell = tl_regrow(j->ctx, w->cell, w->n_cells, wanted, sizeof *cell);
    if (cell == NULL)
        return TL_ENOMEM;
    w->cell = cell;
    *room = wanted;
    return TL_OK;
}

/* Marks the cells of the rows that lie around one of the best. */
static void mark_wanted(const struct job *j)
{
    int64_t n_x = j->w->grid.n_x, top = j->s.first / n_x, end = top + j->s.n / n_x, low = 0;
    int64_t high = j->n_heap, from = (top - REACH) * n_x;
    memset(j->wanted, 0, (size_t)j->s.n);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (j->heap[middle].cell < from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < j->n_heap && j->heap[low].cell < (end + REACH) * n_x; low++) {
        int64_t x = j->heap[low].cell % n_x, y = j->heap[low].cell / n_x;
        int64_t x0 = x > REACH ? x - REACH : 0, x1 = x + REACH < n_x ? x + REACH : n_x - 1;
        for (int64_t r = y > top + REACH ? y - REACH : top; r <= y + REACH && r < end; r++)
            memset(j->wanted + (r - top) * n_x + x0, 1, (size_t)(x1 - x0 + 1));
    }
}

/* Takes the wanted cells of the rows. */
static tl_err take_rows(struct job *j, bool all, int64_t *room)
{
    struct tl_survey_worth *w = j->w;
    const struct stripe *s = &j->s;
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++)
        n += all || j->wanted[i] != 0;
    tl_err err = reserve(j, n, room);
    for (int64_t i = 0; i < s->n && err == TL_OK; i++) {
        if (!all && j->wanted[i] == 0)
            continue;
        int64_t k = w->n_cells++;
        w->cell[k] = s->first + i;
        w->items[k] = s->items[i];
        w->loss[k] = s->loss[i];
        w->findable[k] = s->findable[i];
        w->hours[k] = s->hours[i];
        w->area_m2[k] = s->area_m2[i];
        w->p_any[k] = s->p_any[i];
    }
    return err;
}

/* Looks at all rows once: sums, and either every cell or which are worth most. */
static tl_err look(struct job *j, bool all, int64_t *room)
{
    tl_err err = TL_OK;
    struct tl_survey_worth *w = j->w;
    for (int64_t y = 0; y < w->grid.n_y; y += j->rows) {
        TL_TRY(make_rows(j, y));
        for (int64_t i = 0; i < j->s.n; i++) {
            w->items_total += j->s.items[i];
            w->loss_total += j->s.loss[i];
        }
        if (all)
            TL_TRY(take_rows(j, true, room));
        for (int64_t i = 0; i < j->s.n && !all; i++)
            if (rate_of(j, i) > 0.0)
                heap_put(j, (struct best){rate_of(j, i), j->s.first + i});
    }
done:
    return err;
}

/* The best cells and what lies around them. */
static tl_err take_best(struct job *j, int64_t *room)
{
    tl_err err = TL_OK;
    int64_t n_x = j->w->grid.n_x;
    bool any = false;
    j->w->cut_rate = j->n_heap == j->room_heap ? j->heap[0].rate : 0.0;
    qsort(j->heap, (size_t)j->n_heap, sizeof *j->heap, by_cell);
    for (int64_t y = 0; y < j->w->grid.n_y; y += j->rows) {
        j->s.first = y * n_x;
        j->s.n = (y + j->rows < j->w->grid.n_y ? j->rows : j->w->grid.n_y - y) * n_x;
        mark_wanted(j);
        any = memchr(j->wanted, 1, (size_t)j->s.n) != NULL;
        if (any)
            TL_TRY(make_rows(j, y));
        if (any)
            TL_TRY(take_rows(j, false, room));
    }
done:
    return err;
}

static tl_err look_at(struct job *j, int64_t n_all, int64_t n_best)
{
    tl_err err = TL_OK;
    struct tl_ctx *ctx = j->ctx;
    int64_t room = 0, n_grid = tl_grid_n_cells(&j->w->grid);
    bool all = n_grid <= n_all || n_best >= n_grid;
    j->rows = tl_project_map_rows(j->project);
    TL_TRY(stripe_alloc(j));
    j->room_heap = all ? 0 : n_best;
    TL_TRY_ALLOC(ctx, j->heap, j->room_heap);
    if (all)
        TL_TRY(reserve(j, n_grid, &room));
    TL_TRY(look(j, all, &room));
    if (!all)
        TL_TRY(take_best(j, &room));
    if (all) {
        tl_free(j->w->cell); /* the same ones */
        j->w->cell = NULL;
    }
done:
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
    return tl_survey_worth_init_best(ctx, project, next, TL_SURVEY_WORTH_ALL, TL_SURVEY_WORTH_BEST,
                                     worth);
}

tl_err tl_survey_worth_init_best(struct tl_ctx *ctx, struct tl_project *project,
                                 const struct tl_survey_next *next, int64_t n_all, int64_t n_best,
                                 struct tl_survey_worth *worth)
{
    tl_err err = TL_OK;
    struct tl_survey_worth made = {.grid = tl_project_grid(project)};
    struct job j = {.ctx = ctx, .project = project, .w = &made, .items_only = next->items_only};
    struct tl_crs_map *map = NULL;
    TL_TRY(read_options(ctx, project, &made, &j.range_m));
    TL_TRY(check_method(ctx, project, next, &made));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &map));
    j.gather.grid = made.grid;
    if (!next->items_only)
        TL_TRY(read_places(ctx, project, map, &j.gather));
    made.has_places = j.gather.n[TL_KIND_PLACE] > 0;
    TL_TRY(read_searches(ctx, project, map, &made.method, &j.searches));
    TL_TRY(look_at(&j, n_all, n_best));
    TL_TRY(tl_project_map_same(ctx, project, made.run_id));
    *worth = made;
    made = (struct tl_survey_worth){0};
done:
    tl_crs_map_free(map);
    job_fini(&j);
    tl_survey_worth_fini(&made);
    return err;
}

void tl_survey_worth_fini(struct tl_survey_worth *worth)
{
    tl_free(worth->cell);
    tl_free(worth->items);
    tl_free(worth->loss);
    tl_free(worth->findable);
    tl_free(worth->hours);
    tl_free(worth->area_m2);
    tl_free(worth->p_any);
    *worth = (struct tl_survey_worth){0};
}

double tl_survey_worth_rate(const struct tl_survey_worth *worth, int64_t k)
{
    double hours = worth->hours[k];
    return hours > 0.0 ? worth->loss[k] * worth->findable[k] * worth->per_pass / hours : 0.0;
}

int64_t tl_survey_worth_cell(const struct tl_survey_worth *worth, int64_t k)
{
    return worth->cell == NULL ? k : worth->cell[k];
}

int64_t tl_survey_worth_find(const struct tl_survey_worth *worth, int64_t cell)
{
    int64_t low = 0, high = worth->n_cells;
    if (worth->cell == NULL)
        return cell >= 0 && cell < worth->n_cells ? cell : -1;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (worth->cell[middle] < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < worth->n_cells && worth->cell[low] == cell ? low : -1;
}
