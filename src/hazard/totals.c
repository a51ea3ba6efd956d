/*
 * Totals over the area come from joint draws (a sum of dependent cells has no closed form); everything by cell comes from the
 * marginals. Both are added up as rows come, in the order of the cells, so that arrays and rows give the same bits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hazard/map_rows.h"
#include "par/par.h"
#include "tilth/coord.h"

enum { LOOK_APART_CELLS_MIN = 3, CHUNK_CELLS = 4096 };

tl_err tl_hazard_totals_init(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                             int64_t n_draws, struct tl_hazard_totals *totals)
{
    tl_err err = TL_OK;
    struct tl_hazard_totals t = {.evidence = evidence, .n_draws = n_draws};
    TL_TRY_ALLOC(ctx, t.sums, n_draws);
    TL_TRY_ALLOC(ctx, t.row_most, evidence->grid.n_y);
    *totals = t;
    t = (struct tl_hazard_totals){0};
done:
    tl_hazard_totals_fini(&t);
    return err;
}

void tl_hazard_totals_fini(struct tl_hazard_totals *totals)
{
    tl_free(totals->sums);
    tl_free(totals->row_most);
    tl_free(totals->area);
    tl_free(totals->residual);
    tl_free(totals->items);
    *totals = (struct tl_hazard_totals){0};
}

static tl_err make_room(struct tl_ctx *ctx, struct tl_hazard_totals *t, int64_t n_rows)
{
    tl_err err = TL_OK;
    int64_t n = n_rows * t->evidence->grid.n_x;
    if (n_rows <= t->room)
        return TL_OK;
    t->room = 0;
    tl_free(t->area);
    tl_free(t->residual);
    tl_free(t->items);
    t->area = t->residual = t->items = NULL;
    TL_TRY_ALLOC(ctx, t->area, n);
    TL_TRY_ALLOC(ctx, t->residual, n);
    TL_TRY_ALLOC(ctx, t->items, n);
    t->room = n_rows;
done:
    return err;
}

static tl_err read_ground(struct tl_ctx *ctx, struct tl_hazard_totals *t, int64_t y, int64_t n_rows)
{
    tl_err err = TL_OK;
    int64_t n_x = t->evidence->grid.n_x;
    TL_TRY(make_room(ctx, t, n_rows));
    for (int64_t r = 0; r < n_rows; r++) {
        TL_TRY(tl_evidence_row(ctx, t->evidence, TL_EVIDENCE_AREA, 0, y + r, t->area + r * n_x));
        TL_TRY(tl_evidence_row(ctx, t->evidence, TL_EVIDENCE_RESIDUAL, 0, y + r,
                               t->residual + r * n_x));
    }
done:
    return err;
}

struct items_job {
    const struct tl_hazard_totals *totals;
    const float *eta;
};

static void fill_items(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct items_job *job = user;
    const struct tl_hazard_totals *t = job->totals;
    (void)chunk;
    for (int64_t i = first; i < last; i++)
        t->items[i] = t->area[i] > 0.0 ? t->residual[i] * exp((double)job->eta[i]) : 0.0;
}

tl_err tl_hazard_totals_draw(struct tl_ctx *ctx, struct tl_hazard_totals *t, int64_t draw,
                             int64_t y, int64_t n_rows, const float *eta)
{
    struct items_job job = {t, eta};
    int64_t n = n_rows * t->evidence->grid.n_x;
    tl_err err = read_ground(ctx, t, y, n_rows);
    if (err != TL_OK)
        return err;
    tl_par_for(ctx, n, CHUNK_CELLS, fill_items, &job);
    if (tl_is_cancelled(ctx))
        return tl_cancelled(ctx);
    for (int64_t i = 0; i < n; i++)
        t->sums[draw] += t->items[i];
    return TL_OK;
}

tl_err tl_hazard_totals_row(struct tl_ctx *ctx, struct tl_hazard_totals *t, int64_t y,
                            const double *density_mean)
{
    tl_err err = read_ground(ctx, t, y, 1);
    double most = 0.0;
    for (int64_t x = 0; x < t->evidence->grid.n_x && err == TL_OK; x++) {
        if (!(t->area[x] > 0.0))
            continue;
        double items = t->residual[x] * density_mean[x];
        t->area_m2 += t->area[x];
        t->searched_m2 += t->area[x] - t->residual[x];
        t->mean += items;
        most = items > most ? items : most;
    }
    if (err == TL_OK)
        t->row_most[y] = most;
    return err;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int64_t n, double p)
{
    double at = p * (double)(n - 1);
    int64_t i = (int64_t)floor(at);
    if (i >= n - 1)
        return sorted[n - 1];
    return sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

void tl_hazard_totals_tell(struct tl_hazard_totals *t, struct tl_hazard_result *result)
{
    int64_t n = t->n_draws;
    double m = 0.0, q = 0.0;
    for (int64_t s = 0; s < n; s++)
        m += t->sums[s] / (double)n;
    for (int64_t s = 0; s < n; s++)
        q += (t->sums[s] - m) * (t->sums[s] - m) / (double)(n - 1);
    qsort(t->sums, (size_t)n, sizeof *t->sums, by_value);
    result->area_m2 = t->area_m2;
    result->searched_m2 = t->searched_m2;
    result->total_items = (struct tl_estimate){.mean = t->mean,
                                               .sd = sqrt(q),
                                               .q025 = quantile(t->sums, n, 0.025),
                                               .q50 = quantile(t->sums, n, 0.5),
                                               .q975 = quantile(t->sums, n, 0.975)};
}

/* Places nearer to each other than one range say the same thing, so they are kept that far apart. */
static int64_t cells_apart(const struct tl_hazard_result *result)
{
    double cells = result->field.range_m.q50 / result->evidence.grid.step_m;
    return cells > LOOK_APART_CELLS_MIN ? (int64_t)ceil(cells) : LOOK_APART_CELLS_MIN;
}

