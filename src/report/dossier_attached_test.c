#include "unit.h"

#define FIXTURE_NAME "dossier_attached_test"
#include "report/fixture.h"
#include "tilth/attach.h"

static const char sketch[] = "a sketch",
                  sketch_hash[] =
                      "ed8c9c9fbc8686f3dd080b479e285c011bac096fe2245ce055a51fcb03c2cc09";

static tl_err attach(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                     const char *name, const char *bytes)
{
    struct tl_attach_file file = {
        .name = name, .media_type = "image/png", .bytes = bytes, .n_bytes = (int64_t)strlen(bytes)};
    int64_t id = 0;
    bool is_new = false;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_attach_add(ctx, project, TL_KIND_HAZARD_AREA, code, &file, &id, &is_new));
    err = tl_project_commit(ctx, project);
done:
    return err;
}

/* The dossier of the area, with `n` files attached to it and one to its neighbour. */
static tl_err write_with(struct tl_ctx *ctx, int n, const char *language)
{
    tl_err err = TL_OK;
    struct tl_project *project = NULL;
    struct tl_release_result result = {0};
    json_t *json = NULL;
    char name[64], bytes[64];
    words[0] = '\0';
    TL_TRY(made_up(ctx, &json));
    TL_TRY(result_of(ctx, json, &result));
    TL_TRY(open_project(ctx, &project));
    TL_TRY(attach(ctx, project, "HA-0002", "neighbour.png", "another"));
    for (int k = 0; k < n; k++) {
        snprintf(name, sizeof name, k == 0 ? "схема %d <b>.png" : "photo %d.jpg", k);
        snprintf(bytes, sizeof bytes, k == 0 ? "%s" : "%s, photograph %d", sketch, k);
        TL_TRY(attach(ctx, project, "HA-0001", name, bytes));
    }
    TL_TRY(tl_dossier_write(ctx, project, &result, language, FOLDER, true));
    output_of("pdftotext -layout " FOLDER "/dossier.pdf - 2>/dev/null");
done:
    tl_project_close(project);
    tl_free(result.json);
    json_decref(json);
    unlink(GPKG);
    return err;
}

TEST(names_sizes_and_hashes_of_what_is_attached_to_the_area)
{
    CHECK_OK(write_with(ctx, 2, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "Attachments") != NULL && strstr(words, sketch_hash) != NULL);
    const char *line = strstr(words, "схема 0 <b>.png");
    CHECK(line != NULL && strstr(line, " 8\n") != NULL);
    CHECK(strstr(words, "photo 1.jpg") != NULL && strstr(words, "neighbour.png") == NULL);
    CHECK(strstr(words, "No file is attached") == NULL);
    join_lines();
    CHECK(strstr(words, "is not the one that was attached.") != NULL);
    CHECK_OK(write_with(ctx, 2, "uk"));
    CHECK(strstr(words, "Вкладення") != NULL && strstr(words, sketch_hash) != NULL);
    CHECK(strstr(words, "Attach") == NULL);
    remove_folder(FOLDER);
}

TEST(that_nothing_is_attached_is_said)
{
    CHECK_OK(write_with(ctx, 0, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "No file is attached to the area in the register.") != NULL);
    CHECK_OK(write_with(ctx, 0, "uk"));
    join_lines();
    CHECK(strstr(words, "До цієї території в реєстрі не вкладено жодного файлу.") != NULL);
    remove_folder(FOLDER);
}

TEST(many_run_over_pages)
{
    CHECK_OK(write_with(ctx, 120, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(times("photo ") == 119 && times("Name of the file, and its SHA-256") >= 3);
    remove_folder(FOLDER);
}

static void with_an_area_that_left(json_t *json)
{
    json_object_set_new(json_object_get(json, "area"), "code", json_string("HA-9999"));
}

TEST(an_area_that_is_no_longer_in_the_register_has_none)
{
    CHECK_OK(write_dossier(ctx, with_an_area_that_left, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "No file is attached to the area in the register.") != NULL);
    remove_folder(FOLDER);
}
