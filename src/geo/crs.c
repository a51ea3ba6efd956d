/*
 * Systems of reference by PROJ. Every call has a PROJ context of its own (about a millisecond: it opens the database),
 * so that nothing is shared between threads; a transformation keeps its context. Axes are always east, north
 * (proj_normalize_for_visualization), whatever the authority's order.
 *
 * Where PROJ knows several operations between two datums (SK-42 and WGS 84 have a dozen, each for another country), the
 * transformation chooses by the place of each point, which is why it is left to hold them all.
 *
 * Default system of an area: the UTM zone by longitude alone. The wider zones that maps of south-west Norway and
 * Svalbard use (32V, 31X to 37X) are a convention of the MGRS lettering, not of the projection: a standard zone is
 * always within its limits of distortion, so they are left out here (coordinates in and out do follow them).
 */
#include "tilth/crs.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"

struct tl_crs_map {
    PJ_CONTEXT *proj; /* owns */
    PJ *operation;    /* owns */
};

static void no_log(void *user, int level, const char *text)
{
    (void)user, (void)level, (void)text;
}

static PJ_CONTEXT *context_make(struct tl_ctx *ctx)
{
    PJ_CONTEXT *proj = proj_context_create();
    if (proj == NULL) {
        tl_fail(ctx, TL_ENOMEM, "the projection library could not be started");
        return NULL;
    }
    proj_context_set_enable_network(proj, 0);
    proj_log_level(proj, PJ_LOG_NONE);
    proj_log_func(proj, NULL, no_log);
    return proj;
}

/* A PROJ string means a system only with "+type=crs"; people leave that out. NULL with a message on error. */
static PJ *definition_read(struct tl_ctx *ctx, PJ_CONTEXT *proj, const char *definition)
{
    char text[TL_CRS_TEXT_BYTES + 16];
    bool bare = strstr(definition, "+proj=") != NULL && strstr(definition, "+type=crs") == NULL;
    PJ *object = NULL;
    if (definition[0] != '\0' && strlen(definition) < (bare ? TL_CRS_TEXT_BYTES : 1u << 20)) {
        snprintf(text, sizeof text, "%s +type=crs", bare ? definition : "");
        object = proj_create(proj, bare ? text : definition);
    }
    if (object != NULL && !proj_is_crs(object)) {
        proj_destroy(object);
        object = NULL;
    }
    if (object == NULL)
        tl_fail(ctx, TL_EDATA,
                "\"%.80s\" is not a coordinate reference system (EPSG:n, WKT or a PROJ string is "
                "expected)",
                definition);
    return object;
}

/* What decides about units: the horizontal part of a compound system, the source of a bound one. */
static PJ *horizontal_part(PJ_CONTEXT *proj, PJ *object)
{
    PJ *part = proj_clone(proj, object);
    for (int depth = 0; part != NULL && depth < 4; depth++) {
        PJ_TYPE type = proj_get_type(part);
        PJ *inner = NULL;
        if (type == PJ_TYPE_BOUND_CRS)
            inner = proj_get_source_crs(proj, part);
        else if (type == PJ_TYPE_COMPOUND_CRS)
            inner = proj_crs_get_sub_crs(proj, part, 0);
        else
            break;
        proj_destroy(part);
        part = inner;
    }
    return part;
}

static tl_err refuse(struct tl_ctx *ctx, const double area[4], const char *why)
{
    return tl_fail(ctx, TL_EDATA, "the area (west %.10g, south %.10g, east %.10g, north %.10g) %s",
                   area[0], area[1], area[2], area[3], why);
}

static tl_err area_check(struct tl_ctx *ctx, const double area[4])
{
    for (int k = 0; k < 4; k++)
        if (!isfinite(area[k]))
            return refuse(ctx, area, "is not finite");
    if (area[1] < -90.0 || area[1] > 90.0 || area[3] < -90.0 || area[3] > 90.0)
        return refuse(ctx, area, "has a latitude beyond 90 degrees");
    if (area[0] < -180.0 || area[0] > 180.0 || area[2] < -180.0 || area[2] > 180.0)
        return refuse(ctx, area, "has a longitude beyond 180 degrees");
    if (area[0] > area[2])
        return refuse(
            ctx, area,
            "has its west east of its east: areas across the antimeridian are not supported");
    if (area[1] > area[3])
        return refuse(ctx, area, "has its south north of its north");
    if (area[0] == area[2] || area[1] == area[3])
        return refuse(ctx, area, "has no size");
    return TL_OK;
}

