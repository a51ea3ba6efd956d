#include "unit.h"

#include "cli/cli.h"

enum { ARGV_MAX = 20 };

/* The parser splits pairs in place: each line gets writable copies. */
static tl_err parse(struct tl_cli_args *args, char (*room)[200], int argc, const char *const *words)
{
    char *argv[ARGV_MAX + 1] = {0};
    for (int i = 0; i < argc; i++) {
        snprintf(room[i], sizeof room[i], "%s", words[i]);
        argv[i] = room[i];
    }
    return tl_cli_args_parse(argc, argv, args);
}

static char argv_room[ARGV_MAX][200];

#define PARSE(...)                                                                                 \
    parse(&args, argv_room,                                                                        \
          (int)(sizeof((const char *[]){"tilth", __VA_ARGS__}) / sizeof(char *)),                  \
          (const char *[]){"tilth", __VA_ARGS__})

#define REFUSED(part, ...)                                                                         \
    do {                                                                                           \
        CHECK(PARSE(__VA_ARGS__) == TL_EUSAGE);                                                    \
        if (strstr(args.message, (part)) == NULL)                                                  \
            CHECK_STR(args.message, (part));                                                       \
    } while (0)

TEST(values_follow_or_are_joined)
{
    struct tl_cli_args args;
    CHECK(PARSE("new", "p.gpkg", "--area=1,2,3,4", "--cell", "2km") == TL_OK);
    CHECK_STR(args.command->name, "new");
    CHECK(args.n_words == 1);
    CHECK_STR(args.words[0], "p.gpkg");
    CHECK_STR(tl_cli_args_text(&args, "area", NULL), "1,2,3,4");
    CHECK_NEAR(tl_cli_args_number(&args, "cell", 0), 2000, 0);
    CHECK(!tl_cli_args_flag(&args, "overwrite"));
    CHECK_STR(tl_cli_args_text(&args, "title", "none"), "none");
}

TEST(a_value_may_begin_with_one_dash)
{
    struct tl_cli_args args;
    CHECK(PARSE("explain", "p.gpkg", "--at", "-75.1,7.2") == TL_OK);
    CHECK_STR(tl_cli_args_text(&args, "at", NULL), "-75.1,7.2");
    CHECK(PARSE("new", "p.gpkg", "--area", "-77.5,4.9,-73.8,8.9", "--cell=500m") == TL_OK);
    CHECK_STR(tl_cli_args_text(&args, "area", NULL), "-77.5,4.9,-73.8,8.9");
}

TEST(a_forgotten_value_is_not_the_next_option)
{
    struct tl_cli_args args;
    REFUSED("--out needs a value", "map", "p.gpkg", "--out", "--overwrite");
    REFUSED("--cell needs a value", "new", "p.gpkg", "--area", "1,2,3,4", "--cell");
    REFUSED("empty", "map", "p.gpkg", "--out=");
}

TEST(pairs_are_split_at_the_first_equals_sign_and_repeat)
{
    struct tl_cli_args args;
    const struct tl_cli_value *value;
    int at = 0;
    CHECK(PARSE("import", "p.gpkg", "f.csv", "--as", "accident", "--map", "lon=x",
                "--map=date==1990") == TL_OK);
    value = tl_cli_args_next(&args, "map", &at);
    CHECK_STR(value->text, "lon");
    CHECK_STR(value->rest, "x");
    value = tl_cli_args_next(&args, "map", &at);
    CHECK_STR(value->text, "date");
    CHECK_STR(value->rest, "=1990");
    CHECK(tl_cli_args_next(&args, "map", &at) == NULL);
    REFUSED("such as date=year", "import", "p.gpkg", "f.csv", "--as", "accident", "--map", "lon");
}

