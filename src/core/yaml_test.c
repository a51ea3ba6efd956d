#include "unit.h"

#include "core/buf.h"
#include "core/yaml.h"

static tl_err parse(struct tl_ctx *ctx, const char *text, struct tl_yaml **yaml)
{
    return tl_yaml_parse(ctx, "a.yaml", text, (int64_t)strlen(text), yaml);
}

TEST(a_tree_knows_its_places)
{
    struct tl_yaml *yaml = NULL;
    CHECK_OK(parse(ctx, "# words\ntitle: \"a: b\"\nempty:\nlist:\n  - x\n  - {y: 1}\n", &yaml));
    const struct tl_yaml_node *root = tl_yaml_root(yaml), *list = tl_yaml_get(root, "list");
    CHECK(root->kind == TL_YAML_MAP && root->n == 3 && root->line == 2);
    CHECK_STR(tl_yaml_get(root, "title")->text, "a: b");
    CHECK(tl_yaml_get(root, "empty")->is_empty && tl_yaml_get(root, "none") == NULL);
    CHECK(list->kind == TL_YAML_LIST && list->n == 2 && list->line == 4 && list->column == 1);
    CHECK(list->nodes[0].line == 5 && list->nodes[0].column == 5);
    CHECK(list->nodes[1].kind == TL_YAML_MAP && list->nodes[1].line == 6);
    CHECK_FAILS(tl_yaml_fail(ctx, &list->nodes[1], "no"), TL_EDATA, "a.yaml: line 6, column 6: no");
    tl_yaml_free(yaml);
    CHECK_OK(parse(ctx, "{\"a\": [1, null], \"b\": \"null\"}", &yaml)); /* JSON is YAML */
    root = tl_yaml_root(yaml);
    CHECK(tl_yaml_get(root, "a")->nodes[1].is_empty && !tl_yaml_get(root, "b")->is_empty);
    tl_yaml_free(yaml);
    tl_yaml_free(NULL);
}

TEST(aliases_stand_for_what_they_name)
{
    struct tl_yaml *yaml = NULL;
    CHECK_OK(parse(ctx, "a: &x {p: 1}\nb: *x\n", &yaml));
    CHECK_STR(tl_yaml_get(tl_yaml_get(tl_yaml_root(yaml), "b"), "p")->text, "1");
    tl_yaml_free(yaml);
    CHECK_FAILS(parse(ctx, "a: *nobody\n", &yaml), TL_EDATA, "a.yaml");
}

