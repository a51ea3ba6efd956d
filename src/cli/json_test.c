#include "unit.h"

#include "cli/cli.h"
#include "core/json.h"

TEST(what_is_written_is_read_back)
{
    char *text = NULL;
    size_t size;
    struct tl_cli_json json;
    FILE *out = open_memstream(&text, &size);
    tl_cli_json_begin(&json, out, "tilth.test/1");
    tl_cli_json_text(&json, "odd", "a \"quote\", \\ a\nline and \x01 Медельїн");
    tl_cli_json_text(&json, "none", NULL);
    tl_cli_json_number(&json, "nan", NAN);
    tl_cli_json_number(&json, "third", 1.0 / 3);
    tl_cli_json_integer(&json, "big", 9007199254740993);
    tl_cli_json_array(&json, "list");
    tl_cli_json_integer(&json, NULL, 1);
    tl_cli_json_object(&json, NULL);
    tl_cli_json_bool(&json, "yes", true);
    tl_cli_json_close(&json);
    tl_cli_json_array(&json, NULL);
    tl_cli_json_close(&json);
    tl_cli_json_close(&json);
    tl_cli_json_raw(&json, "raw", "{\"a\": [1, 2]}\n");
    tl_cli_json_end(&json);
    fclose(out);
    json_error_t why;
    json_t *read = json_loads(text, 0, &why);
    CHECK(read != NULL);
    CHECK_STR(json_string_value(json_object_get(read, "schema")), "tilth.test/1");
    CHECK_STR(json_string_value(json_object_get(read, "odd")),
              "a \"quote\", \\ a\nline and \x01 Медельїн");
    CHECK(json_is_null(json_object_get(read, "none")));
    CHECK(json_is_null(json_object_get(read, "nan")));
    CHECK_NEAR(json_number_value(json_object_get(read, "third")), 1.0 / 3, 1e-10);
    CHECK(json_integer_value(json_object_get(read, "big")) == 9007199254740993);
    CHECK(json_array_size(json_object_get(read, "list")) == 3);
    CHECK(json_array_size(json_object_get(json_object_get(read, "raw"), "a")) == 2);
    CHECK(text[size - 1] == '\n');
    json_decref(read);
    free(text);
}

TEST(text_is_wrapped_between_words)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    tl_cli_wrap(out, 4, "one two\n\nthree");
    tl_cli_wrap(out, 60, "aaaaaaaaaa bbbbbbbbbb cccccccccccccccccccccccccccccc d");
    fclose(out);
    CHECK_STR(text, "    one two\n\n    three\n"
                    "                                                            aaaaaaaaaa\n"
                    "                                                            bbbbbbbbbb\n"
                    "                                                            "
                    "cccccccccccccccccccccccccccccc\n"
                    "                                                            d\n");
    free(text);
}
