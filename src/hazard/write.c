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
#include "hazard/raster_rows.h"
#include "store/band.h"

enum {
    LAYERS_MAX = 16 + 3 * TL_EVIDENCE_CHANNELS_MAX + TL_EVIDENCE_COVARIATES_MAX,
    NAME_BYTES = 96,
    CELLS_MAX =
        250000 /* of the layer that QGIS shows: above, it is slow and the GeoTIFF serves better */
};

/* Rows that the layer's cells are made of. */
enum { AREA, RESIDUAL, MEAN, Q05, Q95, SD, P_ANY, CELL_ROWS };

/* What a raster's band or one of the project's is read from. */
struct layer {
    char name[NAME_BYTES];
    enum { OF_RESULT, OF_EVIDENCE, OF_SAMPLES } of;
    enum tl_evidence_part part; /* of evidence */
    int64_t k;                  /* band, channel or covariate, sample */
};

struct layers {
    int64_t n;
    struct layer *list; /* owns */
};

static void add(struct layers *layers, const char *prefix, const char *name, struct layer layer)
{
    struct layer *to = &layers->list[layers->n++];
    *to = layer;
    snprintf(to->name, sizeof to->name, "%s%s", prefix, name);
}

static void add_posterior(struct layers *layers)
{
    for (int k = 0; k < TL_HAZARD_BANDS; k++)
        add(layers, "", tl_hazard_raster_bands[k], (struct layer){.of = OF_RESULT, .k = k});
}

static void add_part(struct layers *layers, const char *prefix, const char *name,
                     enum tl_evidence_part part, int k)
{
    add(layers, prefix, name, (struct layer){.of = OF_EVIDENCE, .part = part, .k = k});
}

static void add_evidence(struct layers *layers, const struct tl_evidence *evidence)
{
    for (int c = 0; c < evidence->n_channels; c++) {
        add_part(layers, "counts:", evidence->channels[c].name, TL_EVIDENCE_COUNTS, c);
        add_part(layers, "effort:", evidence->channels[c].name, TL_EVIDENCE_EFFORT, c);
    }
    add_part(layers, "", "residual", TL_EVIDENCE_RESIDUAL, 0);
    add_part(layers, "", "cell_area", TL_EVIDENCE_AREA, 0);
    for (int k = 0; k < evidence->n_covariates; k++)
        add_part(layers, "covariate:", evidence->covariates[k].name, TL_EVIDENCE_COVARIATE, k);
}

static tl_err layer_row(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                        const struct layer *layer, int64_t y, double *row, float *values)
{
    int64_t n_x = result->evidence.grid.n_x;
    tl_err err = layer->of == OF_RESULT ? tl_hazard_row(ctx, result, (int)layer->k, y, row)
                 : layer->of == OF_EVIDENCE
                     ? tl_evidence_row(ctx, &result->evidence, layer->part, (int)layer->k, y, row)
                     : tl_hazard_sample_row(ctx, result, layer->k, y, row);
    for (int64_t x = 0; x < n_x && err == TL_OK; x++)
        values[x] = (float)row[x];
    return err;
}

static tl_err write_rows(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                         const struct layers *layers, struct tl_raster_writer *writer)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    double *row = NULL;
    float *values = NULL;
    TL_TRY_ALLOC(ctx, row, grid->n_x);
    TL_TRY_ALLOC(ctx, values, grid->n_x);
    for (int64_t k = 0; k < layers->n; k++) {
        for (int64_t y = 0; y < grid->n_y; y++) {
            TL_TRY(layer_row(ctx, result, &layers->list[k], y, row, values));
            TL_TRY(tl_raster_writer_rows(ctx, writer, k, y, 1, values));
        }
        TL_TRY(tl_cancelled(ctx));
    }
done:
    tl_free(row);
    tl_free(values);
    return err;
}

