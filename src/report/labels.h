/** Places words around points so that they neither cover each other nor leave the frame. */
#ifndef TL_REPORT_LABELS_H
#define TL_REPORT_LABELS_H

#include <stdbool.h>

#include "report/page.h"

enum { TL_LABELS_MAX = 512 };

struct tl_labels {
    struct tl_box frame;
    int n, n_soft;
    struct tl_box taken[TL_LABELS_MAX];
    struct tl_box soft[TL_LABELS_MAX]; /* better not covered, but a missing name is worse */
};

void tl_labels_init(struct tl_labels *labels, struct tl_box frame);

/** Marks a box as taken; beyond TL_LABELS_MAX nothing more can be placed, so nothing overlaps. */
void tl_labels_take(struct tl_labels *labels, struct tl_box box);

/** Marks a box that is covered only when there is no other place; more than TL_LABELS_MAX are forgotten. */
void tl_labels_avoid(struct tl_labels *labels, struct tl_box box);

/**
 * Finds a free place of w * h [pt] beside a point, `gap` away, best first (right, left, above, below, the corners),
 * and takes it. Returns false, and takes nothing, when all eight are taken or cut by the frame.
 */
bool tl_labels_place(struct tl_labels *labels, double x, double y, double gap, double w, double h,
                     struct tl_box *box);

#endif
