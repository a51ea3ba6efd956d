/*
 * One log of encoded rows, and where each begins. Evidence is mostly runs (nothing searched, nothing found, land to land's end): a row
 * of one value takes 13 bytes. What is dense (nearness, results) takes 4 bytes a cell where single precision holds it exactly, else 8.
 */
#include "core/rowfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AS_RUNS = 1, AS_FLOATS = 2, AS_DOUBLES = 3, RUN_BYTES = 12, BUFFER_BYTES = 1 << 20 };
enum { PATH_BYTES = 4096 };

struct entry { /* bytes 0 = no such row */
    int64_t at, bytes;
};

struct tl_rowfile {
    char folder[PATH_BYTES]; /* for messages */
    int64_t n_x, n_y, n_planes;
    struct entry *entries; /* owns: [n_planes * n_y] */
    int file;              /* -1 = in memory */
    int64_t end;           /* of the log */
    uint8_t *log;          /* owns: all of it, or what the file does not have yet */
    int64_t log_at, room;  /* where `log` begins, and its size */
    uint8_t *row;          /* owns: an encoded row */
    double *wide;          /* owns: [n_x] */
};

static tl_err open_nameless(struct tl_ctx *ctx, const char *folder, int *file)
{
    char path[PATH_BYTES + 16];
    *file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (*file >= 0)
        return TL_OK;
    /* Not every file system has files without a name. */
    snprintf(path, sizeof path, "%s/.rows-XXXXXX", folder);
    *file = mkstemp(path);
    if (*file < 0)
        return tl_fail(ctx, TL_EIO, "%s: rows cannot be kept in this folder: %s", folder,
                       strerror(errno));
    unlink(path);
    return TL_OK;
}

tl_err tl_rowfile_open(struct tl_ctx *ctx, const char *folder, int64_t n_x, int64_t n_y,
                       int64_t n_planes, struct tl_rowfile **file)
{
    tl_err err = TL_OK;
    struct tl_rowfile *f = NULL;
    TL_TRY_ALLOC(ctx, f, 1);
    f->file = -1;
    f->n_x = n_x;
    f->n_y = n_y;
    f->n_planes = n_planes;
    TL_TRY_ALLOC(ctx, f->entries, n_planes * n_y);
    TL_TRY_ALLOC(ctx, f->row, 1 + (int64_t)sizeof(double) * n_x);
    TL_TRY_ALLOC(ctx, f->wide, n_x);
    if (folder != NULL) {
        snprintf(f->folder, sizeof f->folder, "%s", folder);
        TL_TRY(open_nameless(ctx, folder, &f->file));
        f->room = BUFFER_BYTES;
        TL_TRY_ALLOC(ctx, f->log, f->room);
    }
    *file = f;
    f = NULL;
done:
    tl_rowfile_close(f);
    return err;
}

