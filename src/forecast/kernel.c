/*
 * A year of the model (docs/rooms/forecast.md), for 256 draws side by side:
 *   1. items that arrive are there from the year's beginning;
 *   2. ends of their own compete as exponentials: with rates r (timer or battery) and d (age), a share exp(-(r + d)) stays, the rest parts as
 *      r : d, and an item spends (1 - exp(-(r + d))) / (r + d) years of the year live;
 *   3. casualties are Poisson with mean rate * danger * use * level * item-years, and remove what was struck;
 *   4. at the year's end land is cancelled, reduced and cleared as far as capacity and money go, in this order; clearing takes items of all states in
 *      proportion to the contaminated ground it covers, and leaves what it misses.
 * Items are counted in 1/1024 by rounding with a magic number, so that what leaves one state enters the other to the last bit.
 * Land, the rate and accidents of deminers are the same in both sets, and so are classes without an end of their own: they are computed once. A class
 * goes through its year in parts of 64 draws, which stay in the first cache.
 */
#include "forecast/kernel.h"

#include "forecast/poisson.h"

#include <math.h>
#include <string.h>

#define LANES    LANES_APART for (int i = 0; i < TL_LANES; i++)
#define PART     LANES_APART for (int i = first; i < first + TL_LANES_PART; i++)
#define INLINE   LANES_INLINE
#define RESTRICT restrict

static const double per_time = 2.995732273553991; /* -ln 0.05: 95 % have ended within the time */
static const double magic = 0x1.8p42;             /* rounds to multiples of 1/1024 up to 2^41 */

/* x^n by products: a library's pow need not give the same bits everywhere. */
INLINE double power(double x, int n)
{
    double result = 1.0;
    for (; n > 0; n >>= 1, x *= x)
        result *= (n & 1) != 0 ? x : 1.0;
    return result;
}

INLINE double quantum(double x)
{
    return (x + magic) - magic;
}

static const double *value(const struct tl_kernel *k, tl_scenario_id id)
{
    return k->values[id];
}

/* stay, end and years for an own rate r and an ageing rate d. */
INLINE void fates(double r, double d, double *stay, double *end, double *years)
{
    double sum = r + d;
    *stay = lanes_exp(-sum);
    *end = sum > 0.0 ? r / sum : 0.0;
    *years = sum > 1e-9 ? (1.0 - *stay) / sum : 1.0;
}

INLINE void ends_of(struct tl_kernel_class *RESTRICT c, const double *RESTRICT half_life,
                    const double *RESTRICT within, int way)
{
    LANES
    {
        double d = half_life == NULL ? 0.0 : 0.69314718055994531 / half_life[i];
        double own = within == NULL ? 0.0 : per_time / within[i];
        fates(own, d, &c->stay[way][i], &c->end[way][i], &c->years[way][i]);
    }
}

INLINE const double *maybe(const struct tl_kernel *k, tl_scenario_id id)
{
    return id < 0 ? NULL : k->values[id];
}

INLINE void class_constants(const struct tl_kernel *k, int number, int set,
                            struct tl_kernel_class *RESTRICT to)
{
    const struct tl_scenario_class *c = &k->s->classes[number];
    const double *half_life = maybe(k, c->half_life);
    const double *sd = maybe(k, c->sd_share[set]), *off = maybe(k, c->off_share[set]);
    const double *arriving = maybe(k, c->arriving);
    to->has_timer = sd != NULL;
    to->has_battery = off != NULL;
    ends_of(to, half_life, maybe(k, c->sd_within[set]), 0);
    ends_of(to, half_life, maybe(k, c->off_within[set]), 1);
    ends_of(to, half_life, NULL, 2);
    memcpy(to->works, value(k, c->works), sizeof to->works);
    memcpy(to->danger, value(k, c->danger), sizeof to->danger);
    memcpy(to->killed_share, value(k, c->killed), sizeof to->killed_share);
    LANES
    {
        to->sd[i] = sd == NULL ? 0.0 : sd[i];
        to->off[i] = off == NULL ? 0.0 : off[i];
        to->arriving[i] = arriving == NULL ? 0.0 : quantum(arriving[i]);
    }
}

