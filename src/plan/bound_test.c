#include "plan/bound.h"
#include "plan/brute_fixture.h"
#include "unit.h"

struct made {
    struct tl_plan_model m;
    struct tl_plan_dual d;
};

static tl_err make(struct tl_ctx *ctx, const struct fixture *f, int64_t n_iterations,
                   struct made *made)
{
    tl_err err = TL_OK;
    *made = (struct made){0};
    TL_TRY(tl_plan_model_init(ctx, &f->problem, &made->m));
    TL_TRY(tl_plan_bound_init(ctx, &made->m, &made->d));
    TL_TRY(tl_plan_bound_improve(ctx, &made->m, 0.0, 0.0, n_iterations, &made->d));
done:
    return err;
}

static void fini(struct made *made)
{
    tl_plan_bound_fini(&made->d);
    tl_plan_model_fini(&made->m);
}

/* One team, one year, ten days for each task of worth 4, 3, 2, 1: with 25 days the relaxation does two and a half. */
static void make_knapsack(struct fixture *f)
{
    fixture_plain(f, 4, 1, 1);
    for (int t = 0; t < 4; t++)
        f->value[t] = 4.0 - t;
    f->team_days[0] = 25.0;
}

TEST(prices_of_nothing_do_every_task_in_its_best_year)
{
    static struct fixture f;
    struct made a;
    fixture_plain(&f, 4, 2, 3);
    CHECK_OK(make(ctx, &f, 0, &a));
    CHECK_NEAR(a.d.bound, 1.0 + 2.0 + 3.0 + 4.0, 1e-8);
    CHECK(!a.d.infeasible);
    fini(&a);
}

TEST(the_bound_of_a_knapsack_is_that_of_its_linear_programme)
{
    static struct fixture f;
    struct made a;
    make_knapsack(&f);
    CHECK_OK(make(ctx, &f, 3000, &a));
    CHECK_NEAR(a.d.bound, 4.0 + 3.0 + 0.5 * 2.0, 5e-3);
    CHECK_NEAR(a.d.day[0], 0.2, 1e-2);
    CHECK_NEAR(a.d.money[0], 0.0, 1e-3);
    fini(&a);
}

TEST(money_that_is_carried_over_is_worth_what_it_is_in_the_last_year)
{
    static struct fixture f;
    struct made a;
    fixture_plain(&f, 6, 1, 2);
    f.problem.carry = true;
    f.year_weight[1] = 1.0;
    f.budget[0] = 30.0;
    f.budget[1] = 15.0;
    CHECK_OK(make(ctx, &f, 3000, &a));
    /* 45 of money does 6, 5, 4, 3 and half of 2: the last unit is worth 0.2 in either year. */
    CHECK_NEAR(a.d.bound, 6.0 + 5.0 + 4.0 + 3.0 + 0.5 * 2.0, 2e-3);
    CHECK_NEAR(a.d.money[0], 0.2, 1e-2);
    CHECK(a.d.money[1] <= a.d.money[0] + 1e-12);
    fini(&a);
}

TEST(no_plan_is_above_the_bound_at_any_stage)
{
    static struct fixture f;
    static const int64_t stages[] = {0, 1, 7, 60, 400};
    int n_infeasible = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct made a;
        fixture_random(&f, 500 + seed, 4, 2, 2);
        double best = brute_best(&f.problem);
        CHECK_OK(make(ctx, &f, stages[seed % 5], &a));
        CHECK(best < 0.0 || a.d.bound >= best * (1.0 - 1e-12));
        CHECK(best < 0.0 || !a.d.infeasible);
        n_infeasible += a.d.infeasible;
        fini(&a);
    }
    CHECK(n_infeasible > 0);
}

TEST(what_cannot_be_is_proved_by_a_bound_below_nothing)
{
    static struct fixture f;
    struct made a;
    fixture_plain(&f, 3, 1, 1);
    memset(f.value, 0, sizeof f.value);
    f.rule[0] = f.rule[1] = f.rule[2] = TL_PLAN_MUST;
    f.team_days[0] = 25.0;
    CHECK_OK(make(ctx, &f, 0, &a));
    CHECK(!a.d.infeasible);
    CHECK_OK(tl_plan_bound_improve(ctx, &a.m, -1.0, 0.0, 100, &a.d));
    CHECK(a.d.infeasible);
    fini(&a);
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d = {0};
    make_knapsack(&f);
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK_EVERY_ALLOC(ctx, tl_plan_bound_init(ctx, &m, &d));
    CHECK_EVERY_ALLOC(ctx, tl_plan_bound_improve(ctx, &m, 0.0, 0.0, 5, &d));
    tl_plan_bound_fini(&d);
    tl_plan_model_fini(&m);
}
