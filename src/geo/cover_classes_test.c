#include "unit.h"

#include "geo/cover.h"
#include "geo/geom.h"

enum { POLYGONS_MAX = 130, CLASSES_MAX = 4000 };

struct scene {
    struct tl_grid grid;
    int64_t n;
    struct tl_cover_search searches[POLYGONS_MAX];
    void *wkb[POLYGONS_MAX];
    int64_t n_classes;
    struct {
        int64_t cell, n, set[POLYGONS_MAX];
        double share;
    } classes[CLASSES_MAX];
};

static tl_err add(struct tl_ctx *ctx, struct scene *s, const char *wkt)
{
    int64_t bytes = 0;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &s->wkb[s->n], &bytes);
    if (err == TL_OK) {
        s->searches[s->n] = (struct tl_cover_search){s->wkb[s->n], bytes, 0, 1};
        s->n++;
    }
    return err;
}

static tl_err keep(void *user, int64_t cell, double share, int64_t n, const int64_t *set)
{
    struct scene *s = user;
    if (s->n_classes == CLASSES_MAX || n > POLYGONS_MAX)
        return TL_EBUG;
    s->classes[s->n_classes].cell = cell;
    s->classes[s->n_classes].share = share;
    s->classes[s->n_classes].n = n;
    memcpy(s->classes[s->n_classes].set, set, (size_t)n * sizeof *set);
    s->n_classes++;
    return TL_OK;
}

static tl_err run(struct tl_ctx *ctx, struct scene *s)
{
    s->n_classes = 0;
    return tl_cover_classes(ctx, &s->grid, s->n, s->searches, keep, s);
}

static void fini(struct scene *s)
{
    for (int64_t k = 0; k < s->n; k++)
        tl_free(s->wkb[k]);
    free(s);
}

/* Share of a cell's class; 0 when there is none. `set` ends with -1. */
static double share(const struct scene *s, int64_t cell, const int64_t *set)
{
    int64_t n = 0;
    while (set[n] >= 0)
        n++;
    for (int64_t k = 0; k < s->n_classes; k++)
        if (s->classes[k].cell == cell && s->classes[k].n == n &&
            memcmp(s->classes[k].set, set, (size_t)n * sizeof *set) == 0)
            return s->classes[k].share;
    return 0.0;
}

TEST(two_squares_make_three_sets_and_the_rest)
{
    struct scene *s = calloc(1, sizeof *s);
    s->grid = (struct tl_grid){0.0, 20.0, 10.0, 2, 2};
    CHECK_OK(add(ctx, s, "POLYGON((2 12,8 12,8 18,2 18,2 12))"));
    CHECK_OK(add(ctx, s, "POLYGON((5 12,20 12,20 18,5 18,5 12))"));
    CHECK_OK(add(ctx, s, "POLYGON((10 0,20 0,20 20,10 20,10 0))"));
    CHECK_OK(run(ctx, s));
    CHECK_NEAR(share(s, 0, (int64_t[]){0, -1}), 0.18, 1e-15);
    CHECK_NEAR(share(s, 0, (int64_t[]){0, 1, -1}), 0.18, 1e-15);
    CHECK_NEAR(share(s, 0, (int64_t[]){1, -1}), 0.12, 1e-15);
    CHECK_NEAR(share(s, 0, (int64_t[]){-1}), 0.52, 1e-15);
    CHECK_NEAR(share(s, 1, (int64_t[]){1, 2, -1}), 0.6, 1e-15);
    CHECK_NEAR(share(s, 1, (int64_t[]){2, -1}), 0.4, 1e-15);
    CHECK_NEAR(share(s, 3, (int64_t[]){2, -1}), 1.0, 0);
    CHECK(s->n_classes == 7); /* cell 2 has no search and is not told */
    fini(s);
}

