/* The route table. Data, not code: the router, OpenAPI, docs/api.md and the role-matrix test are made from it. */
#include "serve/api.h"

enum { LOGIN_BYTES = 4096 };

static const struct tl_route routes[] = {
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_session_get,
        .reply = "tilth.session/1",
        .summary = "who asks: name, role, token for changes, language",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_ANYBODY,
        .lane = TL_ROUTE_SECRET,
        .handler = tl_api_session_post,
        .body_max_bytes = LOGIN_BYTES,
        .body_schema = "tilth.login/1",
        .reply = "tilth.session/1",
        .summary = "log in with a name and a password",
        .open = true,
    },
    {
        .method = TL_ROUTE_DELETE,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_session_delete,
        .reply = "tilth.session/1",
        .summary = "log out",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/project",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_project,
        .reply = "tilth.project/1",
        .summary = "title, extent, system, kinds of record with their counts, the latest map",
    },
};

const struct tl_route *tl_routes(int *n)
{
    *n = (int)(sizeof routes / sizeof routes[0]);
    return routes;
}
