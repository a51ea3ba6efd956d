#include "unit.h"

#include "forecast/fixture.h"

TEST(range_is_met_at_its_three_points)
{
    struct tl_scenario_quantity q = {
        .scale = TL_SCENARIO_POSITIVE, .best = 3, .low = 1, .high = 20, .is_uncertain = true};
    double z = 1.6448536269514722;
    CHECK_NEAR(tl_scenario_quantity_at(&q, 0), 3, 1e-12);
    CHECK_NEAR(tl_scenario_quantity_at(&q, -z), 1, 1e-12);
    CHECK_NEAR(tl_scenario_quantity_at(&q, z), 20, 1e-11);
    q = (struct tl_scenario_quantity){
        .scale = TL_SCENARIO_SHARE, .best = 0.9, .low = 0.5, .high = 0.99, .is_uncertain = true};
    CHECK_NEAR(tl_scenario_quantity_at(&q, -z), 0.5, 1e-12);
    CHECK_NEAR(tl_scenario_quantity_at(&q, z), 0.99, 1e-12);
    q.is_uncertain = false;
    CHECK(tl_scenario_quantity_at(&q, 3) == 0.9);
}

TEST(claimed_and_observed_share_their_luck)
{
    struct tl_forecast_scenario *s = NULL;
    int a = -1, b = -1;
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s));
    for (int q = 0; q < s->n_quantities; q++) {
        a = strcmp(s->quantities[q].path, "classes.a.self_destruct.share.claimed") == 0 ? q : a;
        b = strcmp(s->quantities[q].path, "classes.a.self_destruct.share.observed") == 0 ? q : b;
    }
    CHECK(a >= 0 && b >= 0 && s->quantities[a].stream == s->quantities[b].stream);
    CHECK(s->quantities[a].best == 0.99 && s->quantities[b].best == 0.9);
    tl_forecast_scenario_free(s);
}
