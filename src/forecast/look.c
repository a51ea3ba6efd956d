/* Looking into a forecast: differences, years, shares and assumptions one by one, as pages and other programs show them. */
#include <math.h>
#include <string.h>

#include "forecast/run.h"

int64_t tl_forecast_n_draws(const struct tl_forecast *f)
{
    return f->n_draws;
}

bool tl_forecast_is_split(const struct tl_forecast *f, int64_t scenario)
{
    return f->scenarios[scenario]->is_split;
}

const char *tl_forecast_started_from(const struct tl_forecast *f, int64_t scenario)
{
    return f->scenarios[scenario]->start_words;
}

bool tl_forecast_difference(const struct tl_forecast *f, int64_t scenario,
                            enum tl_forecast_against against, enum tl_forecast_series series,
                            int64_t year, struct tl_forecast_fan *fan)
{
    const struct tl_run_place *place = &f->places[scenario];
    int64_t first = against == TL_FORECAST_AGAINST_CLAIMED
                        ? place->against_claimed
                        : place->against_first[TL_FORECAST_OBSERVED];
    for (int d = 0; d < TL_RUN_DIFFERENCES && first >= 0; d++)
        if (tl_run_differences[d] == series) {
            *fan = tl_sketch_fan(&f->sketches[first + year * TL_RUN_DIFFERENCES + d]);
            return true;
        }
    return false;
}

bool tl_forecast_left(const struct tl_forecast *f, int64_t scenario, enum tl_forecast_set set,
                      int64_t i, struct tl_forecast_left *left)
{
    if (i < 0 || i >= TL_RUN_LEFTS)
        return false;
    struct tl_forecast_fan fan = tl_sketch_fan(tl_run_left(f, scenario, set, (int)i));
    left->share = tl_run_lefts[i];
    for (int k = 0; k < 5; k++)
        left->year[k] =
            fan.q[k] > (double)f->n_years ? 0 : f->start - 1 + (int64_t)llround(fan.q[k]);
    return true;
}

/* The share at a rank, largest first; ties by topic. */
bool tl_forecast_share(const struct tl_forecast *f, int64_t scenario,
                       enum tl_forecast_outcome outcome, int64_t rank,
                       struct tl_forecast_share *share)
{
    const struct tl_run_share *shares = f->shares[scenario][outcome];
    if (f->n_shares == 0 || !(f->variance[scenario][outcome] > 0.0))
        return false;
    for (int t = 0; t < TL_SCENARIO_N_TOPICS; t++) {
        int64_t above = 0;
        if (!shares[t].is_active || isnan(shares[t].total))
            continue;
        for (int u = 0; u < TL_SCENARIO_N_TOPICS; u++)
            above += shares[u].is_active && (shares[u].total > shares[t].total ||
                                             (u < t && shares[u].total == shares[t].total));
        if (above != rank)
            continue;
        *share =
            (struct tl_forecast_share){.topic = tl_scenario_topic_name((enum tl_scenario_topic)t),
                                       .first = shares[t].first,
                                       .first_error = shares[t].first_se,
                                       .total = shares[t].total,
                                       .total_error = shares[t].total_se};
        return true;
    }
    return false;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Scenario files say "assumption" and "blind prior", and the program says of its own defaults that nothing was given. */
static enum tl_forecast_basis basis_of(const char *source)
{
    if (source == NULL || begins(source, "assumption") || begins(source, "Assumption") ||
        begins(source, "blind prior") || begins(source, "not given"))
        return TL_FORECAST_ASSUMED;
    return strstr(source, "ssumption") != NULL || strstr(source, "blind prior") != NULL ||
                   strstr(source, "default") != NULL
               ? TL_FORECAST_SOURCED_IN_PART
               : TL_FORECAST_SOURCED;
}

bool tl_forecast_assumption(const struct tl_forecast *f, int64_t scenario, int64_t i,
                            struct tl_forecast_assumption *assumption)
{
    const struct tl_forecast_scenario *s = f->scenarios[scenario];
    if (i < 0 || i >= s->n_quantities)
        return false;
    const struct tl_scenario_quantity *q = &s->quantities[i];
    *assumption = (struct tl_forecast_assumption){.what = q->path,
                                                  .topic = tl_scenario_topic_name(q->topic),
                                                  .unit = q->unit,
                                                  .source = q->source,
                                                  .best = q->best,
                                                  .low = q->low,
                                                  .high = q->high,
                                                  .basis = basis_of(q->source)};
    return true;
}
