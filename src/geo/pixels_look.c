/*
 * What goes on in the process that reads a raster from outside: made ready while it is free, then a look or a window of a band. Drivers that
 * open other files by what a file says (VRT) are not offered.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "core/json.h"
#include "geo/gdal.h"
#include "geo/onefile.h"
#include "geo/pixels.h"
#include "geo/raster_parts.h"
#include "geo/rows.h"

enum {
    PATH_BYTES = 512,
    BANDS_MAX = 64,
    LOOK_CELLS = 16 << 20, /* of all bands together */
    STRIPE_CELLS = 1 << 20,
    NAME_BYTES = 80
};

static const struct {
    const char *ending, *driver;
} kinds[] = {{".tif", "GTiff"},
             {".tiff", "GTiff"},
             {".asc", "AAIGrid"},
             {".img", "HFA"},
             {".hgt", "SRTMHGT"}};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

struct tl_pixels_file {
    int kind;
    char path[PATH_BYTES];
};

const char *tl_pixels_endings(void)
{
    return ".tif .tiff .asc .img .hgt";
}

static int kind_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot != NULL && dot != name && i < N_KINDS; i++)
        if (strcasecmp(dot, kinds[i].ending) == 0)
            return i;
    return -1;
}

bool tl_pixels_reads(const char *name)
{
    return kind_of(name) >= 0;
}

tl_err tl_pixels_begin(struct tl_ctx *ctx, int fd, const char *name, struct tl_pixels_file **file)
{
    struct tl_pixels_file *made = NULL;
    struct tl_gdal_quiet quiet;
    tl_err err = TL_OK;
    int kind = kind_of(name);
    if (kind < 0 || strchr(name, '/') != NULL || strlen(name) > PATH_BYTES / 2)
        return tl_fail(ctx, TL_EDATA, "%.200s: files of this ending are not read, expected %s",
                       name, tl_pixels_endings());
    TL_TRY_ALLOC(ctx, made, 1);
    made->kind = kind;
    snprintf(made->path, sizeof made->path, "%s%s", TL_ONEFILE_FOLDER, name);
    tl_gdal_begin(&quiet);
    for (int i = GDALGetDriverCount() - 1; i >= 0; i--) {
        GDALDriverH driver = GDALGetDriver(i);
        if (strcmp(GDALGetDriverShortName(driver), kinds[kind].driver) != 0)
            GDALDeregisterDriver(driver);
    }
    /* Nothing is looked for beside the file, nor kept there. */
    CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR");
    CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
    CPLSetConfigOption("GDAL_NUM_THREADS", "1");
    tl_rows_load_systems();
    tl_gdal_end();
    tzset();
    TL_TRY(tl_onefile_put(ctx, fd, name));
    *file = made;
    made = NULL;
done:
    tl_free(made);
    return err;
}

void tl_pixels_end(struct tl_pixels_file *file)
{
    tl_free(file);
}

/* Messages name the file as people do. */
static tl_err in_words(struct tl_ctx *ctx, tl_err err)
{
    static const char folder[] = TL_ONEFILE_FOLDER;
    char said[1024], *at;
    snprintf(said, sizeof said, "%s", tl_ctx_message(ctx));
    while ((at = strstr(said, folder)) != NULL)
        memmove(at, at + strlen(folder), strlen(at + strlen(folder)) + 1);
    return tl_fail(ctx, err, "%s", said);
}

/* A look at a band. */

struct glance {
    int64_t n_looked, n_known;
    double min, max, sum;
    int n_classes; /* -1 = too many, or no whole numbers */
    double classes[TL_PIXELS_CLASSES_MAX];
    int64_t counts[TL_PIXELS_CLASSES_MAX];
};

/* Values stay in order; most are the same as the one before. */
static void count_class(struct glance *glance, double value, int *near)
{
    int at = 0;
    if (glance->n_classes < 0)
        return;
    if (*near < glance->n_classes && glance->classes[*near] == value) {
        glance->counts[*near]++;
        return;
    }
    while (at < glance->n_classes && glance->classes[at] < value)
        at++;
    *near = at;
    if (at < glance->n_classes && glance->classes[at] == value) {
        glance->counts[at]++;
        return;
    }
    if (glance->n_classes == TL_PIXELS_CLASSES_MAX || value != nearbyint(value)) {
        glance->n_classes = -1;
        return;
    }
    size_t behind = (size_t)(glance->n_classes - at);
    memmove(&glance->classes[at + 1], &glance->classes[at], behind * sizeof *glance->classes);
    memmove(&glance->counts[at + 1], &glance->counts[at], behind * sizeof *glance->counts);
    glance->classes[at] = value;
    glance->counts[at] = 1;
    glance->n_classes++;
}

