/** What finding nothing says of a lot when something is known of it beforehand. */
#ifndef TL_SURVEY_BAYES_H
#define TL_SURVEY_BAYES_H

#include "survey/survey.h"

/** Probabilities of whole numbers first .. first + n - 1; elsewhere under 1e-18. */
struct tl_survey_numbers {
    int64_t first, n;
    double *p; /* owns */
};
void tl_survey_numbers_fini(struct tl_survey_numbers *numbers);

/** Number of bad units among independent ones with chances p[0..n) (Poisson-binomial). Cost: O(n + variance log n). */
TL_MUST_USE tl_err tl_survey_numbers_of_units(struct tl_ctx *ctx, int64_t n, const double *p,
                                              struct tl_survey_numbers *numbers);

/** Binomial(n, p). */
TL_MUST_USE tl_err tl_survey_numbers_binomial(struct tl_ctx *ctx, int64_t n, double p,
                                              struct tl_survey_numbers *numbers);

/** Beta-binomial: the share of bad units is Beta(a, b). */
TL_MUST_USE tl_err tl_survey_numbers_beta(struct tl_ctx *ctx, int64_t n, double a, double b,
                                          struct tl_survey_numbers *numbers);

/** Sum of two independent numbers. */
TL_MUST_USE tl_err tl_survey_numbers_add(struct tl_ctx *ctx, const struct tl_survey_numbers *a,
                                         const struct tl_survey_numbers *b,
                                         struct tl_survey_numbers *sum);

/** P(a number); 0 outside the window. */
double tl_survey_numbers_at(const struct tl_survey_numbers *numbers, int64_t value);

/** P(bad units < n_bad | the lot passes) after inspecting n_inspected; prior when that is 0. */
double tl_survey_posterior(const struct tl_survey_numbers *prior, const struct tl_survey_lot *lot,
                           int64_t n_inspected);

/** Smallest sample after which passing gives the lot's confidence; -1 when all units do not. */
int64_t tl_survey_bayes_size(const struct tl_survey_numbers *prior,
                             const struct tl_survey_lot *lot);

#endif
