#include "unit.h"

#include "core/json.h"
#include "store/fixture.h"
#include "tilth/facet.h"

static const char path[] = "facet_test.gpkg";

TEST(a_kind_tells_its_dates_statuses_and_organisations)
{
    static const char *const rows[][3] = {{"2024-05", "open", "B"},
                                          {"2023-01-02", "closed", "A"},
                                          {"2025", "open", NULL},
                                          {NULL, NULL, "A"}};
    struct tl_project *project = NULL;
    char *json = NULL;
    enum tl_put put;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i < 4; i++) {
        char id[8];
        struct tl_record record = {.source = "s", .accuracy_m = NAN, .source_id = id};
        snprintf(id, sizeof id, "%d", i);
        record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "date")] = rows[i][0];
        record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "status")] = rows[i][1];
        record.values[tl_kind_column(TL_KIND_HAZARD_AREA, "organisation")] = rows[i][2];
        CHECK_OK(tl_register_put(ctx, project, TL_KIND_HAZARD_AREA, &record, false, &put, NULL));
    }
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_facet_list(ctx, project, TL_KIND_HAZARD_AREA, &json));
    json_t *facets = json_loads(json, 0, NULL);
    json_t *wanted = json_pack("{s:s, s:s, s:[s,s], s:[s,s]}", "from", "2023-01-02", "to", "2025",
                               "statuses", "closed", "open", "organisations", "A", "B");
    CHECK(json_equal(facets, wanted));
    json_decref(facets);
    json_decref(wanted);
    tl_free(json);
    CHECK_OK(tl_facet_list(ctx, project, TL_KIND_PLACE, &json));
    facets = json_loads(json, 0, NULL);
    CHECK(json_is_null(json_object_get(facets, "from")) &&
          json_array_size(json_object_get(facets, "statuses")) == 0);
    json_decref(facets);
    tl_free(json);
    tl_project_close(project);
}
