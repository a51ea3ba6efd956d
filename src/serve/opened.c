/* Few people and short use: an array under a lock. The lock is held while a key is used, so that none is wiped under somebody's hands. */
#include "serve/opened.h"

#include <stdio.h>
#include <string.h>

struct entry {
    char session[TL_SECRET_HEX], name[TL_ACCOUNT_NAME_BYTES];
    struct tl_vault_key *key; /* owns; NULL = free */
    double used_s;
};

struct tl_opened {
    pthread_mutex_t lock;
    struct entry entries[TL_OPENED_MAX];
};

tl_err tl_opened_create(struct tl_ctx *ctx, struct tl_opened **opened)
{
    struct tl_opened *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    *opened = made;
    return TL_OK;
}

static void wipe(struct entry *entry)
{
    tl_victim_lock(entry->key);
    memset(entry, 0, sizeof *entry);
}

void tl_opened_free(struct tl_opened *opened)
{
    if (opened == NULL)
        return;
    for (int i = 0; i < TL_OPENED_MAX; i++)
        wipe(&opened->entries[i]);
    pthread_mutex_destroy(&opened->lock);
    tl_free(opened);
}

static struct entry *find(struct tl_opened *opened, const char *session)
{
    for (int i = 0; i < TL_OPENED_MAX; i++)
        if (opened->entries[i].key != NULL && tl_secret_same(opened->entries[i].session, session))
            return &opened->entries[i];
    return NULL;
}

/* A session's own place, else a free one, else that of the one that was not used longest. */
static struct entry *place(struct tl_opened *opened, const char *session)
{
    struct entry *found = find(opened, session), *oldest = &opened->entries[0];
    for (int i = 0; i < TL_OPENED_MAX && found == NULL; i++) {
        if (opened->entries[i].key == NULL)
            found = &opened->entries[i];
        else if (opened->entries[i].used_s < oldest->used_s)
            oldest = &opened->entries[i];
    }
    return found != NULL ? found : oldest;
}

void tl_opened_put(struct tl_opened *opened, const char *session, const char *name,
                   struct tl_vault_key *key, double now_s)
{
    pthread_mutex_lock(&opened->lock);
    struct entry *entry = place(opened, session);
    wipe(entry);
    snprintf(entry->session, sizeof entry->session, "%s", session);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->key = key;
    entry->used_s = now_s;
    pthread_mutex_unlock(&opened->lock);
}

const struct tl_vault_key *tl_opened_take(struct tl_opened *opened, const char *session,
                                          double now_s, char name[TL_ACCOUNT_NAME_BYTES])
{
    pthread_mutex_lock(&opened->lock);
    struct entry *entry = session[0] != '\0' ? find(opened, session) : NULL;
    if (entry != NULL && now_s - entry->used_s > TL_OPENED_IDLE_S)
        wipe(entry);
    if (entry == NULL || entry->key == NULL)
        return NULL;
    entry->used_s = now_s;
    memcpy(name, entry->name, sizeof entry->name);
    return entry->key;
}

void tl_opened_give(struct tl_opened *opened)
{
    pthread_mutex_unlock(&opened->lock);
}

void tl_opened_close(struct tl_opened *opened, const char *session)
{
    pthread_mutex_lock(&opened->lock);
    struct entry *entry = find(opened, session);
    if (entry != NULL)
        wipe(entry);
    pthread_mutex_unlock(&opened->lock);
}

void tl_opened_sweep(struct tl_opened *opened, double now_s)
{
    pthread_mutex_lock(&opened->lock);
    for (int i = 0; i < TL_OPENED_MAX; i++)
        if (opened->entries[i].key != NULL && now_s - opened->entries[i].used_s > TL_OPENED_IDLE_S)
            wipe(&opened->entries[i]);
    pthread_mutex_unlock(&opened->lock);
}
