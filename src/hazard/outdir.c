/*
 * A folder inside the folder takes the files while they are made, so that moving them is a rename within one file
 * system. A file is therefore there whole or not at all; the set is moved in the order of the names given at the
 * beginning, so that the one named last (the JSON that describes the others) is never there without them.
 */
#include "tilth/outdir.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/core.h"

enum { PATH_BYTES = 4096, FOLDER_DEPTH = 1 };

struct tl_outdir {
    char folder[PATH_BYTES];
    char aside[PATH_BYTES];
    char file[PATH_BYTES];
    const char *const *names; /* borrows: for as long as the outdir lives */
    bool made_folder;
};

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static void remove_folder(const char *folder, int depth)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[PATH_BYTES + 256];
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        /* A raster's own folder, left by a kill while it was written; never a link to one. */
        if (unlink(path) != 0 && depth < FOLDER_DEPTH)
            remove_folder(path, depth + 1);
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
}

/* A run that was killed could not tidy up: what belongs to a process that is no more goes now. */
static void remove_leftovers(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[PATH_BYTES + 256];
    long pid;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        if (sscanf(entry->d_name, ".part-%ld-", &pid) == 1 && kill((pid_t)pid, 0) != 0 &&
            errno == ESRCH) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (unlink(path) != 0) /* a link of that name goes, and not what it leads to */
                remove_folder(path, 0);
        }
    if (dir != NULL)
        closedir(dir);
}

static tl_err make_folders(struct tl_ctx *ctx, struct tl_outdir *outdir)
{
    int written = snprintf(outdir->aside, sizeof outdir->aside, "%s/.part-%ld-XXXXXX",
                           outdir->folder, (long)getpid());
    if (written >= (int)sizeof outdir->aside)
        return tl_fail(ctx, TL_EUSAGE, "the path of the output folder is too long");
    if (!is_folder(outdir->folder)) {
        if (mkdir(outdir->folder, 0777) != 0)
            return tl_fail(ctx, TL_EIO, "%s: cannot make this folder: %s", outdir->folder,
                           errno == EEXIST ? "a file has this name" : strerror(errno));
        outdir->made_folder = true;
    }
    remove_leftovers(outdir->folder);
    if (mkdtemp(outdir->aside) != NULL)
        return TL_OK;
    tl_err err = tl_fail(ctx, TL_EIO, "%s: cannot write to this folder: %s", outdir->folder,
                         strerror(errno));
    if (outdir->made_folder)
        rmdir(outdir->folder);
    return err;
}

static tl_err refuse_what_is_there(struct tl_ctx *ctx, const char *folder, const char *const *names)
{
    char path[PATH_BYTES];
    for (int i = 0; names[i] != NULL; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (is_there(path))
            return tl_fail(ctx, TL_EEXISTS,
                           "%s is there already; --overwrite replaces it, another --out keeps it",
                           path);
    }
    return TL_OK;
}

tl_err tl_outdir_begin(struct tl_ctx *ctx, const char *folder, const char *const *names,
                       bool overwrite, struct tl_outdir **outdir)
{
    tl_err err = TL_OK;
    struct tl_outdir *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    made->names = names;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length == 0 || length + 32 > sizeof made->folder)
        TL_THROW(ctx, TL_EUSAGE, "'%.60s' is no name for an output folder", folder);
    memcpy(made->folder, folder, length);
    if (!overwrite)
        TL_TRY(refuse_what_is_there(ctx, made->folder, names));
    TL_TRY(make_folders(ctx, made));
    *outdir = made;
    return TL_OK;
done:
    tl_free(made);
    return err;
}

const char *tl_outdir_path(const struct tl_outdir *outdir)
{
    return outdir->aside;
}

const char *tl_outdir_file(struct tl_outdir *outdir, const char *name)
{
    if (snprintf(outdir->file, sizeof outdir->file, "%s/%s", outdir->aside, name) < 0)
        outdir->file[0] = '\0';
    return outdir->file;
}

static tl_err move(struct tl_ctx *ctx, struct tl_outdir *outdir, const char *name)
{
    char from[PATH_BYTES + 256], to[PATH_BYTES + 256];
    snprintf(from, sizeof from, "%s/%s", outdir->aside, name);
    snprintf(to, sizeof to, "%s/%s", outdir->folder, name);
    if (!is_there(from) || rename(from, to) == 0)
        return TL_OK;
    return tl_fail(ctx, TL_EIO, "%s: %s", to, strerror(errno));
}

tl_err tl_outdir_commit(struct tl_ctx *ctx, struct tl_outdir *outdir)
{
    tl_err err = TL_OK;
    for (int i = 0; outdir->names[i] != NULL && err == TL_OK; i++)
        err = move(ctx, outdir, outdir->names[i]);
    if (err == TL_OK)
        outdir->made_folder = false;
    tl_outdir_abort(outdir);
    return err;
}

void tl_outdir_abort(struct tl_outdir *outdir)
{
    if (outdir == NULL)
        return;
    remove_folder(outdir->aside, 0);
    if (outdir->made_folder)
        rmdir(outdir->folder);
    tl_free(outdir);
}
