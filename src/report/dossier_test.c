#include "unit.h"

#define FIXTURE_NAME "dossier_test"
#include "report/fixture.h"

TEST(words_of_the_english_dossier_can_be_searched)
{
    static const char *const wanted[] = {"Land-release dossier",
                                         "HA-0001",
                                         "Поле \"Довге\" під Вільховим",
                                         "Turning points",
                                         "What was done",
                                         "Quality control",
                                         "What was found",
                                         "What may remain",
                                         "What more work would change",
                                         "Criteria",
                                         "Decisions so far",
                                         "Who decides",
                                         "Where it comes from",
                                         "Олена Коваль",
                                         "flail 3000",
                                         "65 %",

                                         "not met",
                                         "Owner of the residual risk",
                                         "not a statement that the ground is free"};
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    CHECK(strcasestr(words, "safe") == NULL);
}

/* "безпечно" and its kin may stand only where they deny: небезпечний, вибухонебезпечний. */
static bool claims_no_danger(const char *text)
{
    static const char stem[] = "безпечн", denied[] = "небезпечн";
    for (const char *at = text; (at = strstr(at, stem)) != NULL; at += strlen(stem))
        if (at - text < 4 || strncmp(at - 4, denied, strlen(denied)) != 0)
            return true;
    return false;
}

TEST(words_of_the_ukrainian_dossier_can_be_searched)
{
    static const char *const wanted[] = {
        "HA-0001",          "Поворотні точки",    "Що зроблено", "Контроль якості",
        "Що знайдено",      "Що може залишатися", "Хто вирішує", "підтверджена небезпечна",
        "залишковий ризик", "Олена Коваль",       "65 %",        "не виконано"};
    CHECK_OK(write_dossier(ctx, NULL, "uk"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    CHECK(!claims_no_danger(words) && strcasestr(words, "safe") == NULL);
    CHECK(claims_no_danger("тут безпечно") && !claims_no_danger("вибухонебезпечні предмети"));
}

TEST(the_same_assessment_gives_the_same_bytes)
{
    char hash[2][5][TL_HASH_HEX], path[128];
    for (int round = 0; round < 2; round++) {
        CHECK_OK(write_dossier(ctx, NULL, "uk"));
        for (int k = 0; k < 5; k++) {
            snprintf(path, sizeof path, FOLDER "/%s", files[k]);
            CHECK_OK(tl_hash_file(ctx, path, hash[round][k]));
        }
        sleep(1); /* a PDF that stamped the second would differ by then */
    }
    for (int k = 0; k < 5; k++)
        CHECK_STR(hash[0][k], hash[1][k]);
    remove_folder(FOLDER);
}

TEST(the_json_is_as_it_was_and_its_hash_is_at_every_foot)
{
    char hash[TL_HASH_HEX], foot[128];
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    CHECK_OK(tl_hash_file(ctx, FOLDER "/assess.json", hash));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    snprintf(foot, sizeof foot, "assessment %s", hash);
    CHECK(times("\f") >= 4 && times(foot) == times("\f"));
    remove_folder(FOLDER);
}

static void with_nothing(json_t *json)
{
    json_object_clear(json);
    json_object_set_new(json, "schema", json_string("tilth.assess/1"));
}

TEST(an_assessment_that_says_nothing_makes_a_dossier_of_dashes)
{
    CHECK_OK(write_dossier(ctx, with_nothing, "en"));
    CHECK_OK(write_dossier(ctx, with_nothing, "uk"));
    remove_folder(FOLDER);
}

static void with_other_schema(json_t *json)
{
    json_object_set_new(json, "schema", json_string("tilth.map/1"));
}

TEST(what_is_there_or_is_no_assessment_is_refused_and_left_alone)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    struct stat info;
    json_t *json = NULL;
    char broken[] = "{\"schema\": ";
    remove_folder(FOLDER);
    CHECK_FAILS(write_dossier(ctx, with_other_schema, "en"), TL_EDATA, "tilth.map/1");
    CHECK_FAILS(write_dossier(ctx, NULL, "tlh"), TL_EUSAGE, "en, uk");
    CHECK(stat(FOLDER, &info) != 0);
    CHECK_OK(made_up(ctx, &json));
    CHECK_OK(result_of(ctx, json, &result));
    CHECK_OK(open_project(ctx, &project));
    CHECK_OK(tl_dossier_write(ctx, project, &result, "en", FOLDER, false));
    CHECK_FAILS(tl_dossier_write(ctx, project, &result, "uk", FOLDER, false), TL_EEXISTS,
                FOLDER "/dossier.pdf");
    tl_free(result.json);
    result.json = broken;
    CHECK_FAILS(tl_dossier_write(ctx, project, &result, "en", FOLDER, true), TL_EDATA, "not JSON");
    tl_project_close(project);
    json_decref(json);
    unlink(GPKG);
    remove_folder(FOLDER);
}

struct given {
    struct tl_project *project;
    struct tl_release_result *result;
};

static tl_err write_again(struct tl_ctx *ctx, const struct given *given)
{
    return tl_dossier_write(ctx, given->project, given->result, "uk", FOLDER, true);
}

/* Every 37th allocation only: all of them would take minutes. */
TEST(allocations_may_fail_and_nothing_is_left_behind)
{
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    struct stat info;
    json_t *json = NULL;
    CHECK_OK(made_up(ctx, &json));
    CHECK_OK(result_of(ctx, json, &result));
    CHECK_OK(open_project(ctx, &project));
    struct given given = {project, &result};
    tl_err err = TL_ENOMEM;
    for (int64_t nth = 1; err != TL_OK && nth < 100000; nth += nth < 60 ? 1 : 37) {
        tl_ctx_fail_alloc(ctx, nth);
        err = write_again(ctx, &given);
        tl_ctx_fail_alloc(ctx, 0);
        CHECK(err == TL_OK || err == TL_ENOMEM);
        CHECK(err == TL_OK || stat(FOLDER, &info) != 0);
    }
    CHECK(err == TL_OK);
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(GPKG);
    remove_folder(FOLDER);
}
