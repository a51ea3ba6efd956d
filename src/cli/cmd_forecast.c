/** tilth forecast: scenarios over decades; tilth forecast calibrate: a scenario from recorded figures. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/fan.h"
#include "tilth/forecast.h"
#include "tilth/outdir.h"
#include "tilth/project.h"

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static tl_err list_builtins(struct tl_cli_run *run)
{
    const char *name;
    if (!run->json) {
        for (int64_t i = 0; (name = tl_forecast_builtin_name(i)) != NULL; i++)
            fprintf(run->out, "%s\n", name);
        return TL_OK;
    }
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.forecast-scenarios/1");
    tl_cli_json_array(&json, "scenarios");
    for (int64_t i = 0; (name = tl_forecast_builtin_name(i)) != NULL; i++) {
        tl_cli_json_object(&json, NULL);
        tl_cli_json_text(&json, "name", name);
        tl_cli_json_text(&json, "yaml", tl_forecast_builtin_yaml(i));
        tl_cli_json_close(&json);
    }
    tl_cli_json_close(&json);
    tl_cli_json_end(&json);
    return TL_OK;
}

struct loaded {
    struct tl_forecast_scenario *scenarios[TL_FORECAST_SCENARIOS_MAX]; /* owns */
    int64_t n;
    struct tl_project *project; /* owns */
};

static tl_err load_one(struct tl_cli_run *run, struct loaded *loaded, const char *name,
                       bool builtin)
{
    tl_err err;
    if (loaded->n >= TL_FORECAST_SCENARIOS_MAX)
        return tl_cli_run_fail(run, TL_EUSAGE, "more than %d scenarios", TL_FORECAST_SCENARIOS_MAX);
    struct tl_forecast_scenario **to = &loaded->scenarios[loaded->n];
    err = builtin ? tl_forecast_load_builtin(run->ctx, name, to)
                  : tl_forecast_load(run->ctx, name, to);
    loaded->n += err == TL_OK;
    return err;
}

static tl_err load(struct tl_cli_run *run, struct loaded *loaded)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_cli_value *value;
    tl_err err = TL_OK;
    int at = 0;
    for (int w = 0; err == TL_OK && w < args->n_words; w++) {
        if (w == 0 && ends_with(args->words[w], ".gpkg"))
            err = tl_project_open(run->ctx, args->words[w], TL_PROJECT_READ, &loaded->project);
        else
            err = load_one(run, loaded, args->words[w], false);
    }
    while (err == TL_OK && (value = tl_cli_args_next(args, "scenario", &at)) != NULL)
        err = load_one(run, loaded, value->text, false);
    at = 0;
    while (err == TL_OK && (value = tl_cli_args_next(args, "builtin", &at)) != NULL)
        err = load_one(run, loaded, value->text, true);
    if (err == TL_OK && loaded->n == 0)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "forecast needs a scenario: a file, --scenario FILE or --builtin "
                               "NAME (--builtin list names them)");
    for (int64_t s = 0; err == TL_OK && loaded->project != NULL && s < loaded->n; s++)
        err = tl_forecast_start(run->ctx, loaded->project, loaded->scenarios[s]);
    return err;
}

static tl_err write_out(struct tl_cli_run *run, const struct tl_forecast *forecast,
                        struct tl_outdir *outdir)
{
    tl_err err = tl_forecast_write(run->ctx, forecast, tl_outdir_path(outdir));
    if (err == TL_OK)
        err = tl_fan_draw(run->ctx, forecast, tl_outdir_file(outdir, "fans.pdf"));
    if (err == TL_OK)
        err = tl_fan_draw(run->ctx, forecast, tl_outdir_file(outdir, "fans.png"));
    return err;
}

static tl_err print(struct tl_cli_run *run, const struct tl_forecast *forecast)
{
    char *text = NULL;
    tl_err err = TL_OK;
    if (run->json)
        err = tl_forecast_json(run->ctx, forecast, &text);
    else if (!run->quiet)
        err = tl_forecast_words(run->ctx, forecast, &text);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && text != NULL)
        fputs(text, run->out);
    tl_free(text);
    return err;
}

