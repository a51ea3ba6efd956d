/** Between libmicrohttpd and the routes; serve.c starts and stops it. */
#ifndef TL_SERVE_SERVER_H
#define TL_SERVE_SERVER_H

#include "serve/serve.h"

enum {
    TL_SERVER_IDLE_S = 20,         /* a connection on which nothing comes */
    TL_SERVER_REQUEST_S = 30,      /* until a request is there whole, */
    TL_SERVER_OVER_S = 5,          /* the same of a connection too many, */
    TL_SERVER_BYTES_PER_S = 4096,  /* longer for a body that comes at least as fast as this */
    TL_SERVER_MEMORY_BYTES = 32768 /* of a connection, headers and all */
};

/** Starts the threads on the socket. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_server_start(struct tl_ctx *ctx, struct tl_serve *serve, int n_threads);
/** Closes the socket, waits for what is under way. */
void tl_server_stop(struct tl_serve *serve);
/** Answers those that have waited for a job long enough; to be called several times a second. */
void tl_server_tick(struct tl_serve *serve);
/** Cuts connections that keep a request coming for too long; to be called now and then. */
void tl_server_sweep(struct tl_serve *serve);

#endif
