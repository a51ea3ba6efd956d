#include "serve/cases.h"

#include <string.h>

struct one {
    char key[80];
    struct tl_seat_stamp stamp;
    char *text; /* owns: NULL = free */
    int64_t n_bytes;
    uint64_t used; /* order of use */
};

struct tl_cases {
    pthread_mutex_t lock;
    struct one all[TL_CASES_MAX];
    int64_t n_bytes;
    uint64_t clock;
};

tl_err tl_cases_create(struct tl_ctx *ctx, struct tl_cases **cases)
{
    struct tl_cases *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    *cases = made;
    return TL_OK;
}

void tl_cases_free(struct tl_cases *cases)
{
    if (cases == NULL)
        return;
    for (int i = 0; i < TL_CASES_MAX; i++)
        tl_free(cases->all[i].text);
    pthread_mutex_destroy(&cases->lock);
    tl_free(cases);
}

static void drop(struct tl_cases *cases, struct one *one)
{
    cases->n_bytes -= one->n_bytes;
    tl_free(one->text);
    memset(one, 0, sizeof *one);
}

tl_err tl_cases_find(struct tl_ctx *ctx, struct tl_cases *cases, const char *key,
                     const struct tl_seat_stamp *stamp, char **text)
{
    tl_err err = TL_OK;
    char *copy = NULL;
    pthread_mutex_lock(&cases->lock);
    for (int i = 0; i < TL_CASES_MAX; i++) {
        struct one *one = &cases->all[i];
        if (one->text == NULL || strcmp(one->key, key) != 0 ||
            !tl_seat_stamp_same(&one->stamp, stamp))
            continue;
        copy = tl_strdup(ctx, one->text);
        err = copy != NULL ? TL_OK : TL_ENOMEM;
        one->used = ++cases->clock;
        break;
    }
    pthread_mutex_unlock(&cases->lock);
    if (err == TL_OK)
        *text = copy;
    return err;
}

/* Its own place, a free one, or the least recently used. */
static struct one *place_of(struct tl_cases *cases, const char *key)
{
    struct one *best = &cases->all[0];
    for (int i = 0; i < TL_CASES_MAX; i++) {
        struct one *one = &cases->all[i];
        if (one->text != NULL && strcmp(one->key, key) == 0)
            return one;
        if (one->used < best->used)
            best = one;
    }
    return best;
}

tl_err tl_cases_keep(struct tl_ctx *ctx, struct tl_cases *cases, const char *key,
                     const struct tl_seat_stamp *stamp, const char *text)
{
    int64_t n = (int64_t)strlen(text) + 1;
    if (n > TL_CASES_BYTES_MAX / 2 || strlen(key) >= sizeof cases->all[0].key)
        return TL_OK;
    char *copy = tl_strdup(ctx, text);
    if (copy == NULL)
        return TL_ENOMEM;
    pthread_mutex_lock(&cases->lock);
    struct one *to = place_of(cases, key);
    drop(cases, to);
    while (cases->n_bytes + n > TL_CASES_BYTES_MAX) {
        struct one *oldest = NULL;
        for (int i = 0; i < TL_CASES_MAX; i++)
            if (cases->all[i].text != NULL && (oldest == NULL || cases->all[i].used < oldest->used))
                oldest = &cases->all[i];
        drop(cases, oldest);
    }
    *to = (struct one){.stamp = *stamp, .text = copy, .n_bytes = n, .used = ++cases->clock};
    memcpy(to->key, key, strlen(key) + 1);
    cases->n_bytes += n;
    pthread_mutex_unlock(&cases->lock);
    return TL_OK;
}

void tl_cases_restamp(struct tl_cases *cases, const struct tl_seat_stamp *from,
                      const struct tl_seat_stamp *to)
{
    pthread_mutex_lock(&cases->lock);
    for (int i = 0; i < TL_CASES_MAX; i++)
        if (cases->all[i].text != NULL && tl_seat_stamp_same(&cases->all[i].stamp, from))
            cases->all[i].stamp = *to;
    pthread_mutex_unlock(&cases->lock);
}
