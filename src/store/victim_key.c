/* The project's key for personal details: the row of victim_key, and sealing everything anew to another key. */
#include <stdio.h>
#include <string.h>

#include "store/victim.h"

enum { RECOVERY_BYTES = TL_VAULT_WRAPPED_BYTES + TL_VAULT_MAC_BYTES };

tl_err tl_victim_key_read(struct tl_ctx *ctx, struct tl_project *project,
                          struct tl_victim_key_row *row)
{
    sqlite3_stmt *stmt = NULL;
    bool there = false;
    tl_err err = TL_OK;
    memset(row, 0, sizeof *row);
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT public_key, recovery_public, recovery FROM victim_key ORDER BY "
                          "id LIMIT 1",
                          &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &there));
    if (!there)
        goto done;
    const uint8_t *recovery = sqlite3_column_blob(stmt, 2);
    if (!tl_vault_unhex((const char *)sqlite3_column_text(stmt, 0), row->public_key,
                        sizeof row->public_key) ||
        !tl_vault_unhex((const char *)sqlite3_column_text(stmt, 1), row->recovery_public,
                        sizeof row->recovery_public) ||
        sqlite3_column_bytes(stmt, 2) != RECOVERY_BYTES)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "the project's key for personal details is damaged; take it from a copy of the "
                 "project");
    memcpy(row->recovery, recovery, sizeof row->recovery);
    memcpy(row->mac, recovery + sizeof row->recovery, sizeof row->mac);
    row->is_there = true;
done:
    sqlite3_finalize(stmt);
    return err;
}

static void recovery_mac(const struct tl_vault_key *key,
                         const uint8_t recovery_public[TL_VAULT_PUBLIC_BYTES],
                         uint8_t mac[TL_VAULT_MAC_BYTES])
{
    static const char purpose[9] = "recovery";
    uint8_t said[sizeof purpose + TL_VAULT_PUBLIC_BYTES];
    memcpy(said, purpose, sizeof purpose);
    memcpy(said + sizeof purpose, recovery_public, TL_VAULT_PUBLIC_BYTES);
    tl_vault_mac(key, said, sizeof said, mac);
}

tl_err tl_victim_key_check_recovery(struct tl_ctx *ctx, const struct tl_victim_key_row *row,
                                    const struct tl_vault_key *key)
{
    uint8_t mac[TL_VAULT_MAC_BYTES];
    recovery_mac(key, row->recovery_public, mac);
    return memcmp(mac, row->mac, sizeof mac) == 0
               ? TL_OK
               : tl_fail(ctx, TL_EINTEGRITY,
                         "the recovery key in the project was not put there by somebody who can "
                         "open the key: make a new one (rotate --paper)");
}

tl_err tl_victim_key_write(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_vault_key *key,
                           const uint8_t recovery_public[TL_VAULT_PUBLIC_BYTES])
{
    uint8_t recovery[RECOVERY_BYTES];
    char hex[TL_VAULT_PUBLIC_HEX], recovery_hex[TL_VAULT_PUBLIC_HEX], sum[TL_HASH_HEX];
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_vault_wrap(ctx, key, recovery_public, recovery));
    recovery_mac(key, recovery_public, recovery + TL_VAULT_WRAPPED_BYTES);
    tl_vault_hex(tl_vault_key_public(key), TL_VAULT_PUBLIC_BYTES, hex);
    tl_vault_hex(recovery_public, TL_VAULT_PUBLIC_BYTES, recovery_hex);
    tl_hash_of(recovery, sizeof recovery, sum);
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO victim_key (id, at, actor, public_key, recovery_public, recovery_hash, "
        "recovery) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET at = "
        "excluded.at, actor = excluded.actor, public_key = excluded.public_key, recovery_public = "
        "excluded.recovery_public, recovery_hash = excluded.recovery_hash, recovery = "
        "excluded.recovery",
        &stmt));
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, project->actor);
    tl_sql_bind_text(stmt, 3, hex);
    tl_sql_bind_text(stmt, 4, recovery_hex);
    tl_sql_bind_text(stmt, 5, sum);
    tl_sql_bind_blob(stmt, 6, recovery, sizeof recovery);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* One box: opened, sealed to the other key as the next version, written back. */
