/** tilth methods: the table of search methods, shown, written as YAML, and edited by it. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tilth/project.h"

static double mean(double a, double b)
{
    return a / (a + b);
}

static void json_beta(struct tl_cli_json *json, const char *key, double a, double b)
{
    tl_cli_json_object(json, key);
    tl_cli_json_number(json, "a", a);
    tl_cli_json_number(json, "b", b);
    tl_cli_json_number(json, "mean", mean(a, b));
    tl_cli_json_close(json);
}

static void json_range(struct tl_cli_json *json, const char *key, double typical, double low,
                       double high, const char *source)
{
    tl_cli_json_object(json, key);
    tl_cli_json_number(json, "typical", typical);
    tl_cli_json_number(json, "low", low);
    tl_cli_json_number(json, "high", high);
    tl_cli_json_text(json, "source", source[0] != '\0' ? source : NULL);
    tl_cli_json_close(json);
}

static void json_factors(struct tl_cli_json *json, const char *key, int n, const double *pace,
                         const double *detect)
{
    tl_cli_json_object(json, key);
    tl_cli_json_array(json, "pace");
    for (int i = 0; i < n; i++)
        tl_cli_json_number(json, NULL, pace[i]);
    tl_cli_json_close(json);
    tl_cli_json_array(json, "detection");
    for (int i = 0; i < n; i++)
        tl_cli_json_number(json, NULL, detect[i]);
    tl_cli_json_close(json);
    tl_cli_json_close(json);
}

static void json_method(struct tl_cli_json *json, const struct tl_method *m)
{
    tl_cli_json_object(json, NULL);
    tl_cli_json_text(json, "name", m->name);
    tl_cli_json_text(json, "group", m->group[0] != '\0' ? m->group : NULL);
    tl_cli_json_number(json, "depth_cm", m->depth_cm);
    tl_cli_json_text(json, "soil", m->soil[0] != '\0' ? m->soil : NULL);
    tl_cli_json_bool(json, "is_search", m->is_search);
    tl_cli_json_bool(json, "is_assumption", m->is_assumption);
    json_beta(json, "detectable", m->detectable_a, m->detectable_b);
    json_beta(json, "per_pass", m->per_pass_a, m->per_pass_b);
    tl_cli_json_number(json, "one_pass",
                       mean(m->detectable_a, m->detectable_b) * mean(m->per_pass_a, m->per_pass_b));
    tl_cli_json_number(json, "repeat_correlation", tl_method_correlation(m));
    tl_cli_json_number(json, "process_failure", m->process_failure);
    tl_cli_json_number(json, "process_failure_finds", m->process_failure_p);
    tl_cli_json_text(json, "source", m->source);
    json_range(json, "m2_per_day", m->m2_per_day, m->m2_per_day_low, m->m2_per_day_high,
               m->pace_source);
    json_range(json, "price_per_m2", m->price_per_m2, m->price_per_m2_low, m->price_per_m2_high,
               m->price_source);
    tl_cli_json_text(json, "currency", m->currency);
    json_factors(json, "vegetation", TL_METHOD_VEGETATION, m->vegetation_pace,
                 m->vegetation_detect);
    json_factors(json, "slope", TL_METHOD_SLOPE, m->slope_pace, m->slope_detect);
    tl_cli_json_text(json, "terrain_source",
                     m->terrain_source[0] != '\0' ? m->terrain_source : NULL);
    tl_cli_json_close(json);
}

static void print_json(struct tl_cli_run *run, const struct tl_method *methods, int64_t n,
                       const struct tl_method_edit *edit)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.methods/1");
    tl_cli_json_text(&json, "project", run->args->words[0]);
    if (edit == NULL) {
        tl_cli_json_raw(&json, "edit", "null");
    } else {
        tl_cli_json_object(&json, "edit");
        tl_cli_json_integer(&json, "added", edit->n_added);
        tl_cli_json_integer(&json, "changed", edit->n_changed);
        tl_cli_json_integer(&json, "removed", edit->n_removed);
        tl_cli_json_integer(&json, "same", edit->n_same);
        tl_cli_json_close(&json);
    }
    tl_cli_json_array(&json, "methods");
    for (int64_t i = 0; i < n; i++)
        json_method(&json, &methods[i]);
    tl_cli_json_end(&json);
}

static void print_range(FILE *out, const char *what, double typical, double low, double high,
                        const char *unit, const char *source)
{
    char text[512];
    int n = snprintf(text, sizeof text, "%s ", what);
    if (isnan(typical)) {
        snprintf(text + n, sizeof text - (size_t)n, "not known");
    } else {
        n += snprintf(text + n, sizeof text - (size_t)n, "%.6g %s", typical, unit);
        if (!isnan(low) && !isnan(high))
            n += snprintf(text + n, sizeof text - (size_t)n, " (%.6g to %.6g)", low, high);
        snprintf(text + n, sizeof text - (size_t)n, ": %s", source);
    }
    tl_cli_wrap(out, 2, text);
}

static void print_method(FILE *out, const struct tl_method *m)
{
    char text[1024], unit[24];
    fprintf(out, "%s", m->name);
    if (m->group[0] != '\0')
        fprintf(out, ", %s", m->group);
    if (isfinite(m->depth_cm))
        fprintf(out, ", to %.4g cm", m->depth_cm);
    if (m->soil[0] != '\0')
        fprintf(out, ", %s soil", m->soil);
    fprintf(out, "\n");
    if (m->is_search) {
        double d = mean(m->detectable_a, m->detectable_b), q = mean(m->per_pass_a, m->per_pass_b);
        snprintf(text, sizeof text,
                 "can find %.3g of all items, each of those with %.3g a pass: %.3g at one pass, "
                 "repeat correlation %.2g; a lot fails as a whole with %.3g (then %.3g a pass)",
                 d, q, d * q, tl_method_correlation(m), m->process_failure, m->process_failure_p);
        tl_cli_wrap(out, 2, text);
    }
    snprintf(text, sizeof text, "%s", m->source);
    tl_cli_wrap(out, 2, text);
    print_range(out, "pace", m->m2_per_day, m->m2_per_day_low, m->m2_per_day_high, "m2/day",
                m->pace_source);
    snprintf(unit, sizeof unit, "%s/m2", m->currency);
    print_range(out, "price", m->price_per_m2, m->price_per_m2_low, m->price_per_m2_high, unit,
                m->price_source);
    if (m->terrain_source[0] != '\0') {
        snprintf(text, sizeof text, "vegetation and slope change these: %s", m->terrain_source);
        tl_cli_wrap(out, 2, text);
    }
}

static tl_err write_yaml(struct tl_cli_run *run, struct tl_project *project, const char *path)
{
    char *yaml = NULL;
    tl_err err = TL_OK;
    if (access(path, F_OK) == 0 && !tl_cli_args_flag(run->args, "overwrite"))
        return tl_cli_run_fail(run, TL_EEXISTS, "%s: exists already; --overwrite replaces it",
                               path);
    err = tl_method_yaml(run->ctx, project, &yaml);
    if (err != TL_OK)
        return err;
    char aside[4096];
    if (snprintf(aside, sizeof aside, "%s.part%ld", path, (long)getpid()) >= (int)sizeof aside) {
        tl_free(yaml);
        return tl_cli_run_fail(run, TL_EUSAGE, "%s: the path is too long", path);
    }
    FILE *out = fopen(aside, "wx"); /* nobody's file of that name is lost */
    bool bad = out == NULL || fputs(yaml, out) == EOF;
    bad = (out != NULL && fclose(out) != 0) || bad;
    if (bad || rename(aside, path) != 0) {
        err = tl_cli_run_fail(run, TL_EIO, "%s: cannot be written: %s", path, strerror(errno));
        if (out != NULL)
            unlink(aside);
    }
    tl_free(yaml);
    return err;
}

