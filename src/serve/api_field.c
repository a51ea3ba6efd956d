/*
 * What a device takes along into the field: the hazardous areas of a district, its places, whom to call, what may be entered. Whoever has not
 * logged in gets what the public may see: areas, words and numbers to call.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "serve/api.h"
#include "serve/reads.h"
#include "serve/record.h"
#include "tilth/coord.h"
#include "tilth/fieldwork.h"

enum {
    AREAS_MAX = 20000,
    PLACES_MAX = 20000,
    LINES_MAX = 5000,
    RECORDS_MAX = 1000, /* of a kind, the latest */
    PACKAGE_BYTES = 32 << 20,
    MARGIN_M = 5000 /* round a district: what lies just outside of it is near somebody inside */
};

static const enum tl_kind entered[] = {TL_KIND_ACCIDENT, TL_KIND_ITEM, TL_KIND_REPORT};

struct package {
    struct tl_call *call;       /* borrows */
    struct tl_project *project; /* borrows */
    json_t *settings, *json;    /* owns */
    json_t *district;           /* owns: id, name, box */
    double box[4], covers[4];   /* of the district; with its margin */
    bool is_guest, may_write, with_records;
};

static json_t *box_json(const double box[4])
{
    json_t *list = json_array();
    for (int i = 0; i < 4; i++)
        json_array_append_new(list, tl_json_number(box[i], 10));
    return list;
}

static json_t *district_json(const char *id, json_t *name, const double box[4])
{
    return json_pack("{s:s, s:o, s:o}", "id", id, "name", name, "box", box_json(box));
}

static tl_err open_settings(struct tl_call *call, struct tl_project *project, json_t **settings)
{
    char *text = NULL;
    tl_err err = tl_fieldwork_settings(call->ctx, project, &text);
    if (err == TL_OK && (*settings = json_loads(text, 0, NULL)) == NULL)
        err = tl_fail(call->ctx, TL_ENOMEM, "no memory for the settings");
    tl_free(text);
    return err;
}

/* A district of the second administrative level that places name: the box of its places. */
static void add_place(json_t *found, const char *name, double lon, double lat)
{
    json_t *district = json_object_get(found, name), *box;
    if (district == NULL) {
        const double point[4] = {lon, lat, lon, lat};
        json_object_set_new(found, name, district_json(name, json_string(name), point));
        return;
    }
    box = json_object_get(district, "box");
    for (size_t i = 0; i < 4; i++) {
        double now = json_number_value(json_array_get(box, i)), value = i % 2 == 0 ? lon : lat;
        if (i < 2 ? value < now : value > now)
            json_array_set_new(box, i, tl_json_number(value, 10));
    }
}

static tl_err districts_of_places(struct tl_call *call, struct tl_project *project, json_t *found)
{
    int column = tl_kind_column(TL_KIND_PLACE, "admin2");
    struct tl_cursor *cursor = NULL;
    json_t *row = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(call->ctx, project, TL_KIND_PLACE, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(call->ctx, cursor, &more));
        if (!more)
            break;
        const char *name = tl_cursor_text(cursor, column);
        if (name == NULL || name[0] == '\0')
            continue;
        TL_TRY(tl_record_row(call, TL_KIND_PLACE, cursor, &row));
        if (json_is_number(json_object_get(row, "lon")))
            add_place(found, name, json_number_value(json_object_get(row, "lon")),
                      json_number_value(json_object_get(row, "lat")));
        json_decref(row);
        row = NULL;
    }
done:
    json_decref(row);
    tl_cursor_free(cursor);
    return err;
}

/* All districts: the whole project, those that were set, those that places name. */
static tl_err list_districts(struct tl_call *call, struct tl_project *project,
                             const json_t *settings, json_t **list)
{
    json_t *all = json_array(), *found = json_object(), *one;
    const char *name;
    double area[4];
    size_t i;
    tl_err err = TL_OK;
    tl_project_area_deg(project, area);
    json_array_append_new(all, district_json("all", json_string(tl_project_title(project)), area));
    json_array_foreach(json_object_get(settings, "districts"), i, one) json_array_append(all, one);
    if (call->person.role != TL_ACCOUNT_GUEST) /* places are not the public's */
        TL_TRY(districts_of_places(call, project, found));
    json_object_foreach(found, name, one) json_array_append(all, one);
    *list = all;
    all = NULL;
done:
    json_decref(all);
    json_decref(found);
    return err;
}

