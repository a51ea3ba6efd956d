/*
 * Geometries for a tile. A hazardous area may be drawn larger than it is, never smaller, and yet on whole units.
 *
 * Outward rounding. Walk round the ring with the inside on the left. Each edge is moved by rounding both of its ends into the quadrant that
 * its outward normal points to (up or down in x, up or down in y): both ends then lie beyond the edge's line. Where the quadrant changes at a
 * corner that sticks out, the corner becomes two or three points (the union of these moves is the sum of the polygon and a square); where it
 * changes at a corner that goes in, one point is sought that lies beyond both edges. This alone proves nothing where edges are short or the
 * ring comes near itself, so the result is checked: it must not cross itself, it must not touch the ring it was made from, and it must hold
 * a point of it. A ring that holds another without touching it holds all of it. What fails goes the general way: GEOS widens the ring by more
 * than the rounding to whole units (snap rounding) can take away.
 *
 * Simplifying. Douglas and Peucker (1973) at half a unit, with the move outwards made larger by as much; again the check is against the ring
 * as it came, so nothing rests on the simplification; only the general way, for the rare ring, rests on a bound (see by_geos).
 *
 * Holes are made smaller by the same rule (walk so that the polygon is on the left), must lie within the hole as it came, and are left out
 * when they are too small for that.
 */
#include "tile/shape.h"

#include <math.h>
#include <string.h>

#include "geo/geom.h"
#include "geo/wkb.h"
#include "tilth/tile.h"

enum {
    LOW = -TL_TILE_BUFFER,
    HIGH = TL_TILE_EXTENT + TL_TILE_BUFFER,
    SIMPLIFY_FROM = 8,   /* points of a ring */
    PAIRS_MAX = 1 << 22, /* of edges that a check may compare; above, GEOS is faster */
    REACH = 6,           /* columns and rows of units that are searched at a corner that goes in */
    S_CLIP = 0,
    S_SWAP = 1,
    S_THIN = 2,
    S_ROUND = 3
};
static const double tolerance = 0.5, clearance = 1.0 / 64.0, speck = 2.0;
/* More than snap rounding can take away (sqrt(2) / 2) and the chords of a round corner. */
static const double geos_margin = 0.75;

typedef double point[2];

void tl_shape_fini(struct tl_shape *shape)
{
    tl_free(shape->xy);
    tl_free(shape->paths);
    tl_free(shape->marks);
    for (int i = 0; i < 4; i++)
        tl_free(shape->scratch[i]);
    *shape = (struct tl_shape){0};
}

void tl_shape_clear(struct tl_shape *shape)
{
    shape->n_xy = shape->n_paths = 0;
}

/* Scratch array `which` with room for n points; what it held is kept. */
static tl_err reserve(struct tl_ctx *ctx, struct tl_shape *shape, int which, int64_t n)
{
    if (n <= shape->room[which])
        return TL_OK;
    int64_t room = n < 64 ? 128 : 2 * n;
    void *grown = tl_regrow(ctx, shape->scratch[which], shape->room[which], room, sizeof(point));
    if (grown == NULL)
        return TL_ENOMEM;
    shape->scratch[which] = grown;
    shape->room[which] = room;
    return TL_OK;
}

static tl_err path_add(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, point *xy)
{
    if (shape->n_xy + n > shape->xy_room) {
        int64_t room = 2 * (shape->n_xy + n) + 64;
        void *grown = tl_regrow(ctx, shape->xy, shape->n_xy, room, sizeof *shape->xy);
        if (grown == NULL)
            return TL_ENOMEM;
        shape->xy = grown;
        shape->xy_room = room;
    }
    if (shape->n_paths == shape->path_room) {
        int64_t room = 2 * shape->n_paths + 16;
        void *grown = tl_regrow(ctx, shape->paths, shape->n_paths, room, sizeof *shape->paths);
        if (grown == NULL)
            return TL_ENOMEM;
        shape->paths = grown;
        shape->path_room = room;
    }
    shape->paths[shape->n_paths++] = (struct tl_shape_path){shape->n_xy, n};
    for (int64_t i = 0; i < n; i++, shape->n_xy++)
        for (int k = 0; k < 2; k++)
            shape->xy[shape->n_xy][k] = (int32_t)lround(xy[i][k]);
    return TL_OK;
}

