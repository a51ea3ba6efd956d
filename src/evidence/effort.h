/**
 * The search channel: where searches looked, what they leave, and which cell each item that they
 * found is counted in (model.md section 3).
 */
#ifndef TL_EVIDENCE_EFFORT_H
#define TL_EVIDENCE_EFFORT_H

#include "evidence/attribute.h"

struct tl_effort {
    struct tl_attribute attribute; /* owns: the searches and what they found */
    double *n_items;           /* owns: [n searches] records of items that name it or lie in it */
    double *residual, *effort; /* owns: [n_cells] [m2], residual + effort = cell area */
    double *counts;            /* owns: [n_cells] */
    bool *is_counted;          /* owns: [n items]; false = left to the spot channel */
    bool *is_accident_counted; /* owns: [n accidents]: during demining, on searched ground */
    int64_t n_records;         /* items counted here */
    int64_t n_moved; /* of them, counted in a neighbouring cell because of their position's error */
    int64_t n_left;  /* found by a search that is known or not, but nowhere near its ground */
    double n_spread; /* items known only as a search's number */
    double n_spread_outside; /* the same, of searches without a cell in the area */
};

/** `gather` has its cells' areas. Errors: TL_EDATA, TL_EIO, TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_effort_init(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_gather *gather, struct tl_effort *effort);
void tl_effort_fini(struct tl_effort *effort);

/** Area of every cell not yet searched, integrated over time (tl_miss_integral). @param[out] integral [n_cells] [m2 years] */
TL_MUST_USE tl_err tl_effort_integral(struct tl_ctx *ctx, const struct tl_effort *effort,
                                      int n_times, const double *times, double *integral);

/** Makes effort and residual add up to the area: rounding may leave a residual a hair above it or below 0. */
void tl_effort_settle(int64_t n_cells, const double *cell_area, double *residual, double *effort);

/**
 * Weight of a cell when a search's number is spread over what it covers, 0 where nothing is searched; their sum over the search
 * makes shares of them.
 */
TL_MUST_USE tl_err tl_effort_weight(struct tl_ctx *ctx, struct tl_attribute *attribute,
                                    int64_t search, const struct tl_cover_cell *cell,
                                    double *weight);

#endif
