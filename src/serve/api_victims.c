/*
 * Victims of an accident. What names them is opened with the asker's own key only, which their password has opened for this session (opened.c). Each look at
 * and each change of personal details is in the log of reads before anything goes out; replies with details are wiped after they are sent.
 */
#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "serve/api.h"
#include "serve/limit.h"
#include "serve/opened.h"
#include "serve/reads.h"

/* What the asker may: whether they are named, and their key where they have opened it (then `opened` is locked). */
struct access {
    bool has_key, is_named, is_open;
    const struct tl_vault_key *key;
};

/* Somebody who was taken off, or a key that was rotated, ends what was opened. Always to be ended by done_with. */
static tl_err look(struct tl_call *call, struct tl_project *project, struct access *access)
{
    struct tl_opened *opened = call->serve->opened;
    char name[TL_ACCOUNT_NAME_BYTES] = "";
    bool fits = false, named = false;
    tl_err err = TL_OK;
    memset(access, 0, sizeof *access);
    const struct tl_vault_key *key =
        tl_opened_take(opened, call->person.session, tl_clock_s(), name);
    access->is_open = true; /* held */
    TL_TRY(tl_victim_has_key(call->ctx, project, &access->has_key));
    if (call->person.is_local)
        access->is_named = access->has_key;
    else
        TL_TRY(tl_victim_is_named(call->ctx, project, call->person.name, &access->is_named));
    if (key == NULL)
        goto done;
    TL_TRY(tl_victim_key_fits(call->ctx, project, key, &fits));
    TL_TRY(tl_victim_is_named(call->ctx, project, name, &named));
    if (fits && named)
        access->key = key;
done:
    return err;
}

static void done_with(struct tl_call *call, struct access *access)
{
    bool stale = access->is_open && access->key == NULL;
    if (access->is_open)
        tl_opened_give(call->serve->opened);
    if (stale)
        tl_opened_close(call->serve->opened, call->person.session);
    access->is_open = false;
    access->key = NULL;
}

static json_t *victim_json(const struct tl_victim *victim)
{
    json_t *json = json_pack("{s:s, s:s}", "code", victim->code, "version", victim->version);
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++)
        json_object_set_new(json, tl_victim_column_name((enum tl_victim_column)c),
                            victim->values[c][0] != '\0' ? json_string(victim->values[c])
                                                         : json_null());
    json_object_set_new(json, "entered_by", json_string(victim->entered_by));
    json_object_set_new(json, "entered_at", json_string(victim->entered_at));
    json_object_set_new(json, "sealed", json_boolean(victim->is_sealed));
    json_object_set_new(json, "personal", json_null());
    return json;
}

/* Opens one; what does not open is said to be damaged and does not hide the others. */
static tl_err add_personal(struct tl_call *call, struct tl_project *project,
                           const struct tl_vault_key *key, const struct tl_victim *victim,
                           json_t *row)
{
    char *text = NULL;
    tl_err err = TL_OK;
    if (!victim->is_sealed)
        return TL_OK;
    TL_TRY(tl_reads_note(call, "personal details", "victim", victim->code, 1));
    err = tl_victim_open(call->ctx, project, key, victim->code, &text);
    if (err == TL_OK && text != NULL)
        json_object_set_new(row, "personal", json_loads(text, 0, NULL));
    if (err == TL_EINTEGRITY) {
        json_object_set_new(row, "damaged", json_true());
        err = TL_OK;
    }
done:
    tl_victim_forget(text);
    return err;
}

static void wipe_reply(void *hold)
{
    tl_victim_forget(hold);
}

/* The reply's own memory is wiped when it has been sent. */
static tl_err answer_wiped(struct tl_call *call, json_t *json)
{
    char *text = NULL;
    if (json == NULL)
        return tl_fail(call->ctx, TL_ENOMEM, "no memory for JSON");
    tl_err err = tl_json_line(call->ctx, json, &text);
    json_decref(json);
    if (err != TL_OK)
        return err;
    tl_call_bytes(call, 200, "application/json", text, (int64_t)strlen(text));
    call->reply.release = wipe_reply;
    call->reply.hold = text;
    return TL_OK;
}

