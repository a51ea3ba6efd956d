/*
 * What a map says, as JSON and in words. The JSON holds no clock and no path of the machine, so that the same project,
 * options and seed give the same bytes; what has changed since the last map is told aside for the same reason.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "hazard/hazard.h"

enum { DIGITS = 6 };
static const double MOSTLY_UNSEARCHED = 0.05;

json_t *tl_hazard_estimate(const struct tl_estimate *e)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "mean", tl_json_number(e->mean, DIGITS), "sd",
                     tl_json_number(e->sd, DIGITS), "q025", tl_json_number(e->q025, DIGITS), "q50",
                     tl_json_number(e->q50, DIGITS), "q975", tl_json_number(e->q975, DIGITS));
}

json_t *tl_hazard_summary(const struct tl_field_input *input, const struct tl_field_result *field)
{
    json_t *coefficients = json_object(), *channels = json_object(), *centres = json_object();
    for (int64_t k = 0; k < input->n_covariates && field->centres != NULL; k++)
        json_object_set_new(centres, input->covariates[k].name,
                            tl_json_number(field->centres[k], 9));
    for (int64_t k = 0; k < input->n_covariates; k++)
        json_object_set_new(coefficients, input->covariates[k].name,
                            tl_hazard_estimate(&field->coefficients[k]));
    for (int64_t c = 0; c < input->n_channels; c++)
        json_object_set_new(channels, input->channels[c].name,
                            tl_hazard_estimate(&field->channels[c]));
    json_t *summary = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o}", "intercept", tl_hazard_estimate(&field->intercept),
        "coefficients", coefficients, "range_m", tl_hazard_estimate(&field->range_m), "sigma",
        tl_hazard_estimate(&field->sigma), "channels", channels, "log_marginal_likelihood",
        tl_json_number(field->log_marginal_likelihood, 10));
    if (summary != NULL && field->log_marginal_likelihood_error > 0.0)
        json_object_set_new(summary, "log_marginal_likelihood_error",
                            tl_json_number(field->log_marginal_likelihood_error, 3));
    /* The intercept and the coefficients hang together; the level at the covariates' centres hardly does: it is the prior of a local solve. */
    if (summary != NULL && field->centres != NULL) {
        json_object_set_new(summary, "level", tl_hazard_estimate(&field->level));
        json_object_set(summary, "centres", centres);
    }
    json_decref(centres);
    return summary;
}

static tl_err inputs_json(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_hazard_result *result, json_t **out)
{
    tl_err err = TL_OK;
    json_t *kinds = json_object();
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        char hex[65];
        int64_t n = 0;
        TL_TRY(tl_project_kind_hash(ctx, project, (enum tl_kind)k, hex));
        TL_TRY(tl_register_count(ctx, project, (enum tl_kind)k, &n));
        json_object_set_new(kinds, tl_kind_info((enum tl_kind)k)->name,
                            json_pack("{s:I, s:s}", "records", (json_int_t)n, "sha256", hex));
    }
    const struct tl_grid *grid = &result->evidence.grid;
    *out = json_pack("{s:O, s:s, s:s, s:{s:f, s:f, s:f, s:I, s:I}}", "records", kinds, "evidence",
                     result->evidence.hash, "crs", tl_project_crs(project), "grid", "x0_m",
                     grid->x0_m, "y0_m", grid->y0_m, "step_m", grid->step_m, "n_x",
                     (json_int_t)grid->n_x, "n_y", (json_int_t)grid->n_y);
done:
    json_decref(kinds);
    return err;
}

static const char *engine_name(enum tl_engine engine)
{
    return engine == TL_ENGINE_EXACT ? "exact" : engine == TL_ENGINE_LATTICE ? "lattice" : "auto";
}

static json_t *options_json(const struct tl_hazard_options *options)
{
    const struct tl_evidence_options *e = &options->evidence;
    const struct tl_field_options *f = &options->field;
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I}", "group",
                     e->group == NULL ? "all" : e->group, "engine", engine_name(f->engine),
                     "range_prior_m", tl_json_number(f->range_prior_m, DIGITS), "range_prior_p",
                     tl_json_number(f->range_prior_p, DIGITS), "sigma_prior",
                     tl_json_number(f->sigma_prior, DIGITS), "sigma_prior_p",
                     tl_json_number(f->sigma_prior_p, DIGITS), "accident_sd",
                     tl_json_number(e->accident_sd, DIGITS), "search_sd",
                     tl_json_number(e->search_sd, DIGITS), "report_range_m",
                     tl_json_number(e->report_range_m, DIGITS), "use_range_m",
                     tl_json_number(e->use_range_m, DIGITS), "no_default_covariates",
                     (int)e->no_default_covariates, "samples", (json_int_t)f->n_samples, "seed",
                     (json_int_t)f->seed);
}

