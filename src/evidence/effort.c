/*
 * Process failure. A lot fails as a whole with chance f and then finds an item with chance p,
 * however often it was gone over. In expectation one pass of a lot finds (1-f) d q + f p, and many
 * passes (1-f) d + f p: so the method enters the residual with d' = (1-f) d + f p and q' = ((1-f) d
 * q + f p) / d', which is exact at one pass and in the limit. That misses are correlated within a
 * lot is for the release (model.md section 6), which draws f anew; a mean needs no more.
 */
#include "evidence/effort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "geo/geom.h"

static const double UNKNOWN_ACCURACY_M = 100.0;

static double beta_mean(double a, double b)
{
    return a + b > 0.0 ? a / (a + b) : 0.0;
}

struct tl_cover_method tl_effort_method(const struct tl_method *method)
{
    double f = method->process_failure, p = f * method->process_failure_p;
    double d = beta_mean(method->detectable_a, method->detectable_b);
    double q = beta_mean(method->per_pass_a, method->per_pass_b);
    double most = (1.0 - f) * d + p, once = (1.0 - f) * d * q + p;
    return (struct tl_cover_method){.detectable = fmin(most, 1.0),
                                    .per_pass = most > 0.0 ? fmin(once / most, 1.0) : 0.0};
}

static int32_t method_of(const struct tl_method *methods, int64_t n, const char *name)
{
    int32_t unknown = 0;
    for (int64_t m = 0; m < n; m++) {
        if (name != NULL && strcasecmp(methods[m].name, name) == 0)
            return (int32_t)m;
        if (strcmp(methods[m].name, "unknown") == 0)
            unknown = (int32_t)m;
    }
    return unknown;
}

/*
 * Non-technical survey asks and looks, it does not search the ground. A search that says neither
 * its type nor a method could be one: counting it as effort would take away hazard that is there.
 */
static bool took_effort(const struct tl_gather_shape *shape)
{
    int nts = tl_gather_choice(TL_KIND_SEARCH, "type", "NTS");
    int other = tl_gather_choice(TL_KIND_SEARCH, "type", "other");
    if (shape->type == nts || shape->n_passes < 1)
        return false;
    return (shape->type >= 0 && shape->type != other) || shape->method != NULL;
}

static tl_err read_methods(struct tl_ctx *ctx, struct tl_project *project, struct tl_effort *effort,
                           const struct tl_gather *g)
{
    tl_err err = TL_OK;
    struct tl_method *methods = NULL;
    int64_t n = 0;
    TL_TRY(tl_project_methods(ctx, project, &methods, &n));
    TL_ASSERT(ctx, n > 0);
    TL_TRY_ALLOC(ctx, effort->methods, n);
    effort->n_methods = (int32_t)n;
    for (int64_t m = 0; m < n; m++)
        effort->methods[m] = tl_effort_method(&methods[m]);
    const struct tl_gather_shape *shapes = g->shapes[TL_KIND_SEARCH];
    int64_t n_shapes = g->n[TL_KIND_SEARCH];
    TL_TRY_ALLOC(ctx, effort->searches, n_shapes);
    TL_TRY_ALLOC(ctx, effort->covers, n_shapes);
    for (int64_t s = 0; s < n_shapes; s++) {
        if (!took_effort(&shapes[s])) {
            effort->n_surveys++;
            continue;
        }
        int64_t i = effort->n_searches++;
        effort->searches[i].shape = &shapes[s];
        effort->covers[i] =
            (struct tl_cover_search){.wkb = shapes[s].wkb,
                                     .wkb_bytes = shapes[s].wkb_bytes,
                                     .method = method_of(methods, n, shapes[s].method),
                                     .n_passes = shapes[s].n_passes};
        err = tl_cover_polygon(ctx, &g->grid, shapes[s].wkb, shapes[s].wkb_bytes,
                               &effort->searches[i].cells, &effort->searches[i].n_cells);
        if (err != TL_OK)
            TL_TRY(tl_fail_at(ctx, err, "search %s", shapes[s].code));
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_free(methods);
    return err;
}

/* Cells of a search are in ascending order. */
static const struct tl_cover_cell *find_cell(const struct tl_effort_search *search, int64_t cell)
{
    int64_t low = 0, high = search->n_cells;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (search->cells[middle].i < cell)
            low = middle + 1;
        else
            high = middle;
    }
    return low < search->n_cells && search->cells[low].i == cell ? &search->cells[low] : NULL;
}

