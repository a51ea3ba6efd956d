#include "unit.h"

#include "geo/wkb.h"

TEST(both_byte_orders_and_all_dimensions_are_read)
{
    /* POINT Z (1 2 3), big endian ISO; the same with the EWKB flag and an SRID. */
    static const unsigned char iso[] = {0, 0, 0, 3, 0xe9, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x40, 0,
                                        0, 0, 0, 0, 0,    0,    0x40, 8, 0, 0, 0, 0, 0, 0};
    static const unsigned char ewkb[] = {1, 1, 0,    0, 0xa0, 0xe6, 0x10, 0, 0, 0, 0,
                                         0, 0, 0,    0, 0xf0, 0x3f, 0,    0, 0, 0, 0,
                                         0, 0, 0x40, 0, 0,    0,    0,    0, 0, 8, 0x40};
    struct tl_wkb wkb = {0};
    unsigned char plain[TL_GEOM_POINT_BYTES];
    tl_geom_point(1.0, 2.0, plain);
    CHECK_OK(tl_wkb_read(ctx, iso, sizeof iso, &wkb));
    CHECK(wkb.kind == TL_GEOM_POINT && wkb.n_points == 1 && wkb.xy[0] == 1.0 && wkb.xy[1] == 2.0);
    CHECK(wkb.flat_bytes == TL_GEOM_POINT_BYTES && memcmp(wkb.flat, plain, sizeof plain) == 0);
    tl_wkb_fini(&wkb);
    CHECK_OK(tl_wkb_read(ctx, ewkb, sizeof ewkb, &wkb));
    CHECK(wkb.flat_bytes == TL_GEOM_POINT_BYTES && memcmp(wkb.flat, plain, sizeof plain) == 0);
    tl_wkb_fini(&wkb);
}

static tl_err read_wkt(struct tl_ctx *ctx, const char *wkt, struct tl_wkb *wkb)
{
    void *bytes = NULL;
    int64_t n = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &bytes, &n);
    if (err == TL_OK)
        err = tl_wkb_read(ctx, bytes, n, wkb);
    tl_free(bytes);
    return err;
}

TEST(kinds_rings_and_holes_are_told)
{
    struct tl_wkb wkb = {0};
    CHECK_OK(read_wkt(
        ctx, "MULTIPOLYGON(((0 0,9 0,9 9,0 0),(5 1,6 1,6 2,5 1)),((20 0,21 0,21 1,20 0)))", &wkb));
    CHECK(wkb.kind == TL_GEOM_POLYGON && wkb.n_paths == 3 && wkb.n_points == 12);
    CHECK(!wkb.paths[0].is_hole && wkb.paths[1].is_hole && !wkb.paths[2].is_hole);
    wkb.xy[0] = -7.0;
    tl_wkb_restore(&wkb);
    struct tl_wkb again = {0};
    CHECK_OK(tl_wkb_read(ctx, wkb.flat, wkb.flat_bytes, &again));
    CHECK(again.xy[0] == -7.0 && again.n_points == 12);
    tl_wkb_fini(&wkb);
    tl_wkb_fini(&again);
    CHECK_OK(read_wkt(ctx, "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))", &wkb));
    CHECK(wkb.kind == TL_GEOM_OTHER && wkb.n_paths == 2);
    tl_wkb_fini(&wkb);
}

TEST(every_cut_of_the_bytes_is_refused)
{
    void *bytes = NULL;
    int64_t n = 0;
    struct tl_wkb wkb = {0};
    CHECK_OK(tl_geom_from_wkt(ctx, "MULTIPOLYGON(((0 0,9 0,9 9,0 0)),((20 0,21 0,21 1,20 0)))",
                              &bytes, &n));
    for (int64_t k = 0; k < n; k++) {
        char *part =
            malloc((size_t)k + 1); /* of its own size, so that the sanitizer sees a step beyond */
        memcpy(part, bytes, (size_t)k);
        tl_err err = tl_wkb_read(ctx, part, k, &wkb);
        free(part);
        CHECK(err == TL_EDATA);
    }
    unsigned char *b = bytes;
    memset(b + 5, 0xff, 4); /* four thousand million parts */
    CHECK_FAILS(tl_wkb_read(ctx, bytes, n, &wkb), TL_EDATA, "WKB");
    memset(b + 18, 0xff, 4);
    CHECK_FAILS(tl_wkb_read(ctx, bytes, n, &wkb), TL_EDATA, "WKB");
    tl_free(bytes);
}

static tl_err read_some(struct tl_ctx *ctx)
{
    struct tl_wkb wkb = {0};
    tl_err err = read_wkt(ctx, "POLYGON((0 0,9 0,9 9,0 0),(5 1,6 1,6 2,5 1))", &wkb);
    tl_wkb_fini(&wkb);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, read_some(ctx));
}
