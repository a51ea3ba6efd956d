/* Doing and undoing one task costs O(years); nothing here looks at all tasks but clear and refresh. */
#include "plan/state.h"

#include <math.h>

/* Room for sums that come out even on paper; the check of plans allows a hundred times more. */
static const double EVEN = 1e-11;

static bool met(const struct tl_plan_model *m, int64_t district, double served)
{
    double floor = m->problem->floor[district];
    return floor <= 0.0 || served >= floor * (1.0 - EVEN);
}

/* What an open floor costs: more than all value there is, and more the further it is away. */
static double open_floor(const struct tl_plan_state *s, int64_t district, double served)
{
    if (met(s->m, district, served))
        return 0.0;
    return s->all * (2.0 - served / s->m->problem->floor[district]);
}

static void make_room(struct tl_plan_state *s)
{
    for (int64_t y = s->m->n_years - 1; y >= 0; y--) {
        bool carry = s->m->problem->carry && y < s->m->n_years - 1;
        s->money_room[y] = carry ? fmin(s->money_left[y], s->money_room[y + 1]) : s->money_left[y];
    }
}

static void spend(struct tl_plan_state *s, int32_t year, double cost)
{
    int64_t last = s->m->problem->carry ? s->m->n_years - 1 : year;
    for (int64_t y = year; y <= last; y++)
        s->money_left[y] -= cost;
    make_room(s);
}

static struct tl_plan_place place_of(const struct tl_plan_choice *c, int32_t year)
{
    return (struct tl_plan_place){c->team, year, c->turn};
}

/* Whether all that the choice's task waits for is done in time. */
static bool is_behind(const struct tl_plan_state *s, const struct tl_plan_choice *c, int32_t year)
{
    const struct tl_plan_orders *o = &s->m->orders;
    for (int64_t i = o->before_at[c->task]; i < o->before_at[c->task + 1]; i++) {
        int32_t first = o->before[i];
        if (s->pick[first] < 0 ||
            !tl_plan_orders_keep(place_of(&s->m->choices[s->pick[first]], s->year[first]),
                                 place_of(c, year)))
            return false;
    }
    return true;
}

int64_t tl_plan_state_waiting(const struct tl_plan_state *state, int64_t task)
{
    const struct tl_plan_orders *o = &state->m->orders;
    for (int64_t i = o->after_at[task]; i < o->after_at[task + 1]; i++)
        if (state->pick[o->after[i]] >= 0)
            return o->after[i];
    return -1;
}

/* What is left of the days of a turn; the team's where any will do. */
static double *turn_left(const struct tl_plan_state *s, int turn, int64_t bin)
{
    return turn == TL_PLAN_EARLY  ? &s->early_left[bin]
           : turn == TL_PLAN_LATE ? &s->late_left[bin]
                                  : &s->days_left[bin];
}

bool tl_plan_state_fits(const struct tl_plan_state *state, const struct tl_plan_choice *choice,
                        int32_t year)
{
    const struct tl_plan_model *m = state->m;
    int64_t bin = choice->team * m->n_years + year;
    double days = fmin(state->days_left[bin], *turn_left(state, choice->turn, bin));
    return choice->days <= days + EVEN * m->problem->team_days[bin] &&
           choice->cost <= state->money_room[year] + EVEN * m->money[year] &&
           is_behind(state, choice, year);
}

static double floors_change(const struct tl_plan_state *s, int64_t task, double sign)
{
    int32_t d = s->m->problem->district[task];
    if (d < 0 || !(s->m->problem->floor[d] > 0.0))
        return 0.0;
    double after = s->served[d] + sign * tl_plan_model_counts(s->m, task);
    return open_floor(s, d, s->served[d]) - open_floor(s, d, after);
}

static double worth(const struct tl_plan_state *s, int64_t task, int32_t year)
{
    return s->m->problem->value[task] * s->m->problem->year_weight[year];
}

double tl_plan_state_gain(const struct tl_plan_state *state, int64_t task, int32_t year)
{
    double must = tl_plan_model_must(state->m, task) ? 4.0 * state->all : 0.0;
    return worth(state, task, year) + must + floors_change(state, task, 1.0);
}

double tl_plan_state_loss(const struct tl_plan_state *state, int64_t task)
{
    double must = tl_plan_model_must(state->m, task) ? 4.0 * state->all : 0.0;
    return worth(state, task, state->year[task]) + must - floors_change(state, task, -1.0);
}

static void link_task(struct tl_plan_state *s, int64_t task)
{
    int64_t bin = tl_plan_state_bin(s, task);
    s->prev[task] = -1;
    s->next[task] = s->head[bin];
    if (s->head[bin] >= 0)
        s->prev[s->head[bin]] = task;
    s->head[bin] = task;
}

static void unlink_task(struct tl_plan_state *s, int64_t task)
{
    if (s->prev[task] >= 0)
        s->next[s->prev[task]] = s->next[task];
    else
        s->head[tl_plan_state_bin(s, task)] = s->next[task];
    if (s->next[task] >= 0)
        s->prev[s->next[task]] = s->prev[task];
}

