#include <unistd.h>

#include "unit.h"

#include "forecast/fixture.h"

TEST(scenario_of_a_calibration_runs_at_its_level_and_marks_priors)
{
    struct tl_forecast_record r = {.first_year = 2000,
                                   .n = 8,
                                   .count = {90, 110, 100, 95, 105, 98, 102, 100},
                                   .killed = {30, 30, 30, 30, 30, 30, 30, 30},
                                   .source = "x"};
    struct tl_forecast_calibration c;
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    char *yaml = NULL, *json = NULL;
    CHECK_OK(tl_forecast_calibrate(ctx, &r, 1, 2000, 1, &c, NULL));
    CHECK_OK(tl_forecast_calibration_yaml(ctx, &r, &c, &yaml));
    CHECK(strstr(yaml, "prior: not calibrated") != NULL &&
          strstr(yaml, "calibrated: 240 killed of 800") != NULL);
    CHECK_OK(fixture_run(ctx, yaml, 4000, &s, &f));
    struct tl_forecast_fan fan =
        tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_CASUALTIES, 0);
    CHECK_NEAR(fan.q[2], c.ahead[0][2], 0.12 * c.ahead[0][2]);
    CHECK_OK(tl_forecast_calibration_json(ctx, &r, &c, &json));
    CHECK(strstr(json, "tilth.forecast-calibration/1") != NULL);
    CHECK_OK(tl_forecast_calibration_write(ctx, &r, &c, "calibration_test.yaml", false));
    CHECK_FAILS(tl_forecast_calibration_write(ctx, &r, &c, "calibration_test.yaml", false),
                TL_EEXISTS, "calibration_test.yaml");
    unlink("calibration_test.yaml");
    tl_free(yaml);
    tl_free(json);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}
