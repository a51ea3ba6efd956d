/*
 * Distance from every cell's centre to the nearest geometry. All geometries become segments (a point is one of length
 * 0) in a tree of boxes, split at the median of the longer side; the walk down the tree is pruned by the distance found
 * for the cell before, which is at most one step worse. Centres inside a polygon are at distance 0; they are found row by
 * row from the crossings of the rings with the row's middle line.
 */
#include "geo/cover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/wkb.h"
#include "par/par.h"

enum { LEAF_SEGMENTS = 4, STACK_MAX = 128 };

struct segment {
    double x0, y0, x1, y1;
};

struct node {
    double box[4];
    int64_t first, n; /* segments of a leaf; n = 0 for an inner node */
    int64_t left, right;
};

struct tl_cover_near {
    struct segment *segments; /* owns */
    int64_t n_segments, room_segments;
    struct node *nodes; /* owns */
    int64_t n_nodes;
    struct tl_grid grid;
    struct tl_wkb *polygons; /* owns, each: those with an inside */
    int64_t n_polygons;
};

struct rows_job {
    const struct tl_cover_near *tree;
    int64_t row_first;
    double *distance_m; /* borrows: 0 where inside a polygon, INFINITY else, to begin with */
};

static tl_err add_segment(struct tl_ctx *ctx, struct tl_cover_near *tree, const double *a,
                          const double *b)
{
    if (tree->n_segments == tree->room_segments) {
        int64_t room = tree->room_segments < 16 ? 64 : 2 * tree->room_segments;
        struct segment *segments =
            tl_regrow(ctx, tree->segments, tree->n_segments, room, sizeof *segments);
        if (segments == NULL)
            return TL_ENOMEM;
        tree->segments = segments;
        tree->room_segments = room;
    }
    tree->segments[tree->n_segments++] = (struct segment){a[0], a[1], b[0], b[1]};
    return TL_OK;
}

static tl_err add_path(struct tl_ctx *ctx, struct tl_cover_near *tree, const struct tl_wkb *wkb,
                       const struct tl_wkb_path *path)
{
    tl_err err = TL_OK;
    const double *xy = wkb->xy + 2 * path->first;
    for (int64_t i = 0; i < path->count; i++)
        if (!isfinite(xy[2 * i]) || !isfinite(xy[2 * i + 1]))
            return tl_fail(ctx, TL_EDATA, "a coordinate is not a finite number");
    if (path->count == 1)
        return add_segment(ctx, tree, xy, xy);
    for (int64_t i = 0; i + 1 < path->count && err == TL_OK; i++)
        err = add_segment(ctx, tree, xy + 2 * i, xy + 2 * i + 2);
    return err;
}

static int by_number(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

/* Where the rings of a polygon cross a row's middle line; returns how many. */
static int64_t crossings(const struct tl_wkb *wkb, double y, double *at)
{
    int64_t n = 0;
    for (int64_t k = 0; k < wkb->n_paths; k++) {
        const struct tl_wkb_path *path = &wkb->paths[k];
        const double *xy = wkb->xy + 2 * path->first;
        for (int64_t i = 0; path->kind == TL_GEOM_POLYGON && i + 1 < path->count; i++, xy += 2)
            if ((xy[1] <= y) != (xy[3] <= y))
                at[n++] = xy[0] + (y - xy[1]) / (xy[3] - xy[1]) * (xy[2] - xy[0]);
    }
    return n;
}

static tl_err fill_inside(struct tl_ctx *ctx, const struct rows_job *job, int64_t row_end,
                          const struct tl_wkb *wkb)
{
    const struct tl_grid *grid = &job->tree->grid;
    double south = INFINITY, north = -INFINITY;
    for (int64_t i = 0; i < wkb->n_points; i++) {
        south = fmin(south, wkb->xy[2 * i + 1]);
        north = fmax(north, wkb->xy[2 * i + 1]);
    }
    double first = fmax((double)job->row_first, floor((grid->y0_m - north) / grid->step_m));
    double last = fmin((double)row_end - 1.0, ceil((grid->y0_m - south) / grid->step_m));
    if (!(first <= last))
        return TL_OK;
    double *at = tl_alloc(ctx, wkb->n_points + 1, sizeof *at);
    if (at == NULL)
        return TL_ENOMEM;
    for (int64_t row = (int64_t)first; row <= (int64_t)last; row++) {
        int64_t n = crossings(wkb, grid->y0_m - ((double)row + 0.5) * grid->step_m, at);
        qsort(at, (size_t)n, sizeof *at, by_number);
        for (int64_t k = 0; k + 1 < n; k += 2) {
            double from = fmax(0.0, ceil((at[k] - grid->x0_m) / grid->step_m - 0.5));
            double to =
                fmin((double)grid->n_x - 1.0, floor((at[k + 1] - grid->x0_m) / grid->step_m - 0.5));
            for (int64_t column = (int64_t)from; from <= to && column <= (int64_t)to; column++)
                job->distance_m[(row - job->row_first) * grid->n_x + column] = 0.0;
        }
    }
    tl_free(at);
    return TL_OK;
}

static void box_of(const struct segment *s, int64_t n, double box[4])
{
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        box[0] = fmin(box[0], fmin(s[i].x0, s[i].x1));
        box[1] = fmin(box[1], fmin(s[i].y0, s[i].y1));
        box[2] = fmax(box[2], fmax(s[i].x0, s[i].x1));
        box[3] = fmax(box[3], fmax(s[i].y0, s[i].y1));
    }
}

