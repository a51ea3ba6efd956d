/* What the map is drawn from: the list of layers, raster and vector tiles, legends. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "serve/api.h"
#include "serve/record.h"
#include "tilth/facet.h"
#include "tilth/tile.h"

/* Layers as the tiles have them, with what filters offer: a guest's filters offer statuses only. */
static tl_err vector_layers(struct tl_call *call, struct tl_project *project, json_t **layers)
{
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    char *text = NULL;
    size_t i;
    json_t *layer, *list = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_tiles_layers(call->ctx, project, guest, &text));
    list = json_loads(text, 0, NULL);
    json_array_foreach(list, i, layer)
    {
        enum tl_kind kind = TL_KIND_HAZARD_AREA;
        char *facets = NULL;
        json_object_set(layer, "name", json_object_get(layer, "layer"));
        TL_TRY(tl_kind_find(call->ctx, json_string_value(json_object_get(layer, "kind")), &kind));
        TL_TRY(tl_facet_list(call->ctx, project, kind, &facets));
        json_t *read = json_loads(facets, 0, NULL);
        tl_free(facets);
        if (guest) {
            json_object_set_new(read, "from", json_null());
            json_object_set_new(read, "to", json_null());
            json_object_set_new(read, "organisations", json_array());
        }
        json_object_update(layer, read);
        json_decref(read);
    }
    *layers = json_incref(list);
done:
    tl_free(text);
    json_decref(list);
    return err;
}

tl_err tl_api_layers(struct tl_call *call)
{
    struct tl_project *project = NULL;
    json_t *layers = NULL;
    char *bands = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(vector_layers(call, project, &layers));
    if (call->person.role != TL_ACCOUNT_GUEST)
        TL_TRY(tl_tiles_bands(call->ctx, call->serve->tiles, project, &bands));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:O, s:o}", "schema", "tilth.layers/1", "vector", layers,
                                  "raster",
                                  bands != NULL ? json_loads(bands, 0, NULL) : json_array())));
done:
    json_decref(layers);
    tl_free(bands);
    return err;
}

static void release_tile(void *hold)
{
    struct tl_tile tile = {.hold = hold};
    tl_tile_release(&tile);
}

/* A tile's bytes are the cache's; the reply holds them until they are sent. */
static tl_err send_tile(struct tl_call *call, struct tl_tile *tile, const char *type)
{
    bool same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_etag(call, tile->etag, &same));
    TL_TRY(tl_call_header(call, "Cache-Control", "private, no-cache"));
    if (same)
        goto done;
    if (tile->n_bytes == 0) {
        tl_call_bytes(call, 204, NULL, NULL, 0);
        goto done;
    }
    if (tile->is_gzip)
        TL_TRY(tl_call_header(call, "Content-Encoding", "gzip"));
    tl_call_bytes(call, 200, type, (void *)(uintptr_t)tile->bytes, tile->n_bytes);
    call->reply.release = release_tile;
    call->reply.hold = tile->hold;
    tile->hold = NULL;
done:
    tl_tile_release(tile);
    return err;
}

static tl_err tile_id(struct tl_call *call, struct tl_tile_id *id)
{
    return tl_tile_check(call->ctx, tl_call_integer(call, "z", -1), tl_call_integer(call, "x", -1),
                         tl_call_integer(call, "y", -1), id);
}

static tl_err read_style(struct tl_call *call, struct tl_tile_style *style)
{
    const char *scale = tl_call_text(call, "scale"), *classes = tl_call_text(call, "classes");
    tl_err err = TL_OK;
    *style = (struct tl_tile_style){.min = tl_call_number(call, "min", (double)NAN),
                                    .max = tl_call_number(call, "max", (double)NAN)};
    if (scale != NULL)
        TL_TRY(tl_tile_scale_find(call->ctx, scale, &style->scale));
    if (classes != NULL)
        TL_TRY(tl_tile_classes_find(call->ctx, classes, &style->classes));
done:
    return err;
}

tl_err tl_api_tile_raster(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_tile_raster raster = {.band = tl_call_text(call, "band")};
    struct tl_tile_style style;
    struct tl_tile_id id;
    struct tl_tile tile = {0};
    tl_err err = TL_OK;
    TL_TRY(tile_id(call, &id));
    TL_TRY(read_style(call, &style));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_tiles_raster(call->ctx, call->serve->tiles, project, &raster, &style, id, &tile));
    TL_TRY(send_tile(call, &tile, "image/png"));
done:
    return err;
}

tl_err tl_api_legend(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_tile_raster raster = {.band = tl_call_text(call, "band")};
    struct tl_tile_style style;
    char *json = NULL;
    tl_err err = TL_OK;
    TL_TRY(read_style(call, &style));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_tiles_legend(call->ctx, call->serve->tiles, project, &raster, &style, &json));
    TL_TRY(tl_call_text_json(call, 200, json));
done:
    return err;
}

tl_err tl_api_tile_vector(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_tile_layer layer = {.is_public = call->person.role == TL_ACCOUNT_GUEST};
    struct tl_tile_id id;
    struct tl_tile tile = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "layer"), &layer.kind));
    TL_TRY(tile_id(call, &id));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_tiles_vector(call->ctx, call->serve->tiles, project, &layer, id, &tile));
    TL_TRY(send_tile(call, &tile, "application/vnd.mapbox-vector-tile"));
done:
    return err;
}
