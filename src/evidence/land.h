/** The project's land as runs of cells, so that any part of a large grid can be looked at without holding all of it. */
#ifndef TL_EVIDENCE_LAND_H
#define TL_EVIDENCE_LAND_H

#include "core/core.h"
#include "tilth/project.h"

struct tl_land_run {
    int64_t first, n; /* cells */
    double area_m2;   /* of each */
};

struct tl_land {
    struct tl_land_run *runs; /* owns: ascending */
    int64_t n, room;
    void *wkb; /* owns: the area of interest in the grid's system */
    int64_t wkb_bytes;
};

/** Errors: TL_EDATA (the area does not meet the grid), TL_EIO, TL_ENOMEM. Cost: that of the boundary; a run for each row and edge cell is kept. */
TL_MUST_USE tl_err tl_land_init(struct tl_ctx *ctx, struct tl_project *project,
                                struct tl_land *land);
void tl_land_fini(struct tl_land *land);

/** Land of a cell [m2], 0 outside the area of interest. */
double tl_land_area(const struct tl_land *land, int64_t cell);

/** The same for n cells from `first` on. @param[out] area [n] */
void tl_land_row(const struct tl_land *land, int64_t first, int64_t n, double *area);

#endif
