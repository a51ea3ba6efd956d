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

static tl_err put_dated(struct tl_ctx *ctx, struct tl_project *project, int i, const char *date,
                        const char *category, const char *activity)
{
    unsigned char wkb[21];
    enum tl_put put;
    struct tl_record record = {
        .source = "s", .accuracy_m = NAN, .wkb = wkb, .wkb_bytes = sizeof wkb};
    fixture_point(-75.2 + 0.001 * i, 7.0, wkb);
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "date")] = date;
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "category")] = category;
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "activity")] = activity;
    return tl_register_put(ctx, project, TL_KIND_ACCIDENT, &record, false, &put, NULL);
}

static int64_t count(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_register_filter *filter)
{
    int64_t n = -1;
    return tl_register_find_count(ctx, project, TL_KIND_ACCIDENT, filter, &n) == TL_OK ? n : -1;
}

TEST(a_filter_holds_text_dates_columns_and_a_box_at_once)
{
    static const double box[4] = {-75.2005, 6.9, -75.1985, 7.1};
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    bool more = false;
    int64_t n = -1;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(put_dated(ctx, project, 0, "2023-12-31", "AP mine", "Оранка ПОЛЯ"));
    CHECK_OK(put_dated(ctx, project, 1, "2024-05", "AV mine", "x' OR 1=1 --"));
    CHECK_OK(put_dated(ctx, project, 2, "2024-05-31", "AP mine", "100% sure"));
    CHECK_OK(put_dated(ctx, project, 3, "2025", "AP mine", NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(count(ctx, project, &(struct tl_register_filter){0}) == 4);
    CHECK(count(ctx, project, &(struct tl_register_filter){.text = "оранка поля"}) == 1);
    CHECK(count(ctx, project, &(struct tl_register_filter){.text = "' or 1=1"}) == 1);
    CHECK(count(ctx, project, &(struct tl_register_filter){.text = "%"}) == 1);
    CHECK(count(ctx, project, &(struct tl_register_filter){.text = "ac-0003"}) == 1);
    CHECK(count(ctx, project, &(struct tl_register_filter){.from = "2024"}) == 3);
    CHECK(count(ctx, project, &(struct tl_register_filter){.from = "2024-05-15"}) ==
          3); /* some day of May may be later */
    CHECK(count(ctx, project, &(struct tl_register_filter){.from = "2024", .to = "2024"}) == 2);
    CHECK(count(ctx, project, &(struct tl_register_filter){.to = "2024-05-30"}) == 2);
    CHECK(count(ctx, project,
                &(struct tl_register_filter){.column = "category", .value = "AP mine"}) == 3);
    CHECK(count(ctx, project,
                &(struct tl_register_filter){
                    .column = "category", .value = "AP mine", .from = "2024", .box_deg = box}) ==
          0);
    CHECK(count(ctx, project, &(struct tl_register_filter){.box_deg = box}) == 2);
    CHECK(count(ctx, project, &(struct tl_register_filter){.code = "AC-0002"}) == 1);
    CHECK_FAILS(tl_register_find_count(
                    ctx, project, TL_KIND_ACCIDENT,
                    &(struct tl_register_filter){.column = "status", .value = "open"}, &n),
                TL_EUSAGE, "have no \"status\"");
    CHECK_FAILS(tl_register_find_count(ctx, project, TL_KIND_PLACE,
                                       &(struct tl_register_filter){.from = "2024"}, &n),
                TL_EUSAGE, "have no date");
    CHECK_OK(tl_register_find(ctx, project, TL_KIND_ACCIDENT,
                              &(struct tl_register_filter){.limit = 1, .offset = 2}, &cursor));
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK_STR(tl_cursor_code(cursor), "AC-0003");
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK(!more);
    tl_cursor_free(cursor);
    tl_project_close(project);
}
