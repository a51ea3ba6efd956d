#include "unit.h"

#include "fixture.h"

static const char *const path = "hazard_explain_test.gpkg";

static tl_err mapped(struct tl_ctx *ctx, struct tl_project **project)
{
    struct tl_hazard_result r = {0};
    tl_err err = fixture_open(ctx, path, project);
    if (err == TL_OK)
        err = tl_hazard_map(ctx, *project, NULL, &r);
    if (err == TL_OK)
        err = tl_hazard_save(ctx, *project, &r);
    tl_hazard_result_fini(&r);
    return err;
}

/* eta - beta_0 is a sum: the parts must give the density that the map says, up to what is averaged over theta. */
TEST(the_parts_add_up_to_the_density)
{
    struct tl_project *project = NULL;
    char *words = NULL, *json = NULL;
    CHECK_OK(mapped(ctx, &project));
    CHECK_OK(tl_hazard_explain(ctx, project, 15.0055, 2.0135, &words, &json));
    json_t *all = json_loads(json, 0, NULL), *part;
    CHECK(all != NULL);
    double sum = json_number_value(json_object_get(all, "average_log_density"));
    size_t i;
    json_array_foreach(json_object_get(all, "parts"), i, part) sum +=
        json_number_value(json_object_get(part, "log_factor"));
    double mean =
        json_number_value(json_object_get(json_object_get(all, "density_per_m2"), "log_mean"));
    double sd =
        json_number_value(json_object_get(json_object_get(all, "density_per_m2"), "log_sd"));
    CHECK_NEAR(sum, mean, 0.5 * sd);
    CHECK(json_array_size(json_object_get(all, "without")) >= 1);
    json_decref(all);
    tl_free(words);
    tl_free(json);
    tl_project_close(project);
    unlink(path);
}

TEST(words_name_the_search_the_records_and_the_place)
{
    struct tl_project *project = NULL;
    char *words = NULL, *json = NULL;
    CHECK_OK(mapped(ctx, &project));
    CHECK_OK(tl_hazard_explain(ctx, project, 15.0055, 2.0135, &words, &json));
    CHECK(strstr(words, "this place lies in it") != NULL);
    CHECK(strstr(words, "manual") != NULL);
    CHECK(strstr(words, "Alpha") != NULL);
    CHECK(strstr(words, "AC-") != NULL);
    CHECK(strstr(words, "not a statement that the ground is free") != NULL);
    CHECK(strstr(words, "safe") == NULL);
    tl_free(words);
    tl_free(json);
    tl_project_close(project);
    unlink(path);
}

/* Leaving out an accident next door can only lower the density there. */
TEST(leaving_out_a_near_record_lowers_the_density)
{
    struct tl_project *project = NULL;
    char *words = NULL, *json = NULL;
    CHECK_OK(mapped(ctx, &project));
    CHECK_OK(tl_hazard_explain(ctx, project, 15.0055, 2.0135, &words, &json));
    json_t *all = json_loads(json, 0, NULL), *one;
    size_t i;
    json_array_foreach(json_object_get(all, "without"), i, one)
    {
        double factor = json_number_value(json_object_get(one, "density_factor"));
        CHECK(factor > 0.2 && factor < 1.0);
    }
    json_decref(all);
    tl_free(words);
    tl_free(json);
    tl_project_close(project);
    unlink(path);
}

TEST(a_place_outside_and_a_project_without_map_are_refused)
{
    struct tl_project *project = NULL;
    char *words = NULL, *json = NULL;
    CHECK_OK(mapped(ctx, &project));
    CHECK_FAILS(tl_hazard_explain(ctx, project, 16.0, 2.0, &words, &json), TL_ENOTFOUND, "outside");
    tl_project_close(project);
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(tl_hazard_explain(ctx, project, 15.01, 2.01, &words, &json), TL_ENOTFOUND,
                "tilth map");
    CHECK(words == NULL && json == NULL);
    tl_project_close(project);
    unlink(path);
}

/* With little data the medians of range and sigma lie where no fit may hold them; a covariate's scale may be a year's. */
TEST(a_map_of_extremes_is_explained_all_the_same)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    char *words = NULL, *json = NULL, *altered = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    json_t *map = json_loads(r.json, 0, NULL);
    json_t *posterior = json_object_get(map, "posterior"), *value;
    json_object_set_new(json_object_get(posterior, "range_m"), "q50", json_real(1e9));
    json_object_set_new(json_object_get(posterior, "sigma"), "q50", json_real(1e-9));
    const char *name;
    json_object_foreach(json_object_get(posterior, "coefficients"), name, value)
        json_object_set_new(value, "mean", json_real(1e6));
    CHECK_OK(tl_json_text(ctx, map, &altered));
    tl_free(r.json);
    r.json = altered;
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    CHECK_OK(tl_hazard_explain(ctx, project, 15.0055, 2.0135, &words, &json));
    CHECK(strstr(json, "without") != NULL);
    tl_free(words);
    tl_free(json);
    json_decref(map);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}
