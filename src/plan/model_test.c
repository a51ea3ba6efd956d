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
