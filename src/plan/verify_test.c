#include "plan/problem_fixture.h"
#include "unit.h"

struct made {
    struct fixture f;
    int32_t team[FIXTURE_TASKS], year[FIXTURE_TASKS];
    struct tl_plan_solution solution;
};

/* Task 0 by team 1 in year 0, task 1 by team 0 in year 1; task 2 is left. Worth 1 + 2 / 1.1. */
static void make(struct made *m)
{
    fixture_plain(&m->f, 3, 2, 2);
    memcpy(m->team, (int32_t[]){1, 0, -1}, 3 * sizeof *m->team);
    memcpy(m->year, (int32_t[]){0, 1, -1}, 3 * sizeof *m->year);
    m->solution = (struct tl_plan_solution){
        .team = m->team, .year = m->year, .objective = 1.0 + 2.0 / 1.1, .bound = 5.0};
}

TEST(a_plan_that_keeps_to_everything_passes)
{
    struct made m;
    make(&m);
    CHECK_OK(tl_plan_verify(ctx, &m.f.problem, &m.solution));
}

TEST(each_breach_is_found)
{
    struct made m;
    make(&m);
    m.f.rule[2] = TL_PLAN_MUST;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "task 3 must be done");
    make(&m);
    m.f.rule[1] = TL_PLAN_MUST_NOT;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "task 2 must not be");
    make(&m);
    m.f.last_year[1] = 0;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "outside 0 to 0");
    make(&m);
    m.f.options[1].team = 5;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "which cannot do it");
    make(&m);
    m.team[0] = 2;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "given to team 2");
    make(&m);
    m.f.team_days[1] = 9.99;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "team 0 works 10 days");
    make(&m);
    m.f.floor[0] = 3.1;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "its floor is 3.1");
    make(&m);
    m.solution.objective = 3.0;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "and says 3");
    make(&m);
    m.solution.bound = 2.0;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "above its bound");
    make(&m);
    m.solution.bound = NAN;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "above its bound");
}

TEST(what_is_done_out_of_order_is_found)
{
    static const struct {
        int32_t team[2], year[2];
        uint8_t turn[2];
        bool middle;
        const char *part; /* NULL = in order */
    } rows[] = {
        {{1, 0}, {0, 1}, {1, 1}, false, NULL},
        {{1, 0}, {1, 0}, {1, 1}, false, "task 2 waits for task 1 and is not done after it"},
        {{1, 0}, {0, 0}, {1, 1}, true, "is not done after it"},
        {{1, 0}, {0, 0}, {0, 2}, true, NULL},
        {{1, 0}, {0, 0}, {0, 2}, false, "is not done after it"},
        {{1, 1}, {0, 0}, {1, 1}, false, NULL}, /* one team: it does the one first */
        {{1, 1}, {0, 0}, {2, 1}, true, "is not done after it"},
        {{-1, 0}, {-1, 0}, {1, 1}, false, "task 2 is done and waits for task 1, which is not"},
        {{1, -1}, {0, -1}, {1, 1}, false, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made m;
        uint8_t turn[FIXTURE_TASKS] = {rows[i].turn[0], rows[i].turn[1], TL_PLAN_ANY_TURN};
        make(&m);
        fixture_order(&m.f, 0, 1);
        m.solution.turn = turn;
        m.solution.objective = 0.0;
        for (int t = 0; t < 2; t++) {
            m.team[t] = rows[i].team[t];
            m.year[t] = rows[i].year[t];
            if (m.team[t] >= 0)
                m.solution.objective += m.f.value[t] * m.f.year_weight[m.year[t]];
        }
        for (int k = 0; k < 4; k++)
            m.f.early_days[k] = 50.0;
        m.f.problem.early_days = rows[i].middle ? m.f.early_days : NULL;
        tl_err err = tl_plan_verify(ctx, &m.f.problem, &m.solution);
        if (rows[i].part == NULL)
            CHECK_OK(err);
        else
            CHECK_FAILS(err, TL_EBUG, rows[i].part);
        m.f.early_days[rows[i].team[0] >= 0 ? 2 * rows[i].team[0] : 0] = 9.0;
        if (i == 3) /* its team has 9 days before the middle, and it takes 10 */
            CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG,
                        "team 1 works 10 and 0 days before and after the middle of year 0");
    }
}

TEST(money_left_counts_only_where_it_is_carried)
{
    struct made m;
    make(&m);
    m.f.budget[0] = 15.0;
    m.f.budget[1] = 5.0;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "by year 1");
    m.f.problem.carry = true;
    CHECK_OK(tl_plan_verify(ctx, &m.f.problem, &m.solution));
    m.f.budget[0] = 9.0;
    m.f.budget[1] = 50.0;
    CHECK_FAILS(tl_plan_verify(ctx, &m.f.problem, &m.solution), TL_EBUG, "by year 0");
}

TEST(memory_that_runs_out_is_told)
{
    struct made m;
    make(&m);
    CHECK_EVERY_ALLOC(ctx, tl_plan_verify(ctx, &m.f.problem, &m.solution));
}
