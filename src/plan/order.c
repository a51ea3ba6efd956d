/* Kahn's order, by number among those that are free; what is left over holds a circle, which is found by going back from any of it. */
#include "plan/order.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"

enum { CIRCLE_MAX = 8 };

static const char *name_of(tl_plan_name_fn name, void *arg, int64_t task, char number[32])
{
    const char *text = name == NULL ? NULL : name(arg, TL_PLAN_TASK, task);
    if (text == NULL) {
        snprintf(number, 32, "task %lld", (long long)task + 1);
        text = number;
    }
    return text;
}

/* Lists by task: `key` waits for (or is waited for by) `other`. */
static tl_err sort_in(struct tl_ctx *ctx, int64_t n_tasks, int64_t n,
                      const struct tl_plan_order *list, bool by_then, int64_t **at, int32_t **tasks)
{
    tl_err err = TL_OK;
    int64_t *fill = NULL;
    TL_TRY_ALLOC(ctx, *at, n_tasks + 1);
    TL_TRY_ALLOC(ctx, *tasks, n);
    TL_TRY_ALLOC(ctx, fill, n_tasks + 1);
    for (int64_t i = 0; i < n; i++)
        (*at)[(by_then ? list[i].then : list[i].first) + 1]++;
    for (int64_t t = 0; t < n_tasks; t++)
        (*at)[t + 1] += (*at)[t];
    memcpy(fill, *at, (size_t)(n_tasks + 1) * sizeof *fill);
    for (int64_t i = 0; i < n; i++)
        (*tasks)[fill[by_then ? list[i].then : list[i].first]++] =
            by_then ? list[i].first : list[i].then;
done:
    tl_free(fill);
    return err;
}

/* A circle among the tasks that still wait, in words. */
static tl_err fail_circle(struct tl_ctx *ctx, const struct tl_plan_orders *o,
                          const int64_t *waiting, tl_plan_name_fn name, void *arg)
{
    struct tl_buf text = {0};
    char number[32];
    int32_t *from = NULL;
    int64_t at = 0, shown = 0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, from, o->n_tasks);
    while (waiting[at] == 0)
        at++;
    for (; from[at] == 0;) {
        int64_t i = o->before_at[at];
        while (waiting[o->before[i]] == 0)
            i++;
        from[at] = o->before[i] + 1;
        at = o->before[i];
    }
    /* `at` has been met twice: it is on the circle. */
    TL_TRY(tl_buf_printf(ctx, &text, "%s", name_of(name, arg, at, number)));
    for (int64_t t = from[at] - 1; shown <= CIRCLE_MAX; t = from[t] - 1, shown++) {
        const char *joint = shown == 0 ? " waits for " : ", which waits for ";
        if (shown == CIRCLE_MAX)
            TL_TRY(tl_buf_add(ctx, &text, ", and so on in a circle"));
        else
            TL_TRY(tl_buf_printf(ctx, &text, "%s%s", joint,
                                 t == at ? "itself" : name_of(name, arg, t, number)));
        if (t == at)
            break;
    }
    err = tl_fail(ctx, TL_EDATA, "%s: no order of work can do that", text.text);
done:
    tl_free(from);
    tl_buf_fini(&text);
    return err;
}

static tl_err stand_in_line(struct tl_ctx *ctx, struct tl_plan_orders *o, tl_plan_name_fn name,
                            void *arg)
{
    int64_t *waiting = NULL, n = 0;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, waiting, o->n_tasks);
    TL_TRY_ALLOC(ctx, o->line, o->n_tasks);
    for (int64_t t = 0; t < o->n_tasks; t++) {
        waiting[t] = o->before_at[t + 1] - o->before_at[t];
        if (waiting[t] == 0)
            o->line[n++] = (int32_t)t;
    }
    for (int64_t next = 0; next < n; next++)
        for (int64_t i = o->after_at[o->line[next]]; i < o->after_at[o->line[next] + 1]; i++)
            if (--waiting[o->after[i]] == 0)
                o->line[n++] = o->after[i];
    if (n < o->n_tasks)
        err = fail_circle(ctx, o, waiting, name, arg);
done:
    tl_free(waiting);
    return err;
}

tl_err tl_plan_orders_init(struct tl_ctx *ctx, int64_t n_tasks, int64_t n_orders,
                           const struct tl_plan_order *list, tl_plan_name_fn name, void *arg,
                           struct tl_plan_orders *orders)
{
    struct tl_plan_orders o = {.n_tasks = n_tasks, .n = n_orders};
    tl_err err = TL_OK;
    for (int64_t i = 0; i < n_orders; i++)
        if (list[i].first < 0 || list[i].first >= n_tasks || list[i].then < 0 ||
            list[i].then >= n_tasks)
            TL_THROW(ctx, TL_EDATA, "task %d waits for task %d; there are %lld", list[i].then + 1,
                     list[i].first + 1, (long long)n_tasks);
    TL_TRY(sort_in(ctx, n_tasks, n_orders, list, true, &o.before_at, &o.before));
    TL_TRY(sort_in(ctx, n_tasks, n_orders, list, false, &o.after_at, &o.after));
    TL_TRY(stand_in_line(ctx, &o, name, arg));
    *orders = o;
    o = (struct tl_plan_orders){0};
done:
    tl_plan_orders_fini(&o);
    return err;
}

void tl_plan_orders_fini(struct tl_plan_orders *orders)
{
    tl_free(orders->before_at);
    tl_free(orders->before);
    tl_free(orders->after_at);
    tl_free(orders->after);
    tl_free(orders->line);
    *orders = (struct tl_plan_orders){0};
}
