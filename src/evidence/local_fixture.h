/** A project with everything in it, for the tests of windows: overlapping searches, finds of all sorts, claims, a raster with gaps. */
#ifndef TL_EVIDENCE_LOCAL_FIXTURE_H
#define TL_EVIDENCE_LOCAL_FIXTURE_H

#include <math.h>

#include "core/buf.h"
#include "evidence/fixture.h"
#include "tilth/local.h"

/* Cells are multiples of 500 m; this one lies well inside the area. */
static const double LOCAL_X = 290000, LOCAL_Y = 5547000;

/* A quadrangle of the grid's system as WKT in degrees; `lean` shifts its northern side to the east. */
__attribute__((unused)) static void local_wkt(struct tl_ctx *ctx, double west, double south,
                                              double east, double north, double lean, char wkt[400])
{
    struct tl_crs_map *map = NULL;
    double x[5] = {west, east, east + lean, west + lean, west},
           y[5] = {south, south, north, north, south};
    wkt[0] = '\0';
    if (tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map) != TL_OK)
        return;
    tl_crs_map_points(map, 5, x, y, NULL);
    tl_crs_map_free(map);
    snprintf(wkt, 400, "POLYGON((%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f,%.12f %.12f))",
             x[0], y[0], x[1], y[1], x[2], y[2], x[3], y[3], x[4], y[4]);
}

__attribute__((unused)) static void local_point(struct tl_ctx *ctx, double x, double y,
                                                char text[80])
{
    struct tl_crs_map *map = NULL;
    text[0] = '\0';
    if (tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map) != TL_OK)
        return;
    tl_crs_map_points(map, 1, &x, &y, NULL);
    tl_crs_map_free(map);
    snprintf(text, 80, "%.12f,%.12f", x, y);
}

enum { LOCAL_FILES = 8 };
static const char *const local_kinds[LOCAL_FILES] = {"search", "item",        "accident", "report",
                                                     "place",  "hazard-area", "line",     "item"};
static const char *const local_heads[LOCAL_FILES] = {
    "wkt,id,type,method,passes,found,depth_cm,team,task,organisation,date_end\n",
    "lon,lat,number,how,depth_cm,date,search,accuracy,category\n",
    "lon,lat,date,during_demining,category\n",
    "lon,lat,accuracy\n",
    "lon,lat,population\n",
    "wkt,classification,status\n",
    "wkt,type\n",
    "lon,lat,number,how,date\n"};

static tl_err local_row(struct tl_ctx *ctx, struct tl_buf *buf, int f, int i)
{
    static const char *const depths[] = {"", "13", "20", "", "40"};
    static const char *const classes[] = {"SHA,open", "CHA,open", "CHA,cleared", "SHA,cancelled"};
    static const char *const lines[] = {"road", "trench", "defence line", "confrontation line",
                                        "river"};
    char wkt[400], at[80];
    double x = LOCAL_X - 4000 + (i * 7919 % 8000), y = LOCAL_Y - 2000 + (i * 104729 % 4000);
    local_wkt(ctx, x, y, x + 300 + 37 * i, y + 900 - 11 * i, 3.0 * i - 50, wkt);
    local_point(ctx, x + 20, y + 30, at);
    switch (f) {
    case 0:
        return tl_buf_printf(ctx, buf, "\"%s\",S%d,%s,%s,%d,%s,%s,%s,%s,O%d,%d\n", wkt, i,
                             i % 9 == 8   ? "NTS"
                             : i % 5 == 4 ? "inspection"
                                          : "TS",
                             i % 3 ? "manual" : "dogs", 1 + i % 3, i % 4 ? "" : "7", depths[i % 5],
                             i % 2 ? "T1" : "", i % 3 ? "K2" : "", i % 2, 2001 + i % 7);
    case 1:
        return tl_buf_printf(ctx, buf, "%s,%d,%s,%s,%d,%s%d,%s,%s\n", at, 1 + i % 4,
                             i % 2 ? "search" : "", i % 3 ? "12" : "33", 1995 + i % 15, "S",
                             (i * 7) % 50, i % 4 ? "400" : "", i % 6 ? "AP mine" : "UXO");
    case 2:
        return tl_buf_printf(ctx, buf, "%s,%d,%d,\n", at, 1990 + i % 20, i % 4 == 0);
    case 3:
        return tl_buf_printf(ctx, buf, "%s,%d\n", at, 100 * i);
    case 4:
        return tl_buf_printf(ctx, buf, "%s,%d\n", at, i * i);
    case 5:
        return tl_buf_printf(ctx, buf, "\"%s\",%s\n", wkt, classes[i % 4]);
    case 6:
        return tl_buf_printf(ctx, buf, "\"LINESTRING(30.%03d 50.0%d,30.1%d 50.0%d)\",%s\n", 5 * i,
                             i % 10, i % 10, (i * 3) % 10, lines[i % 5]);
    default:
        return tl_buf_printf(ctx, buf, "%s,1,spot find,%d\n", at, 1999 + i % 6);
    }
}

