/*
 * Tasks lie around towns in a province of 200 x 200 km; sizes in team-days are lognormal (median 25, sigma 0.9, at most 200: longer ones are cut before).
 * Half of them are for manual teams, the rest for machines, dogs or battle-area teams, some for two of these. A team works within 80 km of its base, or wider where
 * teams are few; travel takes a day a week for each 40 km. People near, and so the value of a task, fall off from
 * the town, with lognormal noise; larger tasks hold more. Money is a part of what all team-days cost.
 */
#include "make.h"

#include <math.h>

#include "core/core.h"
#include "core/rng.h"

enum { SKILLS = 4, TOWNS = 12 };

static const double SIDE_KM = 200.0, REACH_KM = 80.0, DENSE = 100.0, YEAR_DAYS = 210.0;
static const double RATE[SKILLS] = {1.0, 2.5, 1.7, 1.4}; /* of work, against manual */
static const double DAY_COST[SKILLS] = {900.0, 2600.0, 1500.0, 1100.0};

struct place {
    double x, y;
    int32_t skills; /* bits */
    double size, efficiency;
};

struct making {
    struct tl_rng rng;
    uint64_t n;
    struct place *tasks, *teams, towns[TOWNS];
};

static double uniform(struct making *m)
{
    return tl_rng_uniform(m->rng, m->n++);
}

static double normal(struct making *m)
{
    return tl_rng_normal(m->rng, m->n++);
}

static struct place near_town(struct making *m, double spread_km)
{
    const struct place *town = &m->towns[(int)(uniform(m) * TOWNS)];
    return (struct place){.x = town->x + spread_km * normal(m),
                          .y = town->y + spread_km * normal(m)};
}

static double distance(const struct place *a, const struct place *b)
{
    return hypot(a->x - b->x, a->y - b->y);
}

static void make_places(struct making *m, const struct bench_shape *shape)
{
    for (int i = 0; i < TOWNS; i++)
        m->towns[i] = (struct place){.x = SIDE_KM * uniform(m), .y = SIDE_KM * uniform(m)};
    for (int64_t k = 0; k < shape->n_teams; k++) {
        m->teams[k] = near_town(m, 5.0);
        m->teams[k].skills = k % 2 == 0 ? 1 : 1 << (1 + (k / 2) % (SKILLS - 1));
        m->teams[k].efficiency = exp(0.15 * normal(m));
    }
    for (int64_t t = 0; t < shape->n_tasks; t++) {
        m->tasks[t] = near_town(m, 20.0);
        double u = uniform(m);
        m->tasks[t].skills = u < 0.5    ? 1
                             : u < 0.65 ? 3
                                        : 1 << (1 + (int)(uniform(m) * (SKILLS - 1)));
        m->tasks[t].size = fmin(200.0, 25.0 * exp(0.9 * normal(m)));
    }
}

/* Whether a team can do a task, in how many days and at what cost. */
static bool can(const struct place *task, const struct place *team, double reach_km, double *days,
                double *cost)
{
    int32_t skills = task->skills & team->skills;
    if (skills == 0)
        return false;
    int skill = __builtin_ctz((unsigned)skills);
    double km = distance(task, team), work = task->size / (RATE[skill] * team->efficiency);
    *days = work + 2.0 * km / 300.0 + work / 5.0 * km / 320.0;
    *cost = *days * DAY_COST[skill] + 2.0 * km * 0.8 * (1.0 + work / 5.0);
    return km <= reach_km && *days <= YEAR_DAYS;
}

static void make_options(struct making *m, const struct bench_shape *shape,
                         struct tl_plan_option *options, struct tl_plan_problem *p)
{
    double reach_km = REACH_KM * fmax(1.0, sqrt(DENSE / (double)shape->n_teams));
    for (int64_t t = 0; t < shape->n_tasks; t++)
        for (int64_t k = 0; k < shape->n_teams; k++) {
            struct tl_plan_option o = {.task = (int32_t)t, .team = (int32_t)k};
            if (can(&m->tasks[t], &m->teams[k], reach_km, &o.days, &o.cost))
                options[p->n_options++] = o;
        }
}

struct arrays {
    double *value, *team_days, *budget, *year_weight, *floor, *early_days;
    struct tl_plan_order *orders;
    uint8_t *rule;
    int32_t *district, *first_year, *last_year;
    struct tl_plan_option *options;
};

