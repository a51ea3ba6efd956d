/*
 * A scenario file, section by section. What is left out has a default that changes nothing (no clearance, no money, use of 1), and the
 * output's list of assumptions says so.
 */
#include "forecast/scenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct reading {
    struct tl_ctx *ctx;
    struct tl_forecast_scenario *s;
    const struct tl_yaml_node *node; /* the section; NULL = absent */
    const char *section, *source;
};

static const struct tl_yaml_unit areas[] = {{"km2", 1.0}, {"ha", 0.01}, {"m2", 1e-6}, {NULL, 0.0}};
static const struct tl_yaml_unit area_rates[] = {
    {"km2/year", 1.0}, {"ha/year", 0.01}, {"m2/year", 1e-6}, {NULL, 0.0}};
static const struct tl_yaml_unit yearly[] = {{"/year", 1.0}, {"%/year", 0.01}, {NULL, 0.0}};

enum { MONEY_UNITS = 4, MONEY_BYTES = 24 };

/* Units with the scenario's currency: the names live in `text`. */
struct money {
    char text[MONEY_UNITS][MONEY_BYTES];
    struct tl_yaml_unit units[MONEY_UNITS + 1];
};

static void money_units(struct money *money, const char *currency, int n, const char *const *forms,
                        const double *factors)
{
    memset(money, 0, sizeof *money);
    for (int i = 0; i < n; i++) {
        const char *at = strchr(forms[i], '$');
        snprintf(money->text[i], MONEY_BYTES, "%.*s%s%s", (int)(at - forms[i]), forms[i], currency,
                 at + 1);
        money->units[i] = (struct tl_yaml_unit){money->text[i], factors[i]};
    }
}

static void price_units(struct money *money, const char *currency)
{
    static const char *const forms[] = {"$/m2", "$/ha", "$/km2"};
    static const double factors[] = {1e6, 100.0, 1.0};
    money_units(money, currency, 3, forms, factors);
}

static void amount_units(struct money *money, const char *currency)
{
    static const char *const forms[] = {"M$/year", "$/year", "k$/year"};
    static const double factors[] = {1e6, 1.0, 1e3};
    money_units(money, currency, 3, forms, factors);
}

tl_err tl_scenario_span(struct tl_ctx *ctx, const struct tl_yaml_node *node, int *from, int *to)
{
    const struct tl_yaml_node *a = tl_yaml_get(node, "from"), *b = tl_yaml_get(node, "to");
    int64_t first = *from, last = *to;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_as_integer(ctx, a, 1900, 9999, &first));
    TL_TRY(tl_yaml_as_integer(ctx, b, 1900, 9999, &last));
    if (first > last)
        return tl_yaml_fail(ctx, b != NULL ? b : a,
                            "from %lld to %lld: dates in the wrong order; expected from <= to",
                            (long long)first, (long long)last);
    *from = (int)first;
    *to = (int)last;
done:
    return err;
}

static tl_err open_section(struct reading *r, const char *name, int n, const char *const *keys)
{
    tl_err err = TL_OK;
    r->section = name;
    r->source = NULL;
    r->node = tl_yaml_get(tl_yaml_root(r->s->yaml), name);
    TL_TRY(tl_yaml_keys(r->ctx, r->node, n, keys));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(r->node, "source"), &r->source));
done:
    return err;
}

static tl_err take(const struct reading *r, const char *key, struct tl_scenario_ask ask,
                   double fallback, tl_scenario_id *id)
{
    char path[TL_SCENARIO_PATH_BYTES];
    const struct tl_yaml_node *node = tl_yaml_get(r->node, key);
    snprintf(path, sizeof path, "%s.%s", r->section, key);
    ask.path = path;
    ask.source = r->source;
    if (node != NULL)
        return tl_scenario_quantity_add(r->ctx, r->s, node, &ask, id);
    return tl_scenario_quantity_fixed(r->ctx, r->s, &ask, fallback, id);
}

