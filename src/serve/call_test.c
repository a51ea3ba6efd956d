#include "unit.h"

#include "serve/serve.h"

static void fill(struct tl_call *call, struct tl_serve *serve, struct tl_ctx *ctx, const char *body)
{
    *call = (struct tl_call){.serve = serve, .ctx = ctx};
    call->json = json_loads(body, 0, NULL);
}

static void drop(struct tl_call *call)
{
    tl_call_reply_fini(&call->reply);
    json_decref(call->json);
}

TEST(members_are_read_by_type_and_what_is_wrong_is_named)
{
    struct tl_serve serve = {.project = (char[]){"/data/p.gpkg"}};
    struct tl_call call;
    const char *text = NULL, *choice = NULL;
    int64_t n = 0;
    double x = 0;
    bool yes = false;
    static const char *const names[] = {"t", "n", "x", "y", "c", "z", NULL};
    fill(&call, &serve, ctx,
         "{\"t\": \"words\", \"n\": 7, \"x\": 2.5, \"y\": true, \"c\": \"two\", \"z\": null}");
    CHECK_OK(tl_call_members(&call, names));
    CHECK_OK(tl_call_member_text(&call, "t", true, 10, &text));
    CHECK_OK(tl_call_member_integer(&call, "n", true, 0, 9, &n));
    CHECK_OK(tl_call_member_number(&call, "x", true, 0, 9, &x));
    CHECK_OK(tl_call_member_yesno(&call, "y", &yes));
    CHECK_OK(tl_call_member_choice(&call, "c", true, "one|two", &choice));
    CHECK_STR(text, "words");
    CHECK_STR(choice, "two");
    CHECK(n == 7 && x == 2.5 && yes);
    CHECK_OK(tl_call_member_text(&call, "z", false, 10, &text)); /* null is absent: as it was */
    CHECK_STR(text, "words");
    CHECK_FAILS(tl_call_member_text(&call, "z", true, 10, &text), TL_EUSAGE, "z: is missing");
    CHECK_FAILS(tl_call_member_text(&call, "t", true, 4, &text), TL_EUSAGE,
                "t: expected a text of 1 to 4");
    CHECK_FAILS(tl_call_member_text(&call, "n", true, 10, &text), TL_EUSAGE, "n: expected a text");
    CHECK_FAILS(tl_call_member_integer(&call, "x", true, 0, 9, &n), TL_EUSAGE, "whole number");
    CHECK_FAILS(tl_call_member_integer(&call, "n", true, 0, 6, &n), TL_EUSAGE, "from 0 to 6");
    CHECK_FAILS(tl_call_member_number(&call, "t", true, 0, 9, &x), TL_EUSAGE,
                "t: expected a number");
    CHECK_FAILS(tl_call_member_yesno(&call, "n", &yes), TL_EUSAGE, "true or false");
    CHECK_FAILS(tl_call_member_choice(&call, "c", true, "one|twoo|tw", &choice), TL_EUSAGE,
                "\"two\" is not valid");
    CHECK_FAILS(tl_call_members(&call, names + 1), TL_EUSAGE, "unknown member \"t\"");
    drop(&call);
}

TEST(an_error_is_json_and_does_not_tell_where_the_project_lies)
{
    struct tl_serve serve = {.project = (char[]){"/data/p.gpkg"}};
    struct tl_call call;
    fill(&call, &serve, ctx, "{}");
    tl_call_fail(&call, TL_ELOCKED, 0, "/data/p.gpkg: is locked; see /data/p.gpkg-journal");
    CHECK(call.reply.status == 423);
    json_t *json = json_loadb(call.reply.bytes, (size_t)call.reply.n_bytes, 0, NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.error/1");
    CHECK_STR(json_string_value(json_object_get(json, "error")), "TL_ELOCKED");
    CHECK_STR(json_string_value(json_object_get(json, "message")),
              "the project: is locked; see the project-journal");
    json_decref(json);
    tl_call_fail(&call, TL_EDENIED, 429, "");
    CHECK(call.reply.status == 429 && call.reply.n_bytes > 0);
    drop(&call);
}

TEST(headers_take_no_control_characters_and_etags_are_quoted)
{
    struct tl_serve serve = {.project = (char[]){"p"}};
    struct tl_call call;
    bool same = true;
    fill(&call, &serve, ctx, "{}");
    CHECK_FAILS(tl_call_header(&call, "X", "a\r\nSet-Cookie: x"), TL_EBUG, "control character");
    CHECK_OK(tl_call_etag(&call, "abc", &same));
    CHECK(!same);
    CHECK_STR(call.reply.headers[0].value, "\"abc\"");
    drop(&call);
    fill(&call, &serve, ctx, "{}");
    snprintf(call.if_none_match, sizeof call.if_none_match, "\"x\", \"abc\"");
    CHECK_OK(tl_call_etag(&call, "abc", &same));
    CHECK(same && call.reply.status == 304);
    drop(&call);
}
