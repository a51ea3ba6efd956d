#include "serve/sift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tilth/serve.h"

static const struct tl_sandbox_limits usual = {
    .memory_bytes = (int64_t)2 << 30, .file_bytes = (int64_t)1 << 30, .cpu_s = 60, .wall_s = 120};

enum {
    LOOK_BYTES = 8 << 20,
    LAYERS_MAX = 64,
    COLUMNS_MAX = 4096,
    EXAMPLES_MAX = 5,
    BANDS_MAX = 64
};

/* Within: the child. */

static const char *wish(const json_t *request, const char *name)
{
    return json_string_value(json_object_get(request, name));
}

static int64_t number(const json_t *request, const char *name)
{
    return json_integer_value(json_object_get(request, name));
}

static tl_err read_table(struct tl_ctx *ctx, const json_t *request,
                         const struct tl_sandbox_limits *limits, struct tl_sandbox_walls *walls)
{
    const struct tl_rows_wanted wanted = {wish(request, "layer"), wish(request, "where"),
                                          wish(request, "encoding")};
    struct tl_rows_file *file = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_rows_begin(ctx, STDIN_FILENO, wish(request, "name"), wanted.encoding, &file));
    TL_TRY(tl_sandbox_enter(ctx, limits, walls));
    if (json_is_true(json_object_get(request, "looks")))
        TL_TRY(tl_rows_look(ctx, file, STDOUT_FILENO));
    else
        TL_TRY(tl_rows_write(ctx, file, &wanted, STDOUT_FILENO));
done:
    return err; /* the file stays: the process ends */
}

static tl_err read_raster(struct tl_ctx *ctx, const json_t *request,
                          const struct tl_sandbox_limits *limits, struct tl_sandbox_walls *walls)
{
    const struct tl_pixels_wanted window = {(int)number(request, "band"), number(request, "x"),
                                            number(request, "y"), number(request, "n_x"),
                                            number(request, "n_y")};
    struct tl_pixels_file *file = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_pixels_begin(ctx, STDIN_FILENO, wish(request, "name"), &file));
    TL_TRY(tl_sandbox_enter(ctx, limits, walls));
    if (json_is_true(json_object_get(request, "looks")))
        TL_TRY(tl_pixels_look(ctx, file, STDOUT_FILENO));
    else
        TL_TRY(tl_pixels_write(ctx, file, &window, STDOUT_FILENO));
done:
    return err; /* the file stays: the process ends */
}

static tl_err read_file(struct tl_ctx *ctx, const json_t *request, struct tl_sandbox_walls *walls)
{
    const char *name = wish(request, "name");
    const struct tl_sandbox_limits limits = {
        .memory_bytes = number(request, "memory_bytes"),
        .file_bytes = number(request, "file_bytes"),
        .cpu_s = (int)number(request, "cpu_s"),
        .no_seccomp = json_is_true(json_object_get(request, "no_seccomp")),
        .no_landlock = json_is_true(json_object_get(request, "no_landlock"))};
    if (name == NULL)
        return tl_fail(ctx, TL_EBUG, "there is no name in the request");
    return tl_pixels_reads(name) ? read_raster(ctx, request, &limits, walls)
                                 : read_table(ctx, request, &limits, walls);
}

int tl_serve_reader(struct tl_ctx *ctx)
{
    struct tl_sandbox_walls walls = {false, false};
    const char *text = getenv("TILTH_READ");
    json_t *request = json_loads(text != NULL ? text : "", 0, NULL);
    tl_err err = read_file(ctx, request, &walls);
    tl_sandbox_report(&walls, err, err == TL_OK ? "" : tl_ctx_message(ctx));
    return err == TL_OK ? 0 : 1;
}

/* Without: the server. */

static tl_err run(struct tl_ctx *ctx, struct tl_sift *sift, bool looks, int out)
{
    static const char *const words[] = {"tilth", TL_SERVE_READER, NULL};
    struct tl_sandbox_limits limits = sift->limits.cpu_s > 0 ? sift->limits : usual;
    char *text = NULL;
    tl_err err = TL_OK;
    if (looks)
        limits.file_bytes = LOOK_BYTES;
    const struct tl_pixels_wanted *w = &sift->window;
    json_t *request =
        json_pack("{s:s, s:b, s:s?, s:s?, s:s?, s:I, s:I, s:i, s:b, s:b, s:i, s:I, s:I, s:I, s:I}",
                  "name", sift->name, "looks", looks, "layer", sift->wanted.layer, "where",
                  sift->wanted.where, "encoding", sift->wanted.encoding, "memory_bytes",
                  (json_int_t)limits.memory_bytes, "file_bytes", (json_int_t)limits.file_bytes,
                  "cpu_s", limits.cpu_s, "no_seccomp", limits.no_seccomp, "no_landlock",
                  limits.no_landlock, "band", w->band, "x", (json_int_t)w->x, "y", (json_int_t)w->y,
                  "n_x", (json_int_t)w->n_x, "n_y", (json_int_t)w->n_y);
    if (request == NULL)
        TL_THROW(ctx, TL_EUSAGE, "a name, layer or condition is not UTF-8 text");
    TL_TRY(tl_json_line(ctx, request, &text));
    const struct tl_sandbox_job job = {.program = sift->program,
                                       .words = words,
                                       .request = text,
                                       .in = sift->fd,
                                       .out = out,
                                       .what = sift->name,
                                       .limits = limits};
    TL_TRY(tl_sandbox_run(ctx, &job, &sift->walls));
done:
    json_decref(request);
    tl_free(text);
    return err;
}