static tl_err read_land(struct reading *r)
{
    static const char *const keys[] = {"suspected", "contaminated", "targeting", "new", "source"};
    static const char *const new_keys[] = {"from", "to", "per_year"};
    struct tl_forecast_scenario *s = r->s;
    struct tl_scenario_ask area = {.scale = TL_SCENARIO_POSITIVE,
                                   .topic = TL_SCENARIO_LAND,
                                   .units = areas,
                                   .max = 1e8,
                                   .unit = "km2"};
    struct tl_scenario_ask share = {
        .scale = TL_SCENARIO_SHARE, .topic = TL_SCENARIO_LAND, .max = 1.0, .unit = "share"};
    struct tl_scenario_ask times = {.scale = TL_SCENARIO_POSITIVE,
                                    .topic = TL_SCENARIO_LAND,
                                    .min = 1.0,
                                    .max = 1e6,
                                    .unit = "times"};
    const struct tl_yaml_node *fresh;
    tl_err err = TL_OK;
    TL_TRY(open_section(r, "land", 5, keys));
    TL_TRY(take(r, "suspected", area, 0.0, &s->suspected));
    TL_TRY(take(r, "contaminated", share, 1.0, &s->contaminated));
    TL_TRY(take(r, "targeting", times, 1.0, &s->targeting));
    fresh = tl_yaml_get(r->node, "new");
    TL_TRY(tl_yaml_keys(r->ctx, fresh, 3, new_keys));
    s->new_from = s->start;
    s->new_to = 9999;
    TL_TRY(tl_scenario_span(r->ctx, fresh, &s->new_from, &s->new_to));
    r->node = fresh;
    r->section = "land.new";
    area.units = area_rates;
    area.unit = "km2/year";
    TL_TRY(take(r, "per_year", area, 0.0, &s->new_land));
done:
    return err;
}

static tl_err read_release(struct reading *r)
{
    static const char *const keys[] = {"cancelled", "reduced", "source"};
    static const char *const inner[] = {"capacity", "price", "source"};
    struct tl_forecast_scenario *s = r->s;
    tl_scenario_id *ids[2][2] = {{&s->cancel_capacity, &s->cancel_price},
                                 {&s->reduce_capacity, &s->reduce_price}};
    struct money money;
    struct tl_scenario_ask capacity = {.scale = TL_SCENARIO_POSITIVE,
                                       .topic = TL_SCENARIO_PACE,
                                       .units = area_rates,
                                       .max = 1e8,
                                       .unit = "km2/year"};
    struct tl_scenario_ask price = {.scale = TL_SCENARIO_POSITIVE,
                                    .topic = TL_SCENARIO_PRICE,
                                    .units = money.units,
                                    .max = 1e12,
                                    .unit = "a km2"};
    tl_err err = TL_OK;
    price_units(&money, s->currency);
    TL_TRY(open_section(r, "release", 3, keys));
    const struct tl_yaml_node *whole = r->node;
    const char *source = r->source;
    for (int k = 0; k < 2; k++) {
        r->node = tl_yaml_get(whole, keys[k]);
        r->section = k == 0 ? "release.cancelled" : "release.reduced";
        r->source = source;
        TL_TRY(tl_yaml_keys(r->ctx, r->node, 3, inner));
        TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(r->node, "source"), &r->source));
        TL_TRY(take(r, "capacity", capacity, 0.0, ids[k][0]));
        TL_TRY(take(r, "price", price, 0.0, ids[k][1]));
    }
done:
    return err;
}

