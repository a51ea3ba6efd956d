/** Arrays of numbers as they are kept: deflated. */
#ifndef TL_STORE_BLOB_H
#define TL_STORE_BLOB_H

#include "core/core.h"

/** Deflates bytes; words of `width` bytes are split into planes first, which halves what noise leaves. owns: the caller. */
TL_MUST_USE tl_err tl_blob_pack(struct tl_ctx *ctx, const void *bytes, int64_t n, int width,
                                void **packed, int64_t *packed_bytes);

/** The way back, into exactly `n` bytes. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_blob_unpack(struct tl_ctx *ctx, const void *packed, int64_t packed_bytes,
                                  int width, void *bytes, int64_t n);

#endif
