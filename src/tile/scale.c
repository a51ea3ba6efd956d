/*
 * Colour scales: anchor colours as their authors published them, every tenth or eleventh of the way, and between them our own straight
 * lines in OKLab (Ottosson 2020), where equal steps look equal. Lightness rises all the way (scale_test.c), so that each reads with any
 * colour vision and in grey.
 *   viridis, magma: van der Walt and Smith (2015), matplotlib, CC0
 *   cividis: Nunez, Anderton and Renslow (2018), PLOS ONE 13(7), made for colour-blind readers
 *
 * A value's class is found without a logarithm: the upper 16 bits of a float, made ordered, say within 1/128 of the value where it lies, and
 * a table says at which class to begin; from there the classes' exact lower edges decide.
 */
#include "tile/scale.h"

#include <math.h>
#include <string.h>

#include "core/core.h"

enum { ANCHORS_MAX = 12 };
static const double log_decades = 6.0; /* of a log scale that nobody gave a range */

static const struct {
    const char *name;
    int n;
    uint32_t anchors[ANCHORS_MAX];
} scales[TL_TILE_SCALE_COUNT] = {
    [TL_TILE_VIRIDIS] = {"viridis",
                         11,
                         {0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884,
                          0x44bf70, 0x7ad151, 0xbddf26, 0xfde725}},
    [TL_TILE_CIVIDIS] = {"cividis",
                         12,
                         {0x00204d, 0x00306f, 0x2a406c, 0x48526b, 0x5e626e, 0x727374, 0x878479,
                          0x9e9677, 0xb6a971, 0xd0be67, 0xead357, 0xffea46}},
    [TL_TILE_MAGMA] = {"magma",
                       11,
                       {0x000004, 0x140e36, 0x3b0f70, 0x641a80, 0x8c2981, 0xb73779, 0xde4968,
                        0xf7705c, 0xfe9f6d, 0xfecf92, 0xfcfdbf}},
    [TL_TILE_GREY] = {"grey", 2, {0x101010, 0xf6f6f6}},
};

static const char *const classes_names[TL_TILE_CLASSES_COUNT] = {"linear", "log", "quantile"};

const char *tl_tile_scale_name(enum tl_tile_scale scale)
{
    return (unsigned)scale < TL_TILE_SCALE_COUNT ? scales[scale].name : NULL;
}

const char *tl_tile_classes_name(enum tl_tile_classes classes)
{
    return (unsigned)classes < TL_TILE_CLASSES_COUNT ? classes_names[classes] : NULL;
}

tl_err tl_tile_scale_find(struct tl_ctx *ctx, const char *name, enum tl_tile_scale *scale)
{
    for (int i = 0; i < TL_TILE_SCALE_COUNT; i++)
        if (strcmp(name, scales[i].name) == 0)
            return *scale = (enum tl_tile_scale)i, TL_OK;
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%.40s\" is not a colour scale: expected viridis, cividis, magma or grey",
                   name);
}

tl_err tl_tile_classes_find(struct tl_ctx *ctx, const char *name, enum tl_tile_classes *classes)
{
    for (int i = 0; i < TL_TILE_CLASSES_COUNT; i++)
        if (strcmp(name, classes_names[i]) == 0)
            return *classes = (enum tl_tile_classes)i, TL_OK;
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%.40s\" is no way of making classes: expected linear, log or quantile", name);
}

static double linear_light(double s)
{
    return s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4);
}

static double display_light(double l)
{
    l = fmin(fmax(l, 0.0), 1.0);
    return l <= 0.0031308 ? 12.92 * l : 1.055 * pow(l, 1.0 / 2.4) - 0.055;
}

