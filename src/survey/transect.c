/*
 * Parallel transects: swaths of width w whose centre lines lie S apart. A target crosses a swath when its centre is nearer to a
 * centre line than r = (B + w) / 2, B the target's breadth across the lines: for an ellipse with axes L, W at an angle phi to the
 * lines B = sqrt(L² sin² phi + W² cos² phi). With a random start the centre is uniform between two lines:
 *
 *     P = min(1, (B + w) / S)
 *
 * Of unknown orientation the mean over phi of that, in closed form by elliptic integrals of the second kind (Carlson 1979); as long as
 * L + w <= S it is (perimeter / pi + w) / S, Cauchy's mean breadth.
 *
 * An even start lays k = ceil(H / S) lines over a breadth H with the same margin m = (H - (k - 1) S) / 2 at both sides, so that no
 * point is farther than S / 2 from a line. The centre uniform over H, and 2 r < S:
 *
 *     P = (2 r (k - 1) + 2 min(r, m)) / H,     else 1
 *
 * which is 2 r / S again when H is a multiple of S.
 */
#include <math.h>

#include "survey/survey.h"

static const double PI = 3.14159265358979323846;
static const double DEGREE = 3.14159265358979323846 / 180.0;

void tl_survey_gauss(int n, double *nodes, double *weights)
{
    for (int i = 0; i < n; i++) {
        double x = cos(PI * (i + 0.75) / (n + 0.5)), slope = 1.0;
        for (int step = 0; step < 100; step++) {
            double p0 = 1.0, p1 = x;
            for (int k = 2; k <= n; k++) {
                double p2 = ((2 * k - 1) * x * p1 - (k - 1) * p0) / k;
                p0 = p1;
                p1 = p2;
            }
            slope = n * (x * p1 - p0) / (x * x - 1.0);
            double move = p1 / slope;
            x -= move;
            if (fabs(move) < 1e-15)
                break;
        }
        nodes[i] = x;
        weights[i] = 2.0 / ((1.0 - x * x) * slope * slope);
    }
}

/* Carlson's R_F and R_D by duplication. */
static double carlson_rf(double x, double y, double z)
{
    for (;;) {
        double l = sqrt(x * y) + sqrt(y * z) + sqrt(z * x);
        x = 0.25 * (x + l);
        y = 0.25 * (y + l);
        z = 0.25 * (z + l);
        double a = (x + y + z) / 3.0, dx = 1.0 - x / a, dy = 1.0 - y / a, dz = -dx - dy;
        if (fmax(fabs(dx), fmax(fabs(dy), fabs(dz))) < 2e-3) {
            double e2 = dx * dy - dz * dz, e3 = dx * dy * dz;
            return (1.0 + e2 * (e2 / 24.0 - 0.1 - 3.0 * e3 / 44.0) + e3 / 14.0) / sqrt(a);
        }
    }
}

static double carlson_rd(double x, double y, double z)
{
    double sum = 0.0, scale = 1.0;
    for (;;) {
        double l = sqrt(x * y) + sqrt(y * z) + sqrt(z * x);
        sum += scale / (sqrt(z) * (z + l));
        scale *= 0.25;
        x = 0.25 * (x + l);
        y = 0.25 * (y + l);
        z = 0.25 * (z + l);
        double a = (x + y + 3.0 * z) / 5.0, dx = (a - x) / a, dy = (a - y) / a, dz = (a - z) / a;
        if (fmax(fabs(dx), fmax(fabs(dy), fabs(dz))) < 1.5e-3) {
            double ea = dx * dy, eb = dz * dz, ec = ea - eb, ed = ea - 6.0 * eb, ee = ed + 2.0 * ec;
            return 3.0 * sum +
                   scale *
                       (1.0 + ed * (-3.0 / 14.0 + 9.0 / 88.0 * ed - 4.5 / 26.0 * dz * ee) +
                        dz * (ee / 6.0 + dz * (-9.0 / 22.0 * ec + 3.0 / 26.0 * dz * ea))) /
                       (a * sqrt(a));
        }
    }
}

double tl_survey_breadth(const struct tl_survey_target *target, double angle_rad)
{
    return hypot(target->length_m * sin(angle_rad), target->width_m * cos(angle_rad));
}

