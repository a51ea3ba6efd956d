/** Answers that cost seconds, kept by their question until the project changes: a few, the least recently used goes first. */
#ifndef TL_SERVE_CASES_H
#define TL_SERVE_CASES_H

#include "serve/serve.h"

enum { TL_CASES_MAX = 64, TL_CASES_BYTES_MAX = 8 << 20 };

struct tl_cases;

TL_MUST_USE tl_err tl_cases_create(struct tl_ctx *ctx, struct tl_cases **cases);
void tl_cases_free(struct tl_cases *cases);

/** A copy of what is kept for a question of a project as its stamp says; NULL when there is nothing. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_cases_find(struct tl_ctx *ctx, struct tl_cases *cases, const char *key,
                                 const struct tl_seat_stamp *stamp, char **text);
/** Keeps a copy. What is too large is not kept. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_cases_keep(struct tl_ctx *ctx, struct tl_cases *cases, const char *key,
                                 const struct tl_seat_stamp *stamp, const char *text);

/** The project changed by us in a way that no answer rests on: what was of one stamp is of another now. */
void tl_cases_restamp(struct tl_cases *cases, const struct tl_seat_stamp *from,
                      const struct tl_seat_stamp *to);

#endif