static tl_err read_method(struct reading *r, const struct tl_yaml_node *node)
{
    static const char *const keys[] = {"method", "teams", "pace", "days",     "price",
                                       "found",  "from",  "to",   "learning", "source"};
    struct tl_forecast_scenario *s = r->s;
    struct tl_scenario_method m = {.from = s->start, .to = 9999};
    struct tl_yaml_unit paces[] = {{"km2/year", 1.0}, {"ha/year", 0.01}, {"m2/year", 1e-6},
                                   {"m2/day", 0.0},   {"ha/day", 0.0},   {NULL, 0.0}};
    struct money money;
    const struct tl_yaml_node *need = NULL;
    double days = 200.0;
    char section[TL_SCENARIO_PATH_BYTES];
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(r->ctx, node, 10, keys));
    TL_TRY(tl_yaml_need(r->ctx, node, "method", &need));
    TL_TRY(tl_yaml_as_text(r->ctx, need, &m.name));
    TL_TRY(tl_yaml_need(r->ctx, node, "pace", &need));
    TL_TRY(tl_yaml_need(r->ctx, node, "price", &need));
    if (s->n_methods >= TL_SCENARIO_METHODS_MAX)
        return tl_yaml_fail(r->ctx, node, "more than %d methods", TL_SCENARIO_METHODS_MAX);
    snprintf(section, sizeof section, "clearance.%.60s", m.name);
    r->node = node;
    r->section = section;
    r->source = NULL;
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(node, "source"), &r->source));
    TL_TRY(tl_yaml_as_number(r->ctx, tl_yaml_get(node, "days"), 1.0, 366.0, &days));
    paces[3].factor = days * 1e-6;
    paces[4].factor = days * 0.01;
    price_units(&money, s->currency);
    struct tl_scenario_ask ask = {
        .scale = TL_SCENARIO_POSITIVE, .topic = TL_SCENARIO_PACE, .max = 1e7, .unit = "teams"};
    TL_TRY(take(r, "teams", ask, 1.0, &m.teams));
    ask.units = paces;
    ask.unit = "km2 a year and team";
    TL_TRY(take(r, "pace", ask, 0.0, &m.pace));
    ask = (struct tl_scenario_ask){
        .scale = TL_SCENARIO_SHARE, .topic = TL_SCENARIO_PACE, .max = 1.0, .unit = "share"};
    TL_TRY(take(r, "found", ask, 1.0, &m.found));
    ask = (struct tl_scenario_ask){.scale = TL_SCENARIO_POSITIVE,
                                   .topic = TL_SCENARIO_PRICE,
                                   .units = money.units,
                                   .max = 1e12,
                                   .unit = "a km2"};
    TL_TRY(take(r, "price", ask, 0.0, &m.price));
    TL_TRY(tl_scenario_span(r->ctx, node, &m.from, &m.to));
    TL_TRY(
        tl_yaml_as_quantity(r->ctx, tl_yaml_get(node, "learning"), yearly, 0.0, 0.5, &m.learning));
    s->methods[s->n_methods++] = m;
done:
    return err;
}

static tl_err read_clearance(struct reading *r)
{
    const struct tl_yaml_node *list = tl_yaml_get(tl_yaml_root(r->s->yaml), "clearance");
    tl_err err = tl_yaml_is(r->ctx, list, TL_YAML_LIST);
    for (int64_t i = 0; err == TL_OK && list != NULL && i < list->n; i++)
        err = read_method(r, &list->nodes[i]);
    return err;
}

static tl_err read_funding(struct reading *r)
{
    static const char *const keys[] = {"from", "to", "per_year", "source"};
    struct tl_forecast_scenario *s = r->s;
    const struct tl_yaml_node *list = tl_yaml_get(tl_yaml_root(s->yaml), "funding"), *need = NULL;
    struct money money;
    struct tl_scenario_ask ask = {.scale = TL_SCENARIO_POSITIVE,
                                  .topic = TL_SCENARIO_FUNDING,
                                  .units = money.units,
                                  .max = 1e15,
                                  .unit = "a year",
                                  .path = "funding"};
    tl_err err = TL_OK;
    amount_units(&money, s->currency);
    TL_TRY(tl_yaml_is(r->ctx, list, TL_YAML_LIST));
    for (int64_t i = 0; list != NULL && i < list->n; i++) {
        struct tl_scenario_funding f = {.from = s->start, .to = 9999};
        if (s->n_funding >= TL_SCENARIO_POINTS_MAX)
            return tl_yaml_fail(r->ctx, list, "funding: more than %d spans",
                                TL_SCENARIO_POINTS_MAX);
        TL_TRY(tl_yaml_keys(r->ctx, &list->nodes[i], 4, keys));
        TL_TRY(tl_yaml_need(r->ctx, &list->nodes[i], "per_year", &need));
        TL_TRY(tl_scenario_span(r->ctx, &list->nodes[i], &f.from, &f.to));
        ask.source = NULL;
        TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(&list->nodes[i], "source"), &ask.source));
        TL_TRY(tl_scenario_quantity_add(r->ctx, s, need, &ask, &f.amount));
        s->funding[s->n_funding++] = f;
    }