/* Far enough from every place chosen before? */
static bool apart(const struct tl_hazard_result *result, int64_t n_chosen, int64_t row, int64_t col)
{
    int64_t n_x = result->evidence.grid.n_x, least = cells_apart(result);
    for (int64_t k = 0; k < n_chosen; k++) {
        int64_t other = result->look[k].cell;
        if (llabs(other / n_x - row) < least && llabs(other % n_x - col) < least)
            return false;
    }
    return true;
}

struct search { /* owns */
    double *area, *residual, *mean;
};

/* The cell with most items expected to remain among those that are apart from the chosen; -1 when there is none. Rows whose best
 * cell is no better than what was found already are not looked at. */
static tl_err next_best(struct tl_ctx *ctx, const struct tl_hazard_totals *t,
                        const struct tl_hazard_result *result, int64_t n_chosen,
                        const struct search *s, int64_t *best)
{
    tl_err err = TL_OK;
    const struct tl_evidence *e = &result->evidence;
    double most = 0.0;
    *best = -1;
    for (int64_t y = 0; y < e->grid.n_y; y++) {
        if (!(t->row_most[y] > most))
            continue;
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_AREA, 0, y, s->area));
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_RESIDUAL, 0, y, s->residual));
        TL_TRY(tl_hazard_row(ctx, result, TL_HAZARD_DENSITY_MEAN, y, s->mean));
        for (int64_t x = 0; x < e->grid.n_x; x++) {
            double items = s->residual[x] * s->mean[x];
            if (items > most && s->area[x] > 0.0 && apart(result, n_chosen, y, x)) {
                most = items;
                *best = y * e->grid.n_x + x;
            }
        }
    }
done:
    return err;
}

