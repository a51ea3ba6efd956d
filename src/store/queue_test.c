#include "unit.h"

#include "store/queue.h"

/* n entries come back sorted, each once. */
static tl_err sorted(struct tl_ctx *ctx, int64_t n, bool *good)
{
    struct tl_queue queue = {0};
    struct tl_queue_entry entry = {0};
    int64_t last = -1, sum = 0, count = 0;
    bool more = false, in_order = true;
    tl_err err = TL_OK;
    for (int64_t i = 0; i < n; i++) {
        entry.key = (int64_t)((uint64_t)i * 2654435761u % 1000003u);
        entry.id = i;
        entry.box[2] = (float)i;
        TL_TRY(tl_queue_add(ctx, &queue, &entry));
    }
    TL_TRY(tl_queue_rewind(ctx, &queue));
    for (;; count++) {
        TL_TRY(tl_queue_next(ctx, &queue, &entry, &more));
        if (!more)
            break;
        in_order = in_order && entry.key >= last && entry.box[2] == (float)entry.id;
        last = entry.key;
        sum += entry.id;
    }
    *good = in_order && count == n && sum == n * (n - 1) / 2;
done:
    tl_queue_fini(&queue);
    return err;
}

TEST(entries_come_back_in_order_in_memory_and_from_disk)
{
    static const int64_t sizes[] = {
        0, 1, 255, 256, 257, 5000, TL_QUEUE_BUFFER, TL_QUEUE_BUFFER + 1, 3 * TL_QUEUE_BUFFER + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bool good = false;
        CHECK_OK(sorted(ctx, sizes[i], &good));
        CHECK(good);
    }
}

TEST(every_allocation_may_fail)
{
    bool good = false;
    CHECK_EVERY_ALLOC(ctx, sorted(ctx, TL_QUEUE_BUFFER + 10, &good));
    CHECK(good);
}
