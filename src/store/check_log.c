/*
 * The log's chain, walked from its first seal. A seal that does not follow from the one before it was altered; a line whose
 * digest is not the seal's was altered; one that is missing was removed; a seal that does not begin where the last one ended says
 * that lines were removed before they were sealed; lines between seals that no seal covers were inserted. The head is
 * compared with the copy in tilth_state and with the ids that SQLite has given, so that a cut-off tail is seen.
 * Then the log against the records: what it says last of each one must be what the record says now.
 */
#include "store/check.h"

#include <stdio.h>
#include <string.h>

struct walk {
    struct tl_check *check;
    sqlite3_stmt *lines; /* all lines, in order of id */
    bool more;           /* there is a present line */
    struct tl_log_line line;
    uint8_t hash[TL_HASH_BYTES];
    int64_t last_id, n_seals, n_expected_seal;
};

static tl_err next_line(struct walk *walk)
{
    tl_err err = tl_sql_step(walk->check->ctx, walk->lines, &walk->more);
    if (err == TL_OK && walk->more)
        tl_log_line_read(walk->lines, &walk->line);
    return err;
}

/* Lines below `id` that no seal covers. */
static tl_err uncovered(struct walk *walk, int64_t id)
{
    tl_err err = TL_OK;
    while (err == TL_OK && walk->more && walk->line.id < id) {
        err = tl_check_add(walk->check, "error", "log-chain",
                           "log line %lld (%s of %s %lld) was inserted: no seal covers it",
                           (long long)walk->line.id, walk->line.op, walk->line.table,
                           (long long)walk->line.record_id);
        if (err == TL_OK)
            err = next_line(walk);
    }
    return err;
}

static tl_err covered(struct walk *walk, int64_t first_id, int64_t last_id, const uint8_t *digests)
{
    struct tl_check *check = walk->check;
    uint8_t digest[TL_SEAL_DIGEST_BYTES];
    tl_err err = uncovered(walk, first_id);
    for (int64_t id = first_id; id <= last_id && err == TL_OK; id++) {
        if (!walk->more || walk->line.id != id) {
            err = tl_check_add(check, "error", "log-chain", "log line %lld was removed",
                               (long long)id);
            continue;
        }
        err = tl_log_digest(check->ctx, &check->project->scratch, &walk->line, digest);
        if (err != TL_OK)
            return err;
        if (memcmp(digest, digests + (id - first_id) * TL_SEAL_DIGEST_BYTES, sizeof digest) != 0)
            err = tl_check_add(
                check, "error", "log-chain", "log line %lld (%s of %s %lld) was altered",
                (long long)id, walk->line.op == NULL ? "?" : walk->line.op,
                walk->line.table == NULL ? "?" : walk->line.table, (long long)walk->line.record_id);
        if (err == TL_OK)
            err = next_line(walk);
    }
    return err;
}

/* One seal: id, first_id, last_id, origin, at, digests, hash. */
static tl_err seal(struct walk *walk, sqlite3_stmt *stmt)
{
    struct tl_check *check = walk->check;
    int64_t id = sqlite3_column_int64(stmt, 0), first = sqlite3_column_int64(stmt, 1);
    int64_t last = sqlite3_column_int64(stmt, 2), n_bytes = sqlite3_column_bytes(stmt, 5);
    const char *origin = (const char *)sqlite3_column_text(stmt, 3);
    const char *at = (const char *)sqlite3_column_text(stmt, 4);
    const uint8_t *digests = sqlite3_column_blob(stmt, 5), *hash = sqlite3_column_blob(stmt, 6);
    uint8_t expected[TL_HASH_BYTES];
    tl_err err = TL_OK;
    walk->n_seals++;
    if (id != walk->n_expected_seal)
        TL_TRY(tl_check_add(check, "error", "log-chain",
                            "seals %lld to %lld of the log were removed",
                            (long long)walk->n_expected_seal, (long long)id - 1));
    walk->n_expected_seal = id + 1;
    if (hash == NULL || sqlite3_column_bytes(stmt, 6) != TL_HASH_BYTES || first < 1 ||
        last < first || last - first >= n_bytes ||
        n_bytes != (last - first + 1) * TL_SEAL_DIGEST_BYTES) {
        if (last > walk->last_id && last < INT64_MAX / 2) /* beyond it was no line ever */
            walk->last_id = last;
        TL_TRY(tl_check_add(check, "error", "log-chain",
                            "seal %lld of the log was altered: it is not well-formed",
                            (long long)id));
        goto done;
    }
    tl_log_hash(walk->hash,
                &(struct tl_seal_row){.first_id = first,
                                      .last_id = last,
                                      .origin = origin,
                                      .at = at,
                                      .digests = digests,
                                      .digests_bytes = n_bytes},
                expected);
    if (memcmp(expected, hash, TL_HASH_BYTES) != 0)
        TL_TRY(tl_check_add(
            check, "error", "log-chain",
            "seal %lld of the log (lines %lld to %lld) does not follow from the one before it: "
            "it or its predecessor was altered",
            (long long)id, (long long)first, (long long)last));
    if (first > walk->last_id + 1)
        TL_TRY(tl_check_add(check, "error", "log-chain",
                            "log lines %lld to %lld were removed before they were sealed",
                            (long long)walk->last_id + 1, (long long)first - 1));
    TL_TRY(covered(walk, first, last, digests));
    memcpy(walk->hash, hash, TL_HASH_BYTES);
    walk->last_id = last;
done:
    return err;
}

