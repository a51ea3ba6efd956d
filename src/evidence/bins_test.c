#include "unit.h"

#include "evidence/bins.h"

static double dice(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static tl_err make(struct tl_ctx *ctx, int64_t n, const double (*boxes)[4])
{
    const double frame[4] = {0, 0, 100, 50};
    struct tl_bins bins = {0};
    tl_err err = tl_bins_init(ctx, frame, n, boxes, &bins);
    tl_bins_fini(&bins);
    return err;
}

TEST(every_box_that_holds_a_point_is_among_those_told_in_order)
{
    enum { N = 300 };
    const double frame[4] = {0, 0, 100, 50};
    double boxes[N][4];
    uint64_t state = 3;
    struct tl_bins bins = {0};
    for (int k = 0; k < N; k++) {
        double x = 140 * dice(&state) - 20, y = 90 * dice(&state) - 20, size = 15 * dice(&state);
        const double box[4] = {x, y, x + size, y + size};
        memcpy(boxes[k], box, sizeof box);
    }
    CHECK_OK(tl_bins_init(ctx, frame, N, (const double(*)[4])boxes, &bins));
    for (int p = 0; p < 2000; p++) {
        double x = 140 * dice(&state) - 20, y = 90 * dice(&state) - 20;
        int64_t n = 0, at = 0;
        const int32_t *found = tl_bins_at(&bins, x, y, &n);
        for (int64_t i = 1; i < n; i++)
            CHECK(found[i] > found[i - 1]);
        for (int32_t k = 0; k < N; k++) {
            bool holds =
                x >= boxes[k][0] && x <= boxes[k][2] && y >= boxes[k][1] && y <= boxes[k][3];
            while (at < n && found[at] < k)
                at++;
            CHECK(!holds || (at < n && found[at] == k));
        }
        CHECK(n < N / 4);
    }
    tl_bins_fini(&bins);
    CHECK_EVERY_ALLOC(ctx, make(ctx, N, (const double(*)[4])boxes));
    CHECK_OK(make(ctx, 0, NULL));
}
