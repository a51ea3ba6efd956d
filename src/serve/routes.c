/* The route table. Data, not code: the router, OpenAPI, docs/api.md and the role-matrix test are made from it. */
#include "serve/api.h"
#include "serve/ogc.h"
#include "tilth/attach.h"
#include "tilth/fieldwork.h"

enum {
    LOGIN_BYTES = 4096,
    ASSESS_BYTES = 16384,
    POLYGON_BYTES = 1 << 20,
    RELEASE_BYTES = 16384,
    FORECAST_BYTES = 1 << 19,
    RECORD_BYTES = 1 << 20
};

/* Who enters and changes records; who approves or returns them. */
#define WRITERS (REVIEWERS | TL_ROUTE_MAY(TL_ACCOUNT_ENTRY))
#define REVIEWERS                                                                                  \
    (TL_ROUTE_MAY(TL_ACCOUNT_VERIFIER) | TL_ROUTE_MAY(TL_ACCOUNT_APPROVER) |                       \
     TL_ROUTE_MAY(TL_ACCOUNT_ADMINISTRATOR))

#define PLACE_KIND                                                                                 \
    {                                                                                              \
        "kind", TL_ROUTE_NAME,                                                                     \
            .meaning = "kind of record: hazard-area, accident, item, search, report, line, place"  \
    }
#define PLACE_CODE                                                                                 \
    {                                                                                              \
        "code", TL_ROUTE_CODE, .meaning = "the record's code: HA-0001"                             \
    }
#define PLACE_UPLOAD                                                                               \
    {                                                                                              \
        "upload", TL_ROUTE_NAME, .meaning = "id of an upload"                                      \
    }
#define PLACE_BAND                                                                                 \
    {                                                                                              \
        "band", TL_ROUTE_NAME, .meaning = "band of the latest map, as /layers lists them"          \
    }
#define PLACES_TILE                                                                                \
    {"z", TL_ROUTE_INTEGER, 0, 22, .meaning = "zoom"},                                             \
        {"x", TL_ROUTE_INTEGER, 0, 4194303, .meaning = "column from 180 W"},                       \
    {                                                                                              \
        "y", TL_ROUTE_INTEGER, 0, 4194303, .meaning = "row from the north"                         \
    }
#define VERSION                                                                                    \
    {                                                                                              \
        "v", TL_ROUTE_TEXT, .meaning = "any; a new one is a new address for caches"                \
    }
#define STYLE                                                                                      \
    {"scale", TL_ROUTE_CHOICE, .choices = "viridis|cividis|magma|grey",                            \
     .meaning = "colours; viridis unless given"},                                                  \
        {"classes", TL_ROUTE_CHOICE, .choices = "linear|log|quantile",                             \
         .meaning = "how values become colours; linear unless given"},                             \
        {"min", TL_ROUTE_REAL, -1e300, 1e300,                                                      \
         .meaning = "lower end; the band's own unless given"},                                     \
        {"max", TL_ROUTE_REAL, -1e300, 1e300, .meaning = "upper end"}, VERSION
#define POSITION                                                                                   \
    {"lon", TL_ROUTE_REAL,    -180,                                                                \
     180,   .required = true, .meaning = "longitude in degrees, east positive"},                   \
    {                                                                                              \
        "lat", TL_ROUTE_REAL, -90, 90, .required = true,                                           \
                                       .meaning = "latitude in degrees, north positive"            \
    }

#define OGC_FORMAT                                                                                 \
    {                                                                                              \
        "f", TL_ROUTE_CHOICE, .choices = "json|geojson|mvt",                                       \
                              .meaning = "format; each address has one"                            \
    }

static const struct tl_route routes[] = {
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_session_get,
        .reply = "tilth.session/1",
        .summary = "who asks: name, role, token for changes, language",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_ANYBODY,
        .lane = TL_ROUTE_SECRET,
        .handler = tl_api_session_post,
        .body_max_bytes = LOGIN_BYTES,
        .body_schema = "tilth.login/1",
        .reply = "tilth.session/1",
        .summary = "log in with a name and a password",
        .open = true,
    },
    {
        .method = TL_ROUTE_DELETE,
        .pattern = "/api/1/session",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_session_delete,
        .reply = "tilth.session/1",
        .summary = "log out",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/project",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_project,
        .reply = "tilth.project/1",
        .summary = "title, extent, system, kinds of record with their counts, the latest map",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/layers",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_layers,
        .reply = "tilth.layers/1",
        .summary = "layers of the map: vector layers with what filters offer, bands of the latest "
                   "map with their ranges",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/tiles/raster/{band}/{z}/{x}/{y}.png",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_tile_raster,
        .places = {PLACE_BAND, PLACES_TILE},
        .query = {STYLE},
        .reply = "image/png",
        .summary = "a raster tile of a band of the latest map, transparent where there is no data",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/tiles/vector/{layer}/{z}/{x}/{y}.mvt",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_tile_vector,
        .places = {{"layer", TL_ROUTE_NAME, .meaning = "kind of record: hazard-area"}, PLACES_TILE},
        .query = {VERSION},
        .reply = "application/vnd.mapbox-vector-tile",
        .summary = "a vector tile of a kind of record; 204 where there is nothing",
    },
