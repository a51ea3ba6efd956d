#include "unit.h"

#include "store/fixture.h"

static const char path[] = "victim_test.gpkg";

#include "store/victim_fixture.h"

TEST(who_enters_can_write_and_not_read)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_victim victim, *list = NULL;
    struct tl_project *project = NULL;
    char *json = NULL;
    int64_t n = 0;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &victim));
    CHECK_STR(victim.code, "VI-0001");
    CHECK_STR(victim.accident, "AC-0002");
    CHECK_STR(victim.values[TL_VICTIM_OUTCOME], "injured");
    CHECK_STR(victim.values[TL_VICTIM_TAMPERING], "no");
    CHECK_STR(victim.values[TL_VICTIM_SEX], "");
    CHECK_STR(victim.entered_by, "Clerk");
    CHECK(victim.is_sealed && strlen(victim.version) == 32);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_list(ctx, project, "AC-0002", &list, &n));
    CHECK(n == 1 && strcmp(list[0].version, victim.version) == 0);
    tl_free(list);
    CHECK_OK(tl_victim_list(ctx, project, "AC-0001", &list, &n));
    CHECK(n == 0);
    tl_free(list);
    CHECK_FAILS(tl_victim_list(ctx, project, "AC-0099", &list, &n), TL_ENOTFOUND, "AC-0099");
    tl_project_close(project);
    CHECK_OK(victim_show(ctx, olena, pass1, "VI-0001", &json));
    CHECK_STR(json, details);
    tl_victim_forget(json);
    CHECK_FAILS(victim_show(ctx, olena, pass2, "VI-0001", &json), TL_EDENIED, "does not open");
    CHECK_FAILS(victim_show(ctx, petro, pass1, "VI-0001", &json), TL_EDENIED, "does not open");
    CHECK_FAILS(victim_show(ctx, olena, pass1, "VI-0009", &json), TL_ENOTFOUND, "VI-0009");
    CHECK_CLEAN();
}

/* In the project's bytes, its journal, the keys and the accounts: nothing of what was sealed, also after changes. */
TEST(nothing_personal_stands_in_any_file)
{
    static const char *const beside[] = {"", ".keys", ".accounts", ".reads", "-journal", "-wal"};
    struct tl_victim_values values = victim_values(details), other = {.sets_personal = true};
    struct tl_vault_key *key = NULL;
    struct tl_victim victim;
    char file[80];
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &victim));
    CHECK_OK(victim_unlock(ctx, olena, pass1, &key));
    other.personal = "{\"name\":\"Мельник Тарас\",\"remarks\":\"left leg, right hand\"}";
    CHECK_OK(victim_change(ctx, &other, key, &victim));
    tl_victim_lock(key);
    for (int f = 0; f < 6; f++) {
        snprintf(file, sizeof file, "%s%s", path, beside[f]);
        for (int t = 0; t < 5; t++)
            CHECK(!file_holds(file, plain[t]));
        CHECK(!file_holds(file, pass1));
    }
    CHECK(file_holds(path, "injured")); /* the search itself works */
    CHECK_CLEAN();
}

TEST(the_log_has_a_boxs_hash)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_project *project = NULL;
    struct tl_victim victim;
    char *line = NULL;
    int64_t n = 0;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &victim));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log, victim v WHERE table_name = 'victim' AND "
                        "json_extract(\"after\", '$.sealed_hash') = v.sealed_hash AND actor = "
                        "'Clerk' AND json_extract(\"after\", '$.sealed') IS NULL",
                        0, &n));
    CHECK(n == 1);
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT length(sealed) || ' ' || sealed_version FROM victim", &line));
    CHECK_STR(line, "560 1");
    tl_free(line);
    tl_project_close(project);
}

