/** tilth assess: what may remain in an area. The folder of the dossier is looked at before the work, so that what cannot be written keeps nothing. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "tilth/dossier.h"
#include "tilth/outdir.h"
#include "tilth/release.h"

static const char *const dossier_files[] = {"dossier.pdf",        "assess.json",  "area.geojson",
                                            "turning_points.csv", "searches.csv", NULL};

enum { WHAT_IF_MAX = 32 };

struct job {
    struct tl_release_options options;
    struct tl_release_what_if what_if[WHAT_IF_MAX];
    const char *folder; /* NULL = no dossier */
    bool all, overwrite;
};

/* What --all gathers; printed when all of it is there. */
struct gathered {
    struct tl_cli_run *run;
    struct tl_cli_json json;
    FILE *text;
    int64_t n, n_doubted;
};

static tl_err read_what_if(struct tl_cli_run *run, struct job *job)
{
    const struct tl_cli_value *value;
    for (int at = 0; (value = tl_cli_args_next(run->args, "what-if", &at)) != NULL;) {
        struct tl_release_what_if *to = &job->what_if[job->options.n_what_if];
        if (job->options.n_what_if == WHAT_IF_MAX)
            return tl_cli_run_fail(run, TL_EUSAGE, "--what-if is given more than %d times",
                                   WHAT_IF_MAX);
        if (strlen(value->text) >= sizeof to->method)
            return tl_cli_run_fail(run, TL_EUSAGE, "--what-if: \"%.80s\" is too long for a method",
                                   value->text);
        snprintf(to->method, sizeof to->method, "%s", value->text);
        to->passes = (int32_t)value->integer;
        job->options.n_what_if++;
    }
    job->options.what_if = job->what_if;
    return TL_OK;
}

static tl_err read_job(struct tl_cli_run *run, struct job *job)
{
    const struct tl_cli_args *args = run->args;
    struct tl_release_options *o = &job->options;
    const struct tl_cli_value *depth = tl_cli_args_value(args, "depth");
    *o = tl_release_options_default();
    o->area = tl_cli_args_text(args, "area", NULL);
    o->polygon = tl_cli_args_text(args, "polygon", NULL);
    job->all = tl_cli_args_flag(args, "all");
    if ((o->area != NULL) + (o->polygon != NULL) + job->all != 1)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "assess needs one of --area, --polygon and --all; see tilth help "
                               "assess");
    if (depth != NULL)
        o->depth_cm = 100 * depth->number[0];
    o->group = tl_cli_args_text(args, "group", o->group);
    o->criteria = tl_cli_args_text(args, "criteria", NULL);
    o->vegetation = tl_cli_args_text(args, "vegetation", NULL);
    o->slope = tl_cli_args_text(args, "slope", NULL);
    o->language = tl_cli_args_text(args, "lang", "en");
    o->n_draws = tl_cli_args_integer(args, "draws", 0);
    o->seed = (uint64_t)tl_cli_args_integer(args, "seed", 1);
    o->keep = o->polygon == NULL && !tl_cli_args_flag(args, "no-keep");
    job->folder = tl_cli_args_text(args, "out", NULL);
    job->overwrite = tl_cli_args_flag(args, "overwrite");
    if (job->all && job->folder != NULL)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "--out is of one area; with --all there is none: assess areas one "
                               "by one for their dossiers");
    return read_what_if(run, job);
}

/* Whether the dossier could be put there, before the work and not after it. */
static tl_err look_at_folder(struct tl_cli_run *run, const struct job *job)
{
    struct tl_outdir *outdir = NULL;
    if (job->folder == NULL)
        return TL_OK;
    tl_err err = tl_outdir_begin(run->ctx, job->folder, dossier_files, job->overwrite, &outdir);
    tl_outdir_abort(outdir);
    return err;
}

static void print_one(struct tl_cli_run *run, const struct job *job,
                      const struct tl_release_result *result)
{
    if (run->json) {
        fputs(result->json, run->out);
        return;
    }
    fputs(result->words, run->out);
    fprintf(run->out, "\nAssessment %s%s\n", result->hash,
            result->kept ? ", kept in the project" : "");
    if (job->folder == NULL)
        return;
    fputs("\nWritten:\n", run->out);
    for (int i = 0; dossier_files[i] != NULL; i++)
        fprintf(run->out, "  %s/%s\n", job->folder, dossier_files[i]);
}

