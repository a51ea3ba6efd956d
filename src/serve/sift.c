#include "serve/sift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tilth/serve.h"

static const struct tl_sandbox_limits usual = {
    .memory_bytes = (int64_t)2 << 30, .file_bytes = (int64_t)1 << 30, .cpu_s = 60, .wall_s = 120};

enum { LOOK_BYTES = 8 << 20, LAYERS_MAX = 64, COLUMNS_MAX = 4096, EXAMPLES_MAX = 5 };

/* Within: the child. */

static const char *wish(const json_t *request, const char *name)
{
    return json_string_value(json_object_get(request, name));
}

static tl_err read_file(struct tl_ctx *ctx, const json_t *request, struct tl_sandbox_walls *walls)
{
    const char *name = wish(request, "name");
    const struct tl_rows_wanted wanted = {wish(request, "layer"), wish(request, "where"),
                                          wish(request, "encoding")};
    const struct tl_sandbox_limits limits = {
        .memory_bytes = json_integer_value(json_object_get(request, "memory_bytes")),
        .file_bytes = json_integer_value(json_object_get(request, "file_bytes")),
        .cpu_s = (int)json_integer_value(json_object_get(request, "cpu_s")),
        .no_seccomp = json_is_true(json_object_get(request, "no_seccomp")),
        .no_landlock = json_is_true(json_object_get(request, "no_landlock"))};
    struct tl_rows_file *file = NULL;
    tl_err err = TL_OK;
    if (name == NULL)
        return tl_fail(ctx, TL_EBUG, "there is no name in the request");
    TL_TRY(tl_rows_begin(ctx, STDIN_FILENO, name, wanted.encoding, &file));
    TL_TRY(tl_sandbox_enter(ctx, &limits, walls));
    if (json_is_true(json_object_get(request, "looks")))
        TL_TRY(tl_rows_look(ctx, file, STDOUT_FILENO));
    else
        TL_TRY(tl_rows_write(ctx, file, &wanted, STDOUT_FILENO));
done:
    return err; /* the file stays: the process ends */
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
    json_t *request = json_pack("{s:s, s:b, s:s?, s:s?, s:s?, s:I, s:I, s:i, s:b, s:b}", "name",
                                sift->name, "looks", looks, "layer", sift->wanted.layer, "where",
                                sift->wanted.where, "encoding", sift->wanted.encoding,
                                "memory_bytes", (json_int_t)limits.memory_bytes, "file_bytes",
                                (json_int_t)limits.file_bytes, "cpu_s", limits.cpu_s, "no_seccomp",
                                limits.no_seccomp, "no_landlock", limits.no_landlock);
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

tl_err tl_sift_look(struct tl_ctx *ctx, struct tl_sift *sift, json_t **found)
{
    tl_err err = TL_OK;
    json_t *said = NULL;
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
    said = n == size ? json_loadb(text, (size_t)size, 0, NULL) : NULL;
    TL_TRY(check_found(ctx, sift, said, found));
done:
    json_decref(said);
    tl_free(text);
    close(out);
    return err;
}

tl_err tl_sift_rows(struct tl_ctx *ctx, struct tl_sift *sift, int out)
{
    return run(ctx, sift, false, out);
}
