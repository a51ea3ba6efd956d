/** Victims, people and a key for the tests of victim*.c and keyring.c; the test file defines `path` first. */
#ifndef TL_STORE_VICTIM_FIXTURE_H
#define TL_STORE_VICTIM_FIXTURE_H

#include "store/fixture_check.h"
#include "store/victim.h"

static const char olena[] = "Olena", petro[] = "Petro", pass1[] = "correct horse 7",
                  pass2[] = "another horse 8";
__attribute__((unused)) static const struct tl_edit_who clerk = {"Clerk", "entry", false};
__attribute__((unused)) static const char details[] =
    "{\"name\":\"Тарас Мельник\",\"born\":\"1987-03-14\",\"address\":\"Kamianka, Lisova "
    "12\",\"contact\":\"0671112233\",\"remarks\":\"left leg\"}";
/* as it must stand nowhere */
__attribute__((unused)) static const char *const plain[] = {"Мельник", "1987-03-14", "Lisova",
                                                            "0671112233", "left leg"};

/* Six accidents, and a key that Olena opens. */
__attribute__((unused)) static tl_err victims_make(struct tl_ctx *ctx, char *paper)
{
    char made[TL_VICTIM_PAPER_BYTES], keys[80];
    snprintf(keys, sizeof keys, "%s.keys", path);
    remove(keys);
    tl_err err = make(ctx);
    if (err == TL_OK)
        err = tl_victim_init(ctx, path, olena, pass1, made);
    if (err == TL_OK && paper != NULL)
        memcpy(paper, made, sizeof made);
    return err;
}

__attribute__((unused)) static struct tl_victim_values victim_values(const char *personal)
{
    struct tl_victim_values values = {.sets_personal = true, .personal = personal};
    values.sets[TL_VICTIM_OUTCOME] = values.sets[TL_VICTIM_TAMPERING] = true;
    values.values[TL_VICTIM_OUTCOME] = "injured";
    values.values[TL_VICTIM_TAMPERING] = "no";
    return values;
}

/* In a transaction of its own, in the clerk's name. */
__attribute__((unused)) static tl_err victim_add(struct tl_ctx *ctx, const char *accident,
                                                 const struct tl_victim_values *values,
                                                 struct tl_victim *victim)
{
    struct tl_project *project = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(tl_project_set_actor(ctx, project, clerk.person));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_victim_add(ctx, project, accident, values, &clerk, victim));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

__attribute__((unused)) static tl_err victim_change(struct tl_ctx *ctx,
                                                    const struct tl_victim_values *values,
                                                    const struct tl_vault_key *key,
                                                    struct tl_victim *victim)
{
    struct tl_project *project = NULL;
    struct tl_victim seen = *victim;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(tl_project_set_actor(ctx, project, "Second"));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_victim_change(ctx, project, seen.code, seen.version, values, &clerk, key, victim));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

__attribute__((unused)) static tl_err victim_unlock(struct tl_ctx *ctx, const char *name,
                                                    const char *secret, struct tl_vault_key **key)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, path, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_victim_unlock(ctx, project, &(struct tl_victim_opener){name, secret}, key);
    tl_project_close(project);
    return err;
}

/* A victim's details as somebody reads them. */
__attribute__((unused)) static tl_err victim_show(struct tl_ctx *ctx, const char *name,
                                                  const char *secret, const char *code, char **json)
{
    struct tl_project *project = NULL;
    struct tl_vault_key *key = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_victim_unlock(ctx, project, &(struct tl_victim_opener){name, secret}, &key));
    TL_TRY(tl_victim_open(ctx, project, key, code, json));
done:
    tl_victim_lock(key);
    tl_project_close(project);
    return err;
}

/* Whether a file holds a text anywhere; a file that is not there holds nothing. */
__attribute__((unused)) static bool file_holds(const char *file, const char *text)
{
    struct tl_ctx *ctx = tl_ctx_create();
    FILE *in = fopen(file, "rb");
    bool found = false;
    if (in != NULL && fseek(in, 0, SEEK_END) == 0) {
        long n = ftell(in);
        char *bytes = tl_alloc(ctx, n + 1, 1);
        rewind(in);
        found = bytes != NULL && fread(bytes, 1, (size_t)n, in) == (size_t)n &&
                memmem(bytes, (size_t)n, text, strlen(text)) != NULL;
        tl_free(bytes);
    }
    if (in != NULL)
        fclose(in);
    tl_ctx_free(ctx);
    return found;
}

#endif
