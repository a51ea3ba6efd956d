#include "plan/brute_fixture.h"
#include "plan/heuristic.h"
#include "plan/order.h"
#include "unit.h"

static const char *name_of(void *arg, enum tl_plan_thing thing, int64_t index)
{
    (void)thing;
    snprintf(arg, 32, "T-%03lld", (long long)index + 1);
    return arg;
}

static tl_err init(struct tl_ctx *ctx, int64_t n_tasks, int64_t n, const struct tl_plan_order *list,
                   struct tl_plan_orders *o)
{
    char name[32];
    return tl_plan_orders_init(ctx, n_tasks, n, list, name_of, name, o);
}

TEST(every_task_stands_behind_those_it_waits_for)
{
    static const struct tl_plan_order list[] = {{4, 0}, {2, 0}, {0, 3}, {2, 4}, {2, 4}};
    struct tl_plan_orders o;
    int64_t at[5];
    CHECK_OK(init(ctx, 5, 5, list, &o));
    for (int64_t i = 0; i < 5; i++)
        at[o.line[i]] = i;
    for (int i = 0; i < 5; i++)
        CHECK(at[list[i].first] < at[list[i].then]);
    CHECK(o.before_at[1] - o.before_at[0] == 2 && o.before[0] == 4 && o.before[1] == 2);
    CHECK(o.after_at[3] - o.after_at[2] == 3 && o.after[o.after_at[4]] == 0);
    tl_plan_orders_fini(&o);
}

TEST(circles_and_tasks_that_are_not_there_are_refused_in_one_line)
{
    static const struct tl_plan_order self[] = {{1, 1}}, two[] = {{0, 1}, {1, 0}},
                                      three[] = {{0, 1}, {1, 2}, {2, 0}, {2, 3}},
                                      unknown[] = {{0, 4}};
    struct tl_plan_orders o = {0};
    struct tl_plan_order ring[20];
    CHECK_FAILS(init(ctx, 2, 1, self, &o), TL_EDATA,
                "T-002 waits for itself: no order of work can do that");
    CHECK_FAILS(init(ctx, 2, 2, two, &o), TL_EDATA, "waits for T-00");
    CHECK(strstr(tl_ctx_message(ctx), ", which waits for itself: no") != NULL);
    CHECK_FAILS(init(ctx, 4, 4, three, &o), TL_EDATA, ", which waits for itself");
    CHECK(strstr(tl_ctx_message(ctx), "T-004") == NULL); /* it is on no circle */
    for (int i = 0; i < 20; i++)
        ring[i] = (struct tl_plan_order){i, (i + 1) % 20};
    CHECK_FAILS(init(ctx, 20, 20, ring, &o), TL_EDATA, ", and so on in a circle: no");
    CHECK_FAILS(init(ctx, 4, 1, unknown, &o), TL_EDATA, "task 5 waits for task 1; there are 4");
    CHECK(o.line == NULL);
}

static struct tl_plan_limits limits_of(bool heuristic)
{
    struct tl_plan_limits limits = tl_plan_limits_default();
    limits.heuristic = heuristic;
    limits.gap = 0.0;
    return limits;
}

/* Small problems with an order, by brute force and by the program. @return whether all went well; counts what was met */
static void compare(struct tl_ctx *ctx, bool heuristic, uint64_t n_seeds, int counts[3])
{
    static struct fixture f;
    struct tl_plan_limits limits = limits_of(heuristic);
    for (uint64_t seed = 1; seed <= n_seeds; seed++) {
        struct tl_plan_solution s = {0};
        fixture_random_order(&f, 7000 + seed, 3 + (int64_t)(seed % 3), 2, 1 + (int64_t)(seed % 2));
        double best = brute_best(&f.problem);
        tl_err err = tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s);
        if (best < 0.0) {
            CHECK_FAILS(err, TL_EDATA, "");
            counts[2]++;
            continue;
        }
        CHECK_OK(err);
        CHECK_OK(tl_plan_verify(ctx, &f.problem, &s));
        CHECK(s.objective <= best * (1.0 + 1e-9) + 1e-12 && s.bound >= best * (1.0 - 1e-9) - 1e-12);
        counts[1] += s.objective >= best * (1.0 - 1e-9) - 1e-12;
        counts[0]++;
        tl_plan_solution_fini(&s);
    }
}

