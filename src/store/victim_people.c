/*
 * Who can read personal details: naming persons, taking them off, passwords, the recovery key, a new key for the project. The file of keys and the project
 * are two files, and no disk writes two at once. So the file is written first with the old key and the new one, then the project changes over in one
 * transaction, then the old key goes from the file: whenever it is cut short, everybody has the key that the project has.
 */
#include <stdio.h>
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "store/victim.h"

static const char by_recovery[] = "the recovery key";

static tl_err check_person(struct tl_ctx *ctx, const char *name, const char *password)
{
    size_t n = strlen(name), m = strlen(password);
    bool bad = n == 0 || n >= TL_VICTIM_NAME_BYTES || !tl_text_is_utf8(name, (int64_t)n);
    for (const char *at = name; *at != '\0'; at++)
        bad = bad || (unsigned char)*at < 0x20 || *at == 0x7f;
    if (bad)
        return tl_fail(ctx, TL_EUSAGE,
                       "that is not a name: expected 1 to %d bytes without control characters",
                       TL_VICTIM_NAME_BYTES - 1);
    if (m < TL_VICTIM_PASSWORD_MIN || m > TL_VICTIM_PASSWORD_MAX)
        return tl_fail(ctx, TL_EUSAGE, "the password has %s; expected %d to %d bytes",
                       m < TL_VICTIM_PASSWORD_MIN ? "too few characters" : "too many characters",
                       TL_VICTIM_PASSWORD_MIN, TL_VICTIM_PASSWORD_MAX);
    if (strcmp(name, password) == 0)
        return tl_fail(ctx, TL_EUSAGE, "the password is the person's name; expected another");
    return TL_OK;
}

static tl_err need_key(struct tl_ctx *ctx, struct tl_project *project,
                       struct tl_victim_key_row *row)
{
    tl_err err = tl_victim_key_read(ctx, project, row);
    if (err == TL_OK && !row->is_there)
        err =
            tl_fail(ctx, TL_ENOTFOUND,
                    "the project has no key for personal details yet: tilth victims PROJECT init");
    return err;
}

tl_err tl_victim_has_key(struct tl_ctx *ctx, struct tl_project *project, bool *has)
{
    struct tl_victim_key_row row;
    tl_err err = tl_victim_key_read(ctx, project, &row);
    if (err == TL_OK)
        *has = row.is_there;
    return err;
}

static tl_err open_by_paper(struct tl_ctx *ctx, const struct tl_victim_key_row *row,
                            const char *paper, struct tl_vault_key **key)
{
    struct tl_vault_key *own = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_vault_key_of_paper(ctx, paper, &own));
    err = tl_vault_unwrap(ctx, row->recovery, own, row->public_key, key);
    if (err == TL_EDENIED)
        TL_THROW(ctx, TL_EDENIED, "this recovery key is another project's, or an earlier one");
done:
    tl_vault_key_free(own);
    return err;
}

static tl_err open_key(struct tl_ctx *ctx, const struct tl_keyring *ring,
                       const struct tl_victim_key_row *row, const struct tl_victim_opener *opener,
                       struct tl_vault_key **key)
{
    return opener->name == NULL
               ? open_by_paper(ctx, row, opener->secret, key)
               : tl_keyring_unlock(ctx, ring, opener->name, opener->secret, row->public_key, key);
}

/* The project (to be read or written), its key's row, and the file of keys under its lock. */
struct work {
    struct tl_project *project;
    struct tl_victim_key_row row;
    struct tl_keyring ring;
};

static tl_err begin(struct tl_ctx *ctx, const char *path, enum tl_project_mode mode,
                    struct work *work)
{
    tl_err err = TL_OK;
    *work = (struct work){.ring.lock = -1};
    TL_TRY(tl_project_open(ctx, path, mode, &work->project));
    TL_TRY(tl_keyring_open(ctx, path, true, &work->ring));
    TL_TRY(tl_victim_key_read(ctx, work->project, &work->row));
done:
    return err;
}

static void end(struct work *work)
{
    tl_project_close(work->project);
    tl_keyring_close(&work->ring);
}

