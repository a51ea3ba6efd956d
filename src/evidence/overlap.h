/** Whether a hazardous area overlaps another one by more than is due to how its corners were
 * measured. */
#ifndef TL_EVIDENCE_OVERLAP_H
#define TL_EVIDENCE_OVERLAP_H

#include "core/core.h"
#include "tilth/project.h"

/** GICHD's limit for hazardous areas that overlap, as a share of the smaller one. */
#define TL_OVERLAP_SHARE_MAX 0.009

/**
 * Looks among the areas whose box meets `box`; the one with the greatest share is told in `text`
 * ("" when none is over the limit). Errors: TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_overlap_find(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                                   const struct tl_record *record, const double box[4], char *text,
                                   size_t size);

#endif
