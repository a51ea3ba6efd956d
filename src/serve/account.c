/*
 * Accounts. The book is a JSON file beside the project: it is small, written seldom, and read by people in need. A change takes the
 * file's lock, reads it again, and puts a new file in its place, so that two servers and `tilth account` can work side by side; whoever reads looks at its
 * time first. Sessions are kept there too, as hashes of their tokens: they outlive the server, and removing an account ends them.
 *
 * Without accounts there is one local person, whose sessions live in memory only.
 */
#include "serve/account.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/catalogue.h"
#include "core/private.h"
#include "core/text.h"
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

static const char *const role_names[TL_ACCOUNT_ROLES] = {
    TL_CATALOGUE_MARK("guest"),           TL_CATALOGUE_MARK("entry"),
    TL_CATALOGUE_MARK("verifier"),        TL_CATALOGUE_MARK("approver"),
    TL_CATALOGUE_MARK("quality manager"), TL_CATALOGUE_MARK("administrator")};

const char *tl_account_role_name(enum tl_account_role role)
{
    return (unsigned)role < TL_ACCOUNT_ROLES ? role_names[role] : "?";
}

tl_err tl_account_role_find(struct tl_ctx *ctx, const char *name, enum tl_account_role *role)
{
    for (int r = TL_ACCOUNT_ENTRY; r < TL_ACCOUNT_ROLES; r++)
        if (strcmp(name, role_names[r]) == 0 ||
            (r == TL_ACCOUNT_QUALITY && strcmp(name, "quality") == 0)) {
            *role = (enum tl_account_role)r;
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%.60s\" is not a role of an account: expected entry, verifier, approver, "
                   "quality manager or administrator",
                   name);
}

