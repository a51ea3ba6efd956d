/** Projects and files for the tests of this room. */
#ifndef TL_EVIDENCE_FIXTURE_H
#define TL_EVIDENCE_FIXTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/json.h"
#include "geo/geom.h"
#include "tilth/crs.h"
#include "tilth/evidence.h"

#define FIXTURE_TODAY "2026-11-22"

/* A project over a box of degrees, in a system, with cells of a step. */
__attribute__((unused)) static tl_err fixture_project(struct tl_ctx *ctx, const char *path,
                                                      const double box[4], const char *crs,
                                                      double step_m, struct tl_project **project)
{
    tl_err err = TL_OK;
    struct tl_crs_map *map = NULL;
    void *wkb = NULL;
    char wkt[512];
    double box_m[4];
    struct tl_project_new options = {.crs = crs, .overwrite = true};
    snprintf(wkt, sizeof wkt, "POLYGON((%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f,%.9f %.9f))",
             box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3], box[0], box[1]);
    memcpy(options.area_deg, box, sizeof options.area_deg);
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &options.area_wkb_bytes));
    options.area_wkb = wkb;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", crs, &map));
    TL_TRY(tl_crs_map_box(ctx, map, box, box_m));
    TL_TRY(tl_grid_cover_box(ctx, box_m, step_m, &options.grid));
    TL_TRY(tl_project_create(ctx, path, &options));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, project));
done:
    tl_crs_map_free(map);
    tl_free(wkb);
    return err;
}

/* The district of most tests: 14 km by 11 km near Kyiv, cells of 500 m. */
__attribute__((unused)) static tl_err fixture_district(struct tl_ctx *ctx, const char *path,
                                                       struct tl_project **project)
{
    static const double box[4] = {30.0, 50.0, 30.2, 50.1};
    return fixture_project(ctx, path, box, "EPSG:32636", 500.0, project);
}

__attribute__((unused)) static tl_err fixture_write(struct tl_ctx *ctx, const char *path,
                                                    const char *text)
{
    return tl_file_write(ctx, path, text, (int64_t)strlen(text));
}

/* Imports text as a file. */
__attribute__((unused)) static tl_err fixture_import(struct tl_ctx *ctx, struct tl_project *project,
                                                     const char *as, const char *path,
                                                     const char *text,
                                                     struct tl_import_report *report)
{
    struct tl_import_options options = {.as = as, .today = FIXTURE_TODAY};
    tl_err err = text == NULL ? TL_OK : fixture_write(ctx, path, text);
    return err == TL_OK ? tl_import_file(ctx, project, path, &options, report) : err;
}

/* Count of a reason in a report. */
__attribute__((unused)) static int64_t fixture_reason(const struct tl_import_report *report,
                                                      const char *reason)
{
    for (int r = 0; r < report->n_reasons; r++)
        if (strcmp(report->reasons[r].reason, reason) == 0)
            return report->reasons[r].n;
    return 0;
}

__attribute__((unused)) static bool fixture_reconciles(const struct tl_import_report *r)
{
    return r->n_read == r->n_added + r->n_updated + r->n_unchanged + r->n_refused;
}

__attribute__((unused)) static void fixture_print(const struct tl_import_report *r)
{
    printf("  read %lld added %lld updated %lld unchanged %lld refused %lld\n",
           (long long)r->n_read, (long long)r->n_added, (long long)r->n_updated,
           (long long)r->n_unchanged, (long long)r->n_refused);
    for (int i = 0; i < r->n_reasons; i++)
        printf("  %s %lld: %s\n", r->reasons[i].reason, (long long)r->reasons[i].n,
               r->reasons[i].example);
}

#endif
