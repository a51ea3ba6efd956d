/*
 * Rasters as covariates. What takes time (bringing the raster to the grid) is done before anything is written, so that others can save meanwhile. A raster
 * of classes has no mean: each class that is named becomes a covariate of its own, the share of the cell that the class has.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/hash.h"
#include "core/json.h"
#include "evidence/digest.h"
#include "evidence/import.h"
#include "evidence/land.h"
#include "evidence/reason.h"
#include "tilth/pixels.h"

static const char *const RESERVED[] = {"intercept", "field", "search", "accident", "spot"};

/* The file's stem, or the name given: it becomes a key in JSON, a column and an option NAME=FILE.
 */
static tl_err choose_name(struct tl_ctx *ctx, const char *path, const char *given,
                          const char *class, char name[64])
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
    if (class != NULL &&
        (class[0] == '\0' || n + strlen(class) + 2 > 64 || strchr(class, '=') != NULL))
        return tl_fail(ctx, TL_EUSAGE,
                       "\"%.80s\" cannot be the name of a class of \"%.*s\": expected at least one "
                       "letter, together at most 62 bytes, without '='",
                       class, (int)n, from);
    snprintf(name, 64, "%.*s%s%s", (int)n, from, class != NULL ? "_" : "",
             class != NULL ? class : "");
    for (size_t i = 0; i < sizeof RESERVED / sizeof *RESERVED; i++)
        if (strcmp(name, RESERVED[i]) == 0)
            return tl_fail(ctx, TL_EUSAGE,
                           "a covariate cannot be called \"%s\"; give another --name", name);
    return TL_OK;
}

/* What one covariate of a raster is going to be. */
struct layer {
    struct tl_covariate_info info;
    double *values; /* owns */
    int64_t n_gaps; /* cells of the area of interest without a value */
};

struct tl_import_raster {
    struct tl_import_options options; /* borrows what it borrows */
    const char *path;                 /* borrows: as it is recorded and messages have it */
    struct tl_grid grid;
    struct tl_land land;
    int64_t n_land; /* cells of the area of interest */
    int64_t n_layers;
    struct layer *layers; /* owns */
};

void tl_import_raster_free(struct tl_import_raster *raster)
{
    if (raster == NULL)
        return;
    for (int64_t i = 0; i < raster->n_layers && raster->layers != NULL; i++)
        tl_free(raster->layers[i].values);
    tl_free(raster->layers);
    tl_land_fini(&raster->land);
    tl_free(raster);
}

static tl_err check_options(struct tl_ctx *ctx, const struct tl_import_options *options)
{
    if (!isfinite(options->prior_mean) || !(options->prior_sd >= 0.0))
        return tl_fail(ctx, TL_EUSAGE,
                       "the prior of a covariate needs a mean and a positive sd, not %g and %g",
                       options->prior_mean, options->prior_sd);
    if (options->n_classes > TL_EVIDENCE_COVARIATES_MAX)
        return tl_fail(ctx, TL_EUSAGE, "%lld classes are named, expected at most %d",
                       (long long)options->n_classes, TL_EVIDENCE_COVARIATES_MAX);
    if (options->n_classes > 0 && options->nearest)
        return tl_fail(ctx, TL_EUSAGE,
                       "a raster is brought over by its classes or by the nearest cell, not both");
    return TL_OK;
}

static tl_err name_layers(struct tl_ctx *ctx, struct tl_import_raster *made)
{
    const struct tl_import_options *o = &made->options;
    tl_err err = TL_OK;
    for (int64_t i = 0; i < made->n_layers; i++) {
        struct tl_covariate_info *info = &made->layers[i].info;
        info->prior_mean = o->prior_mean;
        info->prior_sd = o->prior_sd;
        TL_TRY(choose_name(ctx, made->path, o->name, o->n_classes > 0 ? o->classes[i].name : NULL,
                           info->name));
        snprintf(info->source, sizeof info->source, "%s",
                 o->source != NULL ? o->source : tl_import_file_name(made->path));
        for (int64_t k = 0; k < i; k++)
            if (strcmp(made->layers[k].info.name, info->name) == 0)
                TL_THROW(ctx, TL_EUSAGE, "two classes have the name \"%s\"", info->name);
    }
done:
    return err;
}

static tl_err bring(struct tl_ctx *ctx, struct tl_project *project, const char *file,
                    const struct tl_import_raster *made, int64_t i, double *values)
{
    const struct tl_import_options *o = &made->options;
    struct tl_raster_how how = {.crs = o->crs, .nearest = o->nearest};
    if (o->n_classes > 0) {
        how.is_share = true;
        how.of = o->classes[i].value;
    }
    if (o->plain != NULL)
        return tl_pixels_bring(ctx, file, o->plain, &how, tl_project_crs(project), &made->grid,
                               values);
    return tl_raster_bring(ctx, file, o->band > 0 ? o->band : 1, &how, tl_project_crs(project),
                           &made->grid, values);
}

