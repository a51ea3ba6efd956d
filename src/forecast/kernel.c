/*
 * A year of the model (docs/rooms/forecast.md), for 256 draws side by side:
 *   1. items that arrive are there from the year's beginning;
 *   2. ends of their own compete as exponentials: with rates r (timer or battery) and d (age), a share exp(-(r + d)) stays, the rest parts as
 *      r : d, and an item spends (1 - exp(-(r + d))) / (r + d) years of the year live;
 *   3. casualties are Poisson with mean rate * danger * use * level * item-years, and remove what was struck;
 *   4. at the year's end land is cancelled, reduced and cleared as far as capacity and money go, in this order; clearing takes items of all states in
 *      proportion to the contaminated ground it covers, and leaves what it misses.
 * Items are counted in 1/1024 by rounding with a magic number, so that what leaves one state enters the other to the last bit. Two builds of the
 * same code, one of them for AVX2; -ffp-contract=off keeps their bits equal.
 */
#include "forecast/kernel.h"

#include <math.h>
#include <string.h>

#define LANES    for (int i = 0; i < TL_NOISE_LANES; i++)
#define INLINE   static inline __attribute__((always_inline))
#define RESTRICT restrict

static const double per_time = 2.995732273553991; /* -ln 0.05: 95 % have ended within the time */
static const double magic = 0x1.8p42;             /* rounds to multiples of 1/1024 up to 2^41 */

INLINE double quantum(double x)
{
    return (x + magic) - magic;
}

static const double *value(const struct tl_kernel *k, tl_scenario_id id)
{
    return k->values[id];
}

/* stay, end and years for an own rate r and an ageing rate d. */
static void fates(double r, double d, double *stay, double *end, double *years)
{
    double sum = r + d;
    *stay = exp(-sum);
    *end = sum > 0.0 ? r / sum : 0.0;
    *years = sum > 1e-9 ? (1.0 - *stay) / sum : 1.0;
}

static void class_constants(struct tl_kernel *k, int number)
{
    const struct tl_scenario_class *c = &k->s->classes[number];
    struct tl_kernel_class *at = &k->classes[number];
    int set = (int)k->set;
    LANES
    {
        double d = c->half_life < 0 ? 0.0 : log(2.0) / value(k, c->half_life)[i];
        double own[3] = {c->sd_share[set] < 0 ? 0.0 : per_time / value(k, c->sd_within[set])[i],
                         c->off_share[set] < 0 ? 0.0 : per_time / value(k, c->off_within[set])[i],
                         0.0};
        for (int j = 0; j < 3; j++)
            fates(own[j], d, &at->stay[j][i], &at->end[j][i], &at->years[j][i]);
        at->works[i] = value(k, c->works)[i];
        at->sd[i] = c->sd_share[set] < 0 ? 0.0 : value(k, c->sd_share[set])[i];
        at->off[i] = c->off_share[set] < 0 ? 0.0 : value(k, c->off_share[set])[i];
        at->danger[i] = value(k, c->danger)[i];
        at->killed_share[i] = value(k, c->killed)[i];
        at->arriving[i] = c->arriving < 0 ? 0.0 : quantum(value(k, c->arriving)[i]);
    }
}

/* Arrivals part into what never works, what will end by itself, and what will not. */
INLINE void arrive(struct tl_kernel_class *RESTRICT c, const double *RESTRICT number)
{
    LANES
    {
        double n = number[i], works = quantum(n * c->works[i]);
        double timer = quantum(works * c->sd[i]);
        double battery = quantum((works - timer) * c->off[i]);
        c->state[TL_KERNEL_DEGRADED][i] += n - works;
        c->state[TL_KERNEL_TIMER][i] += timer;
        c->state[TL_KERNEL_BATTERY][i] += battery;
        c->state[TL_KERNEL_LIVE][i] += works - timer - battery;
        c->arrived[i] += n;
    }
}

INLINE void age(struct tl_kernel_class *RESTRICT c)
{
    LANES
    {
        double timer = c->state[TL_KERNEL_TIMER][i], battery = c->state[TL_KERNEL_BATTERY][i];
        double live = c->state[TL_KERNEL_LIVE][i], missed = c->state[TL_KERNEL_MISSED_LIVE][i];
        double lost_t = quantum(timer * (1.0 - c->stay[0][i])),
               own_t = quantum(lost_t * c->end[0][i]);
        double lost_b = quantum(battery * (1.0 - c->stay[1][i])),
               own_b = quantum(lost_b * c->end[1][i]);
        double lost_l = quantum(live * (1.0 - c->stay[2][i]));
        double lost_m = quantum(missed * (1.0 - c->stay[2][i]));
        c->state[TL_KERNEL_TIMER][i] = timer - lost_t;
        c->state[TL_KERNEL_BATTERY][i] = battery - lost_b;
        c->state[TL_KERNEL_LIVE][i] = live - lost_l;
        c->state[TL_KERNEL_MISSED_LIVE][i] = missed - lost_m;
        c->state[TL_KERNEL_SELF_DESTRUCTED][i] += own_t;
        c->state[TL_KERNEL_DEACTIVATED][i] += own_b;
        c->state[TL_KERNEL_DEGRADED][i] += (lost_t - own_t) + (lost_b - own_b) + lost_l;
        c->state[TL_KERNEL_MISSED_INERT][i] += lost_m;
    }
}

