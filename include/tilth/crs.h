/** Coordinate reference systems and transformations between them (PROJ). Order of axes is always east, north. */
#ifndef TILTH_CRS_H
#define TILTH_CRS_H

#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_crs_map; /* a transformation; used by one thread at a time */

enum { TL_CRS_TEXT_BYTES = 4096 };

/**
 * The projected system for an area: its UTM zone, or, where it spans zones (or lies beyond 80 S, 84 N), a Lambert
 * azimuthal equal-area system centred on it.
 * @param      area_deg  west, south, east, north [degrees]
 * @param[out] text      definition: "EPSG:32618" or WKT2; at least TL_CRS_TEXT_BYTES
 * Errors: TL_EDATA (zero size, out of range, or west > east: crosses the antimeridian, which is not supported: says so).
 */
TL_MUST_USE tl_err tl_crs_for_area(struct tl_ctx *ctx, const double area_deg[4], char *text);

/**
 * Name of a system in words, whether it is projected in metres.
 * @param[out] name  at least TL_CRS_TEXT_BYTES
 * Errors: TL_EDATA (not a system; projected but not in metres; geographic when `must_be_projected`).
 */
TL_MUST_USE tl_err tl_crs_check(struct tl_ctx *ctx, const char *definition, int must_be_projected,
                                char *name);

/** EPSG code of a definition, 0 when it has none. */
int tl_crs_epsg(struct tl_ctx *ctx, const char *definition);

/** WKT (OGC 1, for GeoPackage and GeoTIFF). owns: the caller, tl_free. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_crs_wkt(struct tl_ctx *ctx, const char *definition, char **wkt);

/** Transformation between two definitions (anything PROJ knows: EPSG:n, WKT, PROJ strings). Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_crs_map_create(struct tl_ctx *ctx, const char *from, const char *to,
                                     struct tl_crs_map **map);
void tl_crs_map_free(struct tl_crs_map *map);

/** Transforms n points in place; points that cannot be transformed become NaN; *n_bad counts them (may be NULL). */
void tl_crs_map_points(struct tl_crs_map *map, int64_t n, double *x, double *y, int64_t *n_bad);

/** Same, the other way. */
void tl_crs_map_points_back(struct tl_crs_map *map, int64_t n, double *x, double *y,
                            int64_t *n_bad);

/** Box [west, south, east, north] that holds a transformed box, edges densified. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_crs_map_box(struct tl_ctx *ctx, struct tl_crs_map *map, const double in[4],
                                  double out[4]);

#ifdef __cplusplus
}
#endif
#endif
