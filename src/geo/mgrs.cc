#include "geo/mgrs.h"

#include <GeographicLib/MGRS.hpp>
#include <GeographicLib/UTMUPS.hpp>
#include <cstdio>
#include <exception>
#include <string>

namespace
{
int failed(const std::exception &error, char *why)
{
    std::snprintf(why, TL_MGRS_WHY_BYTES, "%s", error.what());
    return 1;
}
} // namespace

extern "C" int tl_mgrs_to_utm(double lat_deg, double lon_deg, struct tl_mgrs_utm *utm, char *why)
{
    try {
        int zone = 0;
        bool is_north = false;
        double x = 0.0, y = 0.0;
        GeographicLib::UTMUPS::Forward(lat_deg, lon_deg, zone, is_north, x, y);
        if (zone == GeographicLib::UTMUPS::UPS) {
            std::snprintf(why, TL_MGRS_WHY_BYTES, "UTM ends at 80 S and 84 N");
            return 1;
        }
        *utm = tl_mgrs_utm{zone, is_north ? 1 : 0, x, y};
        return 0;
    } catch (const std::exception &error) {
        return failed(error, why);
    }
}

extern "C" int tl_mgrs_from_utm(const struct tl_mgrs_utm *utm, double *lat_deg, double *lon_deg,
                                char *why)
{
    try {
        double lat = 0.0, lon = 0.0;
        GeographicLib::UTMUPS::Reverse(utm->zone, utm->is_north != 0, utm->x_m, utm->y_m, lat, lon);
        *lat_deg = lat;
        *lon_deg = lon;
        return 0;
    } catch (const std::exception &error) {
        return failed(error, why);
    }
}

extern "C" int tl_mgrs_write(double lat_deg, double lon_deg, int digits, char *text, char *why)
{
    try {
        int zone = 0;
        bool is_north = false;
        double x = 0.0, y = 0.0;
        std::string mgrs;
        GeographicLib::UTMUPS::Forward(lat_deg, lon_deg, zone, is_north, x, y,
                                       GeographicLib::UTMUPS::STANDARD, true);
        GeographicLib::MGRS::Forward(zone, is_north, x, y, lat_deg, digits, mgrs);
        std::snprintf(text, TL_MGRS_TEXT_BYTES, "%s", mgrs.c_str());
        return 0;
    } catch (const std::exception &error) {
        return failed(error, why);
    }
}

extern "C" int tl_mgrs_read(const char *text, double *lat_deg, double *lon_deg, int *digits,
                            char *why)
{
    try {
        int zone = 0, precision = 0;
        bool is_north = false;
        double x = 0.0, y = 0.0, lat = 0.0, lon = 0.0;
        GeographicLib::MGRS::Reverse(text, zone, is_north, x, y, precision, true);
        GeographicLib::UTMUPS::Reverse(zone, is_north, x, y, lat, lon, true);
        *lat_deg = lat;
        *lon_deg = lon;
        *digits = precision;
        return 0;
    } catch (const std::exception &error) {
        return failed(error, why);
    }
}
