/*
 * Pages of a hazard map: gathers what the drawing needs from the project (records in grid coordinates) and the result.
 */
#include "tilth/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/text.h"
#include "geo/geom.h"
#include "report/outline.h"
#include "tilth/crs.h"
#include "tilth/raster.h"

enum {
    POINTS_MAX = 20000,
    PATHS_MAX = 4000,
    LABEL_BYTES = 64,
    NOTES_MAX = 8,
    NOTE_BYTES = 320,
    LOOK_BYTES = 256,
    PAGE_SIDE_MAX = 4096
};

struct gathered {
    struct tl_crs_map *to_grid; /* owns */
    int64_t n_points, n_places, n_areas, n_lines, n_look;
    struct tl_report_point *points, *places, *look; /* owns */
    struct tl_report_path *areas, *lines;           /* owns */
    double **vertices;                              /* owns, each */
    int64_t n_vertices;                             /* arrays in it */
    char (*labels)[LABEL_BYTES];                    /* owns: of places */
    char (*look_labels)[LOOK_BYTES];                /* owns */
    enum tl_report_line line_kind;                  /* of the record that is being read */
    char notes[NOTES_MAX][NOTE_BYTES];
    const char *note_list[NOTES_MAX];
    int n_notes;
};

static void gathered_fini(struct gathered *g)
{
    tl_crs_map_free(g->to_grid);
    for (int64_t k = 0; k < g->n_vertices; k++)
        tl_free(g->vertices[k]);
    tl_free(g->vertices);
    tl_free(g->points);
    tl_free(g->places);
    tl_free(g->look);
    tl_free(g->areas);
    tl_free(g->lines);
    tl_free(g->labels);
    tl_free(g->look_labels);
}

/* Position of the present record in the grid's system; false where it has none. */
static tl_err position(struct tl_ctx *ctx, struct tl_cursor *cursor, struct tl_crs_map *map,
                       double xy[2], bool *has)
{
    int64_t bytes = 0;
    struct tl_geom_info info;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    *has = false;
    if (wkb == NULL)
        return TL_OK;
    tl_err err = tl_geom_info(ctx, wkb, bytes, &info);
    if (err != TL_OK || info.is_empty)
        return err;
    xy[0] = info.x;
    xy[1] = info.y;
    tl_crs_map_points(map, 1, &xy[0], &xy[1], NULL);
    *has = isfinite(xy[0]) && isfinite(xy[1]);
    return TL_OK;
}

static tl_err gather_points(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                            struct gathered *g)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = true, has = false;
    double xy[2];
    TL_TRY(tl_register_select(ctx, project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more || g->n_points >= POINTS_MAX)
            break;
        TL_TRY(position(ctx, cursor, g->to_grid, xy, &has));
        if (has)
            g->points[g->n_points++] = (struct tl_report_point){
                .x_m = xy[0], .y_m = xy[1], .is_find = kind == TL_KIND_ITEM};
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err gather_places(struct tl_ctx *ctx, struct tl_project *project, struct gathered *g)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    int name = tl_kind_column(TL_KIND_PLACE, "name");
    int population = tl_kind_column(TL_KIND_PLACE, "population");
    bool more = true, has = false;
    double xy[2];
    TL_TRY(tl_register_select(ctx, project, TL_KIND_PLACE, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more || g->n_places >= PATHS_MAX)
            break;
        TL_TRY(position(ctx, cursor, g->to_grid, xy, &has));
        const char *text = tl_cursor_text(cursor, name);
        if (!has || text == NULL)
            continue;
        double people = tl_cursor_real(cursor, population);
        snprintf(g->labels[g->n_places], LABEL_BYTES, "%s", text);
        g->places[g->n_places] = (struct tl_report_point){.x_m = xy[0],
                                                          .y_m = xy[1],
                                                          .label = g->labels[g->n_places],
                                                          .size = isfinite(people) ? people : 0.0};
        g->n_places++;
    }
done:
    tl_cursor_free(cursor);
    return err;
}

/* Paths of a record; beyond PATHS_MAX of a sort the map would only be darker. Takes the rings' points over. */
static void add_paths(struct gathered *g, struct tl_outline *outline)
{
    tl_outline_map(outline, g->to_grid);
    for (int64_t k = 0; k < outline->n_rings; k++) {
        struct tl_outline_ring *ring = &outline->rings[k];
        int64_t *count = ring->closed ? &g->n_areas : &g->n_lines;
        struct tl_report_path *paths = ring->closed ? g->areas : g->lines;
        if (*count >= PATHS_MAX || ring->n < 2)
            continue;
        g->vertices[g->n_vertices++] = ring->xy;
        paths[(*count)++] = (struct tl_report_path){
            .n = ring->n, .xy_m = ring->xy, .closed = ring->closed, .kind = g->line_kind};
        ring->xy = NULL;
    }
}

