/*
 * Geometries by GEOS 3.11, reached through WKB. Facts that need no topology (extent, counts, finiteness, points) come
 * from our own reader, so that a table of points never starts GEOS.
 */
#include "geo/geom.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/geos.h"
#include "geo/wkb.h"

static const double REPEAT_DISTANCE = 1e-6;
enum { ARC_SEGMENTS = 16 };

static void facts_of_points(const struct tl_wkb *wkb, struct tl_geom_info *info)
{
    double box[4] = {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX};
    info->is_finite = true;
    for (int64_t i = 0; i < wkb->n_points; i++) {
        double x = wkb->xy[2 * i], y = wkb->xy[2 * i + 1];
        info->is_finite = info->is_finite && isfinite(x) && isfinite(y);
        box[0] = fmin(box[0], x);
        box[1] = fmin(box[1], y);
        box[2] = fmax(box[2], x);
        box[3] = fmax(box[3], y);
    }
    if (wkb->n_points > 0)
        memcpy(info->box, box, sizeof box);
}

/* A NaN point is how WKB says "empty point". */
static bool is_nan_point(const struct tl_wkb *wkb)
{
    return wkb->n_points == 1 && wkb->paths[0].kind == TL_GEOM_POINT && isnan(wkb->xy[0]) &&
           isnan(wkb->xy[1]);
}

static bool path_repeats(const struct tl_wkb *wkb, const struct tl_wkb_path *path)
{
    const double *xy = wkb->xy + 2 * path->first;
    for (int64_t i = 0; i + 1 < path->count; i++)
        if (hypot(xy[2 * i + 2] - xy[2 * i], xy[2 * i + 3] - xy[2 * i + 1]) < REPEAT_DISTANCE)
            return true;
    return false;
}

static void representative(struct tl_geos *geos, const GEOSGeometry *geometry,
                           struct tl_geom_info *info)
{
    GEOSGeometry *point = NULL;
    if (info->kind == TL_GEOM_LINE)
        point = GEOSInterpolateNormalized_r(geos->handle, geometry, 0.5);
    if (point == NULL)
        point = GEOSPointOnSurface_r(geos->handle, geometry);
    double x = 0.0, y = 0.0;
    if (point != NULL && GEOSGeomGetX_r(geos->handle, point, &x) == 1 &&
        GEOSGeomGetY_r(geos->handle, point, &y) == 1) {
        info->x = x;
        info->y = y;
    }
    tl_geos_drop(geos, point);
}

static void validity(struct tl_geos *geos, const GEOSGeometry *geometry, struct tl_geom_info *info)
{
    char *reason = NULL;
    GEOSGeometry *where = NULL;
    double x = 0.0, y = 0.0;
    int valid = (int)GEOSisValidDetail_r(geos->handle, geometry, 0, &reason, &where);
    info->is_valid = valid == 1;
    if (!info->is_valid && where != NULL && GEOSGeomGetX_r(geos->handle, where, &x) == 1 &&
        GEOSGeomGetY_r(geos->handle, where, &y) == 1)
        snprintf(info->why, sizeof info->why, "%s at (%.10g, %.10g)",
                 reason == NULL ? "invalid" : reason, x, y);
    else if (!info->is_valid)
        snprintf(info->why, sizeof info->why, "%s", reason == NULL ? geos->why : reason);
    if (reason != NULL)
        GEOSFree_r(geos->handle, reason);
    tl_geos_drop(geos, where);
}

static bool any_open(const struct tl_wkb *wkb)
{
    bool open = false;
    for (int64_t k = 0; k < wkb->n_paths; k++) {
        const struct tl_wkb_path *path = &wkb->paths[k];
        const double *xy = wkb->xy + 2 * path->first;
        open = open || (path->kind == TL_GEOM_POLYGON && path->count > 0 &&
                        memcmp(xy, xy + 2 * (path->count - 1), 2 * sizeof *xy) != 0);
    }
    return open;
}

