#include "evidence/attribute.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/geom.h"

static const double UNKNOWN_ACCURACY_M = 100.0;

/* Less than this share of a cell is rounding, not effort. */
static const double NO_EFFORT = 1e-9;

/*
 * Non-technical survey asks and looks, it does not search the ground. A search that says neither
 * its type nor a method could be one: counting it as effort would take away hazard that is there.
 */
bool tl_attribute_takes_effort(const struct tl_gather_shape *shape)
{
    int nts = tl_gather_choice(TL_KIND_SEARCH, "type", "NTS");
    int other = tl_gather_choice(TL_KIND_SEARCH, "type", "other");
    if (shape->type == nts || shape->n_passes < 1)
        return false;
    return (shape->type >= 0 && shape->type != other) || shape->method != NULL;
}

void tl_attribute_hash_method(struct tl_hash *hash, const struct tl_method *method)
{
    const double figures[] = {method->depth_cm,          method->detectable_a,
                              method->detectable_b,      method->per_pass_a,
                              method->per_pass_b,        method->process_failure,
                              method->process_failure_p, (double)method->is_search};
    tl_hash_add(hash, method->name, (int64_t)strlen(method->name) + 1);
    tl_hash_add(hash, method->group, (int64_t)strlen(method->group) + 1);
    tl_hash_add(hash, method->soil, (int64_t)strlen(method->soil) + 1);
    tl_hash_add(hash, figures, sizeof figures);
}

static void add_search(struct tl_attribute *a, const struct tl_gather_shape *shape, int32_t row)
{
    int64_t i = a->n_searches++;
    bool is_limited = isfinite(shape->depth_cm);
    a->n_unlimited += !is_limited;
    a->searches[i].shape = shape;
    a->covers[i] = (struct tl_cover_search){shape->wkb, shape->wkb_bytes, row, shape->n_passes};
    a->miss.searches[i] = (struct tl_miss_search){
        .row = row,
        .passes = shape->n_passes,
        .depth_cm = is_limited ? shape->depth_cm : INFINITY,
        .depth_share = tl_depth_share(a->depth.depths_cm, a->depth.n, shape->depth_cm, NULL, NULL),
        .year = shape->year};
    a->searches[i].once = 1.0 - tl_miss_left(&a->miss, 1, &i, INFINITY);
}

static tl_err read_searches(struct tl_ctx *ctx, struct tl_project *project, struct tl_attribute *a)
{
    static const char *const groups[] = {"", "mines", "erw"};
    tl_err err = TL_OK;
    char *soil = NULL;
    const struct tl_gather *g = a->g;
    int64_t n = g->n[TL_KIND_SEARCH];
    TL_TRY(tl_project_methods(ctx, project, &a->methods, &a->n_methods));
    TL_ASSERT(ctx, a->n_methods > 0);
    TL_TRY(tl_project_get(ctx, project, "soil", &soil));
    TL_TRY(tl_gather_depths(ctx, g, &a->depth));
    TL_TRY(tl_miss_init(ctx, a->methods, a->n_methods, n, &a->miss));
    TL_TRY_ALLOC(ctx, a->searches, n);
    TL_TRY_ALLOC(ctx, a->covers, n);
    for (int64_t s = 0; s < n; s++) {
        const struct tl_gather_shape *shape = &g->shapes[TL_KIND_SEARCH][s];
        bool known = false;
        int64_t row = tl_method_pick(a->methods, a->n_methods, shape->method, groups[g->group],
                                     shape->depth_cm, soil == NULL ? "" : soil, &known);
        if (tl_attribute_takes_effort(shape) && a->methods[row].is_search)
            add_search(a, shape, (int32_t)row);
        else
            a->n_surveys++;
    }
done:
    tl_free(soil);
    return err;
}

static int compare_names(const void *left, const void *right)
{
    const struct tl_attribute_name *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->search > b->search) - (a->search < b->search);
}

static tl_err index_names(struct tl_ctx *ctx, struct tl_attribute *a)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, a->names, 2 * a->n_searches);
    for (int64_t s = 0; s < a->n_searches; s++) {
        const char *const of[2] = {a->searches[s].shape->code, a->searches[s].shape->source_id};
        for (int i = 0; i < 2; i++)
            if (of[i] != NULL)
                a->names[a->n_names++] = (struct tl_attribute_name){of[i], s};
    }
    qsort(a->names, (size_t)a->n_names, sizeof *a->names, compare_names);
