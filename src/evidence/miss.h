/** What a set of searches over one piece of ground leaves of the items there: R of model.md section 3, with depth. */
#ifndef TL_EVIDENCE_MISS_H
#define TL_EVIDENCE_MISS_H

#include "core/core.h"
#include "geo/cover.h"
#include "tilth/method.h"

struct tl_miss_search {
    int32_t row;        /* of the table of methods */
    int32_t passes;     /* >= 1 */
    double depth_cm;    /* INFINITY = not known, taken as all depths */
    double depth_share; /* of items no deeper; 1 for INFINITY */
    double year;        /* when it ended; NaN = not known, counts as the earliest */
};

struct tl_miss {
    int64_t n_searches;
    struct tl_miss_search *searches; /* owns */
    int64_t n_methods;
    struct tl_cover_method *methods; /* owns: process failure folded in */
    int32_t *name;    /* owns: [n_methods] number of the row's name: rows of one method share it */
    int32_t *by_name; /* owns: [n_methods] rows, those of one name together, by d ascending */
    int64_t *passes;  /* owns: [n_methods] scratch */
};

/** Tables for the methods; the searches are to be filled by the caller. */
TL_MUST_USE tl_err tl_miss_init(struct tl_ctx *ctx, const struct tl_method *methods,
                                int64_t n_methods, int64_t n_searches, struct tl_miss *miss);
void tl_miss_fini(struct tl_miss *miss);

/** Chances of a method with its process failure folded in. */
struct tl_cover_method tl_miss_method(const struct tl_method *method);

/**
 * Share of items left by those of the searches that had ended before a year (INFINITY = by all).
 * @param set  [n] searches
 */
double tl_miss_left(const struct tl_miss *miss, int64_t n, const int64_t *set, double year);

/** Integral over time of what is left: sum of (times[t+1] - times[t]) × left at times[t]; `times` ascending, at least two. */
double tl_miss_integral(const struct tl_miss *miss, int64_t n, const int64_t *set, int n_times,
                        const double *times);

#endif
