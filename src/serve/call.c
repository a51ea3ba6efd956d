/* One request: its values, its body's members, its reply. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "serve/lang.h"
#include "serve/upload.h"

static const struct tl_call_value *value_named(const struct tl_call *call, const char *name)
{
    for (int i = 0; i < call->n_values; i++)
        if (strcmp(call->values[i].parameter->name, name) == 0)
            return &call->values[i];
    return NULL;
}

const char *tl_call_text(const struct tl_call *call, const char *name)
{
    const struct tl_call_value *value = value_named(call, name);
    return value != NULL ? value->text : NULL;
}

double tl_call_number(const struct tl_call *call, const char *name, double fallback)
{
    const struct tl_call_value *value = value_named(call, name);
    return value != NULL ? value->number[0] : fallback;
}

int64_t tl_call_integer(const struct tl_call *call, const char *name, int64_t fallback)
{
    const struct tl_call_value *value = value_named(call, name);
    return value != NULL ? (int64_t)value->number[0] : fallback;
}

const double *tl_call_box(const struct tl_call *call, const char *name)
{
    const struct tl_call_value *value = value_named(call, name);
    return value != NULL ? value->number : NULL;
}

void tl_call_drop_bytes(struct tl_call_reply *reply)
{
    if (reply->has_file)
        close(reply->file);
    if (reply->release != NULL)
        reply->release(reply->hold);
    else if (!reply->is_static)
        tl_free(reply->bytes);
    reply->bytes = NULL;
    reply->n_bytes = 0;
    reply->release = NULL;
    reply->hold = NULL;
    reply->is_static = false;
    reply->has_file = false;
}

void tl_call_reply_fini(struct tl_call_reply *reply)
{
    tl_call_drop_bytes(reply);
    for (int i = 0; i < reply->n_headers; i++)
        tl_free(reply->headers[i].value);
    memset(reply, 0, sizeof *reply);
}

void tl_call_bytes(struct tl_call *call, int status, const char *type, void *bytes, int64_t n)
{
    struct tl_call_reply *reply = &call->reply;
    tl_call_drop_bytes(reply);
    reply->status = status;
    reply->type = type;
    reply->bytes = bytes;
    reply->n_bytes = n;
}

tl_err tl_call_text_json(struct tl_call *call, int status, char *text)
{
    tl_call_bytes(call, status, "application/json", text, (int64_t)strlen(text));
    return TL_OK;
}

tl_err tl_call_json(struct tl_call *call, int status, json_t *json)
{
    char *text = NULL;
    if (json == NULL)
        return tl_fail(call->ctx, TL_ENOMEM, "no memory for JSON");
    tl_err err = tl_json_line(call->ctx, json, &text);
    json_decref(json);
    return err == TL_OK ? tl_call_text_json(call, status, text) : err;
}

tl_err tl_call_header(struct tl_call *call, const char *name, const char *format, ...)
{
    struct tl_call_reply *reply = &call->reply;
    char value[512];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(value, sizeof value, format, list);
    va_end(list);
    if (n < 0 || n >= (int)sizeof value || reply->n_headers == TL_CALL_HEADERS_MAX)
        return tl_fail(call->ctx, TL_EBUG, "the header %s does not fit", name);
    for (int i = 0; i < n; i++)
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return tl_fail(call->ctx, TL_EBUG, "the header %s has a control character", name);
    char *copy = tl_strdup(call->ctx, value);
    if (copy == NULL)
        return TL_ENOMEM;
    reply->headers[reply->n_headers++] = (struct tl_call_header){name, copy};
    return TL_OK;
}

tl_err tl_call_etag(struct tl_call *call, const char *etag, bool *same)
{
    char quoted[160];
    snprintf(quoted, sizeof quoted, "\"%.150s\"", etag);
    *same = strstr(call->if_none_match, quoted) != NULL || strcmp(call->if_none_match, "*") == 0;
    if (*same)
        tl_call_bytes(call, 304, NULL, NULL, 0);
    return tl_call_header(call, "ETag", "%s", quoted);
}

/* Where the project lies is nobody's business on the other side: its path becomes "the project". */
static void hide_path(const struct tl_call *call, const char *message, char said[1200])
{
    static const char uploads[] = ".uploads/";
    const char *path = call->serve->project, *at;
    size_t n = strlen(path), used = 0;
    said[0] = '\0';
    while ((at = strstr(message, path)) != NULL && used < 1000) {
        used += (size_t)snprintf(said + used, 1200 - used, "%.*sthe project", (int)(at - message),
                                 message);
        message = at + n;
        if (strncmp(message, uploads, strlen(uploads)) == 0) /* or a copy of it */
            message += strcspn(message, ": ");
    }
    if (used < 1200)
        snprintf(said + used, 1200 - used, "%s", message);
}

