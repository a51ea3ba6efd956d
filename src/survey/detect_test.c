/* Detection: the rule by hand, and the integrals against 1e6 simulated targets each, item by item. */
#include "unit.h"

#include "core/rng.h"
#include "survey/survey.h"

static const double PI = 3.14159265358979323846;

TEST(poisson_tails)
{
    CHECK_NEAR(tl_survey_poisson_tail(2.0, 1), 1 - exp(-2), 1e-15);
    CHECK_NEAR(tl_survey_poisson_tail(0.1, 3), 1 - exp(-0.1) * (1 + 0.1 + 0.005), 1e-15);
    CHECK_NEAR(tl_survey_poisson_tail(1e-9, 1), 1e-9, 1e-17);
    CHECK(tl_survey_poisson_tail(0.0, 1) == 0.0 && tl_survey_poisson_tail(3.0, 0) == 1.0);
    double sum = 0.0, term = exp(-50.0);
    for (int j = 0; j < 60; j++) {
        sum += term;
        term *= 50.0 / (j + 1);
    }
    CHECK_NEAR(tl_survey_poisson_tail(50.0, 60), 1 - sum, 1e-13);
}

static struct tl_survey_design design(double length, double width, double angle, double swath)
{
    struct tl_survey_design d = tl_survey_design_default();
    d.target = (struct tl_survey_target){length, width, angle};
    d.swath_m = swath;
    d.density_per_m2 = 0.02;
    d.background_per_m2 = 0.001;
    return d;
}

TEST(the_rule_follows_from_the_background)
{
    struct tl_survey_design d = design(60, 20, 0, 2);
    struct tl_survey_rule rule = tl_survey_rule_make(&d);
    CHECK_NEAR(rule.window_m, 60.0, 1e-12);
    CHECK_NEAR(rule.critical_count, 2.0, 0.0); /* mean 0.12: P(>=1) = .113, P(>=2) = .0066 */
    d.target.angle_deg = (double)NAN;
    rule = tl_survey_rule_make(&d);
    CHECK_NEAR(rule.window_m, 20.0, 1e-12);
    CHECK_NEAR(rule.critical_count, 1.0, 0.0); /* mean 0.04: P(>=1) = .039 */
    d.background_per_m2 = 0.0;
    rule = tl_survey_rule_make(&d);
    CHECK_NEAR(rule.critical_count, 1.0, 0.0);
    d.background_per_m2 = 0.5; /* mean 20 */
    d.density_per_m2 = 5;
    rule = tl_survey_rule_make(&d);
    CHECK(tl_survey_poisson_tail(20, rule.critical_count) <= 0.05);
    CHECK(tl_survey_poisson_tail(20, rule.critical_count - 1) > 0.05);
}

TEST(plenty_of_items_make_detection_the_traverse)
{
    struct tl_survey_design d = design(60, 20, (double)NAN, 2);
    d.density_per_m2 = 1e5;
    d.background_per_m2 = 0.0;
    struct tl_survey_rule rule = tl_survey_rule_make(&d);
    for (double s = 30; s < 200; s += 40)
        CHECK_NEAR(tl_survey_detect(&d, &rule, s), tl_survey_traverse(&d.target, 2, s), 2e-4);
}

TEST(more_items_closer_lines_and_better_eyes_detect_more)
{
    for (int k = 0; k < 4; k++) {
        struct tl_survey_design d = design(60, 20, k % 2 == 0 ? (double)NAN : 25, 2);
        d.normal_density = k >= 2;
        struct tl_survey_rule rule = tl_survey_rule_make(&d);
        double before = 1.0;
        for (double s = 2; s < 150; s *= 1.4) {
            double p = tl_survey_detect(&d, &rule, s);
            CHECK(p <= before + 1e-6);
            CHECK(p <= tl_survey_traverse(&d.target, 2, s) + 1e-6);
            before = p;
        }
        double here = tl_survey_detect(&d, &rule, 30);
        d.density_per_m2 *= 1.5;
        CHECK(tl_survey_detect(&d, &rule, 30) > here);
        d.density_per_m2 /= 1.5;
        d.background_per_m2 = 0.0;
        d.detection = 0.5; /* thinning an item's chance is the same as thinning the items */
        double thinned = tl_survey_detect(&d, &rule, 30);
        d.detection = 1.0;
        d.density_per_m2 *= 0.5;
        CHECK_NEAR(tl_survey_detect(&d, &rule, 30), thinned, 1e-12);
    }
}

/* One item in the unit disc: even, or normal cut off at the edge (edge = 95 % ellipse). */
static void draw_item(struct tl_rng rng, uint64_t at, bool normal, double *a, double *b)
{
    double u = tl_rng_uniform(rng, at), turn = 2.0 * PI * tl_rng_uniform(rng, at + 1);
    double r = normal ? sqrt(-2.0 * log(1.0 - 0.95 * u) / 5.991464547107982) : sqrt(u);
    *a = r * cos(turn);
    *b = r * sin(turn);
}

enum { SWATHS_MAX = 64 };

