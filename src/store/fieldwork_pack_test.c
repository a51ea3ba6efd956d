#include "unit.h"

#include <string.h>
#include <zlib.h>

#include "core/core.h"
#include "tilth/fieldwork.h"

static int64_t unpack(const void *bytes, int64_t n, char *out, int64_t room)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)n};
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)room;
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return -1;
    int end = inflate(&stream, Z_FINISH);
    int64_t got = (int64_t)stream.total_out;
    inflateEnd(&stream);
    return end == Z_STREAM_END ? got : -1;
}

TEST(bytes_come_back_as_they_were)
{
    char text[5000], back[5000];
    void *packed = NULL;
    int64_t n = 0;
    for (int i = 0; i < 5000; i++)
        text[i] = (char)('a' + i % 7);
    CHECK_OK(tl_fieldwork_gzip(ctx, text, 5000, &packed, &n));
    CHECK(n < 200 && unpack(packed, n, back, 5000) == 5000 && memcmp(text, back, 5000) == 0);
    tl_free(packed);
    CHECK_OK(tl_fieldwork_gzip(ctx, "", 0, &packed, &n));
    CHECK(unpack(packed, n, back, 5000) == 0);
    tl_free(packed);
}

TEST(a_failed_allocation_leaves_the_outputs)
{
    void *packed = NULL;
    int64_t n = 7;
    tl_ctx_fail_alloc(ctx, 1);
    CHECK(tl_fieldwork_gzip(ctx, "abc", 3, &packed, &n) == TL_ENOMEM);
    CHECK(packed == NULL && n == 7);
}
