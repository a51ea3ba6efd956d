#include "report/outline.h"

#include <math.h>
#include <string.h>

enum { RINGS_MAX = 1 << 20, DEPTH_MAX = 8 };

struct reader {
    struct tl_ctx *ctx;
    const unsigned char *at, *end;
    struct tl_outline *out;
    int64_t room;
    int32_t part;
    bool swapped;
    int depth;
};

static tl_err add_ring(struct tl_ctx *ctx, struct tl_outline *out, int64_t *room, int64_t n,
                       int32_t part, bool closed)
{
    if (out->n_rings >= RINGS_MAX)
        return tl_fail(ctx, TL_EDATA, "a geometry has more than %d rings", RINGS_MAX);
    if (out->n_rings == *room) {
        int64_t more = *room == 0 ? 4 : 2 * *room;
        struct tl_outline_ring *rings =
            tl_regrow(ctx, out->rings, out->n_rings, more, sizeof *rings);
        if (rings == NULL)
            return TL_ENOMEM;
        out->rings = rings;
        *room = more;
    }
    double *xy = tl_alloc(ctx, 2 * n, sizeof *xy);
    if (xy == NULL)
        return TL_ENOMEM;
    out->rings[out->n_rings++] =
        (struct tl_outline_ring){.xy = xy, .n = n, .part = part, .closed = closed};
    return TL_OK;
}

static tl_err cut_off(struct reader *r)
{
    return tl_fail(r->ctx, TL_EDATA, "a geometry is cut off or is not WKB");
}

static tl_err take_u32(struct reader *r, uint32_t *v)
{
    if (r->end - r->at < 4)
        return cut_off(r);
    memcpy(v, r->at, 4);
    *v = r->swapped ? __builtin_bswap32(*v) : *v;
    r->at += 4;
    return TL_OK;
}

static double double_at(const struct reader *r, const unsigned char *at)
{
    uint64_t bits;
    double v;
    memcpy(&bits, at, 8);
    bits = r->swapped ? __builtin_bswap64(bits) : bits;
    memcpy(&v, &bits, 8);
    return v;
}

static tl_err take_ring(struct reader *r, int dimensions, bool closed)
{
    tl_err err = TL_OK;
    uint32_t n = 0;
    TL_TRY(take_u32(r, &n));
    int64_t stride = 8 * dimensions;
    if ((int64_t)n > (r->end - r->at) / stride)
        return cut_off(r);
    if (n > 0) {
        TL_TRY(add_ring(r->ctx, r->out, &r->room, n, r->part, closed));
        double *xy = r->out->rings[r->out->n_rings - 1].xy;
        for (uint32_t k = 0; k < n; k++) {
            xy[2 * k] = double_at(r, r->at + k * stride);
            xy[2 * k + 1] = double_at(r, r->at + k * stride + 8);
        }
    }
    r->at += n * stride;
done:
    return err;
}

/* ISO tells Z and M by thousands, PostGIS by the two upper bits. */
static int dimensions_of(uint32_t type)
{
    bool z = (type & 0x80000000u) != 0, m = (type & 0x40000000u) != 0;
    uint32_t thousands = (type & 0xFFFFu) / 1000;
    if (thousands > 0)
        return thousands == 3 ? 4 : 3;
    return 2 + z + m;
}

static tl_err take_geometry(struct reader *r)
{
    tl_err err = TL_OK;
    uint32_t type = 0, n = 0;
    if (r->end - r->at < 5 || *r->at > 1 || r->depth >= DEPTH_MAX)
        return cut_off(r);
    r->swapped = *r->at == 0;
    r->at++;
    TL_TRY(take_u32(r, &type));
    int dimensions = dimensions_of(type);
    if ((type & 0x20000000u) != 0)
        TL_TRY(take_u32(r, &n)); /* a system's number: the caller knows it */
    type = (type & 0xFFFFu) % 1000;
    if (type == 1) {
        if (r->end - r->at < 8 * dimensions)
            return cut_off(r);
        r->at += 8 * dimensions;
    } else if (type == 2) {
        TL_TRY(take_ring(r, dimensions, false));
        r->part++;
    } else if (type == 3) {
        TL_TRY(take_u32(r, &n));
        for (uint32_t k = 0; k < n; k++)
            TL_TRY(take_ring(r, dimensions, true));
        r->part++;
    } else if (type >= 4 && type <= 7) {
        TL_TRY(take_u32(r, &n));
        r->depth++;
        for (uint32_t k = 0; k < n; k++)
            TL_TRY(take_geometry(r));
        r->depth--;
    } else {
        return cut_off(r);
    }
done:
    return err;
}

tl_err tl_outline_from_wkb(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                           struct tl_outline *outline)
{
    struct tl_outline made = {0};
    const unsigned char *bytes = wkb;
    struct reader r = {.ctx = ctx, .at = bytes, .end = bytes + wkb_bytes, .out = &made};
    tl_err err = take_geometry(&r);
    if (err == TL_OK)
        *outline = made;
    else
        tl_outline_fini(&made);
    return err;
}

