#include "unit.h"

#include "store/edit_fixture.h"
#include "tilth/fieldwork.h"

static const char path[] = "fieldwork_set_test.gpkg";

static tl_err set(struct tl_ctx *ctx, struct tl_project *project, const char *json)
{
    tl_err err = tl_project_begin(ctx, project);
    if (err == TL_OK)
        err = tl_fieldwork_set(ctx, project, json, (int64_t)strlen(json));
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

TEST(contacts_words_and_districts_are_kept_as_they_were_set)
{
    static const char whole[] =
        "{\"contacts\":[{\"name\":{\"en\":\"Rescue service\",\"uk\":\"Рятувальники\"},\"phone\":"
        "\"101\"}],\"words\":[\"The school path is closed.\"],\"districts\":[{\"id\":\"north\","
        "\"name\":\"North\",\"box\":[-75.2,7.0,-75.1,7.08]}]}";
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_fieldwork_settings(ctx, project, &json));
    CHECK_STR(json, "{\"contacts\":[],\"words\":[],\"districts\":[]}\n");
    tl_free(json);
    CHECK_OK(set(ctx, project, whole));
    CHECK_OK(tl_fieldwork_settings(ctx, project, &json));
    CHECK(strstr(json, "Рятувальники") != NULL && strstr(json, "-75.2") != NULL);
    tl_free(json);
    CHECK_OK(set(ctx, project, "{}"));
    CHECK_OK(tl_fieldwork_settings(ctx, project, &json));
    CHECK_STR(json, "{\"contacts\":[],\"words\":[],\"districts\":[]}\n");
    tl_free(json);
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_project_close(project);
}

TEST(what_is_wrong_is_named_and_nothing_is_set)
{
    static const struct {
        const char *json, *said;
    } cases[] = {
        {"[", "line 1"},
        {"[]", "expected an object"},
        {"{\"phones\":[]}", "unknown member \"phones\""},
        {"{\"contacts\":{}}", "contacts: expected a list of at most 50"},
        {"{\"contacts\":[{\"name\":\"A\"}]}", "contact 1: phone: expected a text"},
        {"{\"contacts\":[{\"name\":\"A\",\"phone\":\"call me\"}]}", "is not a number to call"},
        {"{\"contacts\":[{\"name\":{\"English\":\"A\"},\"phone\":\"1\"}]}",
         "\"English\" is not a language"},
        {"{\"contacts\":[{\"name\":\"\",\"phone\":\"1\"}]}", "contact 1: name: expected a text"},
        {"{\"words\":[7]}", "words 1: expected a text"},
        {"{\"districts\":[{\"id\":\"a\",\"name\":\"A\",\"box\":[1,2,3]}]}", "district 1: box"},
        {"{\"districts\":[{\"id\":\"a\",\"name\":\"A\",\"box\":[3,2,1,4]}]}", "district 1: box"},
    };
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_FAILS(set(ctx, project, cases[i].json), TL_EDATA, cases[i].said);
    CHECK_OK(tl_fieldwork_settings(ctx, project, &json));
    CHECK_STR(json, "{\"contacts\":[],\"words\":[],\"districts\":[]}\n");
    tl_free(json);
    tl_project_close(project);
}

TEST(a_file_is_named_with_what_is_wrong_in_it)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    FILE *file = fopen("fieldwork_set_test.json", "w");
    CHECK(file != NULL);
    fputs("{\"words\": [\"The school path is closed.\"]}", file);
    fclose(file);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_fieldwork_set_file(ctx, project, "fieldwork_set_test.json"));
    CHECK_FAILS(tl_fieldwork_set_file(ctx, project, "nowhere.json"), TL_ENOTFOUND, "nowhere.json");
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_fieldwork_settings(ctx, project, &json));
    CHECK(strstr(json, "school path") != NULL);
    tl_free(json);
    tl_project_close(project);
}