static tl_err one(struct tl_cli_run *run, struct tl_project *project, struct job *job)
{
    struct tl_release_result result = {0};
    bool keep = job->options.keep;
    tl_err err = look_at_folder(run, job);
    if (keep && job->folder != NULL) /* once the dossier is there, and not without it */
        job->options.keep = false;
    if (err == TL_OK)
        err = tl_release_assess(run->ctx, project, &job->options, &result);
    if (err == TL_OK && job->folder != NULL)
        err = tl_dossier_write(run->ctx, project, &result, job->options.language, job->folder,
                               job->overwrite);
    if (err == TL_OK && keep && !result.kept)
        err = tl_release_keep(run->ctx, project, &result);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK)
        print_one(run, job, &result);
    tl_release_result_fini(&result);
    return err;
}

/* Digits that count, but no power of ten for what is many. */
static const char *items(double value, int digits, char text[24])
{
    snprintf(text, 24, "%.*g", digits, value);
    if (value >= 1.0 && strchr(text, 'e') != NULL)
        snprintf(text, 24, "%.0f", value);
    return text;
}

/* A chance near 0 or 1 is told by what it is not beyond. */
static const char *chance(double p, char text[16])
{
    if (p > 0.999)
        return "over 99.9 %";
    if (p < 0.001)
        return "under 0.1 %";
    snprintf(text, 16, "%.1f %%", 100 * p);
    return text;
}

static tl_err gather(struct tl_ctx *ctx, void *user, const struct tl_release_result *result)
{
    struct gathered *all = user;
    char area[32], expected[24], error[24], p[16], doubted[16];
    (void)ctx;
    if (all->run->json)
        tl_cli_json_raw(&all->json, NULL, result->json);
    else if (all->n == 0)
        fprintf(all->text, "%-10s %12s %10s %8s %9s   %s\n", "area", "size", "expected", "+-",
                "at most", "at least one");
    if (!all->run->json)
        fprintf(all->text, "%-10s %12s %10s %8s %9.0f   %s%s%s%s\n", result->code,
                tl_cli_units_area(result->area_m2, area),
                items(result->expected.value, 3, expected),
                items(1.96 * result->expected.mcse, 2, error), result->upper95.value,
                chance(result->p_any.value, p), result->in_doubt ? " (in doubt: " : "",
                result->in_doubt ? chance(result->p_any_doubted, doubted) : "",
                result->in_doubt ? ")" : "");
    all->n++;
    all->n_doubted += result->in_doubt;
    return TL_OK;
}

static void copy(FILE *from, FILE *to)
{
    char bytes[65536];
    size_t n;
    rewind(from);
    while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
        fwrite(bytes, 1, n, to);
}

static tl_err every(struct tl_cli_run *run, struct tl_project *project, const struct job *job)
{
    struct gathered all = {.run = run, .text = tmpfile()};
    char *skipped = NULL;
    if (all.text == NULL)
        return tl_cli_run_fail(run, TL_EIO, "a temporary file cannot be made");
    if (run->json) {
        tl_cli_json_begin(&all.json, all.text, "tilth.assess-all/1");
        tl_cli_json_text(&all.json, "project", run->args->words[0]);
        tl_cli_json_array(&all.json, "areas");
    }
    tl_err err = tl_release_assess_all(run->ctx, project, &job->options, gather, &all, &skipped);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json) {
        tl_cli_json_close(&all.json);
        tl_cli_json_raw(&all.json, "skipped", skipped != NULL ? skipped : "[]");
        tl_cli_json_end(&all.json);
    }
    if (err == TL_OK && (ferror(all.text) || fflush(all.text) != 0))
        err = tl_cli_run_fail(run, TL_EIO, "a temporary file cannot be written to");
    if (err == TL_OK)
        copy(all.text, run->out);
    if (err == TL_OK && !run->json) {
        fprintf(run->out,
                "\n%lld area%s; items expected to remain with twice their Monte Carlo error, 95 %% "
                "upper "
                "bound, chance of at least one.\nThese are figures, not a verdict: a person "
                "decides.%s%s\n",
                (long long)all.n, all.n == 1 ? "" : "s",
                all.n_doubted == 0
                    ? ""
                    : "\nIn doubt: the area is suspected and nothing more; the chance with the "
                      "suspicion's own truth\ntaken into account. All other figures, and "
                      "criteria, take it as true.",
                skipped != NULL && strchr(skipped, '{') != NULL ? "\n\nLeft out:" : "");
        if (skipped != NULL && strchr(skipped, '{') != NULL)
            tl_cli_show_json(run->out, skipped);
    }
    fclose(all.text);
    tl_free(skipped);
    return err;
}

tl_err tl_cli_cmd_assess(struct tl_cli_run *run)
{
    struct job job = {0};
    struct tl_project *project = NULL;
    tl_err err = read_job(run, &job);
    if (err == TL_OK)
        err = tl_project_open(run->ctx, run->args->words[0],
                              job.options.keep ? TL_PROJECT_WRITE : TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = job.all ? every(run, project, &job) : one(run, project, &job);
    tl_project_close(project);
    return err;
}
