/*
 * Accounts as a server holds them: who logs in, and whose a session is. Without accounts there is one local person, whose sessions live in memory only.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "serve/account_book.h"

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

int64_t tl_account_book_now(struct tl_account_book *book)
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
    TL_TRY(tl_account_book_path(ctx, project, made->path, sizeof made->path));
    TL_TRY(tl_account_book_read(ctx, made->path, &made->root));
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

void tl_account_book_refresh(struct tl_ctx *ctx, struct tl_account_book *book)
{
    struct stat facts;
    json_t *root = NULL;
    if (stat(book->path, &facts) != 0)
        memset(&facts, 0, sizeof facts);
    if (book->root != NULL && facts.st_mtim.tv_sec == book->time.tv_sec &&
        facts.st_mtim.tv_nsec == book->time.tv_nsec && (uint64_t)facts.st_ino == book->inode)
        return;
    if (tl_account_book_read(ctx, book->path, &root) != TL_OK)
        root = json_object();
    json_decref(book->root);
    book->root = root;
    book->time = facts.st_mtim;
    book->inode = (uint64_t)facts.st_ino;
}

bool tl_account_book_has(struct tl_ctx *ctx, struct tl_account_book *book)
{
    pthread_mutex_lock(&book->lock);
    tl_account_book_refresh(ctx, book);
    bool has = json_array_size(tl_account_book_list(book->root, "accounts")) > 0;
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
        json_array_size(tl_account_book_list(book->root, "accounts")) == 0) {
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
    tl_account_book_refresh(ctx, book);
    json_t *account = tl_account_book_named(book->root, name);
    bool has_password = account != NULL && tl_account_book_text(account, "password")[0] != '\0';
    bool locked = account != NULL && strcmp(tl_account_book_state(account), "locked") == 0;
    snprintf(hash, sizeof hash, "%s",
             has_password ? tl_account_book_text(account, "password") : no_password);
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
    json_t *sessions = tl_account_book_list(root, "sessions"),
           *account = tl_account_book_named(root, session->name);
    char at[32];
    if (account == NULL ||
        strcmp(tl_account_book_state(account), "active") != 0) /* changed since the check */
        return tl_fail(ctx, TL_EDENIED, "name or password is not right");
    tl_account_book_now_text(at);
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
    const struct new_session session = {name, hash, tl_account_book_now(book)};
    pthread_mutex_unlock(&book->lock);
    TL_TRY(tl_account_book_change(ctx, book->path, add_session, NULL, NULL, &session));
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
    int64_t now_s = tl_account_book_now(book);
    size_t i;
    json_array_foreach(tl_account_book_list(book->root, "sessions"), i, session)
    {
        if (strcmp(tl_account_book_text(session, "hash"), hash) == 0 && !is_over(session, now_s))
            account = tl_account_book_named(book->root, tl_account_book_text(session, "account"));
    }
    if (account != NULL)
        role = tl_account_book_role(account);
    if (role != TL_ACCOUNT_GUEST)
        snprintf(name, TL_ACCOUNT_NAME_BYTES, "%s", tl_account_book_text(account, "name"));
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
    tl_account_book_refresh(ctx, book);
    person->role = session_role(book, hash, person->name);
    bool has_accounts = json_array_size(tl_account_book_list(book->root, "accounts")) > 0;
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
    json_t *sessions = tl_account_book_list(root, "sessions");
    (void)ctx;
    for (size_t i = json_array_size(sessions); i-- > 0;)
        if (strcmp(tl_account_book_text(json_array_get(sessions, i), "hash"), user) == 0)
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
    return local ? TL_OK
                 : tl_account_book_change(ctx, book->path, remove_session, NULL, NULL, session);
}