tl_err tl_api_victims(struct tl_call *call)
{
    const char *accident = tl_call_text(call, "code"), *wants = tl_call_text(call, "personal");
    bool personal = wants != NULL && strcmp(wants, "yes") == 0;
    struct tl_project *project = NULL;
    struct access access = {.is_open = false};
    struct tl_victim *list = NULL;
    json_t *rows = json_array();
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(look(call, project, &access));
    if (personal && access.key == NULL)
        TL_THROW(call->ctx, TL_EDENIED,
                 access.is_named
                     ? TL_CATALOGUE_MARK("open the personal details first, with your password")
                     : TL_CATALOGUE_MARK("you are not named for personal details; a person who is "
                                         "can name you"));
    TL_TRY(tl_victim_list(call->ctx, project, accident, &list, &n));
    TL_TRY(tl_reads_note(call, "victims", "accident", accident, n));
    for (int64_t i = 0; i < n; i++) {
        json_array_append_new(rows, victim_json(&list[i]));
        if (personal)
            TL_TRY(
                add_personal(call, project, access.key, &list[i], json_array_get(rows, (size_t)i)));
    }
    TL_TRY(answer_wiped(call, json_pack("{s:s, s:s, s:b, s:b, s:b, s:b, s:O}", "schema",
                                        "tilth.victims/1", "accident", accident, "has_key",
                                        access.has_key, "may_read", access.is_named, "opened",
                                        access.key != NULL, "may_write", true, "victims", rows)));
done:
    done_with(call, &access);
    json_decref(rows);
    tl_free(list);
    return err;
}

/* The body: columns, and personal details as text for the store, which checks them. */
static tl_err read_values(struct tl_call *call, struct tl_victim_values *values, char **personal)
{
    static const char *const members[] = {"outcome",   "sex",      "age_group", "activity",
                                          "tampering", "personal", NULL};
    json_t *details = json_object_get(call->json, "personal");
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++) {
        const char *name = tl_victim_column_name((enum tl_victim_column)c);
        values->sets[c] = json_object_get(call->json, name) != NULL;
        TL_TRY(
            tl_call_member_text(call, name, false, TL_VICTIM_TEXT_BYTES - 1, &values->values[c]));
    }
    if (details == NULL)
        goto done;
    if (!json_is_object(details) && !json_is_null(details))
        TL_THROW(call->ctx, TL_EUSAGE, "personal: expected an object of texts, or null");
    values->sets_personal = true;
    if (json_is_object(details))
        TL_TRY(tl_json_line(call->ctx, details, personal));
    values->personal = *personal;
done:
    return err;
}

static tl_err answer_one(struct tl_call *call, int status, const struct tl_victim *victim)
{
    json_t *json = victim_json(victim);
    tl_err err = TL_OK;
    json_object_set_new(json, "schema", json_string("tilth.victim/1"));
    json_object_set_new(json, "accident", json_string(victim->accident));
    TL_TRY(tl_call_header(call, "ETag", "\"%s\"", victim->version));
    if (status == 201)
        TL_TRY(tl_call_header(call, "Location", "/api/1/accidents/%s/victims", victim->accident));
    TL_TRY(tl_call_json(call, status, json_incref(json)));
done:
    json_decref(json);
    return err;
}

