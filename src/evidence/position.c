#include "evidence/position.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/text.h"
#include "evidence/value.h"
#include "tilth/coord.h"

static const double FAR_VERTEX_M = 5000.0;

static enum tl_geom_kind wanted_kind(const char *geometry)
{
    return strcmp(geometry, "point") == 0     ? TL_GEOM_POINT
           : strcmp(geometry, "line") == 0    ? TL_GEOM_LINE
           : strcmp(geometry, "polygon") == 0 ? TL_GEOM_POLYGON
                                              : TL_GEOM_NONE;
}

static const char *kind_word(enum tl_geom_kind kind)
{
    return kind == TL_GEOM_POINT     ? TL_CATALOGUE_MARK("a point")
           : kind == TL_GEOM_LINE    ? TL_CATALOGUE_MARK("a line")
           : kind == TL_GEOM_POLYGON ? TL_CATALOGUE_MARK("a polygon")
                                     : TL_CATALOGUE_MARK("a collection of different geometries");
}

/* System that the source's numbers are in; NULL = WGS 84. What the user says goes before what the
 * file says: a wrong or an undefined system is why they say it. A projected `crs` says nothing about lon
 * and lat columns. */
static tl_err choose_crs(struct tl_ctx *ctx, const struct tl_position_options *o, const char **crs)
{
    char name[TL_CRS_TEXT_BYTES];
    *crs = NULL;
    if (o->crs != NULL) {
        tl_err err = tl_crs_check(ctx, o->crs, 0, name);
        if (err != TL_OK)
            return tl_fail_at(ctx, err, "--crs %s", o->crs);
    }
    if (o->way == TL_WAY_GEOMETRY)
        *crs = o->crs != NULL ? o->crs : o->file_crs[0] != '\0' ? o->file_crs : NULL;
    else if (o->way == TL_WAY_XY && o->crs == NULL)
        return tl_fail(ctx, TL_EUSAGE,
                       "x and y are mapped, but not in which system they are: give --crs, such as "
                       "EPSG:32636");
    else if (o->way == TL_WAY_XY || o->way == TL_WAY_WKT)
        *crs = o->crs;
    else if (o->way == TL_WAY_LONLAT && o->crs != NULL &&
             tl_crs_check(ctx, o->crs, 1, name) != TL_OK)
        *crs = o->crs;
    if (*crs != NULL && tl_crs_epsg(ctx, *crs) == 4326)
        *crs = NULL;
    return TL_OK;
}

tl_err tl_position_init(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_position_options *options, struct tl_position *position)
{
    tl_err err = TL_OK;
    const char *crs = NULL;
    struct tl_position out = {.kind = options->kind, .allow_outside = options->allow_outside};
    out.wanted = wanted_kind(tl_kind_info(options->kind)->geometry);
    out.around = options->kind == TL_KIND_PLACE || options->kind == TL_KIND_LINE;
    TL_TRY(tl_region_init(ctx, project, &out.region));
    TL_TRY(choose_crs(ctx, options, &crs));
    if (crs != NULL)
        TL_TRY(tl_crs_map_create(ctx, crs, "EPSG:4326", &out.to_wgs84));
    *position = out;
    memset(&out, 0, sizeof out);
done:
    tl_position_fini(&out);
    return err;
}

void tl_position_fini(struct tl_position *position)
{
    tl_region_fini(&position->region);
    tl_crs_map_free(position->to_wgs84);
    memset(position, 0, sizeof *position);
}

tl_err tl_position_refuse(struct tl_ctx *ctx, struct tl_batch *batch, struct tl_batch_row *row,
                          enum tl_reason reason, const char *proposal, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tl_text_one_line(text);
    row->refused = reason;
    row->message = tl_batch_text(ctx, batch, text);
    row->proposal = proposal != NULL ? tl_batch_text(ctx, batch, proposal) : NULL;
    return row->message == NULL || (proposal != NULL && row->proposal == NULL) ? TL_ENOMEM : TL_OK;
}

