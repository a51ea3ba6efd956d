#include "tilth/geometry.h"

#include <geodesic.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/json.h"
#include "geo/wkb.h"

enum { WKB_POINT = 1, WKB_LINE, WKB_POLYGON, WKB_MULTI_POINT, WKB_MULTI_LINE, WKB_MULTI_POLYGON };

/* ---- WKB to GeoJSON ---- */

static tl_err add_position(struct tl_ctx *ctx, struct tl_buf *out, const double xy[2])
{
    return tl_buf_printf(ctx, out, "[%.10g,%.10g]", round(xy[0] * 1e7) / 1e7,
                         round(xy[1] * 1e7) / 1e7);
}

static tl_err add_path(struct tl_ctx *ctx, struct tl_buf *out, const struct tl_wkb *wkb, int64_t i)
{
    const struct tl_wkb_path *path = &wkb->paths[i];
    tl_err err = TL_OK;
    if (path->kind == TL_GEOM_POINT)
        return add_position(ctx, out, wkb->xy + 2 * path->first);
    TL_TRY(tl_buf_add(ctx, out, "["));
    for (int64_t k = 0; k < path->count; k++) {
        TL_TRY(tl_buf_add(ctx, out, k > 0 ? "," : ""));
        TL_TRY(add_position(ctx, out, wkb->xy + 2 * (path->first + k)));
    }
    TL_TRY(tl_buf_add(ctx, out, "]"));
done:
    return err;
}

/* Paths first..last of one kind; a polygon is a ring and the holes that follow it. */
static tl_err add_parts(struct tl_ctx *ctx, struct tl_buf *out, const struct tl_wkb *wkb,
                        int64_t first, int64_t last)
{
    static const char *const names[] = {"", "Point", "LineString", "Polygon"};
    enum tl_geom_kind kind = wkb->paths[first].kind;
    int64_t n_parts = 0;
    tl_err err = TL_OK;
    for (int64_t i = first; i < last; i++)
        n_parts += !wkb->paths[i].is_hole;
    bool multi = n_parts > 1, polygon = kind == TL_GEOM_POLYGON;
    TL_TRY(tl_buf_printf(ctx, out, "{\"type\":\"%s%s\",\"coordinates\":%s", multi ? "Multi" : "",
                         names[kind], multi ? "[" : ""));
    for (int64_t i = first; i < last; i++) {
        bool begins = i == first || !wkb->paths[i].is_hole;
        if (polygon && begins && i > first)
            TL_TRY(tl_buf_add(ctx, out, "]"));
        TL_TRY(tl_buf_add(ctx, out, i > first ? "," : ""));
        TL_TRY(tl_buf_add(ctx, out, polygon && begins ? "[" : ""));
        TL_TRY(add_path(ctx, out, wkb, i));
    }
    TL_TRY(tl_buf_printf(ctx, out, "%s%s}", polygon ? "]" : "", multi ? "]" : ""));
done:
    return err;
}

static tl_err write_all(struct tl_ctx *ctx, struct tl_buf *out, const struct tl_wkb *wkb)
{
    int64_t first = 0, n = 0;
    tl_err err = TL_OK;
    for (int64_t i = 1; i <= wkb->n_paths; i++)
        n += i == wkb->n_paths || wkb->paths[i].kind != wkb->paths[i - 1].kind;
    if (n != 1)
        TL_TRY(tl_buf_add(ctx, out, "{\"type\":\"GeometryCollection\",\"geometries\":["));
    for (int64_t i = 1; i <= wkb->n_paths; i++) {
        if (i < wkb->n_paths && wkb->paths[i].kind == wkb->paths[first].kind)
            continue;
        TL_TRY(tl_buf_add(ctx, out, first > 0 ? "," : ""));
        TL_TRY(add_parts(ctx, out, wkb, first, i));
        first = i;
    }
    if (n != 1)
        TL_TRY(tl_buf_add(ctx, out, "]}"));
done:
    return err;
}

