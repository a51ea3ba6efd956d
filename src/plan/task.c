/*
 * Tasks: an area is one, or as many parts as it has to be cut into. Its code comes from the area's: HA-0017 is T-017, its second part T-017/2, so
 * a task keeps its name from plan to plan.
 *
 * The score is the sum over the objective's parts of amount * weight. Harm: casualties a year that are expected to be avoided once it is done
 *
 *     items * use of the land * accidents an item and year * casualties an accident * share of the items that is found
 *
 * with the share of the least able method that a team would use there, so that it does not depend on who comes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/catalogue.h"
#include "geo/geom.h"
#include "plan/plan.h"
#include "tilth/crs.h"

/* A code that is not as the register makes them ("HA-17", "North 3") is kept whole, so that no two tasks share one. */
static const char *code_of(struct tl_ctx *ctx, struct tl_plan *plan, int64_t area, int part, int n)
{
    const char *own = plan->areas[area].code;
    char whole[80], made[40] = "";
    long long number = 0;
    if (sscanf(own, "HA-%lld", &number) == 1)
        snprintf(made, sizeof made, "HA-%04lld", number);
    if (strcmp(made, own) == 0)
        snprintf(whole, sizeof whole, "T-%03lld", number);
    else
        snprintf(whole, sizeof whole, "T-%.70s", own);
    return n == 1 ? tl_plan_keep_text(ctx, plan, "%s", whole)
                  : tl_plan_keep_text(ctx, plan, "%s/%d", whole, part);
}

static tl_err reserve(struct tl_ctx *ctx, struct tl_plan *plan, int n)
{
    if (plan->n_tasks + n <= plan->room_tasks)
        return TL_OK;
    int64_t room = 2 * plan->room_tasks + 64 + n;
    struct tl_plan_task *a = tl_regrow(ctx, plan->tasks, plan->n_tasks, room, sizeof *a);
    if (a != NULL)
        plan->tasks = a;
    struct tl_plan_job *b =
        a != NULL ? tl_regrow(ctx, plan->jobs, plan->n_tasks, room, sizeof *b) : NULL;
    if (b == NULL)
        return TL_ENOMEM;
    plan->jobs = b;
    plan->room_tasks = room;
    return TL_OK;
}

/* One task, whole or a part; `wkb` is the part's own and becomes the job's. */
static tl_err add_task(struct tl_ctx *ctx, struct tl_plan *plan, struct tl_crs_map *to_grid,
                       int64_t area, int part, int n_parts, void *wkb, int64_t wkb_bytes)
{
    const struct tl_plan_area *a = &plan->areas[area];
    struct tl_plan_task *task = &plan->tasks[plan->n_tasks];
    struct tl_plan_job *job = &plan->jobs[plan->n_tasks];
    struct tl_risk_ground ground;
    struct tl_geom_info info;
    tl_err err = TL_OK;
    *job = (struct tl_plan_job){
        .area = area, .wkb = wkb, .first_year = 0, .last_year = plan->n_years - 1};
    *task = (struct tl_plan_task){.area = a->code,
                                  .name = a->name,
                                  .district = a->district,
                                  .part = part,
                                  .n_parts = n_parts,
                                  .wkb = wkb != NULL ? wkb : a->wkb,
                                  .wkb_bytes = wkb != NULL ? wkb_bytes : a->wkb_bytes,
                                  .team = -1,
                                  .year = -1,
                                  .method = "",
                                  .why = "",
                                  .after = ""};
    plan->n_tasks++;
    task->code = code_of(ctx, plan, area, part, n_parts);
    if (task->code == NULL)
        return TL_ENOMEM;
    TL_TRY(tl_geom_info(ctx, task->wkb, task->wkb_bytes, &info));
    task->area_m2 = info.area;
    task->lon_deg = info.x;
    task->lat_deg = info.y;
    tl_crs_map_points_back(to_grid, 1, &task->lon_deg, &task->lat_deg, NULL);
    TL_TRY(tl_risk_ground(ctx, &plan->risk, task->wkb, task->wkb_bytes, &ground));
    memcpy(task->items, ground.items, sizeof task->items);
    job->exposed = ground.exposed;
    job->items_q50 = ground.items[3];
    if (plan->risk.has_map && ground.on_map < 0.999)
        TL_TRY(tl_plan_remark(ctx, plan,
                              "%.0f %% of %s lies outside the map: the items there are not counted",
                              100.0 * (1.0 - ground.on_map), task->code));
done:
    return err;
}

static int compare_areas(const void *a, const void *b)
{
    return strcmp(((const struct tl_plan_area *)a)->code, ((const struct tl_plan_area *)b)->code);
}

