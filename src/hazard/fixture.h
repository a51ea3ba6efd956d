/** A small project for the tests of this room: 24 x 20 cells of 100 m near the equator, made and filled as a user would. */
#ifndef TL_HAZARD_FIXTURE_H
#define TL_HAZARD_FIXTURE_H

#include <unistd.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/rng.h"
#include "geo/geom.h"
#include "tilth/crs.h"
#include "tilth/evidence.h"
#include "tilth/hazard.h"

enum { FIXTURE_X = 24, FIXTURE_Y = 20 };

/* West, south, east, north in degrees: about 2.4 km by 2 km in UTM zone 33N. */
static const double fixture_area[4] = {15.000, 2.0000, 15.0216, 2.0181};

__attribute__((unused)) static tl_err fixture_import(struct tl_ctx *ctx, struct tl_project *project,
                                                     const char *path, const char *as)
{
    struct tl_import_options options = {.as = as, .today = "2026-01-01"};
    struct tl_import_report report;
    return tl_import_file(ctx, project, path, &options, &report);
}

/* Accidents crowd in the north-west; the seed moves them about. */
__attribute__((unused)) static tl_err fixture_accidents(struct tl_ctx *ctx, const char *path, int n,
                                                        uint64_t seed)
{
    struct tl_buf buf = {0};
    struct tl_rng rng = tl_rng_make(seed, 1);
    tl_err err = tl_buf_add(ctx, &buf, "id,lon,lat,date,category\n");
    for (int i = 0; i < n && err == TL_OK; i++) {
        double lon = 15.004 + 0.003 * fabs(tl_rng_normal(rng, 2 * (uint64_t)i));
        double lat = 2.0150 - 0.003 * fabs(tl_rng_normal(rng, 2 * (uint64_t)i + 1));
        err = tl_buf_printf(ctx, &buf, "A%d,%.6f,%.6f,%d,AP mine\n", i, lon, lat, 2010 + i % 10);
    }
    if (err == TL_OK)
        err = tl_file_write(ctx, path, buf.text, buf.size_bytes);
    tl_buf_fini(&buf);
    return err;
}

__attribute__((unused)) static tl_err fixture_places(struct tl_ctx *ctx, const char *path)
{
    const char *text =
        "id,lon,lat,name,population\n1,15.0050,2.0140,Alpha,900\n2,15.0180,2.0030,Beta,120\n";
    return tl_file_write(ctx, path, text, (int64_t)strlen(text));
}

__attribute__((unused)) static tl_err fixture_searches(struct tl_ctx *ctx, const char *path)
{
    const char *text = "id,type,method,passes,date_end,wkt\n"
                       "S1,clearance,manual,1,2020-05-01,\"POLYGON((15.004 2.012,15.008 "
                       "2.012,15.008 2.016,15.004 2.016,15.004 2.012))\"\n"
                       "S2,TS,dogs,2,2021-05-01,\"POLYGON((15.015 2.002,15.020 2.002,15.020 "
                       "2.006,15.015 2.006,15.015 2.002))\"\n";
    return tl_file_write(ctx, path, text, (int64_t)strlen(text));
}

__attribute__((unused)) static tl_err fixture_items(struct tl_ctx *ctx, const char *path)
{
    const char *text = "id,lon,lat,date,category,search,how\n"
                       "I1,15.0051,2.0131,2020,AP mine,S1,search\n"
                       "I2,15.0060,2.0137,2020,AP mine,S1,search\n"
                       "I3,15.0062,2.0152,2020,AP mine,S1,search\n"
                       "I4,15.0071,2.0144,2020,AP mine,S1,search\n";
    return tl_file_write(ctx, path, text, (int64_t)strlen(text));
}

__attribute__((unused)) static tl_err fixture_create(struct tl_ctx *ctx, const char *path)
{
    tl_err err = TL_OK;
    char crs[TL_CRS_TEXT_BYTES], wkt[512];
    double box[4];
    struct tl_crs_map *map = NULL;
    void *wkb = NULL;
    struct tl_project_new options = {.title = "Fixture", .overwrite = true};
    const double *a = fixture_area;
    memcpy(options.area_deg, a, sizeof options.area_deg);
    TL_TRY(tl_crs_for_area(ctx, a, crs));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", crs, &map));
    TL_TRY(tl_crs_map_box(ctx, map, a, box));
    TL_TRY(tl_grid_cover_box(ctx, box, 100.0, &options.grid));
    snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", a[0], a[1], a[2], a[1],
             a[2], a[3], a[0], a[3], a[0], a[1]);
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &options.area_wkb_bytes));
    options.area_wkb = wkb;
    options.crs = crs;
    TL_TRY(tl_project_create(ctx, path, &options));
done:
    tl_crs_map_free(map);
    tl_free(wkb);
    return err;
}

/** A filled project, open for writing. */
__attribute__((unused)) static tl_err fixture_open(struct tl_ctx *ctx, const char *path,
                                                   struct tl_project **project)
{
    tl_err err = TL_OK;
    struct tl_project *made = NULL;
    char file[512];
    TL_TRY(fixture_create(ctx, path));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &made));
    snprintf(file, sizeof file, "%s.csv", path);
    TL_TRY(fixture_accidents(ctx, file, 30, 7));
    TL_TRY(fixture_import(ctx, made, file, "accident"));
    TL_TRY(fixture_places(ctx, file));
    TL_TRY(fixture_import(ctx, made, file, "place"));
    TL_TRY(fixture_searches(ctx, file));
    TL_TRY(fixture_import(ctx, made, file, "search"));
    TL_TRY(fixture_items(ctx, file));
    TL_TRY(fixture_import(ctx, made, file, "item"));
    unlink(file);
    *project = made;
    made = NULL;
done:
    tl_project_close(made);
    return err;
}

#endif