static void make_numbers(struct making *m, const struct bench_shape *shape, struct arrays *a)
{
    double all = 0.0;
    for (int64_t t = 0; t < shape->n_tasks; t++) {
        struct place *task = &m->tasks[t];
        double town = INFINITY;
        for (int i = 0; i < TOWNS; i++)
            town = fmin(town, distance(task, &m->towns[i]));
        a->value[t] = 1e-3 * pow(task->size, 0.8) * exp(-town / 25.0) * exp(0.8 * normal(m));
        a->district[t] = (int32_t)fmin((double)shape->n_districts - 1.0,
                                       fmax(0.0, task->x / SIDE_KM * (double)shape->n_districts));
        a->last_year[t] = (int32_t)shape->n_years - 1;
        a->rule[t] = uniform(m) < shape->musts ? TL_PLAN_MUST : TL_PLAN_MAY;
        if (uniform(m) < 0.1)
            a->first_year[t] = (int32_t)(uniform(m) * (double)shape->n_years);
    }
    for (int64_t k = 0; k < shape->n_teams; k++)
        for (int64_t y = 0; y < shape->n_years; y++) {
            double days = YEAR_DAYS * (0.85 + 0.15 * uniform(m));
            a->team_days[k * shape->n_years + y] = days;
            all += days * DAY_COST[__builtin_ctz((unsigned)m->teams[k].skills)];
        }
    for (int64_t y = 0; y < shape->n_years; y++) {
        a->budget[y] = shape->money * all / (double)shape->n_years;
        a->year_weight[y] = pow(0.93, (double)y);
    }
}

/* A floor is a share of what a district's tasks would be worth if each were done as likely as any. */
static void make_floors(const struct bench_shape *shape, struct arrays *a)
{
    for (int64_t t = 0; t < shape->n_tasks; t++)
        a->floor[a->district[t]] += shape->floors * a->value[t];
}

/* Some tasks wait for the nearest of those before them in the list, which is a road or a field beside it; 45 % of a team's days lie before the year's middle. */
static void make_orders(struct making *m, const struct bench_shape *shape, struct arrays *a,
                        struct tl_plan_problem *p)
{
    for (int64_t t = 1; t < shape->n_tasks && shape->orders > 0.0; t++) {
        int64_t nearest = 0;
        if (uniform(m) >= shape->orders)
            continue;
        for (int64_t k = 1; k < t; k++)
            if (distance(&m->tasks[k], &m->tasks[t]) < distance(&m->tasks[nearest], &m->tasks[t]))
                nearest = k;
        a->orders[p->n_orders++] = (struct tl_plan_order){(int32_t)nearest, (int32_t)t};
    }
    for (int64_t i = 0; i < shape->n_teams * shape->n_years; i++)
        a->early_days[i] = 0.45 * a->team_days[i];
}

tl_err bench_make(struct tl_ctx *ctx, const struct bench_shape *shape,
                  struct tl_plan_problem *problem)
{
    tl_err err = TL_OK;
    struct making m = {.rng = tl_rng_make(shape->seed, 1)};
    struct arrays a = {0};
    TL_TRY_ALLOC(ctx, m.tasks, shape->n_tasks);
    TL_TRY_ALLOC(ctx, m.teams, shape->n_teams);
    TL_TRY_ALLOC(ctx, a.value, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.rule, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.district, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.first_year, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.last_year, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.options, shape->n_tasks * shape->n_teams);
    TL_TRY_ALLOC(ctx, a.team_days, shape->n_teams * shape->n_years);
    TL_TRY_ALLOC(ctx, a.budget, shape->n_years);
    TL_TRY_ALLOC(ctx, a.year_weight, shape->n_years);
    TL_TRY_ALLOC(ctx, a.floor, shape->n_districts);
    TL_TRY_ALLOC(ctx, a.orders, shape->n_tasks);
    TL_TRY_ALLOC(ctx, a.early_days, shape->n_teams * shape->n_years);
    *problem = (struct tl_plan_problem){.n_tasks = shape->n_tasks,
                                        .n_teams = shape->n_teams,
                                        .n_years = shape->n_years,
                                        .n_districts = shape->n_districts,
                                        .carry = shape->carry};
    make_places(&m, shape);
    make_options(&m, shape, a.options, problem);
    make_numbers(&m, shape, &a);
    make_floors(shape, &a);
    make_orders(&m, shape, &a, problem);
    problem->value = a.value;
    problem->rule = a.rule;
    problem->district = a.district;
    problem->first_year = a.first_year;
    problem->last_year = a.last_year;
    problem->options = a.options;
    problem->team_days = a.team_days;
    problem->budget = a.budget;
    problem->year_weight = a.year_weight;
    problem->floor = a.floor;
    problem->orders = a.orders;
    problem->early_days = a.early_days;
done:
    tl_free(m.tasks);
    tl_free(m.teams);
    return err; /* a bench that is out of memory ends; what it holds goes with it */
}

void bench_free(struct tl_plan_problem *problem)
{
    const void *all[] = {problem->value,      problem->rule,      problem->district,
                         problem->first_year, problem->last_year, problem->options,
                         problem->team_days,  problem->budget,    problem->year_weight,
                         problem->floor,      problem->orders,    problem->early_days};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        tl_free((void *)(uintptr_t)all[i]);
}
