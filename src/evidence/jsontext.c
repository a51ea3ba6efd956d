#include "evidence/jsontext.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static tl_err add_escaped(struct tl_ctx *ctx, struct tl_buf *buf, unsigned char c)
{
    char text[8];
    int n = c == '"' || c == '\\' ? snprintf(text, sizeof text, "\\%c", c)
            : c == '\n'           ? snprintf(text, sizeof text, "\\n")
            : c == '\t'           ? snprintf(text, sizeof text, "\\t")
                                  : snprintf(text, sizeof text, "\\u%04x", c);
    return tl_buf_add_bytes(ctx, buf, text, n);
}

tl_err tl_jsontext_string(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    tl_err err = TL_OK;
    bool is_utf8 = tl_text_is_utf8(text, (int64_t)strlen(text));
    TL_TRY(tl_buf_add_bytes(ctx, buf, "\"", 1));
    while (*text != '\0') {
        size_t n = 0;
        while (text[n] != '\0' && is_plain((unsigned char)text[n]) &&
               (is_utf8 || (unsigned char)text[n] < 0x80))
            n++;
        if (n > 0)
            TL_TRY(tl_buf_add_bytes(ctx, buf, text, (int64_t)n));
        text += n;
        if (*text != '\0')
            TL_TRY(add_escaped(ctx, buf, (unsigned char)*text++));
    }
    TL_TRY(tl_buf_add_bytes(ctx, buf, "\"", 1));
done:
    return err;
}

tl_err tl_jsontext_member(struct tl_ctx *ctx, struct tl_buf *buf, const char *key,
                          const char *value)
{
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, buf, buf->size_bytes == 0 ? "{" : ", "));
    TL_TRY(tl_jsontext_string(ctx, buf, key));
    TL_TRY(tl_buf_add_bytes(ctx, buf, ": ", 2));
    TL_TRY(tl_jsontext_string(ctx, buf, value));
done:
    return err;
}

tl_err tl_jsontext_close(struct tl_ctx *ctx, struct tl_buf *buf)
{
    return tl_buf_add(ctx, buf, buf->size_bytes == 0 ? "{}" : "}");
}