static tl_err write_layers(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_hazard_result *result, const char *folder,
                           const char *name, const struct layers *layers)
{
    tl_err err = TL_OK;
    struct tl_raster_writer *writer = NULL, *finished;
    const char **names = NULL;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    TL_TRY_ALLOC(ctx, names, layers->n);
    for (int64_t k = 0; k < layers->n; k++)
        names[k] = layers->list[k].name;
    TL_TRY(tl_raster_writer_begin(ctx, path, &result->evidence.grid, tl_project_crs(project),
                                  layers->n, names, &writer));
    TL_TRY(write_rows(ctx, result, layers, writer));
    finished = writer;
    writer = NULL;
    TL_TRY(tl_raster_writer_finish(ctx, finished));
done:
    tl_raster_writer_abort(writer);
    tl_free(names);
    return err;
}

static tl_err write_rasters(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_hazard_result *result, const char *folder)
{
    tl_err err = TL_OK;
    struct layers layers = {0};
    int64_t most = result->n_samples > LAYERS_MAX ? result->n_samples : LAYERS_MAX;
    TL_TRY_ALLOC(ctx, layers.list, most);
    add_posterior(&layers);
    TL_TRY(write_layers(ctx, project, result, folder, "posterior.tif", &layers));
    layers.n = 0;
    add_evidence(&layers, &result->evidence);
    TL_TRY(write_layers(ctx, project, result, folder, "evidence.tif", &layers));
    layers.n = 0;
    for (int64_t s = 0; s < result->n_samples; s++) {
        char name[TL_HAZARD_SAMPLE_NAME];
        tl_hazard_raster_sample_name(s, name);
        add(&layers, "", name, (struct layer){.of = OF_SAMPLES, .k = s});
    }
    if (layers.n > 0)
        TL_TRY(write_layers(ctx, project, result, folder, "samples.tif", &layers));
done:
    tl_free(layers.list);
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
    char path[4096];
    tl_progress_begin(ctx, "writing files");
    TL_TRY(write_rasters(ctx, project, result, folder));
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

/* Rows of what a cell of the layer tells; owns. */
struct ground {
    double *of[CELL_ROWS];
};

static void fill_cell(const struct tl_hazard_result *result, int64_t i, const struct ground *g,
                      const double *lon, const double *lat, struct tl_hazard_cell *cell)
{
    /* lon, lat hold two rows of corners: the northern one first. */
    int64_t n = result->evidence.grid.n_x + 1, j = i % result->evidence.grid.n_x;
    const int64_t at[4] = {j, j + 1, n + j + 1, n + j};
    *cell = (struct tl_hazard_cell){.cell = i,
                                    .density_per_ha = TL_HAZARD_M2_PER_HA * g->of[MEAN][j],
                                    .density_q05_per_ha = TL_HAZARD_M2_PER_HA * g->of[Q05][j],
                                    .density_q95_per_ha = TL_HAZARD_M2_PER_HA * g->of[Q95][j],
                                    .log_density_sd = g->of[SD][j],
                                    .p_any = g->of[P_ANY][j],
                                    .residual_ha = g->of[RESIDUAL][j] / TL_HAZARD_M2_PER_HA};
    for (int c = 0; c < 4; c++) {
        cell->corner_deg[2 * c] = lon[at[c]];
        cell->corner_deg[2 * c + 1] = lat[at[c]];
    }
    for (int64_t k = 0; k < result->n_look; k++)
        if (result->look[k].cell == i)
            cell->rank = k + 1;
}

/* Area, residual and mean of a row: what says which cells have most items. */
static tl_err read_items(struct tl_ctx *ctx, const struct tl_hazard_result *result, int64_t y,
                         struct ground *g)
{
    tl_err err = TL_OK;
    TL_TRY(tl_evidence_row(ctx, &result->evidence, TL_EVIDENCE_AREA, 0, y, g->of[AREA]));
    TL_TRY(tl_evidence_row(ctx, &result->evidence, TL_EVIDENCE_RESIDUAL, 0, y, g->of[RESIDUAL]));
    TL_TRY(tl_hazard_row(ctx, result, TL_HAZARD_DENSITY_MEAN, y, g->of[MEAN]));
done:
    return err;
}

static tl_err read_rest(struct tl_ctx *ctx, const struct tl_hazard_result *result, int64_t y,
                        struct ground *g)
{
    static const int bands[][2] = {{TL_HAZARD_DENSITY_Q05, Q05},
                                   {TL_HAZARD_DENSITY_Q95, Q95},
                                   {TL_HAZARD_LOG_DENSITY_SD, SD},
                                   {TL_HAZARD_P_ANY, P_ANY}};
    tl_err err = TL_OK;
    for (int k = 0; k < 4; k++)
        TL_TRY(tl_hazard_row(ctx, result, bands[k][0], y, g->of[bands[k][1]]));
done:
    return err;
}

/* Puts the smaller one down where it belongs: heap[0] is the least. */
static void sift(double *heap, int64_t n, int64_t at)
{
    for (;;) {
        int64_t least = at, left = 2 * at + 1, right = left + 1;
        if (left < n && heap[left] < heap[least])
            least = left;
        if (right < n && heap[right] < heap[least])
            least = right;
        if (least == at)
            return;
        double swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

/* Expected items above which a cell is among the CELLS_MAX that are shown; -1 when all are. The CELLS_MAX + 1 largest are kept. */
static tl_err shown_above(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                          struct ground *g, double *least)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    double *heap = NULL;
    *least = -1.0;
    if (tl_grid_n_cells(grid) <= CELLS_MAX)
        return TL_OK;
    TL_TRY_ALLOC(ctx, heap, CELLS_MAX + 1);
    for (int64_t k = 0; k <= CELLS_MAX; k++)
        heap[k] = -1.0;
    for (int64_t y = 0; y < grid->n_y; y++) {
        TL_TRY(read_items(ctx, result, y, g));
        for (int64_t x = 0; x < grid->n_x; x++) {
            double items = g->of[AREA][x] > 0.0 ? g->of[RESIDUAL][x] * g->of[MEAN][x] : -1.0;
            if (!(items > heap[0]))
                continue;
            heap[0] = items;
            sift(heap, CELLS_MAX + 1, 0);
        }
    }
    *least = heap[0];
    if (*least >= 0.0)
        tl_warn(ctx,
                "the layer hazard_cell holds the %d cells with most items; posterior.tif holds all",
                (int)CELLS_MAX);
done:
    tl_free(heap);
    return err;
}

static tl_err make_cells(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, struct tl_hazard_cell **cells,
                         int64_t *n)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    int64_t n_cells = tl_grid_n_cells(grid), row_n = grid->n_x + 1;
    struct tl_crs_map *to_deg = NULL;
    struct ground g = {{NULL}};
    double *lon = NULL, *lat = NULL, least = 0.0;
    for (int k = 0; k < CELL_ROWS; k++)
        TL_TRY_ALLOC(ctx, g.of[k], grid->n_x);
    TL_TRY(shown_above(ctx, result, &g, &least));
    TL_TRY_ALLOC(ctx, *cells, n_cells < CELLS_MAX ? n_cells : CELLS_MAX);
    TL_TRY_ALLOC(ctx, lon, 2 * row_n);
    TL_TRY_ALLOC(ctx, lat, 2 * row_n);
    TL_TRY(tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &to_deg));
    for (int64_t row = 0; row < grid->n_y; row++) {
        TL_TRY(corners_of_row(ctx, to_deg, grid, row, lon, lat));
        TL_TRY(corners_of_row(ctx, to_deg, grid, row + 1, lon + row_n, lat + row_n));
        TL_TRY(read_items(ctx, result, row, &g));
        TL_TRY(read_rest(ctx, result, row, &g));
        for (int64_t x = 0; x < grid->n_x && *n < CELLS_MAX; x++)
            if (g.of[AREA][x] > 0.0 && g.of[RESIDUAL][x] * g.of[MEAN][x] > least)
                fill_cell(result, row * grid->n_x + x, &g, lon, lat, &(*cells)[(*n)++]);
    }
done:
    tl_crs_map_free(to_deg);
    for (int k = 0; k < CELL_ROWS; k++)
        tl_free(g.of[k]);
    tl_free(lon);
    tl_free(lat);
    return err;
}

