/*
 * Victims as records. The box with what names a person is filled here with the project's public key, so whoever enters needs no secret. It belongs to the
 * victim's random number (uid), not to the row's id: a row that is copied, or written anew under a number that was free, does not get another's details.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "store/edit.h"
#include "store/victim.h"
#include "tilth/log.h"

enum { UID_HEX = 2 * TL_VAULT_ID_BYTES + 1, MEMBER_BYTES = 4000 };

static const struct {
    const char *name, *choices;
} columns[TL_VICTIM_COLUMNS] = {{"outcome", "killed|injured"},
                                {"sex", "female|male"},
                                {"age_group", "child|adult"},
                                {"activity", NULL},
                                {"tampering", "yes|no"}};

const char *tl_victim_column_name(enum tl_victim_column column)
{
    return (unsigned)column < TL_VICTIM_COLUMNS ? columns[column].name : "?";
}

const char *tl_victim_column_choices(enum tl_victim_column column)
{
    return (unsigned)column < TL_VICTIM_COLUMNS ? columns[column].choices : NULL;
}

const char *const *tl_victim_personal_names(void)
{
    static const char *const names[] = {"name", "born", "address", "contact", "remarks", NULL};
    return names;
}

void tl_victim_forget(char *json)
{
    tl_vault_forget(json);
}

/* Reading. */

static void copy_text(sqlite3_stmt *stmt, int column, char *to, size_t room)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    snprintf(to, room, "%s", text != NULL ? text : "");
}

static void read_row(sqlite3_stmt *stmt, struct tl_victim *victim)
{
    uint8_t sum[TL_STORE_ID_BYTES];
    const char *row = (const char *)sqlite3_column_text(stmt, 10);
    memset(victim, 0, sizeof *victim);
    victim->id = sqlite3_column_int64(stmt, 0);
    snprintf(victim->code, sizeof victim->code, "VI-%04lld", (long long)victim->id);
    copy_text(stmt, 1, victim->accident, sizeof victim->accident);
    for (int c = 0; c < TL_VICTIM_TAMPERING; c++)
        copy_text(stmt, 2 + c, victim->values[c], sizeof victim->values[c]);
    if (sqlite3_column_type(stmt, 6) != SQLITE_NULL)
        snprintf(victim->values[TL_VICTIM_TAMPERING], TL_VICTIM_TEXT_BYTES, "%s",
                 sqlite3_column_int(stmt, 6) != 0 ? "yes" : "no");
    victim->is_sealed = sqlite3_column_int(stmt, 7) != 0;
    copy_text(stmt, 8, victim->entered_by, sizeof victim->entered_by);
    copy_text(stmt, 9, victim->entered_at, sizeof victim->entered_at);
    tl_hash_id(row != NULL ? row : "", row != NULL ? (int64_t)strlen(row) : 0, sum);
    for (int i = 0; i < TL_STORE_ID_BYTES; i++)
        snprintf(victim->version + 2 * i, 3, "%02x", sum[i]);
}

static tl_err prepare_rows(struct tl_ctx *ctx, struct tl_project *project, const char *where,
                           sqlite3_stmt **stmt)
{
    struct tl_buf logged = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_schema_log_columns(ctx, project->db, "victim", "v", &logged));
    TL_TRY(tl_sql_preparef(
        ctx, project->db, stmt,
        "SELECT v.id, a.code, v.outcome, v.sex, v.age_group, v.activity, v.tampering, v.sealed "
        "NOT NULL, v.entered_by, v.entered_at, json_patch('{}', json_object(%s)) FROM victim v "
        "LEFT JOIN accident a ON a.id = v.accident_id WHERE %s",
        logged.text, where));
done:
    tl_buf_fini(&logged);
    return err;
}

