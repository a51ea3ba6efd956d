/*
 * Telling a target from background. Along each transect a window of the swath's width w and of length l is moved; it raises an
 * alarm when it holds at least k items. k is the smallest count >= 1 that background alone reaches with a chance of at most the
 * false-alarm rate: P(Poisson(g b w l) >= k) <= alpha, b the background's density, g the chance to see an item that is there. l is
 * the target's chord through its centre along the transects, L W / B; of unknown orientation its shortest, W. There, with k = 1, one item
 * anywhere along the chord is enough, so the chord's own length is counted; with k > 1 the window in its middle is, which is
 * slightly too few alarms, never too many.
 *
 * A swath whose centre line passes the target's centre at a distance t holds, chord by chord, at most l of each chord. With
 * x = (B / 2) sin(theta) across, a chord is (L W / B) cos(theta) long, so the covered area A(t) has a closed form. Items in the window are Poisson
 * with mean g (M + b (w l - A)), M = density x A when it is even; bivariate normal: M = integral of C exp(-kappa rho² / 2), rho = 1 at the
 * ellipse's edge, kappa such that the edge would hold 95 % of an unbounded normal, cut off there, C such that the mean over the ellipse is
 * the given density. Detected: at least one of the swaths that cross the target raises an alarm, their windows being apart:
 *
 *     P(S) = 1 - (1/S) ∫_0^S prod_j (1 - alarm(u + j S)) du,     averaged over the orientation when that is not known
 *
 * By Gauss-Legendre between the points where a swath begins to touch the target or to lie in it wholly. Against simulation with 1e6
 * draws it agrees within the simulation's error (detect_test.c). Slowest for swaths much narrower than the target that lie close.
 */
#include <math.h>
#include <stdlib.h>

#include "survey/survey.h"

enum { NODES = 16, NODES_ANGLE = 24 };
static const double PI = 3.14159265358979323846;
static const double KAPPA = 5.991464547107982; /* -2 log 0.05: the 95 % ellipse of a normal */

double tl_survey_poisson_tail(double mean, double k)
{
    int sign;
    if (k <= 0.0)
        return 1.0;
    if (!(mean > 0.0))
        return 0.0;
    double sum = 0.0;
    if (mean < k) {
        double term = exp(k * log(mean) - mean - lgamma_r(k + 1.0, &sign));
        for (double j = k; term > sum * 1e-18; j += 1.0) {
            sum += term;
            term *= mean / (j + 1.0);
        }
        return fmin(sum, 1.0);
    }
    double term = exp((k - 1.0) * log(mean) - mean - lgamma_r(k, &sign));
    for (double j = k - 1.0; j >= 0.0 && term > sum * 1e-18; j -= 1.0) {
        sum += term;
        term *= j / mean;
    }
    return fmax(1.0 - sum, 0.0);
}

struct tl_survey_rule tl_survey_rule_make(const struct tl_survey_design *design)
{
    const struct tl_survey_target *t = &design->target;
    struct tl_survey_rule rule = {.window_m = t->width_m};
    if (!isnan(t->angle_deg))
        rule.window_m = t->length_m * t->width_m / tl_survey_breadth(t, t->angle_deg * PI / 180.0);
    double mean = design->detection * design->background_per_m2 * design->swath_m * rule.window_m;
    double k = fmax(1.0, floor(mean));
    while (tl_survey_poisson_tail(mean, k) > design->false_alarm)
        k += 1.0;
    rule.critical_count = k;
    return rule;
}

/* A target at one orientation, and the rule. */
struct view {
    const struct tl_survey_design *design;
    double half_m;  /* B / 2 */
    double chord_m; /* through the centre */
    double window_m, count;
    const double *nodes, *weights; /* NODES of them */
};

/* Integral of min(cos, limit) cos from 0 to theta >= 0. */
static double even_integral(double theta, double limit)
{
    double kink = limit >= 1.0 ? 0.0 : acos(limit);
    if (theta <= kink)
        return limit * sin(theta);
    double upper = 0.5 * theta + 0.25 * sin(2.0 * theta);
    return limit * sin(kink) * (limit < 1.0) + upper - 0.5 * kink - 0.25 * sin(2.0 * kink);
}

static double signed_even(double theta, double limit)
{
    return copysign(even_integral(fabs(theta), limit), theta);
}

/* Integral over theta of the normal's intensity along each chord's part in the window, times (B / 2) cos(theta). */
static double normal_between(const struct view *v, double from, double to)
{
    double scale = 0.5 * KAPPA / (1.0 - exp(-0.5 * KAPPA)); /* C / density */
    double limit = v->window_m / v->chord_m, sum = 0.0;
    double mid = 0.5 * (from + to), half = 0.5 * (to - from);
    for (int k = 0; k < NODES; k++) {
        double theta = mid + half * v->nodes[k], c = cos(theta), s = sin(theta);
        double along = sqrt(2.0 * PI / KAPPA) * erf(fmin(c, limit) * sqrt(0.5 * KAPPA));
        sum += v->weights[k] * exp(-0.5 * KAPPA * s * s) * along * c;
    }
    return scale * 0.5 * v->chord_m * v->half_m * half * sum;
}