static void glance_at(struct glance *glance, const double *values, int64_t n)
{
    int near = 0;
    glance->n_looked += n;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            continue;
        if (glance->n_known++ == 0)
            glance->min = glance->max = values[i];
        glance->min = fmin(glance->min, values[i]);
        glance->max = fmax(glance->max, values[i]);
        glance->sum += values[i];
        count_class(glance, values[i], &near);
    }
}

/* Rows and cells evenly spread, each with its own value: no overview is asked, which could hold averages. */
static tl_err look_at_band(struct tl_ctx *ctx, const char *path, GDALRasterBandH band, int64_t most,
                           const struct tl_gdal_quiet *quiet, struct glance *glance)
{
    struct tl_raster_rule rule;
    struct tl_raster strays = {0};
    double *values = NULL;
    tl_err err = TL_OK;
    int n_x = GDALGetRasterBandXSize(band), n_y = GDALGetRasterBandYSize(band);
    double thin = sqrt(fmax(1.0, (double)n_x * n_y / (double)most));
    int take_x = (int)fmax(1.0, floor(n_x / thin)), take_y = (int)fmax(1.0, floor(n_y / thin));
    TL_TRY_ALLOC(ctx, values, take_x);
    tl_raster_rule_of(band, &rule);
    for (int i = 0; i < take_y; i++) {
        int y = (int)((double)i / take_y * n_y);
        if (GDALRasterIO(band, GF_Read, 0, y, n_x, 1, values, take_x, 1, GDT_Float64, 0, 0) !=
            CE_None)
            TL_THROW(ctx, TL_EDATA, "%s: cannot be read: %s", path,
                     tl_gdal_why(quiet, "unknown reason"));
        tl_raster_rule_apply(&rule, 0, take_x, values, &strays);
        glance_at(glance, values, take_x);
    }
done:
    tl_free(values);
    return err;
}

/* The file's own name of a class; "" where it has none. */
static json_t *class_name(GDALRasterBandH band, double value)
{
    char **names = GDALGetRasterCategoryNames(band);
    GDALRasterAttributeTableH table = GDALGetDefaultRAT(band);
    const char *name = "";
    if (names != NULL && value >= 0 && value < CSLCount(names))
        name = names[(int)value];
    if (name[0] == '\0' && table != NULL) {
        int column = GDALRATGetColOfUsage(table, GFU_Name),
            row = GDALRATGetRowOfValue(table, value);
        const char *said =
            column >= 0 && row >= 0 ? GDALRATGetValueAsString(table, row, column) : NULL;
        name = said != NULL ? said : "";
    }
    json_t *text = strlen(name) <= NAME_BYTES ? json_string(name) : NULL; /* NULL: not UTF-8 */
    return text != NULL ? text : json_string("");
}

static json_t *classes_json(GDALRasterBandH band, const struct glance *glance)
{
    json_t *list = json_array();
    if (glance->n_classes <= 0) {
        json_decref(list);
        return json_null();
    }
    for (int i = 0; i < glance->n_classes; i++)
        json_array_append_new(list, json_pack("{s:f, s:I, s:o}", "value", glance->classes[i], "n",
                                              (json_int_t)glance->counts[i], "name",
                                              class_name(band, glance->classes[i])));
    return list;
}

static json_t *number_or_null(bool known, double value)
{
    return known && isfinite(value) ? json_real(value) : json_null();
}

static json_t *band_json(GDALRasterBandH band, const struct glance *glance)
{
    const char *name = GDALGetDescription(band);
    bool known = glance->n_known > 0;
    json_t *text = strlen(name) <= NAME_BYTES ? json_string(name) : NULL;
    return json_pack(
        "{s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "name", text != NULL ? text : json_string(""),
        "type", GDALGetDataTypeName(GDALGetRasterDataType(band)), "looked",
        (json_int_t)glance->n_looked, "known", (json_int_t)glance->n_known, "min",
        number_or_null(known, glance->min), "max", number_or_null(known, glance->max), "mean",
        number_or_null(known, known ? glance->sum / (double)glance->n_known : 0.0), "classes",
        classes_json(band, glance));
}

