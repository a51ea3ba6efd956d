/*
 * Dates: within a team's year its tasks stand in order of score per day, travel counted, so that what is worth most a day is done first; each takes the next of the
 * team's working days. Two tasks may share a day, one ending and one beginning. What others wait for in the year comes first and what waits for other teams
 * last, not before the year's middle (order.h); of one team what waits stands behind what it waits for. The days come out: the solver saw that
 * each half holds what must lie in it.
 *
 * Casualties avoided by a task: casualties a year that are expected there, times the share its method finds, times the years from its last day to the
 * horizon. Interval of the sum: its median is the sum at the medians of the areas' items and of the rate. The log of an area's items spreads as the map's 5, 50 and
 * 95 % points say, above and below the median apart; of that one part is common to all areas (the sd of all items together, from the map's joint
 * draws), the rest fades with distance d as exp(-2 d / range), which is 0.14 at the field's range as its Matern correlation is. Areas enter by their share of the
 * sum (first order). The log of the rate adds its own variance, common to all.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

enum { PAIRS_MAX = 4000 };

struct queued {
    int64_t slot; /* team and year */
    int64_t task, option;
    int turn;
    double per_day;
};

static int by_worth(const void *a, const void *b)
{
    const struct queued *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    if (x->turn != y->turn)
        return x->turn < y->turn ? -1 : 1;
    if (x->per_day != y->per_day)
        return x->per_day > y->per_day ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

static int64_t option_of(const struct tl_plan *plan, int64_t t, int64_t team)
{
    const struct tl_plan_job *job = &plan->jobs[t];
    for (int64_t i = job->first_option; i < job->first_option + job->n_options; i++)
        if (plan->options[i].team == team)
            return i;
    return -1;
}

static void set_cost(struct tl_plan *plan, int64_t t, int64_t option)
{
    struct tl_plan_task *task = &plan->tasks[t];
    task->method = plan->methods[plan->option_info[option].method].name;
    task->days = plan->options[option].days;
    task->travel_days = plan->option_info[option].travel_days;
    task->cost = plan->options[option].cost;
}

/* The cheapest option, for tasks that nobody does. */
static int64_t cheapest(const struct tl_plan *plan, int64_t t)
{
    const struct tl_plan_job *job = &plan->jobs[t];
    int64_t best = -1;
    for (int64_t i = job->first_option; i < job->first_option + job->n_options; i++)
        if (best < 0 || plan->options[i].cost < plan->options[best].cost)
            best = i;
    return best;
}

/* Tasks of one team and year, one after the other. */
static void lay_out(struct tl_plan *plan, const struct queued *queue, int64_t n)
{
    int64_t team = queue[0].slot / plan->n_years, year = queue[0].slot % plan->n_years;
    const struct tl_calendar_team *calendar = &plan->teams.teams[team].calendar;
    int64_t first = tl_calendar_years_on(plan->start, year),
            last = tl_calendar_years_on(plan->start, year + 1) - 1;
    double used = 0.0, sum = 0.0;
    for (int64_t i = 0; i < n; i++) {
        struct tl_plan_task *task = &plan->tasks[queue[i].task];
        double from =
            queue[i].turn == TL_PLAN_LATE ? fmax(used, plan->early_days[queue[i].slot]) : used;
        set_cost(plan, queue[i].task, queue[i].option);
        used = from + task->days;
        sum += task->days;
        int64_t begins = (int64_t)floor(from + 1e-9), ends = (int64_t)ceil(used - 1e-9) - 1;
        ends = ends > begins ? ends : begins; /* a task may take less than rounding */
        tl_calendar_text(tl_calendar_nth(calendar, first, last, begins), task->start);
        tl_calendar_text(tl_calendar_nth(calendar, first, last, ends), task->end);
        plan->year_spent[year] += task->cost;
    }
    plan->team_used[team * plan->n_years + year] = sum;
}

static bool waits_for(const struct tl_plan *plan, int64_t then, int64_t first)
{
    for (int64_t i = 0; i < plan->n_orders; i++)
        if (plan->orders[i].then == then && plan->orders[i].first == first)
            return true;
    return false;
}

/* Puts behind what it waits for whatever stands before it, and leaves the order otherwise. */
static void put_in_order(const struct tl_plan *plan, struct queued *queue, int64_t n)
{
    for (int64_t i = 0; i < n && plan->n_orders > 0; i++) {
        int64_t k =
            i; /* the first that waits for nothing that is still to come; without circles there is one */
        for (int64_t other = i; other < n;) {
            if (other != k && waits_for(plan, queue[k].task, queue[other].task)) {
                k++;
                other = i;
            } else {
                other++;
            }
        }
        struct queued next = queue[k];
        memmove(queue + i + 1, queue + i, (size_t)(k - i) * sizeof *queue);
        queue[i] = next;
    }
}

/* Spread of the log of a task's items above their median, or below it; 0 where there are none. */
static double items_sd(const struct tl_plan *plan, int64_t t, bool above)
{
    double median = plan->jobs[t].items_q50, end = plan->tasks[t].items[above ? 2 : 1];
    double ratio = above ? end / median : median / end;
    return median > 0.0 && end > 0.0 && ratio > 1.0 ? log(ratio) / TL_PLAN_Z95 : 0.0;
}

/* What of a task is expected, at the median of its items. */
static double weight_of(const struct tl_plan *plan, int64_t t)
{
    double mean = plan->tasks[t].items[0];
    return mean > 0.0 ? plan->tasks[t].avoided * plan->jobs[t].items_q50 / mean : 0.0;
}

static double rate_variance(const struct tl_plan *plan)
{
    const double *rate = plan->objective.rate;
    if (!isnan(rate[0])) {
        double sd = log(rate[2] / rate[1]) / (2.0 * TL_PLAN_Z95);
        return sd * sd;
    }
    return plan->risk.rate_sd * plan->risk.rate_sd +
           plan->risk.per_accident_sd * plan->risk.per_accident_sd;
}

/* Variance of the log of the sum of what is avoided, above or below its median, as far as the map goes: by shares of the sum. */
static double map_variance(const struct tl_plan *plan, const int64_t *done, int64_t n, bool above)
{
    double common = plan->risk.common_sd, variance = 0.0, spread = 0.0, sum = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const struct tl_plan_area *at = &plan->areas[plan->jobs[done[i]].area];
        double sd_a = items_sd(plan, done[i], above), w_a = weight_of(plan, done[i]);
        double common_a = fmin(sd_a, common), own_a = sqrt(sd_a * sd_a - common_a * common_a);
        sum += w_a;
        spread += w_a * sd_a;
        for (int64_t k = 0; k < n && n <= PAIRS_MAX; k++) {
            const struct tl_plan_area *bt = &plan->areas[plan->jobs[done[k]].area];
            double sd_b = items_sd(plan, done[k], above), w_b = weight_of(plan, done[k]);
            double common_b = fmin(sd_b, common), own_b = sqrt(sd_b * sd_b - common_b * common_b);
            double r = exp(-2.0 * hypot(at->x_m - bt->x_m, at->y_m - bt->y_m) / plan->risk.range_m);
            variance += w_a * w_b * (common_a * common_b + r * own_a * own_b);
        }
    }
    /* Too many pairs: all errors together, the widest. */
    return sum > 0.0 ? (n <= PAIRS_MAX ? variance : spread * spread) / (sum * sum) : 0.0;
}

