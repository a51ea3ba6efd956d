#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/text.h"
#include "evidence/fixture.h"
#include "geo/vector.h"

static const char path[] = "import_test.gpkg";

static const char points[] = "lon,lat,date,category,note\n"
                             "30.05,50.05,1999-04-01,AP mine,first\n"
                             "30.06,50.05,2001,UXO,second\n"
                             "\"30°04'12\"\"E\",50 3 0 N,14/07/2003,,third\n"
                             "30.05,50.05,1999-04-01,AP mine,first\n"
                             "30.05,50.05,1999-04-01,AV mine,\n";

TEST(counts_reconcile_and_importing_again_adds_nothing)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0}, again = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "accident", "import_test.csv", points, &r));
    CHECK(r.n_read == 5 && r.n_added == 4 && r.n_refused == 1 && fixture_reconciles(&r));
    CHECK(fixture_reason(&r, "duplicate-row") == 1 && fixture_reason(&r, "year-only") == 1);
    CHECK(fixture_reason(&r, "same-position") == 1);
    CHECK_STR(r.driver, "CSV");
    CHECK_OK(fixture_import(ctx, project, "accident", "import_test.csv", NULL, &again));
    CHECK(again.n_read == 5 && again.n_unchanged == 4 && again.n_refused == 1);
    CHECK(again.n_added == 0 && fixture_reconciles(&again) && again.mapping_found);
    CHECK(fixture_reason(&again, "duplicate-row") == 1);
    CHECK_OK(fixture_import(ctx, project, "accident", "renamed.csv", points, &again));
    CHECK(again.n_unchanged == 4 && again.n_added == 0);
    int64_t n = 0;
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 4);
    tl_project_close(project);
}

/* "%.80s" of a value in Cyrillic ends within a letter now and then; what is kept must be text all the same. */
TEST(messages_about_long_foreign_words_are_text)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    char rows[1000] = "lon,lat,how\n30.05,50.05,a";
    for (int i = 0; i < 60; i++)
        strcat(rows, "ж");
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "item", "import_test.csv", rows, &r));
    CHECK(r.n_refused == 1 && fixture_reason(&r, "unknown-choice") == 1);
    CHECK(tl_text_is_utf8(r.reasons[0].example, (int64_t)strlen(r.reasons[0].example)));
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    bool more = false;
    CHECK_OK(tl_project_refused_select(ctx, project, &cursor));
    CHECK_OK(tl_project_refused_next(ctx, cursor, values, &more));
    CHECK(more && tl_text_is_utf8(values[4], (int64_t)strlen(values[4])));
    CHECK(strstr(values[4], "жж\", expected one of") != NULL);
    tl_project_refused_free(cursor);
    tl_project_close(project);
}

