#include "serve/trial.h"

#include <stdio.h>
#include <string.h>

#include "serve/lang.h"
#include "tilth/geometry.h"

enum {
    MAPS_MAX = 64,
    SAMPLE_MAX = 2000,
    REFUSED_MAX = 200,
    SAMPLE_BYTES = 6 << 20, /* of geometries: a file of large polygons is shown in part */
    VALUE_BYTES = 2000,     /* of a refused row's value, as it is shown */
    TEXT_BYTES = 4096
};

struct tl_trial {
    struct tl_import_options options;
    struct tl_import_watch watch;
    struct tl_import_map maps[MAPS_MAX];
    bool is_given; /* the mapping came with the request */
    bool is_remembered, is_mapped;
    enum tl_kind kind;
    json_t *mapping;          /* owns */
    json_t *sample, *refused; /* own: features, rows */
    int64_t sample_bytes;
};

static tl_err read_map(struct tl_call *call, struct tl_trial *trial)
{
    json_t *map = json_object_get(call->json, "map"), *value;
    const char *field;
    if (map == NULL || json_is_null(map))
        return TL_OK;
    if (!json_is_object(map) || json_object_size(map) > MAPS_MAX)
        return tl_fail(call->ctx, TL_EUSAGE, "map: expected an object of columns by field");
    json_object_foreach(map, field, value)
    {
        const char *column = json_string_value(value);
        if (column == NULL || strlen(column) != json_string_length(value) ||
            strlen(column) > TEXT_BYTES)
            return tl_fail(call->ctx, TL_EUSAGE,
                           "map: %.60s: expected the name of a column, \"=text\" or \"\"", field);
        trial->maps[trial->options.n_maps++] = (struct tl_import_map){field, column};
    }
    trial->options.maps = trial->maps;
    trial->options.only_maps = trial->is_given = true;
    return TL_OK;
}

tl_err tl_trial_create(struct tl_call *call, struct tl_trial **trial)
{
    static const char *const members[] = {
        "as",       "layer",           "map",           "source", "crs", "where",
        "encoding", "keep_duplicates", "allow_outside", NULL};
    struct tl_trial *made = NULL;
    struct tl_import_options *o;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(call->ctx, made, 1);
    o = &made->options;
    o->dry_run = true;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "as", true, 64, &o->as));
    TL_TRY(tl_kind_find(call->ctx, o->as, &made->kind)); /* a raster has no page of its own */
    TL_TRY(tl_call_member_text(call, "layer", false, 256, &o->layer));
    TL_TRY(tl_call_member_text(call, "source", false, 256, &o->source));
    TL_TRY(tl_call_member_text(call, "crs", false, TEXT_BYTES, &o->crs));
    TL_TRY(tl_call_member_text(call, "where", false, TEXT_BYTES, &o->where));
    TL_TRY(tl_call_member_text(call, "encoding", false, 64, &o->encoding));
    TL_TRY(tl_call_member_yesno(call, "keep_duplicates", &o->keep_duplicates));
    TL_TRY(tl_call_member_yesno(call, "allow_outside", &o->allow_outside));
    TL_TRY(read_map(call, made));
    made->sample = json_array();
    made->refused = json_array();
    *trial = made;
    made = NULL;
done:
    tl_trial_free(made);
    return err;
}

void tl_trial_free(struct tl_trial *trial)
{
    if (trial == NULL)
        return;
    json_decref(trial->mapping);
    json_decref(trial->sample);
    json_decref(trial->refused);
    tl_free(trial);
}

struct tl_import_options *tl_trial_options(struct tl_trial *trial)
{
    return &trial->options;
}

/* Watching. */

static tl_err on_mapped(struct tl_ctx *ctx, void *user, enum tl_kind kind, const char *mapping,
                        bool remembered)
{
    struct tl_trial *trial = user;
    (void)ctx;
    trial->kind = kind;
    trial->is_mapped = true;
    trial->is_remembered = remembered;
    json_decref(trial->mapping);
    trial->mapping = json_loads(mapping, 0, NULL);
    return TL_OK;
}

static json_t *object_of(const char *text)
{
    json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;
    return object != NULL ? object : json_null();
}

/* A geometry in hexadecimal digits, or somebody's whole report: the beginning is enough to see which row it is. */
static void shorten(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value)
    {
        size_t n = VALUE_BYTES;
        const char *text = json_string_value(value);
        if (text == NULL || json_string_length(value) <= VALUE_BYTES)
            continue;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
        json_object_set_new(object, key, json_sprintf("%.*s…", (int)n, text));
    }
}

