#include "unit.h"

#include "release/case.h"

static const char *const path = "release_prior_test.gpkg";

/* A window that is the whole map must not count the map's data twice: its prior is all but flat, a small one keeps the map's. */
TEST(the_windows_own_part_of_the_map_is_taken_out_of_its_prior)
{
    struct case_set s = {.options = tl_release_options_default()};
    struct tl_release_prior whole, small;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    struct tl_local *local = &s.c->local;
    double share = tl_release_map_share(&s.shared.map, local);
    CHECK(share > 0.5 && share <= 0.98);
    CHECK_OK(tl_release_prior_of(ctx, &s.shared.map, local, &whole));
    for (int c = 0; c < local->evidence.n_channels; c++)
        for (int64_t i = 0; i < tl_grid_n_cells(&local->grid); i++) {
            local->evidence.channels[c].counts[i] *= 0.001;
            local->evidence.channels[c].effort[i] *= 0.001;
        }
    CHECK(tl_release_map_share(&s.shared.map, local) < 0.002);
    CHECK_OK(tl_release_prior_of(ctx, &s.shared.map, local, &small));
    CHECK_NEAR(whole.level_sd / small.level_sd, sqrt(1.0 / (1.0 - share)), 0.01 / (1.0 - share));
    CHECK_NEAR(whole.level_mean, small.level_mean, 0.0);
    const json_t *level = json_object_get(json_object_get(s.shared.map.json, "posterior"), "level");
    CHECK_NEAR(small.level_sd, json_number_value(json_object_get(level, "sd")), 0.002);
    for (int c = 0; c < local->evidence.n_channels; c++)
        CHECK(whole.effect_sd[c] <= local->evidence.channels[c].effect_sd);
    case_close(&s, path);
}

/* Older maps and those of the lattice engine do not tell the level. */
TEST(without_a_level_the_intercept_serves)
{
    struct case_set s = {.options = tl_release_options_default()};
    struct tl_release_prior with, without;
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    CHECK_OK(tl_release_prior_of(ctx, &s.shared.map, &s.c->local, &with));
    json_object_del(json_object_get(s.shared.map.json, "posterior"), "level");
    CHECK_OK(tl_release_prior_of(ctx, &s.shared.map, &s.c->local, &without));
    for (int k = 0; k < s.c->local.evidence.n_covariates; k++) {
        CHECK(without.coefficient_sd[k] == 0.0);
        /* The same mean density wherever the covariates are, however it is centred. */
        with.level_mean -= with.coefficient[k] * with.centre[k];
        without.level_mean -= without.coefficient[k] * without.centre[k];
    }
    CHECK_NEAR(with.level_mean, without.level_mean, 1e-3);
    json_object_del(s.shared.map.json, "posterior");
    CHECK_FAILS(tl_release_prior_of(ctx, &s.shared.map, &s.c->local, &without), TL_EINTEGRITY,
                "tilth check");
    case_close(&s, path);
}