static double area_of(int64_t n, point *xy)
{
    double sum = 0.0;
    for (int64_t i = 0, j = n - 1; i < n; j = i++)
        sum += (xy[j][0] - xy[0][0]) * (xy[i][1] - xy[0][1]) -
               (xy[i][0] - xy[0][0]) * (xy[j][1] - xy[0][1]);
    return 0.5 * sum;
}

static void reverse(int64_t n, point *xy)
{
    for (int64_t i = 0, j = n - 1; i < j; i++, j--)
        for (int k = 0; k < 2; k++) {
            double held = xy[i][k];
            xy[i][k] = xy[j][k];
            xy[j][k] = held;
        }
}

static void box_of(int64_t n, const double (*xy)[2], double box[4])
{
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        double x = xy[i][0], y = xy[i][1];
        box[0] = x < box[0] ? x : box[0], box[2] = x > box[2] ? x : box[2];
        box[1] = y < box[1] ? y : box[1], box[3] = y > box[3] ? y : box[3];
    }
}

/* Sutherland and Hodgman (1974) against one side: keeps sign * (x[axis] - at) >= 0. */
static int64_t clip_side(int64_t n, point *in, point *out, int axis, double at, double sign)
{
    int64_t m = 0;
    for (int64_t i = 0, j = n - 1; i < n; j = i++) {
        double a = sign * (in[j][axis] - at), b = sign * (in[i][axis] - at);
        if ((a < 0.0) != (b < 0.0)) {
            double t = a / (a - b);
            out[m][1 - axis] = in[j][1 - axis] + t * (in[i][1 - axis] - in[j][1 - axis]);
            out[m++][axis] = at;
        }
        if (b >= 0.0) {
            out[m][0] = in[i][0];
            out[m++][1] = in[i][1];
        }
    }
    return m;
}

/* The ring within the tile and its buffer into scratch S_CLIP, without repeated points; its number of points. */
static tl_err clip_ring(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n,
                        const double (*xy)[2], int64_t *n_out)
{
    double box[4];
    tl_err err = TL_OK;
    TL_TRY(reserve(ctx, shape, S_CLIP, 2 * n + 8));
    TL_TRY(reserve(ctx, shape, S_SWAP, 2 * n + 8));
    point *a = shape->scratch[S_CLIP], *b = shape->scratch[S_SWAP];
    memcpy(a, xy, (size_t)n * sizeof *a);
    box_of(n, xy, box);
    int64_t m = n;
    for (int axis = 0; axis < 2; axis++) {
        if (box[axis] < LOW || box[axis + 2] > HIGH) {
            TL_TRY(reserve(ctx, shape, S_SWAP, 2 * m + 8));
            b = shape->scratch[S_SWAP];
            m = clip_side(m, a, b, axis, LOW, 1.0);
            TL_TRY(reserve(ctx, shape, S_CLIP, 2 * m + 8));
            a = shape->scratch[S_CLIP];
            m = clip_side(m, b, a, axis, HIGH, -1.0);
        }
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < m; i++)
        if (kept == 0 || a[i][0] != a[kept - 1][0] || a[i][1] != a[kept - 1][1])
            memmove(a[kept++], a[i], sizeof *a);
    while (kept > 1 && a[0][0] == a[kept - 1][0] && a[0][1] == a[kept - 1][1])
        kept--;
    *n_out = kept;
done:
    return err;
}

/* Squared; coordinates are those of a tile and its buffer. */
static double distance_to(const double *p, const double *a, const double *b)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], l2 = dx * dx + dy * dy;
    double t = l2 > 0.0 ? ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / l2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    double x = p[0] - a[0] - t * dx, y = p[1] - a[1] - t * dy;
    return x * x + y * y;
}

