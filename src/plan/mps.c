/* Rows: t<task> at most (or exactly) once, b<bin> days, m<year> money, d<district> floor. Columns are binary, by a bound of type BV. */
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
    TL_TRY(write_rows(ctx, model, columns->needed, text));
    TL_TRY(tl_buf_add(ctx, text, "COLUMNS\n"));
    for (int64_t i = 0; i < columns->n; i++)
        TL_TRY(write_column(ctx, model, i, &columns->column[i], scale, text));
    TL_TRY(write_sides(ctx, model, columns->needed, text));
    TL_TRY(tl_buf_add(ctx, text, "BOUNDS\n"));
    for (int64_t i = 0; i < columns->n; i++)
        TL_TRY(tl_buf_printf(ctx, text, " BV bound x%lld\n", (long long)i));
    TL_TRY(tl_buf_add(ctx, text, "ENDATA\n"));
done:
    return err;
}