static void to_oklab(uint32_t rgb, double lab[3])
{
    double r = linear_light((rgb >> 16) / 255.0), g = linear_light((rgb >> 8 & 255) / 255.0),
           b = linear_light((rgb & 255) / 255.0);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

static void from_oklab(const double lab[3], uint8_t rgb[3])
{
    double l = lab[0] + 0.3963377774 * lab[1] + 0.2158037573 * lab[2];
    double m = lab[0] - 0.1055613458 * lab[1] - 0.0638541728 * lab[2];
    double s = lab[0] - 0.0894841775 * lab[1] - 1.2914855480 * lab[2];
    l = l * l * l, m = m * m * m, s = s * s * s;
    const double light[3] = {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                             -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                             -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
    for (int k = 0; k < 3; k++)
        rgb[k] = (uint8_t)lround(255.0 * display_light(light[k]));
}

void tl_scale_rgb(enum tl_tile_scale scale, double share, uint8_t rgb[3])
{
    int n = scales[scale].n;
    double at = fmin(fmax(share, 0.0), 1.0) * (n - 1), a[3], b[3], lab[3];
    int i = at >= n - 1 ? n - 2 : (int)at;
    to_oklab(scales[scale].anchors[i], a);
    to_oklab(scales[scale].anchors[i + 1], b);
    for (int k = 0; k < 3; k++)
        lab[k] = a[k] + (at - i) * (b[k] - a[k]);
    from_oklab(lab, rgb);
}

void tl_scale_palette(enum tl_tile_scale scale, uint8_t colours[TL_SCALE_CLASSES + 1][3])
{
    memset(colours[0], 0, 3);
    for (int k = 1; k <= TL_SCALE_CLASSES; k++)
        tl_scale_rgb(scale, (double)(k - 1) / (TL_SCALE_CLASSES - 1), colours[k]);
}

tl_err tl_scale_span(struct tl_ctx *ctx, const struct tl_tile_style *style,
                     const struct tl_spread *range, double span[2])
{
    bool is_log = style->classes == TL_TILE_LOG;
    double low = style->min, high = isnan(style->max) ? range->max : style->max;
    if (isnan(low))
        low = is_log ? fmax(range->min_positive, high * pow(10.0, -log_decades)) : range->min;
    bool own = isnan(style->min) && isnan(style->max);
    if (own && (isnan(low) || isnan(high)))
        low = is_log ? 0.1 : 0.0, high = 1.0; /* no values at all: any scale will do */
    if (own && !(low < high)) {               /* one value only */
        double step = low == 0.0 ? 1.0 : fabs(low) * 0.5;
        low = is_log ? high / 2.0 : low - step;
        high = is_log ? high * 2.0 : high + step;
    }
    if (!isfinite(low) || !isfinite(high) || !(low < high))
        return tl_fail(ctx, TL_EUSAGE,
                       "a scale from %g to %g is not possible: min must be below max", low, high);
    if (is_log && !(low > 0.0))
        return tl_fail(ctx, TL_EUSAGE,
                       "a log scale from %g is not possible: both ends must be above zero", low);
    span[0] = low;
    span[1] = high;
    return TL_OK;
}

double tl_scale_value(const struct tl_tile_style *style, const double span[2],
                      const struct tl_spread *range, double share)
{
    if (style->classes == TL_TILE_LOG)
        return span[0] * pow(span[1] / span[0], share);
    if (style->classes == TL_TILE_LINEAR)
        return span[0] + share * (span[1] - span[0]);
    double at = share * TL_SPREAD_QUANTILES;
    int i = at >= TL_SPREAD_QUANTILES ? TL_SPREAD_QUANTILES - 1 : (int)at;
    double a = (double)range->quantiles[i], b = (double)range->quantiles[i + 1];
    return fmin(fmax(a + (at - i) * (b - a), span[0]), span[1]);
}

/* The bits of a float in the order of its value. */
static uint32_t ordered(float value)
{
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 31 ? ~bits : bits | 0x80000000u;
}

static float unordered(uint32_t order)
{
    uint32_t bits = order >> 31 ? order & 0x7fffffffu : ~order;
    float value = 0.0f;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void tl_scale_classes_make(const struct tl_tile_style *style, const double span[2],
                           const struct tl_spread *range, struct tl_scale_classes *classes)
{
    classes->from[0] = -INFINITY;
    for (int k = 1; k < TL_SCALE_CLASSES; k++)
        classes->from[k] = (float)tl_scale_value(style, span, range, (double)k / TL_SCALE_CLASSES);
    classes->from[TL_SCALE_CLASSES] = INFINITY;
    int k = 1;
    for (uint32_t b = 0; b < TL_SCALE_BUCKETS; b++) {
        float value = unordered(b << 16);
        while (k < TL_SCALE_CLASSES && !isnan(value) && value >= classes->from[k])
            k++;
        classes->least[b] = (uint8_t)k;
    }
}

int tl_scale_class(const struct tl_scale_classes *classes, float value)
{
    if (isnan(value))
        return 0;
    int k = classes->least[ordered(value) >> 16];
    while (k < TL_SCALE_CLASSES && value >= classes->from[k])
        k++;
    return k;
}

void tl_scale_classify(const struct tl_scale_classes *classes, int64_t n, const float *values,
                       uint8_t *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (uint8_t)tl_scale_class(classes, values[i]);
}
