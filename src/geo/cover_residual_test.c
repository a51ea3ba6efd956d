#include "unit.h"

#include "geo/cover.h"
#include "geo/geom.h"
#include "geo/test_shapes.h"

enum { SEARCHES_MAX = 24 };

struct scene {
    struct tl_grid grid;
    int64_t n;
    struct tl_cover_search searches[SEARCHES_MAX];
    void *wkb[SEARCHES_MAX];
    int32_t n_methods;
    struct tl_cover_method methods[4];
    double area[400], residual[400];
};

static tl_err scene_add(struct tl_ctx *ctx, struct scene *s, const char *wkt, int32_t method,
                        int32_t passes)
{
    int64_t bytes = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &s->wkb[s->n], &bytes);
    if (err == TL_OK) {
        s->searches[s->n] = (struct tl_cover_search){s->wkb[s->n], bytes, method, passes};
        s->n++;
    }
    return err;
}

static tl_err scene_run(struct tl_ctx *ctx, struct scene *s)
{
    for (int64_t i = 0; i < tl_grid_n_cells(&s->grid); i++)
        s->area[i] = s->grid.step_m * s->grid.step_m;
    return tl_cover_residual(ctx, &s->grid, s->area, s->n, s->searches, s->n_methods, s->methods,
                             s->residual);
}

static void scene_fini(struct scene *s)
{
    for (int64_t k = 0; k < s->n; k++)
        tl_free(s->wkb[k]);
    s->n = 0;
}

static double miss(const struct tl_cover_method *m, int k)
{
    return 1.0 - m->detectable + m->detectable * pow(1.0 - m->per_pass, k);
}

static const struct tl_grid two = {0.0, 20.0, 10.0, 2, 2};

TEST(passes_of_one_method_add_and_methods_multiply)
{
    struct scene s = {.grid = two, .n_methods = 2, .methods = {{0.9, 0.5}, {0.8, 0.7}}};
    CHECK_OK(scene_add(ctx, &s, "POLYGON((0 10,10 10,10 20,0 20,0 10))", 0, 1));
    CHECK_OK(scene_add(ctx, &s, "POLYGON((0 10,20 10,20 20,0 20,0 10))", 0, 2));
    CHECK_OK(scene_add(ctx, &s, "POLYGON((5 10,15 10,15 20,5 20,5 10))", 1, 1));
    CHECK_OK(scene_run(ctx, &s));
    double both = miss(&s.methods[0], 3), once = miss(&s.methods[0], 2),
           other = miss(&s.methods[1], 1);
    CHECK_NEAR(s.residual[0], 50.0 * both + 50.0 * both * other, 1e-11);
    CHECK_NEAR(s.residual[1], 50.0 * once + 50.0 * once * other, 1e-11);
    CHECK_NEAR(s.residual[2], 100.0, 0.0);
    scene_fini(&s);
}

/* Two triangles that cross at the middle of a cell: four triangles of a quarter each. */
TEST(crossing_edges_within_a_cell_are_resolved_exactly)
{
    struct scene s = {
        .grid = {0.0, 1.0, 1.0, 1, 1}, .n_methods = 2, .methods = {{1.0, 0.5}, {1.0, 0.9}}};
    CHECK_OK(scene_add(ctx, &s, "POLYGON((0 0,1 0,1 1,0 0))", 0, 1));
    CHECK_OK(scene_add(ctx, &s, "POLYGON((0 0,1 0,0 1,0 0))", 1, 1));
    CHECK_OK(scene_run(ctx, &s));
    CHECK_NEAR(s.residual[0], 0.25 * (1.0 + 0.5 + 0.1 + 0.05), 1e-15);
    scene_fini(&s);
}

