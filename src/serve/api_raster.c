/*
 * Rasters into the project as covariates: one band of an uploaded file, as it is, or the shares of its classes. The walled-in process hands over the part over
 * the project as plain numbers (sift.c); they are brought to the grid before the one who writes is asked for, and a trial writes into a copy only.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "serve/apart.h"
#include "serve/api.h"
#include "serve/lang.h"
#include "serve/raster.h"
#include "serve/sift.h"
#include "tilth/evidence.h"

enum {
    NAME_BYTES = 62,
    TEXT_BYTES = 4096,
    PREVIEW_CELLS = 96, /* along the longer side */
    PREVIEW_FEW = 48,   /* of many classes */
    MANY = 4
};

static const char place_key[] = "raster_place", wkt_key[] = "raster_wkt";

/* What is asked for. */
struct wish {
    struct tl_import_options options;
    struct tl_import_class classes[TL_EVIDENCE_COVARIATES_MAX];
    int64_t band;
    struct tl_import_watch watch;
    json_t *layers; /* owns: what became of each covariate */
    bool shows;     /* with a preview of each */
};

static tl_err read_classes(struct tl_call *call, struct wish *wish)
{
    const json_t *list = json_object_get(call->json, "classes"), *one;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > TL_EVIDENCE_COVARIATES_MAX)
        return tl_fail(call->ctx, TL_EUSAGE,
                       "classes: choose at least one class, at most %d of them",
                       TL_EVIDENCE_COVARIATES_MAX);
    json_array_foreach(list, i, one)
    {
        const json_t *value = json_object_get(one, "value"), *name = json_object_get(one, "name");
        if (json_object_size(one) != 2 || !json_is_number(value) || !json_is_string(name) ||
            json_string_length(name) > NAME_BYTES ||
            strlen(json_string_value(name)) != json_string_length(name))
            return tl_fail(call->ctx, TL_EUSAGE,
                           "classes: expected a value and a name of at most %d bytes each",
                           NAME_BYTES);
        wish->classes[i] = (struct tl_import_class){.value = json_number_value(value),
                                                    .name = json_string_value(name)};
    }
    wish->options.classes = wish->classes;
    wish->options.n_classes = (int64_t)json_array_size(list);
    return TL_OK;
}

/* Borrows call->json. */
static tl_err read_wish(struct tl_call *call, struct wish *wish)
{
    static const char *const members[] = {"band", "way",        "name",     "classes", "source",
                                          "crs",  "prior_mean", "prior_sd", NULL};
    struct tl_import_options *o = &wish->options;
    const char *way = NULL;
    tl_err err = TL_OK;
    o->as = "covariate";
    o->dry_run = true;
    wish->band = 1;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_choice(call, "way", true, "mean|nearest|classes", &way));
    TL_TRY(tl_call_member_integer(call, "band", false, 1, 10000, &wish->band));
    TL_TRY(tl_call_member_text(call, "name", false, NAME_BYTES, &o->name));
    TL_TRY(tl_call_member_text(call, "source", false, 256, &o->source));
    TL_TRY(tl_call_member_text(call, "crs", false, TEXT_BYTES, &o->crs));
    TL_TRY(tl_call_member_number(call, "prior_mean", false, -1e6, 1e6, &o->prior_mean));
    TL_TRY(tl_call_member_number(call, "prior_sd", false, 0, 1e6, &o->prior_sd));
    o->nearest = strcmp(way, "nearest") == 0;
    if (strcmp(way, "classes") == 0)
        TL_TRY(read_classes(call, wish));
done:
    return err;
}

static tl_err keep_layer(struct tl_ctx *ctx, void *user, const struct tl_import_layer *layer)
{
    static const char *const states[] = {"added", "updated", "unchanged"};
    struct wish *wish = user;
    json_t *one =
        json_pack("{s:s, s:s, s:I, s:I}", "name", layer->name, "state", states[layer->state],
                  "cells", (json_int_t)layer->n_land, "unknown", (json_int_t)layer->n_gaps);
    if (one == NULL)
        return tl_fail(ctx, TL_EDATA, "the name of the covariate is not UTF-8 text");
    if (wish->shows)
        json_object_set_new(
            one, "preview",
            tl_raster_preview(&layer->grid, layer->values,
                              wish->options.n_classes > MANY ? PREVIEW_FEW : PREVIEW_CELLS));
    return json_array_append_new(wish->layers, one) == 0
               ? TL_OK
               : tl_fail(ctx, TL_ENOMEM, "no memory for a covariate");
}

static void watch(struct wish *wish, bool shows)
{
    wish->layers = json_array();
    wish->shows = shows;
    wish->watch = (struct tl_import_watch){.user = wish, .layer = keep_layer};
    wish->options.watch = &wish->watch;
}

/* The file. */

static const char *known_text(const struct tl_upload *upload, const char *name)
{
    const char *text = json_string_value(json_object_get(upload->known, name));
    return text != NULL ? text : "";
}