static tl_err add_json_ring(struct tl_ctx *ctx, struct tl_outline *out, int64_t *room,
                            const json_t *ring, int32_t part)
{
    int64_t n = (int64_t)json_array_size(ring);
    if (n == 0)
        return tl_fail(ctx, TL_EDATA, "a ring of the geometry has no points");
    tl_err err = add_ring(ctx, out, room, n, part, true);
    for (int64_t k = 0; err == TL_OK && k < n; k++) {
        const json_t *point = json_array_get(ring, (size_t)k);
        double *xy = out->rings[out->n_rings - 1].xy + 2 * k;
        if (json_array_size(point) < 2 || !json_is_number(json_array_get(point, 0)) ||
            !json_is_number(json_array_get(point, 1)))
            return tl_fail(ctx, TL_EDATA, "point %lld of a ring is not [longitude, latitude]",
                           (long long)k + 1);
        xy[0] = json_number_value(json_array_get(point, 0));
        xy[1] = json_number_value(json_array_get(point, 1));
    }
    return err;
}

tl_err tl_outline_from_geojson(struct tl_ctx *ctx, const json_t *geometry,
                               struct tl_outline *outline)
{
    tl_err err = TL_OK;
    struct tl_outline made = {0};
    int64_t room = 0;
    const char *type = json_string_value(json_object_get(geometry, "type"));
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    bool multi = type != NULL && strcmp(type, "MultiPolygon") == 0;
    bool single = type != NULL && strcmp(type, "Polygon") == 0;
    size_t n_parts = multi ? json_array_size(coordinates) : single ? 1 : 0;
    for (size_t p = 0; p < n_parts; p++) {
        const json_t *rings = multi ? json_array_get(coordinates, p) : coordinates;
        for (size_t k = 0; k < json_array_size(rings); k++)
            TL_TRY(add_json_ring(ctx, &made, &room, json_array_get(rings, k), (int32_t)p));
    }
    *outline = made;
    return TL_OK;
done:
    tl_outline_fini(&made);
    return err;
}

static unsigned char *put_u32(unsigned char *at, int64_t v)
{
    for (int k = 0; k < 4; k++)
        *at++ = (unsigned char)(v >> 8 * k & 255);
    return at;
}

static unsigned char *put_double(unsigned char *at, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, 8);
    for (int k = 0; k < 8; k++)
        *at++ = (unsigned char)(bits >> 8 * k & 255);
    return at;
}

tl_err tl_outline_to_wkb(struct tl_ctx *ctx, const struct tl_outline *outline, void **wkb,
                         int64_t *wkb_bytes)
{
    int64_t bytes = 9, n_parts = 0;
    for (int64_t k = 0; k < outline->n_rings; k++) {
        bool first = k == 0 || outline->rings[k].part != outline->rings[k - 1].part;
        n_parts += first;
        bytes += (first ? 9 : 0) + 4 + 16 * outline->rings[k].n;
    }
    unsigned char *out = tl_alloc(ctx, bytes, 1), *at = out;
    if (out == NULL)
        return TL_ENOMEM;
    *at++ = 1;
    at = put_u32(put_u32(at, 6), n_parts);
    for (int64_t k = 0, past = 0; k < outline->n_rings; k++) {
        const struct tl_outline_ring *ring = &outline->rings[k];
        if (k == past) {
            while (past < outline->n_rings && outline->rings[past].part == ring->part)
                past++;
            *at++ = 1;
            at = put_u32(put_u32(at, 3), past - k);
        }
        at = put_u32(at, ring->n);
        for (int64_t j = 0; j < 2 * ring->n; j++)
            at = put_double(at, ring->xy[j]);
    }
    *wkb = out;
    *wkb_bytes = bytes;
    return TL_OK;
}

void tl_outline_map(struct tl_outline *outline, struct tl_crs_map *map)
{
    for (int64_t k = 0; k < outline->n_rings; k++)
        for (int64_t j = 0; j < outline->rings[k].n; j++)
            tl_crs_map_points(map, 1, &outline->rings[k].xy[2 * j],
                              &outline->rings[k].xy[2 * j + 1], NULL);
}

void tl_outline_widen(const struct tl_outline *outline, double box[4])
{
    for (int64_t k = 0; k < outline->n_rings; k++)
        for (int64_t j = 0; j < outline->rings[k].n; j++) {
            double x = outline->rings[k].xy[2 * j], y = outline->rings[k].xy[2 * j + 1];
            if (!isfinite(x) || !isfinite(y))
                continue;
            box[0] = fmin(box[0], x);
            box[1] = fmin(box[1], y);
            box[2] = fmax(box[2], x);
            box[3] = fmax(box[3], y);
        }
}

void tl_outline_fini(struct tl_outline *outline)
{
    for (int64_t k = 0; k < outline->n_rings; k++)
        tl_free(outline->rings[k].xy);
    tl_free(outline->rings);
    *outline = (struct tl_outline){0};
}
