/** Parallel lines over a polygon, in the order in which a team walks them. */
#ifndef TL_SURVEY_LINES_H
#define TL_SURVEY_LINES_H

#include "survey/area.h"

struct tl_survey_segment {
    double from[2], to[2]; /* [m, grid CRS] in walking direction */
    double length_m;
    int64_t
        transect; /* 1..n_transects; a transect that leaves the area and comes back has several segments */
};

struct tl_survey_layout {
    double direction_rad; /* of the first line, clockwise from the grid's north */
    double across_m;      /* breadth of the area across the lines */
    int64_t n_transects, n_segments;
    struct tl_survey_segment *segments; /* owns */
    double length_m;                    /* of all segments */
};

/**
 * @param direction_rad  NaN = along the longer side of the smallest rectangle around the area
 * Errors: TL_EDATA (too many lines; none falls in the area), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_survey_lines_lay(struct tl_ctx *ctx, const struct tl_survey_area *area,
                                       double direction_rad, double spacing_m,
                                       enum tl_survey_start start, uint64_t seed,
                                       struct tl_survey_layout *layout);
void tl_survey_lines_fini(struct tl_survey_layout *layout);

/** Direction of the longer side of the smallest rectangle around points, clockwise from north, 0 to pi. Sorts a copy. */
TL_MUST_USE tl_err tl_survey_lines_direction(struct tl_ctx *ctx, int64_t n, const double *xy,
                                             double *direction_rad);

#endif
