/* What a form is made of: the kinds of record with their columns, from the register's own table; and what a typed position means, before it is sent. */
#include <string.h>

#include "core/catalogue.h"
#include "serve/api.h"
#include "serve/lang.h"
#include "serve/record.h"
#include "tilth/entry.h"
#include "tilth/geometry.h"

enum { DIGITS = 15 };

static json_t *column_json(const struct tl_column *column, const struct tl_catalogue *words)
{
    static const char *const types[] = {"text", "integer", "real", "date", "choice", "yesno"};
    bool bounded = column->min != 0 || column->max != 0;
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s}", "name", column->name, "type",
                     types[column->type], "choices", tl_record_choices(column->choices), "min",
                     bounded ? tl_json_number(column->min, DIGITS) : json_null(), "max",
                     bounded ? tl_json_number(column->max, DIGITS) : json_null(), "meaning",
                     tl_catalogue_text(words, column->meaning));
}

tl_err tl_api_kinds(struct tl_call *call)
{
    const struct tl_catalogue *words = tl_lang_catalogue(call);
    json_t *list = json_array();
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)k);
        json_t *columns = json_array();
        for (int i = 0; i < info->n_columns; i++)
            json_array_append_new(columns, column_json(&info->columns[i], words));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", info->name,
                                              "prefix", info->prefix, "title", info->title,
                                              "geometry", info->geometry, "columns", columns));
    }
    TL_TRY(
        tl_call_json(call, 200, json_pack("{s:s, s:O}", "schema", "tilth.kinds/1", "kinds", list)));
done:
    json_decref(list);
    return err;
}

static json_t *doubts_json(const struct tl_entry *entry)
{
    json_t *doubts = json_array();
    for (int i = 0; i < tl_entry_n_doubts(entry); i++) {
        const char *reason = NULL, *message = tl_entry_doubt(entry, i, &reason);
        json_array_append_new(doubts,
                              json_pack("{s:s, s:s}", "reason", reason, "message", message));
    }
    return doubts;
}

/* Read by the very checks that a record goes through, so that what is shown is what would be kept. */
tl_err tl_api_position(struct tl_call *call)
{
    const char *outside = tl_call_text(call, "outside");
    const struct tl_entry_given given = {.position = tl_call_text(call, "text"),
                                         .outside_is_ok =
                                             outside != NULL && strcmp(outside, "yes") == 0};
    struct tl_project *project = NULL;
    struct tl_entry *entry = NULL;
    double lon = 0, lat = 0;
    json_t *json = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_entry_check(call->ctx, project, TL_KIND_ACCIDENT, &given, true, &entry));
    const struct tl_edit *edit = tl_entry_edit(entry);
    TL_TRY(tl_geometry_point(call->ctx, edit->wkb, edit->wkb_bytes, &lon, &lat));
    json = json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", "tilth.position/1", "lon",
                     tl_json_number(lon, DIGITS), "lat", tl_json_number(lat, DIGITS), "accuracy_m",
                     tl_json_number(edit->accuracy_m, 6), "doubts", doubts_json(entry));
    if (json == NULL)
        TL_THROW(call->ctx, TL_ENOMEM, "no memory for a position");
    tl_record_notations(call, lon, lat, json);
    TL_TRY(tl_lang_json(call, json));
    TL_TRY(tl_call_json(call, 200, json_incref(json)));
done:
    json_decref(json);
    tl_entry_free(entry);
    return err;
}
