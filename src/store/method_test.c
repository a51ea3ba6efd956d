#include "unit.h"

#include "store/fixture.h"
#include "store/method.h"

static const char path[] = "method_test.gpkg";

TEST(methods_are_there_in_order_of_name_and_unknown_always)
{
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    int64_t n = 0;
    bool found = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_methods(ctx, project, &methods, &n));
    CHECK(n == tl_method_n_defaults);
    for (int k = 0; k < tl_method_n_defaults; k++) {
        int64_t i = 0;
        while (i < n && !tl_method_same_row(&methods[i], &tl_method_defaults[k]))
            i++;
        CHECK(i < n && tl_method_equal(&methods[i], &tl_method_defaults[k]));
    }
    for (int64_t i = 1; i < n; i++)
        CHECK(strcasecmp(methods[i - 1].name, methods[i].name) < 0);
    tl_free(methods);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "DELETE FROM method WHERE name = 'unknown'"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_methods(ctx, project, &methods, &n));
    for (int64_t i = 0; i < n; i++)
        found = found || strcmp(methods[i].name, "unknown") == 0;
    CHECK(found && n == tl_method_n_defaults);
    tl_free(methods);
    tl_project_close(project);
}

TEST(two_rows_of_one_kind_are_refused_by_the_file_itself)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_sql_exec(ctx, project->db,
                            "INSERT INTO method (name, detectable_a, detectable_b, per_pass_a, "
                            "per_pass_b, source) VALUES ('Manual', 1, 1, 1, 1, 'x')"),
                TL_EDATA, "method_row");
    CHECK_FAILS(tl_sql_exec(ctx, project->db,
                            "UPDATE method SET vegetation_detect_light = 1.2 WHERE name = 'dogs'"),
                TL_EDATA, "CHECK");
    tl_project_close(project);
}

static struct tl_method row(const char *name, const char *group, double depth_cm, const char *soil)
{
    struct tl_method m = tl_method_defaults[0];
    snprintf(m.name, sizeof m.name, "%s", name);
    snprintf(m.group, sizeof m.group, "%s", group);
    snprintf(m.soil, sizeof m.soil, "%s", soil);
    m.depth_cm = depth_cm;
    return m;
}

/* Rows that fit, then group before soil before the smallest depth that reaches. */
TEST(the_most_specific_row_that_fits_is_picked)
{
    const struct tl_method rows[] = {
        row("manual", "", INFINITY, ""),     row("manual", "mines", INFINITY, ""),
        row("manual", "", INFINITY, "clay"), row("manual", "", 20, ""),
        row("manual", "", 50, ""),           row("manual", "mines", 20, "clay"),
        row("deep", "erw", INFINITY, ""),    row("unknown", "", INFINITY, "")};
    static const struct {
        const char *name, *group, *soil;
        double depth_cm;
        int64_t row;
        bool known;
    } table[] = {{"manual", "", "", NAN, 0, true},         {"MANUAL", "mines", "", NAN, 1, true},
                 {"manual", "mines", "clay", 20, 5, true}, {"manual", "mines", "clay", 21, 1, true},
                 {"manual", "erw", "clay", 10, 2, true},   {"manual", "erw", "sand", 10, 3, true},
                 {"manual", "erw", "", 20.5, 4, true},     {"manual", "erw", "", 60, 0, true},
                 {"deep", "mines", "", 10, 7, true},       {"deep", "erw", "", 10, 6, true},
                 {"rollers", "", "", NAN, 7, false},       {NULL, "mines", "clay", 10, 7, false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool known = !table[i].known;
        int64_t got = tl_method_pick(rows, 8, table[i].name, table[i].group, table[i].depth_cm,
                                     table[i].soil, &known);
        CHECK(got == table[i].row && known == table[i].known);
    }
}

/* By simulation of two passes over one item with d = 0.8, q = 0.5: corr = q (1 - d) / (1 - d q) = 1/6. */
TEST(correlation_of_two_passes)
{
    struct tl_method m = {.detectable_a = 8, .detectable_b = 2, .per_pass_a = 5, .per_pass_b = 5};
    CHECK_NEAR(tl_method_correlation(&m), 1.0 / 6.0, 1e-12);
    double d = 0.8, q = 0.5, both = d * q * q, p = d * q; /* from the definition */
    CHECK_NEAR(tl_method_correlation(&m), (both - p * p) / (p * (1 - p)), 1e-12);
}

TEST(a_row_is_named_for_people)
{
    char text[160];
    struct tl_method general = row("manual", "", INFINITY, ""),
                     special = row("manual", "mines", 20, "clay");
    CHECK_STR(tl_method_title(&general, text), "manual");
    CHECK_STR(tl_method_title(&special, text), "manual (mines, to 20 cm, clay soil)");
}
