#include "unit.h"

#include "store/fixture.h"
#include "store/method.h"

static const char path[] = "method_edit_test.gpkg", file[] = "method_edit_test.yaml";

#define UNKNOWN                                                                                    \
    "methods:\n- {name: unknown, detectable: {a: 4, b: 2}, per_pass: {a: 4, b: 2}, source: x}\n"

static tl_err edit_text(struct tl_ctx *ctx, struct tl_project *project, const char *text,
                        struct tl_method_edit *edit)
{
    FILE *out = fopen(file, "w");
    if (out == NULL)
        return TL_EIO;
    fputs(text, out);
    fclose(out);
    return tl_method_edit(ctx, project, file, edit);
}

TEST(the_table_becomes_what_the_file_says)
{
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {0};
    struct tl_method *m = NULL;
    int64_t n = 0, lines = 0;
    bool known = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_text(
        ctx, project,
        UNKNOWN "- name: Dogs\n  detectable: {found: 19, laid: 20}\n  per_pass: {found: 40, laid: "
                "50}\n  source: our trials\n  pace: {typical: 0.2 ha/day, low: 1000 m2/day, high: "
                "3000 m2/day, source: our log}\n  price: {typical: 900 EUR/ha, source: tender}\n"
                "  process_failure: {chance: 2 %, finds: 0.5}\n  terrain:\n    vegetation:\n"
                "      dense: {pace: 0.5, detection: 0.8}\n    slope:\n      steep: {pace: 0.25}\n"
                "    source: our trials\n"
                "- {name: dogs, group: erw, depth: 0.2 m, detectable: {a: 5, b: 5}, per_pass: {a: "
                "5, b: 5}, search: no, source: 'assumption: none'}\n",
        &edit));
    CHECK(edit.n_added == 1 && edit.n_changed == 2 && edit.n_same == 0 &&
          edit.n_removed == tl_method_n_defaults - 2);
    CHECK_OK(tl_project_methods(ctx, project, &m, &n));
    CHECK(n == 3);
    const struct tl_method *d = &m[tl_method_pick(m, n, "dogs", "mines", 5, "", &known)];
    CHECK(known && d->detectable_a == 20 && d->detectable_b == 2 && d->per_pass_a == 41 &&
          d->per_pass_b == 11);
    CHECK(d->m2_per_day == 2000 && d->m2_per_day_low == 1000 && d->m2_per_day_high == 3000);
    CHECK_NEAR(d->price_per_m2, 0.09, 1e-15);
    CHECK_STR(d->currency, "EUR");
    CHECK(isnan(d->price_per_m2_low) && !d->is_assumption && d->process_failure == 0.02);
    CHECK(d->vegetation_pace[3] == 0.5 && d->vegetation_detect[3] == 0.8 &&
          d->vegetation_pace[1] == 1 && d->slope_pace[2] == 0.25 && d->slope_detect[2] == 1);
    const struct tl_method *e = &m[tl_method_pick(m, n, "dogs", "erw", 20, "", &known)];
    CHECK(e->depth_cm == 20 && !e->is_search && e->is_assumption && isnan(e->m2_per_day));
    tl_free(m);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name = 'method' AND op != 'insert'",
                        0, &lines));
    CHECK(lines == tl_method_n_defaults); /* each changed or removed row has its line */
    tl_project_close(project);
}

/* p and rho come back from d and q, and the strength makes p vary as its trials say (to the first order). */
TEST(a_repeat_correlation_gives_d_and_q)
{
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {0};
    struct tl_method *m = NULL;
    int64_t n = 0;
    bool known = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_text(ctx, project,
                       UNKNOWN "- {name: probe, one_pass: {found: 149, laid: 198}, "
                               "repeat_correlation: 0.4, source: trial}\n",
                       &edit));
    CHECK_OK(tl_project_methods(ctx, project, &m, &n));
    const struct tl_method *x = &m[tl_method_pick(m, n, "probe", "", NAN, "", &known)];
    double a = x->detectable_a, b = x->detectable_b, d = a / (a + b), s = a + b;
    double q = x->per_pass_a / (x->per_pass_a + x->per_pass_b);
    CHECK_NEAR(d * q, 0.75, 1e-12);
    CHECK_NEAR(tl_method_correlation(x), 0.4, 1e-12);
    CHECK_NEAR(d, 0.75 / (0.75 + 0.4 * 0.25), 1e-12);
    double var = (d * d + d * (1 - d) / (s + 1)) * (q * q + q * (1 - q) / (s + 1)) - d * d * q * q;
    CHECK_NEAR(var / (0.75 * 0.25 / 201), 1.0, 0.01);
    tl_free(m);
    tl_project_close(project);
}

#define ROW(text)                                                                                  \
    UNKNOWN "- {name: a, detectable: {a: 1, b: 1}, per_pass: {a: 1, b: 1}, source: s, " text "}\n"
#define BARE(text) UNKNOWN "- {name: a, source: s, " text "}\n"

