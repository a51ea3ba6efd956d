#include "plan/problem_fixture.h"
#include "plan/state.h"
#include "unit.h"

struct made {
    struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_state s;
};

static tl_err make(struct tl_ctx *ctx, struct made *a)
{
    tl_err err = tl_plan_model_init(ctx, &a->f.problem, &a->m);
    return err != TL_OK ? err : tl_plan_state_init(ctx, &a->m, &a->s);
}

static void fini(struct made *a)
{
    tl_plan_state_fini(&a->s);
    tl_plan_model_fini(&a->m);
}

TEST(days_fill_up_to_the_last_and_come_back)
{
    static struct made a;
    fixture_plain(&a.f, 4, 1, 2);
    a.f.team_days[0] = 30.0;
    CHECK_OK(make(ctx, &a));
    for (int t = 0; t < 3; t++)
        CHECK_NEAR(tl_plan_state_put(&a.s, t, 0), 1.0 + t, 1e-12);
    CHECK(!tl_plan_state_fits(&a.s, &a.m.choices[3], 0));
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[3], 1));
    CHECK_NEAR(tl_plan_state_take(&a.s, 1), 2.0, 1e-12);
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[3], 0));
    CHECK(a.s.head[0] == 2 && a.s.next[2] == 0 && a.s.prev[0] == 2 && a.s.next[0] == -1);
    CHECK_NEAR(a.s.objective, 4.0, 1e-12);
    fini(&a);
}

TEST(what_waits_fits_only_behind_what_it_waits_for)
{
    static struct made a;
    fixture_plain(&a.f, 2, 2, 2);
    for (int i = 0; i < 4; i++)
        a.f.early_days[i] = 15.0;
    a.f.problem.early_days = a.f.early_days;
    fixture_order(&a.f, 0, 1);
    CHECK_OK(make(ctx, &a));
    /* Choices: task 0 by team 0 early (0), anywhere (1), by team 1 (2, 3); task 1 by team 0 anywhere (4), late (5), by team 1 (6, 7). */
    CHECK(a.m.n_choices == 8 && a.m.choices[5].turn == TL_PLAN_LATE);
    CHECK(!tl_plan_state_fits(&a.s, &a.m.choices[5], 1));
    tl_plan_state_put(&a.s, 0, 0);
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[4], 0));  /* the same team */
    CHECK(!tl_plan_state_fits(&a.s, &a.m.choices[6], 0)); /* another, anywhere in the year */
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[7], 0));
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[6], 1));
    CHECK(tl_plan_state_waiting(&a.s, 0) == -1 && a.s.early_left[0] == 5.0);
    tl_plan_state_put(&a.s, 7, 0);
    CHECK(tl_plan_state_waiting(&a.s, 0) == 1 && a.s.late_left[2] == 75.0);
    tl_plan_state_take(&a.s, 1);
    tl_plan_state_take(&a.s, 0);
    CHECK(a.s.early_left[0] == 15.0 && a.s.late_left[2] == 85.0);
    fini(&a);
}

TEST(money_of_an_earlier_year_serves_later_ones_only_where_it_is_carried)
{
    static struct made a;
    fixture_plain(&a.f, 4, 1, 2);
    a.f.budget[0] = a.f.budget[1] = 15.0;
    CHECK_OK(make(ctx, &a));
    tl_plan_state_put(&a.s, 0, 1);
    CHECK(!tl_plan_state_fits(&a.s, &a.m.choices[1], 1));
    fini(&a);
    a.f.problem.carry = true;
    CHECK_OK(make(ctx, &a));
    tl_plan_state_put(&a.s, 0, 1);
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[1], 1));
    CHECK(tl_plan_state_fits(&a.s, &a.m.choices[1], 0));
    tl_plan_state_put(&a.s, 1, 1);
    CHECK_NEAR(a.s.money_room[0], 10.0, 1e-12); /* of 15: the second year's tasks take 5 of them */
    CHECK_NEAR(a.s.money_left[0], 15.0, 1e-12);
    fini(&a);
}

TEST(what_must_be_and_floors_count_more_than_all_value)
{
    static struct made a;
    fixture_plain(&a.f, 4, 1, 1);
    a.f.rule[0] = TL_PLAN_MUST;
    a.f.district[1] = 1;
    a.f.floor[1] = 2.0;
    CHECK_OK(make(ctx, &a));
    double nothing = tl_plan_state_score(&a.s);
    CHECK(a.s.n_missing == 1 && !tl_plan_state_complete(&a.s));
    double gain = tl_plan_state_put(&a.s, 0, 0) + tl_plan_state_put(&a.s, 1, 0);
    CHECK(gain > 2.0 * (1.0 + 2.0 + 3.0 + 4.0));
    CHECK_NEAR(tl_plan_state_score(&a.s) - nothing, gain, 1e-9);
    CHECK(tl_plan_state_complete(&a.s));
    CHECK_NEAR(tl_plan_state_score(&a.s), 3.0, 1e-12);
    CHECK(tl_plan_state_loss(&a.s, 1) > 10.0);
    fini(&a);
}

TEST(sums_are_the_same_after_many_moves_and_anew)
{
    static struct made a;
    struct fixture_dice dice = {tl_rng_make(4, 4), 0};
    fixture_random(&a.f, 12, 20, 3, 3);
    CHECK_OK(make(ctx, &a));
    for (int i = 0; i < 20000; i++) {
        int64_t choice = fixture_below(&dice, a.m.n_choices), task = a.m.choices[choice].task;
        int32_t year = __builtin_ctzll(a.m.choices[choice].years);
        if (a.s.pick[task] >= 0)
            tl_plan_state_take(&a.s, task);
        else if (tl_plan_state_fits(&a.s, &a.m.choices[choice], year))
            tl_plan_state_put(&a.s, choice, year);
    }
    double score = tl_plan_state_score(&a.s), days = a.s.days_left[2], money = a.s.money_left[1];
    tl_plan_state_refresh(&a.s);
    CHECK_NEAR(tl_plan_state_score(&a.s), score, 1e-9 * a.s.all);
    CHECK_NEAR(a.s.days_left[2], days, 1e-9);
    CHECK_NEAR(a.s.money_left[1], money, 1e-9);
    fini(&a);
}

TEST(memory_that_runs_out_is_told)
{
    static struct made a;
    fixture_plain(&a.f, 4, 1, 1);
    CHECK_OK(tl_plan_model_init(ctx, &a.f.problem, &a.m));
    CHECK_EVERY_ALLOC(ctx, tl_plan_state_init(ctx, &a.m, &a.s));
    fini(&a);
}