done:
    return err;
}

/* A mapping of names to shares that are 1 in all, or to weights. */
static tl_err read_list(struct reading *r, const char *key, bool weights,
                        struct tl_scenario_list *out)
{
    const struct tl_yaml_node *node = tl_yaml_get(r->node, key);
    double sum = 0.0;
    tl_err err = tl_yaml_is(r->ctx, node, TL_YAML_MAP);
    if (err != TL_OK || node == NULL)
        return err;
    if (node->n > TL_SCENARIO_SHARES_MAX)
        return tl_yaml_fail(r->ctx, node, "%s: more than %d", key, TL_SCENARIO_SHARES_MAX);
    for (int64_t i = 0; i < node->n; i++) {
        double *at = &out->share[i];
        TL_TRY(weights ? tl_yaml_as_number(r->ctx, &node->nodes[i], 0.0, 1e6, at)
                       : tl_yaml_as_share(r->ctx, &node->nodes[i], at));
        out->name[i] = node->nodes[i].key;
        sum += *at;
    }
    if (!weights && fabs(sum - 1.0) > 0.005)
        return tl_yaml_fail(r->ctx, node, "%s: the shares are %.4g in all; expected 100 %%", key,
                            sum);
    if (weights && !(sum > 0.0))
        return tl_yaml_fail(r->ctx, node, "%s: all weights are 0; expected some use of land", key);
    out->n = (int)node->n;
done:
    return err;
}

/* Years with a value, in order of time: {2010: 1442, 2011: 1340}. */
static tl_err read_points(struct reading *r, const struct tl_yaml_node *node, double max,
                          const struct tl_yaml_unit *units, struct tl_scenario_point *points,
                          int *n)
{
    tl_err err = tl_yaml_is(r->ctx, node, TL_YAML_MAP);
    if (err != TL_OK || node == NULL)
        return err;
    if (node->n > TL_SCENARIO_POINTS_MAX)
        return tl_yaml_fail(r->ctx, node, "more than %d years", TL_SCENARIO_POINTS_MAX);
    for (int64_t i = 0; i < node->n; i++) {
        const struct tl_yaml_node *at = &node->nodes[i];
        int year = 0, used = 0;
        if (sscanf(at->key, "%4d%n", &year, &used) != 1 || at->key[used] != '\0' || year < 1900)
            return tl_yaml_fail(r->ctx, at, "\"%.40s\" is no year; expected 1900 to 9999", at->key);
        if (i > 0 && year <= points[i - 1].year)
            return tl_yaml_fail(r->ctx, at, "%d after %d: dates in the wrong order", year,
                                points[i - 1].year);
        points[i].year = year;
        TL_TRY(units != NULL ? tl_yaml_as_quantity(r->ctx, at, units, 0.0, max, &points[i].value)
                             : tl_yaml_as_number(r->ctx, at, 0.0, max, &points[i].value));
    }
    *n = (int)node->n;
done:
    return err;
}

