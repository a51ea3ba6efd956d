/**
 * Plain numbers of a raster, in a form that needs no parser:
 *
 *     "TLPIXEL1"  i64 n_x  i64 n_y  f64 place[6]  u64 bytes of a value (4 or 8)  text WKT of the system, "" = it does not say
 *     at TL_PIXELS_HEAD_BYTES: n_y rows of n_x floats or doubles from north to south, NaN = none, and nothing after them
 *
 * Numbers are the machine's own: both sides are one program.
 */
#ifndef TL_GEO_PIXELS_H
#define TL_GEO_PIXELS_H

#include <gdal.h>

#include "core/core.h"
#include "tilth/pixels.h"

enum {
    TL_PIXELS_HEAD_BYTES = 1 << 16,
    TL_PIXELS_WKT_BYTES = TL_PIXELS_HEAD_BYTES - 80 /* of what stands before it */
};

struct tl_pixels_head {
    char magic[8];
    int64_t n_x, n_y;
    double place[6];
    uint64_t value_bytes;
    char wkt[TL_PIXELS_WKT_BYTES];
};

_Static_assert(sizeof(struct tl_pixels_head) == TL_PIXELS_HEAD_BYTES, "values follow the head");

extern const char tl_pixels_magic[8];

/** Writes all of it. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_pixels_put(struct tl_ctx *ctx, int fd, const void *bytes, int64_t n);

#endif
