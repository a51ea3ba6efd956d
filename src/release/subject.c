#include "release/subject.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/text.h"
#include "geo/vector.h"
#include "geo/wkb.h"
#include "tilth/coord.h"

enum { NAMES_MAX = 4000, POINTS_MAX = 20000, DEGREE_DIGITS = 9 };

static void copy_column(struct tl_cursor *cursor, const char *column, char *to, size_t bytes)
{
    int at = tl_kind_column(TL_KIND_HAZARD_AREA, column);
    const char *text = at < 0 ? NULL : tl_cursor_text(cursor, at);
    snprintf(to, bytes, "%s", text == NULL ? "" : text);
}

static tl_err read_area(struct tl_ctx *ctx, struct tl_cursor *cursor, struct tl_release_subject *s)
{
    tl_err err = TL_OK;
    int64_t bytes = 0;
    const char *code = tl_cursor_code(cursor);
    const void *wkb = tl_cursor_wkb(cursor, &bytes);
    *s = (struct tl_release_subject){.is_area = true};
    snprintf(s->code, sizeof s->code, "%s", code == NULL ? "" : code);
    copy_column(cursor, "name", s->name, sizeof s->name);
    copy_column(cursor, "classification", s->classification, sizeof s->classification);
    copy_column(cursor, "status", s->status, sizeof s->status);
    copy_column(cursor, "evidence", s->evidence_kind, sizeof s->evidence_kind);
    copy_column(cursor, "date", s->date, sizeof s->date);
    s->suspected_cm = tl_cursor_real(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "depth_cm"));
    if (wkb == NULL)
        TL_THROW(ctx, TL_EDATA, "hazardous area %s has no polygon", s->code);
    TL_TRY_ALLOC(ctx, s->wkb, bytes);
    memcpy(s->wkb, wkb, (size_t)bytes);
    s->wkb_bytes = bytes;
done:
    return err;
}

static bool is_text(const char *a, const char *b)
{
    return a != NULL && strcasecmp(a, b) == 0;
}

static bool is_called(struct tl_cursor *cursor, const char *wanted)
{
    const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "name"));
    return is_text(tl_cursor_code(cursor), wanted) ||
           is_text(tl_cursor_source_id(cursor), wanted) || is_text(name, wanted);
}

struct names {
    int n;
    char *name[NAMES_MAX]; /* owns, each */
};

static tl_err note_name(struct tl_ctx *ctx, struct names *names, const char *name)
{
    if (name == NULL || name[0] == '\0' || names->n >= NAMES_MAX)
        return TL_OK;
    names->name[names->n] = tl_strdup(ctx, name);
    if (names->name[names->n] == NULL)
        return TL_ENOMEM;
    names->n++;
    return TL_OK;
}

/* Code first, then source id, then name: the first record that one of them fits, and there may be only one. */
static tl_err by_name(struct tl_ctx *ctx, struct tl_project *project, const char *wanted,
                      struct tl_release_subject *subject)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct tl_release_subject found = {0};
    struct names *names = NULL;
    bool more = false;
    int64_t n = 0;
    TL_TRY_ALLOC(ctx, names, 1);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        bool by_code = is_text(tl_cursor_code(cursor), wanted);
        TL_TRY(note_name(ctx, names, tl_cursor_code(cursor)));
        TL_TRY(note_name(ctx, names,
                         tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "name"))));
        if (!is_called(cursor, wanted))
            continue;
        n = by_code ? 1 : n + 1;
        tl_release_subject_fini(&found);
        TL_TRY(read_area(ctx, cursor, &found));
        if (by_code)
            break;
    }
    if (n > 1)
        TL_THROW(ctx, TL_EUSAGE, "%lld hazardous areas are called '%s': name one by its code",
                 (long long)n, wanted);
    if (n == 0) {
        const char *near = tl_text_nearest(wanted, names->n, (const char *const *)names->name);
        TL_THROW(ctx, TL_ENOTFOUND, "no hazardous area '%s'%s%s%s", wanted,
                 near == NULL ? " (codes look like HA-0001; `tilth info` counts them)"
                              : "; did you mean ",
                 near == NULL ? "" : near, near == NULL ? "" : "?");
    }
    *subject = found;
    found = (struct tl_release_subject){0};
done:
    for (int k = 0; names != NULL && k < names->n; k++)
        tl_free(names->name[k]);
    tl_free(names);
    tl_cursor_free(cursor);
    tl_release_subject_fini(&found);
    return err;
}

