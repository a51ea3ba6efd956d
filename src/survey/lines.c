/*
 * Lines are laid in turned coordinates: `along` the lines and `across` them, to the right. They are clipped in one piece, because GEOS
 * builds its index of the polygon once then; which transect a piece belongs to follows from how far across it lies. Walking order is
 * boustrophedon: up the first line, down the second, so that a team never walks back along searched ground.
 */
#include "survey/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "geo/geom.h"
#include "geo/wkb.h"

enum {
    TRANSECTS_MAX = 100000,
    LINE_BYTES = 41,
    HEAD_BYTES = 9,
    STREAM_START = 1,
    EDGES_TRIED = 720
};
static const double PI = 3.14159265358979323846;
static const double JOIN_M = 1e-6; /* pieces that touch are one */

static int by_x_then_y(const void *a, const void *b)
{
    const double *p = a, *q = b;
    int by_x = (p[0] > q[0]) - (p[0] < q[0]);
    return by_x != 0 ? by_x : (p[1] > q[1]) - (p[1] < q[1]);
}

static double turn(const double *o, const double *a, const double *b)
{
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}

/* Convex hull of sorted points (Andrew 1979); `hull` has room for 2 n points. */
static int64_t convex_hull(int64_t n, const double *xy, double *hull)
{
    int64_t m = 0;
    for (int pass = 0; pass < 2; pass++) {
        int64_t base = m;
        for (int64_t k = 0; k < n; k++) {
            const double *p = xy + 2 * (pass == 0 ? k : n - 1 - k);
            while (m >= base + 2 && turn(hull + 2 * (m - 2), hull + 2 * (m - 1), p) <= 0.0)
                m--;
            hull[2 * m] = p[0];
            hull[2 * m + 1] = p[1];
            m++;
        }
        m--; /* the last point begins the other half */
    }
    return m;
}

struct extent {
    double along[2], across[2];
};

static struct extent extent_of(int64_t n, const double *xy, double direction)
{
    struct extent e = {{INFINITY, -INFINITY}, {INFINITY, -INFINITY}};
    double s = sin(direction), c = cos(direction);
    for (int64_t k = 0; k < n; k++) {
        double along = xy[2 * k] * s + xy[2 * k + 1] * c,
               across = xy[2 * k] * c - xy[2 * k + 1] * s;
        e.along[0] = fmin(e.along[0], along);
        e.along[1] = fmax(e.along[1], along);
        e.across[0] = fmin(e.across[0], across);
        e.across[1] = fmax(e.across[1], across);
    }
    return e;
}

/*
 * Whether edge k of a hull is tried as the rectangle's side: all of a hull of few edges; of one of many, the long ones and a sample, which
 * is close enough on a smooth curve (every edge against every corner of a circle of 100,000 points takes half a minute).
 */
static bool is_tried(int64_t m, const double *hull, double perimeter, int64_t k)
{
    const double *p = hull + 2 * k, *q = hull + 2 * ((k + 1) % m);
    int64_t stride = (m + EDGES_TRIED - 1) / EDGES_TRIED;
    return k % stride == 0 || hypot(q[0] - p[0], q[1] - p[1]) * EDGES_TRIED >= perimeter;
}

tl_err tl_survey_lines_direction(struct tl_ctx *ctx, int64_t n, const double *xy,
                                 double *direction_rad)
{
    tl_err err = TL_OK;
    double *sorted = NULL, *hull = NULL, best = 0.0, least = INFINITY;
    TL_TRY_ALLOC(ctx, sorted, 2 * n);
    TL_TRY_ALLOC(ctx, hull, 4 * n + 2);
    memcpy(sorted, xy, (size_t)n * 2 * sizeof *xy);
    qsort(sorted, (size_t)n, 2 * sizeof *xy, by_x_then_y);
    int64_t m = convex_hull(n, sorted, hull);
    double perimeter = 0.0;
    for (int64_t k = 0; k < m; k++)
        perimeter += hypot(hull[2 * ((k + 1) % m)] - hull[2 * k],
                           hull[2 * ((k + 1) % m) + 1] - hull[2 * k + 1]);
    for (int64_t k = 0; k < m; k++) {
        if (!is_tried(m, hull, perimeter, k))
            continue;
        const double *p = hull + 2 * k, *q = hull + 2 * ((k + 1) % m);
        double direction = atan2(q[0] - p[0], q[1] - p[1]);
        struct extent e = extent_of(m, hull, direction);
        double length = e.along[1] - e.along[0], width = e.across[1] - e.across[0];
        if (length * width < least * (1.0 - 1e-12)) { /* of equal ones the first */
            least = length * width;
            best = length >= width ? direction : direction + 0.5 * PI;
        }
    }
    best = fmod(best, PI);
    *direction_rad = best < 0.0 ? best + PI : best;
done:
    tl_free(sorted);
    tl_free(hull);
    return err;
}

