/* A class of item as the scenario file has it: how many, since when, and what becomes of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/scenario.h"

static const char *const kinds[] = {"persistent-ap",
                                    "anti-vehicle",
                                    "self-destructing",
                                    "self-deactivating",
                                    "self-destructing-self-deactivating",
                                    "submunitions",
                                    "other-ordnance"};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *tl_scenario_kind_name(int kind)
{
    return kinds[kind];
}

static const struct tl_yaml_unit times[] = {
    {"years", 1.0},         {"year", 1.0},         {"months", 1.0 / 12}, {"month", 1.0 / 12},
    {"days", 1.0 / 365.25}, {"day", 1.0 / 365.25}, {NULL, 0.0}};
static const struct tl_yaml_unit areas[] = {{"km2", 1.0}, {"ha", 0.01}, {"m2", 1e-6}, {NULL, 0.0}};
static const struct tl_yaml_unit densities[] = {
    {"/km2", 1.0}, {"/ha", 100.0}, {"/m2", 1e6}, {NULL, 0.0}};
static const struct tl_yaml_unit yearly[] = {{"/year", 1.0}, {"%/year", 0.01}, {NULL, 0.0}};

struct reading {
    struct tl_ctx *ctx;
    struct tl_forecast_scenario *s;
    const struct tl_yaml_node *node;
    struct tl_scenario_class *class;
    const char *source;
};

/* One quantity of the class; absent: `fallback`, or -1 with a NaN. */
static tl_err take(const struct reading *r, const char *key, struct tl_scenario_ask ask,
                   double fallback, tl_scenario_id *id)
{
    char path[TL_SCENARIO_PATH_BYTES];
    const struct tl_yaml_node *node = tl_yaml_get(r->node, key);
    snprintf(path, sizeof path, "classes.%s.%s", r->class->name, key);
    ask.path = path;
    ask.source = r->source;
    *id = -1;
    if (node != NULL)
        return tl_scenario_quantity_add(r->ctx, r->s, node, &ask, id);
    return isnan(fallback) ? TL_OK : tl_scenario_quantity_fixed(r->ctx, r->s, &ask, fallback, id);
}

/* {share, within} of one set. */
static tl_err take_end(const struct reading *r, const char *what, const char *set,
                       const struct tl_yaml_node *node, enum tl_scenario_topic topic,
                       tl_scenario_id *share, tl_scenario_id *within)
{
    static const char *const keys[] = {"share", "within", "source"};
    const struct tl_yaml_node *share_node = NULL, *within_node = NULL;
    char path[2][TL_SCENARIO_PATH_BYTES];
    const char *source = r->source;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(r->ctx, node, 3, keys));
    TL_TRY(tl_yaml_need(r->ctx, node, "share", &share_node));
    TL_TRY(tl_yaml_need(r->ctx, node, "within", &within_node));
    TL_TRY(tl_yaml_as_text(r->ctx, tl_yaml_get(node, "source"), &source));
    snprintf(path[0], sizeof path[0], "classes.%s.%s.share", r->class->name, what);
    snprintf(path[1], sizeof path[1], "classes.%s.%s.within", r->class->name, what);
    struct tl_scenario_ask ask = {.path = path[0],
                                  .scale = TL_SCENARIO_SHARE,
                                  .topic = topic,
                                  .unit = "share",
                                  .set = set,
                                  .source = source};
    TL_TRY(tl_scenario_quantity_add(r->ctx, r->s, share_node, &ask, share));
    ask.path = path[1];
    ask.scale = TL_SCENARIO_POSITIVE;
    ask.units = times;
    ask.min = 1e-4;
    ask.max = 1000.0;
    ask.unit = "years";
    TL_TRY(tl_scenario_quantity_add(r->ctx, r->s, within_node, &ask, within));
done:
    return err;
}

/* claimed: and observed: side by side; one of them alone is refused, so that nobody compares with nothing. */
static tl_err take_ends(const struct reading *r, const char *what, enum tl_scenario_topic topic,
                        tl_scenario_id share[2], tl_scenario_id within[2])
{
    static const char *const keys[] = {"claimed", "observed"};
    const struct tl_yaml_node *node = tl_yaml_get(r->node, what), *set = NULL;
    tl_err err = TL_OK;
    share[0] = share[1] = within[0] = within[1] = -1;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_keys(r->ctx, node, 2, keys));
    for (int k = 0; k < 2; k++) {
        TL_TRY(tl_yaml_need(r->ctx, node, keys[k], &set));
        TL_TRY(take_end(r, what, keys[k], set, topic, &share[k], &within[k]));
    }
    r->s->is_split = r->class->is_split = true;