static tl_err open_file(struct tl_ctx *ctx, const struct tl_pixels_file *file, int band,
                        const struct tl_gdal_quiet *quiet, GDALDatasetH *data)
{
    tl_err err = tl_raster_band_open(ctx, file->path, band, quiet, data);
    if (err == TL_OK && GDALGetRasterCount(*data) > BANDS_MAX)
        err = tl_fail(ctx, TL_EDATA, "%s: there are %d bands, expected at most %d", file->path,
                      GDALGetRasterCount(*data), BANDS_MAX);
    return err;
}

static tl_err place_of(struct tl_ctx *ctx, const struct tl_pixels_file *file, GDALDatasetH data,
                       double place[6])
{
    if (GDALGetGeoTransform(data, place) != CE_None || place[1] * place[5] == place[2] * place[4])
        return tl_fail(ctx, TL_EDATA, "%s: the raster does not say where it lies", file->path);
    return TL_OK;
}

static tl_err system_of(struct tl_ctx *ctx, GDALDatasetH data, char **wkt, const char **name)
{
    OGRSpatialReferenceH srs = GDALGetSpatialRef(data);
    *name = srs != NULL ? OSRGetName(srs) : NULL;
    *name = *name != NULL ? *name : "";
    return tl_raster_band_crs(ctx, data, wkt);
}

tl_err tl_pixels_look(struct tl_ctx *ctx, const struct tl_pixels_file *file, int fd)
{
    GDALDatasetH data = NULL;
    struct tl_gdal_quiet quiet;
    struct glance *glance = NULL;
    json_t *bands = json_array(), *all = NULL;
    double p[6] = {0};
    char *text = NULL, *wkt = NULL;
    const char *name = "";
    tl_err err = TL_OK;
    tl_gdal_begin(&quiet);
    TL_TRY_ALLOC(ctx, glance, 1);
    TL_TRY(open_file(ctx, file, 1, &quiet, &data));
    TL_TRY(place_of(ctx, file, data, p));
    TL_TRY(system_of(ctx, data, &wkt, &name));
    for (int b = 1; b <= GDALGetRasterCount(data); b++) {
        GDALRasterBandH band = GDALGetRasterBand(data, b);
        *glance = (struct glance){0};
        TL_TRY(look_at_band(ctx, file->path, band, LOOK_CELLS / GDALGetRasterCount(data), &quiet,
                            glance));
        json_array_append_new(bands, band_json(band, glance));
    }
    all = json_pack("{s:s, s:s, s:s, s:[f, f, f, f, f, f], s:i, s:i, s:O}", "driver",
                    kinds[file->kind].driver, "crs", name, "wkt", wkt, "place", p[0], p[1], p[2],
                    p[3], p[4], p[5], "n_x", GDALGetRasterXSize(data), "n_y",
                    GDALGetRasterYSize(data), "bands", bands);
    if (all == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: a name in it is not UTF-8 text", file->path);
    TL_TRY(tl_json_line(ctx, all, &text));
    TL_TRY(tl_pixels_put(ctx, fd, text, (int64_t)strlen(text)));
done:
    if (data != NULL)
        GDALClose(data);
    tl_gdal_end();
    json_decref(all);
    json_decref(bands);
    tl_free(glance);
    tl_free(text);
    tl_free(wkt);
    return err == TL_OK ? TL_OK : in_words(ctx, err);
}

/* A window. */

/* Types whose every value, and every value scaled by nothing, is a float. */
static bool fits_float(GDALRasterBandH band, const struct tl_raster_rule *rule)
{
    GDALDataType type = GDALGetRasterDataType(band);
    return rule->scale == 1.0 && rule->offset == 0.0 &&
           (type == GDT_Byte || type == GDT_Int16 || type == GDT_UInt16 || type == GDT_Float32);
}

static tl_err write_head(struct tl_ctx *ctx, const struct tl_pixels_file *file, GDALDatasetH data,
                         const struct tl_pixels_wanted *w, bool floats, int fd)
{
    struct tl_pixels_head *head = NULL;
    char *wkt = NULL;
    double p[6] = {0};
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, head, 1);
    TL_TRY(place_of(ctx, file, data, p));
    TL_TRY(tl_raster_band_crs(ctx, data, &wkt));
    memcpy(head->magic, tl_pixels_magic, sizeof head->magic);
    head->n_x = w->n_x;
    head->n_y = w->n_y;
    memcpy(head->place, p, sizeof p);
    head->place[0] = p[0] + (double)w->x * p[1] + (double)w->y * p[2];
    head->place[3] = p[3] + (double)w->x * p[4] + (double)w->y * p[5];
    head->value_bytes = floats ? 4 : 8;
    if (strlen(wkt) >= sizeof head->wkt)
        TL_THROW(ctx, TL_EDATA, "%s: its reference system is too long to be one", file->path);
    memcpy(head->wkt, wkt, strlen(wkt) + 1);
    TL_TRY(tl_pixels_put(ctx, fd, head, TL_PIXELS_HEAD_BYTES));
done:
    tl_free(head);
    tl_free(wkt);
    return err;
}

