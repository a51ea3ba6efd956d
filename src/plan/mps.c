/*
 * Rows: t<task> at most (or exactly) once, b<bin> days, m<year> money, d<district> floor. Columns are binary, by a bound of type BV.
 *
 * Order between tasks (order.h), where it is: e<bin> and l<bin>, days before the year's middle and after it; and for each order, year and team that
 * could do what waits there, and each turn of it, a row
 *
 *     done before the year (what waits) + done by the team in the year at this turn or before it
 *         <= done before the year (what it waits for) + done in the year in time for it
 *
 * which is the order itself: the left is 0 or 1, and where it is 1 the right must be. "Done before the year" is a column of its own for each task and year (c..., not binary, set by
 * the row q...), and so is "done before the middle of the year, by anybody" (f..., z...): written out, rows would be as long as a task has ways.
 */
#include "plan/mps.h"

#include <math.h>

#include "plan/near.h"

tl_err tl_plan_mps_columns(struct tl_ctx *ctx, const struct tl_plan_model *model,
                           const struct tl_plan_dual *dual, double lower,
                           struct tl_plan_columns *columns)
{
    tl_err err = TL_OK;
    struct tl_plan_columns c = {0};
    double missing = isfinite(lower) ? dual->bound - lower : INFINITY;
    missing += 1e-9 * fabs(dual->bound);
    TL_TRY_ALLOC(ctx, c.column, model->n_cells);
    TL_TRY_ALLOC(ctx, c.needed, model->n_tasks);
    for (int64_t t = 0; t < model->n_tasks; t++) {
        double best = tl_plan_near_best(model, dual, t);
        c.needed[t] = tl_plan_model_must(model, t) || best > missing;
        for (struct tl_plan_each e = tl_plan_model_each(model, t); tl_plan_model_next(model, &e);) {
            double profit = tl_plan_bound_profit(model, dual, &model->choices[e.choice], e.year);
            if (best - profit <= missing)
                c.column[c.n++] = (struct tl_plan_column){e.choice, e.year};
        }
    }
    *columns = c;
    c = (struct tl_plan_columns){0};
done:
    tl_plan_mps_columns_fini(&c);
    return err;
}

void tl_plan_mps_columns_fini(struct tl_plan_columns *columns)
{
    tl_free(columns->column);
    tl_free(columns->needed);
    *columns = (struct tl_plan_columns){0};
}

static bool in_order(const struct tl_plan_model *m, int64_t task)
{
    const struct tl_plan_orders *o = &m->orders;
    return o->before_at[task] < o->before_at[task + 1] || o->after_at[task] < o->after_at[task + 1];
}

/* Number of the row of an order, year, team and turn. */
static long long order_row(const struct tl_plan_model *m, int64_t order, int64_t year, int64_t team,
                           int turn)
{
    return (long long)(((order * m->n_years + year) * m->n_teams + team) * 3 + turn);
}

static long long task_year(const struct tl_plan_model *m, int64_t task, int64_t year)
{
    return (long long)(task * m->n_years + year);
}

/* Marks the rows of orders that say something: what waits has a column there. */
static void mark_orders(const struct tl_plan_model *m, const struct tl_plan_columns *columns,
                        bool *used)
{
    for (int64_t i = 0; i < columns->n; i++) {
        const struct tl_plan_choice *c = &m->choices[columns->column[i].choice];
        int64_t y = columns->column[i].year;
        for (int64_t k = 0; k < m->orders.n; k++)
            if (m->problem->orders[k].then == c->task)
                used[order_row(m, k, y, c->team, c->turn)] = true;
    }
}

/* Rows of the order between tasks; `used` of mark_orders. */
static tl_err write_order_rows(struct tl_ctx *ctx, const struct tl_plan_model *m, const bool *used,
                               struct tl_buf *text)
{
    tl_err err = TL_OK;
    for (int64_t b = 0; b < m->n_bins; b++)
        TL_TRY(tl_buf_printf(ctx, text, " L e%lld\n L l%lld\n", (long long)b, (long long)b));
    for (int64_t t = 0; t < m->n_tasks; t++)
        for (int64_t y = 0; in_order(m, t) && y < m->n_years; y++)
            TL_TRY(tl_buf_printf(ctx, text, " E q%lld\n E z%lld\n", task_year(m, t, y),
                                 task_year(m, t, y)));
    for (int64_t r = 0; r < m->orders.n * m->n_bins * 3; r++)
        if (used[r])
            TL_TRY(tl_buf_printf(ctx, text, " L o%lld\n", (long long)r));
done:
    return err;
}

