/** A scenario in memory: quantities that are not known exactly, by topic, and what hangs on them. */
#ifndef TL_FORECAST_SCENARIO_H
#define TL_FORECAST_SCENARIO_H

#include "core/core.h"
#include "core/yaml.h"
#include "forecast/lanes.h"
#include "tilth/forecast.h"

enum { TL_SCENARIO_QUANTITIES_MAX = 256, TL_SCENARIO_METHODS_MAX = 6, TL_SCENARIO_PATH_BYTES = 96 };

/** How a quantity lies between its bounds: normal on the log, the logit, or as it is. */
enum tl_scenario_scale { TL_SCENARIO_POSITIVE, TL_SCENARIO_SHARE, TL_SCENARIO_REAL };

/** What an assumption is about: variance shares are given by topic. */
#define TL_SCENARIO_TOPICS(X)                                                                      \
    X(NUMBERS, "numbers of items")                                                                 \
    X(ARRIVALS, "items that still arrive")                                                         \
    X(AGEING, "function and ageing")                                                               \
    X(SELF_DESTRUCT, "self-destruction")                                                           \
    X(DEACTIVATION, "self-deactivation")                                                           \
    X(DANGER, "danger by class")                                                                   \
    X(RATE, "casualty rate")                                                                       \
    X(USE, "use of land and people")                                                               \
    X(PACE, "capacity and what methods find")                                                      \
    X(PRICE, "prices")                                                                             \
    X(FUNDING, "funding")                                                                          \
    X(LAND, "land and its release")                                                                \
    X(CHANCE, "chance from year to year")
enum tl_scenario_topic {
#define TL_SCENARIO_ENUM(name, text) TL_SCENARIO_##name,
    TL_SCENARIO_TOPICS(TL_SCENARIO_ENUM)
#undef TL_SCENARIO_ENUM
        TL_SCENARIO_N_TOPICS
};
const char *tl_scenario_topic_name(enum tl_scenario_topic topic);

/** Best guess (the median) with a 90 % range; `scale` makes them a distribution with exactly these quantiles. */
struct tl_scenario_quantity {
    char path[TL_SCENARIO_PATH_BYTES]; /* "classes.PMN.numbers" */
    enum tl_scenario_scale scale;
    enum tl_scenario_topic topic;
    double best, low, high; /* in the model's unit */
    bool is_uncertain;
    uint64_t stream;    /* of its random numbers: of the path without "claimed"/"observed" */
    const char *unit;   /* as outputs show it */
    const char *source; /* borrows: of the YAML, NULL = none was given */
};

/** Number of a quantity in the scenario's list. */
typedef int tl_scenario_id;

struct tl_scenario_class {
    const char *name; /* borrows */
    int kind;
    tl_scenario_id numbers; /* that arrived before the start; or density [1/km2] on `area` */
    tl_scenario_id area;    /* [km2], -1 = `numbers` is a count */
    int past_from, past_to; /* years of arrival, evenly; past_from > past_to = none */
    bool
        is_present; /* `numbers` lie in the ground at the start, whatever destroyed itself before */
    tl_scenario_id arriving; /* a year; -1 = none */
    int from, to;
    tl_scenario_id works;                       /* share that works on arrival */
    tl_scenario_id half_life;                   /* [years] of function; -1 = no ageing */
    tl_scenario_id sd_share[2], sd_within[2];   /* by set; -1 = none; within [years] */
    tl_scenario_id off_share[2], off_within[2]; /* deactivation */
    bool is_split;                              /* has an end of its own, claimed and observed */
    tl_scenario_id danger;                      /* of a live item, against the rate */
    double danger_growth;                       /* a year */
    tl_scenario_id killed;                      /* share of casualties */
    uint64_t stream;
};

struct tl_scenario_method {
    const char *name;                         /* borrows */
    tl_scenario_id teams, pace, price, found; /* pace [km2 a year and team], price [a km2] */
    double learning;                          /* a year */
    int from, to;
};

struct tl_scenario_point {
    int year;
    double value;
};

