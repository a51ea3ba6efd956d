/*
 * Writing by OGR into a folder beside the target (gdal.h), one transaction where the format has them. Formats that
 * are in WGS 84 by definition get their geometries transformed here, not by the driver: the LIBKML driver would write
 * metres as degrees.
 */
#include "geo/vector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "core/text.h"
#include "geo/gdal.h"
#include "geo/geom.h"

struct tl_vector_writer {
    struct tl_gdal_aside aside;
    GDALDatasetH data;           /* owns */
    OGRLayerH layer;             /* borrows: data */
    struct tl_crs_map *to_wgs84; /* owns; NULL when coordinates stay */
    int n_fields;
    int *field_of;             /* owns: [n_fields] index in the layer */
    enum tl_vector_type *type; /* owns */
    int64_t n_rows;
    char layer_name[128];
    bool failed, in_transaction, is_csv, is_kml, is_xml;
};

struct format {
    const char *name, *driver,
        *otherwise; /* ours, GDAL's, GDAL's where the first is not built in */
    bool is_wgs84, has_geometry;
    const char *layer_option[3];
    const char *data_option[3];
};

static const struct format formats[] = {
    {"GeoJSON", "GeoJSON", NULL, true, true, {"RFC7946=YES", NULL}, {NULL}},
    {"GPKG", "GPKG", NULL, false, true, {NULL}, {NULL}},
    {"KML", "LIBKML", "KML", true, true, {NULL}, {NULL}},
    {"CSV", "CSV", NULL, false, true, {"GEOMETRY=AS_WKT", NULL}, {NULL}},
    {"ESRI Shapefile", "ESRI Shapefile", NULL, false, true, {"ENCODING=UTF-8", NULL}, {NULL}},
    {"FlatGeobuf", "FlatGeobuf", NULL, false, true, {"SPATIAL_INDEX=NO", NULL}, {NULL}},
    {"GPX",
     "GPX",
     NULL,
     true,
     true,
     {"FORCE_GPX_TRACK=YES", NULL}, /* a line alone would become a route */
     {"GPX_USE_EXTENSIONS=YES", NULL}},
    {"XLSX", "XLSX", NULL, false, false, {NULL}, {NULL}},
    {"ODS", "ODS", NULL, false, false, {NULL}, {NULL}},
};

static const struct format *format_of(const char *name)
{
    for (size_t k = 0; k < sizeof formats / sizeof formats[0]; k++)
        if (strcasecmp(formats[k].name, name) == 0)
            return &formats[k];
    return NULL;
}

static OGRwkbGeometryType geometry_type(const char *geometry)
{
    static const struct {
        const char *name;
        OGRwkbGeometryType type;
    } types[] = {{"point", wkbPoint},
                 {"line", wkbLineString},
                 {"polygon", wkbPolygon},
                 {"multipolygon", wkbMultiPolygon}};
    if (geometry == NULL)
        return wkbNone;
    for (size_t k = 0; k < sizeof types / sizeof types[0]; k++)
        if (strcmp(types[k].name, geometry) == 0)
            return types[k].type;
    return wkbUnknown;
}

/* The kind of layer that GPX has for a geometry is told by the layer's name. */
static const char *layer_name(const struct format *format, const char *layer,
                              OGRwkbGeometryType type)
{
    if (strcmp(format->name, "GPX") != 0)
        return layer;
    return type == wkbLineString ? "tracks" : "waypoints";
}

static tl_err make_layer(struct tl_ctx *ctx, struct tl_vector_writer *w,
                         const struct format *format, const char *layer, const char *geometry,
                         const char *crs)
{
    tl_err err = TL_OK;
    OGRSpatialReferenceH srs = NULL;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    OGRwkbGeometryType type = format->has_geometry ? geometry_type(geometry) : wkbNone;
    GDALDriverH driver = GDALGetDriverByName(format->driver);
    if (driver == NULL && format->otherwise != NULL)
        driver = GDALGetDriverByName(format->otherwise);
    if (driver == NULL)
        TL_THROW(ctx, TL_EUSAGE, "the format %s is not built into this machine's GDAL",
                 format->name);
    w->data = GDALCreate(driver, w->aside.path, 0, 0, 0, GDT_Unknown,
                         (char **)(uintptr_t)format->data_option);
    if (w->data == NULL)
        TL_THROW(ctx, TL_EIO, "%s: cannot be written: %s", w->aside.target,
                 tl_gdal_why(&quiet, "unknown reason"));
    if (type != wkbNone && crs != NULL && crs[0] != '\0') {
        srs = OSRNewSpatialReference(NULL);
        if (OSRSetFromUserInput(srs, format->is_wgs84 ? "EPSG:4326" : crs) != OGRERR_NONE)
            TL_THROW(ctx, TL_EDATA, "\"%.80s\" is not a coordinate reference system", crs);
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
    }
    const char *const *options =
        strcmp(format->name, "CSV") == 0 && type == wkbNone ? NULL : format->layer_option;
    w->layer = GDALDatasetCreateLayer(w->data, layer_name(format, layer, type), srs, type,
                                      (char **)(uintptr_t)options);
    if (w->layer == NULL)
        TL_THROW(ctx, TL_EIO, "%s: cannot be written: %s", w->aside.target,
                 tl_gdal_why(&quiet, "unknown reason"));
    strncpy(w->layer_name, OGR_L_GetName(w->layer), sizeof w->layer_name - 1);
done:
    if (srs != NULL)
        OSRRelease(srs);
    tl_gdal_end();
    return err;
}

