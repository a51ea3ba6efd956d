/*
 * Exact cover by Green's theorem, as font rasterisers do it, in doubles: an edge that falls by dv within a cell covers,
 * of that cell, dv times its mean distance from the cell's east side, and dv of every cell further east. Summed with
 * signs over all rings this is the area, to rounding; holes and parts need no special care as long as the polygon is
 * valid and its rings are oriented (shells one way, holes the other).
 *
 * Points are turned into grid units once, so that two edges that meet in a point meet in the same numbers; a point on a
 * cell's edge (x0 + k step as the machine computes it) becomes exactly k.
 */
#include "geo/cover_edges.h"

#include <math.h>
#include <stdlib.h>

#include "geo/geom.h"
#include "geo/geos.h"
#include "geo/wkb.h"

static double to_units(double at, double origin, double sign, double step)
{
    double units = sign * (at - origin) / step, whole = rint(units);
    return at == origin + sign * whole * step ? whole : units;
}

/* Twice the signed area; relative to the first point, for the coordinates are large and the ring is small. */
static double turn(const double *xy, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 1; i + 1 < n; i++)
        sum += (xy[2 * i] - xy[0]) * (xy[2 * i + 3] - xy[1]) -
               (xy[2 * i + 2] - xy[0]) * (xy[2 * i + 1] - xy[1]);
    return sum;
}

static void add_ring(const struct tl_grid *grid, const struct tl_wkb *wkb,
                     const struct tl_wkb_path *path, struct tl_cover_shape *shape)
{
    const double *xy = wkb->xy + 2 * path->first;
    bool backwards = (turn(xy, path->count) < 0.0) != path->is_hole;
    int64_t at = shape->first[shape->n_rings];
    for (int64_t i = 0; i < path->count; i++) {
        int64_t from = backwards ? path->count - 1 - i : i;
        double u = to_units(xy[2 * from], grid->x0_m, 1.0, grid->step_m);
        double v = to_units(xy[2 * from + 1], grid->y0_m, -1.0, grid->step_m);
        shape->uv[2 * (at + i)] = u;
        shape->uv[2 * (at + i) + 1] = v;
        shape->v_min = fmin(shape->v_min, v);
        shape->v_max = fmax(shape->v_max, v);
    }
    shape->first[++shape->n_rings] = at + path->count;
}

/* The polygon as rings; mended first where it is not valid. */
static tl_err read_polygon(struct tl_ctx *ctx, const void *bytes, int64_t n_bytes,
                           struct tl_wkb *wkb)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *geometry = NULL;
    void *mended = NULL;
    int64_t mended_bytes = 0;
    TL_TRY(tl_wkb_read(ctx, bytes, n_bytes, wkb));
    if (wkb->kind != TL_GEOM_POLYGON)
        TL_THROW(ctx, TL_EDATA, "a polygon is needed, the geometry is something else");
    for (int64_t i = 0; i < 2 * wkb->n_points; i++)
        if (!isfinite(wkb->xy[i]))
            TL_THROW(ctx, TL_EDATA, "a coordinate of a polygon is not a finite number");
    TL_TRY(tl_geos_init(ctx, &geos));
    err = tl_geos_read(ctx, &geos, wkb->flat, wkb->flat_bytes, &geometry);
    if (err == TL_OK && GEOSisValid_r(geos.handle, geometry) == 1)
        goto done;
    if (err == TL_ENOMEM)
        goto done;
    TL_TRY(tl_geom_repair(ctx, bytes, n_bytes, &mended, &mended_bytes));
    tl_wkb_fini(wkb);
    TL_TRY(tl_wkb_read(ctx, mended, mended_bytes, wkb));
done:
    tl_free(mended);
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    return err;
}

tl_err tl_cover_shape_init(struct tl_ctx *ctx, const struct tl_grid *grid, const void *wkb,
                           int64_t wkb_bytes, struct tl_cover_shape *shape)
{
    tl_err err = TL_OK;
    struct tl_wkb parsed = {0};
    struct tl_cover_shape made = {.v_min = INFINITY, .v_max = -INFINITY};
    TL_TRY(read_polygon(ctx, wkb, wkb_bytes, &parsed));
    TL_TRY_ALLOC(ctx, made.first, parsed.n_paths + 1);
    TL_TRY_ALLOC(ctx, made.uv, 2 * parsed.n_points);
    for (int64_t k = 0; k < parsed.n_paths; k++)
        if (parsed.paths[k].kind == TL_GEOM_POLYGON && parsed.paths[k].count > 3)
            add_ring(grid, &parsed, &parsed.paths[k], &made);
    *shape = made;
    made = (struct tl_cover_shape){0};
done:
    tl_cover_shape_fini(&made);
    tl_wkb_fini(&parsed);
    return err;
}

void tl_cover_shape_fini(struct tl_cover_shape *shape)
{
    tl_free(shape->first);
    tl_free(shape->uv);
    *shape = (struct tl_cover_shape){0};
}

