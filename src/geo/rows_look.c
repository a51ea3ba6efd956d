/* What goes on in the process that reads a file from outside: made ready while it is free, then a look or the rows. */
#include "tilth/rows.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "core/json.h"
#include "geo/gdal.h"
#include "geo/onefile.h"
#include "geo/rows.h"

enum { EXAMPLES = 5, EXAMPLE_BYTES = 80, LAYERS_MAX = 64, DRIVERS = 9, PATH_BYTES = 512 };

static const struct {
    const char *ending;
    const char *drivers[DRIVERS];
} kinds[] = {
    {".csv", {"CSV"}},
    {".tsv", {"CSV"}},
    {".xlsx", {"XLSX"}},
    {".ods", {"ODS"}},
    {".geojson", {"GeoJSON"}},
    {".json", {"GeoJSON"}},
    {".gpkg", {"GPKG"}},
    {".kml", {"LIBKML", "KML"}},
    {".kmz", {"LIBKML", "KML"}},
    {".gpx", {"GPX"}},
    {".fgb", {"FlatGeobuf"}},
    {".zip",
     {"ESRI Shapefile", "OpenFileGDB", "GPKG", "GeoJSON", "FlatGeobuf", "LIBKML", "KML", "GPX"}},
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

const char *tl_rows_endings(void)
{
    return ".csv .tsv .xlsx .ods .geojson .json .gpkg .kml .kmz .gpx .fgb .zip";
}

static int kind_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (int i = 0; dot != NULL && dot != name && i < N_KINDS; i++)
        if (strcasecmp(dot, kinds[i].ending) == 0)
            return i;
    return -1;
}

bool tl_rows_reads(const char *name)
{
    return kind_of(name) >= 0;
}

static bool is_wanted(int kind, const char *driver)
{
    /* An archive may hold a table as well, whose driver the reader names by itself. */
    if (strcmp(driver, "CSV") == 0 && strcmp(kinds[kind].ending, ".zip") == 0)
        return true;
    for (int i = 0; i < DRIVERS && kinds[kind].drivers[i] != NULL; i++)
        if (strcmp(kinds[kind].drivers[i], driver) == 0)
            return true;
    return false;
}

/* What is opened at its first use must be open before the walls go up: the C library loads an encoding from a file of its own. */
static const char *const encodings[] = {
    "UTF-16",     "UTF-16LE",   "ISO-8859-1", "ISO-8859-2", "ISO-8859-4",  "ISO-8859-5",
    "ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-15", "CP1250",
    "CP1251",     "CP1252",     "CP1253",     "CP1254",     "CP1255",      "CP1256",
    "CP1257",     "CP1258",     "CP437",      "CP850",      "CP852",       "CP855",
    "CP860",      "CP862",      "CP863",      "CP864",      "CP865",       "CP866",
    "CP874",      "CP932",      "CP936",      "CP949",      "CP950",       "KOI8-R",
    "KOI8-U",     "GBK",        "BIG5",       "SHIFT_JIS",  "EUC-KR",      "TIS-620"};

enum { N_ENCODINGS = sizeof encodings / sizeof *encodings };

struct tl_rows_file {
    int kind;
    char path[PATH_BYTES];
    char encoding[64];               /* that the file is said to have, "" = none */
    iconv_t loaded[N_ENCODINGS + 1]; /* owns: closed, they would be unloaded again */
};

static void load_encodings(struct tl_rows_file *file, const char *encoding)
{
    for (int i = 0; i < N_ENCODINGS; i++)
        file->loaded[i] = iconv_open("UTF-8", encodings[i]);
    file->loaded[N_ENCODINGS] = encoding != NULL ? iconv_open("UTF-8", encoding) : (iconv_t)-1;
}

static void drop_drivers(int kind)
{
    for (int i = GDALGetDriverCount() - 1; i >= 0; i--) {
        GDALDriverH driver = GDALGetDriver(i);
        if (!is_wanted(kind, GDALGetDriverShortName(driver)))
            GDALDeregisterDriver(driver);
    }
}