/* A driver may have the field already (KML's Name, GPX's name) or change its name (Shapefile: 10 characters). */
static tl_err make_field(struct tl_ctx *ctx, struct tl_vector_writer *w,
                         const struct tl_vector_field *field, int k,
                         const struct tl_gdal_quiet *quiet)
{
    OGRFeatureDefnH layer = OGR_L_GetLayerDefn(w->layer);
    int existing = OGR_FD_GetFieldIndex(layer, field->name);
    for (int j = 0; j < k; j++) /* one that we made ourselves is a field of its own */
        existing = w->field_of[j] == existing ? -1 : existing;
    w->type[k] = field->type;
    if (existing >= 0) {
        w->field_of[k] = existing;
        return TL_OK;
    }
    OGRFieldType type = field->type == TL_VECTOR_INTEGER ? OFTInteger64
                        : field->type == TL_VECTOR_REAL  ? OFTReal
                                                         : OFTString;
    int before = OGR_FD_GetFieldCount(layer);
    OGRFieldDefnH made = OGR_Fld_Create(field->name, type);
    OGRErr bad = OGR_L_CreateField(w->layer, made, 1);
    OGR_Fld_Destroy(made);
    if (bad != OGRERR_NONE || OGR_FD_GetFieldCount(layer) != before + 1)
        return tl_fail(ctx, TL_EIO, "%s: column \"%s\" cannot be made: %s", w->aside.target,
                       field->name, tl_gdal_why(quiet, "unknown reason"));
    w->field_of[k] = before;
    return TL_OK;
}

static tl_err make_fields(struct tl_ctx *ctx, struct tl_vector_writer *w, int n_fields,
                          const struct tl_vector_field *fields)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    TL_TRY_ALLOC(ctx, w->field_of, n_fields);
    TL_TRY_ALLOC(ctx, w->type, n_fields);
    w->n_fields = n_fields;
    for (int k = 0; k < n_fields; k++)
        TL_TRY(make_field(ctx, w, &fields[k], k, &quiet));
    w->in_transaction = GDALDatasetTestCapability(w->data, ODsCTransactions) &&
                        GDALDatasetStartTransaction(w->data, 0) == OGRERR_NONE;
done:
    tl_gdal_end();
    return err;
}

static void writer_free(struct tl_vector_writer *w)
{
    tl_crs_map_free(w->to_wgs84);
    tl_free(w->field_of);
    tl_free(w->type);
    tl_free(w);
}

tl_err tl_vector_create(struct tl_ctx *ctx, const char *path, const char *driver, const char *layer,
                        const char *geometry, const char *crs, int n_fields,
                        const struct tl_vector_field *fields, struct tl_vector_writer **writer)
{
    tl_err err = TL_OK;
    struct tl_vector_writer *w = NULL;
    const struct format *format = format_of(driver);
    if (format == NULL)
        return tl_fail(ctx, TL_EUSAGE,
                       "the format \"%s\" cannot be written; GeoJSON, GPKG, KML, CSV, ESRI "
                       "Shapefile, FlatGeobuf, GPX, XLSX and ODS can",
                       driver);
    TL_TRY_ALLOC(ctx, w, 1);
    if (format->is_wgs84 && geometry != NULL && crs != NULL && crs[0] != '\0')
        TL_TRY(tl_crs_map_create(ctx, crs, "EPSG:4326", &w->to_wgs84));
    w->is_csv = strcmp(format->name, "CSV") == 0;
    w->is_kml = strcmp(format->name, "KML") == 0;
    w->is_xml = w->is_kml || strcmp(format->name, "GPX") == 0 ||
                strcmp(format->name, "XLSX") == 0 || strcmp(format->name, "ODS") == 0;
    TL_TRY(tl_gdal_aside_init(ctx, path, &w->aside));
    TL_TRY(make_layer(ctx, w, format, layer, geometry, crs));
    TL_TRY(make_fields(ctx, w, n_fields, fields));
    *writer = w;
    return TL_OK;
done:
    if (w != NULL) {
        char message[1024];
        strncpy(message, tl_ctx_message(ctx), sizeof message - 1);
        message[sizeof message - 1] = '\0';
        w->failed = true;
        if (tl_vector_finish(ctx, w, false) != TL_OK || err != TL_OK)
            err = tl_fail(ctx, err, "%s", message);
    }
    return err;
}

