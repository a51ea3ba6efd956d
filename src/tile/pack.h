/** Packing by libdeflate: gzip, and PNG with a palette. */
#ifndef TL_TILE_PACK_H
#define TL_TILE_PACK_H

#include "core/buf.h"

struct tl_pack; /* by one thread at a time */

/** Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_pack_create(struct tl_ctx *ctx, struct tl_pack **pack);
void tl_pack_free(struct tl_pack *pack); /* NULL is fine */

/** Appends bytes as a gzip file. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_pack_gzip(struct tl_ctx *ctx, struct tl_pack *pack, const void *bytes,
                                int64_t n, struct tl_buf *out);

/**
 * Appends a PNG.
 * @param pixels  [size * size] index into the palette; 0 is transparent
 * @param colours [n_colours][3] red, green, blue; n_colours at most 256
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_pack_png(struct tl_ctx *ctx, struct tl_pack *pack, int size,
                               const uint8_t *pixels, int n_colours, const uint8_t (*colours)[3],
                               struct tl_buf *out);

#endif