INLINE void exposure(const struct tl_kernel_class *RESTRICT c, double *RESTRICT item_years)
{
    LANES item_years[i] =
        c->state[TL_KERNEL_TIMER][i] * c->years[0][i] +
        c->state[TL_KERNEL_BATTERY][i] * c->years[1][i] +
        (c->state[TL_KERNEL_LIVE][i] + c->state[TL_KERNEL_MISSED_LIVE][i]) * c->years[2][i];
}

INLINE void strike(struct tl_kernel_class *RESTRICT c, const double *RESTRICT per_casualty)
{
    static const enum tl_kernel_state from[] = {TL_KERNEL_TIMER, TL_KERNEL_BATTERY, TL_KERNEL_LIVE,
                                                TL_KERNEL_MISSED_LIVE};
    LANES
    {
        double live = c->state[from[0]][i] + c->state[from[1]][i] + c->state[from[2]][i] +
                      c->state[from[3]][i];
        double struck = (c->out[2][i] + c->out[3][i]) * per_casualty[i];
        double share = live > 0.0 ? struck / live : 0.0, sum = 0.0;
        share = share < 1.0 ? share : 1.0;
        for (int f = 0; f < 4; f++) {
            double part = quantum(c->state[from[f]][i] * share);
            c->state[from[f]][i] -= part;
            sum += part;
        }
        c->state[TL_KERNEL_STRUCK][i] += sum;
    }
}

INLINE void clear_items(struct tl_kernel_class *RESTRICT c, const double *RESTRICT taken,
                        const double *RESTRICT found)
{
    static const enum tl_kernel_state from[] = {TL_KERNEL_TIMER, TL_KERNEL_BATTERY, TL_KERNEL_LIVE,
                                                TL_KERNEL_DEACTIVATED, TL_KERNEL_DEGRADED};
    for (int f = 0; f < 5; f++) {
        double *RESTRICT state = c->state[from[f]];
        double *RESTRICT missed = c->state[f < 3 ? TL_KERNEL_MISSED_LIVE : TL_KERNEL_MISSED_INERT];
        double *RESTRICT cleared = c->state[TL_KERNEL_CLEARED];
        LANES
        {
            double gone = quantum(state[i] * taken[i]), got = quantum(gone * found[i]);
            state[i] -= gone;
            cleared[i] += got;
            missed[i] += gone - got;
        }
    }
}

INLINE void count_items(struct tl_kernel_class *RESTRICT c)
{
    LANES
    {
        c->out[0][i] = c->state[TL_KERNEL_TIMER][i] + c->state[TL_KERNEL_BATTERY][i] +
                       c->state[TL_KERNEL_LIVE][i] + c->state[TL_KERNEL_MISSED_LIVE][i];
        c->out[1][i] = c->state[TL_KERNEL_DEACTIVATED][i] + c->state[TL_KERNEL_DEGRADED][i] +
                       c->state[TL_KERNEL_MISSED_INERT][i];
    }
}

static double use_of_year(const struct tl_forecast_scenario *s, int year)
{
    const struct tl_scenario_point *p = s->use_points;
    double use = 1.0, seasons = 0.0;
    for (int j = 0; j < s->n_use; j++) {
        if (year >= p[j].year)
            use = p[j].value;
        else if (j > 0) {
            double share = (double)(year - p[j - 1].year) / (p[j].year - p[j - 1].year);
            use = p[j - 1].value + share * (p[j].value - p[j - 1].value);
            break;
        } else {
            use = p[0].value;
            break;
        }
    }
    for (int j = 0; j < s->seasons.n; j++)
        seasons += s->seasons.share[j] / s->seasons.n;
    return s->seasons.n > 0 ? use * seasons : use;
}

