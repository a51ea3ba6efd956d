/*
 * Built-in: casualties avoided, the value of the land, hectares, each in its own unit. A file gives parts with weights, either all as points a
 * unit ("5 points/ha") or all as shares ("40 %"): with shares all tasks together have 100 points, of which each part hands out its share by
 * how much of it a task has. A score is then always the plain sum of amount times weight.
 */
#include "plan/objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/catalogue.h"
#include "core/text.h"

static const double HORIZON_YEARS = 10.0;
static const double CROPLAND_PER_HA = 4000.0; /* 0.40 USD/m2 */
static const char *const cropland_source = TL_CATALOGUE_MARK(
    "ordinary cropland is worth at most 0.40 USD/m2 (JMU journal 4.3), so an upper figure; taken "
    "for all land alike as no objective file gives the value of other uses");

/* What a file calls them, and the names of parts of the score, which the pages say in the reader's language. */
static const char *const kinds[] = {TL_CATALOGUE_MARK("harm"),
                                    TL_CATALOGUE_MARK("land value"),
                                    TL_CATALOGUE_MARK("beneficiaries"),
                                    TL_CATALOGUE_MARK("hectares"),
                                    TL_CATALOGUE_MARK("confirmed"),
                                    TL_CATALOGUE_MARK("suspected"),
                                    "near",
                                    "priority"};

static void add_builtin(struct tl_objective *o, enum tl_objective_kind kind, const char *unit)
{
    struct tl_objective_part *p = &o->parts[o->n_parts++];
    *p = (struct tl_objective_part){.kind = kind, .weight = 1.0, .share = (double)NAN};
    snprintf(p->name, sizeof p->name, "%s", kinds[kind]);
    snprintf(p->unit, sizeof p->unit, "%s", unit);
    snprintf(o->unit, sizeof o->unit, "%s", unit);
}

static bool set_builtin(struct tl_objective *o, const char *name, const char *currency)
{
    const char *title;
    if (strcmp(name, "harm") == 0) {
        title = TL_CATALOGUE_MARK("casualties avoided");
        add_builtin(o, TL_OBJECTIVE_HARM, TL_CATALOGUE_MARK("casualties a year"));
    } else if (strcmp(name, "land") == 0) {
        title = TL_CATALOGUE_MARK("value of the land");
        add_builtin(o, TL_OBJECTIVE_LAND, currency);
    } else if (strcmp(name, "hectares") == 0) {
        title = "hectares";
        add_builtin(o, TL_OBJECTIVE_HECTARES, "ha");
    } else {
        return false;
    }
    snprintf(o->name, sizeof o->name, "%s", name);
    snprintf(o->title, sizeof o->title, "%s", title);
    return true;
}

/* The names of a part's unit in "points/UNIT", and their factors. */
static int weight_units(const struct tl_objective_part *p, const char *currency, char names[2][24],
                        struct tl_yaml_unit units[3])
{
    static const char *const of[] = {"casualty", NULL, "person", "ha"};
    int n = 1;
    if (p->kind == TL_OBJECTIVE_LAND) {
        snprintf(names[0], 24, "points/k%s", currency);
        snprintf(names[1], 24, "points/M%s", currency);
        n = 2;
    } else if (p->kind <= TL_OBJECTIVE_HECTARES) {
        snprintf(names[0], 24, "points/%s", of[p->kind]);
    } else {
        snprintf(names[0], 24, "points");
    }
    for (int i = 0; i < n; i++)
        units[i] = (struct tl_yaml_unit){
            names[i], p->kind == TL_OBJECTIVE_LAND ? (i == 0 ? 1e-3 : 1e-6) : 1.0};
    units[n] = (struct tl_yaml_unit){NULL, 0.0};
    return n;
}

