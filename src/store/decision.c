/*
 * Assessments and decisions. A decision keeps: who, in which role, why, the assessment it rests on by its hash, the perimeter that was
 * released (a row of land_release with the geometry as it was that day), and which accidents and items lay inside and were known. What is
 * inside later and is not among these is new evidence, whichever way it came (import, QGIS, a corrected position) and whatever date it
 * bears: watch.c raises it. Assessments are kept as blobs, so that the log holds their hash and not each text twice.
 */
#include "store/decision.h"

#include <ctype.h>
#include <string.h>

#include "core/json.h"
#include "geo/geom.h"

const enum tl_kind tl_decision_kinds[TL_DECISION_KINDS] = {TL_KIND_ACCIDENT, TL_KIND_ITEM};

json_t *tl_decision_text(const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;
    return value != NULL ? value : json_null();
}

tl_err tl_decision_need(struct tl_ctx *ctx, const char *what, const char *text)
{
    while (text != NULL && isspace((unsigned char)*text))
        text++;
    if (text == NULL || *text == '\0')
        return tl_fail(ctx, TL_EUSAGE, "%s is empty, expected words", what);
    return TL_OK;
}

tl_err tl_decision_inside(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                          const void *blob, int64_t blob_bytes, tl_decision_inside_fn each,
                          void *user)
{
    struct tl_cursor *cursor = NULL;
    struct tl_geom_holder *holder = NULL;
    struct tl_gpb_box box;
    struct tl_geom_info info;
    int64_t n = 0, n_point = 0;
    bool more = false;
    tl_err err = TL_OK;
    const void *wkb = tl_gpb_wkb(blob, blob_bytes, &n);
    if (wkb == NULL || !tl_gpb_envelope(blob, blob_bytes, &box))
        return TL_OK;
    const double box_deg[4] = {box.west, box.south, box.east, box.north};
    err = tl_geom_holder_create(ctx, wkb, n, &holder);
    if (err == TL_EDATA) /* a polygon that cannot be asked: better one finding too many */
        err = TL_OK;
    TL_TRY(err);
    TL_TRY(tl_register_select(ctx, project, kind, box_deg, &cursor));
    for (;;) {
        bool holds = true;
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const void *point = tl_cursor_wkb(cursor, &n_point);
        if (point == NULL)
            continue;
        TL_TRY(tl_geom_info(ctx, point, n_point, &info));
        if (holder != NULL && tl_geom_holder_holds(ctx, holder, info.x, info.y, &holds) != TL_OK)
            holds = true; /* the same of a point */
        if (holds)
            TL_TRY(each(ctx, user, cursor));
    }
done:
    tl_geom_holder_free(holder);
    tl_cursor_free(cursor);
    return err;
}

static tl_err area_id(struct tl_ctx *ctx, struct tl_project *project, const char *code, int64_t *id)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT id FROM hazard_area WHERE code = ?1", &stmt));
    tl_sql_bind_text(stmt, 1, code);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "%s: there is no hazardous area \"%s\"", project->path, code);
    *id = sqlite3_column_int64(stmt, 0);
done:
    sqlite3_finalize(stmt);
    return err;
}

static const char latest[] = "SELECT hash, evidence_hash, json FROM assessment WHERE "
                             "hazard_area_id = ?1 ORDER BY id DESC LIMIT 1";

