#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "evidence/digest.h"
#include "evidence/import.h"
#include "evidence/reason.h"
#include "tilth/raster.h"

static const char *const RESERVED[] = {"intercept", "field", "search", "accident", "spot"};

/* The file's stem, or the name given: it becomes a key in JSON, a column and an option NAME=FILE.
 */
static tl_err choose_name(struct tl_ctx *ctx, const char *path, const char *given, char name[64])
{
    const char *from = given != NULL ? given : tl_import_file_name(path);
    size_t n = strlen(from);
    const char *dot = given == NULL ? strrchr(from, '.') : NULL;
    if (dot != NULL && dot != from)
        n = (size_t)(dot - from);
    if (n == 0 || n > 63 || memchr(from, '=', n) != NULL)
        return tl_fail(
            ctx, TL_EUSAGE,
            "\"%.*s\" cannot be the name of a covariate: expected 1 to 63 bytes without '='",
            (int)n, from);
    memcpy(name, from, n);
    name[n] = '\0';
    for (size_t i = 0; i < sizeof RESERVED / sizeof *RESERVED; i++)
        if (strcmp(name, RESERVED[i]) == 0)
            return tl_fail(ctx, TL_EUSAGE,
                           "a covariate cannot be called \"%s\"; give another --name", name);
    return TL_OK;
}

static void count_gaps(const double *values, int64_t n, struct tl_reason_tally *tally)
{
    int64_t gaps = 0;
    for (int64_t i = 0; i < n; i++)
        gaps += !isfinite(values[i]);
    if (gaps == 0)
        return;
    char text[160];
    snprintf(text, sizeof text, "%lld of %lld cells have no value: the mean is taken there",
             (long long)gaps, (long long)n);
    tl_reason_count(tally, TL_REASON_COVARIATE_GAPS, 0, text);
}

static tl_err save(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_covariate_info *info, const char *path, const double *values,
                   const struct tl_import_options *options, struct tl_import_report *report)
{
    tl_err err = TL_OK;
    bool added = false, changed = false;
    char *json_text = NULL;
    json_t *json =
        json_pack("{s:s, s:b, s:f, s:f}", "name", info->name, "nearest", options->nearest,
                  "prior_mean", info->prior_mean, "prior_sd", info->prior_sd);
    struct tl_import_entry entry = {
        .kind = "covariate", .path = path, .sha256 = info->sha256, .source = info->source};
    if (json == NULL)
        TL_THROW(ctx, TL_EDATA, "the name of the covariate is not UTF-8 text");
    TL_TRY(tl_json_text(ctx, json, &json_text));
    entry.options = json_text;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_import_begin(ctx, project, &entry, &report->import_id));
    TL_TRY(tl_project_covariate_put(ctx, project, info, values, &added, &changed));
    entry.n_read = report->n_read = 1;
    entry.n_added = report->n_added = added;
    entry.n_updated = report->n_updated = !added && changed;
    entry.n_unchanged = report->n_unchanged = !added && !changed;
    TL_TRY(tl_project_import_end(ctx, project, report->import_id, &entry));
    if (options->dry_run) {
        tl_project_rollback(project);
        report->import_id = 0;
    } else {
        TL_TRY(tl_project_commit(ctx, project));
    }
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    json_decref(json);
    tl_free(json_text);
    return err;
}

tl_err tl_import_covariate(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                           const struct tl_import_options *options, struct tl_import_report *report)
{
    tl_err err = TL_OK;
    double *values = NULL;
    struct tl_reason_tally *tally = NULL;
    struct tl_import_report out = {.driver = "raster"};
    struct tl_grid grid = tl_project_grid(project);
    struct tl_covariate_info info = {.prior_mean = options->prior_mean,
                                     .prior_sd = options->prior_sd};
    if (!isfinite(options->prior_mean) || !(options->prior_sd >= 0.0))
        TL_THROW(ctx, TL_EUSAGE,
                 "the prior of a covariate needs a mean and a positive sd, not %g and %g",
                 options->prior_mean, options->prior_sd);
    TL_TRY(choose_name(ctx, path, options->name, info.name));
    TL_TRY_ALLOC(ctx, tally, 1);
    TL_TRY_ALLOC(ctx, values, tl_grid_n_cells(&grid));
    TL_TRY(tl_raster_warp(ctx, path, 1, tl_project_crs(project), &grid, options->nearest, values));
    TL_TRY(tl_digest_source(ctx, path, info.sha256));
    memcpy(out.sha256, info.sha256, sizeof out.sha256);
    snprintf(info.source, sizeof info.source, "%s",
             options->source != NULL ? options->source : tl_import_file_name(path));
    count_gaps(values, tl_grid_n_cells(&grid), tally);
    TL_TRY(save(ctx, project, &info, path, values, options, &out));
    snprintf(out.mapping, sizeof out.mapping, "name=%s", info.name);
    tl_reason_report(tally, &out);
    *report = out;
done:
    tl_free(tally);
    tl_free(values);
    return err;
}
