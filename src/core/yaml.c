/*
 * libfyaml builds its document; it is copied into nodes of our own, and the caps are kept on the way: an alias is followed where it
 * stands, so that depth and number of nodes limit loops and blow-ups alike. libfyaml itself refuses more than 64 levels.
 */
#include "core/yaml.h"

#include <libfyaml.h>

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/text.h"

struct tl_yaml {
    char name[TL_YAML_NAME_BYTES];
    int64_t n_nodes, n_bytes; /* copied so far: an alias copies what it stands for */
    struct tl_yaml_node root;
};

static void free_node(struct tl_yaml_node *node)
{
    for (int64_t i = 0; i < node->n; i++)
        free_node(&node->nodes[i]);
    tl_free(node->nodes);
    tl_free((char *)(uintptr_t)node->key);
    tl_free((char *)(uintptr_t)node->text);
}

void tl_yaml_free(struct tl_yaml *yaml)
{
    if (yaml == NULL)
        return;
    free_node(&yaml->root);
    tl_free(yaml);
}

const struct tl_yaml_node *tl_yaml_root(const struct tl_yaml *yaml)
{
    return &yaml->root;
}

tl_err tl_yaml_fail_at(struct tl_ctx *ctx, tl_err err, const struct tl_yaml_node *node)
{
    return tl_fail_at(ctx, err, "%s: line %d, column %d", node->of->name, node->line, node->column);
}

tl_err tl_yaml_fail(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char *format, ...)
{
    char message[768];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    (void)tl_fail(ctx, TL_EDATA, "%s", message);
    return tl_yaml_fail_at(ctx, TL_EDATA, node);
}

/* Copying libfyaml's document. */

static void place(struct fy_node *from, struct tl_yaml_node *to)
{
    struct fy_token *token =
        fy_node_is_scalar(from) ? fy_node_get_scalar_token(from) : (struct fy_token *)NULL;
    const struct fy_mark *mark = token != NULL ? fy_token_start_mark(token) : NULL;
    if (mark != NULL) {
        to->line = mark->line + 1;
        to->column = mark->column + 1;
    }
}

static tl_err copy_text(struct tl_ctx *ctx, struct tl_yaml *yaml, struct fy_node *from,
                        struct tl_yaml_node *to, const char **out)
{
    size_t n = 0;
    const char *text = from != NULL ? fy_node_get_scalar(from, &n) : NULL;
    if (text != NULL && memchr(text, '\0', n) != NULL)
        return tl_yaml_fail(ctx, to, "a text with a zero character in it");
    yaml->n_bytes += (int64_t)n;
    if (yaml->n_bytes > TL_YAML_BYTES_MAX)
        return tl_yaml_fail(ctx, to,
                            "more than %d bytes of text, aliases counted as what they stand for",
                            TL_YAML_BYTES_MAX);
    char *copy = tl_alloc(ctx, (int64_t)n + 1, 1);
    if (copy == NULL)
        return TL_ENOMEM;
    if (n > 0)
        memcpy(copy, text, n);
    *out = copy;
    return TL_OK;
}

static bool is_nothing(struct fy_node *from, const char *text)
{
    enum fy_node_style style = from != NULL ? fy_node_get_style(from) : FYNS_PLAIN;
    if (style == FYNS_SINGLE_QUOTED || style == FYNS_DOUBLE_QUOTED)
        return false;
    return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static tl_err copy_node(struct tl_ctx *ctx, struct tl_yaml *yaml, struct fy_node *from, int depth,
                        struct tl_yaml_node *to);

static int by_key(const void *a, const void *b)
{
    const struct tl_yaml_node *x = *(const struct tl_yaml_node *const *)a;
    const struct tl_yaml_node *y = *(const struct tl_yaml_node *const *)b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : (x > y) - (x < y);
}

/* libfyaml looks for duplicates too, but compares each key with each: minutes for a megabyte of keys. */
static tl_err no_duplicates(struct tl_ctx *ctx, const struct tl_yaml_node *map)
{
    const struct tl_yaml_node **sorted = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, sorted, map->n);
    for (int64_t i = 0; i < map->n; i++)
        sorted[i] = &map->nodes[i];
    qsort(sorted, (size_t)map->n, sizeof *sorted, by_key);
    for (int64_t i = 1; i < map->n && err == TL_OK; i++)
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
            err = tl_yaml_fail(ctx, sorted[i], "duplicate key \"%.60s\"", sorted[i]->key);
done:
    tl_free(sorted);
    return err;
}

