/* Headers are kept as hashes that are salted by this run of the server: what lies in memory gives no password away. */
#include "serve/basic.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

struct kept {
    char hash[TL_SECRET_HEX], token[TL_SECRET_HEX]; /* hash "" = free */
    uint64_t at;
};

struct tl_basic {
    pthread_mutex_t lock;
    char salt[TL_SECRET_HEX];
    uint64_t n_kept;
    struct kept all[TL_BASIC_KEPT];
};

bool tl_basic_is_for(const char *uri)
{
    return strncmp(uri, "/ogc", 4) == 0 && (uri[4] == '/' || uri[4] == '?' || uri[4] == '\0');
}

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Base64 (RFC 4648), with or without the "=" at the end; -1 for anything else. */
static int64_t decode(const char *text, char *out, size_t room)
{
    size_t n = strcspn(text, "="), used = 0;
    uint32_t bits = 0;
    int n_bits = 0;
    if (strspn(text + n, "=") != strlen(text + n) || strlen(text + n) > 2 || n % 4 == 1)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int value = digit(text[i]);
        if (value < 0)
            return -1;
        bits = (bits << 6 | (uint32_t)value) & 0xffffff;
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        if (used + 1 >= room)
            return -1;
        out[used++] = (char)(bits >> n_bits & 0xff);
    }
    out[used] = '\0';
    return (int64_t)used;
}

bool tl_basic_read(const char *header, char name[TL_ACCOUNT_NAME_BYTES],
                   char password[TL_ACCOUNT_PASSWORD_MAX + 1])
{
    char plain[TL_ACCOUNT_NAME_BYTES + TL_ACCOUNT_PASSWORD_MAX + 2];
    if (strncasecmp(header, "Basic ", 6) != 0)
        return false;
    header += 6 + strspn(header + 6, " ");
    int64_t n = decode(header, plain, sizeof plain);
    char *colon = n > 0 && strlen(plain) == (size_t)n ? strchr(plain, ':') : NULL;
    bool good = colon != NULL && colon > plain && colon - plain < TL_ACCOUNT_NAME_BYTES &&
                colon[1] != '\0' && strlen(colon + 1) <= TL_ACCOUNT_PASSWORD_MAX &&
                tl_text_is_utf8(plain, n);
    if (good) {
        snprintf(name, TL_ACCOUNT_NAME_BYTES, "%.*s", (int)(colon - plain), plain);
        memcpy(password, colon + 1, strlen(colon + 1) + 1);
    }
    tl_secret_wipe(plain, sizeof plain);
    return good;
}

tl_err tl_basic_create(struct tl_ctx *ctx, struct tl_basic **basic)
{
    struct tl_basic *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    tl_secret_make(made->salt);
    *basic = made;
    return TL_OK;
}

void tl_basic_free(struct tl_basic *basic)
{
    if (basic == NULL)
        return;
    pthread_mutex_destroy(&basic->lock);
    tl_secret_wipe(basic, sizeof *basic);
    tl_free(basic);
}

static struct kept *find(struct tl_basic *basic, const char *hash)
{
    for (int i = 0; i < TL_BASIC_KEPT; i++)
        if (strcmp(basic->all[i].hash, hash) == 0)
            return &basic->all[i];
    return NULL;
}

bool tl_basic_find(struct tl_basic *basic, const char *header, char token[TL_SECRET_HEX])
{
    char hash[TL_SECRET_HEX];
    tl_secret_derive(basic->salt, header, hash);
    pthread_mutex_lock(&basic->lock);
    const struct kept *kept = find(basic, hash);
    if (kept != NULL)
        memcpy(token, kept->token, TL_SECRET_HEX);
    pthread_mutex_unlock(&basic->lock);
    return kept != NULL;
}

void tl_basic_keep(struct tl_basic *basic, const char *header, const char *token)
{
    char hash[TL_SECRET_HEX];
    tl_secret_derive(basic->salt, header, hash);
    pthread_mutex_lock(&basic->lock);
    struct kept *to = find(basic, hash);
    for (int i = 0; i < TL_BASIC_KEPT && to == NULL; i++)
        if (basic->all[i].hash[0] == '\0')
            to = &basic->all[i];
    if (to == NULL) {
        to = &basic->all[0];
        for (int i = 1; i < TL_BASIC_KEPT; i++)
            to = basic->all[i].at < to->at ? &basic->all[i] : to;
    }
    memcpy(to->hash, hash, sizeof hash);
    snprintf(to->token, sizeof to->token, "%s", token);
    to->at = ++basic->n_kept;
    pthread_mutex_unlock(&basic->lock);
}

void tl_basic_forget(struct tl_basic *basic, const char *header)
{
    char hash[TL_SECRET_HEX];
    tl_secret_derive(basic->salt, header, hash);
    pthread_mutex_lock(&basic->lock);
    struct kept *kept = find(basic, hash);
    if (kept != NULL)
        tl_secret_wipe(kept, sizeof *kept);
    pthread_mutex_unlock(&basic->lock);
}
