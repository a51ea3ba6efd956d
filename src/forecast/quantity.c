/*
 * A quantity that is not known exactly is written as its best guess (the median) with a 5 % and a 95 % point. On the log (positive
 * figures), the logit (shares) or as it is, it is a normal of two halves that meets all three; it rises with its standard normal, so that
 * scenarios that share the normal move together. A quantity's normals come from a stream named after its path: the same assumption has
 * the same luck in every scenario, and in the claimed and the observed set.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/scenario.h"

static const double z95 = 1.6448536269514722;

const char *tl_scenario_topic_name(enum tl_scenario_topic topic)
{
    static const char *const names[] = {
#define TL_SCENARIO_NAME(name, text) text,
        TL_SCENARIO_TOPICS(TL_SCENARIO_NAME)
#undef TL_SCENARIO_NAME
    };
    return names[topic];
}

uint64_t tl_scenario_stream(const char *text)
{
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
    return hash;
}

static double to_scale(enum tl_scenario_scale scale, double x)
{
    return scale == TL_SCENARIO_POSITIVE ? lanes_log(x)
           : scale == TL_SCENARIO_SHARE  ? lanes_log(x / (1.0 - x))
                                         : x;
}

double tl_scenario_quantity_at(const struct tl_scenario_quantity *q, double z)
{
    if (!q->is_uncertain)
        return q->best;
    double mid = to_scale(q->scale, q->best);
    double half = z < 0.0 ? mid - to_scale(q->scale, q->low) : to_scale(q->scale, q->high) - mid;
    double at = mid + z / z95 * half;
    return q->scale == TL_SCENARIO_POSITIVE ? exp(at)
           : q->scale == TL_SCENARIO_SHARE  ? 1.0 / (1.0 + exp(-at))
                                            : at;
}

struct shape {
    enum tl_scenario_scale scale;
    double mid, below, above; /* on the scale; below and above a unit of z */
};

LANES_INLINE void shaped(const struct shape *restrict shape, const double *restrict z,
                         double *restrict values)
{
    double mid = shape->mid, below = shape->below, above = shape->above;
    for (int i = 0; i < TL_LANES; i++)
        values[i] = mid + z[i] * (z[i] < 0.0 ? below : above);
    if (shape->scale == TL_SCENARIO_POSITIVE)
        for (int i = 0; i < TL_LANES; i++)
            values[i] = lanes_exp(values[i]);
    if (shape->scale == TL_SCENARIO_SHARE)
        for (int i = 0; i < TL_LANES; i++)
            values[i] = 1.0 / (1.0 + lanes_exp(-values[i]));
}

LANES_BUILDS(shaped,
             (const struct shape *restrict shape, const double *restrict z,
              double *restrict values),
             (shape, z, values))

void tl_scenario_quantity_lanes(const struct tl_scenario_quantity *q, enum tl_simd kind,
                                const double *z, double *values)
{
    struct shape shape = {.scale = q->scale};
    if (!q->is_uncertain) {
        for (int i = 0; i < TL_LANES; i++)
            values[i] = q->best;
        return;
    }
    shape.mid = to_scale(q->scale, q->best);
    shape.below = (shape.mid - to_scale(q->scale, q->low)) / z95;
    shape.above = (to_scale(q->scale, q->high) - shape.mid) / z95;
    shaped_builds[kind](&shape, z, values);
}

static tl_err read_value(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                         const struct tl_scenario_ask *ask, double *value)
{
    if (ask->units != NULL)
        return tl_yaml_as_quantity(ctx, node, ask->units, ask->min, ask->max, value);
    if (ask->scale == TL_SCENARIO_SHARE)
        return tl_yaml_as_share(ctx, node, value);
    return tl_yaml_as_number(ctx, node, ask->min, ask->max, value);
}

/* low < best < high, or one value only; a range may not touch the end of its scale. */
static tl_err check_range(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                          const struct tl_scenario_quantity *q)
{
    if (!(q->low <= q->best && q->best <= q->high))
        return tl_yaml_fail(ctx, node, "%s: low %g, best %g, high %g; expected low <= best <= high",
                            q->path, q->low, q->best, q->high);
    if (q->scale != TL_SCENARIO_REAL && q->is_uncertain &&
        (q->low <= 0.0 || (q->scale == TL_SCENARIO_SHARE && q->high >= 1.0)))
        return tl_yaml_fail(
            ctx, node, "%s: a range from %g to %g; expected more than 0%s, or one value only",
            q->path, q->low, q->high, q->scale == TL_SCENARIO_SHARE ? " and less than 100 %" : "");
    return TL_OK;
}

static tl_err read_range(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                         const struct tl_scenario_ask *ask, struct tl_scenario_quantity *q)
{
    static const char *const keys[] = {"best", "low", "high", "source"};
    const struct tl_yaml_node *best = NULL, *low, *high;
    tl_err err = TL_OK;
    TL_TRY(tl_yaml_keys(ctx, node, 4, keys));
    TL_TRY(tl_yaml_need(ctx, node, "best", &best));
    TL_TRY(read_value(ctx, best, ask, &q->best));
    q->low = q->high = q->best;
    low = tl_yaml_get(node, "low");
    high = tl_yaml_get(node, "high");
    if ((low == NULL) != (high == NULL))
        return tl_yaml_fail(ctx, node, "%s: \"%s\" is missing; expected both low and high",
                            ask->path, low == NULL ? "low" : "high");
    TL_TRY(read_value(ctx, low, ask, &q->low));
    TL_TRY(read_value(ctx, high, ask, &q->high));
    TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(node, "source"), &q->source));
    q->is_uncertain = q->low < q->high;
    TL_TRY(check_range(ctx, node, q));
done:
    return err;
}

static tl_err begin(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                    const struct tl_scenario_ask *ask, struct tl_scenario_quantity *q)
{
    if (s->n_quantities >= TL_SCENARIO_QUANTITIES_MAX)
        return tl_fail(ctx, TL_EDATA, "more than %d figures; expected fewer classes or methods",
                       TL_SCENARIO_QUANTITIES_MAX);
    *q = (struct tl_scenario_quantity){
        .scale = ask->scale, .topic = ask->topic, .unit = ask->unit, .source = ask->source};
    q->stream = tl_scenario_stream(ask->path);
    snprintf(q->path, sizeof q->path, "%s%s%s", ask->path, ask->set != NULL ? "." : "",
             ask->set != NULL ? ask->set : "");
    return TL_OK;
}

tl_err tl_scenario_quantity_fixed(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                                  const struct tl_scenario_ask *ask, double value,
                                  tl_scenario_id *id)
{
    struct tl_scenario_quantity q;
    tl_err err = TL_OK;
    TL_TRY(begin(ctx, s, ask, &q));
    q.best = q.low = q.high = value;
    q.source = "not given: the program's default";
    *id = s->n_quantities;
    s->quantities[s->n_quantities++] = q;
done:
    return err;
}

tl_err tl_scenario_quantity_add(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                                const struct tl_yaml_node *node, const struct tl_scenario_ask *ask,
                                tl_scenario_id *id)
{
    struct tl_scenario_quantity q;
    tl_err err = TL_OK;
    TL_TRY(begin(ctx, s, ask, &q));
    if (node->kind == TL_YAML_MAP) {
        TL_TRY(read_range(ctx, node, ask, &q));
    } else {
        TL_TRY(read_value(ctx, node, ask, &q.best));
        q.low = q.high = q.best;
    }
    *id = s->n_quantities;
    s->quantities[s->n_quantities++] = q;
done:
    return err;
}
