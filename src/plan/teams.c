/* One section of the file a function. Nothing has a unit that is not written. */
#include "plan/teams.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "geo/geom.h"
#include "tilth/coord.h"
#include "tilth/register.h"

static const double SPEED_KMH = 40.0, HOURS_A_DAY = 8.0, DETOUR = 1.3;

struct reading {
    struct tl_ctx *ctx;
    struct tl_project *project;
    struct tl_teams *t;
};

static const struct tl_yaml_unit paces[] = {
    {"m2/day", 1.0}, {"ha/day", 1e4}, {"m2/d", 1.0}, {NULL, 0.0}};
static const struct tl_yaml_unit weeks[] = {{"days/week", 1.0}, {NULL, 0.0}};
static const struct tl_yaml_unit speeds[] = {{"km/h", 1.0}, {NULL, 0.0}};
static const struct tl_yaml_unit hours[] = {{"h/day", 1.0}, {NULL, 0.0}};
static const struct tl_yaml_unit hectares[] = {
    {"ha", 1.0}, {"km2", 100.0}, {"m2", 1e-4}, {NULL, 0.0}};
static const struct tl_yaml_unit sizes[] = {
    {"deminers", 1.0}, {"deminer", 1.0}, {"machines", 1.0}, {"machine", 1.0}, {"dogs", 1.0},
    {"dog", 1.0},      {"teams", 1.0},   {"team", 1.0},     {"people", 1.0},  {NULL, 0.0}};

static tl_err read_date(struct tl_ctx *ctx, const struct tl_yaml_node *node, int64_t *day)
{
    const char *text = NULL;
    tl_err err = tl_yaml_as_text(ctx, node, &text);
    if (err == TL_OK && text != NULL && !tl_calendar_day(text, day))
        err =
            tl_yaml_fail(ctx, node, "%s: \"%.40s\" is not a date; expected one such as 2027-03-01",
                         node->key != NULL ? node->key : "date", text);
    return err;
}

/* from: and to: in the right order. */
static tl_err read_span(struct tl_ctx *ctx, const struct tl_yaml_node *node, int64_t *from,
                        int64_t *to)
{
    const struct tl_yaml_node *a = tl_yaml_get(node, "from"), *b = tl_yaml_get(node, "to");
    char first[TL_CALENDAR_BYTES], last[TL_CALENDAR_BYTES];
    tl_err err = TL_OK;
    TL_TRY(read_date(ctx, a, from));
    TL_TRY(read_date(ctx, b, to));
    if (*from <= *to)
        return TL_OK;
    tl_calendar_text(*from, first);
    tl_calendar_text(*to, last);
    err = tl_yaml_fail(ctx, b != NULL ? b : a,
                       "from %s to %s: dates in the wrong order; expected from <= to", first, last);
done:
    return err;
}

static tl_err read_season(struct tl_ctx *ctx, const struct tl_yaml_node *node, unsigned *months)
{
    unsigned made = 0;
    const char *text = NULL;
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    for (int64_t i = 0; i < (node->kind == TL_YAML_LIST ? node->n : 1); i++) {
        const struct tl_yaml_node *one = node->kind == TL_YAML_LIST ? &node->nodes[i] : node;
        TL_TRY(tl_yaml_as_text(ctx, one, &text));
        unsigned more = tl_calendar_months(text);
        if (more == 0)
            TL_TRY(tl_yaml_fail(ctx, one,
                                "season: \"%.40s\" is neither a month nor a span of months; "
                                "expected such as \"April to November\"",
                                text));
        made |= more;
    }
    if (made == 0)
        TL_TRY(tl_yaml_fail(ctx, node, "season: no month; expected such as \"April to November\""));
    *months = made;
done:
    return err;
}

/* The place of the register that a base names. */
static tl_err find_place(struct reading *r, const char *name, double *lon, double *lat, bool *found)
{
    struct tl_cursor *cursor = NULL;
    struct tl_geom_info info;
    bool more = true;
    tl_err err = TL_OK;
    *found = false;
    if (r->project == NULL)
        return TL_OK;
    TL_TRY(tl_register_select(r->ctx, r->project, TL_KIND_PLACE, NULL, &cursor));
    while (!*found) {
        int64_t n = 0;
        TL_TRY(tl_cursor_next(r->ctx, cursor, &more));
        if (!more)
            break;
        const char *own = tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "name"));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        if (own == NULL || wkb == NULL || strcasecmp(own, name) != 0)
            continue;
        TL_TRY(tl_geom_info(r->ctx, wkb, n, &info));
        *lon = info.x;
        *lat = info.y;
        *found = true;
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err read_base(struct reading *r, struct tl_teams_team *team)
{
    const char *text = NULL;
    bool found = true;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(r->ctx, team->node, "base", &team->base));
    TL_TRY(tl_yaml_as_text(r->ctx, team->base, &text));
    if (tl_coord_parse(r->ctx, text, &team->lon_deg, &team->lat_deg, NULL) != TL_OK)
        TL_TRY(find_place(r, text, &team->lon_deg, &team->lat_deg, &found));
    if (!found)
        err = tl_yaml_fail(r->ctx, team->base,
                           "base: \"%.80s\" is neither a position nor the name of a place of the "
                           "register; expected such as \"37.15, 48.30\"",
                           text);
