/*
 * Files into the register through the page: uploaded, looked at, tried, taken in. Only a walled-in process opens what was uploaded (sift.c); what it
 * hands over goes through the importer like any file. A trial is an import into a copy that is rolled back; taking in demands the same outcome, row by row.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"
#include "serve/apart.h"
#include "serve/api.h"
#include "serve/sift.h"
#include "serve/trial.h"
#include "serve/upload.h"

static const char last[] = "last", rows_key[] = "rows_key";

enum { GROWS_BY = 3 }; /* a register by a file's rows: records, the log's lines, indexes */

/* Coming in. */

tl_err tl_api_import_begin(struct tl_call *call, int64_t n_bytes)
{
    char label[TL_UPLOAD_NAME_BYTES];
    const char *name = tl_call_text(call, "name");
    tl_upload_label(name, label);
    if (!tl_rows_reads(label) && !tl_pixels_reads(label))
        return tl_fail(call->ctx, TL_EDATA,
                       "%s: files of this ending are not read, expected %s, or of a raster %s",
                       label, tl_rows_endings(), tl_pixels_endings());
    tl_err err = tl_upload_begin(call->ctx, call->serve->uploads, n_bytes, &call->inflow);
    if (err == TL_EIO)
        tl_call_fail(call, err, 507, tl_ctx_message(call->ctx));
    return err;
}

tl_err tl_api_import_take(struct tl_call *call, const void *bytes, int64_t n)
{
    if (call->inflow == NULL)
        return tl_fail(call->ctx, TL_EUSAGE, "there is no upload");
    tl_err err = tl_upload_add(call->ctx, call->inflow, bytes, n);
    if (err == TL_EIO)
        tl_call_fail(call, err, 507, tl_ctx_message(call->ctx));
    if (err != TL_OK) { /* the disk has its room again before the reply is there */
        tl_upload_drop(call->inflow);
        call->inflow = NULL;
    }
    return err;
}

static void set_time(json_t *known)
{
    char at[32];
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    json_object_set_new(known, "at", json_string(at));
}

static json_t *walls_json(const struct tl_sandbox_walls *walls)
{
    json_t *list = json_array();
    if (walls->seccomp)
        json_array_append_new(list, json_string("seccomp"));
    if (walls->landlock)
        json_array_append_new(list, json_string("landlock"));
    return list;
}

/* What is known of it, without what is for ourselves. */
static json_t *shown(const json_t *known)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)known);
    json_object_del(copy, last);
    json_object_del(copy, rows_key);
    tl_api_raster_hide(copy);
    return copy;
}

tl_err tl_api_import_post(struct tl_call *call)
{
    char label[TL_UPLOAD_NAME_BYTES], sha256[TL_HASH_HEX], id[TL_UPLOAD_ID_BYTES];
    int64_t n_bytes = 0;
    json_t *found = NULL, *known = NULL;
    tl_err err = TL_OK;
    if (call->inflow == NULL)
        return tl_fail(call->ctx, TL_EUSAGE, "the body is empty, expected the bytes of a file");
    tl_upload_label(tl_call_text(call, "name"), label);
    struct tl_sift sift = {.name = label,
                           .fd = tl_upload_received(call->inflow, &n_bytes, sha256, id),
                           .wanted.encoding = tl_call_text(call, "encoding")};
    if (n_bytes == 0)
        TL_THROW(call->ctx, TL_EDATA, "%s: the file is empty", label);
    TL_TRY(tl_pixels_reads(label) ? tl_api_raster_look(call, &sift, &found)
                                  : tl_sift_look(call->ctx, &sift, &found));
    known =
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:s?, s:s, s:o}", "schema", "tilth.upload/1", "id", id,
                  "name", label, "bytes", (json_int_t)n_bytes, "sha256", sha256, "encoding",
                  sift.wanted.encoding, "by", call->person.name, "walls", walls_json(&sift.walls));
    if (known == NULL)
        TL_THROW(call->ctx, TL_EUSAGE, "encoding: expected a name such as CP1251");
    json_object_update(known, found);
    set_time(known);
    TL_TRY(tl_upload_keep(call->ctx, call->inflow, known));
    TL_TRY(tl_call_header(call, "Location", "/api/1/imports/%s", id));
    TL_TRY(tl_call_json(call, 201, shown(known)));
done:
    tl_upload_drop(call->inflow); /* what was not kept goes at once */
    call->inflow = NULL;
    json_decref(found);
    json_decref(known);
    return err;
}

