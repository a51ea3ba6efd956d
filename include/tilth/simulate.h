/** A district with a known truth, and the dirty evidence that people would have of it. */
#ifndef TILTH_SIMULATE_H
#define TILTH_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_simulate_options {
    double area_deg
        [4];       /* west, south, east, north; all 0 = a made-up district of about 20 km x 16 km */
    double step_m; /* of the grid that truth is drawn on; 0 = 100 m */
    int years;     /* of surveys and accidents; 0 = 6 */
    double dirt;   /* share of records made dirty; negative = 0.03 */
    uint64_t seed;
    bool overwrite;
};

struct tl_simulate_report {
    int64_t n_items_mines, n_items_erw, n_found, n_remaining;
    int64_t n_accidents, n_reports, n_false_reports, n_hazard_areas, n_searches, n_dirty;
    double searched_m2;
    char files[2048]; /* names of the files that were written, one a line, each with what it is */
};

/**
 * Writes a district into a folder: evidence as a user would have it (CSV, XLSX, GeoJSON, GPX, ...), covariate rasters,
 * and `truth/` (density raster, items, grid) that nothing but a calibration may read.
 * Errors: TL_EEXISTS (files there and not overwrite), TL_EIO, TL_EDATA (options), TL_ENOMEM. Same options, same bytes.
 */
TL_MUST_USE tl_err tl_simulate_district(struct tl_ctx *ctx, const char *folder,
                                        const struct tl_simulate_options *options,
                                        struct tl_simulate_report *report);

#ifdef __cplusplus
}
#endif
#endif
