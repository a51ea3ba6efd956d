#include "unit.h"

#include <unistd.h>

#include "serve/router.h"

static bool same_shape(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t n = strcspn(a, "/"), m = strcspn(b, "/");
        bool place = a[0] == '{' || b[0] == '{';
        if (!place && (n != m || strncmp(a, b, n) != 0))
            return false;
        a += n + (a[n] == '/');
        b += m + (b[m] == '/');
    }
    return *a == *b;
}

static bool has_place(const struct tl_route *route, const char *name, size_t n)
{
    for (int i = 0; i < TL_ROUTE_PLACES_MAX && route->places[i].name != NULL; i++)
        if (strlen(route->places[i].name) == n && memcmp(route->places[i].name, name, n) == 0)
            return true;
    return false;
}

TEST(every_route_is_complete)
{
    int n;
    const struct tl_route *routes = tl_routes(&n);
    for (int i = 0; i < n; i++) {
        const struct tl_route *r = &routes[i];
        int n_places = 0, n_named = 0;
        CHECK(r->pattern[0] == '/' && r->handler != NULL && r->reply != NULL &&
              r->summary != NULL && r->roles != 0);
        CHECK(r->summary[strlen(r->summary) - 1] != '.');
        CHECK((r->method == TL_ROUTE_GET) <= (r->body_max_bytes == 0));
        for (const char *at = strchr(r->pattern, '{'); at != NULL; at = strchr(at + 1, '{')) {
            CHECK(has_place(r, at + 1, strcspn(at + 1, "}")));
            n_places++;
        }
        while (n_named < TL_ROUTE_PLACES_MAX && r->places[n_named].name != NULL)
            n_named++;
        CHECK(n_named == n_places);
        for (int k = 0; k < TL_ROUTE_PARAMETERS_MAX && r->query[k].name != NULL; k++)
            CHECK(r->query[k].meaning != NULL &&
                  (r->query[k].type == TL_ROUTE_CHOICE) == (r->query[k].choices != NULL));
        /* Only a log-in, and an invitation that is taken up by its own secret, may change something without a session. */
        CHECK(!r->open || strcmp(r->pattern, "/api/1/session") == 0 ||
              strcmp(r->pattern, "/api/1/invitation") == 0);
        CHECK(r->method == TL_ROUTE_GET || r->open || !(r->roles & TL_ROUTE_MAY(TL_ACCOUNT_GUEST)));
        CHECK(r->method == TL_ROUTE_GET ||
              r->lane != TL_ROUTE_HERE); /* what writes or works does not hold up tiles */
    }
}

/* Of two patterns that one path may fit, the one with the literal must come first, or it is never reached. */
TEST(no_route_hides_another)
{
    int n;
    const struct tl_route *routes = tl_routes(&n);
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++)
            if (routes[i].method == routes[k].method &&
                same_shape(routes[i].pattern, routes[k].pattern))
                CHECK(strcmp(routes[i].pattern, routes[k].pattern) != 0 &&
                      strchr(strrchr(routes[i].pattern, '/'), '{') == NULL);
}

TEST(every_schema_that_is_named_exists)
{
    int n;
    const struct tl_route *routes = tl_routes(&n);
    for (int i = 0; i < n; i++) {
        const char *names[] = {routes[i].reply, routes[i].body_schema};
        for (int k = 0; k < 2; k++) {
            char path[512];
            if (names[k] == NULL || strncmp(names[k], "tilth.", 6) != 0)
                continue;
            size_t length = strcspn(names[k], "/");
            snprintf(path, sizeof path, "%s/schemas/%.*s.%s.json", TILTH_SOURCE, (int)length,
                     names[k], names[k] + length + 1);
            if (access(path, R_OK) != 0)
                printf("  %s\n", path);
            CHECK(access(path, R_OK) == 0);
        }
    }
}
