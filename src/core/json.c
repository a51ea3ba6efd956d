#include "core/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *tl_json_number(double value, int digits)
{
    if (!isfinite(value))
        return json_null();
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return json_real(strtod(text, NULL));
}

tl_err tl_json_read(struct tl_ctx *ctx, const char *path, json_t **json)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                       strerror(errno));
    json_error_t error;
    json_t *value = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (value == NULL)
        return tl_fail(ctx, TL_EDATA, "%s: line %d, column %d: %s", path, error.line, error.column,
                       error.text);
    *json = value;
    return TL_OK;
}

static tl_err text_of(struct tl_ctx *ctx, const json_t *json, size_t flags, char **text)
{
    char *dumped = json_dumps(json, flags | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
    if (dumped == NULL)
        return tl_fail(ctx, TL_ENOMEM, "a JSON text could not be made");
    size_t n = strlen(dumped);
    char *out = tl_alloc(ctx, (int64_t)n + 2, 1);
    if (out != NULL) {
        memcpy(out, dumped, n);
        out[n] = '\n';
        *text = out;
    }
    free(dumped); /* jansson's own allocator is malloc */
    return out == NULL ? TL_ENOMEM : TL_OK;
}

tl_err tl_json_text(struct tl_ctx *ctx, const json_t *json, char **text)
{
    return text_of(ctx, json, JSON_INDENT(2), text);
}

tl_err tl_json_line(struct tl_ctx *ctx, const json_t *json, char **text)
{
    return text_of(ctx, json, JSON_COMPACT, text);
}

tl_err tl_json_write(struct tl_ctx *ctx, const char *path, const json_t *json)
{
    char *text = NULL;
    tl_err err = tl_json_text(ctx, json, &text);
    if (err == TL_OK)
        err = tl_file_write(ctx, path, text, (int64_t)strlen(text));
    tl_free(text);
    return err;
}

tl_err tl_file_write(struct tl_ctx *ctx, const char *path, const void *bytes, int64_t n)
{
    char aside[4096];
    if (snprintf(aside, sizeof aside, "%s.part%ld", path, (long)getpid()) >= (int)sizeof aside)
        return tl_fail(ctx, TL_EUSAGE, "%s: the path is too long", path);
    FILE *file = fopen(aside, "wb");
    if (file == NULL)
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    size_t written = fwrite(bytes, 1, (size_t)n, file);
    int bad = written != (size_t)n || fflush(file) != 0 || fsync(fileno(file)) != 0;
    bad = fclose(file) != 0 || bad;
    if (!bad && rename(aside, path) == 0)
        return TL_OK;
    int why = errno;
    unlink(aside);
    return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(why));
}
