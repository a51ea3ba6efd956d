/*
 * Fuzzer of the tile path. The first byte says what the rest is: a geometry (WKB, as somebody's program may have put it into a project) that goes
 * through clipping, rounding and the encoder of a tile; a ring of small numbers in tile units, where much more can be checked; or a tile's numbers, a style
 * and a raster's place. What must hold for any bytes: no crash; a tile decodes to what was put in, within its bounds; a ring that does not cross itself is covered by
 * what is drawn of it, which reaches no farther than promised; a value has one class and a larger one none below it; a pixel is in at most one patch.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECODE_SCALE 50
#include "geo/wkb.h"
#include "tile/decode.h"
#include "tile/mvt.h"
#include "tile/scale.h"
#include "tile/shape.h"
#include "tile/warp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RING_MAX = 48, BEYOND = TL_TILE_BUFFER + 4, N_VALUES = 64 };

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_bounds(const struct tl_shape *shape)
{
    for (int64_t i = 0; i < shape->n_xy; i++)
        for (int k = 0; k < 2; k++)
            must(shape->xy[i][k] >= -BEYOND && shape->xy[i][k] <= TL_TILE_EXTENT + BEYOND);
}

/* Through the encoder and back. */
static void check_encoded(struct tl_ctx *ctx, const struct tl_shape *shape, enum tl_mvt_type type)
{
    struct tl_mvt mvt = {0};
    struct tl_buf out = {0};
    int64_t n_kept = 0;
    must(tl_mvt_key(ctx, &mvt, "code") == TL_OK);
    tl_mvt_begin(&mvt);
    for (int64_t p = 0; p < shape->n_paths; p++) {
        const struct tl_shape_path *path = &shape->paths[p];
        n_kept += path->n >= (int64_t)type ? path->n : 0;
        must(tl_mvt_path(ctx, &mvt, type, path->n, (const int32_t(*)[2])shape->xy + path->first) ==
             TL_OK);
    }
    must(tl_mvt_end(ctx, &mvt, type, 7) == TL_OK);
    must(tl_mvt_finish(ctx, &mvt, "layer", TL_TILE_EXTENT, &out) == TL_OK);
    struct decode *d = decode_tile((const uint8_t *)out.text, out.size_bytes);
    must(d != NULL && d->n_features == (n_kept > 0) && d->n_xy == n_kept);
    int64_t at = 0;
    for (int64_t p = 0; p < shape->n_paths; p++)
        for (int64_t i = 0; shape->paths[p].n >= (int64_t)type && i < shape->paths[p].n; i++, at++)
            must(memcmp(d->xy[at], shape->xy[shape->paths[p].first + i], sizeof d->xy[at]) == 0);
    decode_free(d);
    tl_mvt_fini(&mvt);
    tl_buf_fini(&out);
}

/* Parts of one kind of a geometry into a shape, as vector tiles do it; false where it lies nowhere on earth. */
static bool take_parts(struct tl_ctx *ctx, const struct tl_wkb *wkb, enum tl_geom_kind kind,
                       double (*xy)[2], enum tl_shape_bias bias, struct tl_shape *shape)
{
    struct tl_shape_path rings[64];
    for (int64_t k = 0; k < wkb->n_paths;) {
        int64_t last = k + 1, n = 0;
        if (wkb->paths[k].kind != kind || wkb->paths[k].count == 0) {
            k++;
            continue;
        }
        while (kind == TL_GEOM_POLYGON && last < wkb->n_paths && last - k < 64 &&
               wkb->paths[last].is_hole && wkb->paths[last].count > 0)
            last++;
        const double(*first)[2] = (const double(*)[2])xy + wkb->paths[k].first;
        for (int64_t i = k; i < last; i++, n++)
            rings[n] = (struct tl_shape_path){wkb->paths[i].first - wkb->paths[k].first,
                                              wkb->paths[i].count};
        if (kind == TL_GEOM_POLYGON)
            must(tl_shape_polygon(ctx, shape, bias, first, rings, n) == TL_OK);
        else if (kind == TL_GEOM_LINE)
            must(tl_shape_polyline(ctx, shape, first, wkb->paths[k].count) == TL_OK);
        else
            must(tl_shape_point(ctx, shape, first[0]) == TL_OK);
        k = last;
    }
    return true;
}