static tl_err by_file(struct tl_ctx *ctx, const char *path, struct tl_release_subject *subject)
{
    tl_err err = TL_OK;
    struct tl_vector_options options = {0};
    struct tl_vector *vector = NULL;
    struct tl_crs_map *map = NULL;
    struct tl_release_subject s = {.suspected_cm = NAN};
    const void *wkb = NULL;
    int64_t bytes = 0;
    bool more = false;
    TL_TRY(tl_vector_open(ctx, path, &options, &vector));
    TL_TRY(tl_vector_next(ctx, vector, &more));
    if (more)
        TL_TRY(tl_vector_wkb(ctx, vector, &wkb, &bytes));
    if (wkb == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: expected one polygon, found none", path);
    const char *crs = tl_vector_crs(vector);
    TL_TRY(tl_crs_map_create(ctx, crs == NULL || crs[0] == '\0' ? "EPSG:4326" : crs, "EPSG:4326",
                             &map));
    TL_TRY(tl_geom_transform(ctx, map, wkb, bytes, &s.wkb, &s.wkb_bytes));
    TL_TRY(tl_vector_next(ctx, vector, &more));
    if (more)
        TL_THROW(ctx, TL_EDATA, "%s: expected one polygon, found several", path);
    const char *slash = strrchr(path, '/');
    snprintf(s.name, sizeof s.name, "%s", slash == NULL ? path : slash + 1);
    *subject = s;
    s = (struct tl_release_subject){0};
done:
    tl_vector_close(vector);
    tl_crs_map_free(map);
    tl_release_subject_fini(&s);
    return err;
}

tl_err tl_release_subject_find(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_release_options *o,
                               struct tl_release_subject *subject)
{
    if ((o->area != NULL) + (o->polygon != NULL) + (o->wkb != NULL) != 1)
        return tl_fail(ctx, TL_EUSAGE, "name one area (--area) or one polygon (--polygon)");
    if (o->area != NULL)
        return by_name(ctx, project, o->area, subject);
    if (o->polygon != NULL)
        return by_file(ctx, o->polygon, subject);
    struct tl_release_subject s = {.suspected_cm = NAN, .wkb_bytes = o->wkb_bytes};
    s.wkb = tl_alloc(ctx, o->wkb_bytes, 1);
    if (s.wkb == NULL)
        return TL_ENOMEM;
    memcpy(s.wkb, o->wkb, (size_t)o->wkb_bytes);
    *subject = s;
    return TL_OK;
}

void tl_release_subject_fini(struct tl_release_subject *s)
{
    tl_free(s->wkb);
    *s = (struct tl_release_subject){0};
}

static int by_code(const void *left, const void *right)
{
    const struct tl_release_subject *a = left, *b = right;
    return strcmp(a->code, b->code);
}

/* Open ones of any class, or suspected ones of any status. */
static bool is_wanted(struct tl_cursor *cursor, bool suspected)
{
    const char *column = suspected ? "classification" : "status";
    const char *text = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, column));
    int64_t bytes = 0;
    if (tl_cursor_wkb(cursor, &bytes) == NULL)
        return false;
    if (suspected)
        return is_text(text, "SHA");
    return text == NULL || text[0] == '\0' || strcmp(text, "open") == 0;
}

static tl_err read_areas(struct tl_ctx *ctx, struct tl_project *project, bool suspected,
                         struct tl_release_subject **subjects, int64_t *n_subjects)
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct tl_release_subject *all = NULL;
    int64_t n = 0, room = 0;
    bool more = false;
    TL_TRY(tl_register_count(ctx, project, TL_KIND_HAZARD_AREA, &room));
    TL_TRY_ALLOC(ctx, all, room);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    while (n < room) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        if (!is_wanted(cursor, suspected))
            continue;
        TL_TRY(read_area(ctx, cursor, &all[n]));
        n++;
    }
    qsort(all, (size_t)n, sizeof *all, by_code);
    *subjects = all;
    *n_subjects = n;
    all = NULL;
done:
    for (int64_t k = 0; all != NULL && k < n; k++)
        tl_release_subject_fini(&all[k]);
    tl_free(all);
    tl_cursor_free(cursor);
    return err;
}

tl_err tl_release_subject_all(struct tl_ctx *ctx, struct tl_project *project,
                              struct tl_release_subject **subjects, int64_t *n_subjects)
{
    return read_areas(ctx, project, false, subjects, n_subjects);
}

tl_err tl_release_subject_suspected(struct tl_ctx *ctx, struct tl_project *project,
                                    struct tl_release_subject **subjects, int64_t *n_subjects)
{
    return read_areas(ctx, project, true, subjects, n_subjects);
}

/* ---- as JSON ---- */

static json_t *ring_json(const struct tl_wkb *wkb, const struct tl_wkb_path *path)
{
    json_t *ring = json_array();
    for (int64_t k = 0; k < path->count; k++) {
        const double *xy = wkb->xy + 2 * (path->first + k);
        json_array_append_new(ring, json_pack("[o, o]", tl_json_number(xy[0], DEGREE_DIGITS),
                                              tl_json_number(xy[1], DEGREE_DIGITS)));
    }
    return ring;
}

