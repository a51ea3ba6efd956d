/*
 * Packing. PNG is written by hand: signature, IHDR, PLTE, tRNS, one IDAT, IEND (W3C, Portable Network Graphics, third edition), no
 * filters, which palettes do not gain by. libdeflate takes a third of zlib's time for the same bytes; a compressor of 300 KB is kept, since
 * making one costs as much as a small tile.
 */
#include "tile/pack.h"

#include <libdeflate.h>
#include <string.h>

enum { LEVEL = 3, IHDR_BYTES = 13 };

struct tl_pack {
    struct libdeflate_compressor *compressor; /* owns */
    struct tl_buf rows, packed;
};

tl_err tl_pack_create(struct tl_ctx *ctx, struct tl_pack **pack)
{
    struct tl_pack *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    made->compressor = libdeflate_alloc_compressor(LEVEL);
    if (made->compressor == NULL) {
        tl_free(made);
        return tl_fail(ctx, TL_ENOMEM, "no memory to pack tiles");
    }
    *pack = made;
    return TL_OK;
}

void tl_pack_free(struct tl_pack *pack)
{
    if (pack == NULL)
        return;
    libdeflate_free_compressor(pack->compressor);
    tl_buf_fini(&pack->rows);
    tl_buf_fini(&pack->packed);
    tl_free(pack);
}

/* Makes room for n bytes after what is there, zeroed. */
static tl_err room(struct tl_ctx *ctx, struct tl_buf *buf, int64_t n)
{
    static const char zeros[4096];
    tl_err err = TL_OK;
    for (int64_t left = n; left > 0 && err == TL_OK; left -= (int64_t)sizeof zeros)
        err = tl_buf_add_bytes(ctx, buf, zeros,
                               left < (int64_t)sizeof zeros ? left : (int64_t)sizeof zeros);
    return err;
}

tl_err tl_pack_gzip(struct tl_ctx *ctx, struct tl_pack *pack, const void *bytes, int64_t n,
                    struct tl_buf *out)
{
    int64_t bound = (int64_t)libdeflate_gzip_compress_bound(pack->compressor, (size_t)n);
    int64_t at = out->size_bytes;
    tl_err err = room(ctx, out, bound);
    if (err != TL_OK)
        return err;
    size_t got =
        libdeflate_gzip_compress(pack->compressor, bytes, (size_t)n, out->text + at, (size_t)bound);
    out->size_bytes = at + (int64_t)got;
    return got > 0 ? TL_OK : tl_fail(ctx, TL_EBUG, "%lld bytes were not packed", (long long)n);
}

static void put_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static tl_err add_chunk(struct tl_ctx *ctx, struct tl_buf *out, const char type[5],
                        const void *bytes, int64_t n)
{
    uint8_t number[4];
    tl_err err = TL_OK;
    put_be32(number, (uint32_t)n);
    TL_TRY(tl_buf_add_bytes(ctx, out, number, 4));
    int64_t at = out->size_bytes;
    TL_TRY(tl_buf_add_bytes(ctx, out, type, 4));
    if (n > 0)
        TL_TRY(tl_buf_add_bytes(ctx, out, bytes, n));
    put_be32(number, libdeflate_crc32(0, out->text + at, (size_t)(n + 4)));
    TL_TRY(tl_buf_add_bytes(ctx, out, number, 4));
done:
    return err;
}

/* Rows with the filter's number (0, none) before each, packed. */
static tl_err pack_rows(struct tl_ctx *ctx, struct tl_pack *pack, int size, const uint8_t *pixels)
{
    tl_err err = TL_OK;
    int64_t n = (int64_t)size * (size + 1);
    int64_t bound = (int64_t)libdeflate_zlib_compress_bound(pack->compressor, (size_t)n);
    tl_buf_clear(&pack->rows);
    tl_buf_clear(&pack->packed);
    TL_TRY(room(ctx, &pack->rows, n));
    TL_TRY(room(ctx, &pack->packed, bound));
    for (int64_t y = 0; y < size; y++)
        memcpy(pack->rows.text + y * (size + 1) + 1, pixels + y * size, (size_t)size);
    size_t got = libdeflate_zlib_compress(pack->compressor, pack->rows.text, (size_t)n,
                                          pack->packed.text, (size_t)bound);
    TL_ASSERT(ctx, got > 0);
    pack->packed.size_bytes = (int64_t)got;
done:
    return err;
}

tl_err tl_pack_png(struct tl_ctx *ctx, struct tl_pack *pack, int size, const uint8_t *pixels,
                   int n_colours, const uint8_t (*colours)[3], struct tl_buf *out)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t head[IHDR_BYTES] = {[8] = 8, [9] = 3}; /* 8 bits, palette */
    tl_err err = TL_OK;
    put_be32(head, (uint32_t)size);
    put_be32(head + 4, (uint32_t)size);
    TL_TRY(pack_rows(ctx, pack, size, pixels));
    TL_TRY(tl_buf_add_bytes(ctx, out, signature, sizeof signature));
    TL_TRY(add_chunk(ctx, out, "IHDR", head, sizeof head));
    TL_TRY(add_chunk(ctx, out, "PLTE", colours, 3 * (int64_t)n_colours));
    TL_TRY(add_chunk(ctx, out, "tRNS", "\0", 1));
    TL_TRY(add_chunk(ctx, out, "IDAT", pack->packed.text, pack->packed.size_bytes));
    TL_TRY(add_chunk(ctx, out, "IEND", NULL, 0));
done:
    return err;
}