/* A column's part in the rows of one order: as what waits, or as what is waited for. */
static tl_err write_in_order(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t order,
                             int64_t i, const struct tl_plan_column *column, const bool *used,
                             struct tl_buf *text)
{
    const struct tl_plan_choice *c = &m->choices[column->choice];
    const struct tl_plan_order *o = &m->problem->orders[order];
    tl_err err = TL_OK;
    if (o->first != c->task && o->then != c->task)
        return TL_OK;
    /* That of another team, before the middle, comes by the column f. */
    for (int turn = c->turn; turn <= TL_PLAN_LATE; turn++) {
        long long row = order_row(m, order, column->year, c->team, turn);
        bool counted = o->first == c->task && c->turn == TL_PLAN_EARLY && turn == TL_PLAN_LATE;
        if (used[row] && !counted)
            TL_TRY(tl_buf_printf(ctx, text, " x%lld o%lld %d\n", (long long)i, row,
                                 o->then == c->task ? 1 : -1));
    }
done:
    return err;
}

/* What a binary column does in the rows of the order between tasks. */
static tl_err write_column_order(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t i,
                                 const struct tl_plan_column *column, const bool *used,
                                 struct tl_buf *text)
{
    const struct tl_plan_choice *c = &m->choices[column->choice];
    int64_t bin = c->team * m->n_years + column->year;
    long long x = (long long)i;
    tl_err err = TL_OK;
    if (c->turn != TL_PLAN_ANY_TURN)
        TL_TRY(tl_buf_printf(ctx, text, " x%lld %c%lld %.17g\n", x,
                             c->turn == TL_PLAN_EARLY ? 'e' : 'l', (long long)bin,
                             c->days / m->problem->team_days[bin]));
    for (int64_t y = column->year + 1; in_order(m, c->task) && y < m->n_years; y++)
        TL_TRY(tl_buf_printf(ctx, text, " x%lld q%lld 1\n", x, task_year(m, c->task, y)));
    if (in_order(m, c->task) && c->turn == TL_PLAN_EARLY)
        TL_TRY(
            tl_buf_printf(ctx, text, " x%lld z%lld 1\n", x, task_year(m, c->task, column->year)));
    for (int64_t k = 0; k < m->orders.n; k++)
        TL_TRY(write_in_order(ctx, m, k, i, column, used, text));
done:
    return err;
}

/* Entries of a task's column "done before the year", or "done before its middle", in the rows of one order. */
static tl_err write_done_in(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t order,
                            int64_t at, const bool *used, struct tl_buf *text, bool middle)
{
    tl_err err = TL_OK;
    bool waits = m->problem->orders[order].then == at / m->n_years;
    if (!waits && m->problem->orders[order].first != at / m->n_years)
        return TL_OK;
    for (int64_t r = 0; r < m->n_teams * 3; r++) {
        long long row = order_row(m, order, at % m->n_years, r / 3, (int)(r % 3));
        if (used[row] && (!middle || (!waits && r % 3 == TL_PLAN_LATE)))
            TL_TRY(tl_buf_printf(ctx, text, " %c%lld o%lld %d\n", middle ? 'f' : 'c', (long long)at,
                                 row, waits ? 1 : -1));
    }
done:
    return err;
}

/* The columns that are not binary; a column's entries stand together. */
static tl_err write_done_columns(struct tl_ctx *ctx, const struct tl_plan_model *m,
                                 const bool *used, struct tl_buf *text)
{
    tl_err err = TL_OK;
    for (int64_t i = 0; i < 2 * m->n_tasks * m->n_years; i++) {
        int64_t at = i / 2;
        bool middle = i % 2 == 1;
        if (!in_order(m, at / m->n_years))
            continue;
        TL_TRY(tl_buf_printf(ctx, text, middle ? " f%lld z%lld -1\n" : " c%lld q%lld -1\n",
                             (long long)at, (long long)at));
        for (int64_t k = 0; k < m->orders.n; k++)
            TL_TRY(write_done_in(ctx, m, k, at, used, text, middle));
    }
done:
    return err;
}

static tl_err write_order_sides(struct tl_ctx *ctx, const struct tl_plan_model *m,
                                struct tl_buf *text)
{
    tl_err err = TL_OK;
    for (int64_t b = 0; b < m->n_bins; b++) {
        double all = m->problem->team_days[b] > 0.0 ? m->problem->team_days[b] : 1.0;
        TL_TRY(tl_buf_printf(ctx, text, " rhs e%lld %.17g\n rhs l%lld %.17g\n", (long long)b,
                             tl_plan_model_turn_days(m, b, TL_PLAN_EARLY) / all, (long long)b,
                             tl_plan_model_turn_days(m, b, TL_PLAN_LATE) / all));
    }
done:
    return err;
}

