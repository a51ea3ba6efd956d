/*
 * Changes from the field that met a newer version of their record: what the device saw, what it sent and what stands in the register, column by
 * column; a person chooses. What is chosen goes through the same checks as any other change.
 */
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/form.h"
#include "serve/lang.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "tilth/fieldwork.h"

enum { LIMIT = 50 };

/* Members of a record beside its columns that a change may set; accuracy goes with the position. */
static const char position[] = "position", remarks[] = "remarks", accuracy[] = "accuracy_m";

/* The record as it stands, in the shape of what devices send. */
static tl_err load_now(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                       const char *code, json_t **now)
{
    struct tl_cursor *cursor = NULL;
    json_t *row = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_find(call->ctx, project, kind,
                            &(struct tl_register_filter){.code = code, .limit = 1}, &cursor));
    TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
    if (!more)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no %s \"%s\"", tl_kind_info(kind)->name, code);
    TL_TRY(tl_record_row(call, kind, cursor, &row));
    const char *words = tl_cursor_remarks(cursor);
    json_object_set_new(row, remarks, words != NULL ? json_string(words) : json_null());
    json_object_set_new(row, accuracy, tl_json_number(tl_cursor_accuracy_m(cursor), 6));
    *now = row;
    row = NULL;
done:
    json_decref(row);
    tl_cursor_free(cursor);
    return err;
}

static json_t *or_null(json_t *value)
{
    return value != NULL ? json_incref(value) : json_null();
}

/* "lon, lat" of a record or of a GeoJSON point; a position as it was typed; null where there is none. */
static json_t *place_of(const json_t *record)
{
    const json_t *typed = json_object_get(record, position);
    const json_t *point = json_object_get(json_object_get(record, "geometry"), "coordinates");
    const json_t *lon = json_object_get(record, "lon"), *lat = json_object_get(record, "lat");
    char text[80];
    if (json_is_string(typed))
        return json_copy((json_t *)(uintptr_t)typed);
    if (json_is_array(point)) {
        lon = json_array_get(point, 0);
        lat = json_array_get(point, 1);
    }
    if (!json_is_number(lon) || !json_is_number(lat))
        return json_null();
    snprintf(text, sizeof text, "%.7f, %.7f", json_number_value(lon), json_number_value(lat));
    return json_string(text);
}

static bool sets_position(const json_t *body)
{
    return json_object_get(body, position) != NULL || json_object_get(body, "geometry") != NULL ||
           json_object_get(body, accuracy) != NULL;
}

static void add_row(json_t *rows, const char *name, json_t *seen, json_t *field, json_t *reg)
{
    json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:o}", "name", name, "seen", seen,
                                          "field", field, "register", reg));
}

/* A row for each thing that the change would set. */
static json_t *rows_of(json_t *body, json_t *now)
{
    json_t *rows = json_array(), *value;
    json_t *seen = json_object_get(body, "seen"), *columns = json_object_get(seen, "columns");
    const char *name;
    json_object_foreach(json_object_get(body, "columns"), name, value)
        add_row(rows, name, or_null(json_object_get(columns, name)), json_incref(value),
                or_null(json_object_get(now, name)));
    if (json_object_get(body, remarks) != NULL)
        add_row(rows, remarks, or_null(json_object_get(seen, remarks)),
                json_incref(json_object_get(body, remarks)),
                or_null(json_object_get(now, remarks)));
    if (sets_position(body))
        add_row(rows, position, place_of(seen), place_of(body), place_of(now));
    return rows;
}

/* What a page shows of a kept change. */
static tl_err show(struct tl_call *call, struct tl_project *project, json_t *one)
{
    const struct tl_edit_who who = tl_api_who(call);
    const char *code = json_string_value(json_object_get(one, "code"));
    enum tl_kind kind = TL_KIND_ACCIDENT;
    struct tl_edit_state state;
    json_t *now = NULL, *photos = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_kind_find(call->ctx, json_string_value(json_object_get(one, "kind")), &kind));
    TL_TRY(tl_api_field_photos_of(call, project, json_string_value(json_object_get(one, "uuid")),
                                  &photos));
    json_object_set_new(one, "photographs", photos);
    err = tl_edit_state(call->ctx, project, kind, code, &who, &state);
    if (err == TL_OK)
        err = load_now(call, project, kind, code, &now);
    if (err == TL_ENOTFOUND) /* taken out past the program: what came is shown all the same */
        err = TL_OK;
    TL_TRY(err);
    json_object_set_new(one, "version", now != NULL ? json_string(state.version) : json_null());
    json_object_set_new(one, "columns", rows_of(json_object_get(one, "body"), now));
    json_object_del(one, "body");
    TL_TRY(tl_reads_note(call, "kept change", tl_kind_info(kind)->name, code, 1));
done:
    json_decref(now);
    return err;
}

tl_err tl_api_conflicts(struct tl_call *call)
{
    const char *all = tl_call_text(call, "decided");
    const struct tl_fieldwork_list list = {.open_only = all == NULL || strcmp(all, "yes") != 0,
                                           .limit = tl_call_integer(call, "limit", LIMIT),
                                           .offset = tl_call_integer(call, "offset", 0)};
    struct tl_project *project = NULL;
    json_t *conflicts = NULL, *one;
    char *text = NULL;
    int64_t total = 0;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_fieldwork_conflicts(call->ctx, project, &list, &text, &total));
    conflicts = json_loads(text, 0, NULL);
    json_array_foreach(conflicts, i, one) TL_TRY(show(call, project, one));
    TL_TRY(tl_lang_lines(call, conflicts, "message"));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:I, s:I, s:O}", "schema", "tilth.conflicts/1", "total",
                                  (json_int_t)total, "offset", (json_int_t)list.offset, "conflicts",
                                  conflicts)));