TEST(what_is_malformed_or_too_much_is_refused)
{
    static const struct {
        const char *text, *part;
    } table[] = {{"", "empty"},
                 {"# only words\n", "empty"},
                 {"a: 1\na: 2\n", "line 2, column 1: duplicate key"},
                 {"x: {c: 1, a: 2, b: 1,\n c: 3}\n", "line 2, column 2: duplicate key \"c\""},
                 {"a: 1\n---\nb: 1\n", "more than one document"},
                 {"a: 1\n...\n]\n", "a.yaml"},
                 {"a: [1, 2\n", "a.yaml: line"},
                 {"a:\n\tb: 1\n", "a.yaml: line 2"},
                 {"%\xFF |\n-\n", "is not in UTF-8"},
                 {"a: \"x\\0y\"\n", "line 1, column 1: a text with a zero character"},
                 {"? [a, b]\n: 1\n", "expected the name of a key"},
                 {"a: &x [*x]\n", "nested more than 16 deep"},
                 {"a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "nested more than 16 deep"},
                 {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                  "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                  "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
                  "more than 20000 entries"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct tl_yaml *yaml = NULL;
        CHECK_FAILS(parse(ctx, table[i].text, &yaml), TL_EDATA, table[i].part);
        CHECK(yaml == NULL);
    }
}

/* 4 KB stand 400 times: a mebibyte is the most of all texts together, not only of the file. */
TEST(aliases_of_a_long_text_are_refused)
{
    struct tl_buf text = {0};
    struct tl_yaml *yaml = NULL;
    CHECK_OK(tl_buf_printf(ctx, &text, "a: &a %04096d\nb: [", 1));
    for (int i = 0; i < 400; i++)
        CHECK_OK(tl_buf_add(ctx, &text, "*a, "));
    CHECK_OK(tl_buf_add(ctx, &text, "1]\n"));
    CHECK_FAILS(parse(ctx, text.text, &yaml), TL_EDATA, "more than 1048576 bytes of text");
    CHECK(yaml == NULL);
    tl_buf_fini(&text);
}

/* libfyaml's own search for duplicates took minutes for this. */
TEST(a_megabyte_of_keys_is_refused_at_once)
{
    struct tl_buf text = {0};
    struct tl_yaml *yaml = NULL;
    for (int i = 0; text.size_bytes < TL_YAML_BYTES_MAX - 20; i++)
        CHECK_OK(tl_buf_printf(ctx, &text, "k%d: 1\n", i));
    CHECK_FAILS(parse(ctx, text.text, &yaml), TL_EDATA, "more than 20000 entries");
    tl_buf_fini(&text);
}

TEST(a_file_is_capped_and_named)
{
    struct tl_yaml *yaml = NULL;
    CHECK_FAILS(tl_yaml_load(ctx, "no_such.yaml", &yaml), TL_ENOTFOUND,
                "no_such.yaml: there is no");
    FILE *out = fopen("yaml_test.yaml", "w");
    CHECK(out != NULL);
    fputs("a: 1\n", out);
    fclose(out);
    CHECK_OK(tl_yaml_load(ctx, "yaml_test.yaml", &yaml));
    CHECK_FAILS(tl_yaml_fail(ctx, tl_yaml_root(yaml), "x"), TL_EDATA, "yaml_test.yaml: line 1");
    tl_yaml_free(yaml);
    yaml = NULL;
    out = fopen("yaml_test.yaml", "w");
    for (int i = 0; i < 120000; i++)
        fputs("# comment\n", out);
    fclose(out);
    CHECK_FAILS(tl_yaml_load(ctx, "yaml_test.yaml", &yaml), TL_EDATA, "1 MiB");
}

TEST(keys_are_checked_and_the_nearest_is_named)
{
    static const char *const keys[] = {"depth", "source"};
    struct tl_yaml *yaml = NULL;
    const struct tl_yaml_node *node = NULL;
    CHECK_OK(parse(ctx, "depth: 1\nsorce: x\nnone:\n", &yaml));
    const struct tl_yaml_node *root = tl_yaml_root(yaml);
    CHECK_FAILS(tl_yaml_keys(ctx, root, 2, keys), TL_EDATA,
                "line 2, column 1: unknown key \"sorce\", did you mean \"source\"?; expected one "
                "of depth, source");
    CHECK_FAILS(tl_yaml_keys(ctx, tl_yaml_get(root, "depth"), 2, keys), TL_EDATA,
                "line 1, column 1: depth: expected keys");
    CHECK_OK(tl_yaml_need(ctx, root, "depth", &node));
    CHECK_STR(node->text, "1");
    CHECK_FAILS(tl_yaml_need(ctx, root, "soil", &node), TL_EDATA, "\"soil\" is missing");
    CHECK_FAILS(tl_yaml_need(ctx, root, "none", &node), TL_EDATA,
                "line 3, column 1: none: nothing");
    CHECK_FAILS(tl_yaml_is(ctx, root, TL_YAML_LIST), TL_EDATA, "expected a list");
    CHECK_OK(tl_yaml_is(ctx, NULL, TL_YAML_LIST));
    tl_yaml_free(yaml);
}

TEST(an_integer_beyond_64_bits_is_refused)
{
    struct tl_yaml *yaml = NULL;
    int64_t whole = -1;
    CHECK_OK(parse(ctx, "whole: 9223372036854775808\n", &yaml));
    CHECK_FAILS(tl_yaml_as_integer(ctx, tl_yaml_get(tl_yaml_root(yaml), "whole"), INT64_MIN,
                                   INT64_MAX, &whole),
                TL_EDATA, "whole");
    CHECK(whole == -1);
    tl_yaml_free(yaml);
}

static const struct tl_yaml_unit paces[] = {{"m2/day", 1.0}, {"ha/day", 1e4}, {NULL, 0}};
static const char *const colours[] = {"red", "green"};

TEST(values_are_read_with_their_units)
{
    struct tl_yaml *yaml = NULL;
    double x = -1.0, share = -1.0, pace = -1.0, absent = 7.0;
    int64_t whole = -1;
    bool yes = false;
    int colour = -1;
    const char *text = NULL;
    CHECK_OK(parse(ctx,
                   "x: 2.5e1\nshare: 95 %\nplain: 0.25\npace: 0.5 ha/day\nwhole: 12\nyes: yes\n"
                   "colour: Green\ntext: abc\n",
                   &yaml));
    const struct tl_yaml_node *root = tl_yaml_root(yaml);
    CHECK_OK(tl_yaml_as_number(ctx, tl_yaml_get(root, "x"), 0, INFINITY, &x));
    CHECK_OK(tl_yaml_as_share(ctx, tl_yaml_get(root, "share"), &share));
    CHECK_NEAR(share, 0.95, 1e-15);
    CHECK_OK(tl_yaml_as_share(ctx, tl_yaml_get(root, "plain"), &share));
    CHECK_OK(tl_yaml_as_quantity(ctx, tl_yaml_get(root, "pace"), paces, 0, 1e6, &pace));
    CHECK_OK(tl_yaml_as_integer(ctx, tl_yaml_get(root, "whole"), 0, 20, &whole));
    CHECK_OK(tl_yaml_as_yesno(ctx, tl_yaml_get(root, "yes"), &yes));
    CHECK_OK(tl_yaml_as_choice(ctx, tl_yaml_get(root, "colour"), 2, colours, &colour));
    CHECK_OK(tl_yaml_as_text(ctx, tl_yaml_get(root, "text"), &text));
    CHECK_OK(tl_yaml_as_number(ctx, tl_yaml_get(root, "absent"), 0, 1, &absent));
    CHECK(x == 25.0 && share == 0.25 && pace == 5000.0 && whole == 12 && yes && colour == 1 &&
          absent == 7.0);
    CHECK_STR(text, "abc");
    tl_yaml_free(yaml);
}

TEST(values_that_are_not_what_is_expected_say_so)
{
    struct tl_yaml *yaml = NULL;
    double x = 3.0;
    int64_t whole = 3;
    bool yes = true;
    int colour = 5;
    CHECK_OK(parse(ctx,
                   "word: abc\nhex: 0x10\nnan: nan\nbig: 1e999\nhalf: 1.5\npace: 25\n"
                   "unit: 25 m2/dya\nshare: 140 %\nlist: [1]\ncolour: grene\n",
                   &yaml));
    const struct tl_yaml_node *root = tl_yaml_root(yaml);
    static const char *const not_numbers[] = {"word", "hex", "nan", "big"};
    for (int i = 0; i < 4; i++)
        CHECK_FAILS(tl_yaml_as_number(ctx, tl_yaml_get(root, not_numbers[i]), 0, 1, &x), TL_EDATA,
                    "is not a number");
    CHECK_FAILS(tl_yaml_as_number(ctx, tl_yaml_get(root, "half"), 0, 1, &x), TL_EDATA,
                "line 5, column 1: half: 1.5 is out of range, expected 0 to 1");
    CHECK_FAILS(tl_yaml_as_number(ctx, tl_yaml_get(root, "list"), 0, 1, &x), TL_EDATA,
                "list: expected text");
    CHECK_FAILS(tl_yaml_as_integer(ctx, tl_yaml_get(root, "half"), 0, 9, &whole), TL_EDATA,
                "not a whole number");
    CHECK_FAILS(tl_yaml_as_quantity(ctx, tl_yaml_get(root, "pace"), paces, 0, 1e6, &x), TL_EDATA,
                "pace: \"25\" has no unit; expected a number with its unit (m2/day or ha/day)");
    CHECK_FAILS(tl_yaml_as_quantity(ctx, tl_yaml_get(root, "unit"), paces, 0, 1e6, &x), TL_EDATA,
                "unknown unit");
    CHECK_FAILS(tl_yaml_as_share(ctx, tl_yaml_get(root, "share"), &x), TL_EDATA, "0 to 100 %");
    CHECK_FAILS(tl_yaml_as_share(ctx, tl_yaml_get(root, "word"), &x), TL_EDATA, "not a share");
    CHECK_FAILS(tl_yaml_as_yesno(ctx, tl_yaml_get(root, "word"), &yes), TL_EDATA, "word: unknown");
    CHECK_FAILS(tl_yaml_as_choice(ctx, tl_yaml_get(root, "colour"), 2, colours, &colour), TL_EDATA,
                "colour: unknown \"grene\", did you mean \"green\"?");
    CHECK(x == 3.0 && whole == 3 && yes && colour == 5);
    tl_yaml_free(yaml);
}

TEST(every_allocation_may_fail)
{
    static const char text[] = "a: {b: [1, 2], c: x}\n";
    for (int64_t nth = 1; nth < 100; nth++) {
        struct tl_yaml *yaml = NULL;
        tl_ctx_fail_alloc(ctx, nth);
        tl_err err = parse(ctx, text, &yaml);
        tl_ctx_fail_alloc(ctx, 0);
        CHECK((err == TL_ENOMEM) == (yaml == NULL));
        tl_yaml_free(yaml);
        if (err == TL_OK) {
            CHECK(nth > 5);
            return;
        }
    }
    CHECK(false);
}
