#include "unit.h"

#include "serve/router.h"

static const struct tl_route table[] = {
    {.method = TL_ROUTE_GET,
     .pattern = "/api/things/{kind}",
     .places = {{.name = "kind", .type = TL_ROUTE_NAME}},
     .query = {{.name = "limit", .type = TL_ROUTE_INTEGER, .min = 1, .max = 10},
               {.name = "box", .type = TL_ROUTE_BOX},
               {.name = "at", .type = TL_ROUTE_DATE},
               {.name = "q", .type = TL_ROUTE_TEXT},
               {.name = "how", .type = TL_ROUTE_CHOICE, .choices = "a|bc"}}},
    {.method = TL_ROUTE_POST,
     .pattern = "/api/things/{kind}",
     .places = {{.name = "kind", .type = TL_ROUTE_NAME}}},
    {.method = TL_ROUTE_GET,
     .pattern = "/api/things/{kind}/{code}",
     .places = {{.name = "kind", .type = TL_ROUTE_NAME}, {.name = "code", .type = TL_ROUTE_CODE}}},
    {.method = TL_ROUTE_GET,
     .pattern = "/tiles/{z}/{x}.png",
     .places = {{.name = "z", .type = TL_ROUTE_INTEGER, .min = 0, .max = 22},
                {.name = "x", .type = TL_ROUTE_INTEGER, .min = 0, .max = 100}}},
    {.method = TL_ROUTE_GET,
     .pattern = "/need",
     .query = {{.name = "lon",
                .type = TL_ROUTE_REAL,
                .min = -180,
                .max = 180,
                .required = true,
                .meaning = "longitude"}}},
};

static tl_err find(struct tl_ctx *ctx, enum tl_route_method method, const char *uri, char *room,
                   struct tl_router_found *found)
{
    snprintf(room, TL_ROUTER_URI_MAX, "%s", uri);
    return tl_router_find(ctx, (int)(sizeof table / sizeof table[0]), table, method, room, found);
}

TEST(a_path_gives_its_route_and_typed_values)
{
    char room[TL_ROUTER_URI_MAX];
    struct tl_router_found found;
    CHECK_OK(find(ctx, TL_ROUTE_GET,
                  "/api/things/hazard-area?limit=5&box=-1,2.5,3e0,4&q=a%20b+c&at=2024-05&how=bc",
                  room, &found));
    CHECK(found.route == &table[0] && found.n_values == 6);
    CHECK_STR(found.path, "/api/things/hazard-area");
    CHECK_STR(found.values[0].text, "hazard-area");
    CHECK(found.values[1].number[0] == 5);
    CHECK(found.values[2].number[0] == -1 && found.values[2].number[1] == 2.5 &&
          found.values[2].number[2] == 3);
    CHECK_STR(found.values[3].text, "a b c");
    CHECK_OK(find(ctx, TL_ROUTE_GET, "/tiles/3/77.png", room, &found));
    CHECK(found.route == &table[3] && found.values[1].number[0] == 77);
    CHECK_OK(find(ctx, TL_ROUTE_GET, "/api/things/a/T-017%2F2", room, &found));
    CHECK_STR(found.values[1].text,
              "T-017/2"); /* an encoded slash is part of a code, not a border */
    CHECK_OK(find(ctx, TL_ROUTE_POST, "/api/things/a", room, &found));
    CHECK(found.route == &table[1]);
    CHECK_OK(
        find(ctx, TL_ROUTE_GET, "/api/things/a?limit=&&q=", room, &found)); /* empty: not given */
    CHECK(found.n_values == 1);
}

TEST(what_is_wrong_is_said_by_its_name)
{
    static const struct {
        const char *uri;
        tl_err err;
        const char *part;
    } bad[] = {
        {"/api/things/a?limit=11", TL_EUSAGE, "limit: \"11\""},
        {"/api/things/a?limit=2.5", TL_EUSAGE, "whole number"},
        {"/api/things/a?limit=nan", TL_EUSAGE, "limit"},
        {"/api/things/a?limit=0x5", TL_EUSAGE, "limit"},
        {"/api/things/a?limit=%205", TL_EUSAGE, "limit"},
        {"/api/things/a?limit=1&limit=2", TL_EUSAGE, "given twice"},
        {"/api/things/a?limmit=1", TL_EUSAGE, "did you mean \"limit\""},
        {"/api/things/a?box=1,2,3", TL_EUSAGE, "west,south,east,north"},
        {"/api/things/a?box=3,2,1,4", TL_EUSAGE, "box"},
        {"/api/things/a?box=1,2,3,4,5", TL_EUSAGE, "box"},
        {"/api/things/a?at=2024-5", TL_EUSAGE, "a date"},
        {"/api/things/a?how=b", TL_EUSAGE, "a|bc"},
        {"/api/things/a?q=%", TL_EUSAGE, "query"},
        {"/api/things/a?q=%00", TL_EUSAGE, "query"},
        {"/api/things/a?q=%ff", TL_EUSAGE, "query"},
        {"/api/things/A", TL_EUSAGE, "kind"},
        {"/api/things/a/%22", TL_EUSAGE, "code"},
        {"/tiles/23/1.png", TL_EUSAGE, "from 0 to 22"},
        {"/tiles/-1/1.png", TL_EUSAGE, "z"},
        {"/tiles/1/1.jpg", TL_ENOTFOUND, "there is no"},
        {"/tiles/1/.png", TL_ENOTFOUND, "there is no"},
        {"/need", TL_EUSAGE, "lon: is missing"},
        {"/nothing", TL_ENOTFOUND, "there is no /nothing"},
        {"/api/things", TL_ENOTFOUND, "there is no"},
        {"/api/things/a/b/c", TL_ENOTFOUND, "there is no"},
        {"/api/things/../x", TL_EUSAGE, "path"},
        {"/api/things/%2e%2e", TL_EUSAGE, "path"},
        {"/api//things/a", TL_EUSAGE, "path"},
        {"/api/things/a/", TL_EUSAGE, "path"},
        {"/api/things/a%00b", TL_EUSAGE, "path"},
        {"/api/things/a%0ab", TL_EUSAGE, "path"},
        {"/api/things/%c0%af", TL_EUSAGE, "path"},
        {"/a/b/c/d/e/f/g/h/i/j/k/l/m", TL_EUSAGE, "path"},
        {"*", TL_EUSAGE, "path"},
        {"http://elsewhere/", TL_EUSAGE, "path"},
        {"", TL_EUSAGE, "path"},
    };
    char room[TL_ROUTER_URI_MAX];
    struct tl_router_found found;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_FAILS(find(ctx, TL_ROUTE_GET, bad[i].uri, room, &found), bad[i].err, bad[i].part);
}

TEST(another_method_is_told_which_there_are)
{
    char room[TL_ROUTER_URI_MAX];
    struct tl_router_found found;
    CHECK_FAILS(find(ctx, TL_ROUTE_DELETE, "/api/things/a", room, &found), TL_EUSAGE,
                "takes GET, POST");
    CHECK(found.status == 405);
    CHECK_STR(found.allow, "GET, POST");
}

TEST(a_path_that_is_too_long_is_refused)
{
    char room[TL_ROUTER_URI_MAX], uri[1200];
    struct tl_router_found found;
    memset(uri, 'a', sizeof uri - 1);
    uri[0] = '/';
    uri[sizeof uri - 1] = '\0';
    CHECK_FAILS(find(ctx, TL_ROUTE_GET, uri, room, &found), TL_EUSAGE, "path");
}
