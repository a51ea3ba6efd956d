#include "serve/upload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "core/secret.h"
#include "core/text.h"

enum {
    PATH_BYTES = 4200,
    FILE_BYTES = 48,
    PART_KEPT_S = 600,          /* nobody has its lock, and nothing came for so long */
    LOOK_EVERY_BYTES = 8 << 20, /* at the disk's free room */
    KNOWN_MAX_BYTES = 32 << 20
};

struct tl_uploads {
    char folder[PATH_BYTES];
    pthread_mutex_t lock; /* around counting and making */
};

struct tl_upload_inflow {
    struct tl_uploads *uploads; /* borrows */
    int fd;                     /* owns */
    char id[TL_UPLOAD_ID_BYTES];
    int64_t n_bytes, looked_bytes;
    struct tl_hash hash;
    char sha256[TL_HASH_HEX];
    bool is_kept;    /* or has no name any more */
    bool is_passing; /* is never kept */
};

/* The folder, opened without following a link; -1 with errno. Names in it are our own: 32 hexadecimal digits and an ending. */
static int open_folder(const struct tl_uploads *uploads, bool makes)
{
    if (makes && mkdir(uploads->folder, 0700) != 0 && errno != EEXIST)
        return -1;
    int folder = open(uploads->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat facts;
    if (folder >= 0 &&
        (fstat(folder, &facts) != 0 || facts.st_uid != geteuid() || (facts.st_mode & 077) != 0)) {
        close(folder);
        errno = EPERM;
        return -1;
    }
    return folder;
}

static tl_err folder_fail(struct tl_ctx *ctx)
{
    if (errno == EPERM)
        return tl_fail(ctx, TL_EIO,
                       "the folder for uploads is not the server's alone: expected "
                       "its owner and mode 0700");
    return tl_fail(ctx, TL_EIO, "the folder for uploads cannot be used: %s", strerror(errno));
}

static bool is_id(const char *text, size_t n)
{
    return n == TL_UPLOAD_ID_BYTES - 1 && strspn(text, "0123456789abcdef") >= n;
}

static void file_name(const char *id, const char *ending, char name[FILE_BYTES])
{
    snprintf(name, FILE_BYTES, "%.32s%s", id, ending);
}

static void remove_all(int folder, const char *id)
{
    static const char *const endings[] = {".part",     ".rows", ".new",          ".json",
                                          ".data",     ".copy", ".copy-journal", ".copy-wal",
                                          ".copy-shm", ".hold"};
    char name[FILE_BYTES];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        file_name(id, endings[i], name);
        unlinkat(folder, name, 0);
    }
}

/* Whether nobody has its lock. */
static bool is_idle(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool idle = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd);
    return idle;
}

