#include "unit.h"

#define FIXTURE_NAME "dossier_assess_test"
#include "release/fixture.h"
#include "report/fixture.h"

/* What release makes, report draws: in both languages, with the words of the assessment in the same one. */
TEST(an_assessment_by_the_program_becomes_a_dossier)
{
    static const char *const languages[] = {"en", "uk"};
    static const char *const wanted[][4] = {
        {"Land-release dossier", "HA-0001", "What may remain", "no verdict"},
        {"Досьє з вивільнення землі", "HA-0001", "Що може залишатися", "а не висновок"}};
    struct tl_project *project = NULL;
    CHECK_OK(release_open(ctx, GPKG, &project));
    for (int k = 0; k < 2; k++) {
        struct tl_release_result result = {0};
        struct tl_release_options o = tl_release_options_default();
        char hash[TL_HASH_HEX], folder[64], path[128];
        o.area = "HA-0001";
        o.n_draws = 640;
        o.language = languages[k];
        snprintf(folder, sizeof folder, FOLDER "_%s", languages[k]);
        snprintf(path, sizeof path, "%s/assess.json", folder);
        CHECK_OK(tl_release_assess(ctx, project, &o, &result));
        CHECK_OK(tl_dossier_write(ctx, project, &result, languages[k], folder, true));
        CHECK_OK(tl_hash_file(ctx, path, hash));
        CHECK_STR(hash, result.hash);
        tl_release_result_fini(&result);
        snprintf(path, sizeof path, "pdftotext -layout %s/dossier.pdf - 2>/dev/null", folder);
        if (!output_of(path))
            SKIP("pdftotext is not installed");
        for (int j = 0; j < 4; j++)
            CHECK(strstr(words, wanted[k][j]) != NULL);
        CHECK(strcasestr(words, "safe") == NULL);
        if (getenv("KEEP") == NULL)
            remove_folder(folder);
    }
    tl_project_close(project);
    unlink(GPKG);
}