static struct tl_raster_file file_of(const json_t *known, const char *crs)
{
    const char *wkt = json_string_value(json_object_get(known, wkt_key));
    const json_t *raster = json_object_get(known, "raster"),
                 *place = json_object_get(known, place_key);
    struct tl_raster_file file = {.name = json_string_value(json_object_get(known, "name")),
                                  .n_x = json_integer_value(json_object_get(raster, "n_x")),
                                  .n_y = json_integer_value(json_object_get(raster, "n_y")),
                                  .crs = wkt != NULL && wkt[0] != '\0' ? wkt
                                         : crs != NULL                 ? crs
                                                                       : ""};
    for (size_t i = 0; i < 6; i++)
        file.place[i] = json_number_value(json_array_get(place, i));
    return file;
}

tl_err tl_api_raster_look(struct tl_call *call, struct tl_sift *sift, json_t **known)
{
    json_t *found = NULL, *made = json_object(), *raster = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sift_look_raster(call->ctx, sift, &found));
    raster = json_pack("{s:O, s:O, s:O, s:O}", "crs", json_object_get(found, "crs"), "n_x",
                       json_object_get(found, "n_x"), "n_y", json_object_get(found, "n_y"), "bands",
                       json_object_get(found, "bands"));
    json_object_set_new(made, "name", json_string(sift->name));
    json_object_set(made, "driver", json_object_get(found, "driver"));
    json_object_set_new(made, "layers", json_array());
    json_object_set(made, "raster", raster);
    json_object_set(made, place_key, json_object_get(found, "place"));
    json_object_set(made, wkt_key, json_object_get(found, "wkt"));
    const struct tl_raster_file file = file_of(made, NULL);
    json_object_set_new(raster, "cell", tl_raster_cell(call->ctx, &file));
    json_object_set_new(raster, "outline", tl_raster_outline(call->ctx, &file));
    *known = json_incref(made);
done:
    json_decref(raster);
    json_decref(found);
    json_decref(made);
    return err;
}

void tl_api_raster_hide(json_t *known)
{
    json_object_del(known, place_key);
    json_object_del(known, wkt_key);
}

/* The numbers of the band's part over the project; those that are there already are used again. */
static tl_err make_numbers(struct tl_call *call, struct tl_upload *upload, struct wish *wish,
                           char *path, size_t room)
{
    static const char rows_key[] = "rows_key";
    struct tl_project *project = NULL;
    struct tl_sift sift = {.name = known_text(upload, "name"), .fd = upload->fd};
    char key[128];
    tl_err err = TL_OK;
    int fd = -1;
    const struct tl_raster_file file = file_of(upload->known, wish->options.crs);
    TL_TRY(tl_call_project(call, &project));
    const struct tl_grid grid = tl_project_grid(project);
    sift.window.band = (int)wish->band;
    TL_TRY(tl_raster_window(call->ctx, &file, tl_project_crs(project), &grid, &sift.window));
    snprintf(key, sizeof key, "raster %d %lld %lld %lld %lld", sift.window.band,
             (long long)sift.window.x, (long long)sift.window.y, (long long)sift.window.n_x,
             (long long)sift.window.n_y);
    tl_upload_rows_path(upload, path, room);
    if (strcmp(known_text(upload, rows_key), key) == 0 && access(path, R_OK) == 0)
        goto done;
    json_object_del(upload->known, rows_key);
    TL_TRY(tl_upload_note(call->ctx, upload));
    TL_TRY(tl_upload_rows_create(call->ctx, upload, &fd));
    TL_TRY(tl_sift_pixels(call->ctx, &sift, fd));
    json_object_set_new(upload->known, rows_key, json_string(key));
    TL_TRY(tl_upload_note(call->ctx, upload));
done:
    if (fd >= 0)
        close(fd);
    return err;
}

/* Brought to the grid; who reads does it. */
static tl_err make_raster(struct tl_call *call, struct tl_upload *upload, struct wish *wish,
                          struct tl_import_raster **raster)
{
    struct tl_import_options *o = &wish->options;
    struct tl_project *project = NULL;
    char path[4300];
    tl_err err = TL_OK;
    TL_TRY(make_numbers(call, upload, wish, path, sizeof path));
    o->plain = known_text(upload, "name");
    o->plain_sha256 = known_text(upload, "sha256");
    o->band = (int)wish->band;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_import_raster_make(call->ctx, project, path, o, raster));
done:
    return err;
}

static json_t *counts_of(const struct tl_import_report *r)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "read", (json_int_t)r->n_read, "added",
                     (json_int_t)r->n_added, "updated", (json_int_t)r->n_updated, "unchanged",
                     (json_int_t)r->n_unchanged, "refused", (json_int_t)r->n_refused);
}

static tl_err answer_try(struct tl_call *call, const struct tl_upload *upload,
                         const struct wish *wish, const struct tl_import_report *report,
                         const char *token)
{
    const struct tl_raster_file file = file_of(upload->known, wish->options.crs);
    char *problem = report == NULL ? tl_strdup(call->ctx, tl_ctx_message(call->ctx)) : NULL;
    char *told = problem != NULL ? tl_lang_say(call, problem) : NULL;
    static const struct tl_import_report nothing;
    tl_err err = tl_call_json(
        call, 200,
        json_pack("{s:s, s:s?, s:o, s:O, s:o, s:o, s:s?}", "schema", "tilth.raster-try/1",
                  "problem", told != NULL ? told : problem, "counts",
                  counts_of(report != NULL ? report : &nothing), "layers", wish->layers, "outline",
                  tl_raster_outline(call->ctx, &file), "cell", tl_raster_cell(call->ctx, &file),
                  "token", report != NULL ? token : NULL));
    tl_free(told);
    tl_free(problem);
    return err;
}

