#include "unit.h"

#include "core/rng.h"
#include "geo/geom.h"
#include "tile/shape.h"
#include "tilth/tile.h"

enum { N_MAX = 4000 };

struct bytes {
    unsigned char *at; /* owns */
    int64_t n;
};

/* WKB of a multipolygon from rings; a ring of positive area begins a part. */
static struct bytes multipolygon(const struct tl_shape *shape)
{
    struct bytes out = {
        malloc(64 + (size_t)(shape->n_xy + 2 * shape->n_paths) * 16 + (size_t)shape->n_paths * 32),
        0};
    static const unsigned char multi[5] = {1, 6, 0, 0, 0}, single[5] = {1, 3, 0, 0, 0};
    uint32_t n_parts = 0, *count = NULL;
    memcpy(out.at, multi, 5);
    out.n = 9;
    for (int64_t p = 0; p < shape->n_paths; p++) {
        const struct tl_shape_path *path = &shape->paths[p];
        double area = 0.0;
        for (int64_t i = 0, j = path->n - 1; i < path->n; j = i++) {
            const int32_t *a = shape->xy[path->first + j], *b = shape->xy[path->first + i];
            area += (double)a[0] * b[1] - (double)b[0] * a[1];
        }
        if (area > 0.0) {
            memcpy(out.at + out.n, single, 5);
            memset(out.at + out.n + 5, 0, 4);
            count = (uint32_t *)(void *)(out.at + out.n + 5);
            out.n += 9;
            n_parts++;
        }
        uint32_t held;
        memcpy(&held, count, 4);
        held++;
        memcpy(count, &held, 4);
        uint32_t n = (uint32_t)path->n + 1;
        memcpy(out.at + out.n, &n, 4);
        out.n += 4;
        for (int64_t i = 0; i <= path->n; i++, out.n += 16) {
            const int32_t *a = shape->xy[path->first + i % path->n];
            double xy[2] = {a[0], a[1]};
            memcpy(out.at + out.n, xy, 16);
        }
    }
    memcpy(out.at + 5, &n_parts, 4);
    return out;
}

static struct bytes polygon(const double (*xy)[2], const struct tl_shape_path *rings,
                            int64_t n_rings)
{
    int64_t n_xy = 0;
    for (int64_t r = 0; r < n_rings; r++)
        n_xy += rings[r].n + 1;
    struct bytes out = {malloc(64 + (size_t)n_xy * 16 + (size_t)n_rings * 4), 9};
    static const unsigned char head[5] = {1, 3, 0, 0, 0};
    uint32_t n = (uint32_t)n_rings;
    memcpy(out.at, head, 5);
    memcpy(out.at + 5, &n, 4);
    for (int64_t r = 0; r < n_rings; r++) {
        n = (uint32_t)rings[r].n + 1;
        memcpy(out.at + out.n, &n, 4);
        out.n += 4;
        for (int64_t i = 0; i <= rings[r].n; i++, out.n += 16)
            memcpy(out.at + out.n, xy[rings[r].first + i % rings[r].n], 16);
    }
    return out;
}

/*
 * Holds the shape all of the polygon within the tile (overlap = area, by GEOS), and does it reach at most `reach` beyond (in a straight line)?
 * *uncovered is the area that it lacks.
 */
static tl_err measure(struct tl_ctx *ctx, const struct tl_shape *shape, struct bytes came,
                      double reach, double *uncovered, double *beyond)
{
    static const double box[5][2] = {
        {0, 0}, {TL_TILE_EXTENT, 0}, {TL_TILE_EXTENT, TL_TILE_EXTENT}, {0, TL_TILE_EXTENT}, {0, 0}};
    const struct tl_shape_path ring = {0, 4};
    struct bytes tile = polygon(box, &ring, 1), made = multipolygon(shape);
    void *here = NULL, *wide = NULL, *made_here = NULL;
    int64_t n_here = 0, n_wide = 0, n_made = 0;
    double both = 0.0, within = 0.0;
    struct tl_geom_info info = {0}, drawn = {0};
    tl_err err = TL_OK;
    *uncovered = *beyond = 0.0;
    TL_TRY(tl_geom_clip(ctx, came.at, came.n, tile.at, tile.n, &here, &n_here));
    if (here == NULL)
        goto done;
    TL_TRY(tl_geom_info(ctx, here, n_here, &info));
    TL_TRY(tl_geom_overlap(ctx, here, n_here, made.at, made.n, &both));
    *uncovered = info.area - both;
    TL_TRY(tl_geom_buffer(ctx, came.at, came.n, reach, &wide, &n_wide));
    TL_TRY(tl_geom_clip(ctx, made.at, made.n, tile.at, tile.n, &made_here, &n_made));
    TL_TRY(tl_geom_info(ctx, made_here, n_made, &drawn));
    TL_TRY(tl_geom_overlap(ctx, made_here, n_made, wide, n_wide, &within));
    *beyond = drawn.area - within;
done:
    free(tile.at);
    free(made.at);
    tl_free(here);
    tl_free(wide);
    tl_free(made_here);
    return err;
}

