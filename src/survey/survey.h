/** What the files of this room share; not for other rooms. */
#ifndef TL_SURVEY_SURVEY_H
#define TL_SURVEY_SURVEY_H

#include "core/core.h"
#include "tilth/survey.h"

enum { TL_SURVEY_NODES_MAX = 64 };

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1], n from 2 to TL_SURVEY_NODES_MAX. */
void tl_survey_gauss(int n, double *nodes, double *weights);

/** log of the binomial pmf, accurate to about 1e-14 for any n (Loader 2000); q = 1 - p is given so that it loses nothing. */
double tl_survey_log_binomial(double x, double n, double p, double q);

/** P(Poisson(mean) >= k). */
double tl_survey_poisson_tail(double mean, double k);

/** Smallest number of bad units of a lot that is less than `free` of it free; more than n_units when there is none. */
int64_t tl_survey_bad_units(int64_t n_units, double share_free);

/** Checks the numbers of a lot, one message for each. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_survey_check_lot(struct tl_ctx *ctx, const struct tl_survey_lot *lot);

/** Full breadth of an ellipse across the transects [m] at an angle [rad] between its long axis and them. */
double tl_survey_breadth(const struct tl_survey_target *target, double angle_rad);

/** The rule by which a target is told from background, and the chance that it is; see detect.c. */
struct tl_survey_rule {
    double window_m;
    double critical_count;
};
struct tl_survey_rule tl_survey_rule_make(const struct tl_survey_design *design);

/** P(detected) at a spacing, over the random start (and the orientation when it is not known). */
double tl_survey_detect(const struct tl_survey_design *design, const struct tl_survey_rule *rule,
                        double spacing_m);

#endif
