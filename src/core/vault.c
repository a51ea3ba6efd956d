/*
 * Boxes are libsodium's sealed boxes: X25519 with a key made for the one message, XSalsa20-Poly1305. They carry no further data, so what a box belongs to
 * stands at the head of what is sealed: whoever moves a box to another record, or puts an older one back, does not have it opened. Everybody can fill a box,
 * so a box says nothing about who filled it; that is the log's.
 *
 * A password's key pair comes from argon2id as its seed. So a secret can be sealed to a person anew without knowing the password, which is what rotating
 * needs; with a symmetric key from the password it could not.
 */
#include "core/vault.h"

#include <sodium.h>
#include <string.h>

struct tl_vault_key {
    uint8_t secret[crypto_box_SECRETKEYBYTES], public_key[crypto_box_PUBLICKEYBYTES];
};

_Static_assert(TL_VAULT_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "as libsodium has it");
_Static_assert(TL_VAULT_WRAPPED_BYTES == crypto_box_SECRETKEYBYTES + crypto_box_SEALBYTES,
               "as libsodium has it");
_Static_assert(TL_VAULT_SALT_BYTES == crypto_pwhash_SALTBYTES, "as libsodium has it");

enum {
    HEAD = 8 + TL_VAULT_ID_BYTES + 8, /* magic, record, version */
    PADDED_MIN = 512,
    PAPER_RANDOM = 17,
    PAPER_SUM = 3,
    PAPER_GROUPS = 8
};

static const char magic[8] = "tilthV1";

/* Guarded pages, locked where the limit allows; on failure a message. */
static tl_err new_key(struct tl_ctx *ctx, struct tl_vault_key **key)
{
    *key = sodium_init() < 0 ? NULL : sodium_malloc(sizeof **key);
    return *key != NULL ? TL_OK : tl_fail(ctx, TL_ENOMEM, "no guarded memory for a key");
}

void tl_vault_key_free(struct tl_vault_key *key)
{
    sodium_free(key); /* wipes */
}

const uint8_t *tl_vault_key_public(const struct tl_vault_key *key)
{
    return key->public_key;
}

tl_err tl_vault_key_make(struct tl_ctx *ctx, struct tl_vault_key **key)
{
    struct tl_vault_key *made;
    tl_err err = new_key(ctx, &made);
    if (err != TL_OK)
        return err;
    crypto_box_keypair(made->public_key, made->secret);
    *key = made;
    return TL_OK;
}

static tl_err key_of_seed(struct tl_ctx *ctx, const uint8_t seed[crypto_box_SEEDBYTES],
                          struct tl_vault_key **key)
{
    struct tl_vault_key *made;
    tl_err err = new_key(ctx, &made);
    if (err != TL_OK)
        return err;
    crypto_box_seed_keypair(made->public_key, made->secret, seed);
    *key = made;
    return TL_OK;
}

void tl_vault_cost_make(struct tl_vault_cost *cost)
{
    int ready = sodium_init();
    (void)ready;
    randombytes_buf(cost->salt, sizeof cost->salt);
    cost->passes = TL_VAULT_PASSES;
    cost->memory_bytes = TL_VAULT_MEMORY;
}

tl_err tl_vault_key_of_password(struct tl_ctx *ctx, const char *password,
                                const struct tl_vault_cost *cost, struct tl_vault_key **key)
{
    uint8_t seed[crypto_box_SEEDBYTES];
    int ready = sodium_init();
    tl_err err = TL_OK;
    (void)ready;
    if (cost->passes < (int64_t)crypto_pwhash_OPSLIMIT_MIN || cost->passes > TL_VAULT_PASSES_MAX ||
        cost->memory_bytes < (int64_t)crypto_pwhash_MEMLIMIT_MIN ||
        cost->memory_bytes > TL_VAULT_MEMORY_MAX)
        return tl_fail(ctx, TL_EDATA, "a password's cost of %lld passes and %lld bytes is no cost",
                       (long long)cost->passes, (long long)cost->memory_bytes);
    if (crypto_pwhash(seed, sizeof seed, password, strlen(password), cost->salt,
                      (unsigned long long)cost->passes, (size_t)cost->memory_bytes,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a password's key (%lld MiB)",
                       (long long)(cost->memory_bytes >> 20));
    err = key_of_seed(ctx, seed, key);
    sodium_memzero(seed, sizeof seed);
    return err;
}

/* Crockford's base 32: no I, L, O and U. */
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void sum_of(const uint8_t random[PAPER_RANDOM], uint8_t sum[PAPER_SUM])
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, random, PAPER_RANDOM, NULL, 0);
    memcpy(sum, hash, PAPER_SUM);
    sodium_memzero(hash, sizeof hash);
}

