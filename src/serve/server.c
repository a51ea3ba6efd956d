/*
 * Requests. libmicrohttpd's threads take bytes from the network; what is quick is answered there, all else is put to a lane while the connection
 * sleeps. In order: address and Host, then the route, then who asks and whether that role may, then where a change comes from, then the body. What is
 * refused is refused before its body is read.
 */
#include "serve/server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/catalogue.h"
#include "serve/account.h"
#include "serve/basic.h"
#include "serve/body.h"
#include "serve/guard.h"
#include "serve/jobs.h"
#include "serve/router.h"
#include "serve/static.h"

/* Of a call on its way; handed over together with its connection. */
enum state { NEW, READING, REFUSED, AT_WORK, DONE };

enum {
    REFUSED_BODY_MAX = 262144
}; /* a refused body up to this is read and dropped, so that the reply arrives */

static const char policy[] = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src "
                             "'self'; img-src 'self' data: blob:; connect-src "
                             "'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
                             "form-action 'self'; frame-ancestors 'none'";

static const char *header(struct tl_call *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

static tl_err refuse(struct tl_call *call, tl_err err, int status, const char *message)
{
    tl_call_fail(call, err, status, message);
    return err;
}

tl_err tl_server_cookie(struct tl_call *call, const char *token, int lasts_s)
{
    return tl_call_header(
        call, "Set-Cookie", "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s",
        call->serve->cookie, token, lasts_s, call->serve->https ? "; Secure" : "");
}

/* GIS programs are told how to log in; browsers' own prompt appears on these routes only. */
static tl_err ask_for_basic(struct tl_call *call)
{
    return strncmp(call->path, "/ogc", 4) == 0
               ? tl_call_header(call, "WWW-Authenticate",
                                "Basic realm=\"tilth\", charset=\"UTF-8\"")
               : TL_OK;
}

/* The session of an Authorization header that was seen before, where it is still good. */
static bool whose_basic(struct tl_call *call, const char *authorization)
{
    char token[TL_SECRET_HEX];
    bool found = tl_basic_find(call->serve->basic, authorization, token);
    if (found)
        tl_account_whose(call->ctx, call->serve->book, token, &call->person);
    if (found && call->person.role == TL_ACCOUNT_GUEST) /* logged out, or the account has changed */
        tl_basic_forget(call->serve->basic, authorization);
    tl_secret_wipe(token, sizeof token);
    return found && call->person.role != TL_ACCOUNT_GUEST;
}

/* Who asks by name and password: known, or to be checked where passwords are checked. */
static tl_err note_basic(struct tl_call *call)
{
    const char *authorization = header(call, "Authorization");
    if (authorization == NULL || !tl_basic_is_for(call->uri) || whose_basic(call, authorization))
        return TL_OK;
    if (strlen(authorization) > TL_BASIC_HEADER_MAX)
        return refuse(call, TL_EUSAGE, 400, "the header Authorization is too long");
    call->basic = tl_strdup(call->ctx, authorization);
    return call->basic != NULL ? TL_OK : TL_ENOMEM;
}

/* On the thread that checks passwords. The reply is there where it fails. */
static tl_err check_basic(struct tl_call *call)
{
    char name[TL_ACCOUNT_NAME_BYTES], password[TL_ACCOUNT_PASSWORD_MAX + 1];
    char token[TL_SECRET_HEX];
    tl_err err = TL_OK;
    if (whose_basic(call, call->basic)) /* checked while this one waited */
        return tl_server_check_role(call);
    if (!tl_basic_read(call->basic, name, password)) {
        (void)!ask_for_basic(call);
        return refuse(call, TL_EDENIED, 401,
                      "the header Authorization: expected Basic with a name and a password");
    }
    err = tl_server_log_in(call, name, password, token);
    if (err == TL_EDENIED)
        (void)!ask_for_basic(call);
    TL_TRY(err);
    tl_basic_keep(call->serve->basic, call->basic, token);
    tl_account_whose(call->ctx, call->serve->book, token, &call->person);
    TL_TRY(tl_server_check_role(call));
done:
    tl_secret_wipe(password, sizeof password);
    tl_secret_wipe(token, sizeof token);
    if (err != TL_OK && call->reply.status == 0)
        tl_call_fail(call, err, 0, tl_ctx_message(call->ctx));
    return err;
}

void tl_server_run(struct tl_call *call)
{
    if (call->basic != NULL && check_basic(call) != TL_OK)
        return;
    tl_err err = call->route->handler(call);
    bool is_guest = call->person.role == TL_ACCOUNT_GUEST;
    if (err == TL_EDENIED && is_guest && strncmp(call->path, "/ogc", 4) == 0) {
        (void)!ask_for_basic(call);
        tl_call_fail(call, err, 401, tl_ctx_message(call->ctx));
    } else if (err != TL_OK)
        tl_call_fail(call, err, 0, tl_ctx_message(call->ctx));
}

/* A client's address without its port: for rates and limits, not for logs. "" = not known. */
static void put_address(struct MHD_Connection *connection, char address[64], bool *is_own)
{
    static const unsigned char own_four[4] = {127, 0, 0, 1}, own_six[16] = {[15] = 1};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info != NULL ? info->client_addr : NULL;
    const unsigned char *bytes = NULL;
    size_t n = 0;
    *is_own = false;
    address[0] = '\0';
    if (at != NULL && at->sa_family == AF_INET) {
        bytes = (const unsigned char *)&((const struct sockaddr_in *)(const void *)at)->sin_addr;
        n = 4;
        *is_own = memcmp(bytes, own_four, sizeof own_four) == 0;
    } else if (at != NULL && at->sa_family == AF_INET6) {
        bytes = (const unsigned char *)&((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
        n = 8; /* a household has 2^64 addresses */
        *is_own = memcmp(bytes, own_six, sizeof own_six) == 0;
    }
    for (size_t i = 0; i < n; i++)
        snprintf(address + 2 * i, 3, "%02x", bytes[i]);
}

static void note_language(struct tl_call *call)
{
    snprintf(call->language, sizeof call->language, "%s",
             tl_catalogue_accepted(header(call, "Accept-Language")));
}

static void copy_header(struct tl_call *call, const char *name, char *to, size_t room)
{
    const char *value = header(call, name);
    if (value != NULL && strlen(value) < room)
        snprintf(to, room, "%s", value);
}

static struct tl_guard guard_of(const struct tl_serve *serve)
{
    return (struct tl_guard){.is_loopback = serve->is_loopback,
                             .https = serve->https,
                             .port = serve->port,
                             .name = serve->name};
}

/* A change must come from our own pages, and say the session's word. */
static tl_err check_change(struct tl_call *call)
{
    struct tl_guard guard = guard_of(call->serve);
    const char *csrf = header(call, "X-CSRF-Token");
    if (!tl_guard_origin(&guard, header(call, "Host"), header(call, "Origin"),
                         header(call, "Sec-Fetch-Site")))
        return refuse(call, TL_EDENIED, 0, "a change may come from this server's own pages only");
    if (call->route->open)
        return TL_OK;
    if (csrf == NULL || !tl_secret_same(csrf, call->person.csrf))
        return refuse(
            call, TL_EDENIED, 0,
            "the header X-CSRF-Token is missing or not this session's; it is in /api/1/session");
    return TL_OK;
}

tl_err tl_server_check_role(struct tl_call *call)
{
    char message[200];
    if (call->route->roles & TL_ROUTE_MAY(call->person.role))
        return TL_OK;
    if (call->person.role == TL_ACCOUNT_GUEST) {
        (void)!ask_for_basic(call);
        return refuse(call, TL_EDENIED, 401, "log in first");
    }
    snprintf(message, sizeof message,
             call->person.is_local
                 ? TL_CATALOGUE_MARK("the role '%s' may not do this; it needs accounts: make them "
                                     "with tilth account")
                 : TL_CATALOGUE_MARK("the role '%s' may not do this"),
             tl_account_role_name(call->person.role));
    return refuse(call, TL_EDENIED, 0, message);
}

static tl_err check_body(struct tl_call *call)
{
    char message[160];
    const char *length = header(call, "Content-Length"),
               *coding = header(call, "Transfer-Encoding");
    const char *type = header(call, "Content-Type");
    const char *wanted = call->route->body != NULL ? call->route->body : "application/json";
    int64_t n = length != NULL ? strtoll(length, NULL, 10) : 0;
    bool has = n > 0 || coding != NULL;
    if (n > call->route->body_max_bytes || (has && call->route->body_max_bytes == 0)) {
        snprintf(message, sizeof message,
                 TL_CATALOGUE_MARK("the body has %lld bytes, expected at most %lld"), (long long)n,
                 (long long)call->route->body_max_bytes);
        return refuse(call, TL_EUSAGE, 413, message);
    }
    bool any = strcmp(wanted, TL_ROUTE_ANY_TYPE) == 0;
    copy_header(call, "Content-Type", call->content_type, sizeof call->content_type);
    if (has && !any && (type == NULL || strncmp(type, wanted, strlen(wanted)) != 0)) {
        snprintf(message, sizeof message, TL_CATALOGUE_MARK("Content-Type: expected %s"), wanted);
        return refuse(call, TL_EUSAGE, 415, message);
    }
    if (!has || call->route->body_begin == NULL)
        return TL_OK;
    tl_err err = call->route->body_begin(call, length != NULL ? n : -1);
    call->drops_body = err != TL_OK;
    return err == TL_OK || call->reply.status != 0
               ? err
               : refuse(call, err, 0, tl_ctx_message(call->ctx));
}

static tl_err read_method(struct tl_call *call, const char *method)
{
    call->is_head = strcmp(method, "HEAD") == 0;
    if (call->is_head)
        method = "GET";
    for (int m = 0; m < TL_ROUTE_METHODS; m++)
        if (strcmp(method, tl_router_method_name((enum tl_route_method)m)) == 0) {
            call->method = (enum tl_route_method)m;
            return TL_OK;
        }
    return refuse(call, TL_EUSAGE, 405, "expected GET, HEAD, POST, PATCH or DELETE");
}

/* "/?key=...": the local person's way in. The key leaves the address at once. */
static tl_err take_key(struct tl_call *call, const char *key)
{
    static const char wrong[] =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tilth</title><p>This "
        "address is of another run of the server. Open the one that tilth serve printed last.</p>"
        "</html>\n";
    char token[TL_SECRET_HEX];
    tl_err err = TL_OK;
    if (tl_account_local_take(call->serve->book, key, token)) {
        TL_TRY(tl_server_cookie(call, token, TL_ACCOUNT_SESSION_S));
    } else if (call->person.role == TL_ACCOUNT_GUEST) {
        tl_call_bytes(call, 403, "text/html; charset=utf-8", (void *)(uintptr_t)wrong,
                      (int64_t)sizeof wrong - 1);
        call->reply.is_static = true;
        return TL_EDENIED;
    }
    TL_TRY(tl_call_header(call, "Location", "/"));
    tl_call_bytes(call, 303, "text/plain", NULL, 0);
    err = TL_EDENIED; /* answered */
done:
    if (err != TL_OK && call->reply.status == 0)
        tl_call_fail(call, err, 0, tl_ctx_message(call->ctx));
    tl_secret_wipe(token, sizeof token);
    return err;
}

static bool is_api(const char *path)
{
    return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/api") == 0 ||
           strncmp(path, "/ogc/", 5) == 0 || strcmp(path, "/ogc") == 0;
}

static tl_err find_route(struct tl_call *call)
{
    struct tl_router_found found;
    int n;
    const struct tl_route *routes = tl_routes(&n);
    const char *key = strncmp(call->uri, "/?key=", 6) == 0 ? call->uri + 6 : NULL;
    if (key != NULL)
        return take_key(call, key);
    tl_err err = tl_router_find(call->ctx, n, routes, call->method, call->uri, &found);
    memcpy(call->path, found.path, sizeof call->path);
    call->route = found.route;
    call->n_values = found.n_values;
    memcpy(call->values, found.values, sizeof call->values);
    if (err == TL_ENOTFOUND && found.status == 0 && call->path[0] != '\0' && !is_api(call->path) &&
        call->method == TL_ROUTE_GET)
        return TL_OK; /* a page */
    if (err == TL_OK)
        return TL_OK;
    tl_call_fail(call, err, found.status, tl_ctx_message(call->ctx));
    if (found.allow[0] != '\0' && tl_call_header(call, "Allow", "%s", found.allow) != TL_OK)
        return err;
    return err;
}

/* All that can be said of a request before its body; what is wrong is in the reply. */
static tl_err admit(struct tl_call *call, const char *method)
{
    struct tl_guard guard = guard_of(call->serve);
    char token[TL_SECRET_HEX] = "";
    tl_err err = TL_OK;
    if (call->uri == NULL)
        return refuse(call, TL_EUSAGE, 414, "the address is too long");
    if (!tl_guard_host(&guard, header(call, "Host")))
        return refuse(call, TL_EDENIED, 421, "the Host header does not name this server");
    TL_TRY(read_method(call, method));
    put_address(call->connection, call->address, &(bool){false});
    copy_header(call, "If-None-Match", call->if_none_match, sizeof call->if_none_match);
    const char *prefer = header(call, "Prefer");
    const char *wait = prefer != NULL ? strstr(prefer, "wait=") : NULL;
    call->wants_job = prefer != NULL && strstr(prefer, "respond-async") != NULL;
    call->wait_s = wait != NULL ? strtod(wait + 5, NULL) : TL_JOBS_ANSWER_S;
    if (!(call->wait_s >= 0 && call->wait_s < TL_JOBS_ANSWER_S))
        call->wait_s = TL_JOBS_ANSWER_S;
    copy_header(call, "If-Match", call->if_match, sizeof call->if_match);
    if (tl_guard_cookie(header(call, "Cookie"), call->serve->cookie, token, sizeof token))
        tl_account_whose(call->ctx, call->serve->book, token, &call->person);
    TL_TRY(note_basic(call));
    TL_TRY(find_route(call));
    if (call->route == NULL)
        goto done;
    if (call->basic == NULL)
        TL_TRY(tl_server_check_role(call));
    if (call->route->method != TL_ROUTE_GET)
        TL_TRY(check_change(call));
    TL_TRY(check_body(call));
done:
    tl_secret_wipe(token, sizeof token);
    return err;
}

/* Security headers are on every reply, errors and pages alike. */
static bool add_headers(struct tl_call *call, struct MHD_Response *response)
{
    static const char *const fixed[][2] = {
        {"Content-Security-Policy", policy},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Frame-Options", "DENY"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "geolocation=(self), camera=(), microphone=()"},
        {"Server", "tilth"}};
    const struct tl_call_reply *reply = &call->reply;
    bool good = true, caches = false;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        good = good && MHD_add_response_header(response, fixed[i][0], fixed[i][1]) == MHD_YES;
    if (call->serve->https)
        good = good && MHD_add_response_header(response, "Strict-Transport-Security",
                                               "max-age=31536000") == MHD_YES;
    for (int i = 0; i < reply->n_headers; i++) {
        good = good && MHD_add_response_header(response, reply->headers[i].name,
                                               reply->headers[i].value) == MHD_YES;
        caches = caches || strcmp(reply->headers[i].name, "Cache-Control") == 0;
    }
    if (!caches)
        good = good && MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES;
    if (reply->type != NULL)
        good = good && MHD_add_response_header(response, "Content-Type", reply->type) == MHD_YES;
    return good;
}

static enum MHD_Result send_reply(struct tl_call *call)
{
    struct tl_call_reply *reply = &call->reply;
    struct MHD_Response *response;
    if (reply->has_file) /* libmicrohttpd closes it */
        response = MHD_create_response_from_fd64((uint64_t)reply->n_bytes, reply->file);
    else if (reply->release != NULL) /* held until it is sent: it ends before the call does */
        response = MHD_create_response_from_buffer((size_t)reply->n_bytes, reply->bytes,
                                                   MHD_RESPMEM_PERSISTENT);
    else if (reply->bytes == NULL || reply->is_static)
        response = MHD_create_response_from_buffer((size_t)reply->n_bytes, reply->bytes,
                                                   MHD_RESPMEM_PERSISTENT);
    else
        response = MHD_create_response_from_buffer_with_free_callback((size_t)reply->n_bytes,
                                                                      reply->bytes, tl_free);
    if (response == NULL)
        return MHD_NO;
    if (!reply->is_static && reply->release == NULL) { /* the response owns them now */
        reply->bytes = NULL;
        reply->n_bytes = 0;
        reply->has_file = false;
    }
    enum MHD_Result sent =
        add_headers(call, response)
            ? MHD_queue_response(call->connection, (unsigned)reply->status, response)
            : MHD_NO;
    MHD_destroy_response(response);
    call->state = DONE;
    return sent;
}

static enum MHD_Result send_busy(struct tl_call *call)
{
    struct tl_seat *seat = tl_seat_take(call->serve);
    if (seat == NULL)
        return MHD_NO;
    call->ctx = seat->ctx;
    tl_call_fail(call, TL_ELOCKED, 503,
                 TL_CATALOGUE_MARK("too much work is waiting; try again in a moment"));
    (void)!tl_call_header(call, "Retry-After", "5");
    call->ctx = NULL;
    tl_seat_give(call->serve, seat);
    return MHD_YES; /* the resumed connection comes back and sends it */
}

/* To a lane, with the connection asleep; slow work that is asked for so becomes a job. */
static enum MHD_Result put_to_lane(struct tl_call *call)
{
    struct tl_lane *lane =
        &call->serve->lanes[call->basic != NULL ? TL_ROUTE_SECRET : call->route->lane];
    struct tl_call *work = call;
    struct tl_seat *seat = NULL;
    if (call->wants_job && call->route->lane == TL_ROUTE_WORK) {
        seat = tl_seat_take(call->serve);
        work = seat != NULL ? tl_jobs_begin(seat->ctx, call) : NULL;
        tl_seat_give(call->serve, seat);
    }
    call->state = AT_WORK;
    MHD_suspend_connection(call->connection);
    if (work != NULL && tl_lane_put(lane, work))
        return MHD_YES;
    if (work != NULL && work != call)
        tl_jobs_drop(work);
    MHD_resume_connection(call->connection);
    call->state = READING;
    return send_busy(call);
}

/* Runs it here or puts it to a lane. */
static enum MHD_Result dispatch(struct tl_call *call)
{
    if (call->peer != NULL)
        call->peer->is_answering = true;
    if (call->route != NULL && (call->route->lane != TL_ROUTE_HERE || call->basic != NULL))
        return put_to_lane(call);
    call->seat = tl_seat_take(call->serve);
    if (call->seat == NULL)
        return MHD_NO;
    call->ctx = call->seat->ctx;
    tl_err err = call->route != NULL ? TL_OK : tl_static_answer(call);
    if (call->route != NULL)
        tl_server_run(call);
    else if (err != TL_OK)
        tl_call_fail(call, err, 0, tl_ctx_message(call->ctx));
    tl_seat_give(call->serve, call->seat);
    call->seat = NULL;
    call->ctx = NULL;
    return send_reply(call);
}

void tl_server_done(struct tl_call *call)
{
    if (call->job != NULL)
        call = tl_jobs_done(call);
    if (call != NULL)
        MHD_resume_connection(call->connection);
}

void tl_server_tick(struct tl_serve *serve)
{
    struct tl_call *waiter;
    struct tl_seat *seat = tl_seat_take(serve);
    if (seat == NULL)
        return;
    while ((waiter = tl_jobs_late(serve, seat->ctx, tl_clock_s())) != NULL)
        MHD_resume_connection(waiter->connection);
    tl_seat_give(serve, seat);
}

static tl_err refuse_connection(struct tl_call *call)
{
    refuse(call, TL_ELOCKED, 503, "too many connections; try again in a moment");
    (void)!tl_call_header(call, "Retry-After", "5");
    (void)!tl_call_header(call, "Connection", "close");
    return TL_ELOCKED;
}

static enum MHD_Result begin(struct tl_call *call, const char *method)
{
    struct tl_seat *seat = tl_seat_take(call->serve);
    if (seat == NULL)
        return MHD_NO;
    call->seat = seat;
    call->ctx = seat->ctx;
    note_language(call);
    tl_err err =
        call->peer != NULL && call->peer->is_over ? refuse_connection(call) : admit(call, method);
    call->seat = NULL;
    call->ctx = NULL;
    tl_seat_give(call->serve, seat);
    if (err == TL_OK) {
        call->state = READING;
        return MHD_YES;
    }
    if (call->reply.status == 0)
        return MHD_NO; /* no memory even for an error */
    /* A reply at this moment would end the connection; a small body is read and dropped instead, so that the reply arrives. */
    const char *length = header(call, "Content-Length");
    bool is_large = length != NULL ? strtoll(length, NULL, 10) > REFUSED_BODY_MAX
                                   : header(call, "Transfer-Encoding") != NULL;
    if (is_large && !call->drops_body)
        return send_reply(call);
    call->state = REFUSED;
    return MHD_YES;
}

/* Bytes of the body, to memory or to where its route has them go. What is wrong is in the reply. */
static tl_err take_bytes(struct tl_call *call, const char *bytes, int64_t n)
{
    const struct tl_route *route = call->route;
    int64_t n_before = route->body_take != NULL ? call->body_bytes : call->body.size_bytes;
    if (n_before + n > route->body_max_bytes)
        return refuse(call, TL_EUSAGE, 413, "the body is larger than what is taken here");
    call->body_bytes += n;
    if (route->body_take != NULL) {
        tl_err err = route->body_take(call, bytes, n);
        return err == TL_OK || call->reply.status != 0
                   ? err
                   : refuse(call, err, 0, tl_ctx_message(call->ctx));
    }
    call->body.max_bytes = route->body_max_bytes + 1;
    return tl_buf_add_bytes(call->ctx, &call->body, bytes, n);
}

static enum MHD_Result take_body(struct tl_call *call, const char *bytes, size_t *n)
{
    struct tl_seat *seat;
    tl_err err = TL_OK;
    if (call->peer != NULL)
        call->peer->n_bytes += (int64_t)*n;
    if (call->state == READING && call->route == NULL)
        return MHD_NO; /* a page takes no body */
    if (call->state == READING) {
        seat = tl_seat_take(call->serve);
        if (seat == NULL)
            return MHD_NO;
        call->ctx = seat->ctx;
        err = take_bytes(call, bytes, (int64_t)*n);
        if (err != TL_OK && call->reply.status != 0) { /* said when the rest has come */
            call->state = REFUSED;
            err = TL_OK;
        }
        call->ctx = NULL;
        tl_seat_give(call->serve, seat);
    }
    *n = 0;
    return err == TL_OK ? MHD_YES : MHD_NO;
}

/* The request is there whole. */
static enum MHD_Result complete(struct tl_call *call)
{
    bool is_json =
        call->route != NULL && call->route->body_max_bytes > 0 && call->route->body == NULL;
    if (call->state == REFUSED)
        return send_reply(call);
    if (!is_json)
        return dispatch(call);
    struct tl_seat *seat = tl_seat_take(call->serve);
    if (seat == NULL)
        return MHD_NO;
    call->ctx = seat->ctx;
    tl_err err = tl_body_read(seat->ctx, call->body.text != NULL ? call->body.text : "",
                              call->body.size_bytes, &call->json);
    if (err != TL_OK)
        tl_call_fail(call, err, 400, tl_ctx_message(seat->ctx));
    call->ctx = NULL;
    tl_seat_give(call->serve, seat);
    return err == TL_OK ? dispatch(call) : send_reply(call);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_bytes, void **request)
{
    struct tl_call *call = *request;
    (void)user;
    (void)url;
    (void)version;
    if (call == NULL)
        return MHD_NO;
    if (call->state == NEW) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        call->connection = connection;
        call->peer = info != NULL ? info->socket_context : NULL;
        return begin(call, method);
    }
    if (call->state == AT_WORK || call->reply.status != 0) {
        if (*upload_bytes == 0)
            return send_reply(call);
    }
    return *upload_bytes > 0 ? take_body(call, upload, upload_bytes) : complete(call);
}

/* The first that is heard of a request: its address as it came. */
static void *on_uri(void *user, const char *uri, struct MHD_Connection *connection)
{
    struct tl_serve *serve = user;
    struct tl_seat *seat = tl_seat_take(serve);
    (void)connection;
    if (seat == NULL)
        return NULL;
    struct tl_call *call = tl_alloc(seat->ctx, 1, sizeof *call);
    if (call != NULL) {
        call->serve = serve;
        call->began_s = tl_clock_s();
        if (strlen(uri) < TL_ROUTER_URI_MAX)
            call->uri = tl_strdup(seat->ctx, uri);
    }
    tl_seat_give(serve, seat);
    return call;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode how)
{
    struct tl_call *call = *request;
    (void)user;
    (void)connection;
    (void)how;
    if (call == NULL)
        return;
    if (call->peer != NULL) {
        pthread_mutex_lock(&call->serve->peers_lock);
        call->peer->since_s = tl_clock_s();
        call->peer->n_bytes = 0;
        call->peer->is_answering = false;
        pthread_mutex_unlock(&call->serve->peers_lock);
    }
    tl_call_free(call);
    *request = NULL;
}

/* Too many in all, or from one address. A proxy in front and who sits at this machine are one address for many: those are held by the total only. */
static bool is_over(const struct tl_serve *serve, const struct tl_serve_peer *peer)
{
    int n = 1, n_same = 1;
    for (const struct tl_serve_peer *other = serve->peers; other != NULL; other = other->next) {
        n += !other->is_over;
        n_same += !other->is_over && strcmp(other->address, peer->address) == 0;
    }
    return n > TL_SERVE_PEERS_MAX || (peer->address[0] != '\0' && n_same > TL_SERVE_PEERS_OF_ONE);
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct tl_serve *serve = user;
    struct tl_serve_peer *peer = *context;
    pthread_mutex_lock(&serve->peers_lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        peer = tl_alloc(serve->ctx, 1, sizeof *peer);
        if (peer != NULL) {
            peer->socket = info != NULL ? info->connect_fd : -1;
            peer->since_s = tl_clock_s();
            bool is_own = false;
            put_address(connection, peer->address, &is_own);
            if (is_own)
                peer->address[0] = '\0';
            peer->is_over = is_over(serve, peer);
            peer->next = serve->peers;
            if (serve->peers != NULL)
                serve->peers->before = peer;
            serve->peers = peer;
        }
        *context = peer;
    } else if (peer != NULL) {
        if (peer->before != NULL)
            peer->before->next = peer->next;
        else
            serve->peers = peer->next;
        if (peer->next != NULL)
            peer->next->before = peer->before;
        tl_free(peer);
        *context = NULL;
    }
    pthread_mutex_unlock(&serve->peers_lock);
}

/* Sockets here are open: an entry goes before libmicrohttpd closes its socket. */
void tl_server_sweep(struct tl_serve *serve)
{
    double now_s = tl_clock_s();
    pthread_mutex_lock(&serve->peers_lock);
    for (struct tl_serve_peer *peer = serve->peers; peer != NULL; peer = peer->next) {
        double may_s = peer->is_over
                           ? TL_SERVER_OVER_S
                           : TL_SERVER_REQUEST_S + (double)peer->n_bytes / TL_SERVER_BYTES_PER_S;
        if (!peer->is_answering && now_s - peer->since_s > may_s && peer->socket >= 0)
            shutdown(peer->socket, SHUT_RDWR);
    }
    pthread_mutex_unlock(&serve->peers_lock);
}

/* libmicrohttpd tells of broken connections and the like; nobody needs to hear. */
static void on_log(void *user, const char *format, va_list list)
{
    (void)user;
    (void)format;
    (void)list;
}

tl_err tl_server_start(struct tl_ctx *ctx, struct tl_serve *serve, int n_threads)
{
    serve->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, serve, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET,
        serve->socket, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)n_threads,
        MHD_OPTION_URI_LOG_CALLBACK, on_uri, serve, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        serve, MHD_OPTION_NOTIFY_CONNECTION, on_connection, serve, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)TL_SERVER_IDLE_S, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(TL_SERVE_PEERS_MAX + TL_SERVE_PEERS_SPARE), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)TL_SERVER_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    return serve->daemon != NULL ? TL_OK : tl_fail(ctx, TL_EIO, "the server cannot be started");
}

void tl_server_stop(struct tl_serve *serve)
{
    if (serve->daemon != NULL)
        MHD_stop_daemon(serve->daemon);
    serve->daemon = NULL;
}
