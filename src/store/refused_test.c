#include "unit.h"

#include "store/fixture.h"

static const char path[] = "refused_test.gpkg";

TEST(refused_records_come_latest_import_first_in_order_of_rows)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "item", .path = "a.csv"};
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_COLUMNS];
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
