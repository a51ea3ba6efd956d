/* Arrays over the grid: what searches leave (by the classes of the arrangement, geo/cover_classes.c), and what they found. */
#include "evidence/effort.h"

#include <math.h>
#include <string.h>

struct sum { /* of what is left, over the classes of each cell */
    const struct tl_effort *effort;
    const double *times; /* borrows: NULL = now */
    int n_times;
    int64_t last; /* cell that was begun */
    double *values;
};

static tl_err add_class(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    struct sum *sum = user;
    const struct tl_attribute *a = &sum->effort->attribute;
    double left = sum->times == NULL ? tl_miss_left(&a->miss, n, set, INFINITY)
                                     : tl_miss_integral(&a->miss, n, set, sum->n_times, sum->times);
    if (cell != sum->last)
        sum->values[cell] = 0.0;
    sum->last = cell;
    sum->values[cell] += a->g->cell_area[cell] * share * left;
    return TL_OK;
}

tl_err tl_effort_integral(struct tl_ctx *ctx, const struct tl_effort *effort, int n_times,
                          const double *times, double *integral)
{
    const struct tl_attribute *a = &effort->attribute;
    struct sum sum = {effort, times, n_times, -1, integral};
    double years = times == NULL ? 1.0 : times[n_times - 1] - times[0];
    int64_t n_cells = tl_grid_n_cells(&a->g->grid);
    for (int64_t i = 0; i < n_cells; i++)
        integral[i] = years * a->g->cell_area[i];
    return tl_cover_classes(ctx, &a->g->grid, a->n_searches, a->covers, add_class, &sum);
}

void tl_effort_settle(int64_t n_cells, const double *cell_area, double *residual, double *effort)
{
    for (int64_t i = 0; i < n_cells; i++) {
        double e = fmin(cell_area[i] - residual[i], cell_area[i]);
        effort[i] = e > 1e-9 * cell_area[i] ? e : 0.0;
        residual[i] = cell_area[i] - effort[i];
    }
}

static tl_err count_point(struct tl_ctx *ctx, struct tl_effort *effort,
                          const struct tl_gather_point *point, bool *is_counted)
{
    struct tl_attribute_result r;
    tl_err err = tl_attribute_point(ctx, &effort->attribute, point, &r);
    if (err != TL_OK)
        return err;
    if (r.search >= 0)
        effort->n_items[r.search] += point->number;
    effort->n_left += r.is_left;
    *is_counted = r.cell >= 0;
    if (r.cell < 0)
        return TL_OK;
    effort->counts[r.cell] += point->number;
    effort->n_records++;
    effort->n_moved += r.cell != point->cell;
    return TL_OK;
}

tl_err tl_effort_weight(struct tl_ctx *ctx, struct tl_attribute *attribute, int64_t search,
                        const struct tl_cover_cell *cell, double *weight)
{
    bool worked = false;
    double square = attribute->g->grid.step_m * attribute->g->grid.step_m;
    tl_err err = tl_attribute_worked(ctx, attribute, search, cell->i, &worked);
    if (err == TL_OK)
        *weight = worked ? cell->area_m2 * tl_gather_land(attribute->g, cell->i) / square : 0.0;
    return err;
}

/* Items that a search reports as a number only are spread over its cells, in proportion to what it
 * covers of them. */
static tl_err spread(struct tl_ctx *ctx, struct tl_effort *effort)
{
    tl_err err = TL_OK;
    struct tl_attribute *a = &effort->attribute;
    for (int64_t s = 0; s < a->n_searches; s++) {
        double rest = a->searches[s].shape->found - effort->n_items[s], sum = 0.0, weight = 0.0;
        if (!(rest > 0.0))
            continue;
        TL_TRY(tl_attribute_cells(ctx, a, s));
        const struct tl_attribute_search *search = &a->searches[s];
        for (int64_t k = 0; k < search->n_cells; k++) {
            TL_TRY(tl_effort_weight(ctx, a, s, &search->cells[k], &weight));
            sum += weight;
        }
        *(sum > 0.0 ? &effort->n_spread : &effort->n_spread_outside) += rest;
        for (int64_t k = 0; k < search->n_cells && sum > 0.0; k++) {
            TL_TRY(tl_effort_weight(ctx, a, s, &search->cells[k], &weight));
            effort->counts[search->cells[k].i] += rest * weight / sum;
        }
    }
done:
    return err;
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
    TL_TRY(tl_attribute_init(ctx, project, g, &effort->attribute));
    TL_TRY_ALLOC(ctx, effort->n_items, effort->attribute.n_searches);
    TL_TRY(tl_effort_integral(ctx, effort, 0, NULL, effort->residual));
    tl_effort_settle(n_cells, g->cell_area, effort->residual, effort->effort);
    effort->attribute.effort = effort->effort;
    for (int64_t p = 0; p < g->n[TL_KIND_ITEM]; p++)
        TL_TRY(count_point(ctx, effort, &g->points[TL_KIND_ITEM][p], &effort->is_counted[p]));
    for (int64_t p = 0; p < g->n[TL_KIND_ACCIDENT]; p++)
        if (g->points[TL_KIND_ACCIDENT][p].how == TL_HOW_SEARCH)
            TL_TRY(count_point(ctx, effort, &g->points[TL_KIND_ACCIDENT][p],
                               &effort->is_accident_counted[p]));
    TL_TRY(spread(ctx, effort));
done:
    if (err != TL_OK)
        tl_effort_fini(effort);
    return err;
}

void tl_effort_fini(struct tl_effort *effort)
{
    tl_attribute_fini(&effort->attribute);
    tl_free(effort->n_items);
    tl_free(effort->residual);
    tl_free(effort->effort);
    tl_free(effort->counts);
    tl_free(effort->is_counted);
    tl_free(effort->is_accident_counted);
    memset(effort, 0, sizeof *effort);
}
