/* Forecasts: the scenarios that are built in, and runs of these or of others; the plan that the project keeps. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "serve/api.h"
#include "serve/lang.h"
#include "tilth/forecast.h"
#include "tilth/plan.h"

enum { YAML_BYTES = 65536, DRAWS_MIN = 256, DRAWS_MAX = 20000 };

tl_err tl_api_forecasts(struct tl_call *call)
{
    json_t *list = json_array();
    for (int64_t i = 0; tl_forecast_builtin_name(i) != NULL; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", tl_forecast_builtin_name(i),
                                              "yaml", tl_forecast_builtin_yaml(i)));
    return tl_call_json(
        call, 200,
        json_pack("{s:s, s:o}", "schema", "tilth.forecast-scenarios/1", "scenarios", list));
}

/* The reader of scenarios takes a file: one in memory, so that nothing is written. Messages say "scenario" for its path. */
static tl_err load_text(struct tl_call *call, const char *yaml,
                        struct tl_forecast_scenario **scenario)
{
    char path[64], said[512];
    size_t n = strlen(yaml);
    int file = memfd_create("scenario", MFD_CLOEXEC);
    if (file < 0 || write(file, yaml, n) != (ssize_t)n) {
        if (file >= 0)
            close(file);
        return tl_fail(call->ctx, TL_EIO, "no memory for a scenario");
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    tl_err err = tl_forecast_load(call->ctx, path, scenario);
    close(file);
    if (err == TL_OK)
        return TL_OK;
    const char *message = tl_ctx_message(call->ctx);
    bool names_it = strncmp(message, path, strlen(path)) == 0;
    snprintf(said, sizeof said, "%s%.400s", names_it ? "scenario" : "",
             names_it ? message + strlen(path) : message);
    return tl_fail(call->ctx, err, "%s", said);
}

/* Each is a built-in's name, or {"yaml": text}. */
static tl_err load_all(struct tl_call *call, struct tl_forecast_scenario **scenarios, int64_t *n)
{
    const json_t *list = json_object_get(call->json, "scenarios");
    size_t i;
    json_t *one;
    tl_err err = TL_OK;
    if (!json_is_array(list) || json_array_size(list) < 1 ||
        json_array_size(list) > TL_FORECAST_SCENARIOS_MAX)
        return tl_fail(call->ctx, TL_EUSAGE,
                       "scenarios: expected a list of 1 to %d names or {\"yaml\": text}",
                       TL_FORECAST_SCENARIOS_MAX);
    json_array_foreach(list, i, one)
    {
        const char *yaml = json_string_value(json_object_get(one, "yaml"));
        if (json_is_string(one))
            TL_TRY(tl_forecast_load_builtin(call->ctx, json_string_value(one), &scenarios[i]));
        else if (yaml != NULL && strlen(yaml) <= YAML_BYTES)
            TL_TRY(load_text(call, yaml, &scenarios[i]));
        else
            TL_THROW(call->ctx, TL_EUSAGE,
                     "scenarios: expected a name or {\"yaml\": text of at most %d bytes}",
                     YAML_BYTES);
        *n = (int64_t)i + 1;
    }
done:
    return err;
}

tl_err tl_api_forecast_run(struct tl_call *call)
{
    static const char *const members[] = {"scenarios", "years", "draws", "seed", "start", NULL};
    struct tl_forecast_scenario *scenarios[TL_FORECAST_SCENARIOS_MAX] = {NULL};
    struct tl_forecast_options options = {.n_draws = 2000, .n_shares = -1, .seed = 1};
    struct tl_forecast *forecast = NULL;
    struct tl_project *project = NULL;
    char *json = NULL;
    int64_t n = 0, seed = 1;
    bool start = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(
        tl_call_member_integer(call, "years", false, 1, TL_FORECAST_YEARS_MAX, &options.n_years));
    TL_TRY(tl_call_member_integer(call, "draws", false, DRAWS_MIN, DRAWS_MAX, &options.n_draws));
    TL_TRY(tl_call_member_integer(call, "seed", false, 0, INT64_C(9000000000000000), &seed));
    TL_TRY(tl_call_member_yesno(call, "start", &start));
    options.seed = (uint64_t)seed;
    TL_TRY(load_all(call, scenarios, &n));
    if (start)
        TL_TRY(tl_call_project(call, &project));
    for (int64_t i = 0; i < n && start; i++)
        TL_TRY(tl_forecast_start(call->ctx, project, scenarios[i]));
    TL_TRY(tl_forecast_run(call->ctx, n, scenarios, &options, &forecast));
    TL_TRY(tl_forecast_json(call->ctx, forecast, &json));
    TL_TRY(tl_call_text_json(call, 200, json));
done:
    tl_forecast_free(forecast);
    for (int64_t i = 0; i < TL_FORECAST_SCENARIOS_MAX; i++)
        tl_forecast_scenario_free(scenarios[i]);
    return err;
}

/* Members of a plan that its reader has in their language; the plan that is kept stays English. */
static const char *const plan_words[] = {"why",  "assumptions", "notes", "solver_note",
                                         "unit", "part",        NULL};

tl_err tl_api_plan(struct tl_call *call)
{
    struct tl_project *project = NULL;
    char *json = NULL, *at = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_project_plan_load(call->ctx, project, &json, &at));
    if (json == NULL)
        TL_THROW(call->ctx, TL_ENOTFOUND, "the project keeps no plan; make one with tilth plan");
    TL_TRY(tl_lang_text_members(call, &json, plan_words));
    TL_TRY(tl_call_text_json(call, 200, json));
    json = NULL;
done:
    tl_free(json);
    tl_free(at);
    return err;
}

tl_err tl_api_plan_task(struct tl_call *call)
{
    struct tl_project *project = NULL;
    char *json = NULL, *words = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_plan_explain(call->ctx, project, tl_call_text(call, "task"), "en", &json, &words));
    TL_TRY(tl_lang_text_members(call, &json, plan_words));
    TL_TRY(tl_call_text_json(call, 200, json));
    json = NULL;
done:
    tl_free(json);
    tl_free(words);
    return err;
}