static json_t *evidence_json(const struct tl_hazard_result *result)
{
    const struct tl_evidence *e = &result->evidence;
    json_t *channels = json_array(), *covariates = json_array();
    for (int c = 0; c < e->n_channels; c++)
        json_array_append_new(
            channels, json_pack("{s:s, s:I, s:o, s:o, s:o, s:s}", "name", e->channels[c].name,
                                "records", (json_int_t)e->channels[c].n_records, "counts",
                                tl_json_number(e->channels[c].total_count, 10), "effort_m2",
                                tl_json_number(e->channels[c].total_effort_m2, 10), "effect_sd",
                                tl_json_number(e->channels[c].effect_sd, DIGITS), "words",
                                e->channels[c].words));
    for (int k = 0; k < e->n_covariates; k++)
        json_array_append_new(covariates, json_pack("{s:s, s:s}", "name", e->covariates[k].name,
                                                    "words", e->covariates[k].words));
    return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:s}", "area_m2",
                     tl_json_number(result->area_m2, 10), "searched_m2",
                     tl_json_number(result->searched_m2, 10), "channels", channels, "covariates",
                     covariates, "records_outside", (json_int_t)e->n_outside,
                     "records_of_other_groups", (json_int_t)e->n_other_group, "notes", e->notes);
}

static json_t *look_json(const struct tl_hazard_result *result)
{
    json_t *look = json_array();
    for (int64_t k = 0; k < result->n_look; k++) {
        const struct tl_hazard_place *p = &result->look[k];
        json_array_append_new(
            look, json_pack("{s:I, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "rank",
                            (json_int_t)k + 1, "lon", tl_json_number(p->lon_deg, 9), "lat",
                            tl_json_number(p->lat_deg, 9), "mgrs", p->mgrs, "near", p->near,
                            "expected_items", tl_json_number(p->expected_items, DIGITS), "p_any",
                            tl_json_number(p->p_any, DIGITS), "density_q05_per_ha",
                            tl_json_number(p->density_q05_per_ha, DIGITS), "density_q50_per_ha",
                            tl_json_number(p->density_q50_per_ha, DIGITS), "density_q95_per_ha",
                            tl_json_number(p->density_q95_per_ha, DIGITS)));
    }
    return look;
}

/* Only names are needed of the input: the summary's keys. */
static json_t *summary_of(const struct tl_hazard_result *result)
{
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX] = {0};
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX] = {0};
    const struct tl_evidence *e = &result->evidence;
    for (int c = 0; c < e->n_channels; c++)
        channels[c].name = e->channels[c].name;
    for (int k = 0; k < e->n_covariates; k++)
        covariates[k].name = e->covariates[k].name;
    struct tl_field_input input = {.n_channels = e->n_channels,
                                   .channels = channels,
                                   .n_covariates = e->n_covariates,
                                   .covariates = covariates};
    return tl_hazard_summary(&input, &result->field);
}

static tl_err say_option(struct tl_ctx *ctx, struct tl_buf *buf, const char *name,
                         const json_t *before, const json_t *after)
{
    tl_err err = TL_OK;
    char *was = NULL, *is = NULL;
    if (before != NULL)
        TL_TRY(tl_json_text(ctx, before, &was));
    TL_TRY(tl_json_text(ctx, after, &is));
    TL_TRY(tl_buf_printf(ctx, buf, "  option %s: %.*s before, %.*s now\n", name,
                         was == NULL ? 5 : (int)strcspn(was, "\n"), was == NULL ? "unset" : was,
                         (int)strcspn(is, "\n"), is));
done:
    tl_free(was);
    tl_free(is);
    return err;
}