static tl_err head(struct walk *walk)
{
    struct tl_check *check = walk->check;
    char *text = NULL, hex[TL_HASH_HEX];
    int64_t last = 0;
    tl_err err = TL_OK;
    tl_hash_hex(walk->hash, hex);
    TL_TRY(tl_sql_get_text(check->ctx, check->project->db,
                           "SELECT value FROM tilth_state WHERE key = 'log_hash'", &text));
    TL_TRY(tl_sql_int(check->ctx, check->project->db,
                      "SELECT CAST(value AS INTEGER) FROM tilth_state WHERE key = 'log_last_id'", 0,
                      &last));
    if (last > walk->last_id)
        TL_TRY(tl_check_add(
            check, "error", "log-chain",
            "the log's end was cut off: it was sealed up to line %lld, its last seal ends at %lld",
            (long long)last, (long long)walk->last_id));
    else if (text == NULL || strcmp(text, hex) != 0)
        TL_TRY(
            tl_check_add(check, "error", "log-chain",
                         "the log's last seal is not the one that was noted at the last commit"));
done:
    tl_free(text);
    return err;
}

/* What came after the last seal: changes by other programs, sealed when tilth next writes. */
static tl_err tail(struct walk *walk)
{
    struct tl_check *check = walk->check;
    int64_t n = 0, expected = walk->last_id + 1, given = 0;
    tl_err err = TL_OK;
    for (; walk->more; n++) {
        if (walk->line.id > expected)
            TL_TRY(tl_check_add(check, "error", "log-chain",
                                "log lines %lld to %lld were removed before they were sealed",
                                (long long)expected, (long long)walk->line.id - 1));
        expected = walk->line.id + 1;
        TL_TRY(next_line(walk));
    }
    TL_TRY(tl_sql_int(check->ctx, check->project->db,
                      "SELECT seq FROM sqlite_sequence WHERE name = 'log'", 0, &given));
    if (given >= expected)
        TL_TRY(tl_check_add(check, "error", "log-chain",
                            "log lines %lld to %lld were removed from its end", (long long)expected,
                            (long long)given));
    if (n > 0)
        TL_TRY(tl_check_add(
            check, "warning", "log-unsealed",
            "%lld changes by other programs (QGIS, ...) are logged but not sealed yet; opening the "
            "project for writing seals them",
            (long long)n));
done:
    return err;
}

static tl_err chain(struct tl_check *check)
{
    struct walk walk = {.check = check, .n_expected_seal = 1};
    sqlite3_stmt *seals = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        check->ctx, check->project->db,
        "SELECT id, at, actor, table_name, record_id, op, \"before\", \"after\", geom_before, "
        "geom_after FROM log ORDER BY id",
        &walk.lines));
    TL_TRY(tl_sql_prepare(
        check->ctx, check->project->db,
        "SELECT id, first_id, last_id, origin, at, digests, hash FROM log_seal ORDER BY id",
        &seals));
    TL_TRY(next_line(&walk));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, seals, &more));
        if (!more)
            break;
        TL_TRY(tl_cancelled(check->ctx));
        TL_TRY(seal(&walk, seals));
    }
    TL_TRY(head(&walk));
    TL_TRY(tail(&walk));
    TL_TRY(tl_check_end(check, "error"));
