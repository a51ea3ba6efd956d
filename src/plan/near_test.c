#include "plan/near.h"
#include "plan/problem_fixture.h"
#include "unit.h"

TEST(cells_stand_by_bin_with_the_nearest_first_and_must_do_tasks_before_them)
{
    static struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d;
    struct tl_plan_near near;
    fixture_plain(&f, 5, 2, 2);
    f.rule[1] = TL_PLAN_MUST;
    f.rule[2] = TL_PLAN_MUST_NOT;
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK_OK(tl_plan_bound_init(ctx, &m, &d));
    d.day[0] = 0.05; /* team 0 in year 0: 0.5 a task */
    CHECK_OK(tl_plan_near_init(ctx, &m, &d, 2, &near));
    CHECK(near.start[4] == 12); /* of each bin the must-do task and two more */
    for (int b = 0; b < 4; b++) {
        const struct tl_plan_cell *c = &near.cells[near.start[b]];
        CHECK(m.choices[c->choice].task == 1 && c->must == 0.1);
        CHECK(c[1].loss <= c[2].loss && c[1].loss >= 0.0);
        CHECK(m.choices[c->choice].team * 2 + c->year == b);
    }
    /* Task 0 in year 0: 1 at team 1 is its best; 0.5 at team 0. */
    CHECK_NEAR(near.cells[1].loss, 0.5, 1e-12);
    CHECK_NEAR(near.cells[1].price, 0.5, 1e-12);
    CHECK_NEAR(tl_plan_near_best(&m, &d, 4), 5.0, 1e-12);
    tl_plan_near_fini(&near);
    CHECK_OK(tl_plan_near_init(ctx, &m, &d, 0, &near));
    CHECK(near.start[4] == 16);
    tl_plan_near_fini(&near);
    CHECK_EVERY_ALLOC(ctx, tl_plan_near_init(ctx, &m, &d, 2, &near));
    tl_plan_near_fini(&near);
    tl_plan_bound_fini(&d);
    tl_plan_model_fini(&m);
}