void tl_call_fail(struct tl_call *call, tl_err err, int status, const char *message)
{
    char said[1200], *told, *text = NULL;
    hide_path(call, message, said);
    message = said[0] != '\0' ? said : tl_err_text(err);
    told = tl_lang_say(call, message);
    json_t *json = json_pack("{s:s, s:s, s:s}", "schema", "tilth.error/1", "error",
                             tl_err_name(err), "message", told != NULL ? told : message);
    if (told != NULL && strcmp(told, message) != 0) /* what programs go by, and people report */
        json_object_set_new(json, "in_english", json_string(message));
    tl_free(told);
    if (json != NULL && tl_json_text(call->ctx, json, &text) != TL_OK)
        text = NULL;
    json_decref(json);
    /* Without memory for words the status alone must do. */
    tl_call_bytes(call, status != 0 ? status : tl_err_http(err), "application/json", text,
                  text != NULL ? (int64_t)strlen(text) : 0);
}

/* Members of the body. */

static tl_err member_fail(struct tl_call *call, const char *name, const char *expected)
{
    return tl_fail(call->ctx, TL_EUSAGE, "%s: expected %s", name, expected);
}

/* *member is NULL when it is absent or null. */
static tl_err member(struct tl_call *call, const char *name, bool required, json_t **member)
{
    *member = json_object_get(call->json, name);
    if (json_is_null(*member))
        *member = NULL;
    return *member == NULL && required ? tl_fail(call->ctx, TL_EUSAGE, "%s: is missing", name)
                                       : TL_OK;
}

tl_err tl_call_member_text(struct tl_call *call, const char *name, bool required, int64_t max_bytes,
                           const char **text)
{
    char expected[64];
    json_t *found = NULL;
    tl_err err = member(call, name, required, &found);
    if (err != TL_OK || found == NULL)
        return err;
    snprintf(expected, sizeof expected, TL_CATALOGUE_MARK("a text of 1 to %lld bytes"),
             (long long)max_bytes);
    /* A text with a zero inside would be cut off without a word. */
    if (!json_is_string(found) || json_string_length(found) == 0 ||
        (int64_t)json_string_length(found) > max_bytes ||
        strlen(json_string_value(found)) != json_string_length(found))
        return member_fail(call, name, expected);
    *text = json_string_value(found);
    return TL_OK;
}

tl_err tl_call_member_number(struct tl_call *call, const char *name, bool required, double min,
                             double max, double *value)
{
    char expected[96];
    json_t *found = NULL;
    tl_err err = member(call, name, required, &found);
    if (err != TL_OK || found == NULL)
        return err;
    snprintf(expected, sizeof expected, TL_CATALOGUE_MARK("a number from %.10g to %.10g"), min,
             max);
    if (!json_is_number(found) || !(json_number_value(found) >= min) ||
        !(json_number_value(found) <= max))
        return member_fail(call, name, expected);
    *value = json_number_value(found);
    return TL_OK;
}

tl_err tl_call_member_integer(struct tl_call *call, const char *name, bool required, int64_t min,
                              int64_t max, int64_t *value)
{
    char expected[96];
    json_t *found = NULL;
    tl_err err = member(call, name, required, &found);
    if (err != TL_OK || found == NULL)
        return err;
    snprintf(expected, sizeof expected, TL_CATALOGUE_MARK("a whole number from %lld to %lld"),
             (long long)min, (long long)max);
    if (!json_is_integer(found) || json_integer_value(found) < min ||
        json_integer_value(found) > max)
        return member_fail(call, name, expected);
    *value = json_integer_value(found);
    return TL_OK;
}

tl_err tl_call_member_yesno(struct tl_call *call, const char *name, bool *value)
{
    json_t *found = NULL;
    tl_err err = member(call, name, false, &found);
    if (err != TL_OK || found == NULL)
        return err;
    if (!json_is_boolean(found))
        return member_fail(call, name, "true or false");
    *value = json_is_true(found);
    return TL_OK;
}

tl_err tl_call_member_choice(struct tl_call *call, const char *name, bool required,
                             const char *choices, const char **text)
{
    const char *given = NULL;
    tl_err err = tl_call_member_text(call, name, required, 64, &given);
    if (err != TL_OK || given == NULL)
        return err;
    size_t n = strlen(given);
    for (const char *at = choices; *at != '\0';) {
        size_t length = strcspn(at, "|");
        if (length == n && memcmp(at, given, n) == 0) {
            *text = given;
            return TL_OK;
        }
        at += length + (at[length] == '|');
    }
    return tl_fail(call->ctx, TL_EUSAGE, "%s: \"%.60s\" is not valid, expected %s", name, given,
                   choices);
}

tl_err tl_call_members(struct tl_call *call, const char *const *names)
{
    const char *key;
    json_t *value;
    json_object_foreach(call->json, key, value)
    {
        int i = 0;
        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return tl_fail(call->ctx, TL_EUSAGE, "unknown member \"%.60s\"", key);
    }
    return TL_OK;
}

void tl_call_free(struct tl_call *call)
{
    if (call == NULL)
        return;
    tl_call_reply_fini(&call->reply);
    json_decref(call->json);
    if (call->body.text != NULL)
        tl_secret_wipe(call->body.text, (size_t)call->body.size_bytes); /* it may hold a password */
    tl_buf_fini(&call->body);
    if (call->basic != NULL)
        tl_secret_wipe(call->basic, strlen(call->basic));
    tl_free(call->basic);
    tl_upload_drop(call->inflow);
    tl_free(call->uri);
    tl_free(call);
}
