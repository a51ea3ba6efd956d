/** Counts by cell where there are any: items are few, cells are many. */
#ifndef TL_EVIDENCE_COUNTS_H
#define TL_EVIDENCE_COUNTS_H

#include "core/core.h"

struct tl_counts_cell {
    int64_t cell, order;
    double number;
};

struct tl_counts {
    struct tl_counts_cell *cells; /* owns: once settled, ascending, each cell once */
    int64_t n, room;
    double sum; /* once settled */
};

TL_MUST_USE tl_err tl_counts_add(struct tl_ctx *ctx, struct tl_counts *counts, int64_t cell,
                                 double number);

/** Puts them in order; what fell into one cell is added up in the order in which it came. */
void tl_counts_settle(struct tl_counts *counts);

/** n cells from `first` on. @param[out] values [n] */
void tl_counts_row(const struct tl_counts *counts, int64_t first, int64_t n, double *values);

void tl_counts_fini(struct tl_counts *counts);

#endif