/* One number of a cell. */
static tl_err value_at(struct tl_ctx *ctx, const struct tl_hazard_result *result, int band,
                       int64_t cell, double *row, double *value)
{
    int64_t n_x = result->evidence.grid.n_x;
    tl_err err = tl_hazard_row(ctx, result, band, cell / n_x, row);
    if (err == TL_OK)
        *value = row[cell % n_x];
    return err;
}

static tl_err place_figures(struct tl_ctx *ctx, const struct tl_hazard_result *result, double *row,
                            struct tl_hazard_place *p)
{
    tl_err err = TL_OK;
    int64_t i = p->cell, n_x = result->evidence.grid.n_x;
    double mean = 0.0, q[3] = {0.0};
    TL_TRY(value_at(ctx, result, TL_HAZARD_DENSITY_MEAN, i, row, &mean));
    TL_TRY(value_at(ctx, result, TL_HAZARD_P_ANY, i, row, &p->p_any));
    TL_TRY(value_at(ctx, result, TL_HAZARD_DENSITY_Q05, i, row, &q[0]));
    TL_TRY(value_at(ctx, result, TL_HAZARD_DENSITY_Q50, i, row, &q[1]));
    TL_TRY(value_at(ctx, result, TL_HAZARD_DENSITY_Q95, i, row, &q[2]));
    TL_TRY(tl_evidence_row(ctx, &result->evidence, TL_EVIDENCE_RESIDUAL, 0, i / n_x, row));
    p->expected_items = row[i % n_x] * mean;
    p->density_q05_per_ha = TL_HAZARD_M2_PER_HA * q[0];
    p->density_q50_per_ha = TL_HAZARD_M2_PER_HA * q[1];
    p->density_q95_per_ha = TL_HAZARD_M2_PER_HA * q[2];
done:
    return err;
}

static tl_err fill_place(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, struct tl_crs_map *to_deg,
                         double *row, struct tl_hazard_place *place)
{
    tl_err err = TL_OK;
    double step = result->evidence.grid.step_m;
    tl_grid_centre(&result->evidence.grid, (tl_cell){place->cell}, &place->x_m, &place->y_m);
    place->lon_deg = place->x_m;
    place->lat_deg = place->y_m;
    tl_crs_map_points(to_deg, 1, &place->lon_deg, &place->lat_deg, NULL);
    TL_TRY(place_figures(ctx, result, row, place));
    /* The square must not promise more than the cell: its last digit is no finer than a tenth of the step. */
    double precision = step >= 1000.0 ? 100.0 : step >= 100.0 ? 10.0 : 1.0;
    TL_TRY(tl_coord_format(ctx, place->lon_deg, place->lat_deg, TL_COORD_MGRS, precision,
                           place->mgrs));
    const double at[2] = {place->lon_deg, place->lat_deg};
    TL_TRY(tl_hazard_near_place(ctx, project, at, place->near));
done:
    return err;
}

tl_err tl_hazard_totals_places(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_hazard_totals *totals, int64_t n_look,
                               struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct tl_crs_map *to_deg = NULL;
    struct search s = {0};
    int64_t n_x = result->evidence.grid.n_x, cell = -1;
    TL_TRY_ALLOC(ctx, result->look, n_look);
    TL_TRY_ALLOC(ctx, s.area, n_x);
    TL_TRY_ALLOC(ctx, s.residual, n_x);
    TL_TRY_ALLOC(ctx, s.mean, n_x);
    TL_TRY(tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &to_deg));
    for (int64_t k = 0; k < n_look; k++) {
        TL_TRY(next_best(ctx, totals, result, k, &s, &cell));
        if (cell < 0)
            break;
        result->look[k].cell = cell;
        TL_TRY(fill_place(ctx, project, result, to_deg, s.mean, &result->look[k]));
        result->n_look = k + 1;
    }
done:
    tl_crs_map_free(to_deg);
    tl_free(s.area);
    tl_free(s.residual);
    tl_free(s.mean);
    return err;
}