void tl_rowfile_close(struct tl_rowfile *f)
{
    if (f == NULL)
        return;
    if (f->file >= 0)
        close(f->file);
    tl_free(f->entries);
    tl_free(f->log);
    tl_free(f->row);
    tl_free(f->wide);
    tl_free(f);
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Runs of a row; more than `most` are not counted. */
static int64_t count_runs(const double *values, int64_t n, int64_t most)
{
    int64_t runs = 1;
    for (int64_t x = 1; x < n && runs <= most; x++)
        runs += !same_bits(values[x], values[x - 1]);
    return runs;
}

static bool are_floats(const double *values, int64_t n)
{
    for (int64_t x = 0; x < n; x++)
        if (!same_bits((double)(float)values[x], values[x]))
            return false;
    return true;
}

static int64_t encode_runs(const double *values, int64_t n, uint8_t *row)
{
    int64_t bytes = 1;
    for (int64_t x = 0; x < n;) {
        int64_t end = x + 1;
        while (end < n && end - x < INT32_MAX && same_bits(values[end], values[x]))
            end++;
        int32_t length = (int32_t)(end - x);
        memcpy(row + bytes, &length, sizeof length);
        memcpy(row + bytes + sizeof length, &values[x], sizeof values[x]);
        bytes += RUN_BYTES;
        x = end;
    }
    row[0] = AS_RUNS;
    return bytes;
}

/* The shortest of three ways; returns its bytes. */
static int64_t encode(const double *values, int64_t n, uint8_t *row)
{
    bool floats = are_floats(values, n);
    int64_t width = floats ? (int64_t)sizeof(float) : (int64_t)sizeof(double);
    int64_t most = width * n / RUN_BYTES;
    if (count_runs(values, n, most) <= most)
        return encode_runs(values, n, row);
    row[0] = floats ? AS_FLOATS : AS_DOUBLES;
    for (int64_t x = 0; x < n && floats; x++) {
        float value = (float)values[x];
        memcpy(row + 1 + (int64_t)sizeof value * x, &value, sizeof value);
    }
    if (!floats)
        memcpy(row + 1, values, (size_t)n * sizeof *values);
    return 1 + width * n;
}

static tl_err flush(struct tl_ctx *ctx, struct tl_rowfile *f)
{
    int64_t done = 0, n = f->end - f->log_at;
    while (done < n) {
        ssize_t wrote = pwrite(f->file, f->log + done, (size_t)(n - done), f->log_at + done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return tl_fail(ctx, TL_EIO, "%s: rows cannot be kept in this folder: %s (%.2f GiB are)",
                           f->folder, strerror(errno), (double)f->log_at / 1073741824.0);
        done += wrote;
    }
    f->log_at = f->end;
    return TL_OK;
}

static tl_err append(struct tl_ctx *ctx, struct tl_rowfile *f, const uint8_t *bytes, int64_t n)
{
    if (f->file >= 0 && f->end - f->log_at + n > f->room) {
        tl_err err = flush(ctx, f);
        if (err != TL_OK)
            return err;
    }
    if (f->end - f->log_at + n > f->room) {
        int64_t room = f->file >= 0 ? n : f->end + n + (f->end + n) / 2;
        uint8_t *log = tl_regrow(ctx, f->log, f->end - f->log_at, room, 1);
        if (log == NULL)
            return TL_ENOMEM;
        f->log = log;
        f->room = room;
    }
    memcpy(f->log + (f->end - f->log_at), bytes, (size_t)n);
    f->end += n;
    return TL_OK;
}

static tl_err put_row(struct tl_ctx *ctx, struct tl_rowfile *f, int64_t plane, int64_t y,
                      const double *values)
{
    int64_t at = f->end, bytes = encode(values, f->n_x, f->row);
    tl_err err = append(ctx, f, f->row, bytes);
    if (err == TL_OK)
        f->entries[plane * f->n_y + y] = (struct entry){at, bytes};
    return err;
}

tl_err tl_rowfile_put(struct tl_ctx *ctx, struct tl_rowfile *f, int64_t plane, int64_t y,
                      int64_t n_rows, const double *values)
{
    tl_err err = TL_OK;
    for (int64_t r = 0; r < n_rows && err == TL_OK; r++)
        err = put_row(ctx, f, plane, y + r, values + r * f->n_x);
    return err;
}

tl_err tl_rowfile_put_floats(struct tl_ctx *ctx, struct tl_rowfile *f, int64_t plane, int64_t y,
                             int64_t n_rows, const float *values)
{
    tl_err err = TL_OK;
    for (int64_t r = 0; r < n_rows && err == TL_OK; r++) {
        for (int64_t x = 0; x < f->n_x; x++)
            f->wide[x] = (double)values[r * f->n_x + x];
        err = put_row(ctx, f, plane, y + r, f->wide);
    }
    return err;
}

/* Encoded bytes, read or where they are. */
static tl_err fetch(struct tl_ctx *ctx, struct tl_rowfile *f, const struct entry *e,
                    const uint8_t **bytes)
{
    int64_t done = 0;
    *bytes = f->row;
    if (e->at >= f->log_at) {
        *bytes = f->log + (e->at - f->log_at);
        return TL_OK;
    }
    while (done < e->bytes) {
        ssize_t got = pread(f->file, f->row + done, (size_t)(e->bytes - done), e->at + done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return tl_fail(ctx, TL_EIO, "%s: rows that were kept here cannot be read: %s",
                           f->folder, got == 0 ? "they end too early" : strerror(errno));
        done += got;
    }
    return TL_OK;
}

static void decode(const uint8_t *row, int64_t bytes, int64_t n, double *values)
{
    int64_t x = 0;
    if (row[0] == AS_DOUBLES) {
        memcpy(values, row + 1, (size_t)n * sizeof *values);
        return;
    }
    for (; row[0] == AS_FLOATS && x < n; x++) {
        float value;
        memcpy(&value, row + 1 + (int64_t)sizeof value * x, sizeof value);
        values[x] = (double)value;
    }
    for (int64_t at = 1; row[0] == AS_RUNS && at < bytes; at += RUN_BYTES) {
        int32_t length;
        double value;
        memcpy(&length, row + at, sizeof length);
        memcpy(&value, row + at + (int64_t)sizeof length, sizeof value);
        for (int64_t end = x + length; x < end && x < n; x++)
            values[x] = value;
    }
}

tl_err tl_rowfile_get(struct tl_ctx *ctx, struct tl_rowfile *f, int64_t plane, int64_t y,
                      double *values)
{
    const struct entry *e = &f->entries[plane * f->n_y + y];
    const uint8_t *bytes = NULL;
    if (e->bytes == 0) {
        memset(values, 0, (size_t)f->n_x * sizeof *values);
        return TL_OK;
    }
    tl_err err = fetch(ctx, f, e, &bytes);
    if (err == TL_OK)
        decode(bytes, e->bytes, f->n_x, values);
    return err;
}

void tl_rowfile_forget(struct tl_rowfile *f, int64_t plane)
{
    int64_t first = f->end, last = 0;
    for (int64_t i = 0; i < f->n_planes * f->n_y; i++) {
        const struct entry *e = &f->entries[i];
        bool own = i / f->n_y == plane;
        if (e->bytes > 0 && own)
            first = e->at < first ? e->at : first;
        if (e->bytes > 0 && !own)
            last = e->at + e->bytes > last ? e->at + e->bytes : last;
    }
    memset(f->entries + plane * f->n_y, 0, (size_t)f->n_y * sizeof *f->entries);
    if (first < last || first == f->end)
        return;
    f->end = first;
    f->log_at = f->log_at > first ? first : f->log_at;
}

int64_t tl_rowfile_memory(const struct tl_rowfile *f)
{
    return f->room + f->n_planes * f->n_y * (int64_t)sizeof *f->entries + 17 * f->n_x;
}

int64_t tl_rowfile_disk(const struct tl_rowfile *f)
{
    return f->file >= 0 ? f->end : 0;
}
