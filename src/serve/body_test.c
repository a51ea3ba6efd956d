#include "unit.h"

#include "serve/body.h"

TEST(an_object_is_read)
{
    static const char text[] = "{\"a\": [1, {\"b\": \"]]]]{{{{\\\"\"}]}";
    json_t *json = NULL;
    CHECK_OK(tl_body_read(ctx, text, (int64_t)strlen(text), &json));
    CHECK(json_is_object(json));
    json_decref(json);
}

TEST(what_is_no_object_is_refused_in_words)
{
    static const char *const bad[][2] = {{"", "empty"},
                                         {"{", "line 1"},
                                         {"[1]", "no object"},
                                         {"\"x\"", "no object"},
                                         {"{\"a\":1,\"a\":2}", "duplicate"},
                                         {"{\"a\":\"\xff\"}", "UTF-8"},
                                         {"{} x", "line 1"},
                                         {"{\"a\": 1e999}", "line 1"},
                                         {"{\"a\": \"\\u0000\"}", "line 1"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *json = NULL;
        CHECK_FAILS(tl_body_read(ctx, bad[i][0], (int64_t)strlen(bad[i][0]), &json), TL_EDATA,
                    bad[i][1]);
        CHECK(json == NULL);
    }
}

TEST(depth_is_looked_at_before_anything_is_believed)
{
    char text[2000];
    json_t *json = NULL;
    memset(text, '[', sizeof text);
    CHECK_FAILS(tl_body_read(ctx, text, sizeof text, &json), TL_EDATA, "nests 2000 deep");
    CHECK_OK(tl_body_read(ctx, "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", 36, &json)); /* 16 */
    json_decref(json);
    json = NULL;
    CHECK_FAILS(tl_body_read(ctx, "{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", 38, &json), TL_EDATA,
                "nests 17 deep");
}