/* A class that is nowhere would be a covariate of zeros: a number that was mistyped. */
static tl_err check_layer(struct tl_ctx *ctx, const struct tl_import_raster *made, int64_t i)
{
    const struct tl_import_options *o = &made->options;
    const struct layer *layer = &made->layers[i];
    bool any = o->n_classes == 0;
    for (int64_t c = 0; !any && c < tl_grid_n_cells(&made->grid); c++)
        any = layer->values[c] > 0.0;
    if (!any)
        return tl_fail(ctx, TL_EDATA, "%s: there is no cell of class %.15g (\"%s\") in the area",
                       made->path, o->classes[i].value, o->classes[i].name);
    if (layer->n_gaps == made->n_land)
        return tl_fail(ctx, TL_EDATA, "%s: the raster has no value in the area of interest",
                       made->path);
    return TL_OK;
}

static tl_err make_layers(struct tl_ctx *ctx, struct tl_project *project, const char *file,
                          struct tl_import_raster *made)
{
    int64_t n_cells = tl_grid_n_cells(&made->grid);
    tl_err err = TL_OK;
    tl_progress_begin(ctx, "importing");
    for (int64_t i = 0; i < made->n_layers; i++) {
        struct layer *layer = &made->layers[i];
        TL_TRY_ALLOC(ctx, layer->values, n_cells);
        TL_TRY(bring(ctx, project, file, made, i, layer->values));
        for (int64_t c = 0; c < n_cells; c++)
            layer->n_gaps += !isfinite(layer->values[c]) && tl_land_area(&made->land, c) > 0.0;
        TL_TRY(check_layer(ctx, made, i));
        tl_progress_set(ctx, (double)(i + 1) / (double)made->n_layers);
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_progress_end(ctx);
    return err;
}

tl_err tl_import_raster_make(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                             const struct tl_import_options *options,
                             struct tl_import_raster **raster)
{
    struct tl_import_raster *made = NULL;
    char sha256[65] = "";
    tl_err err = TL_OK;
    TL_TRY(check_options(ctx, options));
    TL_TRY_ALLOC(ctx, made, 1);
    made->options = *options;
    made->path = options->plain != NULL ? options->plain : path;
    made->grid = tl_project_grid(project);
    made->n_layers = options->n_classes > 0 ? options->n_classes : 1;
    TL_TRY_ALLOC(ctx, made->layers, made->n_layers);
    TL_TRY(name_layers(ctx, made));
    TL_TRY(tl_land_init(ctx, project, &made->land));
    for (int64_t c = 0; c < tl_grid_n_cells(&made->grid); c++)
        made->n_land += tl_land_area(&made->land, c) > 0.0;
    TL_TRY(make_layers(ctx, project, path, made));
    if (options->plain == NULL)
        TL_TRY(tl_digest_source(ctx, path, sha256));
    else
        snprintf(sha256, sizeof sha256, "%s", options->plain_sha256);
    for (int64_t i = 0; i < made->n_layers; i++)
        memcpy(made->layers[i].info.sha256, sha256, sizeof sha256);
    *raster = made;
    made = NULL;
done:
    tl_import_raster_free(made);
    return err;
}

static void count_gaps(const struct tl_import_raster *raster, const struct layer *layer,
                       struct tl_reason_tally *tally)
{
    char text[160];
    if (layer->n_gaps == 0)
        return;
    snprintf(text, sizeof text,
             TL_CATALOGUE_MARK("%lld of %lld cells have no value: the mean is taken there"),
             (long long)layer->n_gaps, (long long)raster->n_land);
    tl_reason_count(tally, TL_REASON_COVARIATE_GAPS, 0, text);
}

static tl_err options_json(struct tl_ctx *ctx, const struct tl_import_raster *raster, char **text)
{
    const struct tl_import_options *o = &raster->options;
    json_t *classes = json_object();
    for (int64_t i = 0; i < o->n_classes; i++)
        json_object_set_new(classes, raster->layers[i].info.name, json_real(o->classes[i].value));
    json_t *json =
        json_pack("{s:s?, s:i, s:b, s:f, s:f, s:s?, s:O}", "name", o->name, "band",
                  o->band > 0 ? o->band : 1, "nearest", o->nearest, "prior_mean", o->prior_mean,
                  "prior_sd", o->prior_sd, "crs", o->crs, "classes", classes);
    tl_err err = json == NULL
                     ? tl_fail(ctx, TL_EDATA, "the name of the covariate is not UTF-8 text")
                     : tl_json_text(ctx, json, text);
    json_decref(classes);
    json_decref(json);
    return err;
}

static tl_err tell(struct tl_ctx *ctx, const struct tl_import_raster *raster,
                   const struct layer *layer, bool added, bool changed)
{
    const struct tl_import_watch *watch = raster->options.watch;
    if (watch == NULL || watch->layer == NULL)
        return TL_OK;
    const struct tl_import_layer told = {.name = layer->info.name,
                                         .state = added     ? TL_IMPORT_ADDED
                                                  : changed ? TL_IMPORT_UPDATED
                                                            : TL_IMPORT_UNCHANGED,
                                         .grid = raster->grid,
                                         .values = layer->values,
                                         .n_land = raster->n_land,
                                         .n_gaps = layer->n_gaps};
    return watch->layer(ctx, watch->user, &told);
}

/* What becomes of each covariate goes into the outcome. */
static tl_err put_layers(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_import_raster *raster, struct tl_import_report *out)
{
    struct tl_hash outcome;
    uint8_t bytes[TL_HASH_BYTES];
    tl_err err = TL_OK;
    tl_hash_init(&outcome);
    for (int64_t i = 0; i < raster->n_layers; i++) {
        const struct layer *layer = &raster->layers[i];
        bool added = false, changed = false;
        TL_TRY(
            tl_project_covariate_put(ctx, project, &layer->info, layer->values, &added, &changed));
        out->n_read++;
        out->n_added += added;
        out->n_updated += !added && changed;
        out->n_unchanged += !added && !changed;
        const int64_t state = added + 2 * changed;
        tl_hash_add(&outcome, layer->info.name, (int64_t)strlen(layer->info.name) + 1);
        tl_hash_add(&outcome, &state, sizeof state);
        tl_hash_add(&outcome, layer->values, 8 * tl_grid_n_cells(&raster->grid));
        TL_TRY(tell(ctx, raster, layer, added, changed));
    }
    tl_hash_done(&outcome, bytes);
    tl_hash_hex(bytes, out->outcome);
done:
    return err;
}

static tl_err check_outcome(struct tl_ctx *ctx, const struct tl_import_raster *raster,
                            const struct tl_import_report *out)
{
    const char *wanted = raster->options.outcome;
    if (wanted != NULL && strcmp(wanted, out->outcome) != 0)
        return tl_fail(ctx, TL_ECONFLICT,
                       "%s: the project has changed since the dry run: now %lld would be added, "
                       "%lld updated, %lld unchanged, %lld refused; look at it again",
                       raster->path, (long long)out->n_added, (long long)out->n_updated,
                       (long long)out->n_unchanged, (long long)out->n_refused);
    return TL_OK;
}

static tl_err save(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_import_raster *raster, struct tl_import_report *report)
{
    char *json = NULL;
    const struct tl_covariate_info *info = &raster->layers[0].info;
    struct tl_import_entry entry = {
        .kind = "covariate", .path = raster->path, .sha256 = info->sha256, .source = info->source};
    tl_err err = TL_OK;
    TL_TRY(options_json(ctx, raster, &json));
    entry.options = json;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_import_begin(ctx, project, &entry, &report->import_id));
    TL_TRY(put_layers(ctx, project, raster, report));
    TL_TRY(check_outcome(ctx, raster, report));
    entry.n_read = report->n_read;
    entry.n_added = report->n_added;
    entry.n_updated = report->n_updated;
    entry.n_unchanged = report->n_unchanged;
    TL_TRY(tl_project_import_end(ctx, project, report->import_id, &entry));
    if (raster->options.dry_run) {
        tl_project_rollback(project);
        report->import_id = 0;
    } else {
        TL_TRY(tl_project_commit(ctx, project));
    }
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    tl_free(json);
    return err;
}