void tl_rows_load_systems(void)
{
    static const int codes[] = {4326, 3857, 32636};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char *wkt = NULL;
        OGRSpatialReferenceH system = OSRNewSpatialReference(NULL);
        if (OSRImportFromEPSG(system, codes[i]) == OGRERR_NONE)
            OSRExportToWkt(system, &wkt);
        CPLFree(wkt);
        OSRDestroySpatialReference(system);
    }
}

tl_err tl_rows_begin(struct tl_ctx *ctx, int fd, const char *name, const char *encoding,
                     struct tl_rows_file **file)
{
    struct tl_rows_file *made = NULL;
    struct tl_gdal_quiet quiet;
    tl_err err = TL_OK;
    int kind = kind_of(name);
    if (kind < 0 || strchr(name, '/') != NULL || strlen(name) > PATH_BYTES / 2)
        return tl_fail(ctx, TL_EDATA, "%.200s: files of this ending are not read, expected %s",
                       name, tl_rows_endings());
    TL_TRY_ALLOC(ctx, made, 1);
    made->kind = kind;
    snprintf(made->path, sizeof made->path, "%s%s", TL_ONEFILE_FOLDER, name);
    snprintf(made->encoding, sizeof made->encoding, "%s", encoding != NULL ? encoding : "");
    tl_gdal_begin(&quiet);
    drop_drivers(kind);
    /* Nothing is to be looked for beside the file, and nothing kept in files of its own. */
    CPLSetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "TRUE");
    CPLSetConfigOption("GDAL_NUM_THREADS", "1");
    CPLSetConfigOption("OGR_SQLITE_PRAGMA", "temp_store=2");
    tl_rows_load_systems();
    tl_gdal_end();
    tzset();
    TL_TRY(tl_onefile_put(ctx, fd, name));
    load_encodings(made, encoding);
    *file = made;
    made = NULL;
done:
    tl_free(made);
    return err;
}

void tl_rows_end(struct tl_rows_file *file)
{
    for (int i = 0; file != NULL && i <= N_ENCODINGS; i++)
        if (file->loaded[i] != (iconv_t)-1)
            iconv_close(file->loaded[i]);
    tl_free(file);
}

/* Messages name the file as people do. */
static tl_err in_words(struct tl_ctx *ctx, tl_err err)
{
    static const char *const folders[] = {"/vsizip/" TL_ONEFILE_FOLDER, TL_ONEFILE_FOLDER};
    char said[1024], *at;
    snprintf(said, sizeof said, "%s", tl_ctx_message(ctx));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        while ((at = strstr(said, folders[i])) != NULL)
            memmove(at, at + strlen(folders[i]), strlen(at + strlen(folders[i])) + 1);
    return tl_fail(ctx, err, "%s", said);
}

/* A look at a column: how many values, what they look like, the first few. */
struct glance {
    int64_t n_filled, n_numbers, n_dates, n_years;
    int n_examples;
    char examples[EXAMPLES][EXAMPLE_BYTES + 1];
};

static bool is_number(const char *text)
{
    char *end = NULL;
    strtod(text, &end);
    return end != text && end[strspn(end, " ")] == '\0';
}

/* 1990, 1990-07, 1990-07-14 and what follows after; a year alone is a number. */
static bool is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    while (i < sizeof form - 1 &&
           (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == '-'))
        i++;
    return i == sizeof form - 1 || (i == 7 && text[7] == '\0');
}

static bool is_year(const char *text)
{
    return strlen(text) == 4 && strspn(text, "0123456789") == 4 &&
           (strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0);
}

