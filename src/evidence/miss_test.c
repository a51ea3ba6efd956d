#include "unit.h"

#include "evidence/miss.h"

/* d = 18/20, q = 12/16; and rows of one name for shallow and deep items, another name, no failure. */
static const struct tl_method methods[] = {
    {.name = "manual", .detectable_a = 18, .detectable_b = 2, .per_pass_a = 12, .per_pass_b = 4},
    {.name = "dogs", .detectable_a = 3, .detectable_b = 1, .per_pass_a = 1, .per_pass_b = 1},
    {.name = "Manual", .detectable_a = 1, .detectable_b = 1, .per_pass_a = 3, .per_pass_b = 1},
};

static tl_err make(struct tl_ctx *ctx, int64_t n, const struct tl_miss_search *searches,
                   struct tl_miss *miss)
{
    tl_err err = tl_miss_init(ctx, methods, 3, n, miss);
    if (err == TL_OK)
        memcpy(miss->searches, searches, (size_t)n * sizeof *searches);
    return err;
}

static double once(const struct tl_method *m, int k)
{
    double d = m->detectable_a / (m->detectable_a + m->detectable_b);
    double q = m->per_pass_a / (m->per_pass_a + m->per_pass_b);
    return 1.0 - d + d * pow(1.0 - q, k);
}

TEST(passes_add_up_and_methods_multiply)
{
    const struct tl_miss_search searches[] = {{0, 1, INFINITY, 1.0, NAN},
                                              {0, 2, INFINITY, 1.0, NAN},
                                              {1, 1, INFINITY, 1.0, NAN},
                                              {0, 97, INFINITY, 1.0, NAN}};
    struct tl_miss miss = {0};
    CHECK_OK(make(ctx, 4, searches, &miss));
    CHECK_NEAR(tl_miss_left(&miss, 0, NULL, INFINITY), 1.0, 0);
    CHECK_NEAR(tl_miss_left(&miss, 1, (int64_t[]){0}, INFINITY), once(&methods[0], 1), 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 3, (int64_t[]){0, 1, 2}, INFINITY),
               once(&methods[0], 3) * once(&methods[1], 1), 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 4, (int64_t[]){0, 1, 2, 3}, INFINITY),
               0.1 * once(&methods[1], 1), 1e-15);
    tl_miss_fini(&miss);
}

TEST(searches_to_one_depth_miss_the_same_deep_items)
{
    const struct tl_miss_search searches[] = {{0, 1, 20.0, 0.6, NAN},
                                              {1, 1, 20.0, 0.6, NAN},
                                              {0, 1, 40.0, 0.9, NAN},
                                              {1, 2, INFINITY, 1.0, NAN}};
    struct tl_miss miss = {0};
    double a = once(&methods[0], 1), aa = once(&methods[0], 2), b = once(&methods[1], 1),
           bb = once(&methods[1], 2), bbb = once(&methods[1], 3);
    CHECK_OK(make(ctx, 4, searches, &miss));
    CHECK_NEAR(tl_miss_left(&miss, 1, (int64_t[]){0}, INFINITY), 0.6 * a + 0.4, 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 2, (int64_t[]){0, 1}, INFINITY), 0.6 * a * b + 0.4, 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 3, (int64_t[]){0, 1, 2}, INFINITY), 0.6 * aa * b + 0.3 * a + 0.1,
               1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 4, (int64_t[]){0, 1, 2, 3}, INFINITY),
               0.6 * aa * bbb + 0.3 * a * bb + 0.1 * bb, 1e-15);
    tl_miss_fini(&miss);
}

TEST(rows_of_one_method_share_what_it_cannot_find)
{
    const struct tl_miss_search searches[] = {{0, 1, INFINITY, 1.0, NAN},
                                              {2, 2, INFINITY, 1.0, NAN}};
    struct tl_miss miss = {0};
    CHECK_OK(make(ctx, 2, searches, &miss));
    /* The row with d = 0.5, q = 0.75 finds among what the row with d = 0.9, q = 0.75 can: three passes on half, one on the next 0.4 */
    CHECK_NEAR(tl_miss_left(&miss, 2, (int64_t[]){0, 1}, INFINITY),
               0.1 + 0.4 * 0.25 + 0.5 * 0.25 * 0.0625, 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 1, (int64_t[]){1}, INFINITY), once(&methods[2], 2), 1e-15);
    tl_miss_fini(&miss);
}

TEST(time_counts_what_was_there_and_undated_work_is_the_earliest)
{
    const struct tl_miss_search searches[] = {{0, 1, INFINITY, 1.0, 2003.5},
                                              {1, 1, INFINITY, 1.0, NAN}};
    struct tl_miss miss = {0};
    const double times[] = {2000, 2003.5, 2010};
    double a = once(&methods[0], 1), b = once(&methods[1], 1);
    CHECK_OK(make(ctx, 2, searches, &miss));
    CHECK_NEAR(tl_miss_left(&miss, 2, (int64_t[]){0, 1}, 2003.5), b, 1e-15);
    CHECK_NEAR(tl_miss_left(&miss, 2, (int64_t[]){0, 1}, 2004), a * b, 1e-15);
    CHECK_NEAR(tl_miss_integral(&miss, 2, (int64_t[]){0, 1}, 3, times), 3.5 * b + 6.5 * a * b,
               1e-12);
    CHECK_NEAR(tl_miss_integral(&miss, 0, NULL, 3, times), 10.0, 1e-12);
    tl_miss_fini(&miss);
}

static tl_err make_and_drop(struct tl_ctx *ctx)
{
    struct tl_miss miss = {0};
    tl_err err = tl_miss_init(ctx, methods, 3, 5, &miss);
    tl_miss_fini(&miss);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, make_and_drop(ctx));
}
