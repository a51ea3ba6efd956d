#include "unit.h"

#include "geo/geom.h"

static tl_err info_of(struct tl_ctx *ctx, const char *wkt, struct tl_geom_info *info)
{
    void *wkb = NULL;
    int64_t n = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &n);
    if (err == TL_OK)
        err = tl_geom_info(ctx, wkb, n, info);
    tl_free(wkb);
    return err;
}

TEST(facts_of_a_polygon)
{
    struct tl_geom_info info;
    CHECK_OK(info_of(ctx, "POLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,4 2,4 4,2 4,2 2))", &info));
    CHECK(info.kind == TL_GEOM_POLYGON && info.is_valid && info.is_finite && !info.is_empty &&
          !info.repeats);
    CHECK(info.n_points == 10 && info.box[0] == 0.0 && info.box[3] == 10.0);
    CHECK_NEAR(info.area, 96.0, 1e-12);
    CHECK_NEAR(info.length, 48.0, 1e-12);
    CHECK(!(info.x >= 2 && info.x <= 4 && info.y >= 2 && info.y <= 4));
}

TEST(invalid_repeated_empty_and_endless_are_told)
{
    struct tl_geom_info info;
    unsigned char point[TL_GEOM_POINT_BYTES];
    CHECK_OK(info_of(ctx, "POLYGON((0 0,2 2,2 0,0 2,0 0))", &info));
    CHECK(!info.is_valid && strstr(info.why, "Self-intersection") != NULL &&
          strstr(info.why, "(1, 1)") != NULL);
    CHECK_OK(info_of(ctx, "POLYGON((0 0,2 0,2 0.0000001,2 2,0 0))", &info));
    CHECK(info.repeats);
    CHECK_OK(info_of(ctx, "POLYGON EMPTY", &info));
    CHECK(info.is_empty && info.is_valid && info.n_points == 0);
    CHECK_OK(info_of(ctx, "LINESTRING(0 0,10 0,10 10)", &info));
    CHECK(info.kind == TL_GEOM_LINE && info.length == 20.0);
    CHECK_NEAR(info.x, 10.0, 1e-9);
    tl_geom_point(3.0, INFINITY, point);
    CHECK_OK(tl_geom_info(ctx, point, sizeof point, &info));
    CHECK(!info.is_finite && !info.is_valid && info.why[0] != '\0');
    tl_geom_point(3.0, 4.0, point);
    CHECK_OK(tl_geom_info(ctx, point, sizeof point, &info));
    CHECK(info.kind == TL_GEOM_POINT && info.is_valid && info.x == 3.0 && info.y == 4.0 &&
          info.n_points == 1);
    CHECK_FAILS(tl_geom_info(ctx, "rubbish", 7, &info), TL_EDATA, "WKB");
}

/* A ring that is not closed is a fact of field data, not a reason to stop. */
TEST(an_open_ring_is_invalid_and_can_be_repaired)
{
    unsigned char wkb[5 + 4 + 4 + 3 * 16] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0};
    double xy[6] = {0, 0, 10, 0, 10, 10};
    struct tl_geom_info info;
    void *out = NULL;
    int64_t n = 0;
    memcpy(wkb + 13, xy, sizeof xy);
    CHECK_OK(tl_geom_info(ctx, wkb, sizeof wkb, &info));
    CHECK(!info.is_valid && info.why[0] != '\0');
    CHECK_OK(tl_geom_repair(ctx, wkb, sizeof wkb, &out, &n));
    CHECK_OK(tl_geom_info(ctx, out, n, &info));
    CHECK(info.is_valid);
    CHECK_NEAR(info.area, 50.0, 1e-12);
    tl_free(out);
}