static tl_err copy_map(struct tl_ctx *ctx, struct tl_yaml *yaml, struct fy_node *from, int depth,
                       struct tl_yaml_node *to)
{
    tl_err err = TL_OK;
    void *iterator = NULL;
    struct fy_node_pair *pair = NULL;
    while ((pair = fy_node_mapping_iterate(from, &iterator)) != NULL) {
        struct fy_node *key = fy_node_pair_key(pair);
        struct tl_yaml_node *entry = &to->nodes[to->n];
        *entry = (struct tl_yaml_node){.of = yaml, .line = to->line, .column = to->column};
        if (key != NULL)
            place(key, entry);
        if (key == NULL || !fy_node_is_scalar(key) || fy_node_is_alias(key))
            return tl_yaml_fail(ctx, entry, "expected the name of a key");
        to->n++;
        TL_TRY(copy_text(ctx, yaml, key, entry, &entry->key));
        TL_TRY(copy_node(ctx, yaml, fy_node_pair_value(pair), depth + 1, entry));
    }
    TL_TRY(no_duplicates(ctx, to));
done:
    return err;
}

static tl_err copy_list(struct tl_ctx *ctx, struct tl_yaml *yaml, struct fy_node *from, int depth,
                        struct tl_yaml_node *to)
{
    tl_err err = TL_OK;
    void *iterator = NULL;
    struct fy_node *item = NULL;
    while ((item = fy_node_sequence_iterate(from, &iterator)) != NULL) {
        struct tl_yaml_node *entry = &to->nodes[to->n++];
        *entry = (struct tl_yaml_node){.of = yaml, .line = to->line, .column = to->column};
        place(item, entry);
        TL_TRY(copy_node(ctx, yaml, item, depth + 1, entry));
    }
done:
    return err;
}

/* `to` has its place (of the key or of the entry before); a mapping or list in a list takes that of its first entry. */
static tl_err copy_node(struct tl_ctx *ctx, struct tl_yaml *yaml, struct fy_node *from, int depth,
                        struct tl_yaml_node *to)
{
    tl_err err = TL_OK;
    if (depth > TL_YAML_DEPTH_MAX)
        return tl_yaml_fail(ctx, to, "nested more than %d deep", TL_YAML_DEPTH_MAX);
    if (++yaml->n_nodes > TL_YAML_NODES_MAX)
        return tl_yaml_fail(ctx, to, "more than %d entries", TL_YAML_NODES_MAX);
    if (from != NULL && fy_node_is_alias(from)) {
        from = fy_node_resolve_alias(from);
        if (from == NULL)
            return tl_yaml_fail(ctx, to, "an alias to what is not there");
        return copy_node(ctx, yaml, from, depth + 1, to);
    }
    bool is_map = from != NULL && fy_node_is_mapping(from);
    int n = from == NULL || fy_node_is_scalar(from) ? -1
            : is_map                                ? fy_node_mapping_item_count(from)
                                                    : fy_node_sequence_item_count(from);
    if (n < 0) {
        TL_TRY(copy_text(ctx, yaml, from, to, &to->text));
        to->is_empty = is_nothing(from, to->text);
        return TL_OK;
    }
    to->kind = is_map ? TL_YAML_MAP : TL_YAML_LIST;
    if (n > TL_YAML_NODES_MAX)
        return tl_yaml_fail(ctx, to, "more than %d entries", TL_YAML_NODES_MAX);
    TL_TRY_ALLOC(ctx, to->nodes, n);
    TL_TRY(is_map ? copy_map(ctx, yaml, from, depth, to) : copy_list(ctx, yaml, from, depth, to));
    if (to->key == NULL && to->n > 0) {
        to->line = to->nodes[0].line;
        to->column = to->nodes[0].column;
    }
done:
    return err;
}

