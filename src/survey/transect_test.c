#include "unit.h"

#include "core/rng.h"
#include "survey/survey.h"

static const double PI = 3.14159265358979323846;

static struct tl_survey_target target(double length, double width, double angle)
{
    return (struct tl_survey_target){length, width, angle};
}

TEST(a_circle_is_crossed_with_d_plus_w_over_s)
{
    const struct tl_survey_target circle = target(30, 30, (double)NAN);
    CHECK_NEAR(tl_survey_traverse(&circle, 2, 40), 0.8, 1e-14);
    CHECK_NEAR(tl_survey_traverse(&circle, 2, 32), 1.0, 1e-14);
    CHECK_NEAR(tl_survey_traverse(&circle, 2, 10), 1.0, 0.0);
    const struct tl_survey_target turned = target(30, 30, 77);
    CHECK_NEAR(tl_survey_traverse(&turned, 2, 40), 0.8, 1e-14);
}

TEST(an_ellipse_shows_its_breadth)
{
    const struct tl_survey_target along = target(60, 20, 0), across = target(60, 20, 90),
                                  slanted = target(60, 20, 30);
    CHECK_NEAR(tl_survey_traverse(&along, 2, 100), 0.22, 1e-14);
    CHECK_NEAR(tl_survey_traverse(&across, 2, 100), 0.62, 1e-14);
    CHECK_NEAR(tl_survey_traverse(&slanted, 2, 100), (sqrt(900 + 300) + 2) / 100, 1e-14);
    for (int k = -720; k < 720; k += 11) { /* a half turn and a mirror image change nothing */
        struct tl_survey_target a = target(60, 20, k), b = target(60, 20, 180 + k),
                                c = target(60, 20, -k);
        CHECK_NEAR(tl_survey_traverse(&a, 2, 50), tl_survey_traverse(&b, 2, 50), 1e-12);
        CHECK_NEAR(tl_survey_traverse(&a, 2, 50), tl_survey_traverse(&c, 2, 50), 1e-12);
    }
}

/* Perimeter by the midpoint rule, which converges exponentially on a periodic function. */
static double perimeter(double length, double width)
{
    double sum = 0.0;
    enum { N = 20000 };
    for (int k = 0; k < N; k++) {
        double t = 2.0 * PI * (k + 0.5) / N;
        sum += hypot(0.5 * length * sin(t), 0.5 * width * cos(t));
    }
    return sum * 2.0 * PI / N;
}

TEST(of_unknown_orientation_cauchys_mean_breadth_counts)
{
    static const double axes[][2] = {{60, 20}, {100, 1}, {50, 49.999}, {1000, 0.1}};
    for (int k = 0; k < 4; k++) {
        double l = axes[k][0], w = axes[k][1];
        const struct tl_survey_target t = target(l, w, (double)NAN);
        CHECK_NEAR(tl_survey_traverse(&t, 2, 5000), (perimeter(l, w) / PI + 2) / 5000, 1e-9);
    }
}

/* Where some orientations are sure to be crossed and others not: plain averaging over angles. */
TEST(of_unknown_orientation_the_mean_over_angles_is_taken)
{
    const struct tl_survey_target t = target(60, 20, (double)NAN);
    for (double s = 3; s < 90; s += 4.3) {
        double sum = 0.0, even = 0.0;
        enum { N = 200000 };
        for (int k = 0; k < N; k++) {
            const struct tl_survey_target one = target(60, 20, 90.0 * (k + 0.5) / N);
            sum += tl_survey_traverse(&one, 2, s) / N;
            even += tl_survey_traverse_even(&one, 2, s, 205) / N;
        }
        CHECK_NEAR(tl_survey_traverse(&t, 2, s), sum, 1e-9);
        CHECK_NEAR(tl_survey_traverse_even(&t, 2, s, 205), even, 1e-9);
    }
}

TEST(an_even_start_over_whole_spacings_is_as_good_as_a_random_one)
{
    const struct tl_survey_target t = target(30, 30, 0);
    CHECK_NEAR(tl_survey_traverse_even(&t, 2, 40, 400), 0.8, 1e-12);
    /* Three lines at 5, 45, 85 over 90 m: 2 x 32 m inside, min(16, 5) at both ends. */
    CHECK_NEAR(tl_survey_traverse_even(&t, 2, 40, 90), (2 * 32 + 10) / 90.0, 1e-12);
    CHECK_NEAR(tl_survey_traverse_even(&t, 2, 400, 90), 32 / 90.0, 1e-12); /* one, in the middle */
}