static void glance_at(struct glance *glance, const char *text)
{
    char cut[EXAMPLE_BYTES + 1];
    size_t n = strnlen(text, EXAMPLE_BYTES);
    if (n == EXAMPLE_BYTES)
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--; /* not within a letter */
    glance->n_filled++;
    glance->n_numbers += is_number(text);
    glance->n_dates += is_date(text);
    glance->n_years += is_year(text);
    if (glance->n_examples == EXAMPLES)
        return;
    snprintf(cut, sizeof cut, "%.*s", (int)n, text);
    for (int i = 0; i < glance->n_examples; i++)
        if (strcmp(glance->examples[i], cut) == 0)
            return;
    memcpy(glance->examples[glance->n_examples++], cut, sizeof cut);
}

static json_t *glance_json(const char *name, const struct glance *glance)
{
    json_t *examples = json_array();
    for (int i = 0; i < glance->n_examples; i++)
        json_array_append_new(examples, json_string(glance->examples[i]));
    const char *type =
        glance->n_filled == 0                                                          ? "empty"
        : glance->n_dates > 0 && glance->n_dates + glance->n_years == glance->n_filled ? "date"
        : glance->n_numbers == glance->n_filled                                        ? "number"
                                                                                       : "text";
    return json_pack("{s:s, s:s, s:I, s:o}", "name", name, "type", type, "filled",
                     (json_int_t)glance->n_filled, "examples", examples);
}

enum shape { SHAPE_NONE, SHAPE_POINT, SHAPE_LINE, SHAPE_POLYGON, SHAPE_ANY };

static enum shape shape_of(const void *wkb, int64_t n)
{
    static const enum shape shapes[] = {SHAPE_ANY,   SHAPE_POINT, SHAPE_LINE,   SHAPE_POLYGON,
                                        SHAPE_POINT, SHAPE_LINE,  SHAPE_POLYGON};
    const unsigned char *bytes = wkb;
    if (wkb == NULL || n < 5)
        return SHAPE_NONE;
    return bytes[1] < sizeof shapes / sizeof *shapes ? shapes[bytes[1]] : SHAPE_ANY;
}

/* "WGS 84 / UTM zone 36N" of its definition; "" where there is none. */
static json_t *system_name(const char *wkt)
{
    const char *from = strchr(wkt, '"'), *to = from != NULL ? strchr(from + 1, '"') : NULL;
    return to != NULL ? json_stringn(from + 1, (size_t)(to - from - 1)) : json_string("");
}

static tl_err look_at_rows(struct tl_ctx *ctx, struct tl_vector *v, struct glance *glances,
                           int64_t *n_rows, enum shape *shape)
{
    tl_err err = TL_OK;
    bool more = false;
    *shape = SHAPE_NONE;
    for (*n_rows = 0;; (*n_rows)++) {
        const void *wkb = NULL;
        int64_t n = 0;
        TL_TRY(tl_vector_next(ctx, v, &more));
        if (!more)
            break;
        for (int c = 0; c < tl_vector_n_columns(v); c++)
            if (!tl_vector_is_null(v, c))
                glance_at(&glances[c], tl_vector_text(v, c));
        TL_TRY(tl_vector_wkb(ctx, v, &wkb, &n));
        enum shape this = shape_of(wkb, n);
        if (this != SHAPE_NONE)
            *shape = *shape == SHAPE_NONE || *shape == this ? this : SHAPE_ANY;
    }
done:
    return err;
}

