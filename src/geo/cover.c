/*
 * Cover of one polygon: the pieces of its edges (cover_edges.h) give the area of the cells they pass through; what they
 * cover of cells further east fills the run up to the next piece of the row. So inner cells cost one write each.
 */
#include "geo/cover.h"

#include <math.h>

#include "geo/cover_edges.h"

/* Sums of parts of 1 that ought to be 0 or 1 miss it by rounding; a whole inner cell must be whole. */
static const double NOISE = 1e-12, NOTHING = 1e-14;

struct cells {
    struct tl_ctx *ctx;          /* borrows */
    struct tl_cover_cell *items; /* owns */
    int64_t n, room;
};

static tl_err add_run(void *user, int64_t first, int64_t n, double area)
{
    struct cells *cells = user;
    if (cells->n + n > cells->room) {
        int64_t room = cells->n + n + (cells->n + n) / 2 + 16;
        struct tl_cover_cell *items =
            tl_regrow(cells->ctx, cells->items, cells->n, room, sizeof *items);
        if (items == NULL)
            return TL_ENOMEM;
        cells->items = items;
        cells->room = room;
    }
    for (int64_t k = 0; k < n; k++)
        cells->items[cells->n++] = (struct tl_cover_cell){first + k, area};
    return TL_OK;
}

/* Runs of cells that are covered alike, in order. */
static tl_err fill(const struct tl_grid *grid, const struct tl_cover_pieces *pieces,
                   tl_cover_run_fn fn, void *user)
{
    double cell_m2 = grid->step_m * grid->step_m, east = 0.0;
    tl_err err = TL_OK;
    for (int64_t k = 0; k < pieces->n && err == TL_OK;) {
        int64_t cell = pieces->items[k].cell;
        double own = east;
        for (; k < pieces->n && pieces->items[k].cell == cell; k++) {
            own += tl_cover_piece_own(&pieces->items[k]);
            east += tl_cover_piece_east(&pieces->items[k]);
        }
        if (own > NOTHING)
            err = fn(user, cell, 1, own < 1.0 - NOTHING ? own * cell_m2 : cell_m2);
        east = fabs(east) < NOISE ? 0.0 : fabs(east - 1.0) < NOISE ? 1.0 : east;
        int64_t row_end = (cell / grid->n_x + 1) * grid->n_x;
        bool ends = k == pieces->n || pieces->items[k].cell >= row_end;
        int64_t next = ends ? row_end : pieces->items[k].cell;
        if (east > 0.0 && err == TL_OK && next > cell + 1)
            err = fn(user, cell + 1, next - cell - 1, east * cell_m2);
        if (ends)
            east = 0.0;
    }
    return err;
}

tl_err tl_cover_polygon_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                             int64_t row_end, const void *wkb, int64_t wkb_bytes,
                             struct tl_cover_cell **cells, int64_t *n_cells)
{
    tl_err err = TL_OK;
    struct tl_cover_shape shape = {0};
    struct tl_cover_pieces pieces = {0};
    struct cells made = {.ctx = ctx};
    TL_TRY(tl_cover_shape_init(ctx, grid, wkb, wkb_bytes, &shape));
    TL_TRY(tl_cover_walk(ctx, &shape, grid->n_x, row_first, row_end, &pieces));
    TL_TRY(fill(grid, &pieces, add_run, &made));
    for (int64_t k = 0; k < made.n; k++)
        made.items[k].i += row_first * grid->n_x;
    *cells = made.items;
    *n_cells = made.n;
    made.items = NULL;
done:
    tl_free(made.items);
    tl_free(pieces.items);
    tl_cover_shape_fini(&shape);
    return err;
}

tl_err tl_cover_polygon(struct tl_ctx *ctx, const struct tl_grid *grid, const void *wkb,
                        int64_t wkb_bytes, struct tl_cover_cell **cells, int64_t *n_cells)
{
    return tl_cover_polygon_rows(ctx, grid, 0, grid->n_y, wkb, wkb_bytes, cells, n_cells);
}

tl_err tl_cover_runs(struct tl_ctx *ctx, const struct tl_grid *grid, const void *wkb,
                     int64_t wkb_bytes, tl_cover_run_fn fn, void *user)
{
    tl_err err = TL_OK;
    struct tl_cover_shape shape = {0};
    struct tl_cover_pieces pieces = {0};
    TL_TRY(tl_cover_shape_init(ctx, grid, wkb, wkb_bytes, &shape));
    TL_TRY(tl_cover_walk(ctx, &shape, grid->n_x, 0, grid->n_y, &pieces));
    TL_TRY(fill(grid, &pieces, fn, user));
done:
    tl_free(pieces.items);
    tl_cover_shape_fini(&shape);
    return err;
}
