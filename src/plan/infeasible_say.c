/*
 * What a set of demands that cannot be had together lacks: days, if it could be had with any amount of days; money likewise; else both at once. Sums are told where
 * they alone are the proof; where they are not, that tasks are not cut between teams and years is.
 */
#include <math.h>

#include "core/buf.h"
#include "core/text.h"
#include "plan/infeasible.h"

enum { NAMES_MAX = 6 };

/* Least that the set's tasks take, and all there is where they could be done. */
struct sums {
    double days, days_there, cost, money_there;
    uint64_t years;
    int64_t n_before; /* tasks that are not asked for themselves, but waited for */
};

/* Least days and cost of a task over its choices; marks where it could be done. */
static void add_task(const struct tl_plan_model *m, int64_t task, bool *bins, struct sums *s)
{
    double days = INFINITY, cost = INFINITY;
    for (struct tl_plan_each e = tl_plan_model_each(m, task); tl_plan_model_next(m, &e);) {
        const struct tl_plan_choice *c = &m->choices[e.choice];
        days = fmin(days, c->days);
        cost = fmin(cost, c->cost);
        bins[c->team * m->n_years + e.year] = true;
        s->years |= (uint64_t)1 << e.year;
    }
    s->days += days;
    s->cost += cost;
}

static tl_err sum_up(struct tl_ctx *ctx, const struct tl_plan_problem *p, int64_t n,
                     const struct tl_plan_demand *demands, struct sums *sums)
{
    tl_err err = TL_OK;
    struct tl_plan_model m = {0};
    struct sums s = {0};
    bool *bins = NULL, *in = NULL;
    TL_TRY(tl_plan_model_init(ctx, p, &m));
    TL_TRY_ALLOC(ctx, bins, m.n_bins);
    TL_TRY_ALLOC(ctx, in, m.n_tasks);
    for (int64_t i = 0; i < n; i++)
        if (!demands[i].is_floor)
            in[demands[i].index] = true;
    for (int64_t i = m.n_tasks - 1; i >= 0; i--) {
        int64_t t = m.orders.line[i];
        for (int64_t k = m.orders.before_at[t]; in[t] && k < m.orders.before_at[t + 1]; k++) {
            s.n_before += !in[m.orders.before[k]];
            in[m.orders.before[k]] = true;
        }
        if (in[t])
            add_task(&m, t, bins, &s);
    }
    for (int64_t b = 0; b < m.n_bins; b++)
        s.days_there += bins[b] ? p->team_days[b] : 0.0;
    for (int64_t y = 0; y < m.n_years; y++)
        if ((s.years >> y & 1) != 0)
            s.money_there = p->carry ? m.money[y] : s.money_there + m.money[y];
    *sums = s;
done:
    tl_free(bins);
    tl_free(in);
    tl_plan_model_fini(&m);
    return err;
}

/* "T-003, T-009 and 3 more", of the floors or of the tasks; "" where there are none. */
static tl_err list_names(struct tl_ctx *ctx, const struct tl_plan_names *names, int64_t n,
                         const struct tl_plan_demand *demands, bool floors, struct tl_buf *text)
{
    tl_err err = TL_OK;
    char name[TL_PLAN_THING_BYTES];
    int64_t all = 0, shown = 0;
    for (int64_t i = 0; i < n; i++)
        all += demands[i].is_floor == floors;
    /* Never "and 1 more": that one has room for its name. */
    int64_t most = all <= NAMES_MAX + 1 ? all : NAMES_MAX;
    for (int64_t i = 0; i < n && shown < most; i++) {
        if (demands[i].is_floor != floors)
            continue;
        const char *before = shown == 0 ? "" : shown + 1 == all ? " and " : ", ";
        tl_plan_infeasible_name(names, floors ? TL_PLAN_DISTRICT : TL_PLAN_TASK, demands[i].index,
                                name);
        TL_TRY(tl_buf_printf(ctx, text, "%s%s", before, name));
        shown++;
    }
    if (all > most)
        TL_TRY(tl_buf_printf(ctx, text, " and %lld more", (long long)(all - most)));
done:
    return err;
}

enum lack { LACK_DAYS, LACK_MONEY, LACK_BOTH };

static tl_err find_lack(struct tl_ctx *ctx, const struct tl_plan_question *question, int64_t n,
                        const struct tl_plan_demand *demands, enum lack *lack)
{
    tl_err err = TL_OK;
    struct tl_plan_question q = *question;
    enum tl_plan_verdict verdict = TL_PLAN_UNKNOWN;
    *lack = LACK_BOTH;
    q.any_money = true;
    TL_TRY(tl_plan_oracle_ask(ctx, &q, n, demands, &verdict));
    if (verdict == TL_PLAN_CANNOT) {
        *lack = LACK_DAYS;
        goto done;
    }
    q.any_money = false;
    q.any_days = true;
    TL_TRY(tl_plan_oracle_ask(ctx, &q, n, demands, &verdict));
    if (verdict == TL_PLAN_CANNOT)
        *lack = LACK_MONEY;
done:
    return err;
}

