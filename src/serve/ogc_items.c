/* OGC API Features: the records of a kind as GeoJSON features, page by page. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "serve/ogc.h"
#include "serve/reads.h"

enum { LIMIT = 100, LIMIT_MAX = 10000, DATE_BYTES = 16 };
static const char geojson[] = "application/geo+json";

/* A date of an RFC 3339 time or of less: year, month or day. */
static bool date_of(const char *text, size_t n, char date[DATE_BYTES])
{
    const char *time = memchr(text, 'T', n);
    n = time != NULL ? (size_t)(time - text) : n;
    if ((n != 4 && n != 7 && n != 10) || (time != NULL && n != 10))
        return false;
    for (size_t i = 0; i < n; i++)
        if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    memcpy(date, text, n);
    date[n] = '\0';
    return true;
}

static bool bound_of(const char *text, size_t n, char date[DATE_BYTES])
{
    date[0] = '\0';
    return n == 0 || (n == 2 && memcmp(text, "..", 2) == 0) || date_of(text, n, date);
}

tl_err tl_ogc_interval(struct tl_ctx *ctx, const char *text, char from[DATE_BYTES],
                       char to[DATE_BYTES])
{
    const char *slash = strchr(text, '/');
    char first[DATE_BYTES] = "", last[DATE_BYTES] = "";
    bool good = slash == NULL
                    ? date_of(text, strlen(text), first) && date_of(text, strlen(text), last)
                    : bound_of(text, (size_t)(slash - text), first) &&
                          bound_of(slash + 1, strlen(slash + 1), last);
    if (!good || (slash != NULL && first[0] == '\0' && last[0] == '\0'))
        return tl_fail(ctx, TL_EUSAGE,
                       "datetime=%.60s is no time: expected 2024-05-31T00:00:00Z, 2024-05 or an "
                       "interval such as 2020/2024 or ../2024",
                       text);
    memcpy(from, first, DATE_BYTES);
    memcpy(to, last, DATE_BYTES);
    return TL_OK;
}

static tl_err feature_of(struct tl_call *call, enum tl_kind kind, const struct tl_cursor *cursor,
                         json_t **feature)
{
    json_t *properties = NULL, *geometry = NULL, *made = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_record_row(call, kind, cursor, &properties));
    TL_TRY(tl_record_geometry(call, cursor, &geometry));
    json_object_del(properties, "lon");
    json_object_del(properties, "lat");
    made = json_pack("{s:s, s:s, s:O, s:O}", "type", "Feature", "id", tl_cursor_code(cursor),
                     "geometry", geometry, "properties", properties);
    if (made == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for a feature");
    *feature = made;
done:
    json_decref(properties);
    json_decref(geometry);
    return err;
}

static tl_err send(struct tl_call *call, json_t *json)
{
    tl_err err = tl_call_json(call, 200, json);
    if (err == TL_OK)
        call->reply.type = geojson;
    return err;
}

static tl_err read_filter(struct tl_call *call, struct tl_register_filter *filter,
                          char from[DATE_BYTES], char to[DATE_BYTES])
{
    const char *times = tl_call_text(call, "datetime");
    int64_t limit = tl_call_integer(call, "limit", LIMIT);
    *filter = (struct tl_register_filter){.box_deg = tl_call_box(call, "bbox"),
                                          .limit = limit < LIMIT_MAX ? limit : LIMIT_MAX,
                                          .offset = tl_call_integer(call, "offset", 0)};
    from[0] = to[0] = '\0';
    if (times == NULL)
        return TL_OK;
    if (call->person.role == TL_ACCOUNT_GUEST)
        return tl_fail(call->ctx, TL_EDENIED,
                       "log in first: without it areas are filtered by place only");
    tl_err err = tl_ogc_interval(call->ctx, times, from, to);
    filter->from = from[0] != '\0' ? from : NULL;
    filter->to = to[0] != '\0' ? to : NULL;
    return err;
}