/* A small generator of its own, so that the scenes never change. */
static double dice(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static bool inside(const double *ring, int n, double x, double y)
{
    bool in = false;
    for (int i = 0, j = n - 1; i < n; j = i++)
        if ((ring[2 * i + 1] > y) != (ring[2 * j + 1] > y) &&
            x < (ring[2 * j] - ring[2 * i]) * (y - ring[2 * i + 1]) /
                        (ring[2 * j + 1] - ring[2 * i + 1]) +
                    ring[2 * i])
            in = !in;
    return in;
}

/* Star-shaped polygons with a ring that is kept for the points. */
static tl_err add_star(struct tl_ctx *ctx, struct scene *s, uint64_t *state, double *ring, int n,
                       double size)
{
    char wkt[2048];
    int at = snprintf(wkt, sizeof wkt, "POLYGON((");
    double cx = 20 * dice(state), cy = 20 * dice(state);
    for (int i = 0; i < n; i++) {
        double angle = 6.283185307179586 * i / n, r = size * (0.3 + dice(state));
        ring[2 * i] = cx + r * cos(angle);
        ring[2 * i + 1] = cy + r * sin(angle);
        at += snprintf(wkt + at, sizeof wkt - (size_t)at, "%.17g %.17g,", ring[2 * i],
                       ring[2 * i + 1]);
    }
    snprintf(wkt + at, sizeof wkt - (size_t)at, "%.17g %.17g))", ring[0], ring[1]);
    return add(ctx, s, wkt);
}

TEST(random_points_fall_into_classes_by_their_shares)
{
    enum { N = 9, CORNERS = 7, POINTS = 200000 };
    struct scene *s = calloc(1, sizeof *s);
    double rings[N][2 * CORNERS], worst = 0.0;
    uint64_t state = 7;
    s->grid = (struct tl_grid){0.0, 20.0, 10.0, 2, 2};
    for (int k = 0; k < N; k++)
        CHECK_OK(add_star(ctx, s, &state, rings[k], CORNERS, 6.0));
    CHECK_OK(run(ctx, s));
    double *hits = calloc(CLASSES_MAX, sizeof *hits);
    double n_cell[4] = {0}, sums[4] = {0};
    for (int p = 0; p < POINTS; p++) {
        double x = 20 * dice(&state), y = 20 * dice(&state);
        int64_t cell = (y > 10 ? 0 : 2) + (x > 10), set[N + 1], n = 0, found = -1;
        for (int k = 0; k < N; k++)
            if (inside(rings[k], CORNERS, x, y))
                set[n++] = k;
        n_cell[cell] += 1.0;
        for (int64_t c = 0; c < s->n_classes; c++)
            if (s->classes[c].cell == cell && s->classes[c].n == n &&
                memcmp(s->classes[c].set, set, (size_t)n * sizeof *set) == 0)
                found = c;
        CHECK(found >= 0);
        hits[found] += 1.0;
    }
    for (int64_t c = 0; c < s->n_classes; c++) {
        double n = n_cell[s->classes[c].cell], p = s->classes[c].share;
        worst = fmax(worst, fabs(hits[c] - n * p) / sqrt(n * p * (1 - p) + 1.0));
        sums[s->classes[c].cell] += p;
    }
    CHECK(s->n_classes > 40);
    CHECK_NEAR(worst, 0, 4.5); /* of some fifty classes: once in a thousand scenes */
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(sums[i], 1.0, 1e-12);
    free(hits);
    fini(s);
}

TEST(sets_of_more_than_sixty_four_are_told_apart)
{
    struct scene *s = calloc(1, sizeof *s);
    char wkt[200];
    s->grid = (struct tl_grid){0.0, 10.0, 10.0, 1, 1};
    for (int k = 0; k < 120; k++) { /* nested: class k has the first k + 1 polygons */
        double a = 0.04 * (k + 1);
        snprintf(wkt, sizeof wkt, "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))", a,
                 a, 10 - a, a, 10 - a, 10 - a, a, 10 - a, a, a);
        CHECK_OK(add(ctx, s, wkt));
    }
    CHECK_OK(run(ctx, s));
    CHECK(s->n_classes == 121);
    for (int64_t c = 0; c < s->n_classes; c++) {
        double n = (double)s->classes[c].n, a = 10 - 0.08 * n, b = 10 - 0.08 * (n + 1);
        CHECK_NEAR(s->classes[c].share, n == 120 ? a * a / 100 : (a * a - b * b) / 100, 1e-12);
    }
    fini(s);
}

static tl_err stop(void *user, int64_t cell, double part, int64_t n, const int64_t *set)
{
    (void)user;
    (void)cell;
    (void)part;
    (void)n;
    (void)set;
    return TL_ECANCELLED;
}

TEST(an_error_of_the_callback_and_every_allocation_end_the_walk)
{
    struct scene *s = calloc(1, sizeof *s);
    s->grid = (struct tl_grid){0.0, 20.0, 10.0, 2, 2};
    CHECK_OK(add(ctx, s, "POLYGON((2 2,18 3,15 18,2 12,2 2))"));
    CHECK_OK(add(ctx, s, "POLYGON((1 1,18 5,11 18,5 12,1 1))"));
    CHECK(tl_cover_classes(ctx, &s->grid, s->n, s->searches, stop, NULL) == TL_ECANCELLED);
    CHECK_EVERY_ALLOC(ctx, run(ctx, s));
    fini(s);
}
