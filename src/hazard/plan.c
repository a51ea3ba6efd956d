/* What a fit will need, before it starts: cells, bytes and seconds by phase. The lattice engine's plan, or the exact one's bytes. */
#include <stdio.h>
#include <string.h>

#include "hazard/need.h"
#include "hazard/raster_rows.h"

enum { PLAN_MAX = 64, AREA_COVARIATES = 3, LINE_COVARIATES = 5 };

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

/* The engine's plan and what the program holds besides, while it runs, before and after. */
static json_t *lattice_json(const struct tl_lattice_plan *plan, const struct tl_hazard_need *need)
{
    int64_t held = need->held_bytes, bytes = plan->memory_bytes + held;
    bytes = need->before_bytes > bytes ? need->before_bytes : bytes;
    bytes = need->after_bytes > bytes ? need->after_bytes : bytes;
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:b, s:o}", "schema", "tilth.run-plan/1",
        "engine", "lattice", "cells", (json_int_t)plan->n_cells, "cells_with_margin",
        (json_int_t)plan->n_padded, "memory_bytes", (json_int_t)bytes, "disk_bytes",
        (json_int_t)(plan->disk_bytes + need->disk_bytes), "seconds",
        tl_json_number(plan->seconds, 3), "right_hand_sides_at_once", (json_int_t)plan->batch,
        "rows_of_a_band", (json_int_t)plan->band, "draws_on_disk", (int)plan->on_disk, "phases",
        phases_json(plan));
    if (json != NULL && held > 0)
        json_object_set_new(json, "program_bytes", json_integer((json_int_t)held));
    return json;
}

static tl_err make(struct tl_ctx *ctx, const struct tl_field_input *input,
                   const struct tl_field_options *options, const struct tl_hazard_need *need,
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
        json = lattice_json(&plan, need);
    } else {
        int64_t bytes;
        TL_TRY(tl_field_plan(ctx, input, options, &bytes));
        json = json_pack("{s:s, s:s, s:I, s:I}", "schema", "tilth.run-plan/1", "engine", "exact",
                         "cells", (json_int_t)(input->n_x * input->n_y), "memory_bytes",
                         (json_int_t)(bytes + need->held_bytes));
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
    const struct tl_hazard_need need = {.held_bytes = tl_hazard_rows_bytes(rows),
                                        .disk_bytes =
                                            tl_hazard_rows_disk(rows, options->field.n_samples)};
    TL_TRY(make(ctx, &input, &own, &need, json));
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
    const struct tl_hazard_need need = {0};
    return make(ctx, &input, &options->field, &need, json);
}

/* At most: which of them hold anything is known when the evidence is built. */
static tl_err count_parts(struct tl_ctx *ctx, struct tl_project *project, bool own,
                          struct tl_hazard_need_of *of)
{
    tl_err err = TL_OK;
    int64_t n[TL_KIND_COUNT];
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        TL_TRY(tl_register_count(ctx, project, (enum tl_kind)k, &n[k]));
        of->n_records += n[k];
    }
    of->n_channels = (n[TL_KIND_SEARCH] > 0) + (n[TL_KIND_ACCIDENT] > 0) + (n[TL_KIND_ITEM] > 0);
    of->n_channels = of->n_channels > 0 ? of->n_channels : 1;
    int64_t made = (n[TL_KIND_HAZARD_AREA] > 0 ? AREA_COVARIATES : 0) +
                   (n[TL_KIND_LINE] > 0 ? LINE_COVARIATES : 0) + (n[TL_KIND_REPORT] > 0) +
                   (n[TL_KIND_PLACE] > 0 && n[TL_KIND_SEARCH] > 0);
    made = of->n_rasters + (own ? made : 0);
    of->n_covariates = (int)(made < TL_EVIDENCE_COVARIATES_MAX ? made : TL_EVIDENCE_COVARIATES_MAX);
done:
    return err;
}

/* Evidence and files may need more than the engine. */
static tl_err check_phases(struct tl_ctx *ctx, const struct tl_hazard_need_of *of,
                           const struct tl_hazard_need *need, int64_t limit)
{
    int64_t bytes = need->before_bytes > need->after_bytes ? need->before_bytes : need->after_bytes;
    if (bytes <= limit)
        return TL_OK;
    return tl_fail(ctx, TL_ENOMEM,
                   "a map of %lld x %lld cells needs about %.2f GiB %s; %.2f GiB may be used",
                   (long long)of->n_x, (long long)of->n_y, (double)bytes / 1073741824.0,
                   bytes == need->before_bytes ? "while its evidence is gathered"
                                               : "while the project keeps it",
                   (double)limit / 1073741824.0);
}

tl_err tl_hazard_map_plan(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_hazard_options *options, char **json)
{
    tl_err err = TL_OK;
    struct tl_grid grid = tl_project_grid(project);
    struct tl_covariate_info *infos = NULL;
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    struct tl_field_options own = options->field;
    struct tl_hazard_need_of of = {.n_x = grid.n_x,
                                   .n_y = grid.n_y,
                                   .step_m = grid.step_m,
                                   .n_samples = options->field.n_samples};
    int64_t limit = own.memory_bytes > 0 ? own.memory_bytes : tl_memory_available();
    TL_TRY(tl_project_covariates(ctx, project, &infos, &of.n_rasters));
    TL_TRY(count_parts(ctx, project, !options->evidence.no_default_covariates, &of));
    struct tl_field_input input = tl_hazard_need_input(&of, channels, covariates);
    struct tl_hazard_need need = tl_hazard_need(&of);
    own.n_samples = tl_hazard_need_draws(tl_grid_n_cells(&grid), own.n_samples);
    if (tl_field_engine(&input, &own) == TL_ENGINE_LATTICE) {
        TL_TRY(check_phases(ctx, &of, &need, limit));
        TL_TRY(tl_hazard_rows_engine_options(ctx, &grid, need.held_bytes, "its evidence",
                                             &options->field, &own));
        own.n_samples = tl_hazard_need_draws(tl_grid_n_cells(&grid), own.n_samples);
        TL_TRY(make(ctx, &input, &own, &need, json));
    } else {
        need.held_bytes = 8 * tl_grid_n_cells(&grid) * (2 + 2 * of.n_channels + of.n_covariates);
        TL_TRY(make(ctx, &input, &own, &need, json));
    }
done:
    tl_free(infos);
    return err;
}
