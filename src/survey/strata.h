/** Sampling where the map says that it matters most: strata by risk. */
#ifndef TL_SURVEY_STRATA_H
#define TL_SURVEY_STRATA_H

#include "survey/bayes.h"

enum { TL_SURVEY_STRATA_MAX = 3 };

struct tl_survey_stratum {
    int64_t n_units;
    double odds;   /* p / (1 - p) of a unit's mean chance to hold an item */
    int64_t least; /* sampled however little the map expects there */
    int64_t n;     /* sampled */
};

/**
 * P(no find | the lot holds n_bad bad units), those lying in the strata as the odds say.
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_survey_strata_pass(struct tl_ctx *ctx, int n_strata,
                                         const struct tl_survey_stratum *strata, int64_t n_bad,
                                         double found_if_there, double *pass);

/**
 * Smallest total sample that shows the lot's share free with its confidence; strata in falling order of odds. With `sample` > 0 that many.
 * @param[in,out] strata  n_units and odds in; least and n out
 * Errors: TL_EDATA (not reachable: says the confidence that all units give; acceptance number not 0; sample under what must be taken).
 */
TL_MUST_USE tl_err tl_survey_strata_size(struct tl_ctx *ctx, const struct tl_survey_lot *lot,
                                         int64_t sample, int n_strata,
                                         struct tl_survey_stratum *strata, double *confidence);

#endif
