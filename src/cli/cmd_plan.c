/** tilth plan: which team does which task in which year; tilth plan explain: why. */
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "tilth/outdir.h"
#include "tilth/plan.h"
#include "tilth/plan_page.h"

static const char *const files[] = {"plan.pdf",     "map.png",          "gantt.png", "plan.json",
                                    "schedule.csv", "schedule.geojson", "plan.ics",  NULL};

static tl_err write_out(struct tl_cli_run *run, struct tl_project *project,
                        const struct tl_plan *plan, struct tl_outdir *outdir)
{
    tl_err err = tl_plan_write(run->ctx, plan, tl_outdir_path(outdir));
    if (err == TL_OK)
        err = tl_plan_page_pdf(run->ctx, project, plan, tl_outdir_file(outdir, "plan.pdf"));
    if (err == TL_OK)
        err = tl_plan_page_map(run->ctx, project, plan, tl_outdir_file(outdir, "map.png"));
    if (err == TL_OK)
        err = tl_plan_page_gantt(run->ctx, plan, tl_outdir_file(outdir, "gantt.png"));
    return err;
}

static tl_err print(struct tl_cli_run *run, const struct tl_plan *plan, const char *folder)
{
    char *text = NULL;
    tl_err err =
        run->json ? tl_plan_json(run->ctx, plan, &text) : tl_plan_words(run->ctx, plan, &text);
    if (err == TL_OK) {
        tl_cli_run_give(run, text, text);
        for (int i = 0; folder != NULL && !run->json && !run->quiet && files[i] != NULL; i++)
            fprintf(run->out, "%s  %s/%s\n", i == 0 ? "\nWritten:\n" : "", folder, files[i]);
    }
    tl_free(text);
    return err;
}

/* Now, for the calendar's stamps. */
static void stamp(char text[20])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, 20, "%Y%m%dT%H%M%SZ", &utc);
}

tl_err tl_cli_cmd_plan(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *folder = tl_cli_args_text(args, "out", NULL),
               *solver = tl_cli_args_text(args, "solver", NULL);
    bool keep = !tl_cli_args_flag(args, "no-keep");
    bool heuristic = solver != NULL && strcmp(solver, "heuristic") == 0;
    char now[20];
    struct tl_plan_options options = {.budget = tl_cli_args_text(args, "budget", NULL),
                                      .n_years = tl_cli_args_integer(args, "years", 0),
                                      .teams = tl_cli_args_text(args, "teams", NULL),
                                      .objective = tl_cli_args_text(args, "objective", NULL),
                                      .no_carry = tl_cli_args_flag(args, "no-carry"),
                                      .gap = tl_cli_args_number(args, "gap", 0),
                                      .wait_s = tl_cli_args_number(args, "wait", 0),
                                      .heuristic = heuristic,
                                      .solver = heuristic ? NULL : solver,
                                      .stamp_utc = now};
    struct tl_project *project = NULL;
    struct tl_outdir *outdir = NULL;
    struct tl_plan *plan = NULL;
    stamp(now);
    tl_err err = tl_project_open(run->ctx, args->words[0],
                                 keep ? TL_PROJECT_WRITE : TL_PROJECT_READ, &project);
    if (err == TL_OK && folder != NULL)
        err =
            tl_outdir_begin(run->ctx, folder, files, tl_cli_args_flag(args, "overwrite"), &outdir);
    if (err == TL_OK)
        err = tl_plan_run(run->ctx, project, &options, &plan);
    if (err == TL_OK && outdir != NULL)
        err = write_out(run, project, plan, outdir);
    if (err == TL_OK && keep)
        err = tl_plan_keep(run->ctx, project, plan);
    if (err == TL_OK && outdir != NULL) {
        err = tl_outdir_commit(run->ctx, outdir);
        outdir = NULL;
    }
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK)
        err = print(run, plan, folder);
    tl_outdir_abort(outdir);
    tl_plan_free(plan);
    tl_project_close(project);
    return err;
}

tl_err tl_cli_cmd_plan_explain(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    struct tl_project *project = NULL;
    char *json = NULL, *words = NULL;
    tl_err err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_plan_explain(run->ctx, project, tl_cli_args_text(args, "task", ""),
                              tl_cli_args_text(args, "lang", "en"), &json, &words);
    return tl_cli_run_end(run, err, project, json, words);
}
