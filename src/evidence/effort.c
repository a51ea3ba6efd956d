/* What searches leave (by the classes of the arrangement, geo/cover_classes.c), a stripe of rows at a time, and what they found. */
#include "evidence/effort.h"

#include <math.h>
#include <string.h>

struct sum { /* of what is left, over the classes of each cell */
    const struct tl_attribute *attribute;
    const int64_t *near; /* borrows: the searches that were asked about */
    int64_t *set;        /* owns */
    const double *times; /* borrows: NULL = now */
    int n_times;
    int64_t first, last; /* cell of the rows' beginning; cell that was begun */
    const double *area;
    double *values;
};

static tl_err add_class(void *user, int64_t cell, double share, int64_t n, const int64_t *near)
{
    struct sum *sum = user;
    const struct tl_miss *miss = &sum->attribute->miss;
    for (int64_t k = 0; k < n; k++)
        sum->set[k] = sum->near[near[k]];
    double left = sum->times == NULL
                      ? tl_miss_left(miss, n, sum->set, INFINITY)
                      : tl_miss_integral(miss, n, sum->set, sum->n_times, sum->times);
    int64_t at = cell - sum->first;
    if (cell != sum->last)
        sum->values[at] = 0.0;
    sum->last = cell;
    sum->values[at] += sum->area[at] * share * left;
    return TL_OK;
}

/* Whether a shape may reach into rows: a cell more on both sides, so that rounding has no say. */
bool tl_effort_meets_rows(const struct tl_grid *grid, int64_t row_first, int64_t row_end,
                          const double box[4])
{
    double north = grid->y0_m - (double)(row_first - 1) * grid->step_m;
    double south = grid->y0_m - (double)(row_end + 1) * grid->step_m;
    return !(box[1] > north || box[3] < south);
}

tl_err tl_effort_integral(struct tl_ctx *ctx, const struct tl_attribute *a, int64_t row_first,
                          int64_t row_end, const double *area, int n_times, const double *times,
                          double *integral)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &a->g->grid;
    struct tl_cover_search *covers = NULL;
    int64_t *near = NULL, n = 0;
    struct sum sum = {.attribute = a,
                      .times = times,
                      .n_times = n_times,
                      .first = row_first * grid->n_x,
                      .last = -1,
                      .area = area,
                      .values = integral};
    double years = times == NULL ? 1.0 : times[n_times - 1] - times[0];
    TL_TRY_ALLOC(ctx, covers, a->n_searches);
    TL_TRY_ALLOC(ctx, near, a->n_searches);
    TL_TRY_ALLOC(ctx, sum.set, a->n_searches);
    for (int64_t s = 0; s < a->n_searches; s++)
        if (tl_effort_meets_rows(grid, row_first, row_end, a->searches[s].shape->box)) {
            covers[n] = a->covers[s];
            near[n++] = s;
        }
    sum.near = near;
    for (int64_t i = 0; i < (row_end - row_first) * grid->n_x; i++)
        integral[i] = years * area[i];
    TL_TRY(tl_cover_classes_rows(ctx, grid, row_first, row_end, n, covers, add_class, &sum));
done:
    tl_free(covers);
    tl_free(near);
    tl_free(sum.set);
    return err;
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
    effort->n_records++;
    effort->n_moved += r.cell != point->cell;
    return tl_counts_add(ctx, &effort->counts, r.cell, point->number);
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
            TL_TRY(tl_counts_add(ctx, &effort->counts, search->cells[k].i, rest * weight / sum));
        }
    }
done:
    return err;
}

/* Effort of all cells, a stripe at a time. */
static tl_err make_effort(struct tl_ctx *ctx, const struct tl_gather *g,
                          struct tl_evidence_rows *rows, struct tl_effort *effort)
{
    tl_err err = TL_OK;
    int64_t n_x = g->grid.n_x, stripe = tl_evidence_stripe(&g->grid);
    double *area = NULL, *residual = NULL, *made = NULL;
    TL_TRY_ALLOC(ctx, area, stripe * n_x);
    TL_TRY_ALLOC(ctx, residual, stripe * n_x);
    TL_TRY_ALLOC(ctx, made, stripe * n_x);
    for (int64_t y = 0; y < g->grid.n_y; y += stripe) {
        int64_t end = y + stripe < g->grid.n_y ? y + stripe : g->grid.n_y, first = y * n_x;
        int64_t n = (end - y) * n_x;
        TL_TRY(tl_cancelled(ctx));
        tl_land_row(&rows->land, first, n, area);
        TL_TRY(tl_effort_integral(ctx, &effort->attribute, y, end, area, 0, NULL, residual));
        tl_effort_settle(n, area, residual, made);
        for (int64_t i = 0; i < n; i++) {
            effort->total_m2 += made[i];
            if (made[i] > 0.0)
                effort->is_worked[(first + i) / 8] |= (uint8_t)(1U << ((first + i) % 8));
        }
        TL_TRY(tl_rowfile_put(ctx, rows->file, 0, y, end - y, made));
    }
done:
    tl_free(area);
    tl_free(residual);
    tl_free(made);
    return err;
}

tl_err tl_effort_init(struct tl_ctx *ctx, struct tl_project *project, const struct tl_gather *g,
                      struct tl_evidence_rows *rows, struct tl_effort *effort)
{
    tl_err err = TL_OK;
    memset(effort, 0, sizeof *effort);
    TL_TRY_ALLOC(ctx, effort->is_worked, tl_grid_n_cells(&g->grid) / 8 + 1);
    TL_TRY_ALLOC(ctx, effort->is_counted, g->n[TL_KIND_ITEM]);
    TL_TRY_ALLOC(ctx, effort->is_accident_counted, g->n[TL_KIND_ACCIDENT]);
    TL_TRY(tl_attribute_init(ctx, project, g, &effort->attribute));
    TL_TRY_ALLOC(ctx, effort->n_items, effort->attribute.n_searches);
    TL_TRY(make_effort(ctx, g, rows, effort));
    effort->attribute.is_worked = effort->is_worked;
    for (int64_t p = 0; p < g->n[TL_KIND_ITEM]; p++)
        TL_TRY(count_point(ctx, effort, &g->points[TL_KIND_ITEM][p], &effort->is_counted[p]));
    for (int64_t p = 0; p < g->n[TL_KIND_ACCIDENT]; p++)
        if (g->points[TL_KIND_ACCIDENT][p].how == TL_HOW_SEARCH)
            TL_TRY(count_point(ctx, effort, &g->points[TL_KIND_ACCIDENT][p],
                               &effort->is_accident_counted[p]));
    TL_TRY(spread(ctx, effort));
    tl_counts_settle(&effort->counts);
done:
    if (err != TL_OK)
        tl_effort_fini(effort);
    return err;
}

void tl_effort_fini(struct tl_effort *effort)
{
    tl_attribute_fini(&effort->attribute);
    tl_counts_fini(&effort->counts);
    tl_free(effort->n_items);
    tl_free(effort->is_worked);
    tl_free(effort->is_counted);
    tl_free(effort->is_accident_counted);
    memset(effort, 0, sizeof *effort);
}
