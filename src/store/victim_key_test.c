#include "unit.h"

#include "store/fixture.h"

static const char path[] = "victim_key_test.gpkg";

#include "store/victim_fixture.h"

/* All boxes anew, in a transaction that is kept or not. */
static tl_err reseal(struct tl_ctx *ctx, const struct tl_vault_key *from,
                     const struct tl_vault_key *to, bool keeps, int64_t *n)
{
    struct tl_project *project = NULL;
    struct tl_victim_key_row row;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(tl_victim_key_read(ctx, project, &row));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_victim_key_reseal(ctx, project, from, to, n));
    TL_TRY(tl_victim_key_write(ctx, project, to, row.recovery_public));
    if (keeps)
        TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

static tl_err open_with(struct tl_ctx *ctx, const struct tl_vault_key *key, const char *code,
                        char **json)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, path, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_victim_open(ctx, project, key, code, json);
    tl_project_close(project);
    return err;
}

TEST(sealed_anew_only_the_new_key_opens)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_vault_key *from = NULL, *to = NULL;
    struct tl_victim victim;
    char *json = NULL;
    int64_t n = 0;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    values.sets_personal = false;
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    values = victim_values("{\"name\":\"Third\"}");
    CHECK_OK(victim_add(ctx, "AC-0003", &values, &victim));
    CHECK_OK(victim_unlock(ctx, olena, pass1, &from));
    CHECK_OK(tl_vault_key_make(ctx, &to));
    CHECK_OK(reseal(ctx, from, to, false, &n));
    CHECK_OK(open_with(ctx, from, "VI-0003", &json)); /* rolled back: as it was */
    tl_victim_forget(json);
    json = NULL;
    CHECK_OK(reseal(ctx, from, to, true, &n));
    CHECK(n == 2);
    CHECK_OK(open_with(ctx, to, "VI-0001", &json));
    CHECK_STR(json, details);
    tl_victim_forget(json);
    json = NULL;
    CHECK_FAILS(open_with(ctx, from, "VI-0001", &json), TL_EINTEGRITY, "another key");
    tl_victim_lock(from);
    tl_victim_lock(to);
    CHECK_CLEAN();
}

TEST(a_box_that_does_not_open_stops_it_with_its_name)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_vault_key *from = NULL, *to = NULL;
    struct tl_victim victim;
    int64_t n = 0;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    CHECK_OK(victim_unlock(ctx, olena, pass1, &from));
    CHECK_OK(tl_vault_key_make(ctx, &to));
    CHECK_OK(tamper(ctx, "UPDATE victim SET sealed = zeroblob(560) WHERE id = 2"));
    CHECK_FAILS(reseal(ctx, from, to, true, &n), TL_EINTEGRITY, "VI-0002: sealed details do not");
    tl_victim_lock(from);
    tl_victim_lock(to);
}

TEST(the_recovery_copy_is_checked)
{
    struct tl_victim_key_row row;
    struct tl_vault_key *key = NULL;
    struct tl_project *project = NULL;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_unlock(ctx, olena, pass1, &key));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_key_read(ctx, project, &row));
    tl_project_close(project);
    CHECK(row.is_there);
    CHECK_OK(tl_victim_key_check_recovery(ctx, &row, key));
    row.recovery_public[3] ^= 1;
    CHECK_FAILS(tl_victim_key_check_recovery(ctx, &row, key), TL_EINTEGRITY,
                "not put there by somebody who can open the key");
    tl_victim_lock(key);
    CHECK_OK(tamper(ctx, "UPDATE victim_key SET recovery = zeroblob(112)"));
    CHECK_SAYS("error sealed: the recovery copy of key 0001 is not what its hash says");
    CHECK_OK(tamper(ctx, "UPDATE victim_key SET recovery = zeroblob(7)"));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(tl_victim_key_read(ctx, project, &row), TL_EINTEGRITY, "is damaged");
    tl_project_close(project);
}

TEST(details_without_a_key_are_an_error)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_victim victim;
    char paper[TL_VICTIM_PAPER_BYTES];
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    CHECK_OK(outside(ctx, "DELETE FROM victim_key"));
    CHECK_SAYS("error sealed: 1 victims have sealed details, and the project has no key");
    CHECK_FAILS(tl_victim_init(ctx, path, olena, pass1, paper), TL_EINTEGRITY, "has lost its key");
}