static tl_err read_people(struct reading *r)
{
    static const char *const keys[] = {"use",    "by_year", "away", "returning",  "reached",
                                       "effect", "seasons", "ages", "activities", "source"};
    struct tl_forecast_scenario *s = r->s;
    struct tl_scenario_ask share = {
        .scale = TL_SCENARIO_SHARE, .topic = TL_SCENARIO_USE, .max = 1.0, .unit = "share"};
    struct tl_scenario_ask use = {
        .scale = TL_SCENARIO_POSITIVE, .topic = TL_SCENARIO_USE, .max = 1e6, .unit = "times"};
    tl_err err = TL_OK;
    TL_TRY(open_section(r, "people", 10, keys));
    TL_TRY(take(r, "use", use, 1.0, &s->use));
    TL_TRY(take(r, "away", share, 0.0, &s->away));
    TL_TRY(take(r, "returning", share, 0.0, &s->returning));
    TL_TRY(take(r, "reached", share, 0.0, &s->reach));
    TL_TRY(take(r, "effect", share, 0.0, &s->effect));
    TL_TRY(read_points(r, tl_yaml_get(r->node, "by_year"), 1e6, NULL, s->use_points, &s->n_use));
    TL_TRY(read_list(r, "seasons", true, &s->seasons));
    TL_TRY(read_list(r, "ages", false, &s->ages));
    TL_TRY(read_list(r, "activities", false, &s->activities));
done:
    return err;
}

static tl_err read_casualties(struct reading *r)
{
    static const char *const keys[] = {"rate",    "dispersion",   "level_step",
                                       "trend",   "damping",      "deminer_accidents",
                                       "animals", "per_accident", "source"};
    static const struct tl_yaml_unit per_area[] = {{"/km2", 1.0}, {"/ha", 100.0}, {NULL, 0.0}};
    struct tl_forecast_scenario *s = r->s;
    const struct tl_yaml_node *need = NULL;
    struct tl_scenario_ask rate = {.scale = TL_SCENARIO_POSITIVE,
                                   .topic = TL_SCENARIO_RATE,
                                   .units = yearly,
                                   .max = 1e3,
                                   .unit = "casualties a live item and year"};
    struct tl_scenario_ask size = {.scale = TL_SCENARIO_POSITIVE,
                                   .topic = TL_SCENARIO_RATE,
                                   .min = 0.01,
                                   .max = 1e9,
                                   .unit = "size of the negative binomial"};
    struct tl_scenario_ask plain = {
        .scale = TL_SCENARIO_POSITIVE, .topic = TL_SCENARIO_RATE, .max = 1e3, .unit = "times"};
    tl_err err = TL_OK;
    TL_TRY(open_section(r, "casualties", 9, keys));
    if (r->node == NULL)
        return tl_yaml_fail(r->ctx, tl_yaml_root(s->yaml), "\"casualties\" is missing");
    TL_TRY(tl_yaml_need(r->ctx, r->node, "rate", &need));
    TL_TRY(take(r, "rate", rate, 0.0, &s->rate));
    TL_TRY(take(r, "dispersion", size, 1e9, &s->dispersion));
    TL_TRY(take(r, "animals", plain, 0.0, &s->animals));
    plain.min = 0.1;
    TL_TRY(take(r, "per_accident", plain, 1.0, &s->per_accident));
    plain.min = 0.0;
    plain.max = 3.0;
    plain.unit = "sd of the log level a year";
    TL_TRY(take(r, "level_step", plain, 0.0, &s->step));
    plain.scale = TL_SCENARIO_REAL;
    plain.min = -1.0;
    plain.max = 1.0;
    plain.unit = "log level a year";
    TL_TRY(take(r, "trend", plain, 0.0, &s->trend));
    plain.scale = TL_SCENARIO_SHARE;
    plain.unit = "share";
    TL_TRY(take(r, "damping", plain, 0.0, &s->damping));
    rate.units = per_area;
    rate.topic = TL_SCENARIO_PACE;
    rate.unit = "accidents a km2 cleared";
    TL_TRY(take(r, "deminer_accidents", rate, 0.0, &s->deminers));
done:
    return err;
}

static tl_err read_later(struct reading *r)
{
    static const char *const keys[] = {"suspected", "cleared", "casualties", "source"};
    static const enum tl_forecast_series series[] = {TL_FORECAST_SUSPECTED, TL_FORECAST_CLEARED,
                                                     TL_FORECAST_CASUALTIES};
    tl_err err = TL_OK;
    TL_TRY(open_section(r, "later", 4, keys));
    for (int k = 0; k < 3; k++)
        TL_TRY(read_points(r, tl_yaml_get(r->node, keys[k]), 1e12, k < 2 ? areas : NULL,
                           r->s->later[series[k]], &r->s->n_later[series[k]]));
done:
    return err;
}

