/* The base map that the server was given: what it is, and its tiles. */
#include "serve/api.h"
#include "tilth/basemap.h"

tl_err tl_api_basemap(struct tl_call *call)
{
    json_t *reply = json_pack("{s:s, s:b}", "schema", "tilth.basemap/1", "present",
                              call->serve->basemap != NULL);
    json_t *facts = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    if (call->serve->basemap != NULL) {
        TL_TRY(tl_basemap_json(call->ctx, call->serve->basemap, &text));
        facts = json_loads(text, 0, NULL);
    } else {
        facts = json_pack("{s:s, s:n, s:i, s:i, s:n, s:s, s:[]}", "name", "", "format", "minzoom",
                          0, "maxzoom", 0, "bounds", "attribution", "", "layers");
    }
    if (reply != NULL && facts != NULL)
        json_object_update(reply, facts);
    TL_TRY(tl_call_json(call, 200, reply));
    reply = NULL;
done:
    if (err != TL_OK)
        json_decref(reply);
    json_decref(facts);
    tl_free(text);
    return err;
}

/* The type of a tile is that of its bytes (room tile looks at them), and browsers are told not to guess (nosniff). */
tl_err tl_api_tile_basemap(struct tl_call *call)
{
    struct tl_basemap_tile tile = {0};
    struct tl_tile_id id;
    bool same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_tile_check(call->ctx, tl_call_integer(call, "z", -1), tl_call_integer(call, "x", -1),
                         tl_call_integer(call, "y", -1), &id));
    if (call->serve->basemap == NULL)
        TL_THROW(call->ctx, TL_ENOTFOUND, "the server was started without --basemap");
    TL_TRY(tl_basemap_tile(call->ctx, call->serve->basemap, id, &tile));
    TL_TRY(tl_call_etag(call, tile.etag, &same));
    TL_TRY(tl_call_header(call, "Cache-Control", "private, no-cache"));
    if (same)
        goto done;
    if (tile.bytes == NULL) {
        tl_call_bytes(call, 204, NULL, NULL, 0);
        goto done;
    }
    if (tile.is_gzip)
        TL_TRY(tl_call_header(call, "Content-Encoding", "gzip"));
    tl_call_bytes(call, 200, tl_basemap_format_type(tile.format), tile.bytes, tile.n_bytes);
    tile.bytes = NULL;
done:
    tl_free(tile.bytes);
    return err;
}
