/* Evidence that comes into released areas after the decision: findings that stay until a person answers them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/catalogue.h"
#include "store/decision.h"

/* A released area and what was known when it was. */
struct released {
    struct tl_project *project;
    int64_t decision;
    const char *at, *area, *product;   /* borrows */
    int64_t *known[TL_DECISION_KINDS]; /* owns, each: ids, ascending */
    int64_t n_known[TL_DECISION_KINDS];
    int of; /* of tl_decision_kinds, as is `kind` */
    enum tl_kind kind;
    sqlite3_stmt *insert; /* borrows */
    int64_t n_raised;
};

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static bool is_known(const struct released *r, int64_t id)
{
    return r->n_known[r->of] > 0 &&
           bsearch(&id, r->known[r->of], (size_t)r->n_known[r->of], sizeof id, compare) != NULL;
}

static void forget(struct released *r)
{
    for (int k = 0; k < TL_DECISION_KINDS; k++) {
        tl_free(r->known[k]);
        r->known[k] = NULL;
        r->n_known[k] = 0;
    }
}

static tl_err read_known(struct tl_ctx *ctx, const char *text, struct released *r)
{
    tl_err err = TL_OK;
    json_t *known = text != NULL ? json_loads(text, 0, NULL) : NULL, *entry;
    size_t at;
    for (int k = 0; k < TL_DECISION_KINDS; k++) {
        const json_t *ids = json_object_get(known, tl_kind_info(tl_decision_kinds[k])->table);
        TL_TRY_ALLOC(ctx, r->known[k], (int64_t)json_array_size(ids));
        json_array_foreach(ids, at, entry) r->known[k][r->n_known[k]++] = json_integer_value(entry);
        if (r->n_known[k] > 1)
            qsort(r->known[k], (size_t)r->n_known[k], sizeof *r->known[k], compare);
    }
done:
    json_decref(known);
    return err;
}

static tl_err raise_one(struct tl_ctx *ctx, void *user, const struct tl_cursor *record)
{
    struct released *r = user;
    const char *date = tl_cursor_text(record, tl_kind_column(r->kind, "date"));
    const char *category = tl_cursor_text(record, tl_kind_column(r->kind, "category"));
    struct tl_buf message = {0};
    tl_err err = TL_OK;
    if (is_known(r, tl_cursor_id(record)))
        return TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, &message,
        TL_CATALOGUE_MARK(
            "%s %s%s%s%s%s%s lies in %s, which was released as %s on %.10s; it was not "
            "known then"),
        tl_kind_info(r->kind)->name, tl_cursor_code(record), date != NULL ? " of " : "",
        date != NULL ? date : "", category != NULL ? " (" : "", category != NULL ? category : "",
        category != NULL ? ")" : "", r->area, r->product, r->at));
    sqlite3_bind_int64(r->insert, 1, r->decision);
    tl_sql_bind_text(r->insert, 2, r->area);
    tl_sql_bind_text(r->insert, 3, tl_kind_info(r->kind)->name);
    sqlite3_bind_int64(r->insert, 4, tl_cursor_id(record));
    tl_sql_bind_text(r->insert, 5, tl_cursor_code(record));
    tl_sql_bind_text(r->insert, 6, message.text);
    tl_sql_bind_text(r->insert, 7, r->project->at);
    TL_TRY(tl_sql_run(ctx, r->insert));
    r->n_raised += sqlite3_changes(r->project->db);
done:
    tl_buf_fini(&message);
    return err;
}

/* The latest decision on each area that is still released. */
static const char released_areas[] =
    "SELECT d.id, d.at, d.area_code, d.product, d.known, l.geom FROM decision d JOIN land_release "
    "l ON l.id = d.land_release_id JOIN hazard_area h ON h.id = d.hazard_area_id WHERE d.id IN "
    "(SELECT max(id) FROM decision GROUP BY hazard_area_id) AND h.status IN ('cancelled', "
    "'reduced', 'cleared', 'closed', 'handed over') ORDER BY d.id";

static tl_err watch_one(struct tl_ctx *ctx, struct released *r, sqlite3_stmt *stmt)
{
    const char *known = (const char *)sqlite3_column_text(stmt, 4);
    tl_err err = read_known(ctx, known, r);
    r->decision = sqlite3_column_int64(stmt, 0);
    r->at = (const char *)sqlite3_column_text(stmt, 1);
    r->area = (const char *)sqlite3_column_text(stmt, 2);
    r->product = (const char *)sqlite3_column_text(stmt, 3);
    for (int k = 0; k < TL_DECISION_KINDS && err == TL_OK; k++) {
        r->of = k;
        r->kind = tl_decision_kinds[k];
        err = tl_decision_inside(ctx, r->project, r->kind, sqlite3_column_blob(stmt, 5),
                                 sqlite3_column_bytes(stmt, 5), raise_one, r);
    }
    forget(r);
    return err;
}

