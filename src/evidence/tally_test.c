/* Sums by hand, in units of one band (0.01 by 0.01 degrees): see the drawing in each test. */
#include "unit.h"

#include "evidence/tally_fixture.h"

#define NAME "tally_test.gpkg"

/* Area of a band's unit from the ellipsoid's radii of curvature. */
static double unit_m2(void)
{
    double a = 6378137.0, e2 = 0.0066943799901413165, degree = acos(-1.0) / 180.0;
    double s = sin(50.005 * degree), w = 1.0 - e2 * s * s;
    double along = a * (1.0 - e2) / (w * sqrt(w)), across = a / sqrt(w) * cos(50.005 * degree);
    return along * across * (0.01 * degree) * (0.01 * degree);
}

static bool is_near(double area_m2, double units)
{
    return fabs(area_m2 / unit_m2() - units) < 1e-6;
}

struct expected {
    int year;
    double start[2], end[2], recorded, released[3], again[3], closed;
};

/* 0         1         2
 * 0123456789012345678901234
 * A1AAAA                          SHA 2018, open
 *    A2AA                         CHA 2019, cleared 2021-03
 *         A3                      SHA 2020, closed 2022
 * S1 0..1, S2 0..2 (2020), S3 3..5 (2021-01), S5 20..22, S6 21..23 (2022-01-01). Released ground leaves A1 too. */
static const struct expected by_year[] = {
    {2018, {0, 0}, {4, 0}, 4, {0, 0, 0}, {0, 0, 0}, 0},
    {2019, {4, 0}, {3, 3}, 2, {0, 0, 0}, {0, 0, 0}, 0},
    {2020, {3, 3}, {3, 3}, 2, {1, 1, 0}, {0, 1, 0}, 0},
    {2021, {3, 3}, {3, 0}, 0, {0, 0, 3}, {0, 0, 2}, 0},
    {2022, {3, 0}, {1, 0}, 0, {1, 0, 2}, {1, 0, 0}, 2},
};

static bool agrees(const struct tl_tally_row *r, const struct expected *e)
{
    bool good = is_near(r->suspected_start_m2, e->start[0]) &&
                is_near(r->confirmed_start_m2, e->start[1]) &&
                is_near(r->suspected_end_m2, e->end[0]) && is_near(r->confirmed_end_m2, e->end[1]);
    good = good && is_near(r->recorded_m2, e->recorded) && is_near(r->closed_m2, e->closed);
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        good = good && is_near(r->released_m2[p], e->released[p]) &&
               is_near(r->again_m2[p], e->again[p]);
    return good && r->year == e->year;
}

TEST(land_by_year_is_what_it_is_by_hand)
{
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){0}, &t));
    CHECK(t->from == 2018 && t->to == 2022 && t->n_rows == 5);
    for (int i = 0; i < 5; i++)
        CHECK(agrees(&t->rows[i], &by_year[i]));
    CHECK(
        agrees(&t->total, &(const struct expected){0, {0, 0}, {1, 0}, 8, {2, 1, 5}, {1, 1, 2}, 2}));
    tl_tally_free(t);
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){.from = 2020, .to = 2021}, &t));
    CHECK(t->n_rows == 2 && agrees(&t->rows[0], &by_year[2]) && agrees(&t->rows[1], &by_year[3]));
    CHECK(
        agrees(&t->total, &(const struct expected){0, {3, 3}, {3, 0}, 2, {1, 1, 3}, {0, 1, 2}, 0}));
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

/* 0         1
 * 0123456789012
 * B1BB                SHA 2018, closed 2022; three quarters cleared 2021
 *       B2BB          CHA 2018, closed 2022
 *         B3BB        SHA 2019, open */
TEST(ground_closed_otherwise_is_neither_released_nor_open_any_more)
{
    static const double box[4] = {30.0, 50.0, 30.3, 50.1};
    struct tl_project *project = NULL;
    struct tl_import_report report;
    struct tl_tally *t = NULL;
    CHECK_OK(fixture_project(ctx, NAME, box, "EPSG:6933", 500.0, &project));
    CHECK_OK(fixture_import(ctx, project, "hazard-area", "tally_closed.csv",
                            "id,classification,status,date,date_closed,wkt\n" LINE(
                                "B1,SHA,closed,2018,2022,", "00", "04")
                                LINE("B2,CHA,handed over,2018,2022,", "06", "10")
                                    LINE("B3,SHA,open,2019,,", "08", "12"),
                            &report));
    CHECK_OK(fixture_import(
        ctx, project, "search", "tally_closed.csv",
        "id,type,date_end,released_as,wkt\n" LINE("S1,clearance,2021-05-01,cleared,", "00", "03"),
        &report));
    unlink("tally_closed.csv");
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){0}, &t));
    const struct tl_tally_row *r = &t->rows[t->n_rows - 1];
    CHECK(r->year == 2022 && is_near(r->closed_m2, 3) && is_near(t->total.closed_m2, 3));
    for (int64_t i = 0; i < t->n_rows; i++) {
        r = &t->rows[i];
        CHECK(is_near(r->suspected_start_m2 + r->confirmed_start_m2 + r->recorded_m2 -
                          r->released_m2[TL_TALLY_CLEARED] - r->closed_m2 - r->suspected_end_m2 -
                          r->confirmed_end_m2,
                      0));
    }
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