TEST(details_that_are_there_are_replaced_by_who_reads_them_only)
{
    struct tl_victim_values values = victim_values(NULL), more = {.sets_personal = true};
    struct tl_vault_key *key = NULL;
    struct tl_victim victim, before;
    char *json = NULL;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &victim));
    CHECK(!victim.is_sealed);
    CHECK_OK(victim_show(ctx, olena, pass1, "VI-0001", &json));
    CHECK(json == NULL);
    /* nothing is there yet: whoever enters may fill it */
    more.personal = "{\"name\":\"First\"}";
    CHECK_OK(victim_change(ctx, &more, NULL, &victim));
    CHECK(victim.is_sealed);
    CHECK_STR(victim.values[TL_VICTIM_OUTCOME], "injured");
    CHECK_STR(victim.entered_by, "Second");
    before = victim;
    more.personal = "{\"name\":\"Other\"}";
    CHECK_FAILS(victim_change(ctx, &more, NULL, &victim), TL_EDENIED,
                "VI-0001 has personal details already");
    more.personal = NULL;
    CHECK_FAILS(victim_change(ctx, &more, NULL, &victim), TL_EDENIED, "already");
    more.personal = "{\"name\":\"Other\",\"born\":null,\"address\":\"\"}";
    CHECK_OK(victim_unlock(ctx, olena, pass1, &key));
    CHECK_OK(victim_change(ctx, &more, key, &victim));
    CHECK(strcmp(victim.version, before.version) != 0);
    CHECK_OK(victim_show(ctx, olena, pass1, "VI-0001", &json));
    CHECK_STR(json, "{\"name\":\"Other\"}");
    tl_victim_forget(json);
    CHECK_FAILS(victim_change(ctx, &more, key, &before), TL_ECONFLICT,
                "VI-0001 was changed meanwhile by Second at 20");
    /* taken away */
    more.personal = "{}";
    CHECK_OK(victim_change(ctx, &more, key, &victim));
    CHECK(!victim.is_sealed);
    tl_victim_lock(key);
    CHECK_CLEAN();
}

TEST(columns_alone_need_no_key_and_the_same_again_changes_nothing)
{
    struct tl_victim_values values = victim_values(NULL), more = {0};
    struct tl_victim victim, again;
    CHECK_OK(make(ctx));
    CHECK_OK(victim_add(ctx, "AC-0001", &values, &victim));
    more.sets[TL_VICTIM_SEX] = more.sets[TL_VICTIM_ACTIVITY] = more.sets[TL_VICTIM_TAMPERING] =
        true;
    more.values[TL_VICTIM_SEX] = "female";
    more.values[TL_VICTIM_ACTIVITY] = "farming";
    CHECK_OK(victim_change(ctx, &more, NULL, &victim));
    CHECK_STR(victim.values[TL_VICTIM_SEX], "female");
    CHECK_STR(victim.values[TL_VICTIM_TAMPERING], "");
    CHECK_STR(victim.values[TL_VICTIM_OUTCOME], "injured");
    again = victim;
    CHECK_OK(victim_change(ctx, &more, NULL, &again));
    CHECK_STR(again.version, victim.version);
    CHECK_CLEAN();
}

TEST(a_wrong_value_is_named_and_a_personal_one_is_not)
{
    static const char *const bad[] = {"[]",
                                      "{\"name\":5}",
                                      "{\"phone\":\"0671112233\"}",
                                      "{\"born\":\"14.03.1987\"}",
                                      "{\"born\":\"1987-13\"}",
                                      "{\"name\":\"Melnyk\"",
                                      "{\"name\":\"Melnyk\",\"name\":\"b\"}"};
    struct tl_victim_values values = victim_values(NULL);
    struct tl_victim victim;
    struct tl_edit_who guest = {"", "quality manager", false};
    struct tl_project *project = NULL;
    CHECK_OK(victims_make(ctx, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        values.personal = bad[i];
        CHECK_FAILS(victim_add(ctx, "AC-0001", &values, &victim), TL_EDATA, "personal");
        CHECK(strstr(tl_ctx_message(ctx), "Melnyk") == NULL &&
              strstr(tl_ctx_message(ctx), "1987-1") == NULL &&
              strstr(tl_ctx_message(ctx), "14.03") == NULL &&
              strstr(tl_ctx_message(ctx), "067") == NULL);
    }
    values.personal = NULL;
    values.values[TL_VICTIM_OUTCOME] = "hurt";
    CHECK_FAILS(victim_add(ctx, "AC-0001", &values, &victim), TL_EDATA,
                "outcome: \"hurt\" is not valid, expected killed|injured");
    values = victim_values(NULL);
    CHECK_FAILS(victim_add(ctx, "AC-0099", &values, &victim), TL_ENOTFOUND, "AC-0099");
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(tl_victim_add(ctx, project, "AC-0001", &values, &guest, &victim), TL_EDENIED,
                "may not enter victims");
    tl_project_close(project);
    CHECK_CLEAN();
}

TEST(without_a_key_nothing_personal_is_taken)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_victim victim;
    CHECK_OK(make(ctx));
    CHECK_FAILS(victim_add(ctx, "AC-0001", &values, &victim), TL_ECONFLICT, "init");
}

