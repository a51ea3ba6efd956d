/** Boxes by place: which boxes may hold a point. */
#ifndef TL_EVIDENCE_BINS_H
#define TL_EVIDENCE_BINS_H

#include "core/core.h"

struct tl_bins {
    double x0, y0, width, height; /* of a bin */
    int64_t n_side;
    int64_t *first; /* owns: [n_side² + 1] */
    int32_t *boxes; /* owns: box numbers, ascending in a bin */
};

/**
 * @param box    west, south, east, north of all that is asked; a point outside it is looked for in the nearest bin
 * @param boxes  [n][4]
 */
TL_MUST_USE tl_err tl_bins_init(struct tl_ctx *ctx, const double box[4], int64_t n,
                                const double (*boxes)[4], struct tl_bins *bins);
void tl_bins_fini(struct tl_bins *bins);

/** Boxes that may hold a point, ascending; *n of them. */
const int32_t *tl_bins_at(const struct tl_bins *bins, double x, double y, int64_t *n);

#endif
