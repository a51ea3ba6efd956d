#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

static tl_err reserve(struct tl_ctx *ctx, struct tl_buf *buf, int64_t more)
{
    int64_t max = buf->max_bytes > 0 ? buf->max_bytes : (int64_t)256 << 20;
    int64_t need = buf->size_bytes + more + 1;
    if (need > max)
        return tl_fail(ctx, TL_ENOMEM, "a text grew past its maximum of %lld bytes",
                       (long long)max);
    if (need <= buf->room_bytes)
        return TL_OK;
    int64_t room = buf->room_bytes < 128 ? 256 : 2 * buf->room_bytes;
    while (room < need)
        room *= 2;
    char *text = tl_regrow(ctx, buf->text, buf->size_bytes, room, 1);
    if (text == NULL)
        return TL_ENOMEM;
    buf->text = text;
    buf->room_bytes = room;
    return TL_OK;
}

tl_err tl_buf_add_bytes(struct tl_ctx *ctx, struct tl_buf *buf, const void *bytes, int64_t n)
{
    tl_err err = reserve(ctx, buf, n);
    if (err != TL_OK)
        return err;
    memcpy(buf->text + buf->size_bytes, bytes, (size_t)n);
    buf->size_bytes += n;
    buf->text[buf->size_bytes] = '\0';
    return TL_OK;
}

tl_err tl_buf_add(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    return tl_buf_add_bytes(ctx, buf, text, (int64_t)strlen(text));
}

tl_err tl_buf_add_xml(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    tl_err err = TL_OK;
    for (; *text != '\0' && err == TL_OK; text++)
        if (*text == '<' || *text == '>')
            err = tl_buf_add(ctx, buf, *text == '<' ? "&lt;" : "&gt;");
        else if (*text == '&' || *text == '"')
            err = tl_buf_add(ctx, buf, *text == '&' ? "&amp;" : "&quot;");
        else if ((unsigned char)*text >= ' ' || *text == '\t' || *text == '\n')
            err = tl_buf_add_bytes(ctx, buf, text, 1);
    return err;
}

tl_err tl_buf_add_cell(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    tl_err err = TL_OK;
    bool is_formula = tl_text_is_formula(text);
    if (!is_formula && strpbrk(text, ",;\"\r\n") == NULL)
        return tl_buf_add(ctx, buf, text);
    TL_TRY(tl_buf_add(ctx, buf, is_formula ? "\"'" : "\""));
    for (; *text != '\0'; text++)
        TL_TRY(tl_buf_add_bytes(ctx, buf, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1));
    TL_TRY(tl_buf_add(ctx, buf, "\""));
done:
    return err;
}

tl_err tl_buf_printf(struct tl_ctx *ctx, struct tl_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return tl_fail(ctx, TL_EBUG, "a text could not be formatted");
    tl_err err = reserve(ctx, buf, n);
    if (err != TL_OK)
        return err;
    va_start(args, format);
    vsnprintf(buf->text + buf->size_bytes, (size_t)n + 1, format, args);
    va_end(args);
    buf->size_bytes += n;
    return TL_OK;
}

void tl_buf_clear(struct tl_buf *buf)
{
    buf->size_bytes = 0;
    if (buf->text != NULL)
        buf->text[0] = '\0';
}

void tl_buf_fini(struct tl_buf *buf)
{
    tl_free(buf->text);
    *buf = (struct tl_buf){0};
}
