/**
 * A plan while it is being made: who does what, what is left of days and money, which must-do tasks and floors are still open. It never breaks days, money,
 * windows or the order between tasks; open must-do tasks and floors are paid for in its score by more than all value there is, so that a better score is nearer to a plan.
 */
#ifndef TL_PLAN_STATE_H
#define TL_PLAN_STATE_H

#include "plan/model.h"

struct tl_plan_state {
    const struct tl_plan_model *m; /* borrows */
    int64_t *pick;                 /* owns: [n_tasks] choice, -1 = not done */
    int32_t *year;                 /* owns: [n_tasks] */
    double *days_left;             /* owns: [n_bins] */
    double *early_left,
        *late_left; /* own: [n_bins] of them, before the year's middle and after it; NULL where nothing waits */
    double *
        money_left; /* owns: [n_years] of the year, or of all until its end where money is carried over */
    double *money_room;   /* owns: [n_years] what may still be spent in the year */
    double *served;       /* owns: [n_districts] given, in what counts towards the floor */
    int64_t *head;        /* owns: [n_bins] first task of the bin, -1 = none */
    int64_t *next, *prev; /* owns: [n_tasks] of the same bin, -1 = none */
    double objective;
    double all;        /* more than any plan is worth */
    int64_t n_missing; /* must-do tasks that are not done */
};

TL_MUST_USE tl_err tl_plan_state_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                      struct tl_plan_state *state);
void tl_plan_state_fini(struct tl_plan_state *state);

/** Nothing done. */
void tl_plan_state_clear(struct tl_plan_state *state);

/** The sums anew from who does what: rounding does not pile up. */
void tl_plan_state_refresh(struct tl_plan_state *state);

/** Whether a choice fits into what is left of a year, behind all that its task waits for. `choice` must be able to in that year. */
bool tl_plan_state_fits(const struct tl_plan_state *state, const struct tl_plan_choice *choice,
                        int32_t year);

/** Does a task that is not done, by a choice that fits. @return what the score gains */
double tl_plan_state_put(struct tl_plan_state *state, int64_t choice, int32_t year);

/** Undoes a task that is done and that no done task waits for. @return what the score loses */
double tl_plan_state_take(struct tl_plan_state *state, int64_t task);

/** A task that is done and waits for this one; -1 without one. */
int64_t tl_plan_state_waiting(const struct tl_plan_state *state, int64_t task);

/** What put would return for a task that is not done. */
double tl_plan_state_gain(const struct tl_plan_state *state, int64_t task, int32_t year);
/** What take would return. */
double tl_plan_state_loss(const struct tl_plan_state *state, int64_t task);

/** Objective less what is open. */
double tl_plan_state_score(const struct tl_plan_state *state);

/** Whether it is a plan: all that must be done is done, and every floor is met. */
bool tl_plan_state_complete(const struct tl_plan_state *state);

static inline int64_t tl_plan_state_bin(const struct tl_plan_state *s, int64_t task)
{
    return s->m->choices[s->pick[task]].team * s->m->n_years + s->year[task];
}

#endif
