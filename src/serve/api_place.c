/* Places: search by words and by coordinates, a position in all notations, the reasons of a place. */
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "serve/api.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "tilth/coord.h"
#include "tilth/geometry.h"
#include "tilth/hazard.h"

enum { HITS_A_KIND = 12, FOLDED = 1024 };

static bool holds(const char *text, const char *folded)
{
    char small[FOLDED];
    if (text == NULL || strlen(text) >= sizeof small)
        return false;
    tl_text_fold(text, small);
    return strstr(small, folded) != NULL;
}

/* Where the words were found; NULL: in what a guest cannot see. */
static const char *why_of(struct tl_call *call, const struct tl_cursor *cursor, const char *title,
                          const char *folded)
{
    if (holds(tl_cursor_code(cursor), folded))
        return "code";
    if (holds(title, folded))
        return "name";
    if (call->person.role == TL_ACCOUNT_GUEST)
        return NULL;
    return holds(tl_cursor_source_id(cursor), folded) ? "id" : "text";
}

static tl_err add_hit(struct tl_call *call, enum tl_kind kind, const struct tl_cursor *cursor,
                      const char *folded, json_t *hits)
{
    char title[200];
    double lon, lat;
    int64_t n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    tl_record_title(kind, cursor, title, sizeof title);
    const char *why = why_of(call, cursor, title, folded);
    if (why == NULL)
        return TL_OK;
    bool placed = wkb != NULL && tl_geometry_point(call->ctx, wkb, n, &lon, &lat) == TL_OK;
    json_t *hit = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "kind", tl_kind_info(kind)->name,
                            "code", tl_cursor_code(cursor), "title", title, "lon",
                            placed ? tl_json_number(lon, 15) : json_null(), "lat",
                            placed ? tl_json_number(lat, 15) : json_null(), "why", why);
    return json_array_append_new(hits, hit) == 0
               ? TL_OK
               : tl_fail(call->ctx, TL_ENOMEM, "no memory for a hit");
}

static tl_err search_kind(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                          const char *q, const char *folded, json_t *hits)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    size_t before = json_array_size(hits);
    tl_err err = TL_OK;
    TL_TRY(tl_register_find(call->ctx, project, kind,
                            &(struct tl_register_filter){.text = q, .limit = HITS_A_KIND},
                            &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(add_hit(call, kind, cursor, folded, hits));
    }
    int64_t n = (int64_t)(json_array_size(hits) - before);
    if (n > 0 && tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "search", tl_kind_info(kind)->name, "", n));
done:
    tl_cursor_free(cursor);
    return err;
}

static void add_coordinate(struct tl_call *call, const char *q, json_t *hits)
{
    char mgrs[TL_COORD_TEXT_BYTES];
    double lon, lat;
    if (tl_coord_parse(call->ctx, q, &lon, &lat, NULL) != TL_OK ||
        tl_coord_format(call->ctx, lon, lat, TL_COORD_MGRS, 1, mgrs) != TL_OK)
        return;
    json_array_append_new(hits, json_pack("{s:s, s:n, s:s, s:o, s:o, s:s}", "kind", "coordinate",
                                          "code", "title", mgrs, "lon", tl_json_number(lon, 15),
                                          "lat", tl_json_number(lat, 15), "why", "coordinate"));
}

tl_err tl_api_search(struct tl_call *call)
{
    /* Places and areas first: they are what people mean most often. */
    static const enum tl_kind order[] = {TL_KIND_PLACE,    TL_KIND_HAZARD_AREA, TL_KIND_SEARCH,
                                         TL_KIND_ACCIDENT, TL_KIND_ITEM,        TL_KIND_REPORT,
                                         TL_KIND_LINE};
    struct tl_project *project = NULL;
    const char *q = tl_call_text(call, "q");
    char folded[FOLDED];
    json_t *hits = json_array();
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    tl_err err = TL_OK;
    tl_text_fold(q, folded);
    TL_TRY(tl_call_project(call, &project));
    add_coordinate(call, q, hits);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (!guest || order[i] == TL_KIND_HAZARD_AREA)
            TL_TRY(search_kind(call, project, order[i], q, folded, hits));
    TL_TRY(
        tl_call_json(call, 200, json_pack("{s:s, s:O}", "schema", "tilth.search/1", "hits", hits)));
done:
    json_decref(hits);
    return err;
}

tl_err tl_api_coordinate(struct tl_call *call)
{
    double lon = tl_call_number(call, "lon", 0), lat = tl_call_number(call, "lat", 0);
    json_t *json =
        json_pack("{s:s, s:f, s:f}", "schema", "tilth.coordinate/1", "lon", lon, "lat", lat);
    tl_record_notations(call, lon, lat, json);
    return tl_call_json(call, 200, json);
}

tl_err tl_api_explain(struct tl_call *call)
{
    struct tl_project *project = NULL;
    char *words = NULL, *json = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_hazard_explain(call->ctx, project, tl_call_number(call, "lon", 0),
                             tl_call_number(call, "lat", 0), &words, &json));
    TL_TRY(tl_reads_note(call, "explain", "place", "", 1));
    TL_TRY(tl_call_text_json(call, 200, json));
    json = NULL;
done:
    tl_free(words);
    tl_free(json);
    return err;
}
