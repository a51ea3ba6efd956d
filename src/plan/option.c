/*
 * What a task costs a team: days of work = area / (pace * factors of vegetation and slope), days of travel there and back once a working week (teams go
 * home at its end), money = all those days at the team's cost a day, or, where none is given, area * the method's price / factors (then travel costs
 * nothing extra, and the plan says so). Of a team's methods the cheapest is taken, then the fastest. A method whose pace or price nobody knows is not
 * used, and told: it is never taken as zero.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/catalogue.h"
#include "evidence/miss.h"
#include "plan/plan.h"
#include "tilth/coord.h"
#include "core/text.h"

/* Methods that the file names must be in the table, and find things. */
static tl_err check_methods(struct tl_ctx *ctx, const struct tl_plan *plan,
                            const struct tl_teams_team *team)
{
    const char *names[256];
    int n = 0;
    for (int64_t i = 0; i < plan->n_methods && n < 256; i++)
        names[n++] = plan->methods[i].name;
    for (int m = 0; m < team->n_methods; m++) {
        bool known = false;
        const struct tl_yaml_node *node = &tl_yaml_get(team->node, "methods")->nodes[m];
        int64_t row = tl_method_pick(plan->methods, plan->n_methods, team->methods[m], "",
                                     (double)NAN, "", &known);
        const char *near = known ? NULL : tl_text_nearest(team->methods[m], n, names);
        if (!known)
            return tl_yaml_fail(ctx, node,
                                "%s: the method \"%.60s\" is not in the project's table of "
                                "methods%s%s%s; `tilth methods` lists it",
                                team->name, team->methods[m],
                                near != NULL ? "; the nearest is \"" : "", near != NULL ? near : "",
                                near != NULL ? "\"" : "");
        if (!plan->methods[row].is_search)
            return tl_yaml_fail(ctx, node,
                                "%s: the method \"%s\" asks and looks, it does not search ground; "
                                "expected one that finds items",
                                team->name, team->methods[m]);
    }
    return TL_OK;
}

tl_err tl_plan_option_prepare(struct tl_ctx *ctx, struct tl_project *project, struct tl_plan *plan)
{
    const struct tl_teams *t = &plan->teams;
    tl_err err = TL_OK;
    TL_TRY(tl_project_methods(ctx, project, &plan->methods, &plan->n_methods));
    TL_TRY(tl_project_get(ctx, project, "soil", &plan->soil));
    TL_TRY_ALLOC(ctx, plan->team_days, t->n_teams * plan->n_years);
    TL_TRY_ALLOC(ctx, plan->team_used, t->n_teams * plan->n_years);
    for (int64_t k = 0; k < t->n_teams; k++) {
        double sum = 0.0;
        TL_TRY(check_methods(ctx, plan, &t->teams[k]));
        for (int64_t y = 0; y < plan->n_years; y++) {
            int64_t first = tl_calendar_years_on(plan->start, y),
                    last = tl_calendar_years_on(plan->start, y + 1) - 1;
            double days = (double)tl_calendar_count(&t->teams[k].calendar, first, last);
            plan->team_days[k * plan->n_years + y] = days;
            sum += days;
        }
        if (sum == 0.0)
            TL_TRY(tl_plan_remark(ctx, plan, "%s has no working day within the plan",
                                  t->teams[k].name));
    }
done:
    return err;
}

static double pace_factor(const struct tl_method *m, const struct tl_plan_area *area)
{
    return (area->vegetation >= 0 ? m->vegetation_pace[area->vegetation] : 1.0) *
           (area->slope >= 0 ? m->slope_pace[area->slope] : 1.0);
}

static double longest_year(const struct tl_plan *plan, int64_t team)
{
    double longest = 0.0;
    for (int64_t y = 0; y < plan->n_years; y++)
        longest = fmax(longest, plan->team_days[team * plan->n_years + y]);
    return longest;
}

/* Days that a team loses on the road for so many days of work. */
static double travel_days(const struct tl_teams *t, const struct tl_teams_team *team,
                          const struct tl_plan_area *area, double work_days)
{
    double m, weeks = fmax(1.0, ceil(work_days / team->calendar.days_a_week - 1e-9));
    tl_coord_distance(team->lon_deg, team->lat_deg, area->lon_deg, area->lat_deg, &m, NULL);
    return 2.0 * weeks * t->detour * m / 1000.0 / (t->speed_kmh * t->hours_a_day);
}