/* Adds to an accident where `version` is NULL, else changes. */
static tl_err write_values(struct tl_call *call, const struct tl_victim_values *values,
                           const char *version)
{
    const char *code = tl_call_text(call, "code");
    const struct tl_edit_who who = tl_api_who(call);
    struct tl_project *project = NULL;
    struct access access = {.is_open = false};
    struct tl_victim victim;
    bool writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(look(call, project, &access));
    TL_TRY(tl_project_begin(call->ctx, project));
    if (version == NULL)
        TL_TRY(tl_victim_add(call->ctx, project, code, values, &who, &victim));
    else
        TL_TRY(
            tl_victim_change(call->ctx, project, code, version, values, &who, access.key, &victim));
    TL_TRY(tl_reads_note(
        call, values->sets_personal ? "change of personal details" : "change of a victim", "victim",
        victim.code, 1));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(answer_one(call, version == NULL ? 201 : 200, &victim));
done:
    done_with(call, &access);
    if (writing)
        tl_seat_end_write(call, project);
    return err;
}

tl_err tl_api_victim_add(struct tl_call *call)
{
    struct tl_victim_values values = {0};
    char *personal = NULL;
    tl_err err = read_values(call, &values, &personal);
    if (err == TL_OK)
        err = write_values(call, &values, NULL);
    tl_victim_forget(personal);
    return err;
}

tl_err tl_api_victim_change(struct tl_call *call)
{
    struct tl_victim_values values = {0};
    char version[TL_EDIT_VERSION_HEX], *personal = NULL;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(tl_api_seen_version(call, version, &answered));
    if (answered)
        goto done;
    TL_TRY(read_values(call, &values, &personal));
    TL_TRY(write_values(call, &values, version));
done:
    tl_victim_forget(personal);
    return err;
}

static tl_err answer_opened(struct tl_call *call, bool opened)
{
    return tl_call_json(call, 200,
                        json_pack("{s:s, s:b}", "schema", "tilth.victims-key/1", "opened", opened));
}

/* A guess costs a try, as at a log-in. */
static bool may_try(struct tl_call *call, const char *name, double *wait_s)
{
    char key[TL_ACCOUNT_NAME_BYTES + 32];
    snprintf(key, sizeof key, "victims %s", name);
    return tl_limit_take(call->serve->limit, key, tl_clock_s(), wait_s);
}

static void forgive(struct tl_call *call, const char *name)
{
    char key[TL_ACCOUNT_NAME_BYTES + 32];
    snprintf(key, sizeof key, "victims %s", name);
    tl_limit_forgive(call->serve->limit, key);
}

/* Whoever is logged in opens with their own name only; the one local person says whose password it is. */
static tl_err opener_of(struct tl_call *call, struct tl_victim_opener *opener)
{
    static const char *const members[] = {"password", "name", NULL};
    const char *name = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "password", true, TL_VICTIM_PASSWORD_MAX, &opener->secret));
    TL_TRY(
        tl_call_member_text(call, "name", call->person.is_local, TL_VICTIM_NAME_BYTES - 1, &name));
    if (name != NULL && !call->person.is_local && strcmp(name, call->person.name) != 0)
        TL_THROW(call->ctx, TL_EDENIED, "each person opens personal details in their own name");
    opener->name = call->person.is_local ? name : call->person.name;
done:
    return err;
}

tl_err tl_api_victims_open(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_victim_opener opener = {NULL, NULL};
    struct tl_vault_key *key = NULL;
    double wait_s = 0;
    tl_err err = TL_OK;
    TL_TRY(opener_of(call, &opener));
    if (!may_try(call, opener.name, &wait_s)) {
        TL_TRY(tl_call_header(call, "Retry-After", "%d", (int)wait_s + 1));
        tl_call_fail(call, TL_EDENIED, 429, "too many tries; wait a minute");
        goto done;
    }
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_victim_unlock(call->ctx, project, &opener, &key));
    forgive(call, opener.name);
    TL_TRY(tl_reads_note(call, "key of personal details", "victim", "", 0));
    tl_opened_put(call->serve->opened, call->person.session, opener.name, key, tl_clock_s());
    key = NULL;
    TL_TRY(answer_opened(call, true));
done:
    tl_victim_lock(key);
    return err;
}

tl_err tl_api_victims_close(struct tl_call *call)
{
    tl_opened_close(call->serve->opened, call->person.session);
    return answer_opened(call, false);
}
