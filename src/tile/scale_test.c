#include "unit.h"

#include "tile/scale.h"

/* CIE L* of a display colour. */
static double lightness(const uint8_t rgb[3])
{
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double y = 0.0;
    for (int k = 0; k < 3; k++) {
        double s = rgb[k] / 255.0;
        y += weight[k] * (s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4));
    }
    return y > 0.008856 ? 116.0 * cbrt(y) - 16.0 : 903.3 * y;
}

TEST(lightness_rises_all_the_way_in_steps_that_are_alike)
{
    for (int s = 0; s < TL_TILE_SCALE_COUNT; s++) {
        double last = -1.0, first = 0.0;
        for (int i = 0; i <= 40; i++) {
            uint8_t rgb[3];
            tl_scale_rgb((enum tl_tile_scale)s, i / 40.0, rgb);
            double now = lightness(rgb);
            first = i == 0 ? now : first;
            CHECK(now > last);
            CHECK(i == 0 || now - last < 5.0);
            last = now;
        }
        CHECK(last - first > 70.0);
    }
}

TEST(anchors_are_met_exactly)
{
    uint8_t rgb[3];
    tl_scale_rgb(TL_TILE_VIRIDIS, 0.5, rgb);
    CHECK(rgb[0] == 0x21 && rgb[1] == 0x91 && rgb[2] == 0x8c);
    tl_scale_rgb(TL_TILE_MAGMA, 1.0, rgb);
    CHECK(rgb[0] == 0xfc && rgb[1] == 0xfd && rgb[2] == 0xbf);
    tl_scale_rgb(TL_TILE_CIVIDIS, -3.0, rgb);
    CHECK(rgb[0] == 0x00 && rgb[1] == 0x20 && rgb[2] == 0x4d);
}

/* Class by looking at every edge. */
static int by_hand(const struct tl_scale_classes *classes, float value)
{
    int k = 1;
    while (k < TL_SCALE_CLASSES && value >= classes->from[k])
        k++;
    return isnan(value) ? 0 : k;
}

TEST(the_table_finds_the_class_that_the_edges_say)
{
    static struct tl_scale_classes classes;
    struct tl_spread range = {.min = -3.0, .max = 1000.0, .min_positive = 1e-5};
    for (int q = 0; q <= TL_SPREAD_QUANTILES; q++)
        range.quantiles[q] = (float)(-3.0 + 1003.0 * pow(q / 256.0, 3.0));
    for (int c = 0; c < TL_TILE_CLASSES_COUNT; c++) {
        struct tl_tile_style style = {TL_TILE_VIRIDIS, (enum tl_tile_classes)c, NAN, NAN};
        double span[2];
        CHECK_OK(tl_scale_span(ctx, &style, &range, span));
        tl_scale_classes_make(&style, span, &range, &classes);
        CHECK(tl_scale_class(&classes, NAN) == 0);
        CHECK(tl_scale_class(&classes, -INFINITY) == 1);
        CHECK(tl_scale_class(&classes, INFINITY) == TL_SCALE_CLASSES);
        uint32_t seed = 5;
        for (int i = 0; i < 200000; i++) {
            seed = seed * 1664525u + 1013904223u;
            float value;
            memcpy(&value, &seed, sizeof value); /* any bits */
            if (i % 2)
                value = -4.0f + 1010.0f * (float)(seed >> 8) / 16777216.0f;
            CHECK(tl_scale_class(&classes, value) == by_hand(&classes, value));
        }
        for (int k = 1; k < TL_SCALE_CLASSES; k++)
            CHECK(by_hand(&classes, nextafterf(classes.from[k], -INFINITY)) <= k);
    }
}

TEST(ranges_that_make_no_scale_are_refused)
{
    struct tl_spread range = {.min = -1.0, .max = 5.0, .min_positive = 0.5};
    struct tl_tile_style style = {TL_TILE_VIRIDIS, TL_TILE_LINEAR, 3.0, 3.0};
    double span[2] = {7.0, 8.0};
    CHECK_FAILS(tl_scale_span(ctx, &style, &range, span), TL_EUSAGE, "from 3 to 3");
    style.max = INFINITY;
    CHECK_FAILS(tl_scale_span(ctx, &style, &range, span), TL_EUSAGE, "inf");
    style = (struct tl_tile_style){TL_TILE_VIRIDIS, TL_TILE_LOG, -1.0, 3.0};
    CHECK_FAILS(tl_scale_span(ctx, &style, &range, span), TL_EUSAGE, "log scale from -1");
    CHECK(span[0] == 7.0 && span[1] == 8.0);
    style.min = NAN, style.max = NAN;
    CHECK_OK(tl_scale_span(ctx, &style, &range, span));
    CHECK(span[0] == 0.5 && span[1] == 5.0);
    range = (struct tl_spread){.min = 2.0, .max = 2.0, .min_positive = 2.0};
    CHECK_OK(tl_scale_span(ctx, &style, &range, span)); /* one value only */
    CHECK(span[0] == 1.0 && span[1] == 4.0);
    range.min = range.max = range.min_positive = NAN; /* no value at all */
    CHECK_OK(tl_scale_span(ctx, &style, &range, span));
    CHECK(span[0] < span[1]);
}

TEST(names_are_found_and_others_refused_with_the_list)
{
    enum tl_tile_scale scale;
    enum tl_tile_classes classes;
    CHECK_OK(tl_tile_scale_find(ctx, "magma", &scale));
    CHECK(scale == TL_TILE_MAGMA);
    CHECK_FAILS(tl_tile_scale_find(ctx, "jet", &scale), TL_EUSAGE, "cividis");
    CHECK_OK(tl_tile_classes_find(ctx, "quantile", &classes));
    CHECK_FAILS(tl_tile_classes_find(ctx, "", &classes), TL_EUSAGE, "linear");
    CHECK(tl_tile_scale_name(TL_TILE_SCALE_COUNT) == NULL &&
          tl_tile_classes_name((enum tl_tile_classes)9) == NULL);
}
