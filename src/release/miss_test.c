#include "unit.h"

#include "release/release.h"

/* Three searches over one ground: two of one method (lots 0 and 1), one of another (lot 1); the second reaches the upper layer only. */
static struct tl_release_row rows[] = {{.d_a = 9, .d_b = 1, .q_a = 4, .q_b = 1, .p_failed = 0.25},
                                       {.d_a = 2, .d_b = 1, .q_a = 1, .q_b = 1, .p_failed = 0.1}};
static struct tl_release_search searches[] = {{0, 0, 2, 2}, {0, 1, 1, 1}, {1, 1, 1, 2}};
static double failure[] = {0.1, 0.2};
static int32_t group_at[] = {0, 0, 3}, slots[] = {0, 1, 2};
static uint8_t failed[2];

static struct tl_release_model model(void)
{
    struct tl_release_model m = {.n_rows = 2,
                                 .rows = rows,
                                 .n_lots = 2,
                                 .lot_failure = failure,
                                 .n_searches = 3,
                                 .searches = searches,
                                 .n_groups = 2,
                                 .group_at = group_at,
                                 .slot_search = slots,
                                 .n_layers = 2,
                                 .n_asked = 2,
                                 .n_reference = 2};
    m.layer_alpha[0] = 3.0;
    m.layer_alpha[1] = 1.0;
    return m;
}

static struct tl_release_state state(void)
{
    struct tl_release_state s = {
        .d = {0.9, 0.6}, .q = {0.8, 0.5}, .share = {0.7, 0.3}, .failed = failed};
    failed[0] = failed[1] = 0;
    tl_release_state_fill(&s, 0);
    tl_release_state_fill(&s, 1);
    return s;
}

TEST(passes_of_one_method_share_what_it_cannot_find)
{
    struct tl_release_model m = model();
    struct tl_release_state s = state();
    double left[TL_RELEASE_LAYERS_MAX];
    tl_release_left(&m, &s, 1, 0, NULL, left);
    double other = 1.0 - 0.6 * 0.5;
    CHECK_NEAR(left[0], (0.1 + 0.9 * pow(0.2, 3)) * other, 1e-12);
    CHECK_NEAR(left[1], (0.1 + 0.9 * pow(0.2, 2)) * other, 1e-12);
    tl_release_left(&m, &s, 0, 0, NULL, left);
    CHECK_NEAR(left[0] + left[1], 2.0, 1e-12);
}

TEST(a_failed_lot_finds_its_own_small_share_in_all_of_its_searches)
{
    struct tl_release_model m = model();
    struct tl_release_state s = state();
    double left[TL_RELEASE_LAYERS_MAX];
    failed[1] = 1;
    tl_release_left(&m, &s, 1, 0, NULL, left);
    CHECK_NEAR(left[0], (0.1 + 0.9 * 0.04) * 0.75 * 0.9, 1e-12);
    CHECK_NEAR(left[1], (0.1 + 0.9 * 0.04) * 0.9, 1e-12);
}

TEST(what_each_search_finds_adds_up_to_what_is_not_left)
{
    struct tl_release_model m = model();
    struct tl_release_state s = state();
    for (int f = 0; f < 4; f++) {
        double left[TL_RELEASE_LAYERS_MAX], by[3];
        failed[0] = (uint8_t)(f & 1);
        failed[1] = (uint8_t)(f >> 1);
        double sum = tl_release_found(&m, &s, 1, by);
        tl_release_left(&m, &s, 1, 0, NULL, left);
        CHECK_NEAR(sum, by[0] + by[1] + by[2], 1e-12);
        CHECK_NEAR(sum, 1.0 - 0.7 * left[0] - 0.3 * left[1], 1e-12);
        CHECK(by[0] > 0.0 && by[1] > 0.0 && by[2] > 0.0);
    }
}

TEST(more_work_adds_to_the_passes_of_its_method)
{
    struct tl_release_model m = model();
    struct tl_release_state s = state();
    double left[TL_RELEASE_LAYERS_MAX];
    struct tl_release_more more[2] = {
        {.passes = 2, .n_layers = 2, .d = 0.9, .q = 0.8, .row = 0},
        {.passes = 1, .n_layers = 1, .d = 0.5, .q = 0.4, .row = -1, .p_failed = 0.3}};
    tl_release_left(&m, &s, 1, 2, more, left);
    CHECK_NEAR(left[1], (0.1 + 0.9 * pow(0.2, 4)) * 0.7, 1e-12);
    CHECK_NEAR(left[0], (0.1 + 0.9 * pow(0.2, 5)) * 0.7 * (1.0 - 0.5 * 0.4), 1e-12);
    more[1].failed = true;
    tl_release_left(&m, &s, 1, 2, more, left);
    CHECK_NEAR(left[0], (0.1 + 0.9 * pow(0.2, 5)) * 0.7 * 0.7, 1e-12);
}

/* At one pass of each lot the mean's two figures are the average over failures. */
TEST(the_reference_is_the_average_over_failures)
{
    struct tl_release_model m = model();
    static int32_t one_at[] = {0, 0, 1}, one_slot[] = {1};
    double found = 0.0, by[1];
    m.group_at = one_at;
    m.slot_search = one_slot;
    struct tl_release_state s = state();
    tl_release_state_mean(&m, &s);
    for (int f = 0; f < 2; f++) {
        failed[1] = (uint8_t)f;
        found += (f == 1 ? 0.2 : 0.8) * tl_release_found(&m, &s, 1, by);
    }
    CHECK_NEAR(tl_release_found_mean(&m, 1), found, 1e-12);
    CHECK_NEAR(tl_release_found_alone(&m, 1, by), found, 1e-12);
}

TEST(taken_as_independent_passes_multiply)
{
    struct tl_release_model m = model();
    double left[TL_RELEASE_LAYERS_MAX], p0 = 0.9 * 0.72 + 0.1 * 0.25, p1 = 0.8 * 0.72 + 0.2 * 0.25,
                                        p2 = 0.8 * (2.0 / 3.0) * 0.5 + 0.2 * 0.1;
    tl_release_left_alone(&m, 1, left);
    CHECK_NEAR(left[0], (1.0 - p0) * (1.0 - p0) * (1.0 - p1) * (1.0 - p2), 1e-12);
}
