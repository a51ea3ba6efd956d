/*
 * Unpacking. The length that a gzip file states about itself is a guess for the first try and nothing more; room grows fourfold up to the bound.
 */
#include "tile/unpack.h"

#include <libdeflate.h>
#include <string.h>

enum { GZIP_MIN = 18, FIRST_ROOM = 4096 };

bool tl_unpack_is_gzip(const void *bytes, int64_t n)
{
    return n >= GZIP_MIN && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

static int64_t stated(const uint8_t *bytes, int64_t n)
{
    const uint8_t *end = bytes + n - 4;
    return (int64_t)((uint32_t)end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 |
                     (uint32_t)end[3] << 24);
}

tl_err tl_unpack_gzip(struct tl_ctx *ctx, const void *bytes, int64_t n, int64_t max_bytes,
                      struct tl_buf *out)
{
    struct libdeflate_decompressor *unpacker = NULL;
    char *room = NULL;
    size_t got = 0;
    tl_err err = TL_OK;
    enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
    if (!tl_unpack_is_gzip(bytes, n))
        return tl_fail(ctx, TL_EDATA, "%lld bytes are not gzip", (long long)n);
    int64_t size = stated(bytes, n);
    size = size < FIRST_ROOM ? FIRST_ROOM : size;
    size = size > max_bytes ? max_bytes : size;
    unpacker = libdeflate_alloc_decompressor();
    if (unpacker == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory to unpack");
    while (result == LIBDEFLATE_INSUFFICIENT_SPACE && size <= max_bytes) {
        tl_free(room);
        TL_TRY_ALLOC(ctx, room, size);
        result = libdeflate_gzip_decompress(unpacker, bytes, (size_t)n, room, (size_t)size, &got);
        if (size == max_bytes)
            break;
        size = size > max_bytes / 4 ? max_bytes : 4 * size;
    }
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
        TL_THROW(ctx, TL_EDATA, "%lld bytes unpack to more than %lld", (long long)n,
                 (long long)max_bytes);
    if (result != LIBDEFLATE_SUCCESS)
        TL_THROW(ctx, TL_EDATA, "%lld bytes of gzip are damaged", (long long)n);
    if (got > 0)
        TL_TRY(tl_buf_add_bytes(ctx, out, room, (int64_t)got));
done:
    libdeflate_free_decompressor(unpacker);
    tl_free(room);
    return err;
}
