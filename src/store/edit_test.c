#include "unit.h"

#include "store/edit_fixture.h"

static const char path[] = "edit_test.gpkg";

TEST(a_record_goes_from_draft_to_approved)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    char *text = NULL;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    CHECK_STR(s.status, "draft");
    CHECK_STR(s.entered_by, "Olha");
    CHECK(s.may[TL_EDIT_CHANGE] && s.may[TL_EDIT_SUBMIT] && !s.may[TL_EDIT_APPROVE]);
    /* nobody else's draft, and not before it is submitted */
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_SUBMIT, NULL, &petro, &s), TL_EDENIED,
                "is a draft of Olha");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &vira, &s), TL_ECONFLICT,
                "is 'draft', only what is submitted");
    CHECK_OK(edit_step(ctx, project, TL_EDIT_SUBMIT, NULL, &olha, &s));
    CHECK_STR(s.status, "submitted");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_SUBMIT, NULL, &olha, &s), TL_ECONFLICT,
                "is 'submitted' already");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &olha, &s), TL_EDENIED,
                "the role 'entry' may not approve");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_RETURN, "  ", &vira, &s), TL_EUSAGE, "comment");
    CHECK_OK(edit_step(ctx, project, TL_EDIT_RETURN, "which village?", &vira, &s));
    CHECK_STR(s.status, "draft");
    CHECK_OK(edit_step(ctx, project, TL_EDIT_SUBMIT, "Anorí", &olha, &s));
    CHECK_OK(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &vira, &s));
    CHECK_STR(s.status, "approved");
    CHECK_STR(s.approved_by, "Vira");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_RETURN, "no", &vira, &s), TL_ECONFLICT,
                "is 'approved', only");
    CHECK_OK(tl_edit_reviews(ctx, project, TL_KIND_ACCIDENT, s.id, &text));
    CHECK(strstr(text, "which village?") != NULL && strstr(text, "\"returned\"") != NULL);
    tl_free(text);
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(nobody_approves_their_own)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    const struct tl_edit_who boss = {"Boss", "approver", false};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_create(ctx, project, &edit, &vira, &s));
    CHECK_OK(edit_step(ctx, project, TL_EDIT_SUBMIT, NULL, &vira, &s));
    CHECK(!s.may[TL_EDIT_APPROVE] && s.is_own);
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &vira, &s), TL_EDENIED,
                "was entered or changed by Vira");
    /* a change by a third person does not make it the first one's to approve */
    edit = edit_accident(-75.15, "AV mine");
    CHECK_OK(edit_change(ctx, project, &edit, &boss, &s));
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &vira, &s), TL_EDENIED, "Vira");
    CHECK_FAILS(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &boss, &s), TL_EDENIED, "Boss");
    /* alone there is nobody else */
    CHECK_OK(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &local, &s));
    /* approved is everybody's again: Vira may approve what Boss changes now */
    edit = edit_accident(-75.15, "ERW");
    CHECK_OK(edit_change(ctx, project, &edit, &boss, &s));
    CHECK_STR(s.status, "submitted");
    CHECK_OK(edit_step(ctx, project, TL_EDIT_APPROVE, NULL, &vira, &s));
    tl_project_close(project);
}

TEST(others_may_read_only)
{
    struct tl_project *project = NULL;
    struct tl_edit_state s;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(edit_create(ctx, project, &edit, &quality, &s), TL_EDENIED,
                "the role 'quality manager' may not enter");
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &s));
    CHECK_FAILS(edit_change(ctx, project, &edit, &quality, &s), TL_EDENIED, "may not change");
    CHECK_OK(tl_edit_state(ctx, project, TL_KIND_ACCIDENT, s.code, &quality, &s));
    for (int act = 0; act < TL_EDIT_ACTS; act++)
        CHECK(!s.may[act]);
    CHECK_FAILS(tl_edit_state(ctx, project, TL_KIND_ITEM, s.code, &olha, &s), TL_ENOTFOUND,
                "there is no item");
    tl_project_close(project);
}
