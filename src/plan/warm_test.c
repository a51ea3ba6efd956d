#include "plan/problem_fixture.h"
#include "plan/warm.h"
#include "unit.h"

/* Sixty alike tasks for eight alike teams with room for half of them. */
static void make(struct fixture *f)
{
    fixture_plain(f, 60, 8, 2);
    for (int t = 0; t < 60; t++)
        f->value[t] = 5.0 + 0.01 * t;
    for (int i = 0; i < 16; i++)
        f->team_days[i] = 20.0;
    f->year_weight[1] = 1.0;
}

TEST(the_market_comes_near_the_best_prices)
{
    static struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d;
    double best = 0.0;
    make(&f);
    for (int t = 28; t < 60; t++)
        best += f.value[t];
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK_OK(tl_plan_bound_init(ctx, &m, &d));
    CHECK_OK(tl_plan_warm_prices(ctx, &m, 300, &d));
    CHECK_OK(tl_plan_bound_improve(ctx, &m, 0.0, 0.0, 0, &d));
    CHECK(d.bound >= best && d.bound < 1.01 * best);
    tl_plan_bound_fini(&d);
    tl_plan_model_fini(&m);
}

TEST(threads_do_not_change_a_bit_of_the_prices)
{
    static struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d[2];
    make(&f);
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    for (int i = 0; i < 2; i++) {
        tl_ctx_set_threads(ctx, i == 0 ? 1 : 3);
        CHECK_OK(tl_plan_bound_init(ctx, &m, &d[i]));
        CHECK_OK(tl_plan_warm_prices(ctx, &m, 40, &d[i]));
    }
    CHECK(memcmp(d[0].theta, d[1].theta, (size_t)tl_plan_bound_rows(&m) * sizeof(double)) == 0);
    tl_plan_bound_fini(&d[0]);
    tl_plan_bound_fini(&d[1]);
    tl_plan_model_fini(&m);
}

TEST(memory_that_runs_out_is_told)
{
    static struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d;
    make(&f);
    CHECK_OK(tl_plan_model_init(ctx, &f.problem, &m));
    CHECK_OK(tl_plan_bound_init(ctx, &m, &d));
    CHECK_EVERY_ALLOC(ctx, tl_plan_warm_prices(ctx, &m, 3, &d));
    tl_plan_bound_fini(&d);
    tl_plan_model_fini(&m);
}