static tl_err syntax_error(struct tl_ctx *ctx, const char *name, struct fy_diag *diag)
{
    void *iterator = NULL;
    struct fy_diag_error *first = fy_diag_errors_iterate(diag, &iterator);
    if (first == NULL)
        return tl_fail(ctx, TL_EDATA, "%s: not YAML or JSON, or empty", name);
    return tl_fail(ctx, TL_EDATA, "%s: line %d, column %d: %s", name, first->line, first->column,
                   first->msg);
}

tl_err tl_yaml_parse(struct tl_ctx *ctx, const char *name, const char *text, int64_t n_bytes,
                     struct tl_yaml **yaml)
{
    tl_err err = TL_OK;
    struct tl_yaml *made = NULL;
    struct fy_parser *parser = NULL;
    struct fy_document *document = NULL, *second = NULL;
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.level = FYET_MAX; /* nothing is printed: errors are collected */
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (diag == NULL)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to read it", name);
    fy_diag_set_collect_errors(diag, true);
    if (n_bytes > TL_YAML_BYTES_MAX)
        TL_THROW(ctx, TL_EDATA, "%s: larger than 1 MiB, which is the most of such a file", name);
    if (!tl_text_is_utf8(text, n_bytes)) /* a directive of other bytes keeps libfyaml for ever */
        TL_THROW(ctx, TL_EDATA, "%s: is not in UTF-8", name);
    TL_TRY_ALLOC(ctx, made, 1);
    snprintf(made->name, sizeof made->name, "%s", name);
    made->root = (struct tl_yaml_node){.of = made, .line = 1, .column = 1};
    struct fy_parse_cfg cfg = {
        .search_path = "", .flags = FYPCF_QUIET | FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
    parser = fy_parser_create(&cfg);
    if (parser == NULL || fy_parser_set_string(parser, text, (size_t)n_bytes) != 0)
        TL_THROW(ctx, TL_ENOMEM, "%s: no memory to read it", name);
    document = fy_parse_load_document(parser);
    if (document == NULL || fy_document_root(document) == NULL)
        TL_TRY(syntax_error(ctx, name, diag));
    second = fy_parse_load_document(parser);
    if (second != NULL)
        TL_THROW(ctx, TL_EDATA, "%s: holds more than one document (\"---\"), expected one", name);
    if (fy_diag_got_error(diag))
        TL_TRY(syntax_error(ctx, name, diag));
    TL_TRY(copy_node(ctx, made, fy_document_root(document), 0, &made->root));
    *yaml = made;
    made = NULL;
done:
    tl_yaml_free(made);
    if (second != NULL)
        fy_parse_document_destroy(parser, second);
    if (document != NULL)
        fy_parse_document_destroy(parser, document);
    if (parser != NULL)
        fy_parser_destroy(parser);
    if (diag != NULL)
        fy_diag_destroy(diag);
    return err;
}

tl_err tl_yaml_load(struct tl_ctx *ctx, const char *path, struct tl_yaml **yaml)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                       errno == ENOENT ? "there is no such file" : strerror(errno));
    char *bytes = tl_alloc(ctx, TL_YAML_BYTES_MAX + 1, 1);
    size_t n = bytes == NULL ? 0 : fread(bytes, 1, TL_YAML_BYTES_MAX + 1, file);
    bool bad = ferror(file) != 0;
    fclose(file);
    tl_err err = bytes == NULL ? TL_ENOMEM
                 : bad         ? tl_fail(ctx, TL_EIO, "%s: could not be read", path)
                               : tl_yaml_parse(ctx, path, bytes, (int64_t)n, yaml);
    tl_free(bytes);
    return err;
}

/* Walking. */

const struct tl_yaml_node *tl_yaml_get(const struct tl_yaml_node *map, const char *key)
{
    for (int64_t i = 0; map != NULL && map->kind == TL_YAML_MAP && i < map->n; i++)
        if (strcmp(map->nodes[i].key, key) == 0)
            return &map->nodes[i];
    return NULL;
}

/* "key: " before what is said of a value. */
static const char *label(const struct tl_yaml_node *node)
{
    return node->key != NULL ? node->key : "entry";
}