struct raster {
    double s, c; /* of the direction */
    double first, spacing;
    int64_t n;
    struct extent extent;
};

static void put_line(unsigned char *at, const struct raster *r, int64_t j)
{
    const uint32_t type = 2, n = 2;
    double across = r->first + (double)j * r->spacing, xy[4];
    for (int k = 0; k < 2;
         k++) { /* a little beyond the extent, so that rounding cuts nothing off */
        double along = r->extent.along[k] + (k == 0 ? -1.0 : 1.0);
        xy[2 * k] = along * r->s + across * r->c;
        xy[2 * k + 1] = along * r->c - across * r->s;
    }
    at[0] = 1;
    memcpy(at + 1, &type, 4);
    memcpy(at + 5, &n, 4);
    memcpy(at + 9, xy, sizeof xy);
}

static tl_err clip_lines(struct tl_ctx *ctx, const struct tl_survey_area *area,
                         const struct raster *raster, struct tl_wkb *pieces)
{
    tl_err err = TL_OK;
    unsigned char *lines = NULL;
    void *clipped = NULL;
    int64_t n_bytes = HEAD_BYTES + raster->n * LINE_BYTES, n_clipped = 0;
    const uint32_t type = 5, n = (uint32_t)raster->n;
    TL_TRY_ALLOC(ctx, lines, n_bytes);
    lines[0] = 1;
    memcpy(lines + 1, &type, 4);
    memcpy(lines + 5, &n, 4);
    for (int64_t j = 0; j < raster->n; j++)
        put_line(lines + HEAD_BYTES + j * LINE_BYTES, raster, j);
    TL_TRY(tl_geom_clip(ctx, lines, n_bytes, area->wkb, area->wkb_bytes, &clipped, &n_clipped));
    if (clipped != NULL)
        TL_TRY(tl_wkb_read(ctx, clipped, n_clipped, pieces));
done:
    tl_free(lines);
    tl_free(clipped);
    return err;
}

struct piece {
    int64_t line;
    double from, to; /* along */
};

static int in_order(const void *a, const void *b)
{
    const struct piece *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

static int64_t sort_pieces(const struct raster *r, const struct tl_wkb *wkb, struct piece *pieces)
{
    int64_t n = 0, m = 0;
    for (int64_t k = 0; k < wkb->n_paths; k++) {
        const double *xy = wkb->xy + 2 * wkb->paths[k].first;
        struct extent e = extent_of(wkb->paths[k].count, xy, atan2(r->s, r->c));
        double across = 0.5 * (e.across[0] + e.across[1]);
        pieces[n++] =
            (struct piece){llround((across - r->first) / r->spacing), e.along[0], e.along[1]};
    }
    qsort(pieces, (size_t)n, sizeof *pieces, in_order);
    for (int64_t k = 0; k < n; k++) {
        if (m > 0 && pieces[m - 1].line == pieces[k].line &&
            pieces[k].from - pieces[m - 1].to < JOIN_M)
            pieces[m - 1].to = fmax(pieces[m - 1].to, pieces[k].to);
        else
            pieces[m++] = pieces[k];
    }
    return m;
}

/* Pieces sorted by line become segments in walking order. */
static void walk(const struct raster *r, const struct piece *pieces, int64_t n,
                 struct tl_survey_layout *layout)
{
    for (int64_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && pieces[end].line == pieces[begin].line; end++)
            ;
        bool back = layout->n_transects++ % 2 == 1;
        double across = r->first + (double)pieces[begin].line * r->spacing;
        for (int64_t k = begin; k < end; k++) {
            const struct piece *p = &pieces[back ? begin + end - 1 - k : k];
            double from = back ? p->to : p->from, to = back ? p->from : p->to;
            layout->segments[layout->n_segments++] = (struct tl_survey_segment){
                .from = {from * r->s + across * r->c, from * r->c - across * r->s},
                .to = {to * r->s + across * r->c, to * r->c - across * r->s},
                .length_m = p->to - p->from,
                .transect = layout->n_transects};
            layout->length_m += p->to - p->from;
        }
    }
}