/* Douglas and Peucker on an open run; marks the points that stay. Explicit halving keeps the stack small. */
static void thin(int64_t first, int64_t last, point *xy, uint8_t *marks)
{
    while (last > first + 1) {
        double most = 0.0;
        int64_t at = first;
        for (int64_t i = first + 1; i < last; i++) {
            double d = distance_to(xy[i], xy[first], xy[last]);
            if (d > most)
                most = d, at = i;
        }
        if (most <= tolerance * tolerance)
            return;
        marks[at] = 1;
        if (at - first < last - at) { /* the shorter half by a call: depth is at most log2(n) */
            thin(first, at, xy, marks);
            first = at;
        } else {
            thin(at, last, xy, marks);
            last = at;
        }
    }
}

static tl_err marks_reserve(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n)
{
    if (n > shape->marks_room) {
        tl_free(shape->marks);
        shape->marks_room = 0;
        shape->marks = tl_alloc(ctx, 2 * n, 1);
        if (shape->marks == NULL)
            return TL_ENOMEM;
        shape->marks_room = 2 * n;
    }
    memset(shape->marks, 0, (size_t)n);
    return TL_OK;
}

/* The ring in S_CLIP, simplified into S_THIN: in two runs, from its first point to the farthest and back. */
static tl_err thin_ring(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, int64_t *n_out)
{
    tl_err err = TL_OK;
    int64_t far = 0, m = 0;
    TL_TRY(reserve(ctx, shape, S_CLIP, n + 1));
    TL_TRY(reserve(ctx, shape, S_THIN, n));
    TL_TRY(marks_reserve(ctx, shape, n + 1));
    point *xy = shape->scratch[S_CLIP], *out = shape->scratch[S_THIN];
    double farthest = 0.0; /* squared */
    for (int64_t i = 1; i < n; i++) {
        double dx = xy[i][0] - xy[0][0], dy = xy[i][1] - xy[0][1];
        if (dx * dx + dy * dy > farthest)
            farthest = dx * dx + dy * dy, far = i;
    }
    memcpy(xy[n], xy[0], sizeof *xy);
    shape->marks[0] = shape->marks[far] = 1;
    if (n >= SIMPLIFY_FROM) {
        thin(0, far, xy, shape->marks);
        thin(far, n, xy, shape->marks);
    } else {
        memset(shape->marks, 1, (size_t)n);
    }
    for (int64_t i = 0; i < n; i++)
        if (shape->marks[i])
            memcpy(out[m++], xy[i], sizeof *xy);
    *n_out = m;
done:
    return err;
}

static double round_to(double value, int way, double margin)
{
    return way > 0 ? ceil(value + margin) : floor(value - margin);
}

static int sign_of(double value)
{
    return (value > 0.0) - (value < 0.0);
}

/* The nearest point of whole units beyond both edges of a corner, for one that goes in; false when it is far. */
static bool beyond_both(const double *v, const double normals[2][2], double margin, double *out)
{
    double best = INFINITY, least[2];
    for (int e = 0; e < 2; e++)
        least[e] = margin * (fabs(normals[e][0]) + fabs(normals[e][1]));
    for (int k = 0; k < REACH * REACH; k++) {
        double x = floor(v[0]) + k % REACH - REACH / 2 + 1,
               y = floor(v[1]) + k / REACH - REACH / 2 + 1;
        double dx = x - v[0], dy = y - v[1], d2 = dx * dx + dy * dy;
        if (d2 >= best || normals[0][0] * dx + normals[0][1] * dy < least[0] ||
            normals[1][0] * dx + normals[1][1] * dy < least[1])
            continue;
        best = d2;
        out[0] = x;
        out[1] = y;
    }
    return isfinite(best);
}

/* Corner quadrants in the order of turning left: (+,+), (-,+), (-,-), (+,-). */
static int quadrant_of(const int s[2])
{
    return s[0] > 0 ? (s[1] > 0 ? 0 : 3) : (s[1] > 0 ? 1 : 2);
}

