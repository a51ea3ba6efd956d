/** Rates: how often something may be tried, by key (an address, an account), in memory that is bounded. */
#ifndef TL_SERVE_LIMIT_H
#define TL_SERVE_LIMIT_H

#include "serve/serve.h"

struct tl_limit;

/** Buckets of `burst` tries that fill again with `per_minute`. */
TL_MUST_USE tl_err tl_limit_create(struct tl_ctx *ctx, double burst, double per_minute,
                                   struct tl_limit **limit);
void tl_limit_free(struct tl_limit *limit);

/** Takes one try of a key; false when none is left, and then *wait_s says when there will be. */
bool tl_limit_take(struct tl_limit *limit, const char *key, double now_s, double *wait_s);
/** Gives a key its tries back (after a success). */
void tl_limit_forgive(struct tl_limit *limit, const char *key);

#endif