static tl_err facts_of_shape(struct tl_ctx *ctx, const struct tl_wkb *wkb,
                             struct tl_geom_info *info)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *geometry = NULL;
    for (int64_t k = 0; k < wkb->n_paths; k++)
        info->repeats = info->repeats || path_repeats(wkb, &wkb->paths[k]);
    TL_TRY(tl_geos_init(ctx, &geos));
    err = tl_geos_read(ctx, &geos, wkb->flat, wkb->flat_bytes, &geometry);
    if (err == TL_EDATA) { /* a ring that is not closed, too few points: a fact, not a failure */
        snprintf(info->why, sizeof info->why, "%s",
                 any_open(wkb) ? "a ring does not end where it begins" : geos.why);
        info->x = wkb->xy[0];
        info->y = wkb->xy[1];
        err = TL_OK;
        goto done;
    }
    TL_TRY(err);
    validity(&geos, geometry, info);
    GEOSArea_r(geos.handle, geometry, &info->area);
    GEOSLength_r(geos.handle, geometry, &info->length);
    info->x = 0.5 * (info->box[0] + info->box[2]);
    info->y = 0.5 * (info->box[1] + info->box[3]);
    representative(&geos, geometry, info);
done:
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    return err;
}

tl_err tl_geom_info(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                    struct tl_geom_info *info)
{
    struct tl_wkb parsed = {0};
    tl_err err = tl_wkb_read(ctx, wkb, wkb_bytes, &parsed);
    if (err != TL_OK)
        return err;
    struct tl_geom_info made = {.kind = parsed.kind, .n_points = parsed.n_points};
    made.is_empty = parsed.n_points == 0 || is_nan_point(&parsed);
    facts_of_points(&parsed, &made);
    if (made.is_empty) {
        made.n_points = 0;
        made.is_finite = made.is_valid = true;
        memset(made.box, 0, sizeof made.box);
    } else if (!made.is_finite) {
        snprintf(made.why, sizeof made.why, "a coordinate is not a finite number");
    } else if (made.kind == TL_GEOM_POINT) {
        made.is_valid = true;
        made.x = parsed.xy[0];
        made.y = parsed.xy[1];
    } else {
        err = facts_of_shape(ctx, &parsed, &made);
    }
    tl_wkb_fini(&parsed);
    if (err == TL_OK)
        *info = made;
    return err;
}

/* Rings that are not closed or too short stop GEOS from reading at all; they are closed or dropped beforehand. */
static tl_err closed_copy(struct tl_ctx *ctx, const struct tl_wkb *in, unsigned char **out,
                          int64_t *out_bytes)
{
    /* One polygon per ring group, as a multipolygon: header 9, a polygon 9, a ring 4, one more point each. */
    unsigned char *bytes = tl_alloc(ctx, in->flat_bytes + 9 + 64 * (in->n_paths + 1), 1);
    if (bytes == NULL)
        return TL_ENOMEM;
    int64_t at = 9, n_at = 0;
    uint32_t n_polygons = 0, n_rings = 0;
    for (int64_t k = 0; k < in->n_paths; k++) {
        const struct tl_wkb_path *path = &in->paths[k];
        const double *xy = in->xy + 2 * path->first;
        if (path->kind != TL_GEOM_POLYGON || path->count < 3 || (path->is_hole && n_polygons == 0))
            continue;
        if (!path->is_hole) {
            const uint32_t type = 3;
            bytes[at] = 1;
            memcpy(bytes + at + 1, &type, 4);
            n_at = at + 5;
            at += 9;
            n_polygons++;
            n_rings = 0;
        }
        bool open = memcmp(xy, xy + 2 * (path->count - 1), 16) != 0;
        if (!open && path->count < 4) {
            /* two points and back: no area, but GEOS wants four points */
            open = true;
        }
        uint32_t count = (uint32_t)path->count + open;
        n_rings++;
        memcpy(bytes + n_at, &n_rings, 4);
        memcpy(bytes + at, &count, 4);
        memcpy(bytes + at + 4, xy, (size_t)(16 * path->count));
        at += 4 + 16 * path->count;
        if (open) {
            memcpy(bytes + at, xy, 16);
            at += 16;
        }
    }
    const uint32_t multi = 6;
    bytes[0] = 1;
    memcpy(bytes + 1, &multi, 4);
    memcpy(bytes + 5, &n_polygons, 4);
    *out = bytes;
    *out_bytes = at;
    return TL_OK;
}