done:
    return err;
}

static tl_err take_arrivals(const struct reading *r)
{
    static const char *const past_keys[] = {"from", "to"};
    static const char *const coming_keys[] = {"from", "to", "per_year", "source"};
    struct tl_ctx *ctx = r->ctx;
    struct tl_scenario_class *c = r->class;
    const struct tl_yaml_node *past = tl_yaml_get(r->node, "arrived");
    const struct tl_yaml_node *coming = tl_yaml_get(r->node, "arriving"), *rate = NULL;
    char path[TL_SCENARIO_PATH_BYTES];
    tl_err err = TL_OK;
    c->past_from = 1;
    c->past_to = 0;
    c->arriving = -1;
    if (past == NULL && coming == NULL)
        return tl_yaml_fail(ctx, r->node,
                            "class \"%s\" has no arrival; expected \"arrived\" (past), "
                            "\"arriving\" (from the start on) or both",
                            c->name);
    TL_TRY(tl_yaml_keys(ctx, past, 2, past_keys));
    if (past != NULL) {
        c->past_from = c->past_to = r->s->start - 1;
        TL_TRY(tl_scenario_span(ctx, past, &c->past_from, &c->past_to));
        if (c->past_to > r->s->start || c->past_from < 1900)
            return tl_yaml_fail(ctx, past,
                                "arrived: from %d to %d; expected between 1900 and the start, %d",
                                c->past_from, c->past_to, r->s->start);
    }
    TL_TRY(tl_yaml_keys(ctx, coming, 4, coming_keys));
    if (coming != NULL) {
        const char *source = r->source;
        c->from = r->s->start;
        c->to = 9999;
        TL_TRY(tl_yaml_need(ctx, coming, "per_year", &rate));
        TL_TRY(tl_scenario_span(ctx, coming, &c->from, &c->to));
        TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(coming, "source"), &source));
        snprintf(path, sizeof path, "classes.%s.arriving", c->name);
        struct tl_scenario_ask ask = {.path = path,
                                      .scale = TL_SCENARIO_POSITIVE,
                                      .topic = TL_SCENARIO_ARRIVALS,
                                      .min = 0.0,
                                      .max = 1e9,
                                      .unit = "items/year",
                                      .source = source};
        TL_TRY(tl_scenario_quantity_add(ctx, r->s, rate, &ask, &c->arriving));
    }
done:
    return err;
}

static tl_err take_numbers(const struct reading *r)
{
    struct tl_scenario_class *c = r->class;
    const struct tl_yaml_node *numbers = tl_yaml_get(r->node, "numbers");
    const struct tl_yaml_node *density = tl_yaml_get(r->node, "density");
    struct tl_scenario_ask ask = {.scale = TL_SCENARIO_POSITIVE,
                                  .topic = TL_SCENARIO_NUMBERS,
                                  .min = 0.0,
                                  .max = 1e10,
                                  .unit = "items"};
    tl_err err = TL_OK;
    c->area = -1;
    if (numbers != NULL && density != NULL)
        return tl_yaml_fail(r->ctx, density,
                            "class \"%s\" has numbers and a density; expected one of them",
                            c->name);
    if (c->past_from <= c->past_to && numbers == NULL && density == NULL)
        return tl_yaml_fail(r->ctx, r->node,
                            "class \"%s\" has arrived, but not how many; expected \"numbers\", or "
                            "\"density\" and \"area\"",
                            c->name);
    if (density == NULL)
        return take(r, "numbers", ask, 0.0, &c->numbers);
    ask.units = densities;
    ask.unit = "items/km2";
    TL_TRY(take(r, "density", ask, NAN, &c->numbers));
    ask.units = areas;
    ask.max = 1e9;
    ask.unit = "km2";
    TL_TRY(take(r, "area", ask, NAN, &c->area));
    if (c->area < 0)
        return tl_yaml_fail(r->ctx, density, "\"area\" is missing beside the density");
done:
    return err;
}