/* The points of corner v between edges with these outward normals; false when there is no simple one. */
static bool corner(const double *v, const double normals[2][2], double margin, point *out,
                   int64_t *n)
{
    static const int signs[4][2] = {{1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    int s[2][2];
    for (int k = 0; k < 2; k++) {
        for (int e = 0; e < 2; e++)
            s[e][k] = sign_of(normals[e][k]);
        int common = s[0][k] != 0 ? s[0][k] : s[1][k] != 0 ? s[1][k] : 1;
        for (int e = 0; e < 2; e++)
            s[e][k] = s[e][k] != 0 ? s[e][k] : common;
    }
    int from = quadrant_of(s[0]), to = quadrant_of(s[1]);
    double turn = normals[0][0] * normals[1][1] - normals[0][1] * normals[1][0];
    if (from != to && turn < 0.0) {
        if (!beyond_both(v, normals, margin, out[*n]))
            return false;
        (*n)++;
        return true;
    }
    for (int q = from;; q = (q + 1) % 4) {
        for (int k = 0; k < 2; k++)
            out[*n][k] = round_to(v[k], signs[q][k], margin);
        (*n)++;
        if (q == to)
            return true;
    }
}

/* Drops points that repeat or lie on the straight line between their neighbours; of a closed ring of whole numbers. */
static int64_t tidy(int64_t n, point *xy)
{
    bool changed = true;
    while (changed && n > 2) {
        int64_t m = 0;
        changed = false;
        for (int64_t i = 0; i < n; i++) {
            const double *a = m > 0 ? xy[m - 1] : xy[n - 1], *b = xy[i], *c = xy[(i + 1) % n];
            double ux = b[0] - a[0], uy = b[1] - a[1], vx = c[0] - b[0], vy = c[1] - b[1];
            bool flat = ux * vy - uy * vx == 0.0 && ux * vx + uy * vy >= 0.0;
            changed = changed || flat;
            if (!flat)
                memmove(xy[m++], b, sizeof *xy);
        }
        n = m;
    }
    return n;
}

/* The ring in S_THIN rounded outwards into S_ROUND; 0 points when there is no simple way. */
static tl_err round_ring(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, double margin,
                         int64_t *n_out)
{
    tl_err err = TL_OK;
    TL_TRY(reserve(ctx, shape, S_ROUND, 4 * n));
    point *xy = shape->scratch[S_THIN], *out = shape->scratch[S_ROUND];
    int64_t m = 0;
    *n_out = 0;
    for (int64_t i = 0; i < n; i++) {
        const double *a = xy[(i + n - 1) % n], *b = xy[i], *c = xy[(i + 1) % n];
        const double normals[2][2] = {{b[1] - a[1], a[0] - b[0]}, {c[1] - b[1], b[0] - c[0]}};
        if (!corner(b, normals, margin, out, &m))
            return TL_OK;
    }
    *n_out = tidy(m, out);
done:
    return err;
}

static double side(const double *a, const double *b, const double *p)
{
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

/* Whether two edges have a point in common; doubtful cases count as yes. */
static bool meet(const double *a, const double *b, const double *c, const double *d)
{
    for (int k = 0; k < 2; k++)
        if ((a[k] < c[k] && a[k] < d[k] && b[k] < c[k] && b[k] < d[k]) ||
            (a[k] > c[k] && a[k] > d[k] && b[k] > c[k] && b[k] > d[k]))
            return false;
    /* Coordinates stay below 2^13 units: products are exact to 2^-26, far below this. */
    const double doubt = 1e-7;
    double s1 = side(a, b, c), s2 = side(a, b, d), s3 = side(c, d, a), s4 = side(c, d, b);
    bool apart = (s1 > doubt && s2 > doubt) || (s1 < -doubt && s2 < -doubt) ||
                 (s3 > doubt && s4 > doubt) || (s3 < -doubt && s4 < -doubt);
    return !apart;
}

static bool holds(int64_t n, point *ring, const double *p)
{
    bool inside = false;
    for (int64_t i = 0, j = n - 1; i < n; j = i++)
        if ((ring[i][1] > p[1]) != (ring[j][1] > p[1]) &&
            p[0] < (ring[j][0] - ring[i][0]) * (p[1] - ring[i][1]) / (ring[j][1] - ring[i][1]) +
                       ring[i][0])
            inside = !inside;
    return inside;
}

static bool is_simple(int64_t n, point *r)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 2; j < n - (i == 0); j++)
            if (meet(r[i], r[i + 1], r[j], r[(j + 1) % n]))
                return false;
    for (int64_t i = 0; i < n; i++) { /* an edge that turns back on the one before it */
        const double *a = r[i], *b = r[(i + 1) % n], *c = r[(i + 2) % n];
        if (side(a, b, c) == 0.0 &&
            (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0.0)
            return false;
    }
    return true;
}

static bool touch(int64_t n, point *a, int64_t m, point *b)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < m; j++)
            if (meet(a[i], a[(i + 1) % n], b[j], b[(j + 1) % m]))
                return true;
    return false;
}

