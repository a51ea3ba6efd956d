/*
 * The hazard map: evidence -> field -> what it says. Totals over the area come from joint draws (a sum of dependent
 * cells has no closed form); everything by cell comes from the marginals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hazard/hazard.h"
#include "tilth/coord.h"

/* Draws for the total: enough for its quantiles, within 400 MB of single precision. */
enum { TOTAL_DRAWS = 400, TOTAL_DRAWS_MIN = 20, LOOK_APART_CELLS_MIN = 3 };
static const double TOTAL_NUMBERS_MAX = 1e8;

struct tl_hazard_options tl_hazard_options_default(void)
{
    struct tl_hazard_options options = {.field = tl_field_options_default(),
                                        .n_look = TL_HAZARD_LOOK_DEFAULT};
    options.evidence.group = "all";
    return options;
}

static int64_t draws_for_totals(int64_t n_cells)
{
    double n = TOTAL_NUMBERS_MAX / (double)n_cells;
    return n >= TOTAL_DRAWS ? TOTAL_DRAWS : n <= TOTAL_DRAWS_MIN ? TOTAL_DRAWS_MIN : (int64_t)n;
}

struct input_arrays {
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    uint8_t *inside; /* owns */
};

static tl_err field_input(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                          struct input_arrays *arrays, struct tl_field_input *input)
{
    int64_t n_cells = tl_grid_n_cells(&evidence->grid);
    arrays->inside = tl_alloc(ctx, n_cells, 1);
    if (arrays->inside == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < n_cells; i++)
        arrays->inside[i] = evidence->cell_area[i] > 0.0;
    for (int c = 0; c < evidence->n_channels; c++) {
        const struct tl_evidence_channel *from = &evidence->channels[c];
        arrays->channels[c] = (struct tl_field_channel){.name = from->name,
                                                        .counts = from->counts,
                                                        .effort = from->effort,
                                                        .effect_sd = from->effect_sd};
    }
    for (int k = 0; k < evidence->n_covariates; k++) {
        const struct tl_evidence_covariate *from = &evidence->covariates[k];
        arrays->covariates[k] = (struct tl_field_covariate){.name = from->name,
                                                            .values = from->values,
                                                            .prior_mean = from->prior_mean,
                                                            .prior_sd = from->prior_sd};
    }
    *input = (struct tl_field_input){.n_x = evidence->grid.n_x,
                                     .n_y = evidence->grid.n_y,
                                     .step_m = evidence->grid.step_m,
                                     .inside = arrays->inside,
                                     .n_channels = evidence->n_channels,
                                     .channels = arrays->channels,
                                     .n_covariates = evidence->n_covariates,
                                     .covariates = arrays->covariates,
                                     .residual = evidence->residual};
    return TL_OK;
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

/* Items remaining in the area: sum over its cells of residual area times density, draw by draw. */
static tl_err sum_items(struct tl_ctx *ctx, struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    const struct tl_evidence *evidence = &result->evidence;
    int64_t n_cells = tl_grid_n_cells(&evidence->grid), n = result->n_draws;
    struct tl_estimate *total = &result->total_items;
    double *sums = NULL, mean = 0.0, m = 0.0, q = 0.0;
    TL_TRY_ALLOC(ctx, sums, n);
    for (int64_t i = 0; i < n_cells; i++) {
        if (!(evidence->cell_area[i] > 0.0))
            continue;
        result->area_m2 += evidence->cell_area[i];
        result->searched_m2 += evidence->cell_area[i] - evidence->residual[i];
        mean += evidence->residual[i] * result->field.density_mean[i];
    }
    for (int64_t s = 0; s < n; s++) {
        const float *eta = result->field.samples + s * n_cells;
        for (int64_t i = 0; i < n_cells; i++)
            if (evidence->cell_area[i] > 0.0)
                sums[s] += evidence->residual[i] * exp((double)eta[i]);
        m += sums[s] / (double)n;
    }
    for (int64_t s = 0; s < n; s++)
        q += (sums[s] - m) * (sums[s] - m) / (double)(n - 1);
    qsort(sums, (size_t)n, sizeof *sums, by_value);
    *total = (struct tl_estimate){.mean = mean,
                                  .sd = sqrt(q),
                                  .q025 = quantile(sums, n, 0.025),
                                  .q50 = quantile(sums, n, 0.5),
                                  .q975 = quantile(sums, n, 0.975)};
done:
    tl_free(sums);
    return err;
}

/* Places nearer to each other than one range say the same thing, so they are kept that far apart. */
static int64_t cells_apart(const struct tl_hazard_result *result)
{
    double cells = result->field.range_m.q50 / result->evidence.grid.step_m;
    return cells > LOOK_APART_CELLS_MIN ? (int64_t)ceil(cells) : LOOK_APART_CELLS_MIN;
}

/* Far enough from every place chosen before? */
static bool apart(const struct tl_hazard_result *result, int64_t n_chosen, int64_t cell)
{
    int64_t n_x = result->evidence.grid.n_x, row = cell / n_x, col = cell % n_x;
    int64_t least = cells_apart(result);
    for (int64_t k = 0; k < n_chosen; k++) {
        int64_t other = result->look[k].cell;
        if (llabs(other / n_x - row) < least && llabs(other % n_x - col) < least)
            return false;
    }
    return true;
}

/* The cell with most items expected to remain among those that are apart from the chosen; -1 when there is none. */
static int64_t next_best(const struct tl_hazard_result *result, int64_t n_chosen)
{
    int64_t n_cells = tl_grid_n_cells(&result->evidence.grid), best = -1;
    double most = 0.0;
    for (int64_t i = 0; i < n_cells; i++) {
        double items = result->evidence.residual[i] * result->field.density_mean[i];
        if (items > most && result->evidence.cell_area[i] > 0.0 && apart(result, n_chosen, i)) {
            most = items;
            best = i;
        }
    }
    return best;
}

static tl_err fill_place(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, struct tl_crs_map *to_deg,
                         struct tl_hazard_place *place)
{
    const struct tl_field_result *field = &result->field;
    int64_t i = place->cell;
    tl_grid_centre(&result->evidence.grid, (tl_cell){i}, &place->x_m, &place->y_m);
    place->lon_deg = place->x_m;
    place->lat_deg = place->y_m;
    tl_crs_map_points(to_deg, 1, &place->lon_deg, &place->lat_deg, NULL);
    place->expected_items = result->evidence.residual[i] * field->density_mean[i];
    place->p_any = field->p_any[i];
    place->density_q05_per_ha = TL_HAZARD_M2_PER_HA * field->density_q05[i];
    place->density_q50_per_ha = TL_HAZARD_M2_PER_HA * field->density_q50[i];
    place->density_q95_per_ha = TL_HAZARD_M2_PER_HA * field->density_q95[i];
    /* The square must not promise more than the cell: its last digit is no finer than a tenth of the step. */
    double precision = result->evidence.grid.step_m >= 1000.0  ? 100.0
                       : result->evidence.grid.step_m >= 100.0 ? 10.0
                                                               : 1.0;
    tl_err err =
        tl_coord_format(ctx, place->lon_deg, place->lat_deg, TL_COORD_MGRS, precision, place->mgrs);
    if (err != TL_OK)
        return err;
    const double at[2] = {place->lon_deg, place->lat_deg};
    return tl_hazard_near_place(ctx, project, at, place->near);
}

static tl_err choose_places(struct tl_ctx *ctx, struct tl_project *project, int64_t n_look,
                            struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct tl_crs_map *to_deg = NULL;
    TL_TRY_ALLOC(ctx, result->look, n_look);
    TL_TRY(tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &to_deg));
    for (int64_t k = 0; k < n_look; k++) {
        int64_t cell = next_best(result, k);
        if (cell < 0)
            break;
        result->look[k].cell = cell;
        TL_TRY(fill_place(ctx, project, result, to_deg, &result->look[k]));
        result->n_look = k + 1;
    }
done:
    tl_crs_map_free(to_deg);
    return err;
}

