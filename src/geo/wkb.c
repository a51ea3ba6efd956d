#include "geo/wkb.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "WKB is written from memory as it is: a little-endian machine is assumed"
#endif

enum {
    DEPTH_MAX = 16,
    WKB_POINT = 1,
    WKB_LINE,
    WKB_POLYGON,
    WKB_MULTIPOINT,
    WKB_MULTILINE,
    WKB_MULTIPOLYGON,
    WKB_COLLECTION
};

struct reader {
    struct tl_ctx *ctx;  /* borrows */
    const uint8_t *next; /* borrows */
    int64_t left;
    bool swapped;  /* byte order of the part being read */
    int n_doubles; /* of one point of the part being read */
    struct tl_wkb *wkb;
    int64_t room_paths;
    int kinds; /* set of kinds met */
};

static tl_err cut_short(struct reader *r)
{
    return tl_fail(r->ctx, TL_EDATA, "a geometry's bytes (WKB) end too early");
}

static tl_err read_u32(struct reader *r, uint32_t *value)
{
    if (r->left < 4)
        return cut_short(r);
    uint32_t v;
    memcpy(&v, r->next, 4);
    r->next += 4;
    r->left -= 4;
    *value = r->swapped ? __builtin_bswap32(v) : v;
    return TL_OK;
}

static void write_u32(struct reader *r, uint32_t value)
{
    memcpy(r->wkb->flat + r->wkb->flat_bytes, &value, 4);
    r->wkb->flat_bytes += 4;
}

static double double_at(const uint8_t *bytes, bool swapped)
{
    uint64_t bits;
    double value;
    memcpy(&bits, bytes, 8);
    bits = swapped ? __builtin_bswap64(bits) : bits;
    memcpy(&value, &bits, 8);
    return value;
}

static tl_err read_path(struct reader *r, int64_t count, enum tl_geom_kind kind, bool is_hole)
{
    struct tl_wkb *wkb = r->wkb;
    int64_t point_bytes = 8 * (int64_t)r->n_doubles;
    if (count > r->left / point_bytes)
        return cut_short(r);
    if (wkb->n_paths == r->room_paths) {
        int64_t room = r->room_paths < 4 ? 8 : 2 * r->room_paths;
        struct tl_wkb_path *paths =
            tl_regrow(r->ctx, wkb->paths, wkb->n_paths, room, sizeof *paths);
        if (paths == NULL)
            return TL_ENOMEM;
        wkb->paths = paths;
        r->room_paths = room;
    }
    wkb->paths[wkb->n_paths++] =
        (struct tl_wkb_path){wkb->n_points, count, wkb->flat_bytes, kind, is_hole};
    double *to = wkb->xy + 2 * wkb->n_points;
    for (int64_t i = 0; i < count; i++) {
        to[2 * i] = double_at(r->next + i * point_bytes, r->swapped);
        to[2 * i + 1] = double_at(r->next + i * point_bytes + 8, r->swapped);
    }
    memcpy(wkb->flat + wkb->flat_bytes, to, (size_t)(16 * count));
    wkb->flat_bytes += 16 * count;
    wkb->n_points += count;
    r->next += count * point_bytes;
    r->left -= count * point_bytes;
    return TL_OK;
}

static tl_err read_header(struct reader *r, uint32_t *type)
{
    if (r->left < 5)
        return cut_short(r);
    if (r->next[0] > 1)
        return tl_fail(r->ctx, TL_EDATA,
                       "a geometry's bytes (WKB) begin with %d; 0 or 1 is expected", r->next[0]);
    r->swapped = r->next[0] == 0;
    r->next++;
    r->left--;
    uint32_t code, srid;
    tl_err err = read_u32(r, &code);
    if (err == TL_OK && (code & 0x20000000u) != 0)
        err = read_u32(r, &srid);
    if (err != TL_OK)
        return err;
    uint32_t plain = (code & 0x0fffffffu) % 1000, dimensions = (code & 0x0fffffffu) / 1000;
    if (dimensions > 3 || plain < WKB_POINT || plain > WKB_COLLECTION)
        return tl_fail(r->ctx, TL_EDATA, "a geometry of WKB type %u is not known", code);
    bool z = (code & 0x80000000u) != 0 || dimensions == 1 || dimensions == 3;
    bool m = (code & 0x40000000u) != 0 || dimensions == 2 || dimensions == 3;
    r->n_doubles = 2 + z + m;
    *type = plain;
    r->wkb->flat[r->wkb->flat_bytes++] = 1;
    write_u32(r, plain);
    return TL_OK;
}