/* Takes a done task's days, money and value into account, or out of it. */
static void count(struct tl_plan_state *s, int64_t task, double sign)
{
    const struct tl_plan_problem *p = s->m->problem;
    const struct tl_plan_choice *c = &s->m->choices[s->pick[task]];
    s->days_left[tl_plan_state_bin(s, task)] -= sign * c->days;
    if (c->turn != TL_PLAN_ANY_TURN)
        *turn_left(s, c->turn, tl_plan_state_bin(s, task)) -= sign * c->days;
    spend(s, s->year[task], sign * c->cost);
    if (p->district[task] >= 0)
        s->served[p->district[task]] += sign * tl_plan_model_counts(s->m, task);
    s->objective += sign * worth(s, task, s->year[task]);
    if (tl_plan_model_must(s->m, task))
        s->n_missing -= sign > 0.0 ? 1 : -1;
}

double tl_plan_state_put(struct tl_plan_state *state, int64_t choice, int32_t year)
{
    int64_t task = state->m->choices[choice].task;
    double gain = tl_plan_state_gain(state, task, year);
    state->pick[task] = choice;
    state->year[task] = year;
    count(state, task, 1.0);
    link_task(state, task);
    return gain;
}

double tl_plan_state_take(struct tl_plan_state *state, int64_t task)
{
    double loss = tl_plan_state_loss(state, task);
    count(state, task, -1.0);
    unlink_task(state, task);
    state->pick[task] = -1;
    return loss;
}

static void no_sums(struct tl_plan_state *s)
{
    const struct tl_plan_model *m = s->m;
    for (int64_t b = 0; b < m->n_bins; b++) {
        s->days_left[b] = m->problem->team_days[b];
        for (int turn = TL_PLAN_EARLY; turn <= TL_PLAN_LATE && s->early_left != NULL; turn++)
            *turn_left(s, turn, b) = tl_plan_model_turn_days(m, b, turn);
    }
    for (int64_t y = 0; y < m->n_years; y++)
        s->money_left[y] = m->money[y];
    for (int64_t d = 0; d < m->n_districts; d++)
        s->served[d] = 0.0;
    s->objective = 0.0;
    s->n_missing = 0;
    for (int64_t t = 0; t < m->n_tasks; t++)
        s->n_missing += tl_plan_model_must(m, t);
    make_room(s);
}

void tl_plan_state_clear(struct tl_plan_state *state)
{
    no_sums(state);
    for (int64_t b = 0; b < state->m->n_bins; b++)
        state->head[b] = -1;
    for (int64_t t = 0; t < state->m->n_tasks; t++)
        state->pick[t] = -1;
}

void tl_plan_state_refresh(struct tl_plan_state *state)
{
    no_sums(state);
    for (int64_t t = 0; t < state->m->n_tasks; t++)
        if (state->pick[t] >= 0)
            count(state, t, 1.0);
}

double tl_plan_state_score(const struct tl_plan_state *state)
{
    double score = state->objective - 4.0 * state->all * (double)state->n_missing;
    for (int64_t d = 0; d < state->m->n_districts; d++)
        score -= open_floor(state, d, state->served[d]);
    return score;
}

bool tl_plan_state_complete(const struct tl_plan_state *state)
{
    bool complete = state->n_missing == 0;
    for (int64_t d = 0; d < state->m->n_districts; d++)
        complete = complete && met(state->m, d, state->served[d]);
    return complete;
}

tl_err tl_plan_state_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                          struct tl_plan_state *state)
{
    tl_err err = TL_OK;
    struct tl_plan_state s = {.m = model, .all = model->value_max};
    double weight = 0.0;
    TL_TRY_ALLOC(ctx, s.pick, model->n_tasks);
    TL_TRY_ALLOC(ctx, s.year, model->n_tasks);
    TL_TRY_ALLOC(ctx, s.days_left, model->n_bins);
    if (model->orders.n > 0) {
        TL_TRY_ALLOC(ctx, s.early_left, model->n_bins);
        TL_TRY_ALLOC(ctx, s.late_left, model->n_bins);
    }
    TL_TRY_ALLOC(ctx, s.money_left, model->n_years);
    TL_TRY_ALLOC(ctx, s.money_room, model->n_years);
    TL_TRY_ALLOC(ctx, s.served, model->n_districts);
    TL_TRY_ALLOC(ctx, s.head, model->n_bins);
    TL_TRY_ALLOC(ctx, s.next, model->n_tasks);
    TL_TRY_ALLOC(ctx, s.prev, model->n_tasks);
    for (int64_t y = 0; y < model->n_years; y++)
        weight = fmax(weight, model->problem->year_weight[y]);
    for (int64_t t = 0; t < model->n_tasks; t++)
        s.all += weight * model->problem->value[t];
    tl_plan_state_clear(&s);
    *state = s;
    s = (struct tl_plan_state){0};
done:
    tl_plan_state_fini(&s);
    return err;
}

void tl_plan_state_fini(struct tl_plan_state *state)
{
    tl_free(state->pick);
    tl_free(state->year);
    tl_free(state->days_left);
    tl_free(state->early_left);
    tl_free(state->late_left);
    tl_free(state->money_left);
    tl_free(state->money_room);
    tl_free(state->served);
    tl_free(state->head);
    tl_free(state->next);
    tl_free(state->prev);
    *state = (struct tl_plan_state){0};
}