tl_err tl_hazard_map(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_hazard_options *options, struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct tl_hazard_options chosen = options == NULL ? tl_hazard_options_default() : *options;
    struct tl_hazard_result made = {0};
    struct input_arrays arrays = {0};
    struct tl_field_input input;
    struct tl_hazard_scratch *scratch = NULL;
    TL_TRY(tl_evidence_build(ctx, project, &chosen.evidence, &made.evidence));
    TL_TRY(field_input(ctx, &made.evidence, &arrays, &input));
    struct tl_field_options field = chosen.field;
    made.n_samples = field.n_samples;
    made.n_draws = draws_for_totals(tl_grid_n_cells(&made.evidence.grid));
    if (made.n_draws < field.n_samples)
        made.n_draws = field.n_samples;
    field.n_samples = made.n_draws;
    if (chosen.scratch_folder != NULL)
        TL_TRY(tl_hazard_scratch_open(ctx, chosen.scratch_folder, &scratch, &field.store));
    TL_TRY(tl_field_fit(ctx, &input, &field, &made.field));
    TL_TRY(sum_items(ctx, &made));
    int64_t n_look = chosen.n_look > 0 ? chosen.n_look : TL_HAZARD_LOOK_DEFAULT;
    TL_TRY(choose_places(ctx, project, n_look, &made));
    TL_TRY(tl_hazard_describe(ctx, project, &chosen, &made));
    *result = made;
    made = (struct tl_hazard_result){0};
done:
    if (tl_hazard_scratch_close(scratch) && err == TL_ECANCELLED)
        tl_warn(ctx, "%s/.lattice holds what was done so far: the same command goes on from there",
                chosen.scratch_folder);
    tl_free(arrays.inside);
    tl_hazard_result_fini(&made);
    return err;
}

void tl_hazard_result_fini(struct tl_hazard_result *result)
{
    tl_evidence_fini(&result->evidence);
    tl_field_result_fini(&result->field);
    tl_free(result->look);
    tl_free(result->json);
    tl_free(result->words);
    tl_free(result->changes);
    *result = (struct tl_hazard_result){0};
}