static enum tl_report_line line_kind(const char *type)
{
    if (type == NULL)
        return TL_REPORT_ROAD;
    return strcmp(type, "trench") == 0                               ? TL_REPORT_TRENCH
           : strcmp(type, "river") == 0                              ? TL_REPORT_RIVER
           : strcmp(type, "road") == 0 || strcmp(type, "other") == 0 ? TL_REPORT_ROAD
                                                                     : TL_REPORT_DEFENCE_LINE;
}

static tl_err gather_paths(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                           struct gathered *g)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct tl_outline outline = {0};
    bool more = true;
    int64_t bytes = 0;
    TL_TRY(tl_register_select(ctx, project, kind, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const void *wkb = tl_cursor_wkb(cursor, &bytes);
        if (wkb == NULL)
            continue;
        if (kind == TL_KIND_LINE)
            g->line_kind = line_kind(tl_cursor_text(cursor, tl_kind_column(kind, "type")));
        TL_TRY(tl_outline_from_wkb(ctx, wkb, bytes, &outline));
        add_paths(g, &outline);
        tl_outline_fini(&outline);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err gather_look(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                          struct gathered *g)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, g->look, result->n_look);
    TL_TRY_ALLOC(ctx, g->look_labels, result->n_look);
    for (int64_t k = 0; k < result->n_look; k++) {
        const struct tl_hazard_place *at = &result->look[k];
        char items[TL_TEXT_NUMBER_BYTES];
        snprintf(g->look_labels[k], LOOK_BYTES, "%s items%s%s",
                 tl_text_number(at->expected_items, items), at->near[0] != '\0' ? ", " : "",
                 at->near);
        g->look[k] =
            (struct tl_report_point){.x_m = at->x_m, .y_m = at->y_m, .label = g->look_labels[k]};
    }
    g->n_look = result->n_look;
done:
    return err;
}

static tl_err gather(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_hazard_result *result, struct gathered *g)
{
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &g->to_grid));
    TL_TRY_ALLOC(ctx, g->points, POINTS_MAX);
    TL_TRY_ALLOC(ctx, g->places, PATHS_MAX);
    TL_TRY_ALLOC(ctx, g->labels, PATHS_MAX);
    TL_TRY_ALLOC(ctx, g->areas, PATHS_MAX);
    TL_TRY_ALLOC(ctx, g->lines, PATHS_MAX);
    TL_TRY_ALLOC(ctx, g->vertices, 2 * PATHS_MAX);
    TL_TRY(gather_points(ctx, project, TL_KIND_ACCIDENT, g));
    TL_TRY(gather_points(ctx, project, TL_KIND_ITEM, g));
    TL_TRY(gather_places(ctx, project, g));
    TL_TRY(gather_paths(ctx, project, TL_KIND_HAZARD_AREA, g));
    TL_TRY(gather_paths(ctx, project, TL_KIND_LINE, g));
    TL_TRY(gather_look(ctx, result, g));
done:
    return err;
}

static void corners(struct tl_ctx *ctx, struct tl_project *project, const struct tl_grid *grid,
                    double out[8])
{
    struct tl_crs_map *map = NULL;
    struct tl_grid g = *grid;
    double w = g.x0_m, n = g.y0_m, e = w + (double)g.n_x * g.step_m,
           s = n - (double)g.n_y * g.step_m;
    double x[4] = {w, e, e, w}, y[4] = {n, n, s, s};
    if (tl_crs_map_create(ctx, tl_project_crs(project), "EPSG:4326", &map) == TL_OK)
        tl_crs_map_points(map, 4, x, y, NULL);
    for (int k = 0; k < 4; k++) {
        out[2 * k] = map == NULL ? NAN : x[k];
        out[2 * k + 1] = map == NULL ? NAN : y[k];
    }
    tl_crs_map_free(map);
}

/* A page shows no more than some thousand squares a side, and of each the largest value (report/frame.c). So of a large grid it takes
 * squares of cells, never fewer than it shows. */
static struct tl_grid page_grid(const struct tl_grid *grid)
{
    struct tl_grid page = *grid;
    int64_t longest = grid->n_x > grid->n_y ? grid->n_x : grid->n_y;
    int64_t side = (longest + PAGE_SIDE_MAX - 1) / PAGE_SIDE_MAX;
    page.n_x = (grid->n_x + side - 1) / side;
    page.n_y = (grid->n_y + side - 1) / side;
    page.step_m = grid->step_m * (double)side;
    return page;
}