static json_t *geometry_json(const struct tl_wkb *wkb)
{
    json_t *parts = json_array(), *part = NULL;
    for (int64_t p = 0; p < wkb->n_paths; p++) {
        if (wkb->paths[p].kind != TL_GEOM_POLYGON)
            continue;
        if (!wkb->paths[p].is_hole || part == NULL) {
            part = json_array();
            json_array_append_new(parts, part);
        }
        json_array_append_new(part, ring_json(wkb, &wkb->paths[p]));
    }
    if (json_array_size(parts) != 1)
        return json_pack("{s:s, s:o}", "type", "MultiPolygon", "coordinates", parts);
    json_t *one =
        json_pack("{s:s, s:O}", "type", "Polygon", "coordinates", json_array_get(parts, 0));
    json_decref(parts);
    return one;
}

/* From each corner to the next, as it is walked. */
static tl_err turning_point(struct tl_ctx *ctx, struct tl_crs_map *map, const struct tl_wkb *wkb,
                            const struct tl_wkb_path *path, int64_t k, json_t **point)
{
    const double *here = wkb->xy + 2 * (path->first + k);
    const double *next = wkb->xy + 2 * (path->first + (k + 1) % path->count);
    double x = here[0], y = here[1], distance = 0.0, bearing = 0.0;
    char mgrs[TL_COORD_TEXT_BYTES] = "";
    tl_crs_map_points(map, 1, &x, &y, NULL);
    tl_coord_distance(here[0], here[1], next[0], next[1], &distance, &bearing);
    if (bearing < 0.0)
        bearing += 360.0;
    tl_err err = tl_coord_format(ctx, here[0], here[1], TL_COORD_MGRS, 1.0, mgrs);
    if (err != TL_OK)
        return err;
    *point = json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "lon_deg",
                       tl_json_number(here[0], DEGREE_DIGITS), "lat_deg",
                       tl_json_number(here[1], DEGREE_DIGITS), "mgrs", mgrs, "x_m",
                       tl_json_number(x, 9), "y_m", tl_json_number(y, 9), "bearing_deg",
                       tl_json_number(bearing, 6), "distance_m", tl_json_number(distance, 6));
    return TL_OK;
}

static tl_err turning_points(struct tl_ctx *ctx, struct tl_crs_map *map, const struct tl_wkb *wkb,
                             json_t *points)
{
    tl_err err = TL_OK;
    json_int_t part = 0, ring = 0, n = 0;
    for (int64_t p = 0; p < wkb->n_paths && n < POINTS_MAX; p++) {
        const struct tl_wkb_path *path = &wkb->paths[p];
        if (path->kind != TL_GEOM_POLYGON)
            continue;
        part += !path->is_hole;
        ring = path->is_hole ? ring + 1 : 1;
        /* The closing point is the first one again. */
        for (int64_t k = 0; k + 1 < path->count && n < POINTS_MAX; k++) {
            json_t *point = NULL;
            TL_TRY(turning_point(ctx, map, wkb, path, k, &point));
            json_object_set_new(point, "n", json_integer(++n));
            json_object_set_new(point, "part", json_integer(part));
            json_object_set_new(point, "ring", json_integer(ring));
            json_array_append_new(points, point);
        }
    }
done:
    return err;
}

static json_t *text(const char *s)
{
    return s[0] == '\0' ? json_null() : json_string(s);
}

tl_err tl_release_subject_json(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_release_subject *s, json_t **json)
{
    tl_err err = TL_OK;
    struct tl_wkb wkb = {0};
    struct tl_crs_map *map = NULL;
    json_t *points = json_array();
    char hex[TL_HASH_HEX];
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &map));
    TL_TRY(tl_wkb_read(ctx, s->wkb, s->wkb_bytes, &wkb));
    tl_hash_of(wkb.flat, wkb.flat_bytes, hex);
    TL_TRY(turning_points(ctx, map, &wkb, points));
    *json = json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:O}", "code", text(s->code),
                      "name", text(s->name), "kind", s->is_area ? "hazard-area" : "polygon",
                      "classification", text(s->classification), "status", text(s->status),
                      "evidence_kind", text(s->evidence_kind), "fingerprint", hex, "geometry",
                      geometry_json(&wkb), "turning_points", points);
    if (*json == NULL)
        err = tl_fail(ctx, TL_EDATA, "the area's name is not UTF-8");
done:
    json_decref(points);
    tl_wkb_fini(&wkb);
    tl_crs_map_free(map);
    return err;
}