static void check_wkb(struct tl_ctx *ctx, const uint8_t *data, size_t size)
{
    static const enum tl_geom_kind kinds[] = {TL_GEOM_POINT, TL_GEOM_LINE, TL_GEOM_POLYGON};
    struct tl_wkb wkb = {0};
    struct tl_shape shape = {0};
    bool on_earth = true;
    if (size < 4)
        return;
    int z = data[0] % (TL_TILE_ZOOM_MAX + 1);
    enum tl_shape_bias bias = data[1] % 2 == 0 ? TL_SHAPE_OUTWARDS : TL_SHAPE_NEAREST;
    if (tl_wkb_read(ctx, data + 3, (int64_t)size - 3, &wkb) != TL_OK) {
        must(tl_ctx_message(ctx)[0] != '\0');
        return;
    }
    double(*xy)[2] = malloc((size_t)(wkb.n_points + 1) * sizeof *xy);
    must(xy != NULL);
    double n = ldexp(1.0, z), x0 = NAN, y0 = NAN;
    for (int64_t i = 0; i < wkb.n_points; i++) {
        double x = tl_tile_x(wkb.xy[2 * i]), y = tl_tile_y(wkb.xy[2 * i + 1]);
        on_earth = on_earth && x > -8.0 && x < 8.0; /* others are not drawn */
        if (i == 0) {
            x0 = floor(x * n) + (data[2] % 3) - 1;
            y0 = floor(y * n) + (data[2] / 3 % 3) - 1;
        }
        xy[i][0] = (x * n - x0) * TL_TILE_EXTENT;
        xy[i][1] = (y * n - y0) * TL_TILE_EXTENT;
    }
    for (int k = 0; k < 3 && on_earth; k++) {
        tl_shape_clear(&shape);
        take_parts(ctx, &wkb, kinds[k], xy, bias, &shape);
        check_bounds(&shape);
        check_encoded(ctx, &shape, (enum tl_mvt_type)(k + 1));
    }
    free(xy);
    tl_wkb_fini(&wkb);
    tl_shape_fini(&shape);
}

static double cross(const double *a, const double *b, const double *p)
{
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

static bool between(const double *a, const double *b, const double *p)
{
    return p[0] >= fmin(a[0], b[0]) && p[0] <= fmax(a[0], b[0]) && p[1] >= fmin(a[1], b[1]) &&
           p[1] <= fmax(a[1], b[1]);
}

/* Exact for numbers that are quarters below 2^14. */
static bool have_common(const double *a, const double *b, const double *c, const double *d)
{
    double s1 = cross(a, b, c), s2 = cross(a, b, d), s3 = cross(c, d, a), s4 = cross(c, d, b);
    if (((s1 > 0 && s2 < 0) || (s1 < 0 && s2 > 0)) && ((s3 > 0 && s4 < 0) || (s3 < 0 && s4 > 0)))
        return true;
    return (s1 == 0 && between(a, b, c)) || (s2 == 0 && between(a, b, d)) ||
           (s3 == 0 && between(c, d, a)) || (s4 == 0 && between(c, d, b));
}

static bool is_simple(int n, double (*xy)[2])
{
    for (int i = 0; i < n; i++) {
        const double *a = xy[i], *b = xy[(i + 1) % n], *c = xy[(i + 2) % n];
        if (cross(a, b, c) == 0) /* also a point that repeats */
            return false;
        for (int j = i + 2; j < n - (i == 0); j++)
            if (have_common(a, b, xy[j], xy[(j + 1) % n]))
                return false;
    }
    return n >= 3;
}

static bool covers(const struct tl_shape *shape, double x, double y)
{
    bool inside = false;
    for (int64_t p = 0; p < shape->n_paths; p++)
        for (int64_t i = 0, j = shape->paths[p].n - 1; i < shape->paths[p].n; j = i++) {
            const int32_t *a = shape->xy[shape->paths[p].first + i],
                          *b = shape->xy[shape->paths[p].first + j];
            if ((a[1] > y) != (b[1] > y) &&
                x < (double)(b[0] - a[0]) * (y - a[1]) / (double)(b[1] - a[1]) + a[0])
                inside = !inside;
        }
    return inside;
}

static bool lies_in(int n, double (*xy)[2], const int32_t *p)
{
    bool inside = false;
    for (int i = 0, j = n - 1; i < n; j = i++)
        if ((xy[i][1] > p[1]) != (xy[j][1] > p[1]) &&
            p[0] < (xy[j][0] - xy[i][0]) * (p[1] - xy[i][1]) / (xy[j][1] - xy[i][1]) + xy[i][0])
            inside = !inside;
    return inside;
}

static double away(int n, double (*xy)[2], const int32_t *p)
{
    double least = INFINITY;
    for (int i = 0; i < n; i++) {
        const double *a = xy[i], *b = xy[(i + 1) % n];
        double dx = b[0] - a[0], dy = b[1] - a[1];
        double t = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy);
        t = fmin(fmax(t, 0.0), 1.0);
        least = fmin(least, hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy));
    }
    return least;
}

