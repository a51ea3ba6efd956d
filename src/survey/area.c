/*
 * A polygon that crosses itself is refused, not mended: lines or samples laid over ground that nobody meant would look as good as any
 * others. The message says where it crosses.
 */
#include "survey/area.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "geo/geom.h"
#include "geo/vector.h"
#include "geo/wkb.h"

enum { HEAD_BYTES = 9, MULTIPOLYGON = 6 };

struct parts {
    unsigned char *wkb; /* owns: multipolygon */
    int64_t bytes;
    uint32_t n;
};

/* Appends the polygons of a flat geometry to a growing multipolygon. */
static tl_err append(struct tl_ctx *ctx, struct parts *parts, const unsigned char *flat, int64_t n)
{
    uint32_t type, n_new = 1;
    memcpy(&type, flat + 1, sizeof type);
    int64_t skip = type == MULTIPOLYGON ? HEAD_BYTES : 0;
    if (type == MULTIPOLYGON)
        memcpy(&n_new, flat + 5, sizeof n_new);
    int64_t old = parts->bytes == 0 ? HEAD_BYTES : parts->bytes;
    unsigned char *grown = tl_regrow(ctx, parts->wkb, parts->bytes, old + n - skip, 1);
    if (grown == NULL)
        return TL_ENOMEM;
    memcpy(grown + old, flat + skip, (size_t)(n - skip));
    type = MULTIPOLYGON;
    parts->n += n_new;
    grown[0] = 1;
    memcpy(grown + 1, &type, sizeof type);
    memcpy(grown + 5, &parts->n, sizeof parts->n);
    parts->wkb = grown;
    parts->bytes = old + n - skip;
    return TL_OK;
}

/* Takes a polygon as it was received (in the source's system) and brings it to the grid's. */
static tl_err take(struct tl_ctx *ctx, const void *wkb, int64_t n, struct tl_crs_map *to_grid,
                   struct parts *parts)
{
    tl_err err = TL_OK;
    struct tl_geom_info info;
    struct tl_wkb flat = {0};
    void *moved = NULL;
    int64_t n_moved = 0;
    if (wkb == NULL)
        TL_THROW(ctx, TL_EDATA, "it has no geometry; expected a polygon");
    TL_TRY(tl_geom_info(ctx, wkb, n, &info));
    if (info.kind != TL_GEOM_POLYGON || info.is_empty)
        TL_THROW(ctx, TL_EDATA, "its geometry is no polygon");
    if (!info.is_valid)
        TL_THROW(ctx, TL_EDATA, "its polygon is not valid: %s", info.why);
    TL_TRY(tl_geom_transform(ctx, to_grid, wkb, n, &moved, &n_moved));
    TL_TRY(tl_wkb_read(ctx, moved, n_moved, &flat));
    TL_TRY(append(ctx, parts, flat.flat, flat.flat_bytes));
done:
    tl_wkb_fini(&flat);
    tl_free(moved);
    return err;
}

static bool is_named(struct tl_cursor *cursor, const char *code)
{
    const char *id = tl_cursor_source_id(cursor), *own = tl_cursor_code(cursor);
    const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "name"));
    return (own != NULL && strcasecmp(own, code) == 0) || (id != NULL && strcmp(id, code) == 0) ||
           (name != NULL && strcmp(name, code) == 0);
}

