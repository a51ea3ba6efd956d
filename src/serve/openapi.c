/* OpenAPI 3.1 from the route table. Schemas of bodies and replies are named as in schemas/, where they live. */
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/router.h"

static json_t *schema_of(const struct tl_route_parameter *p)
{
    json_t *choices, *schema = json_object();
    switch (p->type) {
    case TL_ROUTE_INTEGER:
    case TL_ROUTE_REAL:
        json_object_set_new(schema, "type",
                            json_string(p->type == TL_ROUTE_REAL ? "number" : "integer"));
        json_object_set_new(schema, "minimum", json_real(p->min));
        json_object_set_new(schema, "maximum", json_real(p->max));
        return schema;
    case TL_ROUTE_CHOICE:
        choices = json_array();
        for (const char *at = p->choices; *at != '\0';) {
            size_t n = strcspn(at, "|");
            json_array_append_new(choices, json_stringn(at, n));
            at += n + (at[n] == '|');
        }
        json_object_set_new(schema, "enum", choices);
        return schema;
    case TL_ROUTE_NAME:
        json_object_set_new(schema, "pattern", json_string("^[a-z0-9_-]{1,64}$"));
        break;
    case TL_ROUTE_CODE:
        json_object_set_new(schema, "maxLength", json_integer(128));
        break;
    case TL_ROUTE_TEXT:
        json_object_set_new(schema, "maxLength", json_integer(512));
        break;
    case TL_ROUTE_BOX:
        json_object_set_new(schema, "pattern", json_string("^[-+.0-9eE]+(,[-+.0-9eE]+){3}$"));
        break;
    case TL_ROUTE_DATE:
        json_object_set_new(schema, "pattern", json_string("^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"));
        break;
    }
    json_object_set_new(schema, "type", json_string("string"));
    return schema;
}

static void add_parameters(json_t *list, const struct tl_route_parameter *all, int max,
                           const char *in)
{
    for (int i = 0; i < max && all[i].name != NULL; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", all[i].name, "in", in, "required",
                            strcmp(in, "path") == 0 || all[i].required, "description",
                            all[i].meaning, "schema", schema_of(&all[i])));
}

/* "tilth.assess/1" is described by schemas/tilth.assess.1.json; anything else is a media type. */
static json_t *content_of(const char *what)
{
    char file[96];
    const char *slash = strchr(what, '/');
    if (strncmp(what, "tilth.", 6) != 0)
        return json_pack("{s:{}}", what);
    snprintf(file, sizeof file, "schemas/%.*s.%s.json", (int)(slash - what), what, slash + 1);
    return json_pack("{s:{s:{s:s}}}", "application/json", "schema", "$ref", file);
}

static json_t *roles_of(unsigned roles)
{
    json_t *list = json_array();
    for (int r = 0; r < TL_ACCOUNT_ROLES; r++)
        if (roles & TL_ROUTE_MAY(r))
            json_array_append_new(list, json_string(tl_account_role_name((enum tl_account_role)r)));
    return list;
}

static json_t *operation_of(const struct tl_route *route)
{
    json_t *parameters = json_array();
    add_parameters(parameters, route->places, TL_ROUTE_PLACES_MAX, "path");
    add_parameters(parameters, route->query, TL_ROUTE_PARAMETERS_MAX, "query");
    if (route->method != TL_ROUTE_GET && !route->open)
        json_array_append_new(parameters,
                              json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", "X-CSRF-Token",
                                        "in", "header", "required", 1, "description",
                                        "csrf of GET /api/1/session", "schema", "type", "string"));
    json_t *operation =
        json_pack("{s:s, s:o, s:o, s:{s:{s:s, s:o}, s:{s:s, s:o}}}", "summary", route->summary,
                  "x-roles", roles_of(route->roles), "parameters", parameters, "responses", "200",
                  "description", "success", "content", content_of(route->reply), "default",
                  "description", "an error, in words", "content", content_of("tilth.error/1"));
    if (route->body_max_bytes > 0)
        json_object_set_new(
            operation, "requestBody",
            json_pack("{s:b, s:I, s:o}", "required", 1, "x-max-bytes",
                      (json_int_t)route->body_max_bytes, "content",
                      route->body_schema != NULL
                          ? content_of(route->body_schema)
                          : content_of(route->body != NULL ? route->body : "application/json")));
    return operation;
}

json_t *tl_openapi_document(void)
{
    static const char *const methods[TL_ROUTE_METHODS] = {"get", "post", "patch", "delete"};
    json_t *paths = json_object();
    int n;
    const struct tl_route *routes = tl_routes(&n);
    for (int i = 0; i < n; i++) {
        json_t *path = json_object_get(paths, routes[i].pattern);
        if (path == NULL) {
            path = json_object();
            json_object_set_new(paths, routes[i].pattern, path);
        }
        json_object_set_new(path, methods[routes[i].method], operation_of(&routes[i]));
    }
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:o}", "openapi", "3.1.0", "info", "title", "Tilth",
                     "version", TILTH_VERSION, "description",
                     "A project of humanitarian mine action, served. Positions are WGS 84, "
                     "longitude first. Errors are tilth.error/1.",
                     "paths", paths);
}

tl_err tl_api_openapi(struct tl_call *call)
{
    return tl_call_json(call, 200, tl_openapi_document());
}