tl_err tl_decision_watch(struct tl_ctx *ctx, struct tl_project *project, int64_t *n_raised)
{
    sqlite3_stmt *stmt = NULL;
    struct released r = {.project = project};
    int64_t n = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT EXISTS (SELECT 1 FROM decision)", 0, &n));
    if (n == 0) {
        *n_raised = 0;
        return TL_OK;
    }
    TL_TRY(tl_store_triggers(ctx, project, true));
    /* One finding a record and decision: what was raised before stays as it was answered. */
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO release_finding (decision_id, area_code, kind, record_id, record, message, "
        "raised) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        &r.insert));
    TL_TRY(tl_sql_prepare(ctx, project->db, released_areas, &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        TL_TRY(watch_one(ctx, &r, stmt));
    }
    if (r.n_raised > 0)
        tl_warn(ctx,
                "%lld record%s came into areas that are released: see tilth findings, a person has "
                "to answer",
                (long long)r.n_raised, r.n_raised == 1 ? "" : "s");
    *n_raised = r.n_raised;
done:
    sqlite3_finalize(stmt);
    sqlite3_finalize(r.insert);
    return err;
}

static json_t *finding_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"area", "kind", "record", "message", "raised"};
    static const char *const answers[] = {"date", "person", "role", "answer"};
    json_t *object = json_object(), *answered = NULL;
    json_object_set_new(object, "id", json_integer(sqlite3_column_int64(stmt, 0)));
    json_object_set_new(object, "decision", json_integer(sqlite3_column_int64(stmt, 1)));
    for (int i = 0; i < 5; i++)
        json_object_set_new(object, names[i],
                            tl_decision_text((const char *)sqlite3_column_text(stmt, 2 + i)));
    if (sqlite3_column_type(stmt, 7) != SQLITE_NULL) {
        answered = json_object();
        for (int i = 0; i < 4; i++)
            json_object_set_new(answered, answers[i],
                                tl_decision_text((const char *)sqlite3_column_text(stmt, 7 + i)));
    }
    json_object_set_new(object, "answered", answered != NULL ? answered : json_null());
    return object;
}

static tl_err check_area(struct tl_ctx *ctx, struct tl_project *project, const char *code)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err =
        tl_sql_prepare(ctx, project->db, "SELECT 1 FROM hazard_area WHERE code = ?1", &stmt);
    if (err == TL_OK) {
        tl_sql_bind_text(stmt, 1, code);
        err = tl_sql_step(ctx, stmt, &row);
    }
    sqlite3_finalize(stmt);
    if (err == TL_OK && !row)
        err = tl_fail(ctx, TL_ENOTFOUND, "no hazardous area has the code '%s'", code);
    return err;
}

tl_err tl_decision_findings(struct tl_ctx *ctx, struct tl_project *project, const char *area_code,
                            bool all, char **json)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    if (area_code != NULL)
        TL_TRY(check_area(ctx, project, area_code));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT id, decision_id, area_code, kind, record, message, raised, answered, person, role, "
        "answer FROM release_finding WHERE (?1 IS NULL OR area_code = ?1) AND (?2 OR answered IS "
        "NULL) ORDER BY id",
        &stmt));
    tl_sql_bind_text(stmt, 1, area_code);
    sqlite3_bind_int(stmt, 2, all);
    TL_TRY(tl_decision_rows(ctx, stmt, finding_json, json));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_decision_answer(struct tl_ctx *ctx, struct tl_project *project, int64_t finding,
                          const char *person, const char *role, const char *answer)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_decision_need(ctx, "the name of the person who answers", person));
    TL_TRY(tl_decision_need(ctx, "the role", role));
    if (strcmp(role, "approver") != 0 && strcmp(role, "quality manager") != 0)
        TL_THROW(
            ctx, TL_EDENIED,
            "the role '%s' may not answer a finding: only an approver or a quality manager may",
            role);
    TL_TRY(tl_decision_need(ctx, "the answer", answer));
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT answered, person FROM release_finding WHERE id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, finding);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "%s: there is no finding %lld", project->path,
                 (long long)finding);
    if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        TL_THROW(ctx, TL_ECONFLICT, "%s: finding %lld was answered by %s on %.10s", project->path,
                 (long long)finding, sqlite3_column_text(stmt, 1), sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    stmt = NULL;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "UPDATE release_finding SET answered = ?1, person = ?2, role = ?3, "
                          "answer = ?4 WHERE id = ?5",
                          &stmt));
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, person);
    tl_sql_bind_text(stmt, 3, role);
    tl_sql_bind_text(stmt, 4, answer);
    sqlite3_bind_int64(stmt, 5, finding);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}
