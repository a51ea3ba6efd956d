/*
 * Two sequential scales of our own, each laid out in OKLab as a path of falling lightness and turning hue, then cut into
 * ten pieces of equal CIE76 colour difference (17.2 +- 0.4 each for density, 10.0 +- 0.3 for uncertainty). Lightness falls
 * all the way (97 to 13, 97 to 18), so both can be read with any colour vision and in a black-and-white copy: darker
 * means more items on the left map, and less knowledge on the right one. Warm and cold tell the two apart.
 */
#include "report/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_ANCHORS = 11, QUANTILE_SAMPLE = 200000 };

static const uint32_t anchors[2][N_ANCHORS] = {
    {0xFDF8D9, 0xEAD8A3, 0xE7BC74, 0xE6A04D, 0xE17E32, 0xD55F33, 0xC2463E, 0xAA3448, 0x8C284F,
     0x661F4E, 0x38103B},
    {0xECFBF6, 0xC9E4DE, 0xA4D1CD, 0x7EBEC1, 0x5DAAB8, 0x4297B0, 0x2E83A7, 0x246F9A, 0x225988,
     0x1F4370, 0x152C55},
};

uint32_t tl_scale_colour(enum tl_scale_colours colours, double share)
{
    double at = fmin(fmax(share, 0.0), 1.0) * (N_ANCHORS - 1);
    int i = (int)at < N_ANCHORS - 2 ? (int)at : N_ANCHORS - 2;
    double t = at - i;
    uint32_t a = anchors[colours][i], b = anchors[colours][i + 1], rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double from = a >> shift & 255, to = b >> shift & 255;
        rgb |= (uint32_t)(from + t * (to - from) + 0.5) << shift;
    }
    return rgb;
}

double tl_scale_share(const struct tl_scale *scale, double value)
{
    double share = scale->is_log
                       ? value > 0.0 ? log(value / scale->lo) / log(scale->hi / scale->lo) : 0.0
                       : (value - scale->lo) / (scale->hi - scale->lo);
    return fmin(fmax(share, 0.0), 1.0);
}

static double round_to(double value, bool up)
{
    if (!(value > 0.0) || !isfinite(value))
        return value;
    static const double steps[] = {1.0, 2.0, 5.0, 10.0};
    double power = pow(10.0, floor(log10(value)));
    double best = up ? 10.0 * power : power;
    for (int i = 0; i < 4; i++) {
        double step = steps[i] * power;
        if (up && step >= value * (1.0 - 1e-9))
            return step;
        if (!up && step <= value * (1.0 + 1e-9))
            best = step;
    }
    return best;
}

double tl_scale_round_down(double value)
{
    return round_to(value, false);
}

double tl_scale_round_up(double value)
{
    return round_to(value, true);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fit_log(struct tl_scale *scale, double low, double high, double top)
{
    /* Beyond 1e250 rounding would overflow; such a map says nothing anyway, but it must not break. */
    high = fmin(high > 0.0 ? high : top > 0.0 ? top : 1.0, 1e250);
    scale->hi = tl_scale_round_up(fmax(high, 1e-200));
    scale->lo = tl_scale_round_down(fmin(fmax(low, scale->hi * 1e-5), scale->hi));
    if (scale->hi / scale->lo < 9.0) {
        scale->lo = tl_scale_round_down(scale->lo / 3.0);
        scale->hi = tl_scale_round_up(scale->hi * 1.0001);
    }
}

static void fit_linear(struct tl_scale *scale, double low, double high)
{
    high = fmin(fmax(high, -1e250), 1e250);
    low = fmin(fmax(low, -1e250), high);
    double spread = high - low;
    if (!(spread > 0.02 * fabs(high))) {
        spread = high != 0.0 ? 0.5 * fabs(high) : 1.0;
        low -= spread / 2;
        high += spread / 2;
    }
    double step = tl_scale_round_up(spread / 10.0);
    scale->lo = floor(low / step + 1e-9) * step;
    scale->hi = ceil(high / step - 1e-9) * step;
}

tl_err tl_scale_fit(struct tl_ctx *ctx, enum tl_scale_colours colours, bool is_log,
                    const double *values, int64_t n, double factor, struct tl_scale *scale)
{
    tl_err err = TL_OK;
    double *sample = NULL, least = INFINITY, most = -INFINITY;
    struct tl_scale s = {.colours = colours, .is_log = is_log};
    int64_t n_finite = 0, n_sample = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        least = fmin(least, values[i] * factor);
        most = fmax(most, values[i] * factor);
        n_finite += isfinite(values[i] * factor) != 0;
    }
    s.is_empty = n_finite == 0;
    int64_t every = 1 + n_finite / QUANTILE_SAMPLE, seen = 0;
    TL_TRY_ALLOC(ctx, sample, n_finite / every + 1);
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i] * factor) && seen++ % every == 0)
            sample[n_sample++] = values[i] * factor;
    qsort(sample, (size_t)n_sample, sizeof *sample, ascending);
    double low = n_sample > 0 ? sample[(int64_t)(0.005 * (double)(n_sample - 1))] : 0.0;
    double high = n_sample > 0 ? sample[(int64_t)(0.999 * (double)(n_sample - 1) + 0.5)] : 1.0;
    if (is_log)
        fit_log(&s, low, high, n_sample > 0 ? sample[n_sample - 1] : 1.0);
    else
        fit_linear(&s, low, high);
    s.is_below = !s.is_empty && least < s.lo * (1.0 - 1e-9);
    s.is_above = !s.is_empty && most > s.hi * (1.0 + 1e-9);
    *scale = s;