static tl_err read_weight(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char *currency,
                          struct tl_objective_part *p)
{
    char names[2][24];
    struct tl_yaml_unit units[3];
    const char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_as_text(ctx, node, &text));
    size_t n = strlen(text);
    if (text[n - 1] == '%')
        return tl_yaml_as_share(ctx, node, &p->share);
    weight_units(p, currency, names, units);
    err = tl_yaml_as_quantity(ctx, node, units, 0.0, 1e12, &p->weight);
    if (err == TL_EDATA && text[strspn(text, "-+.0123456789 ")] == '\0')
        err = tl_yaml_fail(ctx, node,
                           "weight: \"%.40s\" has no unit; expected such as \"5 %s\", or a share "
                           "of all points such as \"40 %%\"",
                           text, units[0].name);
done:
    return err;
}

static tl_err read_near(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                        struct tl_objective_part *p)
{
    static const struct tl_yaml_unit lengths[] = {{"km", 1000.0}, {"m", 1.0}, {NULL, 0.0}};
    const struct tl_yaml_node *type = NULL, *within = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(ctx, node, "type", &type));
    TL_TRY(tl_yaml_need(ctx, node, "within", &within));
    TL_TRY(tl_yaml_as_text(ctx, type, &p->what));
    TL_TRY(tl_yaml_as_quantity(ctx, within, lengths, 0.0, 1e6, &p->within_m));
    snprintf(p->name, sizeof p->name, "near %.60s", p->what);
done:
    return err;
}

static tl_err read_part(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char *currency,
                        struct tl_objective_part *p)
{
    static const char *const keys[] = {"part", "weight", "type", "within", "name"};
    static const char *const units[] = {
        "casualties a year", "", "people", "ha", "area", "area", "area", "area"};
    const struct tl_yaml_node *part = NULL, *weight = NULL, *name = NULL;
    int kind = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 5, keys));
    TL_TRY(tl_yaml_need(ctx, node, "part", &part));
    TL_TRY(tl_yaml_as_choice(ctx, part, TL_OBJECTIVE_KINDS, kinds, &kind));
    *p = (struct tl_objective_part){.kind = (enum tl_objective_kind)kind, .share = (double)NAN};
    snprintf(p->name, sizeof p->name, "%s", kinds[kind]);
    snprintf(p->unit, sizeof p->unit, "%s", kind == TL_OBJECTIVE_LAND ? currency : units[kind]);
    if (kind == TL_OBJECTIVE_NEAR)
        TL_TRY(read_near(ctx, node, p));
    else if (tl_yaml_get(node, "type") != NULL || tl_yaml_get(node, "within") != NULL)
        TL_TRY(tl_yaml_fail(ctx, node, "part %s: type and within are for the part near", p->name));
    if (kind == TL_OBJECTIVE_PRIORITY) {
        TL_TRY(tl_yaml_need(ctx, node, "name", &name));
        TL_TRY(tl_yaml_as_text(ctx, name, &p->what));
        snprintf(p->name, sizeof p->name, "priority %.60s", p->what);
    }
    TL_TRY(tl_yaml_need(ctx, node, "weight", &weight));
    TL_TRY(read_weight(ctx, weight, currency, p));
done:
    return err;
}

static tl_err read_parts(struct tl_ctx *ctx, const struct tl_yaml_node *root, const char *currency,
                         struct tl_objective *o)
{
    const struct tl_yaml_node *list = NULL;
    double sum = 0.0;
    int n_shares = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(ctx, root, "parts", &list));
    TL_TRY(tl_yaml_is(ctx, list, TL_YAML_LIST));
    if (list->n == 0 || list->n > TL_OBJECTIVE_PARTS_MAX)
        TL_TRY(tl_yaml_fail(ctx, list, "parts: %lld of them; expected 1 to %d", (long long)list->n,
                            TL_OBJECTIVE_PARTS_MAX));
    for (int64_t i = 0; i < list->n; i++) {
        struct tl_objective_part *p = &o->parts[i];
        TL_TRY(read_part(ctx, &list->nodes[i], currency, p));
        for (int64_t k = 0; k < i; k++)
            if (strcmp(o->parts[k].name, p->name) == 0)
                TL_TRY(tl_yaml_fail(ctx, &list->nodes[i], "part: \"%s\" is there twice", p->name));
        if (!isnan(p->share)) {
            sum += p->share;
            n_shares++;
        }
    }
    o->n_parts = (int)list->n;
    if (n_shares != 0 && n_shares != o->n_parts)
        TL_TRY(tl_yaml_fail(ctx, list,
                            "parts: some weights are shares, some points; expected one kind"));
    if (n_shares != 0 && fabs(sum - 1.0) > 1e-9)
        TL_TRY(tl_yaml_fail(ctx, list, "parts: the shares add up to %.6g %%; expected 100 %%",
                            100.0 * sum));
    o->is_shares = n_shares != 0;
