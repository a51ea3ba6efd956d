/*
 * The kinds are those that registers are known for (ecosystem: GICHD's list) and that an import must tell apart. A duplicate
 * is told from the original by the ledger only: it is the same row, byte for byte.
 */
#include "simulate/dirt.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool refused;
} kinds_known[TL_DIRT_KINDS] = {
#define TL_DIRT_ROW(id, name, refused) {name, refused},
    TL_DIRT_LIST(TL_DIRT_ROW)
#undef TL_DIRT_ROW
};

const char *tl_dirt_name(enum tl_dirt_kind kind)
{
    return kinds_known[kind].name;
}

void tl_dirt_ledger(struct tl_table *ledger)
{
    *ledger = (struct tl_table){
        .file = "dirt.csv",
        .n_columns = 8,
        .columns = {"file", "row", "id", "kind", "refused", "column", "was", "now"}};
}

tl_err tl_dirt_note(struct tl_ctx *ctx, struct tl_table *ledger, const char *const entry[8])
{
    return tl_table_add(ctx, ledger, entry);
}

struct work {
    struct tl_ctx *ctx;
    struct tl_table *table, *ledger;
    enum tl_dirt_kind kind;
    int64_t row;
};

static tl_err note(struct work *w, int64_t row, const char *column, const char *was,
                   const char *now)
{
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)row + 1);
    int id = tl_table_column(w->table, "id");
    const char *const entry[8] = {w->table->file,
                                  number,
                                  tl_table_get(w->table, row, id),
                                  kinds_known[w->kind].name,
                                  kinds_known[w->kind].refused ? "1" : "0",
                                  column,
                                  was,
                                  now};
    return tl_dirt_note(w->ctx, w->ledger, entry);
}

/* Changes a cell and notes it. */
static tl_err change(struct work *w, const char *column, const char *now)
{
    tl_err err = TL_OK;
    int c = tl_table_column(w->table, column);
    TL_TRY(note(w, w->row, column, tl_table_get(w->table, w->row, c), now));
    TL_TRY(tl_table_set(w->ctx, w->table, w->row, c, now));
done:
    return err;
}

static tl_err copy_row(struct work *w, bool is_same)
{
    tl_err err = TL_OK;
    const char *values[TL_TABLE_COLUMNS_MAX];
    for (int c = 0; c < w->table->n_columns; c++)
        values[c] = tl_table_get(w->table, w->row, c);
    char number[40];
    snprintf(number, sizeof number, "row %lld", (long long)w->row + 1);
    /* Adding may move the cells; the values are copied before, one by one, from where they were. */
    char *kept[TL_TABLE_COLUMNS_MAX] = {NULL};
    for (int c = 0; c < w->table->n_columns; c++) {
        kept[c] = tl_strdup(w->ctx, values[c]);
        if (kept[c] == NULL) {
            err = TL_ENOMEM;
            goto done;
        }
    }
    TL_TRY(tl_table_add(w->ctx, w->table, (const char *const *)kept));
    TL_TRY(note(w, w->table->n_rows - 1, is_same ? "" : "date", number, ""));
    if (!is_same)
        TL_TRY(tl_table_set(w->ctx, w->table, w->table->n_rows - 1,
                            tl_table_column(w->table, "date"), "2023-02-28"));
done:
    for (int c = 0; c < w->table->n_columns; c++)
        tl_free(kept[c]);
    return err;
}

static tl_err swap_position(struct work *w)
{
    tl_err err = TL_OK;
    char lon[64], lat[64];
    snprintf(lon, sizeof lon, "%s",
             tl_table_get(w->table, w->row, tl_table_column(w->table, "lon")));
    snprintf(lat, sizeof lat, "%s",
             tl_table_get(w->table, w->row, tl_table_column(w->table, "lat")));
    TL_TRY(note(w, w->row, "lon lat", lon, lat));
    TL_TRY(tl_table_set(w->ctx, w->table, w->row, tl_table_column(w->table, "lon"), lat));
    TL_TRY(tl_table_set(w->ctx, w->table, w->row, tl_table_column(w->table, "lat"), lon));
done:
    return err;
}

/* Both coordinates to fixed texts (empty, or 0). */
static tl_err set_position(struct work *w, const char *text)
{
    tl_err err = TL_OK;
    if (tl_table_column(w->table, "position") >= 0)
        return change(w, "position", text);
    TL_TRY(note(w, w->row, "lon lat",
                tl_table_get(w->table, w->row, tl_table_column(w->table, "lon")), text));
    TL_TRY(tl_table_set(w->ctx, w->table, w->row, tl_table_column(w->table, "lon"), text));
    TL_TRY(tl_table_set(w->ctx, w->table, w->row, tl_table_column(w->table, "lat"), text));
done:
    return err;
}

static tl_err apply_one(struct work *w)
{
    char text[96];
    int lon = tl_table_column(w->table, "lon"), date = tl_table_column(w->table, "date");
    switch (w->kind) {
    case TL_DIRT_DUPLICATE:
        return copy_row(w, true);
    case TL_DIRT_SAME_ID:
        return copy_row(w, false);
    case TL_DIRT_SWAPPED:
        return swap_position(w);
    case TL_DIRT_SIGN:
        snprintf(text, sizeof text, "-%s", tl_table_get(w->table, w->row, lon));
        return change(w, "lon", text);
    case TL_DIRT_FUTURE:
        snprintf(text, sizeof text, "%d%s", atoi(tl_table_get(w->table, w->row, date)) + 60,
                 tl_table_get(w->table, w->row, date) + 4);
        return change(w, "date", text);
    case TL_DIRT_MISSING:
        return set_position(w, "");
    case TL_DIRT_YEAR:
        snprintf(text, sizeof text, "%.4s", tl_table_get(w->table, w->row, date));
        return change(w, "date", text);
    case TL_DIRT_ZERO:
        return set_position(w, "0");
    case TL_DIRT_OUTSIDE:
        snprintf(text, sizeof text, "1%s", tl_table_get(w->table, w->row, lon));
        return change(w, "lon", text);
    case TL_DIRT_DATE_WORDS:
        return change(w, "date", "after harvest");
    case TL_DIRT_GARBLED:
        return set_position(w, "37X near the bridge");
    case TL_DIRT_RANGE:
        return change(w, "depth_cm", "-15");
    default:
        return tl_fail(w->ctx, TL_EBUG, "no such kind of dirt");
    }
}

tl_err tl_dirt_apply(struct tl_ctx *ctx, struct tl_table *table, double share,
                     const enum tl_dirt_kind *kinds, int n_kinds, struct tl_dice *dice,
                     struct tl_table *ledger)
{
    tl_err err = TL_OK;
    int64_t n_rows = table->n_rows, n = (int64_t)ceil(share * (double)n_rows);
    bool *used = NULL;
    if (share <= 0.0 || n_rows == 0)
        return TL_OK;
    n = n < n_kinds ? n_kinds : n;
    n = n > n_rows / 2 ? n_rows / 2 : n;
    TL_TRY_ALLOC(ctx, used, n_rows);
    for (int64_t k = 0; k < n; k++) {
        int64_t row = tl_dice_pick(dice, n_rows);
        while (used[row])
            row = (row + 1) % n_rows;
        used[row] = true;
        struct work work = {ctx, table, ledger, kinds[k % n_kinds], row};
        TL_TRY(apply_one(&work));
    }
done:
    tl_free(used);
    return err;
}