TEST(what_is_wrong_is_named_with_its_place_and_nothing_changes)
{
    static const struct {
        const char *text, *part;
    } table[] = {
        {"methods:\n", "methods: nothing stands there"},
        {"method: []\n", "line 1, column 1: unknown key \"method\", did you mean \"methods\"?"},
        {"methods: []\n", "\"unknown\" is missing"},
        {ROW("deptj: 3 cm"), "line 3, column 74: unknown key \"deptj\", did you mean \"depth\"?"},
        {ROW("depth: 20"), "depth: \"20\" has no unit"},
        {ROW("depth: 20 inch"), "depth: \"20 inch\" has an unknown unit"},
        {ROW("depth: -3 cm"), "depth: -3 cm is out of range"},
        {ROW("group: mine"), "group: unknown \"mine\", did you mean \"mines\"?"},
        {ROW("pace: {typical: 25 m2/day}"), "pace: figures without their source"},
        {ROW("pace: {typical: 25, source: x}"), "typical: \"25\" has no unit"},
        {ROW("pace: {low: 25 m2/day, source: x}"), "pace: \"typical\" is missing"},
        {ROW("pace: {typical: 25 m2/day, low: 30 m2/day, source: x}"), "low <= typical <= high"},
        {ROW("price: {typical: 3, source: x}"), "typical: \"3\" is no price"},
        {ROW("price: {typical: 3 USD/m2, high: 4 EUR/m2, source: x}"), "unknown unit"},
        {ROW("terrain: {vegetation: {dens: {pace: 1}}, source: x}"), "did you mean \"dense\"?"},
        {ROW("terrain: {vegetation: {dense: {detection: 1.5}}, source: x}"), "1.5 is out of range"},
        {ROW("terrain: {slope: {steep: {pace: 0.5}}}"), "terrain: figures without their source"},
        {ROW("process_failure: {chance: 120 %, finds: 0}"), "chance: 120 % is out of range"},
        {ROW("one_pass: {a: 1, b: 1}"), "one_pass stands for detectable and per_pass"},
        {BARE("detectable: {a: 1, b: 1}"), "\"per_pass\" is missing"},
        {BARE("detectable: {found: 5, laid: 4}, per_pass: {a: 1, b: 1}"),
         "found: 5 is out of range"},
        {BARE("detectable: {found: 5, laid: 6, a: 1}, per_pass: {a: 1, b: 1}"), "given both"},
        {BARE("one_pass: {found: 5, laid: 6}"), "\"repeat_correlation\" is missing"},
        {BARE("one_pass: {found: 5, laid: 6}, repeat_correlation: 1.5"), "1.5 is out of range"},
        {ROW("soil: clay"), "a has no general row"},
        {UNKNOWN "- {name: a, detectable: {a: 1, b: 1}, per_pass: {a: 1, b: 1}}\n",
         "figures without their source"},
        {UNKNOWN "- {name: Unknown, detectable: {a: 1, b: 1}, per_pass: {a: 1, b: 1}, source: x}\n",
         "line 3, column 4: Unknown comes twice"},
        {UNKNOWN, "the method \"manual\" is not in it, but 1 searches name it"},
    };
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {.n_same = -7};
    int64_t before = 0, after = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "INSERT INTO search (method) VALUES ('Manual')"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT max(id) FROM log", 0, &before));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_FAILS(edit_text(ctx, project, table[i].text, &edit), TL_EDATA, table[i].part);
    CHECK_FAILS(tl_method_edit(ctx, project, "no_such.yaml", &edit), TL_ENOTFOUND, "no_such.yaml");
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT max(id) FROM log", 0, &after));
    CHECK(before == after && edit.n_same == -7);
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(edit_text(ctx, project, UNKNOWN, &edit), TL_EREADONLY, "reading only");
    tl_project_close(project);
}

/* 0.07 x 100 is not 7 to the last bit. */
TEST(a_depth_is_the_same_in_any_unit)
{
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {0};
#define AT_DEPTH(depth)                                                                            \
    UNKNOWN "- {name: dogs, detectable: {a: 5, b: 5}, per_pass: {a: 5, b: 5}, source: x}\n"        \
            "- {name: dogs, depth: " depth                                                         \
            ", detectable: {a: 5, b: 5}, per_pass: {a: 5, b: 5}, source: x}\n"
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_text(ctx, project, AT_DEPTH("7 cm"), &edit));
    CHECK_OK(edit_text(ctx, project, AT_DEPTH("0.07 m"), &edit));
    CHECK(edit.n_same == 3 && edit.n_added == 0 && edit.n_changed == 0 && edit.n_removed == 0);
    CHECK_OK(edit_text(ctx, project, AT_DEPTH("70 mm"), &edit));
    CHECK(edit.n_same == 3);
    CHECK_FAILS(
        edit_text(ctx, project,
                  AT_DEPTH("7 cm") "- {name: dogs, depth: 0.07 m, detectable: {a: 5, b: 5}, "
                                   "per_pass: {a: 5, b: 5}, source: x}\n",
                  &edit),
        TL_EDATA, "");
    tl_project_close(project);
}
