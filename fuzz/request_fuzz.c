/*
 * Fuzzer of what a request is read by: the first byte says the method and what else, the rest is an address, a Host header, a cookie header, a body.
 * What must hold for any bytes: no crash; an error has words; a route that is found has its values, each of its type, in range and without control
 * characters; no path leads out of its folder; a Host that is taken is one of this server's.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "serve/basic.h"
#include "serve/body.h"
#include "serve/guard.h"
#include "serve/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_text(const char *text)
{
    must(tl_text_is_utf8(text, (int64_t)strlen(text)));
    for (const char *at = text; *at != '\0'; at++)
        must((unsigned char)*at >= 0x20 && *at != 0x7f);
}

static void check_value(const struct tl_call_value *value)
{
    const struct tl_route_parameter *p = value->parameter;
    check_text(value->text);
    if (p->type == TL_ROUTE_INTEGER || p->type == TL_ROUTE_REAL)
        must(value->number[0] >= p->min && value->number[0] <= p->max);
    if (p->type == TL_ROUTE_INTEGER)
        must(value->number[0] == floor(value->number[0]));
    if (p->type == TL_ROUTE_NAME)
        must(strspn(value->text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(value->text));
    if (p->type == TL_ROUTE_BOX)
        must(value->number[0] <= value->number[2] && value->number[1] <= value->number[3] &&
             fabs(value->number[3]) <= 90);
}

static void check_uri(struct tl_ctx *ctx, enum tl_route_method method, char *uri)
{
    struct tl_router_found found;
    int n;
    const struct tl_route *routes = tl_routes(&n);
    if (strlen(uri) >= TL_ROUTER_URI_MAX)
        return;
    tl_err err = tl_router_find(ctx, n, routes, method, uri, &found);
    must(err == TL_OK || tl_ctx_message(ctx)[0] != '\0');
    must(err != TL_OK || (found.route != NULL && found.route->method == method));
    check_text(found.path);
    must(strstr(found.path, "//") == NULL);
    for (int i = 0; i < found.n_values && err == TL_OK; i++)
        check_value(&found.values[i]);
}

static void check_guard(const char *text)
{
    const struct tl_guard local = {.is_loopback = true, .port = 8640};
    char value[TL_SECRET_HEX], name[TL_ACCOUNT_NAME_BYTES], password[TL_ACCOUNT_PASSWORD_MAX + 1];
    if (tl_basic_read(text, name, password))
        must(name[0] != '\0' && password[0] != '\0' && strchr(name, ':') == NULL);
    if (tl_guard_host(&local, text))
        must(strstr(text, "8640") != NULL && strlen(text) <= strlen("localhost:08640"));
    if (tl_guard_origin(&local, "127.0.0.1:8640", text, NULL))
        must(strcasecmp(text, "http://127.0.0.1:8640") == 0);
    if (tl_guard_cookie(text, "tilth_8640", value, sizeof value))
        must(strlen(value) < sizeof value && strchr(value, ';') == NULL);
}

static void check_body(struct tl_ctx *ctx, const char *text, size_t n)
{
    json_t *json = NULL;
    tl_err err = tl_body_read(ctx, text, (int64_t)n, &json);
    must((err == TL_OK) == (json != NULL) && (err == TL_OK || tl_ctx_message(ctx)[0] != '\0'));
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tl_ctx *ctx = tl_ctx_create();
    char *text = malloc(size + 1);
    must(ctx != NULL && text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (size > 0) {
        check_guard(text + 1);
        check_body(ctx, text + 1, size - 1);
        check_uri(ctx, (enum tl_route_method)((unsigned char)text[0] % TL_ROUTE_METHODS), text + 1);
    }
    free(text);
    tl_ctx_free(ctx);
    return 0;
}
