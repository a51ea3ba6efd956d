/* Moved out of the accounts' book: keys are kept in the same way. */
#include "core/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

tl_err tl_private_lock(struct tl_ctx *ctx, const char *path, int *file)
{
    struct stat mine, there;
    for (;;) {
        int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (opened < 0)
            return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
        if (flock(opened, LOCK_EX) != 0 || fstat(opened, &mine) != 0) {
            int why = errno;
            close(opened);
            return tl_fail(ctx, TL_EIO, "%s: cannot be locked: %s", path, strerror(why));
        }
        /* after waiting it may be another one that is at the path */
        if (stat(path, &there) == 0 && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev) {
            *file = opened;
            return TL_OK;
        }
        close(opened);
    }
}

tl_err tl_private_write(struct tl_ctx *ctx, const char *path, const char *text)
{
    char aside[4200];
    size_t n = strlen(text);
    if (snprintf(aside, sizeof aside, "%s.part%ld", path, (long)getpid()) >= (int)sizeof aside)
        return tl_fail(ctx, TL_EIO, "%s: the path is too long", path);
    unlink(aside);
    int file = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    bool bad = write(file, text, n) != (ssize_t)n || fsync(file) != 0;
    bad = close(file) != 0 || bad;
    if (bad || rename(aside, path) != 0) {
        int why = errno;
        unlink(aside);
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(why));
    }
    return TL_OK;
}
