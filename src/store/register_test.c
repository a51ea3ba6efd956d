#include "unit.h"

#include "store/fixture.h"

static const char path[] = "register_test.gpkg";

/* Counts of a sequence of puts, as letters: Added, Updated, same (-), Duplicate. */
struct row {
    int i;
    bool has_id;
    const char *category;
};

static tl_err import_rows(struct tl_ctx *ctx, struct tl_project *project, int n,
                          const struct row *rows, bool keep, char *letters)
{
    static const char names[] = {[TL_PUT_ADDED] = 'A',
                                 [TL_PUT_UPDATED] = 'U',
                                 [TL_PUT_UNCHANGED] = '-',
                                 [TL_PUT_DUPLICATE] = 'D'};
    struct tl_import_entry entry = {.kind = "accident"};
    enum tl_put put;
    int64_t import_id = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_import_begin(ctx, project, &entry, &import_id));
    for (int i = 0; i < n; i++) {
        unsigned char wkb[21];
        char id[16];
        struct tl_record record = {
            .source = "f.csv", .import_id = import_id, .wkb = wkb, .wkb_bytes = sizeof wkb};
        fixture_point(-75.0, 7.0 + 0.01 * rows[i].i, wkb);
        snprintf(id, sizeof id, "E%d", rows[i].i);
        record.source_id = rows[i].has_id ? id : NULL;
        record.accuracy_m = (double)NAN;
        record.values[1] = rows[i].category;
        TL_TRY(tl_register_put(ctx, project, TL_KIND_ACCIDENT, &record, keep, &put, NULL));
        letters[i] = names[put];
    }
    letters[n] = '\0';
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    return err;
}

TEST(the_same_file_twice_adds_nothing)
{
    static const struct row rows[] = {
        {1, true, "a"}, {2, true, "a"}, {1, true, "b"}, {3, false, "c"}, {3, false, "c"}};
    static const struct row later[] = {
        {1, true, "a"}, {2, true, "z"}, {2, true, "y"}, {4, true, "n"}};
    struct tl_project *project = NULL;
    char letters[16];
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 5, rows, false, letters));
    CHECK_STR(letters, "AADAD");
    CHECK_OK(import_rows(ctx, project, 5, rows, false, letters));
    CHECK_STR(letters, "--D-D");
    CHECK_OK(import_rows(ctx, project, 4, later, false, letters));
    CHECK_STR(letters, "-UDA");
    CHECK_OK(import_rows(ctx, project, 4, later, false, letters));
    CHECK_STR(letters, "--D-");
    tl_project_close(project);
}

TEST(duplicates_that_are_kept_are_kept_once)
{
    struct row rows[40];
    struct tl_project *project = NULL;
    char letters[64], wanted[64];
    for (int i = 0; i < 40; i++)
        rows[i] = (struct row){i % 3 == 0 ? 9 : i, false, "c"};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 40, rows, true, letters));
    memset(wanted, 'A', 40);
    wanted[40] = '\0';
    CHECK_STR(letters, wanted);
    CHECK_OK(import_rows(ctx, project, 40, rows, true, letters));
    memset(wanted, '-', 40);
    CHECK_STR(letters, wanted);
    CHECK_OK(import_rows(ctx, project, 7, rows, false,
                         letters)); /* and not kept: those that came before are refused */
    CHECK_STR(letters, "---D--D");
    tl_project_close(project);
}

TEST(an_update_is_logged_with_before_and_after)
{
    static const struct row first = {1, true, "a"}, second = {1, true, "b"};
    struct tl_project *project = NULL;
    char letters[4], *text = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 1, &first, false, letters));
    CHECK_OK(import_rows(ctx, project, 1, &second, false, letters));
    CHECK_STR(letters, "U");
    CHECK_OK(tl_sql_get_text(
        ctx, project->db,
        "SELECT op || json_extract(\"before\", '$.category') || json_extract(\"after\", "
        "'$.category') || COALESCE(geom_after, '-') FROM log WHERE table_name = 'accident' ORDER "
        "BY id DESC LIMIT 1",
        &text));
    CHECK_STR(text, "updateab-");
    tl_free(text);
    tl_project_close(project);
}

/* What we write by hand must be what the triggers write: same columns, same order, same form of numbers and text. */
TEST(log_lines_by_hand_and_by_trigger_are_the_same)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    int64_t id = 0, n = 0;
    unsigned char wkb[21];
    struct tl_record record = {
        .source = "a\tb\"\\\x01/é", .source_id = "7", .wkb = wkb, .wkb_bytes = sizeof wkb};
    fixture_point(1.5, 2.5, wkb);
    record.accuracy_m = 1.0 / 3.0;
    record.remarks = "line\nbreak";
    record.extra = "{\"x\": [1, 2]}";
    record.position_text = "1 30 E";
    record.values[0] = "1990-07";
    record.values[4] = "12";
    record.values[5] = "007";
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE item SET code = code"));
    CHECK_OK(tl_sql_int(
        ctx, project->db,
        "SELECT count(DISTINCT COALESCE(\"before\", \"after\")) FROM log WHERE table_name = 'item'",
        0, &n));
    CHECK(n == 1);
    CHECK_OK(
        tl_sql_int(ctx, project->db, "SELECT count(*) FROM log WHERE table_name = 'item'", 0, &n));
    CHECK(n == 2);
    tl_project_close(project);
}

TEST(values_that_do_not_fit_are_refused_and_nothing_is_changed)
{
    struct tl_project *project = NULL;
    enum tl_put put = TL_PUT_ADDED;
    struct tl_record record = {.source = "s"};
    int64_t n = 0;
    record.accuracy_m = (double)NAN;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, NULL), TL_EBUG,
                "transaction");
    CHECK_OK(tl_project_begin(ctx, project));
    record.values[5] = "three";
    CHECK_FAILS(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, NULL), TL_EDATA,
                "column number: \"three\"");
    record.values[5] = NULL;
    record.values[9] = "by magic";
    CHECK_FAILS(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, NULL), TL_EDATA,
                "CHECK");
    record.values[9] = NULL;
    record.wkb = "\x01\x01";
    record.wkb_bytes = 2;
    CHECK_FAILS(tl_register_put(ctx, project, TL_KIND_ITEM, &record, false, &put, NULL), TL_EDATA,
                "WKB");
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ITEM, &n));
    CHECK(n == 0);
    tl_project_close(project);
}

TEST(records_added_from_outside_between_two_transactions_keep_their_ids)
{
    struct tl_project *project = NULL, *other = NULL;
    enum tl_put put;
    int64_t id = 0, n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 1, true, "mine", &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(id == 1);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &other));
    CHECK_OK(tl_sql_exec(ctx, other->db, "INSERT INTO accident (source) VALUES ('QGIS')"));
    tl_project_close(other);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 2, true, "mine", &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(id == 3);
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 3);
    tl_project_close(project);
}
