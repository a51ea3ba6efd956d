/** Made-up planning problems for tests: arrays that can be written, and a small maker of random ones. */
#ifndef TL_PLAN_PROBLEM_FIXTURE_H
#define TL_PLAN_PROBLEM_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "core/rng.h"
#include "plan/problem.h"

enum {
    FIXTURE_TASKS = 64,
    FIXTURE_TEAMS = 8,
    FIXTURE_YEARS = 5,
    FIXTURE_DISTRICTS = 4,
    FIXTURE_ORDERS = 64
};

struct fixture {
    double value[FIXTURE_TASKS], team_days[FIXTURE_TEAMS * FIXTURE_YEARS], budget[FIXTURE_YEARS];
    double floor_of[FIXTURE_TASKS]; /* unless problem.floor_of is set to it, value counts */
    double year_weight[FIXTURE_YEARS], floor[FIXTURE_DISTRICTS];
    uint8_t rule[FIXTURE_TASKS];
    int32_t district[FIXTURE_TASKS], first_year[FIXTURE_TASKS], last_year[FIXTURE_TASKS];
    struct tl_plan_option options[FIXTURE_TASKS * FIXTURE_TEAMS];
    struct tl_plan_order orders[FIXTURE_ORDERS]; /* none, until fixture_order adds some */
    double early_days[FIXTURE_TEAMS * FIXTURE_YEARS];
    struct tl_plan_problem problem;
};

/* Every task may be done by every team in 10 days for 10; teams have 100 days, years 1000 of money. */
__attribute__((unused)) static void fixture_plain(struct fixture *f, int64_t n_tasks,
                                                  int64_t n_teams, int64_t n_years)
{
    memset(f, 0, sizeof *f);
    int64_t n = 0;
    for (int32_t t = 0; t < n_tasks; t++) {
        f->value[t] = 1.0 + t;
        f->last_year[t] = (int32_t)n_years - 1;
        for (int32_t k = 0; k < n_teams; k++)
            f->options[n++] = (struct tl_plan_option){t, k, 10.0, 10.0};
    }
    for (int64_t i = 0; i < n_teams * n_years; i++)
        f->team_days[i] = 100.0;
    for (int64_t y = 0; y < n_years; y++) {
        f->budget[y] = 1000.0;
        f->year_weight[y] = 1.0 / (1.0 + 0.1 * (double)y);
    }
    f->problem = (struct tl_plan_problem){
        .n_tasks = n_tasks,
        .n_teams = n_teams,
        .n_years = n_years,
        .n_options = n,
        .n_districts = FIXTURE_DISTRICTS,
        .value = f->value,
        .rule = f->rule,
        .district = f->district,
        .first_year = f->first_year,
        .last_year = f->last_year,
        .options = f->options,
        .team_days = f->team_days,
        .budget = f->budget,
        .year_weight = f->year_weight,
        .floor = f->floor,
        .orders = f->orders,
    };
}

/* `then` waits for `first`. */
__attribute__((unused)) static void fixture_order(struct fixture *f, int32_t first, int32_t then)
{
    f->orders[f->problem.n_orders++] = (struct tl_plan_order){first, then};
}

/* Numbers of one random problem, one after the other. */
struct fixture_dice {
    struct tl_rng rng;
    uint64_t n;
};

__attribute__((unused)) static double fixture_throw(struct fixture_dice *dice)
{
    return tl_rng_uniform(dice->rng, dice->n++);
}

__attribute__((unused)) static int32_t fixture_below(struct fixture_dice *dice, int64_t n)
{
    return (int32_t)(fixture_throw(dice) * (double)n);
}

static void fixture_random_options(struct fixture *f, struct fixture_dice *dice)
{
    struct tl_plan_problem *p = &f->problem;
    int64_t n = 0;
    for (int32_t t = 0; t < p->n_tasks; t++) {
        double size = 5.0 + 40.0 * fixture_throw(dice);
        for (int32_t k = 0; k < p->n_teams; k++)
            if (fixture_throw(dice) < 0.8)
                f->options[n++] =
                    (struct tl_plan_option){t, k, size * (0.7 + 0.6 * fixture_throw(dice)),
                                            size * (0.5 + fixture_throw(dice))};
    }
    p->n_options = n;
}

