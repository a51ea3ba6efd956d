#include "unit.h"

#include "serve/api.h"

TEST(each_route_is_an_operation_with_its_parameters_and_roles)
{
    int n, found = 0;
    (void)tl_routes(&n);
    json_t *document = tl_openapi_document();
    CHECK(document != NULL);
    const char *path;
    json_t *methods;
    json_object_foreach(json_object_get(document, "paths"), path, methods)
    {
        found += (int)json_object_size(methods);
    }
    CHECK(found == n && n > 0);
    json_t *log_in = json_object_get(
        json_object_get(json_object_get(document, "paths"), "/api/1/session"), "post");
    CHECK(json_array_size(json_object_get(log_in, "x-roles")) == TL_ACCOUNT_ROLES);
    json_t *schema = json_object_get(
        json_object_get(json_object_get(json_object_get(log_in, "requestBody"), "content"),
                        "application/json"),
        "schema");
    CHECK_STR(json_string_value(json_object_get(schema, "$ref")), "schemas/tilth.login.1.json");
    json_t *release = json_object_get(
        json_object_get(json_object_get(document, "paths"), "/api/1/areas/{code}/release"), "post");
    CHECK(json_array_size(json_object_get(release, "x-roles")) == 1);
    CHECK_STR(json_string_value(json_array_get(json_object_get(release, "x-roles"), 0)),
              "approver");
    CHECK(json_array_size(json_object_get(release, "parameters")) == 2); /* code, and the token */
    json_decref(document);
}