tl_err tl_plan_task_make(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct tl_crs_map *to_grid = NULL;
    void *parts[TL_PLAN_PARTS_OF_TASK_MAX] = {NULL};
    int64_t bytes[TL_PLAN_PARTS_OF_TASK_MAX];
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", plan->crs, &to_grid));
    qsort(plan->areas, (size_t)plan->n_areas, sizeof *plan->areas, compare_areas);
    for (int64_t i = 0; i < plan->n_areas; i++) {
        struct tl_plan_area *a = &plan->areas[i];
        int n = a->wkb == NULL ? 0 : tl_plan_option_parts(plan, a);
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(reserve(ctx, plan, n));
        a->first = plan->n_tasks;
        a->n = n;
        if (n > 1)
            TL_TRY(tl_plan_cut(ctx, a->wkb, a->wkb_bytes, n, parts, bytes));
        for (int k = 0; k < n; k++) {
            void *part = n > 1 ? parts[k] : NULL;
            parts[k] = NULL;
            TL_TRY(add_task(ctx, plan, to_grid, i, k + 1, n, part, n > 1 ? bytes[k] : 0));
        }
    }
done:
    for (int k = 0; k < TL_PLAN_PARTS_OF_TASK_MAX; k++)
        tl_free(parts[k]);
    tl_crs_map_free(to_grid);
    return err;
}

static double amount_of(const struct tl_plan *plan, int64_t t, int p)
{
    const struct tl_objective_part *part = &plan->objective.parts[p];
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_area *a = &plan->areas[plan->jobs[t].area];
    double ha = task->area_m2 / TL_PLAN_M2_PER_HA, share = task->area_m2 / a->area_m2;
    switch (part->kind) {
    case TL_OBJECTIVE_HARM:
        return task->harm_per_year * plan->jobs[t].found;
    case TL_OBJECTIVE_LAND:
        return ha * tl_objective_use(&plan->objective, a->use[0] != '\0' ? a->use : NULL)->per_ha;
    case TL_OBJECTIVE_BENEFICIARIES:
        return isnan(a->beneficiaries) ? 0.0 : share * a->beneficiaries;
    case TL_OBJECTIVE_HECTARES:
        return ha;
    case TL_OBJECTIVE_CONFIRMED:
        return a->is_confirmed ? share : 0.0;
    case TL_OBJECTIVE_SUSPECTED:
        return a->is_suspected ? share : 0.0;
    case TL_OBJECTIVE_NEAR:
        return (a->near >> p & 1U) != 0 ? share : 0.0;
    case TL_OBJECTIVE_PRIORITY:
        return strcasecmp(a->priority, part->what) == 0 ? share : 0.0;
    case TL_OBJECTIVE_KINDS:
        break;
    }
    return 0.0;
}

