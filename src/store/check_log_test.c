#include "unit.h"

#include "store/fixture.h"

static const char path[] = "check_log_test.gpkg";

#include "store/fixture_check.h"

TEST(an_altered_log_line_is_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(
        tamper(ctx, "UPDATE log SET \"after\" = replace(\"after\", 'mine', 'none') WHERE id = 14"));
    CHECK_SAYS("error log-chain: log line 14 (insert of accident 2) was altered");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log SET actor = 'nobody' WHERE id = 13"));
    CHECK_SAYS("error log-chain: log line 13 (insert of accident 1) was altered");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log SET geom_after = zeroblob(29) WHERE id = 15"));
    CHECK_SAYS("error log-chain: log line 15 (insert of accident 3) was altered");
}

TEST(a_removed_log_line_is_named)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM log WHERE id = 14"));
    CHECK_SAYS("error log-chain: log line 14 was removed");
}

TEST(reordered_and_inserted_lines_are_seen)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(
        ctx,
        "UPDATE log SET id = -1 WHERE id = 14; UPDATE log SET id = 14 WHERE id = 15; UPDATE log "
        "SET id = 15 WHERE id = -1"));
    CHECK_SAYS("log line 14 (insert of accident 3) was altered");
    CHECK_SAYS("log line 15 (insert of accident 2) was altered");
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
        tamper(ctx, "DELETE FROM log WHERE id > 16; DELETE FROM log_seal WHERE first_id > 16"));
    CHECK_SAYS("the log's end was cut off: it was sealed up to line 21, its last seal ends at 16");
    CHECK_OK(make(ctx)); /* also where the head was set back: SQLite remembers the ids it gave */
    CHECK_OK(tamper(
        ctx,
        "DELETE FROM log WHERE id > 16; DELETE FROM log_seal WHERE first_id > 16; UPDATE "
        "tilth_state SET value = 16 WHERE key = 'log_last_id'; UPDATE tilth_state SET value = "
        "(SELECT lower(hex(hash)) FROM log_seal ORDER BY id DESC LIMIT 1) WHERE key = 'log_hash'"));
    CHECK_SAYS("log lines 17 to 21 were removed from its end");
}

TEST(an_altered_or_removed_seal_is_seen)
{
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log_seal SET at = '2001-01-01T00:00:00Z' WHERE id = 2"));
    CHECK_SAYS("seal 2 of the log (lines 12 to 16) does not follow");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "DELETE FROM log_seal WHERE id = 2"));
    CHECK_SAYS("seals 2 to 2 of the log were removed");
    CHECK_OK(make(ctx));
    CHECK_OK(tamper(ctx, "UPDATE log_seal SET digests = zeroblob(3) WHERE id = 2"));
    CHECK_SAYS("seal 2 of the log was altered");
    CHECK_OK(make(ctx)); /* ids whose difference no integer holds */
    CHECK_OK(tamper(ctx, "UPDATE log_seal SET first_id = -9223372036854775807, last_id = "
                         "9223372036854775807 WHERE id = 2"));
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

TEST(unsealed_lines_that_were_removed_leave_a_gap_for_good)
{
    struct tl_project *project = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(outside(ctx, "UPDATE accident SET killed = 3 WHERE id = 4; UPDATE accident SET killed "
                          "= 4 WHERE id = 5"));
    CHECK_OK(tamper(ctx, "DELETE FROM log WHERE id = 22"));
    CHECK_SAYS("log lines 22 to 22 were removed before they were sealed");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    tl_project_close(project);
    CHECK_SAYS("log lines 22 to 22 were removed before they were sealed");
}