/* The next page has all that was asked, from another offset on. */
static void add_next(const struct tl_call *call, enum tl_kind kind,
                     const struct tl_register_filter *filter, json_t *links)
{
    char path[400];
    const char *times = tl_call_text(call, "datetime");
    int n = snprintf(path, sizeof path, "/ogc/collections/%s/items?limit=%lld&offset=%lld",
                     tl_kind_info(kind)->name, (long long)filter->limit,
                     (long long)(filter->offset + filter->limit));
    if (filter->box_deg != NULL)
        n += snprintf(path + n, sizeof path - (size_t)n, "&bbox=%.9g,%.9g,%.9g,%.9g",
                      filter->box_deg[0], filter->box_deg[1], filter->box_deg[2],
                      filter->box_deg[3]);
    if (times != NULL) /* digits, dashes, colons, dots and one slash, as it was checked */
        snprintf(path + n, sizeof path - (size_t)n, "&datetime=%.60s", times);
    tl_ogc_link(call, links, "next", geojson, path);
}

static tl_err read_features(struct tl_call *call, struct tl_project *project, enum tl_kind kind,
                            const struct tl_register_filter *filter, json_t *features)
{
    struct tl_cursor *cursor = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_find(call->ctx, project, kind, filter, &cursor));
    for (;;) {
        json_t *feature = NULL;
        TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(feature_of(call, kind, cursor, &feature));
        json_array_append_new(features, feature);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

tl_err tl_ogc_items(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_register_filter filter;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    json_t *features = json_array(), *links = json_array();
    char from[DATE_BYTES], to[DATE_BYTES], path[160], stamp[32];
    int64_t total = 0;
    time_t now = time(NULL);
    struct tm utc;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(read_filter(call, &filter, from, to));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_register_find_count(call->ctx, project, kind, &filter, &total));
    TL_TRY(read_features(call, project, kind, &filter, features));
    if (tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "records", tl_kind_info(kind)->name, "",
                             (int64_t)json_array_size(features)));
    snprintf(path, sizeof path, "/ogc/collections/%s/items", tl_kind_info(kind)->name);
    tl_ogc_link(call, links, "self", geojson, path);
    snprintf(path, sizeof path, "/ogc/collections/%s", tl_kind_info(kind)->name);
    tl_ogc_link(call, links, "collection", "application/json", path);
    if (filter.offset + filter.limit < total)
        add_next(call, kind, &filter, links);
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    TL_TRY(send(call, json_pack("{s:s, s:O, s:I, s:I, s:s, s:O}", "type", "FeatureCollection",
                                "features", features, "numberMatched", (json_int_t)total,
                                "numberReturned", (json_int_t)json_array_size(features),
                                "timeStamp", stamp, "links", links)));
done:
    json_decref(features);
    json_decref(links);
    return err;
}

tl_err tl_ogc_item(struct tl_call *call)
{
    struct tl_project *project = NULL;
    struct tl_cursor *cursor = NULL;
    enum tl_kind kind = TL_KIND_HAZARD_AREA;
    const char *code = tl_call_text(call, "code");
    const struct tl_register_filter filter = {.code = code, .limit = 1};
    json_t *feature = NULL, *links = NULL;
    char path[300];
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_record_kind(call, tl_call_text(call, "kind"), &kind));
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_register_find(call->ctx, project, kind, &filter, &cursor));
    TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
    if (!more)
        TL_THROW(call->ctx, TL_ENOTFOUND, "there is no %s \"%s\"", tl_kind_info(kind)->name, code);
    TL_TRY(feature_of(call, kind, cursor, &feature));
    if (tl_record_is_sensitive(kind))
        TL_TRY(tl_reads_note(call, "record", tl_kind_info(kind)->name, code, 1));
    links = json_array();
    snprintf(path, sizeof path, "/ogc/collections/%s", tl_kind_info(kind)->name);
    tl_ogc_link(call, links, "collection", "application/json", path);
    json_object_set(feature, "links", links);
    TL_TRY(send(call, json_incref(feature)));
done:
    json_decref(links);
    json_decref(feature);
    tl_cursor_free(cursor);
    return err;
}
