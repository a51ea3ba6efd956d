/* What an administrator sets for the field view: whom to call, the project's own words, districts. One setting, checked as a whole. */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "tilth/fieldwork.h"

enum {
    CONTACTS_MAX = 50,
    WORDS_MAX = 20,
    DISTRICTS_MAX = 500,
    TEXT_BYTES = 2000,
    NAME_BYTES = 120,
    PHONE_BYTES = 40,
    LANGUAGES_MAX = 20
};

static const char key[] = "field_view";

static bool is_language(const char *code)
{
    size_t n = strlen(code);
    return n >= 2 && n <= 3 && strspn(code, "abcdefghijklmnopqrstuvwxyz") == n;
}

static tl_err check_string(struct tl_ctx *ctx, const char *where, const json_t *value,
                           size_t max_bytes)
{
    size_t n = json_string_length(value);
    if (!json_is_string(value) || n == 0 || n > max_bytes || strlen(json_string_value(value)) != n)
        return tl_fail(ctx, TL_EDATA, "%s: expected a text of 1 to %zu bytes", where, max_bytes);
    return TL_OK;
}

/* A text for all languages, or one by language: {"en": "...", "uk": "..."}. */
static tl_err check_text(struct tl_ctx *ctx, const char *where, json_t *value, size_t max_bytes)
{
    const char *language;
    json_t *text;
    tl_err err = TL_OK;
    if (!json_is_object(value))
        return check_string(ctx, where, value, max_bytes);
    if (json_object_size(value) == 0 || json_object_size(value) > LANGUAGES_MAX)
        return tl_fail(ctx, TL_EDATA, "%s: expected a text, or one by language", where);
    json_object_foreach(value, language, text)
    {
        if (!is_language(language))
            TL_THROW(ctx, TL_EDATA, "%s: \"%.20s\" is not a language, expected en, uk, ...", where,
                     language);
        TL_TRY(check_string(ctx, where, text, max_bytes));
    }
done:
    return err;
}

static tl_err check_members(struct tl_ctx *ctx, const char *where, json_t *object,
                            const char *const *names)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return tl_fail(ctx, TL_EDATA, "%s: expected an object", where);
    json_object_foreach(object, name, value)
    {
        int i = 0;
        while (names[i] != NULL && strcmp(names[i], name) != 0)
            i++;
        if (names[i] == NULL)
            return tl_fail(ctx, TL_EDATA, "%s: unknown member \"%.60s\"", where, name);
    }
    return TL_OK;
}

static tl_err check_contact(struct tl_ctx *ctx, const char *where, json_t *contact)
{
    static const char *const members[] = {"name", "phone", "words", NULL};
    json_t *phone = json_object_get(contact, "phone"), *words = json_object_get(contact, "words");
    char at[80];
    tl_err err = TL_OK;
    TL_TRY(check_members(ctx, where, contact, members));
    snprintf(at, sizeof at, "%s: name", where);
    TL_TRY(check_text(ctx, at, json_object_get(contact, "name"), NAME_BYTES));
    snprintf(at, sizeof at, "%s: phone", where);
    TL_TRY(check_string(ctx, at, phone, PHONE_BYTES));
    const char *digits = json_string_value(phone);
    if (strspn(digits, "0123456789+-() ") != strlen(digits))
        TL_THROW(ctx, TL_EDATA, "%s: \"%.40s\" is not a number to call, expected digits, + - ( )",
                 at, digits);
    snprintf(at, sizeof at, "%s: words", where);
    if (words != NULL)
        TL_TRY(check_text(ctx, at, words, TEXT_BYTES));
done:
    return err;
}

static tl_err check_words(struct tl_ctx *ctx, const char *where, json_t *words)
{
    return check_text(ctx, where, words, TEXT_BYTES);
}

static bool is_box(const json_t *box)
{
    double v[4];
    if (!json_is_array(box) || json_array_size(box) != 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        if (!json_is_number(json_array_get(box, i)))
            return false;
        v[i] = json_number_value(json_array_get(box, i));
    }
    return v[0] >= -180 && v[2] <= 180 && v[0] < v[2] && v[1] >= -90 && v[3] <= 90 && v[1] < v[3];
}