/* Whether the rounded ring (S_ROUND) is a good one for the ring as it came (S_CLIP): around an outer one, within a hole. */
static bool is_proved(const struct tl_shape *shape, int64_t n, int64_t m, bool is_hole)
{
    point *came = shape->scratch[S_CLIP], *made = shape->scratch[S_ROUND];
    if (m < 3 || m * m / 2 + n * m > PAIRS_MAX || (area_of(m, made) > 0.0) == is_hole)
        return false;
    return is_simple(m, made) && !touch(n, came, m, made) &&
           (is_hole ? holds(n, came, made[0]) : holds(m, made, came[0]));
}

static void put_ring(unsigned char *at, int64_t n, point *xy)
{
    static const unsigned char head[9] = {1, 3, 0, 0, 0, 1, 0, 0, 0};
    uint32_t count = (uint32_t)n + 1;
    memcpy(at, head, 9);
    memcpy(at + 9, &count, 4);
    memcpy(at + 13, xy, (size_t)n * sizeof *xy);
    memcpy(at + 13 + (size_t)n * sizeof *xy, xy, sizeof *xy);
}

/* Rings of a geometry as they are; holes of a part follow it. An inner ring (`flip`) is a hole, what is within it is dropped. */
static tl_err take_rings(struct tl_ctx *ctx, struct tl_shape *shape, const struct tl_wkb *wkb,
                         bool flip)
{
    tl_err err = TL_OK;
    for (int64_t k = 0; k < wkb->n_paths; k++) {
        const struct tl_wkb_path *path = &wkb->paths[k];
        int64_t n = path->count - 1;
        if (path->kind != TL_GEOM_POLYGON || n < 3 || (flip && path->is_hole))
            continue;
        TL_TRY(reserve(ctx, shape, S_ROUND, n));
        point *xy = shape->scratch[S_ROUND];
        memcpy(xy, wkb->xy + 2 * path->first, (size_t)n * sizeof *xy);
        if ((area_of(n, xy) > 0.0) == (path->is_hole || flip))
            reverse(n, xy);
        TL_TRY(path_add(ctx, shape, n, xy));
    }
done:
    return err;
}

/*
 * The general way for the ring in S_THIN. Where it was simplified, what it lost lies within twice the tolerance of it: a run of points stays
 * within the tolerance of its chord, and the chord within the tolerance of the run.
 */
static tl_err by_geos(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, bool is_hole,
                      bool is_thinned)
{
    double margin = geos_margin + (is_thinned ? 2.0 * tolerance : 0.0);
    void *valid = NULL, *grown = NULL, *snapped = NULL;
    unsigned char *wkb = NULL;
    int64_t n_wkb = 13 + (n + 1) * (int64_t)sizeof(point), n_valid = 0, n_grown = 0, n_snapped = 0;
    struct tl_wkb read = {0};
    tl_err err = TL_OK;
    shape->n_by_geos++;
    TL_TRY_ALLOC(ctx, wkb, n_wkb);
    put_ring(wkb, n, shape->scratch[S_THIN]);
    TL_TRY(tl_geom_repair(ctx, wkb, n_wkb, &valid, &n_valid));
    TL_TRY(tl_geom_buffer(ctx, valid, n_valid, is_hole ? -margin : margin, &grown, &n_grown));
    TL_TRY(tl_geom_snap(ctx, grown, n_grown, 1.0, &snapped, &n_snapped));
    if (snapped == NULL)
        goto done;
    TL_TRY(tl_wkb_read(ctx, snapped, n_snapped, &read));
    TL_TRY(take_rings(ctx, shape, &read, is_hole));
done:
    tl_wkb_fini(&read);
    tl_free(wkb);
    tl_free(valid);
    tl_free(grown);
    tl_free(snapped);
    return err;
}

