#include "plan/heuristic.h"
#include "plan/problem_fixture.h"
#include "plan/warm.h"
#include "unit.h"

struct made {
    struct tl_plan_model m;
    struct tl_plan_dual d;
    struct tl_plan_state s;
};

static tl_err make(struct tl_ctx *ctx, const struct fixture *f, struct made *a)
{
    tl_err err = TL_OK;
    *a = (struct made){0};
    TL_TRY(tl_plan_model_init(ctx, &f->problem, &a->m));
    TL_TRY(tl_plan_bound_init(ctx, &a->m, &a->d));
    TL_TRY(tl_plan_warm_prices(ctx, &a->m, 200, &a->d));
    TL_TRY(tl_plan_bound_improve(ctx, &a->m, 0.0, 0.0, 300, &a->d));
    TL_TRY(tl_plan_state_init(ctx, &a->m, &a->s));
done:
    return err;
}

static void fini(struct made *a)
{
    tl_plan_state_fini(&a->s);
    tl_plan_bound_fini(&a->d);
    tl_plan_model_fini(&a->m);
}

/* 60 tasks x 6 teams x 3 years where days and money are scarce; the best plan, by CBC to a gap of nothing, is worth 165.290. */
TEST(the_search_comes_near_the_bound_and_never_loses_what_it_had)
{
    static struct fixture f;
    struct made a;
    fixture_random(&f, 31, 60, 6, 3);
    memset(f.rule, 0, sizeof f.rule);
    memset(f.floor, 0, sizeof f.floor);
    CHECK_OK(make(ctx, &f, &a));
    double before = 0.0;
    for (int64_t n = 1; n <= 10000; n *= 10) {
        struct tl_plan_effort effort = {.n_rounds = n, .gap = 0.0, .until_s = INFINITY};
        CHECK_OK(tl_plan_heuristic_improve(ctx, &a.d, &effort, &a.s));
        CHECK(a.s.objective >= before * (1.0 - 1e-12) && a.s.objective <= a.d.bound);
        before = a.s.objective;
    }
    CHECK(a.s.objective > 0.98 * 165.290 && a.s.objective < 165.2903);
    fini(&a);
}

TEST(it_stops_at_the_gap_and_at_its_time)
{
    static struct fixture f;
    struct made a;
    fixture_random(&f, 31, 60, 6, 3);
    memset(f.rule, 0, sizeof f.rule);
    memset(f.floor, 0, sizeof f.floor);
    CHECK_OK(make(ctx, &f, &a));
    double began = tl_clock_s();
    struct tl_plan_effort effort = {.n_rounds = (int64_t)1 << 40, .gap = 0.0, .until_s = began};
    CHECK_OK(tl_plan_heuristic_improve(ctx, &a.d, &effort, &a.s));
    effort.until_s = INFINITY;
    effort.gap = 0.3;
    CHECK_OK(tl_plan_heuristic_improve(ctx, &a.d, &effort, &a.s));
    CHECK(a.s.objective >= 0.7 * a.d.bound);
    fini(&a);
}

/* Ten must-do tasks fit only in pairs of 7 and 3 days: greedy by size alone has to be mended. */
TEST(must_do_tasks_that_fit_in_one_way_only_are_placed)
{
    static struct fixture f;
    struct made a;
    struct tl_plan_effort effort = {.n_rounds = 5000, .gap = 0.0, .until_s = INFINITY};
    fixture_plain(&f, 12, 3, 2);
    for (int64_t i = 0; i < f.problem.n_options; i++)
        f.options[i].days = f.options[i].task % 2 == 0 ? 7.0 - 0.1 * f.options[i].task
                                                       : 3.0 + 0.1 * (f.options[i].task - 1);
    for (int t = 0; t < 12; t++)
        f.rule[t] = TL_PLAN_MUST;
    for (int i = 0; i < 6; i++)
        f.team_days[i] = 10.0;
    CHECK_OK(make(ctx, &f, &a));
    CHECK_OK(tl_plan_heuristic_improve(ctx, &a.d, &effort, &a.s));
    CHECK(tl_plan_state_complete(&a.s) && a.s.n_missing == 0);
    fini(&a);
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    struct made a;
    struct tl_plan_effort effort = {.n_rounds = 20, .gap = 0.0, .until_s = INFINITY};
    fixture_plain(&f, 20, 2, 2);
    f.team_days[0] = 30.0;
    CHECK_OK(make(ctx, &f, &a));
    CHECK_EVERY_ALLOC(ctx, tl_plan_heuristic_improve(ctx, &a.d, &effort, &a.s));
    fini(&a);
}