struct ranked {
    double score;
    int64_t task;
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

static tl_err rank(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct ranked *order = tl_alloc(ctx, plan->n_tasks, sizeof *order);
    if (order == NULL)
        return TL_ENOMEM;
    for (int64_t t = 0; t < plan->n_tasks; t++)
        order[t] = (struct ranked){plan->tasks[t].score, t};
    qsort(order, (size_t)plan->n_tasks, sizeof *order, by_score);
    for (int64_t r = 0; r < plan->n_tasks; r++)
        plan->tasks[order[r].task].rank = r + 1;
    tl_free(order);
    return TL_OK;
}

/* The rate [casualties an item and year] and where it comes from. */
static double rate_of(const struct tl_plan *plan)
{
    const double *rate = plan->objective.rate;
    if (isnan(rate[0]))
        return plan->risk.rate * plan->risk.per_accident;
    double sd = log(rate[2] / rate[1]) / (2.0 * TL_PLAN_Z95);
    return rate[0] * exp(0.5 * sd * sd); /* the mean; the best guess is the median */
}

static tl_err say_harm(struct tl_ctx *ctx, struct tl_plan *plan)
{
    const struct tl_risk *r = &plan->risk;
    const struct tl_objective *o = &plan->objective;
    tl_err err = TL_OK;
    TL_TRY(tl_plan_assume(ctx, plan,
                          "benefit lasts from the day a task is done to %g years after the plan's "
                          "start; without the work the items would be there all that time (%s)",
                          o->horizon_years,
                          o->yaml != NULL ? TL_CATALOGUE_MARK("as the objective says, or 10 years")
                                          : TL_CATALOGUE_MARK("assumption")));
    if (!r->has_map)
        return tl_plan_remark(ctx, plan,
                              "the project holds no map, so items and casualties are not known; "
                              "`tilth map` makes one");
    if (!isnan(o->rate[0]))
        TL_TRY(tl_plan_assume(ctx, plan,
                              "casualties an item and year on land in full use: %.3g (%.3g to "
                              "%.3g): %s",
                              o->rate[0], o->rate[1], o->rate[2], o->rate_source));
    else
        TL_TRY(tl_plan_assume(
            ctx, plan,
            "casualties an item and year on land in full use: %.3g accidents (%s) times %.3g "
            "casualties an accident (%s)",
            r->rate,
            r->rate_by_map
                ? TL_CATALOGUE_MARK(
                      "0.001 assumed, times the effect that the map's fit found for the "
                      "accident channel")
                : TL_CATALOGUE_MARK("0.001 assumed: the map has no accidents to learn it from"),
            r->per_accident,
            r->n_accidents > 0
                ? TL_CATALOGUE_MARK("mean of the register's accidents")
                : TL_CATALOGUE_MARK("assumption: fewer than 5 accidents have figures")));
    TL_TRY(tl_plan_assume(
        ctx, plan, "use of land as the map takes it: %s",
        r->has_places
            ? TL_CATALOGUE_MARK("from the people of places nearby")
            : TL_CATALOGUE_MARK("no places are known, so all land counts as fully used")));
done:
    return err;
}

static tl_err say_land(struct tl_ctx *ctx, struct tl_plan *plan, int p)
{
    const struct tl_objective *o = &plan->objective;
    int64_t n_unknown = 0;
    tl_err err = TL_OK;
    if (o->parts[p].kind == TL_OBJECTIVE_LAND)
        for (int64_t i = 0; i < plan->n_areas; i++) {
            const char *name = plan->areas[i].use;
            const struct tl_objective_use *use = tl_objective_use(o, name[0] != '\0' ? name : NULL);
            bool is_own = o->n_uses > 0 && use >= o->uses && use < o->uses + o->n_uses;
            if (!is_own && strcmp(plan->teams.currency, "USD") != 0)
                TL_THROW(ctx, TL_EDATA,
                         "land value: the value of \"%s\" in %s is not known; expected land_value "
                         "in an objective file, with the use \"other\" for the rest",
                         name, plan->teams.currency);
            TL_TRY(tl_plan_assume(ctx, plan, "land used for %s: %g %s/ha (%s)", use->name,
                                  use->per_ha, plan->teams.currency,
                                  use->source != NULL
                                      ? use->source
                                      : TL_CATALOGUE_MARK("the objective names no source")));
        }
    if (o->parts[p].kind == TL_OBJECTIVE_BENEFICIARIES) {
        for (int64_t i = 0; i < plan->n_areas; i++)
            n_unknown += isnan(plan->areas[i].beneficiaries);
        if (n_unknown > 0)
            TL_TRY(tl_plan_remark(ctx, plan,
                                  "beneficiaries of %lld of %lld areas are not in the register and "
                                  "count as none",
                                  (long long)n_unknown, (long long)plan->n_areas));
    }
done:
    return err;
}

tl_err tl_plan_task_score(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct tl_objective *o = &plan->objective;
    double *amounts = NULL;
    tl_err err = TL_OK;
    TL_TRY(say_harm(ctx, plan));
    for (int p = 0; p < o->n_parts; p++)
        TL_TRY(say_land(ctx, plan, p));
    TL_TRY_ALLOC(ctx, amounts, plan->n_tasks * o->n_parts);
    TL_TRY_ALLOC(ctx, plan->parts, plan->n_tasks * o->n_parts);
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        plan->tasks[t].harm_per_year = plan->jobs[t].exposed * rate_of(plan);
        for (int p = 0; p < o->n_parts; p++)
            amounts[t * o->n_parts + p] = amount_of(plan, t, p);
    }
    tl_objective_settle(o, plan->n_tasks, amounts);
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        struct tl_plan_task *task = &plan->tasks[t];
        task->n_score_parts = o->n_parts;
        task->score_parts = plan->parts + t * o->n_parts;
        for (int p = 0; p < o->n_parts; p++) {
            struct tl_plan_part *part = &plan->parts[t * o->n_parts + p];
            part->name = o->parts[p].name;
            part->unit = o->parts[p].unit;
            part->amount = amounts[t * o->n_parts + p];
            part->points = part->amount * o->parts[p].weight;
            task->score += part->points;
        }
    }
    TL_TRY(rank(ctx, plan));
done:
    tl_free(amounts);
    return err;
}
