/**
 * The web map: one project served over HTTP, with the pages that are built into the program. Everything a page does goes through the JSON
 * API of docs/api.md. It listens on the loopback unless told otherwise, and on anything else it demands accounts.
 */
#ifndef TILTH_SERVE_H
#define TILTH_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a person may do; each role's rights are in the route table (docs/api.md). */
enum tl_account_role {
    TL_ACCOUNT_GUEST, /* not logged in: hazardous areas and their status, and nothing else */
    TL_ACCOUNT_ENTRY,
    TL_ACCOUNT_VERIFIER,
    TL_ACCOUNT_APPROVER,
    TL_ACCOUNT_QUALITY, /* quality manager */
    TL_ACCOUNT_ADMINISTRATOR,
    TL_ACCOUNT_ROLES
};

/** Name of a role as people and the register write it: "quality manager". */
const char *tl_account_role_name(enum tl_account_role role);

/** Role of a name ("quality" is fine too). Errors: TL_EUSAGE (lists them; a guest has no account). */
TL_MUST_USE tl_err tl_account_role_find(struct tl_ctx *ctx, const char *name,
                                        enum tl_account_role *role);

struct tl_serve_options {
    const char *project; /* borrows */
    const char *listen;  /* borrows: address to listen on; NULL = 127.0.0.1 */
    int port;            /* 0 = the first free one from 8640 on */
    const char *pages;   /* borrows: folder of pages, for development; NULL = those built in */
    const char
        *name; /* borrows: host name by which browsers reach it; NULL = none but its address */
    const char *
        basemap; /* borrows: MBTiles or PMTiles to draw under the data; NULL = only the one built in */
    bool https; /* a proxy in front speaks HTTPS: cookies are marked Secure */
};

struct tl_serve;

/**
 * Begins to serve. The project is opened for writing once, so that an older one is brought forward.
 * Errors: those of tl_project_open; TL_EIO (address or port cannot be had: says which), TL_EDENIED (not the loopback, and no
 * accounts: says how to make one), TL_EUSAGE (address, folder of pages).
 */
TL_MUST_USE tl_err tl_serve_open(struct tl_ctx *ctx, const struct tl_serve_options *options,
                                 struct tl_serve **serve);

/** Address for a browser; without accounts it carries a key that is good for one log-in. */
const char *tl_serve_address(const struct tl_serve *serve);

/** Waits until the context is cancelled; the server's own threads do the work. TL_OK when asked to stop. */
TL_MUST_USE tl_err tl_serve_wait(struct tl_ctx *ctx, struct tl_serve *serve);

/** Stops and frees; requests under way are finished or cut, jobs are cancelled. NULL is fine. */
void tl_serve_close(struct tl_serve *serve);

/** First argument of the program when the server has it read an uploaded file: not for people. */
#define TL_SERVE_READER "--read-upload"

/** Reads an uploaded file as the server has asked, walled in (docs/rooms/serve.md), and gives an exit code; the process is to end then, by _exit. */
int tl_serve_reader(struct tl_ctx *ctx);

/*
 * Accounts. They live beside the project in PROJECT.accounts (mode 0600): a project is mailed round, and password hashes must not go with it.
 */

enum {
    TL_ACCOUNT_NAME_BYTES = 96,
    TL_ACCOUNT_PASSWORD_MIN = 10,
    TL_ACCOUNT_PASSWORD_MAX = 1024,
    TL_ACCOUNT_TOKEN_BYTES = 65,        /* of an invitation, in hexadecimal */
    TL_ACCOUNT_INVITATION_S = 3 * 86400 /* that it is good for */
};

enum tl_account_act {
    TL_ACCOUNT_ADD,
    TL_ACCOUNT_PASSWORD, /* a new one; ends an invitation */
    TL_ACCOUNT_INVITE,   /* the password is taken away; whoever has the invitation sets a new one */
    TL_ACCOUNT_ROLE,
    TL_ACCOUNT_LOCK, /* nobody logs in by it until it is unlocked */
    TL_ACCOUNT_UNLOCK,
    TL_ACCOUNT_REMOVE
};

/** A change of an account. Everything is borrowed for the call. */
struct tl_account_edit {
    enum tl_account_act act;
    const char *name;
    enum tl_account_role role; /* of TL_ACCOUNT_ADD, TL_ACCOUNT_ROLE */
    const char *password; /* of TL_ACCOUNT_PASSWORD, TL_ACCOUNT_ADD; there NULL = an invitation */
    bool
        is_by_local; /* by the one local person, who is nobody as soon as there are accounts: the first one has to be an administrator's */
    /* Writes a line into a log, before the change is made: what it refuses is not done. NULL = none. `before` and `after` are JSON objects with name, role
     * and state, NULL where there was, is no account */
    tl_err (*note)(struct tl_ctx *ctx, void *user, const char *op, const char *before,
                   const char *after);
    void *user;
};

/**
 * Changes an account, and ends its sessions. What would take the last administrator away who can log in is refused.
 * @param[out] invitation  of TL_ACCOUNT_INVITE, and TL_ACCOUNT_ADD without a password: to be shown once, it is kept as a hash only; NULL where there is none
 * Errors: TL_EUSAGE (name, password), TL_EEXISTS, TL_ENOTFOUND (account, project), TL_ECONFLICT (the last administrator), TL_EIO, those of `note`.
 */
TL_MUST_USE tl_err tl_account_change(struct tl_ctx *ctx, const char *project,
                                     const struct tl_account_edit *edit, char *invitation);
/** Accounts as a JSON array: name, role, state ("active", "invited", "locked"), made, changed, last_login, invited_until; no passwords. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_account_list(struct tl_ctx *ctx, const char *project, char **json);

/** A look at sensitive records, for the log of reads (PROJECT.reads). All borrowed. */
struct tl_serve_read {
    const char *person, *role, *what, *kind, *code;
    int64_t n; /* records */
};
/** Writes a line of the log of reads for a look past a server. Errors: TL_EIO: then the record must not be shown. */
TL_MUST_USE tl_err tl_serve_note_read(struct tl_ctx *ctx, const char *project,
                                      const struct tl_serve_read *read);

#ifdef __cplusplus
}
#endif
#endif
