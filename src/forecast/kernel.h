/** One block of draws of one scenario and one set, year by year. */
#ifndef TL_FORECAST_KERNEL_H
#define TL_FORECAST_KERNEL_H

#include "forecast/noise.h"
#include "forecast/scenario.h"

/** States of items; every item that arrived is in exactly one. Numbers are whole multiples of 1/1024 item, so sums are exact. */
enum tl_kernel_state {
    TL_KERNEL_TIMER,           /* live, will self-destruct */
    TL_KERNEL_BATTERY,         /* live, will deactivate */
    TL_KERNEL_LIVE,            /* live, without an end of its own but age */
    TL_KERNEL_MISSED_LIVE,     /* live, in ground that was cleared */
    TL_KERNEL_DEACTIVATED,     /* inert, still there */
    TL_KERNEL_DEGRADED,        /* inert by age or from the first, still there */
    TL_KERNEL_MISSED_INERT,    /* inert, in ground that was cleared */
    TL_KERNEL_SELF_DESTRUCTED, /* gone */
    TL_KERNEL_STRUCK,          /* gone, by a person or an animal */
    TL_KERNEL_CLEARED,         /* gone, found by clearance */
    TL_KERNEL_STATES
};

enum { TL_KERNEL_OUTPUTS = 4 }; /* of a class: live, inert, killed, injured */

typedef double tl_kernel_lanes[TL_LANES];

struct tl_kernel_class {
    tl_kernel_lanes state[TL_KERNEL_STATES];
    tl_kernel_lanes arrived; /* all so far */
    tl_kernel_lanes stay[3], end[3],
        years[3]; /* timer, battery, live: share that stays a year, share of the
                                                  losses that is its own end, item-years a year */
    tl_kernel_lanes works, sd, off, danger, killed_share, arriving;
    tl_kernel_lanes out[TL_KERNEL_OUTPUTS];
    bool has_timer, has_battery;
};

/** Working memory of one thread: about 0.1 MB a class and set. */
struct tl_kernel {
    const struct tl_forecast_scenario *s; /* borrows */
    enum tl_simd kind;
    bool only_observed;
    const tl_kernel_lanes *values; /* borrows: [n_quantities] */
    const double *level;           /* borrows: [n_years, LANES] */
    const uint32_t
        *bits[TL_FORECAST_CLASSES_MAX + 1]; /* borrows: [n_years, 2, LANES]; last: deminers */
    const float *z[TL_FORECAST_CLASSES_MAX + 1];
    struct tl_kernel_class classes[TL_FORECAST_SETS]
                                  [TL_FORECAST_CLASSES_MAX]; /* see tl_kernel_class_of */
    tl_kernel_lanes suspected, contaminated, away, rate, per_casualty;
    tl_kernel_lanes
        within; /* share, of items that clearance has not come upon yet, that lies in the suspected land */
    tl_kernel_lanes money, taken, found, area; /* of the year */
    /* Of the year, or running sums. Figures of land, money and deminers stand with the observed set only. */
    tl_kernel_lanes out[TL_FORECAST_SETS][TL_FORECAST_SERIES];
    tl_kernel_lanes hazard[TL_FORECAST_SETS], hazard_0[TL_FORECAST_SETS];
};

/** The first set that is computed: both, unless only the observed one is wanted or the scenario has but one. */
static inline int tl_kernel_from(const struct tl_kernel *k)
{
    return k->only_observed || !k->s->is_split ? TL_FORECAST_OBSERVED : TL_FORECAST_CLAIMED;
}

/** A class in a set: a class without an end of its own is the same in both. */
static inline const struct tl_kernel_class *tl_kernel_class_of(const struct tl_kernel *k, int set,
                                                               int number)
{
    return &k->classes[k->s->classes[number].is_split ? set : TL_FORECAST_OBSERVED][number];
}

/** Whether a figure of all classes depends on the set. */
static inline bool tl_kernel_of_set(int series)
{
    return series <= TL_FORECAST_CASUALTIES_SUM;
}

/** Sets the block to the scenario's start. The borrowed fields are set. */
void tl_kernel_start(struct tl_kernel *k);
/** One year on; t from 0. Fills `out` of the kernel and of its classes. */
void tl_kernel_year(struct tl_kernel *k, int t);

#endif