/* Integral of the breadth over angles from 0 to phi <= pi/2: L (E(pi/2) - E(pi/2 - phi)), m = 1 - (W/L)². */
static double integral_of_breadth(const struct tl_survey_target *target, double phi)
{
    double l = target->length_m, k = target->width_m / l, m = (1.0 - k) * (1.0 + k);
    double whole = carlson_rf(0.0, k * k, 1.0) - m / 3.0 * carlson_rd(0.0, k * k, 1.0);
    double s = cos(phi), c = sin(phi), y = 1.0 - m * s * s;
    double rest =
        s <= 0.0 ? 0.0
                 : s * carlson_rf(c * c, y, 1.0) - m / 3.0 * s * s * s * carlson_rd(c * c, y, 1.0);
    return l * (whole - rest);
}

/* Angle at which the breadth is b, clamped to 0 .. pi/2. */
static double angle_of_breadth(const struct tl_survey_target *target, double b)
{
    double l = target->length_m, w = target->width_m;
    if (b <= w)
        return 0.0;
    if (b >= l)
        return 0.5 * PI;
    return asin(sqrt((b - w) * (b + w) / ((l - w) * (l + w))));
}

/* One piece of a function that is piecewise linear in the breadth: offset + slope B up to the breadth `to`. */
struct piece {
    double to, offset, slope;
};

static double mean_over_angles(const struct tl_survey_target *target, const struct piece *pieces,
                               int n)
{
    double from = 0.0, integral_from = 0.0, sum = 0.0;
    for (int k = 0; k < n; k++) {
        double to = angle_of_breadth(target, pieces[k].to);
        double integral = integral_of_breadth(target, to);
        if (to > from) {
            sum += pieces[k].offset * (to - from) + pieces[k].slope * (integral - integral_from);
            from = to;
            integral_from = integral;
        }
    }
    return sum / (0.5 * PI);
}

static double at_breadth(const struct piece *pieces, double b)
{
    while (b > pieces->to)
        pieces++;
    return pieces->offset + pieces->slope * b;
}

static double over_target(const struct tl_survey_target *target, const struct piece *pieces, int n)
{
    double p = isnan(target->angle_deg)
                   ? mean_over_angles(target, pieces, n)
                   : at_breadth(pieces, tl_survey_breadth(target, target->angle_deg * DEGREE));
    return fmin(p, 1.0);
}

double tl_survey_traverse(const struct tl_survey_target *target, double swath_m, double spacing_m)
{
    const struct piece pieces[] = {{spacing_m - swath_m, swath_m / spacing_m, 1.0 / spacing_m},
                                   {INFINITY, 1.0, 0.0}};
    return over_target(target, pieces, 2);
}

double tl_survey_traverse_even(const struct tl_survey_target *target, double swath_m,
                               double spacing_m, double across_m)
{
    double k = ceil(across_m / spacing_m - 1e-12), margin = 0.5 * (across_m - (k - 1) * spacing_m);
    const struct piece pieces[] = {
        {2.0 * margin - swath_m, k * swath_m / across_m, k / across_m},
        {spacing_m - swath_m, ((k - 1) * swath_m + 2.0 * margin) / across_m, (k - 1) / across_m},
        {INFINITY, 1.0, 0.0}};
    return over_target(target, pieces, 3);
}

struct tl_survey_design tl_survey_design_default(void)
{
    return (struct tl_survey_design){.target = {50.0, 50.0, (double)NAN},
                                     .swath_m = 2.0,
                                     .density_per_m2 = (double)NAN,
                                     .detection = 1.0,
                                     .false_alarm = 0.05};
}

static tl_err check_target(struct tl_ctx *ctx, const struct tl_survey_target *t)
{
    if (!(t->width_m > 0.0 && t->length_m >= t->width_m && t->length_m <= 1e7))
        return tl_fail(ctx, TL_EDATA,
                       "a target of %g m by %g m; expected full axes, the longer one first, both "
                       "over 0 and at most 10,000 km",
                       t->length_m, t->width_m);
    if (isinf(t->angle_deg))
        return tl_fail(ctx, TL_EDATA, "an angle of %g degrees; expected a finite one, or none",
                       t->angle_deg);
    return TL_OK;
}

