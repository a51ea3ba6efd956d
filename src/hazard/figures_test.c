#include "unit.h"

#include "fixture.h"
#include "hazard/hazard.h"

static const char *const path = "hazard_figures_test.gpkg";

TEST(estimates_keep_their_names)
{
    const struct tl_estimate e = {.mean = 1.5, .sd = 0.25, .q025 = 1.0, .q50 = 1.4, .q975 = NAN};
    json_t *json = tl_hazard_estimate(&e);
    CHECK_NEAR(json_number_value(json_object_get(json, "mean")), 1.5, 0.0);
    CHECK_NEAR(json_number_value(json_object_get(json, "q50")), 1.4, 1e-12);
    CHECK(json_is_null(json_object_get(json, "q975")));
    json_decref(json);
}

/* Everything that a result rests on is in the JSON, and nothing that differs between two runs. */
TEST(the_json_names_inputs_options_seed_and_figures)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    options.field.seed = 12;
    options.n_look = 3;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, &options, &r));
    json_t *json = json_loads(r.json, 0, NULL);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.map/1");
    const json_t *records = json_object_get(json_object_get(json, "inputs"), "records");
    CHECK(json_integer_value(json_object_get(json_object_get(records, "accident"), "records")) ==
          30);
    CHECK(strlen(json_string_value(
              json_object_get(json_object_get(records, "accident"), "sha256"))) == 64);
    CHECK(json_integer_value(json_object_get(json_object_get(json, "options"), "seed")) == 12);
    CHECK(json_array_size(json_object_get(json, "look")) == 3);
    const json_t *posterior = json_object_get(json, "posterior");
    CHECK(json_number_value(json_object_get(json_object_get(posterior, "range_m"), "mean")) > 0.0);
    CHECK(strstr(r.json, "seconds") == NULL);
    json_decref(json);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}
