/** GEOS, reentrant: a handle per call with its message; geometries in and out as WKB. */
#ifndef TL_GEO_GEOS_H
#define TL_GEO_GEOS_H

#include <geos_c.h>

#include "core/core.h"

struct tl_geos {
    GEOSContextHandle_t handle; /* owns */
    char why[256];              /* last message of the library */
};

TL_MUST_USE tl_err tl_geos_init(struct tl_ctx *ctx, struct tl_geos *geos);
void tl_geos_fini(struct tl_geos *geos);

/** Frees a geometry; NULL is fine (GEOS does not take it). */
void tl_geos_drop(struct tl_geos *geos, GEOSGeometry *geometry);

/** Geometry from bytes of any dialect. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_geos_read(struct tl_ctx *ctx, struct tl_geos *geos, const void *wkb,
                                int64_t wkb_bytes, GEOSGeometry **geometry);

/** 2-D ISO little-endian bytes. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_geos_write(struct tl_ctx *ctx, struct tl_geos *geos,
                                 const GEOSGeometry *geometry, void **wkb, int64_t *wkb_bytes);

/** A valid geometry; of a polygon only polygons are kept. Takes `geometry` over; NULL on error. */
GEOSGeometry *tl_geos_repair(struct tl_geos *geos, GEOSGeometry *geometry);

#endif
