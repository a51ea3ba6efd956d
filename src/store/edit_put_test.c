#include "unit.h"

#include "store/edit_fixture.h"

#include "tilth/log.h"

static const char path[] = "edit_put_test.gpkg";

static int64_t count(struct tl_ctx *ctx, struct tl_project *project, const char *sql)
{
    int64_t n = -1;
    return tl_sql_int(ctx, project->db, sql, -1, &n) == TL_OK ? n : -2;
}

TEST(two_writers_meet_and_the_second_is_told)
{
    struct tl_project *project = NULL, *other = NULL;
    struct tl_edit_state s, seen;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    CHECK_OK(edit_step(ctx, project, TL_EDIT_SUBMIT, NULL, &olha, &s));
    seen = s;
    edit = edit_accident(-75.15, "AV mine");
    CHECK_OK(edit_change(ctx, project, &edit, &vira, &s));
    CHECK(strcmp(s.version, seen.version) != 0);
    edit = edit_accident(-75.15, "ERW");
    int64_t lines = count(ctx, project, "SELECT count(*) FROM log");
    CHECK_FAILS(edit_change(ctx, project, &edit, &olha, &seen), TL_ECONFLICT,
                "AC-0001 was changed meanwhile by Vira at 20");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_RETURN, "x", &vira, &seen), TL_ECONFLICT,
                "changed meanwhile");
    CHECK(count(ctx, project, "SELECT count(*) FROM log") == lines);
    CHECK(count(ctx, project, "SELECT count(*) FROM accident WHERE category = 'AV mine'") == 1);
    /* a change made past the program counts as well */
    seen = s;
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &other));
    CHECK_OK(tl_sql_exec(ctx, other->db, "UPDATE accident SET killed = 3"));
    tl_project_close(other);
    CHECK_FAILS(edit_change(ctx, project, &edit, &vira, &seen), TL_ECONFLICT, "by outside");
    CHECK_OK(tl_project_begin(ctx, project)); /* seals the line from outside */
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(what_changes_nothing_is_not_logged)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    struct tl_edit edit = edit_accident(-75.15, "AP mine"), none = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    int64_t lines = count(ctx, project, "SELECT count(*) FROM log");
    CHECK_OK(edit_change(ctx, project, &edit, &olha, &s));
    CHECK_OK(edit_change(ctx, project, &none, &olha, &s));
    CHECK(count(ctx, project, "SELECT count(*) FROM log") == lines);
    edit = edit_accident(-75.12, "AP mine");
    CHECK_OK(edit_change(ctx, project, &edit, &olha, &s));
    CHECK_STR(s.status, "draft");
    CHECK(count(ctx, project, "SELECT count(*) FROM log") == lines + 2); /* record and review */
    const double box[4] = {-75.125, 7.03, -75.115, 7.05};
    CHECK(count(ctx, project,
                "SELECT count(*) FROM rtree_accident_geom WHERE minx > -75.125 AND maxx < "
                "-75.115") == 1);
    struct tl_cursor *cursor = NULL;
    bool more = false;
    CHECK_OK(tl_register_select(ctx, project, TL_KIND_ACCIDENT, box, &cursor));
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK(more);
    tl_cursor_free(cursor);
    tl_project_close(project);
}

TEST(the_same_again_adds_nothing)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s, again;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    CHECK_OK(fixture_open(ctx, path, &project));
    edit.id = "0b1c-77";
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    CHECK(s.is_new);
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &again));
    CHECK(!again.is_new);
    CHECK_STR(again.code, s.code);
    struct tl_edit other = edit_accident(-75.15, "ERW");
    other.id = edit.id;
    CHECK_FAILS(edit_create(ctx, project, &other, &olha, &again), TL_ECONFLICT, "AC-0001");
    /* without an id two records may be alike; imports and forms share the codes */
    edit.id = NULL;
    enum tl_put put;
    int64_t id = 0;
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    CHECK_OK(edit_begin(ctx, project, &olha));
    CHECK_OK(fixture_put(ctx, project, 0, 7, true, "AP mine", &put, &id));
    CHECK_OK(tl_edit_create(ctx, project, TL_KIND_ACCIDENT, &edit, &olha, &s));
    CHECK_OK(fixture_put(ctx, project, 0, 8, true, "AP mine", &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(count(ctx, project, "SELECT count(*) FROM accident") == 5 && id == 5);
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(an_area_ends_by_a_decision_only)
{
    static const double ring[10] = {-75.18, 7.02,   -75.16, 7.02,   -75.16,
                                    7.04,   -75.18, 7.04,   -75.18, 7.02};
    unsigned char wkb[13 + sizeof ring];
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    struct tl_edit edit = {.sets_geometry = true, .wkb = wkb, .wkb_bytes = sizeof wkb},
                   status = {0};
    int column = tl_kind_column(TL_KIND_HAZARD_AREA, "status");
    memcpy(wkb, fixture_area, 13);
    memcpy(wkb + 13, ring, sizeof ring);
    status.sets[column] = edit.sets[column] = true;
    edit.values[column] = "cleared";
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_begin(ctx, project, &olha));
    CHECK_FAILS(tl_edit_create(ctx, project, TL_KIND_HAZARD_AREA, &edit, &olha, &s), TL_EDENIED,
                "by a decision");
    edit.values[column] = "open";
    CHECK_OK(tl_edit_create(ctx, project, TL_KIND_HAZARD_AREA, &edit, &olha, &s));
    status.values[column] = "handed over";
    CHECK_FAILS(
        tl_edit_change(ctx, project, TL_KIND_HAZARD_AREA, s.code, s.version, &status, &olha, &s),
        TL_EDENIED, "\"handed over\" by a decision");
    CHECK_OK(tl_project_commit(ctx, project));
    /* one that was cleared: its perimeter stands, its name may be mended, and it may be opened again */
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE hazard_area SET status = 'cleared'"));
    CHECK_OK(edit_begin(ctx, project, &olha));
    CHECK_OK(tl_edit_state(ctx, project, TL_KIND_HAZARD_AREA, s.code, &olha, &s));
    CHECK(s.is_ended);
    struct tl_edit moved = {.sets_geometry = true, .wkb = wkb, .wkb_bytes = sizeof wkb};
    const double west = -75.19;
    memcpy(wkb + 13, &west, 8);
    memcpy(wkb + 13 + 64, &west, 8);
    CHECK_FAILS(
        tl_edit_change(ctx, project, TL_KIND_HAZARD_AREA, s.code, s.version, &moved, &olha, &s),
        TL_EDENIED, "its perimeter is what was decided about");
    status.values[column] = "cleared";
    int name = tl_kind_column(TL_KIND_HAZARD_AREA, "name");
    status.sets[name] = true;
    status.values[name] = "Поле 1";
    CHECK_OK(
        tl_edit_change(ctx, project, TL_KIND_HAZARD_AREA, s.code, s.version, &status, &olha, &s));
    status.values[column] = "open";
    CHECK_OK(
        tl_edit_change(ctx, project, TL_KIND_HAZARD_AREA, s.code, s.version, &status, &olha, &s));
    CHECK(!s.is_ended);
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
}

TEST(reading_projects_are_not_written)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(tl_edit_create(ctx, project, TL_KIND_ACCIDENT, &edit, &olha, &s), TL_EREADONLY, "");
    tl_project_close(project);
}
