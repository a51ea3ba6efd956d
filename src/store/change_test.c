#include "unit.h"

#include "store/fixture.h"

static const char path[] = "change_test.gpkg";

TEST(a_change_of_a_kind_is_told_and_told_once_also_to_another_reader)
{
    struct tl_project *project = NULL, *reader = NULL;
    struct tl_project_change at, change;
    enum tl_put put;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &reader));
    CHECK_OK(tl_project_changes(ctx, reader, -1, &at));
    CHECK(at.map && at.kinds[TL_KIND_ACCIDENT] && at.kinds[TL_KIND_PLACE]);
    CHECK_OK(tl_project_changes(ctx, reader, at.last_line, &change));
    CHECK(!change.map && !change.kinds[TL_KIND_ACCIDENT] && change.last_line == at.last_line);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 1, true, "AP mine", &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_changes(ctx, reader, at.last_line, &change));
    CHECK(change.kinds[TL_KIND_ACCIDENT] && !change.kinds[TL_KIND_ITEM] && !change.map);
    CHECK(change.last_line > at.last_line);
    CHECK_OK(tl_project_changes(ctx, reader, change.last_line, &at));
    CHECK(!at.kinds[TL_KIND_ACCIDENT]);
    CHECK_OK(tl_project_changes(ctx, reader, change.last_line + 1000, &at));
    CHECK(at.kinds[TL_KIND_ACCIDENT] && at.map); /* the log was longer: another file */
    tl_project_close(reader);
    tl_project_close(project);
}

TEST(a_map_that_is_saved_is_told)
{
    struct tl_project *project = NULL;
    struct tl_project_change at, change;
    float values[80] = {0};
    struct tl_map_band band = {"density_mean", values};
    int64_t run = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_changes(ctx, project, -1, &at));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_map_save(ctx, project, "{}", 1, &band, &run));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_changes(ctx, project, at.last_line, &change));
    CHECK(change.map && !change.kinds[TL_KIND_HAZARD_AREA]);
    tl_project_close(project);
}