/* A star of n points around a centre: radii between two bounds; winds once, so it is simple. */
static void star(struct tl_rng rng, uint64_t salt, int64_t n, const double centre[2],
                 const double radii[2], double (*xy)[2])
{
    for (int64_t i = 0; i < n; i++) {
        double angle = 6.283185307179586 *
                       ((double)i + 0.8 * tl_rng_uniform(rng, salt + 2 * (uint64_t)i)) / (double)n;
        double r =
            radii[0] + (radii[1] - radii[0]) * tl_rng_uniform(rng, salt + 2 * (uint64_t)i + 1);
        xy[i][0] = centre[0] + r * cos(angle);
        xy[i][1] = centre[1] + r * sin(angle);
    }
}

TEST(outward_rounding_holds_every_polygon_and_reaches_little_beyond)
{
    static double xy[N_MAX][2];
    struct tl_shape shape = {0};
    struct tl_rng rng = tl_rng_make(11, 1);
    int n_polygons = 0;
    for (int k = 0; k < 1500; k++) {
        int64_t n = 3 + (k * 7) % 40, n_hole = k % 3 == 0 ? 3 + k % 9 : 0;
        double size = pow(10.0, 3.3 * tl_rng_uniform(rng, 1000000 + (uint64_t)k));
        const double at[2] = {4096 * tl_rng_uniform(rng, 2000000 + (uint64_t)k),
                              4096 * tl_rng_uniform(rng, 3000000 + (uint64_t)k)};
        const double radii[2] = {size * (k % 5 == 0 ? 0.05 : 0.5), size},
                     small[2] = {0.1 * radii[0], 0.8 * radii[0]};
        star(rng, (uint64_t)k * 1000, n, at, radii, xy);
        star(rng, (uint64_t)k * 1000 + 500, n_hole, at, small, xy + n);
        const struct tl_shape_path rings[2] = {{0, n}, {n, n_hole}};
        struct bytes came = polygon((const double(*)[2])xy, rings, n_hole > 0 ? 2 : 1);
        struct tl_geom_info info;
        CHECK_OK(tl_geom_info(ctx, came.at, came.n, &info));
        double uncovered = 0.0, beyond = 0.0;
        tl_shape_clear(&shape);
        CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, (const double(*)[2])xy, rings,
                                  n_hole > 0 ? 2 : 1));
        if (info.is_valid && shape.n_paths > 0) {
            CHECK_OK(measure(ctx, &shape, came, 1.5 * TL_SHAPE_GROWTH, &uncovered, &beyond));
            if (fabs(uncovered) > 1e-6 || beyond > 1e-6)
                printf("  polygon %d, %lld points, size %g: lacks %g, reaches beyond by %g\n", k,
                       (long long)n, size, uncovered, beyond);
            CHECK(fabs(uncovered) <= 1e-6);
            CHECK(n_hole > 0 || beyond <= 1e-6); /* a hole may be left out */
            n_polygons++;
        }
        free(came.at);
    }
    printf("  %d polygons, %lld rings by GEOS\n", n_polygons, (long long)shape.n_by_geos);
    CHECK(n_polygons > 1200);
    tl_shape_fini(&shape);
}

TEST(holes_of_some_size_stay_and_lie_within_the_hole)
{
    static const double xy[8][2] = {{100.3, 100.6}, {900.2, 130.4}, {870.9, 800.1}, {90.7, 760.5},
                                    {300.5, 300.5}, {400.5, 310.5}, {420.5, 420.5}, {310.5, 400.5}};
    const struct tl_shape_path rings[2] = {{0, 4}, {4, 4}};
    struct tl_shape shape = {0};
    CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, xy, rings, 2));
    CHECK(shape.n_paths == 2 && shape.n_by_geos == 0);
    for (int64_t i = 0; i < shape.paths[1].n; i++) {
        const int32_t *at = shape.xy[shape.paths[1].first + i];
        CHECK(at[0] >= 301 && at[0] <= 420 && at[1] >= 301 && at[1] <= 420);
    }
    tl_shape_fini(&shape);
}

