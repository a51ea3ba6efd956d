/* Real input: what the importer counts against what a plain reader of the same file counts. */
#include "unit.h"

#include "evidence/fixture.h"

static const char path[] = "colombia_test.gpkg";
static const double BOX[4] = {-77.5, 4.9, -73.8, 8.9};

enum { ROWS_MAX = 30000, LINE_BYTES = 512 };

struct expected {
    int64_t n, inside, repeats;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* No quotes occur in this file (checked), so that a line is cut at its commas: an independent
 * reader. */
static struct expected count(const char *file, const char *const *types, int n_types)
{
    struct expected e = {0, 0, 0};
    char(*lines)[LINE_BYTES] = calloc(ROWS_MAX, LINE_BYTES), line[LINE_BYTES];
    FILE *in = fopen(file, "r");
    while (in != NULL && lines != NULL && fgets(line, sizeof line, in) != NULL) {
        char type[16] = "";
        double lon = 0.0, lat = 0.0;
        const char *last = strrchr(line, ',');
        if (strchr(line, '"') != NULL || sscanf(line, "%*[^,],%15[^,]", type) != 1 || last == NULL)
            continue;
        const char *before = last - 1;
        while (before > line && *before != ',')
            before--;
        bool wanted = false;
        for (int t = 0; t < n_types; t++)
            wanted = wanted || strcmp(type, types[t]) == 0;
        if (!wanted || sscanf(before + 1, "%lf", &lon) != 1 || sscanf(last + 1, "%lf", &lat) != 1)
            continue;
        e.n++;
        if (lon >= BOX[0] && lon <= BOX[2] && lat >= BOX[1] && lat <= BOX[3])
            snprintf(lines[e.inside++], LINE_BYTES, "%s", line);
    }
    if (in != NULL)
        fclose(in);
    if (lines != NULL)
        qsort(lines, (size_t)e.inside, LINE_BYTES, compare_lines);
    for (int64_t i = 1; lines != NULL && i < e.inside; i++)
        e.repeats += strcmp(lines[i], lines[i - 1]) == 0;
    free(lines);
    return e;
}

TEST(every_type_of_event_counts_as_a_plain_reader_counts_it)
{
    static const struct {
        const char *as, *where, *types[2];
        int n_types;
    } imports[] = {{"accident", "type_code in (1,2)", {"1", "2"}, 2},
                   {"report", "type_code = 8", {"8"}, 1},
                   {"item", "type_code = 4", {"4"}, 1}};
    static const struct tl_import_map maps[] = {{"lon", "lon"}, {"lat", "lat"}, {"date", "year"}};
    const char *dir = unit_data_dir();
    char file[4096];
    struct tl_project *project = NULL;
    if (dir == NULL)
        SKIP("the real data are not here (TILTH_DATA)");
    snprintf(file, sizeof file, "%s/colombia/events_1990_2012.csv", dir);
    CHECK_OK(fixture_project(ctx, path, BOX, "EPSG:32618", 2000.0, &project));
    for (size_t i = 0; i < sizeof imports / sizeof *imports; i++) {
        struct tl_import_options options = {.as = imports[i].as,
                                            .n_maps = 3,
                                            .maps = maps,
                                            .where = imports[i].where,
                                            .today = FIXTURE_TODAY};
        struct tl_import_report r = {0}, again = {0};
        struct expected e = count(file, imports[i].types, imports[i].n_types);
        CHECK(e.n > 1000);
        CHECK_OK(tl_import_file(ctx, project, file, &options, &r));
        printf("  %s: %lld rows, %lld inside, %lld repeated\n", imports[i].as, (long long)e.n,
               (long long)e.inside, (long long)e.repeats);
        fixture_print(&r);
        CHECK(r.n_read == e.n && r.n_added == e.inside - e.repeats && fixture_reconciles(&r));
        CHECK(fixture_reason(&r, "duplicate-row") == e.repeats);
        CHECK(r.n_refused == e.n - e.inside + e.repeats);
        CHECK(fixture_reason(&r, "year-only") == r.n_added);
        CHECK_OK(tl_import_file(ctx, project, file, &options, &again));
        CHECK(again.n_unchanged == r.n_added && again.n_added == 0 &&
              again.n_refused == r.n_refused);
    }
    tl_project_close(project);
}

TEST(the_longitude_with_the_wrong_sign_is_proposed_where_it_would_lie_inside)
{
    static const double box[4] = {-75.0, 3.7, -73.5,
                                  5.0}; /* around Bogota, where that record belongs */
    static const struct tl_import_map maps[] = {{"date", "year"}};
    const char *dir = unit_data_dir();
    char file[4096];
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_import_options options = {
        .as = "item", .n_maps = 1, .maps = maps, .where = "type_code = 4", .today = FIXTURE_TODAY};
    if (dir == NULL)
        SKIP("the real data are not here (TILTH_DATA)");
    snprintf(file, sizeof file, "%s/colombia/events_1990_2012.csv", dir);
    CHECK_OK(fixture_project(ctx, path, box, "EPSG:32618", 2000.0, &project));
    CHECK_OK(tl_import_file(ctx, project, file, &options, &r));
    CHECK(fixture_reason(&r, "lon-sign") == 1);
    CHECK(strstr(r.reasons[0].example, "74.2341667") != NULL &&
          strcmp(r.reasons[0].reason, "lon-sign") == 0);
    tl_project_close(project);
}

TEST(the_evidence_of_the_walk_through_is_sound)
{
    static const struct tl_import_map dated[] = {{"date", "year"}};
    const char *dir = unit_data_dir();
    char file[4096];
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_evidence e = {0};
    if (dir == NULL)
        SKIP("the real data are not here (TILTH_DATA)");
    struct tl_import_options options = {.as = "accident",
                                        .n_maps = 1,
                                        .maps = dated,
                                        .where = "type_code in (1,2)",
                                        .today = FIXTURE_TODAY};
    snprintf(file, sizeof file, "%s/colombia/events_1990_2012.csv", dir);
    CHECK_OK(fixture_project(ctx, path, BOX, "EPSG:32618", 2000.0, &project));
    CHECK_OK(tl_import_file(ctx, project, file, &options, &r));
    int64_t n_accidents = r.n_added;
    options.as = "report";
    options.where = "type_code = 8";
    CHECK_OK(tl_import_file(ctx, project, file, &options, &r));
    snprintf(file, sizeof file, "%s/colombia/settlements.csv", dir);
    options = (struct tl_import_options){.as = "place", .today = FIXTURE_TODAY};
    CHECK_OK(tl_import_file(ctx, project, file, &options, &r));
    fixture_print(&r);
    CHECK(fixture_reconciles(&r) && r.n_read == 1171);
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(e.n_channels == 1 && e.n_outside == 0);
    CHECK_STR(e.channels[0].name, "accident");
    double counts = 0.0;
    for (int64_t i = 0; i < tl_grid_n_cells(&e.grid); i++) {
        counts += e.channels[0].counts[i];
        CHECK(e.channels[0].counts[i] == 0.0 || e.channels[0].effort[i] > 0.0);
        CHECK((e.channels[0].effort[i] > 0.0) == (e.cell_area[i] > 0.0));
    }
    CHECK(counts == (double)n_accidents);
    CHECK(e.n_covariates == 1);
    CHECK_STR(e.covariates[0].name, "report_density");
    printf("  %lld cells; %s\n", (long long)tl_grid_n_cells(&e.grid), e.channels[0].words);
    tl_evidence_fini(&e);
    tl_project_close(project);
}
