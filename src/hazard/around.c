/* Records near a place: a box by the R-tree, then geodesic distances. Polygons that hold the place are at distance 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "geo/geom.h"
#include "hazard/hazard.h"
#include "tilth/coord.h"

static const double PLACE_WITHIN_M = 50000.0;

const char *tl_hazard_compass(double azimuth_deg)
{
    static const char *const names[] = {"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
    int octant = (int)floor((azimuth_deg + 360.0 + 22.5) / 45.0) % 8;
    return names[octant];
}

/* Box that holds a circle: half widths by the local length of a degree, a little wider than needed. */
static void box_around(const double at_deg[2], double distance_m, double box[4])
{
    double dlat = 1.02 * distance_m / 110574.0;
    double cosine = cos(at_deg[1] * 3.14159265358979323846 / 180.0);
    double dlon = cosine > 0.01 ? 1.02 * distance_m / (111320.0 * cosine) : 180.0;
    box[0] = at_deg[0] - dlon;
    box[1] = at_deg[1] - dlat;
    box[2] = at_deg[0] + dlon;
    box[3] = at_deg[1] + dlat;
}

/* "2005, AP mine": what tells a record from its neighbours, from the first columns of its kind that are known. */
static void say_what(struct tl_cursor *cursor, enum tl_kind kind, char *text, size_t bytes)
{
    static const char *const columns[] = {"date",   "date_end", "category", "classification",
                                          "type",   "method",   "passes",   "name",
                                          "status", "found"};
    size_t at = 0;
    text[0] = '\0';
    for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++) {
        int column = tl_kind_column(kind, columns[k]);
        const char *value = column < 0 ? NULL : tl_cursor_text(cursor, column);
        if (value == NULL || value[0] == '\0' || at + 40 > bytes)
            continue;
        const char *unit = strcmp(columns[k], "found") == 0    ? " found"
                           : strcmp(columns[k], "passes") != 0 ? ""
                           : strcmp(value, "1") == 0           ? " pass"
                                                               : " passes";
        int n = snprintf(text + at, bytes - at, "%s%.60s%s", at > 0 ? ", " : "", value, unit);
        at += n < 0 ? 0 : (size_t)n < bytes - at ? (size_t)n : bytes - at - 1;
    }
}

static tl_err measure(struct tl_ctx *ctx, struct tl_cursor *cursor, const double at_deg[2],
                      struct tl_hazard_near *near)
{
    int64_t bytes = 0;
    struct tl_geom_info info;
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    near->distance_m = INFINITY;
    if (wkb == NULL)
        return TL_OK;
    tl_err err = tl_geom_info(ctx, wkb, bytes, &info);
    if (err != TL_OK || info.is_empty || !info.is_finite)
        return err;
    near->lon_deg = info.x;
    near->lat_deg = info.y;
    tl_coord_distance(at_deg[0], at_deg[1], info.x, info.y, &near->distance_m, &near->azimuth_deg);
    if (info.kind == TL_GEOM_POLYGON && info.is_valid)
        err = tl_geom_holds(ctx, wkb, bytes, at_deg[0], at_deg[1], &near->holds);
    if (near->holds)
        near->distance_m = 0.0;
    return err;
}

/* Keeps the list sorted by distance, then by id, the farthest falling out. */
static void insert(struct tl_hazard_near *list, int64_t *n, int64_t max,
                   const struct tl_hazard_near *one)
{
    int64_t at = *n;
    while (at > 0 && list[at - 1].distance_m > one->distance_m)
        at--;
    if (at >= max)
        return;
    int64_t last = *n < max ? *n : max - 1;
    memmove(&list[at + 1], &list[at], (size_t)(last - at) * sizeof *list);
    list[at] = *one;
    *n = last + 1;
}

tl_err tl_hazard_around(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                        const double at_deg[2], double distance_m, int64_t max,
                        struct tl_hazard_near *near, int64_t *n_near, int64_t *n_all)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = false;
    double box[4];
    *n_near = *n_all = 0;
    box_around(at_deg, distance_m, box);
    TL_TRY(tl_register_select(ctx, project, kind, box, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        struct tl_hazard_near one = {.kind = kind, .id = tl_cursor_id(cursor)};
        TL_TRY(measure(ctx, cursor, at_deg, &one));
        if (one.distance_m > distance_m)
            continue;
        const char *code = tl_cursor_code(cursor);
        snprintf(one.code, sizeof one.code, "%s", code == NULL ? "" : code);
        say_what(cursor, kind, one.what, sizeof one.what);
        int name = tl_kind_column(kind, "name");
        if (name >= 0 && tl_cursor_text(cursor, name) != NULL)
            snprintf(one.name, sizeof one.name, "%s", tl_cursor_text(cursor, name));
        ++*n_all;
        insert(near, n_near, max, &one);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

tl_err tl_hazard_near_place(struct tl_ctx *ctx, struct tl_project *project, const double at_deg[2],
                            char *text)
{
    struct tl_hazard_near near = {0};
    int64_t n = 0, n_all = 0;
    tl_err err =
        tl_hazard_around(ctx, project, TL_KIND_PLACE, at_deg, PLACE_WITHIN_M, 1, &near, &n, &n_all);
    if (err != TL_OK)
        return err;
    text[0] = '\0';
    if (n == 0 || near.name[0] == '\0')
        return TL_OK;
    /* The azimuth is from here to the place; people say it the other way round. */
    char number[40];
    const char *way = tl_hazard_compass(near.azimuth_deg + 180.0);
    if (near.distance_m < 500.0)
        snprintf(text, 160, "at %s", near.name);
    else if (near.distance_m < 995.0)
        snprintf(text, 160, "%.0f m %s of %s", 10.0 * round(near.distance_m / 10.0), way,
                 near.name);
    else
        snprintf(text, 160, "%s km %s of %s", tl_text_number(near.distance_m / 1000.0, number), way,
                 near.name);
    return TL_OK;
}
