#include "unit.h"

#include "cli/cli.h"

static char out_text[20000], err_text[2000];

static int run(struct tl_ctx *ctx, int argc, char **argv)
{
    char *text[2] = {NULL, NULL};
    size_t size[2];
    FILE *out = open_memstream(&text[0], &size[0]), *err = open_memstream(&text[1], &size[1]);
    int code = tl_cli_run_main(ctx, argc, argv, out, err);
    fclose(out);
    fclose(err);
    snprintf(out_text, sizeof out_text, "%s", text[0]);
    snprintf(err_text, sizeof err_text, "%s", text[1]);
    free(text[0]);
    free(text[1]);
    return code;
}

#define RUN(...)                                                                                   \
    run(ctx, (int)(sizeof((char *[]){"tilth", __VA_ARGS__}) / sizeof(char *)),                     \
        (char *[]){"tilth", __VA_ARGS__})

TEST(an_error_is_one_line_and_its_exit_code)
{
    CHECK(RUN("imprt") == 2);
    CHECK_STR(err_text, "tilth: unknown command \"imprt\"; the nearest known one is \"import\"\n");
    CHECK_STR(out_text, "");
}

TEST(an_error_of_the_library_comes_through)
{
    CHECK(RUN("info", "there-is-no-such-project.gpkg") == 4);
    CHECK(strncmp(err_text, "tilth: ", 7) == 0);
    CHECK(strstr(err_text, "there-is-no-such-project.gpkg") != NULL);
    CHECK(strchr(err_text, '\n') == err_text + strlen(err_text) - 1);
}

TEST(the_version_is_data)
{
    CHECK(RUN("--version") == 0);
    CHECK_STR(out_text, "tilth " TILTH_VERSION "\n");
    CHECK_STR(err_text, "");
}

TEST(help_of_what_is_unknown_names_the_nearest)
{
    CHECK(RUN("help", "accidnt") == 4);
    CHECK_STR(err_text, "tilth: no help on \"accidnt\"; the nearest topic is \"accident\"\n");
}

/* /dev/full takes nothing: a full disk behind standard output. */
TEST(output_that_cannot_be_written_is_an_error)
{
    char *text = NULL;
    size_t size;
    FILE *full = fopen("/dev/full", "w"), *err = open_memstream(&text, &size);
    if (full == NULL) {
        fclose(err);
        free(text);
        SKIP("there is no /dev/full");
    }
    int code = tl_cli_run_main(ctx, 2, (char *[]){"tilth", "help"}, full, err);
    fclose(full);
    fclose(err);
    CHECK(code == 6);
    CHECK(strstr(text, "standard output") != NULL);
    free(text);
}