tl_err tl_api_imports(struct tl_call *call)
{
    json_t *list = NULL, *known, *made = json_array();
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_uploads_list(call->ctx, call->serve->uploads, &list));
    json_array_foreach(list, i, known) json_array_append_new(made, shown(known));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:O}", "schema", "tilth.uploads/1", "imports", made)));
done:
    json_decref(list);
    json_decref(made);
    return err;
}

tl_err tl_api_import_get(struct tl_call *call)
{
    json_t *known = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_uploads_known(call->ctx, call->serve->uploads, tl_call_text(call, "upload"), &known));
    TL_TRY(tl_call_json(call, 200, shown(known)));
done:
    json_decref(known);
    return err;
}

tl_err tl_api_import_delete(struct tl_call *call)
{
    struct tl_upload upload = {.fd = -1};
    tl_err err = TL_OK;
    TL_TRY(tl_upload_open(call->ctx, call->serve->uploads, tl_call_text(call, "upload"), &upload));
    tl_upload_remove(&upload);
    tl_apart_sweep(call->serve->apart, (double)INFINITY);
    TL_TRY(tl_call_json(call, 200, shown(upload.known)));
done:
    tl_upload_close(&upload);
    return err;
}

/* Trying and taking in. */

/* Hash of texts and where each ends. */
static void hash_texts(int n, const char *const *texts, char hex[TL_HASH_HEX])
{
    struct tl_hash hash;
    uint8_t bytes[TL_HASH_BYTES];
    tl_hash_init(&hash);
    for (int i = 0; i < n; i++)
        tl_hash_add(&hash, texts[i] != NULL ? texts[i] : "\1",
                    texts[i] != NULL ? (int64_t)strlen(texts[i]) + 1 : 2);
    tl_hash_done(&hash, bytes);
    tl_hash_hex(bytes, hex);
}

static const char *known_text(const struct tl_upload *upload, const char *name)
{
    const char *text = json_string_value(json_object_get(upload->known, name));
    return text != NULL ? text : "";
}

/* The rows of the layer, condition and encoding that are asked for; those that are there already are used again. */
static tl_err make_rows(struct tl_call *call, struct tl_upload *upload,
                        const struct tl_import_options *options)
{
    const char *const wanted[] = {options->layer, options->where, options->encoding};
    char key[TL_HASH_HEX], path[4300];
    tl_err err = TL_OK;
    int fd = -1;
    hash_texts(3, wanted, key);
    tl_upload_rows_path(upload, path, sizeof path);
    if (strcmp(known_text(upload, rows_key), key) == 0 && access(path, R_OK) == 0)
        return TL_OK;
    struct tl_sift sift = {.name = known_text(upload, "name"),
                           .fd = upload->fd,
                           .wanted = {options->layer, options->where, options->encoding}};
    json_object_del(upload->known, rows_key);
    json_object_del(upload->known, last);
    TL_TRY(tl_upload_note(call->ctx, upload));
    TL_TRY(tl_upload_rows_create(call->ctx, upload, &fd));
    TL_TRY(tl_sift_rows(call->ctx, &sift, fd));
    json_object_set_new(upload->known, rows_key, json_string(key));
    TL_TRY(tl_upload_note(call->ctx, upload));
done:
    if (fd >= 0)
        close(fd);
    return err;
}

/* Taken in by the one writer; tried on a copy, so that nobody waits for a trial. */
static tl_err import_rows(struct tl_call *call, struct tl_upload *upload,
                          struct tl_import_options *options, struct tl_import_report *report,
                          bool *no_room)
{
    char path[4300];
    struct tl_project *project = NULL;
    struct stat facts;
    tl_err err = TL_OK;
    if (options->encoding == NULL && known_text(upload, "encoding")[0] != '\0')
        options->encoding = known_text(upload, "encoding"); /* that it was uploaded with */
    TL_TRY(make_rows(call, upload, options));
    tl_upload_rows_path(upload, path, sizeof path);
    options->plain = known_text(upload, "name");
    options->plain_sha256 = known_text(upload, "sha256");
    if (options->dry_run) {
        int64_t n_bytes = stat(path, &facts) == 0 ? (int64_t)facts.st_size : 0;
        TL_TRY(tl_apart_take(call, GROWS_BY * n_bytes, no_room, &project));
        err = tl_import_file(call->ctx, project, path, options, report);
        tl_apart_give(call, project);
    } else {
        TL_TRY(tl_seat_begin_write(call, &project));
        err = tl_import_file(call->ctx, project, path, options, report);
        tl_seat_end_write(call, project);
    }
done:
    return err;
}