tl_err tl_geom_repair(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, void **out,
                      int64_t *out_bytes)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    struct tl_wkb parsed = {0};
    unsigned char *closed = NULL;
    int64_t closed_bytes = 0;
    GEOSGeometry *geometry = NULL;
    TL_TRY(tl_wkb_read(ctx, wkb, wkb_bytes, &parsed));
    for (int64_t i = 0; i < 2 * parsed.n_points; i++)
        if (!isfinite(parsed.xy[i]))
            TL_THROW(ctx, TL_EDATA, "a coordinate is not a finite number");
    TL_TRY(tl_geos_init(ctx, &geos));
    err = tl_geos_read(ctx, &geos, parsed.flat, parsed.flat_bytes, &geometry);
    if (err == TL_EDATA && parsed.kind == TL_GEOM_POLYGON) {
        TL_TRY(closed_copy(ctx, &parsed, &closed, &closed_bytes));
        err = tl_geos_read(ctx, &geos, closed, closed_bytes, &geometry);
    }
    TL_TRY(err);
    geometry = tl_geos_repair(&geos, geometry);
    if (geometry == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be repaired: %s", geos.why);
    TL_TRY(tl_geos_write(ctx, &geos, geometry, out, out_bytes));
done:
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    tl_wkb_fini(&parsed);
    tl_free(closed);
    return err;
}

tl_err tl_geom_transform(struct tl_ctx *ctx, struct tl_crs_map *map, const void *wkb,
                         int64_t wkb_bytes, void **out, int64_t *out_bytes)
{
    tl_err err = TL_OK;
    double *x = NULL, *y = NULL;
    struct tl_wkb parsed = {0};
    int64_t n_bad = 0;
    TL_TRY(tl_wkb_read(ctx, wkb, wkb_bytes, &parsed));
    TL_TRY_ALLOC(ctx, x, parsed.n_points);
    TL_TRY_ALLOC(ctx, y, parsed.n_points);
    for (int64_t i = 0; i < parsed.n_points; i++) {
        x[i] = parsed.xy[2 * i];
        y[i] = parsed.xy[2 * i + 1];
    }
    if (!is_nan_point(&parsed))
        tl_crs_map_points(map, parsed.n_points, x, y, &n_bad);
    for (int64_t i = 0; i < parsed.n_points; i++) {
        if (n_bad > 0 && isnan(x[i]))
            TL_THROW(ctx, TL_EDATA, "the point (%.10g, %.10g) cannot be transformed",
                     parsed.xy[2 * i], parsed.xy[2 * i + 1]);
        parsed.xy[2 * i] = x[i];
        parsed.xy[2 * i + 1] = y[i];
    }
    tl_wkb_restore(&parsed);
    *out = parsed.flat;
    *out_bytes = parsed.flat_bytes;
    parsed.flat = NULL;
done:
    tl_free(x);
    tl_free(y);
    tl_wkb_fini(&parsed);
    return err;
}

void tl_geom_point(double x, double y, unsigned char *out)
{
    const uint32_t type = 1;
    out[0] = 1;
    memcpy(out + 1, &type, 4);
    memcpy(out + 5, &x, 8);
    memcpy(out + 13, &y, 8);
}

tl_err tl_geom_from_wkt(struct tl_ctx *ctx, const char *wkt, void **out, int64_t *out_bytes)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSWKTReader *reader = NULL;
    GEOSGeometry *geometry = NULL;
    TL_TRY(tl_geos_init(ctx, &geos));
    reader = GEOSWKTReader_create_r(geos.handle);
    if (reader != NULL)
        geometry = GEOSWKTReader_read_r(geos.handle, reader, wkt);
    if (geometry == NULL)
        TL_THROW(ctx, TL_EDATA, "\"%.60s\" is not a geometry in WKT: %s", wkt, geos.why);
    TL_TRY(tl_geos_write(ctx, &geos, geometry, out, out_bytes));
done:
    tl_geos_drop(&geos, geometry);
    if (reader != NULL)
        GEOSWKTReader_destroy_r(geos.handle, reader);
    tl_geos_fini(&geos);
    return err;
}

/* Reads a polygon and mends it where it has to be. */
static tl_err read_valid(struct tl_ctx *ctx, struct tl_geos *geos, const void *wkb, int64_t bytes,
                         GEOSGeometry **geometry)
{
    GEOSGeometry *made = NULL;
    tl_err err = tl_geos_read(ctx, geos, wkb, bytes, &made);
    if (err != TL_OK)
        return err;
    if (GEOSisValid_r(geos->handle, made) != 1)
        made = tl_geos_repair(geos, made);
    if (made == NULL)
        return tl_fail(ctx, TL_EDATA, "a geometry is not valid: %s", geos->why);
    *geometry = made;
    return TL_OK;
}

