/* What imports refused: shown with reasons and values, and mended by entering the record by hand. A refused row is never deleted. */
#include <stdlib.h>
#include <string.h>

#include "serve/api.h"
#include "serve/form.h"
#include "serve/lang.h"
#include "serve/reads.h"

enum { PAGE = 100 };

static json_t *object_of(const char *text)
{
    json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;
    return object != NULL ? object : json_null();
}

/* Which column of the file went into which field, or null. */
static json_t *mapping_of(const char *options)
{
    json_t *all = object_of(options), *mapping = json_incref(json_object_get(all, "mapping"));
    json_decref(all);
    return json_is_object(mapping) ? mapping : json_null();
}

static json_t *row_of(const char *const values[TL_REFUSED_ALL])
{
    const char *path = values[1] != NULL ? values[1] : "", *slash = strrchr(path, '/');
    return json_pack("{s:I, s:I, s:s, s:I, s:s?, s:s, s:s?, s:o, s:o, s:s?, s:o}", "id",
                     (json_int_t)strtoll(values[TL_REFUSED_ID], NULL, 10), "import",
                     (json_int_t)strtoll(values[0], NULL, 10), "file",
                     slash != NULL ? slash + 1 : path, "row",
                     (json_int_t)strtoll(values[2] != NULL ? values[2] : "0", NULL, 10), "kind",
                     values[TL_REFUSED_KIND], "reason", values[3], "message", values[4], "original",
                     object_of(values[5]), "proposal", object_of(values[6]), "mended_as",
                     values[TL_REFUSED_MENDED], "mapping", mapping_of(values[TL_REFUSED_OPTIONS]));
}

tl_err tl_api_refused(struct tl_call *call)
{
    const char *open = tl_call_text(call, "open");
    const struct tl_refused_filter filter = {.import_id = tl_call_integer(call, "import", 0),
                                             .id = tl_call_integer(call, "id", 0),
                                             .open = open != NULL && strcmp(open, "yes") == 0,
                                             .limit = tl_call_integer(call, "limit", PAGE),
                                             .offset = tl_call_integer(call, "offset", 0)};
    struct tl_project *project = NULL;
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    json_t *rows = json_array();
    int64_t total = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_project_refused_find(call->ctx, project, &filter, &total, &cursor));
    for (;;) {
        TL_TRY(tl_project_refused_next(call->ctx, cursor, values, &more));
        if (!more)
            break;
        if (json_array_append_new(rows, row_of(values)) != 0)
            TL_THROW(call->ctx, TL_ENOMEM, "no memory for a refused row");
    }
    TL_TRY(tl_lang_lines(call, rows, "message"));
    if (json_array_size(rows) > 0) /* accidents and items are among them */
        TL_TRY(tl_reads_note(call, "refused rows", "", "", (int64_t)json_array_size(rows)));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:I, s:I, s:O}", "schema", "tilth.refused/1", "total",
                                  (json_int_t)total, "offset", (json_int_t)filter.offset, "refused",
                                  rows)));
done:
    tl_project_refused_free(cursor);
    json_decref(rows);
    return err;
}

/* The kind of the import that refused it. */
static tl_err kind_of(struct tl_call *call, struct tl_project *project, int64_t id,
                      enum tl_kind *kind)
{
    const struct tl_refused_filter one = {.id = id};
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_project_refused_find(call->ctx, project, &one, NULL, &cursor));
    TL_TRY(tl_project_refused_next(call->ctx, cursor, values, &more));
    if (!more)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no refused record %lld", (long long)id);
    TL_TRY(tl_kind_find(call->ctx, values[TL_REFUSED_KIND] != NULL ? values[TL_REFUSED_KIND] : "",
                        kind));
done:
    tl_project_refused_free(cursor);
    return err;
}

tl_err tl_api_refused_mend(struct tl_call *call)
{
    static const char *const members[] = {"id",      "columns",    "geometry",      "position",
                                          "remarks", "accuracy_m", "outside_is_ok", NULL};
    const struct tl_edit_who who = tl_api_who(call);
    struct tl_form form = {0};
    struct tl_project *project = NULL;
    struct tl_entry *entry = NULL;
    struct tl_edit_state state;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    int64_t id = tl_call_integer(call, "refused", 0);
    bool writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(kind_of(call, project, id, &kind));
    TL_TRY(tl_form_read(call, kind, members, &form));
    TL_TRY(tl_entry_check(call->ctx, project, kind, &form.given, true, &entry));
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(tl_edit_create(call->ctx, project, kind, tl_entry_edit(entry), &who, &state));
    TL_TRY(tl_project_refused_mend(call->ctx, project, id, state.code, call->person.name));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(tl_api_edited(call, kind, &state, entry));
done:
    if (writing)
        tl_seat_end_write(call, project);
    tl_entry_free(entry);
    tl_form_fini(&form);
    return err;
}
