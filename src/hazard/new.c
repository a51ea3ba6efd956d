/**
 * Beginning a project. A box in degrees becomes a polygon whose edges are densified, because a parallel is not a straight
 * line in a projected system (a side of 4 degrees at 9 N bulges by 600 m). Polygons of a file are mended one by one and
 * joined, so that overlaps count once.
 */
#include "tilth/new.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/core.h"
#include "geo/geom.h"
#include "geo/vector.h"
#include "hazard/need.h"
#include "tilth/project.h"

enum { EDGE_PARTS = 64, POLYGONS_MAX = 100000 };

/* What a map has as a rule (a covariate more takes 8 bytes a cell more); `map --plan` tells when there are records. */
enum { CHANNELS = 3, COVARIATES = 3 };

/* More cells than this are not asked of the engine's plan: their need is told by proportion. */
static const double PLANNED_CELLS = 3.6e9;

struct area {
    unsigned char *wkb; /* owns: WGS 84 */
    int64_t wkb_bytes;
    int64_t n_polygons;
};

/* Whether the text is meant as four numbers: no letter in it (a path has some) and a comma. */
static bool looks_like_box(const char *text)
{
    return strchr(text, ',') != NULL && strspn(text, "0123456789+-., \teE") == strlen(text);
}

static int n_commas(const char *text)
{
    int n = 0;
    for (; *text != '\0'; text++)
        n += *text == ',';
    return n;
}

static tl_err parse_box(struct tl_ctx *ctx, const char *text, double box[4])
{
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        char *end;
        box[i] = strtod(at, &end);
        end += strspn(end, " \t");
        if (end == at || !isfinite(box[i]) || *end != (i < 3 ? ',' : '\0'))
            return tl_fail(ctx, TL_EDATA,
                           "area \"%s\" cannot be read; expected west,south,east,north in degrees, "
                           "such as -77.5,4.9,-73.8,8.9",
                           text);
        at = end + 1;
    }
    return TL_OK;
}

