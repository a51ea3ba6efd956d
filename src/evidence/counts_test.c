#include "unit.h"

#include "core/rng.h"
#include "evidence/counts.h"

/* Against an array: to the bit, so that the order of adding up is held too. */
TEST(counts_are_those_of_an_array)
{
    enum { N = 500, ADDED = 3000 };
    struct tl_counts counts = {0};
    struct tl_rng rng = tl_rng_make(3, 1);
    double plain[N] = {0}, got[N], sum = 0.0;
    for (int k = 0; k < ADDED; k++) {
        int64_t cell = (int64_t)(tl_rng_uniform(rng, 2 * (uint64_t)k) * N) / 3 * 3;
        double number = tl_rng_uniform(rng, 2 * (uint64_t)k + 1);
        plain[cell] += number;
        CHECK_OK(tl_counts_add(ctx, &counts, cell, number));
    }
    tl_counts_settle(&counts);
    for (int64_t first = 0; first < N; first += 41) {
        int64_t n = first + 41 < N ? 41 : N - first;
        tl_counts_row(&counts, first, n, got);
        CHECK(memcmp(got, plain + first, (size_t)n * sizeof *got) == 0);
    }
    for (int i = 0; i < N; i++)
        sum += plain[i];
    CHECK(counts.sum == sum && counts.n <= N / 3 + 1);
    tl_counts_fini(&counts);
    tl_counts_settle(&counts);
    tl_counts_row(&counts, 0, N, got);
    CHECK(got[0] == 0.0 && got[N - 1] == 0.0 && counts.sum == 0.0);
    CHECK_EVERY_ALLOC(ctx, tl_counts_add(ctx, &counts, 1, 1.0));
    tl_counts_fini(&counts);
}
