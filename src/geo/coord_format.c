/* Positions written out, and the geodesic on WGS 84 (Karney 2013, in PROJ's geodesic.h). */
#include "tilth/coord.h"

#include <math.h>
#include <geodesic.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/core.h"
#include "geo/mgrs.h"

static const double WGS84_A_M = 6378137.0, WGS84_F = 1.0 / 298.257223563;
static const double DEGREE_M = 111195.0;

/* Decimals so that the last digit is about `precision`: a tenth of a digit to spare, so that 1 m gives 5 of a degree. */
static int decimals_for(double unit_m, double precision_m)
{
    double decimals = ceil(log10(unit_m / precision_m) - 0.1);
    return decimals < 0.0 ? 0 : decimals > 11.0 ? 11 : (int)decimals;
}

static int write_dms(char *text, size_t room, double angle_deg, int decimals, const char *letters)
{
    long long scale = 1;
    for (int k = 0; k < decimals; k++)
        scale *= 10;
    long long units = llround(fabs(angle_deg) * 3600.0 * (double)scale);
    long long seconds = units / scale, fraction = units % scale;
    char letter = angle_deg < 0.0 && units > 0 ? letters[1] : letters[0];
    int n = snprintf(text, room, "%lld\xc2\xb0%02lld'%02lld", seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
    if (decimals > 0)
        n += snprintf(text + n, room - (size_t)n, ".%0*lld", decimals, fraction);
    return n + snprintf(text + n, room - (size_t)n, "\"%c", letter);
}

/*
 * The letter S is both a band (32 to 40 N) and the word for south, so that band is written as "38 north"; every other
 * letter of a band tells the hemisphere by itself.
 */
static tl_err write_utm(struct tl_ctx *ctx, double lon, double lat, double precision_m, char *text)
{
    struct tl_mgrs_utm utm;
    char why[TL_MGRS_WHY_BYTES], zone[16];
    if (tl_mgrs_to_utm(lat, lon, &utm, why) != 0)
        return tl_fail(ctx, TL_EDATA, "the position %.6f, %.6f has no UTM coordinates: %s", lon,
                       lat, why);
    int band = (int)floor((lat + 80.0) / 8.0);
    char letter = "CDEFGHJKLMNPQRSTUVWX"[band < 0 ? 0 : band > 19 ? 19 : band];
    snprintf(zone, sizeof zone, letter == 'S' ? "%d north" : "%d%c", utm.zone, letter);
    double step = pow(10.0, round(log10(precision_m)));
    if (step > 1.0) {
        snprintf(text, TL_COORD_TEXT_BYTES, "%s %.0f %.0f", zone, round(utm.x_m / step) * step,
                 round(utm.y_m / step) * step);
        return TL_OK;
    }
    int decimals = decimals_for(1.0, precision_m);
    decimals = decimals > 9 ? 9 : decimals;
    snprintf(text, TL_COORD_TEXT_BYTES, "%s %.*f %.*f", zone, decimals, utm.x_m, decimals, utm.y_m);
    return TL_OK;
}

static tl_err write_mgrs(struct tl_ctx *ctx, double lon, double lat, double precision_m, char *text)
{
    char made[TL_MGRS_TEXT_BYTES], why[TL_MGRS_WHY_BYTES];
    int digits = decimals_for(100000.0, precision_m);
    if (tl_mgrs_write(lat, lon, digits, made, why) != 0)
        return tl_fail(ctx, TL_EDATA, "the position %.6f, %.6f has no MGRS coordinates: %s", lon,
                       lat, why);
    snprintf(text, TL_COORD_TEXT_BYTES, "%s", made);
    return TL_OK;
}

tl_err tl_coord_format(struct tl_ctx *ctx, double lon_deg, double lat_deg,
                       enum tl_coord_format format, double precision_m, char *text)
{
    if (!(lat_deg >= -90.0 && lat_deg <= 90.0))
        return tl_fail(ctx, TL_EDATA, "the latitude %g is not within -90 to 90", lat_deg);
    if (!(lon_deg >= -180.0 && lon_deg <= 180.0))
        return tl_fail(ctx, TL_EDATA, "the longitude %g is not within -180 to 180", lon_deg);
    if (!(precision_m > 0.0) || !isfinite(precision_m))
        return tl_fail(ctx, TL_EDATA, "a precision of %g m is not possible: it must be above 0",
                       precision_m);
    if (format == TL_COORD_UTM)
        return write_utm(ctx, lon_deg, lat_deg, precision_m, text);
    if (format == TL_COORD_MGRS)
        return write_mgrs(ctx, lon_deg, lat_deg, precision_m, text);
    if (format == TL_COORD_DEGREES) {
        int decimals = decimals_for(DEGREE_M, precision_m);
        double scale = pow(10.0, decimals);
        /* what rounds to 0 is written without a minus */
        snprintf(text, TL_COORD_TEXT_BYTES, "%.*f,%.*f", decimals,
                 fabs(lon_deg) * scale < 0.5 ? 0.0 : lon_deg, decimals,
                 fabs(lat_deg) * scale < 0.5 ? 0.0 : lat_deg);
        return TL_OK;
    }
    if (format != TL_COORD_DMS)
        return tl_fail(ctx, TL_EUSAGE, "there is no coordinate format %d", (int)format);
    int decimals = decimals_for(DEGREE_M / 3600.0, precision_m);
    decimals = decimals > 8 ? 8 : decimals;
    int n = write_dms(text, TL_COORD_TEXT_BYTES, lat_deg, decimals, "NS");
    text[n++] = ' ';
    write_dms(text + n, (size_t)(TL_COORD_TEXT_BYTES - n), lon_deg, decimals, "EW");
    return TL_OK;
}

void tl_coord_distance(double lon1_deg, double lat1_deg, double lon2_deg, double lat2_deg,
                       double *distance_m, double *azimuth_deg)
{
    struct geod_geodesic earth;
    double distance = 0.0, azimuth = 0.0;
    geod_init(&earth, WGS84_A_M, WGS84_F);
    geod_inverse(&earth, lat1_deg, lon1_deg, lat2_deg, lon2_deg, &distance, &azimuth, NULL);
    *distance_m = distance;
    if (azimuth_deg != NULL)
        *azimuth_deg = azimuth;
}

void tl_coord_destination(double lon_deg, double lat_deg, double azimuth_deg, double distance_m,
                          double *lon2_deg, double *lat2_deg)
{
    struct geod_geodesic earth;
    geod_init(&earth, WGS84_A_M, WGS84_F);
    geod_direct(&earth, lat_deg, lon_deg, azimuth_deg, distance_m, lat2_deg, lon2_deg, NULL);
}
