#include <unistd.h>

#include "unit.h"

#include "core/json.h"
#include "forecast/fixture.h"

static tl_err texts(struct tl_ctx *ctx, const struct tl_forecast *f)
{
    char *json = NULL, *csv = NULL;
    tl_err err = tl_forecast_json(ctx, f, &json);
    if (err == TL_OK)
        err = tl_forecast_csv(ctx, f, &csv);
    tl_free(json);
    tl_free(csv);
    return err;
}

TEST(json_holds_both_columns_and_every_assumption)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    char *text = NULL, *csv = NULL;
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), 256, &s, &f));
    CHECK_OK(tl_forecast_json(ctx, f, &text));
    json_t *root = json_loads(text, 0, NULL),
           *first = json_array_get(json_object_get(root, "scenarios"), 0);
    CHECK((int)json_array_size(json_object_get(first, "assumptions")) == s->n_quantities);
    for (int set = 0; set < 2; set++) {
        json_t *column = json_object_get(first, set == 0 ? "claimed" : "observed");
        CHECK(json_array_size(json_object_get(column, "classes")) == 2);
        CHECK(json_array_size(json_object_get(
                  json_object_get(json_object_get(column, "all"), "live"), "q50")) == 20);
    }
    CHECK(json_is_object(
        json_object_get(json_object_get(first, "differences"), "observed_minus_claimed")));
    CHECK(json_number_value(json_object_get(root, "quantile_error_of_fan")) >= 0.0);
    CHECK_OK(tl_forecast_csv(ctx, f, &csv));
    int lines = 0;
    for (const char *at = csv; *at != '\0'; at++)
        lines += *at == '\n';
    CHECK(lines == 1 + 2 * 20 * (TL_FORECAST_SERIES + 8));
    CHECK_OK(tl_forecast_write(ctx, f, "."));
    CHECK(access("forecast.json", R_OK) == 0 && access("forecast.csv", R_OK) == 0);
    CHECK_EVERY_ALLOC(ctx, texts(ctx, f));
    json_decref(root);
    tl_free(text);
    tl_free(csv);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
    unlink("forecast.json");
    unlink("forecast.csv");
}