TEST(identical_polygons_are_two_passes_and_shared_edges_do_not_double)
{
    struct scene s = {.grid = two, .n_methods = 1, .methods = {{0.9, 0.6}}};
    static const char *const star = "POLYGON((1 1,13.3 2.7,18 11,12.1 12.2,9.7 19.1,6.6 8.8,1 1))";
    CHECK_OK(scene_add(ctx, &s, star, 0, 1));
    CHECK_OK(scene_run(ctx, &s));
    double once[4], twice = miss(&s.methods[0], 2), first = miss(&s.methods[0], 1);
    memcpy(once, s.residual, sizeof once);
    CHECK_OK(scene_add(ctx, &s, star, 0, 1));
    CHECK_OK(scene_run(ctx, &s));
    for (int i = 0; i < 4; i++)
        CHECK_NEAR((100.0 - s.residual[i]) / (1.0 - twice), (100.0 - once[i]) / (1.0 - first),
                   1e-10);
    scene_fini(&s);
    /* The same square as one search and as two halves that share a slanted edge. */
    CHECK_OK(scene_add(ctx, &s, "POLYGON((3 3,17 3,17 17,3 17,3 3))", 0, 1));
    CHECK_OK(scene_run(ctx, &s));
    memcpy(once, s.residual, sizeof once);
    scene_fini(&s);
    CHECK_OK(scene_add(ctx, &s, "POLYGON((3 3,17 3,8.1 17,3 17,3 3))", 0, 1));
    CHECK_OK(scene_add(ctx, &s, "POLYGON((17 3,17 17,8.1 17,17 3))", 0, 1));
    CHECK_OK(scene_run(ctx, &s));
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(s.residual[i], once[i], 1e-11);
    scene_fini(&s);
}

/* Random scenes: sum over the grid of the residual by inclusion and exclusion on GEOS areas of intersections. */
static tl_err overlap_of(struct tl_ctx *ctx, const struct scene *s, int64_t a, int64_t b,
                         double *area)
{
    return tl_geom_overlap(ctx, s->searches[a].wkb, s->searches[a].wkb_bytes, s->searches[b].wkb,
                           s->searches[b].wkb_bytes, area);
}

TEST(pairs_agree_with_inclusion_and_exclusion_by_geos)
{
    struct tl_rng rng = tl_rng_make(21, 1);
    for (int k = 0; k < 120; k++) {
        struct tl_rng own = tl_rng_fork(rng, (uint64_t)k);
        struct scene s = {.grid = {0.0, 200.0, 20.0, 10, 10},
                          .n_methods = 2,
                          .methods = {{0.95, 0.8}, {0.7, 0.6}}};
        for (int j = 0; j < 2; j++) {
            char wkt[4000];
            struct tl_rng one = tl_rng_fork(own, (uint64_t)j);
            double r = 5.0 + 25.0 * tl_rng_uniform(one, 3003); /* within the grid, parts and all */
            shape_make(one, (k + j * (k / 5)) % 5, 60.0 + 20.0 * tl_rng_uniform(one, 3001),
                       90.0 + 20.0 * tl_rng_uniform(one, 3002), r, wkt, sizeof wkt);
            CHECK_OK(scene_add(ctx, &s, wkt, j, 1));
        }
        double a = 0.0, b = 0.0, both = 0.0, sum = 0.0;
        CHECK_OK(overlap_of(ctx, &s, 0, 0, &a));
        CHECK_OK(overlap_of(ctx, &s, 1, 1, &b));
        CHECK_OK(overlap_of(ctx, &s, 0, 1, &both));
        CHECK_OK(scene_run(ctx, &s));
        for (int i = 0; i < 100; i++)
            sum += s.residual[i];
        double m0 = miss(&s.methods[0], 1), m1 = miss(&s.methods[1], 1);
        double expected = 40000.0 - a * (1 - m0) - b * (1 - m1) + both * (1 - m0) * (1 - m1);
        CHECK_NEAR(sum, expected, 1e-7);
        scene_fini(&s);
    }
}

/* R at a point, by asking GEOS of every search. */
static tl_err left_at(struct tl_ctx *ctx, const struct scene *s, double x, double y, double *left)
{
    int passes[4] = {0};
    for (int64_t k = 0; k < s->n; k++) {
        bool holds = false;
        tl_err err = tl_geom_holds(ctx, s->searches[k].wkb, s->searches[k].wkb_bytes, x, y, &holds);
        if (err != TL_OK)
            return err;
        passes[s->searches[k].method] += holds ? s->searches[k].n_passes : 0;
    }
    *left = 1.0;
    for (int m = 0; m < s->n_methods; m++)
        *left *= miss(&s->methods[m], passes[m]);
    return TL_OK;
}