static void time_text(time_t time, char at[32])
{
    struct tm utc;
    gmtime_r(&time, &utc);
    strftime(at, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static void now_text(char at[32])
{
    struct timespec now; /* time() may lie a little behind it */
    clock_gettime(CLOCK_REALTIME, &now);
    time_text(now.tv_sec, at);
}

static json_t *list_of(json_t *root, const char *name)
{
    json_t *list = json_object_get(root, name);
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(root, name, list);
    }
    return list;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static json_t *account_named(json_t *root, const char *name)
{
    size_t i;
    json_t *account;
    json_array_foreach(list_of(root, "accounts"), i, account)
    {
        if (strcmp(text_of(account, "name"), name) == 0)
            return account;
    }
    return NULL;
}

/* An empty or absent file is a book without accounts. */
static tl_err read_book(struct tl_ctx *ctx, const char *path, json_t **root)
{
    struct stat facts;
    if (stat(path, &facts) != 0 && errno == ENOENT) {
        *root = json_object();
        return TL_OK;
    }
    if (facts.st_size == 0) {
        *root = json_object();
        return TL_OK;
    }
    tl_err err = tl_json_read(ctx, path, root);
    if (err == TL_OK && strcmp(text_of(*root, "schema"), "tilth.accounts/1") != 0) {
        json_decref(*root);
        *root = NULL;
        err = tl_fail(ctx, TL_EDATA, "%s: is no file of accounts", path);
    }
    return err;
}

static tl_err write_book(struct tl_ctx *ctx, const char *path, json_t *root)
{
    char *text = NULL;
    tl_err err = TL_OK;
    json_object_set_new(root, "schema", json_string("tilth.accounts/1"));
    TL_TRY(tl_json_text(ctx, root, &text));
    TL_TRY(tl_private_write(ctx, path, text));
done:
    if (text != NULL)
        tl_secret_wipe(text, strlen(text));
    tl_free(text);
    return err;
}

/* Something done to the book; `before` is what people may know of the account named, NULL = there is none. */
typedef tl_err (*change_fn)(struct tl_ctx *ctx, json_t *root, const void *user);
typedef tl_err (*settle_fn)(struct tl_ctx *ctx, json_t *before, json_t *root, const void *user);

static const char *state_of(const json_t *account)
{
    if (text_of(account, "locked")[0] != '\0')
        return "locked";
    return text_of(account, "password")[0] != '\0' ? "active" : "invited";
}

/* What is told of an account, and written into logs; NULL for none. */
static json_t *facts_of(const json_t *account)
{
    return account == NULL ? NULL
                           : json_pack("{s:s, s:s, s:s}", "name", text_of(account, "name"), "role",
                                       text_of(account, "role"), "state", state_of(account));
}

/* Reads, changes and writes under the file's lock; `settle` (NULL = none) has the last word before it is written. */
static tl_err change_book(struct tl_ctx *ctx, const char *path, change_fn change, settle_fn settle,
                          const char *name, const void *user)
{
    json_t *root = NULL, *before = NULL;
    int file = -1;
    tl_err err = TL_OK;
    TL_TRY(tl_private_lock(ctx, path, &file));
    TL_TRY(read_book(ctx, path, &root));
    before = name != NULL ? facts_of(account_named(root, name)) : NULL;
    TL_TRY(change(ctx, root, user));
    if (settle != NULL)
        TL_TRY(settle(ctx, before, root, user));
    TL_TRY(write_book(ctx, path, root));
done:
    json_decref(root);
    json_decref(before);
    if (file >= 0)
        close(file);
    return err;
}

static tl_err book_path(struct tl_ctx *ctx, const char *project, char *path, size_t n)
{
    if (access(project, F_OK) != 0)
        return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no such project", project);
    if (snprintf(path, n, "%s.accounts", project) >= (int)n)
        return tl_fail(ctx, TL_EUSAGE, "%s: the path is too long", project);
    return TL_OK;
}

/* Changes of accounts. */

struct change {
    const struct tl_account_edit *edit;  /* borrows */
    char hash[TL_SECRET_PASSWORD_BYTES]; /* of the password; "" = none */
    char invitation[TL_SECRET_HEX];      /* hash of its token; "" = none */
};

static void end_sessions(json_t *root, const char *name)
{
    json_t *sessions = list_of(root, "sessions");
    for (size_t i = json_array_size(sessions); i-- > 0;)
        if (strcmp(text_of(json_array_get(sessions, i), "account"), name) == 0)
            json_array_remove(sessions, i);
}

/* The password, or the invitation that stands for one until it is taken. */
static void set_secret(json_t *account, const struct change *change)
{
    json_object_set_new(account, "password", json_string(change->hash));
    json_object_del(account, "invitation");
    if (change->invitation[0] != '\0')
        json_object_set_new(account, "invitation",
                            json_pack("{s:s, s:I}", "hash", change->invitation, "until",
                                      (json_int_t)time(NULL) + TL_ACCOUNT_INVITATION_S));
}

static tl_err add_account(struct tl_ctx *ctx, json_t *root, const struct change *change,
                          const char *at)
{
    const struct tl_account_edit *edit = change->edit;
    if (account_named(root, edit->name) != NULL)
        return tl_fail(ctx, TL_EEXISTS, "there is an account \"%s\" already", edit->name);
    if (json_array_size(list_of(root, "accounts")) >= TL_ACCOUNT_ACCOUNTS_MAX)
        return tl_fail(ctx, TL_EUSAGE, "there are %d accounts, and no more are taken",
                       TL_ACCOUNT_ACCOUNTS_MAX);
    json_t *account = json_pack("{s:s, s:s, s:s, s:s}", "name", edit->name, "role",
                                role_names[edit->role], "made", at, "changed", at);
    if (account == NULL || json_array_append_new(list_of(root, "accounts"), account) != 0)
        return tl_fail(ctx, TL_ENOMEM, "no memory for an account");
    set_secret(account, change);
    return TL_OK;
}

static void remove_account(json_t *root, const char *name)
{
    json_t *accounts = list_of(root, "accounts");
    for (size_t i = json_array_size(accounts); i-- > 0;)
        if (strcmp(text_of(json_array_get(accounts, i), "name"), name) == 0)
            json_array_remove(accounts, i);
}

/* Whatever is changed ends the account's sessions, but a lock that is taken off. */
static tl_err change_account(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct change *change = user;
    const struct tl_account_edit *edit = change->edit;
    json_t *account = account_named(root, edit->name);
    char at[32];
    now_text(at);
    if (edit->act == TL_ACCOUNT_ADD)
        return add_account(ctx, root, change, at);
    if (account == NULL)
        return tl_fail(ctx, TL_ENOTFOUND, "there is no account \"%s\"", edit->name);
    json_object_set_new(account, "changed", json_string(at));
    end_sessions(root, edit->name);
    switch (edit->act) {
    case TL_ACCOUNT_PASSWORD:
    case TL_ACCOUNT_INVITE:
        set_secret(account, change);
        break;
    case TL_ACCOUNT_ROLE:
        json_object_set_new(account, "role", json_string(role_names[edit->role]));
        break;
    case TL_ACCOUNT_LOCK:
        json_object_set_new(account, "locked", json_string(at));
        break;
    case TL_ACCOUNT_UNLOCK:
        json_object_del(account, "locked");
        break;
    case TL_ACCOUNT_REMOVE:
        remove_account(root, edit->name);
        break;
    case TL_ACCOUNT_ADD:
        break;
    }
    return TL_OK;
}

static bool has_administrator(json_t *root)
{
    size_t i;
    json_t *account;
    json_array_foreach(list_of(root, "accounts"), i, account)
    {
        if (strcmp(text_of(account, "role"), role_names[TL_ACCOUNT_ADMINISTRATOR]) == 0 &&
            strcmp(state_of(account), "active") == 0)
            return true;
    }
    return false;
}

/* The first account of all is made by the one local person, who is nobody afterwards: it has to be an administrator's. */
static tl_err check_administrator(struct tl_ctx *ctx, json_t *root,
                                  const struct tl_account_edit *edit)
{
    if (has_administrator(root))
        return TL_OK;
    if (edit->act == TL_ACCOUNT_ADD && json_array_size(list_of(root, "accounts")) == 1)
        return edit->role == TL_ACCOUNT_ADMINISTRATOR
                   ? TL_OK
                   : tl_fail(ctx, TL_ECONFLICT,
                             "the first account must be an administrator's: nobody could add "
                             "others else");
    return tl_fail(ctx, TL_ECONFLICT,
                   "\"%s\" is the last administrator who can log in: name another one first",
                   edit->name);
}

/* What is written into a log; a new password is no fact of the account, but somebody has set it. */
static tl_err note(struct tl_ctx *ctx, const struct tl_account_edit *edit, json_t *before,
                   json_t *after)
{
    char *was = NULL, *is = NULL;
    tl_err err = TL_OK;
    if (after != NULL && before != NULL && edit->act == TL_ACCOUNT_PASSWORD)
        json_object_set_new(after, "password", json_string("new"));
    if (after != NULL && edit->act == TL_ACCOUNT_INVITE)
        json_object_set_new(after, "password", json_string("by invitation"));
    if (before != NULL)
        TL_TRY(tl_json_line(ctx, before, &was));
    if (after != NULL)
        TL_TRY(tl_json_line(ctx, after, &is));
    TL_TRY(edit->note(ctx, edit->user,
                      before == NULL  ? "insert"
                      : after == NULL ? "delete"
                                      : "update",
                      was, is));
done:
    tl_free(was);
    tl_free(is);
    return err;
}

/* What is not written down is not done: the line comes before the change, and only a disk that fails in between leaves one too many. */
static tl_err settle_change(struct tl_ctx *ctx, json_t *before, json_t *root, const void *user)
{
    const struct tl_account_edit *edit = ((const struct change *)user)->edit;
    json_t *after = facts_of(account_named(root, edit->name));
    tl_err err = TL_OK;
    if (edit->keeps_administrator)
        TL_TRY(check_administrator(ctx, root, edit));
    if (edit->note != NULL)
        TL_TRY(note(ctx, edit, before, after));
done:
    json_decref(after);
    return err;
}

static tl_err check_name(struct tl_ctx *ctx, const char *name)
{
    size_t n = strlen(name);
    bool bad = n == 0 || n >= TL_ACCOUNT_NAME_BYTES || !tl_text_is_utf8(name, (int64_t)n) ||
               name[0] == ' ' || name[n > 0 ? n - 1 : 0] == ' ';
    for (const char *at = name; *at != '\0'; at++)
        bad = bad || (unsigned char)*at < 0x20 || *at == 0x7f;
    return bad ? tl_fail(
                     ctx, TL_EUSAGE,
                     "\"%.96s\" is not a name: expected 1 to %d bytes without control characters "
                     "and without blanks at its ends",
                     name, TL_ACCOUNT_NAME_BYTES - 1)
               : TL_OK;
}

static tl_err hash_password(struct tl_ctx *ctx, const char *name, const char *password,
                            char hash[TL_SECRET_PASSWORD_BYTES])
{
    size_t n = strlen(password);
    if (n < TL_ACCOUNT_PASSWORD_MIN || n > TL_ACCOUNT_PASSWORD_MAX)
        return tl_fail(ctx, TL_EUSAGE, "the password has %s; expected %d to %d bytes",
                       n < TL_ACCOUNT_PASSWORD_MIN ? TL_CATALOGUE_MARK("too few characters")
                                                   : TL_CATALOGUE_MARK("too many characters"),
                       TL_ACCOUNT_PASSWORD_MIN, TL_ACCOUNT_PASSWORD_MAX);
    if (strcmp(name, password) == 0)
        return tl_fail(ctx, TL_EUSAGE, "the password is the account's name; expected another");
    return tl_secret_hash(ctx, password, hash);
}

tl_err tl_account_change(struct tl_ctx *ctx, const char *project,
                         const struct tl_account_edit *edit, char *invitation)
{
    struct change change = {.edit = edit};
    char path[4096], token[TL_SECRET_HEX] = "";
    bool adds = edit->act == TL_ACCOUNT_ADD;
    tl_err err = TL_OK;
    TL_TRY(book_path(ctx, project, path, sizeof path));
    if (adds)
        TL_TRY(check_name(ctx, edit->name));
    if (edit->act == TL_ACCOUNT_PASSWORD || (adds && edit->password != NULL))
        TL_TRY(hash_password(ctx, edit->name, edit->password, change.hash));
    else if (adds || edit->act == TL_ACCOUNT_INVITE) {
        tl_secret_make(token);
        tl_secret_derive("tilth invitation", token, change.invitation);
    }
    TL_TRY(change_book(ctx, path, change_account, settle_change, edit->name, &change));
    if (token[0] != '\0')
        memcpy(invitation, token, sizeof token);
done:
    tl_secret_wipe(&change.hash, sizeof change.hash);
    tl_secret_wipe(token, sizeof token);
    return err;
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *listed(const json_t *account)
{
    const json_t *invitation = json_object_get(account, "invitation");
    json_int_t until = json_integer_value(json_object_get(invitation, "until"));
    json_t *made = facts_of(account);
    char text[32];
    if (invitation != NULL)
        time_text((time_t)until, text);
    json_object_set_new(made, "made", json_string(text_of(account, "made")));
    json_object_set_new(made, "changed", json_string(text_of(account, "changed")));
    json_object_set_new(made, "last_login", text_or_null(text_of(account, "login")));
    json_object_set_new(made, "invited_until",
                        invitation != NULL ? json_string(text) : json_null());
    return made;
}

tl_err tl_account_list(struct tl_ctx *ctx, const char *project, char **json)
{
    char path[4096];
    json_t *root = NULL, *list = json_array(), *account;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(book_path(ctx, project, path, sizeof path));
    TL_TRY(read_book(ctx, path, &root));
    json_array_foreach(list_of(root, "accounts"), i, account)
        json_array_append_new(list, listed(account));
    TL_TRY(tl_json_text(ctx, list, json));
done:
    json_decref(root);
    json_decref(list);
    return err;
}

/* The book as a server holds it. */

static double time_of_day(void)
{
    return (double)time(NULL);
}

void tl_account_book_clocks(struct tl_account_book *book, double (*day_s)(void),
                            double (*clock_s)(void))
{
    book->day_s = day_s;
    book->clock_s = clock_s;
}

/* Under the lock. */
static int64_t now_of(struct tl_account_book *book)
{
    return (int64_t)tl_steady_now(&book->steady, book->day_s(), book->clock_s());
}

tl_err tl_account_book_open(struct tl_ctx *ctx, const char *project, struct tl_account_book **book)
{
    struct tl_account_book *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->argon, NULL);
    tl_account_book_clocks(made, time_of_day, tl_clock_s);
    TL_TRY(book_path(ctx, project, made->path, sizeof made->path));
    TL_TRY(read_book(ctx, made->path, &made->root));
    *book = made;
    made = NULL;
done:
    tl_account_book_free(made);
    return err;
}

void tl_account_book_free(struct tl_account_book *book)
{
    if (book == NULL)
        return;
    json_decref(book->root);
    pthread_mutex_destroy(&book->lock);
    pthread_mutex_destroy(&book->argon);
    tl_secret_wipe(book, sizeof *book);
    tl_free(book);
}

/* Reads the file again where it changed. What cannot be read any more leaves no accounts: everybody is a guest then, nobody more. */
static void refresh(struct tl_ctx *ctx, struct tl_account_book *book)
{
    struct stat facts;
    json_t *root = NULL;
    if (stat(book->path, &facts) != 0)
        memset(&facts, 0, sizeof facts);
    if (book->root != NULL && facts.st_mtim.tv_sec == book->time.tv_sec &&
        facts.st_mtim.tv_nsec == book->time.tv_nsec && (uint64_t)facts.st_ino == book->inode)
        return;
    if (read_book(ctx, book->path, &root) != TL_OK)
        root = json_object();
    json_decref(book->root);
    book->root = root;
    book->time = facts.st_mtim;
    book->inode = (uint64_t)facts.st_ino;
}

bool tl_account_book_has(struct tl_ctx *ctx, struct tl_account_book *book)
{
    pthread_mutex_lock(&book->lock);
    refresh(ctx, book);
    bool has = json_array_size(list_of(book->root, "accounts")) > 0;
    pthread_mutex_unlock(&book->lock);
    return has;
}

void tl_account_local_key(struct tl_account_book *book, char key[TL_SECRET_HEX])
{
    pthread_mutex_lock(&book->lock);
    tl_secret_make(key);
    tl_secret_derive("tilth key", key, book->key);
    pthread_mutex_unlock(&book->lock);
}

bool tl_account_local_take(struct tl_account_book *book, const char *key, char token[TL_SECRET_HEX])
{
    char hash[TL_SECRET_HEX];
    bool taken = false;
    tl_secret_derive("tilth key", key, hash);
    pthread_mutex_lock(&book->lock);
    if (book->key[0] != '\0' && tl_secret_same(hash, book->key) &&
        json_array_size(list_of(book->root, "accounts")) == 0) {
        if (book->n_local == TL_ACCOUNT_LOCAL_SESSIONS_MAX) /* the oldest one goes */
            memmove(book->local[0], book->local[1],
                    (size_t)--book->n_local * sizeof book->local[0]);
        tl_secret_make(token);
        tl_secret_derive("tilth session", token, book->local[book->n_local++]);
        taken = true;
    }
    pthread_mutex_unlock(&book->lock);
    return taken;
}

/* A hash of nothing, so that an unknown name takes as long as a wrong password. Made with the same costs. */
static const char no_password[] = "$argon2id$v=19$m=32768,t=4,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                  "9HQnMOtHRZ7Bs1EIMCuUt/lZBl7nUI0nQ9tdFCtVLkw";

tl_err tl_account_check(struct tl_ctx *ctx, struct tl_account_book *book, const char *name,
                        const char *password)
{
    char hash[TL_SECRET_PASSWORD_BYTES];
    pthread_mutex_lock(&book->lock);
    refresh(ctx, book);
    json_t *account = account_named(book->root, name);
    bool has_password = account != NULL && text_of(account, "password")[0] != '\0';
    bool locked = account != NULL && strcmp(state_of(account), "locked") == 0;
    snprintf(hash, sizeof hash, "%s", has_password ? text_of(account, "password") : no_password);
    pthread_mutex_unlock(&book->lock);
    pthread_mutex_lock(&book->argon);
    bool right = tl_secret_verify(hash, password);
    pthread_mutex_unlock(&book->argon);
    tl_secret_wipe(hash, sizeof hash);
    if (!right || !has_password)
        return tl_fail(ctx, TL_EDENIED, "name or password is not right");
    return locked
               ? tl_fail(ctx, TL_EDENIED, "this account is locked; an administrator can unlock it")
               : TL_OK;
}

struct new_session {
    const char *name, *hash;
    int64_t now_s;
};

/* One that ends later than any session may is of a clock that was ahead when it began: when it did nobody knows. */
static bool is_over(const json_t *session, int64_t now_s)
{
    int64_t until_s = json_integer_value(json_object_get(session, "until"));
    return until_s <= now_s || until_s > now_s + TL_ACCOUNT_SESSION_S + TL_ACCOUNT_CLOCK_S;
}

static tl_err add_session(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct new_session *session = user;
    json_t *sessions = list_of(root, "sessions"), *account = account_named(root, session->name);
    char at[32];
    if (account == NULL || strcmp(state_of(account), "active") != 0) /* changed since the check */
        return tl_fail(ctx, TL_EDENIED, "name or password is not right");
    now_text(at);
    json_object_set_new(account, "login", json_string(at));
    for (size_t i = json_array_size(sessions); i-- > 0;)
        if (is_over(json_array_get(sessions, i), session->now_s))
            json_array_remove(sessions, i);
    while (json_array_size(sessions) >= TL_ACCOUNT_SESSIONS_MAX)
        json_array_remove(sessions, 0);
    json_t *made = json_pack("{s:s, s:s, s:I}", "hash", session->hash, "account", session->name,
                             "until", (json_int_t)(session->now_s + TL_ACCOUNT_SESSION_S));
    if (made == NULL || json_array_append_new(sessions, made) != 0)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a session");
    return TL_OK;
}

tl_err tl_account_login(struct tl_ctx *ctx, struct tl_account_book *book, const char *name,
                        const char *password, char token[TL_SECRET_HEX])
{
    char made[TL_SECRET_HEX], hash[TL_SECRET_HEX];
    tl_err err = TL_OK;
    TL_TRY(tl_account_check(ctx, book, name, password));
    tl_secret_make(made);
    tl_secret_derive("tilth session", made, hash);
    pthread_mutex_lock(&book->lock);
    const struct new_session session = {name, hash, now_of(book)};
    pthread_mutex_unlock(&book->lock);
    TL_TRY(change_book(ctx, book->path, add_session, NULL, NULL, &session));
    memcpy(token, made, sizeof made);
done:
    tl_secret_wipe(made, sizeof made);
    return err;
}

/* Role of the account that has this session; guest where it is over. */
static enum tl_account_role session_role(struct tl_account_book *book, const char *hash,
                                         char name[TL_ACCOUNT_NAME_BYTES])
{
    enum tl_account_role role = TL_ACCOUNT_GUEST;
    json_t *session, *account = NULL;
    int64_t now_s = now_of(book);
    size_t i;
    json_array_foreach(list_of(book->root, "sessions"), i, session)
    {
        if (strcmp(text_of(session, "hash"), hash) == 0 && !is_over(session, now_s))
            account = account_named(book->root, text_of(session, "account"));
    }
    for (int r = TL_ACCOUNT_ENTRY; account != NULL && r < TL_ACCOUNT_ROLES; r++)
        if (strcmp(text_of(account, "role"), role_names[r]) == 0)
            role = (enum tl_account_role)r;
    if (role != TL_ACCOUNT_GUEST)
        snprintf(name, TL_ACCOUNT_NAME_BYTES, "%s", text_of(account, "name"));
    return role;
}

void tl_account_whose(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                      struct tl_call_person *person)
{
    char hash[TL_SECRET_HEX];
    memset(person, 0, sizeof *person);
    person->role = TL_ACCOUNT_GUEST;
    if (strlen(token) != TL_SECRET_HEX - 1)
        return;
    tl_secret_derive("tilth session", token, hash);
    pthread_mutex_lock(&book->lock);
    refresh(ctx, book);
    person->role = session_role(book, hash, person->name);
    bool has_accounts = json_array_size(list_of(book->root, "accounts")) > 0;
    for (int i = 0; i < book->n_local && !has_accounts; i++)
        if (tl_secret_same(book->local[i], hash)) {
            person->role = TL_ACCOUNT_ADMINISTRATOR;
            person->is_local = true;
            snprintf(person->name, sizeof person->name, "local");
        }
    pthread_mutex_unlock(&book->lock);
    if (person->role == TL_ACCOUNT_GUEST)
        return;
    memcpy(person->session, hash, sizeof hash);
    tl_secret_derive("tilth csrf", token, person->csrf);
}

static tl_err remove_session(struct tl_ctx *ctx, json_t *root, const void *user)
{
    json_t *sessions = list_of(root, "sessions");
    (void)ctx;
    for (size_t i = json_array_size(sessions); i-- > 0;)
        if (strcmp(text_of(json_array_get(sessions, i), "hash"), user) == 0)
            json_array_remove(sessions, i);
    return TL_OK;
}

tl_err tl_account_logout(struct tl_ctx *ctx, struct tl_account_book *book, const char *session)
{
    bool local = false;
    pthread_mutex_lock(&book->lock);
    for (int i = 0; i < book->n_local; i++)
        if (strcmp(book->local[i], session) == 0) {
            memmove(&book->local[i], &book->local[i + 1],
                    (size_t)(book->n_local - i - 1) * sizeof book->local[0]);
            book->n_local--;
            local = true;
            break;
        }
    pthread_mutex_unlock(&book->lock);
    return local ? TL_OK : change_book(ctx, book->path, remove_session, NULL, NULL, session);
}

/* Invitations: a link that is good once, in the place of a password that two people know. */

/* The account that a token invites, where it still does. */
static json_t *invited_by(json_t *root, const char *token, int64_t now)
{
    char hash[TL_SECRET_HEX];
    size_t i;
    json_t *account;
    tl_secret_derive("tilth invitation", token, hash);
    json_array_foreach(list_of(root, "accounts"), i, account)
    {
        const json_t *invitation = json_object_get(account, "invitation");
        if (invitation != NULL && tl_secret_same(text_of(invitation, "hash"), hash) &&
            json_integer_value(json_object_get(invitation, "until")) > (json_int_t)now &&
            strcmp(state_of(account), "invited") == 0)
            return account;
    }
    return NULL;
}

static tl_err not_invited(struct tl_ctx *ctx)
{
    return tl_fail(ctx, TL_EDENIED,
                   "this invitation was used, replaced or is too old; ask an administrator for a "
                   "new one");
}

tl_err tl_account_invited(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                          char name[TL_ACCOUNT_NAME_BYTES], enum tl_account_role *role)
{
    pthread_mutex_lock(&book->lock);
    refresh(ctx, book);
    const json_t *account = invited_by(book->root, token, now_of(book));
    if (account != NULL)
        snprintf(name, TL_ACCOUNT_NAME_BYTES, "%s", text_of(account, "name"));
    for (int r = TL_ACCOUNT_ENTRY; account != NULL && r < TL_ACCOUNT_ROLES; r++)
        if (strcmp(text_of(account, "role"), role_names[r]) == 0)
            *role = (enum tl_account_role)r;
    pthread_mutex_unlock(&book->lock);
    return account != NULL ? TL_OK : not_invited(ctx);
}

struct acceptance {
    struct change change;
    const char *token;
    int64_t now;
};

static tl_err take_invitation(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct acceptance *acceptance = user;
    if (invited_by(root, acceptance->token, acceptance->now) == NULL) /* used a moment ago */
        return not_invited(ctx);
    return change_account(ctx, root, &acceptance->change);
}

static tl_err settle_acceptance(struct tl_ctx *ctx, json_t *before, json_t *root, const void *user)
{
    return settle_change(ctx, before, root, &((const struct acceptance *)user)->change);
}

tl_err tl_account_accept(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                         const struct tl_account_edit *edit)
{
    struct acceptance acceptance = {.change = {.edit = edit}, .token = token};
    tl_err err = TL_OK;
    TL_TRY(hash_password(ctx, edit->name, edit->password, acceptance.change.hash));
    pthread_mutex_lock(&book->lock);
    acceptance.now = now_of(book);
    pthread_mutex_unlock(&book->lock);
    TL_TRY(
        change_book(ctx, book->path, take_invitation, settle_acceptance, edit->name, &acceptance));
done:
    tl_secret_wipe(&acceptance, sizeof acceptance);
    return err;
}
