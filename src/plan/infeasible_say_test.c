#include "plan/infeasible.h"
#include "plan/problem_fixture.h"
#include "unit.h"

static tl_err say(struct tl_ctx *ctx, const struct fixture *f, int64_t n,
                  const struct tl_plan_demand *demands)
{
    struct tl_plan_names names = {NULL, NULL};
    struct tl_plan_limits limits = tl_plan_limits_default();
    struct tl_plan_question q = {.problem = &f->problem, .limits = &limits, .until_s = INFINITY};
    limits.heuristic = true;
    return tl_plan_infeasible_say(ctx, &q, n, demands, &names);
}

static const struct tl_plan_demand THREE[] = {{false, 0}, {false, 1}, {false, 2}};

TEST(too_few_days_are_told_as_sums_where_these_are_the_proof)
{
    static struct fixture f;
    fixture_plain(&f, 3, 1, 1);
    f.team_days[0] = 25.0;
    CHECK_FAILS(
        say(ctx, &f, 3, THREE), TL_EDATA,
        "task 1, task 2 and task 3 must be done but need at least 30 days of teams that can "
        "do them in year 1, and there are 25");
}

TEST(days_that_would_do_if_tasks_could_be_cut_are_told_as_such)
{
    static struct fixture f;
    fixture_plain(&f, 3, 1, 2);
    f.team_days[0] = f.team_days[1] = 17.0;
    CHECK_FAILS(say(ctx, &f, 3, THREE), TL_EDATA,
                "do not fit into the days of the teams that can do them in year 1 to year 2 (at "
                "least 30 of 34; a task is not cut between teams or years)");
}

TEST(too_little_money_is_told)
{
    static struct fixture f;
    fixture_plain(&f, 3, 1, 2);
    f.budget[0] = 12.0;
    f.budget[1] = 12.0;
    CHECK_FAILS(say(ctx, &f, 3, THREE), TL_EDATA,
                "must be done but cost at least 30, and there are 24 in year 1 to year 2");
    f.budget[1] = 19.0;
    CHECK_FAILS(say(ctx, &f, 3, THREE), TL_EDATA,
                "do not fit into the years' money in year 1 to year 2 (at least 30 of 31;");
}

/* Days only where there is no money: each alone would do. */
TEST(days_and_money_that_lie_apart_are_told_together)
{
    static struct fixture f;
    fixture_plain(&f, 2, 1, 2);
    f.team_days[0] = 20.0;
    f.team_days[1] = 10.0;
    f.budget[0] = 10.0;
    f.budget[1] = 20.0;
    f.options[0].cost = 9.0;
    f.options[1].cost = 2.0;
    f.options[0].days = 10.0;
    f.options[1].days = 11.0;
    f.first_year[0] = f.last_year[0] = 0;
    f.first_year[1] = f.last_year[1] = 0;
    f.team_days[0] = 20.5;
    f.budget[0] = 10.5;
    CHECK_FAILS(say(ctx, &f, 2, THREE), TL_EDATA, "days of teams that can do them in year 1");
    f.team_days[0] = 15.0;
    f.last_year[1] = 1;
    f.team_days[1] = 15.0;
    f.budget[1] = 1.0;
    CHECK_FAILS(say(ctx, &f, 2, THREE), TL_EDATA, "task 1 and task 2 must be done but");
}

TEST(floors_are_told_with_what_can_be_given)
{
    static struct fixture f;
    static const struct tl_plan_demand floor[] = {{true, 1}}, both[] = {{true, 0}, {true, 1}},
                                       mixed[] = {{false, 0}, {true, 1}};
    fixture_plain(&f, 4, 1, 1);
    f.district[3] = f.district[2] = 1;
    f.team_days[0] = 10.0;
    f.floor[1] = 6.5;
    CHECK_FAILS(say(ctx, &f, 1, floor), TL_EDATA,
                "district 2 is to be given at least 6.5, and within the teams' days no more than");
    f.floor[0] = f.floor[1] = 1.0;
    CHECK_FAILS(say(ctx, &f, 2, both), TL_EDATA,
                "the floors of district 1 and district 2 cannot be met together within the teams'");
    CHECK_FAILS(say(ctx, &f, 2, mixed), TL_EDATA,
                "that task 1 must be done and the floor of district 2 cannot be had together");
}

TEST(of_many_names_some_are_told)
{
    static struct fixture f;
    struct tl_plan_demand demands[20];
    fixture_plain(&f, 20, 1, 1);
    f.team_days[0] = 150.0;
    for (int i = 0; i < 20; i++)
        demands[i] = (struct tl_plan_demand){false, i};
    CHECK_FAILS(say(ctx, &f, 20, demands), TL_EDATA, "task 5, task 6 and 14 more must be done");
}