static tl_err reseal_one(struct tl_ctx *ctx, sqlite3_stmt *row, sqlite3_stmt *put,
                         const struct tl_vault_key *from, const struct tl_vault_key *to)
{
    struct tl_vault_place place = {.version = sqlite3_column_int64(row, 2)};
    uint8_t *box = NULL;
    char *text = NULL, sum[TL_HASH_HEX];
    int64_t n = 0;
    tl_err err = TL_OK;
    if (!tl_vault_unhex((const char *)sqlite3_column_text(row, 1), place.id, sizeof place.id))
        TL_THROW(ctx, TL_EINTEGRITY, "has details that belong to nobody");
    TL_TRY(tl_vault_open(ctx, from, &place, sqlite3_column_blob(row, 3),
                         sqlite3_column_bytes(row, 3), &text));
    place.version++;
    TL_TRY(tl_vault_seal(ctx, tl_vault_key_public(to), &place, text, &box, &n));
    tl_hash_of(box, n, sum);
    sqlite3_bind_int64(put, 1, sqlite3_column_int64(row, 0));
    tl_sql_bind_blob(put, 2, box, n);
    tl_sql_bind_text(put, 3, sum);
    sqlite3_bind_int64(put, 4, place.version);
    TL_TRY(tl_sql_run(ctx, put));
done:
    tl_vault_forget(text);
    tl_free(box);
    return err;
}

tl_err tl_victim_key_reseal(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_vault_key *from, const struct tl_vault_key *to,
                            int64_t *n_boxes)
{
    sqlite3_stmt *row = NULL, *put = NULL;
    bool more = false;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    /* the old boxes' bytes are overwritten, not only given up */
    TL_TRY(tl_sql_exec(ctx, project->db, "PRAGMA secure_delete = ON"));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id, uid, sealed_version, sealed FROM victim WHERE id > ?1 AND "
                          "sealed NOT NULL ORDER BY id LIMIT 1",
                          &row));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "UPDATE victim SET sealed = ?2, sealed_hash = ?3, sealed_version = ?4 "
                          "WHERE id = ?1",
                          &put));
    for (int64_t last = 0;;) {
        sqlite3_bind_int64(row, 1, last);
        TL_TRY(tl_sql_step(ctx, row, &more));
        if (!more)
            break;
        last = sqlite3_column_int64(row, 0);
        err = reseal_one(ctx, row, put, from, to);
        if (err != TL_OK)
            TL_TRY(tl_fail_at(ctx, err, "VI-%04lld", (long long)last));
        sqlite3_reset(row);
        n++;
    }
    *n_boxes = n;
done:
    sqlite3_finalize(row);
    sqlite3_finalize(put);
    return err;
}

/* A box or the recovery copy that is not as the log says was exchanged past the program. */
static tl_err check_hashes(struct tl_check *check, const char *sql, const char *what)
{
    sqlite3_stmt *stmt = NULL;
    char hex[TL_HASH_HEX];
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(check->ctx, check->project->db, sql, &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, stmt, &more));
        if (!more)
            break;
        const char *hash = (const char *)sqlite3_column_text(stmt, 1);
        tl_hash_of(sqlite3_column_blob(stmt, 2), sqlite3_column_bytes(stmt, 2), hex);
        if (hash == NULL || strcmp(hash, hex) != 0)
            TL_TRY(tl_check_add(check, "error", "sealed",
                                "%s %04lld is not what its hash says: it was altered", what,
                                (long long)sqlite3_column_int64(stmt, 0)));
    }
    TL_TRY(tl_check_end(check, "error"));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_check_victims(struct tl_check *check)
{
    tl_err err = TL_OK;
    TL_TRY(check_hashes(check,
                        "SELECT id, sealed_hash, sealed FROM victim WHERE sealed NOT NULL ORDER BY "
                        "id",
                        "the sealed box of victim"));
    TL_TRY(check_hashes(check, "SELECT id, recovery_hash, recovery FROM victim_key ORDER BY id",
                        "the recovery copy of key"));
    TL_TRY(tl_check_rows(check, "error", "sealed",
                         "SELECT printf('%d victims have sealed details, and the project has no "
                         "key', n) FROM (SELECT count(*) AS n FROM victim WHERE sealed NOT NULL) "
                         "WHERE n > 0 AND NOT EXISTS (SELECT 1 FROM victim_key)"));
done:
    return err;
}