static tl_err forecast_all(struct tl_cli_run *run)
{
    static const char *const names[] = {"forecast.json", "forecast.csv", "fans.pdf", "fans.png",
                                        NULL};
    const struct tl_cli_args *args = run->args;
    const struct tl_forecast_options options = {
        .n_years = tl_cli_args_integer(args, "years", 0),
        .n_draws = tl_cli_args_integer(args, "draws", 0),
        .n_shares = tl_cli_args_flag(args, "no-shares") ? -1 : 0,
        .seed = (uint64_t)tl_cli_args_integer(args, "seed", 1)};
    const char *out = tl_cli_args_text(args, "out", NULL);
    struct loaded loaded = {0};
    struct tl_forecast *forecast = NULL;
    struct tl_outdir *outdir = NULL;
    tl_err err = load(run, &loaded);
    if (err == TL_OK && out != NULL)
        err = tl_outdir_begin(run->ctx, out, names, tl_cli_args_flag(args, "overwrite"), &outdir);
    if (err == TL_OK)
        err = tl_forecast_run(run->ctx, loaded.n, loaded.scenarios, &options, &forecast);
    if (err == TL_OK && outdir != NULL)
        err = write_out(run, forecast, outdir);
    if (err == TL_OK && outdir != NULL) {
        err = tl_outdir_commit(run->ctx, outdir);
        outdir = NULL;
    }
    if (err == TL_OK)
        err = print(run, forecast);
    tl_outdir_abort(outdir);
    tl_forecast_free(forecast);
    for (int64_t s = 0; s < loaded.n; s++)
        tl_forecast_scenario_free(loaded.scenarios[s]);
    tl_project_close(loaded.project);
    return err;
}

static tl_err read_record(struct tl_cli_run *run, const char *path,
                          struct tl_forecast_record *record)
{
    struct tl_project *project = NULL;
    if (!ends_with(path, ".gpkg"))
        return tl_forecast_record_read(run->ctx, path, record);
    tl_err err = tl_project_open(run->ctx, path, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_forecast_record_project(run->ctx, project, record);
    tl_project_close(project);
    return err;
}

static void print_calibration(struct tl_cli_run *run, const struct tl_forecast_record *record,
                              const struct tl_forecast_calibration *c)
{
    fprintf(run->out,
            "%s: %lld years, %lld to %lld\n"
            "level of the last year   %.4g (%.4g to %.4g) %s\n"
            "yearly step of its log   %.3g (%.3g to %.3g)\n"
            "dispersion               %.3g (%.3g to %.3g)\n"
            "predictive check         p %.2f (sum), %.2f (yearly errors), %.2f (years of zero)\n",
            record->source, (long long)record->n, (long long)record->first_year,
            (long long)(record->first_year + record->n - 1), c->level[1], c->level[0], c->level[2],
            record->is_events ? "accidents" : "casualties", c->step[1], c->step[0], c->step[2],
            c->dispersion[1], c->dispersion[0], c->dispersion[2], c->p_mean, c->p_spread,
            c->p_zero);
    for (int64_t t = 0; t < c->n_ahead; t++)
        fprintf(run->out, "%lld   %.0f (%.0f to %.0f)\n",
                (long long)(record->first_year + record->n + t), c->ahead[t][2], c->ahead[t][0],
                c->ahead[t][4]);
    fputs("Numbers of items and the use of land were not calibrated: the record tells their "
          "product with the rate only.\n"
          "A year without a record counts as one in which nothing happened, and the last year as "
          "a whole one.\n",
          run->out);
}

static tl_err calibrate(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *out = tl_cli_args_text(args, "out", NULL);
    struct tl_forecast_record record;
    struct tl_forecast_calibration calibration;
    char *json = NULL;
    tl_err err = TL_OK;
    if (args->n_words != 2)
        return tl_cli_run_fail(
            run, TL_EUSAGE,
            "forecast calibrate needs one file: a project or figures by year (CSV)");
    err = read_record(run, args->words[1], &record);
    if (err == TL_OK)
        err = tl_forecast_calibrate(run->ctx, &record, tl_cli_args_integer(args, "years", 5),
                                    tl_cli_args_integer(args, "draws", 10000),
                                    (uint64_t)tl_cli_args_integer(args, "seed", 1), &calibration,
                                    NULL);
    if (err == TL_OK && run->json)
        err = tl_forecast_calibration_json(run->ctx, &record, &calibration, &json);
    if (err == TL_OK && out != NULL)
        err = tl_forecast_calibration_write(run->ctx, &record, &calibration, out,
                                            tl_cli_args_flag(args, "overwrite"));
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json)
        fputs(json, run->out);
    else if (err == TL_OK && !run->quiet)
        print_calibration(run, &record, &calibration);
    tl_free(json);
    return err;
}

tl_err tl_cli_cmd_forecast(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_cli_value *builtin = tl_cli_args_value(args, "builtin");
    if (builtin != NULL && strcmp(builtin->text, "list") == 0)
        return list_builtins(run);
    if (args->n_words > 0 && strcmp(args->words[0], "calibrate") == 0)
        return calibrate(run);
    return forecast_all(run);
}