TEST(shapes_that_are_hard_are_held_all_the_same)
{
    static double xy[N_MAX][2];
    struct tl_shape shape = {0};
    for (int kind = 0; kind < 6; kind++) {
        int64_t n = 0;
        double uncovered = 0.0, beyond = 0.0;
        if (kind == 0) /* a comb with teeth of half a unit */
            xy[0][0] = 100, xy[0][1] = 400, n = 1;
        if (kind == 0)
            for (int i = 0; i < 200; i++) {
                xy[n][0] = 100.1 + 0.5 * i, xy[n++][1] = i % 2 ? 500.7 : 900.2;
                xy[n][0] = 100.35 + 0.5 * i, xy[n++][1] = i % 2 ? 500.7 : 900.2;
            }
        if (kind == 0)
            xy[n][0] = 200.4, xy[n++][1] = 400;
        if (kind == 1) /* a needle */
            xy[0][0] = 10.2, xy[0][1] = 10.4, xy[1][0] = 3900.7, xy[1][1] = 1777.3,
            xy[2][0] = 3900.71, xy[2][1] = 1777.5, n = 3;
        if (kind == 2) /* a spiral: arms a unit apart, as a ring of some width */
            for (int i = 0; i < 300; i++) {
                double a = 0.1 * i, r = 20 + 0.4 * i;
                xy[n][0] = 2000 + r * cos(a), xy[n++][1] = 2000 + r * sin(a);
            }
        for (int i = 299; kind == 2 && i >= 0; i--) {
            double a = 0.1 * i, r = 20.7 + 0.4 * i;
            xy[n][0] = 2000 + r * cos(a), xy[n++][1] = 2000 + r * sin(a);
        }
        if (kind == 3) /* larger than the tile, with a coast within it */
            for (int i = 0; i < 2000; i++)
                xy[n][0] = i < 3 ? (i == 1   ? 99999
                                    : i == 0 ? -99999
                                             : 99999)
                                 : 99999 - 100.0 * i,
                xy[n++][1] = i == 0   ? -99999
                             : i == 1 ? -99999
                                      : 2000 + 300 * sin(0.7 * i);
        if (kind == 4) /* the tile lies wholly within */
            xy[0][0] = -1e6, xy[0][1] = -1e6, xy[1][0] = 1e6, xy[1][1] = -1e6, xy[2][0] = 0,
            xy[2][1] = 3e6, n = 3;
        if (kind == 5) /* an L on whole units */
            for (; n < 6; n++)
                xy[n][0] = (const double[]){10, 60, 60, 30, 30, 10}[n],
                xy[n][1] = (const double[]){10, 10, 30, 30, 80, 80}[n];
        const struct tl_shape_path ring = {0, n};
        struct bytes came = polygon((const double(*)[2])xy, &ring, 1);
        tl_shape_clear(&shape);
        CHECK_OK(
            tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, (const double(*)[2])xy, &ring, 1));
        CHECK_OK(measure(ctx, &shape, came, 1.5 * TL_SHAPE_GROWTH, &uncovered, &beyond));
        if (fabs(uncovered) > 1e-6 || beyond > 1e-6)
            printf("  shape %d lacks %g, reaches beyond by %g\n", kind, uncovered, beyond);
        CHECK(fabs(uncovered) <= 1e-6 && beyond <= 1e-6 && shape.n_paths > 0);
        free(came.at);
    }
    tl_shape_fini(&shape);
}

TEST(a_ring_that_crosses_itself_is_held_as_it_is_mended)
{
    static const double xy[4][2] = {
        {100.5, 100.5}, {300.5, 300.5}, {300.5, 100.5}, {100.5, 300.5}}; /* a bow tie */
    const struct tl_shape_path ring = {0, 4};
    struct tl_shape shape = {0};
    void *mended = NULL;
    int64_t n = 0;
    double uncovered = 0.0, beyond = 0.0;
    struct bytes came = polygon(xy, &ring, 1);
    CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, xy, &ring, 1));
    CHECK_OK(tl_geom_repair(ctx, came.at, came.n, &mended, &n));
    CHECK_OK(measure(ctx, &shape, (struct bytes){mended, n}, 5.0, &uncovered, &beyond));
    CHECK(fabs(uncovered) < 1e-6 && beyond < 1e-6 && shape.n_by_geos == 1);
    tl_free(mended);
    free(came.at);
    tl_shape_fini(&shape);
}