#include "serve/routes_basemap.inc"
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/legend/{band}",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_legend,
        .places = {PLACE_BAND},
        .query = {STYLE},
        .reply = "tilth.legend/1",
        .summary = "the colours of a band and what they stand for",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/records/{kind}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_records,
        .places = {PLACE_KIND},
        .query =
            {{"bbox", TL_ROUTE_BOX,
              .meaning = "west,south,east,north: those whose envelope meets it"},
             {"q", TL_ROUTE_TEXT,
              .meaning =
                  "part of a code, an id, the remarks or a text column, without regard to case"},
             {"from", TL_ROUTE_DATE, .meaning = "earliest date: 2024, 2024-05 or 2024-05-31"},
             {"to", TL_ROUTE_DATE, .meaning = "latest date"},
             {"status", TL_ROUTE_TEXT, .meaning = "value of the column status"},
             {"organisation", TL_ROUTE_TEXT, .meaning = "value of the column organisation"},
             {"limit", TL_ROUTE_INTEGER, 1, 1000, .meaning = "how many at most; 100 unless given"},
             {"offset", TL_ROUTE_INTEGER, 0, 1e9, .meaning = "how many to leave out first"}},
        .reply = "tilth.records/1",
        .summary =
            "records of a kind by filter, in order of entry; a guest sees hazardous areas only",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/records/{kind}/{code}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_record,
        .places = {PLACE_KIND, PLACE_CODE},
        .reply = "tilth.record/1",
        .summary = "a record as a whole: columns, geometry, source, links, its lines of the log",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/records/{kind}",
        .roles = WRITERS,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_record_create,
        .places = {PLACE_KIND},
        .body_max_bytes = RECORD_BYTES,
        .body_schema = "tilth.record-request/1",
        .reply = "tilth.edited/1",
        .summary = "enter a record by hand: a draft; the same id and content again adds nothing",
    },
    {
        .method = TL_ROUTE_PATCH,
        .pattern = "/api/1/records/{kind}/{code}",
        .roles = WRITERS,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_record_change,
        .places = {PLACE_KIND, PLACE_CODE},
        .body_max_bytes = RECORD_BYTES,
        .body_schema = "tilth.record-request/1",
        .reply = "tilth.edited/1",
        .summary = "change what is given; If-Match: the version that was seen",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/records/{kind}/{code}/submit",
        .roles = WRITERS,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_record_submit,
        .places = {PLACE_KIND, PLACE_CODE},
        .body_max_bytes = RELEASE_BYTES,
        .body_schema = "tilth.step-request/1",
        .reply = "tilth.edited/1",
        .summary = "a draft is ready to be approved; If-Match",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/records/{kind}/{code}/approve",
        .roles = REVIEWERS,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_record_approve,
        .places = {PLACE_KIND, PLACE_CODE},
        .body_max_bytes = RELEASE_BYTES,
        .body_schema = "tilth.step-request/1",
        .reply = "tilth.edited/1",
        .summary = "approve what somebody else has entered; If-Match",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/records/{kind}/{code}/return",
        .roles = REVIEWERS,
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_record_return,
        .places = {PLACE_KIND, PLACE_CODE},
        .body_max_bytes = RELEASE_BYTES,
        .body_schema = "tilth.step-request/1",
        .reply = "tilth.edited/1",
        .summary = "back to draft, with a comment; If-Match",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/kinds",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_kinds,
        .reply = "tilth.kinds/1",
        .summary = "kinds of record with their columns, types, choices, ranges and meaning: what a "
                   "form is made of",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/position",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_position,
        .query = {{"text", TL_ROUTE_TEXT, .required = true,
                   .meaning = "a position in any notation, as somebody typed it"},
                  {"outside", TL_ROUTE_CHOICE, .choices = "yes|no",
                   .meaning = "whether it may lie outside the area of interest"}},
        .reply = "tilth.position/1",
        .summary = "what a typed position means, read as a record's would be; 422 says what is "
                   "wrong with it",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/queue",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_queue,
        .query = {{"status", TL_ROUTE_CHOICE, .choices = "submitted|draft|approved",
                   .meaning = "submitted unless given"},
                  {"limit", TL_ROUTE_INTEGER, 1, 1000,
                   .meaning = "how many at most; 100 unless given"},
                  {"offset", TL_ROUTE_INTEGER, 0, 1e9, .meaning = "how many to leave out first"}},
        .reply = "tilth.queue/1",
        .summary = "records entered or changed by hand, of all kinds: what waits for approval, or "
                   "drafts with the comment they came back with",
    },
