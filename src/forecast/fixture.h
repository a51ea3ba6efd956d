/** A scenario with one class and constant rates, for tests. */
#ifndef TL_FORECAST_FIXTURE_H
#define TL_FORECAST_FIXTURE_H

#include "forecast/run.h"

#define FIXTURE_ONE                                                                                \
    "title: one class\nstart: 2020\nyears: 10\ncasualties:\n  rate: 0.001 /year\n  per_accident: " \
    "1\n"                                                                                          \
    "classes:\n  - name: one\n    kind: persistent-ap\n    numbers: 10000\n    arrived: {from: "   \
    "2020, to: "                                                                                   \
    "2020}\n    half_life: 10 years\n    killed: 40 %\n"

/* All states, both ends, arrivals, clearance. */
#define FIXTURE_ALL(claimed)                                                                       \
    "title: all states\nstart: 2020\nyears: 20\n"                                                  \
    "land:\n  suspected: {best: 100 km2, low: 60 km2, high: 150 km2}\n  contaminated: 30 %\n  "    \
    "targeting: 2\n"                                                                               \
    "release:\n  cancelled: {capacity: 2 km2/year, price: 10 USD/ha}\n  reduced: {capacity: 1 "    \
    "km2/year, price: 0.1 "                                                                        \
    "USD/m2}\n"                                                                                    \
    "clearance:\n  - {method: manual, teams: 10, pace: 1000 m2/day, price: 1 USD/m2, found: 90 "   \
    "%, learning: 2 "                                                                              \
    "%/year}\n"                                                                                    \
    "funding:\n  - {from: 2020, to: 2030, per_year: {best: 2 MUSD/year, low: 1 MUSD/year, high: "  \
    "3 MUSD/year}}\n"                                                                              \
    "casualties:\n  rate: {best: 0.002 /year, low: 0.001 /year, high: 0.004 /year}\n  "            \
    "dispersion: 5\n  level_step: "                                                                \
    "0.1\n  animals: 0.5\n  deminer_accidents: 1 /km2\n"                                           \
    "classes:\n  - name: a\n    kind: self-destructing-self-deactivating\n    numbers: {best: "    \
    "20000, low: 5000, high: "                                                                     \
    "80000}\n    arrived: {from: 2015, to: 2019}\n    arriving: {from: 2020, to: 2025, per_year: " \
    "1000}\n    works: 95 "                                                                        \
    "%\n    half_life: {best: 20 years, low: 5 years, high: 80 years}\n"                           \
    "    self_destruct:\n      claimed: " claimed                                                  \
    "\n      observed: {share: 90 %, within: 2 years}\n"                                           \
    "    deactivate:\n      claimed: {share: 80 %, within: 3 years}\n      observed: {share: 80 "  \
    "%, within: 3 years}\n"                                                                        \
    "  - name: b\n    kind: persistent-ap\n    density: 100 /km2\n    area: 30 km2\n    arrived: " \
    "{from: 2010, to: 2012}\n"

__attribute__((unused)) static tl_err fixture_scenario(struct tl_ctx *ctx, const char *text,
                                                       struct tl_forecast_scenario **scenario)
{
    struct tl_yaml *yaml = NULL;
    tl_err err = tl_yaml_parse(ctx, "s.yaml", text, (int64_t)strlen(text), &yaml);
    return err != TL_OK ? err : tl_scenario_build(ctx, yaml, scenario);
}

__attribute__((unused)) static tl_err fixture_run(struct tl_ctx *ctx, const char *text,
                                                  int64_t n_draws,
                                                  struct tl_forecast_scenario **scenario,
                                                  struct tl_forecast **forecast)
{
    const struct tl_forecast_options options = {.n_draws = n_draws, .n_shares = -1, .seed = 7};
    tl_err err = fixture_scenario(ctx, text, scenario);
    return err != TL_OK ? err : tl_forecast_run(ctx, 1, scenario, &options, forecast);
}

#endif