static double distance_to_box(const double box[4], double lon, double lat)
{
    double metres = 0.0;
    tl_coord_distance(lon, lat, fmin(fmax(lon, box[0]), box[2]), fmin(fmax(lat, box[1]), box[3]),
                      &metres, NULL);
    return metres;
}

/* What is wrong with a position that is not where it may be, in words. */
static tl_err refuse_outside(struct tl_ctx *ctx, const struct tl_position *position, double lon,
                             double lat, struct tl_batch *batch, struct tl_batch_row *row)
{
    double mended[2] = {lon, lat};
    enum tl_reason reason = tl_region_diagnose(&position->region, lon, lat, mended);
    const double *box = position->region.box;
    if (reason != TL_REASON_OUTSIDE) {
        char proposal[128];
        snprintf(proposal, sizeof proposal, "{\"lon\": %.9g, \"lat\": %.9g}", mended[0], mended[1]);
        return tl_position_refuse(
            ctx, batch, row, reason, proposal,
            "longitude %.9g, latitude %.9g lies outside the area, but %.9g, %.9g "
            "would lie inside (%s)",
            lon, lat, mended[0], mended[1],
            reason == TL_REASON_SWAPPED ? TL_CATALOGUE_MARK("swapped")
                                        : TL_CATALOGUE_MARK("another sign"));
    }
    if (fabs(lon) > 180.0 || fabs(lat) > 90.0)
        return tl_position_refuse(
            ctx, batch, row, TL_REASON_IMPOSSIBLE, NULL,
            "longitude %.9g, latitude %.9g is no place on Earth: expected -180 to "
            "180 and -90 to 90 degrees",
            lon, lat);
    double metres = distance_to_box(box, lon, lat);
    if (metres < 1.0)
        return tl_position_refuse(
            ctx, batch, row, reason, NULL,
            "longitude %.9g, latitude %.9g lies beyond the edge of the area of "
            "interest",
            lon, lat);
    return tl_position_refuse(
        ctx, batch, row, reason, NULL,
        "longitude %.9g, latitude %.9g lies %.*f km outside the area of interest "
        "(%g, %g to %g, %g)%s",
        lon, lat, metres < 10000.0 ? 1 : 0, metres / 1000.0, box[0], box[1], box[2], box[3],
        position->around ? TL_CATALOGUE_MARK("; up to 50 km around it are taken") : "");
}

/* Judges where a geometry lies; refuses the row or leaves a doubt. */
static tl_err judge(struct tl_ctx *ctx, const struct tl_position *position, double lon, double lat,
                    bool inside, struct tl_batch *batch, struct tl_batch_row *row)
{
    if (inside)
        return TL_OK;
    if (lon == 0.0 && lat == 0.0)
        return tl_position_refuse(ctx, batch, row, TL_REASON_ZERO_POSITION, NULL,
                                  "longitude and latitude are both 0, which programs write for a "
                                  "position that is missing");
    tl_err err = refuse_outside(ctx, position, lon, lat, batch, row);
    if (err != TL_OK || !position->allow_outside || row->refused == TL_REASON_IMPOSSIBLE)
        return err;
    const char *message = row->message;
    row->refused = TL_REASON_NONE;
    row->message = row->proposal = NULL;
    return tl_batch_doubt(ctx, batch, row, TL_REASON_KEPT_OUTSIDE, message);
}

static tl_err take_point(struct tl_ctx *ctx, const struct tl_position *position, double lon,
                         double lat, struct tl_batch *batch, struct tl_batch_row *row)
{
    bool zero = lon == 0.0 && lat == 0.0;
    bool inside = !zero && tl_region_holds(&position->region, lon, lat, position->around);
    tl_err err = judge(ctx, position, lon, lat, inside, batch, row);
    if (err != TL_OK || row->refused != TL_REASON_NONE)
        return err;
    unsigned char *wkb = tl_batch_bytes(ctx, batch, TL_GEOM_POINT_BYTES);
    if (wkb == NULL)
        return TL_ENOMEM;
    tl_geom_point(lon, lat, wkb);
    row->record.wkb = wkb;
    row->record.wkb_bytes = TL_GEOM_POINT_BYTES;
    row->box[0] = row->box[2] = lon;
    row->box[1] = row->box[3] = lat;
    return TL_OK;
}

