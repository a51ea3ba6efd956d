#include "unit.h"

#include "release/fixture.h"
#include "release/subject.h"

static const char *const path = "release_subject_test.gpkg";

static tl_err open_areas(struct tl_ctx *ctx, struct tl_project **project)
{
    tl_err err = fixture_open(ctx, path, project);
    return err != TL_OK ? err : release_text(ctx, *project, "hazard-area", release_areas);
}

TEST(an_area_is_found_by_code_source_id_or_name)
{
    static const char *const names[] = {"ha-0002", "H2", "pasture"};
    struct tl_project *project = NULL;
    struct tl_release_options o = tl_release_options_default();
    struct tl_release_subject s = {0};
    CHECK_OK(open_areas(ctx, &project));
    for (int k = 0; k < 3; k++) {
        o.area = names[k];
        CHECK_OK(tl_release_subject_find(ctx, project, &o, &s));
        CHECK_STR(s.code, "HA-0002");
        CHECK_STR(s.classification, "SHA");
        CHECK(isnan(s.suspected_cm));
        tl_release_subject_fini(&s);
    }
    o.area = "Orchad";
    CHECK_FAILS(tl_release_subject_find(ctx, project, &o, &s), TL_ENOTFOUND, "Orchard");
    o.area = NULL;
    CHECK_FAILS(tl_release_subject_find(ctx, project, &o, &s), TL_EUSAGE, "--polygon");
    CHECK(s.wkb == NULL);
    tl_project_close(project);
    unlink(path);
}

TEST(a_polygon_comes_from_a_file_of_one)
{
    static const char *const file = "release_subject_test.geojson";
    const char *text =
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{},"
        "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[15.001,2.001],[15.002,2.001],"
        "[15.002,2.002],[15.001,2.001]]]}}]}";
    struct tl_project *project = NULL;
    struct tl_release_options o = tl_release_options_default();
    struct tl_release_subject s = {0};
    json_t *json = NULL;
    CHECK_OK(open_areas(ctx, &project));
    CHECK_OK(tl_file_write(ctx, file, text, (int64_t)strlen(text)));
    o.polygon = file;
    CHECK_OK(tl_release_subject_find(ctx, project, &o, &s));
    CHECK(!s.is_area && s.code[0] == '\0');
    CHECK_OK(tl_release_subject_json(ctx, project, &s, &json));
    CHECK_STR(json_string_value(json_object_get(json, "kind")), "polygon");
    const json_t *points = json_object_get(json, "turning_points");
    CHECK(json_array_size(points) == 3);
    CHECK_NEAR(json_number_value(json_object_get(json_array_get(points, 0), "bearing_deg")), 90.0,
               0.01);
    CHECK_NEAR(json_number_value(json_object_get(json_array_get(points, 0), "distance_m")), 111.25,
               0.1);
    CHECK_NEAR(json_number_value(json_object_get(json_array_get(points, 1), "bearing_deg")), 0.0,
               0.01);
    json_decref(json);
    tl_release_subject_fini(&s);
    o.polygon = "nowhere.geojson";
    CHECK_FAILS(tl_release_subject_find(ctx, project, &o, &s), TL_ENOTFOUND, "nowhere");
    unlink(file);
    tl_project_close(project);
    unlink(path);
}

TEST(all_open_areas_come_in_order_of_code)
{
    struct tl_project *project = NULL;
    struct tl_release_subject *all = NULL;
    int64_t n = 0;
    CHECK_OK(open_areas(ctx, &project));
    CHECK_OK(release_text(ctx, project, "hazard-area",
                          "id,status,wkt\nH4,cancelled,\"POLYGON((15.001 2.001,15.002 2.001,15.002 "
                          "2.002,15.001 2.001))\"\n"));
    CHECK_OK(tl_release_subject_all(ctx, project, &all, &n));
    CHECK(n == 3);
    CHECK_STR(all[0].code, "HA-0001");
    CHECK_STR(all[2].code, "HA-0003");
    for (int64_t k = 0; k < n; k++)
        tl_release_subject_fini(&all[k]);
    tl_free(all);
    tl_project_close(project);
    unlink(path);
}