TEST(only_where_it_means_something_may_a_pair_end_with_its_equals_sign)
{
    struct tl_cli_args args;
    CHECK(PARSE("import", "p.gpkg", "f.csv", "--as", "accident", "--map", "id=") == TL_OK);
    CHECK_STR(tl_cli_args_value(&args, "map")->text, "id");
    CHECK_STR(tl_cli_args_value(&args, "map")->rest, "");
    REFUSED("\"=id\" cannot be read", "import", "p.gpkg", "f.csv", "--as", "accident", "--map",
            "=id");
    REFUSED("\"slope=\" cannot be read", "field", "--counts", "c.tif", "--effort", "e.tif", "--out",
            "o", "--covariate", "slope=");
}

TEST(a_file_may_have_a_name_in_front)
{
    struct tl_cli_args args;
    int at = 0;
    CHECK(PARSE("field", "--counts", "a=y.tif", "--counts", "dir/k=1/y.tif", "--effort", "e.tif",
                "--out", "o") == TL_OK);
    const struct tl_cli_value *value = tl_cli_args_next(&args, "counts", &at);
    CHECK_STR(value->text, "a");
    CHECK_STR(value->rest, "y.tif");
    value = tl_cli_args_next(&args, "counts", &at);
    CHECK(value->text == NULL);
    CHECK_STR(value->rest, "dir/k=1/y.tif");
}

TEST(what_is_unknown_is_answered_with_the_nearest)
{
    struct tl_cli_args args;
    REFUSED("nearest known one is \"import\"", "imprt");
    REFUSED("nearest known one is \"explain\"", "expl");
    REFUSED("see tilth help", "qwertyuiop");
    REFUSED("nearest known one is --overwrite", "map", "p", "--overwite");
    REFUSED("nearest known one is --threads", "map", "p", "--thread", "2");
    REFUSED("unknown option --zzzzzz of map; see tilth help map", "map", "p", "--zzzzzz");
    REFUSED("two dashes", "map", "p", "-o", "x");
}

TEST(choices_and_ranges_hold)
{
    struct tl_cli_args args;
    REFUSED("one of auto|exact|lattice", "map", "p", "--out", "o", "--engine", "exa");
    REFUSED("out of range; expected 1 to 4096", "info", "p", "--threads", "0");
    REFUSED("a whole number", "info", "p", "--threads", "2.5");
    REFUSED("has no unit", "new", "p", "--area", "a", "--cell", "2000");
    REFUSED("given twice", "map", "p", "--out", "a", "--out", "b");
    REFUSED("takes no value", "map", "p", "--out", "a", "--overwrite=yes");
}

TEST(what_is_missing_is_named)
{
    struct tl_cli_args args;
    REFUSED("no command", "--json");
    REFUSED("map needs PROJECT", "map", "--out", "o");
    REFUSED("map needs --out FOLDER", "map", "p");
    REFUSED("unexpected argument \"q\"", "map", "p", "q", "--out", "o");
}

TEST(common_options_may_stand_before_the_command)
{
    struct tl_cli_args args;
    CHECK(PARSE("--threads", "2", "--json", "info", "p") == TL_OK);
    CHECK(tl_cli_args_integer(&args, "threads", 0) == 2);
    CHECK(tl_cli_args_flag(&args, "json"));
    CHECK_STR(args.command->name, "info");
}

TEST(help_wins_over_what_is_missing)
{
    struct tl_cli_args args;
    CHECK(PARSE("map", "--help") == TL_OK);
    CHECK(args.help && args.command != NULL);
    CHECK(PARSE("--version") == TL_OK);
    CHECK(args.version && args.command == NULL);
}

TEST(after_two_dashes_all_are_arguments)
{
    struct tl_cli_args args;
    CHECK(PARSE("info", "--", "--odd.gpkg") == TL_OK);
    CHECK_STR(args.words[0], "--odd.gpkg");
}