static tl_err accident_id(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                          int64_t *id, int64_t *n)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id, (SELECT count(*) FROM victim WHERE accident_id = "
                          "accident.id) FROM accident WHERE code = ?1",
                          &stmt));
    tl_sql_bind_text(stmt, 1, code);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no accident \"%.63s\"", code);
    *id = sqlite3_column_int64(stmt, 0);
    *n = sqlite3_column_int64(stmt, 1);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_victim_list(struct tl_ctx *ctx, struct tl_project *project, const char *accident,
                      struct tl_victim **list, int64_t *n)
{
    struct tl_victim *made = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t id = 0, room = 0, found = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(accident_id(ctx, project, accident, &id, &room));
    TL_TRY_ALLOC(ctx, made, room > 0 ? room : 1);
    TL_TRY(prepare_rows(ctx, project, "v.accident_id = ?1 ORDER BY v.id LIMIT ?2", &stmt));
    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_int64(stmt, 2, room);
    for (;; found++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        read_row(stmt, &made[found]);
    }
    *list = made;
    *n = found;
    made = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    return err;
}

/* "VI-0001" is number 1; 0 = no such code. */
static int64_t id_of(const char *code)
{
    char *end = NULL;
    if (strncmp(code, "VI-", 3) != 0 || code[3] < '0' || code[3] > '9' || strlen(code) > 20)
        return 0;
    long long id = strtoll(code + 3, &end, 10);
    return *end == '\0' && id > 0 ? (int64_t)id : 0;
}

tl_err tl_victim_get(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                     struct tl_victim *victim)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(prepare_rows(ctx, project, "v.id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, id_of(code));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no victim \"%.31s\"", code);
    read_row(stmt, victim);
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Checking what is to be written. No message holds a personal detail. */

static bool is_choice(const char *value, const char *choices)
{
    size_t n = strlen(value);
    for (const char *at = choices; *at != '\0';) {
        size_t length = strcspn(at, "|");
        if (length == n && memcmp(at, value, n) == 0)
            return true;
        at += length + (at[length] == '|');
    }
    return false;
}

static tl_err check_columns(struct tl_ctx *ctx, const struct tl_victim_values *values)
{
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++) {
        const char *value = values->sets[c] ? values->values[c] : NULL;
        if (value == NULL)
            continue;
        if (columns[c].choices != NULL && !is_choice(value, columns[c].choices))
            return tl_fail(ctx, TL_EDATA, "%s: \"%.40s\" is not valid, expected %s",
                           columns[c].name, value, columns[c].choices);
        if (strlen(value) >= TL_VICTIM_TEXT_BYTES ||
            !tl_text_is_utf8(value, (int64_t)strlen(value)))
            return tl_fail(ctx, TL_EDATA, "%s: expected at most %d bytes of UTF-8", columns[c].name,
                           TL_VICTIM_TEXT_BYTES - 1);
    }
    return TL_OK;
}

