#include "unit.h"

#include "store/fixture.h"

static const char path[] = "check_test.gpkg";

/* Runs SQL past the program and past the log's guards, as somebody with a database tool would. */
static tl_err tamper(struct tl_ctx *ctx, const char *sql)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, db, "tampering"));
    TL_TRY(tl_gpb_register(ctx, db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    TL_TRY(tl_sql_exec(ctx, db, sql));
done:
    sqlite3_close_v2(db);
    return err;
}

/* A project with six accidents in two transactions: log lines 11 to 19 (an import's line, three, its end, ...). */
static tl_err make_anew(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "accident", .path = "field.csv"};
    enum tl_put put;
    int64_t import_id;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    for (int t = 0; t < 2; t++) {
        TL_TRY(tl_project_begin(ctx, project));
        TL_TRY(tl_project_import_begin(ctx, project, &entry, &import_id));
        for (int i = 3 * t; i < 3 * t + 3; i++)
            TL_TRY(fixture_put(ctx, project, import_id, i, true, "mine", &put, NULL));
        entry.n_read = entry.n_added = 3;
        TL_TRY(tl_project_import_end(ctx, project, import_id, &entry));
        TL_TRY(tl_project_commit(ctx, project));
    }
done:
    tl_project_close(project);
    return err;
}

static bool copy(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = in == NULL ? NULL : fopen(to, "wb");
    bool good = out != NULL;
    for (size_t n = 1; good && n > 0;) {
        n = fread(bytes, 1, sizeof bytes, in);
        good = fwrite(bytes, 1, n, out) == n;
    }
    good = out != NULL && fclose(out) == 0 && good;
    if (in != NULL)
        fclose(in);
    return good;
}

/* Made once, copied for each test: making waits for the disk. */
static tl_err make(struct tl_ctx *ctx)
{
    static const char kept[] = "check_test_kept.gpkg";
    static bool is_made;
    if (is_made)
        return copy(kept, path) ? TL_OK : tl_fail(ctx, TL_EIO, "copying");
    tl_err err = make_anew(ctx);
    is_made = err == TL_OK && copy(path, kept);
    return err;
}

/* All lines of a check as one text. */
static tl_err check_text(struct tl_ctx *ctx, struct tl_buf *text)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    tl_buf_clear(text);
    TL_TRY(tl_buf_add(ctx, text, ""));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_project_check(ctx, project, &lines, &n));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(tl_buf_printf(ctx, text, "%s %s: %s\n", lines[i].severity, lines[i].check,
                             lines[i].message));
done:
    tl_free(lines);
    tl_project_close(project);
    return err;
}

#define CHECK_SAYS(part)                                                                           \
    do {                                                                                           \
        struct tl_buf unit_text = {0};                                                             \
        CHECK_OK(check_text(ctx, &unit_text));                                                     \
        bool unit_says = strstr(unit_text.text, (part)) != NULL;                                   \
        if (!unit_says)                                                                            \
            printf("%s", unit_text.text);                                                          \
        tl_buf_fini(&unit_text);                                                                   \
        CHECK(unit_says);                                                                          \
    } while (0)

#define CHECK_CLEAN()                                                                              \
    do {                                                                                           \
        struct tl_buf unit_text = {0};                                                             \
        CHECK_OK(check_text(ctx, &unit_text));                                                     \
        bool unit_clean = unit_text.size_bytes == 0;                                               \
        if (!unit_clean)                                                                           \
            printf("%s", unit_text.text);                                                          \
        tl_buf_fini(&unit_text);                                                                   \
        CHECK(unit_clean);                                                                         \
    } while (0)

TEST(an_untouched_project_is_clean)
{
    CHECK_OK(make(ctx));
    CHECK_CLEAN();
}

TEST(an_altered_log_line_is_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(
        tamper(ctx, "UPDATE log SET \"after\" = replace(\"after\", 'mine', 'none') WHERE id = 13"));
    CHECK_SAYS("error log-chain: log line 13 (insert of accident 2) was altered");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log SET actor = 'nobody' WHERE id = 12"));
    CHECK_SAYS("error log-chain: log line 12 (insert of accident 1) was altered");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log SET geom_after = zeroblob(29) WHERE id = 14"));
    CHECK_SAYS("error log-chain: log line 14 (insert of accident 3) was altered");
}

TEST(a_removed_log_line_is_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM log WHERE id = 13"));
    CHECK_SAYS("error log-chain: log line 13 was removed");
}

TEST(reordered_and_inserted_lines_are_seen)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(
        ctx,
        "UPDATE log SET id = -1 WHERE id = 13; UPDATE log SET id = 13 WHERE id = 14; UPDATE log "
        "SET id = 14 WHERE id = -1"));
    CHECK_SAYS("log line 13 (insert of accident 3) was altered");
    CHECK_SAYS("log line 14 (insert of accident 2) was altered");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(
        ctx,
        "INSERT INTO log (id, at, actor, table_name, record_id, op) VALUES (-5, 'x', 'y', 'item', "
        "1, 'delete')"));
    CHECK_SAYS("log line -5 (delete of item 1) was inserted");
}

TEST(a_cut_off_tail_is_seen)
{
    CHECK_OK(make(ctx));
    CHECK_OK(
        tamper(ctx, "DELETE FROM log WHERE id > 15; DELETE FROM log_seal WHERE first_id > 15"));
    CHECK_SAYS("the log's end was cut off: it was sealed up to line 20, its last seal ends at 15");
    CHECK_OK(make(ctx)); /* also where the head was set back: SQLite remembers the ids it gave */
    CHECK_OK(tamper(
        ctx,
        "DELETE FROM log WHERE id > 15; DELETE FROM log_seal WHERE first_id > 15; UPDATE "
        "tilth_state SET value = 15 WHERE key = 'log_last_id'; UPDATE tilth_state SET value = "
        "(SELECT lower(hex(hash)) FROM log_seal ORDER BY id DESC LIMIT 1) WHERE key = 'log_hash'"));
    CHECK_SAYS("log lines 16 to 20 were removed from its end");
}

