/* The page of fans: drawn whole, the same bytes twice, nothing on an error. */
#include <unistd.h>

#include "unit.h"

#include "tilth/fan.h"

static tl_err make(struct tl_ctx *ctx, struct tl_forecast_scenario **scenario,
                   struct tl_forecast **forecast)
{
    const struct tl_forecast_options options = {.n_draws = 256, .n_shares = -1, .seed = 3};
    tl_err err = tl_forecast_load_builtin(ctx, "bosnia-2010", scenario);
    return err != TL_OK ? err : tl_forecast_run(ctx, 1, scenario, &options, forecast);
}

static int64_t read_all(const char *path, char *bytes, int64_t room)
{
    FILE *file = fopen(path, "rb");
    int64_t n = file == NULL ? -1 : (int64_t)fread(bytes, 1, (size_t)room, file);
    if (file != NULL)
        fclose(file);
    return n;
}

TEST(page_is_drawn_the_same_twice)
{
    struct tl_forecast_scenario *scenario = NULL;
    struct tl_forecast *forecast = NULL;
    static char a[1 << 21], b[1 << 21];
    CHECK_OK(make(ctx, &scenario, &forecast));
    CHECK_OK(tl_fan_draw(ctx, forecast, "fan_test_a.pdf"));
    CHECK_OK(tl_fan_draw(ctx, forecast, "fan_test_b.pdf"));
    CHECK_OK(tl_fan_draw(ctx, forecast, "fan_test.png"));
    int64_t n = read_all("fan_test_a.pdf", a, sizeof a);
    CHECK(n > 4000 && n == read_all("fan_test_b.pdf", b, sizeof b) && memcmp(a, b, (size_t)n) == 0);
    CHECK(memcmp(a, "%PDF", 4) == 0);
    CHECK_FAILS(tl_fan_draw(ctx, forecast, "fan_test.txt"), TL_EUSAGE, "");
    CHECK(access("fan_test.txt", F_OK) != 0);
    CHECK_EVERY_ALLOC(ctx, tl_fan_draw(ctx, forecast, "fan_test_b.pdf"));
    tl_forecast_free(forecast);
    tl_forecast_scenario_free(scenario);
    unlink("fan_test_a.pdf");
    unlink("fan_test_b.pdf");
    unlink("fan_test.png");
}
