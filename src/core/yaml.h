/**
 * YAML (and JSON) that people write, by libfyaml: a file becomes a tree of nodes that know their line and column, so that every message
 * says where. Sizes are capped before anything is believed: bytes, depth, nodes (an alias counts as what it stands for, in
 * nodes and in bytes, so a few lines cannot become millions). A key that comes twice in one mapping is refused.
 *
 *     struct tl_yaml *yaml = NULL;
 *     static const char *const keys[] = {"title", "limit"};
 *     TL_TRY(tl_yaml_load(ctx, path, &yaml));
 *     const struct tl_yaml_node *root = tl_yaml_root(yaml), *limit = NULL;
 *     TL_TRY(tl_yaml_keys(ctx, root, 2, keys));              // unknown key "limti"; did you mean "limit"?
 *     TL_TRY(tl_yaml_need(ctx, root, "limit", &limit));
 *     TL_TRY(tl_yaml_as_share(ctx, limit, &share));          // 0.05 or 5 %
 *     TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, "title"), &title));   // absent: title as it was
 */
#ifndef TL_CORE_YAML_H
#define TL_CORE_YAML_H

#include "core/core.h"

enum {
    TL_YAML_BYTES_MAX = 1 << 20,
    TL_YAML_DEPTH_MAX = 16,
    TL_YAML_NODES_MAX = 20000,
    TL_YAML_NAME_BYTES = 256
};

enum tl_yaml_kind { TL_YAML_TEXT, TL_YAML_MAP, TL_YAML_LIST };

struct tl_yaml;

struct tl_yaml_node {
    const struct tl_yaml *of; /* borrows: the file, for messages */
    enum tl_yaml_kind kind;
    int line, column; /* from 1: of its key where it has one */
    const char *key;  /* owns: NULL in a list and at the root */
    const char *text; /* owns: of a text, "" when nothing stands there (is_empty); else NULL */
    bool is_empty;    /* nothing, "~" or "null", not in quotes */
    int64_t n;        /* entries of a mapping or a list, in the file's order */
    struct tl_yaml_node *nodes; /* owns */
};

/** A unit that a quantity may be written in; a list ends with a NULL name. */
struct tl_yaml_unit {
    const char *name;
    double factor; /* to the unit that is wanted */
};

/** Reads a file. Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA (syntax, caps, duplicate keys: line and column), TL_ENOMEM. */
TL_MUST_USE tl_err tl_yaml_load(struct tl_ctx *ctx, const char *path, struct tl_yaml **yaml);

/** Same from memory; `name` stands for the file in messages. */
TL_MUST_USE tl_err tl_yaml_parse(struct tl_ctx *ctx, const char *name, const char *text,
                                 int64_t n_bytes, struct tl_yaml **yaml);
void tl_yaml_free(struct tl_yaml *yaml);
const struct tl_yaml_node *tl_yaml_root(const struct tl_yaml *yaml);

/** TL_EDATA with "file: line L, column C: message". */
tl_err tl_yaml_fail(struct tl_ctx *ctx, const struct tl_yaml_node *node, const char *format, ...)
    TL_PRINTF(3, 4);

/** Puts "file: line L, column C" before the message that is in the context; returns `err`. */
tl_err tl_yaml_fail_at(struct tl_ctx *ctx, tl_err err, const struct tl_yaml_node *node);

/** Entry of a mapping, NULL when it is not there or `map` is NULL or no mapping. */
const struct tl_yaml_node *tl_yaml_get(const struct tl_yaml_node *map, const char *key);

/** Same, but it must be there and hold something. */
TL_MUST_USE tl_err tl_yaml_need(struct tl_ctx *ctx, const struct tl_yaml_node *map, const char *key,
                                const struct tl_yaml_node **node);

/** It is of this kind ("expected a list", "expected keys"). NULL is fine. */
TL_MUST_USE tl_err tl_yaml_is(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                              enum tl_yaml_kind kind);

/** It is a mapping, and of these keys only; another is named with the nearest known one. */
TL_MUST_USE tl_err tl_yaml_keys(struct tl_ctx *ctx, const struct tl_yaml_node *map, int n,
                                const char *const *keys);

/*
 * Values. With a NULL node (absent) the output stays as it was. Errors: TL_EDATA with the place, the key, the offending value and what was
 * expected.
 */

/** Text that is not empty. borrows: lives as long as the file's tree. */
TL_MUST_USE tl_err tl_yaml_as_text(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                                   const char **text);
/** A finite number within [min, max]. */
TL_MUST_USE tl_err tl_yaml_as_number(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                                     double min, double max, double *number);
TL_MUST_USE tl_err tl_yaml_as_integer(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                                      int64_t min, int64_t max, int64_t *integer);
/** A share of one: 0.95 or "95 %". */
TL_MUST_USE tl_err tl_yaml_as_share(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                                    double *share);
/** A number with its unit ("25 m2/day"), which may not be left out; min and max in the wanted unit. */
TL_MUST_USE tl_err tl_yaml_as_quantity(struct tl_ctx *ctx, const struct tl_yaml_node *node,
                                       const struct tl_yaml_unit *units, double min, double max,
                                       double *quantity);
/** true, false, yes or no. */
TL_MUST_USE tl_err tl_yaml_as_yesno(struct tl_ctx *ctx, const struct tl_yaml_node *node, bool *yes);
/** One of n names; an unknown one is answered with the nearest. */
TL_MUST_USE tl_err tl_yaml_as_choice(struct tl_ctx *ctx, const struct tl_yaml_node *node, int n,
                                     const char *const *names, int *choice);

#endif
