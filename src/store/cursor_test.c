#include "unit.h"

#include "store/fixture.h"

static const char path[] = "cursor_test.gpkg";

TEST(a_record_comes_back_as_it_was_put)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    enum tl_put put;
    int64_t id = 0, n = 0, n_bytes = 0;
    bool more = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_put(ctx, project, 0, 7, true, "AP \"mine\"\\\n", &put, &id));
    CHECK(put == TL_PUT_ADDED && id == 1);
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 1);
    CHECK_OK(tl_register_select(ctx, project, TL_KIND_ACCIDENT, NULL, &cursor));
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK(more && tl_cursor_id(cursor) == 1);
    CHECK_STR(tl_cursor_code(cursor), "AC-0001");
    CHECK_STR(tl_cursor_text(cursor, tl_kind_column(TL_KIND_ACCIDENT, "category")),
              "AP \"mine\"\\\n");
    CHECK_NEAR(tl_cursor_real(cursor, tl_kind_column(TL_KIND_ACCIDENT, "killed")), 1, 0);
    CHECK(isnan(tl_cursor_real(cursor, tl_kind_column(TL_KIND_ACCIDENT, "injured"))));
    CHECK(tl_cursor_text(cursor, tl_kind_column(TL_KIND_ACCIDENT, "injured")) == NULL);
    CHECK_NEAR(tl_cursor_accuracy_m(cursor), 10, 0);
    CHECK_STR(tl_cursor_source_id(cursor), "E7");
    unsigned char wkb[21];
    fixture_point(-75.2 + 0.0001 * 7, 7.0 + 0.00001 * 7, wkb);
    const void *found = tl_cursor_wkb(cursor, &n_bytes);
    CHECK(n_bytes == 21 && memcmp(found, wkb, 21) == 0);
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK(!more);
    tl_cursor_free(cursor);
    tl_project_close(project);
}

TEST(every_allocation_may_fail_and_nothing_leaks)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    static const double box[4] = {-76, 6, -74, 8};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_EVERY_ALLOC(ctx, (tl_cursor_free(cursor), cursor = NULL,
                            tl_register_select(ctx, project, TL_KIND_SEARCH, box, &cursor)));
    tl_cursor_free(cursor);
    tl_project_close(project);
}