/* Chance that a swath at a distance t from the target's centre raises no alarm by it. */
static double miss(const struct view *v, double t)
{
    const struct tl_survey_design *d = v->design;
    double from = fmax(t - 0.5 * d->swath_m, -v->half_m),
           to = fmin(t + 0.5 * d->swath_m, v->half_m);
    if (from >= to)
        return 1.0;
    double a = asin(from / v->half_m), b = asin(to / v->half_m), limit = v->window_m / v->chord_m;
    double area = v->chord_m * v->half_m * (signed_even(b, limit) - signed_even(a, limit));
    double items = area;
    if (d->normal_density)
        items = a < 0.0 && b > 0.0 ? normal_between(v, a, 0.0) + normal_between(v, 0.0, b)
                                   : normal_between(v, a, b);
    double mean = d->detection * (d->density_per_m2 * items +
                                  d->background_per_m2 * (d->swath_m * v->window_m - area));
    return 1.0 - tl_survey_poisson_tail(mean, v->count);
}

/* Product over the swaths that touch the target when one of them lies at u. */
static double all_miss(const struct view *v, double u, double spacing, double reach)
{
    double product = 1.0;
    for (double t = u - spacing * floor((u + reach) / spacing); t < reach; t += spacing) {
        product *= miss(v, t);
        if (product < 1e-18)
            return 0.0;
    }
    return product;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double detect_at(const struct view *v, double spacing)
{
    double w = v->design->swath_m, reach = v->half_m + 0.5 * w, inner = fabs(v->half_m - 0.5 * w);
    double at[6] = {0.0, spacing, 0, 0, 0, 0}, lost = 0.0;
    const double edges[4] = {-reach, reach, -inner, inner};
    if (spacing >= 2.0 * reach) {
        at[0] = -reach;
        at[1] = spacing - reach;
        for (int k = 0; k < 4; k++)
            at[k + 2] = edges[k];
    } else {
        for (int k = 0; k < 4; k++)
            at[k + 2] = edges[k] - spacing * floor(edges[k] / spacing);
    }
    qsort(at, 6, sizeof *at, ascending);
    for (int k = 0; k < 5; k++) {
        double mid = 0.5 * (at[k] + at[k + 1]), half = 0.5 * (at[k + 1] - at[k]), sum = 0.0;
        for (int j = 0; j < NODES && half > 0.0; j++)
            sum += v->weights[j] * all_miss(v, mid + half * v->nodes[j], spacing, reach);
        lost += half * sum;
    }
    return fmin(fmax(1.0 - lost / spacing, 0.0), 1.0);
}

/* A window that is moved along raises its alarm at one item wherever that lies: then all of the chord counts. */
static double window_m(const struct tl_survey_rule *rule, double chord_m)
{
    return rule->critical_count > 1.0 ? rule->window_m : fmax(rule->window_m, chord_m);
}

double tl_survey_detect(const struct tl_survey_design *design, const struct tl_survey_rule *rule,
                        double spacing_m)
{
    double nodes[NODES], weights[NODES], x[NODES_ANGLE], y[NODES_ANGLE], sum = 0.0;
    const struct tl_survey_target *t = &design->target;
    struct view view = {.design = design,
                        .window_m = rule->window_m,
                        .count = rule->critical_count,
                        .nodes = nodes,
                        .weights = weights};
    tl_survey_gauss(NODES, nodes, weights);
    if (!isnan(t->angle_deg) || t->length_m == t->width_m) {
        double b = tl_survey_breadth(t, isnan(t->angle_deg) ? 0.0 : t->angle_deg * PI / 180.0);
        view.half_m = 0.5 * b;
        view.chord_m = t->length_m * t->width_m / b;
        return detect_at(&view, spacing_m);
    }
    tl_survey_gauss(NODES_ANGLE, x, y);
    /* The breadth of a slender target turns sharply near phi = 0. */
    double turn = atan(2.0 * t->width_m / t->length_m);
    const double from[2] = {0.0, turn}, to[2] = {turn, 0.5 * PI};
    for (int part = 0; part < 2; part++)
        for (int k = 0; k < NODES_ANGLE; k++) {
            double half = 0.5 * (to[part] - from[part]);
            double b = tl_survey_breadth(t, from[part] + half * (1.0 + x[k]));
            view.half_m = 0.5 * b;
            view.chord_m = t->length_m * t->width_m / b;
            view.window_m = window_m(rule, view.chord_m);
            sum += half * y[k] * detect_at(&view, spacing_m);
        }
    return sum / (0.5 * PI);
}