done:
    sqlite3_finalize(walk.lines);
    sqlite3_finalize(seals);
    return err;
}

/* The last line of each record against the record. */
static tl_err records(struct tl_check *check, const char *table, bool has_geom)
{
    struct tl_buf columns = {0}, sql = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_schema_log_columns(check->ctx, check->project->db, table, "t", &columns));
    TL_TRY(tl_buf_printf(
        check->ctx, &sql,
        "SELECT printf('%%s %%d is not as the log says: it was changed past the log', '%s', t.id) "
        "FROM \"%s\" t JOIN temp.log_last l ON l.table_name = '%s' AND l.record_id = t.id JOIN "
        "log g ON g.id = l.id WHERE g.op = 'delete' OR g.\"after\" IS NOT json_patch('{}', "
        "json_object(%s))",
        table, table, table, columns.text));
    TL_TRY(tl_check_rows(check, "error", "log-record", sql.text));
    tl_buf_clear(&sql);
    TL_TRY(tl_buf_printf(
        check->ctx, &sql,
        "SELECT printf('%%s %%d is not in the log: it was added past it', '%s', t.id) FROM \"%s\" "
        "t WHERE NOT EXISTS (SELECT 1 FROM temp.log_last l WHERE l.table_name = '%s' AND "
        "l.record_id = t.id)",
        table, table, table));
    TL_TRY(tl_check_rows(check, "error", "log-record", sql.text));
    tl_buf_clear(&sql);
    TL_TRY(tl_buf_printf(
        check->ctx, &sql,
        "SELECT printf('%%s %%d is gone, and the log says nothing of it', '%s', l.record_id) FROM "
        "temp.log_last l JOIN log g ON g.id = l.id WHERE l.table_name = '%s' AND g.op != 'delete' "
        "AND l.record_id NOT IN (SELECT id FROM \"%s\")",
        table, table, table));
    TL_TRY(tl_check_rows(check, "error", "log-record", sql.text));
    if (!has_geom)
        goto done;
    tl_buf_clear(&sql);
    TL_TRY(tl_buf_printf(
        check->ctx, &sql,
        "SELECT printf('%%s %%d does not lie where the log says: it was moved past the log', '%s', "
        "t.id) FROM \"%s\" t JOIN temp.log_last l ON l.table_name = '%s' AND l.record_id = t.id "
        "JOIN "
        "log g ON g.id = l.moved_id WHERE g.geom_after IS NOT t.geom",
        table, table, table));
    TL_TRY(tl_check_rows(check, "error", "log-record", sql.text));
done:
    tl_buf_fini(&columns);
    tl_buf_fini(&sql);
    return err;
}

/* Line that each record was last changed in, and last moved in (an insert counts as both). */
static const char last_lines[] =
    "CREATE TEMP TABLE log_last (table_name TEXT, record_id INTEGER, id INTEGER, moved_id INTEGER, "
    "PRIMARY KEY "
    "(table_name, record_id)) WITHOUT ROWID;"
    "INSERT INTO temp.log_last SELECT table_name, record_id, max(id), max(CASE WHEN op = 'insert' "
    "OR geom_before "
    "NOT NULL OR geom_after NOT NULL THEN id END) FROM log GROUP BY table_name, record_id;";

tl_err tl_check_log(struct tl_check *check)
{
    sqlite3 *db = check->project->db;
    tl_err err = TL_OK;
    TL_TRY(chain(check));
    TL_TRY(tl_sql_exec(check->ctx, db, "DROP TABLE IF EXISTS temp.log_last"));
    TL_TRY(tl_sql_exec(check->ctx, db, last_lines));
    for (int k = 0; k < TL_KIND_COUNT; k++)
        TL_TRY(records(check, tl_kind_info((enum tl_kind)k)->table, true));
    for (int i = 0; i < tl_store_n_tables; i++)
        if (strcmp(tl_store_tables[i].logged, "iud") == 0)
            TL_TRY(records(check, tl_store_tables[i].name, tl_store_tables[i].geometry != NULL));
    TL_TRY(records(check, "tilth_project", false));
done:
    sqlite3_exec(db, "DROP TABLE IF EXISTS temp.log_last", NULL, NULL, NULL);
    return err;
}
