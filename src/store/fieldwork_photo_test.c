#include "unit.h"

#include <math.h>

#include "store/edit_fixture.h"
#include "tilth/fieldwork.h"

static const char path[] = "fieldwork_photo_test.gpkg";

static struct tl_fieldwork_sent sent_of(const char *id, const char *mends)
{
    return (struct tl_fieldwork_sent){.id = id,
                                      .kind = TL_KIND_ACCIDENT,
                                      .mends = mends,
                                      .made_at = "2026-11-20T10:00:00Z",
                                      .ahead_s = (double)NAN,
                                      .body = id,
                                      .body_bytes = (int64_t)strlen(id)};
}

/* What came, in a transaction of its own. */
static tl_err come(struct tl_ctx *ctx, struct tl_project *project, const char *id,
                   const char *mends, const struct tl_fieldwork_made *made)
{
    struct tl_fieldwork_sent sent = sent_of(id, mends);
    char *receipt = NULL;
    tl_err err = edit_begin(ctx, project, &olha);
    if (err == TL_OK)
        err = tl_fieldwork_keep(ctx, project, &sent, made, &olha, &receipt);
    tl_free(receipt);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

static tl_err photo(struct tl_ctx *ctx, struct tl_project *project, const char *uuid,
                    const char *bytes, bool *is_new)
{
    const struct tl_attach_file file = {.name = "photo.jpg",
                                        .media_type = "image/jpeg",
                                        .file = -1,
                                        .bytes = bytes,
                                        .n_bytes = (int64_t)strlen(bytes)};
    int64_t id = 0;
    tl_err err = edit_begin(ctx, project, &olha);
    if (err == TL_OK)
        err = tl_fieldwork_photo(ctx, project, uuid, &file, &id, is_new);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

static int64_t n_of(struct tl_ctx *ctx, struct tl_project *project, const char *code)
{
    struct tl_attach_info *list = NULL;
    int64_t n = -1;
    if (tl_attach_list(ctx, project, TL_KIND_ACCIDENT, code, &list, &n) != TL_OK)
        n = -2;
    tl_free(list);
    return n;
}

static tl_err open_one(struct tl_ctx *ctx, struct tl_project **project, struct tl_edit_state *state)
{
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    tl_err err = fixture_open(ctx, path, project);
    return err == TL_OK ? edit_create(ctx, *project, &edit, &olha, state) : err;
}

TEST(a_photograph_hangs_on_the_record_that_was_entered_and_comes_once)
{
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    struct tl_attach_info *list = NULL;
    int64_t n = 0;
    bool is_new = false;
    CHECK_OK(open_one(ctx, &project, &state));
    CHECK_FAILS(photo(ctx, project, "11111111-aaaa", "one", &is_new), TL_ENOTFOUND,
                "nothing with the id");
    CHECK_OK(come(
        ctx, project, "11111111-aaaa", NULL,
        &(struct tl_fieldwork_made){TL_FIELDWORK_NEW, state.code, state.version, 0, NULL, NULL}));
    CHECK_OK(photo(ctx, project, "11111111-aaaa", "one", &is_new));
    CHECK(is_new);
    CHECK_OK(photo(ctx, project, "11111111-aaaa", "one", &is_new));
    CHECK(!is_new);
    CHECK_OK(photo(ctx, project, "11111111-aaaa", "two", &is_new));
    CHECK(n_of(ctx, project, state.code) == 2);
    CHECK_OK(tl_fieldwork_photos(ctx, project, "11111111-aaaa", &list, &n));
    CHECK(n == 2 && list[0].n_bytes == 3 && list[0].kind == TL_KIND_COUNT);
    CHECK_STR(list[1].by, "Olha");
    tl_free(list);
    CHECK_FAILS(photo(ctx, project, "11111111-aaaa", "", &is_new), TL_EDATA, "an empty file");
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(those_of_a_kept_change_wait_for_the_decision_and_later_ones_do_not)
{
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    bool is_new = false;
    CHECK_OK(open_one(ctx, &project, &state));
    CHECK_OK(come(ctx, project, "22222222-aaaa", NULL,
                  &(struct tl_fieldwork_made){TL_FIELDWORK_CONFLICT, state.code, "x", state.id,
                                              "[]", "it changed"}));
    CHECK_OK(photo(ctx, project, "22222222-aaaa", "one", &is_new));
    CHECK(n_of(ctx, project, state.code) == 0);
    CHECK_OK(edit_begin(ctx, project, &vira));
    CHECK_OK(tl_fieldwork_decide(ctx, project, 1, "{\"killed\":\"register\"}", NULL, &vira));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(n_of(ctx, project, state.code) == 1);
    CHECK_OK(photo(ctx, project, "22222222-aaaa", "two", &is_new));
    CHECK(n_of(ctx, project, state.code) == 2);
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(those_of_refused_records_come_to_the_one_that_stands_for_them)
{
    const struct tl_fieldwork_made refused = {TL_FIELDWORK_REFUSED, NULL, NULL, 0, "[]", "no date"};
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    bool is_new = false;
    CHECK_OK(open_one(ctx, &project, &state));
    CHECK_OK(come(ctx, project, "33333333-aaaa", NULL, &refused));
    CHECK_OK(photo(ctx, project, "33333333-aaaa", "one", &is_new));
    CHECK_OK(come(ctx, project, "33333333-bbbb", "33333333-aaaa", &refused));
    CHECK_OK(photo(ctx, project, "33333333-bbbb", "two", &is_new));
    CHECK_OK(photo(ctx, project, "33333333-bbbb", "one", &is_new));
    CHECK(is_new && n_of(ctx, project, state.code) == 0);
    CHECK_OK(come(
        ctx, project, "33333333-cccc", "33333333-bbbb",
        &(struct tl_fieldwork_made){TL_FIELDWORK_NEW, state.code, state.version, 0, NULL, NULL}));
    CHECK(n_of(ctx, project, state.code) == 2);                       /* each content once */
    CHECK_OK(photo(ctx, project, "33333333-aaaa", "three", &is_new)); /* late, of the first one */
    CHECK(n_of(ctx, project, state.code) == 3);
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(there_are_at_most_so_many_of_one_record)
{
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    bool is_new = false;
    char bytes[16];
    CHECK_OK(open_one(ctx, &project, &state));
    CHECK_OK(come(
        ctx, project, "44444444-aaaa", NULL,
        &(struct tl_fieldwork_made){TL_FIELDWORK_NEW, state.code, state.version, 0, NULL, NULL}));
    for (int i = 0; i < TL_FIELDWORK_PHOTOS_MAX; i++) {
        snprintf(bytes, sizeof bytes, "%d", i);
        CHECK_OK(photo(ctx, project, "44444444-aaaa", bytes, &is_new));
    }
    CHECK_FAILS(photo(ctx, project, "44444444-aaaa", "one more", &is_new), TL_EDATA,
                "expected at most 50");
    CHECK_OK(photo(ctx, project, "44444444-aaaa", "7", &is_new)); /* what is there is no more */
    CHECK(!is_new && n_of(ctx, project, state.code) == 50);
    tl_project_close(project);
}

static tl_err note(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    bool is_new = false;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(photo(ctx, project, "55555555-aaaa", "one", &is_new));
done:
    tl_project_close(project);
    return err;
}

TEST(survives_any_failing_allocation)
{
    struct tl_project *project = NULL;
    struct tl_edit_state state;
    CHECK_OK(open_one(ctx, &project, &state));
    CHECK_OK(come(
        ctx, project, "55555555-aaaa", NULL,
        &(struct tl_fieldwork_made){TL_FIELDWORK_NEW, state.code, state.version, 0, NULL, NULL}));
    tl_project_close(project);
    CHECK_EVERY_ALLOC(ctx, note(ctx));
}
