#include "serve/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Cuts "host:port"; the port is 0 where there is none, -1 where it is no number. */
static bool cut_host(const char *text, char host[256], int *port)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
    const char *colon = strchr(end != NULL ? end : text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : strlen(text);
    if (n == 0 || n >= 256)
        return false;
    memcpy(host, text, n);
    host[n] = '\0';
    *port = 0;
    if (colon == NULL)
        return true;
    size_t digits = strspn(colon + 1, "0123456789");
    *port = digits > 0 && digits < 6 && colon[1 + digits] == '\0' ? atoi(colon + 1) : -1;
    return true;
}

static bool is_digits(const char *host)
{
    if (host[0] == '[')
        return strspn(host, "[]0123456789abcdefABCDEF:.") == strlen(host);
    return host[0] != '\0' && strspn(host, "0123456789.") == strlen(host);
}

static bool is_local(const char *host)
{
    return strcmp(host, "127.0.0.1") == 0 || strcasecmp(host, "localhost") == 0 ||
           strcmp(host, "[::1]") == 0;
}

bool tl_guard_host(const struct tl_guard *guard, const char *text)
{
    char host[256];
    int port;
    if (text == NULL || !cut_host(text, host, &port) || port < 0)
        return false;
    /* Behind a proxy the name comes with the proxy's port or none. */
    if (guard->name != NULL && strcasecmp(host, guard->name) == 0)
        return guard->https || port == guard->port || (port == 0 && guard->port == 80);
    if (port != guard->port && !(port == 0 && guard->port == 80))
        return false;
    return is_local(host) || (!guard->is_loopback && is_digits(host));
}

bool tl_guard_origin(const struct tl_guard *guard, const char *host, const char *origin,
                     const char *site)
{
    char own[300];
    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return false;
    if (origin == NULL)
        return true;
    snprintf(own, sizeof own, "%s://%.256s", guard->https ? "https" : "http", host);
    return strcasecmp(origin, own) == 0;
}

bool tl_guard_cookie(const char *header, const char *name, char *value, size_t room)
{
    size_t n_name = strlen(name);
    for (const char *at = header; at != NULL && *at != '\0';) {
        at += strspn(at, " ;");
        size_t n = strcspn(at, ";");
        if (n > n_name && strncmp(at, name, n_name) == 0 && at[n_name] == '=') {
            size_t n_value = n - n_name - 1;
            if (n_value >= room)
                return false;
            memcpy(value, at + n_name + 1, n_value);
            value[n_value] = '\0';
            return true;
        }
        at += n;
    }
    return false;
}