tl_err tl_geometry_json(struct tl_ctx *ctx, const void *bytes, int64_t n_bytes, char **json)
{
    struct tl_wkb wkb = {0};
    struct tl_buf out = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_wkb_read(ctx, bytes, n_bytes, &wkb));
    TL_TRY(write_all(ctx, &out, &wkb));
    *json = out.text;
    out.text = NULL;
done:
    tl_wkb_fini(&wkb);
    tl_buf_fini(&out);
    return err;
}

/* ---- GeoJSON to WKB ---- */

struct writer {
    struct tl_ctx *ctx;
    struct tl_buf out;
    int64_t n_positions;
};

static tl_err put(struct writer *w, const void *bytes, int64_t n)
{
    return tl_buf_add_bytes(w->ctx, &w->out, bytes, n);
}

static tl_err put_u32(struct writer *w, uint32_t value)
{
    const unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8),
                                    (unsigned char)(value >> 16), (unsigned char)(value >> 24)};
    return put(w, bytes, 4);
}

static tl_err put_double(struct writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tl_err err = put_u32(w, (uint32_t)bits);
    return err == TL_OK ? put_u32(w, (uint32_t)(bits >> 32)) : err;
}

static tl_err put_head(struct writer *w, uint32_t type)
{
    const unsigned char little_endian = 1;
    tl_err err = put(w, &little_endian, 1);
    return err == TL_OK ? put_u32(w, type) : err;
}

static tl_err put_position(struct writer *w, const json_t *position)
{
    const json_t *x = json_array_get(position, 0), *y = json_array_get(position, 1);
    if (!json_is_number(x) || !json_is_number(y))
        return tl_fail(w->ctx, TL_EDATA, "a position is no pair of numbers");
    double lon = json_number_value(x), lat = json_number_value(y);
    if (!(fabs(lon) <= 180) || !(fabs(lat) <= 90))
        return tl_fail(w->ctx, TL_EDATA,
                       "the position %.10g, %.10g is not in the world; expected longitude, "
                       "latitude in degrees",
                       lon, lat);
    if (++w->n_positions > TL_GEOMETRY_POSITIONS_MAX)
        return tl_fail(w->ctx, TL_EDATA, "more than %d positions", TL_GEOMETRY_POSITIONS_MAX);
    tl_err err = put_double(w, lon);
    return err == TL_OK ? put_double(w, lat) : err;
}

static bool same_position(const json_t *a, const json_t *b)
{
    return json_number_value(json_array_get(a, 0)) == json_number_value(json_array_get(b, 0)) &&
           json_number_value(json_array_get(a, 1)) == json_number_value(json_array_get(b, 1));
}

static tl_err put_path(struct writer *w, const json_t *path, bool is_ring)
{
    size_t n = json_array_size(path);
    tl_err err = TL_OK;
    if (!json_is_array(path) || n < (is_ring ? 4 : 2))
        return tl_fail(w->ctx, TL_EDATA, "%s has %zu positions, expected at least %d",
                       is_ring ? "a ring" : "a line", n, is_ring ? 4 : 2);
    if (is_ring && !same_position(json_array_get(path, 0), json_array_get(path, n - 1)))
        return tl_fail(w->ctx, TL_EDATA, "a ring does not end where it begins");
    TL_TRY(put_u32(w, (uint32_t)n));
    for (size_t i = 0; i < n; i++)
        TL_TRY(put_position(w, json_array_get(path, i)));
done:
    return err;
}

static tl_err put_single(struct writer *w, uint32_t type, const json_t *coordinates)
{
    size_t n = json_array_size(coordinates);
    tl_err err = TL_OK;
    TL_TRY(put_head(w, type));
    if (type == WKB_POINT)
        return put_position(w, coordinates);
    if (type == WKB_LINE)
        return put_path(w, coordinates, false);
    if (n == 0)
        TL_THROW(w->ctx, TL_EDATA, "a polygon has no rings");
    TL_TRY(put_u32(w, (uint32_t)n));
    for (size_t i = 0; i < n; i++)
        TL_TRY(put_path(w, json_array_get(coordinates, i), true));
done:
    return err;
}