static tl_err read_lonlat(struct tl_ctx *ctx, const struct tl_position *position,
                          const struct tl_position_texts *texts, struct tl_batch *batch,
                          struct tl_batch_row *row)
{
    double lon = 0.0, lat = 0.0;
    bool plain_lon = tl_value_number(texts->a, &lon), plain_lat = tl_value_number(texts->b, &lat);
    bool plain = plain_lon && plain_lat;
    if (!plain_lon && tl_coord_parse_angle(ctx, texts->a, 0, &lon) != TL_OK)
        return tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_POSITION, NULL,
                                  "longitude: %.300s", tl_ctx_message(ctx));
    if (!plain_lat && tl_coord_parse_angle(ctx, texts->b, 1, &lat) != TL_OK)
        return tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_POSITION, NULL,
                                  "latitude: %.300s", tl_ctx_message(ctx));
    if (position->to_wgs84 != NULL) {
        tl_crs_map_points(position->to_wgs84, 1, &lon, &lat, NULL);
        plain = false;
        if (!isfinite(lon) || !isfinite(lat))
            return tl_position_refuse(ctx, batch, row, TL_REASON_IMPOSSIBLE, NULL,
                                      "%s, %s is no place in the system of the file", texts->a,
                                      texts->b);
    }
    if (!plain) { /* as typed, since it was not in degrees of WGS 84 */
        size_t n = strlen(texts->a) + strlen(texts->b) + 2;
        char *typed = tl_batch_bytes(ctx, batch, (int64_t)n);
        if (typed == NULL)
            return TL_ENOMEM;
        snprintf(typed, n, "%s;%s", texts->a, texts->b);
        row->record.position_text = typed;
    }
    return take_point(ctx, position, lon, lat, batch, row);
}

static tl_err read_xy(struct tl_ctx *ctx, const struct tl_position *position,
                      const struct tl_position_texts *texts, struct tl_batch *batch,
                      struct tl_batch_row *row)
{
    double x = 0.0, y = 0.0;
    if (!tl_value_number(texts->a, &x) || !tl_value_number(texts->b, &y))
        return tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_POSITION, NULL,
                                  "x is \"%.60s\" and y is \"%.60s\", expected two numbers",
                                  texts->a, texts->b);
    double lon = x, lat = y, swapped_lon = y, swapped_lat = x;
    if (position->to_wgs84 != NULL) {
        tl_crs_map_points(position->to_wgs84, 1, &lon, &lat, NULL);
        tl_crs_map_points(position->to_wgs84, 1, &swapped_lon, &swapped_lat, NULL);
    }
    bool finite = isfinite(lon) && isfinite(lat);
    bool inside = finite && tl_region_holds(&position->region, lon, lat, position->around);
    if (!inside && isfinite(swapped_lon) && isfinite(swapped_lat) &&
        tl_region_holds(&position->region, swapped_lon, swapped_lat, false)) {
        char proposal[128];
        snprintf(proposal, sizeof proposal, "{\"x\": %.12g, \"y\": %.12g}", y, x);
        return tl_position_refuse(
            ctx, batch, row, TL_REASON_SWAPPED, proposal,
            "x %.12g, y %.12g lies outside the area, but would lie inside with x "
            "and y swapped",
            x, y);
    }
    if (!finite)
        return tl_position_refuse(ctx, batch, row, TL_REASON_IMPOSSIBLE, NULL,
                                  "x %.12g, y %.12g is no place in the system given by --crs", x,
                                  y);
    char typed[80];
    snprintf(typed, sizeof typed, "%.24s %.24s", texts->a, texts->b);
    row->record.position_text = tl_batch_text(ctx, batch, typed);
    if (row->record.position_text == NULL)
        return TL_ENOMEM;
    return take_point(ctx, position, lon, lat, batch, row);
}

