/** What a photograph from the field may be: a JPEG that holds a picture and nothing that tells of persons and places. */
#ifndef TL_SERVE_PHOTO_H
#define TL_SERVE_PHOTO_H

#include "serve/serve.h"

enum { TL_PHOTO_PIXELS_MAX = 40000000 };

/**
 * Looks through a whole file, part by part: it is a JPEG by its content, ends where the picture ends, and has no metadata (Exif, XMP, IPTC, comments, pictures
 * beside it). Colour profiles stay. The picture itself is not decoded.
 * Errors: TL_EDATA (what is wrong, and what was expected).
 */
TL_MUST_USE tl_err tl_photo_check(struct tl_ctx *ctx, const uint8_t *bytes, int64_t n);

#endif
