#include "evidence/mapfile.h"

#include <libfyaml.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 20 };

static const char *const text_keys[TL_MAPFILE_TEXTS] = {"as",       "where",  "layer",
                                                        "encoding", "source", "crs"};

void tl_mapfile_fini(struct tl_mapfile *mapfile)
{
    for (int i = 0; i < TL_MAPFILE_TEXTS; i++)
        tl_free(mapfile->texts[i]);
    memset(mapfile, 0, sizeof *mapfile);
}

static void place(struct fy_node *node, int *line, int *column)
{
    struct fy_token *token =
        node != NULL && fy_node_is_scalar(node) ? fy_node_get_scalar_token(node) : NULL;
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    *line = mark != NULL ? mark->line + 1 : 1;
    *column = mark != NULL ? mark->column + 1 : 1;
}

/* Fails at the place of a node, with the message that is in the context already or a new one. */
#define FAIL_AT_NODE(ctx, path, node, ...)                                                         \
    do {                                                                                           \
        int line_ = 1, column_ = 1;                                                                \
        place((node), &line_, &column_);                                                           \
        (void)tl_fail((ctx), TL_EDATA, __VA_ARGS__);                                               \
        err = tl_fail_at((ctx), TL_EDATA, "%s: line %d, column %d", (path), line_, column_);       \
        goto done;                                                                                 \
    } while (0)

static tl_err read_map(struct tl_ctx *ctx, const char *path, struct fy_node *map,
                       struct fy_node *at, struct tl_mapping *mapping)
{
    tl_err err = TL_OK;
    void *iterator = NULL;
    struct fy_node_pair *pair = NULL;
    if (map == NULL || !fy_node_is_mapping(map))
        FAIL_AT_NODE(ctx, path, at, "\"map\" is not a list of \"field: column\" pairs");
    while ((pair = fy_node_mapping_iterate(map, &iterator)) != NULL) {
        struct fy_node *key = fy_node_pair_key(pair), *value = fy_node_pair_value(pair);
        const char *field = key != NULL ? fy_node_get_scalar0(key) : NULL;
        const char *column = value != NULL ? fy_node_get_scalar0(value) : NULL;
        if (field == NULL)
            FAIL_AT_NODE(ctx, path, key, "expected the name of a field");
        if (column == NULL && value != NULL && !fy_node_is_scalar(value))
            FAIL_AT_NODE(ctx, path, key, "%s: expected the name of a column or \"=text\"", field);
        err = tl_mapping_set(ctx, mapping, field, column != NULL ? column : "", TL_ORIGIN_FILE);
        if (err == TL_EUSAGE)
            FAIL_AT_NODE(ctx, path, key, "%s", tl_ctx_message(ctx));
        TL_TRY(err);
    }
done:
    return err;
}

static tl_err read_text(struct tl_ctx *ctx, const char *path, const char *name, struct fy_node *key,
                        struct fy_node *value, struct tl_mapfile *out)
{
    tl_err err = TL_OK;
    int i = 0;
    while (i < TL_MAPFILE_TEXTS && strcmp(text_keys[i], name) != 0)
        i++;
    if (i == TL_MAPFILE_TEXTS)
        FAIL_AT_NODE(
            ctx, path, key,
            "\"%s\" is not known here: expected map, as, where, layer, encoding, source or crs",
            name);
    const char *text = value != NULL ? fy_node_get_scalar0(value) : NULL;
    if (text == NULL)
        FAIL_AT_NODE(ctx, path, key, "%s: expected text", name);
    out->texts[i] = tl_strdup(ctx, text);
    if (out->texts[i] == NULL)
        err = TL_ENOMEM;
done:
    return err;
}

static tl_err read_root(struct tl_ctx *ctx, const char *path, struct fy_node *root,
                        struct tl_mapping *mapping, struct tl_mapfile *out)
{
    tl_err err = TL_OK;
    void *iterator = NULL;
    struct fy_node_pair *pair = NULL;
    if (root == NULL || !fy_node_is_mapping(root))
        FAIL_AT_NODE(ctx, path, root, "expected keys such as \"map:\"");
    while ((pair = fy_node_mapping_iterate(root, &iterator)) != NULL) {
        struct fy_node *key = fy_node_pair_key(pair), *value = fy_node_pair_value(pair);
        const char *name = key != NULL ? fy_node_get_scalar0(key) : NULL;
        if (name == NULL)
            FAIL_AT_NODE(ctx, path, key, "expected a key such as \"map\"");
        if (strcmp(name, "map") == 0)
            TL_TRY(read_map(ctx, path, value, key, mapping));
        else
            TL_TRY(read_text(ctx, path, name, key, value, out));
    }
done:
    return err;
}

/* The file's bytes, so that its size is limited before any parser sees it. */
static tl_err load(struct tl_ctx *ctx, const char *path, char **text, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                       errno == ENOENT ? "there is no such file" : strerror(errno));
    char *bytes = tl_alloc(ctx, FILE_MAX_BYTES + 1, 1);
    *n = bytes == NULL ? 0 : fread(bytes, 1, FILE_MAX_BYTES + 1, file);
    bool bad = ferror(file) != 0;
    fclose(file);
    if (bytes == NULL)
        return TL_ENOMEM;
    if (bad || *n > FILE_MAX_BYTES) {
        tl_free(bytes);
        return bad ? tl_fail(ctx, TL_EIO, "%s: could not be read", path)
                   : tl_fail(ctx, TL_EDATA, "%s: a mapping file has at most 1 MiB", path);
    }
    *text = bytes;
    return TL_OK;
}

static tl_err syntax_error(struct tl_ctx *ctx, const char *path, struct fy_diag *diag)
{
    void *iterator = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(diag, &iterator);
    if (first == NULL)
        return tl_fail(ctx, TL_EDATA, "%s: not YAML or JSON, or empty", path);
    return tl_fail(ctx, TL_EDATA, "%s: line %d, column %d: %s", path, first->line, first->column,
                   first->msg);
}

tl_err tl_mapfile_read(struct tl_ctx *ctx, const char *path, struct tl_mapping *mapping,
                       struct tl_mapfile *mapfile)
{
    tl_err err = TL_OK;
    char *text = NULL;
    size_t n = 0;
    struct tl_mapfile out = {{NULL}};
    struct fy_document *document = NULL;
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.level = FYET_MAX; /* nothing is printed: errors are collected */
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (diag == NULL)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to read it", path);
    fy_diag_set_collect_errors(diag, true);
    TL_TRY(load(ctx, path, &text, &n));
    struct fy_parse_cfg cfg = {.search_path = "", .flags = FYPCF_QUIET, .diag = diag};
    document = fy_document_build_from_string(&cfg, text, n);
    if (document == NULL)
        TL_TRY(syntax_error(ctx, path, diag));
    TL_TRY(read_root(ctx, path, fy_document_root(document), mapping, &out));
    *mapfile = out;
    memset(&out, 0, sizeof out);
done:
    tl_mapfile_fini(&out);
    if (document != NULL)
        fy_document_destroy(document);
    if (diag != NULL)
        fy_diag_destroy(diag);
    tl_free(text);
    return err;
}