static tl_err put_geometry(struct writer *w, const json_t *geometry)
{
    static const char *const names[] = {"Point",      "LineString",      "Polygon",
                                        "MultiPoint", "MultiLineString", "MultiPolygon"};
    const char *name = json_string_value(json_object_get(geometry, "type"));
    const json_t *coordinates = json_object_get(geometry, "coordinates");
    uint32_t type = 0;
    tl_err err = TL_OK;
    for (uint32_t i = 0; name != NULL && i < 6; i++)
        if (strcmp(name, names[i]) == 0)
            type = i + 1;
    if (type == 0 || !json_is_array(coordinates))
        return tl_fail(w->ctx, TL_EDATA,
                       "no GeoJSON geometry: expected Point, LineString, Polygon or their Multi "
                       "kinds, with coordinates");
    if (type <= WKB_POLYGON)
        return put_single(w, type, coordinates);
    size_t n = json_array_size(coordinates);
    if (n == 0)
        TL_THROW(w->ctx, TL_EDATA, "a %s without parts", name);
    TL_TRY(put_head(w, type));
    TL_TRY(put_u32(w, (uint32_t)n));
    for (size_t i = 0; i < n; i++)
        TL_TRY(put_single(w, type - 3, json_array_get(coordinates, i)));
done:
    return err;
}

tl_err tl_geometry_from_json(struct tl_ctx *ctx, const char *text, int64_t n_bytes, void **wkb,
                             int64_t *wkb_bytes)
{
    struct writer w = {.ctx = ctx};
    json_error_t error;
    tl_err err = TL_OK;
    json_t *json = json_loadb(text, (size_t)n_bytes, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        return tl_fail(ctx, TL_EDATA, "no JSON: line %d, column %d: %s", error.line, error.column,
                       error.text);
    const char *type = json_string_value(json_object_get(json, "type"));
    bool is_feature = type != NULL && strcmp(type, "Feature") == 0;
    TL_TRY(put_geometry(&w, is_feature ? json_object_get(json, "geometry") : json));
    *wkb_bytes = w.out.size_bytes;
    *wkb = w.out.text;
    w.out.text = NULL;
done:
    json_decref(json);
    tl_buf_fini(&w.out);
    return err;
}

/* ---- facts ---- */

tl_err tl_geometry_point(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double *lon_deg,
                         double *lat_deg)
{
    struct tl_geom_info info;
    tl_err err = tl_geom_info(ctx, wkb, wkb_bytes, &info);
    if (err != TL_OK)
        return err;
    if (info.is_empty || !info.is_finite)
        return tl_fail(ctx, TL_EDATA, "a geometry without positions");
    *lon_deg = info.x;
    *lat_deg = info.y;
    return TL_OK;
}

tl_err tl_geometry_area(struct tl_ctx *ctx, const void *bytes, int64_t n_bytes, double *area_m2)
{
    struct geod_geodesic earth;
    struct tl_wkb wkb = {0};
    double sum = 0;
    tl_err err = tl_wkb_read(ctx, bytes, n_bytes, &wkb);
    if (err != TL_OK)
        return err;
    geod_init(&earth, 6378137, 1 / 298.257223563);
    for (int64_t i = 0; i < wkb.n_paths; i++) {
        const struct tl_wkb_path *path = &wkb.paths[i];
        struct geod_polygon ring;
        double area = 0;
        geod_polygon_init(&ring, 0);
        for (int64_t k = 0; k + 1 < path->count && path->kind == TL_GEOM_POLYGON; k++)
            geod_polygon_addpoint(&earth, &ring, wkb.xy[2 * (path->first + k) + 1],
                                  wkb.xy[2 * (path->first + k)]);
        geod_polygon_compute(&earth, &ring, 0, 1, &area, NULL);
        sum += path->is_hole ? -fabs(area) : fabs(area);
    }
    tl_wkb_fini(&wkb);
    *area_m2 = sum;
    return TL_OK;
}
