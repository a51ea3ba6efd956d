/** Unpacking by libdeflate, of bytes that somebody else has packed. */
#ifndef TL_TILE_UNPACK_H
#define TL_TILE_UNPACK_H

#include "core/buf.h"

bool tl_unpack_is_gzip(const void *bytes, int64_t n);

/** Appends what a gzip file holds. Errors: TL_EDATA (damaged, or more than max_bytes), TL_ENOMEM. */
TL_MUST_USE tl_err tl_unpack_gzip(struct tl_ctx *ctx, const void *bytes, int64_t n,
                                  int64_t max_bytes, struct tl_buf *out);

#endif