/* The least box of whole units around a ring. */
static tl_err add_box(struct tl_ctx *ctx, struct tl_shape *shape, const double box[4])
{
    double w = floor(box[0] - clearance), s = floor(box[1] - clearance),
           e = ceil(box[2] + clearance), n = ceil(box[3] + clearance);
    point ring[4] = {{w, s}, {e, s}, {e, n}, {w, n}};
    return path_add(ctx, shape, 4, ring);
}

static tl_err add_outwards(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, bool is_hole)
{
    tl_err err = TL_OK;
    int64_t n_thin = 0, m = 0;
    point *came = shape->scratch[S_CLIP];
    if ((area_of(n, came) > 0.0) == is_hole)
        reverse(n, came);
    TL_TRY(thin_ring(ctx, shape, n, &n_thin));
    const double margins[2] = {clearance + (n_thin < n ? tolerance : 0.0),
                               clearance + 2.0 * tolerance};
    for (int attempt = 0; attempt < 2; attempt++) {
        TL_TRY(round_ring(ctx, shape, n_thin, margins[attempt], &m));
        if (is_proved(shape, n, m, is_hole))
            return path_add(ctx, shape, m, shape->scratch[S_ROUND]);
        if (n_thin == n)
            break; /* a wider margin helps against simplification only */
    }
    TL_TRY(by_geos(ctx, shape, n_thin, is_hole, n_thin < n));
done:
    return err;
}

/* Rounded to the nearest unit; what collapses is left out, except that an outer ring becomes its box. */
static tl_err add_nearest(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n, bool is_hole,
                          const double box[4])
{
    tl_err err = TL_OK;
    int64_t m = 0;
    TL_TRY(thin_ring(ctx, shape, n, &m));
    point *xy = shape->scratch[S_THIN];
    for (int64_t i = 0; i < m; i++)
        for (int k = 0; k < 2; k++)
            xy[i][k] = round(xy[i][k]);
    m = tidy(m, xy);
    double area = m < 3 ? 0.0 : area_of(m, xy);
    if (area == 0.0)
        return is_hole ? TL_OK : add_box(ctx, shape, box);
    if ((area > 0.0) == is_hole)
        reverse(m, xy);
    TL_TRY(path_add(ctx, shape, m, xy));
done:
    return err;
}

static tl_err add_ring(struct tl_ctx *ctx, struct tl_shape *shape, enum tl_shape_bias bias,
                       int64_t n, const double (*xy)[2], bool is_hole)
{
    double box[4];
    tl_err err = TL_OK;
    int64_t m = 0;
    TL_TRY(clip_ring(ctx, shape, n, xy, &m));
    if (m == 0)
        return TL_OK;
    box_of(m, (const double(*)[2])shape->scratch[S_CLIP], box);
    double wide = fmax(box[2] - box[0], box[3] - box[1]);
    if (wide <= speck || m < 3)
        return is_hole ? TL_OK : add_box(ctx, shape, box);
    return bias == TL_SHAPE_OUTWARDS ? add_outwards(ctx, shape, m, is_hole)
                                     : add_nearest(ctx, shape, m, is_hole, box);
done:
    return err;
}

static bool lies_apart(int64_t n, const double (*xy)[2])
{
    double box[4];
    box_of(n, xy, box);
    return !(box[2] >= LOW && box[3] >= LOW && box[0] <= HIGH && box[1] <= HIGH);
}

