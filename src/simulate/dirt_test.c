#include "unit.h"

#include "simulate/dirt.h"

static const enum tl_dirt_kind kinds[] = {
    TL_DIRT_DUPLICATE, TL_DIRT_SWAPPED, TL_DIRT_SIGN,    TL_DIRT_FUTURE,     TL_DIRT_MISSING,
    TL_DIRT_YEAR,      TL_DIRT_ZERO,    TL_DIRT_OUTSIDE, TL_DIRT_DATE_WORDS, TL_DIRT_SAME_ID};
enum { N_KINDS = 10, N_ROWS = 100 };

static tl_err make(struct tl_ctx *ctx, double share, struct tl_table *t, struct tl_table *ledger)
{
    tl_err err = TL_OK;
    struct tl_dice dice = tl_dice_make(3, 3);
    *t =
        (struct tl_table){.file = "f.csv", .n_columns = 4, .columns = {"id", "date", "lon", "lat"}};
    tl_dirt_ledger(ledger);
    for (int i = 0; i < N_ROWS; i++) {
        char id[16], lon[16];
        snprintf(id, sizeof id, "I-%d", i + 1);
        snprintf(lon, sizeof lon, "37.%03d", i);
        const char *const row[] = {id, "2021-05-06", lon, "48.300"};
        TL_TRY(tl_table_add(ctx, t, row));
    }
    TL_TRY(tl_dirt_apply(ctx, t, share, kinds, N_KINDS, &dice, ledger));
done:
    return err;
}

static bool row_is_clean(const struct tl_table *t, int64_t row)
{
    char id[16], lon[16];
    snprintf(id, sizeof id, "I-%d", (int)row + 1);
    snprintf(lon, sizeof lon, "37.%03d", (int)row);
    return strcmp(tl_table_get(t, row, 0), id) == 0 &&
           strcmp(tl_table_get(t, row, 1), "2021-05-06") == 0 &&
           strcmp(tl_table_get(t, row, 2), lon) == 0 &&
           strcmp(tl_table_get(t, row, 3), "48.300") == 0;
}

TEST(the_ledger_names_every_row_that_is_not_as_it_was_and_no_other)
{
    struct tl_table t, ledger;
    int64_t n_copies = 0;
    CHECK_OK(make(ctx, 0.2, &t, &ledger));
    CHECK(ledger.n_rows == 20);
    for (int64_t row = 0; row < t.n_rows; row++) {
        int64_t n_noted = 0;
        for (int64_t k = 0; k < ledger.n_rows; k++)
            n_noted += atoll(tl_table_get(&ledger, k, 1)) == row + 1;
        CHECK(n_noted == (row >= N_ROWS || !row_is_clean(&t, row)));
        n_copies += row >= N_ROWS;
    }
    CHECK(n_copies == 4);
    tl_table_fini(&t);
    tl_table_fini(&ledger);
}

TEST(every_kind_occurs_though_the_share_is_small_and_none_at_zero)
{
    struct tl_table t, ledger;
    CHECK_OK(make(ctx, 0.01, &t, &ledger));
    CHECK(ledger.n_rows == N_KINDS);
    for (int64_t k = 0; k < ledger.n_rows; k++)
        CHECK_STR(tl_table_get(&ledger, k, 3), tl_dirt_name(kinds[k]));
    tl_table_fini(&t);
    tl_table_fini(&ledger);
    CHECK_OK(make(ctx, 0.0, &t, &ledger));
    CHECK(ledger.n_rows == 0 && t.n_rows == N_ROWS);
    tl_table_fini(&t);
    tl_table_fini(&ledger);
}

static tl_err make_and_forget(struct tl_ctx *ctx)
{
    struct tl_table t, ledger;
    tl_err err = make(ctx, 0.2, &t, &ledger);
    tl_table_fini(&t);
    tl_table_fini(&ledger);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, make_and_forget(ctx));
}