tl_err tl_api_field_districts(struct tl_call *call)
{
    struct tl_project *project = NULL;
    json_t *settings = NULL, *list = NULL;
    char id[TL_EDIT_VERSION_HEX];
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_fieldwork_project(call->ctx, project, id));
    TL_TRY(open_settings(call, project, &settings));
    TL_TRY(list_districts(call, project, settings, &list));
    TL_TRY(tl_call_json(call, 200,
                        json_pack("{s:s, s:s, s:O}", "schema", "tilth.field-districts/1", "project",
                                  id, "districts", list)));
done:
    json_decref(settings);
    json_decref(list);
    return err;
}

static tl_err find_district(struct package *p, const char *wanted)
{
    json_t *list = NULL, *one;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(list_districts(p->call, p->project, p->settings, &list));
    json_array_foreach(list, i, one) if (p->district == NULL &&
                                         strcmp(json_string_value(json_object_get(one, "id")),
                                                wanted) == 0) p->district = json_incref(one);
    if (p->district == NULL)
        TL_THROW(p->call->ctx, TL_ENOTFOUND, "there is no district \"%.60s\"", wanted);
    for (i = 0; i < 4; i++)
        p->box[i] = json_number_value(json_array_get(json_object_get(p->district, "box"), i));
done:
    json_decref(list);
    return err;
}

/* The district with its margin. Near a pole or the 180th meridian the margin ends there. */
static void cover(struct package *p)
{
    double lon, lat, far = fabs(p->box[1]) > fabs(p->box[3]) ? p->box[1] : p->box[3];
    tl_coord_destination(p->box[0], far, 270, MARGIN_M, &lon, &lat);
    double east = fabs(lon - p->box[0]);
    if (east > 180)
        east = 360 - east;
    p->covers[0] = fmax(-180, p->box[0] - east);
    p->covers[2] = fmin(180, p->box[2] + east);
    tl_coord_destination(p->box[0], p->box[1], 180, MARGIN_M, &lon, &lat);
    p->covers[1] = lat < p->box[1] ? lat : -90;
    tl_coord_destination(p->box[0], p->box[3], 0, MARGIN_M, &lon, &lat);
    p->covers[3] = lat > p->box[3] ? lat : 90;
}

