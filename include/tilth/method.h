/**
 * Methods of searching: what they find, what they cost, and where each figure comes from. A method has one row or several: the most
 * specific row whose group, depth and soil fit is used (tl_method_pick).
 *
 * A share d of items can be found by the method at all, each of those with chance q at each pass (model.md section 3);
 * the chance at one pass is p = d q, and two passes over one item agree with correlation q (1 - d) / (1 - d q).
 */
#ifndef TILTH_METHOD_H
#define TILTH_METHOD_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_project;

/** Vegetation and slope, as far as they change pace and chance. */
enum { TL_METHOD_VEGETATION = 4 }; /* none, light, medium, dense */
enum { TL_METHOD_SLOPE = 3 };      /* flat (under 10 degrees), moderate (10 to 25), steep */

struct tl_method {
    char name[64];
    char group[16];  /* "" = any, "mines", "erw" */
    double depth_cm; /* the row's figures hold for items down to this depth; INFINITY = any */
    char soil[32];   /* "" = any, else as in the project's setting "soil" ("mineralised", ...) */
    double detectable_a, detectable_b;      /* d ~ Beta(a, b) */
    double per_pass_a, per_pass_b;          /* q ~ Beta(a, b) */
    double process_failure;                 /* f: chance that a lot fails as a whole */
    double process_failure_p;               /* p_fail: chance of finding an item in a failed lot */
    double m2_per_day;                      /* of whom its source says; NaN = not known */
    double m2_per_day_low, m2_per_day_high; /* about a 90 % range; NaN = not known */
    double price_per_m2;                    /* [currency / m2] of one pass; NaN = not known */
    double price_per_m2_low, price_per_m2_high;
    char currency[8]; /* "USD" */
    double vegetation_pace
        [TL_METHOD_VEGETATION]; /* factor on m2_per_day, 1 = as given; price is divided by it */
    double vegetation_detect[TL_METHOD_VEGETATION]; /* factor on q, at most 1 */
    double slope_pace[TL_METHOD_SLOPE];
    double slope_detect[TL_METHOD_SLOPE];
    bool is_search;     /* false: it asks and looks only (non-technical survey): no effort */
    bool is_assumption; /* true: the detection figures are a wide prior, not a trial */
    char source[512];   /* of the detection figures: where they were read, or "assumption: ..." */
    char pace_source[256], price_source[256], terrain_source[256]; /* "" = not known */
};

/** All rows, in order of name; "unknown" is always there and is used for names that are not. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_project_methods(struct tl_ctx *ctx, struct tl_project *project,
                                      struct tl_method **methods, int64_t *n);

/**
 * Row for a method's name (case does not matter; NULL = not known), a group ("" = any), a depth of search [cm] (NaN = not known)
 * and a soil ("" = not known). Of the rows of that name that fit, the most specific one: group, then soil, then the smallest depth
 * that is not under depth_cm. *known says whether the name has a row at all; if not, "unknown"'s row is returned.
 */
int64_t tl_method_pick(const struct tl_method *methods, int64_t n, const char *name,
                       const char *group, double depth_cm, const char *soil, bool *known);

/** Correlation of two passes over one item, at the means of d and q. */
double tl_method_correlation(const struct tl_method *method);

/** The table as YAML text that tl_method_edit reads, with comments that say what each key is. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_method_yaml(struct tl_ctx *ctx, struct tl_project *project, char **yaml);

struct tl_method_edit {
    int64_t n_added, n_changed, n_removed, n_same;
};

/**
 * Makes the table what a YAML file says, in one transaction, logged. Methods that searches name may not be removed.
 * Errors: TL_ENOTFOUND, TL_EDATA (file, line and column; an unknown key with the nearest known one; a number out of its range; a figure without its
 * source; unit missing), TL_EREADONLY. Nothing changed on any error.
 */
TL_MUST_USE tl_err tl_method_edit(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                                  struct tl_method_edit *edit);

#ifdef __cplusplus
}
#endif
#endif
