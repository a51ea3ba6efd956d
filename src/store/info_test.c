#include "unit.h"

#include "core/json.h"
#include "store/fixture.h"

static const char path[] = "info_test.gpkg";

/* Hash of the accidents after putting those of `order`. */
static tl_err hash_of(struct tl_ctx *ctx, const int *order, int n, const char *category,
                      const char *sql, char hex[65])
{
    struct tl_project *project = NULL;
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = 0; i < n; i++)
        TL_TRY(fixture_put(ctx, project, 0, order[i], true, category, &put, NULL));
    TL_TRY(tl_project_commit(ctx, project));
    if (sql != NULL)
        TL_TRY(tl_sql_exec(ctx, project->db, sql));
    TL_TRY(tl_project_kind_hash(ctx, project, TL_KIND_ACCIDENT, hex));
done:
    tl_project_close(project);
    return err;
}

TEST(the_hash_of_a_kind_knows_content_and_not_order)
{
    static const int one[] = {1, 2, 3}, other[] = {3, 1, 2};
    char a[65], b[65];
    CHECK_OK(hash_of(ctx, one, 3, "mine", NULL, a));
    CHECK_OK(hash_of(ctx, other, 3, "mine", NULL, b));
    CHECK_STR(a, b);
    CHECK_OK(hash_of(ctx, one, 3, "mines", NULL, b));
    CHECK(strcmp(a, b) != 0);
    CHECK_OK(hash_of(ctx, one, 2, "mine", NULL, b));
    CHECK(strcmp(a, b) != 0);
    CHECK_OK(hash_of(ctx, one, 3, "mine", "UPDATE accident SET killed = 5 WHERE id = 2",
                     b)); /* as QGIS does */
    CHECK(strcmp(a, b) != 0);
    CHECK_OK(hash_of(ctx, one, 3, "mine", "UPDATE accident SET remarks = 'seen' WHERE id = 2", b));
    CHECK_STR(a, b); /* no map rests on remarks */
}

TEST(info_is_json_with_the_figures)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "accident", .path = "a.csv", .n_read = 1, .n_added = 1};
    char *text = NULL;
    int64_t id = 0;
    enum tl_put put;
    json_error_t error;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_import_begin(ctx, project, &entry, &id));
    CHECK_OK(fixture_put(ctx, project, id, 1, true, "mine", &put, NULL));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_EVERY_ALLOC(ctx, (tl_free(text), text = NULL, tl_project_info(ctx, project, &text)));
    json_t *json = json_loads(text, 0, &error);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "title")), "info_test");
    CHECK(json_integer_value(json_object_get(json_object_get(json, "records"), "accident")) == 1);
    CHECK(json_integer_value(json_object_get(json_object_get(json, "grid"), "n_x")) == 10);
    CHECK(json_array_size(json_object_get(json, "imports")) == 1);
    CHECK(strlen(json_string_value(json_object_get(json_object_get(json, "log"), "head"))) == 64);
    CHECK(json_integer_value(json_object_get(json_object_get(json, "log"), "unsealed")) == 0);
    CHECK(json_is_null(json_object_get(json, "last_map")));
    json_decref(json);
    tl_free(text);
    tl_project_close(project);
}
