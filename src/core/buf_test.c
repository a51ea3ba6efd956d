#include "unit.h"

#include "core/buf.h"

TEST(text_grows_and_is_terminated)
{
    struct tl_buf buf = {0};
    for (int i = 0; i < 1000; i++)
        CHECK_OK(tl_buf_printf(ctx, &buf, "%d,", i));
    CHECK_OK(tl_buf_add(ctx, &buf, "end"));
    CHECK(buf.size_bytes == (int64_t)strlen(buf.text));
    CHECK(strncmp(buf.text, "0,1,2,", 6) == 0);
    tl_buf_clear(&buf);
    CHECK_STR(buf.text, "");
    tl_buf_fini(&buf);
}

TEST(xml_has_its_marks_escaped_and_no_control_characters)
{
    struct tl_buf buf = {0};
    CHECK_OK(tl_buf_add_xml(ctx, &buf, "a<b> & \"c\"\x01\x1f\n\td é"));
    CHECK_STR(buf.text, "a&lt;b&gt; &amp; &quot;c&quot;\n\td é");
    tl_buf_fini(&buf);
}

TEST(maximum_holds_and_leaves_the_text_as_it_was)
{
    struct tl_buf buf = {.max_bytes = 10};
    CHECK_OK(tl_buf_add(ctx, &buf, "12345"));
    CHECK_FAILS(tl_buf_add(ctx, &buf, "678901"), TL_ENOMEM, "maximum");
    CHECK_STR(buf.text, "12345");
    tl_buf_fini(&buf);
}

static tl_err fill(struct tl_ctx *ctx)
{
    struct tl_buf buf = {0};
    tl_err err = TL_OK;
    for (int i = 0; i < 500 && err == TL_OK; i++)
        err = tl_buf_add(ctx, &buf, "some text ");
    tl_buf_fini(&buf);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, fill(ctx));
}

TEST(a_cell_of_csv_is_quoted_where_it_must_and_never_computed)
{
    static const char *const rows[][2] = {{"plain", "plain"},
                                          {"-75.1", "-75.1"},
                                          {"a, b", "\"a, b\""},
                                          {"a; b", "\"a; b\""},
                                          {"said \"no\"", "\"said \"\"no\"\"\""},
                                          {"two\nlines", "\"two\nlines\""},
                                          {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
                                          {"", ""}};
    struct tl_buf buf = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tl_buf_clear(&buf);
        CHECK_OK(tl_buf_add_cell(ctx, &buf, rows[i][0]));
        CHECK_STR(buf.text, rows[i][1]);
    }
    tl_buf_fini(&buf);
}