/* Adds what a row of a covariate has within the area of interest. */
static tl_err add_up(struct tl_ctx *ctx, const struct tl_hazard_result *result, int64_t y,
                     const float *values, double *area, double *sum, int64_t *n)
{
    tl_err err = tl_evidence_row(ctx, &result->evidence, TL_EVIDENCE_AREA, 0, y, area);
    for (int64_t x = 0; x < result->evidence.grid.n_x && err == TL_OK; x++)
        if (isfinite(values[x]) && (float)area[x] > 0.0F) {
            *sum += (double)values[x];
            ++*n;
        }
    return err;
}

/* Row by row. Averages of covariates are what `explain` tells a place against. */
static tl_err save_layer(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_hazard_result *result, int64_t run_id,
                         const struct layer *layer)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    bool is_covariate = layer->of == OF_EVIDENCE && layer->part == TL_EVIDENCE_COVARIATE;
    struct tl_band_writer *writer = NULL;
    float *values = NULL;
    double *row = NULL, *area = NULL, sum = 0.0;
    int64_t n = 0;
    TL_TRY_ALLOC(ctx, values, grid->n_x);
    TL_TRY_ALLOC(ctx, row, grid->n_x);
    TL_TRY_ALLOC(ctx, area, grid->n_x);
    TL_TRY(tl_band_begin(ctx, project, run_id, layer->name, &writer));
    for (int64_t y = 0; y < grid->n_y; y++) {
        TL_TRY(layer_row(ctx, result, layer, y, row, values));
        if (is_covariate)
            TL_TRY(add_up(ctx, result, y, values, area, &sum, &n));
        TL_TRY(tl_band_rows(ctx, writer, 1, values));
    }
    TL_TRY(tl_band_finish(ctx, writer,
                          !is_covariate ? (double)NAN
                          : n > 0       ? sum / (double)n
                                        : 0.0));
    TL_TRY(tl_cancelled(ctx));
