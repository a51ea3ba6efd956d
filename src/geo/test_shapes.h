/** Random polygons for the tests of cover: stars (simple rings), with holes, in parts, slivers. */
#ifndef TL_GEO_TEST_SHAPES_H
#define TL_GEO_TEST_SHAPES_H

#include <math.h>
#include <stdio.h>

#include "core/rng.h"

/* A star-shaped ring about (x, y); its radii lie between `low` and `high`. Returns the characters written. */
static int shape_ring(struct tl_rng rng, int n, double x, double y, double low, double high,
                      char *out, size_t room)
{
    int at = 0;
    for (int k = 0; k <= n; k++) {
        uint64_t i = (uint64_t)(k % n);
        double angle = 6.283185307179586 * ((double)i + 0.8 * tl_rng_uniform(rng, 2 * i)) / n;
        double r = low + (high - low) * tl_rng_uniform(rng, 2 * i + 1);
        at += snprintf(out + at, room - (size_t)at, "%s%.6f %.6f", k == 0 ? "(" : ",",
                       x + r * cos(angle), y + r * sin(angle));
    }
    return at + snprintf(out + at, room - (size_t)at, ")");
}

/* kind 0: star, 1: with a hole, 2: two parts, 3: sliver, 4: rectangle on whole numbers. About (x, y), size r. */
__attribute__((unused)) static void shape_make(struct tl_rng rng, int kind, double x, double y,
                                               double r, char *out, size_t room)
{
    int n = 5 + (int)(9 * tl_rng_uniform(rng, 1000)), at = 0;
    if (kind == 4) {
        double w = rint(x - r), s = rint(y - r), e = rint(x + r) + 1, t = rint(y + r) + 1;
        snprintf(out, room, "POLYGON((%g %g,%g %g,%g %g,%g %g,%g %g))", w, s, e, s, e, t, w, t, w,
                 s);
        return;
    }
    if (kind == 3) {
        snprintf(out, room, "POLYGON((%.6f %.6f,%.6f %.6f,%.6f %.6f,%.6f %.6f))", x, y, x + r,
                 y + 0.7 * r, x + r, y + 0.7 * r + 1e-3, x, y);
        return;
    }
    at = snprintf(out, room, kind == 2 ? "MULTIPOLYGON((" : "POLYGON(");
    at += shape_ring(rng, n, x, y, 0.5 * r, r, out + at, room - (size_t)at);
    if (kind == 1) {
        at += snprintf(out + at, room - (size_t)at, ",");
        at +=
            shape_ring(tl_rng_fork(rng, 1), n, x, y, 0.1 * r, 0.3 * r, out + at, room - (size_t)at);
    }
    if (kind == 2) {
        at += snprintf(out + at, room - (size_t)at, "),(");
        at += shape_ring(tl_rng_fork(rng, 2), n, x + 3.0 * r, y, 0.3 * r, 0.8 * r, out + at,
                         room - (size_t)at);
    }
    snprintf(out + at, room - (size_t)at, kind == 2 ? "))" : ")");
}

#endif