/* 1990, 1990-07 or 1990-07-14. */
static bool is_date(const char *text)
{
    size_t n = strlen(text);
    if (!tl_text_is_date(text))
        return false;
    int month = n > 4 ? atoi(text + 5) : 1, day = n > 7 ? atoi(text + 8) : 1;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* What is filled in, in the order of the names; *text is NULL where nothing is. */
static tl_err read_personal(struct tl_ctx *ctx, const char *personal, char **text)
{
    const char *const *names = tl_victim_personal_names();
    json_t *given = NULL, *kept = json_object(), *value;
    const char *name;
    tl_err err = TL_OK;
    if (strlen(personal) > TL_VICTIM_PERSONAL_BYTES)
        TL_THROW(ctx, TL_EDATA, "personal: more than %d bytes", TL_VICTIM_PERSONAL_BYTES);
    given = json_loads(personal, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(given))
        TL_THROW(ctx, TL_EDATA, "personal: expected an object of texts");
    json_object_foreach(given, name, value)
    {
        int i = 0;
        while (names[i] != NULL && strcmp(names[i], name) != 0)
            i++;
        if (names[i] == NULL)
            TL_THROW(ctx, TL_EDATA,
                     "personal: expected name, born, address, contact and remarks only");
        if (!json_is_null(value) &&
            (!json_is_string(value) || json_string_length(value) > MEMBER_BYTES))
            TL_THROW(ctx, TL_EDATA, "personal.%s: expected a text of at most %d bytes", names[i],
                     MEMBER_BYTES);
    }
    for (int i = 0; names[i] != NULL; i++) {
        const char *said = json_string_value(json_object_get(given, names[i]));
        if (said == NULL || said[0] == '\0')
            continue;
        if (strcmp(names[i], "born") == 0 && !is_date(said))
            TL_THROW(ctx, TL_EDATA,
                     "personal.born: expected a date such as 1990, 1990-07 or 1990-07-14");
        json_object_set(kept, names[i], json_object_get(given, names[i]));
    }
    if (json_object_size(kept) == 0)
        goto done;
    TL_TRY(tl_json_line(ctx, kept, text));
    (*text)[strcspn(*text, "\n")] = '\0'; /* JSON has none inside */
done:
    json_decref(given);
    json_decref(kept);
    return err;
}

/* A key that this place does not know may be somebody's who wants to read what is entered from now on. */
static tl_err check_known(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_victim_key_row *row)
{
    struct tl_keyring ring;
    int n_all = 0;
    tl_err err = tl_keyring_open(ctx, project->path, false, &ring);
    if (err != TL_OK)
        return err;
    int n = tl_keyring_count(&ring, row->public_key, &n_all);
    tl_keyring_close(&ring);
    return n > 0 || n_all == 0
               ? TL_OK
               : tl_fail(ctx, TL_EINTEGRITY,
                         "the project's key for personal details is not the one that is known "
                         "here: nothing was sealed; tilth victims says who is named");
}

/* The box for a place; all NULL where there is nothing to seal. */
struct sealed {
    uint8_t *box; /* owns */
    int64_t n_bytes;
    char hash[TL_HASH_HEX];
};

static tl_err seal(struct tl_ctx *ctx, struct tl_project *project, const char *text,
                   const struct tl_vault_place *place, struct sealed *sealed)
{
    struct tl_victim_key_row row;
    tl_err err = TL_OK;
    if (text == NULL)
        return TL_OK;
    TL_TRY(tl_victim_key_read(ctx, project, &row));
    if (!row.is_there)
        TL_THROW(ctx, TL_ECONFLICT,
                 "the project has no key for personal details yet: tilth victims PROJECT init");
    TL_TRY(check_known(ctx, project, &row));
    TL_TRY(tl_vault_seal(ctx, row.public_key, place, text, &sealed->box, &sealed->n_bytes));
    tl_hash_of(sealed->box, sealed->n_bytes, sealed->hash);
done:
    return err;
}

static tl_err ready(struct tl_ctx *ctx, struct tl_project *project, const struct tl_edit_who *who)
{
    tl_err err = TL_OK;
    if (!tl_edit_role_writes(who->role))
        TL_THROW(ctx, TL_EDENIED, "the role '%.60s' may not enter victims", who->role);
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_exec(ctx, project->db, "PRAGMA secure_delete = ON"));
done:
    return err;
}

static void bind_column(sqlite3_stmt *stmt, int at, int column, const char *value)
{
    if (column == TL_VICTIM_TAMPERING && value != NULL)
        sqlite3_bind_int(stmt, at, strcmp(value, "yes") == 0);
    else
        tl_sql_bind_text(stmt, at, value);
}

static tl_err insert(struct tl_ctx *ctx, struct tl_project *project, int64_t accident,
                     const struct tl_victim_values *values, const char *uid,
                     const struct sealed *sealed)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO victim (accident_id, outcome, sex, age_group, activity, "
                          "tampering, uid, sealed, sealed_hash, sealed_version, record_status, "
                          "source, entered_by, entered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                          "?8, ?9, ?10, 'draft', 'entered by hand', ?11, ?12)",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, accident);
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++)
        bind_column(stmt, 2 + c, c, values->sets[c] ? values->values[c] : NULL);
    tl_sql_bind_text(stmt, 7, uid);
    if (sealed->box != NULL) {
        tl_sql_bind_blob(stmt, 8, sealed->box, sealed->n_bytes);
        tl_sql_bind_text(stmt, 9, sealed->hash);
        sqlite3_bind_int64(stmt, 10, 1);
    }
    tl_sql_bind_text(stmt, 11, project->actor);
    tl_sql_bind_text(stmt, 12, project->at);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

