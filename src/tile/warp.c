/*
 * From pixels to cells. The map from the mercator plane to the grid's system is smooth: over a square of at most 64 pixels it is taken as
 * bilinear between the corners where it is right to 1/32 pixel at nine points within (middle, edges' middles, quarters), else the square is
 * cut in four, down to single pixels. The error of a linear stretch is largest near its middle (h^2 f''/8) unless f'' changes its sign there,
 * for which the quarters are; f'' would have to vary by a factor of four for 1/8 to be passed. warp_test.c looks at every pixel. A tile takes
 * some hundred positions instead of 65,536.
 */
#include "tile/warp.h"

#include <math.h>
#include <string.h>

enum { SIZE_MAX_PX = TL_WARP_SIZE_MAX, MARGIN_PX = 2, N_CHECKS = 9 };

static const double tolerance_px = 1.0 / 32.0;

struct work {
    struct tl_ctx *ctx; /* borrows */
    struct tl_tile_id id;
    const struct tl_grid *grid; /* borrows */
    struct tl_crs_map *map;     /* borrows */
    struct tl_warp *warp;
    int first[2], end[2];
};

bool tl_warp_pixels(struct tl_tile_id id, const double box[4], int first[2], int end[2])
{
    double n = (double)((int64_t)1 << id.z) * TL_TILE_PIXELS;
    double x0 = (double)id.x * TL_TILE_PIXELS, y0 = (double)id.y * TL_TILE_PIXELS;
    const double edge[4] = {tl_tile_x(box[0]) * n - x0, tl_tile_y(box[3]) * n - y0,
                            tl_tile_x(box[2]) * n - x0, tl_tile_y(box[1]) * n - y0};
    for (int k = 0; k < 2; k++) {
        first[k] = (int)fmin(fmax(floor(edge[k]) - MARGIN_PX, 0.0), TL_TILE_PIXELS);
        end[k] = (int)fmin(fmax(ceil(edge[k + 2]) + MARGIN_PX, 0.0), TL_TILE_PIXELS);
    }
    return first[0] < end[0] && first[1] < end[1];
}

/* Positions in the grid of n points of the tile [pixels]. */
static void place(const struct work *w, int n, double *u, double *v)
{
    double size = (double)((int64_t)1 << w->id.z) * TL_TILE_PIXELS;
    for (int i = 0; i < n; i++) {
        u[i] = tl_tile_lon(((double)w->id.x * TL_TILE_PIXELS + u[i]) / size);
        v[i] = tl_tile_lat(((double)w->id.y * TL_TILE_PIXELS + v[i]) / size);
    }
    tl_crs_map_points(w->map, n, u, v, NULL);
    for (int i = 0; i < n; i++) {
        u[i] = (u[i] - w->grid->x0_m) / w->grid->step_m;
        v[i] = (w->grid->y0_m - v[i]) / w->grid->step_m;
    }
}

static tl_err add(struct work *w, const struct tl_warp_patch *patch)
{
    struct tl_warp *warp = w->warp;
    if (warp->n == warp->n_room) {
        int64_t room = warp->n_room == 0 ? 64 : 2 * warp->n_room;
        void *grown = tl_regrow(w->ctx, warp->patches, warp->n, room, sizeof *warp->patches);
        if (grown == NULL)
            return TL_ENOMEM;
        warp->patches = grown;
        warp->n_room = room;
    }
    warp->patches[warp->n++] = *patch;
    return TL_OK;
}

/* Cells that a pixel's step spans, east plus south, in columns and in rows: see `need`. */
static void note_need(struct tl_warp *warp, const struct tl_warp_patch *p)
{
    double across = (fabs(p->col[1] - p->col[0]) + fabs(p->col[2] - p->col[0])) / p->size;
    double down = (fabs(p->row[1] - p->row[0]) + fabs(p->row[2] - p->row[0])) / p->size;
    if (isfinite(across) && isfinite(down))
        warp->need = fmax(warp->need, fmax(across, down));
}