tl_err tl_crs_for_area(struct tl_ctx *ctx, const double area_deg[4], char *text)
{
    tl_err err = area_check(ctx, area_deg);
    if (err != TL_OK)
        return err;
    double lon = 0.5 * (area_deg[0] + area_deg[2]), lat = 0.5 * (area_deg[1] + area_deg[3]);
    int zone = (int)floor((area_deg[0] + 180.0) / 6.0) + 1;
    if (zone == (int)ceil((area_deg[2] + 180.0) / 6.0) && area_deg[1] >= -80.0 &&
        area_deg[3] <= 84.0) {
        snprintf(text, TL_CRS_TEXT_BYTES, "EPSG:%d", (lat >= 0.0 ? 32600 : 32700) + zone);
        return TL_OK;
    }
    /* Two decimals keep the definition short; the projection does not care where exactly its centre is. */
    lon = round(lon * 100.0) / 100.0 + 0.0;
    lat = round(lat * 100.0) / 100.0 + 0.0;
    snprintf(
        text, TL_CRS_TEXT_BYTES,
        "PROJCRS[\"Lambert azimuthal equal-area at %.2f%s %.2f%s\","
        "BASEGEOGCRS[\"WGS 84\",DATUM[\"World Geodetic System 1984\","
        "ELLIPSOID[\"WGS 84\",6378137,298.257223563,LENGTHUNIT[\"metre\",1]]],"
        "PRIMEM[\"Greenwich\",0,ANGLEUNIT[\"degree\",0.0174532925199433]],ID[\"EPSG\",4326]],"
        "CONVERSION[\"Lambert azimuthal equal-area\","
        "METHOD[\"Lambert Azimuthal Equal Area\",ID[\"EPSG\",9820]],"
        "PARAMETER[\"Latitude of natural origin\",%.2f,ANGLEUNIT[\"degree\",0.0174532925199433],"
        "ID[\"EPSG\",8801]],"
        "PARAMETER[\"Longitude of natural origin\",%.2f,ANGLEUNIT[\"degree\",0.0174532925199433],"
        "ID[\"EPSG\",8802]],"
        "PARAMETER[\"False easting\",0,LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8806]],"
        "PARAMETER[\"False northing\",0,LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8807]]],"
        "CS[Cartesian,2],AXIS[\"(E)\",east,ORDER[1],LENGTHUNIT[\"metre\",1]],"
        "AXIS[\"(N)\",north,ORDER[2],LENGTHUNIT[\"metre\",1]]]",
        fabs(lat), lat < 0.0 ? "S" : "N", fabs(lon), lon < 0.0 ? "W" : "E", lat, lon);
    return TL_OK;
}

/* TL_EDATA unless the first two axes are in metres. */
static tl_err metres_check(struct tl_ctx *ctx, PJ_CONTEXT *proj, PJ *part, const char *name)
{
    PJ *axes = proj_crs_get_coordinate_system(proj, part);
    tl_err err = TL_OK;
    for (int k = 0; axes != NULL && k < 2 && err == TL_OK; k++) {
        double factor = 0.0;
        const char *unit = NULL;
        proj_cs_get_axis_info(proj, axes, k, NULL, NULL, NULL, &factor, &unit, NULL, NULL);
        if (factor != 1.0)
            err = tl_fail(ctx, TL_EDATA, "%s is in %s; a projected system in metres is needed",
                          name, unit == NULL ? "an unknown unit" : unit);
    }
    proj_destroy(axes);
    return err;
}

tl_err tl_crs_check(struct tl_ctx *ctx, const char *definition, int must_be_projected, char *name)
{
    tl_err err = TL_OK;
    PJ *object = NULL, *part = NULL;
    PJ_CONTEXT *proj = context_make(ctx);
    if (proj == NULL)
        return TL_ENOMEM;
    object = definition_read(ctx, proj, definition);
    part = object == NULL ? NULL : horizontal_part(proj, object);
    if (part == NULL) {
        err = TL_EDATA;
        goto done;
    }
    const char *words = proj_get_name(object);
    words = words == NULL ? "unnamed" : words;
    PJ_TYPE type = proj_get_type(part);
    if (type == PJ_TYPE_PROJECTED_CRS || type == PJ_TYPE_ENGINEERING_CRS)
        TL_TRY(metres_check(ctx, proj, part, words));
    else if (type != PJ_TYPE_GEOGRAPHIC_2D_CRS && type != PJ_TYPE_GEOGRAPHIC_3D_CRS)
        TL_THROW(ctx, TL_EDATA, "%s is neither geographic nor projected", words);
    else if (must_be_projected)
        TL_THROW(ctx, TL_EDATA, "%s is in degrees; a projected system in metres is needed", words);
    snprintf(name, TL_CRS_TEXT_BYTES, "%s", words);
done:
    proj_destroy(part);
    proj_destroy(object);
    proj_context_destroy(proj);
    return err;
}

static int id_of(const PJ *object)
{
    const char *authority = proj_get_id_auth_name(object, 0);
    const char *code = proj_get_id_code(object, 0);
    return authority != NULL && code != NULL && strcmp(authority, "EPSG") == 0 ? atoi(code) : 0;
}

