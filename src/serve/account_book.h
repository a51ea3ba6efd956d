/** The book of accounts as a file, shared by what changes accounts (account.c), their sessions (account_session.c) and their owners (account_own.c). */
#ifndef TL_SERVE_ACCOUNT_BOOK_H
#define TL_SERVE_ACCOUNT_BOOK_H

#include <time.h>

#include "core/json.h"
#include "serve/account.h"
#include "serve/steady.h"

struct tl_account_book {
    pthread_mutex_t lock;  /* of everything here */
    pthread_mutex_t argon; /* one password at a time: 32 MiB each */
    char path[4096];
    json_t *root;         /* owns: as last read */
    struct timespec time; /* of the file then */
    uint64_t inode;
    char key[TL_SECRET_HEX]; /* hash; "" = none */
    int n_local;
    char local[TL_ACCOUNT_LOCAL_SESSIONS_MAX][TL_SECRET_HEX]; /* hashes of tokens */
    double (*day_s)(void), (*clock_s)(void);
    struct tl_steady steady;
};

/* What is in it. */

/** A list of the book ("accounts", "sessions"), made where there is none. */
json_t *tl_account_book_list(json_t *root, const char *name);
/** A text of an account or session; "" where there is none. */
const char *tl_account_book_text(const json_t *object, const char *name);
json_t *tl_account_book_named(json_t *root, const char *name); /* NULL = there is none */
/** "active", "invited" or "locked". */
const char *tl_account_book_state(const json_t *account);
/** What is told of an account, and written into logs; NULL for none. owns: the caller. */
json_t *tl_account_book_facts(const json_t *account);
enum tl_account_role tl_account_book_role(const json_t *account);
/** Whether an administrator can log in. */
bool tl_account_book_has_administrator(json_t *root);
void tl_account_book_time_text(time_t time, char at[32]);
void tl_account_book_now_text(char at[32]);

/* The file. */

/** Errors: TL_ENOTFOUND (project), TL_EUSAGE. */
TL_MUST_USE tl_err tl_account_book_path(struct tl_ctx *ctx, const char *project, char *path,
                                        size_t n);
/** An empty or absent file is a book without accounts. owns: the caller. Errors: TL_EDATA, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_account_book_read(struct tl_ctx *ctx, const char *path, json_t **root);

/** How it was before something was done to it. */
struct tl_account_was {
    json_t *account; /* owns: facts of the account that is named, NULL = there was none */
    bool has_administrator;
};

typedef tl_err (*tl_account_change_fn)(struct tl_ctx *ctx, json_t *root, const void *user);
typedef tl_err (*tl_account_settle_fn)(struct tl_ctx *ctx, const struct tl_account_was *was,
                                       json_t *root, const void *user);

/**
 * Reads, changes and writes under the file's lock; `settle` (NULL = none) has the last word before it is written.
 * Errors: theirs; as tl_account_book_read.
 */
TL_MUST_USE tl_err tl_account_book_change(struct tl_ctx *ctx, const char *path,
                                          tl_account_change_fn change, tl_account_settle_fn settle,
                                          const char *name, const void *user);

/* A change of an account: account.c. */

struct tl_account_change {
    const struct tl_account_edit *edit;  /* borrows */
    const char *keeps;                   /* borrows: hash of a session that goes on; NULL = none */
    char hash[TL_SECRET_PASSWORD_BYTES]; /* of the password; "" = none */
    char invitation[TL_SECRET_HEX];      /* hash of its token; "" = none */
};

/** Hash of a password that may be one. Errors: TL_EUSAGE, TL_ENOMEM. */
TL_MUST_USE tl_err tl_account_change_hash(struct tl_ctx *ctx, const char *name,
                                          const char *password,
                                          char hash[TL_SECRET_PASSWORD_BYTES]);
/* For tl_account_book_change, with a struct tl_account_change. */
TL_MUST_USE tl_err tl_account_change_apply(struct tl_ctx *ctx, json_t *root, const void *user);
TL_MUST_USE tl_err tl_account_change_settle(struct tl_ctx *ctx, const struct tl_account_was *was,
                                            json_t *root, const void *user);

/* As a server holds it: account_session.c; under its lock. */

/** Reads the file again where it changed. What cannot be read any more leaves no accounts: everybody is a guest then, nobody more. */
void tl_account_book_refresh(struct tl_ctx *ctx, struct tl_account_book *book);
int64_t tl_account_book_now(struct tl_account_book *book);

#endif