done:
    return err;
}

static tl_err read_methods(struct reading *r, struct tl_teams_team *team)
{
    const struct tl_yaml_node *list = NULL, *pace = tl_yaml_get(team->node, "pace");
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(r->ctx, team->node, "methods", &list));
    TL_TRY(tl_yaml_is(r->ctx, list, TL_YAML_LIST));
    if (list->n == 0 || list->n > TL_TEAMS_METHODS_MAX)
        TL_TRY(tl_yaml_fail(r->ctx, list, "methods: %lld of them; expected 1 to %d",
                            (long long)list->n, TL_TEAMS_METHODS_MAX));
    for (int64_t i = 0; i < list->n; i++) {
        TL_TRY(tl_yaml_as_text(r->ctx, &list->nodes[i], &team->methods[i]));
        team->pace[i] = (double)NAN;
    }
    team->n_methods = (int)list->n;
    TL_TRY(tl_yaml_keys(r->ctx, pace, team->n_methods, team->methods));
    for (int i = 0; i < team->n_methods; i++)
        TL_TRY(tl_yaml_as_quantity(r->ctx, tl_yaml_get(pace, team->methods[i]), paces, 0.01, 1e9,
                                   &team->pace[i]));
    team->size = (double)NAN;
    TL_TRY(tl_yaml_as_quantity(r->ctx, tl_yaml_get(team->node, "size"), sizes, 1e-3, 1e5,
                               &team->size));
    for (int i = 0; i < team->n_methods; i++)
        if (isnan(team->size) && isnan(team->pace[i]))
            TL_TRY(tl_yaml_fail(r->ctx, team->node,
                                "%s: neither size nor a pace for %s; expected such as \"size: 20 "
                                "deminers\" (times the methods table's pace) or \"pace: {%s: 600 "
                                "m2/day}\"",
                                team->name, team->methods[i], team->methods[i]));
done:
    return err;
}

static tl_err read_cost(struct reading *r, struct tl_teams_team *team)
{
    char name[2][16];
    snprintf(name[0], sizeof name[0], "%s/day", r->t->currency);
    snprintf(name[1], sizeof name[1], "k%s/day", r->t->currency);
    const struct tl_yaml_unit units[] = {{name[0], 1.0}, {name[1], 1e3}, {NULL, 0.0}};
    team->cost_per_day = (double)NAN;
    return tl_yaml_as_quantity(r->ctx, tl_yaml_get(team->node, "cost"), units, 0.0, 1e9,
                               &team->cost_per_day);
}

static tl_err read_team(struct reading *r, const struct tl_yaml_node *node,
                        struct tl_teams_team *team)
{
    static const char *const keys[] = {"name",   "base", "methods", "size", "pace",
                                       "season", "days", "from",    "to",   "cost"};
    const struct tl_yaml_node *name = NULL;
    double days = 5.0;
    tl_err err = TL_OK;
    team->node = node;
    team->calendar = (struct tl_calendar_team){
        .months = TL_CALENDAR_ALL_MONTHS, .from = INT64_MIN / 2, .to = INT64_MAX / 2};
    TL_TRY(tl_yaml_keys(r->ctx, node, 10, keys));
    TL_TRY(tl_yaml_need(r->ctx, node, "name", &name));
    TL_TRY(tl_yaml_as_text(r->ctx, name, &team->name));
    for (const struct tl_teams_team *before = r->t->teams; before < team; before++)
        if (strcmp(before->name, team->name) == 0)
            TL_TRY(tl_yaml_fail(r->ctx, name,
                                "name: two teams are called \"%.60s\"; expected "
                                "names that differ",
                                team->name));
    TL_TRY(read_base(r, team));
    TL_TRY(read_methods(r, team));
    TL_TRY(read_season(r->ctx, tl_yaml_get(node, "season"), &team->calendar.months));
    TL_TRY(tl_yaml_as_quantity(r->ctx, tl_yaml_get(node, "days"), weeks, 1.0, 7.0, &days));
    if (days != floor(days))
        TL_TRY(tl_yaml_fail(r->ctx, tl_yaml_get(node, "days"),
                            "days: %g a week; expected whole days, 1 to 7", days));
    team->calendar.days_a_week = (int)days;
    TL_TRY(read_span(r->ctx, node, &team->calendar.from, &team->calendar.to));
    TL_TRY(read_cost(r, team));
done:
    return err;
}

