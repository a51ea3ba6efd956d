/** For tests: a reader of vector tiles, written from the specification alone (Mapbox Vector Tile 2.1), that shares nothing with the encoder. */
#ifndef TL_TILE_DECODE_H
#define TL_TILE_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How much a tile may hold; a fuzzer, which decodes small tiles by the thousand, says less. */
#ifndef DECODE_SCALE
#define DECODE_SCALE 1
#endif
enum {
    DECODE_PATHS = 20000 / DECODE_SCALE,
    DECODE_XY = 400000 / DECODE_SCALE,
    DECODE_FEATURES = 60000 / DECODE_SCALE,
    DECODE_TAGS = 40
};

struct decode_value {
    int type; /* 1 text, 3 real, 5 unsigned, 6 signed, 7 yes or no */
    char text[256];
    double number;
};

struct decode_feature {
    int64_t id;
    int type, n_tags;
    int tags[DECODE_TAGS][2]; /* key, value */
    int64_t first_path, n_paths;
};

struct decode {
    char layer[64];
    int version, extent, n_keys, n_layers;
    char keys[64][64];
    int64_t n_values, n_features, n_paths, n_xy;
    struct decode_value *values;
    struct decode_feature *features;
    int64_t (*paths)[2]; /* first point, number */
    bool *closed;
    int32_t (*xy)[2];
};

struct decode_bytes {
    const uint8_t *at, *end;
    bool bad;
};

__attribute__((unused)) static uint64_t decode_varint(struct decode_bytes *b)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (b->at >= b->end)
            break;
        uint8_t byte = *b->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    b->bad = true;
    return 0;
}

/* Next field of a message: its number, and its content as bytes (of a number: none, *value is it). 0 at the end. */
__attribute__((unused)) static int decode_field(struct decode_bytes *b,
                                                struct decode_bytes *content, uint64_t *value)
{
    if (b->at >= b->end || b->bad)
        return 0;
    uint64_t tag = decode_varint(b);
    *content = (struct decode_bytes){0};
    if ((tag & 7) == 0) {
        *value = decode_varint(b);
    } else if ((tag & 7) == 1 && b->end - b->at >= 8) {
        memcpy(value, b->at, 8);
        b->at += 8;
    } else if ((tag & 7) == 2) {
        uint64_t n = decode_varint(b);
        if (n > (uint64_t)(b->end - b->at))
            b->bad = true;
        else
            *content = (struct decode_bytes){b->at, b->at + n, false};
        b->at += b->bad ? 0 : n;
    } else {
        b->bad = true;
    }
    return b->bad ? 0 : (int)(tag >> 3);
}

__attribute__((unused)) static int64_t decode_zigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

__attribute__((unused)) static void decode_geometry(struct decode *d, struct decode_feature *f,
                                                    struct decode_bytes b, bool *bad)
{
    int64_t x = 0, y = 0;
    f->first_path = d->n_paths;
    while (b.at < b.end && !b.bad && !*bad) {
        uint64_t command = decode_varint(&b);
        int what = (int)(command & 7);
        int64_t n = (int64_t)(command >> 3);
        if (what == 7) {
            *bad = *bad || n != 1 || d->n_paths == f->first_path;
            d->closed[d->n_paths - 1] = true;
            continue;
        }
        *bad = *bad || (what != 1 && what != 2) || n < 1;
        for (int64_t i = 0; i < n && !b.bad && !*bad; i++) {
            x += decode_zigzag(decode_varint(&b));
            y += decode_zigzag(decode_varint(&b));
            if (what == 1) {
                d->paths[d->n_paths][0] = d->n_xy;
                d->paths[d->n_paths][1] = 0;
                d->closed[d->n_paths++] = false;
            }
            *bad = *bad || d->n_paths == f->first_path || d->n_paths >= DECODE_PATHS ||
                   d->n_xy >= DECODE_XY;
            if (*bad)
                break;
            d->xy[d->n_xy][0] = (int32_t)x;
            d->xy[d->n_xy++][1] = (int32_t)y;
            d->paths[d->n_paths - 1][1]++;
        }
    }
    *bad = *bad || b.bad;
    f->n_paths = d->n_paths - f->first_path;
}