/* What another choice mends is shown with the form. */
static bool can_be_mended(tl_err err)
{
    return err == TL_EDATA || err == TL_EUSAGE || err == TL_ENOTFOUND;
}

static tl_err try_put(struct tl_call *call, const struct tl_import_raster *raster,
                      struct tl_import_report *report, bool *no_room)
{
    struct tl_project *copy = NULL, *project = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    const struct tl_grid grid = tl_project_grid(project);
    TL_TRY(tl_apart_take(call, 16 * tl_grid_n_cells(&grid), no_room, &copy));
    err = tl_import_raster_put(call->ctx, copy, raster, report);
    tl_apart_give(call, copy);
done:
    return err;
}

static tl_err check_raster(struct tl_call *call, const struct tl_upload *upload)
{
    return json_is_object(json_object_get(upload->known, "raster"))
               ? TL_OK
               : tl_fail(call->ctx, TL_EUSAGE, "%s: this upload is no raster",
                         known_text(upload, "name"));
}

tl_err tl_api_raster_try(struct tl_call *call)
{
    struct tl_upload upload = {.fd = -1};
    struct tl_import_raster *raster = NULL;
    struct tl_import_report *report = NULL;
    struct wish wish = {0};
    char token[TL_HASH_HEX] = "";
    bool no_room = false;
    tl_err err = TL_OK, tried;
    TL_TRY_ALLOC(call->ctx, report, 1);
    TL_TRY(read_wish(call, &wish));
    TL_TRY(tl_upload_open(call->ctx, call->serve->uploads, tl_call_text(call, "upload"), &upload));
    TL_TRY(check_raster(call, &upload));
    watch(&wish, true);
    tried = make_raster(call, &upload, &wish, &raster);
    if (tried == TL_OK)
        tried = try_put(call, raster, report, &no_room);
    if (no_room) {
        tl_call_fail(call, tried, 507, tl_ctx_message(call->ctx));
        goto done;
    }
    if (tried != TL_OK && !can_be_mended(tried)) {
        err = tried;
        goto done;
    }
    if (tried == TL_OK)
        TL_TRY(tl_api_import_remember(call, &upload, report->outcome, token));
    else
        json_array_clear(wish.layers);
    TL_TRY(answer_try(call, &upload, &wish, tried == TL_OK ? report : NULL, token));
done:
    tl_import_raster_free(raster);
    tl_upload_close(&upload);
    json_decref(wish.layers);
    tl_free(report);
    return err;
}

static tl_err answer_done(struct tl_call *call, const struct wish *wish,
                          const struct tl_import_report *report)
{
    json_t *mapping = json_object(), *reasons = json_array(), *one;
    size_t i;
    tl_err err = TL_OK;
    json_array_foreach(wish->layers, i, one) json_object_set(
        mapping, json_string_value(json_object_get(one, "name")), json_object_get(one, "state"));
    for (int k = 0; k < report->n_reasons; k++)
        json_array_append_new(reasons,
                              json_pack("{s:s, s:b, s:I, s:s}", "reason", report->reasons[k].reason,
                                        "refused", report->reasons[k].refused, "n",
                                        (json_int_t)report->reasons[k].n, "example",
                                        report->reasons[k].example));
    TL_TRY(tl_lang_lines(call, reasons, "example"));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:O, s:O}", "schema",
                                  "tilth.import-done/1", "import", (json_int_t)report->import_id,
                                  "as", "covariate", "file", wish->options.plain, "driver",
                                  report->driver, "sha256", report->sha256, "counts",
                                  counts_of(report), "mapping", mapping, "reasons", reasons)));
done:
    json_decref(mapping);
    json_decref(reasons);
    return err;
}

tl_err tl_api_raster_take_in(struct tl_call *call, struct tl_upload *upload, const char *outcome)
{
    struct tl_import_raster *raster = NULL;
    struct tl_import_report *report = NULL;
    struct tl_project *project = NULL;
    struct wish wish = {0};
    tl_err err = TL_OK;
    TL_TRY_ALLOC(call->ctx, report, 1);
    TL_TRY(read_wish(call, &wish));
    watch(&wish, false);
    wish.options.dry_run = false;
    wish.options.outcome = outcome;
    TL_TRY(make_raster(call, upload, &wish, &raster));
    TL_TRY(tl_seat_begin_write(call, &project));
    err = tl_import_raster_put(call->ctx, project, raster, report);
    tl_seat_end_write(call, project);
    TL_TRY(err);
    TL_TRY(answer_done(call, &wish, report));
done:
    tl_import_raster_free(raster);
    json_decref(wish.layers);
    tl_free(report);
    return err;
}
