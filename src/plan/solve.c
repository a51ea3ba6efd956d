/*
 * In order: what cannot be at all; prices and their bound; a plan by search; the exact solver where it is there and the problem not too large; the check. Every bound
 * and every plan is taken, whoever found it: the best of each is what is told.
 */
#include <math.h>
#include <stdio.h>

#include "core/catalogue.h"
#include "plan/exact.h"
#include "plan/heuristic.h"
#include "plan/infeasible.h"
#include "plan/warm.h"

enum { WARM = 300, POLISH = 300, BRIEF_ROUNDS = 4000, BRIEF_ROUNDS_A_BIN = 100 };

struct solving {
    struct tl_plan_model model;
    struct tl_plan_dual dual;
    struct tl_plan_state state;
    struct tl_plan_exact exact;
    double bound, began_s;
    enum tl_plan_how how;
    const char *solver;
    char note[TL_PLAN_NOTE_BYTES];
};

static tl_err find_prices(struct tl_ctx *ctx, struct solving *s, double gap)
{
    tl_err err = TL_OK;
    tl_progress_begin(ctx, "the bound");
    TL_TRY(tl_plan_warm_prices(ctx, &s->model, WARM, &s->dual));
    TL_TRY(tl_plan_bound_improve(ctx, &s->model, 0.0, gap, POLISH, &s->dual));
done:
    tl_progress_end(ctx);
    return err;
}

/* A plan by search, then the bound again with a worth to aim at, then more search at the better prices. */
static tl_err search(struct tl_ctx *ctx, const struct tl_plan_limits *limits, struct solving *s)
{
    tl_err err = TL_OK;
    struct tl_plan_effort effort = {.gap = limits->gap, .until_s = s->began_s + limits->wait_s};
    struct tl_plan_effort brief = effort;
    brief.n_rounds = BRIEF_ROUNDS + BRIEF_ROUNDS_A_BIN * s->model.n_bins;
    tl_progress_begin(ctx, "a plan by search");
    TL_TRY(tl_plan_heuristic_improve(ctx, &s->dual, &brief, &s->state));
    double lower = tl_plan_state_complete(&s->state) ? s->state.objective : 0.0;
    TL_TRY(tl_plan_bound_improve(ctx, &s->model, lower, 0.1 * limits->gap, POLISH, &s->dual));
    if (!s->dual.infeasible)
        TL_TRY(tl_plan_heuristic_improve(ctx, &s->dual, &effort, &s->state));
done:
    tl_progress_end(ctx);
    return err;
}

static tl_err ask_exact(struct tl_ctx *ctx, const struct tl_plan_limits *limits, struct solving *s)
{
    tl_err err = TL_OK;
    tl_progress_begin(ctx, "the exact solver");
    TL_TRY(tl_plan_exact_solve(ctx, &s->dual, limits, &s->state, &s->exact));
    if (!s->exact.missing) {
        s->how = TL_PLAN_EXACT;
        s->bound = fmin(s->bound, s->exact.bound);
    }
done:
    tl_progress_end(ctx);
    return err;
}

static void say_missing(struct solving *s)
{
    snprintf(s->note, sizeof s->note,
             TL_CATALOGUE_MARK(
                 "%.60s is not installed: the plan is by search, its bound is proved without it"),
             s->solver);
}

static tl_err find_plan(struct tl_ctx *ctx, const struct tl_plan_limits *limits, struct solving *s)
{
    tl_err err = TL_OK;
    bool too_large = s->model.n_cells > limits->n_exact_max;
    bool asks_exact = !limits->heuristic && !too_large && s->model.n_cells > 0;
    TL_TRY(find_prices(ctx, s, 0.1 * limits->gap));
    if (s->dual.infeasible)
        goto done;
    TL_TRY(search(ctx, limits, s));
    s->bound = s->dual.bound;
    if (too_large && !limits->heuristic)
        snprintf(s->note, sizeof s->note,
                 TL_CATALOGUE_MARK("%lld ways to do tasks are more than the exact solver is asked "
                                   "(%lld): the plan is by search, its bound is proved"),
                 (long long)s->model.n_cells, (long long)limits->n_exact_max);
    if (!asks_exact || s->dual.infeasible)
        goto done;
    TL_TRY(ask_exact(ctx, limits, s));
    if (s->exact.missing)
        say_missing(s);
done:
    return err;
}