static tl_err keep_refused(struct tl_ctx *ctx, struct tl_trial *trial,
                           const struct tl_refused *refused)
{
    if (json_array_size(trial->refused) >= REFUSED_MAX)
        return TL_OK;
    json_t *original = object_of(refused->original);
    shorten(original);
    json_t *row = json_pack("{s:I, s:s, s:s, s:o, s:o}", "row", (json_int_t)refused->row, "reason",
                            refused->reason, "message", refused->message, "original", original,
                            "proposal", object_of(refused->proposal));
    return row != NULL && json_array_append_new(trial->refused, row) == 0
               ? TL_OK
               : tl_fail(ctx, TL_ENOMEM, "no memory for a refused row");
}

static json_t *properties(enum tl_kind kind, const struct tl_import_row *row)
{
    static const char *const states[] = {"added", "updated", "unchanged", "refused"};
    const struct tl_kind_info *info = tl_kind_info(kind);
    json_t *made =
        json_pack("{s:I, s:s}", "row", (json_int_t)row->row, "state", states[row->state]);
    if (row->record->source_id != NULL)
        json_object_set_new(made, "id", json_string(row->record->source_id));
    for (int i = 0; i < info->n_columns; i++)
        if (row->record->values[i] != NULL && strlen(row->record->values[i]) <= VALUE_BYTES)
            json_object_set_new(made, info->columns[i].name, json_string(row->record->values[i]));
    return made;
}

static tl_err keep_taken(struct tl_ctx *ctx, struct tl_trial *trial, enum tl_kind kind,
                         const struct tl_import_row *row)
{
    char *text = NULL;
    if (json_array_size(trial->sample) >= SAMPLE_MAX || trial->sample_bytes > SAMPLE_BYTES)
        return TL_OK;
    tl_err err = tl_geometry_json(ctx, row->record->wkb, row->record->wkb_bytes, &text);
    if (err == TL_EDATA)
        return TL_OK; /* shown by its row in the table */
    if (err != TL_OK)
        return err;
    trial->sample_bytes += (int64_t)strlen(text);
    json_t *feature = json_pack("{s:s, s:o, s:o}", "type", "Feature", "properties",
                                properties(kind, row), "geometry", object_of(text));
    tl_free(text);
    return feature != NULL && json_array_append_new(trial->sample, feature) == 0
               ? TL_OK
               : tl_fail(ctx, TL_ENOMEM, "no memory for a row");
}

static tl_err on_row(struct tl_ctx *ctx, void *user, enum tl_kind kind,
                     const struct tl_import_row *row)
{
    struct tl_trial *trial = user;
    return row->refused != NULL ? keep_refused(ctx, trial, row->refused)
                                : keep_taken(ctx, trial, kind, row);
}

void tl_trial_watch(struct tl_trial *trial, bool collects)
{
    trial->watch = (struct tl_import_watch){
        .user = trial, .mapped = on_mapped, .row = collects ? on_row : NULL};
    trial->options.watch = &trial->watch;
}

bool tl_trial_can_be_mended(const struct tl_trial *trial, tl_err err)
{
    return trial->is_mapped && (err == TL_EDATA || err == TL_EUSAGE || err == TL_ENOTFOUND);
}

/* Answering. */

static json_t *choices_of(const char *choices)
{
    json_t *list = json_array();
    for (const char *at = choices; *at != '\0';) {
        size_t n = strcspn(at, "|");
        json_array_append_new(list, json_stringn(at, n));
        at += n + (at[n] == '|');
    }
    return list;
}

static void add_field(json_t *list, const char *name, const char *title, const char *type,
                      bool required, const char *choices)
{
    json_t *field = json_pack("{s:s, s:s, s:b, s:s}", "name", name, "title", title, "required",
                              required, "type", type);
    if (choices != NULL)
        json_object_set_new(field, "choices", choices_of(choices));
    json_array_append_new(list, field);
}

