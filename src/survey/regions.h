/** Cells gathered into pieces of ground that a team can work, and what that costs against the optimum. */
#ifndef TL_SURVEY_REGIONS_H
#define TL_SURVEY_REGIONS_H

#include "survey/worth.h"

enum { TL_SURVEY_PASSES_MAX = 5 };

struct tl_survey_region {
    int64_t first, n; /* its cells: members[first .. first + n) */
    double area_m2, pass_hours;
    double items, loss; /* that the first pass over all of it takes away */
    double rate;        /* loss per hour of the first pass */
    int passes;         /* >= 1 */
    double coverage;    /* share of it that the hours are enough for; under 1 only with one pass */
    double hours;
    double items_found, loss_reduction; /* expected, with those passes or that coverage */
};

struct tl_survey_plan {
    int64_t n;
    struct tl_survey_region *regions; /* owns: best rate first */
    int64_t *members;                 /* owns: by the numbers of the worth */
    int64_t n_members;
    double hours, items_found, loss_reduction;
    double
        level; /* least worth of an hour that anything of it was asked for: what is worth less had no say */
    double
        whole_passes; /* most loss that whole passes over cells, wherever they lie, take away in the hours (a part of the last one) */
};

struct tl_survey_gather {
    double hours, min_area_m2;
    int64_t n_max;
};

/** Contiguous regions (cells that share an edge) under a budget of hours. No region when nothing can be found anywhere. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_survey_regions_gather(struct tl_ctx *ctx, const struct tl_survey_worth *worth,
                                            const struct tl_survey_gather *options,
                                            struct tl_survey_plan *plan);
void tl_survey_regions_fini(struct tl_survey_plan *plan);

/** A region's outline, polygon or multipolygon in the grid's system. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_survey_regions_outline(struct tl_ctx *ctx,
                                             const struct tl_survey_worth *worth,
                                             const struct tl_survey_plan *plan, int64_t region,
                                             void **wkb, int64_t *wkb_bytes);

#endif
