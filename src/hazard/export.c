/*
 * Exports. One writer serves all formats; what differs is where the position goes (columns in CSV, geometry
 * elsewhere) and that CSV carries a row of HXL hashtags under its header.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "geo/geom.h"
#include "geo/vector.h"
#include "hazard/hazard.h"

enum { FIELDS_MAX = TL_RECORD_COLUMNS_MAX + 12, TEXT_BYTES = 64 };

struct format {
    const char *name, *ending, *driver;
};

static const struct format formats[] = {{"geojson", ".geojson", "GeoJSON"},
                                        {"geojson", ".json", "GeoJSON"},
                                        {"csv", ".csv", "CSV"},
                                        {"gpkg", ".gpkg", "GPKG"},
                                        {"kml", ".kml", "KML"}};

struct job {
    const struct format *format;
    bool is_csv;
    const char *path;
    struct tl_vector_writer *writer; /* owns until finished */
    int n_fields;
    struct tl_vector_field fields[FIELDS_MAX];
    const char *hxl[FIELDS_MAX];
    int64_t n_rows;
};

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcasecmp(text + n - m, ending) == 0;
}

static tl_err find_format(struct tl_ctx *ctx, const char *name, const char *path,
                          const struct format **format)
{
    for (size_t k = 0; k < sizeof formats / sizeof formats[0]; k++)
        if (name != NULL ? strcasecmp(name, formats[k].name) == 0
                         : ends_with(path, formats[k].ending)) {
            *format = &formats[k];
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE,
                   "'%s' is no format for an export; there are geojson, csv, gpkg, kml",
                   name != NULL ? name : path);
}

static void field(struct job *job, const char *name, enum tl_vector_type type, const char *hxl)
{
    job->fields[job->n_fields] =
        (struct tl_vector_field){/* A row of hashtags makes every CSV column text. */
                                 .name = name,
                                 .type = job->is_csv ? TL_VECTOR_TEXT : type};
    job->hxl[job->n_fields++] = hxl;
}

static tl_err begin(struct tl_ctx *ctx, struct job *job, const char *layer, const char *geometry)
{
    tl_err err =
        tl_vector_create(ctx, job->path, job->format->driver, layer, job->is_csv ? NULL : geometry,
                         "EPSG:4326", job->n_fields, job->fields, &job->writer);
    if (err == TL_OK && job->is_csv)
        err = tl_vector_add(ctx, job->writer, job->hxl, NULL, 0);
    return err;
}

static enum tl_vector_type vector_type(enum tl_column_type type)
{
    return type == TL_COLUMN_INTEGER || type == TL_COLUMN_YESNO ? TL_VECTOR_INTEGER
           : type == TL_COLUMN_REAL                             ? TL_VECTOR_REAL
                                                                : TL_VECTOR_TEXT;
}

static void record_fields(struct job *job, const struct tl_kind_info *kind)
{
    field(job, "code", TL_VECTOR_TEXT, "#meta+id");
    for (int c = 0; c < kind->n_columns; c++)
        field(job, kind->columns[c].name, vector_type(kind->columns[c].type), kind->columns[c].hxl);
    field(job, "accuracy_m", TL_VECTOR_REAL, "#geo+precision");
    field(job, "source", TL_VECTOR_TEXT, "#meta+source");
    field(job, "source_id", TL_VECTOR_TEXT, "#meta+source+id");
    field(job, "remarks", TL_VECTOR_TEXT, "#description+remarks");
    if (job->is_csv) {
        field(job, "lon", TL_VECTOR_REAL, "#geo+lon");
        field(job, "lat", TL_VECTOR_REAL, "#geo+lat");
        field(job, "wkt", TL_VECTOR_TEXT, "#geo+wkt");
    }
}

static tl_err add_record(struct tl_ctx *ctx, struct job *job, const struct tl_kind_info *kind,
                         struct tl_cursor *cursor)
{
    tl_err err = TL_OK;
    const char *values[FIELDS_MAX] = {0};
    char accuracy[TEXT_BYTES], lon[TEXT_BYTES], lat[TEXT_BYTES], *wkt = NULL;
    int64_t bytes = 0;
    int n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    values[n++] = tl_cursor_code(cursor);
    for (int c = 0; c < kind->n_columns; c++)
        values[n++] = tl_cursor_text(cursor, c);
    snprintf(accuracy, sizeof accuracy, "%.10g", tl_cursor_accuracy_m(cursor));
    values[n++] = isnan(tl_cursor_accuracy_m(cursor)) ? NULL : accuracy;
    values[n++] = tl_cursor_source(cursor);
    values[n++] = tl_cursor_source_id(cursor);
    values[n++] = tl_cursor_remarks(cursor);
    if (job->is_csv && wkb != NULL) {
        struct tl_geom_info info;
        TL_TRY(tl_geom_info(ctx, wkb, bytes, &info));
        snprintf(lon, sizeof lon, "%.9g", info.x);
        snprintf(lat, sizeof lat, "%.9g", info.y);
        values[n++] = lon;
        values[n++] = lat;
        if (info.kind != TL_GEOM_POINT)
            TL_TRY(tl_geo_wkt(ctx, wkb, bytes, &wkt));
        values[n++] = wkt;
    }
    TL_TRY(
        tl_vector_add(ctx, job->writer, values, job->is_csv ? NULL : wkb, job->is_csv ? 0 : bytes));
    job->n_rows++;
done:
    tl_free(wkt);
    return err;
}