TEST(what_has_no_date_is_counted_apart_and_nowhere_else)
{
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){0}, &t));
    CHECK(t->apart[TL_TALLY_AREA_NO_DATE].records == 1 &&
          is_near(t->apart[TL_TALLY_AREA_NO_DATE].area_m2, 1));
    CHECK(t->apart[TL_TALLY_AREA_CLOSED_NO_DATE].records == 1 &&
          is_near(t->apart[TL_TALLY_AREA_CLOSED_NO_DATE].area_m2, 1));
    CHECK(t->apart[TL_TALLY_CANCELLED_NO_DATE].records == 1);
    CHECK(t->apart[TL_TALLY_REDUCED_NO_DATE].records == 1 &&
          is_near(t->apart[TL_TALLY_REDUCED_NO_DATE].area_m2, 1));
    CHECK(t->apart[TL_TALLY_CLEARED_NO_DATE].records == 0);
    CHECK(t->apart[TL_TALLY_ITEM_NO_DATE].records == 1 &&
          t->apart[TL_TALLY_ITEM_NO_DATE].number == 4);
    CHECK(t->apart[TL_TALLY_ACCIDENT_NO_DATE].records == 1);
    CHECK(t->total.found[TL_TALLY_OTHER] == 0 && t->total.accidents == 2 && t->total.killed == 1 &&
          t->total.injured == 3 && t->total.during_demining == 1);
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

TEST(districts_and_categories_are_kept_apart)
{
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_OK(
        tl_tally_make(ctx, project, &(struct tl_tally_options){.by = TL_TALLY_BY_DISTRICT}, &t));
    CHECK(t->n_rows == 2 && t->n_no_district == 0);
    const struct tl_tally_row *east = &t->rows[0], *west = &t->rows[1];
    CHECK(strcmp(east->district, "East") == 0 && strcmp(west->district, "West") == 0);
    CHECK(is_near(west->suspected_end_m2, 1) && is_near(west->released_m2[TL_TALLY_CLEARED], 3));
    CHECK(is_near(east->released_m2[TL_TALLY_CANCELLED], 1) &&
          is_near(east->released_m2[TL_TALLY_CLEARED], 2) && east->suspected_end_m2 == 0.0);
    CHECK(west->found[TL_TALLY_AP] == 4 && west->destroyed[TL_TALLY_AP] == 3);
    CHECK(east->found[TL_TALLY_SUBMUNITION] == 2 && east->destroyed[TL_TALLY_SUBMUNITION] == 2);
    CHECK(east->found[TL_TALLY_UNKNOWN] == 1 && east->destroyed[TL_TALLY_UNKNOWN] == 0);
    CHECK(west->accidents == 1 && east->accidents == 1 && east->during_demining == 1);
    tl_tally_free(t);
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){.by = TL_TALLY_BY_BOTH}, &t));
    /* East: 2021 (items, accident), 2022 (release); West: all five years. */
    CHECK(t->n_rows == 7 && t->rows[0].year == 2021 && strcmp(t->rows[0].district, "East") == 0);
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

TEST(years_that_cannot_be_are_refused)
{
    static const double box[4] = {30.0, 50.0, 30.1, 50.1};
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    CHECK_OK(fixture_project(ctx, NAME, box, "EPSG:6933", 500.0, &project));
    CHECK_FAILS(tl_tally_make(ctx, project, &(struct tl_tally_options){0}, &t), TL_EDATA,
                "has a date");
    CHECK_FAILS(
        tl_tally_make(ctx, project, &(struct tl_tally_options){.from = 2022, .to = 2020}, &t),
        TL_EUSAGE, "from 2022 to 2020");
    CHECK_FAILS(tl_tally_make(ctx, project, &(struct tl_tally_options){.from = 1, .to = 2020}, &t),
                TL_EUSAGE, "at most 300");
    CHECK(t == NULL);
    /* An empty register gives a table of nothing, and says so with noughts. */
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){.from = 2020, .to = 2021}, &t));
    CHECK(t->n_rows == 2 && t->total.suspected_end_m2 == 0.0);
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_tally *t = NULL;
    tl_err err =
        tl_tally_make(ctx, project, &(struct tl_tally_options){.by = TL_TALLY_BY_BOTH}, &t);
    tl_tally_free(t);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    tl_project_close(project);
    unlink(NAME);
}