/* Removes what is old, and gives how many are left, coming in or here. */
static int sweep(int folder)
{
    int n = 0, copy = dup(folder);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *entry;
    if (dir == NULL && copy >= 0)
        close(copy);
    if (dir != NULL)
        rewinddir(dir);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *dot = strchr(entry->d_name, '.');
        struct stat facts;
        bool part = dot != NULL && strcmp(dot, ".part") == 0,
             data = dot != NULL && strcmp(dot, ".data") == 0;
        if (dot == NULL || !is_id(entry->d_name, (size_t)(dot - entry->d_name)) ||
            fstatat(folder, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (strcmp(dot, ".hold") == 0 && is_idle(folder, entry->d_name))
            remove_all(folder, entry->d_name); /* a server that was killed */
        if (!part && !data)
            continue;
        int64_t age_s = (int64_t)time(NULL) - (int64_t)facts.st_mtime;
        if (age_s <
            0) /* the clock was set back since: its time begins now, or it would stay for years */
            utimensat(folder, entry->d_name, NULL, AT_SYMLINK_NOFOLLOW);
        if (age_s > (part ? PART_KEPT_S : TL_UPLOAD_KEPT_S) && is_idle(folder, entry->d_name))
            remove_all(folder, entry->d_name);
        else
            n++;
    }
    if (dir != NULL)
        closedir(dir);
    return n;
}

tl_err tl_uploads_open(struct tl_ctx *ctx, const char *project, struct tl_uploads **uploads)
{
    struct tl_uploads *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    if (snprintf(made->folder, sizeof made->folder, "%s.uploads", project) >=
        (int)sizeof made->folder)
        TL_THROW(ctx, TL_EUSAGE, "the project's path is too long");
    pthread_mutex_init(&made->lock, NULL);
    int folder = open_folder(made, false);
    if (folder >= 0) {
        sweep(folder);
        close(folder);
    }
    *uploads = made;
    made = NULL;
done:
    tl_free(made);
    return err;
}

void tl_uploads_free(struct tl_uploads *uploads)
{
    if (uploads == NULL)
        return;
    pthread_mutex_destroy(&uploads->lock);
    rmdir(uploads->folder); /* where it is empty */
    tl_free(uploads);
}

void tl_upload_label(const char *name, char label[TL_UPLOAD_NAME_BYTES])
{
    size_t n = strlen(name);
    const char *dot = strrchr(name, '.');
    size_t ending = dot != NULL && n - (size_t)(dot - name) <= 16 ? n - (size_t)(dot - name) : 0;
    size_t stem = n - ending, room = TL_UPLOAD_NAME_BYTES - 1 - ending;
    if (stem > room) { /* the ending stays, and no letter is cut */
        stem = room;
        while (stem > 0 && ((unsigned char)name[stem] & 0xc0) == 0x80)
            stem--;
    }
    snprintf(label, TL_UPLOAD_NAME_BYTES, "%.*s%s", (int)stem, name, name + n - ending);
    for (char *c = label; *c != '\0'; c++)
        if ((unsigned char)*c < 0x80 && strchr("-_. ()", *c) == NULL && !(*c >= '0' && *c <= '9') &&
            !(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z'))
            *c = '_';
    if (label[0] == '.' || label[0] == ' ')
        label[0] = '_';
    if (label[0] == '\0' || !tl_text_is_utf8(label, (int64_t)strlen(label)))
        snprintf(label, TL_UPLOAD_NAME_BYTES, "_");
}

/* Coming in. */

static bool has_room(int fd, int64_t n_bytes, int64_t *free_bytes)
{
    struct statvfs facts;
    if (fstatvfs(fd, &facts) != 0)
        return true; /* a disk that does not say; a write will */
    *free_bytes = (int64_t)facts.f_bavail * (int64_t)facts.f_frsize;
    return *free_bytes > n_bytes + TL_UPLOAD_RESERVE_BYTES;
}

static tl_err check_room(struct tl_ctx *ctx, int fd, int64_t n_bytes)
{
    int64_t free_bytes = 0;
    if (has_room(fd, n_bytes, &free_bytes))
        return TL_OK;
    return tl_fail(ctx, TL_EIO,
                   "there is no room on the server's disk for the upload: %lld MiB are "
                   "free, expected at least %lld",
                   (long long)(free_bytes >> 20),
                   (long long)((n_bytes + TL_UPLOAD_RESERVE_BYTES) >> 20));
}

static void make_id(char id[TL_UPLOAD_ID_BYTES])
{
    char hex[TL_SECRET_HEX];
    tl_secret_make(hex);
    snprintf(id, TL_UPLOAD_ID_BYTES, "%.32s", hex);
}

static tl_err make_part(struct tl_ctx *ctx, struct tl_upload_inflow *inflow, int folder,
                        int64_t n_bytes)
{
    char name[FILE_BYTES];
    tl_err err = check_room(ctx, folder, n_bytes > 0 ? n_bytes : 0);
    if (err != TL_OK)
        return err;
    if (sweep(folder) >= TL_UPLOADS_MAX && !inflow->is_passing)
        return tl_fail(ctx, TL_ECONFLICT,
                       "%d files wait to be imported already; import or delete one of them first",
                       TL_UPLOADS_MAX);
    make_id(inflow->id);
    file_name(inflow->id, ".part", name);
    inflow->fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (inflow->fd < 0 || flock(inflow->fd, LOCK_EX | LOCK_NB) != 0)
        return folder_fail(ctx);
    if (inflow->is_passing && unlinkat(folder, name, 0) == 0)
        inflow->is_kept = true;
    return TL_OK;
}

static tl_err begin(struct tl_ctx *ctx, struct tl_uploads *uploads, int64_t n_bytes, bool passing,
                    struct tl_upload_inflow **inflow)
{
    struct tl_upload_inflow *made = NULL;
    tl_err err = TL_OK;
    int folder = open_folder(uploads, true);
    if (folder < 0)
        return folder_fail(ctx);
    made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL) {
        close(folder);
        return TL_ENOMEM;
    }
    made->uploads = uploads;
    made->fd = -1;
    made->is_passing = passing;
    tl_hash_init(&made->hash);
    pthread_mutex_lock(&uploads->lock);
    err = make_part(ctx, made, folder, n_bytes);
    pthread_mutex_unlock(&uploads->lock);
    close(folder);
    if (err == TL_OK)
        *inflow = made;
    else
        tl_upload_drop(made);
    return err;
}

tl_err tl_upload_begin(struct tl_ctx *ctx, struct tl_uploads *uploads, int64_t n_bytes,
                       struct tl_upload_inflow **inflow)
{
    return begin(ctx, uploads, n_bytes, false, inflow);
}

tl_err tl_upload_begin_passing(struct tl_ctx *ctx, struct tl_uploads *uploads, int64_t n_bytes,
                               struct tl_upload_inflow **inflow)
{
    return begin(ctx, uploads, n_bytes, true, inflow);
}

tl_err tl_upload_add(struct tl_ctx *ctx, struct tl_upload_inflow *inflow, const void *bytes,
                     int64_t n)
{
    if (inflow->n_bytes - inflow->looked_bytes > LOOK_EVERY_BYTES) {
        inflow->looked_bytes = inflow->n_bytes;
        tl_err err = check_room(ctx, inflow->fd, 0);
        if (err != TL_OK)
            return err;
    }
    for (int64_t at = 0; at < n;) {
        ssize_t done = write(inflow->fd, (const char *)bytes + at, (size_t)(n - at));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return tl_fail(ctx, TL_EIO, "the upload cannot be kept on the server's disk: %s",
                           strerror(errno));
        at += done;
    }
    tl_hash_add(&inflow->hash, bytes, n);
    inflow->n_bytes += n;
    return TL_OK;
}

void tl_upload_drop(struct tl_upload_inflow *inflow)
{
    char name[FILE_BYTES];
    if (inflow == NULL)
        return;
    int folder = inflow->is_kept || inflow->fd < 0 ? -1 : open_folder(inflow->uploads, false);
    if (folder >= 0) {
        file_name(inflow->id, ".part", name);
        unlinkat(folder, name, 0);
        close(folder);
    }
    if (inflow->fd >= 0)
        close(inflow->fd);
    tl_free(inflow);
}

int tl_upload_received(struct tl_upload_inflow *inflow, int64_t *n_bytes, char sha256[TL_HASH_HEX],
                       char id[TL_UPLOAD_ID_BYTES])
{
    if (inflow->sha256[0] == '\0') {
        uint8_t bytes[TL_HASH_BYTES];
        tl_hash_done(&inflow->hash, bytes);
        tl_hash_hex(bytes, inflow->sha256);
    }
    *n_bytes = inflow->n_bytes;
    memcpy(sha256, inflow->sha256, TL_HASH_HEX);
    memcpy(id, inflow->id, TL_UPLOAD_ID_BYTES);
    return inflow->fd;
}

static bool write_whole(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return true;
}

/* Written beside and renamed, so that it is there whole or not. */
static tl_err write_known(struct tl_ctx *ctx, const struct tl_uploads *uploads, const char *id,
                          const json_t *known)
{
    char beside[FILE_BYTES], name[FILE_BYTES], *text = NULL;
    tl_err err = TL_OK;
    int fd = -1, folder = open_folder(uploads, false);
    if (folder < 0)
        return folder_fail(ctx);
    file_name(id, ".new", beside);
    file_name(id, ".json", name);
    TL_TRY(tl_json_line(ctx, known, &text));
    unlinkat(folder, beside, 0);
    fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !write_whole(fd, text, strlen(text)) ||
        renameat(folder, beside, folder, name) != 0)
        TL_THROW(ctx, TL_EIO, "what is known of the upload cannot be kept: %s", strerror(errno));
done:
    if (fd >= 0)
        close(fd);
    close(folder);
    tl_free(text);
    return err;
}

tl_err tl_upload_keep(struct tl_ctx *ctx, struct tl_upload_inflow *inflow, const json_t *known)
{
    char part[FILE_BYTES], data[FILE_BYTES];
    tl_err err = TL_OK;
    int folder = open_folder(inflow->uploads, false);
    if (folder < 0)
        return folder_fail(ctx);
    file_name(inflow->id, ".part", part);
    file_name(inflow->id, ".data", data);
    TL_TRY(write_known(ctx, inflow->uploads, inflow->id, known));
    if (renameat(folder, part, folder, data) != 0)
        TL_TRY(folder_fail(ctx));
    inflow->is_kept = true;
    flock(inflow->fd, LOCK_UN); /* whoever reads the reply may go on at once */
done:
    if (err != TL_OK)
        remove_all(folder, inflow->id);
    close(folder);
    return err;
}

/* Here. */

static tl_err not_there(struct tl_ctx *ctx)
{
    return tl_fail(ctx, TL_ENOTFOUND,
                   "there is no such upload: it was imported, deleted, or is older than a week");
}

static tl_err read_known(struct tl_ctx *ctx, int folder, const char *id, json_t **known)
{
    char name[FILE_BYTES];
    struct stat facts;
    file_name(id, ".json", name);
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return not_there(ctx);
    *known =
        fstat(fd, &facts) == 0 && facts.st_size < KNOWN_MAX_BYTES ? json_loadfd(fd, 0, NULL) : NULL;
    close(fd);
    return *known != NULL ? TL_OK : not_there(ctx);
}

tl_err tl_upload_open(struct tl_ctx *ctx, struct tl_uploads *uploads, const char *id,
                      struct tl_upload *upload)
{
    char name[FILE_BYTES];
    struct tl_upload made = {.uploads = uploads, .fd = -1};
    tl_err err = TL_OK;
    if (!is_id(id, strlen(id)))
        return not_there(ctx);
    int folder = open_folder(uploads, false);
    if (folder < 0)
        return not_there(ctx);
    snprintf(made.id, sizeof made.id, "%s", id);
    file_name(id, ".data", name);
    made.fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (made.fd < 0)
        TL_TRY(not_there(ctx));
    if (flock(made.fd, LOCK_EX | LOCK_NB) != 0)
        TL_THROW(ctx, TL_ELOCKED, "somebody works with this upload already; try again in a moment");
    TL_TRY(read_known(ctx, folder, id, &made.known));
    *upload = made;
done:
    close(folder);
    if (err != TL_OK)
        tl_upload_close(&made);
    return err;
}

void tl_upload_close(struct tl_upload *upload)
{
    if (upload->uploads != NULL && upload->fd >= 0)
        close(upload->fd);
    json_decref(upload->known);
    *upload = (struct tl_upload){.fd = -1};
}

tl_err tl_upload_note(struct tl_ctx *ctx, struct tl_upload *upload)
{
    return write_known(ctx, upload->uploads, upload->id, upload->known);
}

void tl_upload_rows_path(const struct tl_upload *upload, char *path, size_t room)
{
    snprintf(path, room, "%s/%.32s.rows", upload->uploads->folder, upload->id);
}

tl_err tl_upload_rows_create(struct tl_ctx *ctx, struct tl_upload *upload, int *fd)
{
    char name[FILE_BYTES];
    tl_err err = TL_OK;
    int folder = open_folder(upload->uploads, false);
    if (folder < 0)
        return folder_fail(ctx);
    TL_TRY(check_room(ctx, folder, 0));
    file_name(upload->id, ".rows", name);
    unlinkat(folder, name, 0);
    *fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0)
        TL_TRY(folder_fail(ctx));
done:
    close(folder);
    return err;
}