TEST(many_overlapping_polygons_agree_with_points)
{
    enum { FINE = 40 };
    struct tl_rng rng = tl_rng_make(22, 1);
    for (int k = 0; k < 4; k++) {
        struct tl_rng own = tl_rng_fork(rng, (uint64_t)k);
        struct scene s = {.grid = {0.0, 30.0, 10.0, 3, 3},
                          .n_methods = 3,
                          .methods = {{0.9, 0.5}, {0.8, 0.7}, {1.0, 0.3}}};
        for (int j = 0; j < 9; j++) {
            char wkt[4000];
            struct tl_rng one = tl_rng_fork(own, (uint64_t)j);
            shape_make(one, j % 5, 30.0 * tl_rng_uniform(one, 3001),
                       30.0 * tl_rng_uniform(one, 3002), 3.0 + 9.0 * tl_rng_uniform(one, 3003), wkt,
                       sizeof wkt);
            CHECK_OK(scene_add(ctx, &s, wkt, j % 3, 1 + j % 2));
        }
        CHECK_OK(scene_run(ctx, &s));
        for (int i = 0; i < 9; i++) {
            double sum = 0.0;
            for (int q = 0; q < FINE * FINE; q++) {
                double x = (i % 3) * 10.0 + 10.0 * (q % FINE + 0.5) / FINE,
                       y = 30.0 - (i / 3) * 10.0 - 10.0 * (q / FINE + 0.5) / FINE, left = 0.0;
                CHECK_OK(left_at(ctx, &s, x, y, &left));
                sum += left / (FINE * FINE);
            }
            /* Midpoints miss an edge's share by at most its length times the spacing: far below 1 % here. */
            CHECK_NEAR(s.residual[i] / 100.0, sum, 0.006);
        }
        scene_fini(&s);
    }
}

/* With a perfect search of one method effort is the union's area, and effort + residual is the area, always. */
TEST(effort_and_residual_make_the_area_and_cutting_the_grid_finer_changes_no_sum)
{
    struct tl_rng rng = tl_rng_make(23, 1);
    for (int k = 0; k < 60; k++) {
        struct tl_rng own = tl_rng_fork(rng, (uint64_t)k);
        struct scene coarse = {
            .grid = {0.0, 100.0, 50.0, 2, 2}, .n_methods = 2, .methods = {{1.0, 1.0}, {0.8, 0.5}}};
        struct scene fine;
        for (int j = 0; j < 12; j++) {
            char wkt[4000];
            struct tl_rng one = tl_rng_fork(own, (uint64_t)j);
            shape_make(one, (j + k) % 5, 100.0 * tl_rng_uniform(one, 3001),
                       100.0 * tl_rng_uniform(one, 3002), 1.0 + 30.0 * tl_rng_uniform(one, 3003),
                       wkt, sizeof wkt);
            CHECK_OK(scene_add(ctx, &coarse, wkt, j % 2, 1));
        }
        fine = coarse;
        fine.grid = (struct tl_grid){0.0, 100.0, 6.25, 16, 16};
        CHECK_OK(scene_run(ctx, &coarse));
        CHECK_OK(scene_run(ctx, &fine));
        for (int i = 0; i < 4; i++) {
            double sum = 0.0;
            for (int q = 0; q < 64; q++)
                sum += fine.residual[(i / 2 * 8 + q / 8) * 16 + i % 2 * 8 + q % 8];
            CHECK(coarse.residual[i] >= 0.0 && coarse.residual[i] <= 2500.0 + 1e-9);
            CHECK_NEAR(coarse.residual[i], sum, 1e-7);
        }
        scene_fini(&coarse);
    }
}

TEST(land_area_scales_and_bad_input_says_which_search)
{
    struct scene s = {.grid = two, .n_methods = 1, .methods = {{1.0, 0.5}}};
    double half[4] = {50.0, 0.0, 100.0, 100.0}, out[4] = {7, 7, 7, 7};
    CHECK_OK(scene_add(ctx, &s, "POLYGON((0 0,20 0,20 20,0 20,0 0))", 0, 1));
    CHECK_OK(tl_cover_residual(ctx, &s.grid, half, 1, s.searches, 1, s.methods, out));
    CHECK(out[0] == 25.0 && out[1] == 0.0 && out[2] == 50.0);
    s.searches[0].method = 3;
    CHECK_FAILS(scene_run(ctx, &s), TL_EDATA, "search 0");
    s.searches[0].method = 0;
    s.searches[0].n_passes = 0;
    CHECK_FAILS(scene_run(ctx, &s), TL_EDATA, "passes");
    s.searches[0].n_passes = 1;
    s.methods[0].per_pass = 1.5;
    CHECK_FAILS(scene_run(ctx, &s), TL_EDATA, "1.5");
    s.methods[0].per_pass = 0.5;
    CHECK_OK(scene_add(ctx, &s, "LINESTRING(0 0,1 1)", 0, 1));
    CHECK_FAILS(scene_run(ctx, &s), TL_EDATA, "search 1");
    tl_ctx_cancel(ctx);
    s.n = 1;
    CHECK_FAILS(scene_run(ctx, &s), TL_ECANCELLED, "");
    s.n = 2;
    scene_fini(&s);
}