/* Searches by cell, so that an item looks only at those that reach its own. */
static tl_err index_cells(struct tl_ctx *ctx, int64_t n_cells, struct tl_effort *effort)
{
    tl_err err = TL_OK;
    int64_t total = 0, *next = NULL;
    TL_TRY_ALLOC(ctx, effort->at_cell, n_cells + 1);
    TL_TRY_ALLOC(ctx, next, n_cells);
    for (int64_t s = 0; s < effort->n_searches; s++)
        for (int64_t k = 0; k < effort->searches[s].n_cells; k++)
            effort->at_cell[effort->searches[s].cells[k].i + 1]++;
    for (int64_t i = 0; i < n_cells; i++) {
        next[i] = effort->at_cell[i];
        effort->at_cell[i + 1] += effort->at_cell[i];
    }
    total = effort->at_cell[n_cells];
    TL_TRY_ALLOC(ctx, effort->by_cell, total);
    for (int64_t s = 0; s < effort->n_searches; s++)
        for (int64_t k = 0; k < effort->searches[s].n_cells; k++)
            effort->by_cell[next[effort->searches[s].cells[k].i]++] = s;
done:
    tl_free(next);
    return err;
}

static int compare_names(const void *left, const void *right)
{
    const struct tl_effort_name *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->search > b->search) - (a->search < b->search);
}

static tl_err index_names(struct tl_ctx *ctx, struct tl_effort *effort)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, effort->names, 2 * effort->n_searches);
    for (int64_t s = 0; s < effort->n_searches; s++) {
        const char *const of[2] = {effort->searches[s].shape->code,
                                   effort->searches[s].shape->source_id};
        for (int i = 0; i < 2; i++)
            if (of[i] != NULL)
                effort->names[effort->n_names++] = (struct tl_effort_name){of[i], s};
    }
    qsort(effort->names, (size_t)effort->n_names, sizeof *effort->names, compare_names);
done:
    return err;
}