TEST(specks_become_the_box_around_them_and_points_of_no_area_too)
{
    static const double xy[3][2] = {{10.4, 20.4}, {10.6, 20.4}, {10.5, 20.9}},
                        same[3][2] = {{7, 7}, {7, 7}, {7, 7}};
    const struct tl_shape_path ring = {0, 3};
    struct tl_shape shape = {0};
    CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, xy, &ring, 1));
    CHECK(shape.n_paths == 1 && shape.n_xy == 4);
    for (int i = 0; i < 4; i++)
        CHECK((shape.xy[i][0] == 10 || shape.xy[i][0] == 11) &&
              (shape.xy[i][1] == 20 || shape.xy[i][1] == 21));
    tl_shape_clear(&shape);
    CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, same, &ring, 1));
    CHECK(shape.n_paths == 1 && shape.xy[0][0] == 6 && shape.xy[2][0] == 8);
    tl_shape_fini(&shape);
}

TEST(lines_are_cut_at_the_buffer_and_what_leaves_comes_back)
{
    static const double xy[5][2] = {
        {-500, 100.4}, {100.2, 100.4}, {100.2, 9000}, {200.9, 9000}, {200.9, 50}};
    struct tl_shape shape = {0};
    CHECK_OK(tl_shape_polyline(ctx, &shape, xy, 5));
    CHECK(shape.n_paths == 2 && shape.n_xy == 5);
    CHECK(shape.xy[0][0] == -TL_TILE_BUFFER && shape.xy[0][1] == 100);
    CHECK(shape.xy[2][0] == 100 && shape.xy[2][1] == TL_TILE_EXTENT + TL_TILE_BUFFER);
    CHECK(shape.xy[3][0] == 201 && shape.xy[4][1] == 50);
    tl_shape_clear(&shape);
    static const double far[2][2] = {{9000, 0}, {9000, 4000}},
                        tiny[2][2] = {{5.1, 5.1}, {5.2, 5.2}}, point[2] = {4160.4, 3.5},
                        away[2] = {4161, 3};
    CHECK_OK(tl_shape_polyline(ctx, &shape, far, 2));
    CHECK(shape.n_paths == 0);
    CHECK_OK(tl_shape_polyline(ctx, &shape, tiny, 2));
    CHECK(shape.n_paths == 1 && shape.n_xy == 2);
    tl_shape_clear(&shape);
    CHECK_OK(tl_shape_point(ctx, &shape, point));
    CHECK_OK(tl_shape_point(ctx, &shape, away));
    CHECK(shape.n_paths == 1 && shape.xy[0][0] == 4160 && shape.xy[0][1] == 4);
    tl_shape_fini(&shape);
}

TEST(nearest_rounding_keeps_searches_where_they_are)
{
    static const double xy[4][2] = {{100.4, 100.4}, {200.4, 100.4}, {200.4, 200.4}, {100.4, 200.4}};
    const struct tl_shape_path ring = {0, 4};
    struct tl_shape shape = {0};
    CHECK_OK(tl_shape_polygon(ctx, &shape, TL_SHAPE_NEAREST, xy, &ring, 1));
    CHECK(shape.n_paths == 1 && shape.n_xy == 4);
    for (int i = 0; i < 4; i++)
        CHECK((shape.xy[i][0] == 100 || shape.xy[i][0] == 200) &&
              (shape.xy[i][1] == 100 || shape.xy[i][1] == 200));
    tl_shape_fini(&shape);
}

static tl_err comb(struct tl_ctx *ctx)
{
    double xy[64][2];
    struct tl_shape shape = {0};
    for (int i = 0; i < 64; i++)
        xy[i][0] = 100.1 + 0.4 * i, xy[i][1] = i == 0 || i == 63 ? 100 : i % 2 ? 500.7 : 900.2;
    const struct tl_shape_path ring = {0, 64};
    tl_err err = tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, (const double(*)[2])xy, &ring, 1);
    if (err == TL_OK)
        err = tl_shape_polyline(ctx, &shape, (const double(*)[2])xy, 64);
    tl_shape_fini(&shape);
    return err;
}

TEST(each_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, comb(ctx));
}
