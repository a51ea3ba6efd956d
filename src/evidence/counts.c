#include "evidence/counts.h"

#include <stdlib.h>
#include <string.h>

tl_err tl_counts_add(struct tl_ctx *ctx, struct tl_counts *counts, int64_t cell, double number)
{
    if (counts->n == counts->room) {
        int64_t room = counts->room == 0 ? 256 : 2 * counts->room;
        void *cells = tl_regrow(ctx, counts->cells, counts->n, room, sizeof *counts->cells);
        if (cells == NULL)
            return TL_ENOMEM;
        counts->cells = cells;
        counts->room = room;
    }
    counts->cells[counts->n] = (struct tl_counts_cell){cell, counts->n, number};
    counts->n++;
    return TL_OK;
}

static int by_cell(const void *a, const void *b)
{
    const struct tl_counts_cell *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    return (p->order > q->order) - (p->order < q->order);
}

void tl_counts_settle(struct tl_counts *counts)
{
    int64_t n = 0;
    if (counts->n > 1)
        qsort(counts->cells, (size_t)counts->n, sizeof *counts->cells, by_cell);
    for (int64_t k = 0; k < counts->n; k++) {
        if (n > 0 && counts->cells[n - 1].cell == counts->cells[k].cell)
            counts->cells[n - 1].number += counts->cells[k].number;
        else
            counts->cells[n++] = counts->cells[k];
    }
    counts->n = n;
    counts->sum = 0.0;
    for (int64_t k = 0; k < n; k++)
        counts->sum += counts->cells[k].number;
}

void tl_counts_row(const struct tl_counts *counts, int64_t first, int64_t n, double *values)
{
    int64_t low = 0, high = counts->n;
    memset(values, 0, (size_t)n * sizeof *values);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (counts->cells[middle].cell < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < counts->n && counts->cells[low].cell < first + n; low++)
        values[counts->cells[low].cell - first] = counts->cells[low].number;
}

void tl_counts_fini(struct tl_counts *counts)
{
    tl_free(counts->cells);
    memset(counts, 0, sizeof *counts);
}
