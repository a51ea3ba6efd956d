#include "simulate/shape.h"

#include <string.h>

enum { WKB_LINE = 2, WKB_POLYGON = 3 };

static unsigned char *put_int(unsigned char *at, uint32_t value)
{
    for (int k = 0; k < 4; k++)
        *at++ = (unsigned char)(value >> (8 * k) & 255);
    return at;
}

static unsigned char *put_real(unsigned char *at, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int k = 0; k < 8; k++)
        *at++ = (unsigned char)(bits >> (8 * k) & 255);
    return at;
}

static unsigned char *put_points(unsigned char *at, const double *xy, int n)
{
    for (int k = 0; k < 2 * n; k++)
        at = put_real(at, xy[k]);
    return at;
}

int64_t tl_shape_line(const double *xy, int n, unsigned char wkb[TL_SHAPE_BYTES])
{
    wkb[0] = 1;
    unsigned char *at = put_int(wkb + 1, WKB_LINE);
    at = put_int(at, (uint32_t)n);
    return put_points(at, xy, n) - wkb;
}

int64_t tl_shape_ring(const double *xy, int n, unsigned char wkb[TL_SHAPE_BYTES])
{
    wkb[0] = 1;
    unsigned char *at = put_int(wkb + 1, WKB_POLYGON);
    at = put_int(at, 1);
    at = put_int(at, (uint32_t)n + 1);
    at = put_points(at, xy, n);
    return put_points(at, xy, 1) - wkb;
}
