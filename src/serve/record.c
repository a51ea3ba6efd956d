#include "serve/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tilth/coord.h"
#include "tilth/geometry.h"

enum { DIGITS = 15 };

bool tl_record_is_sensitive(enum tl_kind kind)
{
    return kind == TL_KIND_ITEM || kind == TL_KIND_ACCIDENT || kind == TL_KIND_REPORT;
}

tl_err tl_record_kind(struct tl_call *call, const char *name, enum tl_kind *kind)
{
    enum tl_kind found = TL_KIND_HAZARD_AREA;
    if (tl_kind_find(call->ctx, name, &found) != TL_OK)
        return tl_fail(call->ctx, TL_ENOTFOUND, "there is no kind of record \"%s\"", name);
    if (call->person.role == TL_ACCOUNT_GUEST && found != TL_KIND_HAZARD_AREA)
        return tl_fail(call->ctx, TL_EDENIED,
                       "log in first: without it only hazardous areas are shown");
    *kind = found;
    return TL_OK;
}

static bool is_public(const char *column)
{
    return strcmp(column, "name") == 0 || strcmp(column, "classification") == 0 ||
           strcmp(column, "status") == 0;
}

static json_t *value_of(const struct tl_cursor *cursor, const struct tl_column *column, int i)
{
    const char *text = tl_cursor_text(cursor, i);
    json_t *value = NULL;
    if (text == NULL)
        return json_null();
    double number = tl_cursor_real(cursor, i);
    if (column->type == TL_COLUMN_REAL)
        return tl_json_number(number, DIGITS);
    if (column->type == TL_COLUMN_INTEGER && isfinite(number))
        return json_integer((json_int_t)number);
    if (column->type == TL_COLUMN_YESNO && isfinite(number))
        return json_boolean(number != 0);
    value = json_string(text);
    return value != NULL ? value : json_string_nocheck("?"); /* bytes that are no text */
}

tl_err tl_record_row(struct tl_call *call, enum tl_kind kind, const struct tl_cursor *cursor,
                     json_t **row)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    bool guest = call->person.role == TL_ACCOUNT_GUEST;
    double lon = (double)NAN, lat = (double)NAN;
    int64_t n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    json_t *made = json_object();
    tl_err err = TL_OK;
    if (wkb != NULL)
        err = tl_geometry_point(call->ctx, wkb, n, &lon, &lat);
    if (err == TL_EDATA) /* a geometry that cannot be placed: the record is shown all the same */
        err = TL_OK;
    TL_TRY(err);
    json_object_set_new(made, "code", json_string(tl_cursor_code(cursor)));
    for (int i = 0; i < info->n_columns; i++)
        if (!guest || is_public(info->columns[i].name))
            json_object_set_new(made, info->columns[i].name,
                                value_of(cursor, &info->columns[i], i));
    json_object_set_new(made, "lon", tl_json_number(lon, DIGITS));
    if (json_object_set_new(made, "lat", tl_json_number(lat, DIGITS)) != 0)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for a record");
    *row = made;
    made = NULL;
done:
    json_decref(made);
    return err;
}

tl_err tl_record_geometry(struct tl_call *call, const struct tl_cursor *cursor, json_t **geometry)
{
    int64_t n = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    char *text = NULL;
    tl_err err = TL_OK;
    *geometry = json_null();
    if (wkb == NULL)
        return TL_OK;
    err = tl_geometry_json(call->ctx, wkb, n, &text);
    if (err == TL_EDATA)
        return TL_OK;
    TL_TRY(err);
    *geometry = json_loads(text, 0, NULL);
    if (*geometry == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for a geometry");
done:
    tl_free(text);
    return err;
}

static const char *text_of(enum tl_kind kind, const struct tl_cursor *cursor, const char *column)
{
    int i = tl_kind_column(kind, column);
    const char *text = i >= 0 ? tl_cursor_text(cursor, i) : NULL;
    return text != NULL ? text : "";
}

void tl_record_title(enum tl_kind kind, const struct tl_cursor *cursor, char *title, size_t room)
{
    const char *name = text_of(kind, cursor, "name"), *what = text_of(kind, cursor, "category");
    const char *when = text_of(kind, cursor, kind == TL_KIND_SEARCH ? "date_start" : "date");
    if (kind == TL_KIND_SEARCH)
        what = text_of(kind, cursor, "method");
    if (name[0] != '\0')
        snprintf(title, room, "%s", name);
    else
        snprintf(title, room, "%s%s%s", what, what[0] != '\0' && when[0] != '\0' ? ", " : "", when);
}

json_t *tl_record_choices(const char *choices)
{
    json_t *list = json_array();
    while (choices != NULL && choices[0] != '\0') {
        size_t n = strcspn(choices, "|");
        json_array_append_new(list, json_stringn(choices, n));
        choices += choices[n] == '|' ? n + 1 : n;
    }
    return list;
}

void tl_record_notations(struct tl_call *call, double lon, double lat, json_t *json)
{
    static const struct {
        const char *name;
        enum tl_coord_format format;
    } formats[] = {{"degrees", TL_COORD_DEGREES},
                   {"dms", TL_COORD_DMS},
                   {"utm", TL_COORD_UTM},
                   {"mgrs", TL_COORD_MGRS}};
    char text[TL_COORD_TEXT_BYTES];
    for (int i = 0; i < 4; i++)
        json_object_set_new(json, formats[i].name,
                            tl_coord_format(call->ctx, lon, lat, formats[i].format, 1, text) ==
                                    TL_OK
                                ? json_string(text)
                                : json_null());
}