__attribute__((unused)) static bool decode_one_feature(struct decode *d, struct decode_bytes b)
{
    struct decode_bytes c;
    uint64_t v = 0;
    bool bad = false;
    struct decode_feature *f = &d->features[d->n_features++];
    *f = (struct decode_feature){0};
    for (int field; (field = decode_field(&b, &c, &v)) != 0;) {
        if (field == 1)
            f->id = (int64_t)v;
        if (field == 3)
            f->type = (int)v;
        while (field == 2 && c.at < c.end && f->n_tags < DECODE_TAGS) {
            f->tags[f->n_tags][0] = (int)decode_varint(&c);
            f->tags[f->n_tags++][1] = (int)decode_varint(&c);
        }
        if (field == 4)
            decode_geometry(d, f, c, &bad);
    }
    return !bad && !b.bad;
}

__attribute__((unused)) static bool decode_one_value(struct decode *d, struct decode_bytes b)
{
    struct decode_bytes c;
    uint64_t v = 0;
    struct decode_value *value = &d->values[d->n_values++];
    *value = (struct decode_value){0};
    value->type = decode_field(&b, &c, &v);
    if (value->type == 1)
        memcpy(value->text, c.at, (size_t)(c.end - c.at < 255 ? c.end - c.at : 255));
    if (value->type == 3)
        memcpy(&value->number, &v, 8);
    if (value->type == 5 || value->type == 7)
        value->number = (double)v;
    if (value->type == 6)
        value->number = (double)decode_zigzag(v);
    return !b.bad && b.at == b.end;
}

__attribute__((unused)) static void decode_free(struct decode *d)
{
    if (d == NULL)
        return;
    free(d->values);
    free(d->features);
    free(d->paths);
    free(d->closed);
    free(d->xy);
    free(d);
}

/** A tile of one layer; NULL when it is malformed. Free with decode_free. */
__attribute__((unused)) static struct decode *decode_tile(const uint8_t *bytes, int64_t n)
{
    struct decode *d = calloc(1, sizeof *d);
    struct decode_bytes b = {bytes, bytes + n, false}, layer, c;
    uint64_t v = 0;
    bool good = true;
    d->values = calloc(DECODE_FEATURES * 4, sizeof *d->values);
    d->features = calloc(DECODE_FEATURES, sizeof *d->features);
    d->paths = calloc(DECODE_PATHS, sizeof *d->paths);
    d->closed = calloc(DECODE_PATHS, 1);
    d->xy = calloc(DECODE_XY, sizeof *d->xy);
    while (good && decode_field(&b, &layer, &v) == 3) {
        d->n_layers++;
        for (int field; good && (field = decode_field(&layer, &c, &v)) != 0;) {
            if (field == 15)
                d->version = (int)v;
            if (field == 5)
                d->extent = (int)v;
            if (field == 1)
                memcpy(d->layer, c.at, (size_t)(c.end - c.at));
            if (field == 3)
                memcpy(d->keys[d->n_keys++], c.at, (size_t)(c.end - c.at));
            if (field == 4)
                good = decode_one_value(d, c);
            if (field == 2)
                good = decode_one_feature(d, c);
        }
        good = good && !layer.bad;
    }
    if (good && !b.bad && d->n_layers == 1)
        return d;
    decode_free(d);
    return NULL;
}

/** Value of a key of a feature, NULL when it has none. */
__attribute__((unused)) static const struct decode_value *
decode_get(const struct decode *d, int64_t feature, const char *key)
{
    const struct decode_feature *f = &d->features[feature];
    for (int t = 0; t < f->n_tags; t++)
        if (strcmp(d->keys[f->tags[t][0]], key) == 0)
            return &d->values[f->tags[t][1]];
    return NULL;
}

/** Its text, "" when it has none. */
__attribute__((unused)) static const char *decode_text(const struct decode *d, int64_t feature,
                                                       const char *key)
{
    const struct decode_value *value = decode_get(d, feature, key);
    return value == NULL ? "" : value->text;
}

#endif