tl_err tl_victim_init(struct tl_ctx *ctx, const char *path, const char *name, const char *password,
                      char paper[TL_VICTIM_PAPER_BYTES])
{
    struct tl_vault_key *key = NULL, *recovery = NULL;
    char made[TL_VAULT_PAPER_BYTES];
    struct work work = {.ring.lock = -1};
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(check_person(ctx, name, password));
    TL_TRY(begin(ctx, path, TL_PROJECT_WRITE, &work));
    if (work.row.is_there)
        TL_THROW(ctx, TL_EEXISTS,
                 "the project has a key for personal details already; a named person names others "
                 "(grant), the recovery key does so, too (recover)");
    TL_TRY(tl_sql_int(ctx, work.project->db, "SELECT count(*) FROM victim WHERE sealed NOT NULL", 0,
                      &n));
    if (n > 0)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "%lld victims have sealed details, and the project has lost its key: take it from "
                 "a copy of the project",
                 (long long)n);
    TL_TRY(tl_vault_key_make(ctx, &key));
    tl_vault_paper_make(made);
    TL_TRY(tl_vault_key_of_paper(ctx, made, &recovery));
    tl_keyring_clear(&work.ring);
    TL_TRY(tl_keyring_add(ctx, &work.ring, name, name, password, key));
    TL_TRY(tl_keyring_save(ctx, &work.ring));
    TL_TRY(tl_project_begin(ctx, work.project));
    TL_TRY(tl_victim_key_write(ctx, work.project, key, tl_vault_key_public(recovery)));
    TL_TRY(tl_project_commit(ctx, work.project));
    memcpy(paper, made, sizeof made);
done:
    end(&work);
    tl_vault_key_free(key);
    tl_vault_key_free(recovery);
    tl_secret_wipe(made, sizeof made);
    return err;
}

tl_err tl_victim_grant(struct tl_ctx *ctx, const char *path, const struct tl_victim_opener *opener,
                       const char *name, const char *password)
{
    struct tl_vault_key *key = NULL;
    struct work work = {.ring.lock = -1};
    tl_err err = TL_OK;
    TL_TRY(check_person(ctx, name, password));
    TL_TRY(begin(ctx, path, TL_PROJECT_READ, &work));
    TL_TRY(need_key(ctx, work.project, &work.row));
    TL_TRY(open_key(ctx, &work.ring, &work.row, opener, &key));
    if (tl_keyring_has(tl_keyring_find(&work.ring, name), work.row.public_key))
        TL_THROW(ctx, TL_EEXISTS, "\"%s\" is named already", name);
    TL_TRY(tl_keyring_add(ctx, &work.ring, name, opener->name != NULL ? opener->name : by_recovery,
                          password, key));
    TL_TRY(tl_keyring_save(ctx, &work.ring));
done:
    end(&work);
    tl_vault_key_free(key);
    return err;
}

tl_err tl_victim_revoke(struct tl_ctx *ctx, const char *path, const char *name)
{
    struct work work = {.ring.lock = -1};
    int n_all = 0;
    tl_err err = TL_OK;
    TL_TRY(begin(ctx, path, TL_PROJECT_READ, &work));
    TL_TRY(need_key(ctx, work.project, &work.row));
    bool opens = tl_keyring_has(tl_keyring_find(&work.ring, name), work.row.public_key);
    if (opens && tl_keyring_count(&work.ring, work.row.public_key, &n_all) == 1)
        TL_THROW(ctx, TL_EDENIED,
                 "\"%s\" is the last person who can open the personal details: name another one "
                 "first",
                 name);
    if (!tl_keyring_remove(&work.ring, name))
        TL_THROW(ctx, TL_ENOTFOUND, "\"%s\" is not named for personal details", name);
    TL_TRY(tl_keyring_save(ctx, &work.ring));
done:
    end(&work);
    return err;
}

/* Puts a person's entry anew, with the key as `opener` opens it. */
static tl_err put_person(struct tl_ctx *ctx, const char *path,
                         const struct tl_victim_opener *opener, const char *name,
                         const char *password, const char *granted_by)
{
    struct tl_vault_key *key = NULL;
    char by[TL_VICTIM_NAME_BYTES] = "";
    struct work work = {.ring.lock = -1};
    tl_err err = TL_OK;
    TL_TRY(check_person(ctx, name, password));
    TL_TRY(begin(ctx, path, TL_PROJECT_READ, &work));
    TL_TRY(need_key(ctx, work.project, &work.row));
    TL_TRY(open_key(ctx, &work.ring, &work.row, opener, &key));
    tl_keyring_prune(&work.ring, work.row.public_key);
    const char *was =
        json_string_value(json_object_get(tl_keyring_find(&work.ring, name), "granted_by"));
    if (granted_by == NULL) /* as it was */
        snprintf(by, sizeof by, "%s", was != NULL ? was : name);
    TL_TRY(
        tl_keyring_add(ctx, &work.ring, name, granted_by != NULL ? granted_by : by, password, key));
    TL_TRY(tl_keyring_save(ctx, &work.ring));
done:
    end(&work);
    tl_vault_key_free(key);
    return err;
}

tl_err tl_victim_passwd(struct tl_ctx *ctx, const char *path, const char *name, const char *old,
                        const char *password)
{
    return put_person(ctx, path, &(struct tl_victim_opener){name, old}, name, password, NULL);
}

tl_err tl_victim_recover(struct tl_ctx *ctx, const char *path, const char *paper, const char *name,
                         const char *password)
{
    return put_person(ctx, path, &(struct tl_victim_opener){NULL, paper}, name, password,
                      by_recovery);
}

