#include "serve/raster.h"

#include <math.h>
#include <string.h>

enum { SIDE_POINTS = 8, MARGIN_CELLS = 8, DIGITS = 6 };

static void at_cell(const struct tl_raster_file *file, double x, double y, double *east,
                    double *north)
{
    const double *p = file->place;
    *east = p[0] + x * p[1] + y * p[2];
    *north = p[3] + x * p[4] + y * p[5];
}

/* Points along the edge, closed; straight lines of one system are none of another. */
static void outline_points(const struct tl_raster_file *file, double *x, double *y)
{
    const double n_x = (double)file->n_x, n_y = (double)file->n_y;
    const double corners[5][2] = {{0, 0}, {n_x, 0}, {n_x, n_y}, {0, n_y}, {0, 0}};
    for (int side = 0; side < 4; side++)
        for (int i = 0; i < SIDE_POINTS; i++) {
            double t = (double)i / SIDE_POINTS;
            int k = side * SIDE_POINTS + i;
            at_cell(file, corners[side][0] + t * (corners[side + 1][0] - corners[side][0]),
                    corners[side][1] + t * (corners[side + 1][1] - corners[side][1]), &x[k], &y[k]);
        }
    x[4 * SIDE_POINTS] = x[0];
    y[4 * SIDE_POINTS] = y[0];
}

json_t *tl_raster_outline(struct tl_ctx *ctx, const struct tl_raster_file *file)
{
    enum { N = 4 * SIDE_POINTS + 1 };
    double x[N], y[N];
    struct tl_crs_map *map = NULL;
    int64_t n_bad = 0;
    if (file->crs[0] == '\0' || tl_crs_map_create(ctx, file->crs, "EPSG:4326", &map) != TL_OK)
        return json_null();
    outline_points(file, x, y);
    tl_crs_map_points(map, N, x, y, &n_bad);
    tl_crs_map_free(map);
    json_t *ring = json_array();
    for (int i = 0; i < N; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]) || fabs(x[i]) > 180.0 || fabs(y[i]) > 90.0)
            n_bad++;
        json_array_append_new(
            ring, json_pack("[o, o]", tl_json_number(x[i], 9), tl_json_number(y[i], 9)));
    }
    if (n_bad == 0)
        return json_pack("{s:s, s:[o]}", "type", "Polygon", "coordinates", ring);
    json_decref(ring);
    return json_null();
}

json_t *tl_raster_cell(struct tl_ctx *ctx, const struct tl_raster_file *file)
{
    char name[TL_CRS_TEXT_BYTES];
    const double *p = file->place;
    const char *unit = "";
    if (file->crs[0] != '\0')
        unit = tl_crs_check(ctx, file->crs, 1, name) == TL_OK   ? "m"
               : tl_crs_check(ctx, file->crs, 0, name) == TL_OK ? "degree"
                                                                : "";
    return json_pack("{s:o, s:o, s:s}", "x", tl_json_number(hypot(p[1], p[4]), DIGITS), "y",
                     tl_json_number(hypot(p[2], p[5]), DIGITS), "unit", unit);
}

/* The cells that a box of the raster's system spans, also of a raster that is turned. */
static void cells_of(const struct tl_raster_file *file, const double box[4], double from[2],
                     double to[2])
{
    const double *p = file->place, turn = p[1] * p[5] - p[2] * p[4];
    from[0] = from[1] = INFINITY;
    to[0] = to[1] = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        double east = box[corner & 1 ? 2 : 0] - p[0], north = box[corner & 2 ? 3 : 1] - p[3];
        const double at[2] = {(east * p[5] - north * p[2]) / turn,
                              (north * p[1] - east * p[4]) / turn};
        for (int axis = 0; axis < 2; axis++) {
            from[axis] = fmin(from[axis], at[axis]);
            to[axis] = fmax(to[axis], at[axis]);
        }
    }
}

static tl_err check_window(struct tl_ctx *ctx, const struct tl_raster_file *file,
                           const struct tl_pixels_wanted *w)
{
    double n = (double)w->n_x * (double)w->n_y;
    if (n <= TL_RASTER_WINDOW_CELLS)
        return TL_OK;
    return tl_fail(ctx, TL_EDATA,
                   "%s: the raster has %.0f million cells over the project, expected at most %d; "
                   "make it coarser first",
                   file->name, n / 1048576.0, TL_RASTER_WINDOW_CELLS >> 20);
}

