#include "unit.h"

#include "tile/fixture.h"

TEST(a_png_reads_back_as_the_same_colours)
{
    struct tl_pack *pack = NULL;
    struct tl_buf out = {0};
    static uint8_t pixels[TL_TILE_PIXELS * TL_TILE_PIXELS];
    uint8_t colours[200][3];
    CHECK_OK(tl_pack_create(ctx, &pack));
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < 3; k++)
            colours[i][k] = (uint8_t)(i * (k + 3) % 256);
    for (int noise = 0; noise < 2; noise++) {
        for (int i = 0; i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++)
            pixels[i] = (uint8_t)(noise ? (uint32_t)i * 2654435761u % 200u : (uint32_t)i / 400u);
        tl_buf_clear(&out);
        CHECK_OK(tl_pack_png(ctx, pack, TL_TILE_PIXELS, pixels, 200, (const uint8_t(*)[3])colours,
                             &out));
        struct tl_tile tile = {.bytes = out.text, .n_bytes = out.size_bytes};
        uint8_t *read = fixture_png(&tile);
        CHECK(read != NULL);
        for (int i = 0; i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++) {
            CHECK(read[4 * i + 3] == (pixels[i] == 0 ? 0 : 255));
            CHECK(pixels[i] == 0 || memcmp(read + 4 * i, colours[pixels[i]], 3) == 0);
        }
        free(read);
    }
    tl_buf_fini(&out);
    CHECK_EVERY_ALLOC(ctx, (tl_buf_fini(&out), tl_pack_png(ctx, pack, 8, pixels, 200,
                                                           (const uint8_t(*)[3])colours, &out)));
    tl_buf_fini(&out);
    tl_pack_free(pack);
}

TEST(gzip_reads_back_also_of_nothing)
{
    struct tl_pack *pack = NULL;
    struct tl_buf out = {0};
    char text[100000];
    CHECK_OK(tl_pack_create(ctx, &pack));
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * i / 77);
    for (int64_t n = 0; n <= (int64_t)sizeof text; n = n * 3 + 1) {
        int64_t got = 0;
        tl_buf_clear(&out);
        CHECK_OK(tl_pack_gzip(ctx, pack, text, n, &out));
        uint8_t *read = fixture_gunzip(out.text, out.size_bytes, &got);
        CHECK(read != NULL && got == n && memcmp(read, text, (size_t)n) == 0);
        free(read);
    }
    tl_buf_fini(&out);
    tl_pack_free(pack);
}
