#include "unit.h"

#include "geo/geom.h"
#include "tilth/geometry.h"

static char *through(struct tl_ctx *ctx, const char *json)
{
    void *wkb = NULL;
    int64_t n = 0;
    char *out = NULL;
    if (tl_geometry_from_json(ctx, json, (int64_t)strlen(json), &wkb, &n) == TL_OK &&
        tl_geometry_json(ctx, wkb, n, &out) != TL_OK)
        out = NULL;
    tl_free(wkb);
    return out;
}

TEST(each_kind_comes_back_as_it_went)
{
    static const char *const kinds[] = {
        "{\"type\":\"Point\",\"coordinates\":[37.1234567,48.5]}",
        "{\"type\":\"LineString\",\"coordinates\":[[37,48],[38,49.5]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,0]]]}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,9],[0,0]],[[5,1],[6,1],[6,2],[5,1]]"
        "]}",
        "{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4]]}",
        "{\"type\":\"MultiLineString\",\"coordinates\":[[[1,2],[3,4]],[[5,6],[7,8]]]}",
        "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[4,0],[4,4],[0,0]],[[2,1],[3,1],[3,2],"
        "[2,1]]],[[[10,0],[14,0],[14,4],[10,0]]]]}",
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *out = through(ctx, kinds[i]);
        CHECK_STR(out, kinds[i]);
        tl_free(out);
    }
}

TEST(a_feature_gives_its_geometry_and_z_is_dropped)
{
    char *out = through(ctx, "{\"type\":\"Feature\",\"properties\":{},\"geometry\":{\"type\":"
                             "\"Point\",\"coordinates\":[1,2,300]}}");
    CHECK_STR(out, "{\"type\":\"Point\",\"coordinates\":[1,2]}");
    tl_free(out);
}

TEST(what_is_no_geometry_is_refused_in_words)
{
    static const char *const bad[][2] = {
        {"{", "no JSON"},
        {"[]", "no GeoJSON geometry"},
        {"{\"type\":\"Feature\",\"geometry\":null}", "no GeoJSON geometry"},
        {"{\"type\":\"Circle\",\"coordinates\":[1,2]}", "no GeoJSON geometry"},
        {"{\"type\":\"Point\",\"coordinates\":[1]}", "pair of numbers"},
        {"{\"type\":\"Point\",\"coordinates\":[\"1\",2]}", "pair of numbers"},
        {"{\"type\":\"Point\",\"coordinates\":[181,2]}", "not in the world"},
        {"{\"type\":\"LineString\",\"coordinates\":[[1,2]]}", "at least 2"},
        {"{\"type\":\"Polygon\",\"coordinates\":[]}", "no rings"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[0,0]]]}", "at least 4"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,1]]]}",
         "end where it begins"},
        {"{\"type\":\"Polygon\",\"coordinates\":[5]}", "at least 4"},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":[]}", "without parts"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        void *wkb = NULL;
        int64_t n = 0;
        CHECK_FAILS(tl_geometry_from_json(ctx, bad[i][0], (int64_t)strlen(bad[i][0]), &wkb, &n),
                    TL_EDATA, bad[i][1]);
        CHECK(wkb == NULL);
    }
}

/* A degree square at the equator: 12308778361.469 m2 by GeographicLib's Planimeter (Karney 2013). */
TEST(areas_are_those_of_the_ellipsoid_less_holes)
{
    static const char square[] =
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}";
    static const char holed[] = "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1],["
                                "0,0]],[[0,0],[0,1],[1,1],[1,0],[0,0]]]}";
    void *wkb = NULL;
    int64_t n = 0;
    double area = -1;
    CHECK_OK(tl_geometry_from_json(ctx, square, (int64_t)strlen(square), &wkb, &n));
    CHECK_OK(tl_geometry_area(ctx, wkb, n, &area));
    CHECK_NEAR(area, 12308778361.469, 0.01);
    tl_free(wkb);
    CHECK_OK(tl_geometry_from_json(ctx, holed, (int64_t)strlen(holed), &wkb, &n));
    CHECK_OK(tl_geometry_area(ctx, wkb, n, &area));
    CHECK_NEAR(area, 0, 0.01);
    tl_free(wkb);
}

TEST(the_point_of_a_polygon_lies_inside)
{
    static const char ell[] =
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[9,0],[9,1],[1,1],[1,9],[0,9],[0,0]]]}";
    void *wkb = NULL;
    int64_t n = 0;
    double lon = 99, lat = 99;
    bool holds = false;
    CHECK_OK(tl_geometry_from_json(ctx, ell, (int64_t)strlen(ell), &wkb, &n));
    CHECK_OK(tl_geometry_point(ctx, wkb, n, &lon, &lat));
    CHECK_OK(tl_geom_holds(ctx, wkb, n, lon, lat, &holds));
    CHECK(holds);
    tl_free(wkb);
}

static tl_err both_ways(struct tl_ctx *ctx)
{
    static const char polygon[] =
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,0]]]}";
    void *wkb = NULL;
    int64_t n = 0;
    char *out = NULL;
    tl_err err = tl_geometry_from_json(ctx, polygon, (int64_t)strlen(polygon), &wkb, &n);
    if (err == TL_OK)
        err = tl_geometry_json(ctx, wkb, n, &out);
    tl_free(wkb);
    tl_free(out);
    return err;
}

TEST(each_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, both_ways(ctx));
}