/* One line each: what is wrong, and the reason that must be given. */
static const struct {
    const char *as, *header, *row, *reason, *part;
} refusals[] = {
    {"accident", "lon,lat", ",50.05", "missing-position", "longitude is empty"},
    {"accident", "lon,lat", "30.05,  ", "missing-position", "latitude is empty"},
    {"accident", "lon,lat", "thirty,50.05", "unreadable-position", "thirty"},
    {"accident", "lon,lat", "300.5,500.5", "impossible-coordinates", "300.5"},
    {"accident", "lon,lat", "0,0", "zero-position", "missing"},
    {"accident", "lon,lat", "-30.05,50.05", "lon-sign", "30.05"},
    {"accident", "lon,lat", "30.05,-50.05", "lat-sign", "50.05"},
    {"accident", "lon,lat", "-30.05,-50.05", "both-signs", "30.05"},
    {"accident", "lon,lat", "50.05,30.05", "swapped", "swapped"},
    {"accident", "lon,lat", "31.05,50.05", "outside-area", "61 km outside"},
    {"place", "lon,lat", "31.05,50.05", "outside-area", "up to 50 km around"},
    {"accident", "lon,lat,date", "30.05,50.05,soon", "date-unreadable", "soon"},
    {"accident", "lon,lat,date", "30.05,50.05,03/07/1999", "date-ambiguous", "date_format==dmy"},
    {"accident", "lon,lat,date", "30.05,50.05,2027-01-01", "date-future", "2026-11-22"},
    {"accident", "lon,lat,killed", "30.05,50.05,two", "number-unreadable", "two"},
    {"accident", "lon,lat,killed", "30.05,50.05,-1", "out-of-range", "-1"},
    {"accident", "lon,lat,marked", "30.05,50.05,maybe", "unknown-choice", "yes or no"},
    {"item", "lon,lat,how", "30.05,50.05,luck", "unknown-choice", "spot find"},
    {"item", "position", "by the old mill", "unreadable-position", ""},
    {"accident", "wkt", "\"LINESTRING(30.05 50.05,30.06 50.06)\"", "wrong-geometry", "a line"},
    {"hazard-area", "wkt", "POINT(30.05 50.05)", "wrong-geometry", "a polygon"},
    {"hazard-area", "wkt", "POLYGON EMPTY", "empty-geometry", ""},
    {"hazard-area", "wkt", "\"POLYGON((30.05 50.05,30.06\"", "unreadable-geometry", ""},
    {"hazard-area", "wkt", "\"POLYGON((30.05 50.05,30.06 50.06,30.05 50.05,30.05 50.05))\"",
     "too-few-vertices", "2 different"},
    {"hazard-area", "wkt", "\"POLYGON((50.05 30.05,50.06 30.05,50.06 30.06,50.05 30.05))\"",
     "swapped", ""},
    {"hazard-area", "wkt", "\"POLYGON((10 10,10.1 10,10.1 10.1,10 10))\"", "outside-area", ""},
};

TEST(each_kind_of_refusal_has_its_name_words_and_original)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_district(ctx, path, &project));
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct tl_import_report r = {0};
        char text[512];
        snprintf(text, sizeof text, "%s,n\n%s,%zu\n", refusals[i].header, refusals[i].row, i);
        CHECK_OK(fixture_import(ctx, project, refusals[i].as, "refusals.csv", text, &r));
        if (r.n_refused != 1 || strcmp(r.reasons[0].reason, refusals[i].reason) != 0 ||
            strstr(r.reasons[0].example, refusals[i].part) == NULL) {
            printf("  row \"%s\":\n", refusals[i].row);
            fixture_print(&r);
        }
        CHECK(r.n_read == 1 && r.n_refused == 1 && r.n_added == 0);
        CHECK_STR(r.reasons[0].reason, refusals[i].reason);
        CHECK(r.reasons[0].refused && strstr(r.reasons[0].example, refusals[i].part) != NULL);
        CHECK(strstr(r.reasons[0].example, "row 1: ") == r.reasons[0].example);
    }
    tl_project_close(project);
}

static int64_t n_rows_of(struct tl_ctx *ctx, const char *table, const char *where)
{
    struct tl_vector *vector = NULL;
    struct tl_vector_options options = {.layer = table, .where = where};
    bool more = true;
    int64_t n = 0;
    if (tl_vector_open(ctx, path, &options, &vector) != TL_OK)
        return -1;
    while (tl_vector_next(ctx, vector, &more) == TL_OK && more)
        n++;
    tl_vector_close(vector);
    return n;
}

/* What an export or a spreadsheet put in front so that nothing is computed. */
TEST(an_apostrophe_that_keeps_a_formula_from_being_computed_is_not_of_the_text)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    static const char rows[] = "lon,lat,remarks\n30.05,50.05,'=1+2\n30.06,50.05,'- by the road\n"
                               "30.07,50.05,'said'\n30.08,50.05,=1+2\n";
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "accident", "import_test.csv", rows, &r));
    CHECK(r.n_added == 4);
    tl_project_close(project);
    CHECK(n_rows_of(ctx, "accident", "remarks = '=1+2'") == 2);
    CHECK(n_rows_of(ctx, "accident", "remarks = '- by the road'") == 1);
    CHECK(n_rows_of(ctx, "accident", "remarks LIKE '_said_'") == 1);
}

