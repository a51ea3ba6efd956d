/**
 * Survey: transects that would cross a target area, sampling inspection, and where to look next (model.md section 7). The first part is
 * closed forms; the second reads a project.
 */
#ifndef TILTH_SURVEY_H
#define TILTH_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An ellipse by its two full axes [m]; a circle has both alike. */
struct tl_survey_target {
    double length_m, width_m; /* full axes, length >= width > 0 */
    double angle_deg; /* between the long axis and the transects; NaN = any, all alike likely */
};

enum tl_survey_start { TL_SURVEY_START_RANDOM, TL_SURVEY_START_EVEN };

struct tl_survey_design {
    struct tl_survey_target target;
    double swath_m;     /* width of a transect, > 0 */
    double spacing_m;   /* between centre lines, >= swath; 0 = look for it */
    double probability; /* wanted; 0 = none wanted */
    double
        density_per_m2; /* of items (or fragments) in the target, on average; NaN = traversing is enough */
    double background_per_m2; /* outside it */
    double detection;         /* chance to see an item in the swath, 0..1; default 1 */
    double
        false_alarm; /* chance that background alone raises an alarm in a window, per window; default 0.05 */
    bool normal_density; /* density falls off from the centre (bivariate normal), else even */
};

struct tl_survey_answer {
    double spacing_m;
    double p_traverse;     /* a swath crosses the target */
    double p_detect;       /* and enough is seen in it to be told from background */
    double critical_count; /* items in a window that raise an alarm */
    double window_m;       /* length of the window along the transect */
};

/** One of spacing and probability is given; with the probability the largest spacing that reaches it is found. Of unknown figures (no density
 * given) p_detect, critical_count and window_m are NaN. Random start. How a target is told from background: src/survey/detect.c.
 * Errors: TL_EDATA (a number out of range; a wanted probability that no spacing reaches: says the most that can be had). */
TL_MUST_USE tl_err tl_survey_design_solve(struct tl_ctx *ctx, const struct tl_survey_design *design,
                                          struct tl_survey_answer *answer);

/** Probability that swaths of a width and spacing cross a target, random start. Circle: min(1, (D + w) / S). */
double tl_survey_traverse(const struct tl_survey_target *target, double swath_m, double spacing_m);

/** The same for an even start over a finite area, `across_m` its breadth across the lines: ceil(across / spacing) lines, as
 * much left over at one side as at the other, the target's centre anywhere in the area. */
double tl_survey_traverse_even(const struct tl_survey_target *target, double swath_m,
                               double spacing_m, double across_m);

/** Circle of 50 m, swath 2 m, random orientation, detection 1, false alarm 0.05, no density; spacing and probability 0. */
struct tl_survey_design tl_survey_design_default(void);

struct tl_survey_lines {
    const char *area;    /* borrows: code of a hazardous area; or `polygon` */
    const char *polygon; /* borrows: file */
    double bearing_deg;  /* of the lines; NaN = along the longest side of the smallest rectangle */
    enum tl_survey_start start;
    double m2_per_day;  /* pace; NaN = from the methods table by `method` */
    const char *method; /* borrows: NULL = not known */
    uint64_t seed;      /* of the random start */
};

/**
 * Designs transects for an area: solves the design, lays lines clipped to the area, writes them to `out` (.geojson or .gpx; NULL = not written).
 * @param[out] json, words  tilth.transects/1 and the same for people; owns: the caller
 */
TL_MUST_USE tl_err tl_survey_transects(struct tl_ctx *ctx, struct tl_project *project,
                                       const struct tl_survey_design *design,
                                       const struct tl_survey_lines *lines, const char *out,
                                       bool overwrite, char **json, char **words);

struct tl_survey_lot {
    int64_t n_units;   /* N, >= 1 */
    double free;       /* share X that must be free of items, 0..1 */
    double confidence; /* Y, 0..1 */
    double
        found_if_there; /* chance that inspecting a unit that holds an item finds it; default 1 */
    int64_t accept;     /* units with a find that are still accepted; default 0 */
};

/** N 0, free 0, confidence 0, found if there 1, accept 0. */
struct tl_survey_lot tl_survey_lot_default(void);

/** Smallest sample. Errors: TL_EDATA (out of range; not reachable even with all units: says the confidence that all give). */
TL_MUST_USE tl_err tl_survey_sample_size(struct tl_ctx *ctx, const struct tl_survey_lot *lot,
                                         int64_t *sample_size, double *confidence);

/** Chance that a lot with n_bad bad units passes the inspection of n of N units (exact hypergeometric, imperfect inspection). */
double tl_survey_pass(int64_t n_units, int64_t n_bad, int64_t n_inspected, double found_if_there,
                      int64_t accept);

struct tl_survey_inspect {
    struct tl_survey_lot lot; /* n_units with an area: about so many; 0 = by unit_m */
    const char *area;         /* borrows: NULL = `polygon`, or figures only */
    const char *stratify;     /* borrows: "risk" = strata by the map; NULL = none */
    double unit_m;            /* side of a unit [m]; 0 = the project's cell */
    bool
        bayes; /* start from what is known beforehand: the map, or Beta(prior_a, prior_b) on the share of bad units */
    int64_t sample; /* > 0: not the smallest, but this many */
    uint64_t seed;
    const char *polygon; /* borrows: file; NULL = none */
    double prior_a,
        prior_b; /* of `bayes` without an area; both 0 = 1, 1 (all shares alike likely) */
};

/** Figures (json has "sample_size"), and with an area the drawn units as polygons in `out` (.geojson; NULL = not written). project may be NULL
 * without an area. Errors: TL_EDATA (sample larger than the lot, ...). */
TL_MUST_USE tl_err tl_survey_inspect(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_survey_inspect *inspect, const char *out,
                                     bool overwrite, char **json, char **words);

/**
 * Koopman / Stone: effort z_i >= 0 with sum z_i cost_i <= budget that makes sum p_i (1 - exp(-alpha_i z_i)) largest.
 * @param[out] z           [n]
 * @param[out] detection   sum p_i (1 - exp(-alpha_i z_i)); may be NULL
 */
TL_MUST_USE tl_err tl_survey_allocate(struct tl_ctx *ctx, int64_t n, const double *p,
                                      const double *alpha, const double *cost, double budget,
                                      double *z, double *detection);

struct tl_survey_next {
    double hours;         /* > 0 */
    const char *method;   /* borrows: of the methods table */
    double hours_per_day; /* 0 = 6 */
    int64_t n_max;        /* polygons at most; 0 = 20 */
    double min_area_m2;   /* smallest workable polygon; 0 = 4 cells, fewer when the hours are */
    const char *vegetation,
        *slope;      /* borrows: of all ground, as in the table of methods; NULL = open, flat */
    bool items_only; /* loss = items that remain; else weighed with how much people use the land */
    uint64_t seed;
};

/** Where to look next, from the latest map: cells by expected reduction of expected loss per hour, gathered into polygons, and the effort on each.
 * Writes `out` (.geojson). Errors: TL_ENOTFOUND (no map; method not in the table), TL_EDATA. */
TL_MUST_USE tl_err tl_survey_next(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_survey_next *next, const char *out,
                                  bool overwrite, char **json, char **words);

#ifdef __cplusplus
}
#endif
#endif