TEST(with_order_the_search_is_below_the_best_plan_and_its_bound_above)
{
    int counts[3] = {0};
    compare(ctx, true, 200, counts);
    printf("  %d with a plan, best found in %d; %d without\n", counts[0], counts[1], counts[2]);
    CHECK(counts[0] > 120 && counts[2] > 10 && counts[1] > counts[0] * 95 / 100);
}

TEST(with_order_the_exact_solver_finds_the_best_plan)
{
    int counts[3] = {0};
    if (!fixture_has_cbc())
        SKIP("cbc is not installed");
    compare(ctx, false, 60, counts);
    printf("  %d with a plan, best found in %d; %d without\n", counts[0], counts[1], counts[2]);
    CHECK(counts[0] > 30 && counts[1] == counts[0]);
}

TEST(order_of_tasks_and_an_order_that_says_nothing_change_nothing)
{
    static struct fixture f;
    struct tl_plan_limits limits = limits_of(true);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct tl_plan_solution a = {0}, b = {0};
        fixture_random_order(&f, 9000 + seed, 6, 2, 2);
        memset(f.rule, 0, sizeof f.rule);
        memset(f.floor, 0, sizeof f.floor);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &a));
        /* The same orders backwards, each twice, and those that follow from two of them. */
        int64_t n = f.problem.n_orders;
        for (int64_t i = 0; i < n; i++)
            fixture_order(&f, f.orders[n - 1 - i].first, f.orders[n - 1 - i].then);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &b));
        CHECK_NEAR(a.objective, b.objective, 1e-9 * a.objective);
        tl_plan_solution_fini(&b);
        /* Without order no plan is worse. */
        f.problem.n_orders = 0;
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &b));
        CHECK(b.bound >= a.objective * (1.0 - 1e-9));
        tl_plan_solution_fini(&a);
        tl_plan_solution_fini(&b);
    }
}

TEST(a_task_that_is_worth_nothing_is_done_where_one_of_worth_waits_for_it)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = limits_of(true);
    fixture_plain(&f, 3, 2, 2);
    f.value[0] = 0.0; /* the road */
    fixture_order(&f, 0, 2);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.team[0] >= 0 && s.team[2] >= 0);
    CHECK_NEAR(s.objective, 5.0,
               1e-9); /* all in the first year: by one team, one after the other */
    CHECK(s.team[0] == s.team[2] && s.turn[0] <= s.turn[2]);
    tl_plan_solution_fini(&s);
}

TEST(between_teams_half_a_year_passes_or_a_year)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = limits_of(true);
    fixture_plain(&f, 2, 2, 2);
    f.options[0] = (struct tl_plan_option){0, 0, 10.0, 10.0}; /* each by one team only */
    f.options[1] = (struct tl_plan_option){1, 1, 10.0, 10.0};
    f.problem.n_options = 2;
    fixture_order(&f, 0, 1);
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.year[0] == 0 && s.year[1] == 1);
    tl_plan_solution_fini(&s);
    f.problem.early_days = f.early_days;
    for (int i = 0; i < 4; i++)
        f.early_days[i] = 50.0;
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.year[0] == 0 && s.year[1] == 0);
    CHECK(s.turn[0] == TL_PLAN_EARLY && s.turn[1] == TL_PLAN_LATE);
    tl_plan_solution_fini(&s);
    f.early_days[0] = 5.0; /* too few for the first */
    CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    CHECK(s.year[0] == 0 && s.year[1] == 1);
    tl_plan_solution_fini(&s);
}

