#include <sys/stat.h>
#include <unistd.h>

#include "plan/exact.h"
#include "plan/problem_fixture.h"
#include "unit.h"

struct made {
    struct fixture f;
    struct tl_plan_model m;
    struct tl_plan_dual d;
    struct tl_plan_state s;
};

/* Three tasks of worth 1, 2, 3 for one team with days for two. Columns without a plan to begin with: x0, x1, x2. */
static tl_err make(struct tl_ctx *ctx, struct made *a)
{
    tl_err err = TL_OK;
    fixture_plain(&a->f, 3, 1, 1);
    a->f.team_days[0] = 25.0;
    TL_TRY(tl_plan_model_init(ctx, &a->f.problem, &a->m));
    TL_TRY(tl_plan_bound_init(ctx, &a->m, &a->d));
    TL_TRY(tl_plan_bound_improve(ctx, &a->m, 0.0, 0.0, 0, &a->d));
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

static struct tl_plan_limits limits_of(const char *lines)
{
    static char path[4096];
    struct tl_plan_limits limits = tl_plan_limits_default();
    char folder[3000];
    limits.solver = path;
    if (getcwd(folder, sizeof folder) == NULL)
        return limits;
    snprintf(path, sizeof path, "%s/solver", folder);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return limits;
    fprintf(file, "#!/bin/sh\n%s\n", lines);
    fclose(file);
    chmod(path, 0700);
    return limits;
}

/* Shell that answers; the objective is scaled so that the bound, 6, is a million. */
#define ANSWER(lines, log) "for out; do :; done; printf '" lines "' > $out; echo '" log "'"

TEST(the_solvers_plan_and_bound_are_taken_up)
{
    static struct made a;
    struct tl_plan_exact x;
    struct tl_plan_limits limits = limits_of(ANSWER(
        "Optimal - objective value 0\\n 1 x1 1 0\\n 2 x2 1 0\\n", "Lower bound: -850000.000"));
    CHECK_OK(make(ctx, &a));
    CHECK_OK(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x));
    CHECK(!x.missing && !x.timed_out && !x.infeasible);
    CHECK_NEAR(a.s.objective, 5.0, 1e-12);
    CHECK_NEAR(x.bound, 5.1, 1e-4);
    CHECK(x.bound >= 5.1);
    fini(&a);
}

TEST(a_plan_that_breaks_the_rules_is_mended_not_believed)
{
    static struct made a;
    struct tl_plan_exact x;
    struct tl_plan_limits limits = limits_of(
        ANSWER("Stopped on time - objective value 0\\n 0 x0 1 0\\n 1 x1 1 0\\n 2 x2 1 0\\n", ""));
    CHECK_OK(make(ctx, &a));
    CHECK_OK(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x));
    CHECK(x.timed_out && isinf(x.bound));
    CHECK(a.s.days_left[0] >= 0.0);
    CHECK_NEAR(a.s.objective, 5.0, 1e-12);
    fini(&a);
}

TEST(the_plan_that_was_there_stays_where_the_solver_finds_none_better)
{
    static struct made a;
    struct tl_plan_exact x;
    struct tl_plan_limits limits =
        limits_of(ANSWER("Integer infeasible - objective value 0\\n", ""));
    CHECK_OK(make(ctx, &a));
    tl_plan_state_put(&a.s, 0, 0);
    tl_plan_state_put(&a.s, 2, 0);
    CHECK_OK(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x));
    CHECK(!x.infeasible);
    CHECK_NEAR(x.bound, 4.0, 1e-5); /* "there is none better" */
    CHECK_NEAR(a.s.objective, 4.0, 1e-12);
    fini(&a);
    CHECK_OK(make(ctx, &a));
    a.s.n_missing = 1; /* as with a must-do task open: nothing to begin with */
    CHECK_OK(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x));
    CHECK(x.infeasible);
    fini(&a);
}

TEST(a_bound_that_a_plan_is_above_is_an_error)
{
    static struct made a;
    struct tl_plan_exact x;
    struct tl_plan_limits limits = limits_of(
        ANSWER("Optimal - objective value 0\\n 1 x1 1 0\\n 2 x2 1 0\\n", "Lower bound: -700000"));
    CHECK_OK(make(ctx, &a));
    CHECK_FAILS(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x), TL_ENUMERIC,
                "says that no plan is worth more than 4.2");
    fini(&a);
}

TEST(a_solver_that_fails_with_a_beginning_is_asked_once_more_without)
{
    static struct made a;
    struct tl_plan_exact x;
    struct tl_plan_limits limits = limits_of("test $2 = -mipstart && exit 1\n" ANSWER(
        "Optimal - objective value 0\\n 0 x0 1 0\\n", "Lower bound: -900000"));
    CHECK_OK(make(ctx, &a));
    tl_plan_state_put(&a.s, 1, 0);
    CHECK_OK(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x));
    CHECK_NEAR(x.bound, 5.4, 1e-4);
    fini(&a);
    limits = limits_of("exit 1");
    CHECK_OK(make(ctx, &a));
    CHECK_FAILS(tl_plan_exact_solve(ctx, &a.d, &limits, &a.s, &x), TL_ENUMERIC, "ended with 1");
    fini(&a);
}