done:
    return err;
}

static tl_err index_boxes(struct tl_ctx *ctx, struct tl_attribute *a)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &a->g->grid;
    const double box[4] = {grid->x0_m, grid->y0_m - (double)grid->n_y * grid->step_m,
                           grid->x0_m + (double)grid->n_x * grid->step_m, grid->y0_m};
    double(*boxes)[4] = NULL;
    TL_TRY_ALLOC(ctx, boxes, a->n_searches);
    for (int64_t s = 0; s < a->n_searches; s++)
        memcpy(boxes[s], a->searches[s].shape->box, sizeof boxes[s]);
    TL_TRY(tl_bins_init(ctx, box, a->n_searches, (const double(*)[4])boxes, &a->bins));
done:
    tl_free(boxes);
    return err;
}

tl_err tl_attribute_init(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_gather *gather, struct tl_attribute *attribute)
{
    tl_err err = TL_OK;
    memset(attribute, 0, sizeof *attribute);
    attribute->g = gather;
    TL_TRY(read_searches(ctx, project, attribute));
    TL_TRY(index_names(ctx, attribute));
    TL_TRY(index_boxes(ctx, attribute));
done:
    if (err != TL_OK)
        tl_attribute_fini(attribute);
    return err;
}

void tl_attribute_fini(struct tl_attribute *attribute)
{
    for (int64_t s = 0; s < attribute->n_searches; s++)
        tl_free(attribute->searches[s].cells);
    tl_free(attribute->searches);
    tl_free(attribute->covers);
    tl_free(attribute->methods);
    tl_free(attribute->names);
    tl_miss_fini(&attribute->miss);
    tl_depth_fini(&attribute->depth);
    tl_bins_fini(&attribute->bins);
    memset(attribute, 0, sizeof *attribute);
}

tl_err tl_attribute_cells(struct tl_ctx *ctx, struct tl_attribute *attribute, int64_t search)
{
    struct tl_attribute_search *s = &attribute->searches[search];
    if (s->has_cells)
        return TL_OK;
    tl_err err = tl_cover_polygon(ctx, &attribute->g->grid, s->shape->wkb, s->shape->wkb_bytes,
                                  &s->cells, &s->n_cells);
    s->has_cells = err == TL_OK;
    return err == TL_OK ? err : tl_fail_at(ctx, err, "search %s", s->shape->code);
}

/* Cells of a search are in ascending order. */
static const struct tl_cover_cell *find_cell(const struct tl_attribute_search *search, int64_t cell)
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

static tl_err works_in(struct tl_ctx *ctx, struct tl_attribute *a, int64_t search, int64_t cell,
                       double *effort)
{
    double square = a->g->grid.step_m * a->g->grid.step_m;
    tl_err err = tl_attribute_cells(ctx, a, search);
    if (err != TL_OK)
        return err;
    const struct tl_cover_cell *found = find_cell(&a->searches[search], cell);
    if (found != NULL)
        *effort += found->area_m2 / square * a->searches[search].once;
    return TL_OK;
}

tl_err tl_attribute_worked(struct tl_ctx *ctx, struct tl_attribute *attribute, int64_t search,
                           int64_t cell, bool *worked)
{
    tl_err err = TL_OK;
    struct tl_attribute *a = attribute;
    const struct tl_grid *grid = &a->g->grid;
    double x = 0.0, y = 0.0, half = 0.5 * grid->step_m, effort = 0.0;
    if (a->is_worked != NULL) {
        *worked = (a->is_worked[cell / 8] >> (cell % 8) & 1) != 0;
        return TL_OK;
    }
    *worked = false;
    if (!(tl_gather_land(a->g, cell) > 0.0))
        return TL_OK;
    if (search >= 0)
        TL_TRY(works_in(ctx, a, search, cell, &effort));
    tl_grid_centre(grid, (tl_cell){cell}, &x, &y);
    for (int64_t s = 0; s < a->n_searches && effort <= NO_EFFORT; s++) {
        const double *box = a->searches[s].shape->box;
        if (s != search && box[0] < x + half && box[2] > x - half && box[1] < y + half &&
            box[3] > y - half)
            TL_TRY(works_in(ctx, a, s, cell, &effort));
    }
    *worked = effort > NO_EFFORT;
done:
    return err;
}