static tl_err page_values(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                          const struct tl_grid *page, int band, double **values)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &result->evidence.grid;
    int64_t side = (int64_t)rint(page->step_m / grid->step_m);
    double *made = NULL, *row = NULL;
    TL_TRY_ALLOC(ctx, made, tl_grid_n_cells(page));
    TL_TRY_ALLOC(ctx, row, grid->n_x);
    for (int64_t i = 0; i < tl_grid_n_cells(page); i++)
        made[i] = NAN;
    for (int64_t y = 0; y < grid->n_y; y++) {
        double *to = made + y / side * page->n_x;
        TL_TRY(tl_hazard_row(ctx, result, band, y, row));
        for (int64_t x = 0; x < grid->n_x; x++)
            if (isnan(to[x / side]) || row[x] > to[x / side])
                to[x / side] = row[x];
    }
    *values = made;
    made = NULL;
done:
    tl_free(made);
    tl_free(row);
    return err;
}

static void note(struct gathered *g, const char *text)
{
    if (g->n_notes >= NOTES_MAX)
        return;
    snprintf(g->notes[g->n_notes], NOTE_BYTES, "%s", text);
    g->note_list[g->n_notes] = g->notes[g->n_notes];
    g->n_notes++;
}

static void take_notes(const struct tl_hazard_result *result, struct gathered *g)
{
    char text[NOTE_BYTES];
    char a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES], c[TL_TEXT_NUMBER_BYTES];
    const struct tl_estimate *t = &result->total_items;
    /* First, since the page has room for so many lines and this one must be among them. */
    note(g, "A low figure is not a statement that ground is free of explosive ordnance. Where "
            "nobody looked, little is known.");
    char d[TL_TEXT_NUMBER_BYTES], e[TL_TEXT_NUMBER_BYTES];
    snprintf(text, sizeof text,
             "Items that remain in the area: median %s, 95 %% interval %s to %s. Effectively "
             "searched: %s of %s ha.",
             tl_text_number(t->q50, a), tl_text_number(t->q025, b), tl_text_number(t->q975, c),
             tl_text_percent(result->searched_m2 / result->area_m2, 3, e),
             tl_text_number(result->area_m2 / 1e4, d));
    note(g, text);
    size_t at = (size_t)snprintf(text, sizeof text, "Rests on");
    for (int k = 0; k < result->evidence.n_channels && at + 64 < sizeof text; k++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s %lld %.32s records",
                               k > 0 ? "," : "", (long long)result->evidence.channels[k].n_records,
                               result->evidence.channels[k].name);
    snprintf(text + at, sizeof text - at, ".");
    note(g, text);
    if (!(result->searched_m2 > 0.0))
        note(g, "No search with a known effort is recorded: read ranks, not numbers.");
    note(g, "Rings: cells where most items are expected to remain, kept apart to show different "
            "places.");
}

tl_err tl_page_map(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_hazard_result *result, const char *path)
{
    tl_err err = TL_OK;
    struct gathered g = {0};
    struct tl_report_map map = {0};
    char title[160] = "", subtitle[200], footer[200], crs_name[TL_CRS_TEXT_BYTES] = "";
    double *median = NULL, *sd = NULL;
    const struct tl_grid grid = page_grid(&result->evidence.grid);
    TL_TRY(page_values(ctx, result, &grid, TL_HAZARD_DENSITY_Q50, &median));
    TL_TRY(page_values(ctx, result, &grid, TL_HAZARD_LOG_DENSITY_SD, &sd));
    TL_TRY(gather(ctx, project, result, &g));
    TL_TRY(tl_crs_check(ctx, tl_project_crs(project), 1, crs_name));
    const char *file = strrchr(tl_project_path(project), '/');
    file = file == NULL ? tl_project_path(project) : file + 1;
    double step_m = result->evidence.grid.step_m;
    snprintf(title, sizeof title, "Hazard map: %s", tl_project_title(project));
    snprintf(subtitle, sizeof subtitle,
             "Density of explosive ordnance (posterior median) in cells of %g %s, and how "
             "uncertain it is",
             step_m >= 1000.0 ? step_m / 1000.0 : step_m, step_m >= 1000.0 ? "km" : "m");
    snprintf(footer, sizeof footer,
             "Tilth " TILTH_VERSION ", evidence %.12s. Made from the records in %.60s; a person "
             "decides on land.",
             result->evidence.hash, file);
    take_notes(result, &g);
    map = (struct tl_report_map){.title = title,
                                 .subtitle = subtitle,
                                 .crs_name = crs_name,
                                 .footer = footer,
                                 .grid = grid,
                                 .cell_m = step_m,
                                 .mean = median,
                                 .sd = sd,
                                 .n_points = g.n_points,
                                 .points = g.points,
                                 .n_places = g.n_places,
                                 .places = g.places,
                                 .n_areas = g.n_areas,
                                 .areas = g.areas,
                                 .n_lines = g.n_lines,
                                 .lines = g.lines,
                                 .n_look = g.n_look,
                                 .look = g.look,
                                 .n_notes = g.n_notes,
                                 .notes = g.note_list};
    corners(ctx, project, &grid, map.corners_deg);
    TL_TRY(tl_report_map_draw(ctx, &map, path));
done:
    tl_free(median);
    tl_free(sd);
    gathered_fini(&g);
    return err;
}

