/*
 * Vector files by OGR's feature loop (the Arrow batches of GDAL 3.6 do not speed up CSV). Text columns are handed out
 * without a copy; other types are written in a fixed form (shortest digits that read back the same, ISO dates) into a
 * buffer per column, so that all of a row's texts stay valid together.
 *
 * Row numbers are places in the file. With a condition OGR skips rows silently: for CSV the feature id is the row; for
 * other formats a second reader without the condition and without columns runs beside the first to count.
 */
#include "geo/vector.h"

#include <ctype.h>
#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "core/buf.h"
#include "geo/csv.h"
#include "geo/csv_scan.h"
#include "geo/gdal.h"
#include "geo/rows.h"
#include "geo/vector_archive.h"
#include "geo/vector_tags.h"
#include "geo/vector_where.h"

enum { NUMBER_BYTES = 48, HEAD_BYTES = 4096 };

struct column {
    char *name; /* owns: UTF-8 */
    OGRFieldType type;
    char *text; /* owns: present row's text where OGR's own cannot be lent */
    int64_t room_bytes;
    int64_t text_row; /* serial of the row that `text` is of */
};

struct tl_vector {
    struct tl_rows
        *rows; /* owns: plain rows, which know nothing of GDAL; NULL = a file that GDAL reads */
    GDALDatasetH data;   /* owns */
    OGRLayerH layer;     /* borrows: data */
    GDALDatasetH beside; /* owns: counts rows when there is a condition; NULL else */
    OGRLayerH beside_layer;
    OGRFeatureH feature;    /* owns */
    struct column *columns; /* owns */
    int n_columns;
    char *path, *driver, *crs, *encoding; /* owns; encoding NULL = as GDAL gives it */
    char *inside;          /* owns: what GDAL opens; another than `path` where that is an archive */
    struct tl_csv_one one; /* of a CSV of one column: what GDAL opens instead */
    struct tl_csv_scan *scan;   /* owns: of a CSV, beside GDAL; NULL else */
    const char *const *drivers; /* borrows: while it is opened */
    bool is_csv, is_table, has_where, lost_text;
    struct tl_ctx *ctx; /* borrows: of the call that read the present row */
    int64_t row, serial;
    unsigned char *wkb; /* owns */
    int64_t wkb_room;
    char *spare; /* owns: text without memory for it */
};

/* Opening. */