static tl_err read_position(struct tl_ctx *ctx, const struct tl_position *position,
                            const char *text, struct tl_batch *batch, struct tl_batch_row *row)
{
    double lon = 0.0, lat = 0.0, accuracy = NAN;
    tl_err err = tl_coord_parse(ctx, text, &lon, &lat, &accuracy);
    if (err == TL_ENOMEM)
        return err;
    if (err != TL_OK)
        return tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_POSITION, NULL, "%.400s",
                                  tl_ctx_message(ctx));
    row->record.position_text = text;
    row->record.accuracy_m = accuracy;
    return take_point(ctx, position, lon, lat, batch, row);
}

static tl_err read_wkt(struct tl_ctx *ctx, const struct tl_position *position, const char *text,
                       struct tl_batch *batch, struct tl_batch_row *row)
{
    void *wkb = NULL;
    int64_t wkb_bytes = 0;
    tl_err err = tl_geom_from_wkt(ctx, text, &wkb, &wkb_bytes);
    if (err == TL_EDATA)
        return tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_GEOMETRY, NULL, "%.400s",
                                  tl_ctx_message(ctx));
    if (err == TL_OK)
        err = tl_position_take(ctx, position, wkb, wkb_bytes, batch, row);
    tl_free(wkb);
    return err;
}

tl_err tl_position_read(struct tl_ctx *ctx, const struct tl_position *position,
                        enum tl_position_way way, const struct tl_position_texts *texts,
                        struct tl_batch *batch, struct tl_batch_row *row)
{
    bool two = way == TL_WAY_LONLAT || way == TL_WAY_XY;
    if (texts->a == NULL || (two && texts->b == NULL))
        return tl_position_refuse(ctx, batch, row, TL_REASON_MISSING_POSITION, NULL, "%s is empty",
                                  way == TL_WAY_LONLAT
                                      ? (texts->a == NULL ? TL_CATALOGUE_MARK("the longitude")
                                                          : TL_CATALOGUE_MARK("the latitude"))
                                  : way == TL_WAY_XY  ? (texts->a == NULL ? "x" : "y")
                                  : way == TL_WAY_WKT ? TL_CATALOGUE_MARK("the geometry")
                                                      : TL_CATALOGUE_MARK("the position"));
    if (way == TL_WAY_LONLAT)
        return read_lonlat(ctx, position, texts, batch, row);
    if (way == TL_WAY_XY)
        return read_xy(ctx, position, texts, batch, row);
    if (way == TL_WAY_WKT)
        return read_wkt(ctx, position, texts->a, batch, row);
    return read_position(ctx, position, texts->a, batch, row);
}

/* Different points of a path, as far as `enough`; the closing point of a ring does not count. */
static int64_t n_different(const struct tl_wkb *wkb, const struct tl_wkb_path *path, int64_t enough)
{
    int64_t n = 0;
    const double *at = wkb->xy + 2 * path->first;
    for (int64_t i = 0; i < path->count && n < enough; i++) {
        bool seen = false;
        for (int64_t j = 0; j < i && !seen && j < 64; j++)
            seen = at[2 * i] == at[2 * j] && at[2 * i + 1] == at[2 * j + 1];
        n += !seen;
    }
    return n;
}