TEST(an_altered_or_removed_seal_is_seen)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log_seal SET at = '2001-01-01T00:00:00Z' WHERE id = 2"));
    CHECK_SAYS("seal 2 of the log (lines 11 to 15) does not follow");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM log_seal WHERE id = 2"));
    CHECK_SAYS("seals 2 to 2 of the log were removed");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log_seal SET digests = zeroblob(3) WHERE id = 2"));
    CHECK_SAYS("seal 2 of the log was altered");
}

TEST(a_record_changed_past_the_log_is_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE accident SET killed = 0 WHERE id = 4"));
    CHECK_SAYS("error log-record: accident 4 is not as the log says");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(
        ctx, "UPDATE accident SET geom = (SELECT geom FROM accident WHERE id = 5) WHERE id = 4"));
    CHECK_SAYS("error log-record: accident 4 does not lie where the log says");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM accident WHERE id = 2"));
    CHECK_SAYS("error log-record: accident 2 is gone");
    CHECK_SAYS("error rtree: layer accident: 5 geometries, 6 entries");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "INSERT INTO accident (code) VALUES ('AC-9')"));
    CHECK_SAYS("error log-record: accident 7 is not in the log");
}

TEST(dropped_triggers_are_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DROP TRIGGER log_accident_update"));
    CHECK_SAYS("error schema: trigger log_accident_update is missing");
}

/* As QGIS does: plain SQL with the triggers on. */
static tl_err outside(struct tl_ctx *ctx, const char *sql)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, db, "editing"));
    TL_TRY(tl_gpb_register(ctx, db));
    TL_TRY(tl_sql_exec(ctx, db, sql));
done:
    sqlite3_close_v2(db);
    return err;
}

TEST(changes_by_others_are_logged_and_sealed_when_opened_for_writing)
{
    struct tl_project *project = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(outside(
        ctx, "UPDATE accident SET killed = 3 WHERE id = 4; INSERT INTO accident (category) VALUES "
             "('mine'); DELETE FROM accident WHERE id = 1"));
    CHECK_SAYS("warning log-unsealed: 4 changes by other programs");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    char *origin = NULL, *code = NULL;
    CHECK_OK(
        tl_sql_get_text(ctx, project->db,
                        "SELECT origin || first_id || '-' || last_id FROM log_seal ORDER BY id "
                        "DESC LIMIT 1",
                        &origin));
    CHECK_STR(origin, "outside21-24");
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT code || entered_by FROM accident WHERE id = 7", &code));
    CHECK_STR(code, "AC-0007outside");
    tl_free(origin);
    tl_free(code);
    tl_project_close(project);
    CHECK_SAYS("warning no-geometry: accident: 1 records lie nowhere");
    CHECK_OK(tamper(ctx, "UPDATE log SET \"after\" = NULL WHERE id = 21"));
    CHECK_SAYS("log line 21 (update of accident 4) was altered");
}

TEST(unsealed_lines_that_were_removed_leave_a_gap_for_good)
{
    struct tl_project *project = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(outside(ctx, "UPDATE accident SET killed = 3 WHERE id = 4; UPDATE accident SET killed "
                          "= 4 WHERE id = 5"));
    CHECK_OK(tamper(ctx, "DELETE FROM log WHERE id = 21"));
    CHECK_SAYS("log lines 21 to 21 were removed before they were sealed");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    tl_project_close(project);
    CHECK_SAYS("log lines 21 to 21 were removed before they were sealed");
}

TEST(the_log_refuses_changes)
{
    CHECK_OK(make(ctx));
    CHECK_FAILS(outside(ctx, "UPDATE log SET actor = 'x'"), TL_EDATA, "append-only");
    CHECK_FAILS(outside(ctx, "DELETE FROM log WHERE id = 12"), TL_EDATA, "append-only");
    CHECK_FAILS(outside(ctx, "DELETE FROM log_seal"), TL_EDATA, "append-only");
}

TEST(defects_of_the_register_are_named)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    /* a bow tie over 5 km, its twin, and an item that names a search which is not there */
    static const double ring[10] = {-75.2, 7.0, -75.1, 7.08, -75.1, 7.0, -75.2, 7.08, -75.2, 7.0};
    unsigned char wkb[sizeof fixture_area + sizeof ring];
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
    struct tl_record record = {
        .source = "a", .source_id = "7", .wkb = wkb, .wkb_bytes = sizeof wkb};
    record.accuracy_m = (double)NAN;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    record.source_id = " 7";
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    unsigned char point[21];
    fixture_point(-75.15, 7.05, point);
    struct tl_record item = {.source = "a", .wkb = point, .wkb_bytes = sizeof point};
    item.accuracy_m = (double)NAN;
    item.values[tl_kind_column(TL_KIND_ITEM, "search")] = "S-99";
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_ITEM, &item, false, &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
    CHECK_SAYS("warning invalid-polygon: hazard_area HA-0001");
    CHECK_SAYS("warning far-apart: hazard_area HA-0001");
    CHECK_SAYS("warning duplicate-geometry: hazard_area: 2 records");
    CHECK_SAYS("warning duplicate-id: hazard_area: source id \"7\" of a comes 2 times");
    CHECK_SAYS("warning orphan: item IT-0001 names the search \"S-99\"");
}
