/** What a calibration shows, as numbers: coverage of central intervals, reliability of p_any, true against predicted. */
#ifndef TL_REPORT_CALIBRATION_H
#define TL_REPORT_CALIBRATION_H

#include "core/core.h"
#include "report/page.h"
#include "tilth/report.h"

enum { TL_CALIBRATION_LEVELS = 18, TL_CALIBRATION_DECILES = 10, TL_CALIBRATION_BINS = 44 };

enum tl_calibration_set { TL_CALIBRATION_ALL, TL_CALIBRATION_SEARCHED, TL_CALIBRATION_UNSEARCHED };

struct tl_calibration_decile {
    int64_t n;
    double predicted; /* mean of p_any */
    double observed;  /* share of cells with an item */
    double
        error; /* binomial standard error of `observed` if the predictions hold, at least one cell's share */
};

struct tl_calibration {
    int64_t n[3];                              /* cells: all, searched, unsearched */
    double level[TL_CALIBRATION_LEVELS];       /* 0.10, 0.15, ..., 0.95 */
    double coverage[3][TL_CALIBRATION_LEVELS]; /* NaN for an empty set */
    int n_deciles;                             /* 0 when p_any or any is not given */
    struct tl_calibration_decile
        deciles[TL_CALIBRATION_DECILES]; /* equal numbers of cells, by rising p_any */
    double lo, hi;                       /* range of log10 items per hectare, both axes */
    int64_t counts[TL_CALIBRATION_BINS *
                   TL_CALIBRATION_BINS]; /* [true from below, predicted from left] */
    double
        true_mean[TL_CALIBRATION_BINS]; /* mean true value by bin of predicted; NaN below 5 cells */
    double bias;                        /* mean of predicted - true log density */
    struct tl_report_calibration_figures figures;
};

/** Errors: TL_EDATA (no cell with a truth, a mean and a sd), TL_ENOMEM. `result` untouched on error. */
TL_MUST_USE tl_err tl_calibration_compute(struct tl_ctx *ctx,
                                          const struct tl_report_calibration *data,
                                          struct tl_calibration *result);

/**
 * Squares of the page's plots below `top_pt`: three, or two without predicted probabilities. Returns how many.
 * @param[out] plots  [3], the third untouched when there are two
 */
int tl_calibration_page_plots(bool has_p_any, double top_pt, struct tl_box plots[3]);

#endif
