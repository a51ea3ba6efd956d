#include "unit.h"

#include "store/fixture.h"

static const char path[] = "import_test.gpkg";

TEST(imports_refusals_findings_and_mappings_are_kept)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "accident", .path = "a.csv", .options = "{}"};
    struct tl_refused refused = {3, "date-future", "2090 is after today", "{\"d\":\"2090\"}", NULL};
    struct tl_finding finding = {"same-position", "two at one place", 0, 4};
    int64_t id = 0, n = 0;
    char *json = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_import_begin(ctx, project, &entry, &id));
    CHECK(id == 1);
    CHECK_OK(tl_project_refuse(ctx, project, id, &refused));
    CHECK_OK(tl_project_find(ctx, project, id, TL_KIND_ACCIDENT, &finding));
    entry.n_read = entry.n_refused = 1;
    CHECK_OK(tl_project_import_end(ctx, project, id, &entry));
    CHECK_FAILS(tl_project_import_end(ctx, project, 99, &entry), TL_ENOTFOUND, "no import 99");
    CHECK_OK(tl_project_mapping_put(ctx, project, "accident", "h", "a,b", "{\"a\":1}"));
    CHECK_OK(tl_project_mapping_put(ctx, project, "accident", "h", "a,b", "{\"a\":2}"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_mapping_get(ctx, project, "accident", "h", &json));
    CHECK_STR(json, "{\"a\":2}");
    tl_free(json);
    CHECK_OK(tl_project_mapping_get(ctx, project, "item", "h", &json));
    CHECK(json == NULL);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM refused WHERE row = 3 AND reason = 'date-future'", 0,
                        &n));
    CHECK(n == 1);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(tl_project_refuse(ctx, project, 99, &refused), TL_EDATA, "FOREIGN KEY");
    tl_project_close(project);
}
