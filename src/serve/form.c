/* A record as it stands in a body: values of its columns, its place, its remarks. */
#include "serve/form.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tilth/geometry.h"

enum { TEXT_BYTES = 20000 };

/* A value as text, as a table would have it; the importer's checks say whether it is one. */
static tl_err read_value(struct tl_call *call, const char *name, const json_t *value,
                         char number[TL_FORM_NUMBER_BYTES], const char **text)
{
    *text = NULL;
    if (json_is_null(value))
        return TL_OK;
    if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value)) {
        *text = json_string_value(value);
        return TL_OK;
    }
    if (json_is_boolean(value))
        snprintf(number, TL_FORM_NUMBER_BYTES, "%d", json_is_true(value));
    else if (json_is_integer(value))
        snprintf(number, TL_FORM_NUMBER_BYTES, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, TL_FORM_NUMBER_BYTES, "%.17g", json_real_value(value));
    else
        return tl_fail(call->ctx, TL_EUSAGE,
                       "columns: %s: expected a text, a number, true, false or null", name);
    *text = number;
    return TL_OK;
}

static tl_err read_columns(struct tl_call *call, enum tl_kind kind, struct tl_form *form)
{
    json_t *columns = json_object_get(call->json, "columns"), *value;
    const char *name;
    tl_err err = TL_OK;
    if (columns != NULL && !json_is_object(columns))
        return tl_fail(call->ctx, TL_EUSAGE, "columns: expected an object of values by column");
    json_object_foreach(columns, name, value)
    {
        int i = tl_kind_column(kind, name);
        if (i < 0)
            TL_THROW(call->ctx, TL_EUSAGE, "columns: %s records have no column \"%.60s\"",
                     tl_kind_info(kind)->name, name);
        TL_TRY(read_value(call, name, value, form->numbers[i], &form->given.values[i]));
        form->given.sets[i] = true;
    }
done:
    return err;
}

static tl_err read_geometry(struct tl_call *call, struct tl_form *form)
{
    json_t *geometry = json_object_get(call->json, "geometry");
    char *text = NULL;
    tl_err err = TL_OK;
    if (geometry == NULL)
        return TL_OK;
    if (!json_is_object(geometry))
        return tl_fail(call->ctx, TL_EUSAGE, "geometry: expected a GeoJSON geometry");
    TL_TRY(tl_json_line(call->ctx, geometry, &text));
    err = tl_geometry_from_json(call->ctx, text, (int64_t)strlen(text), &form->wkb,
                                &form->given.wkb_bytes);
    if (err != TL_OK)
        err = tl_fail_at(call->ctx, err, "geometry");
    form->given.wkb = form->wkb;
done:
    tl_free(text);
    return err;
}

tl_err tl_form_read(struct tl_call *call, enum tl_kind kind, const char *const *members,
                    struct tl_form *form)
{
    struct tl_entry_given *given = &form->given;
    tl_err err = TL_OK;
    given->accuracy_m = (double)NAN;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "id", false, 64, &given->id));
    TL_TRY(tl_call_member_text(call, "position", false, 512, &given->position));
    given->sets_remarks = json_object_get(call->json, "remarks") != NULL;
    TL_TRY(tl_call_member_text(call, "remarks", false, TEXT_BYTES, &given->remarks));
    given->sets_accuracy = json_object_get(call->json, "accuracy_m") != NULL;
    TL_TRY(tl_call_member_number(call, "accuracy_m", false, 0, 1e6, &given->accuracy_m));
    TL_TRY(tl_call_member_yesno(call, "outside_is_ok", &given->outside_is_ok));
    TL_TRY(read_columns(call, kind, form));
    TL_TRY(read_geometry(call, form));
done:
    return err;
}

void tl_form_fini(struct tl_form *form)
{
    tl_free(form->wkb);
    form->wkb = NULL;
}