done:
    json_decref(conflicts);
    tl_free(text);
    return err;
}

static tl_err load_one(struct tl_call *call, struct tl_project *project, int64_t id, json_t **one)
{
    const struct tl_fieldwork_list list = {.id = id, .limit = 1};
    char *text = NULL;
    json_t *found = NULL;
    int64_t total = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_fieldwork_conflicts(call->ctx, project, &list, &text, &total));
    found = json_loads(text, 0, NULL);
    if (total == 0)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no kept change %lld", (long long)id);
    *one = json_incref(json_array_get(found, 0));
done:
    json_decref(found);
    tl_free(text);
    return err;
}

/* Whether the field's value was chosen. */
static tl_err choice_of(struct tl_call *call, const json_t *take, const char *name, bool *field)
{
    const char *chosen = json_string_value(json_object_get(take, name));
    *field = chosen != NULL && strcmp(chosen, "field") == 0;
    if (chosen == NULL || (!*field && strcmp(chosen, "register") != 0))
        return tl_fail(call->ctx, TL_EUSAGE, "take: %s: expected \"field\" or \"register\"", name);
    return TL_OK;
}

/* The part of what came that was chosen, as a body of a change; every part needs a choice, and no other may be named. */
static tl_err chosen_of(struct tl_call *call, const json_t *body, const json_t *take,
                        json_t **chosen)
{
    static const char *const place[] = {position, "geometry", accuracy};
    json_t *made = json_object(), *columns = json_object(), *value, *rows = NULL;
    size_t i;
    json_t *row;
    tl_err err = TL_OK;
    json_object_set(made, "columns", columns);
    rows = rows_of((json_t *)(uintptr_t)body, NULL);
    if (json_array_size(rows) != json_object_size(take))
        TL_THROW(call->ctx, TL_EUSAGE, "take: expected a choice for each of the %zu columns",
                 json_array_size(rows));
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        bool field = false;
        TL_TRY(choice_of(call, take, name, &field));
        if (!field)
            continue;
        if (strcmp(name, remarks) == 0)
            json_object_set(made, remarks, json_object_get(body, remarks));
        else if (strcmp(name, position) != 0)
            json_object_set(columns, name, json_object_get(row, "field"));
        for (int p = 0; strcmp(name, position) == 0 && p < 3; p++)
            if ((value = json_object_get(body, place[p])) != NULL)
                json_object_set(made, place[p], value);
    }
    json_object_set_new(made, "outside_is_ok", json_true());
    *chosen = made;
    made = NULL;
done:
    json_decref(made);
    json_decref(columns);
    json_decref(rows);
    return err;
}

/* No kind has a column "remarks" or "position", so names cannot be mistaken for one another. */
static tl_err decide(struct tl_call *call, struct tl_project *project, const json_t *one,
                     const char *version)
{
    static const char *const members[] = {"columns", "geometry",      "position", remarks,
                                          accuracy,  "outside_is_ok", NULL};
    const struct tl_edit_who who = tl_api_who(call);
    const char *comment = NULL;
    json_t *take = json_object_get(call->json, "take"), *request = call->json, *chosen = NULL;
    enum tl_kind kind = TL_KIND_ACCIDENT;
    struct tl_form form = {0};
    struct tl_entry *entry = NULL;
    struct tl_edit_state state;
    char *line = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_kind_find(call->ctx, json_string_value(json_object_get(one, "kind")), &kind));
    TL_TRY(tl_call_member_text(call, "comment", false, TL_EDIT_COMMENT_BYTES, &comment));
    TL_TRY(chosen_of(call, json_object_get(one, "body"), take, &chosen));
    TL_TRY(tl_json_line(call->ctx, take, &line));
    call->json = chosen; /* read as the body of a change */
    err = tl_form_read(call, kind, members, &form);
    call->json = request;
    TL_TRY(err);
    TL_TRY(tl_entry_check(call->ctx, project, kind, &form.given, false, &entry));
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(tl_fieldwork_decide(call->ctx, project, tl_call_integer(call, "id", 0), line, comment,
                               &who));
    TL_TRY(tl_edit_change(call->ctx, project, kind, json_string_value(json_object_get(one, "code")),
                          version, tl_entry_edit(entry), &who, &state));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(tl_api_edited(call, kind, &state, entry));
done:
    json_decref(chosen);
    tl_form_fini(&form);
    tl_entry_free(entry);
    tl_free(line);
    return err;
}

tl_err tl_api_conflict_decide(struct tl_call *call)
{
    static const char *const members[] = {"take", "comment", NULL};
    char version[TL_EDIT_VERSION_HEX];
    struct tl_project *project = NULL;
    json_t *one = NULL;
    bool answered = false, writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_api_seen_version(call, version, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_call_members(call, members));
    if (!json_is_object(json_object_get(call->json, "take")))
        TL_THROW(call->ctx, TL_EUSAGE, "take: expected \"field\" or \"register\" by column");
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(load_one(call, project, tl_call_integer(call, "id", 0), &one));
    TL_TRY(decide(call, project, one, version));
done:
    if (writing)
        tl_seat_end_write(call, project);
    json_decref(one);
    return err;
}
