/*
 * The problem goes to the solver without the columns that no better plan can use (mps.h), with the plan by search as its beginning. Its bound holds for what is left;
 * what was left out is worth no more than the plan that is there, so the greater of the two is a bound for everything.
 */
#include "plan/exact.h"

#include <math.h>

#include "plan/cbc.h"
#include "plan/heuristic.h"
#include "plan/mps.h"

/* The objective in the solver's numbers: it prints bounds with few decimals, and its tolerances are absolute. */
static const double WORTH = 1e6;

/* What a solver's tolerances may hide of a bound, relative: its rows are met and its nodes cut to about 1e-7. */
static const double SLACK = 1e-6;

enum { MEND_ROUNDS = 300 };

static tl_err write_start(struct tl_ctx *ctx, const struct tl_plan_state *state,
                          const struct tl_plan_columns *columns, struct tl_buf *text)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, text, "Stopped on time - objective value 0\n"));
    for (int64_t i = 0; i < columns->n; i++) {
        const struct tl_plan_column *c = &columns->column[i];
        int64_t task = state->m->choices[c->choice].task;
        if (state->pick[task] == c->choice && state->year[task] == c->year)
            TL_TRY(tl_buf_printf(ctx, text, "%lld x%lld 1\n", (long long)i, (long long)i));
    }
done:
    return err;
}

/* The solver's plan into an empty state, what others wait for first. What its tolerances let in beyond what there is stays out. @return whether all went in */
static bool load_pass(const struct tl_plan_columns *columns, const bool *in,
                      struct tl_plan_state *state, bool *more)
{
    bool all = true;
    for (int64_t i = 0; i < columns->n; i++) {
        const struct tl_plan_column *c = &columns->column[i];
        const struct tl_plan_choice *choice = &state->m->choices[c->choice];
        if (!in[i] || state->pick[choice->task] == c->choice)
            continue;
        if (state->pick[choice->task] < 0 && tl_plan_state_fits(state, choice, c->year)) {
            tl_plan_state_put(state, c->choice, c->year);
            *more = true;
        } else {
            all = false;
        }
    }
    return all;
}

static bool load(const struct tl_plan_columns *columns, const bool *in, struct tl_plan_state *state)
{
    bool all = false, more = true;
    while (!all && more) {
        more = false;
        all = load_pass(columns, in, state, &more);
    }
    return all;
}

static void swap(struct tl_plan_state *a, struct tl_plan_state *b)
{
    struct tl_plan_state c = *a;
    *a = *b;
    *b = c;
}

/* The solver's plan instead of the one that is there, where it is better; mended first where it did not quite fit. */
static tl_err take_up(struct tl_ctx *ctx, const struct tl_plan_dual *dual,
                      const struct tl_plan_columns *columns, const bool *in,
                      struct tl_plan_state *state)
{
    tl_err err = TL_OK;
    struct tl_plan_state found = {0};
    struct tl_plan_effort effort = {.n_rounds = MEND_ROUNDS, .gap = 0.0, .until_s = INFINITY};
    TL_TRY(tl_plan_state_init(ctx, state->m, &found));
    if (!load(columns, in, &found) || !tl_plan_state_complete(&found))
        TL_TRY(tl_plan_heuristic_improve(ctx, dual, &effort, &found));
    if (tl_plan_state_score(&found) > tl_plan_state_score(state))
        swap(state, &found);
done:
    tl_plan_state_fini(&found);
    return err;
}

static tl_err ask(struct tl_ctx *ctx, const struct tl_plan_limits *limits, double scale,
                  const struct tl_plan_columns *columns, const struct tl_plan_state *state,
                  struct tl_plan_cbc_answer *answer)
{
    tl_err err = TL_OK;
    struct tl_buf mps = {.max_bytes = (int64_t)1 << 31}, start = {0};
    TL_TRY(tl_plan_mps_write(ctx, state->m, columns, scale, &mps));
    if (tl_plan_state_complete(state))
        TL_TRY(write_start(ctx, state, columns, &start));
    struct tl_plan_cbc_ask question = {
        .solver = limits->solver == NULL ? "cbc" : limits->solver,
        .mps = mps.text,
        .mps_bytes = mps.size_bytes,
        .start = start.text == NULL ? "" : start.text,
        .n_columns = columns->n,
        .gap = limits->gap,
        .wait_s = limits->wait_s,
    };
    err = tl_plan_cbc_run(ctx, &question, answer);
    if (err == TL_ENUMERIC && question.start[0] != '\0') {
        /* Some versions trip over the plan they are to begin with. */
        question.start = "";
        err = tl_plan_cbc_run(ctx, &question, answer);
    }
done:
    tl_buf_fini(&mps);
    tl_buf_fini(&start);
    return err;
}

tl_err tl_plan_exact_solve(struct tl_ctx *ctx, const struct tl_plan_dual *dual,
                           const struct tl_plan_limits *limits, struct tl_plan_state *state,
                           struct tl_plan_exact *exact)
{
    tl_err err = TL_OK;
    struct tl_plan_columns columns = {0};
    struct tl_plan_cbc_answer answer = {0};
    struct tl_plan_exact x = {.bound = INFINITY};
    bool complete = tl_plan_state_complete(state);
    double lower = complete ? state->objective : -INFINITY;
    double scale = WORTH / (dual->bound > 0.0 ? dual->bound : 1.0);
    TL_TRY(tl_plan_mps_columns(ctx, state->m, dual, lower, &columns));
    TL_TRY(ask(ctx, limits, scale, &columns, state, &answer));
    if (answer.in != NULL)
        TL_TRY(take_up(ctx, dual, &columns, answer.in, state));
    x.missing = answer.end == TL_PLAN_CBC_MISSING;
    x.timed_out = answer.end == TL_PLAN_CBC_STOPPED;
    x.infeasible = answer.end == TL_PLAN_CBC_INFEASIBLE && !complete;
    if (answer.end == TL_PLAN_CBC_INFEASIBLE && complete)
        x.bound = lower; /* nothing better is left */
    else if (isfinite(answer.bound))
        x.bound = fmax(lower, -answer.bound / scale);
    x.bound += SLACK * fabs(x.bound);
    if (tl_plan_state_complete(state) && state->objective > x.bound)
        TL_THROW(ctx, TL_ENUMERIC,
                 "%s says that no plan is worth more than %.9g, and one of %.9g "
                 "is there",
                 limits->solver == NULL ? "cbc" : limits->solver, x.bound, state->objective);
    *exact = x;
done:
    tl_plan_mps_columns_fini(&columns);
    tl_plan_cbc_answer_fini(&answer);
    return err;
}
