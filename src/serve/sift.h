/** Files from outside, read in a process of their own: what is in them, their rows (tilth/rows.h) or numbers (tilth/pixels.h), behind the walls of sandbox.h. */
#ifndef TL_SERVE_SIFT_H
#define TL_SERVE_SIFT_H

#include "core/json.h"
#include "serve/sandbox.h"
#include "tilth/pixels.h"
#include "tilth/rows.h"

struct tl_sift {
    const char *program;             /* borrows: NULL = this one */
    const char *name;                /* borrows: the file's, for its ending and for messages */
    int fd;                          /* of the file */
    struct tl_rows_wanted wanted;    /* borrows */
    struct tl_pixels_wanted window;  /* of a raster */
    struct tl_sandbox_limits limits; /* all 0 = the usual ones */
    struct tl_sandbox_walls walls;   /* set: those that stood */
};

/**
 * What is in a file: {driver, layers}, of a shape that has been checked. owns: the caller.
 * Errors: those of tl_sandbox_run; TL_EDATA (what comes back is not of that shape).
 */
TL_MUST_USE tl_err tl_sift_look(struct tl_ctx *ctx, struct tl_sift *sift, json_t **found);

/**
 * What is in a raster: {driver, crs, wkt, place, n_x, n_y, bands} (tilth/pixels.h), of a shape that has been checked. owns: the caller.
 * Errors: as tl_sift_look.
 */
TL_MUST_USE tl_err tl_sift_look_raster(struct tl_ctx *ctx, struct tl_sift *sift, json_t **found);

/** sift->window of a raster, to a descriptor that is open for writing. Errors: those of tl_sandbox_run. */
TL_MUST_USE tl_err tl_sift_pixels(struct tl_ctx *ctx, struct tl_sift *sift, int out);

/** Its rows, to a descriptor that is open for writing. Errors: those of tl_sandbox_run. */
TL_MUST_USE tl_err tl_sift_rows(struct tl_ctx *ctx, struct tl_sift *sift, int out);

#endif