/* What a .prj or a raster holds has often lost its code: the database is asked which system it is. */
static int id_found(PJ_CONTEXT *proj, const PJ *object)
{
    int *confidence = NULL, code = 0;
    PJ_OBJ_LIST *list = proj_identify(proj, object, "EPSG", NULL, &confidence);
    if (list != NULL && proj_list_get_count(list) > 0 && confidence[0] >= 90) {
        PJ *best = proj_list_get(proj, list, 0);
        code = best == NULL ? 0 : id_of(best);
        proj_destroy(best);
    }
    proj_int_list_destroy(confidence);
    proj_list_destroy(list);
    return code;
}

int tl_crs_epsg(struct tl_ctx *ctx, const char *definition)
{
    PJ_CONTEXT *proj = context_make(ctx);
    if (proj == NULL)
        return 0;
    int code = 0;
    PJ *object = definition_read(ctx, proj, definition);
    if (object != NULL) {
        code = id_of(object);
        code = code == 0 ? id_found(proj, object) : code;
    }
    proj_destroy(object);
    proj_context_destroy(proj);
    return code;
}

tl_err tl_crs_wkt(struct tl_ctx *ctx, const char *definition, char **wkt)
{
    tl_err err = TL_OK;
    PJ_CONTEXT *proj = context_make(ctx);
    if (proj == NULL)
        return TL_ENOMEM;
    PJ *object = definition_read(ctx, proj, definition);
    const char *const options[] = {"MULTILINE=NO", NULL};
    const char *text = object == NULL ? NULL : proj_as_wkt(proj, object, PJ_WKT1_GDAL, options);
    if (object == NULL)
        err = TL_EDATA;
    else if (text == NULL)
        err = tl_fail(ctx, TL_EDATA, "%s cannot be written as WKT 1", proj_get_name(object));
    char *copy = text == NULL ? NULL : tl_strdup(ctx, text);
    if (copy != NULL)
        *wkt = copy;
    else if (err == TL_OK)
        err = TL_ENOMEM;
    proj_destroy(object);
    proj_context_destroy(proj);
    return err;
}

tl_err tl_crs_map_create(struct tl_ctx *ctx, const char *from, const char *to,
                         struct tl_crs_map **map)
{
    tl_err err = TL_OK;
    PJ *source = NULL, *target = NULL, *raw = NULL;
    struct tl_crs_map *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    made->proj = context_make(ctx);
    if (made->proj == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    source = definition_read(ctx, made->proj, from);
    target = source == NULL ? NULL : definition_read(ctx, made->proj, to);
    if (target == NULL) {
        err = TL_EDATA;
        goto done;
    }
    raw = proj_create_crs_to_crs_from_pj(made->proj, source, target, NULL, NULL);
    made->operation = raw == NULL ? NULL : proj_normalize_for_visualization(made->proj, raw);
    if (made->operation == NULL)
        TL_THROW(ctx, TL_EDATA, "there is no transformation from %s to %s", proj_get_name(source),
                 proj_get_name(target));
    *map = made;
    made = NULL;
done:
    if (source != NULL)
        proj_destroy(source);
    proj_destroy(target);
    proj_destroy(raw);
    tl_crs_map_free(made);
    return err;
}

void tl_crs_map_free(struct tl_crs_map *map)
{
    if (map == NULL)
        return;
    proj_destroy(map->operation);
    if (map->proj != NULL)
        proj_context_destroy(map->proj);
    tl_free(map);
}

static void map_points(struct tl_crs_map *map, PJ_DIRECTION direction, int64_t n, double *x,
                       double *y, int64_t *n_bad)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < n; i++) {
        PJ_COORD out = proj_coord(NAN, NAN, 0.0, HUGE_VAL);
        if (isfinite(x[i]) && isfinite(y[i]))
            out = proj_trans(map->operation, direction, proj_coord(x[i], y[i], 0.0, HUGE_VAL));
        bool ok = isfinite(out.xy.x) && isfinite(out.xy.y);
        x[i] = ok ? out.xy.x : NAN;
        y[i] = ok ? out.xy.y : NAN;
        bad += !ok;
    }
    if (n_bad != NULL)
        *n_bad = bad;
}

void tl_crs_map_points(struct tl_crs_map *map, int64_t n, double *x, double *y, int64_t *n_bad)
{
    map_points(map, PJ_FWD, n, x, y, n_bad);
}

void tl_crs_map_points_back(struct tl_crs_map *map, int64_t n, double *x, double *y, int64_t *n_bad)
{
    map_points(map, PJ_INV, n, x, y, n_bad);
}

tl_err tl_crs_map_box(struct tl_ctx *ctx, struct tl_crs_map *map, const double in[4], double out[4])
{
    double box[4] = {0};
    int ok = proj_trans_bounds(map->proj, map->operation, PJ_FWD, in[0], in[1], in[2], in[3],
                               &box[0], &box[1], &box[2], &box[3], 21);
    for (int k = 0; k < 4; k++)
        ok = ok && isfinite(box[k]);
    if (!ok)
        return tl_fail(ctx, TL_EDATA, "the box %.10g, %.10g, %.10g, %.10g cannot be transformed",
                       in[0], in[1], in[2], in[3]);
    memcpy(out, box, sizeof box);
    return TL_OK;
}
