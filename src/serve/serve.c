/* Begins and ends: the socket, the key or the accounts, the lanes, the daemon. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "serve/account.h"
#include "serve/apart.h"
#include "serve/asks.h"
#include "serve/basic.h"
#include "serve/cases.h"
#include "serve/jobs.h"
#include "serve/lang.h"
#include "serve/limit.h"
#include "serve/opened.h"
#include "serve/reads.h"
#include "serve/sandbox.h"
#include "serve/server.h"
#include "serve/upload.h"
#include "tilth/basemap.h"
#include "tilth/tile.h"

enum { PORTS = 20, BACKLOG = 512, TRIES = 10, TRIES_PER_MINUTE = 5, MILLISECOND_NS = 1000000 };

/* Binds one port; -1 with errno. */
static int bind_port(const char *address, int port)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&at;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&at;
    bool is_six = strchr(address, ':') != NULL;
    int on = 1;
    if (is_six)
        *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    else
        *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(is_six ? AF_INET6 : AF_INET, address,
                  is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr) != 1) {
        errno = EINVAL;
        return -1;
    }
    int made = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0)
        return -1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made, (struct sockaddr *)&at, is_six ? sizeof *six : sizeof *four) != 0 ||
        listen(made, BACKLOG) != 0) {
        int why = errno;
        close(made);
        errno = why;
        return -1;
    }
    return made;
}

static tl_err open_socket(struct tl_ctx *ctx, struct tl_serve *serve, const char *address, int port)
{
    int first = port != 0 ? port : TL_SERVE_PORT, n = port != 0 ? 1 : PORTS;
    serve->is_loopback = strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
    serve->socket = -1;
    for (int i = 0; i < n && serve->socket < 0; i++) {
        serve->port = first + i;
        serve->socket = bind_port(address, serve->port);
        if (serve->socket < 0 && errno == EINVAL)
            return tl_fail(
                ctx, TL_EUSAGE,
                "\"%.60s\" is no address to listen on, expected digits such as 127.0.0.1 or ::1",
                address);
        if (serve->socket < 0 && errno != EADDRINUSE)
            break;
    }
    if (serve->socket < 0)
        return tl_fail(ctx, TL_EIO, "%s port %d cannot be listened on: %s%s", address, serve->port,
                       strerror(errno), n > 1 && errno == EADDRINUSE ? "; choose another" : "");
    snprintf(serve->host, sizeof serve->host, strchr(address, ':') != NULL ? "[%s]" : "%s",
             address);
    return TL_OK;
}

/* Opened for writing once: an older project is brought forward, and what came from outside is sealed. */
static tl_err look_at_project(struct tl_ctx *ctx, const char *path)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, path, TL_PROJECT_WRITE, &project);
    if (err == TL_EREADONLY)
        err = tl_project_open(ctx, path, TL_PROJECT_READ, &project);
    tl_project_close(project);
    return err;
}

static tl_err look_at_pages(struct tl_ctx *ctx, const char *pages)
{
    struct stat facts;
    if (pages != NULL && (stat(pages, &facts) != 0 || !S_ISDIR(facts.st_mode)))
        return tl_fail(ctx, TL_EUSAGE, "%s: is no folder of pages", pages);
    return TL_OK;
}

static tl_err copy_options(struct tl_ctx *ctx, struct tl_serve *serve,
                           const struct tl_serve_options *options)
{
    serve->ctx = ctx;
    serve->https = options->https;
    serve->n_threads = tl_ctx_threads(ctx);
    serve->project = tl_strdup(ctx, options->project);
    serve->pages = tl_strdup(ctx, options->pages);
    serve->name = tl_strdup(ctx, options->name);
    bool good = serve->project != NULL && (options->pages == NULL || serve->pages != NULL) &&
                (options->name == NULL || serve->name != NULL);
    return good ? TL_OK : TL_ENOMEM;
}

/* What is printed: the name where there is one, and the key where there are no accounts. */
static tl_err choose_address(struct tl_ctx *ctx, struct tl_serve *serve)
{
    char key[TL_SECRET_HEX];
    bool has_accounts = tl_account_book_has(ctx, serve->book);
    if (!serve->is_loopback && !has_accounts)
        return tl_fail(ctx, TL_EDENIED,
                       "%s can be reached by others, and the project has no accounts; make one "
                       "first: tilth account %s add "
                       "--name NAME --role administrator",
                       serve->host, serve->project);
    snprintf(serve->cookie, sizeof serve->cookie, serve->https ? "__Host-tilth" : "tilth_%d",
             serve->port);
    if (serve->https && serve->name != NULL)
        snprintf(serve->address, sizeof serve->address, "https://%.200s/", serve->name);
    else
        snprintf(serve->address, sizeof serve->address, "http://%.200s:%d/",
                 serve->name != NULL ? serve->name : serve->host, serve->port);
    if (!has_accounts) {
        tl_account_local_key(serve->book, key);
        size_t n = strlen(serve->address);
        snprintf(serve->address + n, sizeof serve->address - n, "?key=%s", key);
        tl_secret_wipe(key, sizeof key);
    }
    return TL_OK;
}

