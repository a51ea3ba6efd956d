/** Covariates from the register's claims and from imported rasters (model.md section 2). */
#ifndef TL_EVIDENCE_COVARIATE_H
#define TL_EVIDENCE_COVARIATE_H

#include "evidence/gather.h"
#include "tilth/evidence.h"

/** Absolute correlation beyond which two covariates cannot be told apart. */
#define TL_COVARIATE_SAME 0.98

struct tl_covariate_options {
    double report_range_m; /* > 0 */
    bool no_defaults;      /* only imported rasters */
    bool with_places; /* near_place too: only where a search looked does nearness say something of
                         items */
};

/**
 * Fills evidence->covariates, dropping what does not vary and what another one says already (told
 * in evidence->notes). Errors: TL_EDATA (more than TL_EVIDENCE_COVARIATES_MAX), TL_EIO, TL_ENOMEM,
 * TL_ECANCELLED. On error what was added stays in `evidence`, to be freed with it.
 */
TL_MUST_USE tl_err tl_covariate_fill(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_gather *gather,
                                     const struct tl_covariate_options *options,
                                     struct tl_evidence *evidence);

/** Appends to the evidence's notes, cut to size. */
void tl_covariate_note(struct tl_evidence *evidence, const char *format, ...) TL_PRINTF(2, 3);

#endif
