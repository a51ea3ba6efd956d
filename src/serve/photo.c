/*
 * JPEG (ITU-T T.81): after FF D8 come segments, FF and a marker, most with a length of two bytes that counts itself. After a scan's segment come its coded
 * bytes, up to the next FF that neither 00 nor a restart marker follows. FF D9 ends the picture, and here the file: telephones append films and second
 * pictures behind it, whose metadata nobody took away.
 */
#include "serve/photo.h"

#include <stdio.h>
#include <string.h>

enum { SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, COM = 0xFE, TEM = 0x01, APP0 = 0xE0, APP15 = 0xEF };

struct walk {
    struct tl_ctx *ctx;   /* borrows */
    const uint8_t *bytes; /* borrows */
    int64_t n, at;
    bool has_frame, has_scan;
};

static tl_err cut_off(const struct walk *w)
{
    return tl_fail(w->ctx, TL_EDATA, "the photograph is cut off or damaged at byte %lld",
                   (long long)w->at);
}

static tl_err has_metadata(const struct walk *w, const char *what)
{
    return tl_fail(w->ctx, TL_EDATA,
                   "the photograph carries metadata (%s), which may tell of persons and places: "
                   "expected a JPEG without any",
                   what);
}

static bool begins(const uint8_t *segment, int64_t n, const char *name)
{
    int64_t m = (int64_t)strlen(name) + 1; /* with its zero */
    return n >= m && memcmp(segment, name, (size_t)m) == 0;
}

/* Application segments: the picture's own shape and colours stay, all else tells something of who took it, where and with what. */
static tl_err check_application(const struct walk *w, int marker, const uint8_t *segment, int64_t n)
{
    if ((marker == APP0 && begins(segment, n, "JFIF")) ||
        (marker == APP0 + 2 && begins(segment, n, "ICC_PROFILE")) ||
        (marker == APP0 + 14 && n >= 5 && memcmp(segment, "Adobe", 5) == 0))
        return TL_OK;
    if (marker == APP0 + 1)
        return has_metadata(w, begins(segment, n, "Exif") ? "Exif" : "XMP");
    if (marker == APP0 + 13)
        return has_metadata(w, "IPTC");
    char name[8] = "APP";
    snprintf(name + 3, sizeof name - 3, "%d", marker - APP0);
    return has_metadata(w, name);
}

static bool is_frame(int marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/* Precision, height, width. */
static tl_err check_frame(struct walk *w, const uint8_t *segment, int64_t n)
{
    if (n < 6)
        return cut_off(w);
    int64_t height = segment[1] << 8 | segment[2], width = segment[3] << 8 | segment[4];
    if (height == 0 || width == 0 || height * width > TL_PHOTO_PIXELS_MAX)
        return tl_fail(w->ctx, TL_EDATA,
                       "the photograph has %lld x %lld pixels; expected 1 to %d millions",
                       (long long)width, (long long)height, TL_PHOTO_PIXELS_MAX / 1000000);
    w->has_frame = true;
    return TL_OK;
}

/* The next marker, past fill bytes. */
static tl_err next_marker(struct walk *w, int *marker)
{
    if (w->at >= w->n || w->bytes[w->at] != 0xFF)
        return cut_off(w);
    while (w->at < w->n && w->bytes[w->at] == 0xFF)
        w->at++;
    if (w->at >= w->n || w->bytes[w->at] == 0)
        return cut_off(w);
    *marker = w->bytes[w->at++];
    return TL_OK;
}

/* Past the coded bytes of a scan. */
static void skip_scan(struct walk *w)
{
    for (; w->at + 1 < w->n; w->at++) {
        int next = w->bytes[w->at + 1];
        if (w->bytes[w->at] == 0xFF && next != 0 && (next < 0xD0 || next > 0xD7))
            return;
    }
    w->at = w->n;
}

/* A segment with a length. */
static tl_err segment_of(struct walk *w, int marker)
{
    if (w->at + 2 > w->n)
        return cut_off(w);
    int64_t n = (w->bytes[w->at] << 8 | w->bytes[w->at + 1]) - 2;
    const uint8_t *segment = w->bytes + w->at + 2;
    if (n < 0 || w->at + 2 + n > w->n)
        return cut_off(w);
    w->at += 2 + n;
    if (marker == COM)
        return has_metadata(w, "a comment");
    if (marker >= APP0 && marker <= APP15)
        return check_application(w, marker, segment, n);
    if (is_frame(marker))
        return check_frame(w, segment, n);
    if (marker == SOS) {
        w->has_scan = true;
        skip_scan(w);
    }
    return TL_OK;
}

tl_err tl_photo_check(struct tl_ctx *ctx, const uint8_t *bytes, int64_t n)
{
    struct walk w = {.ctx = ctx, .bytes = bytes, .n = n, .at = 2};
    int marker = 0;
    tl_err err = TL_OK;
    if (n < 4 || bytes[0] != 0xFF || bytes[1] != SOI || bytes[2] != 0xFF)
        TL_THROW(ctx, TL_EDATA, "this is no photograph: expected a JPEG, by its content");
    for (;;) {
        TL_TRY(next_marker(&w, &marker));
        if (marker == EOI)
            break;
        if (marker == TEM || (marker >= 0xD0 && marker <= 0xD7))
            continue;
        if (marker == SOI)
            TL_TRY(cut_off(&w));
        TL_TRY(segment_of(&w, marker));
    }
    if (!w.has_frame || !w.has_scan)
        TL_THROW(ctx, TL_EDATA, "the photograph holds no picture");
    if (w.at != n)
        TL_THROW(ctx, TL_EDATA,
                 "the photograph is followed by %lld more bytes: expected a file that ends with "
                 "the picture",
                 (long long)(n - w.at));
done:
    return err;
}
