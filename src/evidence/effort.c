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

static bool names(const struct tl_gather_shape *shape, const char *search)
{
    return (shape->code != NULL && strcmp(shape->code, search) == 0) ||
           (shape->source_id != NULL && strcmp(shape->source_id, search) == 0);
}

/* The search that found a point: the one it names, else one whose polygon holds it. @param[out]
 * holds of that polygon */
static tl_err search_of(struct tl_ctx *ctx, const struct tl_effort *effort,
                        const struct tl_gather_point *point, int64_t *search, bool *holds)
{
    tl_err err = TL_OK;
    int64_t named = -1;
    *search = -1;
    *holds = false;
    for (int64_t s = 0; s < effort->n_searches; s++) {
        const struct tl_effort_search *at = &effort->searches[s];
        bool is_named = point->search != NULL && names(at->shape, point->search);
        named = is_named && named < 0 ? s : named;
        if ((point->search != NULL && !is_named) || find_cell(at, point->cell) == NULL)
            continue;
        bool inside = false;
        err = tl_geom_holds(ctx, at->shape->wkb, at->shape->wkb_bytes, point->x_m, point->y_m,
                            &inside);
        if (err != TL_OK && err != TL_EDATA)
            return err;
        if (err == TL_OK && inside) {
            *search = s;
            *holds = true;
            return TL_OK;
        }
    }
    *search = named;
    return TL_OK;
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
    else if (point->how == TL_HOW_SEARCH && effort->effort[point->cell] > 0.0)
        cell = point->cell;
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
    TL_TRY(tl_cover_residual(ctx, &g->grid, g->cell_area, effort->n_searches, effort->covers,
                             effort->n_methods, effort->methods, effort->residual));
    for (int64_t i = 0; i < n_cells; i++) {
        /* Rounding may leave a residual a hair above the area: there was no search then. */
        double e = g->cell_area[i] - effort->residual[i];
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
