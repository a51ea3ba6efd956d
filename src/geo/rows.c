#include "geo/rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/text.h"

static const char magic[] = "TLROWS1\n";
static const uint32_t none = 0xffffffffu;

enum { FLUSH_BYTES = 1 << 18, HEAD_MAX_BYTES = 16 << 20 };

/* Writing. */

static tl_err add_number(struct tl_ctx *ctx, struct tl_buf *buf, uint64_t value, int n)
{
    unsigned char bytes[8];
    for (int i = 0; i < n; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    return tl_buf_add_bytes(ctx, buf, bytes, n);
}

/* NULL is null. */
static tl_err add_text(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    tl_err err = TL_OK;
    if (text == NULL)
        return add_number(ctx, buf, none, 4);
    size_t n = strlen(text);
    if (n > TL_ROWS_ROW_MAX_BYTES)
        return tl_fail(ctx, TL_EDATA, "a value has %zu bytes, expected at most %d", n,
                       TL_ROWS_ROW_MAX_BYTES);
    TL_TRY(add_number(ctx, buf, n, 4));
    TL_TRY(tl_buf_add_bytes(ctx, buf, text, (int64_t)n + 1));
done:
    return err;
}

static tl_err flush(struct tl_ctx *ctx, struct tl_buf *buf, int fd)
{
    for (int64_t at = 0; at < buf->size_bytes;) {
        ssize_t n = write(fd, buf->text + at, (size_t)(buf->size_bytes - at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return tl_fail(ctx, TL_EIO, "its rows cannot be kept: %s",
                           errno == EFBIG ? "they are too large" : strerror(errno));
        at += n;
    }
    tl_buf_clear(buf);
    return TL_OK;
}

/* Puts the length of what stands behind `at` at `at`. */
static tl_err set_length(struct tl_ctx *ctx, struct tl_buf *buf, int64_t at)
{
    int64_t n = buf->size_bytes - at - 4;
    if (n > TL_ROWS_ROW_MAX_BYTES)
        return tl_fail(ctx, TL_EDATA, "a row has %lld bytes, expected at most %d", (long long)n,
                       TL_ROWS_ROW_MAX_BYTES);
    for (int i = 0; i < 4; i++)
        buf->text[at + i] = (char)(unsigned char)((uint64_t)n >> (8 * i));
    return TL_OK;
}

static tl_err add_head(struct tl_ctx *ctx, struct tl_buf *buf, struct tl_vector *v,
                       const char *layer)
{
    tl_err err = TL_OK;
    int n = tl_vector_n_columns(v);
    if (n > TL_ROWS_COLUMNS_MAX)
        return tl_fail(ctx, TL_EDATA, "there are %d columns, expected at most %d", n,
                       TL_ROWS_COLUMNS_MAX);
    TL_TRY(tl_buf_add_bytes(ctx, buf, magic, sizeof magic - 1));
    int64_t at = buf->size_bytes;
    TL_TRY(add_number(ctx, buf, 0, 4));
    TL_TRY(add_text(ctx, buf, tl_vector_driver(v)));
    TL_TRY(add_text(ctx, buf, layer));
    TL_TRY(add_text(ctx, buf, tl_vector_crs(v)));
    TL_TRY(add_number(ctx, buf, (uint64_t)tl_vector_n_rows(v), 8));
    TL_TRY(add_number(ctx, buf, (uint64_t)n, 4));
    for (int c = 0; c < n; c++)
        TL_TRY(add_text(ctx, buf, tl_vector_column(v, c)));
    TL_TRY(set_length(ctx, buf, at));
done:
    return err;
}

static tl_err add_row(struct tl_ctx *ctx, struct tl_buf *buf, struct tl_vector *v)
{
    tl_err err = TL_OK;
    const void *wkb = NULL;
    int64_t wkb_bytes = 0, at = buf->size_bytes;
    TL_TRY(add_number(ctx, buf, 0, 4));
    TL_TRY(add_number(ctx, buf, (uint64_t)tl_vector_row(v), 8));
    for (int c = 0; c < tl_vector_n_columns(v); c++)
        TL_TRY(add_text(ctx, buf, tl_vector_is_null(v, c) ? NULL : tl_vector_text(v, c)));
    TL_TRY(tl_vector_wkb(ctx, v, &wkb, &wkb_bytes));
    TL_TRY(add_number(ctx, buf, wkb != NULL ? (uint64_t)wkb_bytes : UINT64_MAX, 8));
    if (wkb != NULL)
        TL_TRY(tl_buf_add_bytes(ctx, buf, wkb, wkb_bytes));
    TL_TRY(set_length(ctx, buf, at));
done:
    return err == TL_OK ? TL_OK : tl_fail_at(ctx, err, "row %lld", (long long)tl_vector_row(v));
}

tl_err tl_rows_put(struct tl_ctx *ctx, struct tl_vector *vector, const char *layer, int fd,
                   int64_t *n_rows)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {.max_bytes = TL_ROWS_ROW_MAX_BYTES + (1 << 20)};
    int64_t n = 0;
    bool more = false;
    TL_TRY(add_head(ctx, &buf, vector, layer));
    for (;; n++) {
        TL_TRY(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        TL_TRY(add_row(ctx, &buf, vector));
        if (buf.size_bytes > FLUSH_BYTES)
            TL_TRY(flush(ctx, &buf, fd));
    }
    TL_TRY(add_number(ctx, &buf, 0, 4));
    TL_TRY(add_number(ctx, &buf, (uint64_t)n, 8));
    TL_TRY(flush(ctx, &buf, fd));
    *n_rows = n;
done:
    tl_buf_fini(&buf);
    return err;
}

/* Reading. A cursor over bytes; `bad` is set once and stays. */

struct bytes {
    const char *at, *end;
    bool bad;
};

static uint64_t take_number(struct bytes *bytes, int n)
{
    uint64_t value = 0;
    if (bytes->bad || bytes->end - bytes->at < n) {
        bytes->bad = true;
        return 0;
    }
    for (int i = 0; i < n; i++)
        value |= (uint64_t)(unsigned char)bytes->at[i] << (8 * i);
    bytes->at += n;
    return value;
}

static const char *take_text(struct bytes *bytes, bool may_be_null)
{
    uint64_t n = take_number(bytes, 4);
    const char *text = bytes->at;
    if (!bytes->bad && n == none && may_be_null)
        return NULL;
    if (bytes->bad || (uint64_t)(bytes->end - bytes->at) <= n || text[n] != '\0' ||
        strlen(text) != n || !tl_text_is_utf8(text, (int64_t)n)) {
        bytes->bad = true;
        return "";
    }
    bytes->at += n + 1;
    return text;
}

static tl_err cut_off(struct tl_ctx *ctx, const struct tl_rows *rows)
{
    return tl_fail(ctx, TL_EDATA, "%s: after row %lld: its rows are cut off", rows->label,
                   (long long)rows->row);
}

static tl_err broken(struct tl_ctx *ctx, const struct tl_rows *rows)
{
    return tl_fail(ctx, TL_EDATA, "%s: after row %lld: its rows are not as they should be",
                   rows->label, (long long)rows->row);
}

static tl_err read_length(struct tl_ctx *ctx, struct tl_rows *rows, uint32_t *n)
{
    unsigned char bytes[4];
    if (fread(bytes, 1, sizeof bytes, rows->file) != sizeof bytes)
        return cut_off(ctx, rows);
    *n = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
         (uint32_t)bytes[3] << 24;
    return TL_OK;
}

static tl_err read_head(struct tl_ctx *ctx, struct tl_rows *rows)
{
    tl_err err = TL_OK;
    char first[sizeof magic - 1];
    uint32_t n = 0;
    if (fread(first, 1, sizeof first, rows->file) != sizeof first ||
        memcmp(first, magic, sizeof first) != 0)
        return broken(ctx, rows);
    TL_TRY(read_length(ctx, rows, &n));
    if (n > HEAD_MAX_BYTES)
        TL_TRY(broken(ctx, rows));
    TL_TRY_ALLOC(ctx, rows->head, (int64_t)n + 1);
    if (fread(rows->head, 1, n, rows->file) != n)
        TL_TRY(cut_off(ctx, rows));
    struct bytes bytes = {.at = rows->head, .end = rows->head + n};
    rows->driver = take_text(&bytes, false);
    rows->layer = take_text(&bytes, false);
    rows->crs = take_text(&bytes, false);
    rows->n_rows = (int64_t)take_number(&bytes, 8);
    uint64_t n_columns = take_number(&bytes, 4);
    if (bytes.bad || n_columns > TL_ROWS_COLUMNS_MAX)
        TL_TRY(broken(ctx, rows));
    rows->n_columns = (int)n_columns;
    TL_TRY_ALLOC(ctx, rows->names, (int64_t)n_columns);
    TL_TRY_ALLOC(ctx, rows->texts, (int64_t)n_columns);
    for (int c = 0; c < rows->n_columns; c++)
        rows->names[c] = take_text(&bytes, false);
    if (bytes.bad || bytes.at != bytes.end)
        TL_TRY(broken(ctx, rows));
done:
    return err;
}

tl_err tl_rows_open(struct tl_ctx *ctx, const char *path, const char *label, struct tl_rows **rows)
{
    tl_err err = TL_OK;
    struct tl_rows *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    made->label = label;
    made->file = fopen(path, "rbe");
    if (made->file == NULL)
        TL_THROW(ctx, TL_EIO, "%s: its rows cannot be read: %s", label, strerror(errno));
    TL_TRY(read_head(ctx, made));
    *rows = made;
    made = NULL;
done:
    tl_rows_close(made);
    return err;
}

void tl_rows_close(struct tl_rows *rows)
{
    if (rows == NULL)
        return;
    if (rows->file != NULL)
        fclose(rows->file);
    tl_free(rows->head);
    tl_free(rows->names);
    tl_free(rows->texts);
    tl_free(rows->room);
    tl_free(rows);
}

/* The last line: how many rows there were, and nothing after it. */
static tl_err read_end(struct tl_ctx *ctx, struct tl_rows *rows)
{
    char count[8];
    struct bytes bytes = {.at = count, .end = count + sizeof count};
    if (fread(count, 1, sizeof count, rows->file) != sizeof count)
        return cut_off(ctx, rows);
    if (take_number(&bytes, 8) != (uint64_t)rows->n_read || fgetc(rows->file) != EOF)
        return broken(ctx, rows);
    return TL_OK;
}

static tl_err make_room(struct tl_ctx *ctx, struct tl_rows *rows, int64_t n)
{
    if (n <= rows->room_bytes)
        return TL_OK;
    tl_free(rows->room);
    rows->room_bytes = 0;
    rows->room = tl_alloc(ctx, n + n / 4, 1);
    if (rows->room == NULL)
        return TL_ENOMEM;
    rows->room_bytes = n + n / 4;
    return TL_OK;
}

tl_err tl_rows_next(struct tl_ctx *ctx, struct tl_rows *rows, bool *more)
{
    tl_err err = TL_OK;
    uint32_t n = 0;
    TL_TRY(read_length(ctx, rows, &n));
    if (n == 0) {
        TL_TRY(read_end(ctx, rows));
        *more = false;
        goto done;
    }
    if (n > TL_ROWS_ROW_MAX_BYTES)
        TL_TRY(broken(ctx, rows));
    TL_TRY(make_room(ctx, rows, n));
    if (fread(rows->room, 1, n, rows->file) != n)
        TL_TRY(cut_off(ctx, rows));
    struct bytes bytes = {.at = rows->room, .end = rows->room + n};
    int64_t row = (int64_t)take_number(&bytes, 8);
    for (int c = 0; c < rows->n_columns; c++)
        rows->texts[c] = take_text(&bytes, true);
    uint64_t wkb_bytes = take_number(&bytes, 8);
    bool has_wkb = wkb_bytes != UINT64_MAX;
    if (bytes.bad || row <= rows->row ||
        (uint64_t)(bytes.end - bytes.at) != (has_wkb ? wkb_bytes : 0))
        TL_TRY(broken(ctx, rows));
    rows->row = row;
    rows->wkb = has_wkb ? bytes.at : NULL;
    rows->wkb_bytes = has_wkb ? (int64_t)wkb_bytes : 0;
    rows->n_read++;
    *more = true;
done:
    return err;
}
