/** Colour scales and classes of raster tiles: from values to palette indices, and their legends. */
#ifndef TL_TILE_SCALE_H
#define TL_TILE_SCALE_H

#include "core/spread.h"
#include "tilth/tile.h"

enum { TL_SCALE_CLASSES = 128, TL_SCALE_BUCKETS = 1 << 16 };

/** Class 1 to TL_SCALE_CLASSES of values; 0 is no data. */
struct tl_scale_classes {
    float from
        [TL_SCALE_CLASSES +
         1]; /* class k holds from[k - 1] <= value < from[k]; what lies outside has the end's class */
    uint8_t least
        [TL_SCALE_BUCKETS]; /* class of the least value whose upper 16 ordered bits are the index */
};

/** Range that a style means: its own, or that of the values. Errors: TL_EUSAGE (min not below max; log without a positive range). */
TL_MUST_USE tl_err tl_scale_span(struct tl_ctx *ctx, const struct tl_tile_style *style,
                                 const struct tl_spread *range, double span[2]);

/** Fills classes of a style over a span. */
void tl_scale_classes_make(const struct tl_tile_style *style, const double span[2],
                           const struct tl_spread *range, struct tl_scale_classes *classes);

/** Lower edge of a share (0 to 1) of the scale. */
double tl_scale_value(const struct tl_tile_style *style, const double span[2],
                      const struct tl_spread *range, double share);

/** Colour of a share of the scale, red, green, blue. */
void tl_scale_rgb(enum tl_tile_scale scale, double share, uint8_t rgb[3]);

/** Palette: 0 (transparent) and one colour a class. */
void tl_scale_palette(enum tl_tile_scale scale, uint8_t colours[TL_SCALE_CLASSES + 1][3]);

/** Class of a value. */
int tl_scale_class(const struct tl_scale_classes *classes, float value);

/** Classes of n values into bytes. */
void tl_scale_classify(const struct tl_scale_classes *classes, int64_t n, const float *values,
                       uint8_t *out);

#endif