void tl_vault_paper_make(char paper[TL_VAULT_PAPER_BYTES])
{
    uint8_t bytes[PAPER_RANDOM + PAPER_SUM];
    int ready = sodium_init(), n = 0;
    (void)ready;
    randombytes_buf(bytes, PAPER_RANDOM);
    sum_of(bytes, bytes + PAPER_RANDOM);
    for (int i = 0; i < PAPER_GROUPS * 4; i++) { /* 5 bits each, the highest first */
        unsigned bits = 0;
        for (int b = 5 * i; b < 5 * i + 5; b++)
            bits = bits << 1 | ((unsigned)bytes[b / 8] >> (7 - b % 8) & 1u);
        if (i > 0 && i % 4 == 0)
            paper[n++] = '-';
        paper[n++] = letters[bits];
    }
    paper[n] = '\0';
    sodium_memzero(bytes, sizeof bytes);
}

/* Value of a letter; 32 = to be left out, -1 = none. */
static int value_of(char letter)
{
    const char *at;
    if (letter == ' ' || letter == '-' || letter == '\t')
        return 32;
    if (letter >= 'a' && letter <= 'z')
        letter = (char)(letter - 'a' + 'A');
    if (letter == 'O')
        letter = '0';
    if (letter == 'I' || letter == 'L')
        letter = '1';
    at = letter != '\0' ? strchr(letters, letter) : NULL;
    return at != NULL ? (int)(at - letters) : -1;
}

tl_err tl_vault_key_of_paper(struct tl_ctx *ctx, const char *paper, struct tl_vault_key **key)
{
    uint8_t bytes[PAPER_RANDOM + PAPER_SUM] = {0}, sum[PAPER_SUM], seed[crypto_box_SEEDBYTES];
    int n = 0, ready = sodium_init();
    bool good = true;
    tl_err err = TL_OK;
    (void)ready;
    for (; *paper != '\0' && good; paper++) {
        int value = value_of(*paper);
        if (value == 32)
            continue;
        good = value >= 0 && n < PAPER_GROUPS * 4;
        for (int b = 0; good && b < 5; b++)
            bytes[(5 * n + b) / 8] |=
                (uint8_t)((((unsigned)value >> (4 - b)) & 1u) << (7 - (5 * n + b) % 8));
        n++;
    }
    sum_of(bytes, sum);
    if (!good || n != PAPER_GROUPS * 4 || sodium_memcmp(sum, bytes + PAPER_RANDOM, PAPER_SUM) != 0)
        err = tl_fail(ctx, TL_EDENIED,
                      "this is not a recovery key: expected 8 groups of 4 letters and digits, as "
                      "they were printed; look for a mistyped one");
    if (err == TL_OK) {
        static const char purpose[] = "tilth recovery key 1";
        crypto_generichash(seed, sizeof seed, bytes, PAPER_RANDOM, (const uint8_t *)purpose,
                           sizeof purpose);
        err = key_of_seed(ctx, seed, key);
    }
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(seed, sizeof seed);
    return err;
}

tl_err tl_vault_wrap(struct tl_ctx *ctx, const struct tl_vault_key *key,
                     const uint8_t to[TL_VAULT_PUBLIC_BYTES],
                     uint8_t wrapped[TL_VAULT_WRAPPED_BYTES])
{
    return crypto_box_seal(wrapped, key->secret, sizeof key->secret, to) == 0
               ? TL_OK
               : tl_fail(ctx, TL_EDATA, "a public key that is none");
}

tl_err tl_vault_unwrap(struct tl_ctx *ctx, const uint8_t wrapped[TL_VAULT_WRAPPED_BYTES],
                       const struct tl_vault_key *with,
                       const uint8_t expected[TL_VAULT_PUBLIC_BYTES], struct tl_vault_key **key)
{
    struct tl_vault_key *made;
    tl_err err = new_key(ctx, &made);
    if (err != TL_OK)
        return err;
    if (crypto_box_seal_open(made->secret, wrapped, TL_VAULT_WRAPPED_BYTES, with->public_key,
                             with->secret) != 0 ||
        crypto_scalarmult_base(made->public_key, made->secret) != 0 ||
        sodium_memcmp(made->public_key, expected, TL_VAULT_PUBLIC_BYTES) != 0) {
        tl_vault_key_free(made);
        return tl_fail(ctx, TL_EDENIED, "the key does not open");
    }
    *key = made;
    return TL_OK;
}