TEST(refused_rows_are_kept_with_original_values_and_proposal)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "accident", "signs.csv",
                            "lon,lat,who\n-30.05,50.05,\"a \"\"b\"\"\"\n1e2,2,x\n", &r));
    tl_project_close(project);
    CHECK(n_rows_of(ctx, "refused", NULL) == 2);
    CHECK(n_rows_of(ctx, "refused",
                    "reason = 'lon-sign' AND proposal = '{\"lon\": 30.05, \"lat\": 50.05}'") == 1);
    CHECK(n_rows_of(
              ctx, "refused",
              "original = '{\"lon\": \"-30.05\", \"lat\": \"50.05\", \"who\": \"a \\\"b\\\"\"}'") ==
          1);
    CHECK(n_rows_of(ctx, "refused", "reason = 'outside-area' AND proposal IS NULL") == 1);
}

TEST(lines_and_places_may_lie_around_the_area_and_points_on_request)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_import_options options = {.as = "accident", .allow_outside = true};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "place", "p.csv", "lon,lat,name\n30.5,50.05,A\n", &r));
    CHECK(r.n_added == 1 && r.n_reasons == 0);
    CHECK_OK(fixture_import(ctx, project, "line", "l.csv",
                            "wkt,type\n\"LINESTRING(30.3 50,30.4 50)\",road\n", &r));
    CHECK(r.n_added == 1 && r.n_reasons == 0);
    CHECK_OK(fixture_write(ctx, "o.csv", "lon,lat\n31,50\n0,0\n-30.05,50.05\n300,10\n"));
    CHECK_OK(tl_import_file(ctx, project, "o.csv", &options, &r));
    CHECK(r.n_added == 2 && r.n_refused == 2 && fixture_reason(&r, "kept-outside-area") == 2);
    tl_project_close(project);
}

TEST(doubtful_shapes_are_taken_in_with_a_finding)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(
        ctx, project, "hazard-area", "h.csv",
        "wkt,classification,date,date_closed\n"
        "\"POLYGON((30.05 50.05,30.06 50.06,30.06 50.05,30.05 50.06,30.05 "
        "50.05))\",SHA,2001-01-01,2000-01-01\n"
        "\"POLYGON((30.01 50.01,30.02 50.01,30.02 50.01,30.02 50.02,30.01 "
        "50.01))\",cha,2001-01-01,\n"
        "\"POLYGON((30.0 50.0,30.1 50.0,30.1 50.01,30.0 50.0))\",cha,2001-01-01,\n"
        "\"POLYGON((30.011 50.01,30.02 50.01,30.02 50.02,30.011 50.01))\",cha,2001-01-01,\n",
        &r));
    CHECK(r.n_added == 4 && r.n_refused == 0);
    CHECK(fixture_reason(&r, "invalid-polygon") == 1);
    CHECK(fixture_reason(&r, "dates-reversed") == 1);
    CHECK(fixture_reason(&r, "repeated-vertices") == 1);
    CHECK(fixture_reason(&r, "far-vertices") == 1);
    CHECK(fixture_reason(&r, "area-overlap") == 1);
    CHECK_OK(fixture_import(ctx, project, "hazard-area", "h2.csv",
                            "wkt,classification,date\n"
                            "\"POLYGON((30.01 50.01,30.02 50.01,30.02 50.01,30.02 50.02,30.01 "
                            "50.01))\",SHA,2001-01-01\n",
                            &r));
    CHECK(r.n_added == 1 && r.n_reasons == 3 && fixture_reason(&r, "same-shape") == 1);
    CHECK(fixture_reason(&r, "repeated-vertices") == 1 && fixture_reason(&r, "area-overlap") == 1);
    tl_project_close(project);
    CHECK(n_rows_of(ctx, "finding", NULL) == 8);
}

TEST(records_with_an_id_are_updated)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(
        ctx, project, "item", "u.csv",
        "id,lon,lat,number\na,30.05,50.05,1\nb,30.06,50.05,1\na,30.07,50.05,1\n", &r));
    CHECK(r.n_added == 2 && fixture_reason(&r, "duplicate-id") == 1);
    CHECK_OK(fixture_import(
        ctx, project, "item", "u.csv",
        "id,lon,lat,number\na,30.05,50.05,2\nb,30.06,50.05,1\nc,30.08,50.05,1\n", &r));
    CHECK(r.n_updated == 1 && r.n_unchanged == 1 && r.n_added == 1 && fixture_reconciles(&r));
    tl_project_close(project);
}