static tl_err export_kind(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                          struct job *job)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    const struct tl_kind_info *info = tl_kind_info(kind);
    bool more = true;
    record_fields(job, info);
    TL_TRY(begin(ctx, job, info->table, "any"));
    TL_TRY(tl_register_select(ctx, project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(add_record(ctx, job, info, cursor));
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err export_refused(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    struct tl_refused_cursor *cursor = NULL;
    bool more = true;
    static const char *const names[] = {"import",  "file",     "row",     "reason",
                                        "message", "original", "proposal"};
    static const char *const tags[] = {"#meta+import",  "#meta+source", "#meta+row",
                                       "#meta+reason",  "#description", "#meta+original",
                                       "#meta+proposal"};
    for (int k = 0; k < TL_REFUSED_COLUMNS; k++)
        field(job, names[k], TL_VECTOR_TEXT, tags[k]);
    TL_TRY(begin(ctx, job, "refused", NULL));
    TL_TRY(tl_project_refused_select(ctx, project, &cursor));
    for (;;) {
        const char *values[TL_REFUSED_ALL];
        TL_TRY(tl_project_refused_next(ctx, cursor, values, &more));
        if (!more)
            break;
        TL_TRY(tl_vector_add(ctx, job->writer, values, NULL, 0));
        job->n_rows++;
    }
done:
    tl_project_refused_free(cursor);
    return err;
}

static const struct {
    const char *band, *name, *hxl;
    double factor;
} hazard_columns[] = {{"density_mean", "density_mean_per_ha", "#indicator+density+mean", 1e4},
                      {"density_q05", "density_q05_per_ha", "#indicator+density+q05", 1e4},
                      {"density_q50", "density_q50_per_ha", "#indicator+density+q50", 1e4},
                      {"density_q95", "density_q95_per_ha", "#indicator+density+q95", 1e4},
                      {"log_density_sd", "log_density_sd", "#indicator+sd", 1.0},
                      {"p_any", "p_any", "#indicator+probability", 1.0},
                      {"residual", "residual_ha", "#indicator+residual", 1e-4}};

enum { N_HAZARD = sizeof hazard_columns / sizeof hazard_columns[0] };

/* WKB of a cell's square in longitude and latitude. */
static void square(struct tl_crs_map *to_deg, const struct tl_grid *grid, int64_t cell,
                   unsigned char out[93], double centre[2])
{
    double x[5], y[5], cx, cy, h = 0.5 * grid->step_m;
    static const int sx[5] = {-1, -1, 1, 1, -1}, sy[5] = {1, -1, -1, 1, 1}; /* anticlockwise */
    const uint32_t head[3] = {3, 1, 5};
    tl_grid_centre(grid, (tl_cell){cell}, &cx, &cy);
    for (int k = 0; k < 5; k++) {
        x[k] = cx + sx[k] * h;
        y[k] = cy + sy[k] * h;
    }
    tl_crs_map_points(to_deg, 5, x, y, NULL);
    out[0] = 1;
    memcpy(out + 1, head, sizeof head);
    for (int k = 0; k < 5; k++) {
        memcpy(out + 13 + 16 * k, &x[k], 8);
        memcpy(out + 21 + 16 * k, &y[k], 8);
    }
    tl_crs_map_points(to_deg, 1, &cx, &cy, NULL);
    centre[0] = cx;
    centre[1] = cy;
}

static tl_err add_cell(struct tl_ctx *ctx, struct job *job, struct tl_crs_map *to_deg,
                       const struct tl_grid *grid, const float *values, int64_t i)
{
    char text[N_HAZARD + 3][TEXT_BYTES];
    const char *row[N_HAZARD + 3];
    unsigned char wkb[93];
    double centre[2];
    square(to_deg, grid, i, wkb, centre);
    snprintf(text[0], TEXT_BYTES, "%lld", (long long)i);
    for (int k = 0; k < N_HAZARD; k++)
        snprintf(text[k + 1], TEXT_BYTES, "%.6g", hazard_columns[k].factor * (double)values[k]);
    snprintf(text[N_HAZARD + 1], TEXT_BYTES, "%.7f", centre[0]);
    snprintf(text[N_HAZARD + 2], TEXT_BYTES, "%.7f", centre[1]);
    for (int k = 0; k < N_HAZARD + 3; k++)
        row[k] = text[k];
    job->n_rows++;
    return tl_vector_add(ctx, job->writer, row, job->is_csv ? NULL : wkb,
                         job->is_csv ? 0 : (int64_t)sizeof wkb);
}

/* Cells of some rows. @param values  [N_HAZARD][rows * n_x] */
static tl_err export_rows(struct tl_ctx *ctx, struct tl_project *project, struct job *job,
                          struct tl_crs_map *to_deg, const int64_t box[4], float *values)
{
    struct tl_grid grid = tl_project_grid(project);
    int64_t n = box[2] * box[3];
    tl_err err = TL_OK;
    for (int k = 0; k < N_HAZARD; k++)
        TL_TRY(tl_project_map_box(ctx, project, hazard_columns[k].band, box, values + k * n));
    for (int64_t i = 0; i < n; i++) {
        float of_cell[N_HAZARD];
        if (isnan(values[i])) /* outside the area of interest */
            continue;
        for (int k = 0; k < N_HAZARD; k++)
            of_cell[k] = values[k * n + i];
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(add_cell(ctx, job, to_deg, &grid, of_cell, box[1] * grid.n_x + i));
    }
done:
    return err;
}

static tl_err export_hazard(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    struct tl_grid grid = tl_project_grid(project);
    struct tl_crs_map *to_deg = NULL;
    int64_t rows = tl_project_map_rows(project), run = 0;
    float *values = NULL;
    char *text = NULL;
    json_t *map = NULL;
    TL_TRY(tl_project_map_load(ctx, project, &run, &text));
    TL_TRY(tl_hazard_last_map(ctx, project, true, &map));
    field(job, "cell", TL_VECTOR_INTEGER, "#meta+cell");
    for (int k = 0; k < N_HAZARD; k++)
        field(job, hazard_columns[k].name, TL_VECTOR_REAL, hazard_columns[k].hxl);
    if (job->is_csv) {
        field(job, "lon", TL_VECTOR_REAL, "#geo+lon");
        field(job, "lat", TL_VECTOR_REAL, "#geo+lat");
    }
    TL_TRY_ALLOC(ctx, values, N_HAZARD * rows * grid.n_x);
    TL_TRY(tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &to_deg));
    TL_TRY(begin(ctx, job, "hazard", "polygon"));
    for (int64_t y = 0; y < grid.n_y; y += rows) {
        const int64_t box[4] = {0, y, grid.n_x, y + rows < grid.n_y ? rows : grid.n_y - y};
        TL_TRY(export_rows(ctx, project, job, to_deg, box, values));
    }
    TL_TRY(tl_project_map_same(ctx, project, run));
done:
    tl_crs_map_free(to_deg);
    tl_free(values);
    tl_free(text);
    json_decref(map);
    return err;
}

static tl_err run(struct tl_ctx *ctx, struct tl_project *project, const char *what, struct job *job)
{
    enum tl_kind kind;
    if (strcmp(what, "hazard") == 0)
        return export_hazard(ctx, project, job);
    if (strcmp(what, "refused") == 0)
        return export_refused(ctx, project, job);
    tl_err err = tl_kind_find(ctx, what, &kind);
    if (err != TL_OK)
        return tl_fail_at(ctx, err, "besides 'hazard' and 'refused'");
    return export_kind(ctx, project, kind, job);
}

tl_err tl_hazard_export(struct tl_ctx *ctx, struct tl_project *project, const char *what,
                        const char *format, const char *path, bool overwrite, int64_t *n_rows)
{
    struct stat info;
    struct job job = {.path = path};
    tl_err err = find_format(ctx, format, path, &job.format);
    if (err != TL_OK)
        return err;
    if (!overwrite && lstat(path, &info) == 0)
        return tl_fail(ctx, TL_EEXISTS, "%s is there already; --overwrite replaces it", path);
    job.is_csv = strcmp(job.format->driver, "CSV") == 0;
    err = run(ctx, project, what, &job);
    if (job.writer != NULL) {
        tl_err end = tl_vector_finish(ctx, job.writer, err == TL_OK);
        err = err != TL_OK ? err : end;
    }
    if (err == TL_OK && n_rows != NULL)
        *n_rows = job.n_rows;
    return err;
}