/* Of the file, of how it is to be read, and of what would become of each row: of the project's state as far as it matters. */
static void make_token(const struct tl_upload *upload, const char *body, const char *outcome,
                       char token[TL_HASH_HEX])
{
    const char *const texts[] = {known_text(upload, "sha256"), body, outcome};
    hash_texts(3, texts, token);
}

tl_err tl_api_import_remember(struct tl_call *call, struct tl_upload *upload, const char *outcome,
                              char token[TL_HASH_HEX])
{
    char *body = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_json_line(call->ctx, call->json, &body));
    make_token(upload, body, outcome, token);
    json_object_set_new(
        upload->known, last,
        json_pack("{s:s, s:s, s:O}", "token", token, "outcome", outcome, "body", call->json));
    TL_TRY(tl_upload_note(call->ctx, upload));
done:
    tl_free(body);
    return err;
}

tl_err tl_api_import_try(struct tl_call *call)
{
    struct tl_upload upload = {.fd = -1};
    struct tl_trial *trial = NULL;
    struct tl_import_report *report = NULL;
    char token[TL_HASH_HEX] = "";
    bool no_room = false;
    tl_err err = TL_OK, tried;
    TL_TRY_ALLOC(call->ctx, report, 1);
    TL_TRY(tl_trial_create(call, &trial));
    TL_TRY(tl_upload_open(call->ctx, call->serve->uploads, tl_call_text(call, "upload"), &upload));
    if (json_is_object(json_object_get(upload.known, "raster")))
        TL_THROW(call->ctx, TL_EUSAGE, "%s: a raster is no list of records",
                 known_text(&upload, "name"));
    tl_trial_watch(trial, true);
    tried = import_rows(call, &upload, tl_trial_options(trial), report, &no_room);
    if (no_room) {
        tl_call_fail(call, tried, 507, tl_ctx_message(call->ctx));
        goto done;
    }
    if (tried != TL_OK && !tl_trial_can_be_mended(trial, tried)) {
        err = tried;
        goto done;
    }
    if (tried == TL_OK)
        TL_TRY(tl_api_import_remember(call, &upload, report->outcome, token));
    TL_TRY(tl_trial_answer(call, trial, tried == TL_OK ? report : NULL, token));
done:
    tl_trial_free(trial);
    tl_upload_close(&upload);
    tl_free(report);
    return err;
}

static tl_err take_rows(struct tl_call *call, struct tl_upload *upload, const char *outcome)
{
    struct tl_trial *trial = NULL;
    struct tl_import_report *report = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(call->ctx, report, 1);
    TL_TRY(tl_trial_create(call, &trial));
    tl_trial_watch(trial, false);
    struct tl_import_options *options = tl_trial_options(trial);
    options->dry_run = false;
    options->outcome = outcome;
    TL_TRY(import_rows(call, upload, options, report, &(bool){false}));
    TL_TRY(tl_trial_done(call, trial, report));
done:
    tl_trial_free(trial);
    tl_free(report);
    return err;
}

static tl_err take_in(struct tl_call *call, struct tl_upload *upload, const json_t *tried)
{
    const char *outcome = json_string_value(json_object_get(tried, "outcome"));
    tl_err err = TL_OK;
    json_decref(call->json);
    call->json = json_deep_copy(json_object_get(tried, "body"));
    if (json_is_object(json_object_get(upload->known, "raster")))
        TL_TRY(tl_api_raster_take_in(call, upload, outcome));
    else
        TL_TRY(take_rows(call, upload, outcome));
    tl_upload_remove(upload);
    tl_apart_sweep(call->serve->apart, (double)INFINITY); /* it is of no use any more */
done:
    return err;
}

tl_err tl_api_import_commit(struct tl_call *call)
{
    static const char *const members[] = {"token", NULL};
    struct tl_upload upload = {.fd = -1};
    const char *token = NULL;
    json_t *tried = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "token", true, 64, &token));
    TL_TRY(tl_upload_open(call->ctx, call->serve->uploads, tl_call_text(call, "upload"), &upload));
    tried = json_incref(json_object_get(upload.known, last));
    const char *wanted = json_string_value(json_object_get(tried, "token"));
    if (wanted == NULL || strcmp(wanted, token) != 0)
        TL_THROW(call->ctx, TL_ECONFLICT,
                 "this is not the token of the last trial of this file; try it again");
    TL_TRY(take_in(call, &upload, tried));
done:
    json_decref(tried);
    tl_upload_close(&upload);
    return err;
}