/* All records, in one order or the other. */
__attribute__((unused)) static tl_err local_import(struct tl_ctx *ctx, struct tl_project *project,
                                                   bool reversed)
{
    tl_err err = TL_OK;
    struct tl_buf buf = {0};
    for (int k = 0; k < LOCAL_FILES && err == TL_OK; k++) {
        int f = reversed ? LOCAL_FILES - 1 - k : k;
        struct tl_import_report r = {0};
        tl_buf_clear(&buf);
        err = tl_buf_add(ctx, &buf, local_heads[f]);
        for (int i = 0; i < 40 && err == TL_OK; i++)
            err = local_row(ctx, &buf, f, reversed ? 39 - i : i);
        if (err == TL_OK)
            err = fixture_import(ctx, project, local_kinds[f], f == 7 ? "spot.csv" : "local.csv",
                                 buf.text, &r);
        if (err == TL_OK && r.n_added < 35) {
            fixture_print(&r);
            err = tl_fail(ctx, TL_EBUG, "the fixture's rows were not taken in");
        }
    }
    tl_buf_fini(&buf);
    return err;
}

__attribute__((unused)) static tl_err local_raster(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_grid grid = tl_project_grid(project);
    struct tl_covariate_info info = {.name = "slope", .source = "slope.tif"};
    bool added = false, changed = false;
    tl_err err = TL_OK;
    double *values = NULL;
    TL_TRY_ALLOC(ctx, values, tl_grid_n_cells(&grid));
    for (int64_t i = 0; i < tl_grid_n_cells(&grid); i++)
        values[i] = i % 7 == 0 ? NAN : (double)(i % 11);
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_covariate_put(ctx, project, &info, values, &added, &changed));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_free(values);
    return err;
}

/* A project of cells of a step with all of it. */
__attribute__((unused)) static tl_err local_project(struct tl_ctx *ctx, const char *path,
                                                    double step_m, bool reversed,
                                                    struct tl_project **project)
{
    static const double box[4] = {30.0, 50.0, 30.2, 50.1};
    tl_err err = fixture_project(ctx, path, box, "EPSG:32636", step_m, project);
    if (err == TL_OK)
        err = local_import(ctx, *project, reversed);
    return err == TL_OK ? local_raster(ctx, *project) : err;
}

/* A window around a quadrangle. */
__attribute__((unused)) static tl_err local_window(struct tl_ctx *ctx, struct tl_local_base *base,
                                                   const double box[4], double lean,
                                                   double margin_m, int64_t n_names,
                                                   const char *const *names, struct tl_local *local)
{
    char wkt[400];
    void *wkb = NULL;
    int64_t bytes = 0;
    local_wkt(ctx, box[0], box[1], box[2], box[3], lean, wkt);
    tl_err err = tl_geom_from_wkt(ctx, wkt, &wkb, &bytes);
    if (err == TL_OK)
        err = tl_local_window(ctx, base, wkb, bytes, margin_m, n_names, names, local);
    tl_free(wkb);
    return err;
}

#endif