/*
 * A spreadsheet that opens a CSV computes what looks like a formula, whoever wrote it into a record: with an apostrophe in front it is text. XML
 * has no way to write control characters: a file with one could not be read.
 */
static tl_err set_text(struct tl_ctx *ctx, const struct tl_vector_writer *w, OGRFeatureH feature,
                       int field, const char *value)
{
    bool guard = w->is_csv && tl_text_is_formula(value);
    size_t n = strlen(value) + 2;
    if (!guard && !w->is_xml) {
        OGR_F_SetFieldString(feature, field, value);
        return TL_OK;
    }
    char *text = tl_alloc(ctx, (int64_t)n, 1);
    if (text == NULL)
        return TL_ENOMEM;
    snprintf(text, n, "%s%s", guard ? "'" : "", value);
    for (char *c = text; w->is_xml && *c != '\0'; c++)
        if ((unsigned char)*c < ' ' && *c != '\n' && *c != '\t')
            *c = ' ';
    OGR_F_SetFieldString(feature, field, text);
    tl_free(text);
    return TL_OK;
}

static tl_err set_value(struct tl_ctx *ctx, struct tl_vector_writer *w, OGRFeatureH feature, int k,
                        const char *value)
{
    int field = w->field_of[k];
    char *end = NULL;
    if (value == NULL) {
        OGR_F_SetFieldNull(feature, field);
    } else if (w->type[k] == TL_VECTOR_TEXT) {
        return set_text(ctx, w, feature, field, value);
    } else if (w->type[k] == TL_VECTOR_INTEGER) {
        errno = 0;
        long long number = strtoll(value, &end, 10);
        if (end == value || *end != '\0' || errno != 0)
            return tl_fail(ctx, TL_EDATA, "row %lld: \"%s\" is not a whole number",
                           (long long)w->n_rows + 1, value);
        OGR_F_SetFieldInteger64(feature, field, number);
    } else {
        double number = strtod(value, &end);
        if (end == value || *end != '\0')
            return tl_fail(ctx, TL_EDATA, "row %lld: \"%s\" is not a number",
                           (long long)w->n_rows + 1, value);
        OGR_F_SetFieldDouble(feature, field, number);
    }
    return TL_OK;
}

/* The driver of KML writes no polygon that is not valid. What nothing is left of has no shape there. */
static tl_err mend_shape(struct tl_ctx *ctx, const void *wkb, int64_t bytes, OGRGeometryH *shape)
{
    void *mended = NULL;
    int64_t mended_bytes = 0;
    OGRGeometryH made = NULL;
    tl_err err = tl_geom_repair(ctx, wkb, bytes, &mended, &mended_bytes);
    if (err == TL_OK &&
        OGR_G_CreateFromWkbEx(mended, NULL, &made, (size_t)mended_bytes) != OGRERR_NONE)
        err = tl_fail(ctx, TL_EDATA, "a mended geometry is not WKB");
    tl_free(mended);
    if (err == TL_OK) {
        OGR_G_DestroyGeometry(*shape);
        *shape = made;
    }
    return err;
}