static tl_err check_file(struct tl_ctx *ctx, const char *path, const char *inside, bool *is_csv)
{
    VSIStatBufL info;
    if (VSIStatL(inside, &info) != 0)
        return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no such file", path);
    const char *dot = strrchr(inside, '.');
    *is_csv = dot != NULL && (strcasecmp(dot, ".csv") == 0 || strcasecmp(dot, ".tsv") == 0);
    if (VSI_ISDIR(info.st_mode))
        return TL_OK;
    if (info.st_size == 0)
        return tl_fail(ctx, TL_EDATA, "%s: the file is empty", path);
    char head[HEAD_BYTES];
    VSILFILE *file = VSIFOpenL(inside, "rb");
    if (file == NULL)
        return tl_fail(ctx, TL_EIO, "%s: the file cannot be read", path);
    size_t n = VSIFReadL(head, 1, sizeof head, file);
    VSIFCloseL(file);
    if (!*is_csv)
        return TL_OK;
    if (n >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
        return tl_fail(ctx, TL_EDATA, "%s: the text is UTF-16; save it as UTF-8", path);
    if (memchr(head, '\0', n) != NULL)
        return tl_fail(ctx, TL_EDATA, "%s: the file is not text (it holds zero bytes)", path);
    return TL_OK;
}

static GDALDatasetH dataset_open(const char *path, bool is_csv, const char *encoding,
                                 const char *const *drivers)
{
    const char *csv[] = {"HEADERS=YES", "AUTODETECT_TYPE=NO", "EMPTY_STRING_AS_NULL=YES",
                         "KEEP_GEOM_COLUMNS=YES", NULL};
    const char *only_csv[] = {"CSV", NULL};
    char given[96];
    snprintf(given, sizeof given, "ENCODING=%s", encoding == NULL ? "" : encoding);
    const char *other[] = {given, NULL};
    /* Spreadsheets: the first row is the header even where all cells are text. Only this thread sees these settings. */
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", "FORCE");
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", "FORCE");
    /* Of a wider CSV GDAL would take the first columns and drop the others. */
    CPLSetThreadLocalConfigOption("OGR_CSV_MAX_FIELD_COUNT",
                                  CPLSPrintf("%d", TL_CSV_COLUMNS_MAX + 1));
    const char *dot = strrchr(path, '.');
    bool shape = dot != NULL && strcasecmp(dot, ".shp") == 0;
    GDALDatasetH data =
        GDALOpenEx(path, GDAL_OF_VECTOR | GDAL_OF_READONLY, is_csv ? only_csv : drivers,
                   is_csv                      ? csv
                   : shape && encoding != NULL ? other
                                               : NULL,
                   NULL);
    for (int k = 0; data != NULL && k < GDALDatasetGetLayerCount(data); k++)
        OGR_L_GetLayerDefn(GDALDatasetGetLayer(data, k)); /* spreadsheets are read at this moment */
    CPLSetThreadLocalConfigOption("OGR_XLSX_HEADERS", NULL);
    CPLSetThreadLocalConfigOption("OGR_ODS_HEADERS", NULL);
    CPLSetThreadLocalConfigOption("OGR_CSV_MAX_FIELD_COUNT", NULL);
    return data;
}

/* The layers' names follow what is said of them. */
static tl_err name_layers(struct tl_ctx *ctx, const struct tl_vector *v, tl_err kind,
                          const char *said)
{
    struct tl_buf names = {0};
    tl_err err = TL_OK;
    for (int k = 0; k < GDALDatasetGetLayerCount(v->data) && err == TL_OK; k++)
        err = tl_buf_printf(ctx, &names, "%s%s", k == 0 ? "" : ", ",
                            OGR_L_GetName(GDALDatasetGetLayer(v->data, k)));
    if (err == TL_OK)
        err = tl_fail(ctx, kind, "%s%s: %s", v->path, said, names.text);
    tl_buf_fini(&names);
    return err;
}

static tl_err choose_layer(struct tl_ctx *ctx, struct tl_vector *v, const char *name, bool first)
{
    int n = GDALDatasetGetLayerCount(v->data), n_filled = 0;
    if (n < 1)
        return tl_fail(ctx, TL_EDATA, "%s: there is no layer in it", v->path);
    if (name != NULL) {
        v->layer = GDALDatasetGetLayerByName(v->data, name);
        if (v->layer != NULL)
            return TL_OK;
        tl_err err = name_layers(ctx, v, TL_ENOTFOUND, " has");
        return err == TL_ENOMEM ? err : tl_fail_at(ctx, err, "there is no layer \"%s\"", name);
    }
    v->layer = GDALDatasetGetLayer(v->data, 0);
    if (n == 1 || first)
        return TL_OK;
    /* GPX always has five layers and spreadsheets have empty sheets: the only one with rows is meant. */
    for (int k = 0; k < n; k++) {
        OGRLayerH layer = GDALDatasetGetLayer(v->data, k);
        if (OGR_L_GetFeatureCount(layer, 1) <= 0)
            continue;
        n_filled++;
        v->layer = layer;
    }
    return n_filled <= 1
               ? TL_OK
               : name_layers(ctx, v, TL_EUSAGE, " has several layers; name one with --layer");
}

/* Text of a foreign encoding as UTF-8, ours to free. NULL with a message when there is no memory. */
static char *recoded(struct tl_ctx *ctx, const struct tl_vector *v, const char *text)
{
    if (v->encoding == NULL)
        return tl_strdup(ctx, text);
    char *made = CPLRecode(text, v->encoding, CPL_ENC_UTF8);
    char *copy = tl_strdup(ctx, made == NULL ? "" : made);
    CPLFree(made);
    return copy;
}

static bool is_utf8(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (*p >= 128)
            return CPLIsUTF8(text, -1) != 0;
    return true;
}

static bool looks_like_number(const char *text)
{
    char *end = NULL;
    strtod(text, &end);
    while (end != text && isspace((unsigned char)*end))
        end++;
    return end != text && *end == '\0';
}

static tl_err read_columns(struct tl_ctx *ctx, struct tl_vector *v)
{
    tl_err err = TL_OK;
    OGRFeatureDefnH layer = OGR_L_GetLayerDefn(v->layer);
    int n = v->one.path != NULL ? 1 : OGR_FD_GetFieldCount(layer), n_numbers = 0;
    if (v->is_csv && n > TL_CSV_COLUMNS_MAX)
        TL_THROW(ctx, TL_EDATA,
                 "%s: there are more than %d columns; leave out those that are not needed", v->path,
                 TL_CSV_COLUMNS_MAX);
    TL_TRY_ALLOC(ctx, v->columns, n);
    for (int k = 0; k < n; k++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(layer, k);
        const char *name = OGR_Fld_GetNameRef(field);
        if (v->encoding == NULL && !is_utf8(name))
            TL_THROW(ctx, TL_EDATA,
                     "%s: the name of column %d is not UTF-8 text; say which encoding the file has "
                     "(--encoding)",
                     v->path, k + 1);
        v->columns[k].type = OGR_Fld_GetType(field);
        v->columns[k].name = recoded(ctx, v, name);
        if (v->columns[k].name == NULL) {
            err = TL_ENOMEM;
            goto done;
        }
        v->n_columns = k + 1;
        n_numbers += looks_like_number(v->columns[k].name);
    }
    if (v->is_csv && n == 0)
        TL_THROW(ctx, TL_EDATA, "%s: there is no header line with column names", v->path);
    if (v->is_csv && n_numbers == n)
        TL_THROW(ctx, TL_EDATA,
                 "%s: the first line holds only numbers (\"%s\"...); a header line with column "
                 "names is needed",
                 v->path, v->columns[0].name);
done:
    return err;
}

/* GDAL's words end where it begins to quote the condition, which the user did not write like that (vector_where.h). */
static tl_err bad_condition(struct tl_ctx *ctx, const struct tl_vector *v, const char *where,
                            const struct tl_gdal_quiet *quiet)
{
    static const char parsing[] = "SQL Expression Parsing Error: ";
    const char *why = tl_gdal_why(quiet, "it cannot be understood");
    if (strncmp(why, parsing, sizeof parsing - 1) == 0)
        why += sizeof parsing - 1;
    const char *quoted = strstr(why, ". Occurred around");
    int n = (int)(quoted == NULL ? (int64_t)strlen(why) : quoted - why);
    return tl_fail(ctx, TL_EDATA, "%s: the condition \"%s\" is not valid: %.*s", v->path, where, n,
                   why);
}

static tl_err set_condition(struct tl_ctx *ctx, struct tl_vector *v, const char *where,
                            struct tl_gdal_quiet *quiet)
{
    tl_err err = TL_OK;
    char **names = NULL, *condition = NULL, *native = NULL;
    bool *is_text = NULL;
    TL_TRY_ALLOC(ctx, names, v->n_columns);
    TL_TRY_ALLOC(ctx, is_text, v->n_columns);
    for (int k = 0; k < v->n_columns; k++) {
        names[k] = v->columns[k].name;
        is_text[k] = v->columns[k].type == OFTString;
    }
    TL_TRY(tl_vector_where(ctx, where, v->n_columns, names, is_text, &condition));
    if (v->encoding != NULL)
        native = CPLRecode(condition, CPL_ENC_UTF8, v->encoding);
    if (OGR_L_SetAttributeFilter(v->layer, native != NULL ? native : condition) != OGRERR_NONE ||
        quiet->n_failures > 0)
        TL_TRY(bad_condition(ctx, v, where, quiet));
    v->has_where = true;
done:
    CPLFree(native);
    tl_free(names);
    tl_free(is_text);
    tl_free(condition);
    return err;
}

static tl_err open_beside(struct tl_ctx *ctx, struct tl_vector *v)
{
    if (!v->has_where || v->is_csv)
        return TL_OK;
    v->beside = dataset_open(v->inside, false, NULL, v->drivers);
    if (v->beside != NULL)
        v->beside_layer = GDALDatasetGetLayerByName(v->beside, OGR_L_GetName(v->layer));
    return v->beside_layer != NULL
               ? TL_OK
               : tl_fail(ctx, TL_EIO, "%s: cannot be opened a second time to count its rows",
                         v->path);
}

static tl_err read_crs(struct tl_ctx *ctx, struct tl_vector *v)
{
    char *wkt = NULL;
    OGRSpatialReferenceH srs = OGR_L_GetSpatialRef(v->layer);
    if (srs != NULL)
        OSRExportToWkt(srs, &wkt);
    v->crs = tl_strdup(ctx, wkt == NULL ? "" : wkt);
    CPLFree(wkt);
    return v->crs == NULL ? TL_ENOMEM : TL_OK;
}

/* The encoding must be one that can be recoded; the Shapefile driver recodes by itself. */
static tl_err set_encoding(struct tl_ctx *ctx, struct tl_vector *v, const char *encoding)
{
    if (encoding == NULL || strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0)
        return TL_OK;
    iconv_t probe = iconv_open("UTF-8", encoding);
    if (probe == (iconv_t)-1)
        return tl_fail(
            ctx, TL_EUSAGE,
            "the encoding \"%s\" is not known; one like ISO-8859-1, CP1251 or UTF-8 is expected",
            encoding);
    iconv_close(probe);
    if (!v->is_csv)
        return TL_OK;
    v->encoding = tl_strdup(ctx, encoding);
    return v->encoding == NULL ? TL_ENOMEM : TL_OK;
}

static tl_err open_all(struct tl_ctx *ctx, struct tl_vector *v,
                       const struct tl_vector_options *options, struct tl_gdal_quiet *quiet)
{
    tl_err err = TL_OK;
    v->drivers = options->drivers;
    TL_TRY(tl_vector_archive(ctx, v->path, &v->inside));
    TL_TRY(check_file(ctx, v->path, v->inside, &v->is_csv));
    TL_TRY(set_encoding(ctx, v, options->encoding));
    if (v->is_csv)
        TL_TRY(tl_csv_one_open(ctx, v->path, v->inside, &v->one));
    v->data = dataset_open(v->one.path != NULL ? v->one.path : v->inside, v->is_csv,
                           options->encoding, options->drivers);
    if (v->data == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: not a vector file or table that can be read: %s", v->path,
                 tl_gdal_why(
                     quiet, v->is_csv ? "its first line is not parted by commas, semicolons or tabs"
                                      : "its format is not known"));
    v->driver = tl_strdup(ctx, GDALGetDriverShortName(GDALGetDatasetDriver(v->data)));
    v->spare = tl_strdup(ctx, "");
    if (v->driver == NULL || v->spare == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    v->is_table = v->is_csv || strcmp(v->driver, "XLSX") == 0 || strcmp(v->driver, "ODS") == 0;
    TL_TRY(choose_layer(ctx, v, options->layer, options->first_layer));
    TL_TRY(read_columns(ctx, v));
    TL_TRY(read_crs(ctx, v));
    if (options->where != NULL && options->where[0] != '\0') {
        quiet->n_failures = 0;
        quiet->why[0] = '\0';
        TL_TRY(set_condition(ctx, v, options->where, quiet));
    }
    TL_TRY(open_beside(ctx, v));
    if (v->is_csv && v->one.path == NULL)
        TL_TRY(tl_csv_scan_open(ctx, v->inside, v->path, v->n_columns, &v->scan));
    OGR_L_ResetReading(v->layer);
done:
    return err;
}

/* Plain rows: no GDAL anywhere. */
static tl_err open_plain(struct tl_ctx *ctx, struct tl_vector *v, const char *path)
{
    tl_err err = TL_OK;
    TL_TRY(tl_rows_open(ctx, path, v->path, &v->rows));
    v->driver = tl_strdup(ctx, v->rows->driver);
    v->crs = tl_strdup(ctx, v->rows->crs);
    v->spare = tl_strdup(ctx, "");
    if (v->driver == NULL || v->crs == NULL || v->spare == NULL)
        TL_TRY(TL_ENOMEM);
    TL_TRY_ALLOC(ctx, v->columns, v->rows->n_columns);
    for (; v->n_columns < v->rows->n_columns; v->n_columns++) {
        v->columns[v->n_columns].name = tl_strdup(ctx, v->rows->names[v->n_columns]);
        if (v->columns[v->n_columns].name == NULL)
            TL_TRY(TL_ENOMEM);
    }
done:
    return err;
}

tl_err tl_vector_open(struct tl_ctx *ctx, const char *path, const struct tl_vector_options *options,
                      struct tl_vector **vector)
{
    const struct tl_vector_options none = {0};
    struct tl_gdal_quiet quiet;
    struct tl_vector *v = tl_alloc(ctx, 1, sizeof *v);
    if (v == NULL)
        return TL_ENOMEM;
    if (options == NULL)
        options = &none;
    v->path = tl_strdup(ctx, options->plain_label != NULL ? options->plain_label : path);
    tl_err err = v->path == NULL ? TL_ENOMEM : TL_OK;
    if (err == TL_OK && options->plain_label != NULL) {
        err = open_plain(ctx, v, path);
    } else if (err == TL_OK) {
        tl_gdal_begin(&quiet);
        err = open_all(ctx, v, options, &quiet);
        tl_gdal_end();
    }
    v->drivers = NULL;
    if (err == TL_OK)
        *vector = v;
    else
        tl_vector_close(v);
    return err;
}

void tl_vector_close(struct tl_vector *v)
{
    if (v == NULL)
        return;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    OGR_F_Destroy(v->feature);
    if (v->beside != NULL)
        GDALClose(v->beside);
    if (v->data != NULL)
        GDALClose(v->data);
    tl_csv_one_close(&v->one);
    tl_csv_scan_close(v->scan);
    tl_gdal_end();
    for (int k = 0; k < v->n_columns; k++) {
        tl_free(v->columns[k].name);
        tl_free(v->columns[k].text);
    }
    tl_free(v->columns);
    tl_rows_close(v->rows);
    tl_free(v->inside);
    tl_free(v->path);
    tl_free(v->driver);
    tl_free(v->crs);
    tl_free(v->encoding);
    tl_free(v->wkb);
    tl_free(v->spare);
    tl_free(v);
}

/* Facts. */

int64_t tl_vector_n_rows(struct tl_vector *v)
{
    if (v->rows != NULL)
        return v->rows->n_rows;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    int64_t n = v->serial > 0 ? -1 : (int64_t)OGR_L_GetFeatureCount(v->layer, 0);
    tl_gdal_end();
    return n;
}

int tl_vector_n_columns(const struct tl_vector *v)
{
    return v->n_columns;
}

const char *tl_vector_column(const struct tl_vector *v, int column)
{
    return column >= 0 && column < v->n_columns ? v->columns[column].name : "";
}

static bool same_trimmed(const char *a, const char *b)
{
    while (isspace((unsigned char)*a))
        a++;
    while (isspace((unsigned char)*b))
        b++;
    size_t n_a = strlen(a), n_b = strlen(b);
    while (n_a > 0 && isspace((unsigned char)a[n_a - 1]))
        n_a--;
    while (n_b > 0 && isspace((unsigned char)b[n_b - 1]))
        n_b--;
    return n_a == n_b && strncasecmp(a, b, n_a) == 0;
}

int tl_vector_find_column(const struct tl_vector *v, const char *name)
{
    for (int k = 0; k < v->n_columns; k++)
        if (strcmp(v->columns[k].name, name) == 0)
            return k;
    for (int k = 0; k < v->n_columns; k++)
        if (same_trimmed(v->columns[k].name, name))
            return k;
    return -1;
}

const char *tl_vector_layer(const struct tl_vector *v)
{
    return v->rows != NULL ? v->rows->layer : OGR_L_GetName(v->layer);
}

int tl_vector_n_layers(const struct tl_vector *v)
{
    return v->data != NULL ? GDALDatasetGetLayerCount(v->data) : 0;
}

const char *tl_vector_layer_at(const struct tl_vector *v, int i, int64_t *n_rows)
{
    OGRLayerH layer = GDALDatasetGetLayer(v->data, i);
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    *n_rows = (int64_t)OGR_L_GetFeatureCount(layer, 1);
    tl_gdal_end();
    return OGR_L_GetName(layer);
}

const char *tl_vector_crs(const struct tl_vector *v)
{
    return v->crs;
}

const char *tl_vector_driver(const struct tl_vector *v)
{
    return v->driver;
}

int64_t tl_vector_row(const struct tl_vector *v)
{
    return v->row;
}

/* Rows. */

static tl_err count_row(struct tl_ctx *ctx, struct tl_vector *v)
{
    GIntBig fid = OGR_F_GetFID(v->feature);
    if (!v->has_where || fid == OGRNullFID) {
        v->row++;
        return TL_OK;
    }
    if (v->is_csv) {
        v->row = (int64_t)fid;
        return TL_OK;
    }
    for (GIntBig at = OGRNullFID; at != fid;) {
        OGRFeatureH other = OGR_L_GetNextFeature(v->beside_layer);
        if (other == NULL)
            return tl_fail(ctx, TL_EIO, "%s: the file changed while it was read", v->path);
        at = OGR_F_GetFID(other);
        OGR_F_Destroy(other);
        v->row++;
    }
    return TL_OK;
}

static tl_err check_text(struct tl_ctx *ctx, const struct tl_vector *v)
{
    if (v->encoding != NULL)
        return TL_OK;
    for (int k = 0; k < v->n_columns; k++)
        if (v->columns[k].type == OFTString && OGR_F_IsFieldSetAndNotNull(v->feature, k) &&
            !is_utf8(OGR_F_GetFieldAsString(v->feature, k)))
            return tl_fail(ctx, TL_EDATA,
                           "%s: row %lld: column \"%s\" is not UTF-8 text; say which encoding the "
                           "file has (--encoding, such as ISO-8859-1)",
                           v->path, (long long)v->row, v->columns[k].name);
    return TL_OK;
}

static tl_err next_plain(struct tl_ctx *ctx, struct tl_vector *v, bool *more)
{
    tl_err err = tl_rows_next(ctx, v->rows, more);
    if (err == TL_OK && *more)
        v->row = v->rows->row;
    return err;
}

/* The first row of a table may be one of HXL tags: what they say of columns is theirs, and it is no record. */
static bool is_tags(struct tl_vector *v)
{
    struct tl_vector_tags tags = {0};
    for (int k = 0; v->is_table && v->serial == 1 && k < v->n_columns; k++)
        tl_vector_tags_look(&tags, tl_vector_text(v, k));
    return tl_vector_tags_are(&tags);
}

tl_err tl_vector_next(struct tl_ctx *ctx, struct tl_vector *v, bool *more)
{
    struct tl_gdal_quiet quiet;
    tl_err err = TL_OK;
    if (v->rows != NULL)
        return next_plain(ctx, v, more);
    if (v->lost_text)
        return tl_fail(ctx, TL_ENOMEM, "%s: row %lld: no memory for its texts", v->path,
                       (long long)v->row);
    v->ctx = ctx;
    tl_gdal_begin(&quiet);
    OGR_F_Destroy(v->feature);
    v->feature = OGR_L_GetNextFeature(v->layer);
    v->serial++;
    if (v->feature == NULL && quiet.n_failures > 0)
        err = tl_fail(ctx, TL_EDATA, "%s: after row %lld: %s", v->path, (long long)v->row,
                      strstr(quiet.why, "Maximum number of characters") == NULL
                          ? quiet.why
                          : "a line is longer than 10 MB: is a quote never closed?");
    if (v->feature != NULL)
        err = count_row(ctx, v);
    if (v->scan != NULL && err == TL_OK)
        err = tl_csv_scan_row(ctx, v->scan, v->feature != NULL ? v->row : INT64_MAX);
    if (v->feature != NULL && err == TL_OK)
        err = check_text(ctx, v);
    tl_gdal_end();
    if (err == TL_OK && v->feature != NULL && is_tags(v))
        return tl_vector_next(ctx, v, more);
    if (err == TL_OK)
        *more = v->feature != NULL;
    return err;
}

/* Shortest digits that read back as the same number. */
static void write_real(double value, char *text)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_BYTES, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

static void write_date(OGRFeatureH feature, int k, OGRFieldType type, char *text)
{
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, zone = 0;
    float second = 0.0f;
    OGR_F_GetFieldAsDateTimeEx(feature, k, &year, &month, &day, &hour, &minute, &second, &zone);
    int at = 0;
    if (type != OFTTime)
        at = snprintf(text, NUMBER_BYTES, "%04d-%02d-%02d", year, month, day);
    if (type == OFTDate)
        return;
    bool whole = second == floorf(second);
    at += snprintf(text + at, (size_t)(NUMBER_BYTES - at),
                   whole ? "%s%02d:%02d:%02.0f" : "%s%02d:%02d:%06.3f", type == OFTTime ? "" : "T",
                   hour, minute, (double)second);
    if (zone == 100)
        snprintf(text + at, (size_t)(NUMBER_BYTES - at), "Z");
    else if (zone > 1) /* quarters of an hour from 100 */
        snprintf(text + at, (size_t)(NUMBER_BYTES - at), "%c%02d:%02d", zone < 100 ? '-' : '+',
                 abs(zone - 100) / 4, abs(zone - 100) % 4 * 15);
}

/* Keeps a copy of a text in the column's buffer. Where there is no memory for it the text is empty, and the next call of
 * tl_vector_next fails: no row is passed on with a value missing and nobody told. */
static const char *keep(struct tl_vector *v, struct column *c, const char *text)
{
    int64_t need = (int64_t)strlen(text) + 1;
    if (need > c->room_bytes) {
        char *grown = tl_alloc(v->ctx, 2 * need, 1);
        if (grown == NULL) {
            v->lost_text = true;
            return v->spare;
        }
        tl_free(c->text);
        c->text = grown;
        c->room_bytes = 2 * need;
    }
    memcpy(c->text, text, (size_t)need);
    c->text_row = v->serial;
    return c->text;
}

static const char *formatted(struct tl_vector *v, int column)
{
    struct column *c = &v->columns[column];
    char text[NUMBER_BYTES] = "";
    if (c->type == OFTString) {
        char *made =
            CPLRecode(OGR_F_GetFieldAsString(v->feature, column), v->encoding, CPL_ENC_UTF8);
        const char *kept = keep(v, c, made == NULL ? "" : made);
        CPLFree(made);
        return kept;
    }
    if (c->type == OFTReal)
        write_real(OGR_F_GetFieldAsDouble(v->feature, column), text);
    else if (c->type == OFTDate || c->type == OFTTime || c->type == OFTDateTime)
        write_date(v->feature, column, c->type, text);
    else
        return keep(v, c, OGR_F_GetFieldAsString(v->feature, column));
    return keep(v, c, text);
}

const char *tl_vector_text(struct tl_vector *v, int column)
{
    if (tl_vector_is_null(v, column))
        return v->spare;
    if (v->rows != NULL)
        return v->rows->texts[column];
    struct column *c = &v->columns[column];
    if (c->type == OFTString && v->encoding == NULL)
        return OGR_F_GetFieldAsString(v->feature, column);
    if (c->text_row == v->serial && c->text != NULL)
        return c->text;
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    const char *text = formatted(v, column);
    tl_gdal_end();
    return text;
}

bool tl_vector_is_null(struct tl_vector *v, int column)
{
    if (v->rows != NULL)
        return column < 0 || column >= v->n_columns || v->rows->texts[column] == NULL ||
               v->rows->texts[column][0] == '\0';
    if (v->feature == NULL || column < 0 || column >= v->n_columns ||
        !OGR_F_IsFieldSetAndNotNull(v->feature, column))
        return true;
    return v->columns[column].type == OFTString &&
           OGR_F_GetFieldAsString(v->feature, column)[0] == '\0';
}

static tl_err export_wkb(struct tl_ctx *ctx, struct tl_vector *v, OGRGeometryH shape,
                         int64_t *bytes)
{
    int64_t size = (int64_t)OGR_G_WkbSizeEx(shape);
    if (size > v->wkb_room) {
        unsigned char *grown = tl_alloc(ctx, size + size / 2, 1);
        if (grown == NULL)
            return TL_ENOMEM;
        tl_free(v->wkb);
        v->wkb = grown;
        v->wkb_room = size + size / 2;
    }
    if (OGR_G_ExportToIsoWkb(shape, wkbNDR, v->wkb) != OGRERR_NONE)
        return tl_fail(ctx, TL_EDATA, "%s: row %lld: the geometry cannot be read", v->path,
                       (long long)v->row);
    *bytes = size;
    return TL_OK;
}

tl_err tl_vector_wkb(struct tl_ctx *ctx, struct tl_vector *v, const void **wkb, int64_t *wkb_bytes)
{
    if (v->rows != NULL) {
        *wkb = v->rows->wkb;
        *wkb_bytes = v->rows->wkb_bytes;
        return TL_OK;
    }
    OGRGeometryH shape = v->feature == NULL ? NULL : OGR_F_GetGeometryRef(v->feature);
    if (shape == NULL) {
        *wkb = NULL;
        *wkb_bytes = 0;
        return TL_OK;
    }
    struct tl_gdal_quiet quiet;
    tl_gdal_begin(&quiet);
    OGRGeometryH linear =
        OGR_G_HasCurveGeometry(shape, 1) ? OGR_G_GetLinearGeometry(shape, 0.0, NULL) : NULL;
    OGRGeometryH used = linear != NULL ? linear : shape;
    int64_t bytes = 0;
    OGR_G_FlattenTo2D(used);
    tl_err err = export_wkb(ctx, v, used, &bytes);
    OGR_G_DestroyGeometry(linear);
    tl_gdal_end();
    if (err != TL_OK)
        return err;
    *wkb = v->wkb;
    *wkb_bytes = bytes;
    return TL_OK;
}
