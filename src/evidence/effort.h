/**
 * The search channel: where searches looked, what they leave, and which cell each item that they
 * found is counted in (model.md section 3).
 */
#ifndef TL_EVIDENCE_EFFORT_H
#define TL_EVIDENCE_EFFORT_H

#include "evidence/gather.h"
#include "geo/cover.h"

/** A search that took effort, with the cells it covers. */
struct tl_effort_search {
    const struct tl_gather_shape *shape; /* borrows */
    struct tl_cover_cell *cells;         /* owns */
    int64_t n_cells;
    double n_items; /* records of items that name it or lie in it */
};

struct tl_effort {
    struct tl_effort_search *searches; /* owns */
    struct tl_cover_search *covers;    /* owns: the same, for tl_cover_residual */
    int64_t n_searches;
    int64_t *at_cell; /* owns: [n_cells + 1] where a cell's searches begin in `by_cell` */
    int64_t *by_cell; /* owns: searches, cell by cell */
    struct tl_effort_name {
        const char *name; /* borrows: code or source id */
        int64_t search;
    } * names; /* owns: sorted */
    int64_t n_names;
    int64_t
        n_surveys; /* non-technical surveys and searches of unknown type and method: no effort */
    struct tl_cover_method *methods; /* owns */
    int32_t n_methods;
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

/** Errors: TL_EDATA, TL_EIO, TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_effort_init(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_gather *gather, struct tl_effort *effort);
void tl_effort_fini(struct tl_effort *effort);

/** Residual area of searches that had ended before a time (undated ones count as the earliest).
 * @param[out] residual [n_cells] */
TL_MUST_USE tl_err tl_effort_residual_at(struct tl_ctx *ctx, const struct tl_gather *gather,
                                         const struct tl_effort *effort, double year,
                                         double *residual);

/** Chances of a method with its process failure folded in. */
struct tl_cover_method tl_effort_method(const struct tl_method *method);

#endif