/* A section that is a list; its entries are counted into *n and room is made for them. */
#define OPEN_LIST(r, map, key, list, array, count)                                                 \
    do {                                                                                           \
        (list) = tl_yaml_get((map), (key));                                                        \
        TL_TRY(tl_yaml_is((r)->ctx, (list), TL_YAML_LIST));                                        \
        TL_TRY_ALLOC((r)->ctx, (array), (list) != NULL ? (list)->n : 0);                           \
        (count) = (list) != NULL ? (list)->n : 0;                                                  \
    } while (0)

static tl_err read_teams(struct reading *r, const struct tl_yaml_node *root)
{
    const struct tl_yaml_node *list = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(r->ctx, root, "teams", &list));
    OPEN_LIST(r, root, "teams", list, r->t->teams, r->t->n_teams);
    if (list->n == 0 || list->n > TL_PLAN_TEAMS_MAX)
        TL_TRY(tl_yaml_fail(r->ctx, list, "teams: %lld of them; expected 1 to %d",
                            (long long)list->n, TL_PLAN_TEAMS_MAX));
    for (int64_t i = 0; i < list->n; i++)
        TL_TRY(read_team(r, &list->nodes[i], &r->t->teams[i]));
done:
    return err;
}

static tl_err read_rules(struct reading *r, const struct tl_yaml_node *tasks)
{
    const struct tl_yaml_node *lists[2] = {tl_yaml_get(tasks, "must"),
                                           tl_yaml_get(tasks, "must_not")};
    int64_t n = 0;
    tl_err err = TL_OK;
    for (int k = 0; k < 2; k++) {
        TL_TRY(tl_yaml_is(r->ctx, lists[k], TL_YAML_LIST));
        n += lists[k] != NULL ? lists[k]->n : 0;
    }
    TL_TRY_ALLOC(r->ctx, r->t->rules, n);
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; lists[k] != NULL && i < lists[k]->n; i++) {
            struct tl_teams_rule *rule = &r->t->rules[r->t->n_rules];
            rule->node = &lists[k]->nodes[i];
            rule->rule = k == 0 ? TL_PLAN_MUST : TL_PLAN_MUST_NOT;
            TL_TRY(tl_yaml_as_text(r->ctx, rule->node, &rule->task));
            r->t->n_rules++;
        }
done:
    return err;
}

static tl_err read_windows(struct reading *r, const struct tl_yaml_node *tasks)
{
    static const char *const keys[] = {"task", "from", "to"};
    const struct tl_yaml_node *list = NULL, *task = NULL;
    tl_err err = TL_OK;
    OPEN_LIST(r, tasks, "windows", list, r->t->windows, r->t->n_windows);
    for (int64_t i = 0; i < r->t->n_windows; i++) {
        struct tl_teams_window *w = &r->t->windows[i];
        *w = (struct tl_teams_window){
            .node = &list->nodes[i], .from = INT64_MIN / 2, .to = INT64_MAX / 2};
        TL_TRY(tl_yaml_keys(r->ctx, w->node, 3, keys));
        TL_TRY(tl_yaml_need(r->ctx, w->node, "task", &task));
        TL_TRY(tl_yaml_as_text(r->ctx, task, &w->task));
        TL_TRY(read_span(r->ctx, w->node, &w->from, &w->to));
    }
done:
    return err;
}

