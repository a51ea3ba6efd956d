/** Makes records dirty the way registers are, and keeps a ledger of each thing done. */
#ifndef TL_SIMULATE_DIRT_H
#define TL_SIMULATE_DIRT_H

#include "simulate/dice.h"
#include "simulate/table.h"

/** Each kind of dirt, and whether an importer must refuse the row for it (else it takes it in with a doubt). */
#define TL_DIRT_LIST(X)                                                                            \
    X(DUPLICATE, "duplicate-row", true)                                                            \
    X(SWAPPED, "swapped", true)                                                                    \
    X(SIGN, "lon-sign", true)                                                                      \
    X(FUTURE, "date-future", true)                                                                 \
    X(MISSING, "missing-position", true)                                                           \
    X(YEAR, "year-only", false)                                                                    \
    X(ZERO, "zero-position", true)                                                                 \
    X(OUTSIDE, "outside-area", true)                                                               \
    X(DATE_WORDS, "date-unreadable", true)                                                         \
    X(GARBLED, "unreadable-position", true)                                                        \
    X(SAME_ID, "duplicate-id", true)                                                               \
    X(RANGE, "out-of-range", true)

enum tl_dirt_kind {
#define TL_DIRT_ENUM(id, name, refused) TL_DIRT_##id,
    TL_DIRT_LIST(TL_DIRT_ENUM)
#undef TL_DIRT_ENUM
        TL_DIRT_KINDS
};

const char *tl_dirt_name(enum tl_dirt_kind kind);

/** Starts the ledger: columns file, row, id, kind, refused, column, was, now. */
void tl_dirt_ledger(struct tl_table *ledger);

/** Notes one thing in the ledger. */
TL_MUST_USE tl_err tl_dirt_note(struct tl_ctx *ctx, struct tl_table *ledger,
                                const char *const entry[8]);

/**
 * Dirties a share of a table's rows, at least one for each kind when share > 0 and there are rows enough; no row twice.
 * Copies of rows (duplicates, repeated ids) are appended at the end.
 * @param kinds   [n_kinds] taken in turn
 * Uses the columns id, date, lon, lat, position, depth_cm as far as a kind needs them.
 */
TL_MUST_USE tl_err tl_dirt_apply(struct tl_ctx *ctx, struct tl_table *table, double share,
                                 const enum tl_dirt_kind *kinds, int n_kinds, struct tl_dice *dice,
                                 struct tl_table *ledger);

#endif
