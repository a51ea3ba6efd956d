#include "unit.h"

#include "store/fixture.h"

static const char path[] = "log_test.gpkg";

#include "store/fixture_check.h"

TEST(the_log_refuses_changes)
{
    CHECK_OK(make(ctx));
    CHECK_FAILS(outside(ctx, "UPDATE log SET actor = 'x'"), TL_EDATA, "append-only");
    CHECK_FAILS(outside(ctx, "DELETE FROM log WHERE id = 12"), TL_EDATA, "append-only");
    CHECK_FAILS(outside(ctx, "DELETE FROM log_seal"), TL_EDATA, "append-only");
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
    CHECK_STR(origin, "outside22-25");
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT code || entered_by FROM accident WHERE id = 7", &code));
    CHECK_STR(code, "AC-0007outside");
    tl_free(origin);
    tl_free(code);
    tl_project_close(project);
    CHECK_SAYS("warning no-geometry: accident: 1 records lie nowhere");
    CHECK_OK(tamper(ctx, "UPDATE log SET \"after\" = NULL WHERE id = 22"));
    CHECK_SAYS("log line 22 (update of accident 4) was altered");
}

/* Each logged table has its three triggers, each change its line. */
TEST(every_table_of_the_register_is_watched)
{
    struct tl_project *project = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    for (int i = 0; i < tl_store_n_tables; i++) {
        char sql[256];
        int64_t n = 0;
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '%s' "
                 "AND name "
                 "LIKE 'log\\_%%' ESCAPE '\\'",
                 tl_store_tables[i].name);
        CHECK_OK(tl_sql_int(ctx, project->db, sql, 0, &n));
        CHECK(n == (int64_t)strlen(tl_store_tables[i].logged));
    }
    tl_project_close(project);
}

TEST(a_digest_knows_each_field)
{
    struct tl_log_line line = {
        .id = 1, .at = "t", .actor = "a", .table = "b", .op = "c", .record_id = 2, .after = ""};
    struct tl_log_line other = line;
    struct tl_buf buf = {0};
    uint8_t a[TL_SEAL_DIGEST_BYTES], b[TL_SEAL_DIGEST_BYTES];
    CHECK_OK(tl_log_digest(ctx, &buf, &line, a));
    other.before = "";
    other.after = NULL; /* an empty text is not no text, and not another field */
    CHECK_OK(tl_log_digest(ctx, &buf, &other, b));
    CHECK(memcmp(a, b, sizeof a) != 0);
    other = line;
    other.actor = "ab";
    other.table = "";
    CHECK_OK(tl_log_digest(ctx, &buf, &other, b));
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK_OK(tl_log_digest(ctx, &buf, &line, b));
    CHECK(memcmp(a, b, sizeof a) == 0);
    tl_buf_fini(&buf);
}

/* More lines than one seal covers. */
TEST(seals_cover_all_lines_without_gaps)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i < 3 * TL_SEAL_LINES; i++)
        CHECK_OK(fixture_put(ctx, project, 0, i, true, "mine", &put, NULL));
    CHECK_OK(tl_project_set(ctx, project, "a", "b")); /* a trigger's line among ours */
    CHECK_OK(fixture_put(ctx, project, 0, 9999, true, "mine", &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(
        tl_sql_int(ctx, project->db,
                   "SELECT sum(last_id - first_id + 1) = (SELECT count(*) FROM log) AND count(*) = "
                   "5 FROM log_seal",
                   0, &n));
    CHECK(n == 1);
    tl_project_close(project);
    CHECK_CLEAN();
}