TEST(transformed_there_and_back_is_the_same)
{
    struct tl_crs_map *there = NULL, *back = NULL;
    void *wkb = NULL, *moved = NULL, *home = NULL;
    int64_t n = 0, n_moved = 0, n_home = 0;
    struct tl_geom_info info;
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &there));
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &back));
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((33 45,33.1 45,33.1 45.1,33 45))", &wkb, &n));
    CHECK_OK(tl_geom_transform(ctx, there, wkb, n, &moved, &n_moved));
    CHECK_OK(tl_geom_info(ctx, moved, n_moved, &info));
    CHECK(info.box[0] > 499999.0 && n_moved == n);
    CHECK_OK(tl_geom_transform(ctx, back, moved, n_moved, &home, &n_home));
    CHECK_OK(tl_geom_info(ctx, home, n_home, &info));
    CHECK_NEAR(info.box[0], 33.0, 1e-11);
    CHECK_NEAR(info.box[3], 45.1, 1e-11);
    tl_free(wkb);
    tl_free(moved);
    CHECK_OK(tl_geom_from_wkt(ctx, "POINT(10 95)", &wkb, &n));
    CHECK_FAILS(tl_geom_transform(ctx, there, wkb, n, &moved, &n_moved), TL_EDATA, "95");
    tl_free(wkb);
    tl_free(home);
    tl_crs_map_free(there);
    tl_crs_map_free(back);
}

TEST(overlap_holds_and_buffer)
{
    void *a = NULL, *b = NULL, *grown = NULL;
    int64_t n_a = 0, n_b = 0, n_grown = 0;
    double area = 0.0;
    bool holds = false;
    struct tl_geom_info info;
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((0 0,2 0,2 2,0 2,0 0))", &a, &n_a));
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((1 1,3 1,3 3,1 3,1 1))", &b, &n_b));
    CHECK_OK(tl_geom_overlap(ctx, a, n_a, b, n_b, &area));
    CHECK_NEAR(area, 1.0, 1e-12);
    CHECK_OK(tl_geom_holds(ctx, a, n_a, 2.0, 1.0, &holds));
    CHECK(holds);
    CHECK_OK(tl_geom_holds(ctx, a, n_a, 2.0001, 1.0, &holds));
    CHECK(!holds);
    CHECK_FAILS(tl_geom_holds(ctx, a, n_a, NAN, 1.0, &holds), TL_EDATA, "finite");
    CHECK_OK(tl_geom_buffer(ctx, a, n_a, 1.0, &grown, &n_grown));
    CHECK_OK(tl_geom_info(ctx, grown, n_grown, &info));
    CHECK(info.area > 4.0 + 8.0 + 3.13 && info.area <= 4.0 + 8.0 + 3.1416);
    CHECK_FAILS(tl_geom_from_wkt(ctx, "POLYGON((", &a, &n_a), TL_EDATA, "WKT");
    tl_free(a);
    tl_free(b);
    tl_free(grown);
}

static tl_err clip_wkt(struct tl_ctx *ctx, const char *a, const char *b, struct tl_geom_info *info,
                       bool *empty)
{
    tl_err err = TL_OK;
    void *x = NULL, *y = NULL, *out = NULL;
    int64_t n_x = 0, n_y = 0, n = -1;
    TL_TRY(tl_geom_from_wkt(ctx, a, &x, &n_x));
    TL_TRY(tl_geom_from_wkt(ctx, b, &y, &n_y));
    TL_TRY(tl_geom_clip(ctx, x, n_x, y, n_y, &out, &n));
    *empty = out == NULL;
    if (out != NULL)
        TL_TRY(tl_geom_info(ctx, out, n, info));
done:
    tl_free(x);
    tl_free(y);
    tl_free(out);
    return err;
}

TEST(what_lies_outside_is_left)
{
    static const char square[] = "POLYGON((0 0,10 0,10 10,0 10,0 0))";
    void *a = NULL, *b = NULL, *out = NULL;
    int64_t n_a = 0, n_b = 0, n = 0;
    struct tl_geom_info info;
    CHECK_OK(tl_geom_from_wkt(ctx, square, &a, &n_a));
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((8 -5,15 -5,15 15,8 15,8 -5))", &b, &n_b));
    CHECK_OK(tl_geom_minus(ctx, a, n_a, b, n_b, &out, &n));
    CHECK_OK(tl_geom_info(ctx, out, n, &info));
    CHECK(info.kind == TL_GEOM_POLYGON && info.is_valid);
    CHECK_NEAR(info.area, 80.0, 1e-12);
    tl_free(out);
    out = NULL;
    CHECK_OK(tl_geom_minus(ctx, a, n_a, a, n_a, &out, &n));
    CHECK(out == NULL);
    CHECK_EVERY_ALLOC(ctx, tl_geom_minus(ctx, a, n_a, b, n_b, &out, &n));
    tl_free(out);
    tl_free(a);
    tl_free(b);
}

