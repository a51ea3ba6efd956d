/* Open ground against the progress tables of the same register, and by hand: see the drawing in tally_test.c. */
#include "unit.h"

#include "evidence/tally.h"
#include "evidence/tally_fixture.h"

#define NAME "tally_open_test.gpkg"

static void add(void *user, double x_m, double y_m, double area_m2, enum tl_tally_standing standing)
{
    double *sums = user;
    sums[standing] += isfinite(x_m) && isfinite(y_m) ? area_m2 : 0.0;
}

TEST(open_ground_is_that_of_the_tables_and_what_they_count_apart)
{
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    double sums[TL_TALLY_STANDINGS] = {0};
    int64_t n = 0;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){0}, &t));
    CHECK_OK(tl_tally_open(ctx, project, add, sums, &n));
    CHECK(n == 2); /* A1, and A4 without a date */
    CHECK_NEAR(sums[TL_TALLY_CONFIRMED], t->total.confirmed_end_m2, 1e-3);
    CHECK_NEAR(sums[TL_TALLY_SUSPECTED],
               t->total.suspected_end_m2 + t->apart[TL_TALLY_AREA_NO_DATE].area_m2, 1e-3);
    CHECK(sums[TL_TALLY_SUSPECTED] > 0.0 && sums[TL_TALLY_UNCLASSED] == 0.0);
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}

TEST(overlapping_areas_count_once_and_as_the_surest)
{
    static const double box[4] = {30.0, 50.0, 30.3, 50.1};
    struct tl_project *project = NULL;
    struct tl_import_report report;
    double sums[TL_TALLY_STANDINGS] = {0}, before[TL_TALLY_STANDINGS] = {0};
    int64_t n = -1;
    CHECK_OK(fixture_project(ctx, NAME, box, "EPSG:6933", 500.0, &project));
    CHECK_OK(tl_tally_open(ctx, project, add, before, &n));
    CHECK(n == 0 && before[TL_TALLY_SUSPECTED] == 0.0);
    CHECK_OK(fixture_import(ctx, project, "hazard-area", "tally_open.csv",
                            "id,classification,status,wkt\n" LINE("A,,open,", "00", "04")
                                LINE("B,SHA,open,", "02", "06") LINE("C,CHA,open,", "05", "07")
                                    LINE("D,CHA,closed,", "06", "20"),
                            &report));
    unlink("tally_open.csv");
    CHECK_OK(tl_tally_open(ctx, project, add, sums, &n));
    CHECK(n == 3);
    double unit = sums[TL_TALLY_CONFIRMED] / 2.0;
    CHECK(unit > 0.0);
    CHECK_NEAR(sums[TL_TALLY_SUSPECTED] / unit, 3.0, 1e-6);
    CHECK_NEAR(sums[TL_TALLY_UNCLASSED] / unit, 2.0, 1e-6);
    CHECK_EVERY_ALLOC(ctx, tl_tally_open(ctx, project, add, sums, &n));
    tl_project_close(project);
    unlink(NAME);
}
