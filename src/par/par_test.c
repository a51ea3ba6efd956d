#include "unit.h"

#include "par/par.h"

static double series(void *user, int64_t first, int64_t last)
{
    double sum = 0.0;
    (void)user;
    for (int64_t i = first; i < last; i++)
        sum += 1.0 / (double)(i + 1);
    return sum;
}

TEST(sums_have_the_same_bits_on_any_number_of_threads)
{
    double sums[3];
    const int threads[] = {1, 2, 7};
    for (int t = 0; t < 3; t++) {
        tl_ctx_set_threads(ctx, threads[t]);
        sums[t] = tl_par_sum(ctx, 5000001, series, NULL);
    }
    CHECK(sums[0] == sums[1] && sums[1] == sums[2]);
    CHECK_NEAR(sums[0], log(5000001.0) + 0.57721566490153286 + 0.5 / 5000001.0, 1e-9);
}

static bool all_zero(const float *a, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (a[i] != 0.0F)
            return false;
    return true;
}

TEST(memory_comes_zeroed_whatever_was_there_and_on_any_number_of_threads)
{
    const int64_t sizes[] = {1000, 3000001};
    for (int k = 0; k < 8; k++) {
        int64_t n = sizes[k % 2];
        tl_ctx_set_threads(ctx, k / 2 + 1);
        if (k == 6)
            tl_ctx_cancel(ctx); /* a run that was stopped still gets what it asks for */
        float *a = tl_par_alloc(ctx, n, sizeof *a);
        CHECK(a != NULL && all_zero(a, n));
        for (int64_t i = 0; a != NULL && i < n; i++)
            a[i] = 1.0F;
        tl_free(a);
    }
    tl_ctx_fail_alloc(ctx, 1);
    CHECK(tl_par_alloc(ctx, 100, 4) == NULL);
    CHECK(tl_par_alloc(ctx, INT64_MAX, 4) == NULL);
}

static void mark(void *user, int64_t first, int64_t last, int64_t chunk)
{
    int *seen = user;
    for (int64_t i = first; i < last; i++)
        seen[i] += 1 + (int)(chunk - i / 10);
}

TEST(every_index_is_visited_once_with_its_chunk)
{
    int seen[1005] = {0};
    tl_par_for(ctx, 1005, 10, mark, seen);
    for (int i = 0; i < 1005; i++)
        CHECK(seen[i] == 1);
    tl_par_for(ctx, 0, 10, mark, seen);
}

TEST(nothing_more_is_begun_after_a_cancel)
{
    int seen[1000] = {0};
    tl_ctx_cancel(ctx);
    tl_par_for(ctx, 1000, 10, mark, seen);
    for (int i = 0; i < 1000; i++)
        CHECK(seen[i] == 0);
}

struct two {
    int here, aside;
};

static void do_here(void *user)
{
    ((struct two *)user)->here++;
}

static void do_aside(void *user)
{
    ((struct two *)user)->aside++;
}

TEST(both_of_two_tasks_run_whatever_the_threads)
{
    struct two two = {0, 0};
    for (int threads = 1; threads <= 3; threads++) {
        tl_ctx_set_threads(ctx, threads);
        tl_par_two(ctx, do_here, do_aside, &two);
        CHECK(two.here == threads && two.aside == threads);
    }
}