/* A problem where days and money are scarce; must, must-not, windows, floors and carrying over come now and then. */
__attribute__((unused)) static void
fixture_random(struct fixture *f, uint64_t seed, int64_t n_tasks, int64_t n_teams, int64_t n_years)
{
    struct fixture_dice dice = {tl_rng_make(seed, 77), 0};
    fixture_plain(f, n_tasks, n_teams, n_years);
    fixture_random_options(f, &dice);
    double tightness = 0.3 + fixture_throw(&dice), each = 25.0 * (double)n_tasks * tightness;
    bool has_floors = fixture_throw(&dice) < 0.4, has_windows = fixture_throw(&dice) < 0.4;
    bool has_musts = fixture_throw(&dice) < 0.5;
    f->problem.carry = fixture_throw(&dice) < 0.5;
    for (int64_t i = 0; i < n_teams * n_years; i++)
        f->team_days[i] = each / (double)(n_teams * n_years) * (0.5 + fixture_throw(&dice));
    for (int64_t y = 0; y < n_years; y++)
        f->budget[y] = each / (double)n_years * (0.3 + fixture_throw(&dice));
    if (fixture_throw(&dice) < 0.3)
        f->problem.floor_of = f->floor_of;
    for (int32_t t = 0; t < n_tasks; t++) {
        f->floor_of[t] = 10.0 * fixture_throw(&dice);
        f->value[t] = fixture_throw(&dice) < 0.1 ? 0.0 : 10.0 * fixture_throw(&dice);
        f->district[t] = fixture_below(&dice, FIXTURE_DISTRICTS + 1) - 1;
        double u = fixture_throw(&dice);
        if (has_musts)
            f->rule[t] = u < 0.15 ? TL_PLAN_MUST : u < 0.25 ? TL_PLAN_MUST_NOT : TL_PLAN_MAY;
        if (has_windows && fixture_throw(&dice) < 0.5)
            f->first_year[t] = fixture_below(&dice, n_years);
        if (has_windows && fixture_throw(&dice) < 0.5)
            f->last_year[t] = f->first_year[t];
        if (has_floors && f->district[t] >= 0)
            f->floor[f->district[t]] += 0.25 *
                                        (f->problem.floor_of != NULL ? f->floor_of : f->value)[t] *
                                        fixture_throw(&dice);
    }
}

/* A problem as fixture_random makes it, where some tasks wait for others; years have a middle in two of three. */
__attribute__((unused)) static void fixture_random_order(struct fixture *f, uint64_t seed,
                                                         int64_t n_tasks, int64_t n_teams,
                                                         int64_t n_years)
{
    struct fixture_dice dice = {tl_rng_make(seed, 78), 0};
    fixture_random(f, seed, n_tasks, n_teams, n_years);
    if (fixture_throw(&dice) < 0.67)
        f->problem.early_days = f->early_days;
    for (int64_t i = 0; i < n_teams * n_years; i++)
        f->early_days[i] = f->team_days[i] * (0.2 + 0.6 * fixture_throw(&dice));
    int64_t n = 1 + fixture_below(&dice, n_tasks);
    for (int64_t i = 0; i < n && i < FIXTURE_ORDERS; i++) {
        /* A shuffle of the numbers gives a line that no circle is in. */
        int32_t a = fixture_below(&dice, n_tasks), b = fixture_below(&dice, n_tasks);
        int64_t ka = (a * 5 + (int64_t)seed) % n_tasks, kb = (b * 5 + (int64_t)seed) % n_tasks;
        if (ka < kb || (ka == kb && a < b))
            fixture_order(f, a, b);
        else if (a != b)
            fixture_order(f, b, a);
    }
}

/* Whether the solver is installed: found along PATH, as when it is started. */
__attribute__((unused)) static bool fixture_has_cbc(void)
{
    const char *at = getenv("PATH");
    while (at != NULL && *at != '\0') {
        char path[4096];
        int n = (int)strcspn(at, ":");
        snprintf(path, sizeof path, "%.*s/cbc", n, at);
        if (access(path, X_OK) == 0)
            return true;
        at += n + (at[n] == ':');
    }
    return false;
}

#endif