/* Where the walk is: one edge, from its upper end (u0, v0) to its lower one. */
struct walk {
    struct tl_ctx *ctx; /* borrows */
    int64_t n_x, row_first;
    struct tl_cover_pieces *out; /* borrows */
    int32_t sign;
};

static tl_err emit(struct walk *w, int64_t row, int64_t column, const double end[4])
{
    struct tl_cover_pieces *out = w->out;
    if (!(end[3] > end[1]) || column >= w->n_x)
        return TL_OK;
    if (out->n == out->room) {
        int64_t room = out->room < 16 ? 64 : 2 * out->room;
        struct tl_cover_piece *items = tl_regrow(w->ctx, out->items, out->n, room, sizeof *items);
        if (items == NULL)
            return TL_ENOMEM;
        out->items = items;
        out->room = room;
    }
    bool west = column < 0;
    double left = (double)column, top = (double)row;
    out->items[out->n] = (struct tl_cover_piece){
        .cell = (row - w->row_first) * w->n_x + (west ? 0 : column),
        .u0 = west ? 0.0 : end[0] - left,
        .v0 = end[1] - top,
        .u1 = west ? 0.0 : end[2] - left,
        .v1 = end[3] - top,
        .sign = w->sign,
        .serial = (int32_t)(out->n & INT32_MAX),
    };
    out->n++;
    return TL_OK;
}

static double clamp(double value, double a, double b)
{
    return a <= b ? fmin(fmax(value, a), b) : fmin(fmax(value, b), a);
}

/* The part of an edge within one row, cut at the columns it crosses. */
static tl_err walk_row(struct walk *w, int64_t row, double u0, double v0, double u1, double v1)
{
    tl_err err = TL_OK;
    double n_x = (double)w->n_x, u = u0, v = v0;
    while (err == TL_OK) {
        int64_t column;
        double border;
        if (u1 >= u) { /* to the east, or straight down */
            if (u >= n_x)
                return TL_OK;
            column = u < 0.0 ? -1 : (int64_t)floor(u);
            border = (double)(column + 1);
        } else {
            column = u <= 0.0 ? -1 : u > n_x ? w->n_x : (int64_t)ceil(u) - 1;
            border = column < 0 ? -INFINITY : (double)column;
        }
        bool last = u1 >= u ? u1 <= border : u1 >= border;
        double next_v = last ? v1 : clamp(v0 + (border - u0) * (v1 - v0) / (u1 - u0), v, v1);
        double next_u = last ? u1 : border;
        err = emit(w, row, column, (double[4]){u, v, next_u, next_v});
        if (last)
            break;
        u = next_u;
        v = next_v;
    }
    return err;
}

static tl_err walk_edge(struct walk *w, const double *from, const double *to, double v_first,
                        double v_end)
{
    const double *upper = from, *lower = to;
    w->sign = 1;
    if (from[1] > to[1]) {
        upper = to;
        lower = from;
        w->sign = -1;
    }
    if (!(lower[1] > upper[1]) || lower[1] <= v_first || upper[1] >= v_end)
        return TL_OK;
    double slope = (lower[0] - upper[0]) / (lower[1] - upper[1]);
    double v = fmax(upper[1], v_first);
    double u =
        v == upper[1] ? upper[0] : clamp(upper[0] + (v - upper[1]) * slope, upper[0], lower[0]);
    double end = fmin(lower[1], v_end);
    tl_err err = TL_OK;
    while (v < end && err == TL_OK) {
        double row = floor(v), next_v = fmin(row + 1.0, end);
        double next_u = next_v == lower[1]
                            ? lower[0]
                            : clamp(upper[0] + (next_v - upper[1]) * slope, upper[0], lower[0]);
        err = walk_row(w, (int64_t)row, u, v, next_u, next_v);
        u = next_u;
        v = next_v;
    }
    return err;
}

static int by_cell(const void *a, const void *b)
{
    const struct tl_cover_piece *p = a, *q = b;
    if (p->cell != q->cell)
        return p->cell < q->cell ? -1 : 1;
    return (p->serial > q->serial) - (p->serial < q->serial);
}

tl_err tl_cover_walk(struct tl_ctx *ctx, const struct tl_cover_shape *shape, int64_t n_x,
                     int64_t row_first, int64_t row_end, struct tl_cover_pieces *pieces)
{
    struct walk w = {.ctx = ctx, .n_x = n_x, .row_first = row_first, .out = pieces};
    tl_err err = TL_OK;
    pieces->n = 0;
    for (int64_t k = 0; k < shape->n_rings; k++)
        for (int64_t i = shape->first[k]; i + 1 < shape->first[k + 1] && err == TL_OK; i++)
            err = walk_edge(&w, shape->uv + 2 * i, shape->uv + 2 * i + 2, (double)row_first,
                            (double)row_end);
    if (err == TL_OK && pieces->n > 1)
        qsort(pieces->items, (size_t)pieces->n, sizeof *pieces->items, by_cell);
    return err;
}