static tl_err write_rows(struct tl_ctx *ctx, const struct tl_plan_model *m, const bool *needed,
                         struct tl_buf *text)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, text, "NAME plan FREE\nROWS\n N worth\n"));
    for (int64_t t = 0; t < m->n_tasks; t++)
        if (needed[t] || m->start[t] < m->start[t + 1])
            TL_TRY(tl_buf_printf(ctx, text, " %c t%lld\n", needed[t] ? 'E' : 'L', (long long)t));
    for (int64_t b = 0; b < m->n_bins; b++)
        TL_TRY(tl_buf_printf(ctx, text, " L b%lld\n", (long long)b));
    for (int64_t y = 0; y < m->n_years; y++)
        TL_TRY(tl_buf_printf(ctx, text, " L m%lld\n", (long long)y));
    for (int64_t d = 0; d < m->n_districts; d++)
        if (m->problem->floor[d] > 0.0)
            TL_TRY(tl_buf_printf(ctx, text, " G d%lld\n", (long long)d));
done:
    return err;
}

static tl_err write_column(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t i,
                           const struct tl_plan_column *column, double scale, struct tl_buf *text)
{
    tl_err err = TL_OK;
    const struct tl_plan_problem *p = m->problem;
    const struct tl_plan_choice *c = &m->choices[column->choice];
    int64_t bin = c->team * m->n_years + column->year, y = column->year;
    double worth = p->value[c->task] * p->year_weight[y], floor = tl_plan_model_floor(m, c->task);
    long long x = (long long)i;
    TL_TRY(tl_buf_printf(ctx, text, " x%lld worth %.17g\n x%lld t%d 1\n", x, -scale * worth, x,
                         c->task));
    TL_TRY(tl_buf_printf(ctx, text, " x%lld b%lld %.17g\n", x, (long long)bin,
                         c->days / p->team_days[bin]));
    for (; c->cost > 0.0 && y < m->n_years; y = p->carry ? y + 1 : m->n_years)
        TL_TRY(tl_buf_printf(ctx, text, " x%lld m%lld %.17g\n", x, (long long)y,
                             c->cost / m->money[y]));
    if (floor > 0.0)
        TL_TRY(tl_buf_printf(ctx, text, " x%lld d%d %.17g\n", x, p->district[c->task],
                             tl_plan_model_counts(m, c->task) / floor));
done:
    return err;
}

static tl_err write_sides(struct tl_ctx *ctx, const struct tl_plan_model *m, const bool *needed,
                          struct tl_buf *text)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, text, "RHS\n"));
    for (int64_t t = 0; t < m->n_tasks; t++)
        if (needed[t] || m->start[t] < m->start[t + 1])
            TL_TRY(tl_buf_printf(ctx, text, " rhs t%lld 1\n", (long long)t));
    for (int64_t b = 0; b < m->n_bins; b++)
        TL_TRY(tl_buf_printf(ctx, text, " rhs b%lld 1\n", (long long)b));
    for (int64_t y = 0; y < m->n_years; y++)
        TL_TRY(tl_buf_printf(ctx, text, " rhs m%lld 1\n", (long long)y));
    for (int64_t d = 0; d < m->n_districts; d++)
        if (m->problem->floor[d] > 0.0)
            TL_TRY(tl_buf_printf(ctx, text, " rhs d%lld 1\n", (long long)d));
done:
    return err;
}

tl_err tl_plan_mps_write(struct tl_ctx *ctx, const struct tl_plan_model *model,
                         const struct tl_plan_columns *columns, double scale, struct tl_buf *text)
{
    tl_err err = TL_OK;
    bool ordered = model->orders.n > 0, *used = NULL;
    TL_TRY_ALLOC(ctx, used, 3 * model->orders.n * model->n_bins);
    mark_orders(model, columns, used);
    TL_TRY(write_rows(ctx, model, columns->needed, text));
    if (ordered)
        TL_TRY(write_order_rows(ctx, model, used, text));
    TL_TRY(tl_buf_add(ctx, text, "COLUMNS\n"));
    for (int64_t i = 0; i < columns->n; i++) {
        TL_TRY(write_column(ctx, model, i, &columns->column[i], scale, text));
        if (ordered)
            TL_TRY(write_column_order(ctx, model, i, &columns->column[i], used, text));
    }
    if (ordered)
        TL_TRY(write_done_columns(ctx, model, used, text));
    TL_TRY(write_sides(ctx, model, columns->needed, text));
    if (ordered)
        TL_TRY(write_order_sides(ctx, model, text));
    TL_TRY(tl_buf_add(ctx, text, "BOUNDS\n"));
    for (int64_t i = 0; i < columns->n; i++)
        TL_TRY(tl_buf_printf(ctx, text, " BV bound x%lld\n", (long long)i));
    TL_TRY(tl_buf_add(ctx, text, "ENDATA\n"));
done:
    tl_free(used);
    return err;
}
