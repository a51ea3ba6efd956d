/* The hazard map: evidence -> field -> what it says. By rows on the lattice engine, on arrays on the exact one. */
#include "hazard/map_rows.h"
#include "hazard/need.h"

enum { TOTAL_ROWS_CELLS = 1 << 16 };

struct tl_hazard_options tl_hazard_options_default(void)
{
    struct tl_hazard_options options = {.field = tl_field_options_default(),
                                        .n_look = TL_HAZARD_LOOK_DEFAULT};
    options.evidence.group = "all";
    return options;
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

/* What comes by rows from the lattice engine is read from the exact one's arrays. */
static tl_err add_up_arrays(struct tl_ctx *ctx, struct tl_hazard_totals *totals,
                            const struct tl_hazard_result *made)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &made->evidence.grid;
    int64_t n_cells = tl_grid_n_cells(grid), rows = TOTAL_ROWS_CELLS / grid->n_x + 1;
    for (int64_t y = 0; y < grid->n_y; y++)
        TL_TRY(tl_hazard_totals_row(ctx, totals, y, made->field.density_mean + y * grid->n_x));
    for (int64_t s = 0; s < made->n_draws; s++)
        for (int64_t y = 0; y < grid->n_y; y += rows)
            TL_TRY(tl_hazard_totals_draw(ctx, totals, s, y,
                                         y + rows < grid->n_y ? rows : grid->n_y - y,
                                         made->field.samples + s * n_cells + y * grid->n_x));
done:
    return err;
}

/* On arrays: the exact engine. */
static tl_err fit_arrays(struct tl_ctx *ctx, const struct tl_field_options *options,
                         struct tl_hazard_totals *totals, struct tl_hazard_result *made)
{
    tl_err err = TL_OK;
    struct input_arrays arrays = {0};
    struct tl_field_input input;
    TL_TRY(tl_evidence_to_arrays(ctx, &made->evidence));
    TL_TRY(field_input(ctx, &made->evidence, &arrays, &input));
    TL_TRY(tl_field_fit(ctx, &input, options, &made->field));
    TL_TRY(add_up_arrays(ctx, totals, made));
done:
    tl_free(arrays.inside);
    return err;
}

static tl_err fit(struct tl_ctx *ctx, struct tl_field_options *options, const char *folder,
                  struct tl_hazard_totals *totals, struct tl_hazard_result *made)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &made->evidence.grid;
    const struct tl_field_input size = {.n_x = grid->n_x, .n_y = grid->n_y};
    if (tl_field_engine(&size, options) == TL_ENGINE_LATTICE) {
        TL_TRY(tl_hazard_totals_init(ctx, &made->evidence, made->n_draws, totals));
        err = tl_hazard_map_rows(ctx, options, folder, totals, made);
        if (!tl_field_exact_instead(ctx, options, err))
            return err;
        tl_hazard_totals_fini(totals);
        err = TL_OK;
    }
    options->engine = TL_ENGINE_EXACT;
    TL_TRY(tl_hazard_totals_init(ctx, &made->evidence, made->n_draws, totals));
    TL_TRY(fit_arrays(ctx, options, totals, made));
done:
    return err;
}

tl_err tl_hazard_map(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_hazard_options *options, struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct tl_hazard_options chosen = options == NULL ? tl_hazard_options_default() : *options;
    struct tl_hazard_result made = {0};
    struct tl_hazard_totals totals = {0};
    struct tl_hazard_scratch *scratch = NULL;
    struct tl_grid grid = tl_project_grid(project);
    const char *folder =
        tl_grid_n_cells(&grid) > TL_EVIDENCE_MEMORY_CELLS ? chosen.scratch_folder : NULL;
    TL_TRY(tl_evidence_build_rows(ctx, project, &chosen.evidence, folder, &made.evidence));
    struct tl_field_options field = chosen.field;
    made.n_samples = field.n_samples;
    made.n_draws = tl_hazard_need_draws(tl_grid_n_cells(&made.evidence.grid), field.n_samples);
    field.n_samples = made.n_draws;
    if (chosen.scratch_folder != NULL)
        TL_TRY(tl_hazard_scratch_open(ctx, chosen.scratch_folder, &scratch, &field.store));
    TL_TRY(fit(ctx, &field, folder, &totals, &made));
    tl_hazard_totals_tell(&totals, &made);
    int64_t n_look = chosen.n_look > 0 ? chosen.n_look : TL_HAZARD_LOOK_DEFAULT;
    TL_TRY(tl_hazard_totals_places(ctx, project, &totals, n_look, &made));
    TL_TRY(tl_hazard_describe(ctx, project, &chosen, &made));
    *result = made;
    made = (struct tl_hazard_result){0};
done:
    if (tl_hazard_scratch_close(scratch) && err == TL_ECANCELLED)
        tl_warn(ctx, "%s/.lattice holds what was done so far: the same command goes on from there",
                chosen.scratch_folder);
    tl_hazard_totals_fini(&totals);
    tl_hazard_result_fini(&made);
    return err;
}

void tl_hazard_result_fini(struct tl_hazard_result *result)
{
    tl_evidence_fini(&result->evidence);
    tl_hazard_bands_close(result->bands);
    tl_field_result_fini(&result->field);
    tl_free(result->look);
    tl_free(result->json);
    tl_free(result->words);
    tl_free(result->changes);
    *result = (struct tl_hazard_result){0};
}