static void say_change(struct tl_ctx *ctx, struct tl_buf *buf, tl_err *err, const char *name,
                       const json_t *before, const json_t *after)
{
    if (*err != TL_OK || json_equal(before, after))
        return;
    json_int_t n0 = json_integer_value(json_object_get(before, "records"));
    json_int_t n1 = json_integer_value(json_object_get(after, "records"));
    if (json_is_object(after) && n0 != n1)
        *err = tl_buf_printf(ctx, buf, "  %s records: %lld before, %lld now\n", name, (long long)n0,
                             (long long)n1);
    else if (json_is_object(after))
        *err = tl_buf_printf(ctx, buf, "  %s records: as many (%lld), other content\n", name,
                             (long long)n1);
    else
        *err = say_option(ctx, buf, name, before, after);
}

static tl_err describe_changes(struct tl_ctx *ctx, const json_t *before, const json_t *after,
                               struct tl_buf *buf)
{
    tl_err err = TL_OK;
    const char *key;
    json_t *value;
    const json_t *in0 = json_object_get(before, "inputs"), *in1 = json_object_get(after, "inputs");
    const json_t *records0 = json_object_get(in0, "records");
    json_object_foreach(json_object_get(in1, "records"), key, value)
        say_change(ctx, buf, &err, key, json_object_get(records0, key), value);
    const json_t *options0 = json_object_get(before, "options");
    json_object_foreach(json_object_get(after, "options"), key, value)
        say_change(ctx, buf, &err, key, json_object_get(options0, key), value);
    if (err == TL_OK && buf->size_bytes == 0 &&
        !json_equal(json_object_get(in0, "evidence"), json_object_get(in1, "evidence")))
        err = tl_buf_add(ctx, buf, "  settings, methods or covariate rasters: other content\n");
    if (err == TL_OK && buf->size_bytes == 0 && !json_equal(before, after))
        err = tl_buf_add(ctx, buf, "  same input and options; the program is another version\n");
    if (err == TL_OK && buf->size_bytes == 0)
        err = tl_buf_add(ctx, buf, "  nothing: same input, options and seed, hence the same map\n");
    return err;
}

tl_err tl_hazard_last_map(struct tl_ctx *ctx, struct tl_project *project, bool needed, json_t **map)
{
    char *text = NULL;
    int64_t run_id;
    tl_err err = tl_project_map_load(ctx, project, &run_id, &text);
    if (err != TL_OK)
        return err;
    *map = text == NULL ? NULL : json_loads(text, 0, NULL);
    if (text == NULL && needed)
        err =
            tl_fail(ctx, TL_ENOTFOUND, "%s holds no map yet; make one with: tilth map %s --out DIR",
                    tl_project_path(project), tl_project_path(project));
    else if (text != NULL && *map == NULL)
        err = tl_fail(ctx, TL_EINTEGRITY,
                      "the last map in the project is not readable; see `tilth check`");
    tl_free(text);
    return err;
}

static tl_err changes_since_last(struct tl_ctx *ctx, struct tl_project *project, const json_t *now,
                                 struct tl_buf *buf)
{
    json_t *before = NULL;
    tl_err err = tl_hazard_last_map(ctx, project, false, &before);
    if (err == TL_OK && before != NULL)
        err = describe_changes(ctx, before, now, buf);
    json_decref(before);
    return err;
}

