#include "unit.h"

#include "geo/mgrs.h"

TEST(exceptions_become_reasons)
{
    char why[TL_MGRS_WHY_BYTES] = "", text[TL_MGRS_TEXT_BYTES];
    struct tl_mgrs_utm utm = {99, 1, 500000.0, 0.0};
    double lat = 7.0, lon = 7.0;
    int digits = 7;
    CHECK(tl_mgrs_from_utm(&utm, &lat, &lon, why) == 1 && why[0] != '\0');
    CHECK(tl_mgrs_to_utm(95.0, 0.0, &utm, why) == 1);
    CHECK(tl_mgrs_to_utm(85.0, 0.0, &utm, why) == 1 && strstr(why, "UTM ends") != NULL);
    CHECK(tl_mgrs_write(0.0, 0.0, 50, text, why) == 1);
    CHECK(tl_mgrs_read("", &lat, &lon, &digits, why) == 1);
    CHECK(tl_mgrs_read("36UUA123", &lat, &lon, &digits, why) == 1);
    CHECK(lat == 7.0 && lon == 7.0 && digits == 7);
}

/* GeoConvert 2.1 (an independent program on the same library; cs2cs agrees to the millimetre). */
TEST(zones_follow_the_exceptions_of_norway_and_svalbard)
{
    char why[TL_MGRS_WHY_BYTES];
    struct tl_mgrs_utm utm;
    CHECK(tl_mgrs_to_utm(60.3913, 5.3221, &utm, why) == 0 && utm.zone == 32 && utm.is_north);
    CHECK_NEAR(utm.x_m, 297353.933, 6e-4);
    CHECK(tl_mgrs_to_utm(78.2232, 15.6267, &utm, why) == 0 && utm.zone == 33);
    CHECK(tl_mgrs_to_utm(-33.8568, 151.2153, &utm, why) == 0 && utm.zone == 56 && !utm.is_north);
    CHECK_NEAR(utm.y_m, 6252288.753, 6e-4);
}
