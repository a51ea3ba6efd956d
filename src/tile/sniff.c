/*
 * A vector tile has no magic number. It is a protobuf message of layers (field 3) and nothing else, each of which has a name (1) and a version (15): a walk
 * over these frames tells it from text, pictures and noise. Features are left to the browser, which does not trust them either.
 */
#include "tile/sniff.h"

#include <string.h>

enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5, LAYERS = 3, NAME = 1, VERSION = 15 };

struct walk {
    const uint8_t *at, *end;
};

static bool varint(struct walk *w, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && w->at < w->end; shift += 7) {
        uint8_t byte = *w->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The next field; *inside is what a field with a length holds. */
static bool next(struct walk *w, uint64_t *field, struct walk *inside)
{
    uint64_t key, n = 0;
    if (!varint(w, &key))
        return false;
    *field = key >> 3;
    *inside = (struct walk){NULL, NULL};
    switch (key & 7) {
    case VARINT:
        return varint(w, &n);
    case FIXED64:
    case FIXED32:
        n = (key & 7) == FIXED64 ? 8 : 4;
        break;
    case LENGTH:
        if (!varint(w, &n))
            return false;
        break;
    default:
        return false;
    }
    if (n > (uint64_t)(w->end - w->at))
        return false;
    if ((key & 7) == LENGTH)
        *inside = (struct walk){w->at, w->at + n};
    w->at += n;
    return true;
}

static bool is_layer(struct walk w)
{
    bool named = false, versioned = false;
    uint64_t field;
    struct walk inside;
    while (w.at < w.end) {
        if (!next(&w, &field, &inside))
            return false;
        named = named || (field == NAME && inside.at != NULL);
        versioned = versioned || (field == VERSION && inside.at == NULL);
    }
    return named && versioned;
}

static bool is_mvt(const void *bytes, int64_t n)
{
    if (n < 1) /* also where there are no bytes to point at */
        return false;
    struct walk w = {bytes, (const uint8_t *)bytes + n}, inside;
    uint64_t field;
    while (w.at < w.end)
        if (!next(&w, &field, &inside) || field != LAYERS || inside.at == NULL || !is_layer(inside))
            return false;
    return true;
}

enum tl_basemap_format tl_sniff(const void *bytes, int64_t n)
{
    if (n >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return TL_BASEMAP_PNG;
    if (n >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
        return TL_BASEMAP_JPEG;
    if (n >= 12 && memcmp(bytes, "RIFF", 4) == 0 && memcmp((const char *)bytes + 8, "WEBP", 4) == 0)
        return TL_BASEMAP_WEBP;
    return is_mvt(bytes, n) ? TL_BASEMAP_MVT : TL_BASEMAP_FORMATS;
}