/* A member of a type, or NULL. */
static json_t *member(const json_t *object, const char *name, json_type type)
{
    json_t *found = json_object_get(object, name);
    return found != NULL && json_typeof(found) == type ? found : NULL;
}

static json_t *checked_column(const json_t *column)
{
    json_t *name = member(column, "name", JSON_STRING), *type = member(column, "type", JSON_STRING);
    json_t *filled = member(column, "filled", JSON_INTEGER);
    json_t *examples = member(column, "examples", JSON_ARRAY), *example;
    size_t i;
    if (name == NULL || type == NULL || filled == NULL || examples == NULL ||
        json_array_size(examples) > EXAMPLES_MAX)
        return NULL;
    json_array_foreach(examples, i, example) if (!json_is_string(example)) return NULL;
    return json_pack("{s:O, s:O, s:O, s:O}", "name", name, "type", type, "filled", filled,
                     "examples", examples);
}

static json_t *checked_layer(const json_t *layer)
{
    json_t *name = member(layer, "name", JSON_STRING), *rows = member(layer, "rows", JSON_INTEGER);
    json_t *geometry = member(layer, "geometry", JSON_STRING);
    json_t *crs = member(layer, "crs", JSON_STRING),
           *columns = member(layer, "columns", JSON_ARRAY);
    json_t *made = json_array(), *column, *checked = NULL;
    size_t i;
    bool good = name != NULL && rows != NULL && geometry != NULL && crs != NULL &&
                columns != NULL && json_array_size(columns) <= COLUMNS_MAX;
    json_array_foreach(columns, i, column)
    {
        checked = good ? checked_column(column) : NULL;
        good = checked != NULL && json_array_append_new(made, checked) == 0;
    }
    if (!good) {
        json_decref(made);
        return NULL;
    }
    return json_pack("{s:O, s:O, s:O, s:O, s:o}", "name", name, "rows", rows, "geometry", geometry,
                     "crs", crs, "columns", made);
}

/* What the child says is a stranger's: only what has the shape is taken over. */
static tl_err check_found(struct tl_ctx *ctx, const struct tl_sift *sift, const json_t *said,
                          json_t **found)
{
    json_t *driver = member(said, "driver", JSON_STRING),
           *layers = member(said, "layers", JSON_ARRAY);
    json_t *made = json_array(), *layer, *checked = NULL;
    size_t i;
    bool good = driver != NULL && layers != NULL && json_array_size(layers) > 0 &&
                json_array_size(layers) <= LAYERS_MAX;
    json_array_foreach(layers, i, layer)
    {
        checked = good ? checked_layer(layer) : NULL;
        good = checked != NULL && json_array_append_new(made, checked) == 0;
    }
    if (good)
        *found = json_pack("{s:O, s:O}", "driver", driver, "layers", made);
    json_decref(made);
    return good && *found != NULL
               ? TL_OK
               : tl_fail(ctx, TL_EDATA, "%s: there is nothing in it that can be read", sift->name);
}

/* A number that may be null. */
static json_t *number_or_null(const json_t *object, const char *name)
{
    json_t *found = json_object_get(object, name);
    return json_is_number(found) || json_is_null(found) ? found : NULL;
}

static json_t *checked_classes(const json_t *classes)
{
    json_t *made = json_array();
    const json_t *one;
    size_t i;
    bool good = json_array_size(classes) <= TL_PIXELS_CLASSES_MAX;
    json_array_foreach(classes, i, one)
    {
        json_t *value = json_object_get(one, "value"), *n = member(one, "n", JSON_INTEGER),
               *name = member(one, "name", JSON_STRING);
        good = good && json_is_number(value) && n != NULL && name != NULL &&
               json_array_append_new(
                   made, json_pack("{s:O, s:O, s:O}", "value", value, "n", n, "name", name)) == 0;
    }
    if (good)
        return made;
    json_decref(made);
    return NULL;
}