static enum tl_plan_obstacle try_method(const struct tl_plan *plan, const struct tl_plan_area *area,
                                        double area_m2, const struct tl_teams_team *team, int m,
                                        struct tl_plan_option *option,
                                        struct tl_plan_option_info *info)
{
    bool known;
    int64_t row = tl_method_pick(plan->methods, plan->n_methods, team->methods[m], "",
                                 area->depth_cm, plan->soil != NULL ? plan->soil : "", &known);
    const struct tl_method *method = &plan->methods[row];
    double factor = pace_factor(method, area);
    double pace = isnan(team->pace[m]) ? team->size * method->m2_per_day : team->pace[m];
    if (!(pace > 0.0))
        return TL_PLAN_NO_PACE;
    info->method = (int32_t)row;
    info->work_days = area_m2 / (pace * factor);
    info->travel_days = travel_days(&plan->teams, team, area, info->work_days);
    option->days = info->work_days + info->travel_days;
    if (!isnan(team->cost_per_day))
        option->cost = option->days * team->cost_per_day;
    else if (method->price_per_m2 >= 0.0 && strcmp(method->currency, plan->teams.currency) == 0)
        option->cost = area_m2 * method->price_per_m2 / factor;
    else
        return TL_PLAN_NO_PRICE;
    return TL_PLAN_ABLE;
}

enum tl_plan_obstacle tl_plan_option_make(const struct tl_plan *plan,
                                          const struct tl_plan_area *area, double area_m2,
                                          int64_t team, struct tl_plan_option *option,
                                          struct tl_plan_option_info *info)
{
    const struct tl_teams_team *t = &plan->teams.teams[team];
    enum tl_plan_obstacle why = TL_PLAN_NO_PACE;
    bool any = false;
    for (int m = 0; m < t->n_methods; m++) {
        struct tl_plan_option one = {.team = (int32_t)team};
        struct tl_plan_option_info about = {0};
        enum tl_plan_obstacle obstacle = try_method(plan, area, area_m2, t, m, &one, &about);
        if (obstacle != TL_PLAN_ABLE) {
            why = obstacle > why ? obstacle : why;
            continue;
        }
        if (!any || one.cost < option->cost ||
            (one.cost == option->cost && one.days < option->days)) {
            *option = one;
            *info = about;
        }
        any = true;
    }
    return any ? TL_PLAN_ABLE : why;
}

int tl_plan_option_parts(const struct tl_plan *plan, const struct tl_plan_area *area)
{
    double least = INFINITY, most = 1.0;
    for (int64_t k = 0; k < plan->teams.n_teams; k++) {
        struct tl_plan_option option;
        struct tl_plan_option_info info;
        double year = longest_year(plan, k);
        if (year == 0.0 ||
            tl_plan_option_make(plan, area, area->area_m2, k, &option, &info) != TL_PLAN_ABLE)
            continue;
        least = fmin(least, ceil(option.days / year - 1e-9));
        most = fmax(most, ceil(option.days / year - 1e-9));
    }
    /* Small enough for slower teams too, but not in more than twice the parts that the fastest needs. */
    double parts = isfinite(least) ? fmin(most, 2.0 * least) : 1.0;
    return (int)fmin(parts, (double)TL_PLAN_PARTS_OF_TASK_MAX);
}

static tl_err add_option(struct tl_ctx *ctx, struct tl_plan *plan, struct tl_plan_option option,
                         struct tl_plan_option_info info)
{
    if (plan->n_options == plan->room_options) {
        int64_t room = 2 * plan->room_options + 256;
        struct tl_plan_option *a = tl_regrow(ctx, plan->options, plan->n_options, room, sizeof *a);
        if (a != NULL)
            plan->options = a;
        struct tl_plan_option_info *b =
            a != NULL ? tl_regrow(ctx, plan->option_info, plan->n_options, room, sizeof *b) : NULL;
        if (b == NULL)
            return TL_ENOMEM;
        plan->option_info = b;
        plan->room_options = room;
    }
    plan->options[plan->n_options] = option;
    plan->option_info[plan->n_options++] = info;
    return TL_OK;
}

/* Share that the method finds of what is there, in one pass. */
double tl_plan_option_found(const struct tl_plan *plan, const struct tl_plan_area *area,
                            int32_t method)
{
    const struct tl_method *m = &plan->methods[method];
    struct tl_cover_method chances = tl_miss_method(m);
    double factor = (area->vegetation >= 0 ? m->vegetation_detect[area->vegetation] : 1.0) *
                    (area->slope >= 0 ? m->slope_detect[area->slope] : 1.0);
    return chances.detectable * chances.per_pass * fmin(factor, 1.0);
}

