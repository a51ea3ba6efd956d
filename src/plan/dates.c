/*
 * Years' middles, and the check of the dates that came out. The check knows nothing of how the solver sees order (order.h): it reads the days on which tasks
 * begin and end, as somebody with the calendar in hand would.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

/* Working days of all teams in a span of days. */
static double days_of_all(const struct tl_plan *plan, int64_t first, int64_t last)
{
    double sum = 0.0;
    for (int64_t k = 0; k < plan->teams.n_teams; k++)
        sum += (double)tl_calendar_count(&plan->teams.teams[k].calendar, first, last);
    return sum;
}

tl_err tl_plan_dates_halve(struct tl_ctx *ctx, struct tl_plan *plan)
{
    tl_err err = TL_OK;
    if (plan->n_orders == 0)
        return TL_OK;
    TL_TRY_ALLOC(ctx, plan->early_days, plan->teams.n_teams * plan->n_years);
    for (int64_t y = 0; y < plan->n_years; y++) {
        int64_t first = tl_calendar_years_on(plan->start, y),
                last = tl_calendar_years_on(plan->start, y + 1) - 1, low = first, high = last;
        double half = 0.5 * days_of_all(plan, first, last);
        while (low < high) {
            int64_t day = low + (high - low) / 2;
            if (days_of_all(plan, first, day) < half)
                low = day + 1;
            else
                high = day;
        }
        plan->middle[y] = low + 1; /* the first day of the second half */
        for (int64_t k = 0; k < plan->teams.n_teams; k++)
            plan->early_days[k * plan->n_years + y] =
                (double)tl_calendar_count(&plan->teams.teams[k].calendar, first, low);
    }
    TL_TRY(tl_plan_assume(ctx, plan,
                          "what waits is done after all that it waits for: in a later year, by the "
                          "same team behind it, or by another team in the second half of a year in "
                          "whose first half the other is done (half of all teams' working days)"));
done:
    return err;
}

static int by_team_and_start(const void *a, const void *b)
{
    const struct tl_plan_task *x = *(const struct tl_plan_task *const *)a,
                              *y = *(const struct tl_plan_task *const *)b;
    if (x->team != y->team)
        return x->team < y->team ? -1 : 1;
    int order = strcmp(x->start, y->start);
    if (order == 0)
        order = strcmp(x->end, y->end);
    return order != 0 ? order : strcmp(x->code, y->code);
}

static tl_err check_task(struct tl_ctx *ctx, const struct tl_plan *plan,
                         const struct tl_plan_task *task)
{
    char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES];
    tl_plan_year(plan, task->year, first, last);
    if (strcmp(task->start, task->end) > 0 || strcmp(task->start, first) < 0 ||
        strcmp(task->end, last) > 0)
        return tl_fail(ctx, TL_EBUG, "%s lies from %s to %s, in the year from %s to %s", task->code,
                       task->start, task->end, first, last);
    return TL_OK;
}

/* One day may be shared: a task ends and the next begins. */
static tl_err check_teams(struct tl_ctx *ctx, const struct tl_plan *plan)
{
    const struct tl_plan_task **list = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    list = tl_alloc(ctx, plan->n_tasks, sizeof *list);
    if (list == NULL)
        return TL_ENOMEM;
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (plan->tasks[t].is_planned) {
            TL_TRY(check_task(ctx, plan, &plan->tasks[t]));
            list[n++] = &plan->tasks[t];
        }
    qsort((void *)list, (size_t)n, sizeof *list, by_team_and_start);
    for (int64_t i = 1; i < n; i++)
        if (list[i]->team == list[i - 1]->team && strcmp(list[i]->start, list[i - 1]->end) < 0)
            TL_THROW(ctx, TL_EBUG, "%s begins on %s, before %s of the same team ends on %s",
                     list[i]->code, list[i]->start, list[i - 1]->code, list[i - 1]->end);
done:
    tl_free((void *)list);
    return err;
}

tl_err tl_plan_dates_check(struct tl_ctx *ctx, const struct tl_plan *plan)
{
    tl_err err = check_teams(ctx, plan);
    for (int64_t i = 0; i < plan->n_orders && err == TL_OK; i++) {
        const struct tl_plan_task *first = &plan->tasks[plan->orders[i].first],
                                  *then = &plan->tasks[plan->orders[i].then];
        if (!then->is_planned)
            continue;
        if (!first->is_planned)
            err = tl_fail(ctx, TL_EBUG, "%s is planned and waits for %s, which is not", then->code,
                          first->code);
        else if (strcmp(first->end, then->start) > (first->team == then->team ? 0 : -1))
            err = tl_fail(ctx, TL_EBUG, "%s begins on %s, before %s ends on %s", then->code,
                          then->start, first->code, first->end);
    }
    return err;
}