TEST(clipping_keeps_what_lies_inside)
{
    struct tl_geom_info info;
    bool empty;
    const char *holed = "POLYGON((0 0,10 0,10 10,0 10,0 0),(4 4,6 4,6 6,4 6,4 4))";
    CHECK_OK(clip_wkt(ctx, "LINESTRING(-5 5,15 5)", holed, &info, &empty));
    CHECK(!empty && info.kind == TL_GEOM_LINE && info.n_points == 4);
    CHECK_NEAR(info.length, 8.0, 1e-12);
    CHECK_OK(clip_wkt(ctx, "POLYGON((8 8,12 8,12 12,8 12,8 8))", holed, &info, &empty));
    CHECK(!empty && info.kind == TL_GEOM_POLYGON);
    CHECK_NEAR(info.area, 4.0, 1e-12);
    CHECK_OK(clip_wkt(ctx, "LINESTRING(20 0,30 0)", holed, &info, &empty));
    CHECK(empty);
    CHECK_OK(clip_wkt(ctx, "LINESTRING(-5 5,5 -5)", holed, &info, &empty)); /* touches a corner */
    CHECK(empty);
    /* Inside, and again at one point: the point goes. */
    CHECK_OK(clip_wkt(ctx, "LINESTRING(1 1,2 1,2 -2,5 -2,7 0,9 -2)", holed, &info, &empty));
    CHECK(!empty && info.kind == TL_GEOM_LINE);
    CHECK_NEAR(info.length, 2.0, 1e-12);
    /* Two pieces and a point. */
    const char *thrice = "MULTILINESTRING((1 1,2 1),(1 2,4 2),(-1 1,1 -1))";
    CHECK_OK(clip_wkt(ctx, thrice, holed, &info, &empty));
    CHECK(!empty && info.kind == TL_GEOM_LINE && info.n_points == 4);
    CHECK_NEAR(info.length, 4.0, 1e-12);
    CHECK_EVERY_ALLOC(ctx, clip_wkt(ctx, thrice, holed, &info, &empty));
    CHECK_EVERY_ALLOC(ctx, clip_wkt(ctx, "LINESTRING(-5 5,15 5)", holed, &info, &empty));
}

static tl_err several(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    void *a = NULL, *b = NULL;
    int64_t n_a = 0, n_b = 0;
    struct tl_geom_info info;
    double area = 0.0;
    TL_TRY(tl_geom_from_wkt(ctx, "POLYGON((0 0,2 2,2 0,0 2,0 0))", &a, &n_a));
    TL_TRY(tl_geom_info(ctx, a, n_a, &info));
    TL_TRY(tl_geom_repair(ctx, a, n_a, &b, &n_b));
    TL_TRY(tl_geom_overlap(ctx, a, n_a, b, n_b, &area));
done:
    tl_free(a);
    tl_free(b);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, several(ctx));
}

/* Asked once for many points: the same answers as one by one, a hole and its edge among them. */
TEST(a_holder_answers_as_the_geometry_does)
{
    void *wkb = NULL;
    int64_t n = 0;
    struct tl_geom_holder *holder = NULL;
    bool one = false, many = false;
    int n_inside = 0;
    CHECK_OK(tl_geom_from_wkt(ctx, "POLYGON((0 0,10 0,10 10,0 10,0 0),(3 3,7 3,7 7,3 7,3 3))", &wkb,
                              &n));
    CHECK_OK(tl_geom_holder_create(ctx, wkb, n, &holder));
    for (int i = -1; i <= 21; i++)
        for (int j = -1; j <= 21; j++) {
            CHECK_OK(tl_geom_holds(ctx, wkb, n, 0.5 * i, 0.5 * j, &one));
            CHECK_OK(tl_geom_holder_holds(ctx, holder, 0.5 * i, 0.5 * j, &many));
            CHECK(one == many);
            n_inside += many;
        }
    CHECK(n_inside == 21 * 21 - 7 * 7);
    CHECK_FAILS(tl_geom_holder_holds(ctx, holder, 1.0, INFINITY, &many), TL_EDATA, "finite");
    tl_geom_holder_free(holder);
    tl_geom_holder_free(NULL);
    CHECK_FAILS(tl_geom_holder_create(ctx, wkb, 3, &holder), TL_EDATA, "");
    tl_free(wkb);
}
