/**
 * HTTP Basic (RFC 7617), on the OGC routes only: GIS programs know no log-in page. A password is checked once, as at a log-in and with its limits; the
 * session that it gives is kept in memory under a hash of the header, so that the next requests cost nothing.
 */
#ifndef TL_SERVE_BASIC_H
#define TL_SERVE_BASIC_H

#include "serve/serve.h"

enum { TL_BASIC_HEADER_MAX = 2048, TL_BASIC_KEPT = 256 };

/** Whether an address is one that takes Basic. */
bool tl_basic_is_for(const char *uri);

/** Name and password of an Authorization header; false for anything else than well-formed Basic in UTF-8 within the bounds of accounts. */
bool tl_basic_read(const char *header, char name[TL_ACCOUNT_NAME_BYTES],
                   char password[TL_ACCOUNT_PASSWORD_MAX + 1]);

struct tl_basic;

TL_MUST_USE tl_err tl_basic_create(struct tl_ctx *ctx, struct tl_basic **basic);
void tl_basic_free(struct tl_basic *basic); /* NULL is fine */

/** The session that a header gave before, if it is kept; whether it is still good is the book's to say. */
bool tl_basic_find(struct tl_basic *basic, const char *header, char token[TL_SECRET_HEX]);
/** Keeps a header's session; of too many the oldest goes. */
void tl_basic_keep(struct tl_basic *basic, const char *header, const char *token);
void tl_basic_forget(struct tl_basic *basic, const char *header);

#endif
