#include "unit.h"

#include "cli/cli.h"

static char shown[2000];

static bool show(const char *json)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool read = tl_cli_show_json(out, json);
    fclose(out);
    snprintf(shown, sizeof shown, "%s", text);
    free(text);
    return read;
}

TEST(an_object_becomes_indented_words)
{
    CHECK(show("{\"title\": \"North\", \"grid\": {\"n_x\": 3, \"step_m\": 500}, \"empty\": {}, "
               "\"list\": [1, 2], "
               "\"none\": [], \"flag\": true, \"null\": null}\n"));
    CHECK_STR(shown,
              "title: North\ngrid:\n  n x: 3\n  step m: 500\nempty: none\nlist: 1, 2\nnone: none\n"
              "flag: yes\nnull: -\n");
}

TEST(the_name_of_the_form_is_not_for_people)
{
    CHECK(show("{\"schema\": \"tilth.release/1\",\n \"id\": 1, \"in\": {\"schema\": \"x\"}}"));
    CHECK_STR(shown, "id: 1\nin:\n  schema: x\n");
}

TEST(objects_in_a_list_are_marked)
{
    CHECK(show(
        "{\"imports\": [{\"file\": \"a.csv\", \"read\": 3}, {\"file\": \"b.csv\"}], \"end\": 1}"));
    CHECK_STR(shown, "imports:\n  - file: a.csv\n    read: 3\n  - file: b.csv\nend: 1\n");
}

TEST(escapes_become_letters)
{
    CHECK(show("{\"a\": \"\\u0416\\ud83d\\ude00 \\\"q\\\" \\\\\"}"));
    CHECK_STR(shown, "a: Ж😀 \"q\" \\\n");
}

TEST(what_is_not_json_is_said_to_be_none)
{
    CHECK(!show("[1]"));
    CHECK(!show("{\"a\": \"open"));
    CHECK(!show("{\"a\" 1}"));
    CHECK(!show("{\"a\": 1"));
    CHECK(!show("{\"a\": \"\\u12\"}"));
    CHECK(!show(""));
}

TEST(depth_has_a_limit)
{
    char deep[600] = "";
    for (int i = 0; i < 80; i++)
        strcat(deep, "{\"a\":");
    CHECK(!show(deep));
}

TEST(a_list_of_objects_becomes_paragraphs)
{
    CHECK(show("[{\"a\": 1, \"b\": {\"c\": 2}},\n {\"a\": 3}]\n"));
    CHECK_STR(shown, "a: 1\nb:\n  c: 2\n\na: 3\n");
    CHECK(show("[]"));
    CHECK_STR(shown, "");
    CHECK(!show("[{\"a\": 1}"));
}