static tl_err read_head(struct reading *r)
{
    static const char *const keys[] = {"title",      "note",    "start",     "years",   "currency",
                                       "land",       "release", "clearance", "funding", "people",
                                       "casualties", "classes", "later"};
    struct tl_forecast_scenario *s = r->s;
    const struct tl_yaml_node *root = tl_yaml_root(s->yaml), *need = NULL;
    int64_t start = 0, years = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(r->ctx, root, 13, keys));
    TL_TRY(tl_yaml_need(r->ctx, root, "title", &need));
    TL_TRY(tl_yaml_as_text(r->ctx, need, &s->title));
    TL_TRY(tl_yaml_need(r->ctx, root, "start", &need));
    TL_TRY(tl_yaml_as_integer(r->ctx, need, 1900, 9000, &start));
    TL_TRY(
        tl_yaml_as_integer(r->ctx, tl_yaml_get(root, "years"), 1, TL_FORECAST_YEARS_MAX, &years));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(root, "note"), &s->note));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(root, "currency"), &s->currency));
    if (strlen(s->currency) > 8)
        return tl_yaml_fail(r->ctx, tl_yaml_get(root, "currency"),
                            "currency: expected at most 8 letters, such as USD");
    s->start = (int)start;
    s->years = (int)years;
done:
    return err;
}

static tl_err read_classes(struct reading *r)
{
    struct tl_forecast_scenario *s = r->s;
    const struct tl_yaml_node *classes = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_need(r->ctx, tl_yaml_root(s->yaml), "classes", &classes));
    TL_TRY(tl_yaml_is(r->ctx, classes, TL_YAML_LIST));
    if (classes->n < 1 || classes->n > TL_FORECAST_CLASSES_MAX)
        return tl_yaml_fail(r->ctx, classes, "classes: %lld of them; expected 1 to %d",
                            (long long)classes->n, TL_FORECAST_CLASSES_MAX);
    for (int64_t i = 0; i < classes->n; i++)
        TL_TRY(tl_scenario_class_read(r->ctx, s, &classes->nodes[i]));
done:
    return err;
}

tl_err tl_scenario_build(struct tl_ctx *ctx, struct tl_yaml *yaml,
                         struct tl_forecast_scenario **scenario)
{
    struct tl_forecast_scenario *s = NULL;
    struct reading r = {.ctx = ctx};
    tl_err err = TL_OK;
    s = tl_alloc(ctx, 1, sizeof *s);
    if (s == NULL) {
        tl_yaml_free(yaml);
        return TL_ENOMEM;
    }
    s->yaml = yaml;
    s->currency = "USD";
    s->within = 1.0;
    s->note = "";
    r.s = s;
    TL_TRY(read_head(&r));
    TL_TRY(read_classes(&r));
    TL_TRY(read_land(&r));
    TL_TRY(read_release(&r));
    TL_TRY(read_clearance(&r));
    TL_TRY(read_funding(&r));
    TL_TRY(read_people(&r));
    TL_TRY(read_casualties(&r));
    TL_TRY(read_later(&r));
    *scenario = s;
    s = NULL;
done:
    tl_forecast_scenario_free(s);
    return err;
}

void tl_forecast_scenario_free(struct tl_forecast_scenario *s)
{
    if (s == NULL)
        return;
    tl_yaml_free(s->yaml);
    tl_free(s);
}

const char *tl_forecast_title(const struct tl_forecast_scenario *s)
{
    return s->title;
}

tl_err tl_forecast_load(struct tl_ctx *ctx, const char *path,
                        struct tl_forecast_scenario **scenario)
{
    struct tl_yaml *yaml = NULL;
    tl_err err = tl_yaml_load(ctx, path, &yaml);
    return err != TL_OK ? err : tl_scenario_build(ctx, yaml, scenario);
}
