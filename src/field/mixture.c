/*
 * Components come with weights that do not depend on the cell, so that a mixture is read in place. Quantiles: the
 * distribution function is increasing and smooth; Newton with bisection as the net takes three or four rounds.
 */
#include "field/mixture.h"

#include <math.h>

#define SQRT_HALF    0.70710678118654752440
#define INV_SQRT_2PI 0.39894228040143267794

/* Gauss-Hermite, 21 points for the standard normal: nodes from 0 up (the rule is symmetric) and their weights. */
enum { HALF_NODES = 11 };
static const double node_at[HALF_NODES] = {0,
                                           0.6780456924406441,
                                           1.35976582321123,
                                           2.049102468257163,
                                           2.750592981052373,
                                           3.469846690475376,
                                           4.214343981688422,
                                           4.994963944782025,
                                           5.829382007304472,
                                           6.751444718717461,
                                           7.849382895113822};
static const double node_weight[HALF_NODES] = {
    0.2702601835728769,    0.2153337156950599,    0.1083922856264192,    0.03395272978654287,
    0.006439697051408754,  0.0007080477954815386, 4.219234742551674e-05, 1.22535483614825e-06,
    1.450661284493078e-08, 4.975368604121712e-11, 2.09899121956568e-14};

void tl_mixture_moments(const struct tl_mixture *m, double *mean, double *sd)
{
    double first = 0.0, second = 0.0;
    for (int64_t k = 0; k < m->n; k++)
        first += m->weight[k] * m->mean[k];
    for (int64_t k = 0; k < m->n; k++) {
        double off = m->mean[k] - first;
        second += m->weight[k] * (m->sd[k] * m->sd[k] + off * off);
    }
    *mean = first;
    *sd = sqrt(second);
}

static double below(const struct tl_mixture *m, double x, double *density)
{
    double sum = 0.0;
    *density = 0.0;
    for (int64_t k = 0; k < m->n; k++) {
        double z = (x - m->mean[k]) / m->sd[k];
        sum += m->weight[k] * 0.5 * erfc(-z * SQRT_HALF);
        *density += m->weight[k] * INV_SQRT_2PI * exp(-0.5 * z * z) / m->sd[k];
    }
    return sum;
}

/* Abramowitz and Stegun 26.2.23: an error of 4.5e-4, a start that Newton needs two rounds from. */
static double normal_start(double p)
{
    double q = p < 0.5 ? p : 1.0 - p, t = sqrt(-2.0 * log(q));
    double z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) /
                       (1.0 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
    return p < 0.5 ? -z : z;
}

double tl_mixture_quantile(const struct tl_mixture *m, double p)
{
    double mean, sd, density;
    tl_mixture_moments(m, &mean, &sd);
    if (!(sd > 0.0))
        return mean;
    double x = mean + normal_start(p) * sd, low = mean - 12.0 * sd, high = mean + 12.0 * sd;
    for (int k = 0; k < 60; k++) {
        double off = below(m, x, &density) - p;
        if (off > 0.0)
            high = x;
        else
            low = x;
        double next = density > 0.0 ? x - off / density : 0.5 * (low + high);
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        double moved = fabs(next - x);
        x = next;
        if (moved < 1e-6 * sd)
            break;
    }
    return x;
}

/*
 * Where the data do not hold sigma down, E exp(x) is infinite: exp(sigma^2/2) outgrows any exponential prior, and the
 * outermost nodes would decide. The Gaussian with the mixture's two moments is the bound; with a sharp theta the
 * two agree.
 */
double tl_mixture_mean_exp(const struct tl_mixture *m)
{
    double sum = 0.0, mean, sd;
    tl_mixture_moments(m, &mean, &sd);
    for (int64_t k = 0; k < m->n; k++)
        sum += m->weight[k] * exp(fmin(m->mean[k] + 0.5 * m->sd[k] * m->sd[k], 700.0));
    return fmin(sum, exp(fmin(mean + 0.5 * sd * sd, 700.0)));
}

double tl_mixture_p_any(const struct tl_mixture *m, double r)
{
    double sum = 0.0;
    if (!(r > 0.0))
        return 0.0;
    for (int64_t k = 0; k < m->n; k++) {
        double centre = log(r) + m->mean[k], part = -node_weight[0] * expm1(-exp(centre));
        for (int j = 1; j < HALF_NODES; j++) {
            double away = node_at[j] * m->sd[k];
            part -= node_weight[j] * (expm1(-exp(centre + away)) + expm1(-exp(centre - away)));
        }
        sum += m->weight[k] * part;
    }
    return fmin(fmax(sum, 0.0), 1.0);
}

struct tl_estimate tl_mixture_estimate(const struct tl_mixture *m)
{
    struct tl_estimate e;
    tl_mixture_moments(m, &e.mean, &e.sd);
    e.q025 = tl_mixture_quantile(m, 0.025);
    e.q50 = tl_mixture_quantile(m, 0.5);
    e.q975 = tl_mixture_quantile(m, 0.975);
    return e;
}
