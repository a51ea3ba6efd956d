#include "plan/brute_fixture.h"
#include "plan/heuristic.h"
#include "unit.h"

static struct tl_plan_limits by_search(void)
{
    struct tl_plan_limits limits = tl_plan_limits_default();
    limits.heuristic = true;
    limits.gap = 0.0;
    return limits;
}

static const char *name_of(void *arg, enum tl_plan_thing thing, int64_t index)
{
    static const char *const things[] = {"T", "team ", "district ", ""};
    snprintf(arg, 32, "%s%lld", things[thing],
             (long long)index + (thing == TL_PLAN_YEAR ? 2027 : 1));
    return arg;
}

TEST(the_search_is_below_the_best_plan_and_its_bound_above)
{
    static struct fixture f;
    struct tl_plan_limits limits = by_search();
    int n_plans = 0, n_none = 0, n_best = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct tl_plan_solution s = {0};
        fixture_random(&f, seed, 3 + (int64_t)(seed % 4), 2, 1 + (int64_t)(seed % 2));
        double best = brute_best(&f.problem);
        tl_err err = tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s);
        if (best < 0.0) {
            CHECK_FAILS(err, TL_EDATA, "");
            n_none++;
            continue;
        }
        CHECK_OK(err);
        CHECK(s.objective <= best * (1.0 + 1e-9) && s.bound >= best * (1.0 - 1e-9));
        CHECK(s.how == TL_PLAN_HEURISTIC && s.note[0] == '\0');
        n_best += s.objective >= best * (1.0 - 1e-9);
        n_plans++;
        tl_plan_solution_fini(&s);
    }
    printf("  %d with a plan, best found in %d; %d without\n", n_plans, n_best, n_none);
    CHECK(n_plans > 120 && n_none > 10 && n_best > n_plans * 95 / 100);
}

TEST(the_exact_solver_finds_the_best_plan_or_proves_that_there_is_none)
{
    static struct fixture f;
    struct tl_plan_limits limits = tl_plan_limits_default();
    limits.gap = 0.0;
    if (!fixture_has_cbc())
        SKIP("cbc is not installed");
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct tl_plan_solution s = {0};
        fixture_random(&f, seed, 3 + (int64_t)(seed % 4), 2, 1 + (int64_t)(seed % 2));
        double best = brute_best(&f.problem);
        tl_err err = tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s);
        if (best < 0.0) {
            CHECK_FAILS(err, TL_EDATA, "");
            continue;
        }
        CHECK_OK(err);
        CHECK(s.bound >= best * (1.0 - 1e-9));
        CHECK_NEAR(s.objective, best, 1e-9 * best);
        CHECK(s.gap <= 1e-4 && !s.timed_out);
        tl_plan_solution_fini(&s);
    }
}

TEST(search_is_below_exact_and_exact_below_the_bound)
{
    static struct fixture f;
    struct tl_plan_limits exact = tl_plan_limits_default(), search = by_search();
    exact.gap = 0.0;
    if (!fixture_has_cbc())
        SKIP("cbc is not installed");
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct tl_plan_solution a = {0}, b = {0};
        fixture_random(&f, 1000 + seed, 30, 4, 3);
        memset(f.rule, 0, sizeof f.rule);
        memset(f.floor, 0, sizeof f.floor);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &search, NULL, NULL, &a));
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &exact, NULL, NULL, &b));
        CHECK(b.how == TL_PLAN_EXACT);
        CHECK(a.objective <= b.objective * (1.0 + 1e-9));
        CHECK(b.objective <= a.bound * (1.0 + 1e-9) && b.bound <= a.bound * (1.0 + 1e-6));
        CHECK(a.gap < 0.1);
        tl_plan_solution_fini(&a);
        tl_plan_solution_fini(&b);
    }
}

/* The same problem with tasks and teams in the opposite order. */
static void turn(const struct fixture *f, struct fixture *g)
{
    int64_t n = f->problem.n_tasks, k = f->problem.n_teams, y = f->problem.n_years;
    fixture_plain(g, n, k, y);
    g->problem.n_options = f->problem.n_options;
    g->problem.carry = f->problem.carry;
    for (int64_t t = 0; t < n; t++) {
        g->value[t] = f->value[n - 1 - t];
        g->rule[t] = f->rule[n - 1 - t];
        g->district[t] = f->district[n - 1 - t];
        g->first_year[t] = f->first_year[n - 1 - t];
        g->last_year[t] = f->last_year[n - 1 - t];
    }
    for (int64_t i = 0; i < f->problem.n_options; i++) {
        struct tl_plan_option *o = &g->options[f->problem.n_options - 1 - i];
        *o = f->options[i];
        o->task = (int32_t)n - 1 - o->task;
        o->team = (int32_t)k - 1 - o->team;
    }
    for (int64_t i = 0; i < k * y; i++)
        g->team_days[(k - 1 - i / y) * y + i % y] = f->team_days[i];
    memcpy(g->budget, f->budget, sizeof g->budget);
    memcpy(g->floor, f->floor, sizeof g->floor);
}