static tl_err look_at_layer(struct tl_ctx *ctx, const struct tl_rows_file *file, const char *layer,
                            json_t **json)
{
    static const char *const shapes[] = {"none", "point", "line", "polygon", "any"};
    struct tl_vector_options how = {.layer = layer,
                                    .drivers = kinds[file->kind].drivers,
                                    .encoding = file->encoding[0] != '\0' ? file->encoding : NULL};
    struct tl_vector *v = NULL;
    struct glance *glances = NULL;
    json_t *columns = json_array();
    enum shape shape = SHAPE_NONE;
    int64_t n_rows = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_vector_open(ctx, file->path, &how, &v));
    if (tl_vector_n_columns(v) > TL_ROWS_COLUMNS_MAX)
        TL_THROW(ctx, TL_EDATA, "%s: there are %d columns, expected at most %d", file->path,
                 tl_vector_n_columns(v), TL_ROWS_COLUMNS_MAX);
    TL_TRY_ALLOC(ctx, glances, tl_vector_n_columns(v));
    TL_TRY(look_at_rows(ctx, v, glances, &n_rows, &shape));
    for (int c = 0; c < tl_vector_n_columns(v); c++)
        json_array_append_new(columns, glance_json(tl_vector_column(v, c), &glances[c]));
    *json = json_pack("{s:s, s:I, s:s, s:o, s:O}", "name", tl_vector_layer(v), "rows",
                      (json_int_t)n_rows, "geometry", shapes[shape], "crs",
                      system_name(tl_vector_crs(v)), "columns", columns);
    if (*json == NULL)
        err = tl_fail(ctx, TL_EDATA, "%s: a name in it is not UTF-8 text", file->path);
done:
    json_decref(columns);
    tl_free(glances);
    tl_vector_close(v);
    return err;
}

/* GPX has five layers always, and spreadsheets have empty sheets: those with rows are shown, or all where none has any. */
static tl_err look_at_all(struct tl_ctx *ctx, const struct tl_rows_file *file,
                          const struct tl_vector *v, json_t *layers)
{
    tl_err err = TL_OK;
    int n = tl_vector_n_layers(v), n_filled = 0;
    int64_t n_rows = 0;
    if (n > LAYERS_MAX)
        return tl_fail(ctx, TL_EDATA, "%s: there are %d layers, expected at most %d", file->path, n,
                       LAYERS_MAX);
    for (int i = 0; i < n; i++)
        n_filled += tl_vector_layer_at(v, i, &n_rows) != NULL && n_rows != 0;
    for (int i = 0; i < n; i++) {
        const char *name = tl_vector_layer_at(v, i, &n_rows);
        json_t *layer = NULL;
        if (n_filled > 0 && n_rows == 0)
            continue;
        TL_TRY(look_at_layer(ctx, file, n == 1 ? NULL : name, &layer));
        json_array_append_new(layers, layer);
    }
done:
    return err;
}

static tl_err write_all(struct tl_ctx *ctx, const char *text, int fd)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return tl_fail(ctx, TL_EIO, "what is in it cannot be kept: %s", strerror(errno));
        text += done;
        n -= (size_t)done;
    }
    return TL_OK;
}

tl_err tl_rows_look(struct tl_ctx *ctx, const struct tl_rows_file *file, int fd)
{
    struct tl_vector_options how = {.drivers = kinds[file->kind].drivers,
                                    .encoding = file->encoding[0] != '\0' ? file->encoding : NULL,
                                    .first_layer = true};
    struct tl_vector *v = NULL;
    json_t *layers = json_array(), *all = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_vector_open(ctx, file->path, &how, &v));
    TL_TRY(look_at_all(ctx, file, v, layers));
    all = json_pack("{s:s, s:O}", "driver", tl_vector_driver(v), "layers", layers);
    TL_TRY(tl_json_line(ctx, all, &text));
    TL_TRY(write_all(ctx, text, fd));
done:
    json_decref(all);
    json_decref(layers);
    tl_free(text);
    tl_vector_close(v);
    return err == TL_OK ? TL_OK : in_words(ctx, err);
}

tl_err tl_rows_write(struct tl_ctx *ctx, const struct tl_rows_file *file,
                     const struct tl_rows_wanted *wanted, int fd)
{
    struct tl_vector_options how = {.drivers = kinds[file->kind].drivers,
                                    .layer = wanted->layer,
                                    .where = wanted->where,
                                    .encoding = wanted->encoding};
    struct tl_vector *v = NULL;
    int64_t n_rows = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_vector_open(ctx, file->path, &how, &v));
    TL_TRY(tl_rows_put(ctx, v, tl_vector_layer(v), fd, &n_rows));
done:
    tl_vector_close(v);
    return err == TL_OK ? TL_OK : in_words(ctx, err);
}
