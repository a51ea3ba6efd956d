/** Mixtures of Gaussians: what is left when theta is integrated out. */
#ifndef TL_FIELD_MIXTURE_H
#define TL_FIELD_MIXTURE_H

#include "core/core.h"
#include "tilth/field.h"

enum { TL_MIXTURE_MAX = 128 };

struct tl_mixture {
    int64_t n;            /* components, at most TL_MIXTURE_MAX */
    const double *weight; /* borrows: sums to 1 */
    double mean[TL_MIXTURE_MAX], sd[TL_MIXTURE_MAX];
};

void tl_mixture_moments(const struct tl_mixture *mixture, double *mean, double *sd);

/** Quantile by Newton inside a bracket. */
double tl_mixture_quantile(const struct tl_mixture *mixture, double p);

/** E exp(x), at most that of the Gaussian with the mixture's mean and sd (see mixture.c). */
double tl_mixture_mean_exp(const struct tl_mixture *mixture);

/** E[1 - exp(-r exp(x))], Gauss-Hermite. */
double tl_mixture_p_any(const struct tl_mixture *mixture, double r);

/** Mean, sd and the three quantiles. */
struct tl_estimate tl_mixture_estimate(const struct tl_mixture *mixture);

#endif