static void print_words(struct tl_cli_run *run, const struct tl_method *methods, int64_t n,
                        const struct tl_method_edit *edit)
{
    const char *written = tl_cli_args_text(run->args, "write", NULL);
    if (edit != NULL)
        fprintf(run->out, "methods: %lld added, %lld changed, %lld removed, %lld as they were\n",
                (long long)edit->n_added, (long long)edit->n_changed, (long long)edit->n_removed,
                (long long)edit->n_same);
    if (written != NULL)
        fprintf(run->out, "Written:\n  %s\n", written);
    for (int64_t i = 0; edit == NULL && written == NULL && i < n; i++) {
        if (i > 0)
            fputs("\n", run->out);
        print_method(run->out, &methods[i]);
    }
}

tl_err tl_cli_cmd_methods(struct tl_cli_run *run)
{
    const char *from = tl_cli_args_text(run->args, "edit", NULL);
    const char *to = tl_cli_args_text(run->args, "write", NULL);
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    struct tl_method_edit edit = {0};
    int64_t n = 0;
    tl_err err = TL_OK;
    if (from != NULL && to != NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "--edit and --write are given both; one at a time");
    err = tl_project_open(run->ctx, run->args->words[0],
                          from != NULL ? TL_PROJECT_WRITE : TL_PROJECT_READ, &project);
    if (err == TL_OK && from != NULL)
        err = tl_method_edit(run->ctx, project, from, &edit);
    if (err == TL_OK && to != NULL)
        err = write_yaml(run, project, to);
    if (err == TL_OK)
        err = tl_project_methods(run->ctx, project, &methods, &n);
    tl_project_close(project);
    if (err == TL_OK && run->json)
        print_json(run, methods, n, from != NULL ? &edit : NULL);
    else if (err == TL_OK && !(run->quiet && (from != NULL || to != NULL)))
        print_words(run, methods, n, from != NULL ? &edit : NULL);
    tl_free(methods);
    return err;
}