/* rate * use of the year, without the level. */
static void rate_of_year(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    const double *rate = value(k, s->rate), *use = value(k, s->use), *reach = value(k, s->reach),
                 *effect = value(k, s->effect), *returning = value(k, s->returning);
    double by_year = use_of_year(s, s->start + t);
    LANES
    {
        k->rate[i] = rate[i] * use[i] * by_year * (1.0 - k->away[i]) *
                     (1.0 - reach[i] * effect[i]) * k->level[t * TL_NOISE_LANES + i];
        k->away[i] *= 1.0 - returning[i];
    }
}

INLINE double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* As much as capacity, ground and money allow; pays for it. */
INLINE double buy(double capacity, double ground, double price, double *money)
{
    double area = smaller(capacity, ground > 0.0 ? ground : 0.0);
    if (price > 0.0)
        area = smaller(area, *money / price);
    *money -= area * price;
    return area;
}

static void clear_land(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    int year = s->start + t;
    const double *targeting = value(k, s->targeting);
    for (int m = 0; m < s->n_methods; m++) {
        const struct tl_scenario_method *method = &s->methods[m];
        const double *teams = value(k, method->teams), *pace = value(k, method->pace),
                     *price = value(k, method->price), *found = value(k, method->found);
        int worked = year - (method->from > s->start ? method->from : s->start);
        if (year < method->from || year > method->to)
            continue;
        double learnt = pow(1.0 - method->learning, worked);
        LANES
        {
            double left = 1.0 - k->taken[i];
            double area =
                buy(teams[i] * pace[i] / learnt, k->suspected[i], price[i] * learnt, &k->money[i]);
            double density = k->suspected[i] > 0.0 ? k->contaminated[i] / k->suspected[i] : 0.0;
            double hit = smaller(area * smaller(1.0, density * targeting[i]), k->contaminated[i]);
            /* The last of the suspected land holds all that is left of the contaminated. */
            hit = area >= k->suspected[i] ? k->contaminated[i] : hit;
            double share = k->contaminated[i] > 0.0 ? hit / k->contaminated[i] : 0.0;
            k->suspected[i] -= area;
            k->contaminated[i] -= hit;
            k->found[i] += left * share * found[i];
            k->taken[i] += left * share;
            k->area[i] += area;
        }
    }
}

static void release_land(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    int year = s->start + t;
    const double *ids[4] = {value(k, s->cancel_capacity), value(k, s->cancel_price),
                            value(k, s->reduce_capacity), value(k, s->reduce_price)};
    const double *fresh = value(k, s->new_land), *contaminated = value(k, s->contaminated);
    bool arrives = year >= s->new_from && year <= s->new_to;
    LANES
    {
        double budget = 0.0, more = arrives ? fresh[i] : 0.0;
        for (int f = 0; f < s->n_funding; f++)
            if (year >= s->funding[f].from && year <= s->funding[f].to)
                budget += value(k, s->funding[f].amount)[i];
        k->suspected[i] += more;
        k->contaminated[i] += more * contaminated[i];
        k->money[i] = budget;
        k->taken[i] = k->found[i] = k->area[i] = 0.0;
        for (int way = 0; way < 2; way++) {
            double area = buy(ids[2 * way][i], k->suspected[i] - k->contaminated[i],
                              ids[2 * way + 1][i], &k->money[i]);
            k->suspected[i] -= area;
            k->out[way == 0 ? TL_FORECAST_CANCELLED : TL_FORECAST_REDUCED][i] += area;
        }
        k->out[TL_FORECAST_COST][i] = budget;
    }
    clear_land(k, t);
    LANES
    {
        k->found[i] = k->taken[i] > 0.0 ? smaller(k->found[i] / k->taken[i], 1.0) : 0.0;
        k->taken[i] = smaller(k->taken[i], 1.0);
        k->out[TL_FORECAST_CLEARED][i] += k->area[i];
        k->out[TL_FORECAST_SUSPECTED][i] = k->suspected[i];
        k->out[TL_FORECAST_COST][i] -= k->money[i];
        k->out[TL_FORECAST_COST_SUM][i] += k->out[TL_FORECAST_COST][i];
    }
}

INLINE void move_classes(struct tl_kernel *k, int t)
{
    static const tl_kernel_lanes none = {0};
    const struct tl_forecast_scenario *s = k->s;
    const double *per_accident = value(k, s->per_accident), *animals = value(k, s->animals);
    tl_kernel_lanes item_years, mean, per_casualty;
    LANES per_casualty[i] = 1.0 / per_accident[i] + animals[i];
    for (int number = 0; number < s->n_classes; number++) {
        const struct tl_scenario_class *class = &s->classes[number];
        struct tl_kernel_class *c = &k->classes[number];
        int year = s->start + t;
        double growth = pow(1.0 + class->danger_growth, t);
        bool arrives = class->arriving >= 0 && year >= class->from && year <= class->to;
        arrive(c, arrives ? c->arriving : none);
        exposure(c, item_years);
        age(c);
        for (int way = 0; way < 2; way++) {
            int64_t at = (2 * t + way) * TL_NOISE_LANES;
            LANES mean[i] = k->rate[i] * c->danger[i] * growth * item_years[i] *
                            (way == 0 ? c->killed_share[i] : 1.0 - c->killed_share[i]);
            tl_noise_poisson(mean, k->bits[number] + at, k->z[number] + at, c->out[2 + way]);
        }
        strike(c, per_casualty);
        clear_items(c, k->taken, k->found);
        count_items(c);
    }
}

