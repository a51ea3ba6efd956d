#include "serve/body.h"

#include <string.h>

#include "core/text.h"

/* Deepest nesting outside of strings; a text of brackets alone would else make the parser take 100 bytes for each. */
static int depth_of(const char *text, int64_t n)
{
    int depth = 0, deepest = 0;
    bool in_string = false;
    for (int64_t i = 0; i < n; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '{' || text[i] == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!in_string && (text[i] == '}' || text[i] == ']'))
            depth--;
    }
    return deepest;
}

tl_err tl_body_read(struct tl_ctx *ctx, const char *text, int64_t n_bytes, json_t **json)
{
    json_error_t error;
    if (n_bytes == 0)
        return tl_fail(ctx, TL_EDATA, "the body is empty, expected a JSON object");
    if (!tl_text_is_utf8(text, n_bytes))
        return tl_fail(ctx, TL_EDATA, "the body is not UTF-8");
    int depth = depth_of(text, n_bytes);
    if (depth > TL_BODY_DEPTH_MAX)
        return tl_fail(ctx, TL_EDATA, "the body nests %d deep, expected at most %d", depth,
                       TL_BODY_DEPTH_MAX);
    json_t *read =
        json_loadb(text, (size_t)n_bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (read == NULL)
        return tl_fail(ctx, TL_EDATA, "the body is no JSON: line %d, column %d: %s", error.line,
                       error.column, error.text);
    if (!json_is_object(read)) {
        json_decref(read);
        return tl_fail(ctx, TL_EDATA, "the body is JSON, but no object");
    }
    *json = read;
    return TL_OK;
}