/* Adds what `make` makes of each record of a kind within the margin. */
static tl_err add_kind(struct package *p, enum tl_kind kind, int64_t max, json_t *list,
                       tl_err (*make)(struct package *p, const struct tl_cursor *cursor,
                                      json_t **row))
{
    struct tl_register_filter filter = {.box_deg = p->covers};
    struct tl_cursor *cursor = NULL;
    int64_t n = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_find_count(p->call->ctx, p->project, kind, &filter, &n));
    if (n > max)
        TL_THROW(p->call->ctx, TL_EDATA,
                 "the district has %lld %s records, a device takes %lld at most: an administrator "
                 "can set smaller districts",
                 (long long)n, tl_kind_info(kind)->name, (long long)max);
    TL_TRY(tl_register_find(p->call->ctx, p->project, kind, &filter, &cursor));
    for (;;) {
        json_t *row = NULL;
        TL_TRY(tl_cursor_next(p->call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(make(p, cursor, &row));
        if (row != NULL && json_array_append_new(list, row) != 0)
            TL_THROW(p->call->ctx, TL_ENOMEM, "no memory for a package");
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static json_t *text_of(enum tl_kind kind, const struct tl_cursor *cursor, const char *column)
{
    const char *text = tl_cursor_text(cursor, tl_kind_column(kind, column));
    json_t *value = text != NULL ? json_string(text) : NULL;
    return value != NULL ? value : json_null();
}

/* An area without a perimeter cannot be looked up; it is given all the same, and the page says so. */
static tl_err make_area(struct package *p, const struct tl_cursor *cursor, json_t **row)
{
    const char *status = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "status"));
    bool ended = status != NULL && strcmp(status, "open") != 0;
    json_t *geometry = NULL;
    tl_err err = tl_record_geometry(p->call, cursor, &geometry);
    if (err != TL_OK)
        return err;
    *row =
        json_pack("{s:s, s:o, s:o, s:o, s:b, s:o, s:o}", "code", tl_cursor_code(cursor), "name",
                  text_of(TL_KIND_HAZARD_AREA, cursor, "name"), "classification",
                  text_of(TL_KIND_HAZARD_AREA, cursor, "classification"), "status",
                  text_of(TL_KIND_HAZARD_AREA, cursor, "status"), "is_ended", ended, "accuracy_m",
                  tl_json_number(tl_cursor_accuracy_m(cursor), 6), "geometry", geometry);
    return TL_OK;
}

static tl_err make_place(struct package *p, const struct tl_cursor *cursor, json_t **row)
{
    json_t *whole = NULL;
    tl_err err = tl_record_row(p->call, TL_KIND_PLACE, cursor, &whole);
    if (err == TL_OK && json_is_number(json_object_get(whole, "lon")))
        *row = json_pack("{s:O, s:O, s:O, s:O}", "name", json_object_get(whole, "name"), "type",
                         json_object_get(whole, "type"), "lon", json_object_get(whole, "lon"),
                         "lat", json_object_get(whole, "lat"));
    json_decref(whole);
    return err;
}

/* Roads and rivers, to find one's way on the map; front lines and trenches stay at home. */
static tl_err make_line(struct package *p, const struct tl_cursor *cursor, json_t **row)
{
    const char *type = tl_cursor_text(cursor, tl_kind_column(TL_KIND_LINE, "type"));
    json_t *geometry = NULL;
    if (type == NULL || (strcmp(type, "road") != 0 && strcmp(type, "river") != 0))
        return TL_OK;
    tl_err err = tl_record_geometry(p->call, cursor, &geometry);
    if (err == TL_OK)
        *row = json_pack("{s:s, s:o, s:o}", "type", type, "name",
                         text_of(TL_KIND_LINE, cursor, "name"), "geometry", geometry);
    return err;
}

static json_t *form_json(enum tl_kind kind)
{
    static const char *const types[] = {"text", "integer", "real", "date", "choice", "yesno"};
    const struct tl_kind_info *info = tl_kind_info(kind);
    json_t *columns = json_array();
    for (int i = 0; i < info->n_columns; i++) {
        const struct tl_column *c = &info->columns[i];
        bool bounded = c->min != 0 || c->max != 0;
        json_array_append_new(columns,
                              json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", c->name, "type",
                                        types[c->type], "choices", tl_record_choices(c->choices),
                                        "min", bounded ? tl_json_number(c->min, 12) : json_null(),
                                        "max", bounded ? tl_json_number(c->max, 12) : json_null()));
    }
    return json_pack("{s:s, s:o}", "kind", info->name, "columns", columns);
}

/* A record that may be corrected in the field: its values, and the version that they are of. */
static tl_err make_record(struct package *p, enum tl_kind kind, const struct tl_cursor *cursor,
                          json_t **row)
{
    const struct tl_edit_who who = tl_api_who(p->call);
    struct tl_edit_state state;
    json_t *columns = NULL;
    const char *remarks = tl_cursor_remarks(cursor);
    tl_err err = TL_OK;
    TL_TRY(tl_edit_state(p->call->ctx, p->project, kind, tl_cursor_code(cursor), &who, &state));
    TL_TRY(tl_record_row(p->call, kind, cursor, &columns));
    *row = json_pack("{s:s, s:s, s:s, s:O, s:O, s:o, s:o}", "kind", tl_kind_info(kind)->name,
                     "code", state.code, "version", state.version, "lon",
                     json_object_get(columns, "lon"), "lat", json_object_get(columns, "lat"),
                     "accuracy_m", tl_json_number(tl_cursor_accuracy_m(cursor), 6), "remarks",
                     remarks != NULL ? json_string(remarks) : json_null());
    json_object_del(columns, "lon");
    json_object_del(columns, "lat");
    json_object_del(columns, "code");
    json_object_set(*row, "columns", columns);
done:
    json_decref(columns);
    return err;
}

