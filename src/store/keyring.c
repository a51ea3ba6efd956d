/*
 * PROJECT.keys: who can open a project's key. A person is a name, a salt and the public key that their password gives, with the project's secret key sealed
 * to it. While a key is being rotated everybody has the old one and the new one, so that a crash between the file and the project leaves one that fits.
 * Each entry carries a keyed hash by the project's secret: who can write the file but not open the key cannot put in somebody who would get the next one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/catalogue.h"
#include "core/private.h"
#include "store/victim.h"

enum { PUBLIC_HEX = 2 * TL_VAULT_PUBLIC_BYTES + 1, WRAPPED_HEX = 2 * TL_VAULT_WRAPPED_BYTES + 1 };

static const char denied[] =
    TL_CATALOGUE_MARK("name or password does not open the personal details");

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static json_t *persons_of(const struct tl_keyring *ring)
{
    return json_object_get(ring->root, "persons");
}

/* No file, or an empty one, is a ring without persons. */
static tl_err read_ring(struct tl_ctx *ctx, struct tl_keyring *ring)
{
    struct stat facts;
    tl_err err = TL_OK;
    if (stat(ring->path, &facts) != 0 && errno != ENOENT)
        return tl_fail(ctx, TL_EIO, "%s: %s", ring->path, strerror(errno));
    if (access(ring->path, F_OK) != 0 || facts.st_size == 0)
        ring->root = json_pack("{s:s, s:[]}", "schema", "tilth.keys/1", "persons");
    else
        err = tl_json_read(ctx, ring->path, &ring->root);
    if (err == TL_OK && ring->root == NULL)
        err = TL_ENOMEM;
    if (err == TL_OK && (strcmp(text_of(ring->root, "schema"), "tilth.keys/1") != 0 ||
                         !json_is_array(persons_of(ring))))
        err = tl_fail(ctx, TL_EDATA, "%s: is no file of keys", ring->path);
    return err;
}

tl_err tl_keyring_open(struct tl_ctx *ctx, const char *project_path, bool changes,
                       struct tl_keyring *ring)
{
    tl_err err = TL_OK;
    *ring = (struct tl_keyring){.lock = -1};
    if (snprintf(ring->path, sizeof ring->path, "%s.keys", project_path) >= (int)sizeof ring->path)
        TL_THROW(ctx, TL_EUSAGE, "%s: the path is too long", project_path);
    if (changes)
        TL_TRY(tl_private_lock(ctx, ring->path, &ring->lock));
    TL_TRY(read_ring(ctx, ring));
done:
    if (err != TL_OK)
        tl_keyring_close(ring);
    return err;
}

void tl_keyring_close(struct tl_keyring *ring)
{
    json_decref(ring->root);
    ring->root = NULL;
    if (ring->lock >= 0)
        close(ring->lock);
    ring->lock = -1;
}

tl_err tl_keyring_save(struct tl_ctx *ctx, struct tl_keyring *ring)
{
    char *text = NULL;
    tl_err err = tl_json_text(ctx, ring->root, &text);
    if (err == TL_OK)
        err = tl_private_write(ctx, ring->path, text);
    tl_free(text);
    return err;
}

void tl_keyring_clear(struct tl_keyring *ring)
{
    json_array_clear(persons_of(ring));
}

json_t *tl_keyring_find(const struct tl_keyring *ring, const char *name)
{
    size_t i;
    json_t *person;
    json_array_foreach(persons_of(ring), i, person)
    {
        if (strcmp(text_of(person, "name"), name) == 0)
            return person;
    }
    return NULL;
}

/* The entry of a key in a person's, NULL = has it not. */
static json_t *entry_of(const json_t *person, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES])
{
    char hex[PUBLIC_HEX];
    size_t i;
    json_t *entry;
    tl_vault_hex(public_key, TL_VAULT_PUBLIC_BYTES, hex);
    json_array_foreach(json_object_get(person, "keys"), i, entry)
    {
        if (strcmp(text_of(entry, "project"), hex) == 0)
            return entry;
    }
    return NULL;
}

bool tl_keyring_has(const json_t *person, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES])
{
    return person != NULL && entry_of(person, public_key) != NULL;
}

int tl_keyring_count(const struct tl_keyring *ring, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES],
                     int *n_all)
{
    size_t i;
    json_t *person;
    int n = 0;
    *n_all = (int)json_array_size(persons_of(ring));
    json_array_foreach(persons_of(ring), i, person)
    {
        n += tl_keyring_has(person, public_key);
    }
    return n;
}

/* Keyed hash of who gets the key: the name and the public half of their own. */
static void mac_of(const json_t *person, const struct tl_vault_key *key,
                   uint8_t mac[TL_VAULT_MAC_BYTES])
{
    char said[TL_VICTIM_NAME_BYTES + PUBLIC_HEX + 8];
    int n = snprintf(said, sizeof said, "person %.*s\n%.*s", PUBLIC_HEX, text_of(person, "public"),
                     TL_VICTIM_NAME_BYTES, text_of(person, "name"));
    tl_vault_mac(key, said, n, mac);
}

