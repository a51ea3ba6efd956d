/**
 * The search channel: where searches looked, what they leave, and which cell each item that they
 * found is counted in (model.md section 3).
 */
#ifndef TL_EVIDENCE_EFFORT_H
#define TL_EVIDENCE_EFFORT_H

#include "evidence/attribute.h"
#include "evidence/rows.h"

struct tl_effort {
    struct tl_attribute attribute; /* owns: the searches and what they found */
    double *n_items;           /* owns: [n searches] records of items that name it or lie in it */
    uint8_t *is_worked;        /* owns: a bit by cell, set where there was effort */
    double total_m2;           /* effort of all cells */
    struct tl_counts counts;   /* owns */
    bool *is_counted;          /* owns: [n items]; false = left to the spot channel */
    bool *is_accident_counted; /* owns: [n accidents]: during demining, on searched ground */
    int64_t n_records;         /* items counted here */
    int64_t n_moved; /* of them, counted in a neighbouring cell because of their position's error */
    int64_t n_left;  /* found by a search that is known or not, but nowhere near its ground */
    double n_spread; /* items known only as a search's number */
    double n_spread_outside; /* the same, of searches without a cell in the area */
};

/**
 * @param gather  knows the land as runs
 * @param rows    effort goes to plane 0 of their file
 * Errors: TL_EDATA, TL_EIO, TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_effort_init(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_gather *gather, struct tl_evidence_rows *rows,
                                  struct tl_effort *effort);
void tl_effort_fini(struct tl_effort *effort);

/**
 * Area not yet searched in the cells of rows [row_first, row_end), integrated over time (tl_miss_integral); now, where `times` is NULL.
 * @param      area      [cells of the rows] land [m2]
 * @param[out] integral  [cells of the rows] [m2 years], or [m2]
 */
TL_MUST_USE tl_err tl_effort_integral(struct tl_ctx *ctx, const struct tl_attribute *attribute,
                                      int64_t row_first, int64_t row_end, const double *area,
                                      int n_times, const double *times, double *integral);

/** Whether a shape of this box may reach into rows [row_first, row_end). */
bool tl_effort_meets_rows(const struct tl_grid *grid, int64_t row_first, int64_t row_end,
                          const double box[4]);

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