static tl_err check_paths(struct tl_ctx *ctx, const struct tl_wkb *wkb, struct tl_batch *batch,
                          struct tl_batch_row *row)
{
    double farthest = 0.0;
    for (int64_t p = 0; p < wkb->n_paths; p++) {
        const struct tl_wkb_path *path = &wkb->paths[p];
        int64_t need = path->kind == TL_GEOM_POLYGON ? 3 : path->kind == TL_GEOM_LINE ? 2 : 1;
        int64_t n = n_different(wkb, path, need);
        if (n < need)
            return tl_position_refuse(
                ctx, batch, row, TL_REASON_FEW_VERTICES, NULL,
                "%s with %lld different %s: expected at least %lld", kind_word(path->kind),
                (long long)n, n == 1 ? TL_CATALOGUE_MARK("vertex") : TL_CATALOGUE_MARK("vertices"),
                (long long)need);
        for (int64_t i = 1; path->kind == TL_GEOM_POLYGON && i < path->count; i++) {
            const double *a = wkb->xy + 2 * (path->first + i - 1);
            double metres = 0.0;
            if (fabs(a[2] - a[0]) + fabs(a[3] - a[1]) > 0.02)
                tl_coord_distance(a[0], a[1], a[2], a[3], &metres, NULL);
            farthest = fmax(farthest, metres);
        }
    }
    if (farthest <= FAR_VERTEX_M)
        return TL_OK;
    char text[128];
    snprintf(text, sizeof text, TL_CATALOGUE_MARK("two neighbouring vertices lie %.1f km apart"),
             farthest / 1000.0);
    return tl_batch_doubt(ctx, batch, row, TL_REASON_FAR_VERTICES, text);
}

static tl_err check_shape(struct tl_ctx *ctx, const struct tl_position *position,
                          const struct tl_geom_info *info, struct tl_batch *batch,
                          struct tl_batch_row *row)
{
    tl_err err = TL_OK;
    char text[320];
    if (info->kind == TL_GEOM_POLYGON && !info->is_valid) {
        snprintf(text, sizeof text,
                 TL_CATALOGUE_MARK("the polygon is not valid (%.200s): kept as received, repaired "
                                   "for computing"),
                 info->why);
        TL_TRY(tl_batch_doubt(ctx, batch, row, TL_REASON_INVALID_POLYGON, text));
    }
    if (info->kind == TL_GEOM_POLYGON && info->repeats)
        TL_TRY(tl_batch_doubt(ctx, batch, row, TL_REASON_REPEATED_VERTICES,
                              "the polygon has vertices that repeat within 1e-6 degrees"));
    bool zero =
        info->box[0] == 0.0 && info->box[1] == 0.0 && info->box[2] == 0.0 && info->box[3] == 0.0;
    bool earth = fmax(fabs(info->box[0]), fabs(info->box[2])) <= 180.0 &&
                 fmax(fabs(info->box[1]), fabs(info->box[3])) <= 90.0;
    bool inside = !zero && earth && tl_region_meets(&position->region, info, position->around);
    double x = info->x, y = info->y;
    if (!earth && fabs(x) <= 180.0 &&
        fabs(y) <= 90.0) { /* the vertex that is off is what to name */
        x = fabs(info->box[0]) > 180.0 ? info->box[0] : info->box[2];
        y = fabs(info->box[1]) > 90.0 ? info->box[1] : info->box[3];
    }
    TL_TRY(judge(ctx, position, x, y, inside, batch, row));
done:
    return err;
}

