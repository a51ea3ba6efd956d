#include "unit.h"

#include "geo/geom.h"
#include "survey/lines.h"

static const double PI = 3.14159265358979323846;

static tl_err area_of(struct tl_ctx *ctx, const char *wkt, struct tl_survey_area *area)
{
    struct tl_geom_info info;
    tl_err err = tl_geom_from_wkt(ctx, wkt, &area->wkb, &area->wkb_bytes);
    if (err == TL_OK)
        err = tl_geom_info(ctx, area->wkb, area->wkb_bytes, &info);
    if (err == TL_OK)
        area->area_m2 = info.area;
    snprintf(area->name, sizeof area->name, "test");
    return err;
}

TEST(even_lines_over_a_rectangle_are_walked_up_and_down)
{
    struct tl_survey_area area = {0};
    struct tl_survey_layout l;
    CHECK_OK(area_of(ctx, "POLYGON((0 0,100 0,100 300,0 300,0 0))", &area));
    CHECK_OK(tl_survey_lines_lay(ctx, &area, (double)NAN, 40.0, TL_SURVEY_START_EVEN, 1, &l));
    CHECK(l.n_transects == 3 && l.n_segments == 3);
    CHECK_NEAR(fmod(l.direction_rad, PI), 0.0, 1e-12);
    CHECK_NEAR(l.across_m, 100.0, 1e-9);
    CHECK_NEAR(l.length_m, 900.0, 1e-6);
    static const double x[] = {10, 50, 90};
    for (int k = 0; k < 3; k++) {
        const struct tl_survey_segment *s = &l.segments[k];
        CHECK_NEAR(s->from[0], x[k], 1e-9);
        CHECK_NEAR(s->to[0], x[k], 1e-9);
        CHECK_NEAR(s->from[1], k % 2 == 0 ? 0.0 : 300.0, 1e-9);
        CHECK_NEAR(s->to[1], k % 2 == 0 ? 300.0 : 0.0, 1e-9);
        CHECK(s->transect == k + 1);
    }
    tl_survey_lines_fini(&l);
    tl_survey_area_fini(&area);
}

/* A ring-shaped area cuts the middle lines in two; the way back goes through the far piece first. */
TEST(holes_cut_transects_into_segments)
{
    struct tl_survey_area area = {0};
    struct tl_survey_layout l;
    CHECK_OK(area_of(ctx, "POLYGON((0 0,100 0,100 100,0 100,0 0),(30 30,70 30,70 70,30 70,30 30))",
                     &area));
    CHECK_OK(tl_survey_lines_lay(ctx, &area, 0.5 * PI, 20.0, TL_SURVEY_START_EVEN, 1, &l));
    CHECK(l.n_transects == 5 && l.n_segments == 7); /* y = 90 70 50 30 10; 70, 30 run along edges */
    double sum = 0.0;
    for (int64_t k = 0; k < l.n_segments; k++)
        sum += l.segments[k].length_m;
    CHECK_NEAR(sum, l.length_m, 1e-9);
    for (int64_t k = 1; k < l.n_segments; k++)
        CHECK(l.segments[k].transect >= l.segments[k - 1].transect);
    tl_survey_lines_fini(&l);
    tl_survey_area_fini(&area);
}

/* Turning the area turns the lines; nothing else changes. */
TEST(turning_the_area_turns_the_lines)
{
    double length = 0.0;
    for (int turn = 0; turn < 12; turn++) {
        struct tl_survey_area area = {0};
        struct tl_survey_layout l;
        char wkt[400];
        double t = turn * PI / 12.0 + 0.1, s = sin(t), c = cos(t), p[8];
        static const double corners[] = {0, 0, 120, 0, 120, 500, 0, 500};
        for (int k = 0; k < 4; k++) { /* clockwise by t */
            p[2 * k] = 1e5 + corners[2 * k] * c + corners[2 * k + 1] * s;
            p[2 * k + 1] = 2e5 - corners[2 * k] * s + corners[2 * k + 1] * c;
        }
        snprintf(wkt, sizeof wkt, "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))",
                 p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[0], p[1]);
        CHECK_OK(area_of(ctx, wkt, &area));
        CHECK_OK(tl_survey_lines_lay(ctx, &area, (double)NAN, 35.0, TL_SURVEY_START_RANDOM, 9, &l));
        CHECK_NEAR(sin(l.direction_rad - t), 0.0, 1e-8);
        CHECK(turn == 0 || fabs(l.length_m - length) < 1e-3 ||
              fabs(fabs(l.length_m - length) - 500.0) < 1e-3); /* offset from the other side */
        length = l.length_m;
        tl_survey_lines_fini(&l);
        tl_survey_area_fini(&area);
    }
}