static tl_err open_lanes(struct tl_ctx *ctx, struct tl_serve *serve)
{
    tl_err err = TL_OK;
    TL_TRY(tl_lane_open(ctx, serve, &serve->lanes[TL_ROUTE_WRITE], 1, 256));
    TL_TRY(tl_lane_open(ctx, serve, &serve->lanes[TL_ROUTE_ASK], 2, 256));
    TL_TRY(tl_lane_open(ctx, serve, &serve->lanes[TL_ROUTE_WORK], 2, 32));
    TL_TRY(tl_lane_open(ctx, serve, &serve->lanes[TL_ROUTE_SECRET], 1, 96));
done:
    return err;
}

tl_err tl_serve_open(struct tl_ctx *ctx, const struct tl_serve_options *options,
                     struct tl_serve **serve)
{
    struct tl_serve *made = NULL;
    tl_err err = TL_OK;
    TL_TRY(look_at_project(ctx, options->project));
    TL_TRY(look_at_pages(ctx, options->pages));
    TL_TRY_ALLOC(ctx, made, 1);
    made->socket = -1;
    pthread_mutex_init(&made->seats_lock, NULL);
    pthread_mutex_init(&made->write_lock, NULL);
    pthread_mutex_init(&made->peers_lock, NULL);
    TL_TRY(copy_options(ctx, made, options));
    TL_TRY(tl_langs_open(ctx, &made->langs));
    TL_TRY(tl_account_book_open(ctx, options->project, &made->book));
    TL_TRY(tl_reads_open(ctx, options->project, &made->reads));
    TL_TRY(tl_opened_create(ctx, &made->opened));
    TL_TRY(tl_uploads_open(ctx, options->project, &made->uploads));
    TL_TRY(tl_apart_create(ctx, &made->apart));
    TL_TRY(tl_cases_create(ctx, &made->cases));
    TL_TRY(tl_asks_create(ctx, &made->asks));
    TL_TRY(tl_jobs_create(ctx, &made->jobs));
    TL_TRY(tl_basic_create(ctx, &made->basic));
    TL_TRY(tl_tiles_create(ctx, &(struct tl_tiles_options){.project = options->project},
                           &made->tiles));
    if (options->basemap != NULL)
        TL_TRY(tl_basemap_open(ctx, options->basemap, &made->basemap));
    TL_TRY(tl_limit_create(ctx, TRIES, TRIES_PER_MINUTE, &made->limit));
    TL_TRY(open_socket(ctx, made, options->listen != NULL ? options->listen : "127.0.0.1",
                       options->port));
    TL_TRY(choose_address(ctx, made));
    TL_TRY(open_lanes(ctx, made));
    const struct tl_sandbox_walls kernel = tl_sandbox_kernel();
    tl_sandbox_warn(ctx, &kernel);
    TL_TRY(tl_server_start(ctx, made,
                           made->n_threads < 2   ? 2
                           : made->n_threads > 8 ? 8
                                                 : made->n_threads));
    *serve = made;
    made = NULL;
done:
    tl_serve_close(made);
    return err;
}

const char *tl_serve_address(const struct tl_serve *serve)
{
    return serve->address;
}

tl_err tl_serve_wait(struct tl_ctx *ctx, struct tl_serve *serve)
{
    const struct timespec moment = {.tv_nsec = 100 * MILLISECOND_NS};
    for (int i = 0; !tl_is_cancelled(ctx); i++) {
        nanosleep(&moment, NULL);
        tl_server_tick(serve);
        if (i % 10 == 0)
            tl_server_sweep(serve);
        tl_apart_sweep(serve->apart, tl_clock_s());
        tl_opened_sweep(serve->opened, tl_clock_s());
    }
    return TL_OK;
}

/* The lanes end first: a connection that sleeps would keep the daemon from ending. */
void tl_serve_close(struct tl_serve *serve)
{
    if (serve == NULL)
        return;
    for (int i = 0; i < TL_ROUTE_LANES; i++)
        tl_lane_close(&serve->lanes[i]);
    if (serve->daemon == NULL && serve->socket >= 0)
        close(serve->socket);
    tl_server_stop(serve);
    tl_seat_free_all(serve);
    tl_tiles_free(serve->tiles);
    tl_basemap_close(serve->basemap);
    tl_cases_free(serve->cases);
    tl_asks_free(serve->asks);
    tl_jobs_free(serve->jobs);
    tl_basic_free(serve->basic);
    tl_apart_free(serve->apart);
    tl_uploads_free(serve->uploads);
    tl_reads_close(serve->reads);
    tl_opened_free(serve->opened);
    tl_limit_free(serve->limit);
    tl_langs_free(serve->langs);
    tl_account_book_free(serve->book);
    pthread_mutex_destroy(&serve->seats_lock);
    pthread_mutex_destroy(&serve->write_lock);
    pthread_mutex_destroy(&serve->peers_lock);
    tl_free(serve->project);
    tl_free(serve->pages);
    tl_free(serve->name);
    tl_free(serve);
}
