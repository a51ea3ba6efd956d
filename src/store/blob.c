/*
 * Byte planes before deflate (all first bytes, then all second ones, ...): sign and exponent of neighbouring cells are alike,
 * so of a smooth raster of floats with 1 % of noise .67 is left, against .89 without (512 x 512). Level 1: level 6 takes half as long
 * again for one per cent less.
 */
#include "store/blob.h"

#include <string.h>
#include <zlib.h>

tl_err tl_blob_pack(struct tl_ctx *ctx, const void *bytes, int64_t n, int width, void **packed,
                    int64_t *packed_bytes)
{
    const uint8_t *in = bytes;
    uint8_t *planes = NULL, *out = NULL;
    uLongf room = compressBound((uLong)n);
    int64_t n_words = n / width;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, planes, n);
    TL_TRY_ALLOC(ctx, out, (int64_t)room);
    for (int b = 0; b < width; b++)
        for (int64_t i = 0; i < n_words; i++)
            planes[b * n_words + i] = in[i * width + b];
    if (compress2(out, &room, planes, (uLong)n, 1) != Z_OK)
        TL_THROW(ctx, TL_ENOMEM, "an array of %lld bytes could not be deflated", (long long)n);
    *packed = out;
    *packed_bytes = (int64_t)room;
    out = NULL;
done:
    tl_free(planes);
    tl_free(out);
    return err;
}

tl_err tl_blob_unpack(struct tl_ctx *ctx, const void *packed, int64_t packed_bytes, int width,
                      void *bytes, int64_t n)
{
    uint8_t *planes = NULL, *out = bytes;
    uLongf got = (uLongf)n;
    int64_t n_words = n / width;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, planes, n);
    if (packed == NULL || uncompress(planes, &got, packed, (uLong)packed_bytes) != Z_OK ||
        (int64_t)got != n)
        TL_THROW(ctx, TL_EDATA, "a stored array is damaged or not of %lld bytes", (long long)n);
    for (int b = 0; b < width; b++)
        for (int64_t i = 0; i < n_words; i++)
            out[i * width + b] = planes[b * n_words + i];
done:
    tl_free(planes);
    return err;
}