static tl_err from_register(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                            struct tl_survey_area *area, struct parts *parts)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = true;
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            TL_THROW(ctx, TL_ENOTFOUND,
                     "no hazardous area '%s' in the project; expected a code such as HA-0001, a "
                     "source id or a name",
                     code);
        if (is_named(cursor, code))
            break;
    }
    int64_t n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    snprintf(area->name, sizeof area->name, "%s", tl_cursor_code(cursor));
    err = take(ctx, wkb, n, area->to_grid, parts);
    if (err != TL_OK)
        err = tl_fail_at(ctx, err, "hazardous area %s", area->name);
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err from_file(struct tl_ctx *ctx, struct tl_project *project, const char *file,
                        struct tl_survey_area *area, struct parts *parts)
{
    tl_err err = TL_OK;
    struct tl_vector *vector = NULL;
    struct tl_crs_map *map = NULL;
    struct tl_vector_options options = {0};
    bool more = true;
    TL_TRY(tl_vector_open(ctx, file, &options, &vector));
    const char *crs = tl_vector_crs(vector), *slash = strrchr(file, '/');
    snprintf(area->name, sizeof area->name, "%s", slash == NULL ? file : slash + 1);
    TL_TRY(
        tl_crs_map_create(ctx, crs[0] == '\0' ? "EPSG:4326" : crs, tl_project_crs(project), &map));
    for (;;) {
        const void *wkb;
        int64_t n;
        TL_TRY(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        TL_TRY(tl_vector_wkb(ctx, vector, &wkb, &n));
        err = take(ctx, wkb, n, map, parts);
        if (err != TL_OK) {
            err = tl_fail_at(ctx, err, "%s: row %lld", file, (long long)tl_vector_row(vector));
            goto done;
        }
    }
    if (parts->n == 0)
        TL_THROW(ctx, TL_EDATA, "%s holds no polygon", file);
done:
    tl_crs_map_free(map);
    tl_vector_close(vector);
    return err;
}

tl_err tl_survey_area_init(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                           const char *file, struct tl_survey_area *area)
{
    tl_err err = TL_OK;
    struct tl_survey_area made = {.crs = tl_project_crs(project)};
    struct parts parts = {0};
    struct tl_geom_info info;
    if ((code == NULL) == (file == NULL))
        return tl_fail(ctx, TL_EUSAGE, "give an area or a file with a polygon, one of them");
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &made.to_grid));
    if (code != NULL)
        TL_TRY(from_register(ctx, project, code, &made, &parts));
    else
        TL_TRY(from_file(ctx, project, file, &made, &parts));
    /* A buffer of nothing joins what overlaps, so that ground counts once. */
    TL_TRY(tl_geom_buffer(ctx, parts.wkb, parts.bytes, 0.0, &made.wkb, &made.wkb_bytes));
    TL_TRY(tl_geom_info(ctx, made.wkb, made.wkb_bytes, &info));
    if (info.is_empty || !(info.area > 0.0))
        TL_THROW(ctx, TL_EDATA, "%s has no area", made.name);
    made.area_m2 = info.area;
    memcpy(made.box, info.box, sizeof made.box);
    made.x = info.x;
    made.y = info.y;
    struct tl_grid grid = tl_project_grid(project);
    if (made.box[0] > grid.x0_m + grid.step_m * (double)grid.n_x || made.box[2] < grid.x0_m ||
        made.box[1] > grid.y0_m || made.box[3] < grid.y0_m - grid.step_m * (double)grid.n_y)
        TL_THROW(ctx, TL_EDATA,
                 "%s lies wholly outside the project's area: lengths would be wrong there",
                 made.name);
    *area = made;
    made = (struct tl_survey_area){0};
done:
    tl_free(parts.wkb);
    tl_survey_area_fini(&made);
    return err;
}

void tl_survey_area_fini(struct tl_survey_area *area)
{
    tl_free(area->wkb);
    tl_crs_map_free(area->to_grid);
    *area = (struct tl_survey_area){0};
}

tl_err tl_survey_may_write(struct tl_ctx *ctx, const char *path, bool overwrite)
{
    struct stat info;
    if (path != NULL && !overwrite && lstat(path, &info) == 0)
        return tl_fail(ctx, TL_EEXISTS, "%s is there already; --overwrite replaces it", path);
    return TL_OK;
}

bool tl_survey_ends_with(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcasecmp(path + n - m, ending) == 0;
}

tl_err tl_survey_method(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                        const char *group, struct tl_method *method)
{
    struct tl_method *methods = NULL;
    int64_t n = 0;
    bool known = false;
    tl_err err = tl_project_methods(ctx, project, &methods, &n);
    if (err != TL_OK)
        return err;
    int64_t row = tl_method_pick(methods, n, name, group, (double)NAN, "", &known);
    if (known)
        *method = methods[row];
    else
        err = tl_fail(ctx, TL_ENOTFOUND,
                      "the method '%s' is not in the table; `tilth methods %s` lists it, --edit "
                      "adds to it",
                      name, tl_project_path(project));
    tl_free(methods);
    return err;
}

tl_err tl_survey_map(struct tl_ctx *ctx, struct tl_project *project, int64_t *run_id, char **json)
{
    char *text = NULL;
    tl_err err = tl_project_map_load(ctx, project, run_id, &text);
    if (err == TL_OK && text == NULL)
        return tl_fail(ctx, TL_ENOTFOUND,
                       "%s holds no map yet; make one with: tilth map %s --out DIR",
                       tl_project_path(project), tl_project_path(project));
    if (err == TL_OK)
        *json = text;
    return err;
}
