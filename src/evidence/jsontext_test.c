#include "unit.h"

#include "core/json.h"
#include "evidence/jsontext.h"

TEST(what_is_written_is_json_and_says_the_same)
{
    static const char *const table[] = {
        "", "plain", "a \"quoted\" \\ one", "line\nand\ttab\x01", "Нікополь ឃុំ", "\xF0\x9F\x8C\xBE"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tl_buf buf = {0};
        CHECK_OK(tl_jsontext_member(ctx, &buf, "key \"k\"", table[i]));
        CHECK_OK(tl_jsontext_member(ctx, &buf, "b", "2"));
        CHECK_OK(tl_jsontext_close(ctx, &buf));
        json_t *back = json_loads(buf.text, 0, NULL);
        CHECK(back != NULL);
        CHECK_STR(json_string_value(json_object_get(back, "key \"k\"")), table[i]);
        CHECK_STR(json_string_value(json_object_get(back, "b")), "2");
        json_decref(back);
        tl_buf_fini(&buf);
    }
}

TEST(bytes_that_are_not_utf8_are_kept_as_latin_1)
{
    struct tl_buf buf = {0};
    CHECK_OK(tl_jsontext_string(ctx, &buf, "Anz\xE1"));
    CHECK_STR(buf.text, "\"Anz\\u00e1\"");
    tl_buf_clear(&buf);
    CHECK_OK(tl_jsontext_close(ctx, &buf));
    CHECK_STR(buf.text, "{}");
    tl_buf_fini(&buf);
}
