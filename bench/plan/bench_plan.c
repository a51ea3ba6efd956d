/*
 * Plans on made-up problems: bench_plan TASKS TEAMS YEARS [SEED [search]]. For each way in which money, floors and must-do tasks may bind, a line with what was
 * found, the proved bound, the gap and the seconds (wall and processor, the solver's included).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/core.h"
#include "make.h"

static double processor_s(void)
{
    double sum = 0.0;
    for (int who = 0; who < 2; who++) {
        struct rusage r;
        getrusage(who == 0 ? RUSAGE_SELF : RUSAGE_CHILDREN, &r);
        sum += (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
               1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
    }
    return sum;
}

static int64_t n_done(const struct tl_plan_problem *p, const struct tl_plan_solution *s)
{
    int64_t n = 0;
    for (int64_t t = 0; t < p->n_tasks; t++)
        n += s->team[t] >= 0;
    return n;
}

static tl_err run(struct tl_ctx *ctx, const char *words, const struct bench_shape *shape,
                  bool search)
{
    tl_err err = TL_OK;
    struct tl_plan_problem p = {0};
    struct tl_plan_solution s = {0};
    struct tl_plan_limits limits = tl_plan_limits_default();
    double began;
    limits.heuristic = search;
    TL_TRY(bench_make(ctx, shape, &p));
    began = processor_s();
    TL_TRY(tl_plan_solve(ctx, &p, &limits, NULL, NULL, &s));
    printf("%-28s %s %lld of %lld done, worth %.5g of at most %.5g, gap %.3f %%, %.1f s (processor "
           "%.1f s)%s\n",
           words, s.how == TL_PLAN_EXACT ? "exact " : "search", (long long)n_done(&p, &s),
           (long long)p.n_tasks, s.objective, s.bound, 100.0 * s.gap, s.seconds,
           processor_s() - began, s.timed_out ? ", stopped" : "");
done:
    if (err != TL_OK)
        printf("%-28s %s\n", words, tl_ctx_message(ctx));
    bench_free(&p);
    tl_plan_solution_fini(&s);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    if (argc < 4 || ctx == NULL)
        return 2;
    struct bench_shape shape = {.n_tasks = atoll(argv[1]),
                                .n_teams = atoll(argv[2]),
                                .n_years = atoll(argv[3]),
                                .n_districts = 6,
                                .seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1};
    bool search = argc > 5 && strcmp(argv[5], "search") == 0, failed = false;
    shape.money = 3.0;
    failed |= run(ctx, "days bind", &shape, search) != TL_OK;
    shape.money = 0.6;
    failed |= run(ctx, "money binds", &shape, search) != TL_OK;
    shape.money = 0.9;
    shape.carry = true;
    shape.floors = 0.1;
    shape.musts = 0.02;
    failed |= run(ctx, "both, floors, musts, carried", &shape, search) != TL_OK;
    shape.floors = shape.musts = 0.0;
    shape.orders = 0.2;
    failed |= run(ctx, "both, a fifth of tasks waits", &shape, search) != TL_OK;
    tl_ctx_free(ctx);
    return failed;
}