static void put_u32(unsigned char *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

static uint32_t get_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The machine is little endian like the bytes; what WKB readers of this house take. */
static tl_err box_polygon(struct tl_ctx *ctx, const double box[4], struct area *area)
{
    tl_err err = TL_OK;
    const double x[5] = {box[0], box[2], box[2], box[0], box[0]};
    const double y[5] = {box[1], box[1], box[3], box[3], box[1]};
    const int n_points = 4 * EDGE_PARTS + 1;
    area->wkb_bytes = 13 + 16 * (int64_t)n_points;
    TL_TRY_ALLOC(ctx, area->wkb, area->wkb_bytes);
    area->wkb[0] = 1;
    put_u32(area->wkb + 1, 3);
    put_u32(area->wkb + 5, 1);
    put_u32(area->wkb + 9, (uint32_t)n_points);
    for (int i = 0; i < n_points; i++) {
        int side = i / EDGE_PARTS < 4 ? i / EDGE_PARTS : 3;
        double share = (double)(i - side * EDGE_PARTS) / EDGE_PARTS;
        double point[2] = {x[side] + share * (x[side + 1] - x[side]),
                           y[side] + share * (y[side + 1] - y[side])};
        if (i == n_points - 1) { /* the ring closes to the last bit */
            point[0] = x[0];
            point[1] = y[0];
        }
        memcpy(area->wkb + 13 + 16 * i, point, sizeof point);
    }
    area->n_polygons = 1;
done:
    return err;
}

/* Appends the polygons of a geometry (polygon or multipolygon, ISO little endian) to a growing multipolygon. */
static tl_err append(struct tl_ctx *ctx, struct area *area, const unsigned char *wkb, int64_t n)
{
    tl_err err = TL_OK;
    uint32_t type = n >= 9 ? get_u32(wkb + 1) : 0, n_new = type == 6 ? get_u32(wkb + 5) : 1;
    int64_t skip = type == 6 ? 9 : 0;
    if (type != 3 && type != 6)
        return TL_OK; /* nothing with an area was left of it */
    int64_t old = area->wkb_bytes == 0 ? 9 : area->wkb_bytes, grown = old + n - skip;
    unsigned char *bytes = tl_regrow(ctx, area->wkb, area->wkb_bytes, grown, 1);
    if (bytes == NULL)
        return TL_ENOMEM;
    area->wkb = bytes;
    memcpy(bytes + old, wkb + skip, (size_t)(n - skip));
    area->wkb_bytes = grown;
    area->n_polygons += n_new;
    bytes[0] = 1;
    put_u32(bytes + 1, 6);
    put_u32(bytes + 5, (uint32_t)area->n_polygons);
    if (area->n_polygons > POLYGONS_MAX)
        TL_THROW(ctx, TL_EDATA, "more than %d polygons; expected an area of interest",
                 POLYGONS_MAX);
done:
    return err;
}

static tl_err take_row(struct tl_ctx *ctx, struct tl_vector *vector, struct tl_crs_map *map,
                       struct area *area)
{
    tl_err err = TL_OK;
    const void *wkb;
    void *moved = NULL, *mended = NULL;
    int64_t n, n_moved, n_mended;
    struct tl_geom_info info;
    TL_TRY(tl_vector_wkb(ctx, vector, &wkb, &n));
    if (wkb == NULL)
        goto done;
    TL_TRY(tl_geom_info(ctx, wkb, n, &info));
    if (info.kind != TL_GEOM_POLYGON || info.is_empty)
        goto done;
    TL_TRY(tl_geom_transform(ctx, map, wkb, n, &moved, &n_moved));
    TL_TRY(tl_geom_repair(ctx, moved, n_moved, &mended, &n_mended));
    TL_TRY(append(ctx, area, mended, n_mended));
done:
    tl_free(moved);
    tl_free(mended);
    return err;
}

/* A buffer of nothing joins the parts: what overlaps counts once. */
static tl_err join(struct tl_ctx *ctx, struct area *area)
{
    void *joined = NULL;
    int64_t n;
    tl_err err = tl_geom_buffer(ctx, area->wkb, area->wkb_bytes, 0, &joined, &n);
    if (err != TL_OK)
        return err;
    tl_free(area->wkb);
    area->wkb = joined;
    area->wkb_bytes = n;
    return TL_OK;
}

static tl_err read_file(struct tl_ctx *ctx, const char *path, struct area *area)
{
    tl_err err = TL_OK;
    struct tl_vector *vector = NULL;
    struct tl_crs_map *map = NULL;
    struct tl_vector_options options = {0};
    bool more = true;
    TL_TRY(tl_vector_open(ctx, path, &options, &vector));
    const char *crs = tl_vector_crs(vector);
    TL_TRY(tl_crs_map_create(ctx, crs[0] == '\0' ? "EPSG:4326" : crs, "EPSG:4326", &map));
    for (;;) {
        TL_TRY(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        err = take_row(ctx, vector, map, area);
        if (err != TL_OK) {
            err = tl_fail_at(ctx, err, "%s: row %lld", path, (long long)tl_vector_row(vector));
            goto done;
        }
    }
    if (area->n_polygons == 0)
        TL_THROW(ctx, TL_EDATA, "%s holds no polygon; expected the area of interest", path);
    TL_TRY(join(ctx, area));
done:
    tl_crs_map_free(map);
    tl_vector_close(vector);
    return err;
}

static tl_err read_area(struct tl_ctx *ctx, const char *text, struct area *area, double box[4])
{
    tl_err err = TL_OK;
    struct tl_geom_info info;
    char crs[TL_CRS_TEXT_BYTES];
    if (access(text, F_OK) != 0 && looks_like_box(text)) {
        TL_TRY(parse_box(ctx, text, box));
        TL_TRY(tl_crs_for_area(ctx, box,
                               crs)); /* refuses what is no box before it becomes a polygon */
        TL_TRY(box_polygon(ctx, box, area));
        goto done;
    }
    err = read_file(ctx, text, area);
    if (err == TL_ENOTFOUND && n_commas(text) > 1)
        err = tl_fail(ctx, TL_EDATA,
                      "area \"%s\" is no file and cannot be read as west,south,east,north in "
                      "degrees, such as -77.5,4.9,-73.8,8.9",
                      text);
    if (err != TL_OK)
        goto done;
    TL_TRY(tl_geom_info(ctx, area->wkb, area->wkb_bytes, &info));
    if (info.box[2] - info.box[0] > 180)
        TL_THROW(
            ctx, TL_EDATA,
            "%s: the polygons span %.6g to %.6g degrees of longitude: an area that crosses the "
            "antimeridian is not supported; make one project on each side",
            text, info.box[0], info.box[2]);
    memcpy(box, info.box, sizeof info.box);
done:
    return err;
}

/* Errors: TL_ENOMEM (more than `room`), with the bytes too. */
static tl_err memory_of(struct tl_ctx *ctx, double n_x, double n_y, double room_bytes,
                        double *bytes)
{
    double shrink = sqrt(fmax(n_x * n_y / PLANNED_CELLS, 1.0));
    const struct tl_hazard_need_of of = {.n_x = (int64_t)(n_x / shrink),
                                         .n_y = (int64_t)(n_y / shrink),
                                         .step_m = 1.0,
                                         .n_channels = CHANNELS,
                                         .n_covariates = COVARIATES};
    struct tl_field_options options = tl_field_options_default();
    int64_t needed = 0;
    options.memory_bytes = (int64_t)fmax(room_bytes, 1.0);
    tl_err err = tl_hazard_need_memory(ctx, &of, &options, &needed);
    *bytes = (double)needed * shrink * shrink;
    return err == TL_OK && *bytes > room_bytes ? TL_ENOMEM : err;
}

/* Smallest cell, on a scale of 1, 2 and 5, whose map fits into memory. */
static double cell_that_fits(struct tl_ctx *ctx, double width_m, double height_m, double cell_m,
                             double room_bytes)
{
    static const double steps[] = {1, 2, 5};
    for (int i = 0; i < 60; i++) {
        double bytes, cell = steps[i % 3] * pow(10, i / 3 - 3);
        double n_x = ceil(width_m / cell) + 1, n_y = ceil(height_m / cell) + 1;
        if (cell <= cell_m || n_x * n_y > PLANNED_CELLS)
            continue;
        if (memory_of(ctx, n_x, n_y, room_bytes, &bytes) == TL_OK)
            return cell;
    }
    return fmax(width_m, height_m);
}

static tl_err check_cell(struct tl_ctx *ctx, const double box_m[4],
                         const struct tl_new_options *options, struct tl_new_report *report)
{
    double cell = options->cell_m, width = box_m[2] - box_m[0], height = box_m[3] - box_m[1], bytes;
    double room =
        options->memory_bytes > 0 ? (double)options->memory_bytes : (double)tl_memory_available();
    double n_x = ceil(width / cell) + 1, n_y = ceil(height / cell) + 1;
    tl_err err;
    if (!(cell > 0) || !isfinite(cell))
        return tl_fail(ctx, TL_EDATA, "a cell of %g m; expected a length above zero", cell);
    if (cell > fmax(width, height))
        return tl_fail(ctx, TL_EDATA,
                       "a cell of %.10g m is larger than the area, which is %.0f m by %.0f m", cell,
                       width, height);
    err = memory_of(ctx, n_x, n_y, room, &bytes);
    if (err != TL_OK && err != TL_ENOMEM)
        return err;
    if (err == TL_ENOMEM)
        return tl_fail(
            ctx, TL_ENOMEM,
            "a cell of %.10g m makes %.0f cells, whose map would need about %.1f GB of memory, "
            "and there are %.1f GB; a cell of %.10g m would do",
            cell, n_x * n_y, bytes / 1e9, room / 1e9,
            cell_that_fits(ctx, width, height, cell, room));
    report->memory_bytes = (int64_t)bytes;
    return TL_OK;
}

static tl_err choose_crs(struct tl_ctx *ctx, const char *wanted, const double box[4],
                         struct tl_new_report *report)
{
    if (wanted == NULL) {
        tl_err err = tl_crs_for_area(ctx, box, report->crs);
        if (err != TL_OK)
            return err;
    } else if (strlen(wanted) >= sizeof report->crs) {
        return tl_fail(ctx, TL_EDATA, "a definition of a system of more than %d characters",
                       TL_CRS_TEXT_BYTES - 1);
    } else {
        strcpy(report->crs, wanted);
    }
    tl_err err = tl_crs_check(ctx, report->crs, 1, report->crs_name);
    return err == TL_OK || wanted == NULL ? err : tl_fail_at(ctx, err, "--crs %s", wanted);
}

/* The area in the grid's system: its box makes the grid. */
static tl_err project_area(struct tl_ctx *ctx, const struct area *area,
                           struct tl_new_report *report, double box_m[4])
{
    tl_err err = TL_OK;
    struct tl_crs_map *map = NULL;
    struct tl_geom_info info;
    void *projected = NULL;
    int64_t n;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", report->crs, &map));
    TL_TRY(tl_geom_transform(ctx, map, area->wkb, area->wkb_bytes, &projected, &n));
    TL_TRY(tl_geom_info(ctx, projected, n, &info));
    if (!(info.area > 0))
        TL_THROW(ctx, TL_EDATA, "the area of interest has no size");
    report->area_m2 = info.area;
    memcpy(box_m, info.box, sizeof info.box);
done:
    tl_free(projected);
    tl_crs_map_free(map);
    return err;
}

tl_err tl_new_project(struct tl_ctx *ctx, const char *path, const struct tl_new_options *options,
                      struct tl_new_report *report)
{
    tl_err err = TL_OK;
    struct area area = {0};
    struct tl_new_report *made = NULL; /* large: holds two texts */
    double box_m[4];
    int64_t n_path = (int64_t)strlen(path);
    if (n_path < 6 || strcasecmp(path + n_path - 5, ".gpkg") != 0)
        TL_THROW(ctx, TL_EUSAGE,
                 "%s: the name of a project ends in .gpkg, so that QGIS and others know what it is",
                 path);
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(read_area(ctx, options->area, &area, made->area_deg));
    made->n_polygons = area.n_polygons;
    TL_TRY(choose_crs(ctx, options->crs, made->area_deg, made));
    TL_TRY(project_area(ctx, &area, made, box_m));
    TL_TRY(check_cell(ctx, box_m, options, made));
    TL_TRY(tl_grid_cover_box(ctx, box_m, options->cell_m, &made->grid));
    struct tl_project_new project = {.grid = made->grid,
                                     .crs = made->crs,
                                     .area_wkb = area.wkb,
                                     .area_wkb_bytes = area.wkb_bytes,
                                     .title = options->title,
                                     .overwrite = options->overwrite};
    memcpy(project.area_deg, made->area_deg, sizeof project.area_deg);
    TL_TRY(tl_project_create(ctx, path, &project));
    *report = *made;
done:
    tl_free(made);
    tl_free(area.wkb);
    return err;
}
