/** JSON that comes from outside: depth and size are looked at before anything is believed. */
#ifndef TL_SERVE_BODY_H
#define TL_SERVE_BODY_H

#include "serve/serve.h"

enum { TL_BODY_DEPTH_MAX = 16 };

/** Reads a JSON object. Errors: TL_EDATA (not UTF-8, not JSON: line and column; nested too deep; a key twice; no object), TL_ENOMEM. */
TL_MUST_USE tl_err tl_body_read(struct tl_ctx *ctx, const char *text, int64_t n_bytes,
                                json_t **json);

#endif