INLINE void add_up(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    static const enum tl_forecast_series to[TL_KERNEL_OUTPUTS] = {
        TL_FORECAST_LIVE, TL_FORECAST_INERT, TL_FORECAST_KILLED, TL_FORECAST_INJURED};
    LANES k->hazard[i] = 0.0;
    for (int o = 0; o < TL_KERNEL_OUTPUTS; o++) {
        double *RESTRICT sum = k->out[to[o]];
        LANES sum[i] = 0.0;
        for (int c = 0; c < s->n_classes; c++)
            LANES sum[i] += k->classes[c].out[o][i];
    }
    for (int c = 0; c < s->n_classes; c++) {
        double growth = pow(1.0 + s->classes[c].danger_growth, t + 1);
        LANES k->hazard[i] += k->classes[c].out[0][i] * k->classes[c].danger[i] * growth;
    }
    LANES
    {
        double both = k->out[TL_FORECAST_KILLED][i] + k->out[TL_FORECAST_INJURED][i];
        k->out[TL_FORECAST_CASUALTIES][i] = both;
        k->out[TL_FORECAST_CASUALTIES_SUM][i] += both;
    }
}

static void deminers_of_year(struct tl_kernel *k, int t)
{
    const double *rate = value(k, k->s->deminers);
    int64_t at = (int64_t)2 * t * TL_NOISE_LANES;
    tl_kernel_lanes mean;
    LANES mean[i] = rate[i] * k->area[i];
    tl_noise_poisson(mean, k->bits[TL_FORECAST_CLASSES_MAX] + at,
                     k->z[TL_FORECAST_CLASSES_MAX] + at, k->out[TL_FORECAST_DEMINERS]);
}

INLINE void year(struct tl_kernel *k, int t)
{
    rate_of_year(k, t);
    release_land(k, t);
    move_classes(k, t);
    deminers_of_year(k, t);
    add_up(k, t);
}

static void year_plain(struct tl_kernel *k, int t)
{
    year(k, t);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void year_avx2(struct tl_kernel *k, int t)
{
    year(k, t);
}
#endif

void tl_kernel_year(struct tl_kernel *k, int t)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        year_avx2(k, t);
        return;
    }
#endif
    year_plain(k, t);
}

/* Items of the past, cohort by cohort, each aged to the start. */
static void past(struct tl_kernel *k, int number)
{
    const struct tl_scenario_class *class = &k->s->classes[number];
    struct tl_kernel_class *c = &k->classes[number];
    const double *numbers = value(k, class->numbers);
    const double *area = class->area < 0 ? NULL : value(k, class->area);
    int n_years = class->past_to - class->past_from + 1;
    tl_kernel_lanes cohort;
    for (int year = class->past_from; year <= class->past_to; year++) {
        LANES
        {
            double all = quantum(numbers[i] * (area == NULL ? 1.0 : area[i]));
            double each = quantum(all / n_years);
            cohort[i] = year < class->past_to ? each : all - c->arrived[i];
            cohort[i] = cohort[i] > 0.0 ? cohort[i] : 0.0;
        }
        arrive(c, cohort);
        if (year < k->s->start)
            age(c); /* through that year; those of the start's own year are fresh */
    }
    for (int year = class->past_to + 1; year < k->s->start && n_years > 0; year++)
        age(c);
    count_items(c);
    LANES k->hazard_0[i] += c->out[0][i] * c->danger[i];
}

void tl_kernel_start(struct tl_kernel *k)
{
    const struct tl_forecast_scenario *s = k->s;
    memset(k->classes, 0, (size_t)s->n_classes * sizeof k->classes[0]);
    memset(k->out, 0, sizeof k->out);
    memset(k->hazard_0, 0, sizeof k->hazard_0);
    for (int c = 0; c < s->n_classes; c++) {
        class_constants(k, c);
        past(k, c);
    }
    LANES
    {
        k->suspected[i] = value(k, s->suspected)[i];
        k->contaminated[i] = k->suspected[i] * value(k, s->contaminated)[i];
        k->away[i] = value(k, s->away)[i];
    }
}