static int by_x(const void *a, const void *b)
{
    const struct segment *p = a, *q = b;
    double d = (p->x0 + p->x1) - (q->x0 + q->x1);
    return (d > 0.0) - (d < 0.0);
}

static int by_y(const void *a, const void *b)
{
    const struct segment *p = a, *q = b;
    double d = (p->y0 + p->y1) - (q->y0 + q->y1);
    return (d > 0.0) - (d < 0.0);
}

/* Halving by count keeps the depth at log2 of the number of segments. */
static int64_t build(struct tl_cover_near *tree, int64_t first, int64_t n)
{
    int64_t id = tree->n_nodes++;
    struct node node = {.first = first, .n = n};
    struct segment *s = tree->segments + first;
    box_of(s, n, node.box);
    if (n > LEAF_SEGMENTS) {
        bool wide = node.box[2] - node.box[0] >= node.box[3] - node.box[1];
        qsort(s, (size_t)n, sizeof *s, wide ? by_x : by_y);
        node.n = 0;
        node.left = build(tree, first, n / 2);
        node.right = build(tree, first + n / 2, n - n / 2);
    }
    tree->nodes[id] = node;
    return id;
}

/* Comparisons, not fmax: NaN cannot be here, and fmax is a call. */
static double box_distance2(const double box[4], double x, double y)
{
    double dx = box[0] > x ? box[0] - x : x > box[2] ? x - box[2] : 0.0;
    double dy = box[1] > y ? box[1] - y : y > box[3] ? y - box[3] : 0.0;
    return dx * dx + dy * dy;
}

static double segment_distance2(const struct segment *s, double x, double y)
{
    double dx = s->x1 - s->x0, dy = s->y1 - s->y0, length2 = dx * dx + dy * dy;
    double t = length2 > 0.0 ? ((x - s->x0) * dx + (y - s->y0) * dy) / length2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    double ex = s->x0 + t * dx - x, ey = s->y0 + t * dy - y;
    return ex * ex + ey * ey;
}

/* Squared distance to the nearest segment, given a bound that it does not exceed. */
static double nearest2(const struct tl_cover_near *tree, double x, double y, double bound2)
{
    int64_t stack[STACK_MAX];
    int n_stack = 0;
    stack[n_stack++] = 0;
    double best = bound2;
    while (n_stack > 0) {
        const struct node *node = &tree->nodes[stack[--n_stack]];
        if (box_distance2(node->box, x, y) > best)
            continue;
        for (int64_t i = 0; i < node->n; i++) {
            double d = segment_distance2(&tree->segments[node->first + i], x, y);
            best = d < best ? d : best;
        }
        if (node->n > 0)
            continue;
        double left = box_distance2(tree->nodes[node->left].box, x, y);
        double right = box_distance2(tree->nodes[node->right].box, x, y);
        bool left_first = left <= right;
        if ((left_first ? right : left) <= best)
            stack[n_stack++] = left_first ? node->right : node->left;
        if ((left_first ? left : right) <= best)
            stack[n_stack++] = left_first ? node->left : node->right;
    }
    return best;
}