tl_err tl_geom_overlap(struct tl_ctx *ctx, const void *a, int64_t a_bytes, const void *b,
                       int64_t b_bytes, double *area)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *first = NULL, *second = NULL, *both = NULL;
    double common = 0.0;
    TL_TRY(tl_geos_init(ctx, &geos));
    TL_TRY(read_valid(ctx, &geos, a, a_bytes, &first));
    TL_TRY(read_valid(ctx, &geos, b, b_bytes, &second));
    both = GEOSIntersection_r(geos.handle, first, second);
    if (both == NULL || GEOSArea_r(geos.handle, both, &common) != 1)
        TL_THROW(ctx, TL_EDATA, "two geometries cannot be intersected: %s", geos.why);
    *area = common;
done:
    tl_geos_drop(&geos, both);
    tl_geos_drop(&geos, second);
    tl_geos_drop(&geos, first);
    tl_geos_fini(&geos);
    return err;
}

/*
 * Parts of a geometry that have the wanted dimension, as one geometry; takes it over. NULL on error. They are gathered, not united: parts
 * of one intersection do not overlap, and a union a part took minutes for the lines of a survey.
 */
static tl_err parts_of_dimension(struct tl_ctx *ctx, struct tl_geos *geos, int dimension,
                                 GEOSGeometry **geometry)
{
    static const int kinds[] = {GEOS_MULTIPOINT, GEOS_MULTILINESTRING, GEOS_MULTIPOLYGON};
    GEOSGeometry **parts = NULL, *mixed = *geometry;
    unsigned n_parts = 0;
    tl_err err = TL_OK;
    if (mixed == NULL || GEOSGeomTypeId_r(geos->handle, mixed) != GEOS_GEOMETRYCOLLECTION)
        return TL_OK;
    int n = GEOSGetNumGeometries_r(geos->handle, mixed);
    TL_TRY_ALLOC(ctx, parts, n);
    for (int k = 0; k < n; k++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(geos->handle, mixed, k);
        if (GEOSGeom_getDimensions_r(geos->handle, part) != dimension)
            continue;
        parts[n_parts] = GEOSGeom_clone_r(geos->handle, part);
        if (parts[n_parts] == NULL)
            TL_THROW(ctx, TL_ENOMEM, "no memory for the parts of a geometry");
        n_parts++;
    }
    GEOSGeom_destroy_r(geos->handle, mixed);
    *geometry = GEOSGeom_createCollection_r(geos->handle, kinds[dimension], parts, n_parts);
    n_parts = 0; /* it takes them over, also where it fails */
done:
    for (unsigned k = 0; k < n_parts; k++)
        GEOSGeom_destroy_r(geos->handle, parts[k]);
    tl_free(parts);
    return err;
}

/* What two geometries make together, parts of the first one's dimension only. */
static tl_err combine(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, const void *polygon,
                      int64_t polygon_bytes, bool minus, void **out, int64_t *out_bytes)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *first = NULL, *second = NULL, *both = NULL;
    void *made = NULL;
    int64_t n_made = 0;
    TL_TRY(tl_geos_init(ctx, &geos));
    TL_TRY(read_valid(ctx, &geos, polygon, polygon_bytes, &second));
    TL_TRY(tl_geos_read(ctx, &geos, wkb, wkb_bytes, &first));
    int dimension = GEOSGeom_getDimensions_r(geos.handle, first);
    both = minus ? GEOSDifference_r(geos.handle, first, second)
                 : GEOSIntersection_r(geos.handle, first, second);
    TL_TRY(parts_of_dimension(ctx, &geos, dimension, &both));
    if (both == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be clipped: %s", geos.why);
    if (GEOSisEmpty_r(geos.handle, both) != 1 &&
        GEOSGeom_getDimensions_r(geos.handle, both) == dimension)
        TL_TRY(tl_geos_write(ctx, &geos, both, &made, &n_made));
    *out = made;
    *out_bytes = n_made;
done:
    tl_geos_drop(&geos, both);
    tl_geos_drop(&geos, second);
    tl_geos_drop(&geos, first);
    tl_geos_fini(&geos);
    return err;
}

tl_err tl_geom_clip(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, const void *polygon,
                    int64_t polygon_bytes, void **out, int64_t *out_bytes)
{
    return combine(ctx, wkb, wkb_bytes, polygon, polygon_bytes, false, out, out_bytes);
}

