#include "unit.h"

#include "hazard/need.h"

static struct tl_hazard_need_of of(int64_t side, int n_channels, int n_covariates)
{
    return (struct tl_hazard_need_of){.n_x = side,
                                      .n_y = side,
                                      .step_m = 25.0,
                                      .n_channels = n_channels,
                                      .n_covariates = n_covariates,
                                      .n_records = 10000};
}

TEST(what_a_country_holds_besides_its_engine_goes_with_its_width)
{
    struct tl_hazard_need_of a = of(10000, 2, 1), b = of(20000, 2, 1);
    struct tl_hazard_need need = tl_hazard_need(&a), twice = tl_hazard_need(&b);
    CHECK(need.held_bytes < 600LL << 20);
    CHECK(twice.held_bytes < 2 * need.held_bytes); /* not four times */
    CHECK(need.after_bytes > 200LL << 20 && need.after_bytes < 800LL << 20);
    CHECK(twice.after_bytes < 2 * need.after_bytes && twice.before_bytes < 4 * need.before_bytes);
    a.n_rasters = 1;
    CHECK(tl_hazard_need(&a).before_bytes > 24LL * 100000000);
    CHECK(need.disk_bytes > 4LL * 100000000 * 20);
    (void)ctx;
}

TEST(draws_are_400_at_most_and_20_at_least)
{
    CHECK(tl_hazard_need_draws(1000, 0) == 400 && tl_hazard_need_draws(1000000, 0) == 100);
    CHECK(tl_hazard_need_draws(100000000, 0) == 20 && tl_hazard_need_draws(100000000, 32) == 32);
    (void)ctx;
}

TEST(too_little_memory_is_told_with_the_least_that_would_do)
{
    struct tl_field_options options = tl_field_options_default();
    struct tl_hazard_need_of a = of(3000, 3, 5);
    int64_t free_hand = 0, least = 0, again = 0;
    options.memory_bytes = INT64_MAX / 2;
    CHECK_OK(tl_hazard_need_memory(ctx, &a, &options, &free_hand));
    options.memory_bytes = 400 << 20;
    CHECK(tl_hazard_need_memory(ctx, &a, &options, &least) == TL_ENOMEM);
    CHECK(least > options.memory_bytes && least <= free_hand);
    options.memory_bytes = least;
    CHECK_OK(tl_hazard_need_memory(ctx, &a, &options, &again));
    CHECK(again <= least);
    options.memory_bytes = least - (least >> 6);
    CHECK(tl_hazard_need_memory(ctx, &a, &options, &again) == TL_ENOMEM);
    a = of(100, 3, 5); /* the exact engine's */
    options.memory_bytes = 0;
    CHECK_OK(tl_hazard_need_memory(ctx, &a, &options, &again));
    CHECK(again > 8 * 10000 * 13);
    options.memory_bytes = 1 << 20;
    CHECK(tl_hazard_need_memory(ctx, &a, &options, &again) == TL_ENOMEM);
}