/* What a file's columns can be mapped to. A record must have a position; which of the ways is the file's. */
static json_t *fields_of(enum tl_kind kind, const struct tl_catalogue *words)
{
    static const char *const types[] = {
        [TL_COLUMN_TEXT] = "text", [TL_COLUMN_INTEGER] = "integer", [TL_COLUMN_REAL] = "real",
        [TL_COLUMN_DATE] = "date", [TL_COLUMN_CHOICE] = "choice",   [TL_COLUMN_YESNO] = "yesno"};
    const struct tl_kind_info *info = tl_kind_info(kind);
    bool points = strcmp(info->geometry, "point") == 0 || strcmp(info->geometry, "any") == 0;
    json_t *list = json_array();
    add_field(list, "id",
              tl_catalogue_text(words, "the record's own number, by which it can be updated later"),
              "text", false, NULL);
    if (points) {
        add_field(list, "lon", tl_catalogue_text(words, "longitude in degrees"), "position", false,
                  NULL);
        add_field(list, "lat", tl_catalogue_text(words, "latitude in degrees"), "position", false,
                  NULL);
        add_field(list, "position", tl_catalogue_text(words, "a position in any notation"),
                  "position", false, NULL);
        add_field(list, "x", tl_catalogue_text(words, "easting in the system that is given"),
                  "position", false, NULL);
        add_field(list, "y", tl_catalogue_text(words, "northing in the system that is given"),
                  "position", false, NULL);
    }
    add_field(list, "wkt", tl_catalogue_text(words, "a geometry as WKT"), "position", false, NULL);
    for (int i = 0; i < info->n_columns; i++)
        add_field(list, info->columns[i].name, tl_catalogue_text(words, info->columns[i].meaning),
                  types[info->columns[i].type], false, info->columns[i].choices);
    add_field(list, "accuracy", tl_catalogue_text(words, "accuracy of the position [m]"), "real",
              false, NULL);
    add_field(list, "remarks", tl_catalogue_text(words, "anything else"), "text", false, NULL);
    add_field(list, "date_format", tl_catalogue_text(words, "how dates are written"), "option",
              false, "=ymd|=dmy|=mdy|=serial|=serial-1904");
    return list;
}

static json_t *counts_of(const struct tl_import_report *report)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "read", (json_int_t)report->n_read, "added",
                     (json_int_t)report->n_added, "updated", (json_int_t)report->n_updated,
                     "unchanged", (json_int_t)report->n_unchanged, "refused",
                     (json_int_t)report->n_refused);
}

static json_t *reasons_of(const struct tl_import_report *report)
{
    json_t *list = json_array();
    for (int i = 0; i < report->n_reasons; i++) {
        const struct tl_import_reason *r = &report->reasons[i];
        /* An example is cut to its room, perhaps within a letter. */
        json_t *example = json_string(r->example);
        json_array_append_new(list,
                              json_pack("{s:s, s:b, s:I, s:o}", "reason", r->reason, "refused",
                                        r->refused, "n", (json_int_t)r->n, "example",
                                        example != NULL ? example : json_string("")));
    }
    return list;
}

static json_t *mapping_of(const struct tl_trial *trial)
{
    return trial->mapping != NULL ? json_incref(trial->mapping) : json_object();
}

static const char *from_of(const struct tl_trial *trial)
{
    return trial->is_given ? "given" : trial->is_remembered ? "remembered" : "suggested";
}

tl_err tl_trial_answer(struct tl_call *call, struct tl_trial *trial,
                       const struct tl_import_report *report, const char *token)
{
    static const struct tl_import_report nothing;
    const struct tl_import_report *shown = report != NULL ? report : &nothing;
    json_t *sample =
        json_pack("{s:s, s:O}", "type", "FeatureCollection", "features", trial->sample);
    json_t *reasons = reasons_of(shown);
    const struct tl_catalogue *words = tl_lang_catalogue(call);
    if (report == NULL) { /* what was collected before it failed is no trial */
        json_array_clear(trial->sample);
        json_array_clear(trial->refused);
    }
    char *problem = report == NULL ? tl_strdup(call->ctx, tl_ctx_message(call->ctx)) : NULL;
    char *told = problem != NULL ? tl_lang_say(call, problem) : NULL;
    tl_err err = tl_lang_lines(call, trial->refused, "message");
    if (err == TL_OK)
        err = tl_lang_lines(call, reasons, "example");
    if (err != TL_OK)
        goto done;
    err = tl_call_json(
        call, 200,
        json_pack("{s:s, s:s, s:s?, s:o, s:o, s:s, s:o, s:O, s:O, s:O, s:s?}", "schema",
                  "tilth.import-try/1", "as", tl_kind_info(trial->kind)->name, "problem",
                  told != NULL ? told : problem, "counts", counts_of(shown), "mapping",
                  mapping_of(trial), "mapping_from", from_of(trial), "fields",
                  fields_of(trial->kind, words), "reasons", reasons, "refused", trial->refused,
                  "sample", sample, "token", report != NULL ? token : NULL));
done:
    json_decref(reasons);
    json_decref(sample);
    tl_free(problem);
    tl_free(told);
    return err;
}

tl_err tl_trial_done(struct tl_call *call, struct tl_trial *trial,
                     const struct tl_import_report *report)
{
    json_t *reasons = reasons_of(report);
    tl_err err = tl_lang_lines(call, reasons, "example");
    if (err != TL_OK) {
        json_decref(reasons);
        return err;
    }
    return tl_call_json(
        call, 200,
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "schema", "tilth.import-done/1",
                  "import", (json_int_t)report->import_id, "as", tl_kind_info(trial->kind)->name,
                  "file", trial->options.plain, "driver", report->driver, "sha256", report->sha256,
                  "counts", counts_of(report), "mapping", mapping_of(trial), "reasons", reasons));
}
