/** Progress on standard error: one line that rewrites itself, or a JSON object a line. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"

/* A terminal line appears only when the work has lasted this long: what is quick needs no line. */
static const double QUIET_S = 0.7;

static void show_json(struct tl_cli_progress *progress, const struct tl_progress *now)
{
    fputs("{\"stage\": \"", progress->err);
    for (const char *at = now->stage; *at != '\0'; at++)
        if (*at == '"' || *at == '\\')
            fprintf(progress->err, "\\%c", *at);
        else if ((unsigned char)*at >= 0x20)
            fputc(*at, progress->err);
    fprintf(progress->err, "\", \"share\": %.4f, \"elapsed_s\": %.3f, ", now->share,
            now->elapsed_s);
    if (now->left_s >= 0 && isfinite(now->left_s))
        fprintf(progress->err, "\"left_s\": %.3f}\n", now->left_s);
    else
        fputs("\"left_s\": null}\n", progress->err);
    fflush(progress->err);
}

static void write_left(char *text, size_t room, double left_s)
{
    if (!(left_s >= 0) || !isfinite(left_s))
        text[0] = '\0';
    else if (left_s < 90)
        snprintf(text, room, ", %.0f s left", ceil(left_s));
    else if (left_s < 5400)
        snprintf(text, room, ", %.0f min left", left_s / 60);
    else
        snprintf(text, room, ", %.1f h left", left_s / 3600);
}

static void show_line(struct tl_cli_progress *progress, const struct tl_progress *now)
{
    char left[48];
    if (now->elapsed_s < QUIET_S && !progress->shown)
        return;
    write_left(left, sizeof left, now->left_s);
    int room =
        progress->n_columns - 8 - (int)strlen(left); /* a line that wraps could not be wiped */
    if (room < 8)
        return;
    fprintf(progress->err, "\r\x1b[K%.*s %3.0f %%%s", room, now->stage, 100 * now->share, left);
    fflush(progress->err);
    progress->shown = true;
}

void tl_cli_progress_show(void *user, const struct tl_progress *now)
{
    struct tl_cli_progress *progress = user;
    if (progress->mode == TL_CLI_PROGRESS_JSON)
        show_json(progress, now);
    else if (progress->mode == TL_CLI_PROGRESS_LINE)
        show_line(progress, now);
}

void tl_cli_progress_wipe(struct tl_cli_progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\x1b[K", progress->err);
    fflush(progress->err);
    progress->shown = false;
}