/* Counts in the windows of all swaths that touch the target: items one by one, along and across the transects. */
static int count_items(const struct tl_survey_design *d, double window, double phi, double offset,
                       double spacing, struct tl_rng rng, uint64_t at, double count[SWATHS_MAX])
{
    double l = d->target.length_m, w = d->target.width_m,
           breadth = tl_survey_breadth(&d->target, phi);
    double reach = 0.5 * (breadth + d->swath_m), slope;
    int n = 0;
    double line[SWATHS_MAX];
    for (double t = offset - spacing * floor((offset + reach) / spacing); t < reach; t += spacing) {
        count[n] = 0.0;
        line[n++] = t;
    }
    int64_t n_items = tl_rng_poisson(rng, at, d->density_per_m2 * 0.25 * PI * l * w);
    /* Chords along the transects have their middles on the line along = slope * across. */
    slope = 0.25 * (l * l - w * w) * sin(phi) * cos(phi) / (0.25 * breadth * breadth);
    for (int64_t i = 0; i < n_items; i++) {
        double a, b;
        draw_item(rng, at + 10 + 3 * (uint64_t)i, d->normal_density, &a, &b);
        if (tl_rng_uniform(rng, at + 12 + 3 * (uint64_t)i) > d->detection)
            continue;
        double across = 0.5 * l * a * sin(phi) + 0.5 * w * b * cos(phi);
        double along = 0.5 * l * a * cos(phi) - 0.5 * w * b * sin(phi);
        for (int k = 0; k < n; k++)
            if (fabs(across - line[k]) < 0.5 * d->swath_m &&
                fabs(along - slope * across) < 0.5 * window)
                count[k] += 1.0;
    }
    return n;
}

/* Part of a window outside the target, by the midpoint rule across the swath. */
static double empty_part(const struct tl_survey_design *d, double window, double phi, double t)
{
    enum { N = 40 };
    double breadth = tl_survey_breadth(&d->target, phi), sum = 0.0;
    double chord = d->target.length_m * d->target.width_m / breadth;
    for (int k = 0; k < N; k++) {
        double x = 2.0 * (t + d->swath_m * ((k + 0.5) / N - 0.5)) / breadth;
        sum += window - (fabs(x) < 1.0 ? fmin(window, chord * sqrt(1.0 - x * x)) : 0.0);
    }
    return sum * d->swath_m / N;
}

static bool simulate(const struct tl_survey_design *d, const struct tl_survey_rule *rule,
                     double spacing, struct tl_rng rng)
{
    double count[SWATHS_MAX];
    double phi =
        isnan(d->target.angle_deg) ? PI * tl_rng_uniform(rng, 0) : d->target.angle_deg * PI / 180.0;
    double offset = spacing * tl_rng_uniform(rng, 1);
    double chord = d->target.length_m * d->target.width_m / tl_survey_breadth(&d->target, phi);
    double window = rule->critical_count > 1.0 ? rule->window_m : fmax(rule->window_m, chord);
    int n = count_items(d, window, phi, offset, spacing, rng, 1000, count);
    double reach = 0.5 * (tl_survey_breadth(&d->target, phi) + d->swath_m);
    double t = offset - spacing * floor((offset + reach) / spacing);
    for (int k = 0; k < n; k++, t += spacing) {
        if (d->background_per_m2 > 0.0)
            count[k] += (double)tl_rng_poisson(rng, 2 + (uint64_t)k,
                                               d->detection * d->background_per_m2 *
                                                   empty_part(d, window, phi, t));
        if (count[k] >= rule->critical_count)
            return true;
    }
    return false;
}

/* 1e6 draws in the full tier, fewer in the quick one. */
TEST(closed_forms_agree_with_simulation_item_by_item)
{
    static const struct {
        double length, width, angle, swath, spacing, density, background, detection;
        bool normal;
    } rows[] = {{60, 20, NAN, 2, 30, 0.02, 0.001, 1.0, false},
                {60, 20, NAN, 2, 80, 0.02, 0.001, 0.8, true},
                {60, 20, 25, 2, 15, 0.02, 0.01, 1.0, false},
                {50, 50, NAN, 5, 40, 0.01, 0.002, 0.7, true},
                {40, 10, 70, 12, 20, 0.02, 0.0, 1.0, false},
                {30, 3, NAN, 6, 12, 0.05, 0.004, 0.9, false}};
    const char *asked = getenv("TILTH_SURVEY_DRAWS");
    uint64_t n = asked == NULL ? 40000 : strtoull(asked, NULL, 10);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        struct tl_survey_design d =
            design(rows[r].length, rows[r].width, rows[r].angle, rows[r].swath);
        d.density_per_m2 = rows[r].density;
        d.background_per_m2 = rows[r].background;
        d.detection = rows[r].detection;
        d.normal_density = rows[r].normal;
        struct tl_survey_rule rule = tl_survey_rule_make(&d);
        double p = tl_survey_detect(&d, &rule, rows[r].spacing);
        uint64_t hits = 0;
        for (uint64_t k = 0; k < n; k++)
            hits += simulate(&d, &rule, rows[r].spacing, tl_rng_make(1000 + r, k));
        double seen = (double)hits / (double)n, error = sqrt(p * (1.0 - p) / (double)n);
        printf("  case %zu: %.6f, simulated %.6f (%.1f standard errors)\n", r, p, seen,
               (seen - p) / error);
        CHECK_NEAR(seen, p, 4.0 * error);
    }
}