static tl_err check_district(struct tl_ctx *ctx, const char *where, json_t *district)
{
    static const char *const members[] = {"id", "name", "box", NULL};
    json_t *id = json_object_get(district, "id");
    char at[80];
    tl_err err = TL_OK;
    TL_TRY(check_members(ctx, where, district, members));
    snprintf(at, sizeof at, "%s: id", where);
    TL_TRY(check_string(ctx, at, id, NAME_BYTES));
    snprintf(at, sizeof at, "%s: name", where);
    TL_TRY(check_text(ctx, at, json_object_get(district, "name"), NAME_BYTES));
    if (!is_box(json_object_get(district, "box")))
        TL_THROW(ctx, TL_EDATA, "%s: box: expected [west, south, east, north] in degrees", where);
done:
    return err;
}

static const struct {
    const char *name, *one;
    size_t max;
    tl_err (*check)(struct tl_ctx *ctx, const char *where, json_t *value);
} parts[] = {{"contacts", "contact", CONTACTS_MAX, check_contact},
             {"words", "words", WORDS_MAX, check_words},
             {"districts", "district", DISTRICTS_MAX, check_district}};

static tl_err check_part(struct tl_ctx *ctx, size_t part, json_t *list)
{
    char where[60];
    tl_err err = TL_OK;
    if (!json_is_array(list) || json_array_size(list) > parts[part].max)
        return tl_fail(ctx, TL_EDATA, "%s: expected a list of at most %zu", parts[part].name,
                       parts[part].max);
    for (size_t i = 0; i < json_array_size(list); i++) {
        snprintf(where, sizeof where, "%s %zu", parts[part].one, i + 1);
        TL_TRY(parts[part].check(ctx, where, json_array_get(list, i)));
    }
done:
    return err;
}

tl_err tl_fieldwork_settings(struct tl_ctx *ctx, struct tl_project *project, char **json)
{
    char *text = NULL;
    json_t *settings = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_project_get(ctx, project, key, &text));
    settings = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (!json_is_object(settings)) { /* never set, or another program wrote something else there */
        json_decref(settings);
        settings = json_object();
    }
    for (size_t i = 0; i < 3; i++)
        if (!json_is_array(json_object_get(settings, parts[i].name)))
            json_object_set_new(settings, parts[i].name, json_array());
    TL_TRY(tl_json_line(ctx, settings, json));
done:
    json_decref(settings);
    tl_free(text);
    return err;
}

tl_err tl_fieldwork_set(struct tl_ctx *ctx, struct tl_project *project, const char *json,
                        int64_t n_bytes)
{
    static const char *const members[] = {"schema", "contacts", "words", "districts", NULL};
    json_error_t why;
    json_t *settings = json_loadb(json, (size_t)n_bytes, JSON_REJECT_DUPLICATES, &why);
    char *line = NULL, *before = NULL;
    tl_err err = TL_OK;
    if (settings == NULL)
        TL_THROW(ctx, TL_EDATA, "line %d, column %d: %s", why.line, why.column, why.text);
    TL_TRY(check_members(ctx, "the field view's settings", settings, members));
    json_object_del(settings, "schema");
    for (size_t i = 0; i < 3; i++)
        if (json_object_get(settings, parts[i].name) != NULL)
            TL_TRY(check_part(ctx, i, json_object_get(settings, parts[i].name)));
    TL_TRY(tl_json_line(ctx, settings, &line));
    TL_TRY(tl_project_get(ctx, project, key, &before));
    if (before == NULL || strcmp(before, line) != 0)
        TL_TRY(tl_project_set(ctx, project, key, line));
done:
    json_decref(settings);
    tl_free(before);
    tl_free(line);
    return err;
}

tl_err tl_fieldwork_set_file(struct tl_ctx *ctx, struct tl_project *project, const char *path)
{
    json_t *json = NULL;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_json_read(ctx, path, &json));
    TL_TRY(tl_json_line(ctx, json, &text));
    err = tl_fieldwork_set(ctx, project, text, (int64_t)strlen(text));
    if (err == TL_EDATA)
        err = tl_fail_at(ctx, err, "%s", path);
done:
    json_decref(json);
    tl_free(text);
    return err;
}
