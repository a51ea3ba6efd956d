#include "unit.h"

#include "evidence/use.h"

static struct tl_gather gather_of(struct tl_gather_point *points, int64_t n)
{
    struct tl_gather g = {.grid = {0, 10000, 1000, 10, 10}};
    g.points[TL_KIND_PLACE] = g.points[TL_KIND_ACCIDENT] = points;
    g.n[TL_KIND_PLACE] = g.n[TL_KIND_ACCIDENT] = n;
    return g;
}

TEST(years_are_whole_and_at_least_one)
{
    struct tl_gather_point points[4] = {
        {.year = NAN}, {.year = 1999.5}, {.year = 2003.01}, {.year = 2009, .cell = -1}};
    struct tl_gather g = gather_of(points, 4);
    struct tl_use_span span = tl_use_years(&g, TL_KIND_ACCIDENT, NULL);
    CHECK(span.from == 1999.0 && span.to == 2004.0 && span.n_dated == 2);
    static const bool taken[4] = {false, false, true, false};
    span = tl_use_years(&g, TL_KIND_ACCIDENT, taken);
    CHECK(span.from == 1999.0 && span.to == 2000.0 && span.n_dated == 1);
    g = gather_of(points, 1);
    span = tl_use_years(&g, TL_KIND_ACCIDENT, NULL);
    CHECK(span.to - span.from == 1.0 && span.n_dated == 0);
}

TEST(use_lies_between_its_floor_and_one)
{
    struct tl_gather_point points[2] = {{.x_m = 500, .y_m = 9500, .number = 1e9},
                                        {.x_m = 500, .y_m = 500}};
    struct tl_gather g = gather_of(points, 2);
    double use[100];
    CHECK_OK(tl_use_intensity(ctx, &g, 1000.0, use));
    for (int i = 0; i < 100; i++)
        CHECK(use[i] >= TL_USE_FLOOR && use[i] <= 1.0);
    CHECK(use[0] > 0.999 && use[9] == TL_USE_FLOOR);
    double unknown = TL_USE_UNKNOWN_POPULATION / 6.283185307179586; /* per km2, at its own cell */
    CHECK_NEAR(use[90], unknown / (unknown + TL_USE_HALF_PER_KM2), 1e-9);
    g = gather_of(points, 0);
    CHECK_OK(tl_use_intensity(ctx, &g, 1000.0, use));
    CHECK(use[0] == 1.0 && use[99] == 1.0);
}

TEST(effort_is_positive_wherever_there_is_land)
{
    struct tl_use_span span = {2000, 2010, 5};
    double area[100], use[100], effort[100];
    for (int i = 0; i < 100; i++) {
        area[i] = i == 7 ? 0.0 : 1e6;
        use[i] = 0.5;
    }
    (void)ctx;
    for (int i = 0; i < 100; i++)
        effort[i] = i == 9 ? 0.0 : 10 * area[i]; /* all of cell 9 was searched all the time */
    tl_use_effort(100, area, use, &span, 0.001, effort);
    CHECK(effort[7] == 0.0 && effort[9] > 0.0);
    CHECK_NEAR(effort[8], 0.001 * 0.5 * 10 * 1e6, 1e-9);
}