/* Line by line: a random centre, the nearest of the lines. */
TEST(even_starts_agree_with_counting)
{
    const struct tl_survey_target t = target(60, 20, (double)NAN);
    struct tl_rng rng = tl_rng_make(3, 1);
    enum { N = 200000 };
    for (double s = 25; s < 150; s += 31) {
        double across = 217, lines = ceil(across / s), first = 0.5 * (across - (lines - 1) * s);
        int64_t hits = 0;
        for (uint64_t k = 0; k < N; k++) {
            double x = across * tl_rng_uniform(rng, 2 * k),
                   phi = PI * tl_rng_uniform(rng, 2 * k + 1);
            double r = 0.5 * (tl_survey_breadth(&t, phi) + 2.0), nearest = INFINITY;
            for (double j = 0; j < lines; j++)
                nearest = fmin(nearest, fabs(x - first - j * s));
            hits += nearest < r;
        }
        double p = tl_survey_traverse_even(&t, 2, s, across);
        CHECK_NEAR((double)hits / N, p, 4.5 * sqrt(p * (1 - p) / N) + 1e-12);
    }
}

TEST(spacing_of_a_wanted_probability_is_its_inverse)
{
    struct tl_survey_design d = tl_survey_design_default();
    struct tl_survey_answer a;
    d.target = target(60, 20, (double)NAN);
    for (d.probability = 0.05; d.probability < 1.0; d.probability += 0.05) {
        CHECK_OK(tl_survey_design_solve(ctx, &d, &a));
        CHECK_NEAR(a.p_traverse, d.probability, 1e-8);
        CHECK(isnan(a.p_detect) && isnan(a.critical_count) && isnan(a.window_m));
    }
    d.probability = 1.0;
    CHECK_OK(tl_survey_design_solve(ctx, &d, &a));
    CHECK_NEAR(a.spacing_m, 22.0, 1e-5); /* W + w: every orientation is crossed */
}

TEST(what_no_spacing_reaches_is_named)
{
    struct tl_survey_design d = tl_survey_design_default();
    struct tl_survey_answer a = {.spacing_m = -7};
    d.target = target(60, 20, 0);
    d.density_per_m2 = 0.002;
    d.background_per_m2 = 0.001;
    d.probability = 0.95;
    CHECK_FAILS(tl_survey_design_solve(ctx, &d, &a), TL_EDATA, "no spacing reaches");
    CHECK(a.spacing_m == -7);
    CHECK(strstr(tl_ctx_message(ctx), "side by side (every 2 m) it is") != NULL);
}

TEST(bad_designs_are_refused)
{
    struct tl_survey_answer a = {.spacing_m = -7};
    const struct tl_survey_design good = {.target = {60, 20, 0},
                                          .swath_m = 2,
                                          .spacing_m = 30,
                                          .density_per_m2 = 0.02,
                                          .background_per_m2 = 0.001,
                                          .detection = 1,
                                          .false_alarm = 0.05};
    struct tl_survey_design d = good;
    CHECK_OK(tl_survey_design_solve(ctx, &d, &a));
    CHECK(a.spacing_m == 30 && a.p_detect > 0.0 && a.p_detect < a.p_traverse);
    a.spacing_m = -7;
#define BAD(change, part)                                                                          \
    do {                                                                                           \
        d = good;                                                                                  \
        change;                                                                                    \
        CHECK_FAILS(tl_survey_design_solve(ctx, &d, &a), TL_EDATA, part);                          \
    } while (0)
    BAD(d.target.width_m = 0, "60 m by 0 m");
    BAD(d.target.length_m = 10, "10 m by 20 m");
    BAD(d.target.length_m = NAN, "full axes");
    BAD(d.target.angle_deg = INFINITY, "angle");
    BAD(d.swath_m = 0, "0 m wide");
    BAD(d.spacing_m = 1, "spacing of 1 m");
    BAD(d.spacing_m = NAN, "spacing");
    BAD(d.spacing_m = 0, "there is neither");
    BAD(d.probability = 0.5, "not both");
    BAD(d.probability = 1.5, "probability of 1.5");
    BAD(d.density_per_m2 = 0.001, "does not stand out");
    BAD(d.density_per_m2 = 1e30, "expected under 1e6");
    BAD(d.background_per_m2 = -1, "background");
    BAD(d.detection = 0, "detection");
    BAD(d.false_alarm = 1, "false alarm");
    CHECK(a.spacing_m == -7);
}