TEST(a_dry_run_reports_the_same_and_writes_nothing)
{
    struct tl_project *project = NULL;
    struct tl_import_report dry = {0}, wet = {0};
    struct tl_import_options options = {.as = "accident", .today = FIXTURE_TODAY, .dry_run = true};
    int64_t n = -1;
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_write(ctx, "import_test.csv", points));
    CHECK_OK(tl_import_file(ctx, project, "import_test.csv", &options, &dry));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 0 && dry.import_id == 0);
    options.dry_run = false;
    CHECK_OK(tl_import_file(ctx, project, "import_test.csv", &options, &wet));
    CHECK(!wet.mapping_found && wet.import_id > 0);
    wet.import_id = 0;
    CHECK(memcmp(&dry, &wet, sizeof dry) == 0);
    tl_project_close(project);
}

static void cancel_soon(void *user, const struct tl_progress *progress)
{
    if (progress->share >= 0.0)
        tl_ctx_cancel(user);
}

TEST(stopping_in_the_middle_leaves_nothing)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {.n_read = 77};
    int64_t n = -1;
    FILE *file = fopen("many.csv", "w");
    CHECK(file != NULL);
    fprintf(file, "lon,lat,n\n");
    for (int i = 0; i < 200000; i++)
        fprintf(file, "%.6f,%.6f,%d\n", 30.0001 + 1e-6 * (i % 1000), 50.0001 + 1e-5 * (i / 1000),
                i);
    fclose(file);
    CHECK_OK(fixture_district(ctx, path, &project));
    tl_ctx_set_progress(ctx, cancel_soon, ctx);
    CHECK_FAILS(fixture_import(ctx, project, "report", "many.csv", NULL, &r), TL_ECANCELLED, "");
    CHECK(r.n_read == 77);
    tl_project_close(project);
    struct tl_ctx *fresh = tl_ctx_create();
    CHECK(tl_project_open(fresh, path, TL_PROJECT_READ, &project) == TL_OK);
    CHECK(tl_register_count(fresh, project, TL_KIND_REPORT, &n) == TL_OK && n == 0);
    tl_project_close(project);
    tl_ctx_free(fresh);
    unlink("many.csv");
}

TEST(constants_dates_and_extra_columns_are_mapped)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    struct tl_import_report r = {0};
    bool more = false;
    const struct tl_import_map maps[] = {{"x", "East"},           {"y", "North"},
                                         {"date", "when"},        {"category", "=AP mine"},
                                         {"date_format", "=dmy"}, {"accuracy", "=25"}};
    struct tl_import_options options = {.as = "accident",
                                        .n_maps = 6,
                                        .maps = maps,
                                        .crs = "EPSG:32636",
                                        .where = "kind = 'A'",
                                        .today = FIXTURE_TODAY};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_write(ctx, "xy.csv",
                           "East,North,when,kind,municipio\n"
                           "288000,5545000,03/07/1999,A,\"Bar\"\n288100,5545000,03/07/1999,B,\n"
                           "5545000,288000,04/07/1999,A,\n"));
    CHECK_OK(tl_import_file(ctx, project, "xy.csv", &options, &r));
    CHECK(r.n_read == 2 && r.n_added == 1 && fixture_reason(&r, "swapped") == 1);
    CHECK_OK(tl_register_select(ctx, project, TL_KIND_ACCIDENT, NULL, &cursor));
    CHECK_OK(tl_cursor_next(ctx, cursor, &more));
    CHECK(more);
    CHECK_STR(tl_cursor_text(cursor, tl_kind_column(TL_KIND_ACCIDENT, "date")), "1999-07-03");
    CHECK_STR(tl_cursor_text(cursor, tl_kind_column(TL_KIND_ACCIDENT, "category")), "AP mine");
    CHECK_NEAR(tl_cursor_accuracy_m(cursor), 25, 0);
    int64_t bytes = 0;
    double xy[2];
    struct tl_crs_map *map = NULL;
    memcpy(xy, (const char *)tl_cursor_wkb(cursor, &bytes) + 5, sizeof xy);
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    tl_crs_map_points(map, 1, &xy[0], &xy[1], NULL);
    CHECK_NEAR(xy[0], 288000, 0.001);
    CHECK_NEAR(xy[1], 5545000, 0.001);
    tl_crs_map_free(map);
    tl_cursor_free(cursor);
    tl_project_close(project);
}

