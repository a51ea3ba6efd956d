#include "unit.h"

#include "geo/vector.h"
#include "survey/fixture.h"
#include "survey/survey.h"

static struct tl_survey_design design(void)
{
    struct tl_survey_design d = tl_survey_design_default();
    d.target = (struct tl_survey_target){60, 20, (double)NAN};
    d.density_per_m2 = 0.02;
    d.background_per_m2 = 0.001;
    d.spacing_m = 30;
    return d;
}

static struct tl_survey_lines lines(const char *area)
{
    return (struct tl_survey_lines){
        .area = area, .bearing_deg = (double)NAN, .m2_per_day = (double)NAN, .seed = 5};
}

static double number(const char *json, const char *path0, const char *path1)
{
    json_t *value = json_loads(json, 0, NULL);
    const json_t *at = json_object_get(value, path0);
    if (path1 != NULL)
        at = json_object_get(at, path1);
    double x = json_is_number(at) ? json_number_value(at) : (double)NAN;
    json_decref(value);
    return x;
}

TEST(lines_are_written_and_told)
{
    struct tl_project *project = NULL;
    struct tl_survey_design d = design();
    struct tl_survey_lines l = lines("HA-0001");
    struct tl_vector *vector = NULL;
    struct tl_vector_options how = {0};
    char *json = NULL, *words = NULL, *again = NULL, *more_words = NULL;
    bool more = true;
    CHECK_OK(fixture_survey(ctx, "transects_test.gpkg", false, &project));
    l.bearing_deg = 30;
    l.m2_per_day = 500;
    CHECK_OK(
        tl_survey_transects(ctx, project, &d, &l, "transects_test.geojson", true, &json, &words));
    double n = number(json, "layout", "n_lines"), length = number(json, "layout", "length_m");
    CHECK(n > 10 && strstr(words, "HA-0001") != NULL && strstr(words, "Written") != NULL);
    /* Lines every 30 m over 24.6 ha, one line more or less. */
    CHECK_NEAR(length, number(json, "layout", "area_m2") / 30.0, 700.0);
    CHECK_NEAR(number(json, "layout", "days"), length * 2.0 / 500.0, 1e-3);
    CHECK_NEAR(number(json, "layout", "bearing_deg"), 30.0, 0.01);
    CHECK_OK(tl_vector_open(ctx, "transects_test.geojson", &how, &vector));
    double sum = 0.0;
    int64_t rows = 0;
    for (;;) {
        CHECK_OK(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        rows++;
        CHECK(atoi(tl_vector_text(vector, tl_vector_find_column(vector, "n"))) == rows);
        sum += atof(tl_vector_text(vector, tl_vector_find_column(vector, "length_m")));
    }
    tl_vector_close(vector);
    CHECK(rows == (int64_t)n);
    CHECK_NEAR(sum, length, 0.01 * n);
    CHECK_OK(tl_survey_transects(ctx, project, &d, &l, "transects_test.geojson", true, &again,
                                 &more_words));
    CHECK_STR(json, again); /* same seed, same bytes */
    CHECK_FAILS(
        tl_survey_transects(ctx, project, &d, &l, "transects_test.geojson", false, &json, &words),
        TL_EEXISTS, "--overwrite");
    tl_free(json);
    tl_free(words);
    tl_free(again);
    tl_free(more_words);
    tl_project_close(project);
}

TEST(gpx_holds_a_track_for_each_line_in_walking_order)
{
    struct tl_project *project = NULL;
    struct tl_survey_design d = design();
    struct tl_survey_lines l = lines("Angle");
    char *json = NULL, *words = NULL;
    d.spacing_m = 0;
    d.probability = 0.5;
    l.start = TL_SURVEY_START_EVEN;
    CHECK_OK(fixture_survey(ctx, "transects_test.gpkg", false, &project));
    CHECK_OK(tl_survey_transects(ctx, project, &d, &l, "transects_test.gpx", true, &json, &words));
    const char *text = fixture_text("transects_test.gpx");
    CHECK(text != NULL && strstr(text, "<trk>") != NULL);
    const char *first = strstr(text, "<name>T001</name>"), *second = strstr(text, "<name>T002<");
    CHECK(first != NULL && second != NULL && first < second);
    CHECK_NEAR(number(json, "p_detect", NULL), 0.5, 1e-6);
    CHECK_NEAR(number(json, "wanted", NULL), 0.5, 0.0);
    CHECK(number(json, "p_traverse_even", NULL) > 0.5);
    CHECK(isnan(number(json, "layout", "days"))); /* nobody said how fast they are */
    CHECK(strstr(words, "pace is not known") != NULL);
    tl_free(json);
    tl_free(words);
    tl_project_close(project);
}

TEST(figures_need_no_project)
{
    struct tl_survey_design d = design();
    struct tl_survey_lines l = lines(NULL);
    char *json = NULL, *words = NULL;
    CHECK_OK(tl_survey_transects(ctx, NULL, &d, &l, NULL, false, &json, &words));
    CHECK_NEAR(number(json, "p_detect", NULL), 0.691468, 1e-6);
    tl_free(json);
    tl_free(words);
    d.density_per_m2 = (double)NAN;
    CHECK_OK(tl_survey_transects(ctx, NULL, &d, &l, NULL, false, &json, &words));
    CHECK(isnan(number(json, "p_detect", NULL)) && strstr(words, "background") == NULL);
    tl_free(json);
    tl_free(words);
}

TEST(bad_transects_change_nothing)
{
    struct tl_project *project = NULL;
    struct tl_survey_design d = design();
    struct tl_survey_lines l = lines("A");
    char *json = (char *)"untouched", *words = (char *)"untouched";
    const char *out = "transects_bad.geojson";
    unlink(out);
    CHECK_OK(fixture_survey(ctx, "transects_test.gpkg", false, &project));
#define BAD(change, code, part)                                                                    \
    do {                                                                                           \
        d = design();                                                                              \
        l = lines("A");                                                                            \
        change;                                                                                    \
        CHECK_FAILS(tl_survey_transects(ctx, project, &d, &l, out, false, &json, &words), code,    \
                    part);                                                                         \
    } while (0)
    BAD((d.spacing_m = 0, d.density_per_m2 = 0.002, d.probability = 0.99), TL_EDATA,
        "no spacing reaches");
    BAD(l.area = "HA-9999", TL_ENOTFOUND, "HA-9999");
    BAD(l.area = "C", TL_EDATA, "not valid");
    BAD(l.method = "dowsing", TL_ENOTFOUND, "dowsing");
    BAD(l.m2_per_day = -3, TL_EDATA, "pace of -3");
    BAD(l.bearing_deg = INFINITY, TL_EDATA, "bearing");
    BAD(l.area = NULL, TL_EUSAGE, "need an area");
    out = "transects_bad.shp";
    BAD(d.spacing_m = 30, TL_EUSAGE, ".geojson or .gpx");
    out = "no-such-folder/transects.geojson";
    BAD(d.spacing_m = 30, TL_EIO, "no-such-folder");
    CHECK_STR(json, "untouched");
    CHECK_STR(words, "untouched");
    CHECK(access("transects_bad.geojson", F_OK) != 0);
    tl_project_close(project);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_survey_design d = design();
    struct tl_survey_lines l = lines("A");
    char *json = NULL, *words = NULL;
    d.density_per_m2 = (double)NAN;
    d.spacing_m = 100;
    tl_err err = tl_survey_transects(ctx, project, &d, &l, NULL, false, &json, &words);
    tl_free(json);
    tl_free(words);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_survey(ctx, "transects_test.gpkg", false, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    tl_project_close(project);
}
