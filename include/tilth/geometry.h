/** Geometries of records for other programs: GeoJSON (RFC 7946) to and from WKB, a point that stands for one, its size. Always WGS 84. */
#ifndef TILTH_GEOMETRY_H
#define TILTH_GEOMETRY_H

#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TL_GEOMETRY_POSITIONS_MAX = 100000 };

/** GeoJSON geometry object, coordinates to 7 decimals (a centimetre). owns: the caller, tl_free. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_geometry_json(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                    char **json);

/**
 * Reads a GeoJSON geometry or a Feature that has one: Point, LineString, Polygon and their Multi kinds; Z is dropped.
 * @param[out] wkb  owns: the caller, tl_free
 * Errors: TL_EDATA (says what is wrong: not GeoJSON, a position outside of the world, a ring with fewer than 4 positions or not closed, more than
 * TL_GEOMETRY_POSITIONS_MAX positions), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_geometry_from_json(struct tl_ctx *ctx, const char *json, int64_t n_bytes,
                                         void **wkb, int64_t *wkb_bytes);

/** A point that stands for a geometry: itself, the middle of a line, a point inside a polygon. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_geometry_point(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                     double *lon_deg, double *lat_deg);

/** Area of polygons on the ellipsoid [m2], holes taken away; 0 for other kinds. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_geometry_area(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                    double *area_m2);

#ifdef __cplusplus
}
#endif
#endif