/* Whether the area's latest assessment has this hash. */
static tl_err is_latest(struct tl_ctx *ctx, struct tl_project *project, int64_t area,
                        const char *hash, bool *same)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, latest, &stmt));
    sqlite3_bind_int64(stmt, 1, area);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    *same = row && strcmp((const char *)sqlite3_column_text(stmt, 0), hash) == 0;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_decision_keep_assessment(struct tl_ctx *ctx, struct tl_project *project,
                                   const char *area_code, const char *hash,
                                   const char *evidence_hash, const char *json)
{
    sqlite3_stmt *stmt = NULL;
    char hex[TL_HASH_HEX];
    int64_t area = 0;
    bool same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    tl_hash_of(json, (int64_t)strlen(json), hex);
    if (strcmp(hex, hash) != 0)
        TL_THROW(ctx, TL_EBUG, "the hash of an assessment of %s is not that of its text",
                 area_code);
    TL_TRY(area_id(ctx, project, area_code, &area));
    TL_TRY(is_latest(ctx, project, area, hash, &same));
    if (same)
        goto done;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO assessment (at, actor, hazard_area_id, area_code, hash, "
                          "evidence_hash, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                          &stmt));
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, project->actor);
    sqlite3_bind_int64(stmt, 3, area);
    tl_sql_bind_text(stmt, 4, area_code);
    tl_sql_bind_text(stmt, 5, hash);
    tl_sql_bind_text(stmt, 6, evidence_hash != NULL ? evidence_hash : "");
    tl_sql_bind_blob(stmt, 7, json, (int64_t)strlen(json));
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_decision_latest_assessment(struct tl_ctx *ctx, struct tl_project *project,
                                     const char *area_code, char **hash, char **evidence_hash,
                                     char **json)
{
    sqlite3_stmt *stmt = NULL;
    char *texts[3] = {NULL, NULL, NULL};
    int64_t area = 0;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(area_id(ctx, project, area_code, &area));
    TL_TRY(tl_sql_prepare(ctx, project->db, latest, &stmt));
    sqlite3_bind_int64(stmt, 1, area);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    for (int i = 0; i < 3 && row; i++)
        TL_TRY(tl_sql_copy(ctx, stmt, i, &texts[i]));
    *hash = texts[0];
    *evidence_hash = texts[1];
    *json = texts[2];
    memset(texts, 0, sizeof texts);
done:
    for (int i = 0; i < 3; i++)
        tl_free(texts[i]);
    sqlite3_finalize(stmt);
    return err;
}

static tl_err note_id(struct tl_ctx *ctx, void *user, const struct tl_cursor *record)
{
    json_t *ids = user;
    return json_array_append_new(ids, json_integer(tl_cursor_id(record))) == 0
               ? TL_OK
               : tl_fail(ctx, TL_ENOMEM, "no memory for JSON");
}

/* {"accident": [ids], "item": [ids]} of what lies in the area now. */
static tl_err known_text(struct tl_ctx *ctx, struct tl_project *project, const void *blob,
                         int64_t blob_bytes, char **text)
{
    json_t *known = json_object();
    tl_err err = known != NULL ? TL_OK : tl_fail(ctx, TL_ENOMEM, "no memory for JSON");
    for (int k = 0; k < TL_DECISION_KINDS && err == TL_OK; k++) {
        json_t *ids = json_array();
        json_object_set_new(known, tl_kind_info(tl_decision_kinds[k])->table, ids);
        err =
            tl_decision_inside(ctx, project, tl_decision_kinds[k], blob, blob_bytes, note_id, ids);
    }
    if (err == TL_OK)
        err = tl_json_text(ctx, known, text);
    json_decref(known);
    return err;
}

/* Everything that must hold before a line is written. */
static tl_err check_decision(struct tl_ctx *ctx, const struct tl_decision *d)
{
    static const char *const products[] = {"cancelled", "reduced", "cleared"};
    tl_err err = TL_OK;
    int k = 0;
    TL_TRY(tl_decision_need(ctx, "the name of the person who decides", d->person));
    TL_TRY(tl_decision_need(ctx, "the role", d->role));
    if (strcmp(d->role, "approver") != 0)
        TL_THROW(ctx, TL_EDENIED, "the role '%s' may not release land: only an approver may",
                 d->role);
    TL_TRY(tl_decision_need(ctx, "the reason of the decision", d->reason));
    while (k < 3 && (d->as == NULL || strcmp(products[k], d->as) != 0))
        k++;
    if (k == 3)
        TL_THROW(ctx, TL_EUSAGE,
                 "\"%s\" is not what land can be released as, expected cancelled, reduced or "
                 "cleared",
                 d->as != NULL ? d->as : "");
done:
    return err;
}

/* The perimeter as it is today, as a product of land release. */
static tl_err put_product(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_decision *d, int64_t area, int64_t *id)
{
    sqlite3_stmt *stmt = NULL;
    struct tl_gpb_box box;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO land_release (geom, product, hazard_area_id, date_end, record_status, "
        "entered_by, entered_at, approved_by, approved_at) SELECT geom, ?1, id, substr(?2, 1, 10), "
        "'approved', ?3, ?2, ?4, ?2 FROM hazard_area WHERE id = ?5",
        &stmt));
    tl_sql_bind_text(stmt, 1, d->as);
    tl_sql_bind_text(stmt, 2, project->at);
    tl_sql_bind_text(stmt, 3, project->actor);
    tl_sql_bind_text(stmt, 4, d->person);
    sqlite3_bind_int64(stmt, 5, area);
    TL_TRY(tl_sql_run(ctx, stmt));
    *id = sqlite3_last_insert_rowid(project->db);
    sqlite3_finalize(stmt);
    stmt = NULL;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT geom FROM land_release WHERE id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, *id);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!tl_gpb_envelope(sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0), &box))
        TL_THROW(ctx, TL_EDATA, "%s: the area %s has no perimeter", project->path, d->area_code);
    TL_TRY(tl_store_extent(ctx, project, "land_release", &box));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err find_assessment(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_decision *d, int64_t area, int64_t *id)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id FROM assessment WHERE hazard_area_id = ?1 AND hash = ?2 ORDER "
                          "BY id DESC LIMIT 1",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, area);
    tl_sql_bind_text(stmt, 2, d->assessment_hash != NULL ? d->assessment_hash : "");
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "%s: there is no kept assessment of %s for the decision to rest on; make one with "
                 "tilth assess",
                 project->path, d->area_code);
    *id = sqlite3_column_int64(stmt, 0);
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err known_now(struct tl_ctx *ctx, struct tl_project *project, int64_t product,
                        char **known)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT geom FROM land_release WHERE id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, product);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    TL_TRY(known_text(ctx, project, sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0),
                      known));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err set_status(struct tl_ctx *ctx, struct tl_project *project, const char *status,
                         int64_t area)
{
    return tl_sql_execf(ctx, project->db,
                        "UPDATE hazard_area SET status = %Q, date_closed = substr(%Q, 1, 10) "
                        "WHERE id = %lld",
                        status, project->at, (long long)area);
}

