#include "geo/gdal.h"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tilth/raster.h"

/* GDAL's table of drivers is one per process; so is the flag that it has been filled. */
static pthread_once_t drivers_registered = PTHREAD_ONCE_INIT;

/* GDAL would keep blocks up to a twentieth of the machine's memory, which no plan of ours knows of. */
static void register_drivers(void)
{
    GDALAllRegister();
    if (CPLGetConfigOption("GDAL_CACHEMAX", NULL) == NULL &&
        GDALGetCacheMax64() > TL_RASTER_CACHE_BYTES)
        GDALSetCacheMax64(TL_RASTER_CACHE_BYTES);
}

static void CPL_STDCALL keep_message(CPLErr level, CPLErrorNum number, const char *text)
{
    (void)number;
    struct tl_gdal_quiet *quiet = CPLGetErrorHandlerUserData();
    if (level < CE_Failure)
        return;
    if (quiet->n_failures++ == 0)
        snprintf(quiet->why, sizeof quiet->why, "%s", text);
}

void tl_gdal_begin(struct tl_gdal_quiet *quiet)
{
    *quiet = (struct tl_gdal_quiet){0};
    CPLPushErrorHandlerEx(keep_message, quiet);
    pthread_once(&drivers_registered, register_drivers);
}

void tl_gdal_end(void)
{
    CPLPopErrorHandler();
}

const char *tl_gdal_why(const struct tl_gdal_quiet *quiet, const char *otherwise)
{
    return quiet->why[0] != '\0' ? quiet->why : otherwise;
}

static tl_err join(struct tl_ctx *ctx, const char *folder, const char *name, char **out)
{
    size_t n = strlen(folder) + strlen(name) + 2;
    char *path = tl_alloc(ctx, (int64_t)n, 1);
    if (path == NULL)
        return TL_ENOMEM;
    snprintf(path, n, "%s/%s", folder, name);
    *out = path;
    return TL_OK;
}

static void aside_free(struct tl_gdal_aside *aside)
{
    tl_free(aside->folder);
    tl_free(aside->path);
    tl_free(aside->target);
    *aside = (struct tl_gdal_aside){0};
}

tl_err tl_gdal_aside_init(struct tl_ctx *ctx, const char *target, struct tl_gdal_aside *aside)
{
    tl_err err = TL_OK;
    struct tl_gdal_aside made = {0};
    const char *slash = strrchr(target, '/');
    const char *name = slash == NULL ? target : slash + 1;
    if (name[0] == '\0')
        TL_THROW(ctx, TL_EIO, "\"%s\" is not the name of a file", target);
    made.target = tl_strdup(ctx, target);
    int64_t n = (int64_t)strlen(target) + 32;
    made.folder = made.target == NULL ? NULL : tl_alloc(ctx, n, 1);
    if (made.folder == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    /* Not the target's name: GDAL takes "a.xlsx.part/a.xlsx" for a file within the archive a.xlsx. */
    snprintf(made.folder, (size_t)n, "%.*s.tilth-XXXXXX", (int)(name - target), target);
    if (mkdtemp(made.folder) == NULL)
        TL_THROW(ctx, TL_EIO, "%s: cannot be written: %s", target, strerror(errno));
    err = join(ctx, made.folder, name, &made.path);
    if (err != TL_OK)
        rmdir(made.folder);
done:
    if (err == TL_OK)
        *aside = made;
    else
        aside_free(&made);
    return err;
}

static int sync_file(const char *path)
{
    int file = open(path, O_RDONLY);
    if (file < 0)
        return -1;
    int bad = fsync(file);
    close(file);
    return bad;
}

/* One part to its place beside the target. Never follows into folders: drivers that make folders are not offered. */
static tl_err move_part(struct tl_ctx *ctx, const struct tl_gdal_aside *aside, const char *name)
{
    tl_err err = TL_OK;
    char *from = NULL, *to = NULL, *folder = NULL;
    TL_TRY(join(ctx, aside->folder, name, &from));
    folder = tl_strdup(ctx, aside->target);
    if (folder == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    TL_TRY(join(ctx, slash == NULL ? "." : folder[0] == '\0' ? "/" : folder, name, &to));
    if (sync_file(from) != 0 || rename(from, to) != 0)
        TL_THROW(ctx, TL_EIO, "%s: cannot be written: %s", to, strerror(errno));
done:
    tl_free(from);
    tl_free(to);
    tl_free(folder);
    return err;
}

tl_err tl_gdal_aside_finish(struct tl_ctx *ctx, struct tl_gdal_aside *aside, bool keep)
{
    tl_err err = TL_OK;
    if (aside->folder == NULL)
        return TL_OK;
    const char *slash = strrchr(aside->path, '/');
    const char *main_name = slash == NULL ? aside->path : slash + 1;
    DIR *dir = opendir(aside->folder);
    struct dirent *entry;
    while (keep && err == TL_OK && dir != NULL && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, main_name) != 0)
            err = move_part(ctx, aside, entry->d_name);
    if (keep && err == TL_OK)
        err = move_part(ctx, aside, main_name);
    if (dir != NULL)
        rewinddir(dir);
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        unlinkat(dirfd(dir), entry->d_name, 0); /* "." and ".." refuse, as they should */
    if (dir != NULL)
        closedir(dir);
    rmdir(aside->folder);
    aside_free(aside);
    return err;
}
