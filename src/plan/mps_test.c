#include "plan/mps.h"
#include "plan/problem_fixture.h"
#include "unit.h"

struct made {
    struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d;
};

/* Two tasks, one team, two years; the second task must be done and lies in a district with a floor of 4. */
static tl_err make(struct tl_ctx *ctx, struct made *a)
{
    tl_err err = TL_OK;
    fixture_plain(&a->f, 2, 1, 2);
    a->f.rule[1] = TL_PLAN_MUST;
    a->f.district[0] = -1;
    a->f.floor[0] = 4.0;
    a->f.first_year[0] = 1;
    a->f.problem.carry = true;
    TL_TRY(tl_plan_model_init(ctx, &a->f.problem, &a->m));
    TL_TRY(tl_plan_bound_init(ctx, &a->m, &a->d));
    TL_TRY(tl_plan_bound_improve(ctx, &a->m, 0.0, 0.0, 0, &a->d));
done:
    return err;
}

static void fini(struct made *a)
{
    tl_plan_bound_fini(&a->d);
    tl_plan_model_fini(&a->m);
}

static tl_err write_all(struct tl_ctx *ctx, struct made *a, struct tl_buf *text)
{
    tl_err err = TL_OK;
    struct tl_plan_columns columns = {0};
    TL_TRY(tl_plan_mps_columns(ctx, &a->m, &a->d, -INFINITY, &columns));
    tl_buf_clear(text);
    TL_TRY(tl_plan_mps_write(ctx, &a->m, &columns, 10.0, text));
done:
    tl_plan_mps_columns_fini(&columns);
    return err;
}

TEST(the_text_says_the_problem)
{
    static struct made a;
    struct tl_buf text = {0};
    static const char expected[] =
        "NAME plan FREE\n"
        "ROWS\n N worth\n L t0\n E t1\n L b0\n L b1\n L m0\n L m1\n G d0\n"
        "COLUMNS\n"
        " x0 worth -9.0909090909090899\n x0 t0 1\n x0 b1 0.10000000000000001\n"
        " x0 m1 0.0050000000000000001\n"
        " x1 worth -20\n x1 t1 1\n x1 b0 0.10000000000000001\n"
        " x1 m0 0.01\n x1 m1 0.0050000000000000001\n x1 d0 0.5\n"
        " x2 worth -18.18181818181818\n x2 t1 1\n x2 b1 0.10000000000000001\n"
        " x2 m1 0.0050000000000000001\n x2 d0 0.5\n"
        "RHS\n rhs t0 1\n rhs t1 1\n rhs b0 1\n rhs b1 1\n rhs m0 1\n"
        " rhs m1 1\n rhs d0 1\n"
        "BOUNDS\n BV bound x0\n BV bound x1\n BV bound x2\nENDATA\n";
    CHECK_OK(make(ctx, &a));
    CHECK_OK(write_all(ctx, &a, &text));
    CHECK_STR(text.text, expected);
    CHECK_EVERY_ALLOC(ctx, write_all(ctx, &a, &text));
    tl_buf_fini(&text);
    fini(&a);
}

TEST(order_between_tasks_is_in_the_rows)
{
    static struct made a;
    struct tl_buf text = {0};
    CHECK_OK(make(ctx, &a));
    tl_plan_bound_fini(&a.d);
    tl_plan_model_fini(&a.m);
    fixture_order(&a.f, 1, 0);
    CHECK_OK(tl_plan_model_init(ctx, &a.f.problem, &a.m));
    CHECK_OK(tl_plan_bound_init(ctx, &a.m, &a.d));
    CHECK_OK(tl_plan_bound_improve(ctx, &a.m, 0.0, 0.0, 0, &a.d));
    CHECK_OK(write_all(ctx, &a, &text));
    /* Task 0 waits for task 1, one team, no middle of the year: row o4 (second year, anywhere) holds task 0's x0 against task 1 done before the year (c3) or in it (x2). */
    CHECK(strstr(text.text, " L o4\n") != NULL && strstr(text.text, " L o1\n") == NULL);
    CHECK(strstr(text.text, " x0 o4 1\n") != NULL && strstr(text.text, " x2 o4 -1\n") != NULL);
    CHECK(strstr(text.text, " x1 q3 1\n") != NULL && strstr(text.text, " c3 q3 -1\n") != NULL);
    CHECK(strstr(text.text, " c3 o4 -1\n") != NULL && strstr(text.text, " c1 o4 1\n") != NULL);
    CHECK(strstr(text.text, " rhs e0 0\n") != NULL);
    CHECK_EVERY_ALLOC(ctx, write_all(ctx, &a, &text));
    tl_buf_fini(&text);
    fini(&a);
}

TEST(columns_that_no_better_plan_uses_are_left_out)
{
    static struct made a;
    struct tl_plan_columns columns;
    CHECK_OK(make(ctx, &a));
    /* The bound is 2 + 1/1.1; doing task 1 in the second year loses 0.18, leaving task 0 out 0.91. */
    CHECK_OK(tl_plan_mps_columns(ctx, &a.m, &a.d, 2.8, &columns));
    CHECK(columns.n == 2 && columns.needed[0] && columns.needed[1]);
    tl_plan_mps_columns_fini(&columns);
    CHECK_OK(tl_plan_mps_columns(ctx, &a.m, &a.d, 2.7, &columns));
    CHECK(columns.n == 3 && columns.needed[0]);
    tl_plan_mps_columns_fini(&columns);
    CHECK_OK(tl_plan_mps_columns(ctx, &a.m, &a.d, 1.9, &columns));
    CHECK(columns.n == 3 && !columns.needed[0] && columns.needed[1]);
    tl_plan_mps_columns_fini(&columns);
    fini(&a);
}