/* Gives a person a key. */
static tl_err give(struct tl_ctx *ctx, json_t *person, const struct tl_vault_key *key)
{
    uint8_t own[TL_VAULT_PUBLIC_BYTES], wrapped[TL_VAULT_WRAPPED_BYTES], mac[TL_VAULT_MAC_BYTES];
    char hex[PUBLIC_HEX], wrapped_hex[WRAPPED_HEX], mac_hex[2 * TL_VAULT_MAC_BYTES + 1];
    tl_err err = TL_OK;
    if (!tl_vault_unhex(text_of(person, "public"), own, sizeof own))
        TL_THROW(ctx, TL_EINTEGRITY, "the entry of \"%.95s\" in the file of keys is damaged",
                 text_of(person, "name"));
    TL_TRY(tl_vault_wrap(ctx, key, own, wrapped));
    mac_of(person, key, mac);
    tl_vault_hex(tl_vault_key_public(key), TL_VAULT_PUBLIC_BYTES, hex);
    tl_vault_hex(wrapped, sizeof wrapped, wrapped_hex);
    tl_vault_hex(mac, sizeof mac, mac_hex);
    if (json_array_append_new(json_object_get(person, "keys"),
                              json_pack("{s:s, s:s, s:s}", "project", hex, "wrapped", wrapped_hex,
                                        "mac", mac_hex)) != 0)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a person's key");
done:
    return err;
}

tl_err tl_keyring_add(struct tl_ctx *ctx, struct tl_keyring *ring, const char *name,
                      const char *granted_by, const char *password, const struct tl_vault_key *key)
{
    struct tl_vault_cost cost;
    struct tl_vault_key *own = NULL;
    char salt[2 * TL_VAULT_SALT_BYTES + 1], hex[PUBLIC_HEX], at[32];
    json_t *person = NULL;
    tl_err err = TL_OK;
    tl_vault_cost_make(&cost);
    TL_TRY(tl_vault_key_of_password(ctx, password, &cost, &own));
    tl_vault_hex(cost.salt, sizeof cost.salt, salt);
    tl_vault_hex(tl_vault_key_public(own), TL_VAULT_PUBLIC_BYTES, hex);
    tl_store_now(at);
    person =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:[]}", "name", name, "granted_by",
                  granted_by, "granted_at", at, "salt", salt, "passes", (json_int_t)cost.passes,
                  "memory", (json_int_t)cost.memory_bytes, "public", hex, "keys");
    if (person == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a person");
    TL_TRY(give(ctx, person, key));
    tl_keyring_remove(ring, name);
    if (json_array_append(persons_of(ring), person) != 0)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a person");
done:
    json_decref(person);
    tl_vault_key_free(own);
    return err;
}

bool tl_keyring_remove(struct tl_keyring *ring, const char *name)
{
    json_t *persons = persons_of(ring);
    for (size_t i = json_array_size(persons); i-- > 0;)
        if (strcmp(text_of(json_array_get(persons, i), "name"), name) == 0)
            return json_array_remove(persons, i) == 0;
    return false;
}

static bool is_genuine(const json_t *person, const struct tl_vault_key *key)
{
    uint8_t mac[TL_VAULT_MAC_BYTES];
    char hex[2 * TL_VAULT_MAC_BYTES + 1];
    mac_of(person, key, mac);
    tl_vault_hex(mac, sizeof mac, hex);
    return strcmp(hex, text_of(entry_of(person, tl_vault_key_public(key)), "mac")) == 0;
}

tl_err tl_keyring_pass_on(struct tl_ctx *ctx, struct tl_keyring *ring,
                          const struct tl_vault_key *from, const struct tl_vault_key *to)
{
    size_t i;
    json_t *person;
    tl_err err = TL_OK;
    json_array_foreach(persons_of(ring), i, person)
    {
        if (!tl_keyring_has(person, tl_vault_key_public(from)))
            continue;
        if (!is_genuine(person, from))
            TL_THROW(ctx, TL_EINTEGRITY,
                     "\"%.95s\" in the file of keys was not put there by somebody who can open the "
                     "key: revoke that person first",
                     text_of(person, "name"));
        TL_TRY(give(ctx, person, to));
    }
done:
    return err;
}

void tl_keyring_prune(struct tl_keyring *ring, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES])
{
    json_t *persons = persons_of(ring);
    for (size_t i = json_array_size(persons); i-- > 0;) {
        json_t *person = json_array_get(persons, i);
        json_t *entry = json_incref(entry_of(person, public_key));
        if (entry == NULL) {
            json_array_remove(persons, i);
            continue;
        }
        json_t *keys = json_object_get(person, "keys");
        json_array_clear(keys);
        json_array_append_new(keys, entry);
    }
}

/* What a password of nobody costs. */
static void cost_of(const json_t *person, struct tl_vault_cost *cost)
{
    tl_vault_cost_make(cost);
    if (person == NULL || !tl_vault_unhex(text_of(person, "salt"), cost->salt, sizeof cost->salt))
        return;
    cost->passes = json_integer_value(json_object_get(person, "passes"));
    cost->memory_bytes = json_integer_value(json_object_get(person, "memory"));
}

tl_err tl_keyring_unlock(struct tl_ctx *ctx, const struct tl_keyring *ring, const char *name,
                         const char *password, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES],
                         struct tl_vault_key **key)
{
    const json_t *person = tl_keyring_find(ring, name);
    const json_t *entry = person != NULL ? entry_of(person, public_key) : NULL;
    uint8_t wrapped[TL_VAULT_WRAPPED_BYTES] = {0};
    struct tl_vault_key *own = NULL, *made = NULL;
    struct tl_vault_cost cost;
    tl_err err = TL_OK;
    cost_of(person, &cost);
    TL_TRY(tl_vault_key_of_password(ctx, password, &cost, &own));
    if (entry == NULL || !tl_vault_unhex(text_of(entry, "wrapped"), wrapped, sizeof wrapped))
        TL_THROW(ctx, TL_EDENIED, "%s", denied);
    err = tl_vault_unwrap(ctx, wrapped, own, public_key, &made);
    if (err == TL_EDENIED)
        TL_THROW(ctx, TL_EDENIED, "%s", denied);
    TL_TRY(err);
    *key = made;
done:
    tl_vault_key_free(own);
    return err;
}