static tl_err take_shape(struct tl_ctx *ctx, const struct tl_position *position, const void *wkb,
                         int64_t wkb_bytes, struct tl_batch *batch, struct tl_batch_row *row)
{
    struct tl_geom_info info = {0};
    struct tl_wkb shape = {0};
    tl_err err = tl_wkb_read(ctx, wkb, wkb_bytes, &shape);
    if (err == TL_OK && shape.n_points == 0) {
        TL_TRY(tl_position_refuse(ctx, batch, row, TL_REASON_EMPTY_GEOMETRY, NULL,
                                  "the geometry has no points"));
        goto done;
    }
    if (err == TL_OK && ((position->wanted != TL_GEOM_NONE && shape.kind != position->wanted) ||
                         shape.kind == TL_GEOM_OTHER ||
                         (position->wanted == TL_GEOM_POINT && shape.n_points > 1))) {
        TL_TRY(tl_position_refuse(
            ctx, batch, row, TL_REASON_WRONG_GEOMETRY, NULL, "the geometry is %s, expected %s",
            shape.kind == TL_GEOM_POINT && shape.n_points > 1 ? TL_CATALOGUE_MARK("several points")
                                                              : kind_word(shape.kind),
            position->wanted == TL_GEOM_NONE ? TL_CATALOGUE_MARK("a point, a line or a polygon")
                                             : kind_word(position->wanted)));
        goto done;
    }
    if (err == TL_OK)
        TL_TRY(check_paths(ctx, &shape, batch, row));
    if (err == TL_OK && row->refused == TL_REASON_NONE)
        err = tl_geom_info(ctx, wkb, wkb_bytes, &info);
    if (err == TL_OK && row->refused == TL_REASON_NONE && !info.is_finite)
        TL_TRY(tl_position_refuse(ctx, batch, row, TL_REASON_IMPOSSIBLE, NULL,
                                  "a coordinate of the geometry is not a finite number"));
    if (err == TL_EDATA) {
        TL_TRY(tl_position_refuse(ctx, batch, row, TL_REASON_UNREADABLE_GEOMETRY, NULL, "%.400s",
                                  tl_ctx_message(ctx)));
        goto done;
    }
    if (err != TL_OK || row->refused != TL_REASON_NONE)
        goto done;
    TL_TRY(check_shape(ctx, position, &info, batch, row));
    void *copy = tl_batch_bytes(ctx, batch, wkb_bytes);
    if (copy == NULL)
        TL_TRY(TL_ENOMEM);
    row->record.wkb = memcpy(copy, wkb, (size_t)wkb_bytes);
    row->record.wkb_bytes = wkb_bytes;
    memcpy(row->box, info.box, sizeof row->box);
done:
    tl_wkb_fini(&shape);
    return err;
}

/* The commonest geometry by far, read without a parser. */
static bool is_plain_point(const unsigned char *wkb, int64_t wkb_bytes, double xy[2])
{
    static const unsigned char header[5] = {1, 1, 0, 0, 0};
    if (wkb_bytes != TL_GEOM_POINT_BYTES || memcmp(wkb, header, sizeof header) != 0)
        return false;
    memcpy(xy, wkb + sizeof header, 2 * sizeof *xy);
    return isfinite(xy[0]) && isfinite(xy[1]);
}

tl_err tl_position_take(struct tl_ctx *ctx, const struct tl_position *position, const void *wkb,
                        int64_t wkb_bytes, struct tl_batch *batch, struct tl_batch_row *row)
{
    if (wkb == NULL)
        return tl_position_refuse(ctx, batch, row, TL_REASON_MISSING_POSITION, NULL,
                                  "the record has no geometry");
    double xy[2];
    if (is_plain_point(wkb, wkb_bytes, xy) && position->wanted == TL_GEOM_POINT) {
        if (position->to_wgs84 != NULL)
            tl_crs_map_points(position->to_wgs84, 1, &xy[0], &xy[1], NULL);
        if (isfinite(xy[0]) && isfinite(xy[1]))
            return take_point(ctx, position, xy[0], xy[1], batch, row);
    }
    if (position->to_wgs84 == NULL)
        return take_shape(ctx, position, wkb, wkb_bytes, batch, row);
    void *mapped = NULL;
    int64_t mapped_bytes = 0;
    tl_err err = tl_geom_transform(ctx, position->to_wgs84, wkb, wkb_bytes, &mapped, &mapped_bytes);
    if (err == TL_EDATA)
        return tl_position_refuse(ctx, batch, row, TL_REASON_IMPOSSIBLE, NULL, "%.400s",
                                  tl_ctx_message(ctx));
    if (err == TL_OK)
        err = take_shape(ctx, position, mapped, mapped_bytes, batch, row);
    tl_free(mapped);
    return err;
}