static tl_err read_truth(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                         struct tl_raster *raster)
{
    struct tl_raster own = {.grid = tl_project_grid(project)};
    tl_err err = tl_raster_read(ctx, path, 1, raster);
    if (err != TL_OK)
        return err;
    char *wkt = NULL;
    err = tl_crs_wkt(ctx, tl_project_crs(project), &wkt);
    own.crs = wkt;
    if (err == TL_OK)
        err = tl_raster_same_grid(ctx, "the project", &own, path, raster);
    tl_free(wkt);
    return err;
}

/* What the plot compares, cell by cell; owns. */
struct compared {
    double *mean, *sd, *p_any, *log_truth;
    uint8_t *searched, *any;
};

static void compared_fini(struct compared *c)
{
    tl_free(c->mean);
    tl_free(c->sd);
    tl_free(c->p_any);
    tl_free(c->log_truth);
    tl_free(c->searched);
    tl_free(c->any);
}

static tl_err compared_init(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                            bool remaining, struct compared *c)
{
    tl_err err = TL_OK;
    int64_t n_x = result->evidence.grid.n_x, n = tl_grid_n_cells(&result->evidence.grid);
    TL_TRY_ALLOC(ctx, c->mean, n);
    TL_TRY_ALLOC(ctx, c->sd, n);
    TL_TRY_ALLOC(ctx, c->p_any, n);
    TL_TRY_ALLOC(ctx, c->log_truth, n);
    TL_TRY_ALLOC(ctx, c->searched, n);
    if (remaining)
        TL_TRY_ALLOC(ctx, c->any, n);
    for (int64_t at = 0; at < n; at += n_x) {
        TL_TRY(tl_hazard_row(ctx, result, TL_HAZARD_LOG_DENSITY_MEAN, at / n_x, c->mean + at));
        TL_TRY(tl_hazard_row(ctx, result, TL_HAZARD_LOG_DENSITY_SD, at / n_x, c->sd + at));
        TL_TRY(tl_hazard_row(ctx, result, TL_HAZARD_P_ANY, at / n_x, c->p_any + at));
    }
done:
    return err;
}

/* Cells where at least one in a hundred parts of the ground was effectively searched count as searched. */
static tl_err fill_truth(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                         const struct tl_raster *density, const struct tl_raster *remaining,
                         struct compared *c)
{
    tl_err err = TL_OK;
    const struct tl_evidence *e = &result->evidence;
    int64_t n_x = e->grid.n_x;
    double *area = NULL, *residual = NULL;
    TL_TRY_ALLOC(ctx, area, n_x);
    TL_TRY_ALLOC(ctx, residual, n_x);
    for (int64_t y = 0; y < e->grid.n_y; y++) {
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_AREA, 0, y, area));
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_RESIDUAL, 0, y, residual));
        for (int64_t x = 0; x < n_x; x++) {
            int64_t i = y * n_x + x;
            c->searched[i] = residual[x] < 0.99 * area[x];
            if (c->any != NULL)
                c->any[i] = remaining->values[i] > 0.0;
            c->log_truth[i] =
                density->values[i] > 0.0 && area[x] > 0.0 ? log(density->values[i]) : NAN;
        }
    }
done:
    tl_free(area);
    tl_free(residual);
    return err;
}

tl_err tl_page_calibration(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_hazard_result *result, const char *truth,
                           const char *remaining, const char *path,
                           struct tl_report_calibration_figures *figures)
{
    tl_err err = TL_OK;
    struct tl_raster density = {0}, left = {0};
    struct compared c = {0};
    TL_TRY(read_truth(ctx, project, truth, &density));
    if (remaining != NULL)
        TL_TRY(read_truth(ctx, project, remaining, &left));
    TL_TRY(compared_init(ctx, result, remaining != NULL, &c));
    TL_TRY(fill_truth(ctx, result, &density, &left, &c));
    struct tl_report_calibration data = {
        .title = "Calibration against the known truth",
        .n_cells = tl_grid_n_cells(&result->evidence.grid),
        .true_log_density = c.log_truth,
        .mean = c.mean,
        .sd = c.sd,
        .searched = c.searched,
        .p_any = c.any == NULL ? NULL : c.p_any,
        .any = c.any,
        .footer = "Tilth " TILTH_VERSION "; a simulated district, so that the truth is known"};
    TL_TRY(tl_report_calibration_draw(ctx, &data, path, figures));
done:
    compared_fini(&c);
    tl_raster_fini(&density);
    tl_raster_fini(&left);
    return err;
}
