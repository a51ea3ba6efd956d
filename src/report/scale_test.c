#include "unit.h"

#include "report/scale.h"

static double to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* CIE L*a*b* (D65) of an sRGB colour. */
static void to_lab(uint32_t rgb, double lab[3])
{
    static const double m[3][3] = {{.4124564, .3575761, .1804375},
                                   {.2126729, .7151522, .0721750},
                                   {.0193339, .1191920, .9503041}};
    static const double white[3] = {.95047, 1.0, 1.08883};
    double linear[3], f[3];
    for (int k = 0; k < 3; k++)
        linear[k] = to_linear((rgb >> (16 - 8 * k) & 255) / 255.0);
    for (int r = 0; r < 3; r++) {
        double v = (m[r][0] * linear[0] + m[r][1] * linear[1] + m[r][2] * linear[2]) / white[r];
        f[r] = v > 0.008856 ? cbrt(v) : 7.787 * v + 16.0 / 116.0;
    }
    lab[0] = 116.0 * f[1] - 16.0;
    lab[1] = 500.0 * (f[0] - f[1]);
    lab[2] = 200.0 * (f[1] - f[2]);
}

TEST(steps_of_both_scales_look_equal_and_darken_all_the_way)
{
    for (int colours = 0; colours < 2; colours++) {
        double last[3], now[3], least = 1e9, most = 0.0;
        to_lab(tl_scale_colour((enum tl_scale_colours)colours, 0.0), last);
        for (int i = 1; i <= 10; i++) {
            to_lab(tl_scale_colour((enum tl_scale_colours)colours, i / 10.0), now);
            double d = sqrt(pow(now[0] - last[0], 2) + pow(now[1] - last[1], 2) +
                            pow(now[2] - last[2], 2));
            least = fmin(least, d);
            most = fmax(most, d);
            CHECK(now[0] < last[0] - 4.0);
            memcpy(last, now, sizeof last);
        }
        CHECK(most < 1.12 * least);
    }
}

TEST(colours_are_clamped_at_both_ends)
{
    CHECK(tl_scale_colour(TL_SCALE_DENSITY, -3.0) == tl_scale_colour(TL_SCALE_DENSITY, 0.0));
    CHECK(tl_scale_colour(TL_SCALE_DENSITY, 9.0) == tl_scale_colour(TL_SCALE_DENSITY, 1.0));
}

TEST(numbers_are_rounded_to_1_2_5)
{
    CHECK_NEAR(tl_scale_round_down(0.037), 0.02, 1e-15);
    CHECK_NEAR(tl_scale_round_up(0.037), 0.05, 1e-15);
    CHECK_NEAR(tl_scale_round_up(5.1), 10.0, 1e-12);
    CHECK_NEAR(tl_scale_round_down(1000.0), 1000.0, 1e-9);
    CHECK_NEAR(tl_scale_round_up(1000.0), 1000.0, 1e-9);
}

static bool number_is(double value, const char *expected)
{
    char text[TL_SCALE_TEXT_BYTES];
    tl_scale_number(value, text);
    if (strcmp(text, expected) != 0)
        printf("  %g is written %s\n", value, text);
    return strcmp(text, expected) == 0;
}

TEST(numbers_are_written_as_people_read_them)
{
    CHECK(number_is(0.0, "0"));
    CHECK(number_is(0.02, "0.02"));
    CHECK(number_is(35.0, "35"));
    CHECK(number_is(1500.0, "1500"));
    CHECK(number_is(12000.0, "12\u202f000"));
    CHECK(number_is(-2.5, "−2.5"));
    CHECK(number_is(2e7, "2×10⁷"));
    CHECK(number_is(1e-5, "10⁻⁵"));
    CHECK(number_is(1e300, "10³⁰⁰"));
    CHECK(number_is(INFINITY, "∞"));
    CHECK(number_is(NAN, "–"));
}

static struct tl_scale fit(struct tl_ctx *ctx, bool is_log, const double *values, int64_t n)
{
    struct tl_scale scale = {.lo = NAN};
    tl_err err = tl_scale_fit(ctx, TL_SCALE_DENSITY, is_log, values, n, 1.0, &scale);
    return err == TL_OK ? scale : (struct tl_scale){.lo = NAN, .hi = NAN};
}

TEST(a_log_range_is_round_and_spans_at_most_five_decades)
{
    static const double wide[] = {0.0, 1e-12, 0.003, 0.04, 7.0, 30.0};
    struct tl_scale s = fit(ctx, true, wide, 6);
    CHECK_NEAR(s.hi, 50.0, 1e-9);
    CHECK_NEAR(s.lo, 5e-4, 1e-15);
    CHECK(s.is_below && !s.is_above && !s.is_empty);
    CHECK(tl_scale_share(&s, 0.0) == 0.0 && tl_scale_share(&s, 1e9) == 1.0);
    CHECK_NEAR(tl_scale_share(&s, sqrt(s.lo * s.hi)), 0.5, 1e-12);
}

TEST(constant_empty_zero_and_huge_values_give_a_usable_range)
{
    static const double cases[][2] = {{3, 3},   {0, 0},     {1e300, 1e300},  {1e-300, 1e-300},
                                      {-4, -4}, {NAN, NAN}, {INFINITY, NAN}, {1e300, -1e300}};
    for (int i = 0; i < 8; i++)
        for (int is_log = 0; is_log < 2; is_log++) {
            struct tl_scale s = fit(ctx, is_log != 0, cases[i], 2);
            double ticks[TL_SCALE_TICKS_MAX];
            CHECK(isfinite(s.lo) && isfinite(s.hi) && s.lo < s.hi);
            CHECK(!is_log || s.lo > 0.0);
            int n = tl_scale_ticks(&s, ticks);
            CHECK(n >= 1 && n <= TL_SCALE_TICKS_MAX);
            for (int k = 0; k < n; k++)
                CHECK(ticks[k] >= s.lo - 1e-6 * fabs(s.lo) && ticks[k] <= s.hi + 1e-6 * fabs(s.hi));
            CHECK(s.is_empty == (i == 5 || i == 6));
        }
}

TEST(ticks_are_round_and_ascend)
{
    double ticks[TL_SCALE_TICKS_MAX];
    int n = tl_scale_linear_ticks(37.11, 37.38, 6, ticks);
    CHECK(n == 5);
    CHECK_NEAR(ticks[0], 37.15, 1e-9);
    CHECK_NEAR(ticks[4], 37.35, 1e-9);
    struct tl_scale s = {.is_log = true, .lo = 0.01, .hi = 2.0};
    n = tl_scale_ticks(&s, ticks);
    CHECK(n == 8);
    CHECK_NEAR(ticks[7], 2.0, 1e-9);
}

TEST(ticks_of_one_log_scale_are_written_alike)
{
    static const struct {
        double lo, hi, tick;
        const char *text;
    } rows[] = {{2e-5, 5.0, 1e-4, "0.0001"}, {2e-5, 5.0, 2e-5, "0.00002"},
                {2e-5, 5.0, 1.0, "1"},       {1e-6, 0.1, 1e-6, "0.000001"},
                {1e-8, 1e-3, 1e-3, "10⁻³"},  {1e-8, 1e-3, 2e-8, "2×10⁻⁸"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_scale scale = {.is_log = true, .lo = rows[i].lo, .hi = rows[i].hi};
        char text[TL_SCALE_TEXT_BYTES];
        tl_scale_tick(&scale, rows[i].tick, text);
        CHECK_STR(text, rows[i].text);
    }
}