static bool is_within(const double *p)
{
    double low = -TL_TILE_BUFFER, high = TL_TILE_EXTENT + TL_TILE_BUFFER;
    return p[0] > low && p[0] < high && p[1] > low && p[1] < high;
}

/* Clipping leaves parts of the buffer's own edge, which nobody sees, where a ring leaves the tile and comes back. */
static bool is_on_edge(const int32_t *p)
{
    bool on = false;
    for (int k = 0; k < 2; k++)
        on = on || p[k] <= 3 - TL_TILE_BUFFER || p[k] >= TL_TILE_EXTENT + TL_TILE_BUFFER - 3;
    return on;
}

static void check_ring(struct tl_ctx *ctx, const uint8_t *data, size_t size)
{
    double xy[RING_MAX][2];
    struct tl_shape shape = {0};
    int n = (int)(size / 4) < RING_MAX ? (int)(size / 4) : RING_MAX;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++) {
            int16_t v = 0;
            memcpy(&v, data + 4 * i + 2 * k, 2);
            xy[i][k] = 0.25 * v + 2048.0;
        }
    const struct tl_shape_path ring = {0, n};
    if (n < 1)
        return;
    must(tl_shape_polygon(ctx, &shape, TL_SHAPE_OUTWARDS, (const double(*)[2])xy, &ring, 1) ==
         TL_OK);
    check_bounds(&shape);
    check_encoded(ctx, &shape, TL_MVT_POLYGON);
    if (is_simple(n, xy)) {
        for (int i = 0; i < n; i++)
            for (int k = 0; k < 8; k++) {
                const double *a = xy[i], *b = xy[(i + 1) % n];
                double p[2] = {a[0] + 0.125 * k * (b[0] - a[0]), a[1] + 0.125 * k * (b[1] - a[1])};
                must(!is_within(p) || covers(&shape, p[0], p[1]));
            }
        for (int64_t i = 0; i < shape.n_xy; i++)
            must(is_on_edge(shape.xy[i]) || lies_in(n, xy, shape.xy[i]) ||
                 away(n, xy, shape.xy[i]) <= TL_SHAPE_GROWTH * sqrt(2.0) + 1e-6);
    }
    tl_shape_fini(&shape);
}

struct numbers {
    int64_t x, y, z;
    double min, max, place[2], step;
    uint8_t style, side[2];
};