done:
    tl_free(sample);
    return err;
}

int tl_scale_linear_ticks(double lo, double hi, int wanted, double *ticks)
{
    if (!(hi > lo))
        return 0;
    double step = tl_scale_round_up((hi - lo) / wanted);
    int n = 0;
    for (double k = ceil(lo / step - 1e-6); k * step <= hi + 1e-6 * step; k += 1.0) {
        if (n == TL_SCALE_TICKS_MAX)
            break;
        ticks[n++] = k * step;
    }
    return n;
}

static int log_ticks(const struct tl_scale *scale, double *ticks)
{
    static const double all[] = {1.0, 2.0, 5.0};
    double decades = log10(scale->hi / scale->lo);
    int n = 0, n_steps = decades <= 2.5 ? 3 : 1;
    double every = decades > 12.0 ? ceil(decades / 10.0) : 1.0;
    for (double e = floor(log10(scale->lo) + 1e-9); n < TL_SCALE_TICKS_MAX; e += every) {
        double power = pow(10.0, e);
        if (power > scale->hi * (1.0 + 1e-9))
            break;
        for (int i = 0; i < n_steps && n < TL_SCALE_TICKS_MAX; i++) {
            double tick = all[i] * power;
            if (tick >= scale->lo * (1.0 - 1e-9) && tick <= scale->hi * (1.0 + 1e-9))
                ticks[n++] = tick;
        }
    }
    return n;
}

int tl_scale_ticks(const struct tl_scale *scale, double *ticks)
{
    return scale->is_log ? log_ticks(scale, ticks)
                         : tl_scale_linear_ticks(scale->lo, scale->hi, 6, ticks);
}

/* Groups of three by a thin no-break space, from 10,000 upwards. */
static void write_grouped(double value, char *text)
{
    char digits[TL_SCALE_TEXT_BYTES];
    int n = snprintf(digits, sizeof digits, "%.0f", fabs(value)), at = 0;
    if (value < 0.0)
        at += snprintf(text, TL_SCALE_TEXT_BYTES, "−");
    for (int i = 0; i < n && at < TL_SCALE_TEXT_BYTES - 5; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            at += snprintf(text + at, (size_t)(TL_SCALE_TEXT_BYTES - at), "\u202f");
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

static void write_power(double value, char *text)
{
    static const char *const superscripts[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    int exponent = (int)floor(log10(fabs(value)) + 1e-9);
    double mantissa = value / pow(10.0, exponent);
    char power[16];
    snprintf(power, sizeof power, "%d", abs(exponent));
    int at =
        fabs(mantissa - 1.0) < 1e-6
            ? snprintf(text, TL_SCALE_TEXT_BYTES, "10%s", exponent < 0 ? "⁻" : "")
            : snprintf(text, TL_SCALE_TEXT_BYTES, "%.2g×10%s", mantissa, exponent < 0 ? "⁻" : "");
    for (const char *c = power; *c != '\0' && at < TL_SCALE_TEXT_BYTES - 4; c++)
        at += snprintf(text + at, (size_t)(TL_SCALE_TEXT_BYTES - at), "%s", superscripts[*c - '0']);
}

void tl_scale_number(double value, char *text)
{
    double size = fabs(value);
    if (!isfinite(value))
        snprintf(text, TL_SCALE_TEXT_BYTES, "%s", isnan(value) ? "–" : value > 0 ? "∞" : "−∞");
    else if (size == 0.0)
        snprintf(text, TL_SCALE_TEXT_BYTES, "0");
    else if (size >= 1e6 || size < 9.99e-4)
        write_power(value, text);
    else if (size >= 9999.5)
        write_grouped(value, text);
    else
        snprintf(text, TL_SCALE_TEXT_BYTES, "%s%.4g", value < 0.0 ? "−" : "", size);
}

void tl_scale_tick(const struct tl_scale *scale, double tick, char *text)
{
    bool is_plain = scale->lo >= 0.999e-6 && scale->hi <= 1.001e6;
    if (!scale->is_log || (is_plain && tick >= 9.99e-4))
        tl_scale_number(tick, text);
    else if (is_plain)
        /* One digit that counts: ticks are 1, 2 or 5 times a power of ten. */
        snprintf(text, TL_SCALE_TEXT_BYTES, "%.*f", (int)-floor(log10(tick) + 1e-9), tick);
    else
        write_power(tick, text);
}