#include "serve/routes_attach.inc"
#include "serve/routes_victims.inc"
#include "serve/routes_import.inc"
#include "serve/routes_field.inc"
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/search",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_search,
        .query = {{"q", TL_ROUTE_TEXT, .required = true, .meaning = "what to look for"}},
        .reply = "tilth.search/1",
        .summary =
            "search by id, name, place, words and typed coordinates (degrees, DMS, UTM, MGRS)",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/coordinate",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_coordinate,
        .query = {POSITION},
        .reply = "tilth.coordinate/1",
        .summary = "a position in degrees, DMS, UTM and MGRS",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/explain",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_ASK,
        .handler = tl_api_explain,
        .query = {POSITION},
        .reply = "tilth.explain/1",
        .summary = "the reasons of the latest map at a place, with the records behind them",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/areas",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_areas,
        .reply = "tilth.areas/1",
        .summary = "hazardous areas with status, size and their latest assessment in short",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/areas/{code}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_area,
        .places = {PLACE_CODE},
        .reply = "tilth.area/1",
        .summary = "an area: perimeter, latest assessment, decisions, findings, history",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/areas/{code}/assess",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_assess_area,
        .places = {PLACE_CODE},
        .body_max_bytes = ASSESS_BYTES,
        .body_schema = "tilth.assess-request/1",
        .reply = "tilth.assess/1",
        .summary = "what may remain in an area and what more work would change; keep: true keeps "
                   "it for a decision",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/assess",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_assess_polygon,
        .body_max_bytes = POLYGON_BYTES,
        .body_schema = "tilth.assess-polygon/1",
        .reply = "tilth.assess/1",
        .summary = "the same for a polygon: GeoJSON, or a traverse of bearings and distances",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/areas/{code}/what-if",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_what_if_area,
        .places = {PLACE_CODE},
        .body_max_bytes = ASSESS_BYTES,
        .body_schema = "tilth.what-if-request/1",
        .reply = "tilth.what-if/1",
        .summary = "what would remain after a programme of work: all steps together, answered at "
                   "once after the first time",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/what-if",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_what_if_polygon,
        .body_max_bytes = POLYGON_BYTES,
        .body_schema = "tilth.what-if-polygon/1",
        .reply = "tilth.what-if/1",
        .summary = "what would remain after a programme of work: all steps together, answered at "
                   "once after the first time",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/areas/{code}/dossier.pdf",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_dossier,
        .places = {PLACE_CODE},
        .query = {{"language", TL_ROUTE_CHOICE, .choices = "en|uk",
                   .meaning = "of the dossier; else the browser's"}},
        .reply = "application/pdf",
        .summary = "the land-release dossier of the assessment that is kept",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/areas/{code}/release",
        .roles = TL_ROUTE_MAY(TL_ACCOUNT_APPROVER),
        .lane = TL_ROUTE_SECRET,
        .handler = tl_api_release,
        .places = {PLACE_CODE},
        .body_max_bytes = RELEASE_BYTES,
        .body_schema = "tilth.release-request/1",
        .reply = "tilth.release/1",
        .summary = "record a decision to release an area; asks for the password again",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/findings",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_findings,
        .query = {{"area", TL_ROUTE_CODE, .meaning = "of one area"},
                  {"all", TL_ROUTE_CHOICE, .choices = "yes|no", .meaning = "answered ones, too"}},
        .reply = "tilth.findings/1",
        .summary = "evidence that came into released areas and waits for an answer",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/findings/{id}/answer",
        .roles = (TL_ROUTE_MAY(TL_ACCOUNT_APPROVER) | TL_ROUTE_MAY(TL_ACCOUNT_QUALITY)),
        .lane = TL_ROUTE_WRITE,
        .handler = tl_api_finding_answer,
        .places = {{"id", TL_ROUTE_INTEGER, 1, 9e15, .meaning = "the finding's number"}},
        .body_max_bytes = RELEASE_BYTES,
        .body_schema = "tilth.answer-request/1",
        .reply = "tilth.findings/1",
        .summary = "answer a finding; what is still open comes back",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/forecasts",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_forecasts,
        .reply = "tilth.forecast-scenarios/1",
        .summary = "scenarios that are built in, with their text",
    },
    {
        .method = TL_ROUTE_POST,
        .pattern = "/api/1/forecasts",
        .roles = TL_ROUTE_STAFF,
        .lane = TL_ROUTE_WORK,
        .handler = tl_api_forecast_run,
        .body_max_bytes = FORECAST_BYTES,
        .body_schema = "tilth.forecast-request/1",
        .reply = "tilth.forecast/1",
        .summary = "run scenarios: casualties, items, land and cost by year, as fans",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/plan",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_plan,
        .reply = "tilth.plan/1",
        .summary = "the plan of work that the project keeps",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/plan/tasks/{task}",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_plan_task,
        .places = {{"task", TL_ROUTE_CODE,
                    .meaning = "T-017, T-017/2 as T-017%2F2, or the area's code"}},
        .reply = "tilth.plan-explain/1",
        .summary =
            "a task of the plan: its score as a sum of named parts, why it is in the plan or not",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/methods",
        .roles = TL_ROUTE_STAFF,
        .handler = tl_api_methods,
        .reply = "tilth.methods/1",
        .summary = "the table of search methods: chances, pace, price, sources",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/log",
        .roles = (TL_ROUTE_STAFF & ~TL_ROUTE_MAY(TL_ACCOUNT_ENTRY)),
        .handler = tl_api_log,
        .query = {{"limit", TL_ROUTE_INTEGER, 1, 1000,
                   .meaning = "how many at most; 100 unless given"},
                  {"before", TL_ROUTE_INTEGER, 1, 9e15, .meaning = "lines before this id"},
                  {"kind", TL_ROUTE_NAME, .meaning = "of one kind of record"}},
        .reply = "tilth.log/1",
        .summary = "the project's log, latest first",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/1/reads",
        .roles = (TL_ROUTE_MAY(TL_ACCOUNT_QUALITY) | TL_ROUTE_MAY(TL_ACCOUNT_ADMINISTRATOR)),
        .handler = tl_api_reads,
        .query = {{"limit", TL_ROUTE_INTEGER, 1, 1000,
                   .meaning = "how many at most; 100 unless given"}},
        .reply = "tilth.reads/1",
        .summary = "who read which sensitive records, latest first",
    },
