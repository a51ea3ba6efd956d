/*
 * OGC API for QGIS, GDAL and others: landing page, conformance, collections, tile sets. "OGC API - Features - Part 1: Core" 1.0.1 (17-069r4) with
 * GeoJSON, and "OGC API - Tiles - Part 1" 1.0 (20-057) with WebMercatorQuad. A collection is a kind of record, and who may see what is as for
 * the rest of the interface.
 */
#include <stdio.h>
#include <string.h>

#include "serve/ogc.h"
#include "tilth/tile.h"

enum { ADDRESS_BYTES = 640, ZOOMS = TL_TILE_ZOOM_MAX + 1 };

#define CRS84   "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#define QUAD    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
#define MERC    "http://www.opengis.net/def/crs/EPSG/0/3857"
#define SCALE_0 559082264.0287178 /* of zoom 0, by the standard's pixel of 0.28 mm */

void tl_ogc_base(const struct tl_call *call, char *base, size_t room)
{
    const struct tl_serve *serve = call->serve;
    if (serve->https && serve->name != NULL)
        snprintf(base, room, "https://%.200s", serve->name);
    else
        snprintf(base, room, "http://%.63s:%d", serve->host, serve->port);
}

void tl_ogc_link(const struct tl_call *call, json_t *links, const char *rel, const char *type,
                 const char *path)
{
    char base[ADDRESS_BYTES / 2], address[ADDRESS_BYTES];
    tl_ogc_base(call, base, sizeof base);
    snprintf(address, sizeof address, "%s%.280s", base, path);
    json_array_append_new(links,
                          json_pack("{s:s, s:s, s:s}", "href", address, "rel", rel, "type", type));
}

tl_err tl_ogc_landing(struct tl_call *call)
{
    struct tl_project *project = NULL;
    json_t *links = json_array();
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    tl_ogc_link(call, links, "self", "application/json", "/ogc");
    tl_ogc_link(call, links, "service-desc", "application/vnd.oai.openapi+json;version=3.1",
                "/api/openapi.json");
    tl_ogc_link(call, links, "conformance", "application/json", "/ogc/conformance");
    tl_ogc_link(call, links, "data", "application/json", "/ogc/collections");
    tl_ogc_link(call, links, "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
                "application/json", "/ogc/tileMatrixSets");
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    TL_TRY(
        tl_call_json(call, 200,
                     json_pack("{s:s, s:s, s:O}", "title", tl_project_title(project), "description",
                               guest ? "Hazardous areas and their status."
                                     : "The register of this project, kind by kind.",
                               "links", links)));
done:
    json_decref(links);
    return err;
}

tl_err tl_ogc_conformance(struct tl_call *call)
{
    static const char *const classes[] = {
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        json_array_append_new(list, json_string(classes[i]));
    return tl_call_json(call, 200, json_pack("{s:o}", "conformsTo", list));
}

static json_t *collection_of(const struct tl_call *call, struct tl_project *project,
                             enum tl_kind kind)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    json_t *links = json_array();
    double box[4];
    char path[160];
    tl_project_area_deg(project, box);
    snprintf(path, sizeof path, "/ogc/collections/%s", info->name);
    tl_ogc_link(call, links, "self", "application/json", path);
    snprintf(path, sizeof path, "/ogc/collections/%s/items", info->name);
    tl_ogc_link(call, links, "items", "application/geo+json", path);
    snprintf(path, sizeof path, "/ogc/collections/%s/tiles", info->name);
    tl_ogc_link(call, links, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector",
                "application/json", path);
    return json_pack("{s:s, s:s, s:s, s:{s:{s:[[f, f, f, f]], s:s}}, s:[s], s:o}", "id", info->name,
                     "title", info->title, "itemType", "feature", "extent", "spatial", "bbox",
                     box[0], box[1], box[2], box[3], "crs", CRS84, "crs", CRS84, "links", links);
}

tl_err tl_ogc_collections(struct tl_call *call)
{
    struct tl_project *project = NULL;
    json_t *links = json_array(), *list = json_array();
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    tl_ogc_link(call, links, "self", "application/json", "/ogc/collections");
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (!guest || k == TL_KIND_HAZARD_AREA)
            json_array_append_new(list, collection_of(call, project, (enum tl_kind)k));
    TL_TRY(tl_call_json(call, 200, json_pack("{s:O, s:O}", "links", links, "collections", list)));
done:
    json_decref(links);
    json_decref(list);
    return err;
}

tl_err tl_ogc_collection(struct tl_call *call)
{
    struct tl_project *project = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_call_json(call, 200, collection_of(call, project, kind)));
done:
    return err;
}

/* A tile set; with the template of its tiles. */
static json_t *tileset_of(const struct tl_call *call, enum tl_kind kind, bool whole)
{
    const char *name = tl_kind_info(kind)->name;
    json_t *links = json_array();
    char path[200];
    snprintf(path, sizeof path, "/ogc/collections/%s/tiles/WebMercatorQuad", name);
    tl_ogc_link(call, links, "self", "application/json", path);
    tl_ogc_link(call, links, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                "application/json", "/ogc/tileMatrixSets/WebMercatorQuad");
    if (whole) {
        snprintf(path, sizeof path,
                 "/ogc/collections/%s/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}",
                 name);
        tl_ogc_link(call, links, "item", "application/vnd.mapbox-vector-tile", path);
        json_object_set_new(json_array_get(links, 2), "templated", json_true());
    }
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "title", tl_kind_info(kind)->title, "dataType",
                     "vector", "crs", MERC, "tileMatrixSetURI", QUAD, "links", links);
}

tl_err tl_ogc_tilesets(struct tl_call *call)
{
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(
        tl_call_json(call, 200, json_pack("{s:[o]}", "tilesets", tileset_of(call, kind, false))));
done:
    return err;
}

tl_err tl_ogc_tileset(struct tl_call *call)
{
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_call_json(call, 200, tileset_of(call, kind, true)));
done:
    return err;
}

tl_err tl_ogc_matrix_sets(struct tl_call *call)
{
    json_t *links = json_array();
    tl_ogc_link(call, links, "self", "application/json", "/ogc/tileMatrixSets/WebMercatorQuad");
    return tl_call_json(call, 200,
                        json_pack("{s:[{s:s, s:s, s:o}]}", "tileMatrixSets", "id",
                                  "WebMercatorQuad", "uri", QUAD, "links", links));
}

tl_err tl_ogc_matrix_set(struct tl_call *call)
{
    static const double half = 20037508.342789244; /* of the world [m] */
    json_t *matrices = json_array();
    for (int z = 0; z < ZOOMS; z++) {
        char id[8];
        double n = (double)((int64_t)1 << z);
        snprintf(id, sizeof id, "%d", z);
        json_array_append_new(
            matrices, json_pack("{s:s, s:f, s:f, s:[f, f], s:i, s:i, s:I, s:I}", "id", id,
                                "scaleDenominator", SCALE_0 / n, "cellSize", 2.0 * half / 256.0 / n,
                                "pointOfOrigin", -half, half, "tileWidth", 256, "tileHeight", 256,
                                "matrixWidth", (json_int_t)n, "matrixHeight", (json_int_t)n));
    }
    return tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:s, s:[s, s], s:o}", "id", "WebMercatorQuad", "uri",
                                  QUAD, "crs", MERC, "orderedAxes", "X", "Y", "tileMatrices",
                                  matrices));
}
