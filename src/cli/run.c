/** From argv to an exit code: parse, listen to progress and warnings, run the command, say what went wrong. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tilth/project.h"

tl_err tl_cli_run_fail(struct tl_cli_run *run, tl_err err, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(run->message, sizeof run->message, format, list);
    va_end(list);
    return err;
}

static void show_warning(void *user, const char *message)
{
    struct tl_cli_run *run = user;
    tl_cli_progress_wipe(&run->progress);
    fprintf(run->err, "tilth: warning: %s\n", message);
}

static void choose_progress(struct tl_cli_run *run, const struct tl_cli_args *args)
{
    const char *how = tl_cli_args_text(args, "progress", "auto");
    struct winsize window = {0};
    run->progress = (struct tl_cli_progress){.err = run->err, .n_columns = 80};
    if (strcmp(how, "json") == 0) {
        run->progress.mode = TL_CLI_PROGRESS_JSON;
    } else if (strcmp(how, "auto") == 0 && !run->quiet && isatty(fileno(run->err))) {
        run->progress.mode = TL_CLI_PROGRESS_LINE;
        if (ioctl(fileno(run->err), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
            run->progress.n_columns = window.ws_col;
    }
    if (run->progress.mode != TL_CLI_PROGRESS_NONE)
        tl_ctx_set_progress(run->ctx, tl_cli_progress_show, &run->progress);
    if (!run->quiet)
        tl_ctx_set_warn(run->ctx, show_warning, run);
}

/* Asked for on the way: help and version win over everything else on the line. */
static bool answer_directly(const struct tl_cli_args *args, FILE *out)
{
    if (args->version)
        fprintf(out, "tilth %s\n", TILTH_VERSION);
    else if (args->help_json)
        tl_cli_help_json(out, args->command);
    else if (args->help && args->command != NULL)
        tl_cli_help_command(out, args->command);
    else if (args->help && args->group != NULL)
        tl_cli_help_group(out, args->group);
    else if (args->help)
        tl_cli_help_overview(out);
    else
        return false;
    return true;
}

/* A full disk behind standard output is an error like any other; it shows only when the stream is flushed. */
static tl_err flush_output(struct tl_cli_run *run)
{
    if (fflush(run->out) == 0 && !ferror(run->out))
        return TL_OK;
    return tl_cli_run_fail(run, TL_EIO,
                           "standard output cannot be written to (full disk, closed pipe)");
}

void tl_cli_run_give(struct tl_cli_run *run, const char *json, const char *words)
{
    tl_cli_progress_wipe(&run->progress);
    if (run->json || !run->quiet)
        fputs(run->json ? json : words, run->out);
}

tl_err tl_cli_run_end(struct tl_cli_run *run, tl_err err, struct tl_project *project, char *json,
                      char *words)
{
    tl_project_close(project);
    if (err == TL_OK)
        tl_cli_run_give(run, json, words);
    tl_free(json);
    tl_free(words);
    return err;
}

int tl_cli_run_main(struct tl_ctx *ctx, int argc, char **argv, FILE *out, FILE *err_stream)
{
    struct tl_cli_args args;
    struct tl_cli_run run = {.ctx = ctx, .args = &args, .out = out, .err = err_stream};
    tl_err err = tl_cli_args_parse(argc, argv, &args);
    if (err != TL_OK) {
        fputs("tilth: ", err_stream);
        tl_cli_clean_line(err_stream, args.message);
        return tl_err_exit(err);
    }
    if (!answer_directly(&args, out)) {
        run.json = tl_cli_args_flag(&args, "json");
        run.quiet = tl_cli_args_flag(&args, "quiet");
        tl_ctx_set_threads(ctx, (int)tl_cli_args_integer(&args, "threads", 0));
        choose_progress(&run, &args);
        err = args.command->run(&run);
        tl_cli_progress_wipe(&run.progress);
        tl_ctx_set_progress(ctx, NULL, NULL);
        tl_ctx_set_warn(ctx, NULL, NULL);
    }
    if (err == TL_OK)
        err = flush_output(&run);
    else
        (void)fflush(out);
    if (err != TL_OK) {
        const char *message = run.message[0] != '\0' ? run.message : tl_ctx_message(ctx);
        fputs("tilth: ", err_stream);
        tl_cli_clean_line(err_stream, message[0] != '\0' ? message : tl_err_text(err));
    }
    return tl_err_exit(err);
}
