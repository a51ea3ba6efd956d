/** Beginning a project: from an area as people give it and the side of a cell to a project file. */
#ifndef TILTH_NEW_H
#define TILTH_NEW_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/crs.h"
#include "tilth/grid.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_new_options {
    const char *
        area; /* borrows: "west,south,east,north" in degrees, or the path of a file with polygons */
    double cell_m;     /* side of a cell */
    const char *crs;   /* borrows: of the grid, projected, in metres; NULL = by the area */
    const char *title; /* borrows: NULL = the file's name */
    bool overwrite;
    int64_t memory_bytes; /* refuse with TL_ENOMEM what would need more; 0 = what the machine has */
};

struct tl_new_report {
    struct tl_grid grid;
    char crs[TL_CRS_TEXT_BYTES];      /* definition */
    char crs_name[TL_CRS_TEXT_BYTES]; /* in words */
    double area_deg[4];               /* west, south, east, north */
    double area_m2;                   /* of the polygons, in the grid's system */
    int64_t n_polygons;               /* that were read */
    int64_t memory_bytes;             /* that a map will need, as far as can be said beforehand */
};

/**
 * Makes a project file for an area; it appears whole or not at all.
 * @param[out] report  untouched on error
 * Errors: TL_EDATA (zero-size area, west > east: crosses the antimeridian, no polygon in the file, a cell larger than the area, a system
 * that is not projected in metres), TL_ENOTFOUND (no such file), TL_ENOMEM (too many cells: says how much they need and which
 * cell would do), TL_EEXISTS, TL_EIO.
 */
TL_MUST_USE tl_err tl_new_project(struct tl_ctx *ctx, const char *path,
                                  const struct tl_new_options *options,
                                  struct tl_new_report *report);

#ifdef __cplusplus
}
#endif
#endif
