/** Who may come in: the Host that a request names, where it comes from, whose session it carries. Pure but for the book of accounts. */
#ifndef TL_SERVE_GUARD_H
#define TL_SERVE_GUARD_H

#include "serve/serve.h"

struct tl_guard {
    bool is_loopback; /* listens on the loopback: only its names are good */
    bool https;
    int port;
    const char *name; /* borrows: host name that was given; NULL = none */
};

/**
 * Whether a Host header names this server. On the loopback: 127.0.0.1, localhost, [::1] with the port. Elsewhere also any address in digits, since
 * DNS rebinding needs a name, and the name that was given.
 */
bool tl_guard_host(const struct tl_guard *guard, const char *host);

/**
 * Whether a change may come from where its Origin and Sec-Fetch-Site say (NULL = not sent: no browser). The origin must be this
 * very server: scheme, host and port as in the Host header.
 */
bool tl_guard_origin(const struct tl_guard *guard, const char *host, const char *origin,
                     const char *site);

/** Value of a cookie in a Cookie header; false when it is not there or too long. */
bool tl_guard_cookie(const char *header, const char *name, char *value, size_t room);

#endif