/* A square with one corner rounded by 20,000 points: its long sides are tried although most edges are not. */
TEST(an_outline_of_many_points_keeps_its_long_sides)
{
    enum { N = 20000 };
    static double xy[2 * (N + 3)];
    double direction = 0.0;
    const double t = 0.3;
    for (int k = 0; k < N + 3; k++) {
        static const double corners[3][2] = {{0, 500}, {0, 0}, {400, 0}};
        double a = 0.5 * PI * k / (N - 1);
        double x = k < N ? 300 + 100 * cos(a) : corners[k - N][0];
        double y = k < N ? 400 + 100 * sin(a) : corners[k - N][1];
        xy[2 * k] = x * cos(t) + y * sin(t);
        xy[2 * k + 1] = y * cos(t) - x * sin(t);
    }
    CHECK_OK(tl_survey_lines_direction(ctx, N + 3, xy, &direction));
    CHECK_NEAR(sin(direction - t), 0.0, 1e-9);
}

/* Random starts: same seed, same lines; over many seeds the mean length is area / spacing. */
TEST(random_starts_are_unbiased)
{
    struct tl_survey_area area = {0};
    double sum = 0.0, again = 0.0;
    enum { N = 2000 };
    CHECK_OK(area_of(ctx, "POLYGON((0 0,130 0,130 200,60 120,0 200,0 0))", &area));
    for (uint64_t seed = 0; seed < N; seed++) {
        struct tl_survey_layout l;
        CHECK_OK(tl_survey_lines_lay(ctx, &area, 0.0, 50.0, TL_SURVEY_START_RANDOM, seed, &l));
        sum += l.length_m / N;
        tl_survey_lines_fini(&l);
        if (seed < 2) {
            CHECK_OK(tl_survey_lines_lay(ctx, &area, 0.0, 50.0, TL_SURVEY_START_RANDOM, 0, &l));
            CHECK(seed == 0 || l.length_m == again);
            again = l.length_m;
            tl_survey_lines_fini(&l);
        }
    }
    CHECK_NEAR(sum, area.area_m2 / 50.0, 4.0);
    tl_survey_area_fini(&area);
}

TEST(too_many_lines_and_none_are_said)
{
    struct tl_survey_area area = {0};
    struct tl_survey_layout l = {.n_segments = -7};
    CHECK_OK(area_of(ctx, "POLYGON((0 0,100 0,100 300,0 300,0 0))", &area));
    CHECK_FAILS(tl_survey_lines_lay(ctx, &area, (double)NAN, 1e-4, TL_SURVEY_START_EVEN, 1, &l),
                TL_EDATA, "1000000 transects");
    CHECK_FAILS(tl_survey_lines_lay(ctx, &area, (double)NAN, 1e6, TL_SURVEY_START_RANDOM, 1, &l),
                TL_EDATA, "seed 1 no transect");
    CHECK(l.n_segments == -7);
    tl_survey_area_fini(&area);
}

static tl_err once(struct tl_ctx *ctx, const struct tl_survey_area *area)
{
    struct tl_survey_layout l = {0};
    tl_err err = tl_survey_lines_lay(ctx, area, (double)NAN, 40.0, TL_SURVEY_START_EVEN, 1, &l);
    tl_survey_lines_fini(&l);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_survey_area area = {0};
    CHECK_OK(area_of(ctx, "POLYGON((0 0,100 0,100 300,0 300,0 0))", &area));
    CHECK_EVERY_ALLOC(ctx, once(ctx, &area));
    tl_survey_area_fini(&area);
}