tl_err tl_shape_polygon(struct tl_ctx *ctx, struct tl_shape *shape, enum tl_shape_bias bias,
                        const double (*xy)[2], const struct tl_shape_path *rings, int64_t n_rings)
{
    tl_err err = TL_OK;
    for (int64_t r = 0; r < n_rings && err == TL_OK; r++) {
        int64_t before = shape->n_paths;
        if (!lies_apart(rings[r].n, xy + rings[r].first))
            err = add_ring(ctx, shape, bias, rings[r].n, xy + rings[r].first, r > 0);
        if (r == 0 && shape->n_paths == before)
            break; /* the outer ring is not here */
    }
    return err;
}

/* The part of a segment within the tile and its buffer (Liang and Barsky 1984). */
static bool clip_segment(point a, point b)
{
    double from = 0.0, to = 1.0, d[2] = {b[0] - a[0], b[1] - a[1]};
    for (int k = 0; k < 2; k++) {
        if (d[k] == 0.0 && (a[k] < LOW || a[k] > HIGH))
            return false;
        if (d[k] == 0.0)
            continue;
        double t0 = (LOW - a[k]) / d[k], t1 = (HIGH - a[k]) / d[k];
        from = fmax(from, fmin(t0, t1));
        to = fmin(to, fmax(t0, t1));
    }
    if (from > to)
        return false;
    for (int k = 0; k < 2; k++) {
        b[k] = to < 1.0 ? a[k] + to * d[k] : b[k]; /* untouched ends stay as they are, to the bit */
        a[k] = from > 0.0 ? a[k] + from * d[k] : a[k];
    }
    return true;
}

/* A run of a line within the tile, in S_CLIP. */
static tl_err add_run(struct tl_ctx *ctx, struct tl_shape *shape, int64_t n)
{
    tl_err err = TL_OK;
    int64_t m = 0;
    point *xy = shape->scratch[S_CLIP];
    if (n < 2)
        return TL_OK;
    TL_TRY(marks_reserve(ctx, shape, n));
    shape->marks[0] = shape->marks[n - 1] = 1;
    thin(0, n - 1, xy, shape->marks);
    for (int64_t i = 0; i < n; i++) {
        double x = round(xy[i][0]), y = round(xy[i][1]);
        if (!shape->marks[i] || (m > 0 && x == xy[m - 1][0] && y == xy[m - 1][1]))
            continue;
        xy[m][0] = x;
        xy[m++][1] = y;
    }
    if (m == 1) { /* shorter than a unit: still to be seen */
        xy[1][0] = xy[0][0] + 1.0;
        xy[1][1] = xy[0][1];
        m = 2;
    }
    TL_TRY(path_add(ctx, shape, m, xy));
done:
    return err;
}

tl_err tl_shape_polyline(struct tl_ctx *ctx, struct tl_shape *shape, const double (*xy)[2],
                         int64_t n)
{
    tl_err err = TL_OK;
    int64_t m = 0;
    TL_TRY(reserve(ctx, shape, S_CLIP, n + 2));
    if (lies_apart(n, xy))
        return TL_OK;
    for (int64_t i = 0; i + 1 < n; i++) {
        point a = {xy[i][0], xy[i][1]}, b = {xy[i + 1][0], xy[i + 1][1]};
        point *run = shape->scratch[S_CLIP];
        bool inside = clip_segment(a, b);
        if (!inside || m == 0 || a[0] != run[m - 1][0] || a[1] != run[m - 1][1]) {
            TL_TRY(add_run(ctx, shape, m));
            m = 0;
            if (inside)
                memcpy(run[m++], a, sizeof a);
        }
        if (inside)
            memcpy(run[m++], b, sizeof b);
    }
    TL_TRY(add_run(ctx, shape, m));
done:
    return err;
}

tl_err tl_shape_point(struct tl_ctx *ctx, struct tl_shape *shape, const double xy[2])
{
    point at = {round(xy[0]), round(xy[1])};
    if (!(at[0] >= LOW && at[1] >= LOW && at[0] <= HIGH && at[1] <= HIGH))
        return TL_OK;
    return path_add(ctx, shape, 1, &at);
}
