/** Exact cover: area of each cell that a polygon covers, holes and multipolygons included. */
#ifndef TL_GEO_COVER_H
#define TL_GEO_COVER_H

#include "core/core.h"
#include "tilth/grid.h"

/** A geometry in grid CRS as WKB is what rooms hand to each other; GEOS stays in geo. */
struct tl_cover_cell {
    int64_t i;      /* cell */
    double area_m2; /* covered part, 0 < area <= step^2 */
};

/**
 * Cells that a polygon touches with positive area, ascending by cell.
 * @param wkb        polygon or multipolygon in grid CRS; invalid ones are repaired (MakeValid) for the purpose
 * @param[out] cells owns: the caller, tl_free
 * Errors: TL_EDATA (not a polygon, not finite), TL_ENOMEM.  Cost: O(cells touched + boundary pieces); whole inner cells
 * are filled by scan line, only boundary cells are clipped.
 */
TL_MUST_USE tl_err tl_cover_polygon(struct tl_ctx *ctx, const struct tl_grid *grid, const void *wkb,
                                    int64_t wkb_bytes, struct tl_cover_cell **cells,
                                    int64_t *n_cells);

/** The same for rows [row_first, row_end) of the grid only, to the bit. */
TL_MUST_USE tl_err tl_cover_polygon_rows(struct tl_ctx *ctx, const struct tl_grid *grid,
                                         int64_t row_first, int64_t row_end, const void *wkb,
                                         int64_t wkb_bytes, struct tl_cover_cell **cells,
                                         int64_t *n_cells);

/** Called for n cells from `first` on, of one row, of each of which a polygon covers as much. */
typedef tl_err (*tl_cover_run_fn)(void *user, int64_t first, int64_t n, double area_m2);

/** The same cells as runs, ascending: the cost is that of the polygon's boundary, whatever lies within. An error of the callback ends it. */
TL_MUST_USE tl_err tl_cover_runs(struct tl_ctx *ctx, const struct tl_grid *grid, const void *wkb,
                                 int64_t wkb_bytes, tl_cover_run_fn fn, void *user);

/**
 * One search's cover for the residual: passes of one method add up, methods multiply.
 */
struct tl_cover_search {
    const void *wkb; /* borrows: polygon in grid CRS */
    int64_t wkb_bytes;
    int32_t method;   /* 0..n_methods-1 */
    int32_t n_passes; /* >= 1 */
};

/**
 * Called for each class of a cell: the ground over which the same searches lie.
 * @param share     of the cell, > 0; the shares of a cell add up to 1 to rounding
 * @param searches  borrows: [n] ascending; none for ground of the cell that no search covers
 */
typedef tl_err (*tl_cover_class_fn)(void *user, int64_t cell, double share, int64_t n,
                                    const int64_t *searches);

/**
 * The exact arrangement of searches within each cell. Cells come in ascending order, those without any search not at all; a set comes once
 * a cell. Only the polygons of `searches` are looked at. An error of the callback ends the walk and is returned.
 * Errors: TL_EDATA (a bad polygon: says which search), TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_cover_classes(struct tl_ctx *ctx, const struct tl_grid *grid,
                                    int64_t n_searches, const struct tl_cover_search *searches,
                                    tl_cover_class_fn fn, void *user);

/** The same for rows [row_first, row_end) of the grid only, to the bit; `cell` counts in the whole grid. */
TL_MUST_USE tl_err tl_cover_classes_rows(struct tl_ctx *ctx, const struct tl_grid *grid,
                                         int64_t row_first, int64_t row_end, int64_t n_searches,
                                         const struct tl_cover_search *searches,
                                         tl_cover_class_fn fn, void *user);

/** miss[m](k) = (1 - d) + d (1 - q)^k, model.md section 3. */
struct tl_cover_method {
    double detectable; /* d, 0..1 */
    double per_pass;   /* q, 0..1 */
};

/**
 * Residual area of every cell: integral over the cell of prod_m miss_m(k_m), overlaps of polygons resolved exactly
 * within the cell. effort = cell_area - residual, by the caller or through `effort`.
 * @param      cell_area  [n_cells] land area of each cell [m2]; the integral is scaled by cell_area / step^2
 * @param[out] residual   [n_cells] [m2]
 * Errors: TL_EDATA (a probability outside 0..1, a method out of range, a bad polygon: says which search), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_cover_residual(struct tl_ctx *ctx, const struct tl_grid *grid,
                                     const double *cell_area, int64_t n_searches,
                                     const struct tl_cover_search *searches, int32_t n_methods,
                                     const struct tl_cover_method *methods, double *residual);

/** The same for rows [row_first, row_end), to the bit. @param cell_area,residual [(row_end - row_first) * n_x] of these rows */
TL_MUST_USE tl_err tl_cover_residual_rows(struct tl_ctx *ctx, const struct tl_grid *grid,
                                          int64_t row_first, int64_t row_end,
                                          const double *cell_area, int64_t n_searches,
                                          const struct tl_cover_search *searches, int32_t n_methods,
                                          const struct tl_cover_method *methods, double *residual);

/** Distance [m] from each cell's centre to the nearest of some geometries (WKB, grid CRS); INFINITY where there is none. */
TL_MUST_USE tl_err tl_cover_distance(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                                     const void *const *wkb, const int64_t *wkb_bytes,
                                     double *distance_m);

/** The same by rows: geometries are read once. */
struct tl_cover_near;
TL_MUST_USE tl_err tl_cover_near_open(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                                      const void *const *wkb, const int64_t *wkb_bytes,
                                      struct tl_cover_near **near);
void tl_cover_near_close(struct tl_cover_near *near); /* NULL is fine */

/** Rows [row_first, row_end). @param[out] distance_m [(row_end - row_first) * n_x] Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_cover_near_rows(struct tl_ctx *ctx, const struct tl_cover_near *near,
                                      int64_t row_first, int64_t row_end, double *distance_m);

#endif
