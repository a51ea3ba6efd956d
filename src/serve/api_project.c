/* The project as a whole. */
#include <string.h>

#include "core/catalogue.h"
#include "serve/api.h"

static tl_err kinds_json(struct tl_call *call, struct tl_project *project, json_t *kinds)
{
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)k);
        int64_t n = 0;
        if (guest && k != TL_KIND_HAZARD_AREA)
            continue;
        TL_TRY(tl_register_count(call->ctx, project, (enum tl_kind)k, &n));
        json_array_append_new(kinds, json_pack("{s:s, s:s, s:s, s:I}", "kind", info->name, "title",
                                               info->title, "geometry", info->geometry, "count",
                                               (json_int_t)n));
    }
done:
    return err;
}

/* The latest map's run; guests are not told of it. */
static tl_err map_json(struct tl_call *call, struct tl_project *project, json_t **map)
{
    char *info = NULL;
    tl_err err = TL_OK;
    *map = json_null();
    if (call->person.role == TL_ACCOUNT_GUEST)
        return TL_OK;
    TL_TRY(tl_project_info(call->ctx, project, &info));
    json_t *read = json_loads(info, 0, NULL);
    json_t *last = json_object_get(read, "last_map");
    if (json_is_object(last))
        *map = json_pack("{s:O, s:O}", "run", json_object_get(last, "run"), "at",
                         json_object_get(last, "at"));
    json_decref(read);
done:
    tl_free(info);
    return err;
}

/* What the program itself can speak: what it says of evidence, the dossier. */
static json_t *languages_json(void)
{
    json_t *list = json_array();
    json_array_append_new(list, json_string("en"));
    for (const struct tl_catalogue_builtin *b = tl_catalogue_builtins; b->language != NULL; b++)
        json_array_append_new(list, json_string(b->language));
    return list;
}

tl_err tl_api_project(struct tl_call *call)
{
    struct tl_project *project = NULL;
    json_t *kinds = json_array(), *map = NULL;
    double box[4];
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(kinds_json(call, project, kinds));
    TL_TRY(map_json(call, project, &map));
    tl_project_area_deg(project, box);
    struct tl_grid grid = tl_project_grid(project);
    json_t *json =
        json_pack("{s:s, s:s, s:[f,f,f,f], s:s, s:f, s:O, s:O, s:o, s:s}", "schema",
                  "tilth.project/1", "title", tl_project_title(project), "extent", box[0], box[1],
                  box[2], box[3], "crs", tl_project_crs(project), "cell_m", grid.step_m, "kinds",
                  kinds, "map", map, "languages", languages_json(), "version", TILTH_VERSION);
    TL_TRY(tl_call_json(call, 200, json));
done:
    json_decref(kinds);
    json_decref(map);
    return err;
}