tl_err tl_raster_window(struct tl_ctx *ctx, const struct tl_raster_file *file, const char *grid_crs,
                        const struct tl_grid *grid, struct tl_pixels_wanted *wanted)
{
    const double box[4] = {grid->x0_m, grid->y0_m - grid->step_m * (double)grid->n_y,
                           grid->x0_m + grid->step_m * (double)grid->n_x, grid->y0_m};
    const int64_t sizes[2] = {file->n_x, file->n_y};
    double there[4], from[2], to[2];
    int64_t first[2], end[2];
    struct tl_crs_map *map = NULL;
    tl_err err = TL_OK;
    if (file->crs[0] == '\0')
        return tl_fail(ctx, TL_EDATA, "%s: the raster does not say its reference system",
                       file->name);
    TL_TRY(tl_crs_map_create(ctx, grid_crs, file->crs, &map));
    TL_TRY(tl_crs_map_box(ctx, map, box, there));
    cells_of(file, there, from, to);
    for (int axis = 0; axis < 2; axis++) {
        if (!(to[axis] > 0.0) || !(from[axis] < (double)sizes[axis]))
            TL_THROW(ctx, TL_EDATA,
                     "%s: the raster and the grid do not overlap, or it holds no data there",
                     file->name);
        first[axis] = (int64_t)fmax(0.0, floor(from[axis]) - MARGIN_CELLS);
        end[axis] = (int64_t)fmin((double)sizes[axis], ceil(to[axis]) + MARGIN_CELLS);
    }
    struct tl_pixels_wanted made = {.band = wanted->band,
                                    .x = first[0],
                                    .y = first[1],
                                    .n_x = end[0] - first[0],
                                    .n_y = end[1] - first[1]};
    TL_TRY(check_window(ctx, file, &made));
    *wanted = made;
done:
    tl_crs_map_free(map);
    return err;
}

struct spread {
    double min, max, sum;
    int64_t n;
};

static struct spread spread_of(int64_t n, const double *values)
{
    struct spread s = {INFINITY, -INFINITY, 0.0, 0};
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        s.min = fmin(s.min, values[i]);
        s.max = fmax(s.max, values[i]);
        s.sum += values[i];
        s.n++;
    }
    return s;
}

/* Average of what is known in a block; NaN where nothing is. */
static double block_mean(const struct tl_grid *grid, const double *values, int64_t x, int64_t y,
                         int64_t side)
{
    double sum = 0.0;
    int64_t n = 0;
    for (int64_t row = y; row < y + side && row < grid->n_y; row++)
        for (int64_t column = x; column < x + side && column < grid->n_x; column++) {
            double value = values[row * grid->n_x + column];
            if (!isfinite(value))
                continue;
            sum += value;
            n++;
        }
    return n > 0 ? sum / (double)n : NAN;
}

json_t *tl_raster_preview(const struct tl_grid *grid, const double *values, int64_t most)
{
    int64_t longer = grid->n_x > grid->n_y ? grid->n_x : grid->n_y;
    int64_t side = (longer + most - 1) / most;
    struct spread s = spread_of(tl_grid_n_cells(grid), values);
    json_t *cells = json_array();
    int64_t n_x = 0, n_y = 0;
    for (int64_t y = 0; y < grid->n_y; y += side, n_y++) {
        n_x = 0;
        for (int64_t x = 0; x < grid->n_x; x += side, n_x++) {
            double mean = block_mean(grid, values, x, y, side);
            double share = s.max > s.min ? (mean - s.min) / (s.max - s.min) : 0.5;
            json_array_append_new(
                cells, json_integer(isfinite(mean) ? (json_int_t)lround(255.0 * share) : -1));
        }
    }
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "n_x", (json_int_t)n_x, "n_y",
                     (json_int_t)n_y, "min", tl_json_number(s.n > 0 ? s.min : NAN, DIGITS), "max",
                     tl_json_number(s.n > 0 ? s.max : NAN, DIGITS), "mean",
                     tl_json_number(s.n > 0 ? s.sum / (double)s.n : NAN, DIGITS), "cells", cells);
}
