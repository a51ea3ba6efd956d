#include "plan/infeasible.h"
#include "plan/problem_fixture.h"
#include "unit.h"

static const char *name_of(void *arg, enum tl_plan_thing thing, int64_t index)
{
    static const char *const things[] = {"T-", "team ", "Oblast ", ""};
    snprintf(arg, 32, "%s%lld", things[thing],
             (long long)index + (thing == TL_PLAN_YEAR ? 2027 : 1));
    return arg;
}

static tl_err alone(struct tl_ctx *ctx, const struct fixture *f)
{
    char text[32];
    struct tl_plan_names names = {name_of, text};
    struct tl_plan_model m;
    tl_err err = tl_plan_model_init(ctx, &f->problem, &m);
    if (err == TL_OK) {
        err = tl_plan_infeasible_alone(ctx, &m, &names);
        tl_plan_model_fini(&m);
    }
    return err;
}

static tl_err explain(struct tl_ctx *ctx, const struct fixture *f)
{
    char text[32];
    struct tl_plan_names names = {name_of, text};
    struct tl_plan_limits limits = tl_plan_limits_default();
    struct tl_plan_model m;
    limits.heuristic = true;
    tl_err err = tl_plan_model_init(ctx, &f->problem, &m);
    if (err == TL_OK) {
        err = tl_plan_infeasible_explain(ctx, &m, &limits, &names);
        tl_plan_model_fini(&m);
    }
    return err;
}

TEST(a_must_do_task_that_nobody_can_do_is_named_with_why)
{
    static struct fixture f;
    fixture_plain(&f, 3, 1, 3);
    f.rule[1] = TL_PLAN_MUST;
    CHECK_OK(alone(ctx, &f));
    f.options[1].days = 120.0;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA,
                "T-2 must be done but takes at least 120 days, and no team that can do it has more "
                "than 100 a year in 2027 to 2029");
    f.options[1].days = 10.0;
    f.options[1].cost = 5000.0;
    f.first_year[1] = f.last_year[1] = 1;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA,
                "T-2 must be done but costs at least 5,000, and there are 1,000 in 2028");
    f.options[1].cost = 10.0;
    f.first_year[1] = 2;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA, "T-2 must be done, but in no year of the plan");
    f.options[1].task = 2;
    f.problem.n_options = 2;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA, "T-2 must be done and no team can do it");
}

TEST(a_task_that_lacks_days_in_one_year_and_money_in_the_other_is_told_so)
{
    static struct fixture f;
    fixture_plain(&f, 1, 1, 2);
    f.rule[0] = TL_PLAN_MUST;
    f.team_days[0] = 5.0;
    f.budget[1] = 5.0;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA, "both the days and the money for it in 2027 to 2028");
}

TEST(a_floor_above_all_there_is_is_named)
{
    static struct fixture f;
    fixture_plain(&f, 4, 1, 1);
    f.district[3] = 1;
    f.floor[1] = 4.5;
    CHECK_FAILS(alone(ctx, &f), TL_EDATA,
                "Oblast 2 is to be given at least 4.5, and all its tasks that can be done give 4");
    f.floor[1] = 4.0;
    CHECK_OK(alone(ctx, &f));
}

/* Of ten must-do tasks, two of 60 days want the one team of 100 days in one year; the others fit. */
TEST(of_many_must_do_tasks_only_those_that_conflict_are_named)
{
    static struct fixture f;
    fixture_plain(&f, 10, 3, 2);
    f.problem.n_options = 0;
    for (int32_t t = 0; t < 10; t++)
        for (int32_t k = 0; k < 3; k++)
            if ((t == 2 || t == 8) == (k == 1))
                f.options[f.problem.n_options++] =
                    (struct tl_plan_option){t, k, t == 2 || t == 8 ? 60.0 : 12.0, 5.0};
    for (int t = 0; t < 10; t++)
        f.rule[t] = TL_PLAN_MUST;
    f.first_year[2] = f.first_year[8] = 1;
    CHECK_FAILS(explain(ctx, &f), TL_EDATA,
                "T-3 and T-9 must be done but need at least 120 days of teams that can do them in "
                "2028, and there are 100");
    CHECK(strstr(tl_ctx_message(ctx), "T-1,") == NULL);
}

TEST(what_is_open_is_not_called_a_conflict)
{
    static struct fixture f;
    fixture_plain(&f, 4, 1, 1);
    f.rule[0] = TL_PLAN_MUST;
    CHECK_FAILS(explain(ctx, &f), TL_ENUMERIC, "though there is one");
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    fixture_plain(&f, 3, 1, 1);
    f.rule[0] = f.rule[1] = f.rule[2] = TL_PLAN_MUST;
    f.team_days[0] = 15.0;
    int64_t n_failed = 0;
    for (int64_t nth = 1; nth < 400; nth += 7) {
        tl_ctx_fail_alloc(ctx, nth);
        tl_err err = explain(ctx, &f);
        tl_ctx_fail_alloc(ctx, 0);
        CHECK(err == TL_ENOMEM || err == TL_EDATA);
        n_failed += err == TL_ENOMEM;
    }
    CHECK(n_failed > 5);
}
