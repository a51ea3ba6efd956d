#include "unit.h"

#include "evidence/batch.h"

TEST(texts_stay_where_they_are_until_the_batch_is_rewound)
{
    struct tl_batch batch;
    CHECK_OK(tl_batch_init(ctx, &batch));
    char *texts[3000];
    for (int i = 0; i < 3000; i++) {
        char text[300];
        memset(text, 'a' + i % 26, sizeof text - 1);
        text[i % 299] = '\0';
        texts[i] = tl_batch_text(ctx, &batch, text);
        CHECK(texts[i] != NULL && (uintptr_t)texts[i] % 8 == 0);
    }
    for (int i = 0; i < 3000; i++)
        CHECK(strlen(texts[i]) == (size_t)(i % 299) &&
              (i % 299 == 0 || texts[i][0] == 'a' + i % 26));
    tl_batch_fini(&batch);
}

TEST(memory_is_used_again_and_a_huge_row_does_not_stay)
{
    struct tl_batch batch;
    CHECK_OK(tl_batch_init(ctx, &batch));
    CHECK(tl_batch_bytes(ctx, &batch, 5 << 20) != NULL);
    tl_batch_rewind(&batch);
    CHECK(batch.n_blocks == 0);
    char *first = tl_batch_bytes(ctx, &batch, 100);
    tl_batch_rewind(&batch);
    int64_t allocs = tl_ctx_n_allocs(ctx);
    for (int round = 0; round < 100; round++) {
        CHECK(tl_batch_bytes(ctx, &batch, 100) == first);
        CHECK(tl_batch_bytes(ctx, &batch, 200000) != NULL);
        tl_batch_rewind(&batch);
    }
    CHECK(tl_ctx_n_allocs(ctx) == allocs);
    tl_batch_fini(&batch);
}

TEST(doubts_beyond_the_fourth_are_dropped)
{
    struct tl_batch batch;
    CHECK_OK(tl_batch_init(ctx, &batch));
    for (int i = 0; i < 6; i++)
        CHECK_OK(tl_batch_doubt(ctx, &batch, &batch.rows[0], TL_REASON_YEAR_ONLY, "1990"));
    CHECK(batch.rows[0].n_doubts == TL_BATCH_DOUBTS);
    tl_batch_fini(&batch);
}

TEST(no_memory_is_said)
{
    struct tl_batch batch;
    CHECK_EVERY_ALLOC(ctx, tl_batch_init(ctx, &batch));
    tl_ctx_fail_alloc(ctx, 1);
    CHECK(tl_batch_text(ctx, &batch, "x") == NULL);
    tl_ctx_fail_alloc(ctx, 0);
    CHECK(strstr(tl_ctx_message(ctx), "memory") != NULL);
    tl_batch_fini(&batch);
}