static tl_err make_raster(struct tl_ctx *ctx, const struct tl_survey_area *area,
                          const struct tl_wkb *outline, double spacing_m,
                          enum tl_survey_start start, uint64_t seed, double direction,
                          struct raster *raster)
{
    struct extent e = extent_of(outline->n_points, outline->xy, direction);
    double across = e.across[1] - e.across[0], n = ceil(across / spacing_m - 1e-12);
    double first = 0.5 * (across - (n - 1.0) * spacing_m);
    if (n > TRANSECTS_MAX)
        return tl_fail(ctx, TL_EDATA,
                       "a spacing of %g m over the %.6g m across %s makes %.0f transects; expected "
                       "at most %d",
                       spacing_m, across, area->name, n, TRANSECTS_MAX);
    if (start == TL_SURVEY_START_RANDOM) {
        first = spacing_m * tl_rng_uniform(tl_rng_make(seed, STREAM_START), 0);
        n = ceil((across - first) / spacing_m);
    }
    if (n < 1.0)
        return tl_fail(ctx, TL_EDATA,
                       "with a spacing of %.6g m and seed %llu no transect falls in %s (%.6g m "
                       "across); an even start lays one",
                       spacing_m, (unsigned long long)seed, area->name, across);
    *raster = (struct raster){sin(direction), cos(direction), e.across[0] + first,
                              spacing_m,      (int64_t)n,     e};
    return TL_OK;
}

tl_err tl_survey_lines_lay(struct tl_ctx *ctx, const struct tl_survey_area *area,
                           double direction_rad, double spacing_m, enum tl_survey_start start,
                           uint64_t seed, struct tl_survey_layout *layout)
{
    tl_err err = TL_OK;
    struct tl_wkb outline = {0}, clipped = {0};
    struct tl_survey_layout made = {.direction_rad = direction_rad};
    struct raster raster = {0};
    struct piece *pieces = NULL;
    TL_TRY(tl_wkb_read(ctx, area->wkb, area->wkb_bytes, &outline));
    if (isnan(direction_rad))
        TL_TRY(tl_survey_lines_direction(ctx, outline.n_points, outline.xy, &made.direction_rad));
    TL_TRY(make_raster(ctx, area, &outline, spacing_m, start, seed, made.direction_rad, &raster));
    made.across_m = raster.extent.across[1] - raster.extent.across[0];
    TL_TRY(clip_lines(ctx, area, &raster, &clipped));
    if (clipped.n_paths == 0)
        TL_THROW(ctx, TL_EDATA, "no transect falls in %s with a spacing of %.6g m", area->name,
                 spacing_m);
    TL_TRY_ALLOC(ctx, pieces, clipped.n_paths);
    TL_TRY_ALLOC(ctx, made.segments, clipped.n_paths);
    int64_t n = sort_pieces(&raster, &clipped, pieces);
    walk(&raster, pieces, n, &made);
    *layout = made;
    made.segments = NULL;
done:
    tl_wkb_fini(&outline);
    tl_wkb_fini(&clipped);
    tl_free(pieces);
    tl_free(made.segments);
    return err;
}

void tl_survey_lines_fini(struct tl_survey_layout *layout)
{
    tl_free(layout->segments);
    *layout = (struct tl_survey_layout){0};
}