#include "serve/routes_account.inc"
#include "serve/routes_jobs.inc"
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_landing,
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: where everything is, for QGIS, GDAL and others",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/conformance",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_conformance,
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: the standards that are kept",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_collections,
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: the kinds of record that the caller may see",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{kind}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_collection,
        .places = {PLACE_KIND},
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: one kind of record",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{kind}/items",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_items,
        .places = {PLACE_KIND},
        .query = {{"bbox", TL_ROUTE_BOX, .meaning = "west,south,east,north in degrees"},
                  {"datetime", TL_ROUTE_TEXT,
                   .meaning = "a time, or an interval: 2020/2024, ../2024; not for guests"},
                  {"limit", TL_ROUTE_INTEGER, 1, 1e9,
                   .meaning = "features of a page; 100 unless given, 10,000 at most"},
                  {"offset", TL_ROUTE_INTEGER, 0, 1e9, .meaning = "features before the page"},
                  OGC_FORMAT},
        .reply = "application/geo+json",
        .summary = "OGC API: records of a kind as GeoJSON features, page by page",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{kind}/items/{code}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_item,
        .places = {PLACE_KIND, PLACE_CODE},
        .query = {OGC_FORMAT},
        .reply = "application/geo+json",
        .summary = "OGC API: one record as a GeoJSON feature",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{kind}/tiles",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_tilesets,
        .places = {PLACE_KIND},
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: the tile sets of a kind of record",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{kind}/tiles/WebMercatorQuad",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_tileset,
        .places = {PLACE_KIND},
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: the tile set in web mercator",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_tile_vector,
        .places = {{"layer", TL_ROUTE_NAME, .meaning = "kind of record: hazard-area"}, PLACES_TILE},
        .query = {OGC_FORMAT},
        .reply = "application/vnd.mapbox-vector-tile",
        .summary = "OGC API: a vector tile of a kind of record, row before column",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/tileMatrixSets",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_matrix_sets,
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: the ways of cutting the world into tiles",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/ogc/tileMatrixSets/WebMercatorQuad",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_ogc_matrix_set,
        .query = {OGC_FORMAT},
        .reply = "application/json",
        .summary = "OGC API: web mercator, zoom by zoom",
    },
    {
        .method = TL_ROUTE_GET,
        .pattern = "/api/openapi.json",
        .roles = TL_ROUTE_ANYBODY,
        .handler = tl_api_openapi,
        .reply = "application/json",
        .summary = "this interface as an OpenAPI 3.1 document, made from the table of routes",
    },
};

const struct tl_route *tl_routes(int *n)
{
    *n = (int)(sizeof routes / sizeof routes[0]);
    return routes;
}