static tl_err write_values(struct tl_ctx *ctx, const struct tl_pixels_file *file,
                           GDALRasterBandH band, const struct tl_pixels_wanted *w,
                           const struct tl_gdal_quiet *quiet, int fd)
{
    struct tl_raster_rule rule;
    struct tl_raster strays = {0};
    double *values = NULL;
    float *halves = NULL;
    tl_err err = TL_OK;
    int64_t most = w->n_x > STRIPE_CELLS ? 1 : STRIPE_CELLS / w->n_x;
    tl_raster_rule_of(band, &rule);
    bool floats = fits_float(band, &rule);
    TL_TRY_ALLOC(ctx, values, most * w->n_x);
    TL_TRY_ALLOC(ctx, halves, floats ? most * w->n_x : 1);
    for (int64_t y = 0; y < w->n_y; y += most) {
        int64_t rows = y + most > w->n_y ? w->n_y - y : most, n = rows * w->n_x;
        if (GDALRasterIO(band, GF_Read, (int)w->x, (int)(w->y + y), (int)w->n_x, (int)rows, values,
                         (int)w->n_x, (int)rows, GDT_Float64, 0, 0) != CE_None)
            TL_THROW(ctx, TL_EDATA, "%s: cannot be read: %s", file->path,
                     tl_gdal_why(quiet, "unknown reason"));
        tl_raster_rule_apply(&rule, 0, n, values, &strays);
        for (int64_t i = 0; floats && i < n; i++)
            halves[i] = (float)values[i];
        TL_TRY(tl_pixels_put(ctx, fd, floats ? (const void *)halves : (const void *)values,
                             n * (floats ? 4 : 8)));
    }
done:
    tl_free(values);
    tl_free(halves);
    return err;
}

tl_err tl_pixels_write(struct tl_ctx *ctx, const struct tl_pixels_file *file,
                       const struct tl_pixels_wanted *w, int fd)
{
    GDALDatasetH data = NULL;
    struct tl_gdal_quiet quiet;
    struct tl_raster_rule rule;
    tl_err err = TL_OK;
    tl_gdal_begin(&quiet);
    TL_TRY(open_file(ctx, file, w->band, &quiet, &data));
    int n_x = GDALGetRasterXSize(data), n_y = GDALGetRasterYSize(data);
    if (w->x < 0 || w->y < 0 || w->n_x < 1 || w->n_y < 1 || w->x > n_x - w->n_x ||
        w->y > n_y - w->n_y)
        TL_THROW(ctx, TL_EDATA, "%s: %lld by %lld cells from %lld, %lld on are not within %d by %d",
                 file->path, (long long)w->n_x, (long long)w->n_y, (long long)w->x, (long long)w->y,
                 n_x, n_y);
    GDALRasterBandH band = GDALGetRasterBand(data, w->band);
    tl_raster_rule_of(band, &rule);
    TL_TRY(write_head(ctx, file, data, w, fits_float(band, &rule), fd));
    TL_TRY(write_values(ctx, file, band, w, &quiet, fd));
done:
    if (data != NULL)
        GDALClose(data);
    tl_gdal_end();
    return err == TL_OK ? TL_OK : in_words(ctx, err);
}
