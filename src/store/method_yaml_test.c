#include "unit.h"

#include "store/fixture.h"
#include "store/method.h"

static const char path[] = "method_yaml_test.gpkg";

TEST(what_is_written_reads_back_as_the_same)
{
    struct tl_project *project = NULL;
    struct tl_method_edit edit = {0};
    char *yaml = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    /* rows with everything in them, and a text that needs its quotes */
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(
        ctx, project->db,
        "INSERT INTO method (name, item_group, depth_cm, soil, detectable_a, detectable_b, "
        "per_pass_a, per_pass_b, source, m2_per_day, pace_source, price_per_m2, price_per_m2_high, "
        "currency, price_source, vegetation_pace_dense, vegetation_detect_dense, "
        "slope_detect_steep, terrain_source, process_failure) VALUES ('manual', 'mines', 13.7, "
        "'mineralised: \"red\"', 1.0/3, 2, 3, 4, 'a \\ b' || char(10) || '# c', 33.3, 'x', 0.1, "
        "0.2, 'UAH', 'y', 0.3, 0.9, 0.7, 'z', 0.017)"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_method_yaml(ctx, project, &yaml));
    FILE *out = fopen("method_yaml_test.yaml", "w");
    CHECK(out != NULL);
    fputs(yaml, out);
    fclose(out);
    CHECK_OK(tl_method_edit(ctx, project, "method_yaml_test.yaml", &edit));
    CHECK(edit.n_same == tl_method_n_defaults + 1 && edit.n_changed == 0 && edit.n_added == 0 &&
          edit.n_removed == 0);
    CHECK(strstr(yaml, "price_per") == NULL && strstr(yaml, "high: 0.2 UAH/m2") != NULL);
    tl_free(yaml);
    tl_project_close(project);
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    char *yaml = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_EVERY_ALLOC(ctx, tl_method_yaml(ctx, project, &yaml));
    tl_free(yaml);
    tl_project_close(project);
}