TEST(a_turn_that_the_order_does_not_ask_for_is_given_up)
{
    static struct fixture f;
    struct tl_plan_limits limits = limits_of(true);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct tl_plan_solution s = {0};
        fixture_random_order(&f, 9800 + seed, 8, 2, 2);
        memset(f.rule, 0, sizeof f.rule);
        memset(f.floor, 0, sizeof f.floor);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
        for (int64_t t = 0; t < 8; t++) {
            bool asked = s.team[t] < 0 || s.turn[t] == TL_PLAN_ANY_TURN;
            for (int64_t i = 0; i < f.problem.n_orders && !asked; i++) {
                bool late = s.turn[t] == TL_PLAN_LATE;
                int32_t me = late ? f.orders[i].then : f.orders[i].first,
                        other = late ? f.orders[i].first : f.orders[i].then;
                asked = me == t && s.team[other] >= 0 && s.year[other] == s.year[t] &&
                        (s.team[other] != s.team[t] || s.turn[other] == s.turn[t]);
            }
            CHECK(asked);
        }
        tl_plan_solution_fini(&s);
    }
}

TEST(what_cannot_be_done_in_order_is_told_with_names)
{
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = limits_of(true);
    char name[32];
    fixture_plain(&f, 3, 2, 2);
    fixture_order(&f, 0, 1);
    fixture_order(&f, 1, 2);
    f.rule[2] = TL_PLAN_MUST;
    f.rule[0] = TL_PLAN_MUST_NOT;
    CHECK_FAILS(tl_plan_solve(ctx, &f.problem, &limits, name_of, name, &s), TL_EDATA,
                "T-001 must be done (T-002 waits for it) and must not be done");
    f.rule[0] = TL_PLAN_MAY;
    f.first_year[0] = 1;
    f.last_year[2] = 0;
    CHECK_FAILS(tl_plan_solve(ctx, &f.problem, &limits, name_of, name, &s), TL_EDATA,
                "T-003 must be done and waits for T-002, and there is no year in which both can be "
                "done, one after the other");
    fixture_plain(&f, 3, 1, 1);
    fixture_order(&f, 0, 1);
    fixture_order(&f, 1, 2);
    f.rule[2] = TL_PLAN_MUST;
    f.team_days[0] = 25.0;
    CHECK_FAILS(tl_plan_solve(ctx, &f.problem, &limits, name_of, name, &s), TL_EDATA,
                "T-003 (with 2 tasks waited for) must be done but need at least 30 days");
}

TEST(larger_problems_with_order_keep_to_it_and_their_gap_is_told)
{
    static struct fixture f;
    double worst = 0.0;
    struct tl_plan_limits limits = limits_of(true);
    limits.gap = 0.01;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct tl_plan_solution s = {0};
        fixture_random_order(&f, 9500 + seed, 40, 4, 3);
        memset(f.rule, 0, sizeof f.rule);
        memset(f.floor, 0, sizeof f.floor);
        CHECK_OK(tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s)); /* it verifies */
        worst = fmax(worst, s.gap);
        tl_plan_solution_fini(&s);
    }
    printf("  largest gap %.2f %%\n", 100.0 * worst);
    CHECK(worst < 0.25);
}

TEST(memory_that_runs_out_is_told)
{
    static const struct tl_plan_order list[] = {{4, 0}, {2, 0}}, circle[] = {{1, 0}, {0, 1}};
    struct tl_plan_orders o = {0};
    static struct fixture f;
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = limits_of(true);
    limits.gap = 0.5;
    CHECK_EVERY_ALLOC(ctx, init(ctx, 5, 2, list, &o));
    tl_plan_orders_fini(&o);
    tl_err err = init(ctx, 2, 2, circle, &o);
    CHECK(err == TL_EDATA);
    fixture_plain(&f, 6, 2, 2);
    fixture_order(&f, 0, 5);
    CHECK_EVERY_ALLOC(ctx, tl_plan_solve(ctx, &f.problem, &limits, NULL, NULL, &s));
    tl_plan_solution_fini(&s);
}