tl_err tl_decision_put(struct tl_ctx *ctx, struct tl_project *project,
                       const struct tl_decision *decision, int64_t *id)
{
    const struct tl_decision *d = decision;
    sqlite3_stmt *stmt = NULL;
    int64_t area = 0, assessment = 0, product = 0;
    char *known = NULL;
    tl_err err = TL_OK;
    TL_TRY(check_decision(ctx, d));
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(area_id(ctx, project, d->area_code, &area));
    TL_TRY(find_assessment(ctx, project, d, area, &assessment));
    TL_TRY(put_product(ctx, project, d, area, &product));
    TL_TRY(known_now(ctx, project, product, &known));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO decision (at, actor, hazard_area_id, area_code, product, person, role, "
        "reason, assessment_id, assessment_hash, criteria, land_release_id, known) VALUES (?1, ?2, "
        "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        &stmt));
    const char *const texts[] = {project->at, project->actor,     NULL,       d->area_code,
                                 d->as,       d->person,          d->role,    d->reason,
                                 NULL,        d->assessment_hash, d->criteria};
    for (int i = 0; i < (int)(sizeof texts / sizeof texts[0]); i++)
        tl_sql_bind_text(stmt, i + 1, texts[i]);
    sqlite3_bind_int64(stmt, 3, area);
    sqlite3_bind_int64(stmt, 9, assessment);
    sqlite3_bind_int64(stmt, 12, product);
    tl_sql_bind_text(stmt, 13, known);
    TL_TRY(tl_sql_run(ctx, stmt));
    int64_t made = sqlite3_last_insert_rowid(project->db);
    TL_TRY(set_status(ctx, project, d->as, area));
    *id = made;
done:
    sqlite3_finalize(stmt);
    tl_free(known);
    return err;
}

static json_t *decision_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"date", "area",   "as",        "person",
                                        "role", "reason", "assessment"};
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(sqlite3_column_int64(stmt, 0)));
    for (int i = 0; i < 7; i++)
        json_object_set_new(object, names[i],
                            tl_decision_text((const char *)sqlite3_column_text(stmt, i + 1)));
    const char *criteria = (const char *)sqlite3_column_text(stmt, 8);
    json_t *parsed = criteria != NULL ? json_loads(criteria, JSON_DECODE_ANY, NULL) : NULL;
    json_object_set_new(object, "criteria", parsed != NULL ? parsed : json_null());
    return object;
}

