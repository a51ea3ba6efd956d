/* What a fit will need, before it starts: cells, bytes and seconds by phase. The lattice engine's plan, or the exact one's bytes. */
#include <stdio.h>
#include <string.h>

#include "hazard/raster_rows.h"

enum { PLAN_MAX = 64, OWN_COVARIATES = 8 };

static json_t *phases_json(const struct tl_lattice_plan *plan)
{
    json_t *phases = json_array();
    for (int i = 0; i < TL_LATTICE_PHASES; i++)
        json_array_append_new(phases,
                              json_pack("{s:s, s:I, s:o}", "phase", plan->phases[i].name, "bytes",
                                        (json_int_t)plan->phases[i].bytes, "seconds",
                                        tl_json_number(plan->phases[i].seconds, 3)));
    return phases;
}

/* `held`: what the program holds besides the engine in every phase; 0 = not told apart. */
static json_t *lattice_json(const struct tl_lattice_plan *plan, int64_t held)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:b, s:o}", "schema", "tilth.run-plan/1",
        "engine", "lattice", "cells", (json_int_t)plan->n_cells, "cells_with_margin",
        (json_int_t)plan->n_padded, "memory_bytes", (json_int_t)(plan->memory_bytes + held),
        "disk_bytes", (json_int_t)plan->disk_bytes, "seconds", tl_json_number(plan->seconds, 3),
        "right_hand_sides_at_once", (json_int_t)plan->batch, "rows_of_a_band",
        (json_int_t)plan->band, "draws_on_disk", (int)plan->on_disk, "phases", phases_json(plan));
    if (json != NULL && held > 0)
        json_object_set_new(json, "program_bytes", json_integer((json_int_t)held));
    return json;
}

static tl_err make(struct tl_ctx *ctx, const struct tl_field_input *input,
                   const struct tl_field_options *options, int64_t held, int64_t more_disk,
                   char **text)
{
    tl_err err = TL_OK;
    json_t *json = NULL;
    enum tl_engine engine = tl_field_engine(input, options);
    if (engine == TL_ENGINE_LATTICE) {
        struct tl_lattice_plan plan;
        struct tl_lattice_source source = {.n_x = input->n_x,
                                           .n_y = input->n_y,
                                           .step_m = input->step_m,
                                           .n_channels = input->n_channels,
                                           .channels = input->channels,
                                           .n_covariates = input->n_covariates,
                                           .covariates = input->covariates,
                                           .has_residual = input->residual != NULL};
        TL_TRY(tl_lattice_plan(ctx, &source, options, true, tl_clock_s, &plan));
        plan.disk_bytes += more_disk;
        json = lattice_json(&plan, held);
    } else {
        int64_t bytes;
        TL_TRY(tl_field_plan(ctx, input, options, &bytes));
        json = json_pack("{s:s, s:s, s:I, s:I}", "schema", "tilth.run-plan/1", "engine", "exact",
                         "cells", (json_int_t)(input->n_x * input->n_y), "memory_bytes",
                         (json_int_t)bytes);
    }
    TL_TRY(tl_json_text(ctx, json, text));
done:
    json_decref(json);
    return err;
}

/* By rows: the rasters are opened, none of their values is read. */
static tl_err plan_rows(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                        char **json)
{
    tl_err err = TL_OK;
    struct tl_hazard_rows *rows = NULL;
    struct tl_field_options own;
    TL_TRY(tl_hazard_rows_open(ctx, options, &rows));
    struct tl_field_input input = tl_hazard_rows_input(rows);
    TL_TRY(tl_hazard_rows_options(ctx, rows, &options->field, &own));
    TL_TRY(make(ctx, &input, &own, tl_hazard_rows_bytes(rows),
                tl_hazard_rows_disk(rows, options->field.n_samples), json));
done:
    tl_hazard_rows_close(rows);
    return err;
}

tl_err tl_hazard_field_plan(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                            char **json)
{
    struct tl_field_channel channels[PLAN_MAX] = {{0}};
    struct tl_field_covariate covariates[PLAN_MAX] = {{0}};
    struct tl_grid grid;
    tl_err err = tl_hazard_field_check_names(ctx, options);
    if (err == TL_OK)
        err = tl_raster_grid(ctx, options->counts[0].path, 1, &grid);
    if (err != TL_OK)
        return err;
    for (int64_t c = 0; c < options->n_counts; c++)
        channels[c].effect_sd = options->counts[c].effect_sd;
    struct tl_field_input input = {.n_x = grid.n_x,
                                   .n_y = grid.n_y,
                                   .step_m = grid.step_m,
                                   .n_channels = options->n_counts,
                                   .channels = channels,
                                   .n_covariates = options->n_covariates,
                                   .covariates = covariates};
    if (tl_field_engine(&input, &options->field) == TL_ENGINE_LATTICE)
        return plan_rows(ctx, options, json);
    return make(ctx, &input, &options->field, 0, 0, json);
}

tl_err tl_hazard_map_plan(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_hazard_options *options, char **json)
{
    tl_err err = TL_OK;
    struct tl_grid grid = tl_project_grid(project);
    struct tl_covariate_info *infos = NULL;
    int64_t n_rasters = 0;
    TL_TRY(tl_project_covariates(ctx, project, &infos, &n_rasters));
    /* Which channels and which of the map's own covariates hold anything is known when the evidence is built. */
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX] = {{0}};
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX] = {{0}};
    for (int c = 0; c < TL_EVIDENCE_CHANNELS_MAX; c++)
        channels[c].effect_sd = 1.0;
    struct tl_field_input input = {.n_x = grid.n_x,
                                   .n_y = grid.n_y,
                                   .step_m = grid.step_m,
                                   .n_channels = TL_EVIDENCE_CHANNELS_MAX,
                                   .channels = channels,
                                   .n_covariates = n_rasters + OWN_COVARIATES,
                                   .covariates = covariates};
    if (input.n_covariates > TL_EVIDENCE_COVARIATES_MAX)
        input.n_covariates = TL_EVIDENCE_COVARIATES_MAX;
    TL_TRY(make(ctx, &input, &options->field, 0, 0, json));
done:
    tl_free(infos);
    return err;
}