/* The latest of a kind; *left_out counts the others. Who takes them along is written down. */
static tl_err add_records(struct package *p, enum tl_kind kind, json_t *list, int64_t *left_out)
{
    struct tl_register_filter filter = {.box_deg = p->covers, .limit = RECORDS_MAX};
    struct tl_cursor *cursor = NULL;
    int64_t n = 0, before = (int64_t)json_array_size(list);
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_find_count(p->call->ctx, p->project, kind, &filter, &n));
    filter.offset = n > RECORDS_MAX ? n - RECORDS_MAX : 0;
    *left_out += filter.offset;
    TL_TRY(tl_register_find(p->call->ctx, p->project, kind, &filter, &cursor));
    for (;;) {
        json_t *row = NULL;
        TL_TRY(tl_cursor_next(p->call->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(make_record(p, kind, cursor, &row));
        json_array_append_new(list, row);
    }
    TL_TRY(tl_reads_note(p->call, "field package", tl_kind_info(kind)->name, "",
                         (int64_t)json_array_size(list) - before));
done:
    tl_cursor_free(cursor);
    return err;
}

/* What staff take along beside the public part. */
static tl_err add_staff(struct package *p)
{
    json_t *places = json_array(), *lines = json_array(), *forms = json_array(),
           *records = json_array();
    int64_t left_out = 0;
    tl_err err = TL_OK;
    TL_TRY(add_kind(p, TL_KIND_PLACE, PLACES_MAX, places, make_place));
    TL_TRY(add_kind(p, TL_KIND_LINE, LINES_MAX, lines, make_line));
    for (size_t i = 0; p->may_write && i < sizeof entered / sizeof entered[0]; i++) {
        json_array_append_new(forms, form_json(entered[i]));
        if (p->with_records)
            TL_TRY(add_records(p, entered[i], records, &left_out));
    }
    json_object_set(p->json, "places", places);
    json_object_set(p->json, "lines", lines);
    json_object_set(p->json, "forms", forms);
    json_object_set(p->json, "records", records);
    json_object_set_new(p->json, "records_left_out", json_integer((json_int_t)left_out));
done:
    json_decref(places);
    json_decref(lines);
    json_decref(forms);
    json_decref(records);
    return err;
}

static tl_err make_package(struct package *p)
{
    json_t *areas = json_array();
    char id[TL_EDIT_VERSION_HEX];
    tl_err err = TL_OK;
    cover(p);
    TL_TRY(tl_fieldwork_project(p->call->ctx, p->project, id));
    TL_TRY(add_kind(p, TL_KIND_HAZARD_AREA, AREAS_MAX, areas, make_area));
    p->json = json_pack(
        "{s:s, s:s, s:O, s:o, s:s, s:b, s:O, s:O, s:O}", "schema", "tilth.field-package/1",
        "project", id, "district", p->district, "covers", box_json(p->covers), "title",
        tl_project_title(p->project), "is_public", p->is_guest, "areas", areas, "contacts",
        json_object_get(p->settings, "contacts"), "words", json_object_get(p->settings, "words"));
    if (p->json == NULL)
        TL_THROW(p->call->ctx, TL_ENOMEM, "no memory for a package");
    if (!p->is_guest)
        TL_TRY(add_staff(p));
done:
    json_decref(areas);
    return err;
}

static void etag_of(const char *text, int64_t n, char hex[2 * TL_HASH_ID_BYTES + 1])
{
    uint8_t id[TL_HASH_ID_BYTES];
    tl_hash_id(text, n, id);
    for (int i = 0; i < TL_HASH_ID_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
}

static tl_err answer_packed(struct tl_call *call, const json_t *json)
{
    char etag[2 * TL_HASH_ID_BYTES + 1];
    char *text = NULL;
    void *packed = NULL;
    int64_t n = 0, n_packed = 0;
    bool same = false;
    tl_err err = TL_OK;
    TL_TRY(tl_json_line(call->ctx, json, &text));
    n = (int64_t)strlen(text);
    if (n > PACKAGE_BYTES)
        TL_THROW(call->ctx, TL_EDATA,
                 "the package has %lld bytes, a device takes %d at most: an administrator can set "
                 "smaller districts",
                 (long long)n, PACKAGE_BYTES);
    etag_of(text, n, etag);
    TL_TRY(tl_call_etag(call, etag, &same));
    /* The server's "no-store" stays: a browser's cache lies open on the device, which keeps this locked. */
    if (same)
        goto done;
    TL_TRY(tl_fieldwork_gzip(call->ctx, text, n, &packed, &n_packed));
    TL_TRY(tl_call_header(call, "Content-Encoding", "gzip"));
    tl_call_bytes(call, 200, "application/json", packed, n_packed);
done:
    tl_free(text);
    return err;
}

tl_err tl_api_field_package(struct tl_call *call)
{
    const char *wanted = tl_call_text(call, "district"), *records = tl_call_text(call, "records");
    struct package p = {.call = call, .is_guest = call->person.role == TL_ACCOUNT_GUEST};
    tl_err err = TL_OK;
    p.may_write = !p.is_guest && call->person.role != TL_ACCOUNT_QUALITY;
    p.with_records = p.may_write && records != NULL && strcmp(records, "yes") == 0;
    TL_TRY(tl_call_project(call, &p.project));
    TL_TRY(open_settings(call, p.project, &p.settings));
    TL_TRY(find_district(&p, wanted != NULL ? wanted : "all"));
    TL_TRY(make_package(&p));
    TL_TRY(answer_packed(call, p.json));
done:
    json_decref(p.settings);
    json_decref(p.district);
    json_decref(p.json);
    return err;
}

static tl_err answer_settings(struct tl_call *call, struct tl_project *project)
{
    char etag[2 * TL_HASH_ID_BYTES + 1];
    char *text = NULL;
    json_t *settings = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_fieldwork_settings(call->ctx, project, &text));
    etag_of(text, (int64_t)strlen(text), etag);
    settings = json_loads(text, 0, NULL);
    if (settings == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for the settings");
    json_object_set_new(settings, "schema", json_string("tilth.field-settings/1"));
    TL_TRY(tl_call_header(call, "ETag", "\"%s\"", etag));
    TL_TRY(tl_call_json(call, 200, json_incref(settings)));
done:
    json_decref(settings);
    tl_free(text);
    return err;
}

tl_err tl_api_field_settings(struct tl_call *call)
{
    struct tl_project *project = NULL;
    tl_err err = tl_call_project(call, &project);
    return err == TL_OK ? answer_settings(call, project) : err;
}

static tl_err check_seen(struct tl_call *call, struct tl_project *project, const char *seen)
{
    char etag[2 * TL_HASH_ID_BYTES + 1];
    char *text = NULL;
    tl_err err = tl_fieldwork_settings(call->ctx, project, &text);
    if (err != TL_OK)
        return err;
    etag_of(text, (int64_t)strlen(text), etag);
    tl_free(text);
    if (strcmp(etag, seen) != 0)
        return tl_fail(call->ctx, TL_ECONFLICT,
                       "the field view's settings were changed meanwhile: look at them as they are "
                       "now; nothing of yours was written");
    return TL_OK;
}

tl_err tl_api_field_settings_set(struct tl_call *call)
{
    char version[TL_EDIT_VERSION_HEX];
    struct tl_project *project = NULL;
    bool answered = false, writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_api_seen_version(call, version, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(check_seen(call, project, version));
    TL_TRY(tl_project_begin(call->ctx, project));
    TL_TRY(tl_fieldwork_set(call->ctx, project, call->body.text, call->body.size_bytes));
    TL_TRY(tl_project_commit(call->ctx, project));
    TL_TRY(answer_settings(call, project));
done:
    if (writing)
        tl_seat_end_write(call, project);
    return err;
}
