#include "unit.h"

#include "cli/cli.h"

/* Standard input from now on. */
static bool type(const char *text)
{
    FILE *out = fopen("secret_test.txt", "w");
    bool good = out != NULL && fputs(text, out) >= 0 && fclose(out) == 0;
    return good && freopen("secret_test.txt", "r", stdin) != NULL;
}

TEST(each_secret_is_a_line_and_the_rest_is_text)
{
    struct tl_cli_run run = {.ctx = ctx, .err = stderr};
    char line[TL_CLI_SECRET_BYTES], rest[32];
    CHECK(type("correct horse 7\r\nanother horse 8\n{\"name\":\n\"x\"}"));
    CHECK_OK(tl_cli_secret_read(&run, "Password", true, line));
    CHECK_STR(line, "correct horse 7");
    CHECK_OK(tl_cli_secret_read(&run, "Password", false, line));
    CHECK_STR(line, "another horse 8");
    CHECK_OK(tl_cli_secret_rest(&run, "details", rest, sizeof rest));
    CHECK_STR(rest, "{\"name\":\n\"x\"}");
    tl_cli_secret_wipe(line, sizeof line);
    CHECK(line[0] == '\0' && line[8] == '\0');
}

TEST(what_is_missing_or_too_long_is_said)
{
    struct tl_cli_run run = {.ctx = ctx, .err = stderr};
    char line[TL_CLI_SECRET_BYTES], rest[8];
    CHECK(type(""));
    CHECK(tl_cli_secret_read(&run, "Password of Olena", false, line) == TL_EUSAGE);
    CHECK(strstr(run.message, "Password of Olena") != NULL);
    CHECK(type("12345678"));
    CHECK(tl_cli_secret_rest(&run, "details", rest, sizeof rest) == TL_EDATA);
    CHECK(strstr(run.message, "1234") == NULL);
}
