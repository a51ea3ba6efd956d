#include "unit.h"

#include "cli/cli.h"
#include "core/json.h"

static char written[1000];

static void show(enum tl_cli_progress_mode mode, int n_columns, double elapsed_s, const char *stage,
                 double left_s)
{
    char *text = NULL;
    size_t size;
    FILE *err = open_memstream(&text, &size);
    struct tl_cli_progress progress = {.err = err, .mode = mode, .n_columns = n_columns};
    tl_cli_progress_show(&progress, &(struct tl_progress){stage, 0.42, elapsed_s, left_s});
    tl_cli_progress_wipe(&progress);
    fclose(err);
    snprintf(written, sizeof written, "%s", text);
    free(text);
}

TEST(a_line_says_stage_share_and_time_left_and_is_wiped)
{
    show(TL_CLI_PROGRESS_LINE, 80, 3, "reading", 12.2);
    CHECK_STR(written, "\r\x1b[Kreading  42 %, 13 s left\r\x1b[K");
    show(TL_CLI_PROGRESS_LINE, 80, 3, "reading", 600);
    CHECK_STR(written, "\r\x1b[Kreading  42 %, 10 min left\r\x1b[K");
}

TEST(quick_work_shows_no_line)
{
    show(TL_CLI_PROGRESS_LINE, 80, 0.2, "reading", 1);
    CHECK_STR(written, "");
}

TEST(a_line_never_wraps)
{
    show(TL_CLI_PROGRESS_LINE, 40, 3,
         "a stage with a name that is much longer than the terminal is wide", 5);
    CHECK(strlen(written) <= 40 + 8);
}

TEST(json_lines_are_json)
{
    show(TL_CLI_PROGRESS_JSON, 80, 0.1, "reading \"a\\b\"", -1);
    json_t *json = json_loads(written, 0, NULL);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "stage")), "reading \"a\\b\"");
    CHECK(json_is_null(json_object_get(json, "left_s")));
    CHECK_NEAR(json_number_value(json_object_get(json, "share")), 0.42, 1e-9);
    json_decref(json);
}

TEST(none_is_none)
{
    show(TL_CLI_PROGRESS_NONE, 80, 3, "reading", 5);
    CHECK_STR(written, "");
}
