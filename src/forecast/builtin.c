/* Scenarios that are built in, by name. */
#include "forecast/builtin.h"

#include <string.h>

#include "core/text.h"
#include "forecast/scenario.h"

enum { BUILTINS_MAX = 32 };

static int64_t count(void)
{
    int64_t n = 0;
    while (n < BUILTINS_MAX && tl_builtins[n].name != NULL)
        n++;
    return n;
}

const char *tl_forecast_builtin_name(int64_t i)
{
    return i >= 0 && i < count() ? tl_builtins[i].name : NULL;
}

const char *tl_forecast_builtin_yaml(int64_t i)
{
    return i >= 0 && i < count() ? (const char *)tl_builtins[i].yaml : NULL;
}

tl_err tl_forecast_load_builtin(struct tl_ctx *ctx, const char *name,
                                struct tl_forecast_scenario **scenario)
{
    const char *names[BUILTINS_MAX];
    struct tl_yaml *yaml = NULL;
    int64_t n = count();
    for (int64_t i = 0; i < n; i++) {
        names[i] = tl_builtins[i].name;
        if (strcmp(names[i], name) == 0) {
            const char *text = tl_forecast_builtin_yaml(i);
            tl_err err = tl_yaml_parse(ctx, name, text, (int64_t)strlen(text), &yaml);
            return err != TL_OK ? err : tl_scenario_build(ctx, yaml, scenario);
        }
    }
    const char *near = tl_text_nearest(name, (int)n, names);
    return tl_fail(
        ctx, TL_ENOTFOUND,
        "no scenario \"%.60s\" is built in%s%s%s; tilth forecast --builtin list names them", name,
        near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
        near != NULL ? "\"?" : "");
}