done:
    return err;
}

static tl_err read_uses(struct tl_ctx *ctx, const struct tl_yaml_node *root, const char *currency,
                        struct tl_objective *o)
{
    static const char *const keys[] = {"use", "value", "source"};
    const struct tl_yaml_node *list = tl_yaml_get(root, "land_value"), *use = NULL, *value = NULL;
    char names[3][16];
    tl_err err = TL_OK;
    snprintf(names[0], sizeof names[0], "%s/ha", currency);
    snprintf(names[1], sizeof names[1], "k%s/ha", currency);
    snprintf(names[2], sizeof names[2], "%s/m2", currency);
    const struct tl_yaml_unit units[] = {
        {names[0], 1.0}, {names[1], 1e3}, {names[2], 1e4}, {NULL, 0.0}};
    TL_TRY(tl_yaml_is(ctx, list, TL_YAML_LIST));
    if (list != NULL && list->n > TL_OBJECTIVE_USES_MAX)
        TL_TRY(tl_yaml_fail(ctx, list, "land_value: %lld uses; expected at most %d",
                            (long long)list->n, TL_OBJECTIVE_USES_MAX));
    for (int64_t i = 0; list != NULL && i < list->n; i++) {
        struct tl_objective_use *u = &o->uses[i];
        TL_TRY(tl_yaml_keys(ctx, &list->nodes[i], 3, keys));
        TL_TRY(tl_yaml_need(ctx, &list->nodes[i], "use", &use));
        TL_TRY(tl_yaml_as_text(ctx, use, &u->name));
        TL_TRY(tl_yaml_need(ctx, &list->nodes[i], "value", &value));
        TL_TRY(tl_yaml_as_quantity(ctx, value, units, 0.0, 1e12, &u->per_ha));
        TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(&list->nodes[i], "source"), &u->source));
        o->n_uses = (int)i + 1;
    }
done:
    return err;
}

static tl_err read_rate(struct tl_ctx *ctx, const struct tl_yaml_node *root, struct tl_objective *o)
{
    static const char *const keys[] = {"best", "low", "high", "source"};
    static const char *const order[] = {"best", "low", "high"};
    static const struct tl_yaml_unit rates[] = {{"/year", 1.0}, {"%/year", 0.01}, {NULL, 0.0}};
    const struct tl_yaml_node *node = tl_yaml_get(root, "casualties"), *one = NULL;
    tl_err err = TL_OK;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 4, keys));
    for (int k = 0; k < 3; k++) {
        TL_TRY(tl_yaml_need(ctx, node, order[k], &one));
        TL_TRY(tl_yaml_as_quantity(ctx, one, rates, 1e-12, 1e3, &o->rate[k]));
    }
    if (!(o->rate[1] <= o->rate[0] && o->rate[0] <= o->rate[2]))
        TL_TRY(tl_yaml_fail(ctx, node, "casualties: %g, %g, %g; expected low <= best <= high",
                            o->rate[1], o->rate[0], o->rate[2]));
    TL_TRY(tl_yaml_need(ctx, node, "source", &one));
    TL_TRY(tl_yaml_as_text(ctx, one, &o->rate_source));
