/** tilth map: evidence, field, files, pages; the project keeps the result. Nothing is in place before all of it is. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/hazard.h"
#include "tilth/outdir.h"
#include "tilth/page.h"

enum { FILES_MAX = 10 };

struct job {
    struct tl_hazard_options options;
    const char *truth, *remaining;
    const char *files[FILES_MAX]; /* NULL-terminated */
};

static tl_err read_job(struct tl_cli_run *run, struct job *job)
{
    const struct tl_cli_args *args = run->args;
    int n = 0;
    job->options = tl_hazard_options_default();
    job->options.evidence.group = tl_cli_args_text(args, "group", "all");
    tl_cli_field_options(args, &job->options.field);
    job->options.scratch_folder = tl_cli_args_text(args, "out", NULL);
    job->truth = tl_cli_args_text(args, "truth", NULL);
    job->remaining = tl_cli_args_text(args, "truth-remaining", NULL);
    if (job->remaining != NULL && job->truth == NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "--truth-remaining is given without --truth");
    job->files[n++] = "posterior.tif";
    job->files[n++] = "evidence.tif";
    job->files[n++] = "look.geojson";
    job->files[n++] = "map.json";
    job->files[n++] = "map.pdf";
    job->files[n++] = "map.png";
    if (job->options.field.n_samples > 0)
        job->files[n++] = "samples.tif";
    if (job->truth != NULL) {
        job->files[n++] = "calibration.png";
        job->files[n++] = "calibration.pdf";
    }
    job->files[n] = NULL;
    return TL_OK;
}

static tl_err draw(struct tl_cli_run *run, struct tl_project *project,
                   const struct tl_hazard_result *result, const struct job *job,
                   struct tl_outdir *outdir, struct tl_report_calibration_figures *figures)
{
    static const char *const pages[] = {"map.pdf", "map.png"}, *const plots[] = {"calibration.pdf",
                                                                                 "calibration.png"};
    tl_err err = TL_OK;
    for (int i = 0; err == TL_OK && i < 2; i++)
        err = tl_page_map(run->ctx, project, result, tl_outdir_file(outdir, pages[i]));
    for (int i = 0; err == TL_OK && job->truth != NULL && i < 2; i++)
        err = tl_page_calibration(run->ctx, project, result, job->truth, job->remaining,
                                  tl_outdir_file(outdir, plots[i]), figures);
    return err;
}

static void print_json(struct tl_cli_run *run, const struct tl_hazard_result *result,
                       const struct job *job, const struct tl_report_calibration_figures *figures)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.map-run/1");
    tl_cli_json_text(&json, "folder", tl_cli_args_text(run->args, "out", ""));
    tl_cli_json_array(&json, "files");
    for (int i = 0; job->files[i] != NULL; i++)
        tl_cli_json_text(&json, NULL, job->files[i]);
    tl_cli_json_close(&json);
    tl_cli_json_text(&json, "changes", result->changes);
    if (job->truth != NULL) {
        tl_cli_json_object(&json, "calibration");
        tl_cli_json_number(&json, "rmse", figures->rmse);
        tl_cli_json_number(&json, "coverage95", figures->coverage95);
        tl_cli_json_number(&json, "coverage95_searched", figures->coverage95_searched);
        tl_cli_json_number(&json, "coverage95_unsearched", figures->coverage95_unsearched);
        tl_cli_json_number(&json, "coverage50", figures->coverage50);
        tl_cli_json_number(&json, "reliability_worst", figures->reliability_worst);
        tl_cli_json_close(&json);
    }
    tl_cli_json_raw(&json, "map", result->json);
    tl_cli_json_end(&json);
}

static void print_words(struct tl_cli_run *run, const struct tl_hazard_result *result,
                        const struct job *job, const struct tl_report_calibration_figures *figures)
{
    const char *folder = tl_cli_args_text(run->args, "out", "");
    int length = (int)strlen(folder); /* without the slashes that people end it with */
    while (length > 1 && folder[length - 1] == '/')
        length--;
    fputs(result->words, run->out);
    if (result->changes[0] != '\0')
        fprintf(run->out, "\nSince the last map:\n%s", result->changes);
    if (job->truth != NULL)
        fprintf(run->out,
                "\nAgainst the truth: RMSE of log density %.3f; 95 %% intervals hold it in %.1f %% "
                "of the "
                "cells, 50 %% intervals in %.1f %%\n",
                figures->rmse, 100 * figures->coverage95, 100 * figures->coverage50);
    fputs("\nWritten:\n", run->out);
    for (int i = 0; job->files[i] != NULL; i++)
        fprintf(run->out, "  %.*s/%s\n", length, folder, job->files[i]);
    fprintf(run->out, "  %s (layer hazard_cell)\n", run->args->words[0]);
}

static tl_err make(struct tl_cli_run *run, struct tl_project *project, const struct job *job,
                   struct tl_outdir *outdir)
{
    struct tl_hazard_result result = {0};
    struct tl_report_calibration_figures figures = {0};
    tl_err err = tl_hazard_map(run->ctx, project, &job->options, &result);
    if (err != TL_OK) {
        tl_outdir_abort(outdir);
        return err;
    }
    err = tl_hazard_write(run->ctx, project, &result, tl_outdir_path(outdir));
    if (err == TL_OK)
        err = draw(run, project, &result, job, outdir, &figures);
    if (err == TL_OK)
        err = tl_hazard_save(run->ctx, project, &result);
    if (err == TL_OK)
        err = tl_outdir_commit(run->ctx, outdir);
    else
        tl_outdir_abort(outdir);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json)
        print_json(run, &result, job, &figures);
    else if (err == TL_OK && !run->quiet)
        print_words(run, &result, job, &figures);
    tl_hazard_result_fini(&result);
    return err;
}

tl_err tl_cli_cmd_map(struct tl_cli_run *run)
{
    struct job job;
    struct tl_project *project = NULL;
    struct tl_outdir *outdir = NULL;
    tl_err err = read_job(run, &job);
    bool plan = tl_cli_args_flag(run->args, "plan");
    if (err == TL_OK)
        err = tl_project_open(run->ctx, run->args->words[0],
                              plan ? TL_PROJECT_READ : TL_PROJECT_WRITE, &project);
    if (err == TL_OK && plan) {
        char *json = NULL;
        err = tl_hazard_map_plan(run->ctx, project, &job.options, &json);
        err = tl_cli_print_plan(run, err, json);
        tl_project_close(project);
        return err;
    }
    if (err == TL_OK)
        err = tl_outdir_begin(run->ctx, tl_cli_args_text(run->args, "out", NULL), job.files,
                              tl_cli_args_flag(run->args, "overwrite"), &outdir);
    if (err == TL_OK)
        err = make(run, project, &job, outdir);
    tl_project_close(project);
    return err;
}
