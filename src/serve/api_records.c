/* Records: lists by filter, and one as a whole. */
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "tilth/log.h"

enum { LIMIT = 100, HISTORY = 50 };

static tl_err read_rows(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                        const struct tl_register_filter *filter, json_t *rows)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_find(call->ctx, project, kind, filter, &cursor));
    for (;;) {
        json_t *row = NULL;
        TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(tl_record_row(call, kind, cursor, &row));
        json_array_append_new(rows, row);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

/* A guest cannot filter by what a guest cannot see: a filter would tell. */
static tl_err check_guest(struct tl_call *call)
{
    static const char *const hidden[] = {"q", "from", "to", "organisation"};
    for (int i = 0; i < 4 && call->person.role == TL_ACCOUNT_GUEST; i++)
        if (tl_call_text(call, hidden[i]) != NULL)
            return tl_fail(call->ctx, TL_EDENIED,
                           "log in first: without it areas are filtered by place and status only");
    return TL_OK;
}

tl_err tl_api_records(struct tl_call *call)
{
    struct tl_project *project = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    json_t *rows = json_array();
    int64_t total = 0;
    struct tl_register_filter filter = {.box_deg = tl_call_box(call, "bbox"),
                                        .text = tl_call_text(call, "q"),
                                        .from = tl_call_text(call, "from"),
                                        .to = tl_call_text(call, "to"),
                                        .limit = tl_call_integer(call, "limit", LIMIT),
                                        .offset = tl_call_integer(call, "offset", 0)};
    const char *status = tl_call_text(call, "status"),
               *organisation = tl_call_text(call, "organisation");
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(check_guest(call));
    if (status != NULL) {
        filter.column = "status";
        filter.value = status;
    }
    if (organisation != NULL) {
        filter.column2 = "organisation";
        filter.value2 = organisation;
    }
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_register_find_count(call->ctx, project, kind, &filter, &total));
    TL_TRY(read_rows(call, project, kind, &filter, rows));
    if (tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "records", tl_kind_info(kind)->name, "",
                             (int64_t)json_array_size(rows)));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:I, s:I, s:O}", "schema", "tilth.records/1", "kind",
                                  tl_kind_info(kind)->name, "total", (json_int_t)total, "offset",
                                  (json_int_t)filter.offset, "records", rows)));
done:
    json_decref(rows);
    return err;
}

/* Other records that this one names. */
static json_t *links_of(enum tl_kind kind, const struct tl_cursor *cursor)
{
    json_t *links = json_array();
    int column = kind == TL_KIND_ITEM ? tl_kind_column(kind, "search") : -1;
    const char *search = column >= 0 ? tl_cursor_text(cursor, column) : NULL;
    if (search != NULL && search[0] != '\0')
        json_array_append_new(
            links, json_pack("{s:s, s:s, s:s}", "rel", "found by", "kind", "search", "id", search));
    return links;
}

tl_err tl_api_history(struct tl_call *call, struct tl_project *project, const char *table,
                      int64_t id, json_t *record)
{
    char *text = NULL;
    bool complete = false;
    const struct tl_log_query query = {.table = table, .record_id = id, .limit = HISTORY};
    tl_err err = tl_log_list(call->ctx, project, &query, &text, &complete);
    if (err != TL_OK)
        return err;
    json_object_set_new(record, "history", json_loads(text, 0, NULL));
    json_object_set_new(record, "history_complete", json_boolean(complete));
    tl_free(text);
    return TL_OK;
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;
    return value != NULL ? value : json_null();
}

/* Its version, where it is on its way, and what the asker may do. */
static tl_err add_state(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                        const struct tl_edit_state *state, json_t *record)
{
    const struct {
        const char *name, *text;
    } texts[] = {{"record_status", state->status},    {"entered_by", state->entered_by},
                 {"entered_at", state->entered_at},   {"approved_by", state->approved_by},
                 {"approved_at", state->approved_at}, {"position_text", state->position_text}};
    char *reviews = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_edit_reviews(call->ctx, project, kind, state->id, &reviews));
    json_object_set_new(record, "version", json_string(state->version));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(record, texts[i].name,
                            text_or_null(texts[i].text[0] != '\0' ? texts[i].text : NULL));
    json_object_set_new(record, "may", tl_api_may(state));
    json_object_set_new(record, "reviews", json_loads(reviews, 0, NULL));
    TL_TRY(tl_call_header(call, "ETag", "\"%s\"", state->version));
done:
    tl_free(reviews);
    return err;
}

static tl_err whole_record(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                           const struct tl_cursor *cursor, json_t **record)
{
    json_t *made = NULL, *columns = NULL, *geometry = NULL;
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    tl_err err = TL_OK;
    TL_TRY(tl_record_row(call, kind, cursor, &columns));
    TL_TRY(tl_record_geometry(call, cursor, &geometry));
    made = json_pack("{s:s, s:s, s:s, s:O, s:O}", "schema", "tilth.record/1", "kind",
                     tl_kind_info(kind)->name, "code", tl_cursor_code(cursor), "columns", columns,
                     "geometry", geometry);
    if (made == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for a record");
    json_object_set(made, "lon", json_object_get(columns, "lon"));
    json_object_set(made, "lat", json_object_get(columns, "lat"));
    json_object_del(columns, "lon");
    json_object_del(columns, "lat");
    json_object_del(columns, "code");
    if (!guest) {
        json_object_set_new(made, "source", text_or_null(tl_cursor_source(cursor)));
        json_object_set_new(made, "source_id", text_or_null(tl_cursor_source_id(cursor)));
        json_object_set_new(made, "remarks", text_or_null(tl_cursor_remarks(cursor)));
        json_object_set_new(made, "accuracy_m", tl_json_number(tl_cursor_accuracy_m(cursor), 6));
        json_object_set_new(made, "links", links_of(kind, cursor));
        TL_TRY(
            tl_api_history(call, project, tl_kind_info(kind)->table, tl_cursor_id(cursor), made));
    }
    *record = made;
    made = NULL;
done:
    json_decref(made);
    json_decref(columns);
    json_decref(geometry);
    return err;
}

tl_err tl_api_record(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    const char *code = tl_call_text(call, "code");
    const struct tl_edit_who who = tl_api_who(call);
    struct tl_edit_state state;
    json_t *record = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_call_project(call, &project));
    /* The version before what it is of: a change in between is then a conflict, and never written over. */
    TL_TRY(tl_edit_state(call->ctx, project, kind, code, &who, &state));
    TL_TRY(tl_register_find(call->ctx, project, kind,
                            &(struct tl_register_filter){.code = code, .limit = 1}, &cursor));
    TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
    if (!more)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no %s \"%s\"", tl_kind_info(kind)->name, code);
    TL_TRY(whole_record(call, project, kind, cursor, &record));
    if (call->person.role != TL_ACCOUNT_GUEST)
        TL_TRY(add_state(call, project, kind, &state, record));
    if (tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "record", tl_kind_info(kind)->name, code, 1));
    TL_TRY(tl_call_json(call, 200, json_incref(record)));
done:
    json_decref(record);
    tl_cursor_free(cursor);
    return err;
}
