/** tilth attach: files attached to a record: put in, listed, got out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tilth/attach.h"
#include "tilth/project.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static tl_err add_one(struct tl_cli_run *run, struct tl_project *project, enum tl_kind kind,
                      const char *path, int64_t *n_new)
{
    struct tl_attach_file file = {.name = base_name(path), .media_type = tl_attach_type_of(path)};
    int64_t id = 0;
    bool is_new = false;
    file.file = open(path, O_RDONLY | O_CLOEXEC);
    if (file.file < 0)
        return tl_cli_run_fail(run, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                               strerror(errno));
    tl_err err = tl_attach_add(run->ctx, project, kind, run->args->words[2], &file, &id, &is_new);
    close(file.file);
    *n_new += is_new;
    return err;
}

/* All files or none. */
static tl_err add_all(struct tl_cli_run *run, enum tl_kind kind)
{
    const struct tl_cli_value *value;
    struct tl_project *project = NULL;
    int64_t n_new = 0;
    int at = 0, n = 0;
    tl_err err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_WRITE, &project);
    if (err == TL_OK)
        err = tl_project_begin(run->ctx, project);
    while (err == TL_OK && (value = tl_cli_args_next(run->args, "file", &at)) != NULL) {
        err = add_one(run, project, kind, value->text, &n_new);
        n++;
    }
    if (err == TL_OK)
        err = tl_project_commit(run->ctx, project);
    tl_project_close(project);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && !run->quiet && !run->json)
        fprintf(run->out, "%lld of %d attached to %s%s\n", (long long)n_new, n, run->args->words[2],
                n_new < n ? "; the others were there already" : "");
    return err;
}

static void print_json(struct tl_cli_run *run, int64_t n, const struct tl_attach_info *list)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.attachments/1");
    tl_cli_json_text(&json, "kind", run->args->words[1]);
    tl_cli_json_text(&json, "code", run->args->words[2]);
    tl_cli_json_array(&json, "attachments");
    for (int64_t i = 0; i < n; i++) {
        tl_cli_json_object(&json, NULL);
        tl_cli_json_integer(&json, "id", list[i].id);
        tl_cli_json_text(&json, "name", list[i].name);
        tl_cli_json_text(&json, "media_type", list[i].media_type);
        if (list[i].n_bytes >= 0)
            tl_cli_json_integer(&json, "bytes", list[i].n_bytes);
        else
            tl_cli_json_text(&json, "bytes", NULL);
        tl_cli_json_text(&json, "sha256", list[i].sha256);
        tl_cli_json_text(&json, "by", list[i].by[0] != '\0' ? list[i].by : NULL);
        tl_cli_json_text(&json, "at", list[i].at[0] != '\0' ? list[i].at : NULL);
        tl_cli_json_bool(&json, "missing", list[i].is_missing);
        tl_cli_json_close(&json);
    }
    tl_cli_json_end(&json);
}

static tl_err list_all(struct tl_cli_run *run, enum tl_kind kind)
{
    struct tl_attach_info *list = NULL;
    struct tl_project *project = NULL;
    char size[32];
    int64_t n = 0;
    tl_err err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_attach_list(run->ctx, project, kind, run->args->words[2], &list, &n);
    tl_project_close(project);
    if (err == TL_OK && run->json)
        print_json(run, n, list);
    for (int64_t i = 0; err == TL_OK && !run->json && i < n; i++) {
        snprintf(size, sizeof size, "%lld bytes", (long long)list[i].n_bytes);
        if (list[i].n_bytes >= 1000)
            tl_cli_units_bytes((double)list[i].n_bytes, size);
        fprintf(run->out, "%lld  %s  %s  %s%s\n", (long long)list[i].id, list[i].sha256,
                list[i].n_bytes >= 0 ? size : "?", list[i].name,
                list[i].is_missing ? "  (its content is missing)" : "");
    }
    if (err == TL_OK && !run->json && n == 0 && !run->quiet)
        fprintf(run->out, "%s has no attachments\n", run->args->words[2]);
    tl_free(list);
    return err;
}

/* Beside its place first, so that a file is there whole or not at all. */
static tl_err get_one(struct tl_cli_run *run, int64_t id, const char *path)
{
    bool overwrite = tl_cli_args_flag(run->args, "overwrite");
    struct tl_project *project = NULL;
    char aside[4096];
    int file = -1;
    if (snprintf(aside, sizeof aside, "%s.part%ld", path, (long)getpid()) >= (int)sizeof aside)
        return tl_cli_run_fail(run, TL_EUSAGE, "%s: the path is too long", path);
    if (!overwrite && access(path, F_OK) == 0)
        return tl_cli_run_fail(run, TL_EEXISTS, "%s: is there already; --overwrite replaces it",
                               path);
    tl_err err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK && (file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) < 0)
        err = tl_cli_run_fail(run, TL_EIO, "%s: %s", path, strerror(errno));
    if (err == TL_OK)
        err = tl_attach_write(run->ctx, project, id, file);
    if (file >= 0 && (close(file) != 0 || (err == TL_OK && rename(aside, path) != 0)))
        err = tl_cli_run_fail(run, TL_EIO, "%s: %s", path, strerror(errno));
    if (err != TL_OK && file >= 0)
        unlink(aside);
    tl_project_close(project);
    if (err == TL_OK && run->json) {
        struct tl_cli_json json;
        tl_cli_json_begin(&json, run->out, "tilth.attachment/1");
        tl_cli_json_integer(&json, "id", id);
        tl_cli_json_text(&json, "file", path);
        tl_cli_json_end(&json);
    } else if (err == TL_OK && !run->quiet) {
        fprintf(run->out, "%s\n", path);
    }
    return err;
}

tl_err tl_cli_cmd_attach(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    int64_t id = tl_cli_args_integer(args, "get", 0);
    const char *out = tl_cli_args_text(args, "out", NULL);
    bool adds = tl_cli_args_value(args, "file") != NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    if ((id > 0) != (out != NULL) || (id > 0 && (adds || args->n_words > 1)))
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "--get and --out go together: tilth attach PROJECT --get ID --out "
                               "FILE");
    if (id > 0)
        return get_one(run, id, out);
    if (args->n_words < 3)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "attach needs a record: tilth attach PROJECT KIND CODE");
    tl_err err = tl_kind_find(run->ctx, args->words[1], &kind);
    if (err == TL_OK && adds)
        err = add_all(run, kind);
    if (err == TL_OK && (!adds || run->json))
        err = list_all(run, kind);
    return err;
}
