/** Pictures of a plan: a map of the areas by year, the teams' years as bars (Gantt), and the PDF with both, tables and assumptions. */
#ifndef TILTH_PLAN_PAGE_H
#define TILTH_PLAN_PAGE_H

#include "tilth/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One page (A4, landscape), PDF or PNG by the path's ending. Same input, same bytes. Errors: TL_EUSAGE (ending), TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_plan_page_map(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_plan *plan, const char *path);
TL_MUST_USE tl_err tl_plan_page_gantt(struct tl_ctx *ctx, const struct tl_plan *plan,
                                      const char *path);

/** The whole plan as a PDF (A4, portrait, as many pages as it takes). */
TL_MUST_USE tl_err tl_plan_page_pdf(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_plan *plan, const char *path);

#ifdef __cplusplus
}
#endif
#endif