/* What waits for what, and whose parts are done one after the other. */
static tl_err read_order(struct reading *r, const struct tl_yaml_node *tasks)
{
    static const char *const keys[] = {"task", "waits_for"};
    const struct tl_yaml_node *list = NULL, *task = NULL;
    tl_err err = TL_OK;
    OPEN_LIST(r, tasks, "after", list, r->t->after, r->t->n_after);
    r->t->after_node = list;
    for (int64_t i = 0; i < r->t->n_after; i++) {
        struct tl_teams_after *a = &r->t->after[i];
        a->node = &list->nodes[i];
        TL_TRY(tl_yaml_keys(r->ctx, a->node, 2, keys));
        TL_TRY(tl_yaml_need(r->ctx, a->node, "task", &task));
        TL_TRY(tl_yaml_as_text(r->ctx, task, &a->task));
        TL_TRY(tl_yaml_need(r->ctx, a->node, "waits_for", &a->waits_for));
        TL_TRY(tl_yaml_is(r->ctx, a->waits_for, TL_YAML_LIST));
        for (int64_t k = 0; k < a->waits_for->n; k++)
            TL_TRY(tl_yaml_is(r->ctx, &a->waits_for->nodes[k], TL_YAML_TEXT));
    }
    r->t->in_order = tl_yaml_get(tasks, "in_order");
    TL_TRY(tl_yaml_is(r->ctx, r->t->in_order, TL_YAML_LIST));
    for (int64_t i = 0; r->t->in_order != NULL && i < r->t->in_order->n; i++)
        TL_TRY(tl_yaml_is(r->ctx, &r->t->in_order->nodes[i], TL_YAML_TEXT));
done:
    return err;
}

static tl_err read_ground(struct reading *r, const struct tl_yaml_node *root)
{
    static const char *const keys[] = {"area", "vegetation", "slope"};
    static const char *const vegetation[] = {"none", "light", "medium", "dense"};
    static const char *const slope[] = {"flat", "moderate", "steep"};
    const struct tl_yaml_node *list = NULL, *area = NULL;
    tl_err err = TL_OK;
    OPEN_LIST(r, root, "ground", list, r->t->ground, r->t->n_ground);
    for (int64_t i = 0; i < r->t->n_ground; i++) {
        struct tl_teams_ground *g = &r->t->ground[i];
        *g = (struct tl_teams_ground){.node = &list->nodes[i], .vegetation = -1, .slope = -1};
        TL_TRY(tl_yaml_keys(r->ctx, g->node, 3, keys));
        TL_TRY(tl_yaml_need(r->ctx, g->node, "area", &area));
        TL_TRY(tl_yaml_as_text(r->ctx, area, &g->area));
        if (strcmp(g->area, "all") == 0)
            g->area = NULL;
        TL_TRY(tl_yaml_as_choice(r->ctx, tl_yaml_get(g->node, "vegetation"), 4, vegetation,
                                 &g->vegetation));
        TL_TRY(tl_yaml_as_choice(r->ctx, tl_yaml_get(g->node, "slope"), 3, slope, &g->slope));
    }
done:
    return err;
}

static tl_err read_districts(struct reading *r, const struct tl_yaml_node *root)
{
    static const char *const keys[] = {"name", "areas"};
    const struct tl_yaml_node *list = NULL, *name = NULL;
    tl_err err = TL_OK;
    OPEN_LIST(r, root, "districts", list, r->t->districts, r->t->n_districts);
    for (int64_t i = 0; i < r->t->n_districts; i++) {
        struct tl_teams_district *d = &r->t->districts[i];
        TL_TRY(tl_yaml_keys(r->ctx, &list->nodes[i], 2, keys));
        TL_TRY(tl_yaml_need(r->ctx, &list->nodes[i], "name", &name));
        TL_TRY(tl_yaml_as_text(r->ctx, name, &d->name));
        TL_TRY(tl_yaml_need(r->ctx, &list->nodes[i], "areas", &d->areas));
        TL_TRY(tl_yaml_is(r->ctx, d->areas, TL_YAML_LIST));
        for (int64_t k = 0; k < d->areas->n; k++)
            TL_TRY(tl_yaml_is(r->ctx, &d->areas->nodes[k], TL_YAML_TEXT));
    }
done:
    return err;
}

static tl_err read_floors(struct reading *r, const struct tl_yaml_node *root)
{
    static const char *const keys[] = {"district", "share", "area"};
    const struct tl_yaml_node *list = NULL, *name = NULL;
    tl_err err = TL_OK;
    OPEN_LIST(r, root, "floors", list, r->t->floors, r->t->n_floors);
    for (int64_t i = 0; i < r->t->n_floors; i++) {
        struct tl_teams_floor *f = &r->t->floors[i];
        f->node = &list->nodes[i];
        TL_TRY(tl_yaml_keys(r->ctx, f->node, 3, keys));
        TL_TRY(tl_yaml_need(r->ctx, f->node, "district", &name));
        TL_TRY(tl_yaml_as_text(r->ctx, name, &f->district));
        TL_TRY(tl_yaml_as_share(r->ctx, tl_yaml_get(f->node, "share"), &f->share));
        TL_TRY(
            tl_yaml_as_quantity(r->ctx, tl_yaml_get(f->node, "area"), hectares, 0.0, 1e9, &f->ha));
        if ((f->share > 0.0) == (f->ha > 0.0))
            TL_TRY(tl_yaml_fail(r->ctx, f->node,
                                "floor of %.60s: expected one of \"share: 20 %%\" (of the "
                                "district's score) and \"area: 50 ha\"",
                                f->district));
    }
    for (int64_t i = 1; i < r->t->n_floors; i++)
        if ((r->t->floors[i].share > 0.0) != (r->t->floors[0].share > 0.0))
            TL_TRY(tl_yaml_fail(r->ctx, r->t->floors[i].node,
                                "floors: some are shares, some areas; expected one kind"));
done:
    return err;
}