done:
    tl_band_free(writer);
    tl_free(values);
    tl_free(row);
    tl_free(area);
    return err;
}

static tl_err save_layers(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_hazard_result *result, const struct layers *layers)
{
    int64_t run_id = 0;
    tl_err err = tl_project_map_new(ctx, project, result->json, &run_id);
    for (int64_t k = 0; k < layers->n && err == TL_OK; k++) {
        err = save_layer(ctx, project, result, run_id, &layers->list[k]);
        tl_progress_set(ctx, (double)(k + 1) / (double)layers->n);
    }
    return err;
}

tl_err tl_hazard_save(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_hazard_result *result)
{
    tl_err err = TL_OK;
    struct layers layers = {0};
    struct tl_hazard_cell *cells = NULL;
    int64_t n = 0;
    tl_progress_begin(ctx, "keeping the map in the project");
    TL_TRY_ALLOC(ctx, layers.list, LAYERS_MAX);
    add_posterior(&layers);
    add(&layers, "", "field", (struct layer){.of = OF_RESULT, .k = TL_HAZARD_FIELD});
    for (int c = 0; c < result->evidence.n_channels; c++)
        add(&layers, "share:", result->evidence.channels[c].name,
            (struct layer){.of = OF_RESULT, .k = TL_HAZARD_SHARES + c});
    add_evidence(&layers, &result->evidence);
    TL_TRY(make_cells(ctx, project, result, &cells, &n));
    TL_TRY(tl_project_begin(ctx, project));
    err = save_layers(ctx, project, result, &layers);
    if (err == TL_OK)
        err = tl_project_hazard_cells(ctx, project, n, cells);
    if (err == TL_OK)
        err = tl_project_commit(ctx, project);
    if (err != TL_OK)
        tl_project_rollback(project);
done:
    tl_progress_end(ctx);
    tl_free(layers.list);
    tl_free(cells);
    return err;
}
