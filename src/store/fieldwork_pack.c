/* Packing for the way to a device: a phone's network is slow and paid by the byte. */
#include <string.h>
#include <zlib.h>

#include "core/core.h"
#include "tilth/fieldwork.h"

enum { LEVEL = 6, GZIP = 15 + 16, MEMORY = 8 };

tl_err tl_fieldwork_gzip(struct tl_ctx *ctx, const void *bytes, int64_t n, void **out,
                         int64_t *out_bytes)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n};
    uint8_t *packed = NULL;
    bool begun = false;
    tl_err err = TL_OK;
    TL_ASSERT(ctx, n >= 0 && n <= INT32_MAX);
    if (deflateInit2(&stream, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        TL_THROW(ctx, TL_ENOMEM, "no memory for packing %lld bytes", (long long)n);
    begun = true;
    int64_t room = (int64_t)deflateBound(&stream, (uLong)n);
    TL_TRY_ALLOC(ctx, packed, room);
    stream.next_out = packed;
    stream.avail_out = (uInt)room;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        TL_THROW(ctx, TL_EBUG, "%lld bytes could not be packed", (long long)n);
    *out = packed;
    *out_bytes = (int64_t)stream.total_out;
    packed = NULL;
done:
    if (begun)
        deflateEnd(&stream);
    tl_free(packed);
    return err;
}
