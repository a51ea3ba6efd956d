/** tilth serve: the web map. */
#include "cli/cli.h"
#include "tilth/serve.h"

static void print_address(struct tl_cli_run *run, const struct tl_serve *serve)
{
    struct tl_cli_json json;
    tl_cli_progress_wipe(&run->progress);
    if (run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.serve/1");
        tl_cli_json_text(&json, "project", run->args->words[0]);
        tl_cli_json_text(&json, "address", tl_serve_address(serve));
        tl_cli_json_end(&json);
    } else {
        fprintf(run->out, "%s\n", tl_serve_address(serve));
    }
    fflush(run->out); /* whoever started it waits for this line */
}

tl_err tl_cli_cmd_serve(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_serve_options options = {.project = args->words[0],
                                             .listen = tl_cli_args_text(args, "listen", NULL),
                                             .port = (int)tl_cli_args_integer(args, "port", 0),
                                             .pages = tl_cli_args_text(args, "pages", NULL),
                                             .name = tl_cli_args_text(args, "name", NULL),
                                             .basemap = tl_cli_args_text(args, "basemap", NULL),
                                             .https = tl_cli_args_flag(args, "https")};
    struct tl_serve *serve = NULL;
    tl_err err = tl_serve_open(run->ctx, &options, &serve);
    if (err != TL_OK)
        return err;
    print_address(run, serve);
    err = tl_serve_wait(run->ctx, serve);
    tl_serve_close(serve);
    return err;
}