static tl_err sum_up(struct tl_ctx *ctx, struct tl_plan *plan)
{
    int64_t *done = NULL, n = 0;
    double sum = 0.0, median = 0.0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, done, plan->n_tasks);
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (plan->tasks[t].is_planned) {
            sum += plan->tasks[t].avoided;
            if (plan->tasks[t].avoided > 0.0)
                done[n++] = t;
        }
    plan->avoided[0] = plan->avoided[1] = plan->avoided[2] = plan->risk.has_map ? sum : (double)NAN;
    for (int64_t i = 0; i < n; i++)
        median += weight_of(plan, done[i]);
    if (sum > 0.0) {
        double rate = rate_variance(plan);
        median *= exp(-0.5 * rate);
        plan->avoided[1] =
            median * exp(-TL_PLAN_Z95 * sqrt(map_variance(plan, done, n, false) + rate));
        plan->avoided[2] =
            median * exp(TL_PLAN_Z95 * sqrt(map_variance(plan, done, n, true) + rate));
    }
    if (plan->risk.has_map)
        TL_TRY(tl_plan_assume(
            ctx, plan,
            "the interval holds 90 %% of what the map and the rate allow (sd of the log of all "
            "items %.2g, of the rate %.2g); not in it: people who come or stay away, items that "
            "age, and work that goes otherwise than planned",
            plan->risk.common_sd, sqrt(rate_variance(plan))));
done:
    tl_free(done);
    return err;
}

static void set_avoided(struct tl_plan *plan, int64_t t, int64_t option)
{
    struct tl_plan_task *task = &plan->tasks[t];
    int64_t end = plan->end;
    tl_calendar_day(task->end, &end);
    task->avoided = task->harm_per_year *
                    tl_plan_option_found(plan, &plan->areas[plan->jobs[t].area],
                                         plan->option_info[option].method) *
                    fmax(0.0, (double)(plan->horizon_end - end) / 365.2425);
}

/* What is planned, by team, year and worth a day. @return how many */
static int64_t enqueue(struct tl_plan *plan, struct queued *queue)
{
    int64_t n = 0;
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        struct tl_plan_task *task = &plan->tasks[t];
        int64_t option = cheapest(plan, t);
        task->team = plan->solution.team[t];
        task->year = plan->solution.year[t];
        task->is_planned = task->team >= 0;
        task->avoided = plan->risk.has_map ? 0.0 : (double)NAN;
        task->cost = task->days = task->travel_days = (double)NAN;
        if (!task->is_planned) {
            if (option >= 0)
                set_cost(plan, t, option);
            continue;
        }
        option = option_of(plan, t, task->team);
        queue[n++] =
            (struct queued){task->team * plan->n_years + task->year, t, option,
                            plan->solution.turn[t], task->score / plan->options[option].days};
    }
    qsort(queue, (size_t)n, sizeof *queue, by_worth);
    return n;
}

tl_err tl_plan_schedule_make(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct queued *queue = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, queue, plan->n_tasks);
    int64_t n = enqueue(plan, queue);
    for (int64_t first = 0, last; first < n; first = last) {
        for (last = first; last < n && queue[last].slot == queue[first].slot;)
            last++;
        put_in_order(plan, queue + first, last - first);
        lay_out(plan, queue + first, last - first);
    }
    for (int64_t i = 0; i < n; i++)
        set_avoided(plan, queue[i].task, queue[i].option);
    TL_TRY(sum_up(ctx, plan));
done:
    tl_free(queue);
    return err;
}