static void set_mapping(const struct tl_import_raster *raster, struct tl_import_report *out)
{
    size_t used = 0;
    for (int64_t i = 0; i < raster->n_layers && used < sizeof out->mapping; i++)
        used += (size_t)snprintf(out->mapping + used, sizeof out->mapping - used, "%sname=%s",
                                 i > 0 ? " " : "", raster->layers[i].info.name);
}

tl_err tl_import_raster_put(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_import_raster *raster, struct tl_import_report *report)
{
    struct tl_reason_tally *tally = NULL;
    struct tl_import_report *out = NULL;
    const struct tl_grid grid = tl_project_grid(project);
    tl_err err = TL_OK;
    if (memcmp(&grid, &raster->grid, sizeof grid) != 0)
        return tl_fail(ctx, TL_ECONFLICT,
                       "the project has another grid than when the raster was read; try it again");
    TL_TRY_ALLOC(ctx, tally, 1);
    TL_TRY_ALLOC(ctx, out, 1);
    snprintf(out->driver, sizeof out->driver, "raster");
    memcpy(out->sha256, raster->layers[0].info.sha256, sizeof out->sha256);
    for (int64_t i = 0; i < raster->n_layers; i++)
        count_gaps(raster, &raster->layers[i], tally);
    TL_TRY(save(ctx, project, raster, out));
    set_mapping(raster, out);
    tl_reason_report(tally, out);
    *report = *out;
done:
    tl_free(tally);
    tl_free(out);
    return err;
}

tl_err tl_import_covariate(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                           const struct tl_import_options *options, struct tl_import_report *report)
{
    struct tl_import_raster *raster = NULL;
    tl_err err = tl_import_raster_make(ctx, project, path, options, &raster);
    if (err == TL_OK)
        err = tl_import_raster_put(ctx, project, raster, report);
    tl_import_raster_free(raster);
    return err;
}
