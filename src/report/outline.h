/** Outlines of geometries for drawing and for tables: rings and lines, from WKB or GeoJSON. */
#ifndef TL_REPORT_OUTLINE_H
#define TL_REPORT_OUTLINE_H

#include "core/json.h"
#include "tilth/crs.h"

struct tl_outline_ring {
    double *xy; /* owns: [n, 2]; the first point is there again at the end of a ring */
    int64_t n;
    int32_t part; /* polygon or line of a multi kind, from 0 */
    bool closed;  /* of a polygon; the first ring of a part is its outer one */
};

struct tl_outline {
    int64_t n_rings;
    struct tl_outline_ring *rings; /* owns */
};

/** From WKB, either byte order; points have no outline. Errors: TL_EDATA (cut off, not WKB), TL_ENOMEM. `outline` untouched on error. */
TL_MUST_USE tl_err tl_outline_from_wkb(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                       struct tl_outline *outline);

/** From a Polygon or MultiPolygon of GeoJSON; anything else, and NULL, has no rings. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_outline_from_geojson(struct tl_ctx *ctx, const json_t *geometry,
                                           struct tl_outline *outline);

/** WKB of the rings as a multipolygon. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_outline_to_wkb(struct tl_ctx *ctx, const struct tl_outline *outline,
                                     void **wkb, int64_t *wkb_bytes);

/** Transforms all points in place. */
void tl_outline_map(struct tl_outline *outline, struct tl_crs_map *map);

/** Widens a box (west, south, east, north) to hold the outline; points that are not finite do not count. */
void tl_outline_widen(const struct tl_outline *outline, double box[4]);

void tl_outline_fini(struct tl_outline *outline);

#endif
