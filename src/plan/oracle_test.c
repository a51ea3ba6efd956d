#include "plan/brute_fixture.h"
#include "plan/oracle.h"
#include "unit.h"

static struct tl_plan_limits without_solver(void)
{
    struct tl_plan_limits limits = tl_plan_limits_default();
    limits.heuristic = true;
    return limits;
}

TEST(verdicts_on_must_do_tasks_are_those_of_all_plans)
{
    static struct fixture f;
    struct tl_plan_limits limits = without_solver();
    int n[3] = {0};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct tl_plan_demand demands[FIXTURE_TASKS];
        struct tl_plan_question q = {.problem = &f.problem, .limits = &limits, .until_s = INFINITY};
        enum tl_plan_verdict verdict = TL_PLAN_UNKNOWN;
        int64_t n_demands = 0;
        fixture_random(&f, 7000 + seed, 5, 2, 2);
        memset(f.floor, 0, sizeof f.floor);
        for (int64_t t = 0; t < 5; t++)
            if (f.rule[t] == TL_PLAN_MUST)
                demands[n_demands++] = (struct tl_plan_demand){false, t};
        CHECK_OK(tl_plan_oracle_ask(ctx, &q, n_demands, demands, &verdict));
        CHECK(verdict == (brute_best(&f.problem) < 0.0 ? TL_PLAN_CANNOT : TL_PLAN_CAN));
        n[verdict]++;
    }
    CHECK(n[TL_PLAN_CAN] > 50 && n[TL_PLAN_CANNOT] > 20);
}

TEST(verdicts_on_floors_are_those_of_all_plans)
{
    static struct fixture f;
    struct tl_plan_limits limits = without_solver();
    int n[3] = {0};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct tl_plan_demand demands[FIXTURE_DISTRICTS];
        struct tl_plan_question q = {.problem = &f.problem, .limits = &limits, .until_s = INFINITY};
        enum tl_plan_verdict verdict = TL_PLAN_UNKNOWN;
        fixture_random(&f, 9000 + seed, 5, 2, 2);
        memset(f.rule, 0, sizeof f.rule);
        for (int64_t d = 0; d < FIXTURE_DISTRICTS; d++) {
            f.floor[d] *= 2.0;
            demands[d] = (struct tl_plan_demand){true, d};
        }
        CHECK_OK(tl_plan_oracle_ask(ctx, &q, FIXTURE_DISTRICTS, demands, &verdict));
        bool can = brute_best(&f.problem) >= 0.0;
        CHECK(verdict == (can ? TL_PLAN_CAN : TL_PLAN_CANNOT));
        n[verdict]++;
    }
    CHECK(n[TL_PLAN_CAN] > 50 && n[TL_PLAN_CANNOT] > 5);
}

TEST(limits_that_are_lifted_do_not_bind)
{
    static struct fixture f;
    struct tl_plan_limits limits = without_solver();
    struct tl_plan_demand demands[] = {{false, 0}, {false, 1}};
    struct tl_plan_question q = {.problem = &f.problem, .limits = &limits, .until_s = INFINITY};
    enum tl_plan_verdict verdict;
    fixture_plain(&f, 2, 1, 1);
    f.team_days[0] = 15.0;
    f.budget[0] = 100.0;
    CHECK_OK(tl_plan_oracle_ask(ctx, &q, 2, demands, &verdict));
    CHECK(verdict == TL_PLAN_CANNOT);
    q.any_money = true;
    CHECK_OK(tl_plan_oracle_ask(ctx, &q, 2, demands, &verdict));
    CHECK(verdict == TL_PLAN_CANNOT);
    q.any_days = true;
    CHECK_OK(tl_plan_oracle_ask(ctx, &q, 2, demands, &verdict));
    CHECK(verdict == TL_PLAN_CAN);
}

TEST(the_most_that_a_district_can_be_given_is_a_bound)
{
    static struct fixture f;
    struct tl_plan_limits limits = without_solver();
    struct tl_plan_question q = {.problem = &f.problem, .limits = &limits, .until_s = INFINITY};
    double most = 0.0;
    fixture_plain(&f, 6, 1, 1);
    f.team_days[0] = 25.0;
    f.district[5] = 1;
    CHECK_OK(tl_plan_oracle_most(ctx, &q, 0, &most));
    CHECK(most >= 5.0 + 4.0 && most <= 5.0 + 4.0 + 1.5 + 0.1);
    CHECK_EVERY_ALLOC(ctx, tl_plan_oracle_most(ctx, &q, 0, &most));
}