/* First of the names that equals a text; n_names when there is none. */
static int64_t first_name(const struct tl_effort *effort, const char *text)
{
    int64_t low = 0, high = effort->n_names;
    while (text != NULL && low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(effort->names[middle].name, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        text != NULL && low < effort->n_names && strcmp(effort->names[low].name, text) == 0;
    return found ? low : effort->n_names;
}

static tl_err holds_point(struct tl_ctx *ctx, const struct tl_effort_search *search,
                          const struct tl_gather_point *point, bool *holds)
{
    *holds = false;
    if (find_cell(search, point->cell) == NULL)
        return TL_OK;
    tl_err err = tl_geom_holds(ctx, search->shape->wkb, search->shape->wkb_bytes, point->x_m,
                               point->y_m, holds);
    return err == TL_EDATA ? TL_OK
                           : err; /* a polygon that is not valid holds nothing for certain */
}

/*
 * The search that found a point: of those it names one that holds it, else the first; when it names none that is known, one
 * whose polygon holds it. -1 = none.
 */
static tl_err search_of(struct tl_ctx *ctx, const struct tl_effort *effort,
                        const struct tl_gather_point *point, int64_t *search, bool *holds)
{
    tl_err err = TL_OK;
    int64_t first = first_name(effort, point->search);
    *search = -1;
    *holds = false;
    for (int64_t k = first; k < effort->n_names && !*holds; k++) {
        if (strcmp(effort->names[k].name, point->search) != 0)
            break;
        TL_TRY(holds_point(ctx, &effort->searches[effort->names[k].search], point, holds));
        if (*holds || *search < 0)
            *search = effort->names[k].search;
    }
    if (first < effort->n_names)
        goto done;
    for (int64_t k = effort->at_cell[point->cell]; k < effort->at_cell[point->cell + 1] && !*holds;
         k++) {
        TL_TRY(holds_point(ctx, &effort->searches[effort->by_cell[k]], point, holds));
        if (*holds)
            *search = effort->by_cell[k];
    }
done:
    return err;
}

static double distance_to_cell(const struct tl_grid *grid, int64_t cell, double x, double y)
{
    double cx = 0.0, cy = 0.0, half = 0.5 * grid->step_m;
    tl_grid_centre(grid, (tl_cell){cell}, &cx, &cy);
    return hypot(fmax(fabs(x - cx) - half, 0.0), fmax(fabs(y - cy) - half, 0.0));
}

/*
 * Cell to count a point in that its search found but whose position lies off the polygon: among the
 * cells of the search within reach of the position's error the one that the search covers most, so
 * that a sliver of effort does not get the count.
 */
static int64_t nearest_cell(const struct tl_gather *g, const struct tl_effort *effort,
                            const struct tl_effort_search *search,
                            const struct tl_gather_point *point)
{
    double reach = isfinite(point->accuracy_m) ? point->accuracy_m : UNKNOWN_ACCURACY_M;
    double most = 0.0;
    int64_t best = -1;
    for (int64_t k = 0; k < search->n_cells; k++) {
        const struct tl_cover_cell *cell = &search->cells[k];
        if (effort->effort[cell->i] <= 0.0 || cell->area_m2 <= most ||
            distance_to_cell(&g->grid, cell->i, point->x_m, point->y_m) > reach)
            continue;
        most = cell->area_m2;
        best = cell->i;
    }
    return best;
}

static tl_err count_point(struct tl_ctx *ctx, const struct tl_gather *g, struct tl_effort *effort,
                          const struct tl_gather_point *point, bool *is_counted)
{
    int64_t s = -1, cell = -1;
    bool holds = false;
    *is_counted = false;
    if (point->cell < 0 || point->how == TL_HOW_SPOT)
        return TL_OK;
    tl_err err = search_of(ctx, effort, point, &s, &holds);
    if (err != TL_OK)
        return err;
    if (s >= 0)
        effort->searches[s].n_items += point->number;
    if (point->is_other)
        return TL_OK;
    if (holds && effort->effort[point->cell] > 0.0)
        cell = point->cell;
    else if (s >= 0)
        cell = nearest_cell(g, effort, &effort->searches[s], point);
    else if ((point->how == TL_HOW_SEARCH || point->search != NULL) &&
             effort->effort[point->cell] > 0.0)
        cell = point->cell;
    effort->n_left += cell < 0 && (s >= 0 || point->how == TL_HOW_SEARCH);
    if (cell < 0)
        return TL_OK;
    effort->counts[cell] += point->number;
    effort->n_records++;
    effort->n_moved += cell != point->cell;
    *is_counted = true;
    return TL_OK;
}

/* Items that a search reports as a number only are spread over its cells, in proportion to what it
 * covers of them. */
static void spread(const struct tl_gather *g, struct tl_effort *effort)
{
    double square = g->grid.step_m * g->grid.step_m;
    for (int64_t s = 0; s < effort->n_searches; s++) {
        const struct tl_effort_search *search = &effort->searches[s];
        double rest = search->shape->found - search->n_items, sum = 0.0;
        if (!(rest > 0.0))
            continue;
        for (int64_t k = 0; k < search->n_cells; k++)
            if (effort->effort[search->cells[k].i] > 0.0)
                sum += search->cells[k].area_m2 * g->cell_area[search->cells[k].i] / square;
        if (!(sum > 0.0)) {
            effort->n_spread_outside += rest;
            continue;
        }
        effort->n_spread += rest;
        for (int64_t k = 0; k < search->n_cells; k++) {
            int64_t i = search->cells[k].i;
            if (effort->effort[i] > 0.0)
                effort->counts[i] +=
                    rest * search->cells[k].area_m2 * g->cell_area[i] / square / sum;
        }
    }
}

tl_err tl_effort_init(struct tl_ctx *ctx, struct tl_project *project, const struct tl_gather *g,
                      struct tl_effort *effort)
{
    tl_err err = TL_OK;
    int64_t n_cells = tl_grid_n_cells(&g->grid);
    memset(effort, 0, sizeof *effort);
    TL_TRY_ALLOC(ctx, effort->residual, n_cells);
    TL_TRY_ALLOC(ctx, effort->effort, n_cells);
    TL_TRY_ALLOC(ctx, effort->counts, n_cells);
    TL_TRY_ALLOC(ctx, effort->is_counted, g->n[TL_KIND_ITEM]);
    TL_TRY_ALLOC(ctx, effort->is_accident_counted, g->n[TL_KIND_ACCIDENT]);
    TL_TRY(read_methods(ctx, project, effort, g));
    TL_TRY(index_cells(ctx, n_cells, effort));
    TL_TRY(index_names(ctx, effort));
    TL_TRY(tl_cover_residual(ctx, &g->grid, g->cell_area, effort->n_searches, effort->covers,
                             effort->n_methods, effort->methods, effort->residual));
    for (int64_t i = 0; i < n_cells; i++) {
        /* Rounding may leave a residual a hair above the area, where there was no search, or below 0. */
        double e = fmin(g->cell_area[i] - effort->residual[i], g->cell_area[i]);
        effort->effort[i] = e > 1e-9 * g->cell_area[i] ? e : 0.0;
        effort->residual[i] = g->cell_area[i] - effort->effort[i];
    }
    for (int64_t p = 0; p < g->n[TL_KIND_ITEM]; p++)
        TL_TRY(count_point(ctx, g, effort, &g->points[TL_KIND_ITEM][p], &effort->is_counted[p]));
    for (int64_t p = 0; p < g->n[TL_KIND_ACCIDENT]; p++)
        if (g->points[TL_KIND_ACCIDENT][p].how == TL_HOW_SEARCH)
            TL_TRY(count_point(ctx, g, effort, &g->points[TL_KIND_ACCIDENT][p],
                               &effort->is_accident_counted[p]));
    spread(g, effort);
done:
    if (err != TL_OK)
        tl_effort_fini(effort);
    return err;
}

void tl_effort_fini(struct tl_effort *effort)
{
    for (int64_t s = 0; s < effort->n_searches; s++)
        tl_free(effort->searches[s].cells);
    tl_free(effort->searches);
    tl_free(effort->at_cell);
    tl_free(effort->by_cell);
    tl_free(effort->names);
    tl_free(effort->covers);
    tl_free(effort->methods);
    tl_free(effort->residual);
    tl_free(effort->effort);
    tl_free(effort->counts);
    tl_free(effort->is_counted);
    tl_free(effort->is_accident_counted);
    memset(effort, 0, sizeof *effort);
}

tl_err tl_effort_residual_at(struct tl_ctx *ctx, const struct tl_gather *g,
                             const struct tl_effort *effort, double year, double *residual)
{
    tl_err err = TL_OK;
    struct tl_cover_search *before = NULL;
    int64_t n = 0;
    TL_TRY_ALLOC(ctx, before, effort->n_searches);
    for (int64_t s = 0; s < effort->n_searches; s++)
        if (!(effort->searches[s].shape->year >= year))
            before[n++] = effort->covers[s];
    TL_TRY(tl_cover_residual(ctx, &g->grid, g->cell_area, n, before, effort->n_methods,
                             effort->methods, residual));
done:
    tl_free(before);
    return err;
}
