/**
 * How deep items lie: the share of them no deeper than a depth, from the depths that were recorded (depth.c says how, and where it
 * errs).
 */
#ifndef TL_EVIDENCE_DEPTH_H
#define TL_EVIDENCE_DEPTH_H

#include "core/core.h"
#include "tilth/project.h"

/** Depth over which the prior spreads items evenly [cm], and how many recorded items it is worth. */
#define TL_DEPTH_PRIOR_CM    100.0
#define TL_DEPTH_PRIOR_ITEMS 5.0

/** What is recorded. */
struct tl_depth {
    double *depths_cm; /* owns: sorted */
    int64_t n;
};

/**
 * Share of items no deeper than `depth_cm`: a ~ Beta(a, b) with mean a / (a + b), which is returned. A depth that is not known (NaN) or
 * infinite holds all: 1, with b = 0. Several depths: the shares of the bands between them are jointly Dirichlet with the
 * differences of a (and the last b).
 * @param depths_cm  [n] sorted
 * @param[out] a,b   may be NULL
 */
double tl_depth_share(const double *depths_cm, int64_t n, double depth_cm, double *a, double *b);

void tl_depth_fini(struct tl_depth *depth);

#endif