/* Whether two tasks of which one waits for the other keep the order by their years, or by one team's doing the one first. */
static bool needs_no_turn(const struct tl_plan_solution *f, int64_t first, int64_t then)
{
    return f->team[first] < 0 || f->team[then] < 0 || f->year[first] != f->year[then] ||
           (f->team[first] == f->team[then] && f->turn[first] <= f->turn[then]);
}

/*
 * The search takes any turn that fits. One that the order does not ask for is given up, or a task would be done later in the year than it need be: late ones
 * along the line, then early ones against it.
 */
static void give_up_turns(const struct tl_plan_orders *o, struct tl_plan_solution *f)
{
    for (int64_t i = 0; i < 2 * o->n_tasks; i++) {
        bool late = i < o->n_tasks, free = true;
        int64_t t = o->line[late ? i : 2 * o->n_tasks - 1 - i];
        const int64_t *at = late ? o->before_at : o->after_at;
        const int32_t *others = late ? o->before : o->after;
        uint8_t was = f->turn[t];
        if (was != (late ? TL_PLAN_LATE : TL_PLAN_EARLY))
            continue;
        f->turn[t] = TL_PLAN_ANY_TURN;
        for (int64_t k = at[t]; k < at[t + 1]; k++)
            free = free && needs_no_turn(f, late ? others[k] : t, late ? t : others[k]);
        f->turn[t] = free ? TL_PLAN_ANY_TURN : was;
    }
}

static tl_err give(struct tl_ctx *ctx, const struct solving *s, struct tl_plan_solution *solution)
{
    tl_err err = TL_OK;
    const struct tl_plan_problem *p = s->model.problem;
    struct tl_plan_solution found = {.how = s->how, .timed_out = s->exact.timed_out};
    TL_TRY_ALLOC(ctx, found.team, p->n_tasks);
    TL_TRY_ALLOC(ctx, found.year, p->n_tasks);
    TL_TRY_ALLOC(ctx, found.turn, p->n_tasks);
    for (int64_t t = 0; t < p->n_tasks; t++) {
        int64_t pick = s->state.pick[t];
        found.team[t] = pick < 0 ? -1 : s->model.choices[pick].team;
        found.year[t] = pick < 0 ? -1 : s->state.year[t];
        found.turn[t] = (uint8_t)(pick < 0 ? TL_PLAN_ANY_TURN : s->model.choices[pick].turn);
        if (pick >= 0)
            found.objective += p->value[t] * p->year_weight[found.year[t]];
    }
    give_up_turns(&s->model.orders, &found);
    if (found.objective > s->bound * (1.0 + 1e-6))
        TL_THROW(ctx, TL_EBUG, "the plan is worth %.17g, above its bound of %.17g", found.objective,
                 s->bound);
    found.bound = fmax(s->bound, found.objective); /* apart from rounding they may meet */
    found.gap = found.bound > 0.0 ? (found.bound - found.objective) / found.bound : 0.0;
    found.timed_out = found.timed_out && found.gap > 0.0;
    found.seconds = tl_clock_s() - s->began_s;
    snprintf(found.note, sizeof found.note, "%s", s->note);
    TL_TRY(tl_plan_verify(ctx, p, &found));
    *solution = found;
    found = (struct tl_plan_solution){0};
done:
    tl_plan_solution_fini(&found);
    return err;
}

tl_err tl_plan_solve(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                     const struct tl_plan_limits *limits, tl_plan_name_fn name, void *arg,
                     struct tl_plan_solution *solution)
{
    tl_err err = TL_OK;
    struct solving s = {.how = TL_PLAN_HEURISTIC, .bound = INFINITY};
    struct tl_plan_names names = {name, arg};
    s.began_s = tl_clock_s();
    s.solver = limits->solver == NULL ? "cbc" : limits->solver;
    TL_TRY(tl_plan_model_init(ctx, problem, &s.model));
    TL_TRY(tl_plan_infeasible_alone(ctx, &s.model, &names));
    TL_TRY(tl_plan_bound_init(ctx, &s.model, &s.dual));
    TL_TRY(tl_plan_state_init(ctx, &s.model, &s.state));
    TL_TRY(find_plan(ctx, limits, &s));
    if (!tl_plan_state_complete(&s.state)) {
        err = tl_plan_infeasible_explain(ctx, &s.model, limits, &names);
        goto done;
    }
    TL_TRY(give(ctx, &s, solution));
done:
    tl_plan_bound_fini(&s.dual);
    tl_plan_state_fini(&s.state);
    tl_plan_model_fini(&s.model);
    return err;
}
