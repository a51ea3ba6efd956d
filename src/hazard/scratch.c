/*
 * Files of the lattice engine in the output folder: what memory does not hold, and what lets a stopped run go on. A blob is a
 * file, written beside and renamed, so that it is there whole or not at all; it is read by mapping it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hazard/hazard.h"
#include "tilth/lattice.h"

enum { PATH_BYTES = 4096, NAME_BYTES = 64 };

struct tl_hazard_scratch {
    char folder[PATH_BYTES];
    bool written; /* by this run */
    struct tl_lattice_store store;
};

static const char *path_of(const struct tl_hazard_scratch *s, const char *name, const char *ending,
                           char path[PATH_BYTES + 2 * NAME_BYTES])
{
    snprintf(path, PATH_BYTES + 2 * NAME_BYTES, "%s/%.60s%s", s->folder, name, ending);
    return path;
}

static tl_err write_all(struct tl_ctx *ctx, int file, const char *path, const char *data,
                        int64_t bytes)
{
    while (bytes > 0) {
        ssize_t n = write(file, data, bytes < (1 << 30) ? (size_t)bytes : (size_t)1 << 30);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return tl_fail(ctx, TL_EIO, "%s: %s (%.2f GiB were to be written)", path,
                           strerror(errno), (double)bytes / 1073741824.0);
        data += n;
        bytes -= n;
    }
    return TL_OK;
}

static tl_err put(struct tl_ctx *ctx, void *user, const char *name, const void *data, int64_t bytes)
{
    struct tl_hazard_scratch *s = user;
    char aside[PATH_BYTES + 2 * NAME_BYTES], path[PATH_BYTES + 2 * NAME_BYTES];
    if (!s->written && mkdir(s->folder, 0777) != 0 && errno != EEXIST)
        return tl_fail(ctx, TL_EIO, "%s: cannot make this folder: %s", s->folder, strerror(errno));
    s->written = true;
    int file =
        open(path_of(s, name, ".new", aside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return tl_fail(ctx, TL_EIO, "%s: %s", aside, strerror(errno));
    tl_err err = write_all(ctx, file, aside, data, bytes);
    if (close(file) != 0 && err == TL_OK)
        err = tl_fail(ctx, TL_EIO, "%s: %s", aside, strerror(errno));
    if (err == TL_OK && rename(aside, path_of(s, name, "", path)) != 0)
        err = tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    if (err != TL_OK)
        unlink(aside);
    return err;
}

static tl_err map(struct tl_ctx *ctx, void *user, const char *name, int64_t bytes,
                  const void **data)
{
    char path[PATH_BYTES + 2 * NAME_BYTES];
    struct stat info;
    tl_err err = TL_OK;
    *data = NULL;
    int file = open(path_of(user, name, "", path), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return TL_OK;
    if (fstat(file, &info) == 0 && info.st_size == bytes && bytes > 0) {
        void *memory = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE, file, 0);
        if (memory == MAP_FAILED)
            err = tl_fail(ctx, TL_EIO, "%s: cannot be mapped: %s", path, strerror(errno));
        else
            *data = memory;
    }
    close(file);
    return err;
}

static void unmap(void *user, const void *data, int64_t bytes)
{
    (void)user;
    munmap((void *)(uintptr_t)data, (size_t)bytes);
}

static void drop(void *user, const char *name)
{
    char path[PATH_BYTES + 2 * NAME_BYTES];
    unlink(path_of(user, name, "", path));
}

tl_err tl_hazard_scratch_open(struct tl_ctx *ctx, const char *folder,
                              struct tl_hazard_scratch **scratch,
                              const struct tl_lattice_store **store)
{
    tl_err err = TL_OK;
    struct tl_hazard_scratch *s = NULL;
    TL_TRY_ALLOC(ctx, s, 1);
    if (snprintf(s->folder, sizeof s->folder, "%s/.lattice", folder) >= (int)sizeof s->folder)
        TL_THROW(ctx, TL_EUSAGE, "the path of the output folder is too long");
    s->store = (struct tl_lattice_store){s, put, map, unmap, drop};
    *store = &s->store;
    *scratch = s;
    s = NULL;
done:
    tl_free(s);
    return err;
}

bool tl_hazard_scratch_close(struct tl_hazard_scratch *scratch)
{
    struct stat info;
    if (scratch == NULL)
        return false;
    rmdir(scratch->folder); /* which fails as long as there is something in it */
    bool left = stat(scratch->folder, &info) == 0;
    tl_free(scratch);
    return left;
}
