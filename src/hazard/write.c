/*
 * A map's files, and its copy in the project. Rasters are written by geo, records by store; this file only says what
 * goes where.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/geom.h"
#include "geo/vector.h"
#include "hazard/hazard.h"
#include "tilth/raster.h"

enum {
    BANDS_MAX = 16 + 3 * TL_EVIDENCE_CHANNELS_MAX + TL_EVIDENCE_COVARIATES_MAX,
    NAME_BYTES = 96,
    CELLS_MAX =
        250000 /* of the layer that QGIS shows: above, it is slow and the GeoTIFF serves better */
};

struct band {
    char name[NAME_BYTES];
    const double *values; /* borrows */
};

struct bands {
    int n;
    struct band list[BANDS_MAX];
};

static void add(struct bands *bands, const char *prefix, const char *name, const double *values)
{
    if (values == NULL || bands->n >= BANDS_MAX)
        return;
    struct band *band = &bands->list[bands->n++];
    snprintf(band->name, sizeof band->name, "%s%s", prefix, name);
    band->values = values;
}

static void add_posterior(struct bands *bands, const struct tl_field_result *field)
{
    add(bands, "", "log_density_mean", field->log_density_mean);
    add(bands, "", "log_density_sd", field->log_density_sd);
    add(bands, "", "density_mean", field->density_mean);
    add(bands, "", "density_q05", field->density_q05);
    add(bands, "", "density_q50", field->density_q50);
    add(bands, "", "density_q95", field->density_q95);
    add(bands, "", "p_any", field->p_any);
}

static void add_evidence(struct bands *bands, const struct tl_evidence *evidence)
{
    for (int c = 0; c < evidence->n_channels; c++) {
        add(bands, "counts:", evidence->channels[c].name, evidence->channels[c].counts);
        add(bands, "effort:", evidence->channels[c].name, evidence->channels[c].effort);
    }
    add(bands, "", "residual", evidence->residual);
    add(bands, "", "cell_area", evidence->cell_area);
    for (int k = 0; k < evidence->n_covariates; k++)
        add(bands, "covariate:", evidence->covariates[k].name, evidence->covariates[k].values);
}

static tl_err write_bands(struct tl_ctx *ctx, struct tl_project *project, const char *folder,
                          const char *name, const struct bands *bands)
{
    struct tl_raster_band out[BANDS_MAX] = {0};
    char path[4096];
    struct tl_grid grid = tl_project_grid(project);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (int b = 0; b < bands->n; b++)
        out[b] =
            (struct tl_raster_band){.name = bands->list[b].name, .values = bands->list[b].values};
    return tl_raster_write(ctx, path, &grid, tl_project_crs(project), bands->n, out);
}

static tl_err write_samples(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_hazard_result *result, const char *folder)
{
    tl_err err = TL_OK;
    struct tl_raster_band *bands = NULL;
    char path[4096], (*names)[40] = NULL;
    struct tl_grid grid = tl_project_grid(project);
    int64_t n = result->n_samples, n_cells = tl_grid_n_cells(&grid);
    TL_TRY_ALLOC(ctx, bands, n);
    TL_TRY_ALLOC(ctx, names, n);
    for (int64_t s = 0; s < n; s++) {
        snprintf(names[s], sizeof names[s], "sample_%04lld", (long long)s + 1);
        bands[s] = (struct tl_raster_band){.name = names[s],
                                           .floats = result->field.samples + s * n_cells};
    }
    snprintf(path, sizeof path, "%s/samples.tif", folder);
    TL_TRY(tl_raster_write(ctx, path, &grid, tl_project_crs(project), n, bands));
done:
    tl_free(names);
    tl_free(bands);
    return err;
}

static tl_err add_place(struct tl_ctx *ctx, struct tl_vector_writer *writer, int64_t rank,
                        const struct tl_hazard_place *place)
{
    char text[6][40];
    unsigned char point[TL_GEOM_POINT_BYTES];
    snprintf(text[0], sizeof text[0], "%lld", (long long)rank);
    snprintf(text[1], sizeof text[1], "%.6g", place->expected_items);
    snprintf(text[2], sizeof text[2], "%.6g", place->p_any);
    snprintf(text[3], sizeof text[3], "%.6g", place->density_q05_per_ha);
    snprintf(text[4], sizeof text[4], "%.6g", place->density_q50_per_ha);
    snprintf(text[5], sizeof text[5], "%.6g", place->density_q95_per_ha);
    const char *values[] = {text[0], text[1], text[2],     text[3],
                            text[4], text[5], place->mgrs, place->near};
    tl_geom_point(place->lon_deg, place->lat_deg, point);
    return tl_vector_add(ctx, writer, values, point, sizeof point);
}

