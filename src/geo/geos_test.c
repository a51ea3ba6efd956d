#include "unit.h"

#include "geo/geom.h"
#include "geo/geos.h"

static tl_err mended_area(struct tl_ctx *ctx, const char *wkt, double *area, int *type)
{
    tl_err err = TL_OK;
    void *wkb = NULL;
    int64_t n = 0;
    struct tl_geos geos = {0};
    GEOSGeometry *g = NULL;
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &n));
    TL_TRY(tl_geos_init(ctx, &geos));
    TL_TRY(tl_geos_read(ctx, &geos, wkb, n, &g));
    g = tl_geos_repair(&geos, g);
    if (g == NULL)
        TL_THROW(ctx, TL_EDATA, "%s", geos.why);
    GEOSArea_r(geos.handle, g, area);
    *type = GEOSGeomTypeId_r(geos.handle, g);
done:
    tl_geos_drop(&geos, g);
    tl_geos_fini(&geos);
    tl_free(wkb);
    return err;
}

TEST(mending_keeps_both_wings_of_a_bow_tie)
{
    double area = 0.0;
    int type = -1;
    CHECK_OK(mended_area(ctx, "POLYGON((0 0,2 2,2 0,0 2,0 0))", &area, &type));
    CHECK_NEAR(area, 2.0, 1e-12);
    CHECK(type == GEOS_MULTIPOLYGON);
    CHECK_OK(mended_area(ctx, "POLYGON((0 0,4 4,4 0,0 2,0 0))", &area, &type));
    CHECK_NEAR(area, 4.0 * (4.0 - 4.0 / 3.0) / 2.0 + 2.0 * (4.0 / 3.0) / 2.0, 1e-9);
}

TEST(mending_overlapping_parts_keeps_their_union)
{
    double area = 0.0;
    int type = -1;
    CHECK_OK(mended_area(ctx, "MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 1,3 1,3 3,1 3,1 1)))",
                         &area, &type));
    CHECK_NEAR(area, 7.0, 1e-12);
}

TEST(a_spike_leaves_only_polygons)
{
    double area = 0.0;
    int type = -1;
    CHECK_OK(mended_area(ctx, "POLYGON((0 0,2 0,2 2,2 5,2 2,0 2,0 0))", &area, &type));
    CHECK_NEAR(area, 4.0, 1e-12);
    CHECK(type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON);
}
