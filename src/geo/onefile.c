/*
 * GDAL's own file systems open by path. Here the descriptor was opened before the walls went up, and each "open" is a place in it. A
 * GeoPackage that was copied while QGIS had it open says in its header that a write-ahead log lies beside it; nothing lies beside an upload, and
 * SQLite would give up looking for it, so those two bytes are read as they are in a file without one.
 */
#include "geo/onefile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

enum { WAL_AT = 18, WAL_END = 20 };

struct file {
    int fd;
    int64_t size_bytes;
    bool is_wal;
    char *name; /* owns */
};

struct place {
    const struct file *file; /* borrows */
    int64_t at;
    bool past; /* a read has met the end */
};

/* GDAL gives names without the folder. */
static bool is_name(const struct file *file, const char *name)
{
    return strcmp(name, file->name) == 0;
}

static int look(void *user, const char *name, VSIStatBufL *facts, int flags)
{
    const struct file *file = user;
    bool is_folder = name[0] == '\0';
    (void)flags;
    if (!is_folder && !is_name(file, name)) {
        errno = ENOENT;
        return -1;
    }
    memset(facts, 0, sizeof *facts);
    facts->st_mode = is_folder ? S_IFDIR : S_IFREG;
    facts->st_size = is_folder ? 0 : (off_t)file->size_bytes;
    return 0;
}

static char **list(void *user, const char *path, int max)
{
    const struct file *file = user;
    (void)path;
    (void)max;
    return CSLAddString(NULL, file->name);
}

static void *open_place(void *user, const char *name, const char *access)
{
    const struct file *file = user;
    if (!is_name(file, name) || strpbrk(access, "wa+") != NULL) {
        errno = ENOENT;
        return NULL;
    }
    struct place *place = CPLCalloc(1, sizeof *place); /* GDAL's, and freed by it */
    place->file = file;
    return place;
}

static int close_place(void *user)
{
    CPLFree(user);
    return 0;
}

static vsi_l_offset tell(void *user)
{
    const struct place *place = user;
    return (vsi_l_offset)place->at;
}

static int seek(void *user, vsi_l_offset offset, int whence)
{
    struct place *place = user;
    int64_t from = whence == SEEK_CUR   ? place->at
                   : whence == SEEK_END ? place->file->size_bytes
                                        : 0;
    place->at = from + (int64_t)offset;
    place->past = false;
    return 0;
}

static void as_without_wal(const struct place *place, char *bytes, int64_t n)
{
    for (int64_t at = WAL_AT; at < WAL_END; at++)
        if (at >= place->at && at < place->at + n)
            bytes[at - place->at] = 1;
}

static size_t read_place(void *user, void *bytes, size_t size, size_t count)
{
    struct place *place = user;
    size_t want = size * count, got = 0;
    if (size == 0 || count == 0 || want / size != count)
        return 0;
    while (got < want) {
        ssize_t n = pread(place->file->fd, (char *)bytes + got, want - got,
                          (off_t)(place->at + (int64_t)got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    if (place->file->is_wal)
        as_without_wal(place, bytes, (int64_t)got);
    place->past = place->past || got < want;
    place->at += (int64_t)got;
    return got / size;
}

static int at_end(void *user)
{
    const struct place *place = user;
    return place->past;
}

tl_err tl_onefile_put(struct tl_ctx *ctx, int fd, const char *name)
{
    char head[WAL_END] = "";
    struct stat facts;
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return tl_fail(ctx, TL_EIO, "%s: is no file", name);
    struct file *file =
        CPLCalloc(1, sizeof *file); /* as long as the process, as GDAL's handler is */
    VSIFilesystemPluginCallbacksStruct *how = VSIAllocFilesystemPluginCallbacksStruct();
    *file = (struct file){.fd = fd, .size_bytes = (int64_t)facts.st_size, .name = CPLStrdup(name)};
    file->is_wal = pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head &&
                   memcmp(head, "SQLite format 3", 16) == 0 && head[WAL_AT] == 2;
    how->pUserData = file;
    how->stat = look;
    how->read_dir = list;
    how->open = open_place;
    how->tell = tell;
    how->seek = seek;
    how->read = read_place;
    how->eof = at_end;
    how->close = close_place;
    int bad = VSIInstallPluginHandler(TL_ONEFILE_FOLDER, how);
    VSIFreeFilesystemPluginCallbacksStruct(how);
    return bad == 0 ? TL_OK : tl_fail(ctx, TL_EIO, "%s: cannot be given to GDAL", name);
}
