/*
 * Speed of a forecast without the program's start: loads scenarios, runs them on the same draws, asks for all fans and differences as JSON.
 *   tl_bench_forecast DRAWS SCENARIO.yaml...
 * Prints seconds of wall and of processor for the run, seconds of the JSON, and the mean and its error of casualties in all of the first
 * scenario, observed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../processor.h"
#include "core/core.h"
#include "tilth/forecast.h"

static tl_err bench(struct tl_ctx *ctx, int n, char **paths,
                    const struct tl_forecast_options *options)
{
    struct tl_forecast_scenario *scenarios[TL_FORECAST_SCENARIOS_MAX] = {NULL};
    struct tl_forecast *forecast = NULL;
    char *json = NULL;
    tl_err err = TL_OK;
    for (int s = 0; s < n && s < TL_FORECAST_SCENARIOS_MAX; s++)
        TL_TRY(tl_forecast_load(ctx, paths[s], &scenarios[s]));
    double wall = tl_clock_s(), processor = processor_s();
    TL_TRY(tl_forecast_run(ctx, n, scenarios, options, &forecast));
    wall = tl_clock_s() - wall;
    processor = processor_s() - processor;
    double begun = tl_clock_s();
    TL_TRY(tl_forecast_json(ctx, forecast, &json));
    struct tl_forecast_fan fan =
        tl_forecast_at(forecast, 0, TL_FORECAST_OBSERVED, TL_FORECAST_CASUALTIES_SUM,
                       tl_forecast_n_years(forecast) - 1);
    printf("%.3f %.3f %.3f %.1f %.1f\n", wall, processor, tl_clock_s() - begun, fan.mean, fan.mcse);
done:
    tl_free(json);
    tl_forecast_free(forecast);
    for (int s = 0; s < TL_FORECAST_SCENARIOS_MAX; s++)
        tl_forecast_scenario_free(scenarios[s]);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_forecast_options options = {.n_shares = -1, .seed = 1};
    struct tl_ctx *ctx = tl_ctx_create();
    if (argc < 3 || ctx == NULL)
        return 2;
    options.n_draws = atoll(argv[1]);
    tl_err err = bench(ctx, argc - 2, argv + 2, &options);
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return err == TL_OK ? 0 : 1;
}