static tl_err read_travel(struct reading *r, const struct tl_yaml_node *root)
{
    static const char *const keys[] = {"speed", "hours", "detour", "source"};
    const struct tl_yaml_node *node = tl_yaml_get(root, "travel");
    struct tl_teams *t = r->t;
    tl_err err = TL_OK;
    t->speed_kmh = SPEED_KMH;
    t->hours_a_day = HOURS_A_DAY;
    t->detour = DETOUR;
    TL_TRY(tl_yaml_keys(r->ctx, node, 4, keys));
    TL_TRY(
        tl_yaml_as_quantity(r->ctx, tl_yaml_get(node, "speed"), speeds, 1.0, 200.0, &t->speed_kmh));
    TL_TRY(
        tl_yaml_as_quantity(r->ctx, tl_yaml_get(node, "hours"), hours, 1.0, 24.0, &t->hours_a_day));
    TL_TRY(tl_yaml_as_number(r->ctx, tl_yaml_get(node, "detour"), 1.0, 10.0, &t->detour));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(node, "source"), &t->travel_source));
done:
    return err;
}

static tl_err read_head(struct reading *r, const struct tl_yaml_node *root, const char *currency)
{
    static const char *const keys[] = {"title", "currency", "start",     "travel", "teams",
                                       "tasks", "ground",   "districts", "floors"};
    static const char *const tasks[] = {"must", "must_not", "windows", "after", "in_order"};
    const struct tl_yaml_node *start = NULL, *node = tl_yaml_get(root, "currency");
    const char *text = currency;
    tl_err err = TL_OK;
    r->t->title = "";
    TL_TRY(tl_yaml_keys(r->ctx, root, 9, keys));
    TL_TRY(tl_yaml_keys(r->ctx, tl_yaml_get(root, "tasks"), 5, tasks));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(root, "title"), &r->t->title));
    TL_TRY(tl_yaml_as_text(r->ctx, node, &text));
    if (!tl_money_is_currency(text))
        TL_TRY(tl_yaml_fail(r->ctx, node,
                            "currency: \"%.40s\" is not a currency; expected three "
                            "letters such as USD",
                            text));
    if (strcmp(text, currency) != 0)
        TL_TRY(tl_yaml_fail(r->ctx, node,
                            "currency: %s, but the budget is in %s; expected one "
                            "currency",
                            text, currency));
    memcpy(r->t->currency, currency, TL_MONEY_CURRENCY_BYTES);
    TL_TRY(tl_yaml_need(r->ctx, root, "start", &start));
    TL_TRY(read_date(r->ctx, start, &r->t->start));
done:
    return err;
}

tl_err tl_teams_read(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                     const char *currency, struct tl_teams *teams)
{
    struct tl_teams made = {0};
    struct reading r = {ctx, project, &made};
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_load(ctx, path, &made.yaml));
    const struct tl_yaml_node *root = tl_yaml_root(made.yaml);
    TL_TRY(read_head(&r, root, currency));
    TL_TRY(read_travel(&r, root));
    TL_TRY(read_teams(&r, root));
    TL_TRY(read_rules(&r, tl_yaml_get(root, "tasks")));
    TL_TRY(read_windows(&r, tl_yaml_get(root, "tasks")));
    TL_TRY(read_order(&r, tl_yaml_get(root, "tasks")));
    TL_TRY(read_ground(&r, root));
    TL_TRY(read_districts(&r, root));
    TL_TRY(read_floors(&r, root));
    *teams = made;
    made = (struct tl_teams){0};
done:
    tl_teams_fini(&made);
    return err;
}

void tl_teams_fini(struct tl_teams *teams)
{
    tl_free(teams->teams);
    tl_free(teams->rules);
    tl_free(teams->windows);
    tl_free(teams->after);
    tl_free(teams->ground);
    tl_free(teams->districts);
    tl_free(teams->floors);
    tl_yaml_free(teams->yaml);
    *teams = (struct tl_teams){0};
}
