#include "unit.h"

#include "geo/geom.h"
#include "report/outline.h"

static const char *const shape =
    "MULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,2 2,1 1)),((6 0,7 0,7 1,6 0)))";

TEST(rings_come_with_their_parts)
{
    struct tl_outline o = {0};
    void *wkb = NULL;
    int64_t n = 0;
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    CHECK_OK(tl_geom_from_wkt(ctx, shape, &wkb, &n));
    CHECK_OK(tl_outline_from_wkb(ctx, wkb, n, &o));
    CHECK(o.n_rings == 3 && o.rings[0].n == 5 && o.rings[1].n == 4);
    CHECK(o.rings[0].part == 0 && o.rings[1].part == 0 && o.rings[2].part == 1);
    CHECK(o.rings[2].closed);
    CHECK_NEAR(o.rings[2].xy[2], 7.0, 0.0);
    tl_outline_widen(&o, box);
    CHECK(box[0] == 0.0 && box[1] == 0.0 && box[2] == 7.0 && box[3] == 4.0);
    tl_outline_fini(&o);
    tl_free(wkb);
}

TEST(lines_and_points_are_no_rings)
{
    struct tl_outline o = {0};
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(
        tl_geom_from_wkt(ctx, "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1,2 0))", &wkb, &n));
    CHECK_OK(tl_outline_from_wkb(ctx, wkb, n, &o));
    CHECK(o.n_rings == 1 && !o.rings[0].closed && o.rings[0].n == 3);
    tl_outline_fini(&o);
    tl_free(wkb);
}

TEST(wkb_of_an_outline_is_the_shape_again)
{
    struct tl_outline o = {0};
    void *wkb = NULL, *again = NULL;
    int64_t n = 0, m = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, shape, &wkb, &n));
    CHECK_OK(tl_outline_from_wkb(ctx, wkb, n, &o));
    CHECK_OK(tl_outline_to_wkb(ctx, &o, &again, &m));
    CHECK(n == m && memcmp(wkb, again, (size_t)n) == 0);
    tl_outline_fini(&o);
    tl_free(wkb);
    tl_free(again);
}

/* Big-endian, with Z: a ring as other programs write it. */
TEST(other_dialects_are_read)
{
    unsigned char wkb[13 + 4 * 24] = {0, 0, 0, 0x03, 0xEB, 0, 0, 0, 1, 0, 0, 0, 4};
    struct tl_outline o = {0};
    wkb[13] = 0x40; /* 2.0, big-endian */
    CHECK_OK(tl_outline_from_wkb(ctx, wkb, sizeof wkb, &o));
    CHECK(o.n_rings == 1 && o.rings[0].n == 4);
    CHECK_NEAR(o.rings[0].xy[0], 2.0, 0.0);
    tl_outline_fini(&o);
}

TEST(bytes_cut_anywhere_are_refused)
{
    struct tl_outline o = {0};
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, shape, &wkb, &n));
    for (int64_t k = 0; k < n; k++) {
        unsigned char *copy = malloc(k > 0 ? (size_t)k : 1);
        memcpy(copy, wkb, (size_t)k);
        CHECK_FAILS(tl_outline_from_wkb(ctx, copy, k, &o), TL_EDATA, "cut off");
        free(copy);
    }
    CHECK(o.n_rings == 0);
    tl_free(wkb);
}

TEST(a_ring_that_claims_more_points_than_there_are_is_refused)
{
    unsigned char wkb[] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
    struct tl_outline o = {0};
    CHECK_FAILS(tl_outline_from_wkb(ctx, wkb, sizeof wkb, &o), TL_EDATA, "cut off");
}

TEST(geojson_is_read_and_its_defects_named)
{
    struct tl_outline o = {0};
    json_t *good = json_loads("{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[1,0],[1,1],[0,"
                              "0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}",
                              0, NULL);
    json_t *bad = json_loads("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,\"x\"]]]}", 0, NULL);
    json_t *empty = json_loads("{\"type\":\"Polygon\",\"coordinates\":[[]]}", 0, NULL);
    CHECK_OK(tl_outline_from_geojson(ctx, good, &o));
    CHECK(o.n_rings == 2 && o.rings[1].part == 1);
    tl_outline_fini(&o);
    CHECK_FAILS(tl_outline_from_geojson(ctx, bad, &o), TL_EDATA, "point 2 of a ring");
    CHECK_FAILS(tl_outline_from_geojson(ctx, empty, &o), TL_EDATA, "no points");
    CHECK_OK(tl_outline_from_geojson(ctx, NULL, &o));
    CHECK(o.n_rings == 0);
    json_decref(good);
    json_decref(bad);
    json_decref(empty);
}

static tl_err read_and_write(struct tl_ctx *ctx, const void *wkb, int64_t n)
{
    struct tl_outline o = {0};
    void *again = NULL;
    int64_t m = 0;
    tl_err err = tl_outline_from_wkb(ctx, wkb, n, &o);
    if (err == TL_OK)
        err = tl_outline_to_wkb(ctx, &o, &again, &m);
    tl_outline_fini(&o);
    tl_free(again);
    return err;
}

TEST(every_allocation_may_fail)
{
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, shape, &wkb, &n));
    CHECK_EVERY_ALLOC(ctx, read_and_write(ctx, wkb, n));
    tl_free(wkb);
}
