/**
 * Coordinates as people write them: degrees, degrees-minutes(-seconds), UTM, MGRS. Radians never leave the library;
 * the border is in degrees, longitude positive to the east, WGS 84.
 */
#ifndef TILTH_COORD_H
#define TILTH_COORD_H

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tl_coord_format { TL_COORD_DEGREES, TL_COORD_DMS, TL_COORD_UTM, TL_COORD_MGRS };

enum { TL_COORD_TEXT_BYTES = 64 };

/**
 * Reads a position in any of the formats ("lon,lat" in degrees; "50°27'12.5\"N 30°31'24\"E" and its plain-ASCII ways
 * "50 27 12.5 N, 30 31 24 E"; "36U 324123 5591234" or "36N 324123 5591234" zone + hemisphere or band; "36UUA2412391234").
 * @param[out] lon_deg,lat_deg     untouched on error
 * @param[out] accuracy_m          half the resolution of what was written (an MGRS square of 10 m gives 5); may be NULL
 * Errors: TL_EDATA (says what is wrong and where).
 */
TL_MUST_USE tl_err tl_coord_parse(struct tl_ctx *ctx, const char *text, double *lon_deg,
                                  double *lat_deg, double *accuracy_m);

/** One angle: "50.453472", "50°27'12.5\"N", "50 27.2083 N", "-30.5", "30.5W"; `is_lat` bounds it to 90. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_coord_parse_angle(struct tl_ctx *ctx, const char *text, int is_lat,
                                        double *angle_deg);

/**
 * Writes a position.
 * @param      precision_m  size of the last digit wanted [m]: 1 gives 1-m UTM and MGRS, 5 decimals of a degree
 * @param[out] text         at least TL_COORD_TEXT_BYTES
 * Errors: TL_EDATA (outside the range; UTM and MGRS: beyond 84 N or 80 S UTM is refused, MGRS uses UPS).
 */
TL_MUST_USE tl_err tl_coord_format(struct tl_ctx *ctx, double lon_deg, double lat_deg,
                                   enum tl_coord_format format, double precision_m, char *text);

/** Geodesic distance [m] and initial azimuth [degrees from true north] on WGS 84 (Karney 2013). azimuth may be NULL. */
void tl_coord_distance(double lon1_deg, double lat1_deg, double lon2_deg, double lat2_deg,
                       double *distance_m, double *azimuth_deg);

/** Point at a bearing from true north and a distance. */
void tl_coord_destination(double lon_deg, double lat_deg, double azimuth_deg, double distance_m,
                          double *lon2_deg, double *lat2_deg);

#ifdef __cplusplus
}
#endif
#endif
