/** Pages and pictures: the one-page map and the calibration plot, as PDF and PNG (Cairo, Pango). */
#ifndef TILTH_REPORT_H
#define TILTH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_report_point {
    double x_m, y_m;
    const char *label; /* borrows: NULL = none */
    double size;       /* relative importance (population of a place), 0 = plain */
    bool is_find;      /* of points: an item found, not an accident; a smaller mark */
};

enum tl_report_line { TL_REPORT_DEFENCE_LINE, TL_REPORT_TRENCH, TL_REPORT_ROAD, TL_REPORT_RIVER };

struct tl_report_path {
    int64_t n;
    const double *xy_m;       /* borrows: [n, 2] */
    bool closed;              /* a ring, drawn with an outline */
    enum tl_report_line kind; /* of lines: how it is drawn */
};

struct tl_report_map {
    const char *title;    /* borrows */
    const char *subtitle; /* borrows: what it rests on, in a line */
    const char *crs_name; /* borrows: "WGS 84 / UTM zone 18N" */
    const char *
        footer; /* borrows: program, date, hash, "not a statement that any ground is free of hazard" */
    struct tl_grid grid;
    double
        cell_m; /* side of a cell, where the grid's are squares of several; 0 = the grid's step */
    const double *mean; /* borrows: [n_cells] median or mean density [items/m2]; NaN = outside */
    const double *sd;   /* borrows: [n_cells] sd of log density, drawn beside it */
    int64_t n_points;   /* accidents, items */
    const struct tl_report_point *points;
    int64_t n_places;
    const struct tl_report_point *places; /* labelled, largest first, without overlap */
    int64_t n_areas;
    const struct tl_report_path *areas; /* hazardous areas */
    int64_t n_lines;
    const struct tl_report_path *lines;
    int64_t n_look;
    const struct tl_report_point *look; /* where to look first: numbered */
    int64_t n_notes;
    const char *const *notes; /* lines of words under the maps */
    double corners_deg
        [8]; /* lon, lat of the grid's corners NW NE SE SW, for the graticule's labels; NaN = none */
};

/** Draws the page (A4, landscape) to PDF or PNG by the path's ending. Errors: TL_EUSAGE (ending), TL_EIO, TL_ENOMEM. Same input, same bytes. */
TL_MUST_USE tl_err tl_report_map_draw(struct tl_ctx *ctx, const struct tl_report_map *map,
                                      const char *path);

struct tl_report_calibration {
    const char *title; /* borrows */
    int64_t n_cells;
    const double *true_log_density; /* borrows: [n_cells]; NaN = leave out */
    const double *mean;             /* borrows: of log density */
    const double *sd;
    const uint8_t *searched; /* borrows: nonzero = searched; NULL = not told apart */
    const double *p_any;     /* borrows: predicted; NULL = none */
    const uint8_t *any;      /* borrows: whether an item truly remains; NULL = none */
    const char *footer;      /* borrows */
};

/** Figures that the plot shows. */
struct tl_report_calibration_figures {
    double rmse, coverage95, coverage95_searched, coverage95_unsearched, coverage50;
    double
        reliability_worst; /* largest deviation of a decile of p_any in binomial standard errors */
};

/** Coverage of central intervals against their nominal level, reliability of p_any with binomial bands, and true against predicted. */
TL_MUST_USE tl_err tl_report_calibration_draw(struct tl_ctx *ctx,
                                              const struct tl_report_calibration *data,
                                              const char *path,
                                              struct tl_report_calibration_figures *figures);

/** Assessments of areas whose truth is known: does a stated chance that at least one item remains come true? */
struct tl_report_reliability {
    const char *title;    /* borrows */
    const char *subtitle; /* borrows: what was simulated */
    const char *footer;   /* borrows */
    int64_t n_areas;
    const double *p_any; /* borrows: [n_areas] as assessed, misses correlated */
    const double *
        p_any_independent; /* borrows: [n_areas] as if misses were independent, to show why it matters; NULL = none */
    const uint8_t *any; /* borrows: [n_areas] nonzero = an item truly remains */
};

/** Of both ways, correlated first; the second is 0 without p_any_independent. */
struct tl_report_reliability_figures {
    int n_outside
        [2]; /* tenths of the areas whose share lies outside their central 95 % binomial band */
    double worst
        [2]; /* largest deviation of a tenth in binomial standard errors, at least one area's share */
    double predicted[2], observed; /* means over all areas */
};

/**
 * Draws both ways side by side, each tenth of the areas (by rising chance) with its binomial band.
 * Errors: TL_EDATA (no areas; a chance outside 0..1: says which), TL_EUSAGE (ending), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_report_reliability_draw(struct tl_ctx *ctx,
                                              const struct tl_report_reliability *data,
                                              const char *path,
                                              struct tl_report_reliability_figures *figures);

#ifdef __cplusplus
}
#endif
#endif