static tl_err run_some(struct tl_ctx *ctx)
{
    struct scene s = {.grid = two, .n_methods = 1, .methods = {{1.0, 0.5}}};
    tl_err err = scene_add(ctx, &s, "POLYGON((1 1,19 2,11 17,1 1))", 0, 1);
    if (err == TL_OK)
        err = scene_add(ctx, &s, "POLYGON((3 1,19 12,11 17,3 1))", 0, 1);
    if (err == TL_OK)
        err = scene_run(ctx, &s);
    scene_fini(&s);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, run_some(ctx));
}

/* Rows by themselves, in stripes that no band of the walk agrees with: bit for bit what the whole grid gives. */
TEST(rows_alone_give_the_bits_of_the_whole)
{
    enum { X = 31, Y = 40, N = 6 };
    struct tl_grid grid = {1000.3, 5000.7, 10.0, X, Y};
    const struct tl_cover_method methods[2] = {{0.9, 0.5}, {1.0, 1.0}};
    struct tl_cover_search searches[N];
    void *wkb[N] = {NULL};
    double area[X * Y], whole[X * Y], part[X * Y], near[X * Y], near_part[X * Y];
    const void *shapes[N];
    int64_t sizes[N];
    for (int i = 0; i < X * Y; i++)
        area[i] = 100.0 - (double)(i % 7);
    for (int s = 0; s < N; s++) {
        char wkt[400];
        double x = 1010.0 + 31.7 * s, y = 4960.0 - 53.1 * s;
        snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", x, y, x + 160.3,
                 y - 21.9, x + 120.1, y - 190.7, x + 33.3, y - 140.2, x, y);
        CHECK_OK(tl_geom_from_wkt(ctx, wkt, &wkb[s], &sizes[s]));
        shapes[s] = wkb[s];
        searches[s] = (struct tl_cover_search){wkb[s], sizes[s], s % 2, 1 + s % 3};
    }
    CHECK_OK(tl_cover_residual(ctx, &grid, area, N, searches, 2, methods, whole));
    CHECK_OK(tl_cover_distance(ctx, &grid, N, shapes, sizes, near));
    struct tl_cover_near *n = NULL;
    CHECK_OK(tl_cover_near_open(ctx, &grid, N, shapes, sizes, &n));
    struct tl_cover_cell *all = NULL;
    int64_t n_all = 0, at = 0;
    CHECK_OK(tl_cover_polygon(ctx, &grid, wkb[2], sizes[2], &all, &n_all));
    for (int64_t row = 0; row < Y; row += 7) {
        int64_t end = row + 7 < Y ? row + 7 : Y;
        struct tl_cover_cell *cells = NULL;
        int64_t n_cells = 0;
        CHECK_OK(tl_cover_residual_rows(ctx, &grid, row, end, area + row * X, N, searches, 2,
                                        methods, part + row * X));
        CHECK_OK(tl_cover_near_rows(ctx, n, row, end, near_part + row * X));
        CHECK_OK(tl_cover_polygon_rows(ctx, &grid, row, end, wkb[2], sizes[2], &cells, &n_cells));
        for (int64_t k = 0; k < n_cells; k++, at++)
            CHECK(cells[k].i == all[at].i && cells[k].area_m2 == all[at].area_m2);
        tl_free(cells);
    }
    CHECK(at == n_all && n_all > 20);
    CHECK(memcmp(whole, part, sizeof whole) == 0);
    CHECK(memcmp(near, near_part, sizeof near) == 0);
    tl_cover_near_close(n);
    tl_free(all);
    for (int s = 0; s < N; s++)
        tl_free(wkb[s]);
}