static json_t *checked_band(const json_t *band)
{
    json_t *name = member(band, "name", JSON_STRING), *type = member(band, "type", JSON_STRING),
           *looked = member(band, "looked", JSON_INTEGER),
           *known = member(band, "known", JSON_INTEGER), *min = number_or_null(band, "min"),
           *max = number_or_null(band, "max"), *mean = number_or_null(band, "mean");
    const json_t *said = json_object_get(band, "classes");
    json_t *classes = json_is_array(said) ? checked_classes(said) : json_null();
    if (name == NULL || type == NULL || looked == NULL || known == NULL || min == NULL ||
        max == NULL || mean == NULL || classes == NULL) {
        json_decref(classes);
        return NULL;
    }
    return json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:o}", "name", name, "type", type,
                     "looked", looked, "known", known, "min", min, "max", max, "mean", mean,
                     "classes", classes);
}

static bool is_place(const json_t *place)
{
    size_t i;
    const json_t *one;
    if (!json_is_array(place) || json_array_size(place) != 6)
        return false;
    json_array_foreach(place, i, one) if (!json_is_number(one)) return false;
    return true;
}

static bool is_size(const json_t *n)
{
    return json_is_integer(n) && json_integer_value(n) > 0 && json_integer_value(n) <= INT32_MAX;
}

static tl_err check_raster(struct tl_ctx *ctx, const struct tl_sift *sift, const json_t *said,
                           json_t **found)
{
    json_t *driver = member(said, "driver", JSON_STRING), *crs = member(said, "crs", JSON_STRING),
           *wkt = member(said, "wkt", JSON_STRING), *place = json_object_get(said, "place"),
           *n_x = json_object_get(said, "n_x"), *n_y = json_object_get(said, "n_y"),
           *bands = member(said, "bands", JSON_ARRAY);
    json_t *made = json_array(), *checked = NULL;
    const json_t *band;
    size_t i;
    bool good = driver != NULL && crs != NULL && wkt != NULL && is_place(place) && is_size(n_x) &&
                is_size(n_y) && bands != NULL && json_array_size(bands) > 0 &&
                json_array_size(bands) <= BANDS_MAX;
    json_array_foreach(bands, i, band)
    {
        checked = good ? checked_band(band) : NULL;
        good = checked != NULL && json_array_append_new(made, checked) == 0;
    }
    if (good)
        *found = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "driver", driver, "crs", crs,
                           "wkt", wkt, "place", place, "n_x", n_x, "n_y", n_y, "bands", made);
    json_decref(made);
    return good && *found != NULL
               ? TL_OK
               : tl_fail(ctx, TL_EDATA, "%s: there is nothing in it that can be read", sift->name);
}

/* What the child says about the file; owns: the caller; NULL = no JSON. */
static tl_err ask(struct tl_ctx *ctx, struct tl_sift *sift, json_t **said)
{
    tl_err err = TL_OK;
    char *text = NULL;
    int out = memfd_create("tilth look", MFD_CLOEXEC);
    if (out < 0)
        return tl_fail(ctx, TL_EIO, "a reader cannot be started: %s", strerror(errno));
    TL_TRY(run(ctx, sift, true, out));
    off_t size = lseek(out, 0, SEEK_END);
    if (size <= 0 || size > LOOK_BYTES)
        TL_THROW(ctx, TL_EDATA, "%s: there is nothing in it that can be read", sift->name);
    TL_TRY_ALLOC(ctx, text, (int64_t)size);
    ssize_t n = pread(out, text, (size_t)size, 0);
    *said = n == size ? json_loadb(text, (size_t)size, 0, NULL) : NULL;
done:
    tl_free(text);
    close(out);
    return err;
}

tl_err tl_sift_look(struct tl_ctx *ctx, struct tl_sift *sift, json_t **found)
{
    json_t *said = NULL;
    tl_err err = ask(ctx, sift, &said);
    if (err == TL_OK)
        err = check_found(ctx, sift, said, found);
    json_decref(said);
    return err;
}

tl_err tl_sift_look_raster(struct tl_ctx *ctx, struct tl_sift *sift, json_t **found)
{
    json_t *said = NULL;
    tl_err err = ask(ctx, sift, &said);
    if (err == TL_OK)
        err = check_raster(ctx, sift, said, found);
    json_decref(said);
    return err;
}

tl_err tl_sift_pixels(struct tl_ctx *ctx, struct tl_sift *sift, int out)
{
    return run(ctx, sift, false, out);
}

tl_err tl_sift_rows(struct tl_ctx *ctx, struct tl_sift *sift, int out)
{
    return run(ctx, sift, false, out);
}
