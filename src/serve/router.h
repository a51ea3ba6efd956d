/** From a raw URI to a route and its typed values. Pure: no server, no project; fuzz/router_fuzz.c drives it. */
#ifndef TL_SERVE_ROUTER_H
#define TL_SERVE_ROUTER_H

#include "serve/serve.h"

enum { TL_ROUTER_URI_MAX = 4096, TL_ROUTER_PATH_BYTES = 512, TL_ROUTER_QUERY_MAX = 32 };

struct tl_router_found {
    const struct tl_route *route;    /* borrows: NULL when none has this path */
    int status;                      /* 405 where a path is there for other methods; else 0 */
    char allow[64];                  /* of a 405: "GET, POST" */
    char path[TL_ROUTER_PATH_BYTES]; /* decoded, "/" between segments */
    int n_values;
    struct tl_call_value values[TL_CALL_VALUES_MAX]; /* text borrows the uri */
};

/**
 * Finds the route of a URI.
 * @param uri  as it came, percent-encoded; cut and decoded in place, must outlive the values
 * Errors: TL_EUSAGE (malformed; a value that is missing, unknown, given twice, of the wrong type or out of range: says which), TL_ENOTFOUND (no
 * such path, or 405 in `status`). `path` is there whenever the path itself could be decoded.
 */
TL_MUST_USE tl_err tl_router_find(struct tl_ctx *ctx, int n_routes, const struct tl_route *routes,
                                  enum tl_route_method method, char *uri,
                                  struct tl_router_found *found);

/** Decodes %XX in place, "+" as a blank where `plus`; false for malformed ones, control characters and what is no UTF-8. */
bool tl_router_decode(char *text, bool plus);

/** Name of a method: "GET". */
const char *tl_router_method_name(enum tl_route_method method);

#endif
