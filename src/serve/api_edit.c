/* Entering and changing records, and their way from draft to approved. Who changes a record says which version they saw: If-Match with the ETag of GET. */
#include <string.h>

#include "serve/api.h"
#include "serve/form.h"
#include "serve/lang.h"
#include "serve/record.h"

enum { QUEUE_LIMIT = 100 };

static const char *const members[] = {"id",      "columns",    "geometry",      "position",
                                      "remarks", "accuracy_m", "outside_is_ok", NULL};

struct tl_edit_who tl_api_who(const struct tl_call *call)
{
    return (struct tl_edit_who){.person = call->person.name,
                                .role = tl_account_role_name(call->person.role),
                                .alone = call->person.is_local};
}

json_t *tl_api_may(const struct tl_edit_state *state)
{
    json_t *may = json_array();
    for (int act = 0; act < TL_EDIT_ACTS; act++)
        if (state->may[act])
            json_array_append_new(may, json_string(tl_edit_act_name((enum tl_edit_act)act)));
    return may;
}

/* The version that was seen, without its quotes; *answered when there is none. */
tl_err tl_api_seen_version(struct tl_call *call, char version[TL_EDIT_VERSION_HEX], bool *answered)
{
    const char *given = call->if_match;
    size_t n = strlen(given);
    *answered = false;
    if (n == 0) {
        tl_call_fail(call, TL_EUSAGE, 428,
                     "say which version you saw: If-Match with the ETag of the record");
        *answered = true;
        return TL_OK;
    }
    if (n != TL_EDIT_VERSION_HEX + 1 || given[0] != '"' || given[n - 1] != '"')
        return tl_fail(call->ctx, TL_EUSAGE, "If-Match: expected the ETag of the record");
    memcpy(version, given + 1, TL_EDIT_VERSION_HEX - 1);
    version[TL_EDIT_VERSION_HEX - 1] = '\0';
    return TL_OK;
}

tl_err tl_api_edited(struct tl_call *call, enum tl_kind kind, const struct tl_edit_state *state,
                     const struct tl_entry *entry)
{
    json_t *doubts = json_array();
    const char *reason = NULL;
    tl_err err = TL_OK;
    for (int i = 0; entry != NULL && i < tl_entry_n_doubts(entry); i++) {
        const char *message = tl_entry_doubt(entry, i, &reason);
        json_array_append_new(doubts,
                              json_pack("{s:s, s:s}", "reason", reason, "message", message));
    }
    TL_TRY(tl_lang_json(call, doubts));
    TL_TRY(tl_call_header(call, "ETag", "\"%s\"", state->version));
    if (state->is_new)
        TL_TRY(tl_call_header(call, "Location", "/api/1/records/%s/%s", tl_kind_info(kind)->name,
                              state->code));
    TL_TRY(tl_call_json(call, state->is_new ? 201 : 200,
                        json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:O}", "schema",
                                  "tilth.edited/1", "kind", tl_kind_info(kind)->name, "code",
                                  state->code, "version", state->version, "record_status",
                                  state->status, "is_new", state->is_new, "may", tl_api_may(state),
                                  "doubts", doubts)));
done:
    json_decref(doubts);
    return err;
}

/* Creates where `version` is NULL, else changes; everything in one transaction. */
static tl_err write_form(struct tl_call *call, enum tl_kind kind, const struct tl_form *form,
                         const char *version)
{
    const struct tl_edit_who who = tl_api_who(call);
    struct tl_project *project = NULL;
    struct tl_entry *entry = NULL;
    struct tl_edit_state state;
    bool writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_entry_check(call->ctx, project, kind, &form->given, version == NULL, &entry));
    TL_TRY(tl_project_begin(call->ctx, project));
    if (version == NULL)
        TL_TRY(tl_edit_create(call->ctx, project, kind, tl_entry_edit(entry), &who, &state));
    else
        TL_TRY(tl_edit_change(call->ctx, project, kind, tl_call_text(call, "code"), version,
                              tl_entry_edit(entry), &who, &state));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(tl_api_edited(call, kind, &state, entry));
done:
    if (writing)
        tl_seat_end_write(call, project);
    tl_entry_free(entry);
    return err;
}

tl_err tl_api_record_create(struct tl_call *call)
{
    struct tl_form form = {0};
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_form_read(call, kind, members, &form));
    TL_TRY(write_form(call, kind, &form, NULL));
done:
    tl_form_fini(&form);
    return err;
}

tl_err tl_api_record_change(struct tl_call *call)
{
    struct tl_form form = {0};
    char version[TL_EDIT_VERSION_HEX];
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_api_seen_version(call, version, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_form_read(call, kind, members, &form));
    if (form.given.id != NULL)
        TL_THROW(call->ctx, TL_EUSAGE, "id: a record keeps the one it was entered with");
    TL_TRY(write_form(call, kind, &form, version));
done:
    tl_form_fini(&form);
    return err;
}

static tl_err step(struct tl_call *call, enum tl_edit_act act)
{
    static const char *const step_members[] = {"comment", NULL};
    const struct tl_edit_who who = tl_api_who(call);
    struct tl_edit_step wanted = {.act = act};
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    char version[TL_EDIT_VERSION_HEX];
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    bool answered = false, writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_api_seen_version(call, version, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_call_members(call, step_members));
    TL_TRY(tl_call_member_text(call, "comment", act == TL_EDIT_RETURN, TL_EDIT_COMMENT_BYTES,
                               &wanted.comment));
    wanted.version = version;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(
        tl_edit_step(call->ctx, project, kind, tl_call_text(call, "code"), &wanted, &who, &state));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(tl_api_edited(call, kind, &state, NULL));
done:
    if (writing)
        tl_seat_end_write(call, project);
    return err;
}

tl_err tl_api_record_submit(struct tl_call *call)
{
    return step(call, TL_EDIT_SUBMIT);
}

tl_err tl_api_record_approve(struct tl_call *call)
{
    return step(call, TL_EDIT_APPROVE);
}

tl_err tl_api_record_return(struct tl_call *call)
{
    return step(call, TL_EDIT_RETURN);
}

tl_err tl_api_queue(struct tl_call *call)
{
    const char *status = tl_call_text(call, "status");
    struct tl_project *project = NULL;
    char *text = NULL;
    int64_t total = 0, offset = tl_call_integer(call, "offset", 0);
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_edit_queue(call->ctx, project, status != NULL ? status : "submitted",
                         tl_call_integer(call, "limit", QUEUE_LIMIT), offset, &text, &total));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:I, s:I, s:o}", "schema", "tilth.queue/1", "total",
                                  (json_int_t)total, "offset", (json_int_t)offset, "records",
                                  json_loads(text, 0, NULL))));
done:
    tl_free(text);
    return err;
}