static tl_err say_tasks(struct tl_ctx *ctx, const char *tasks, bool one, enum lack lack,
                        const struct sums *s, const char *when)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], c[TL_TEXT_NUMBER_BYTES],
        d[TL_TEXT_NUMBER_BYTES];
    tl_text_number(s->days, a);
    tl_text_number(s->days_there, b);
    tl_text_number(s->cost, c);
    tl_text_number(s->money_there, d);
    const char *cut = one ? "" : "; a task is not cut between teams or years";
    if (lack == LACK_DAYS && s->days > s->days_there)
        return tl_fail(
            ctx, TL_EDATA,
            "%s must be done but need at least %s days of teams that can do them %s, and "
            "there are %s",
            tasks, a, when, b);
    if (lack == LACK_DAYS)
        return tl_fail(ctx, TL_EDATA,
                       "%s must be done but do not fit into the days of the teams that can do them "
                       "%s (at least %s of %s%s)",
                       tasks, when, a, b, cut);
    if (lack == LACK_MONEY && s->cost > s->money_there)
        return tl_fail(ctx, TL_EDATA, "%s must be done but cost at least %s, and there are %s %s",
                       tasks, c, d, when);
    if (lack == LACK_MONEY)
        return tl_fail(ctx, TL_EDATA,
                       "%s must be done but do not fit into the years' money %s (at least %s of "
                       "%s%s)",
                       tasks, when, c, d, cut);
    return tl_fail(ctx, TL_EDATA,
                   "%s must be done but do not fit into days and money together %s: at least %s of "
                   "%s days, and %s of %s of money",
                   tasks, when, a, b, c, d);
}

static const char *const LACKS[] = {"within the teams' days", "within the money",
                                    "within days and money"};

/* A floor alone: how much could be given, where that says it. */
static tl_err say_floor(struct tl_ctx *ctx, const struct tl_plan_question *q, int64_t district,
                        enum lack lack, const char *name)
{
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES];
    double most = INFINITY, floor = q->problem->floor[district];
    tl_err err = tl_plan_oracle_most(ctx, q, district, &most);
    if (err != TL_OK)
        return err;
    tl_text_number(floor, a);
    if (most < floor)
        return tl_fail(ctx, TL_EDATA,
                       "%s is to be given at least %s, and %s no more than %s can be", name, a,
                       LACKS[lack], tl_text_number(most, b));
    return tl_fail(ctx, TL_EDATA,
                   "%s is to be given at least %s, which no choice of whole tasks reaches %s", name,
                   a, LACKS[lack]);
}

tl_err tl_plan_infeasible_say(struct tl_ctx *ctx, const struct tl_plan_question *question,
                              int64_t n, const struct tl_plan_demand *demands,
                              const struct tl_plan_names *names)
{
    tl_err err = TL_OK;
    struct tl_buf tasks = {0}, floors = {0};
    struct sums sums = {0};
    enum lack lack = LACK_BOTH;
    int64_t n_floors = 0;
    char when[2 * TL_PLAN_THING_BYTES];
    for (int64_t i = 0; i < n; i++)
        n_floors += demands[i].is_floor;
    TL_TRY(find_lack(ctx, question, n, demands, &lack));
    TL_TRY(sum_up(ctx, question->problem, n, demands, &sums));
    TL_TRY(list_names(ctx, names, n, demands, false, &tasks));
    if (sums.n_before > 0)
        TL_TRY(tl_buf_printf(ctx, &tasks, " (with %lld task%s waited for)",
                             (long long)sums.n_before, sums.n_before == 1 ? "" : "s"));
    TL_TRY(list_names(ctx, names, n, demands, true, &floors));
    if (n_floors == 0)
        err = say_tasks(ctx, tasks.text, n == 1, lack, &sums,
                        tl_plan_infeasible_years(names, sums.years, when));
    else if (n == 1)
        err = say_floor(ctx, question, demands[0].index, lack, floors.text);
    else if (n_floors == n)
        err = tl_fail(ctx, TL_EDATA, "the floors of %s cannot be met together %s", floors.text,
                      LACKS[lack]);
    else
        err = tl_fail(ctx, TL_EDATA,
                      "that %s must be done and the %s of %s cannot be had together %s", tasks.text,
                      n_floors == 1 ? "floor" : "floors", floors.text, LACKS[lack]);
done:
    tl_buf_fini(&tasks);
    tl_buf_fini(&floors);
    return err;
}