/* Boxes that were altered, exchanged between victims, or put back from earlier. */
TEST(a_tampered_box_does_not_open_and_check_names_it)
{
    struct tl_victim_values values = victim_values(details), more = {.sets_personal = true};
    struct tl_vault_key *key = NULL;
    struct tl_victim victim, second;
    char *json = NULL;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &victim));
    values.personal = "{\"name\":\"Second\"}";
    CHECK_OK(victim_add(ctx, "AC-0002", &values, &second));
    CHECK_OK(tamper(ctx, "CREATE TABLE kept AS SELECT id, sealed, sealed_hash FROM victim; UPDATE "
                         "victim SET sealed = (SELECT sealed FROM kept WHERE kept.id = 3 - "
                         "victim.id)"));
    CHECK_FAILS(victim_show(ctx, olena, pass1, "VI-0001", &json), TL_EINTEGRITY,
                "VI-0001: sealed details are those of another record");
    CHECK_SAYS("error sealed: the sealed box of victim 0002 is not what its hash says");
    CHECK_OK(tamper(ctx, "UPDATE victim SET sealed = (SELECT sealed FROM kept WHERE kept.id = "
                         "victim.id)"));
    CHECK_OK(victim_show(ctx, olena, pass1, "VI-0002", &json));
    tl_victim_forget(json);
    json = NULL;
    more.personal = "{\"name\":\"Later\"}";
    CHECK_OK(victim_unlock(ctx, olena, pass1, &key));
    CHECK_OK(victim_change(ctx, &more, key, &second));
    tl_victim_lock(key);
    CHECK_OK(tamper(ctx, "UPDATE victim SET (sealed, sealed_hash) = (SELECT sealed, sealed_hash "
                         "FROM kept WHERE kept.id = 2) WHERE id = 2"));
    CHECK_FAILS(victim_show(ctx, olena, pass1, "VI-0002", &json), TL_EINTEGRITY,
                "of an earlier time");
    CHECK_SAYS("error log-record: victim 2 is not as the log says");
    CHECK_OK(tamper(ctx, "UPDATE victim SET sealed = zeroblob(560) WHERE id = 1"));
    CHECK_FAILS(victim_show(ctx, olena, pass1, "VI-0001", &json), TL_EINTEGRITY, "altered");
    CHECK(json == NULL);
}

/* Somebody who can write the project puts a key of their own there, to read what is entered from now on. */
TEST(a_key_that_is_not_known_here_is_not_sealed_to)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_victim victim;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(tamper(ctx, "UPDATE victim_key SET public_key = "
                         "'8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'"));
    CHECK_FAILS(victim_add(ctx, "AC-0002", &values, &victim), TL_EINTEGRITY,
                "not the one that is known here");
}

/* A victim of an older file, or made in QGIS, has no number of its own yet. */
TEST(a_victim_from_outside_gets_details_like_any_other)
{
    struct tl_victim_values more = {.sets_personal = true, .personal = details};
    struct tl_project *project = NULL;
    struct tl_victim victim;
    char *json = NULL;
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_OK(outside(ctx, "INSERT INTO victim (accident_id, outcome) VALUES (3, 'killed')"));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_victim_get(ctx, project, "VI-0001", &victim));
    tl_project_close(project);
    CHECK_OK(victim_change(ctx, &more, NULL, &victim));
    CHECK_OK(victim_show(ctx, olena, pass1, "VI-0001", &json));
    CHECK_STR(json, details);
    tl_victim_forget(json);
    CHECK_CLEAN();
}

static tl_err enter_and_list(struct tl_ctx *ctx)
{
    struct tl_victim_values values = victim_values(details);
    struct tl_project *project = NULL;
    struct tl_victim victim, *list = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(victim_add(ctx, "AC-0001", &values, &victim));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_victim_list(ctx, project, "AC-0001", &list, &n));
done:
    tl_free(list);
    tl_project_close(project);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_OK(victims_make(ctx, NULL));
    CHECK_EVERY_ALLOC(ctx, enter_and_list(ctx));
}