static tl_err read_rings(struct reader *r, uint32_t n_rings)
{
    tl_err err = TL_OK;
    for (uint32_t k = 0; k < n_rings && err == TL_OK; k++) {
        uint32_t count = 0;
        err = read_u32(r, &count);
        if (err != TL_OK)
            break;
        write_u32(r, count);
        err = read_path(r, count, TL_GEOM_POLYGON, k > 0);
    }
    return err;
}

static tl_err read_geometry(struct reader *r, int depth)
{
    uint32_t type = 0, count = 0;
    if (depth > DEPTH_MAX)
        return tl_fail(r->ctx, TL_EDATA, "a geometry is nested deeper than %d", DEPTH_MAX);
    tl_err err = read_header(r, &type);
    if (err != TL_OK)
        return err;
    if (type == WKB_POINT) {
        r->kinds |= 1 << TL_GEOM_POINT;
        return read_path(r, 1, TL_GEOM_POINT, false);
    }
    err = read_u32(r, &count);
    if (err != TL_OK)
        return err;
    write_u32(r, count);
    static const enum tl_geom_kind kind_of[] = {[WKB_LINE] = TL_GEOM_LINE,
                                                [WKB_POLYGON] = TL_GEOM_POLYGON,
                                                [WKB_MULTIPOINT] = TL_GEOM_POINT,
                                                [WKB_MULTILINE] = TL_GEOM_LINE,
                                                [WKB_MULTIPOLYGON] = TL_GEOM_POLYGON,
                                                [WKB_COLLECTION] = TL_GEOM_NONE};
    r->kinds |= kind_of[type] == TL_GEOM_NONE ? 0 : 1 << kind_of[type];
    if (type == WKB_LINE)
        return read_path(r, count, TL_GEOM_LINE, false);
    if (type == WKB_POLYGON)
        return read_rings(r, count);
    for (uint32_t k = 0; k < count && err == TL_OK; k++)
        err = read_geometry(r, depth + 1);
    return err;
}

static enum tl_geom_kind kind_from(int kinds)
{
    if (kinds == 1 << TL_GEOM_POINT)
        return TL_GEOM_POINT;
    if (kinds == 1 << TL_GEOM_LINE)
        return TL_GEOM_LINE;
    return kinds == 1 << TL_GEOM_POLYGON ? TL_GEOM_POLYGON : TL_GEOM_OTHER;
}

tl_err tl_wkb_read(struct tl_ctx *ctx, const void *bytes, int64_t n_bytes, struct tl_wkb *wkb)
{
    tl_err err = TL_OK;
    struct tl_wkb made = {0};
    struct reader r = {.ctx = ctx, .next = bytes, .left = n_bytes, .wkb = &made};
    if (bytes == NULL || n_bytes < 5)
        return cut_short(&r);
    TL_TRY_ALLOC(ctx, made.flat, n_bytes);
    TL_TRY_ALLOC(ctx, made.xy, n_bytes / 8 + 2);
    TL_TRY(read_geometry(&r, 0));
    made.kind = kind_from(r.kinds);
    *wkb = made;
    return TL_OK;
done:
    tl_wkb_fini(&made);
    return err;
}

void tl_wkb_fini(struct tl_wkb *wkb)
{
    tl_free(wkb->flat);
    tl_free(wkb->xy);
    tl_free(wkb->paths);
    *wkb = (struct tl_wkb){0};
}

void tl_wkb_restore(struct tl_wkb *wkb)
{
    for (int64_t k = 0; k < wkb->n_paths; k++) {
        const struct tl_wkb_path *path = &wkb->paths[k];
        memcpy(wkb->flat + path->offset_bytes, wkb->xy + 2 * path->first,
               (size_t)(16 * path->count));
    }
}
