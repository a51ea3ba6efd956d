#include "unit.h"

#include "tilth/ctx.h"

TEST(message_is_one_line_and_takes_a_place_in_front)
{
    CHECK(tl_fail(ctx, TL_EDATA, "bad value '%s'\n", "x\ty") == TL_EDATA);
    CHECK_STR(tl_ctx_message(ctx), "bad value 'x y'");
    CHECK(tl_fail_at(ctx, TL_EDATA, "a.csv: line %d", 7) == TL_EDATA);
    CHECK_STR(tl_ctx_message(ctx), "a.csv: line 7: bad value 'x y'");
}

TEST(message_of_a_value_from_a_file_is_text_that_steers_nothing)
{
    CHECK(tl_fail(ctx, TL_EDATA, "bad value '\x1b[2J%.3s'", "жж") == TL_EDATA);
    CHECK_STR(tl_ctx_message(ctx), "bad value ' [2Jж'");
}

TEST(memory_is_zeroed_and_aligned_and_sizes_that_overflow_are_refused)
{
    double *a = tl_alloc(ctx, 100, sizeof *a);
    CHECK(a != NULL && (uintptr_t)a % 64 == 0);
    for (int i = 0; i < 100; i++)
        CHECK(a[i] == 0.0);
    a[99] = 7.0;
    double *b = tl_regrow(ctx, a, 100, 300, sizeof *a);
    CHECK(b != NULL && b[99] == 7.0 && b[299] == 0.0);
    tl_free(b);
    CHECK(tl_alloc(ctx, INT64_MAX / 2, 8) == NULL);
    CHECK(tl_alloc(ctx, -1, 8) == NULL);
}

TEST(the_nth_allocation_can_be_made_to_fail_once)
{
    tl_ctx_fail_alloc(ctx, 2);
    void *a = tl_alloc(ctx, 1, 1), *b = tl_alloc(ctx, 1, 1), *c = tl_alloc(ctx, 1, 1);
    CHECK(a != NULL && b == NULL && c != NULL);
    CHECK(strstr(tl_ctx_message(ctx), "out of memory") != NULL);
    tl_free(a);
    tl_free(c);
}

TEST(cancelling_is_seen)
{
    CHECK_OK(tl_cancelled(ctx));
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_cancelled(ctx), TL_ECANCELLED, "stopped");
}

static int n_shown;
static double last_share;

static void count(void *user, const struct tl_progress *progress)
{
    (void)user;
    n_shown++;
    last_share = progress->share;
}

TEST(progress_shows_first_and_last_but_not_every_step)
{
    tl_ctx_set_progress(ctx, count, NULL);
    tl_progress_begin(ctx, "working");
    for (int i = 0; i < 100000; i++)
        tl_progress_set(ctx, i / 1e5);
    tl_progress_end(ctx);
    CHECK(n_shown >= 2 && n_shown < 1000);
    CHECK_NEAR(last_share, 1.0, 0.0);
}