static tl_err options_of(struct tl_ctx *ctx, struct tl_plan *plan, int64_t t, bool *able,
                         enum tl_plan_obstacle *team_why)
{
    struct tl_plan_job *job = &plan->jobs[t];
    const struct tl_plan_area *area = &plan->areas[job->area];
    tl_err err = TL_OK;
    job->first_option = plan->n_options;
    job->found = 1.0;
    for (int64_t k = 0; k < plan->teams.n_teams; k++) {
        struct tl_plan_option option = {0};
        struct tl_plan_option_info info = {0};
        double year = longest_year(plan, k);
        enum tl_plan_obstacle why =
            tl_plan_option_make(plan, area, plan->tasks[t].area_m2, k, &option, &info);
        able[k] = able[k] || why == TL_PLAN_ABLE;
        team_why[k] = why != TL_PLAN_ABLE ? why : team_why[k];
        if (why == TL_PLAN_ABLE && year == 0.0)
            why = TL_PLAN_NO_DAYS;
        else if (why == TL_PLAN_ABLE && option.days > year)
            why = TL_PLAN_TOO_LONG;
        if (why != TL_PLAN_ABLE) {
            job->why_not = (int)why > job->why_not ? (int)why : job->why_not;
            continue;
        }
        option.task = (int32_t)t;
        TL_TRY(add_option(ctx, plan, option, info));
        job->found = fmin(job->found, tl_plan_option_found(plan, area, info.method));
    }
    job->n_options = plan->n_options - job->first_option;
done:
    return err;
}

/* What one team's use of one method takes for granted. */
static tl_err say_method(struct tl_ctx *ctx, struct tl_plan *plan, const struct tl_teams_team *team,
                         const struct tl_method *m)
{
    struct tl_cover_method chances = tl_miss_method(m);
    bool own_pace = false;
    tl_err err = TL_OK;
    for (int k = 0; k < team->n_methods; k++)
        own_pace =
            own_pace || (strcasecmp(team->methods[k], m->name) == 0 && !isnan(team->pace[k]));
    if (!own_pace)
        TL_TRY(tl_plan_assume(ctx, plan, "pace of %s: %g m2 a day for each of a team's size (%s)",
                              m->name, m->m2_per_day, m->pace_source));
    if (isnan(team->cost_per_day))
        TL_TRY(tl_plan_assume(ctx, plan,
                              "price of %s: %g %s/m2 (%s); the road costs days but no money "
                              "where a team has no cost a day",
                              m->name, m->price_per_m2, m->currency, m->price_source));
    TL_TRY(tl_plan_assume(ctx, plan, "one pass of %s finds %.3g %% of what is there (%s)", m->name,
                          100.0 * chances.detectable * chances.per_pass, m->source));
done:
    return err;
}

static tl_err say_sources(struct tl_ctx *ctx, struct tl_plan *plan)
{
    const struct tl_teams *t = &plan->teams;
    bool *said = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, said, t->n_teams * plan->n_methods);
    for (int64_t i = 0; i < plan->n_options; i++) {
        int64_t team = plan->options[i].team, method = plan->option_info[i].method;
        if (said[team * plan->n_methods + method])
            continue;
        said[team * plan->n_methods + method] = true;
        TL_TRY(say_method(ctx, plan, &t->teams[team], &plan->methods[method]));
    }
    TL_TRY(tl_plan_assume(ctx, plan,
                          "travel: there and back once a working week, straight line times %g at "
                          "%g km/h, %g h a day (%s)",
                          t->detour, t->speed_kmh, t->hours_a_day,
                          t->travel_source != NULL ? t->travel_source
                                                   : TL_CATALOGUE_MARK("assumption")));
done:
    tl_free(said);
    return err;
}

tl_err tl_plan_option_all(struct tl_ctx *ctx, struct tl_plan *plan)
{
    static const char *const words[] = {
        [TL_PLAN_NO_PACE] = "the methods table does not know the pace of its methods; give it as "
                            "pace, or with `tilth methods --edit`",
        [TL_PLAN_NO_PRICE] = "no price per m2 of its methods is known in the plan's currency and "
                             "it has no cost a day; give one of them"};
    const struct tl_teams *t = &plan->teams;
    bool *able = NULL;
    enum tl_plan_obstacle *why = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, able, t->n_teams);
    TL_TRY_ALLOC(ctx, why, t->n_teams);
    for (int64_t i = 0; i < plan->n_tasks; i++) {
        if (i % 256 == 0)
            TL_TRY(tl_cancelled(ctx));
        TL_TRY(options_of(ctx, plan, i, able, why));
    }
    for (int64_t k = 0; k < t->n_teams; k++)
        if (!able[k])
            TL_TRY(tl_yaml_fail(ctx, t->teams[k].node, "%s can do no task: %s", t->teams[k].name,
                                words[why[k]]));
    TL_TRY(say_sources(ctx, plan));
done:
    tl_free(able);
    tl_free(why);
    return err;
}