static void new_uid(char uid[UID_HEX], uint8_t id[TL_VAULT_ID_BYTES])
{
    char secret[TL_SECRET_HEX];
    tl_secret_make(secret);
    snprintf(uid, UID_HEX, "%.*s", UID_HEX - 1, secret);
    (void)tl_vault_unhex(uid, id, TL_VAULT_ID_BYTES);
}

tl_err tl_victim_add(struct tl_ctx *ctx, struct tl_project *project, const char *accident,
                     const struct tl_victim_values *values, const struct tl_edit_who *who,
                     struct tl_victim *victim)
{
    struct tl_vault_place place = {.version = 1};
    struct sealed sealed = {0};
    char uid[UID_HEX], code[32], *text = NULL;
    int64_t id = 0, n = 0;
    tl_err err = TL_OK;
    TL_TRY(ready(ctx, project, who));
    TL_TRY(check_columns(ctx, values));
    TL_TRY(accident_id(ctx, project, accident, &id, &n));
    if (n >= TL_VICTIM_PER_ACCIDENT)
        TL_THROW(ctx, TL_EDATA, "%s has %lld victims; expected at most %d", accident, (long long)n,
                 TL_VICTIM_PER_ACCIDENT);
    if (values->sets_personal && values->personal != NULL)
        TL_TRY(read_personal(ctx, values->personal, &text));
    new_uid(uid, place.id);
    TL_TRY(seal(ctx, project, text, &place, &sealed));
    TL_TRY(insert(ctx, project, id, values, uid, &sealed));
    snprintf(code, sizeof code, "VI-%lld", (long long)sqlite3_last_insert_rowid(project->db));
    TL_TRY(tl_victim_get(ctx, project, code, victim));
done:
    tl_vault_forget(text);
    tl_free(sealed.box);
    return err;
}

/* Who changed it meanwhile, from the log's end. */
static tl_err check_version(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_victim *now, const char *version)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    if (strcmp(now->version, version) == 0)
        return TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT actor, at FROM log WHERE id > (SELECT max(id) FROM log) - %d "
                           "AND table_name = 'victim' AND record_id = %lld ORDER BY id DESC LIMIT "
                           "1",
                           TL_LOG_LOOK_BACK, (long long)now->id));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    TL_THROW(ctx, TL_ECONFLICT,
             "%s was changed meanwhile by %s at %s: look at it as it is now; nothing of yours was "
             "written",
             now->code, row ? (const char *)sqlite3_column_text(stmt, 0) : now->entered_by,
             row ? (const char *)sqlite3_column_text(stmt, 1) : now->entered_at);
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Columns that differ from what is there. */
static bool columns_differ(const struct tl_victim *now, const struct tl_victim_values *values)
{
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++)
        if (values->sets[c] &&
            strcmp(now->values[c], values->values[c] != NULL ? values->values[c] : "") != 0)
            return true;
    return false;
}

static tl_err update_columns(struct tl_ctx *ctx, struct tl_project *project,
                             const struct tl_victim *now, const struct tl_victim_values *values)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "UPDATE victim SET outcome = ?2, sex = ?3, age_group = ?4, activity = "
                          "?5, tampering = ?6, entered_by = ?7, entered_at = ?8 WHERE id = ?1",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, now->id);
    for (int c = 0; c < TL_VICTIM_COLUMNS; c++) {
        const char *kept = now->values[c][0] != '\0' ? now->values[c] : NULL;
        bind_column(stmt, 2 + c, c, values->sets[c] ? values->values[c] : kept);
    }
    tl_sql_bind_text(stmt, 7, project->actor);
    tl_sql_bind_text(stmt, 8, project->at);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Number and version of a victim's box; a victim of an older file or of QGIS gets its number now. */
