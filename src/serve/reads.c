/*
 * The log of reads. Lines are JSON with "previous", the first 32 hexadecimal digits of the SHA-256 of the line before; so a line that was changed or taken out
 * is seen by the one after it. Two servers of one project write to one file: the file's lock is held while the last line is read and the next one
 * written. The end of the file is read only, so a line costs 20 microseconds however long the file is.
 */
#include "serve/reads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/hash.h"

enum { TAIL_BYTES = 8192, LIST_BYTES_MAX = 4 << 20, CHAIN = 32 };

struct tl_reads {
    pthread_mutex_t lock;
    char path[4096];
};

tl_err tl_reads_open(struct tl_ctx *ctx, const char *project, struct tl_reads **reads)
{
    struct tl_reads *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    pthread_mutex_init(&made->lock, NULL);
    if (snprintf(made->path, sizeof made->path, "%s.reads", project) >= (int)sizeof made->path)
        TL_THROW(ctx, TL_EUSAGE, "%s: the path is too long", project);
    *reads = made;
    made = NULL;
done:
    tl_reads_close(made);
    return err;
}

void tl_reads_close(struct tl_reads *reads)
{
    if (reads == NULL)
        return;
    pthread_mutex_destroy(&reads->lock);
    tl_free(reads);
}

static void chain_of(const char *line, size_t n, char chain[CHAIN + 1])
{
    char hex[TL_HASH_HEX];
    tl_hash_of(line, (int64_t)n, hex);
    memcpy(chain, hex, CHAIN);
    chain[CHAIN] = '\0';
}

/* Hash of the file's last line, zeros for the first. */
static bool last_chain(int file, char chain[CHAIN + 1])
{
    char tail[TAIL_BYTES];
    struct stat facts;
    memset(chain, '0', CHAIN);
    chain[CHAIN] = '\0';
    if (fstat(file, &facts) != 0)
        return false;
    if (facts.st_size == 0)
        return true;
    off_t from = facts.st_size > TAIL_BYTES ? facts.st_size - TAIL_BYTES : 0;
    ssize_t n = pread(file, tail, sizeof tail, from);
    if (n < 1)
        return false;
    size_t end = (size_t)n - (tail[n - 1] == '\n'), begin = end;
    while (begin > 0 && tail[begin - 1] != '\n')
        begin--;
    chain_of(tail + begin, end - begin, chain);
    return true;
}

static tl_err append(struct tl_ctx *ctx, struct tl_reads *reads, json_t *line)
{
    char chain[CHAIN + 1], *text = NULL;
    tl_err err = TL_OK;
    int file = open(reads->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || flock(file, LOCK_EX) != 0 || !last_chain(file, chain))
        TL_THROW(ctx, TL_EIO, "the log of reads cannot be written, so nothing is shown: %s",
                 strerror(errno));
    json_object_set_new(line, "previous", json_string(chain));
    TL_TRY(tl_json_line(ctx, line, &text));
    size_t n = strlen(text);
    if (write(file, text, n) != (ssize_t)n)
        TL_THROW(ctx, TL_EIO, "the log of reads cannot be written, so nothing is shown: %s",
                 strerror(errno));
done:
    if (file >= 0)
        close(file);
    tl_free(text);
    return err;
}

static json_t *line_of(const struct tl_serve_read *read)
{
    struct timespec now;
    struct tm utc;
    char at[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "at", at, "person", read->person,
                     "role", read->role, "what", read->what, "kind", read->kind, "code", read->code,
                     "n", (json_int_t)read->n);
}

static tl_err note(struct tl_ctx *ctx, struct tl_reads *reads, const struct tl_serve_read *read)
{
    json_t *line = line_of(read);
    if (line == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a line of the log of reads");
    pthread_mutex_lock(&reads->lock);
    tl_err err = append(ctx, reads, line);
    pthread_mutex_unlock(&reads->lock);
    json_decref(line);
    return err;
}

tl_err tl_reads_note(struct tl_call *call, const char *what, const char *kind, const char *code,
                     int64_t n)
{
    return note(call->ctx, call->serve->reads,
                &(struct tl_serve_read){.person = call->person.name,
                                        .role = tl_account_role_name(call->person.role),
                                        .what = what,
                                        .kind = kind,
                                        .code = code,
                                        .n = n});
}

tl_err tl_serve_note_read(struct tl_ctx *ctx, const char *project, const struct tl_serve_read *read)
{
    struct tl_reads *reads = NULL;
    tl_err err = tl_reads_open(ctx, project, &reads);
    if (err == TL_OK)
        err = note(ctx, reads, read);
    tl_reads_close(reads);
    return err;
}

/* Lines of `text` from the end on. */
static bool add_lines(const char *text, size_t n, bool whole, int64_t limit, json_t *list)
{
    char chain[CHAIN + 1] = "";
    bool intact = true;
    for (size_t end = n; end > 0 && (int64_t)json_array_size(list) < limit;) {
        size_t begin = --end; /* the line's own end */
        while (begin > 0 && text[begin - 1] != '\n')
            begin--;
        if (begin == 0 && !whole)
            break; /* its beginning is not here */
        char own[CHAIN + 1];
        json_t *line = json_loadb(text + begin, end - begin, 0, NULL);
        const char *previous = json_string_value(json_object_get(line, "previous"));
        chain_of(text + begin, end - begin, own);
        intact = intact && previous != NULL && (chain[0] == '\0' || strcmp(chain, own) == 0);
        snprintf(chain, sizeof chain, "%s", previous != NULL ? previous : "");
        if (line != NULL)
            json_array_append_new(list, line);
        end = begin;
    }
    return intact;
}

tl_err tl_reads_list(struct tl_ctx *ctx, struct tl_reads *reads, int64_t limit, char **json,
                     bool *intact)
{
    struct stat facts;
    char *text = NULL;
    json_t *list = json_array();
    tl_err err = TL_OK;
    bool good = true;
    int file = open(reads->path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno != ENOENT)
        TL_THROW(ctx, TL_EIO, "the log of reads cannot be read: %s", strerror(errno));
    if (file >= 0 && fstat(file, &facts) == 0 && facts.st_size > 0) {
        off_t n = facts.st_size > LIST_BYTES_MAX ? LIST_BYTES_MAX : facts.st_size;
        TL_TRY_ALLOC(ctx, text, n);
        ssize_t got = pread(file, text, (size_t)n, facts.st_size - n);
        good = got == n && add_lines(text, (size_t)n, n == facts.st_size, limit, list);
    }
    TL_TRY(tl_json_text(ctx, list, json));
    *intact = good;
done:
    if (file >= 0)
        close(file);
    tl_free(text);
    json_decref(list);
    return err;
}
