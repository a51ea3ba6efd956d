#include "unit.h"

#include "store/fixture.h"

static const char path[] = "refused_test.gpkg";

TEST(refused_records_come_latest_import_first_in_order_of_rows)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "item", .path = "a.csv"};
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    char seen[128] = "";
    bool more = true;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i < 2; i++) {
        int64_t id = 0;
        CHECK_OK(tl_project_import_begin(ctx, project, &entry, &id));
        for (int row = 9; row > 7; row--) {
            struct tl_refused refused = {row, "date-future", "no", "{}", NULL};
            CHECK_OK(tl_project_refuse(ctx, project, id, &refused));
        }
        entry.path = "b.csv";
    }
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_refused_select(ctx, project, &cursor));
    for (;;) {
        CHECK_OK(tl_project_refused_next(ctx, cursor, values, &more));
        if (!more)
            break;
        strcat(strcat(seen, values[1]), values[2]);
    }
    CHECK_STR(seen, "b.csv8b.csv9a.csv8a.csv9");
    tl_project_refused_free(cursor);
    tl_project_close(project);
}

TEST(a_refused_record_says_which_record_came_of_it_once)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "item", .path = "a.csv", .options = "{}"};
    struct tl_refused_filter filter = {.open = true, .limit = 1};
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    int64_t import_id = 0, total = 0;
    bool more = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_import_begin(ctx, project, &entry, &import_id));
    for (int row = 1; row < 4; row++) {
        struct tl_refused refused = {row, "date-future", "no", "{}", NULL};
        CHECK_OK(tl_project_refuse(ctx, project, import_id, &refused));
    }
    CHECK_OK(tl_project_refused_mend(ctx, project, 2, "IT-0007", "Entry"));
    CHECK_FAILS(tl_project_refused_mend(ctx, project, 2, "IT-0008", "Entry"), TL_ECONFLICT,
                "IT-0007");
    CHECK_FAILS(tl_project_refused_mend(ctx, project, 9, "IT-0008", "Entry"), TL_ENOTFOUND, "9");
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_refused_find(ctx, project, &filter, &total, &cursor));
    CHECK(total == 2);
    CHECK_OK(tl_project_refused_next(ctx, cursor, values, &more));
    CHECK(more);
    CHECK_STR(values[TL_REFUSED_ID], "1");
    CHECK_STR(values[TL_REFUSED_KIND], "item");
    CHECK_STR(values[TL_REFUSED_OPTIONS], "{}");
    CHECK(values[TL_REFUSED_MENDED] == NULL);
    CHECK_OK(tl_project_refused_next(ctx, cursor, values, &more));
    CHECK(!more);
    tl_project_refused_free(cursor);
    filter = (struct tl_refused_filter){.id = 2};
    CHECK_OK(tl_project_refused_find(ctx, project, &filter, &total, &cursor));
    CHECK_OK(tl_project_refused_next(ctx, cursor, values, &more));
    CHECK(total == 1 && more);
    CHECK_STR(values[TL_REFUSED_MENDED], "IT-0007");
    tl_project_refused_free(cursor);
    tl_project_close(project);
}