TEST(the_order_of_tasks_and_teams_does_not_matter)
{
    static struct fixture f, g;
    struct tl_plan_limits limits = by_search();
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct tl_plan_solution a = {0}, b = {0};
        fixture_random(&f, 2000 + seed, 8, 3, 2);
        memset(f.rule, 0, sizeof f.rule);
        memset(f.floor, 0, sizeof f.floor);
        f.problem.floor_of = NULL;
        turn(&f, &g);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &a));
        CHECK_OK(tl_plan_solve(ctx, &g.problem, &limits, NULL, NULL, &b));
        CHECK_NEAR(a.objective, b.objective, 1e-9 * a.objective);
        CHECK_NEAR(a.bound, b.bound, 1e-2 * a.bound);
        tl_plan_solution_fini(&a);
        tl_plan_solution_fini(&b);
    }
}

TEST(the_same_problem_gives_the_same_plan_on_any_number_of_threads)
{
    static struct fixture f;
    struct tl_plan_solution a = {0}, b = {0};
    struct tl_plan_limits limits = by_search();
    fixture_random(&f, 5, 60, 6, 3);
    memset(f.rule, 0, sizeof f.rule);
    memset(f.floor, 0, sizeof f.floor);
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &a));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &b));
    CHECK(memcmp(a.team, b.team, 60 * sizeof *a.team) == 0);
    CHECK(memcmp(a.year, b.year, 60 * sizeof *a.year) == 0);
    CHECK(a.objective == b.objective && a.bound == b.bound);
    tl_plan_solution_fini(&a);
    tl_plan_solution_fini(&b);
}

TEST(without_money_nothing_is_done_unless_it_costs_nothing)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = tl_plan_limits_default();
    fixture_plain(&f, 3, 2, 2);
    memset(f.budget, 0, sizeof f.budget);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.team[0] < 0 && s.team[1] < 0 && s.team[2] < 0);
    CHECK(s.objective == 0.0 && s.bound == 0.0 && s.gap == 0.0);
    tl_plan_solution_fini(&s);
    f.options[2].cost = 0.0;
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.team[0] < 0 && s.team[1] == 0 && s.year[1] == 0 && s.objective == 2.0);
    tl_plan_solution_fini(&s);
    char name[32];
    f.rule[2] = TL_PLAN_MUST;
    CHECK_FAILS(tl_plan_solve(ctx, &f.problem, &limits, name_of, name, &s), TL_EDATA,
                "T3 must be done but costs at least 10, and there are 0 in 2027 to 2028");
}

TEST(nothing_at_all_is_a_plan)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = tl_plan_limits_default();
    fixture_plain(&f, 0, 0, 1);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.objective == 0.0 && s.gap == 0.0);
    tl_plan_solution_fini(&s);
    fixture_plain(&f, 5, 0, 2);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.team[4] == -1 && s.objective == 0.0);
    tl_plan_solution_fini(&s);
}

TEST(a_solver_that_is_missing_leaves_the_plan_to_the_search_and_says_so)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = tl_plan_limits_default();
    limits.solver = "no-such-solver-here";
    fixture_plain(&f, 12, 2, 2);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.how == TL_PLAN_HEURISTIC && strstr(s.note, "no-such-solver-here is not installed"));
    CHECK_NEAR(s.objective, 78.0, 1e-9);
    tl_plan_solution_fini(&s);
    limits.n_exact_max = 10;
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.how == TL_PLAN_HEURISTIC && strstr(s.note, "48 ways to do tasks are more"));
    tl_plan_solution_fini(&s);
}

TEST(cancelling_stops_the_work)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = by_search();
    fixture_plain(&f, 12, 2, 2);
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s), TL_ECANCELLED, "");
    CHECK(s.team == NULL);
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = by_search();
    limits.gap = 0.5;
    fixture_plain(&f, 6, 2, 2);
    CHECK_EVERY_ALLOC(ctx, tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    tl_plan_solution_fini(&s);
    limits.heuristic = false;
    limits.solver = "/no/such/solver"; /* what comes after it has started is swept in cbc_test */
    CHECK_EVERY_ALLOC(ctx, tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    tl_plan_solution_fini(&s);
}
