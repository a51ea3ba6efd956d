/** Pages of a hazard map: what report draws from a project and its result. */
#ifndef TILTH_PAGE_H
#define TILTH_PAGE_H

#include "tilth/hazard.h"
#include "tilth/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Draws the one-page map of a result with the project's records on it, to PDF or PNG by the path's ending. */
TL_MUST_USE tl_err tl_page_map(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_hazard_result *result, const char *path);

/**
 * Draws the calibration plot of a result against a known truth.
 * @param truth      raster of the true density [items/m2] on the project's grid
 * @param remaining  raster of items that truly remain in each cell; NULL = none
 * Errors: those of tl_raster_read and tl_raster_same_grid.
 */
TL_MUST_USE tl_err tl_page_calibration(struct tl_ctx *ctx, struct tl_project *project,
                                       const struct tl_hazard_result *result, const char *truth,
                                       const char *remaining, const char *path,
                                       struct tl_report_calibration_figures *figures);

#ifdef __cplusplus
}
#endif
#endif
