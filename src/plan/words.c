/* A plan for people. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "plan/plan.h"

enum { LISTED_MAX = 40, LEFT_MAX = 12 };

static tl_err say_head(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan,
                       const struct tl_plan_summary *s)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], cost[TL_MONEY_TEXT_BYTES],
        budget[TL_MONEY_TEXT_BYTES];
    tl_err err = TL_OK;
    TL_TRY(
        tl_buf_printf(ctx, to, "%s: %s to %s, by %s.\n", s->title, s->start, s->end, s->objective));
    TL_TRY(tl_buf_printf(ctx, to, "%lld of %lld tasks in %lld open areas, %s of %s ha, %s of %s.\n",
                         (long long)s->n_planned, (long long)s->n_tasks, (long long)s->n_areas,
                         tl_text_number(s->ha_planned, a), tl_text_number(s->ha, b),
                         tl_money_text(s->cost, s->currency, cost),
                         tl_money_text(s->budget, s->currency, budget)));
    if (s->budget == 0.0)
        TL_TRY(tl_buf_add(ctx, to,
                          s->n_planned == 0
                              ? "The budget is zero: nothing is done.\n"
                              : "The budget is zero: only what costs nothing is done.\n"));
    TL_TRY(tl_buf_printf(ctx, to, "Score %s of %s %s.", tl_text_number(s->score, a),
                         tl_text_number(s->score_all, b), s->unit));
    if (s->value > 0.0)
        TL_TRY(tl_buf_printf(ctx, to, " Within %.2f %% of the best that any plan could be (%s%s).",
                             ceil(1e4 * fmax(0.0, 1.0 - s->value / s->bound) - 1e-6) / 100.0,
                             s->is_exact ? "exact solver" : "heuristic with a proved bound",
                             s->timed_out ? ", stopped at its time limit" : ""));
    TL_TRY(tl_buf_add(ctx, to, "\n"));
    if (plan->solution.note[0] != '\0')
        TL_TRY(tl_buf_printf(ctx, to, "%s\n", plan->solution.note));
    if (s->has_map && s->avoided[0] > 0.0) {
        char c[TL_TEXT_NUMBER_BYTES];
        TL_TRY(tl_buf_printf(
            ctx, to,
            "Casualties expected to be avoided in %g years: %s (90 %% interval %s to %s).\n",
            s->horizon_years, tl_text_number(s->avoided[0], a), tl_text_number(s->avoided[1], b),
            tl_text_number(s->avoided[2], c)));
    }
done:
    return err;
}

static tl_err say_years(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(ctx, to, "\n%-6s %-24s %14s %14s\n", "year", "", "spent", "budget"));
    for (int64_t y = 0; y < plan->n_years; y++) {
        char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES], a[TL_MONEY_TEXT_BYTES],
            b[TL_MONEY_TEXT_BYTES];
        tl_plan_year(plan, y, first, last);
        TL_TRY(tl_buf_printf(ctx, to, "%-6lld %s to %s %14s %14s\n", (long long)y + 1, first, last,
                             tl_money_text(plan->year_spent[y], plan->teams.currency, a),
                             y > 0 && !plan->budget.by_year
                                 ? "carried over"
                                 : tl_money_text(plan->year_budget[y], plan->teams.currency, b)));
    }
    TL_TRY(tl_buf_printf(ctx, to, "\n%-24s %s\n", "team", "working days used, by year"));
    for (int64_t k = 0; k < plan->teams.n_teams; k++) {
        TL_TRY(tl_buf_printf(ctx, to, "%-24.60s", plan->teams.teams[k].name));
        for (int64_t y = 0; y < plan->n_years; y++)
            TL_TRY(tl_buf_printf(ctx, to, " %6.0f of %-4.0f",
                                 plan->team_used[k * plan->n_years + y],
                                 plan->team_days[k * plan->n_years + y]));
        TL_TRY(tl_buf_add(ctx, to, "\n"));
    }
done:
    return err;
}

/* The tasks by rank: at most so many that are planned, or are not. */
static tl_err say_tasks(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan,
                        const int64_t *by_rank, bool is_planned, int most)
{
    int n = 0, n_more = 0;
    tl_err err = TL_OK;
    for (int64_t r = 0; r < plan->n_tasks; r++) {
        const struct tl_plan_task *t = &plan->tasks[by_rank[r]];
        char score[TL_TEXT_NUMBER_BYTES], cost[TL_MONEY_TEXT_BYTES];
        if (t->is_planned != is_planned)
            continue;
        if (n++ >= most) {
            n_more++;
            continue;
        }
        TL_TRY(tl_buf_printf(ctx, to, "%4lld. %-10s %-24.40s %7.1f ha %10s ", (long long)t->rank,
                             t->code, t->name[0] != '\0' ? t->name : t->area,
                             t->area_m2 / TL_PLAN_M2_PER_HA, tl_text_number(t->score, score)));
        if (is_planned)
            TL_TRY(tl_buf_printf(ctx, to, " %s to %s  %s, %s\n", t->start, t->end,
                                 plan->teams.teams[t->team].name,
                                 tl_money_text(t->cost, plan->teams.currency, cost)));
        else
            TL_TRY(tl_buf_printf(ctx, to, " %s\n", t->why));
    }
    if (n_more > 0)
        TL_TRY(tl_buf_printf(ctx, to, "      and %d more\n", n_more));
done:
    return err;
}

tl_err tl_plan_words(struct tl_ctx *ctx, const struct tl_plan *plan, char **words)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct tl_buf made = {0};
    int64_t *by_rank = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, by_rank, plan->n_tasks);
    for (int64_t t = 0; t < plan->n_tasks; t++)
        by_rank[plan->tasks[t].rank - 1] = t;
    TL_TRY(say_head(ctx, &made, plan, &s));
    TL_TRY(say_years(ctx, &made, plan));
    if (s.n_planned > 0)
        TL_TRY(tl_buf_printf(ctx, &made, "\nPlanned, by rank of score (%s):\n", s.unit));
    TL_TRY(say_tasks(ctx, &made, plan, by_rank, true, LISTED_MAX));
    if (s.n_planned < s.n_tasks)
        TL_TRY(tl_buf_add(ctx, &made, "\nNot planned:\n"));
    TL_TRY(say_tasks(ctx, &made, plan, by_rank, false, LEFT_MAX));
    TL_TRY(tl_buf_add(ctx, &made, "\nTaken for granted:\n"));
    for (int64_t i = 0; i < plan->assumptions.n; i++)
        TL_TRY(tl_buf_printf(ctx, &made, "- %s\n", plan->assumptions.texts[i]));
    if (plan->notes.n > 0)
        TL_TRY(tl_buf_add(ctx, &made, "\nTo be known:\n"));
    for (int64_t i = 0; i < plan->notes.n; i++)
        TL_TRY(tl_buf_printf(ctx, &made, "- %s\n", plan->notes.texts[i]));
    TL_TRY(tl_buf_add(
        ctx, &made,
        "\nThese are expectations under the assumptions above; people decide. Land that is "
        "not planned is not free of explosive ordnance.\n"));
    *words = made.text;
    made = (struct tl_buf){0};
done:
    tl_free(by_rank);
    tl_buf_fini(&made);
    return err;
}
