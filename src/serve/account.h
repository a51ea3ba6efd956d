/** Accounts and sessions: the book beside the project that holds them. */
#ifndef TL_SERVE_ACCOUNT_H
#define TL_SERVE_ACCOUNT_H

#include "serve/serve.h"

enum {
    TL_ACCOUNT_SESSION_S = 12 * 3600,
    TL_ACCOUNT_CLOCK_S = 300,       /* a server's clock may be ahead of another's by so much */
    TL_ACCOUNT_SESSIONS_MAX = 1000, /* in all; the oldest go first */
    TL_ACCOUNT_ACCOUNTS_MAX = 1000,
    TL_ACCOUNT_LOCAL_SESSIONS_MAX = 16 /* of the one local person */
};

struct tl_account_book;

/** Opens the book of a project; there may be none yet. */
TL_MUST_USE tl_err tl_account_book_open(struct tl_ctx *ctx, const char *project,
                                        struct tl_account_book **book);
void tl_account_book_free(struct tl_account_book *book);

/** What the sessions' time goes by, in place of the machine's clocks (time of day, tl_clock_s); test use. */
void tl_account_book_clocks(struct tl_account_book *book, double (*day_s)(void),
                            double (*clock_s)(void));

/** Whether there are accounts, as the file is now. */
bool tl_account_book_has(struct tl_ctx *ctx, struct tl_account_book *book);

/** Without accounts: a key that lets the local person in for as long as the server runs, from any browser. @param[out] key shown once */
void tl_account_local_key(struct tl_account_book *book, char key[TL_SECRET_HEX]);
/** Takes the key: a session of the local person. False when it is not the key, or there are accounts. */
bool tl_account_local_take(struct tl_account_book *book, const char *key,
                           char token[TL_SECRET_HEX]);

/** A new session. Errors: TL_EDENIED (name or password), TL_EIO, TL_ENOMEM. Cost: 0.1 s and 32 MiB, one at a time. */
TL_MUST_USE tl_err tl_account_login(struct tl_ctx *ctx, struct tl_account_book *book,
                                    const char *name, const char *password,
                                    char token[TL_SECRET_HEX]);
/** The account's password, asked for again. Errors: TL_EDENIED. Cost: as a log-in. */
TL_MUST_USE tl_err tl_account_check(struct tl_ctx *ctx, struct tl_account_book *book,
                                    const char *name, const char *password);
/**
 * Who has a session's token; a guest where nobody has (any more). A session ends TL_ACCOUNT_SESSION_S after it began, whatever becomes of the
 * clock: time does not go back while the server runs, and one that ends later than a session may is of a clock that was ahead, and over.
 */
void tl_account_whose(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                      struct tl_call_person *person);
/** Ends a session, by the hash of its token. Errors: TL_EIO. */
TL_MUST_USE tl_err tl_account_logout(struct tl_ctx *ctx, struct tl_account_book *book,
                                     const char *session);

/** Whom an invitation invites. Errors: TL_EDENIED (used, replaced, too old, or none). */
TL_MUST_USE tl_err tl_account_invited(struct tl_ctx *ctx, struct tl_account_book *book,
                                      const char *token, char name[TL_ACCOUNT_NAME_BYTES],
                                      enum tl_account_role *role);
/**
 * Takes an invitation: the person sets their own password.
 * @param edit  TL_ACCOUNT_PASSWORD of the account that is invited
 * Errors: TL_EDENIED, TL_EUSAGE (the password), those of edit->note, TL_EIO. Cost: as a log-in.
 */
TL_MUST_USE tl_err tl_account_accept(struct tl_ctx *ctx, struct tl_account_book *book,
                                     const char *token, const struct tl_account_edit *edit);

/**
 * A person sets another password in the place of their old one, which has been asked for (tl_account_check). Their other sessions end.
 * @param session  hash of the session that asks, and goes on
 * @param edit     TL_ACCOUNT_PASSWORD of their own account
 * Errors: TL_EDENIED (the session is over), TL_EUSAGE (the password), those of edit->note, TL_EIO. Cost: as a log-in.
 */
TL_MUST_USE tl_err tl_account_own_password(struct tl_ctx *ctx, struct tl_account_book *book,
                                           const char *session, const struct tl_account_edit *edit);

#endif
