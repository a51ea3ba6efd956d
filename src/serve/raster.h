/** A raster on its way in: where it lies, and the part of it over the project. */
#ifndef TL_SERVE_RASTER_H
#define TL_SERVE_RASTER_H

#include "core/json.h"
#include "serve/serve.h"
#include "tilth/pixels.h"

/** Most cells of the part over the project: as doubles they are what the reader may write. */
enum { TL_RASTER_WINDOW_CELLS = 120 << 20 };

/** A raster as its look has it (tilth/pixels.h). */
struct tl_raster_file {
    const char *name; /* borrows: for messages */
    double place[6];
    int64_t n_x, n_y;
    const char
        *crs; /* borrows: WKT, or what somebody says where the file does not; "" = nobody does */
};

/**
 * Its outline in degrees, a GeoJSON polygon; null where it has no system or cannot be brought to degrees. owns: the caller.
 */
json_t *tl_raster_outline(struct tl_ctx *ctx, const struct tl_raster_file *file);

/** Size of a cell, {"x", "y", "unit"}; unit is "m", "degree" or "" (not known). owns: the caller. */
json_t *tl_raster_cell(struct tl_ctx *ctx, const struct tl_raster_file *file);

/**
 * The part of a raster over a grid, with a margin for averages and slopes.
 * @param[out] wanted  all but the band
 * Errors: TL_EDATA (no system; they do not overlap; more than TL_RASTER_WINDOW_CELLS).
 */
TL_MUST_USE tl_err tl_raster_window(struct tl_ctx *ctx, const struct tl_raster_file *file,
                                    const char *grid_crs, const struct tl_grid *grid,
                                    struct tl_pixels_wanted *wanted);

/**
 * A covariate as a small picture: {"n_x", "n_y", "cells": [0..255, -1 = nothing known], "min", "max", "mean"}; what is averaged is told by min and max of
 * the whole. owns: the caller.
 */
json_t *tl_raster_preview(const struct tl_grid *grid, const double *values, int64_t most);

#endif