void tl_upload_remove(struct tl_upload *upload)
{
    int folder = open_folder(upload->uploads, false);
    if (folder < 0)
        return;
    remove_all(folder, upload->id);
    close(folder);
}

/* A copy of the project beside them. */

tl_err tl_upload_copy_begin(struct tl_ctx *ctx, struct tl_uploads *uploads, int64_t n_bytes,
                            struct tl_upload_copy *copy)
{
    struct tl_upload_copy made = {.uploads = uploads, .fd = -1};
    char name[FILE_BYTES];
    int64_t free_bytes = 0;
    tl_err err = TL_OK;
    int folder = open_folder(uploads, true);
    if (folder < 0)
        return folder_fail(ctx);
    pthread_mutex_lock(&uploads->lock); /* nobody sweeps between making the file and locking it */
    sweep(folder);
    if (!has_room(folder, n_bytes, &free_bytes))
        TL_THROW(ctx, TL_EIO,
                 "there is no room on the server's disk for a copy of the project to try the "
                 "import on: %lld MiB are free, expected at least %lld",
                 (long long)(free_bytes >> 20),
                 (long long)((n_bytes + TL_UPLOAD_RESERVE_BYTES) >> 20));
    make_id(made.id);
    file_name(made.id, ".hold", name);
    made.fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (made.fd < 0 || flock(made.fd, LOCK_EX | LOCK_NB) != 0)
        TL_TRY(folder_fail(ctx));
    snprintf(made.path, sizeof made.path, "%s/%.32s.copy", uploads->folder, made.id);
    *copy = made;
    made.fd = -1;
done:
    pthread_mutex_unlock(&uploads->lock);
    if (made.fd >= 0)
        close(made.fd);
    close(folder);
    return err;
}

