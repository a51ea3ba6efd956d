/** Geometry as a GeoPackage keeps it: a small header with an envelope, then ISO WKB. */
#ifndef TL_STORE_GPB_H
#define TL_STORE_GPB_H

#include <sqlite3.h>

#include "core/buf.h"
#include "core/core.h"

enum tl_gpb_family { TL_GPB_ANY, TL_GPB_POINT, TL_GPB_LINE, TL_GPB_POLYGON };

struct tl_gpb_box {
    double west, east, south, north; /* west > east when empty */
};

/**
 * Rewrites WKB (ISO or EWKB, any byte order, Z and M dropped) as a GeoPackage blob in WGS 84. Lines and polygons become multi
 * geometries, which is what the layers declare; a multipoint of one point becomes a point.
 * @param[in,out] out  cleared first
 * Errors: TL_EDATA (not WKB, other family, coordinates not finite), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_gpb_make(struct tl_ctx *ctx, enum tl_gpb_family family, const void *wkb,
                               int64_t wkb_bytes, struct tl_buf *out, struct tl_gpb_box *box);

/** WKB inside a blob; NULL when the blob is not a GeoPackage geometry. borrows: the blob. */
const void *tl_gpb_wkb(const void *blob, int64_t blob_bytes, int64_t *wkb_bytes);

/** Envelope of a blob: that of its header, or computed. False when empty or malformed. */
bool tl_gpb_envelope(const void *blob, int64_t blob_bytes, struct tl_gpb_box *box);

/** Registers ST_MinX, ST_MaxX, ST_MinY, ST_MaxY and ST_IsEmpty, which the R-tree's triggers call. */
TL_MUST_USE tl_err tl_gpb_register(struct tl_ctx *ctx, sqlite3 *db);

#endif