static tl_err write_look(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                         const char *folder)
{
    static const struct tl_vector_field fields[] = {{"rank", TL_VECTOR_INTEGER},
                                                    {"expected_items", TL_VECTOR_REAL},
                                                    {"p_any", TL_VECTOR_REAL},
                                                    {"density_q05_per_ha", TL_VECTOR_REAL},
                                                    {"density_q50_per_ha", TL_VECTOR_REAL},
                                                    {"density_q95_per_ha", TL_VECTOR_REAL},
                                                    {"mgrs", TL_VECTOR_TEXT},
                                                    {"near", TL_VECTOR_TEXT}};
    struct tl_vector_writer *writer = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/look.geojson", folder);
    tl_err err = tl_vector_create(ctx, path, "GeoJSON", "look", "point", "EPSG:4326",
                                  sizeof fields / sizeof fields[0], fields, &writer);
    if (err != TL_OK)
        return err;
    for (int64_t k = 0; k < result->n_look && err == TL_OK; k++)
        err = add_place(ctx, writer, k + 1, &result->look[k]);
    tl_err end = tl_vector_finish(ctx, writer, err == TL_OK);
    return err != TL_OK ? err : end;
}

tl_err tl_hazard_write(struct tl_ctx *ctx, struct tl_project *project,
                       const struct tl_hazard_result *result, const char *folder)
{
    tl_err err = TL_OK;
    struct bands posterior = {0}, evidence = {0};
    char path[4096];
    add_posterior(&posterior, &result->field);
    add_evidence(&evidence, &result->evidence);
    tl_progress_begin(ctx, "writing files");
    TL_TRY(write_bands(ctx, project, folder, "posterior.tif", &posterior));
    TL_TRY(write_bands(ctx, project, folder, "evidence.tif", &evidence));
    if (result->n_samples > 0)
        TL_TRY(write_samples(ctx, project, result, folder));
    TL_TRY(write_look(ctx, result, folder));
    snprintf(path, sizeof path, "%s/map.json", folder);
    TL_TRY(tl_file_write(ctx, path, result->json, (int64_t)strlen(result->json)));
done:
    tl_progress_end(ctx);
    return err;
}

/* Longitudes and latitudes of the grid's corners and of every cell corner of two rows are enough at a time. */
static tl_err corners_of_row(struct tl_ctx *ctx, struct tl_crs_map *to_deg,
                             const struct tl_grid *grid, int64_t row, double *lon, double *lat)
{
    int64_t n_bad = 0, n = grid->n_x + 1;
    for (int64_t j = 0; j < n; j++) {
        lon[j] = grid->x0_m + (double)j * grid->step_m;
        lat[j] = grid->y0_m - (double)row * grid->step_m;
    }
    tl_crs_map_points(to_deg, n, lon, lat, &n_bad);
    return n_bad == 0
               ? TL_OK
               : tl_fail(ctx, TL_EDATA, "a corner of the grid has no longitude and latitude");
}