void tl_vault_mac(const struct tl_vault_key *key, const void *bytes, int64_t n,
                  uint8_t mac[TL_VAULT_MAC_BYTES])
{
    crypto_generichash(mac, TL_VAULT_MAC_BYTES, bytes, (unsigned long long)n, key->secret,
                       sizeof key->secret);
}

static void write_head(uint8_t head[HEAD], const struct tl_vault_place *place)
{
    memcpy(head, magic, sizeof magic);
    memcpy(head + sizeof magic, place->id, TL_VAULT_ID_BYTES);
    for (int i = 0; i < 8; i++)
        head[HEAD - 8 + i] = (uint8_t)((uint64_t)place->version >> (8 * i));
}

tl_err tl_vault_seal(struct tl_ctx *ctx, const uint8_t to[TL_VAULT_PUBLIC_BYTES],
                     const struct tl_vault_place *place, const char *text, uint8_t **box,
                     int64_t *n_bytes)
{
    uint8_t *plain = NULL, *made = NULL;
    int64_t n = (int64_t)strlen(text), padded = PADDED_MIN;
    int ready = sodium_init();
    tl_err err = TL_OK;
    (void)ready;
    if (n > TL_VAULT_TEXT_MAX)
        return tl_fail(ctx, TL_EDATA, "%lld bytes are to be sealed, expected at most %d",
                       (long long)n, TL_VAULT_TEXT_MAX);
    while (padded < HEAD + n + 1) /* zeros behind the text, one at least */
        padded *= 2;
    TL_TRY_ALLOC(ctx, plain, padded);
    TL_TRY_ALLOC(ctx, made, padded + (int64_t)crypto_box_SEALBYTES);
    write_head(plain, place);
    memcpy(plain + HEAD, text, (size_t)n);
    if (crypto_box_seal(made, plain, (unsigned long long)padded, to) != 0)
        TL_THROW(ctx, TL_EDATA, "a public key that is none");
    *box = made;
    *n_bytes = padded + (int64_t)crypto_box_SEALBYTES;
    made = NULL;
done:
    if (plain != NULL)
        sodium_memzero(plain, (size_t)padded);
    tl_free(plain);
    tl_free(made);
    return err;
}

tl_err tl_vault_open(struct tl_ctx *ctx, const struct tl_vault_key *key,
                     const struct tl_vault_place *place, const uint8_t *box, int64_t n_bytes,
                     char **text)
{
    uint8_t *plain = NULL, head[HEAD];
    char *made = NULL;
    int64_t n = n_bytes - (int64_t)crypto_box_SEALBYTES;
    tl_err err = TL_OK;
    if (box == NULL || n < PADDED_MIN)
        return tl_fail(ctx, TL_EINTEGRITY, "sealed details are cut off");
    TL_TRY_ALLOC(ctx, plain, n + 1);
    if (crypto_box_seal_open(plain, box, (unsigned long long)n_bytes, key->public_key,
                             key->secret) != 0)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "sealed details do not open: they were altered, or sealed to another key");
    write_head(head, place);
    if (sodium_memcmp(head, plain, HEAD) != 0)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "sealed details are those of another record or of an earlier time: somebody put "
                 "them there");
    made = tl_strdup(ctx, (const char *)plain + HEAD); /* ends with its first zero */
    if (made == NULL)
        err = TL_ENOMEM;
    else
        *text = made;
done:
    if (plain != NULL)
        sodium_memzero(plain, (size_t)(n + 1));
    tl_free(plain);
    return err;
}

void tl_vault_forget(char *text)
{
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    tl_free(text);
}

void tl_vault_hex(const uint8_t *bytes, int64_t n, char *hex)
{
    sodium_bin2hex(hex, (size_t)(2 * n + 1), bytes, (size_t)n);
}

bool tl_vault_unhex(const char *hex, uint8_t *bytes, int64_t n)
{
    size_t got = 0;
    return hex != NULL && strlen(hex) == (size_t)(2 * n) &&
           sodium_hex2bin(bytes, (size_t)n, hex, (size_t)(2 * n), NULL, &got, NULL) == 0 &&
           got == (size_t)n;
}
