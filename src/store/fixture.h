/** Projects for the tests of this room. */
#ifndef TL_STORE_FIXTURE_H
#define TL_STORE_FIXTURE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"

static const unsigned char fixture_area[] = {1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0};

/* A district of 10 x 8 cells of 1 km in the north of Colombia. */
__attribute__((unused)) static tl_err fixture_create(struct tl_ctx *ctx, const char *path)
{
    static const double box[4] = {-75.2, 7.0, -75.1, 7.08};
    static const double ring[10] = {-75.2, 7.0, -75.1, 7.0, -75.1, 7.08, -75.2, 7.08, -75.2, 7.0};
    unsigned char wkb[sizeof fixture_area + sizeof ring];
    struct tl_project_new options = {.crs = "EPSG:32618", .overwrite = true};
    options.grid = (struct tl_grid){477000, 783000, 1000, 10, 8};
    memcpy(options.area_deg, box, sizeof box);
    memcpy(wkb, fixture_area, sizeof fixture_area);
    memcpy(wkb + sizeof fixture_area, ring, sizeof ring);
    options.area_wkb = wkb;
    options.area_wkb_bytes = sizeof wkb;
    return tl_project_create(ctx, path, &options);
}

__attribute__((unused)) static tl_err fixture_open(struct tl_ctx *ctx, const char *path,
                                                   struct tl_project **project)
{
    tl_err err = fixture_create(ctx, path);
    return err == TL_OK ? tl_project_open(ctx, path, TL_PROJECT_WRITE, project) : err;
}

__attribute__((unused)) static void fixture_point(double x, double y, unsigned char wkb[21])
{
    static const unsigned char head[5] = {1, 1, 0, 0, 0};
    memcpy(wkb, head, 5);
    memcpy(wkb + 5, &x, 8);
    memcpy(wkb + 13, &y, 8);
}

/* An accident, number i of an import. */
__attribute__((unused)) static tl_err fixture_put(struct tl_ctx *ctx, struct tl_project *project,
                                                  int64_t import_id, int i, bool has_id,
                                                  const char *category, enum tl_put *put,
                                                  int64_t *id)
{
    unsigned char wkb[21];
    char source_id[32];
    struct tl_record record = {.source = "field.csv", .import_id = import_id, .source_row = i + 1};
    fixture_point(-75.2 + 0.0001 * (i % 1000), 7.0 + 0.00001 * i, wkb);
    snprintf(source_id, sizeof source_id, "E%d", i);
    record.source_id = has_id ? source_id : NULL;
    record.accuracy_m = 10.0;
    record.wkb = wkb;
    record.wkb_bytes = sizeof wkb;
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "date")] = "1998-07";
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "category")] = category;
    record.values[tl_kind_column(TL_KIND_ACCIDENT, "killed")] = "1";
    return tl_register_put(ctx, project, TL_KIND_ACCIDENT, &record, false, put, id);
}

#endif