static void check_classes(struct tl_ctx *ctx, const struct numbers *in, const uint8_t *data,
                          size_t size)
{
    static struct tl_scale_classes classes;
    struct tl_tile_style style = {(enum tl_tile_scale)(in->style % TL_TILE_SCALE_COUNT),
                                  (enum tl_tile_classes)(in->style / 8 % TL_TILE_CLASSES_COUNT),
                                  in->min, in->max};
    struct tl_spread range = {.min = 0.5, .max = 9, .min_positive = 0.5};
    float values[N_VALUES];
    uint8_t out[N_VALUES];
    double span[2];
    int n = (int)(size / 4) < N_VALUES ? (int)(size / 4) : N_VALUES;
    for (int q = 0; q <= TL_SPREAD_QUANTILES; q++)
        range.quantiles[q] = 0.5f + (float)q / 32.0f;
    if (tl_scale_span(ctx, &style, &range, span) != TL_OK) {
        must(tl_ctx_message(ctx)[0] != '\0');
        return;
    }
    must(span[0] < span[1] && isfinite(span[0]) && isfinite(span[1]));
    tl_scale_classes_make(&style, span, &range, &classes);
    memcpy(values, data, 4 * (size_t)n);
    tl_scale_classify(&classes, n, values, out);
    for (int i = 0; i < n; i++) {
        must((out[i] == 0) == isnan(values[i]) && out[i] <= TL_SCALE_CLASSES);
        for (int j = 0; j < i; j++)
            must(!(values[i] >= values[j]) || out[i] >= out[j]);
    }
}

static void check_warp(struct tl_ctx *ctx, const struct numbers *in, struct tl_tile_id id)
{
    static struct tl_crs_map *map;
    static const double box[4] = {28, 44, 38, 56}; /* where this system is a plain one */
    static uint8_t seen[TL_TILE_PIXELS][TL_TILE_PIXELS];
    struct tl_warp warp = {0};
    struct tl_grid grid = {in->place[0], in->place[1], in->step, 1 + in->side[0], 1 + in->side[1]};
    if (!(fabs(grid.x0_m) < 1e8 && fabs(grid.y0_m) < 1e8 && grid.step_m > 1e-3 &&
          grid.step_m < 1e6))
        return;
    if (map == NULL)
        must(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map) == TL_OK);
    must(tl_warp_make(ctx, id, box, &grid, map, &warp) == TL_OK);
    memset(seen, 0, sizeof seen);
    for (int64_t i = 0; i < warp.n; i++) {
        const struct tl_warp_patch *p = &warp.patches[i];
        must(p->size >= 1 && p->size <= TL_WARP_SIZE_MAX && p->u >= 0 && p->v >= 0 &&
             p->u + p->size <= TL_TILE_PIXELS && p->v + p->size <= TL_TILE_PIXELS);
        for (int v = p->v; v < p->v + p->size; v++)
            for (int u = p->u; u < p->u + p->size; u++)
                must(seen[v][u]++ == 0);
    }
    tl_warp_fini(&warp);
}

static void check_numbers(struct tl_ctx *ctx, const uint8_t *data, size_t size)
{
    struct numbers in;
    struct tl_tile_id id = {0};
    double box[4];
    if (size < sizeof in)
        return;
    memcpy(&in, data, sizeof in);
    check_classes(ctx, &in, data + sizeof in, size - sizeof in);
    if (tl_tile_check(ctx, in.z, in.x, in.y, &id) != TL_OK) {
        must(tl_ctx_message(ctx)[0] != '\0');
        id.z = (int)((uint64_t)in.z % (TL_TILE_ZOOM_MAX + 1));
        id.x = (int64_t)((uint64_t)in.x % ((uint64_t)1 << id.z));
        id.y = (int64_t)((uint64_t)in.y % ((uint64_t)1 << id.z));
        must(tl_tile_check(ctx, id.z, id.x, id.y, &id) == TL_OK);
    }
    tl_tile_box(id, box);
    must(box[0] < box[2] && box[1] < box[3] && box[0] >= -180 && box[2] <= 180 &&
         fabs(box[1]) < 85.06 && fabs(box[3]) < 85.06);
    check_warp(ctx, &in, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    must(ctx != NULL);
    if (size > 0 && data[0] % 8 < 3)
        check_wkb(ctx, data + 1, size - 1);
    else if (size > 0 && data[0] % 8 < 7)
        check_ring(ctx, data + 1, size - 1);
    else if (size > 0)
        check_numbers(ctx, data + 1, size - 1);
    tl_ctx_free(ctx);
    return 0;
}
