/** Evidence as it is kept: land as runs, counts where there are any, efforts and covariates by rows. */
#ifndef TL_EVIDENCE_ROWS_H
#define TL_EVIDENCE_ROWS_H

#include "core/rowfile.h"
#include "evidence/counts.h"
#include "evidence/land.h"
#include "tilth/evidence.h"

/** A covariate over the area, its gaps filled. */
struct tl_evidence_spread {
    double mean, squares; /* sum of squared distances from the mean */
    double gap;           /* what stands where there is no value */
};

struct tl_evidence_rows {
    struct tl_land land;                               /* owns */
    struct tl_counts counts[TL_EVIDENCE_CHANNELS_MAX]; /* own */
    struct tl_evidence_spread spread[TL_EVIDENCE_COVARIATES_MAX + 1];
    struct tl_rowfile *file; /* owns: plane c = effort of channel c, then the covariates */
    bool has_search;         /* channel 0 */
};

/** Planes of the row file: efforts, covariates, and one that may be left out again. */
enum { TL_EVIDENCE_PLANES = TL_EVIDENCE_CHANNELS_MAX + TL_EVIDENCE_COVARIATES_MAX + 1 };

/** Rows that are made at a time. */
int64_t tl_evidence_stripe(const struct tl_grid *grid);

/** Land and an empty row file. */
TL_MUST_USE tl_err tl_evidence_rows_open(struct tl_ctx *ctx, struct tl_project *project,
                                         const char *folder, struct tl_evidence_rows **rows);
void tl_evidence_rows_close(struct tl_evidence_rows *rows); /* NULL is fine */

#endif