TEST(bad_calls_are_said_in_one_line_and_change_nothing)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {.n_read = 5};
    struct tl_import_options options = {.as = "accident"};
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_FAILS(tl_import_file(ctx, project, "none.csv", &options, &r), TL_ENOTFOUND, "none.csv");
    CHECK_OK(fixture_write(ctx, "e.csv", ""));
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EDATA, "e.csv");
    CHECK_OK(fixture_write(ctx, "e.csv", "lon,lat\n"));
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EDATA, "no rows");
    CHECK_OK(fixture_write(ctx, "e.csv", "longitud,latitud\n1,2\n"));
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EDATA, "lon and lat");
    struct tl_import_map maps[2] = {{"lon", "longitude"}, {"lat", "latitud"}};
    options.n_maps = 2;
    options.maps = maps;
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_ENOTFOUND,
                "did you mean \"longitud\"");
    maps[0] = (struct tl_import_map){"long", "longitud"};
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EUSAGE,
                "did you mean \"lon\"");
    const struct tl_import_map latin[1] = {{"category", "=Anz\xE1"}};
    options.n_maps = 1;
    options.maps = latin;
    CHECK_OK(fixture_write(ctx, "e.csv", "lon,lat\n30.05,50.05\n"));
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EUSAGE, "UTF-8");
    CHECK_OK(fixture_write(ctx, "e.csv", "lon,lat,category\n30.05,50.05,Anz\xE1\n"));
    options.n_maps = 0;
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EDATA, "UTF-8");
    options.as = "accidents";
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EUSAGE, "accidents");
    options.as = "search";
    CHECK_OK(fixture_write(ctx, "e.csv", "lon,lat\n30,50\n"));
    CHECK_FAILS(tl_import_file(ctx, project, "e.csv", &options, &r), TL_EDATA, "wkt");
    CHECK(r.n_read == 5);
    tl_project_close(project);
}

static tl_err import_points(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_import_options options = {.as = "accident", .today = FIXTURE_TODAY};
    struct tl_import_report r;
    return tl_import_file(ctx, project, "import_test.csv", &options, &r);
}

TEST(every_allocation_may_fail_and_leaves_nothing)
{
    struct tl_project *project = NULL;
    int64_t n = -1;
    tl_ctx_set_threads(ctx, 1); /* the reader then allocates in this context too */
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_write(ctx, "import_test.csv", points));
    CHECK_EVERY_ALLOC(ctx, import_points(ctx, project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 4);
    tl_project_close(project);
    CHECK(n_rows_of(ctx, "refused", NULL) == 1);
}

TEST(killed_in_the_middle_the_project_is_as_it_was)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    int64_t n = -1;
    FILE *file = fopen("killed.csv", "w");
    CHECK(file != NULL);
    fprintf(file, "lon,lat,n\n");
    for (int i = 0; i < 300000; i++)
        fprintf(file, "%.6f,%.6f,%d\n", 30.0001 + 1e-6 * (i % 1000), 50.0001 + 1e-5 * (i / 1000),
                i);
    fclose(file);
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(fixture_import(ctx, project, "accident", "import_test.csv", points, &r));
    tl_project_close(project);
    pid_t child = fork();
    if (child == 0) {
        struct tl_ctx *own = tl_ctx_create();
        if (own == NULL || tl_project_open(own, path, TL_PROJECT_WRITE, &project) != TL_OK)
            _exit(1);
        struct tl_import_options options = {.as = "accident"};
        _exit(tl_import_file(own, project, "killed.csv", &options, &r) == TL_OK ? 0 : 1);
    }
    int status = 0;
    usleep(400000);
    kill(child, SIGKILL);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status)); /* else it was done already, and the test shows nothing */
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 4);
    CHECK_OK(fixture_import(ctx, project, "accident", "import_test.csv", NULL, &r));
    CHECK(r.n_unchanged == 4 && r.mapping_found);
    tl_project_close(project);
    unlink("killed.csv");
}
