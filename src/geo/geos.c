#include "geo/geos.h"

#include <stdio.h>
#include <string.h>

#include "geo/wkb.h"

static void keep_message(const char *message, void *user)
{
    struct tl_geos *geos = user;
    snprintf(geos->why, sizeof geos->why, "%s", message);
}

static void drop_notice(const char *message, void *user)
{
    (void)message, (void)user;
}

tl_err tl_geos_init(struct tl_ctx *ctx, struct tl_geos *geos)
{
    geos->why[0] = '\0';
    geos->handle = GEOS_init_r();
    if (geos->handle == NULL)
        return tl_fail(ctx, TL_ENOMEM, "the geometry library could not be started");
    GEOSContext_setErrorMessageHandler_r(geos->handle, keep_message, geos);
    GEOSContext_setNoticeMessageHandler_r(geos->handle, drop_notice, NULL);
    return TL_OK;
}

void tl_geos_fini(struct tl_geos *geos)
{
    if (geos->handle != NULL)
        GEOS_finish_r(geos->handle);
    geos->handle = NULL;
}

void tl_geos_drop(struct tl_geos *geos, GEOSGeometry *geometry)
{
    if (geometry != NULL)
        GEOSGeom_destroy_r(geos->handle, geometry);
}

tl_err tl_geos_read(struct tl_ctx *ctx, struct tl_geos *geos, const void *wkb, int64_t wkb_bytes,
                    GEOSGeometry **geometry)
{
    struct tl_wkb parsed = {0};
    tl_err err = tl_wkb_read(ctx, wkb, wkb_bytes, &parsed);
    if (err != TL_OK)
        return err;
    GEOSWKBReader *reader = GEOSWKBReader_create_r(geos->handle);
    GEOSGeometry *made = NULL;
    if (reader != NULL)
        made = GEOSWKBReader_read_r(geos->handle, reader, parsed.flat, (size_t)parsed.flat_bytes);
    if (reader != NULL)
        GEOSWKBReader_destroy_r(geos->handle, reader);
    tl_wkb_fini(&parsed);
    if (made == NULL)
        return tl_fail(ctx, TL_EDATA, "a geometry cannot be read: %s", geos->why);
    *geometry = made;
    return TL_OK;
}

tl_err tl_geos_write(struct tl_ctx *ctx, struct tl_geos *geos, const GEOSGeometry *geometry,
                     void **wkb, int64_t *wkb_bytes)
{
    tl_err err = TL_OK;
    size_t size = 0;
    unsigned char *bytes = NULL, *copy = NULL;
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(geos->handle);
    if (writer == NULL)
        TL_THROW(ctx, TL_ENOMEM, "a geometry cannot be written: %s", geos->why);
    GEOSWKBWriter_setOutputDimension_r(geos->handle, writer, 2);
    GEOSWKBWriter_setByteOrder_r(geos->handle, writer, GEOS_WKB_NDR);
    GEOSWKBWriter_setFlavor_r(geos->handle, writer, GEOS_WKB_ISO);
    bytes = GEOSWKBWriter_write_r(geos->handle, writer, geometry, &size);
    if (bytes == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be written: %s", geos->why);
    TL_TRY_ALLOC(ctx, copy, (int64_t)size);
    memcpy(copy, bytes, size);
    *wkb = copy;
    *wkb_bytes = (int64_t)size;
done:
    if (bytes != NULL)
        GEOSFree_r(geos->handle, bytes);
    if (writer != NULL)
        GEOSWKBWriter_destroy_r(geos->handle, writer);
    return err;
}

static bool is_areal(struct tl_geos *geos, const GEOSGeometry *geometry)
{
    int type = GEOSGeomTypeId_r(geos->handle, geometry);
    return type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON;
}

/* Mending a polygon can leave lines and points where parts of it had collapsed; they have no area and go. */
static GEOSGeometry *polygons_of(struct tl_geos *geos, GEOSGeometry *mixed)
{
    GEOSGeometry *sum = GEOSGeom_createEmptyCollection_r(geos->handle, GEOS_MULTIPOLYGON);
    int n = GEOSGetNumGeometries_r(geos->handle, mixed);
    for (int k = 0; k < n && sum != NULL; k++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(geos->handle, mixed, k);
        if (!is_areal(geos, part))
            continue;
        GEOSGeometry *more = GEOSUnion_r(geos->handle, sum, part);
        GEOSGeom_destroy_r(geos->handle, sum);
        sum = more;
    }
    GEOSGeom_destroy_r(geos->handle, mixed);
    return sum;
}

GEOSGeometry *tl_geos_repair(struct tl_geos *geos, GEOSGeometry *geometry)
{
    bool areal = is_areal(geos, geometry);
    GEOSGeometry *mended = NULL;
    GEOSMakeValidParams *params = GEOSMakeValidParams_create_r(geos->handle);
    if (params != NULL) {
        /* By structure: where rings overlap, the union is meant. By lines, a doubly covered part would be cut out,
         * and a hazardous area may grow by being mended but not shrink. */
        GEOSMakeValidParams_setMethod_r(geos->handle, params, GEOS_MAKE_VALID_STRUCTURE);
        GEOSMakeValidParams_setKeepCollapsed_r(geos->handle, params, 0);
        mended = GEOSMakeValidWithParams_r(geos->handle, geometry, params);
        GEOSMakeValidParams_destroy_r(geos->handle, params);
    }
    GEOSGeom_destroy_r(geos->handle, geometry);
    if (mended != NULL && areal && !is_areal(geos, mended))
        mended = polygons_of(geos, mended);
    return mended;
}
