/** UTM and MGRS by GeographicLib, behind a C face: no exception leaves. All return 0, or 1 with a reason in `why`. */
#ifndef TL_GEO_MGRS_H
#define TL_GEO_MGRS_H

#ifdef __cplusplus
extern "C" {
#endif

enum { TL_MGRS_WHY_BYTES = 256, TL_MGRS_TEXT_BYTES = 40 };

struct tl_mgrs_utm {
    int zone; /* 1..60 */
    int is_north;
    double x_m, y_m;
};

/** UTM of a position in its standard zone (Norway's and Svalbard's exceptions included). */
int tl_mgrs_to_utm(double lat_deg, double lon_deg, struct tl_mgrs_utm *utm, char *why);
int tl_mgrs_from_utm(const struct tl_mgrs_utm *utm, double *lat_deg, double *lon_deg, char *why);

/** MGRS with `digits` (0 to 11) digits each for easting and northing; `text` at least TL_MGRS_TEXT_BYTES. */
int tl_mgrs_write(double lat_deg, double lon_deg, int digits, char *text, char *why);

/** Centre of an MGRS square, and how many digits it was given with. */
int tl_mgrs_read(const char *text, double *lat_deg, double *lon_deg, int *digits, char *why);

#ifdef __cplusplus
}
#endif
#endif