static void do_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    (void)chunk;
    const struct rows_job *job = user;
    const struct tl_grid *grid = &job->tree->grid;
    for (int64_t r = first; r < last; r++) {
        double before = INFINITY;
        for (int64_t column = 0; column < grid->n_x; column++) {
            double *out = &job->distance_m[r * grid->n_x + column], x, y;
            double bound = (before + grid->step_m) * (1.0 + 1e-9);
            before = *out;
            if (*out == 0.0)
                continue;
            tl_grid_centre(grid, (tl_cell){(job->row_first + r) * grid->n_x + column}, &x, &y);
            before = *out = sqrt(nearest2(job->tree, x, y, bound * bound));
        }
    }
}

static bool has_inside(const struct tl_wkb *wkb)
{
    for (int64_t k = 0; k < wkb->n_paths; k++)
        if (wkb->paths[k].kind == TL_GEOM_POLYGON)
            return true;
    return false;
}

static tl_err add_geometry(struct tl_ctx *ctx, struct tl_cover_near *tree, const void *bytes,
                           int64_t n_bytes)
{
    struct tl_wkb wkb = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_wkb_read(ctx, bytes, n_bytes, &wkb));
    bool is_empty_point = wkb.n_points == 1 && isnan(wkb.xy[0]) && isnan(wkb.xy[1]);
    for (int64_t k = 0; k < wkb.n_paths && !is_empty_point; k++)
        TL_TRY(add_path(ctx, tree, &wkb, &wkb.paths[k]));
    if (has_inside(&wkb)) {
        tree->polygons[tree->n_polygons++] = wkb;
        wkb = (struct tl_wkb){0};
    }
done:
    tl_wkb_fini(&wkb);
    return err;
}

tl_err tl_cover_near_open(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                          const void *const *wkb, const int64_t *wkb_bytes,
                          struct tl_cover_near **near)
{
    tl_err err = TL_OK;
    struct tl_cover_near *tree = NULL;
    TL_TRY_ALLOC(ctx, tree, 1);
    tree->grid = *grid;
    TL_TRY_ALLOC(ctx, tree->polygons, n);
    for (int64_t k = 0; k < n; k++) {
        err = add_geometry(ctx, tree, wkb[k], wkb_bytes[k]);
        if (err != TL_OK) {
            tl_fail_at(ctx, err, "geometry %lld", (long long)k);
            goto done;
        }
    }
    if (tree->n_segments > 0) {
        TL_TRY_ALLOC(ctx, tree->nodes, 2 * tree->n_segments);
        build(tree, 0, tree->n_segments);
    }
    *near = tree;
    tree = NULL;
done:
    tl_cover_near_close(tree);
    return err;
}

void tl_cover_near_close(struct tl_cover_near *tree)
{
    if (tree == NULL)
        return;
    for (int64_t k = 0; k < tree->n_polygons; k++)
        tl_wkb_fini(&tree->polygons[k]);
    tl_free(tree->polygons);
    tl_free(tree->segments);
    tl_free(tree->nodes);
    tl_free(tree);
}

tl_err tl_cover_near_rows(struct tl_ctx *ctx, const struct tl_cover_near *near, int64_t row_first,
                          int64_t row_end, double *distance_m)
{
    tl_err err = TL_OK;
    int64_t n_x = near->grid.n_x, n_cells = (row_end - row_first) * n_x;
    struct rows_job job = {near, row_first, NULL};
    TL_TRY_ALLOC(ctx, job.distance_m, n_cells);
    for (int64_t i = 0; i < n_cells; i++)
        job.distance_m[i] = INFINITY;
    for (int64_t k = 0; k < near->n_polygons; k++)
        TL_TRY(fill_inside(ctx, &job, row_end, &near->polygons[k]));
    if (near->n_segments > 0)
        tl_par_for(ctx, row_end - row_first, 1 + 16384 / n_x, do_rows, &job);
    memcpy(distance_m, job.distance_m, (size_t)n_cells * sizeof *distance_m);
done:
    tl_free(job.distance_m);
    return err;
}

tl_err tl_cover_distance(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                         const void *const *wkb, const int64_t *wkb_bytes, double *distance_m)
{
    struct tl_cover_near *near = NULL;
    tl_err err = tl_cover_near_open(ctx, grid, n, wkb, wkb_bytes, &near);
    if (err == TL_OK)
        err = tl_cover_near_rows(ctx, near, 0, grid->n_y, distance_m);
    tl_cover_near_close(near);
    return err;
}
