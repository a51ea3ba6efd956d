/** JSON by jansson, with the two things that it leaves to us: errors in our words, and files written whole or not. */
#ifndef TL_CORE_JSON_H
#define TL_CORE_JSON_H

#include <jansson.h>

#include "core/core.h"

/** Number rounded to `digits` significant digits, null when it is not finite (JSON has no NaN). owns: the caller. */
json_t *tl_json_number(double value, int digits);

/** Reads a file. Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA with line and column. */
TL_MUST_USE tl_err tl_json_read(struct tl_ctx *ctx, const char *path, json_t **json);

/** Text of a value, indented by two, keys in the order of insertion, with a final newline. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_json_text(struct tl_ctx *ctx, const json_t *json, char **text);

/** The same on one line, without blanks. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_json_line(struct tl_ctx *ctx, const json_t *json, char **text);

/** Writes a file beside its place and renames it, so that it is there whole or not at all. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_json_write(struct tl_ctx *ctx, const char *path, const json_t *json);

/** Same for any bytes. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_file_write(struct tl_ctx *ctx, const char *path, const void *bytes,
                                 int64_t n);

#endif