done:
    return err;
}

static tl_err read_file(struct tl_ctx *ctx, const char *path, const char *currency,
                        struct tl_objective *o)
{
    static const char *const keys[] = {"title", "horizon", "casualties", "land_value", "parts"};
    static const struct tl_yaml_unit years[] = {{"years", 1.0}, {"year", 1.0}, {NULL, 0.0}};
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_load(ctx, path, &o->yaml));
    const struct tl_yaml_node *root = tl_yaml_root(o->yaml);
    const char *slash = strrchr(path, '/'), *title = slash != NULL ? slash + 1 : path;
    snprintf(o->name, sizeof o->name, "%s", title);
    snprintf(o->unit, sizeof o->unit, "points");
    TL_TRY(tl_yaml_keys(ctx, root, 5, keys));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, "title"), &title));
    snprintf(o->title, sizeof o->title, "%s", title);
    TL_TRY(tl_yaml_as_quantity(ctx, tl_yaml_get(root, "horizon"), years, 1.0, 100.0,
                               &o->horizon_years));
    TL_TRY(read_rate(ctx, root, o));
    TL_TRY(read_uses(ctx, root, currency, o));
    TL_TRY(read_parts(ctx, root, currency, o));
done:
    return err;
}

tl_err tl_objective_read(struct tl_ctx *ctx, const char *name, const char *currency,
                         struct tl_objective *objective)
{
    static const char *const names[] = {"harm", "land", "hectares"};
    struct tl_objective made = {.horizon_years = HORIZON_YEARS,
                                .rate = {(double)NAN, (double)NAN, (double)NAN}};
    tl_err err = TL_OK;
    name = name != NULL ? name : "harm";
    if (!set_builtin(&made, name, currency)) {
        if (strchr(name, '.') == NULL && strchr(name, '/') == NULL) {
            const char *near = tl_text_nearest(name, 3, names);
            TL_THROW(ctx, TL_EUSAGE,
                     "objective: \"%.60s\" is not known%s%s; expected harm, land, hectares or a "
                     "YAML file",
                     name, near != NULL ? ", the nearest is " : "", near != NULL ? near : "");
        }
        TL_TRY(read_file(ctx, name, currency, &made));
    }
    *objective = made;
    made.yaml = NULL;
done:
    tl_objective_fini(&made);
    return err;
}

void tl_objective_fini(struct tl_objective *objective)
{
    tl_yaml_free(objective->yaml);
    *objective = (struct tl_objective){0};
}

bool tl_objective_needs_map(const struct tl_objective *objective)
{
    bool needs = false;
    for (int i = 0; i < objective->n_parts; i++)
        needs = needs || objective->parts[i].kind == TL_OBJECTIVE_HARM;
    return needs;
}

const struct tl_objective_use *tl_objective_use(const struct tl_objective *objective,
                                                const char *use)
{
    static const struct tl_objective_use cropland = {"any", CROPLAND_PER_HA, cropland_source};
    const struct tl_objective_use *other = NULL;
    for (int i = 0; i < objective->n_uses; i++) {
        if (use != NULL && strcasecmp(objective->uses[i].name, use) == 0)
            return &objective->uses[i];
        if (strcasecmp(objective->uses[i].name, "other") == 0)
            other = &objective->uses[i];
    }
    return other != NULL ? other : &cropland;
}

void tl_objective_settle(struct tl_objective *objective, int64_t n_tasks, const double *amounts)
{
    for (int p = 0; p < objective->n_parts; p++) {
        struct tl_objective_part *part = &objective->parts[p];
        part->total = 0.0;
        for (int64_t t = 0; t < n_tasks; t++)
            part->total += amounts[t * objective->n_parts + p];
        if (objective->is_shares)
            part->weight = part->total > 0.0 ? 100.0 * part->share / part->total : 0.0;
    }
}
