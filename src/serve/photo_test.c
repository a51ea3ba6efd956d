#include "unit.h"

#include "serve/photo.h"

/* A JPEG of 8 x 16 pixels as to its parts; its coded bytes are made up, with a stuffed FF and a restart marker among them. */
#define HEAD                     "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
#define FRAME                    "\xFF\xC0\x00\x0B\x08\x00\x10\x00\x08\x01\x01\x11\x00"
#define SCAN                     "\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x12\xFF\x00\x34\xFF\xD0\x56"
#define END                      "\xFF\xD9"

#define CHECK_BYTES(text)        tl_photo_check(ctx, (const uint8_t *)(text), (int64_t)sizeof(text) - 1)
#define CHECK_REFUSED(text, why) CHECK_FAILS(CHECK_BYTES(text), TL_EDATA, why)

TEST(a_picture_with_its_colours_passes)
{
    CHECK_OK(CHECK_BYTES(HEAD FRAME SCAN END));
    CHECK_OK(CHECK_BYTES(HEAD "\xFF\xE2\x00\x10ICC_PROFILE\x00\x01\x01" FRAME SCAN END));
    CHECK_OK(CHECK_BYTES(HEAD "\xFF\xEE\x00\x0E"
                              "Adobe\x00\x64\x00\x00\x00\x00\x01" FRAME SCAN END));
    CHECK_OK(CHECK_BYTES(HEAD
                         "\xFF\xFF\xFF\xC2\x00\x0B\x08\x00\x10\x00\x08\x01\x01\x11\x00" SCAN SCAN
                             END)); /* progressive, with fill bytes */
}

TEST(what_is_no_jpeg_is_refused_whatever_it_is_called)
{
    CHECK_REFUSED("\x89PNG\r\n\x1A\n0000", "no photograph");
    CHECK_REFUSED("<svg onload=alert(1)>", "no photograph");
    CHECK_REFUSED("", "no photograph");
    CHECK_REFUSED("\xFF\xD8", "no photograph");
    CHECK_REFUSED(HEAD END, "holds no picture");
    CHECK_REFUSED(HEAD FRAME END, "holds no picture");
}

TEST(metadata_is_refused_wherever_it_stands)
{
    CHECK_REFUSED(HEAD "\xFF\xE1\x00\x08"
                       "Exif\x00\x00" FRAME SCAN END,
                  "metadata (Exif)");
    CHECK_REFUSED(HEAD "\xFF\xE1\x00\x0Ahttp://n" FRAME SCAN END, "metadata (XMP)");
    CHECK_REFUSED(HEAD "\xFF\xED\x00\x04xy" FRAME SCAN END, "metadata (IPTC)");
    CHECK_REFUSED(HEAD "\xFF\xFE\x00\x04xy" FRAME SCAN END, "a comment");
    CHECK_REFUSED(HEAD "\xFF\xE2\x00\x06MPF\x00" FRAME SCAN END, "metadata (APP2)");
    CHECK_REFUSED(HEAD "\xFF\xEA\x00\x02" FRAME SCAN END, "metadata (APP10)");
    CHECK_REFUSED(HEAD FRAME SCAN "\xFF\xE1\x00\x08"
                                  "Exif\x00\x00" END,
                  "metadata (Exif)"); /* after the scan */
    CHECK_REFUSED(HEAD FRAME SCAN END "ftypmp42", "followed by 8 more bytes");
    CHECK_REFUSED(HEAD FRAME SCAN END HEAD FRAME SCAN END, "more bytes");
}

TEST(what_is_cut_off_or_damaged_is_refused_at_every_byte)
{
    static const char whole[] = HEAD FRAME SCAN END;
    uint8_t *part = NULL;
    for (int64_t n = 0; n < (int64_t)sizeof whole - 1; n++) {
        part = tl_alloc(ctx, n + 1, 1); /* of exactly that size, for the sanitizer */
        CHECK(part != NULL);
        memcpy(part, whole, (size_t)n);
        CHECK(tl_photo_check(ctx, part, n) == TL_EDATA);
        tl_free(part);
    }
    CHECK_REFUSED(HEAD FRAME "\xFF\x00" SCAN END, "cut off or damaged");
    CHECK_REFUSED(HEAD HEAD FRAME SCAN END, "cut off or damaged");
    CHECK_REFUSED(HEAD "\xFF\xDB\x00\x01" FRAME SCAN END, "cut off or damaged");
}

TEST(a_picture_that_would_fill_memory_is_refused)
{
    CHECK_REFUSED(HEAD "\xFF\xC0\x00\x0B\x08\xFF\xFF\xFF\xFF\x01\x01\x11\x00" SCAN END,
                  "65535 x 65535 pixels");
    CHECK_REFUSED(HEAD "\xFF\xC0\x00\x0B\x08\x00\x00\x00\x08\x01\x01\x11\x00" SCAN END,
                  "8 x 0 pixels");
}