static tl_err place_of(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                       char uid[UID_HEX], struct tl_vault_place *place)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT uid, COALESCE(sealed_version, 0) FROM victim WHERE id = ?1",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, id);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    const char *kept = row ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    place->version = row ? sqlite3_column_int64(stmt, 1) : 0;
    if (kept == NULL)
        new_uid(uid, place->id);
    else if (tl_vault_unhex(kept, place->id, TL_VAULT_ID_BYTES))
        snprintf(uid, UID_HEX, "%s", kept);
    else
        TL_THROW(ctx, TL_EINTEGRITY, "VI-%04lld has a number that is none", (long long)id);
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err update_box(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                         const char *text)
{
    struct tl_vault_place place;
    struct sealed sealed = {0};
    sqlite3_stmt *stmt = NULL;
    char uid[UID_HEX];
    tl_err err = TL_OK;
    TL_TRY(place_of(ctx, project, id, uid, &place));
    place.version++;
    TL_TRY(seal(ctx, project, text, &place, &sealed));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "UPDATE victim SET uid = ?2, sealed = ?3, sealed_hash = ?4, "
                          "sealed_version = ?5, entered_by = ?6, entered_at = ?7 WHERE id = ?1",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, id);
    tl_sql_bind_text(stmt, 2, uid);
    tl_sql_bind_blob(stmt, 3, sealed.box, sealed.n_bytes);
    tl_sql_bind_text(stmt, 4, sealed.box != NULL ? sealed.hash : NULL);
    sqlite3_bind_int64(stmt, 5, place.version);
    tl_sql_bind_text(stmt, 6, project->actor);
    tl_sql_bind_text(stmt, 7, project->at);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    tl_free(sealed.box);
    return err;
}

tl_err tl_victim_change(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                        const char *version, const struct tl_victim_values *values,
                        const struct tl_edit_who *who, const struct tl_vault_key *key,
                        struct tl_victim *victim)
{
    struct tl_victim now;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(ready(ctx, project, who));
    TL_TRY(tl_victim_get(ctx, project, code, &now));
    TL_TRY(check_version(ctx, project, &now, version));
    TL_TRY(check_columns(ctx, values));
    if (values->sets_personal && values->personal != NULL)
        TL_TRY(read_personal(ctx, values->personal, &text));
    if (values->sets_personal && now.is_sealed && key == NULL)
        TL_THROW(ctx, TL_EDENIED,
                 "%s has personal details already: only a person who is named for them, and has "
                 "opened them, may replace them",
                 now.code);
    if (columns_differ(&now, values))
        TL_TRY(update_columns(ctx, project, &now, values));
    if (values->sets_personal && (text != NULL || now.is_sealed))
        TL_TRY(update_box(ctx, project, now.id, text));
    TL_TRY(tl_victim_get(ctx, project, code, victim));
done:
    tl_vault_forget(text);
    return err;
}

tl_err tl_victim_open(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_vault_key *key, const char *code, char **json)
{
    struct tl_vault_place place = {.version = 0};
    sqlite3_stmt *stmt = NULL;
    char *text = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT uid, sealed_version, sealed FROM victim WHERE id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, id_of(code));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no victim \"%.31s\"", code);
    if (sqlite3_column_type(stmt, 2) != SQLITE_NULL) {
        place.version = sqlite3_column_int64(stmt, 1);
        if (!tl_vault_unhex((const char *)sqlite3_column_text(stmt, 0), place.id, sizeof place.id))
            TL_THROW(ctx, TL_EINTEGRITY, "%s has details that belong to nobody", code);
        err = tl_vault_open(ctx, key, &place, sqlite3_column_blob(stmt, 2),
                            sqlite3_column_bytes(stmt, 2), &text);
        if (err != TL_OK)
            TL_TRY(tl_fail_at(ctx, err, "%s", code));
    }
    *json = text;
done:
    sqlite3_finalize(stmt);
    return err;
}