tl_err tl_decision_rows(struct tl_ctx *ctx, sqlite3_stmt *stmt, json_t *(*row)(sqlite3_stmt *stmt),
                        char **json)
{
    json_t *list = json_array();
    bool more = false;
    tl_err err = TL_OK;
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        if (json_array_append_new(list, row(stmt)) != 0)
            TL_THROW(ctx, TL_ENOMEM, "no memory for a list");
    }
    TL_TRY(tl_json_text(ctx, list, json));
done:
    json_decref(list);
    return err;
}

tl_err tl_decision_list(struct tl_ctx *ctx, struct tl_project *project, const char *area_code,
                        char **json)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT id, at, area_code, product, person, role, reason, assessment_hash, criteria FROM "
        "decision WHERE ?1 IS NULL OR area_code = ?1 ORDER BY id",
        &stmt));
    tl_sql_bind_text(stmt, 1, area_code);
    TL_TRY(tl_decision_rows(ctx, stmt, decision_json, json));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Of an area that was suspected and nothing more: what the assessment made of that doubt; else null. */
static json_t *doubt_of(const json_t *remaining)
{
    const json_t *s = json_object_get(remaining, "suspicion");
    const json_t *holds = json_object_get(json_object_get(s, "holds"), "value");
    const json_t *p_any = json_object_get(json_object_get(s, "p_any"), "value");
    if (!json_is_true(json_object_get(s, "in_doubt")) || holds == NULL || p_any == NULL)
        return json_null();
    return json_pack("{s:O, s:O, s:O?, s:O?}", "holds", holds, "p_any", p_any, "expected",
                     json_object_get(s, "expected"), "factor", json_object_get(s, "factor"));
}

tl_err tl_decision_summaries(struct tl_ctx *ctx, struct tl_project *project, char **json)
{
    sqlite3_stmt *stmt = NULL;
    json_t *all = json_object();
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT area_code, at, hash, json FROM assessment WHERE id IN (SELECT "
                          "max(id) FROM assessment GROUP BY hazard_area_id) ORDER BY area_code",
                          &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &row));
        if (!row)
            break;
        json_t *whole = json_loadb(sqlite3_column_blob(stmt, 3),
                                   (size_t)sqlite3_column_bytes(stmt, 3), 0, NULL);
        const json_t *remaining = json_object_get(whole, "remaining");
        json_t *one = json_pack("{s:s, s:s, s:O?, s:O?, s:O?, s:O?, s:O?, s:o}", "at",
                                sqlite3_column_text(stmt, 1), "hash", sqlite3_column_text(stmt, 2),
                                "expected", json_object_get(remaining, "expected"), "upper95",
                                json_object_get(remaining, "upper95"), "p_any",
                                json_object_get(remaining, "p_any"), "area_m2",
                                json_object_get(whole, "area_m2"), "speaks_of",
                                json_object_get(whole, "speaks_of"), "doubt", doubt_of(remaining));
        json_decref(whole);
        if (one == NULL ||
            json_object_set_new(all, (const char *)sqlite3_column_text(stmt, 0), one) != 0)
            TL_THROW(ctx, TL_ENOMEM, "no memory for a list");
    }
    TL_TRY(tl_json_text(ctx, all, json));
done:
    sqlite3_finalize(stmt);
    json_decref(all);
    return err;
}
