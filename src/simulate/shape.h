/** Well-known binary of the simple shapes that a district needs (ISO, little endian). */
#ifndef TL_SIMULATE_SHAPE_H
#define TL_SIMULATE_SHAPE_H

#include <stdint.h>

enum { TL_SHAPE_POINTS_MAX = 64, TL_SHAPE_BYTES = 13 + 16 * (TL_SHAPE_POINTS_MAX + 1) };

/** Line through n points; returns the bytes used. At most TL_SHAPE_POINTS_MAX points. */
int64_t tl_shape_line(const double *xy, int n, unsigned char wkb[TL_SHAPE_BYTES]);

/** Polygon of one ring of n points, closed by the function. */
int64_t tl_shape_ring(const double *xy, int n, unsigned char wkb[TL_SHAPE_BYTES]);

#endif