tl_err tl_yaml_is(struct tl_ctx *ctx, const struct tl_yaml_node *node, enum tl_yaml_kind kind)
{
    static const char *const expected[] = {"one value", "keys with values (\"key: value\")",
                                           "a list (\"- one\")"};
    if (node == NULL || node->kind == kind)
        return TL_OK;
    return tl_yaml_fail(ctx, node, "%s: expected %s", label(node), expected[kind]);
}

tl_err tl_yaml_need(struct tl_ctx *ctx, const struct tl_yaml_node *map, const char *key,
                    const struct tl_yaml_node **node)
{
    const struct tl_yaml_node *found = tl_yaml_get(map, key);
    if (found == NULL)
        return tl_yaml_fail(ctx, map, "\"%s\" is missing", key);
    if (found->kind == TL_YAML_TEXT && found->is_empty)
        return tl_yaml_fail(ctx, found, "%s: nothing stands there", key);
    *node = found;
    return TL_OK;
}

static tl_err list_names(struct tl_ctx *ctx, int n, const char *const *names, struct tl_buf *list)
{
    tl_err err = TL_OK;
    for (int i = 0; i < n && err == TL_OK; i++)
        err = tl_buf_printf(ctx, list, "%s%s", i > 0 ? ", " : "", names[i]);
    return err;
}

/* What is unknown, the nearest known one, and all of them. */
static tl_err unknown(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char *what,
                      const char *word, int n, const char *const *names)
{
    struct tl_buf list = {0};
    const char *near = tl_text_nearest(word, n, names);
    tl_err err = list_names(ctx, n, names, &list);
    if (err == TL_OK)
        err = tl_yaml_fail(ctx, node, "%s \"%.60s\"%s%s%s; expected %s%s", what, word,
                           near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                           near != NULL ? "\"?" : "", n > 1 ? "one of " : "", list.text);
    tl_buf_fini(&list);
    return err;
}

tl_err tl_yaml_keys(struct tl_ctx *ctx, const struct tl_yaml_node *map, int n,
                    const char *const *keys)
{
    tl_err err = tl_yaml_is(ctx, map, TL_YAML_MAP);
    for (int64_t i = 0; err == TL_OK && map != NULL && i < map->n; i++) {
        int k = 0;
        while (k < n && strcmp(keys[k], map->nodes[i].key) != 0)
            k++;
        if (k == n)
            err = unknown(ctx, &map->nodes[i], "unknown key", map->nodes[i].key, n, keys);
    }
    return err;
}

/* Values. */

tl_err tl_yaml_as_text(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char **text)
{
    if (node == NULL)
        return TL_OK;
    if (node->kind != TL_YAML_TEXT || node->is_empty || node->text[0] == '\0')
        return tl_yaml_fail(ctx, node, "%s: expected text", label(node));
    *text = node->text;
    return TL_OK;
}

/* Reads a plain decimal number at the start of a text (no hex, no words as strtod would take). */
static bool take_number(const char *text, double *number, const char **rest)
{
    size_t n = strspn(text, "+-.0123456789");
    if (n == 0)
        return false;
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value) || memchr(text, 'x', (size_t)(end - text)) != NULL ||
        memchr(text, 'X', (size_t)(end - text)) != NULL)
        return false;
    *number = value;
    *rest = end + strspn(end, " \t");
    return true;
}

static tl_err in_range(struct tl_ctx *ctx, const struct tl_yaml_node *node, double value,
                       double min, double max)
{
    if (value >= min && value <= max)
        return TL_OK;
    if (isinf(max))
        return tl_yaml_fail(ctx, node, "%s: %.60s is out of range, expected at least %g",
                            label(node), node->text, min);
    return tl_yaml_fail(ctx, node, "%s: %.60s is out of range, expected %g to %g", label(node),
                        node->text, min, max);
}

tl_err tl_yaml_as_number(struct tl_ctx *ctx, const struct tl_yaml_node *node, double min,
                         double max, double *number)
{
    tl_err err = TL_OK;
    const char *text = NULL, *rest = NULL;
    double value = 0.0;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_as_text(ctx, node, &text));
    if (!take_number(text, &value, &rest) || *rest != '\0')
        return tl_yaml_fail(ctx, node, "%s: \"%.60s\" is not a number", label(node), text);
    TL_TRY(in_range(ctx, node, value, min, max));
    *number = value;