/* The project's part: all boxes and the key's row, in one transaction. */
static tl_err change_over(struct tl_ctx *ctx, struct work *work, const struct tl_vault_key *from,
                          const struct tl_vault_key *to,
                          const uint8_t recovery[TL_VAULT_PUBLIC_BYTES], int64_t *n_boxes)
{
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, work->project));
    TL_TRY(tl_victim_key_reseal(ctx, work->project, from, to, n_boxes));
    TL_TRY(tl_victim_key_write(ctx, work->project, to, recovery));
    TL_TRY(tl_keyring_save(ctx, &work->ring)); /* with both keys */
    TL_TRY(tl_project_commit(ctx, work->project));
done:
    return err;
}

tl_err tl_victim_rotate(struct tl_ctx *ctx, const char *path, const struct tl_victim_opener *opener,
                        char *paper, int64_t *n_boxes)
{
    struct tl_vault_key *from = NULL, *to = NULL, *recovery = NULL;
    char made[TL_VAULT_PAPER_BYTES];
    struct work work = {.ring.lock = -1};
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(begin(ctx, path, TL_PROJECT_WRITE, &work));
    TL_TRY(need_key(ctx, work.project, &work.row));
    TL_TRY(open_key(ctx, &work.ring, &work.row, opener, &from));
    tl_keyring_prune(&work.ring, work.row.public_key);
    if (paper == NULL) {
        TL_TRY(tl_victim_key_check_recovery(ctx, &work.row, from));
    } else {
        tl_vault_paper_make(made);
        TL_TRY(tl_vault_key_of_paper(ctx, made, &recovery));
    }
    TL_TRY(tl_vault_key_make(ctx, &to));
    TL_TRY(tl_keyring_pass_on(ctx, &work.ring, from, to));
    TL_TRY(change_over(ctx, &work, from, to,
                       recovery != NULL ? tl_vault_key_public(recovery) : work.row.recovery_public,
                       &n));
    tl_keyring_prune(&work.ring, tl_vault_key_public(to));
    TL_TRY(tl_keyring_save(ctx, &work.ring));
    *n_boxes = n;
    if (paper != NULL)
        memcpy(paper, made, sizeof made);
done:
    end(&work);
    tl_vault_key_free(from);
    tl_vault_key_free(to);
    tl_vault_key_free(recovery);
    tl_secret_wipe(made, sizeof made);
    return err;
}

tl_err tl_victim_persons(struct tl_ctx *ctx, const char *path, char **json)
{
    static const char *const names[] = {"name", "granted_by", "granted_at"};
    struct tl_project *project = NULL;
    struct tl_victim_key_row row;
    struct tl_keyring ring = {.lock = -1};
    json_t *list = json_array(), *person;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_victim_key_read(ctx, project, &row));
    TL_TRY(tl_keyring_open(ctx, path, false, &ring));
    json_array_foreach(json_object_get(ring.root, "persons"), i, person)
    {
        json_t *shown = json_object();
        for (int n = 0; n < 3; n++)
            json_object_set(shown, names[n], json_object_get(person, names[n]));
        json_object_set_new(shown, "opens",
                            json_boolean(row.is_there && tl_keyring_has(person, row.public_key)));
        json_array_append_new(list, shown);
    }
    TL_TRY(tl_json_text(ctx, list, json));
done:
    tl_project_close(project);
    tl_keyring_close(&ring);
    json_decref(list);
    return err;
}

tl_err tl_victim_is_named(struct tl_ctx *ctx, struct tl_project *project, const char *name,
                          bool *named)
{
    struct tl_victim_key_row row;
    struct tl_keyring ring = {.lock = -1};
    tl_err err = TL_OK;
    TL_TRY(tl_victim_key_read(ctx, project, &row));
    TL_TRY(tl_keyring_open(ctx, project->path, false, &ring));
    *named = row.is_there && tl_keyring_has(tl_keyring_find(&ring, name), row.public_key);
done:
    tl_keyring_close(&ring);
    return err;
}

tl_err tl_victim_unlock(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_victim_opener *opener, struct tl_vault_key **key)
{
    struct tl_victim_key_row row;
    struct tl_keyring ring = {.lock = -1};
    tl_err err = TL_OK;
    TL_TRY(need_key(ctx, project, &row));
    TL_TRY(tl_keyring_open(ctx, project->path, false, &ring));
    TL_TRY(open_key(ctx, &ring, &row, opener, key));
done:
    tl_keyring_close(&ring);
    return err;
}

tl_err tl_victim_key_fits(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_vault_key *key, bool *fits)
{
    struct tl_victim_key_row row;
    tl_err err = tl_victim_key_read(ctx, project, &row);
    if (err == TL_OK)
        *fits = row.is_there &&
                memcmp(row.public_key, tl_vault_key_public(key), sizeof row.public_key) == 0;
    return err;
}

void tl_victim_lock(struct tl_vault_key *key)
{
    tl_vault_key_free(key);
}