static void fill_cell(const struct tl_hazard_result *result, int64_t i, const double *lon,
                      const double *lat, struct tl_hazard_cell *cell)
{
    /* lon, lat hold two rows of corners: the northern one first. */
    const struct tl_field_result *f = &result->field;
    int64_t n = result->evidence.grid.n_x + 1, j = i % result->evidence.grid.n_x;
    const int64_t at[4] = {j, j + 1, n + j + 1, n + j};
    *cell =
        (struct tl_hazard_cell){.cell = i,
                                .density_per_ha = TL_HAZARD_M2_PER_HA * f->density_mean[i],
                                .density_q05_per_ha = TL_HAZARD_M2_PER_HA * f->density_q05[i],
                                .density_q95_per_ha = TL_HAZARD_M2_PER_HA * f->density_q95[i],
                                .log_density_sd = f->log_density_sd[i],
                                .p_any = f->p_any[i],
                                .residual_ha = result->evidence.residual[i] / TL_HAZARD_M2_PER_HA};
    for (int c = 0; c < 4; c++) {
        cell->corner_deg[2 * c] = lon[at[c]];
        cell->corner_deg[2 * c + 1] = lat[at[c]];
    }
    for (int64_t k = 0; k < result->n_look; k++)
        if (result->look[k].cell == i)
            cell->rank = k + 1;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Expected items above which a cell is among the CELLS_MAX that are shown; -1 when all are. */
static tl_err shown_above(struct tl_ctx *ctx, const struct tl_hazard_result *result, double *least)
{
    int64_t n_cells = tl_grid_n_cells(&result->evidence.grid);
    *least = -1.0;
    if (n_cells <= CELLS_MAX)
        return TL_OK;
    double *items = tl_alloc(ctx, n_cells, sizeof *items);
    if (items == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < n_cells; i++)
        items[i] = result->evidence.cell_area[i] > 0.0
                       ? result->evidence.residual[i] * result->field.density_mean[i]
                       : -1.0;
    qsort(items, (size_t)n_cells, sizeof *items, descending);
    *least = items[CELLS_MAX];
    tl_free(items);
    if (*least >= 0.0)
        tl_warn(ctx,
                "the layer hazard_cell holds the %d cells with most items; posterior.tif holds all",
                (int)CELLS_MAX);
    return TL_OK;
}

static tl_err make_cells(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, struct tl_hazard_cell **cells,
                         int64_t *n)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    int64_t n_cells = tl_grid_n_cells(grid), row_n = grid->n_x + 1;
    struct tl_crs_map *to_deg = NULL;
    double *lon = NULL, *lat = NULL, least = 0.0;
    TL_TRY(shown_above(ctx, result, &least));
    TL_TRY_ALLOC(ctx, *cells, n_cells < CELLS_MAX ? n_cells : CELLS_MAX);
    TL_TRY_ALLOC(ctx, lon, 2 * row_n);
    TL_TRY_ALLOC(ctx, lat, 2 * row_n);
    TL_TRY(tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &to_deg));
    for (int64_t row = 0; row < grid->n_y; row++) {
        TL_TRY(corners_of_row(ctx, to_deg, grid, row, lon, lat));
        TL_TRY(corners_of_row(ctx, to_deg, grid, row + 1, lon + row_n, lat + row_n));
        for (int64_t i = row * grid->n_x; i < (row + 1) * grid->n_x && *n < CELLS_MAX; i++) {
            double items = result->evidence.residual[i] * result->field.density_mean[i];
            if (result->evidence.cell_area[i] > 0.0 && items > least)
                fill_cell(result, i, lon, lat, &(*cells)[(*n)++]);
        }
    }
done:
    tl_crs_map_free(to_deg);
    tl_free(lon);
    tl_free(lat);
    return err;
}

static tl_err save_bands(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, const struct bands *bands)
{
    tl_err err = TL_OK;
    int64_t run_id, n_cells = tl_grid_n_cells(&result->evidence.grid);
    struct tl_map_band out[BANDS_MAX] = {0};
    float *values = NULL;
    TL_TRY_ALLOC(ctx, values, n_cells * bands->n);
    for (int b = 0; b < bands->n; b++) {
        float *to = values + b * n_cells;
        for (int64_t i = 0; i < n_cells; i++)
            to[i] = (float)bands->list[b].values[i];
        out[b] = (struct tl_map_band){.name = bands->list[b].name, .values = to};
    }
    TL_TRY(tl_project_map_save(ctx, project, result->json, bands->n, out, &run_id));
done:
    tl_free(values);
    return err;
}

tl_err tl_hazard_save(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct bands bands = {0};
    struct tl_hazard_cell *cells = NULL;
    int64_t n = 0, n_cells = tl_grid_n_cells(&result->evidence.grid);
    add_posterior(&bands, &result->field);
    add(&bands, "", "field", result->field.field);
    for (int c = 0; c < result->evidence.n_channels; c++)
        add(&bands, "share:", result->evidence.channels[c].name,
            result->field.shares + c * n_cells);
    add_evidence(&bands, &result->evidence);
    TL_TRY(make_cells(ctx, project, result, &cells, &n));
    TL_TRY(tl_project_begin(ctx, project));
    err = save_bands(ctx, project, result, &bands);
    if (err == TL_OK)
        err = tl_project_hazard_cells(ctx, project, n, cells);
    if (err == TL_OK)
        err = tl_project_commit(ctx, project);
    if (err != TL_OK)
        tl_project_rollback(project);
done:
    tl_free(cells);
    return err;
}