done:
    return err;
}

tl_err tl_yaml_as_integer(struct tl_ctx *ctx, const struct tl_yaml_node *node, int64_t min,
                          int64_t max, int64_t *integer)
{
    double value = 0.0;
    if (node == NULL)
        return TL_OK;
    tl_err err = tl_yaml_as_number(ctx, node, (double)min, (double)max, &value);
    if (err != TL_OK)
        return err;
    if (floor(value) != value || fabs(value) >= 0x1p63)
        return tl_yaml_fail(ctx, node, "%s: %.60s is not a whole number", label(node), node->text);
    *integer = (int64_t)value;
    return TL_OK;
}

tl_err tl_yaml_as_share(struct tl_ctx *ctx, const struct tl_yaml_node *node, double *share)
{
    tl_err err = TL_OK;
    const char *text = NULL, *rest = NULL;
    double value = 0.0;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_as_text(ctx, node, &text));
    if (!take_number(text, &value, &rest) || (*rest != '\0' && strcmp(rest, "%") != 0))
        return tl_yaml_fail(ctx, node, "%s: \"%.60s\" is not a share, expected 0 to 1 or \"95 %%\"",
                            label(node), text);
    value = *rest == '%' ? value / 100.0 : value;
    if (!(value >= 0.0 && value <= 1.0))
        return tl_yaml_fail(ctx, node,
                            "%s: %.60s is out of range, expected 0 to 1 (or 0 to 100 %%)",
                            label(node), text);
    *share = value;
done:
    return err;
}

tl_err tl_yaml_as_quantity(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                           const struct tl_yaml_unit *units, double min, double max,
                           double *quantity)
{
    tl_err err = TL_OK;
    struct tl_buf names = {0};
    const char *text = NULL, *rest = NULL;
    double value = 0.0;
    int k = 0;
    if (node == NULL)
        return TL_OK;
    TL_TRY(tl_yaml_as_text(ctx, node, &text));
    bool is_number = take_number(text, &value, &rest);
    for (int i = 0; units[i].name != NULL; i++)
        TL_TRY(tl_buf_printf(ctx, &names, "%s%s", i > 0 ? " or " : "", units[i].name));
    while (is_number && units[k].name != NULL && strcmp(units[k].name, rest) != 0)
        k++;
    if (!is_number || units[k].name == NULL) {
        err = tl_yaml_fail(ctx, node,
                           "%s: \"%.60s\" %s; expected a number with its unit (%s), such as \"25 "
                           "%s\"",
                           label(node), text,
                           !is_number      ? "is not a number"
                           : *rest == '\0' ? "has no unit"
                                           : "has an unknown unit",
                           names.text, units[0].name);
        goto done;
    }
    TL_TRY(in_range(ctx, node, value * units[k].factor, min, max));
    *quantity = value * units[k].factor;
done:
    tl_buf_fini(&names);
    return err;
}

tl_err tl_yaml_as_yesno(struct tl_ctx *ctx, const struct tl_yaml_node *node, bool *yes)
{
    static const char *const names[] = {"yes", "no", "true", "false"};
    int choice = 0;
    if (node == NULL)
        return TL_OK;
    tl_err err = tl_yaml_as_choice(ctx, node, 4, names, &choice);
    if (err == TL_OK)
        *yes = choice % 2 == 0;
    return err;
}

tl_err tl_yaml_as_choice(struct tl_ctx *ctx, const struct tl_yaml_node *node, int n,
                         const char *const *names, int *choice)
{
    const char *text = NULL;
    char what[128];
    if (node == NULL)
        return TL_OK;
    tl_err err = tl_yaml_as_text(ctx, node, &text);
    if (err != TL_OK)
        return err;
    for (int i = 0; i < n; i++)
        if (strcasecmp(names[i], text) == 0) {
            *choice = i;
            return TL_OK;
        }
    snprintf(what, sizeof what, "%.100s: unknown", label(node));
    return unknown(ctx, node, what, text, n, names);
}
