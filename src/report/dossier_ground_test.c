#include "unit.h"

#define FIXTURE_NAME "dossier_ground_test"
#include "report/fixture.h"

static void with_long_reason(json_t *json)
{
    static char reason[40001];
    for (int k = 0; k < 40000; k += 8)
        memcpy(reason + k, k % 800 == 0 ? "\nreason " : "because ", 8);
    memcpy(reason + 39992, "the end.", 8);
    json_object_set_new(json_array_get(json_object_get(json, "decisions"), 0), "reason",
                        json_string(reason));
}

TEST(a_reason_longer_than_a_page_runs_over_pages)
{
    CHECK_OK(write_dossier(ctx, with_long_reason, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    CHECK(times("because") == 4949 && strstr(words, "the end.") != NULL);
    remove_folder(FOLDER);
}

TEST(grounds_decisions_and_provenance_are_told)
{
    static const char *const wanted[] = {
        "It speaks of items down to 20 cm; deeper ones are neither counted nor denied.",
        "2024-02-11: reduced",
        "Олена Коваль, approver",
        "AC-0005",
        "waits for an answer",
        "Owner of the residual risk after the handover",
        "Quality manager",
        "Recipient at the handover",
        "not released",
        "cells of 100 m; range 640 m",
        "4,000 draws",
        "seed 1"};
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    remove_folder(FOLDER);
}

static void with_this_one(json_t *json)
{
    json_object_set_new(json_array_get(json_object_get(json, "findings"), 0), "answered",
                        json_pack("{s:s}", "person", "x"));
    json_object_set_new(json, "assumptions", json_array());
    json_object_set_new(json, "warnings", json_array());
}

TEST(answered_findings_are_told_as_such)
{
    CHECK_OK(write_dossier(ctx, with_this_one, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "(answered)") != NULL && strstr(words, "waits for an answer") == NULL);
    CHECK(strstr(words, "No assumptions are listed.") != NULL && strstr(words, "Warnings") == NULL);
    remove_folder(FOLDER);
}