TEST(more_values_than_there_is_room_for_are_refused)
{
    static char words[2 * TL_CLI_VALUES_MAX + 8][16];
    static char *argv[2 * TL_CLI_VALUES_MAX + 8];
    struct tl_cli_args args;
    const char *first[] = {"tilth", "import", "p", "f", "--as", "place"};
    int n = 0;
    for (; n < 6; n++)
        snprintf(words[n], sizeof words[n], "%s", first[n]);
    for (int i = 0; i < TL_CLI_VALUES_MAX; i++)
        snprintf(words[n++], sizeof words[0], "--map=a=b%d", i);
    for (int i = 0; i < n; i++)
        argv[i] = words[i];
    CHECK(tl_cli_args_parse(n, argv, &args) == TL_EUSAGE);
    CHECK(strstr(args.message, "more than 256") != NULL);
}

TEST(a_command_may_have_two_words)
{
    struct tl_cli_args args;
    CHECK(PARSE("survey", "next", "p.gpkg", "--hours", "40", "--method", "manual", "--out", "n") ==
          TL_OK);
    CHECK_STR(args.command->name, "survey next");
    CHECK_STR(args.words[0], "p.gpkg");
    CHECK_NEAR(tl_cli_args_number(&args, "hours", 0), 40, 0);
    CHECK(PARSE("survey", "--help") == TL_OK && args.help && args.command == NULL);
    CHECK_STR(args.group, "survey");
    REFUSED("survey needs a second word: one of transects, inspect, next", "survey");
    REFUSED("unknown command \"survey nxt\"; the nearest known one is \"survey next\"", "survey",
            "nxt");
    REFUSED("unknown command \"survey where\"; expected one of transects, inspect, next", "survey",
            "where");
    REFUSED("the nearest known one is \"survey\"", "surveys", "next");
    REFUSED("unknown option --hours of survey", "survey", "--hours", "3", "next");
    REFUSED("unknown option --hour of survey next; the nearest known one is --hours", "survey",
            "next", "p", "--hour", "3");
}

TEST(the_first_of_two_words_may_be_a_command_by_itself)
{
    struct tl_cli_args args;
    CHECK(PARSE("plan", "p.gpkg", "--budget", "1MUSD", "--years", "2", "--teams", "t.yaml") ==
          TL_OK);
    CHECK_STR(args.command->name, "plan");
    CHECK_STR(args.words[0], "p.gpkg");
    CHECK(PARSE("plan", "explain", "p.gpkg", "--task", "T-001") == TL_OK);
    CHECK_STR(args.command->name, "plan explain");
    CHECK_STR(args.words[0], "p.gpkg");
    CHECK(PARSE("plan", "--json", "explain", "p.gpkg", "--task", "T-001") == TL_OK);
    CHECK_STR(args.command->name, "plan explain");
    REFUSED("plan explain needs --task TASK", "plan", "explain", "p.gpkg");
    REFUSED("plan needs --budget MONEY", "plan", "p.gpkg", "--years", "2");
}

TEST(passes_come_after_a_comma)
{
    struct tl_cli_args args;
    int at = 0;
    CHECK(PARSE("assess", "p", "--area", "A", "--what-if", "manual,2", "--what-if", "a, b,3",
                "--what-if", "dogs") == TL_OK);
    const struct tl_cli_value *value = tl_cli_args_next(&args, "what-if", &at);
    CHECK_STR(value->text, "manual");
    CHECK(value->integer == 2);
    value = tl_cli_args_next(&args, "what-if", &at);
    CHECK_STR(value->text, "a, b");
    CHECK(value->integer == 3);
    value = tl_cli_args_next(&args, "what-if", &at);
    CHECK_STR(value->text, "dogs");
    CHECK(value->integer == 1);
    REFUSED("--what-if: \"manual,0\" cannot be read", "assess", "p", "--what-if", "manual,0");
    REFUSED("such as manual,2", "assess", "p", "--what-if", "manual,two");
    REFUSED("cannot be read", "assess", "p", "--what-if", ",2");
    REFUSED("cannot be read", "assess", "p", "--what-if", "manual,");
}