static tl_err say_figures(struct tl_ctx *ctx, const struct tl_hazard_result *r, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], c[40], d[40];
    const struct tl_evidence *e = &r->evidence;
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Area of interest %s ha in cells of %s m; effectively searched %s ha"
                         " (%s).\n",
                         tl_text_number(r->area_m2 / TL_HAZARD_M2_PER_HA, a),
                         tl_text_number(e->grid.step_m, b),
                         tl_text_number(r->searched_m2 / TL_HAZARD_M2_PER_HA, c),
                         tl_text_percent(r->searched_m2 / r->area_m2, 3, d)));
    for (int k = 0; k < e->n_channels; k++)
        TL_TRY(tl_buf_printf(ctx, buf, "Evidence '%s': %lld record%s. %s\n", e->channels[k].name,
                             (long long)e->channels[k].n_records,
                             e->channels[k].n_records == 1 ? "" : "s", e->channels[k].words));
    const struct tl_estimate *t = &r->total_items;
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Items that remain in the area: median %s, 95 %% interval %s to %s"
                         " (mean %s).\n",
                         tl_text_number(t->q50, a), tl_text_number(t->q025, b),
                         tl_text_number(t->q975, c), tl_text_number(t->mean, d)));
    const struct tl_estimate *g = &r->field.range_m, *s = &r->field.sigma;
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Hazard is alike over about %s m (%s to %s); it varies by a factor"
                         " of about %s around what the covariates say.\n",
                         tl_text_number(g->mean, a), tl_text_number(g->q025, b),
                         tl_text_number(g->q975, c), tl_text_number(exp(s->mean), d)));
    if (r->searched_m2 <= 0.0)
        TL_TRY(tl_buf_add(
            ctx, buf,
            "No search with a known effort is recorded: the pattern rests on what people met and "
            "reported,\nand its level is poorly known. Read ranks, not numbers.\n"));
    /* Measured on simulated districts with 0.4 % searched: docs/numbers.md. */
    if (r->searched_m2 > 0.0 && r->searched_m2 < MOSTLY_UNSEARCHED * r->area_m2)
        TL_TRY(tl_buf_add(
            ctx, buf,
            "Nearly all of the area was never searched: there the level rests on claims and on "
            "what "
            "people met,\nso the total is less sure than its interval says. Trust the order of "
            "places more than totals.\n"));
    if (e->notes[0] != '\0')
        TL_TRY(tl_buf_printf(ctx, buf, "Notes on the evidence:\n%s%s", e->notes,
                             e->notes[strlen(e->notes) - 1] == '\n' ? "" : "\n"));
done:
    return err;
}

static tl_err say_places(struct tl_ctx *ctx, const struct tl_hazard_result *r, struct tl_buf *buf)
{
    tl_err err = TL_OK;
    char a[40], b[40], c[40], items[40], p_any[40];
    TL_TRY(tl_buf_printf(ctx, buf,
                         "Where to look first (most items expected to remain in a cell):\n"));
    for (int64_t k = 0; k < r->n_look; k++) {
        const struct tl_hazard_place *p = &r->look[k];
        TL_TRY(tl_buf_printf(
            ctx, buf,
            "%4lld. %10.5f %9.5f  %-16s  %s items expected, P(any) %s, "
            "per ha %s (90 %%: %s to %s)%s%s\n",
            (long long)k + 1, p->lon_deg, p->lat_deg, p->mgrs,
            tl_text_number(p->expected_items, items),
            tl_text_percent(fmin(p->p_any, 1.0 - 1e-9), 3, p_any),
            tl_text_number(p->density_q50_per_ha, a), tl_text_number(p->density_q05_per_ha, b),
            tl_text_number(p->density_q95_per_ha, c), p->near[0] == '\0' ? "" : "; ", p->near));
    }
    TL_TRY(tl_buf_add(
        ctx, buf, "A low figure is not a statement that ground is free of explosive ordnance.\n"));
done:
    return err;
}

tl_err tl_hazard_describe(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_hazard_options *options, struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct tl_buf words = {0}, changes = {0};
    json_t *inputs = NULL, *json = NULL;
    TL_TRY(inputs_json(ctx, project, result, &inputs));
    json = json_pack("{s:s, s:s, s:O, s:o, s:s, s:o, s:o, s:o, s:I, s:o}", "schema", "tilth.map/1",
                     "program", "tilth " TILTH_VERSION, "inputs", inputs, "options",
                     options_json(options), "engine", engine_name(result->field.engine), "evidence",
                     evidence_json(result), "posterior", summary_of(result), "items_remaining",
                     tl_hazard_estimate(&result->total_items), "draws", (json_int_t)result->n_draws,
                     "look", look_json(result));
    if (json == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the map's JSON could not be made");
    TL_TRY(tl_buf_add(ctx, &changes, ""));
    TL_TRY(changes_since_last(ctx, project, json, &changes));
    TL_TRY(say_figures(ctx, result, &words));
    TL_TRY(say_places(ctx, result, &words));
    TL_TRY(tl_json_text(ctx, json, &result->json));
    result->words = words.text;
    result->changes = changes.text;
    words = changes = (struct tl_buf){0};
done:
    json_decref(inputs);
    json_decref(json);
    tl_buf_fini(&words);
    tl_buf_fini(&changes);
    return err;
}
