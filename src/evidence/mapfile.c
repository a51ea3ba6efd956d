#include "evidence/mapfile.h"

#include <string.h>

#include "core/yaml.h"

static const char *const keys[TL_MAPFILE_TEXTS + 1] = {"as",     "where", "layer", "encoding",
                                                       "source", "crs",   "map"};

void tl_mapfile_fini(struct tl_mapfile *mapfile)
{
    for (int i = 0; i < TL_MAPFILE_TEXTS; i++)
        tl_free(mapfile->texts[i]);
    memset(mapfile, 0, sizeof *mapfile);
}

static tl_err read_map(struct tl_ctx *ctx, const struct tl_yaml_node *map,
                       struct tl_mapping *mapping)
{
    tl_err err = TL_OK;
    if (map == NULL)
        return TL_OK;
    if (map->kind != TL_YAML_MAP)
        return tl_yaml_fail(ctx, map, "\"map\" is not a list of \"field: column\" pairs");
    for (int64_t i = 0; i < map->n; i++) {
        const struct tl_yaml_node *node = &map->nodes[i];
        if (node->kind != TL_YAML_TEXT)
            return tl_yaml_fail(ctx, node, "%s: expected the name of a column or \"=text\"",
                                node->key);
        err = tl_mapping_set(ctx, mapping, node->key, node->text, TL_ORIGIN_FILE);
        if (err == TL_EUSAGE)
            return tl_yaml_fail_at(ctx, TL_EDATA, node);
        TL_TRY(err);
    }
done:
    return err;
}

tl_err tl_mapfile_read(struct tl_ctx *ctx, const char *path, struct tl_mapping *mapping,
                       struct tl_mapfile *mapfile)
{
    tl_err err = TL_OK;
    struct tl_mapfile out = {{NULL}};
    struct tl_yaml *yaml = NULL;
    TL_TRY(tl_yaml_load(ctx, path, &yaml));
    const struct tl_yaml_node *root = tl_yaml_root(yaml);
    TL_TRY(tl_yaml_keys(ctx, root, TL_MAPFILE_TEXTS + 1, keys));
    TL_TRY(read_map(ctx, tl_yaml_get(root, "map"), mapping));
    for (int i = 0; i < TL_MAPFILE_TEXTS; i++) {
        const char *text = NULL;
        TL_TRY(tl_yaml_as_text(ctx, tl_yaml_get(root, keys[i]), &text));
        out.texts[i] = tl_strdup(ctx, text);
        if (text != NULL && out.texts[i] == NULL)
            TL_TRY(TL_ENOMEM);
    }
    *mapfile = out;
    memset(&out, 0, sizeof out);
done:
    tl_mapfile_fini(&out);
    tl_yaml_free(yaml);
    return err;
}
