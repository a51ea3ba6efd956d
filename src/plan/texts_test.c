#include "unit.h"

#include "plan/fixture.h"

TEST(a_sentence_is_kept_once_and_lives_with_the_plan)
{
    struct tl_plan *plan = tl_alloc(ctx, 1, sizeof *plan);
    CHECK(plan != NULL);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++)
            CHECK_OK(tl_plan_assume(ctx, plan, "number %d", i));
    CHECK(plan->assumptions.n == 100 && plan->notes.n == 0);
    CHECK_STR(plan->assumptions.texts[42], "number 42");
    CHECK_OK(tl_plan_remark(ctx, plan, "a note"));
    CHECK_STR(tl_plan_note(plan, 0), "a note");
    CHECK(tl_plan_note(plan, 1) == NULL);
    CHECK_STR(tl_plan_keep_text(ctx, plan, "%s/%d", "T-007", 2), "T-007/2");
    tl_plan_free(plan);
}