enum { TL_SCENARIO_POINTS_MAX = 40, TL_SCENARIO_SHARES_MAX = 12 };

struct tl_scenario_list {
    int n;
    const char *name[TL_SCENARIO_SHARES_MAX]; /* borrows */
    double share[TL_SCENARIO_SHARES_MAX];
};

struct tl_scenario_funding {
    int from, to;
    tl_scenario_id amount; /* a year */
};

struct tl_forecast_scenario {
    struct tl_yaml *yaml;                /* owns */
    const char *title, *note, *currency; /* borrows */
    int start, years;
    int n_quantities;
    struct tl_scenario_quantity quantities[TL_SCENARIO_QUANTITIES_MAX];
    int n_classes;
    struct tl_scenario_class classes[TL_FORECAST_CLASSES_MAX];
    int n_methods;
    struct tl_scenario_method methods[TL_SCENARIO_METHODS_MAX];
    int n_funding;
    struct tl_scenario_funding funding[TL_SCENARIO_POINTS_MAX];
    tl_scenario_id suspected, contaminated, targeting, new_land;
    int new_from, new_to;
    tl_scenario_id cancel_capacity, cancel_price, reduce_capacity,
        reduce_price; /* km2 a year; a km2 */
    tl_scenario_id use, reach, effect, away, returning;
    int n_use;
    struct tl_scenario_point use_points[TL_SCENARIO_POINTS_MAX];
    struct tl_scenario_list seasons, ages, activities;
    tl_scenario_id rate, dispersion, step, trend, damping, deminers, animals, per_accident;
    int n_later[TL_FORECAST_SERIES];
    struct tl_scenario_point later[TL_FORECAST_SERIES][TL_SCENARIO_POINTS_MAX];
    double within;         /* share of the first items that lies in the suspected land */
    bool is_split;         /* claimed and observed differ somewhere */
    char start_words[320]; /* where the start was taken from a project; "" = not */
};

/** Adds a quantity; `node` may be a value or a mapping of best, low, high, source; NULL = the fallback, marked as such. */
struct tl_scenario_ask {
    const char *path;
    enum tl_scenario_scale scale;
    enum tl_scenario_topic topic;
    const struct tl_yaml_unit *units; /* NULL = a plain number, or a share */
    double min, max;
    const char *unit;
    const char *set;    /* "claimed" or "observed", NULL */
    const char *source; /* of the section, where the quantity has none */
};
TL_MUST_USE tl_err tl_scenario_quantity_add(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                                            const struct tl_yaml_node *node,
                                            const struct tl_scenario_ask *ask, tl_scenario_id *id);
TL_MUST_USE tl_err tl_scenario_quantity_fixed(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                                              const struct tl_scenario_ask *ask, double value,
                                              tl_scenario_id *id);

/** Value for a standard normal: its median for 0, its 5 and 95 % points for -+1.645. */
double tl_scenario_quantity_at(const struct tl_scenario_quantity *q, double z);
/** The same for a block of normals. [LANES] */
void tl_scenario_quantity_lanes(const struct tl_scenario_quantity *q, enum tl_simd kind,
                                const double *z, double *values);

/** Hash of a text, for streams. */
uint64_t tl_scenario_stream(const char *text);

const char *tl_scenario_kind_name(int kind);

/** Builds a scenario from a tree, which it owns from now on, also on error. */
TL_MUST_USE tl_err tl_scenario_build(struct tl_ctx *ctx, struct tl_yaml *yaml,
                                     struct tl_forecast_scenario **scenario);

/* Parts of it, one a section of the file. */
TL_MUST_USE tl_err tl_scenario_class_read(struct tl_ctx *ctx, struct tl_forecast_scenario *s,
                                          const struct tl_yaml_node *node);

/** from: and to: of a section; the whole span where neither stands. */
TL_MUST_USE tl_err tl_scenario_span(struct tl_ctx *ctx, const struct tl_yaml_node *node, int *from,
                                    int *to);

#endif
