/* The tables behind the fans: rows, numbers, and what the document says. */
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "report/fan_tables.h"
#include "tilth/fan.h"

TEST(years_are_round_between_the_first_and_the_last)
{
    int64_t years[TL_FAN_TABLES_YEARS];
    CHECK(tl_fan_tables_years(2011, 7, years) == 7 && years[0] == 0 && years[6] == 6);
    int n = tl_fan_tables_years(2022, 50, years);
    CHECK(n == 11 && years[0] == 0 && years[1] == 3 && years[2] == 8 && years[n - 1] == 49);
    CHECK(tl_fan_tables_years(2020, 1, years) == 1 && years[0] == 0);
    for (int64_t n_years = 1; n_years <= TL_FORECAST_YEARS_MAX; n_years++) {
        n = tl_fan_tables_years(2023, n_years, years);
        CHECK(n >= 1 && n <= TL_FAN_TABLES_YEARS);
        CHECK(years[0] == 0 && years[n - 1] == n_years - 1);
    }
}

TEST(large_numbers_are_told_in_thousands_and_millions)
{
    const char *words;
    char text[40];
    CHECK(tl_fan_tables_unit(9999.0, &words) == 1.0 && words[0] == '\0');
    CHECK(tl_fan_tables_unit(10000.0, &words) == 1e3 && strcmp(words, "thousands") == 0);
    CHECK(tl_fan_tables_unit(2e7, &words) == 1e6 && strcmp(words, "millions") == 0);
    CHECK(tl_fan_tables_unit(2e10, &words) == 1e9);
    CHECK(strcmp(tl_fan_tables_number(1234567.0, 1e3, text), "1,230") == 0);
    CHECK(strcmp(tl_fan_tables_number(0.0, 1e6, text), "0") == 0);
    CHECK(strcmp(tl_fan_tables_number(12.0, 1e6, text), "<0.001") == 0);
}

/* Whether a document has words in it: 1, 0, or -1 where pdftotext is not installed. */
static int has(const char *path, const char *words)
{
    char command[300];
    int n = 0, all = 0;
    snprintf(command, sizeof command,
             "pdftotext %s - 2>/dev/null | tr '\\n' ' ' | awk 'BEGIN {IGNORECASE = 1} {n += "
             "index(tolower($0), tolower(\"%s\")) > 0; a += length($0)} END {print n + 0, a + 0}'",
             path, words);
    FILE *pipe = popen(command, "r");
    if (pipe != NULL && fscanf(pipe, "%d %d", &n, &all) != 2)
        all = 0;
    if (pipe != NULL)
        pclose(pipe);
    return all == 0 ? -1 : n > 0;
}

TEST(document_says_what_it_is_and_never_that_ground_is_clear_of_danger)
{
    static const char *const names[] = {"ukraine-persistent", "ukraine-non-persistent",
                                        "bosnia-2010"};
    static const char *const said[] = {
        "not statements about any ground", "Cancelled",        "Reduced",
        "What moves the result most",      "What it rests on", "assumption"};
    const struct tl_forecast_options options = {.n_draws = 256, .n_shares = 256, .seed = 3};
    struct tl_forecast_scenario *s[3] = {NULL};
    struct tl_forecast *f = NULL, *hindcast = NULL;
    for (int k = 0; k < 3; k++)
        CHECK_OK(tl_forecast_load_builtin(ctx, names[k], &s[k]));
    CHECK_OK(tl_forecast_run(ctx, 2, s, &options, &f));
    CHECK_OK(tl_forecast_run(ctx, 1, s + 2, &options, &hindcast));
    CHECK_OK(tl_fan_draw(ctx, f, "fan_tables_a.pdf"));
    CHECK_OK(tl_fan_draw(ctx, hindcast, "fan_tables_b.pdf"));
    if (has("fan_tables_a.pdf", "forecast") < 0)
        SKIP("pdftotext is not installed");
    for (size_t k = 0; k < sizeof said / sizeof said[0]; k++) {
        CHECK(has("fan_tables_a.pdf", said[k]) == 1);
        CHECK(has("fan_tables_b.pdf", said[k]) == 1);
    }
    CHECK(has("fan_tables_a.pdf", "As claimed") == 1);
    CHECK(has("fan_tables_a.pdf", "Differences between the scenarios") == 1);
    CHECK(has("fan_tables_b.pdf", "What was recorded later") == 1);
    CHECK(has("fan_tables_a.pdf", "sa"
                                  "fe") == 0 &&
          has("fan_tables_b.pdf", "sa"
                                  "fe") == 0);
    tl_forecast_free(f);
    tl_forecast_free(hindcast);
    for (int k = 0; k < 3; k++)
        tl_forecast_scenario_free(s[k]);
    unlink("fan_tables_a.pdf");
    unlink("fan_tables_b.pdf");
}
