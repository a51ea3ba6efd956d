/** The area of interest: whether a position lies in it, and what would bring one that does not into
 * it. */
#ifndef TL_EVIDENCE_REGION_H
#define TL_EVIDENCE_REGION_H

#include "evidence/reason.h"
#include "geo/geom.h"
#include "geo/wkb.h"
#include "tilth/project.h"

/** Places and lines may lie this far around the area: they shape the use of land and the reasons
 * within it. */
#define TL_REGION_AROUND_M 50000.0

struct tl_region {
    double box[4];       /* west, south, east, north [degrees] */
    double around[4];    /* grown by TL_REGION_AROUND_M */
    bool is_box;         /* the area is its own box: no need to look at its edges */
    struct tl_wkb shape; /* owns */
};

/** Reads a project's area of interest. Errors: TL_EDATA, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_region_init(struct tl_ctx *ctx, struct tl_project *project,
                                  struct tl_region *region);
/** The same from a polygon in WGS 84. */
TL_MUST_USE tl_err tl_region_from_wkb(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                      struct tl_region *region);
void tl_region_fini(struct tl_region *region);

/** Whether a position lies in the area (`around`: in its box grown by 50 km). Allocates: no. */
bool tl_region_holds(const struct tl_region *region, double lon_deg, double lat_deg, bool around);

/** Whether a geometry of this box reaches into the area, as far as boxes can tell; a point as
 * tl_region_holds. */
bool tl_region_meets(const struct tl_region *region, const struct tl_geom_info *info, bool around);

/**
 * What is wrong with a position that does not lie in the area: one of the mendings (`mended` then
 * lies in the area's box), or TL_REASON_OUTSIDE. Never mends: it proposes.
 * @param[out] mended  lon, lat; untouched for TL_REASON_OUTSIDE
 */
enum tl_reason tl_region_diagnose(const struct tl_region *region, double lon_deg, double lat_deg,
                                  double mended[2]);

/**
 * The area as a polygon in the grid's system, its edges cut fine enough that a straight edge in
 * degrees stays where it is. owns: the caller, tl_free.
 */
TL_MUST_USE tl_err tl_region_on_grid(struct tl_ctx *ctx, const struct tl_region *region,
                                     struct tl_crs_map *to_grid, void **wkb, int64_t *wkb_bytes);

#endif