static tl_err check_detection(struct tl_ctx *ctx, const struct tl_survey_design *d)
{
    if (isnan(d->density_per_m2))
        return TL_OK;
    if (!(d->background_per_m2 >= 0.0 && d->background_per_m2 < 1e6))
        return tl_fail(ctx, TL_EDATA, "a background of %g per m2; expected 0 or more",
                       d->background_per_m2);
    if (d->density_per_m2 >= 1e6)
        return tl_fail(ctx, TL_EDATA, "a density of %g per m2 in the target; expected under 1e6",
                       d->density_per_m2);
    if (!(d->density_per_m2 > d->background_per_m2))
        return tl_fail(ctx, TL_EDATA,
                       "a density of %g per m2 in the target does not stand out from the "
                       "background of %g per m2; expected more",
                       d->density_per_m2, d->background_per_m2);
    if (!(d->detection > 0.0 && d->detection <= 1.0))
        return tl_fail(ctx, TL_EDATA, "a chance of detection of %g; expected over 0 and at most 1",
                       d->detection);
    if (!(d->false_alarm > 0.0 && d->false_alarm < 1.0))
        return tl_fail(ctx, TL_EDATA,
                       "a chance of a false alarm of %g; expected between 0 and 1, both excluded",
                       d->false_alarm);
    return TL_OK;
}

static tl_err check_design(struct tl_ctx *ctx, const struct tl_survey_design *d)
{
    tl_err err = check_target(ctx, &d->target);
    if (err == TL_OK)
        err = check_detection(ctx, d);
    if (err != TL_OK)
        return err;
    if (!(d->swath_m > 0.0 && d->swath_m <= 1e6))
        return tl_fail(ctx, TL_EDATA, "a transect %g m wide; expected more than 0 m", d->swath_m);
    if (!(d->spacing_m == 0.0 || (d->spacing_m >= d->swath_m && d->spacing_m <= 1e9)))
        return tl_fail(ctx, TL_EDATA,
                       "a spacing of %g m; expected at least the width of a transect, %g m",
                       d->spacing_m, d->swath_m);
    if (!(d->probability >= 0.0 && d->probability <= 1.0))
        return tl_fail(ctx, TL_EDATA, "a probability of %g; expected 0 to 1", d->probability);
    if ((d->spacing_m == 0.0) == (d->probability == 0.0))
        return tl_fail(ctx, TL_EDATA, "give a spacing or a wanted probability, one of them%s",
                       d->spacing_m == 0.0 ? "; there is neither" : ", not both");
    return TL_OK;
}

static double reached(const struct tl_survey_design *d, const struct tl_survey_rule *rule,
                      double spacing_m)
{
    return isnan(d->density_per_m2) ? tl_survey_traverse(&d->target, d->swath_m, spacing_m)
                                    : tl_survey_detect(d, rule, spacing_m);
}

/* Largest spacing that reaches the wanted probability: the root of a falling function, by bisection in log S. */
static tl_err find_spacing(struct tl_ctx *ctx, const struct tl_survey_design *d,
                           const struct tl_survey_rule *rule, double *spacing_m)
{
    double low = d->swath_m, high = (d->target.length_m + d->swath_m) / d->probability;
    double most = reached(d, rule, low), wanted = d->probability * (1.0 - 1e-12);
    if (most < wanted)
        return tl_fail(ctx, TL_EDATA,
                       "no spacing reaches a probability of %.4g %%: with transects side by side "
                       "(every %g m) it is %.4g %%",
                       100.0 * d->probability, d->swath_m, 100.0 * most);
    high = fmax(high, low);
    for (int k = 0; k < 60 && high / low - 1.0 > 1e-9; k++) {
        double middle = sqrt(low * high);
        if (reached(d, rule, middle) >= wanted)
            low = middle;
        else
            high = middle;
        tl_err err = tl_cancelled(ctx);
        if (err != TL_OK)
            return err;
    }
    *spacing_m = low;
    return TL_OK;
}

tl_err tl_survey_design_solve(struct tl_ctx *ctx, const struct tl_survey_design *design,
                              struct tl_survey_answer *answer)
{
    tl_err err = check_design(ctx, design);
    if (err != TL_OK)
        return err;
    bool tells = !isnan(design->density_per_m2);
    struct tl_survey_rule rule = {(double)NAN, (double)NAN};
    double spacing = design->spacing_m;
    if (tells)
        rule = tl_survey_rule_make(design);
    if (spacing == 0.0)
        err = find_spacing(ctx, design, &rule, &spacing);
    if (err != TL_OK)
        return err;
    *answer = (struct tl_survey_answer){
        .spacing_m = spacing,
        .p_traverse = tl_survey_traverse(&design->target, design->swath_m, spacing),
        .p_detect = tells ? tl_survey_detect(design, &rule, spacing) : (double)NAN,
        .critical_count = rule.critical_count,
        .window_m = rule.window_m};
    return TL_OK;
}