tl_err tl_geom_minus(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, const void *other,
                     int64_t other_bytes, void **out, int64_t *out_bytes)
{
    return combine(ctx, wkb, wkb_bytes, other, other_bytes, true, out, out_bytes);
}

struct tl_geom_holder {
    struct tl_geos geos;
    GEOSGeometry *geometry;               /* owns */
    const GEOSPreparedGeometry *prepared; /* owns; borrows geometry */
};

tl_err tl_geom_holder_create(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                             struct tl_geom_holder **holder)
{
    tl_err err = TL_OK;
    struct tl_geom_holder *h = NULL;
    TL_TRY_ALLOC(ctx, h, 1);
    TL_TRY(tl_geos_init(ctx, &h->geos));
    TL_TRY(read_valid(ctx, &h->geos, wkb, wkb_bytes, &h->geometry));
    h->prepared = GEOSPrepare_r(h->geos.handle, h->geometry);
    if (h->prepared == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be asked about points: %s", h->geos.why);
    *holder = h;
    h = NULL;
done:
    tl_geom_holder_free(h);
    return err;
}

tl_err tl_geom_holder_holds(struct tl_ctx *ctx, struct tl_geom_holder *h, double x, double y,
                            bool *holds)
{
    if (!isfinite(x) || !isfinite(y))
        return tl_fail(ctx, TL_EDATA, "the point (%g, %g) is not finite", x, y);
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(h->geos.handle, x, y);
    int answer =
        point == NULL ? 2 : (int)GEOSPreparedIntersects_r(h->geos.handle, h->prepared, point);
    tl_geos_drop(&h->geos, point);
    if (answer == 2)
        return tl_fail(ctx, TL_EDATA, "a point cannot be looked for in a geometry: %s",
                       h->geos.why);
    *holds = answer == 1;
    return TL_OK;
}

void tl_geom_holder_free(struct tl_geom_holder *h)
{
    if (h == NULL)
        return;
    if (h->prepared != NULL)
        GEOSPreparedGeom_destroy_r(h->geos.handle, h->prepared);
    tl_geos_drop(&h->geos, h->geometry);
    tl_geos_fini(&h->geos);
    tl_free(h);
}

tl_err tl_geom_holds(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double x, double y,
                     bool *holds)
{
    tl_err err = TL_OK;
    struct tl_geom_holder *holder = NULL;
    if (!isfinite(x) || !isfinite(y))
        return tl_fail(ctx, TL_EDATA, "the point (%g, %g) is not finite", x, y);
    TL_TRY(tl_geom_holder_create(ctx, wkb, wkb_bytes, &holder));
    TL_TRY(tl_geom_holder_holds(ctx, holder, x, y, holds));
done:
    tl_geom_holder_free(holder);
    return err;
}

tl_err tl_geom_buffer(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double distance,
                      void **out, int64_t *out_bytes)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *geometry = NULL, *grown = NULL;
    if (!isfinite(distance))
        return tl_fail(ctx, TL_EDATA, "a distance of %g is not possible", distance);
    TL_TRY(tl_geos_init(ctx, &geos));
    TL_TRY(tl_geos_read(ctx, &geos, wkb, wkb_bytes, &geometry));
    grown = GEOSBuffer_r(geos.handle, geometry, distance, ARC_SEGMENTS);
    if (grown == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be widened by %g: %s", distance, geos.why);
    TL_TRY(tl_geos_write(ctx, &geos, grown, out, out_bytes));
done:
    tl_geos_drop(&geos, grown);
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    return err;
}

tl_err tl_geom_snap(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double step, void **out,
                    int64_t *out_bytes)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *geometry = NULL, *snapped = NULL;
    void *made = NULL;
    int64_t n_made = 0;
    TL_TRY(tl_geos_init(ctx, &geos));
    TL_TRY(tl_geos_read(ctx, &geos, wkb, wkb_bytes, &geometry));
    snapped = GEOSGeom_setPrecision_r(geos.handle, geometry, step, 0);
    if (snapped == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be rounded to %g: %s", step, geos.why);
    if (GEOSisEmpty_r(geos.handle, snapped) != 1)
        TL_TRY(tl_geos_write(ctx, &geos, snapped, &made, &n_made));
    *out = made;
    *out_bytes = n_made;
done:
    tl_geos_drop(&geos, snapped);
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    return err;
}
