#include "unit.h"

#include "geo/geom.h"

TEST(a_geometry_goes_to_text_and_back)
{
    void *wkb = NULL, *again = NULL;
    char *wkt = NULL;
    int64_t n = 0, m = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((30.5 50.25,31 50,30.75 51,30.5 50.25))", &wkb, &n));
    CHECK_OK(tl_geo_wkt(ctx, wkb, n, &wkt));
    CHECK_STR(wkt, "POLYGON ((30.5 50.25, 31 50, 30.75 51, 30.5 50.25))");
    CHECK_OK(tl_geom_from_wkt(ctx, wkt, &again, &m));
    CHECK(n == m && memcmp(wkb, again, (size_t)n) == 0);
    tl_free(wkb);
    tl_free(again);
    tl_free(wkt);
}

/* A register keeps it as it came; a table of it must be written all the same. */
TEST(a_ring_that_is_not_closed_is_closed)
{
    static const char open_ring[] = "\x01\x03\0\0\0\x01\0\0\0\x03\0\0\0";
    const double corners[] = {30.5, 50.25, 31.0, 50.0, 30.75, 51.0};
    char wkb[sizeof open_ring - 1 + sizeof corners], *wkt = NULL;
    memcpy(wkb, open_ring, sizeof open_ring - 1);
    memcpy(wkb + sizeof open_ring - 1, corners, sizeof corners);
    CHECK_OK(tl_geo_wkt(ctx, wkb, sizeof wkb, &wkt));
    CHECK(strncmp(wkt, "POLYGON ((", 10) == 0 && strstr(wkt, "30.75 51") != NULL);
    tl_free(wkt);
}

TEST(bytes_that_are_no_geometry_are_refused)
{
    char *wkt = NULL;
    CHECK(tl_geo_wkt(ctx, "abc", 3, &wkt) == TL_EDATA);
    CHECK(wkt == NULL);
}