/* First of the names that equals a text; n_names when there is none. */
static int64_t first_name(const struct tl_attribute *a, const char *text)
{
    int64_t low = 0, high = a->n_names;
    while (text != NULL && low < high) {
        int64_t middle = (low + high) / 2;
        if (strcmp(a->names[middle].name, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = text != NULL && low < a->n_names && strcmp(a->names[low].name, text) == 0;
    return found ? low : a->n_names;
}

static tl_err holds_point(struct tl_ctx *ctx, struct tl_attribute *a, int64_t search,
                          const struct tl_gather_point *point, bool *holds)
{
    const struct tl_gather_shape *shape = a->searches[search].shape;
    const double *box = shape->box;
    *holds = false;
    if (point->x_m < box[0] || point->x_m > box[2] || point->y_m < box[1] || point->y_m > box[3])
        return TL_OK;
    tl_err err = tl_attribute_cells(ctx, a, search);
    if (err != TL_OK || find_cell(&a->searches[search], point->cell) == NULL)
        return err;
    err = tl_geom_holds(ctx, shape->wkb, shape->wkb_bytes, point->x_m, point->y_m, holds);
    return err == TL_EDATA ? TL_OK
                           : err; /* a polygon that is not valid holds nothing for certain */
}

/*
 * The search that found a point: of those it names one that holds it, else the first; when it names none that is known, one
 * whose polygon holds it. -1 = none.
 */
static tl_err search_of(struct tl_ctx *ctx, struct tl_attribute *a,
                        const struct tl_gather_point *point, int64_t *search, bool *holds)
{
    tl_err err = TL_OK;
    int64_t first = first_name(a, point->search), n = 0;
    *search = -1;
    *holds = false;
    for (int64_t k = first; k < a->n_names && !*holds; k++) {
        if (strcmp(a->names[k].name, point->search) != 0)
            break;
        TL_TRY(holds_point(ctx, a, a->names[k].search, point, holds));
        if (*holds || *search < 0)
            *search = a->names[k].search;
    }
    if (first < a->n_names)
        goto done;
    const int32_t *near = tl_bins_at(&a->bins, point->x_m, point->y_m, &n);
    for (int64_t k = 0; k < n && !*holds; k++) {
        TL_TRY(holds_point(ctx, a, near[k], point, holds));
        if (*holds)
            *search = near[k];
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
static tl_err nearest_cell(struct tl_ctx *ctx, struct tl_attribute *a, int64_t search,
                           const struct tl_gather_point *point, int64_t *best)
{
    double reach = isfinite(point->accuracy_m) ? point->accuracy_m : UNKNOWN_ACCURACY_M;
    double most = 0.0;
    tl_err err = TL_OK;
    *best = -1;
    TL_TRY(tl_attribute_cells(ctx, a, search));
    const struct tl_attribute_search *s = &a->searches[search];
    for (int64_t k = 0; k < s->n_cells; k++) {
        const struct tl_cover_cell *cell = &s->cells[k];
        bool worked = false;
        if (cell->area_m2 <= most ||
            distance_to_cell(&a->g->grid, cell->i, point->x_m, point->y_m) > reach)
            continue;
        TL_TRY(tl_attribute_worked(ctx, a, search, cell->i, &worked));
        most = worked ? cell->area_m2 : most;
        *best = worked ? cell->i : *best;
    }
done:
    return err;
}

tl_err tl_attribute_point(struct tl_ctx *ctx, struct tl_attribute *attribute,
                          const struct tl_gather_point *point, struct tl_attribute_result *result)
{
    tl_err err = TL_OK;
    struct tl_attribute *a = attribute;
    struct tl_attribute_result made = {-1, -1, false};
    bool holds = false, worked = false;
    if (point->cell < 0 || point->how == TL_HOW_SPOT)
        goto done;
    TL_TRY(search_of(ctx, a, point, &made.search, &holds));
    if (point->is_other)
        goto done;
    bool says = point->how == TL_HOW_SEARCH || point->search != NULL;
    if (holds || (made.search < 0 && says))
        TL_TRY(tl_attribute_worked(ctx, a, made.search, point->cell, &worked));
    if (worked)
        made.cell = point->cell;
    else if (made.search >= 0)
        TL_TRY(nearest_cell(ctx, a, made.search, point, &made.cell));
    made.is_left = made.cell < 0 && (made.search >= 0 || point->how == TL_HOW_SEARCH);
done:
    if (err == TL_OK)
        *result = made;
    return err;
}
