#include "unit.h"

#include "tile/pack.h"
#include "tile/unpack.h"

static tl_err packed(struct tl_ctx *ctx, const void *bytes, int64_t n, struct tl_buf *out)
{
    struct tl_pack *pack = NULL;
    tl_err err = tl_pack_create(ctx, &pack);
    if (err == TL_OK)
        err = tl_pack_gzip(ctx, pack, bytes, n, out);
    tl_pack_free(pack);
    return err;
}

TEST(what_was_packed_comes_back)
{
    static char text[300000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * i / 77 % 91);
    for (int64_t n = 0; n <= (int64_t)sizeof text; n = n * 3 + 1) {
        struct tl_buf gzip = {0}, back = {0};
        CHECK_OK(packed(ctx, text, n, &gzip));
        CHECK_OK(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, sizeof text, &back));
        CHECK(back.size_bytes == n && (n == 0 || memcmp(back.text, text, (size_t)n) == 0));
        if (n > 1) {
            tl_buf_clear(&back);
            CHECK_FAILS(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, n - 1, &back), TL_EDATA,
                        "more than");
        }
        tl_buf_fini(&gzip);
        tl_buf_fini(&back);
    }
}

TEST(bytes_that_lie_about_their_length_are_held_to_the_bound)
{
    static char zeros[1 << 20];
    struct tl_buf gzip = {0}, back = {0};
    CHECK_OK(packed(ctx, zeros, sizeof zeros, &gzip));
    memset(gzip.text + gzip.size_bytes - 4, 0, 4); /* "nothing inside" */
    CHECK(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, 1 << 24, &back) == TL_EDATA);
    memset(gzip.text + gzip.size_bytes - 4, 0xff, 4); /* "4 GiB inside" */
    CHECK(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, 1 << 19, &back) == TL_EDATA);
    CHECK(back.size_bytes == 0);
    tl_buf_fini(&gzip);
    tl_buf_fini(&back);
}

TEST(damaged_bytes_are_said)
{
    struct tl_buf gzip = {0}, back = {0};
    CHECK_OK(packed(ctx, "a line of text, a line of text, a line of text", 46, &gzip));
    CHECK_FAILS(tl_unpack_gzip(ctx, "text", 4, 100, &back), TL_EDATA, "not gzip");
    CHECK(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes - 3, 100, &back) == TL_EDATA);
    for (int64_t at = 10; at < gzip.size_bytes; at++) {
        gzip.text[at] ^= 0x41;
        CHECK(tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, 1 << 20, &back) == TL_EDATA);
        gzip.text[at] ^= 0x41;
    }
    CHECK_EVERY_ALLOC(
        ctx, (tl_buf_fini(&back), tl_unpack_gzip(ctx, gzip.text, gzip.size_bytes, 100, &back)));
    tl_buf_fini(&gzip);
    tl_buf_fini(&back);
}