/* Arrivals part into what never works, what will end by itself, and what will not. */
INLINE void arrive(struct tl_kernel_class *RESTRICT c, const double *RESTRICT number, int first)
{
    PART
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

/* A year of those that will end by themselves; adds their item-years where they are asked for. */
INLINE void age_ending(struct tl_kernel_class *RESTRICT c, int way, double *RESTRICT item_years,
                       int first)
{
    double *RESTRICT from = c->state[way == 0 ? TL_KERNEL_TIMER : TL_KERNEL_BATTERY];
    double *RESTRICT to = c->state[way == 0 ? TL_KERNEL_SELF_DESTRUCTED : TL_KERNEL_DEACTIVATED];
    PART
    {
        double n = from[i], lost = quantum(n * (1.0 - c->stay[way][i]));
        double own = quantum(lost * c->end[way][i]);
        from[i] = n - lost;
        to[i] += own;
        c->state[TL_KERNEL_DEGRADED][i] += lost - own;
        item_years[i] += n * c->years[way][i];
    }
}

/* A year of everything that is live; @param[out] item_years  lived in it */
INLINE void age(struct tl_kernel_class *RESTRICT c, double *RESTRICT item_years, int first)
{
    PART
    {
        double live = c->state[TL_KERNEL_LIVE][i], missed = c->state[TL_KERNEL_MISSED_LIVE][i];
        double lost_l = quantum(live * (1.0 - c->stay[2][i]));
        double lost_m = quantum(missed * (1.0 - c->stay[2][i]));
        c->state[TL_KERNEL_LIVE][i] = live - lost_l;
        c->state[TL_KERNEL_MISSED_LIVE][i] = missed - lost_m;
        c->state[TL_KERNEL_DEGRADED][i] += lost_l;
        c->state[TL_KERNEL_MISSED_INERT][i] += lost_m;
        item_years[i] = (live + missed) * c->years[2][i];
    }
    if (c->has_timer)
        age_ending(c, 0, item_years, first);
    if (c->has_battery)
        age_ending(c, 1, item_years, first);
}

INLINE void strike(struct tl_kernel_class *RESTRICT c, const double *RESTRICT per_casualty,
                   int first)
{
    PART
    {
        double timer = c->state[TL_KERNEL_TIMER][i], battery = c->state[TL_KERNEL_BATTERY][i];
        double live = c->state[TL_KERNEL_LIVE][i], missed = c->state[TL_KERNEL_MISSED_LIVE][i];
        double all = timer + battery + live + missed;
        double struck = (c->out[2][i] + c->out[3][i]) * per_casualty[i];
        double share = all > 0.0 ? struck / all : 0.0;
        share = share < 1.0 ? share : 1.0;
        double of_timer = quantum(timer * share), of_battery = quantum(battery * share);
        double of_live = quantum(live * share), of_missed = quantum(missed * share);
        c->state[TL_KERNEL_TIMER][i] = timer - of_timer;
        c->state[TL_KERNEL_BATTERY][i] = battery - of_battery;
        c->state[TL_KERNEL_LIVE][i] = live - of_live;
        c->state[TL_KERNEL_MISSED_LIVE][i] = missed - of_missed;
        c->state[TL_KERNEL_STRUCK][i] += of_timer + of_battery + of_live + of_missed;
    }
}

/* Takes a share of a state, of which a share is found and the rest missed. */
INLINE void clear_state(struct tl_kernel_class *RESTRICT c, enum tl_kernel_state from,
                        const struct tl_kernel *RESTRICT k, int first)
{
    bool live = from <= TL_KERNEL_LIVE;
    double *RESTRICT state = c->state[from], *RESTRICT cleared = c->state[TL_KERNEL_CLEARED];
    double *RESTRICT missed = c->state[live ? TL_KERNEL_MISSED_LIVE : TL_KERNEL_MISSED_INERT];
    PART
    {
        double gone = quantum(state[i] * k->taken[i]), got = quantum(gone * k->found[i]);
        state[i] -= gone;
        cleared[i] += got;
        missed[i] += gone - got;
    }
}

INLINE void clear_items(struct tl_kernel_class *RESTRICT c, const struct tl_kernel *RESTRICT k,
                        int first)
{
    if (c->has_timer)
        clear_state(c, TL_KERNEL_TIMER, k, first);
    if (c->has_battery) {
        clear_state(c, TL_KERNEL_BATTERY, k, first);
        clear_state(c, TL_KERNEL_DEACTIVATED, k, first);
    }
    clear_state(c, TL_KERNEL_LIVE, k, first);
    clear_state(c, TL_KERNEL_DEGRADED, k, first);
}

INLINE void count_items(struct tl_kernel_class *RESTRICT c, int first)
{
    PART
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
INLINE void rate_of_year(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    const double *rate = value(k, s->rate), *use = value(k, s->use), *reach = value(k, s->reach),
                 *effect = value(k, s->effect), *returning = value(k, s->returning);
    double by_year = use_of_year(s, s->start + t);
    LANES
    {
        k->rate[i] = rate[i] * use[i] * by_year * (1.0 - k->away[i]) *
                     (1.0 - reach[i] * effect[i]) * k->level[t * TL_LANES + i];
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

INLINE void clear_land(struct tl_kernel *k, int t)
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
        double learnt = power(1.0 - method->learning, worked);
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

INLINE void release_land(struct tl_kernel *k, int t)
{
    const struct tl_forecast_scenario *s = k->s;
    int year = s->start + t;
    const double *ids[4] = {value(k, s->cancel_capacity), value(k, s->cancel_price),
                            value(k, s->reduce_capacity), value(k, s->reduce_price)};
    const double *fresh = value(k, s->new_land), *contaminated = value(k, s->contaminated);
    tl_kernel_lanes *RESTRICT out = k->out[TL_FORECAST_OBSERVED];
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
            out[way == 0 ? TL_FORECAST_CANCELLED : TL_FORECAST_REDUCED][i] += area;
        }
        out[TL_FORECAST_COST][i] = budget;
    }
    clear_land(k, t);
    LANES
    {
        k->found[i] = k->taken[i] > 0.0 ? smaller(k->found[i] / k->taken[i], 1.0) : 0.0;
        /* Of items elsewhere none is taken; of those that are left then a smaller share lies in the suspected land. */
        double taken = smaller(k->taken[i], 1.0), of_all = taken * k->within[i];
        k->taken[i] = of_all;
        k->within[i] = of_all < 1.0 ? k->within[i] * (1.0 - taken) / (1.0 - of_all) : k->within[i];
        out[TL_FORECAST_CLEARED][i] += k->area[i];
        out[TL_FORECAST_SUSPECTED][i] = k->suspected[i];
        out[TL_FORECAST_COST][i] -= k->money[i];
        out[TL_FORECAST_COST_SUM][i] += out[TL_FORECAST_COST][i];
    }
}

/* A class through its year, part by part; adds its figures to those of all classes. */
INLINE void move_class(struct tl_kernel *k, int set, int number, int t)
{
    const struct tl_scenario_class *class = &k->s->classes[number];
    struct tl_kernel_class *c = &k->classes[set][number];
    int year = k->s->start + t;
    double growth = power(1.0 + class->danger_growth, t);
    bool arrives = class->arriving >= 0 && year >= class->from && year <= class->to;
    const double *RESTRICT rate = k->rate;
    const uint32_t *bits = k->bits[number] + (int64_t)2 * t * TL_LANES;
    const float *z = k->z[number] + (int64_t)2 * t * TL_LANES;
    tl_kernel_lanes item_years, killed, injured;
    for (int first = 0; first < TL_LANES; first += TL_LANES_PART) {
        if (arrives)
            arrive(c, c->arriving, first);
        age(c, item_years, first);
        PART
        {
            double mean = rate[i] * c->danger[i] * growth * item_years[i];
            killed[i] = mean * c->killed_share[i];
            injured[i] = mean * (1.0 - c->killed_share[i]);
        }
        poisson_part(killed + first, bits + first, z + first, c->out[2] + first);
        poisson_part(injured + first, bits + TL_LANES + first, z + TL_LANES + first,
                     c->out[3] + first);
        strike(c, k->per_casualty, first);
        clear_items(c, k, first);
        count_items(c, first);
    }
}

INLINE void add_class(struct tl_kernel *k, int set, int number, int t)
{
    static const enum tl_forecast_series to[TL_KERNEL_OUTPUTS] = {
        TL_FORECAST_LIVE, TL_FORECAST_INERT, TL_FORECAST_KILLED, TL_FORECAST_INJURED};
    const struct tl_scenario_class *class = &k->s->classes[number];
    const struct tl_kernel_class *RESTRICT c = tl_kernel_class_of(k, set, number);
    double growth = power(1.0 + class->danger_growth, t + 1);
    double *RESTRICT hazard = k->hazard[set];
    for (int o = 0; o < TL_KERNEL_OUTPUTS; o++) {
        double *RESTRICT sum = k->out[set][to[o]];
        LANES sum[i] += c->out[o][i];
    }
    LANES hazard[i] += c->out[0][i] * c->danger[i] * growth;
}

INLINE void add_up(struct tl_kernel *k, int set, int t)
{
    tl_kernel_lanes *RESTRICT out = k->out[set];
    LANES
    {
        out[TL_FORECAST_LIVE][i] = out[TL_FORECAST_INERT][i] = 0.0;
        out[TL_FORECAST_KILLED][i] = out[TL_FORECAST_INJURED][i] = 0.0;
        k->hazard[set][i] = 0.0;
    }
    for (int number = 0; number < k->s->n_classes; number++)
        add_class(k, set, number, t);
    LANES
    {
        double both = out[TL_FORECAST_KILLED][i] + out[TL_FORECAST_INJURED][i];
        out[TL_FORECAST_CASUALTIES][i] = both;
        out[TL_FORECAST_CASUALTIES_SUM][i] += both;
    }
}

INLINE void deminers_of_year(struct tl_kernel *k, int t)
{
    const double *rate = value(k, k->s->deminers);
    int64_t at = (int64_t)2 * t * TL_LANES;
    tl_kernel_lanes mean;
    LANES mean[i] = rate[i] * k->area[i];
    for (int first = 0; first < TL_LANES; first += TL_LANES_PART)
        poisson_part(mean + first, k->bits[TL_FORECAST_CLASSES_MAX] + at + first,
                     k->z[TL_FORECAST_CLASSES_MAX] + at + first,
                     k->out[TL_FORECAST_OBSERVED][TL_FORECAST_DEMINERS] + first);
}

INLINE void year_of(struct tl_kernel *k, int t)
{
    int from = tl_kernel_from(k);
    rate_of_year(k, t);
    release_land(k, t);
    for (int number = 0; number < k->s->n_classes; number++)
        for (int set = k->s->classes[number].is_split ? from : TL_FORECAST_OBSERVED;
             set < TL_FORECAST_SETS; set++)
            move_class(k, set, number, t);
    deminers_of_year(k, t);
    for (int set = from; set < TL_FORECAST_SETS; set++)
        add_up(k, set, t);
}

LANES_BUILDS(year_of, (struct tl_kernel * k, int t), (k, t))

void tl_kernel_year(struct tl_kernel *k, int t)
{
    year_of_builds[k->kind](k, t);
}

/* Where the number given is of items in the ground at the start, those of the past are as many times more as have destroyed themselves since. Of a class
 * that should have destroyed itself to the last item, all are of the kind that stays: they are there. */
INLINE void keep_present(struct tl_kernel_class *RESTRICT c, int first)
{
    PART
    {
        double gone = c->state[TL_KERNEL_SELF_DESTRUCTED][i], all = c->arrived[i], sum = 0.0;
        double more = gone < all ? all / (all - gone) : 0.0;
        for (int s = 0; s < TL_KERNEL_STATES; s++) {
            double n = s == TL_KERNEL_SELF_DESTRUCTED ? 0.0 : quantum(c->state[s][i] * more);
            c->state[s][i] = n;
            sum += n;
        }
        if (gone >= all)
            c->state[TL_KERNEL_LIVE][i] = sum = all;
        c->arrived[i] = sum;
    }
}

/* Items of the past, cohort by cohort, each aged to the start. */
INLINE void past(struct tl_kernel *k, int number, struct tl_kernel_class *RESTRICT c)
{
    const struct tl_scenario_class *class = &k->s->classes[number];
    const double *numbers = value(k, class->numbers);
    const double *area = class->area < 0 ? NULL : value(k, class->area);
    int n_years = class->past_to - class->past_from + 1;
    tl_kernel_lanes cohort, item_years;
    for (int first = 0; first < TL_LANES; first += TL_LANES_PART) {
        for (int year = class->past_from; year <= class->past_to; year++) {
            PART
            {
                double all = quantum(numbers[i] * (area == NULL ? 1.0 : area[i]));
                double each = quantum(all / n_years);
                cohort[i] = year < class->past_to ? each : all - c->arrived[i];
                cohort[i] = cohort[i] > 0.0 ? cohort[i] : 0.0;
            }
            arrive(c, cohort, first);
            if (year < k->s->start)
                age(c, item_years, first); /* those of the start's own year are fresh */
        }
        for (int year = class->past_to + 1; year < k->s->start && n_years > 0; year++)
            age(c, item_years, first);
        if (class->is_present && c->has_timer)
            keep_present(c, first);
        count_items(c, first);
    }
}

INLINE void start(struct tl_kernel *k)
{
    const struct tl_forecast_scenario *s = k->s;
    const double *per_accident = value(k, s->per_accident), *animals = value(k, s->animals);
    for (int number = 0; number < s->n_classes; number++)
        for (int set = s->classes[number].is_split ? tl_kernel_from(k) : TL_FORECAST_OBSERVED;
             set < TL_FORECAST_SETS; set++) {
            struct tl_kernel_class *c = &k->classes[set][number];
            memset(c, 0, sizeof *c);
            class_constants(k, number, set, c);
            past(k, number, c);
        }
    for (int set = 0; set < TL_FORECAST_SETS; set++)
        for (int number = 0; number < s->n_classes; number++) {
            const struct tl_kernel_class *RESTRICT c = tl_kernel_class_of(k, set, number);
            double *RESTRICT hazard = k->hazard_0[set];
            LANES hazard[i] += c->out[0][i] * c->danger[i];
        }
    LANES
    {
        k->per_casualty[i] = 1.0 / per_accident[i] + animals[i];
        k->suspected[i] = value(k, s->suspected)[i];
        k->contaminated[i] = k->suspected[i] * value(k, s->contaminated)[i];
        k->away[i] = value(k, s->away)[i];
        k->within[i] = s->within;
    }
}

LANES_BUILDS(start, (struct tl_kernel * k), (k))

void tl_kernel_start(struct tl_kernel *k)
{
    memset(k->out, 0, sizeof k->out);
    memset(k->hazard_0, 0, sizeof k->hazard_0);
    start_builds[k->kind](k);
}