/* What the kind says must agree with what is written: a self-destructing class without self-destruction is a slip. */
static tl_err check_kind(const struct reading *r)
{
    const struct tl_scenario_class *c = r->class;
    bool destructs = c->kind == 2 || c->kind == 4, deactivates = c->kind == 3 || c->kind == 4;
    bool persistent = c->kind < 2;
    const char *wrong = destructs && c->sd_share[0] < 0      ? "self_destruct"
                        : deactivates && c->off_share[0] < 0 ? "deactivate"
                                                             : NULL;
    if (wrong != NULL)
        return tl_yaml_fail(r->ctx, r->node, "class \"%s\" is %s: \"%s\" is missing", c->name,
                            kinds[c->kind], wrong);
    if (persistent && (c->sd_share[0] >= 0 || c->off_share[0] >= 0))
        return tl_yaml_fail(r->ctx, r->node,
                            "class \"%s\" is %s; expected no self_destruct and no deactivate",
                            c->name, kinds[c->kind]);
    return TL_OK;
}

static tl_err take_function(const struct reading *r)
{
    struct tl_scenario_class *c = r->class;
    struct tl_scenario_ask ask = {
        .scale = TL_SCENARIO_SHARE, .topic = TL_SCENARIO_AGEING, .max = 1.0, .unit = "share"};
    tl_err err = TL_OK;
    TL_TRY(take(r, "works", ask, 1.0, &c->works));
    ask.scale = TL_SCENARIO_POSITIVE;
    ask.units = times;
    ask.min = 0.01;
    ask.max = 1e6;
    ask.unit = "years";
    TL_TRY(take(r, "half_life", ask, NAN, &c->half_life));
    TL_TRY(take_ends(r, "self_destruct", TL_SCENARIO_SELF_DESTRUCT, c->sd_share, c->sd_within));
    TL_TRY(take_ends(r, "deactivate", TL_SCENARIO_DEACTIVATION, c->off_share, c->off_within));
    ask = (struct tl_scenario_ask){.scale = TL_SCENARIO_POSITIVE,
                                   .topic = TL_SCENARIO_DANGER,
                                   .max = 1e6,
                                   .unit = "times the rate"};
    TL_TRY(take(r, "danger", ask, 1.0, &c->danger));
    ask.scale = TL_SCENARIO_SHARE;
    ask.unit = "share";
    TL_TRY(take(r, "killed", ask, 0.3, &c->killed));
    TL_TRY(tl_yaml_as_quantity(r->ctx, tl_yaml_get(r->node, "danger_growth"), yearly, -0.5, 0.5,
                               &c->danger_growth));
done:
    return err;
}

tl_err tl_scenario_class_read(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                              const struct tl_yaml_node *node)
{
    static const char *const keys[] = {"name",          "kind",          "numbers",    "density",
                                       "area",          "arrived",       "arriving",   "works",
                                       "half_life",     "self_destruct", "deactivate", "danger",
                                       "danger_growth", "killed",        "source"};
    const struct tl_yaml_node *name = NULL, *kind = NULL;
    struct tl_scenario_class class = {0};
    struct reading r = {.ctx = ctx, .s = s, .node = node, .class = &class};
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, (int)(sizeof keys / sizeof keys[0]), keys));
    TL_TRY(tl_yaml_need(ctx, node, "name", &name));
    TL_TRY(tl_yaml_need(ctx, node, "kind", &kind));
    TL_TRY(tl_yaml_as_text(ctx, name, &class.name));
    TL_TRY(tl_yaml_as_choice(ctx, kind, N_KINDS, kinds, &class.kind));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(node, "source"), &r.source));
    if (strlen(class.name) > 60)
        return tl_yaml_fail(ctx, name, "name: expected at most 60 bytes");
    for (int c = 0; c < s->n_classes; c++)
        if (strcmp(s->classes[c].name, class.name) == 0)
            return tl_yaml_fail(ctx, name, "name: a class \"%s\" came before", class.name);
    TL_TRY(take_arrivals(&r));
    TL_TRY(take_numbers(&r));
    TL_TRY(take_function(&r));
    TL_TRY(check_kind(&r));
    class.stream = tl_scenario_stream(class.name);
    s->classes[s->n_classes++] = class;
done:
    return err;
}
