/* Files of a plan: the schedule as CSV and GeoJSON, the calendar, the whole as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "geo/vector.h"
#include "plan/plan.h"

static int by_date(const void *a, const void *b)
{
    const struct tl_plan_task *x = *(const struct tl_plan_task *const *)a,
                              *y = *(const struct tl_plan_task *const *)b;
    int order = strcmp(x->start, y->start);
    if (order == 0)
        order = (x->team > y->team) - (x->team < y->team);
    return order != 0 ? order : strcmp(x->code, y->code);
}

/* What is planned, by day. owns: the caller, tl_free */
static tl_err planned(struct tl_ctx *ctx, const struct tl_plan *plan,
                      const struct tl_plan_task ***list, int64_t *n)
{
    const struct tl_plan_task **made = tl_alloc(ctx, plan->n_tasks, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    *n = 0;
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (plan->tasks[t].is_planned)
            made[(*n)++] = &plan->tasks[t];
    qsort((void *)made, (size_t)*n, sizeof *made, by_date);
    *list = made;
    return TL_OK;
}

static tl_err add_number(struct tl_ctx *ctx, struct tl_buf *to, const char *format, double value)
{
    char text[64] = "";
    if (isfinite(value))
        snprintf(text, sizeof text, format, value);
    return tl_buf_add(ctx, to, text);
}

static tl_err add_row(struct tl_ctx *ctx, struct tl_buf *to, const struct tl_plan *plan,
                      const struct tl_plan_task *task)
{
    const char *const texts[] = {
        task->code,   task->area,  task->name, task->district, plan->teams.teams[task->team].name,
        task->method, task->start, task->end};
    const double numbers[] = {
        task->days,     task->travel_days, task->cost,     task->area_m2 / TL_PLAN_M2_PER_HA,
        task->items[0], task->items[1],    task->items[2], task->avoided,
        task->score};
    tl_err err = TL_OK;
    for (int i = 0; i < 8; i++) {
        TL_TRY(tl_buf_add_cell(ctx, to, texts[i]));
        TL_TRY(tl_buf_add(ctx, to, ","));
    }
    TL_TRY(tl_buf_printf(ctx, to, "%lld", (long long)task->year + 1));
    for (int i = 0; i < 9; i++) {
        TL_TRY(tl_buf_add(ctx, to, ","));
        TL_TRY(add_number(ctx, to, i == 2 ? "%.2f" : "%.6g", numbers[i]));
    }
    TL_TRY(tl_buf_add(ctx, to, ","));
    TL_TRY(tl_buf_add_cell(ctx, to, plan->teams.currency));
    TL_TRY(tl_buf_printf(ctx, to, ",%lld,", (long long)task->rank));
    TL_TRY(tl_buf_add_cell(ctx, to, task->after));
    TL_TRY(tl_buf_add(ctx, to, "\n"));
done:
    return err;
}

tl_err tl_plan_csv(struct tl_ctx *ctx, const struct tl_plan *plan, char **csv)
{
    const struct tl_plan_task **list = NULL;
    struct tl_buf made = {0};
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(planned(ctx, plan, &list, &n));
    TL_TRY(tl_buf_add(ctx, &made,
                      "task,area,name,district,team,method,start,end,year,days,travel_days,cost,ha,"
                      "items,items_q05,items_q95,casualties_avoided,score,currency,rank,after\n"));
    for (int64_t i = 0; i < n; i++)
        TL_TRY(add_row(ctx, &made, plan, list[i]));
    *csv = made.text;
    made = (struct tl_buf){0};
done:
    tl_free((void *)list);
    tl_buf_fini(&made);
    return err;
}

static tl_err add_feature(struct tl_ctx *ctx, struct tl_vector_writer *writer,
                          const struct tl_plan *plan, const struct tl_plan_task *task)
{
    char text[8][40];
    const char *values[16];
    const double numbers[] = {task->days,     task->cost,    task->area_m2 / TL_PLAN_M2_PER_HA,
                              task->items[0], task->avoided, task->score};
    snprintf(text[0], sizeof text[0], "%lld", (long long)task->year + 1);
    snprintf(text[1], sizeof text[1], "%lld", (long long)task->rank);
    for (int i = 0; i < 6; i++)
        snprintf(text[2 + i], sizeof text[2 + i], "%.8g", numbers[i]);
    const char *const words[] = {task->code, task->area,   task->name,  task->district,
                                 NULL,       task->method, task->start, task->end};
    memcpy(values, words, sizeof words);
    values[4] = task->is_planned ? plan->teams.teams[task->team].name : NULL;
    values[6] = task->is_planned ? task->start : NULL;
    values[7] = task->is_planned ? task->end : NULL;
    values[8] = task->is_planned ? text[0] : NULL;
    values[9] = text[1];
    for (int i = 0; i < 5; i++)
        values[10 + i] = isfinite(numbers[i]) ? text[2 + i] : NULL;
    values[15] = task->after;
    return tl_vector_add(ctx, writer, values, task->wkb, task->wkb_bytes);
}

tl_err tl_plan_output_geojson(struct tl_ctx *ctx, const struct tl_plan *plan, const char *path)
{
    static const struct tl_vector_field fields[] = {{"task", TL_VECTOR_TEXT},
                                                    {"area", TL_VECTOR_TEXT},
                                                    {"name", TL_VECTOR_TEXT},
                                                    {"district", TL_VECTOR_TEXT},
                                                    {"team", TL_VECTOR_TEXT},
                                                    {"method", TL_VECTOR_TEXT},
                                                    {"start", TL_VECTOR_TEXT},
                                                    {"end", TL_VECTOR_TEXT},
                                                    {"year", TL_VECTOR_INTEGER},
                                                    {"rank", TL_VECTOR_INTEGER},
                                                    {"days", TL_VECTOR_REAL},
                                                    {"cost", TL_VECTOR_REAL},
                                                    {"ha", TL_VECTOR_REAL},
                                                    {"items", TL_VECTOR_REAL},
                                                    {"casualties_avoided", TL_VECTOR_REAL},
                                                    {"after", TL_VECTOR_TEXT}};
    struct tl_vector_writer *writer = NULL;
    tl_err err = tl_vector_create(ctx, path, "GeoJSON", "schedule", "any", plan->crs,
                                  sizeof fields / sizeof fields[0], fields, &writer);
    if (err != TL_OK)
        return err;
    for (int64_t t = 0; t < plan->n_tasks && err == TL_OK; t++)
        err = add_feature(ctx, writer, plan, &plan->tasks[t]);
    tl_err end = tl_vector_finish(ctx, writer, err == TL_OK);
    return err != TL_OK ? err : end;
}

static tl_err write_one(struct tl_ctx *ctx, const char *folder, const char *name, const char *text)
{
    struct tl_buf path = {0};
    tl_err err = tl_buf_printf(ctx, &path, "%s/%s", folder, name);
    if (err == TL_OK)
        err = tl_file_write(ctx, path.text, text, (int64_t)strlen(text));
    tl_buf_fini(&path);
    return err;
}

tl_err tl_plan_write(struct tl_ctx *ctx, const struct tl_plan *plan, const char *folder)
{
    char *json = NULL, *csv = NULL, *ical = NULL;
    struct tl_buf path = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_plan_json(ctx, plan, &json));
    TL_TRY(tl_plan_csv(ctx, plan, &csv));
    TL_TRY(tl_plan_ical(ctx, plan, &ical));
    TL_TRY(write_one(ctx, folder, "plan.json", json));
    TL_TRY(write_one(ctx, folder, "schedule.csv", csv));
    TL_TRY(write_one(ctx, folder, "plan.ics", ical));
    TL_TRY(tl_buf_printf(ctx, &path, "%s/schedule.geojson", folder));
    TL_TRY(tl_plan_output_geojson(ctx, plan, path.text));
done:
    tl_buf_fini(&path);
    tl_free(json);
    tl_free(csv);
    tl_free(ical);
    return err;
}