/* Points of a square, in halves of its half side: four corners, then where straightness is looked at. */
static const int at_quarter[4 + N_CHECKS][2] = {{0, 0}, {4, 0}, {0, 4}, {4, 4}, {2, 0},
                                                {0, 2}, {4, 2}, {2, 4}, {2, 2}, {1, 1},
                                                {3, 1}, {1, 3}, {3, 3}};

static bool is_straight(int size, const double *c, const double *r)
{
    double step = fmin(hypot(c[1] - c[0], r[1] - r[0]), hypot(c[2] - c[0], r[2] - r[0])) / size;
    for (int k = 4; k < 4 + N_CHECKS; k++) {
        double s = 0.25 * at_quarter[k][0], t = 0.25 * at_quarter[k][1];
        double col = (1 - t) * ((1 - s) * c[0] + s * c[1]) + t * ((1 - s) * c[2] + s * c[3]);
        double row = (1 - t) * ((1 - s) * r[0] + s * r[1]) + t * ((1 - s) * r[2] + s * r[3]);
        if (!(hypot(c[k] - col, r[k] - row) <= tolerance_px * step)) /* also where one is NaN */
            return false;
    }
    return true;
}

/* A single pixel: where its centre lies. */
static tl_err one_pixel(struct work *w, int u, int v)
{
    struct tl_warp_patch patch = {.u = u, .v = v, .size = 1};
    double x[3] = {u + 0.5, u + 1.5, u + 0.5}, y[3] = {v + 0.5, v + 0.5, v + 1.5};
    place(w, 3, x, y);
    for (int k = 0; k < 4; k++) {
        patch.col[k] = x[0];
        patch.row[k] = y[0];
    }
    struct tl_warp_patch steps = patch;
    steps.col[1] = x[1], steps.row[1] = y[1], steps.col[2] = x[2], steps.row[2] = y[2];
    note_need(w->warp, &steps);
    return isnan(x[0]) || isnan(y[0]) ? TL_OK : add(w, &patch);
}

static tl_err cut(struct work *w, int u, int v, int size)
{
    if (u >= w->end[0] || v >= w->end[1] || u + size <= w->first[0] || v + size <= w->first[1])
        return TL_OK;
    if (size == 1)
        return one_pixel(w, u, v);
    double x[4 + N_CHECKS], y[4 + N_CHECKS];
    for (int k = 0; size <= SIZE_MAX_PX && k < 4 + N_CHECKS; k++) {
        x[k] = u + 0.25 * size * at_quarter[k][0];
        y[k] = v + 0.25 * size * at_quarter[k][1];
    }
    if (size <= SIZE_MAX_PX)
        place(w, 4 + N_CHECKS, x, y);
    if (size <= SIZE_MAX_PX && is_straight(size, x, y)) {
        struct tl_warp_patch patch = {.u = u, .v = v, .size = size};
        memcpy(patch.col, x, sizeof patch.col);
        memcpy(patch.row, y, sizeof patch.row);
        note_need(w->warp, &patch);
        return add(w, &patch);
    }
    tl_err err = TL_OK;
    for (int k = 0; k < 4 && err == TL_OK; k++)
        err = cut(w, u + (k & 1) * size / 2, v + (k >> 1) * size / 2, size / 2);
    return err;
}

tl_err tl_warp_make(struct tl_ctx *ctx, struct tl_tile_id id, const double box_deg[4],
                    const struct tl_grid *grid, struct tl_crs_map *map, struct tl_warp *warp)
{
    struct tl_warp made = {0};
    struct work w = {.ctx = ctx, .id = id, .grid = grid, .map = map, .warp = &made};
    tl_err err = TL_OK;
    if (tl_warp_pixels(id, box_deg, w.first, w.end))
        err = cut(&w, 0, 0, TL_TILE_PIXELS);
    if (err == TL_OK)
        *warp = made;
    else
        tl_warp_fini(&made);
    return err;
}

void tl_warp_fini(struct tl_warp *warp)
{
    tl_free(warp->patches);
    *warp = (struct tl_warp){0};
}
