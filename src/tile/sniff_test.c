#include "unit.h"

#include "tile/sniff.h"

TEST(pictures_are_known_by_their_first_bytes)
{
    CHECK(tl_sniff("\x89PNG\r\n\x1a\n....", 12) == TL_BASEMAP_PNG);
    CHECK(tl_sniff("\xff\xd8\xff\xe0....", 8) == TL_BASEMAP_JPEG);
    CHECK(tl_sniff("RIFF\1\0\0\0WEBPVP8 ", 16) == TL_BASEMAP_WEBP);
    CHECK(tl_sniff("RIFF\1\0\0\0WAVEfmt ", 16) == TL_BASEMAP_FORMATS);
}

/* A layer "a" of version 2 with an extent; then the same with its length, version or name gone. */
TEST(vector_tiles_are_known_by_their_frame)
{
    static const char tile[] = "\x1a\x08\x0a\x01"
                               "a\x28\x80\x20\x78\x02";
    CHECK(tl_sniff(tile, sizeof tile - 1) == TL_BASEMAP_MVT);
    char twice[20];
    memcpy(twice, tile, 10);
    memcpy(twice + 10, tile, 10);
    CHECK(tl_sniff(twice, 20) == TL_BASEMAP_MVT);
    for (int64_t n = 0; n < 10; n++)
        CHECK(tl_sniff(tile, n) == TL_BASEMAP_FORMATS);
    CHECK(tl_sniff("\x1a\x03\x0a\x01"
                   "a",
                   5) == TL_BASEMAP_FORMATS);                     /* no version */
    CHECK(tl_sniff("\x1a\x02\x78\x02", 4) == TL_BASEMAP_FORMATS); /* no name */
    CHECK(tl_sniff("\x22\x05\x0a\x01"
                   "a\x78\x02",
                   7) == TL_BASEMAP_FORMATS); /* another field */
    CHECK(tl_sniff("\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11) == TL_BASEMAP_FORMATS);
}

TEST(text_pages_and_scripts_are_none_of_these)
{
    const char *const texts[] = {"<html><script>alert(1)</script></html>",
                                 "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                 "GIF89a......",
                                 "{\"a\": 1}",
                                 "%PDF-1.7",
                                 "PK\3\4......",
                                 " "};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK(tl_sniff(texts[i], (int64_t)strlen(texts[i])) == TL_BASEMAP_FORMATS);
    CHECK(tl_sniff(NULL, 0) == TL_BASEMAP_FORMATS);
}