static tl_err set_shape(struct tl_ctx *ctx, struct tl_vector_writer *w, OGRFeatureH feature,
                        const void *wkb, int64_t bytes)
{
    tl_err err = TL_OK;
    void *moved = NULL;
    int64_t moved_bytes = bytes;
    OGRGeometryH shape = NULL;
    bool taken = false;
    if (w->to_wgs84 != NULL)
        TL_TRY(tl_geom_transform(ctx, w->to_wgs84, wkb, bytes, &moved, &moved_bytes));
    if (OGR_G_CreateFromWkbEx(moved != NULL ? moved : wkb, NULL, &shape, (size_t)moved_bytes) !=
        OGRERR_NONE)
        TL_THROW(ctx, TL_EDATA, "row %lld: the geometry is not WKB", (long long)w->n_rows + 1);
    if (w->is_kml && OGR_G_GetDimension(shape) == 2 && !OGR_G_IsValid(shape))
        TL_TRY(mend_shape(ctx, moved != NULL ? moved : wkb, moved_bytes, &shape));
    OGRwkbGeometryType want = wkbFlatten(OGR_L_GetGeomType(w->layer)),
                       have = wkbFlatten(OGR_G_GetGeometryType(shape));
    if (want == wkbMultiPolygon && have == wkbPolygon)
        shape = OGR_G_ForceToMultiPolygon(shape);
    if (w->is_kml && OGR_G_IsEmpty(shape))
        goto done;
    taken = true;
    if (OGR_F_SetGeometryDirectly(feature, shape) != OGRERR_NONE)
        TL_THROW(ctx, TL_EDATA, "row %lld: the geometry does not fit the layer",
                 (long long)w->n_rows + 1);
done:
    if (!taken)
        OGR_G_DestroyGeometry(shape);
    tl_free(moved);
    return err;
}

tl_err tl_vector_add(struct tl_ctx *ctx, struct tl_vector_writer *w, const char *const *values,
                     const void *wkb, int64_t wkb_bytes)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(w->layer));
    if (feature == NULL)
        TL_THROW(ctx, TL_ENOMEM, "a row cannot be made");
    for (int k = 0; k < w->n_fields; k++)
        TL_TRY(set_value(ctx, w, feature, k, values[k]));
    if (wkb != NULL && OGR_L_GetGeomType(w->layer) != wkbNone)
        TL_TRY(set_shape(ctx, w, feature, wkb, wkb_bytes));
    if (OGR_L_CreateFeature(w->layer, feature) != OGRERR_NONE || quiet.n_failures > 0)
        TL_THROW(ctx, TL_EIO, "%s: row %lld cannot be written: %s", w->aside.target,
                 (long long)w->n_rows + 1, tl_gdal_why(&quiet, "is the disk full?"));
    w->n_rows++;
done:
    OGR_F_Destroy(feature);
    tl_gdal_end();
    w->failed = w->failed || err != TL_OK;
    return err;
}

/*
 * Most drivers of text formats do not look whether their writes succeed (a full disk gives a short file and no word), so
 * the file is read back and its rows counted before it may appear.
 */
static bool reads_back(const struct tl_vector_writer *w)
{
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", "FORCE");
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", "FORCE");
    const char *csv[] = {"HEADERS=YES", NULL};
    GDALDatasetH data = GDALOpenEx(w->aside.path, GDAL_OF_VECTOR | GDAL_OF_READONLY, NULL,
                                   w->is_csv ? csv : NULL, NULL);
    OGRLayerH layer = data == NULL ? NULL : GDALDatasetGetLayerByName(data, w->layer_name);
    if (layer == NULL && data != NULL)
        layer = GDALDatasetGetLayer(data, 0);
    bool same = layer != NULL && OGR_L_GetFeatureCount(layer, 1) == w->n_rows;
    if (data != NULL)
        GDALClose(data);
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", NULL);
    return same;
}

tl_err tl_vector_finish(struct tl_ctx *ctx, struct tl_vector_writer *w, bool keep)
{
    tl_err err = TL_OK;
    struct tl_gdal_quiet quiet;
    if (w == NULL)
        return TL_OK;
    tl_gdal_begin(&quiet);
    if (w->in_transaction && keep && GDALDatasetCommitTransaction(w->data) != OGRERR_NONE)
        w->failed = true;
    if (w->data != NULL)
        GDALClose(w->data);
    if (keep && !w->failed && quiet.n_failures == 0 && w->n_rows > 0)
        w->failed = !reads_back(w);
    tl_gdal_end();
    if (keep && (w->failed || quiet.n_failures > 0))
        err = tl_fail(ctx, TL_EIO, "%s: cannot be written: %s",
                      w->aside.target == NULL ? "file" : w->aside.target,
                      tl_gdal_why(&quiet, "a row before was refused, or the disk is full"));
    tl_err moved = tl_gdal_aside_finish(ctx, &w->aside, keep && err == TL_OK);
    writer_free(w);
    return err != TL_OK ? err : moved;
}
