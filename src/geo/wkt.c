/* Geometries as text, for files whose rows hold nothing else (CSV). */
#include <string.h>

#include "geo/geom.h"
#include "geo/geos.h"

/* Nine decimals of a degree are a tenth of a millimetre; trailing zeros are trimmed. */
enum { DECIMALS = 9 };

tl_err tl_geo_wkt(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, char **wkt)
{
    tl_err err = TL_OK;
    struct tl_geos geos = {0};
    GEOSGeometry *geometry = NULL;
    GEOSWKTWriter *writer = NULL;
    char *text = NULL, *copy;
    void *mended = NULL;
    int64_t mended_bytes = 0;
    TL_TRY(tl_geos_init(ctx, &geos));
    err = tl_geos_read(ctx, &geos, wkb, wkb_bytes, &geometry);
    if (err == TL_EDATA) { /* a ring that is not closed, which a register keeps as it came */
        TL_TRY(tl_geom_repair(ctx, wkb, wkb_bytes, &mended, &mended_bytes));
        err = tl_geos_read(ctx, &geos, mended, mended_bytes, &geometry);
    }
    TL_TRY(err);
    writer = GEOSWKTWriter_create_r(geos.handle);
    if (writer == NULL)
        TL_THROW(ctx, TL_ENOMEM, "out of memory while writing a geometry as text");
    GEOSWKTWriter_setTrim_r(geos.handle, writer, 1);
    GEOSWKTWriter_setRoundingPrecision_r(geos.handle, writer, DECIMALS);
    text = GEOSWKTWriter_write_r(geos.handle, writer, geometry);
    if (text == NULL)
        TL_THROW(ctx, TL_EDATA, "a geometry cannot be written as text: %s", geos.why);
    copy = tl_strdup(ctx, text);
    if (copy == NULL)
        err = TL_ENOMEM;
    else
        *wkt = copy;
done:
    if (text != NULL)
        GEOSFree_r(geos.handle, text);
    if (writer != NULL)
        GEOSWKTWriter_destroy_r(geos.handle, writer);
    tl_free(mended);
    tl_geos_drop(&geos, geometry);
    tl_geos_fini(&geos);
    return err;
}