void tl_upload_copy_drop(struct tl_upload_copy *copy)
{
    if (copy->fd < 0)
        return;
    int folder = open_folder(copy->uploads, false);
    if (folder >= 0) {
        remove_all(folder, copy->id);
        close(folder);
    }
    close(copy->fd);
    copy->fd = -1;
}

tl_err tl_uploads_known(struct tl_ctx *ctx, struct tl_uploads *uploads, const char *id,
                        json_t **known)
{
    if (!is_id(id, strlen(id)))
        return not_there(ctx);
    int folder = open_folder(uploads, false);
    if (folder < 0)
        return not_there(ctx);
    tl_err err = read_known(ctx, folder, id, known);
    close(folder);
    return err;
}

/* By the time they came, the latest first. */
static void put_in_order(json_t *list, json_t *known)
{
    const char *at = json_string_value(json_object_get(known, "at"));
    size_t i = 0;
    for (; i < json_array_size(list); i++) {
        const char *other = json_string_value(json_object_get(json_array_get(list, i), "at"));
        if (at != NULL && other != NULL && strcmp(at, other) > 0)
            break;
    }
    json_array_insert_new(list, i, known);
}

tl_err tl_uploads_list(struct tl_ctx *ctx, struct tl_uploads *uploads, json_t **list)
{
    json_t *made = json_array(), *known = NULL;
    const struct dirent *entry;
    int folder = open_folder(uploads, false), copy = folder >= 0 ? dup(folder) : -1;
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (folder >= 0)
        sweep(folder);
    if (dir != NULL)
        rewinddir(dir);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *dot = strchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".data") == 0 &&
            is_id(entry->d_name, (size_t)(dot - entry->d_name)) &&
            read_known(ctx, folder, entry->d_name, &known) == TL_OK)
            put_in_order(made, known);
    }
    if (dir != NULL)
        closedir(dir);
    if (folder >= 0)
        close(folder);
    *list = made;
    return made != NULL ? TL_OK : tl_fail(ctx, TL_ENOMEM, "no memory for the list of uploads");
}
