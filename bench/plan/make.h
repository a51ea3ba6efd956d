/** Made-up years of clearance, in the shape of real ones: for the bench of plans. */
#ifndef TL_BENCH_PLAN_MAKE_H
#define TL_BENCH_PLAN_MAKE_H

#include "plan/problem.h"

struct bench_shape {
    int64_t n_tasks, n_teams, n_years, n_districts;
    double
        money; /* share of what all team-days cost that is there; 0.8 makes both days and money scarce */
    double floors; /* share of an even part of the value that each district is given at least */
    double musts;  /* share of tasks that must be done */
    double orders; /* share of tasks that wait for the nearest one before them in the list */
    bool carry;
    uint64_t seed;
};

/** A problem whose arrays the caller frees with bench_free. */
TL_MUST_USE tl_err bench_make(struct tl_ctx *ctx, const struct bench_shape *shape,
                              struct tl_plan_problem *problem);
void bench_free(struct tl_plan_problem *problem);

#endif
