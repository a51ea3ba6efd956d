#include "plan/model.h"
#include "plan/problem_fixture.h"
#include "unit.h"

TEST(an_option_keeps_the_years_in_which_it_fits)
{
    struct fixture f;
    struct tl_plan_model m;
    fixture_plain(&f, 4, 2, 3);
    f.team_days[0] = 9.0;   /* team 0, year 0 */
    f.team_days[5] = 9.999; /* team 1, year 2 */
    f.budget[1] = 9.0;
    f.first_year[1] = 2;
    f.rule[2] = TL_PLAN_MUST_NOT;
    f.value[3] = 0.0;
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK(m.start[1] == 2 && m.choices[0].years == 4 && m.choices[1].years == 1);
    CHECK(m.start[2] == 3 && m.choices[2].years == 4 && m.choices[2].team == 0);
    CHECK(m.start[3] == 3 && m.start[4] == 3 && m.n_cells == 3);
    tl_plan_model_fini(&m);
    f.problem.carry = true;
    f.rule[3] = TL_PLAN_MUST;
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK(m.choices[0].years == 6 && m.start[4] == 5 && m.money[2] == 2009.0);
    CHECK_NEAR(m.value_max, 3.0, 0.0);
    tl_plan_model_fini(&m);
}

TEST(a_task_that_waits_has_its_turns_and_no_year_before_what_it_waits_for)
{
    static struct fixture f;
    struct tl_plan_model m;
    fixture_plain(&f, 3, 1, 3);
    for (int y = 0; y < 3; y++)
        f.early_days[y] = y == 0 ? 9.0 : 50.0;
    f.problem.early_days = f.early_days;
    f.value[0] = 0.0;
    f.first_year[0] = 1;
    f.rule[1] = TL_PLAN_MUST;
    fixture_order(&f, 0, 1);
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    /* Worth nothing and waited for: early and anywhere, and it must be done. */
    CHECK(m.start[1] == 2 && m.choices[0].turn == TL_PLAN_EARLY && m.choices[0].years == 6);
    CHECK(m.choices[1].turn == TL_PLAN_ANY_TURN && m.must[0] && m.must[1] && !m.must[2]);
    /* What waits: anywhere and late, from the second year on; what has no order: once. */
    CHECK(m.start[2] == 4 && m.choices[2].years == 6 && m.choices[3].turn == TL_PLAN_LATE);
    CHECK(m.start[3] == 5 && m.choices[4].turn == TL_PLAN_ANY_TURN && m.choices[4].years == 7);
    tl_plan_model_fini(&m);
    f.rule[0] = TL_PLAN_MUST_NOT;
    f.rule[1] = TL_PLAN_MAY;
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK(m.start[2] == 0 && m.n_choices == 1);
    tl_plan_model_fini(&m);
    f.early_days[1] = 101.0;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA,
                "101 of 100 days lie before the middle");
}

TEST(numbers_out_of_range_are_refused)
{
    static struct fixture f;
    struct tl_plan_model m;
    fixture_plain(&f, 2, 2, 2);
    f.value[1] = -1.0;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "task 2 is worth -1");
    fixture_plain(&f, 2, 2, 2);
    f.options[1].days = 0.0;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "task 1 takes team 2 0 days");
    fixture_plain(&f, 2, 2, 2);
    f.options[1].team = 0;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "option 1 is out of order");
    fixture_plain(&f, 2, 2, 2);
    f.options[3].task = 2;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "no such task (2)");
    fixture_plain(&f, 2, 2, 2);
    f.budget[1] = NAN;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "the budget of year 1 is nan");
    fixture_plain(&f, 2, 2, 2);
    f.district[0] = 4;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "district 4; there are 4");
    fixture_plain(&f, 2, 2, 2);
    f.problem.n_years = 65;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "expected 1 to 64");
    fixture_plain(&f, 2, 2, 2);
    f.rule[0] = 3;
    CHECK_FAILS(tl_plan_model_init(ctx, &f.problem, &m), TL_EDATA, "rule 3");
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    struct tl_plan_model m = {0};
    fixture_plain(&f, 4, 2, 3);
    CHECK_EVERY_ALLOC(ctx, tl_plan_model_init(ctx, &f.problem, &m));
    tl_plan_model_fini(&m);
}
