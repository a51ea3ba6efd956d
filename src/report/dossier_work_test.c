#include "unit.h"

#define FIXTURE_NAME "dossier_work_test"
#include "report/fixture.h"

static void with_long_tables(json_t *json)
{
    json_t *points = json_object_get(json_object_get(json, "area"), "turning_points");
    json_t *by = json_object_get(json_object_get(json, "searched"), "by");
    for (int k = 17; k <= 500; k++)
        json_array_append_new(points, json_pack("{s:i,s:i,s:i,s:f,s:f,s:f,s:f}", "n", k, "part", 3,
                                                "ring", 1, "lon_deg", 15.007 + 1e-6 * k, "lat_deg",
                                                2.01, "bearing_deg", 10.0, "distance_m", 4.2));
    for (int k = 0; k < 200; k++) {
        json_t *row = json_deep_copy(json_array_get(by, (size_t)k % 3));
        char code[24];
        snprintf(code, sizeof code, "SE-%04d", 1000 + k);
        json_object_set_new(row, "code", json_string(code));
        json_array_append_new(by, row);
    }
}

TEST(long_tables_run_over_pages_with_their_heads)
{
    CHECK_OK(write_dossier(ctx, with_long_tables, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(times("Longitude") >= 8 && times("\f") > 20 && times("Kind and method") >= 8);
    CHECK(strstr(words, " 500 ") != NULL && strstr(words, "SE-1199") != NULL);
    remove_folder(FOLDER);
}

TEST(rows_say_who_when_and_what_is_not_known)
{
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    static const char *const wanted[] = {
        "flail 3000 *",
        "not in the table of methods",
        "2023-10-11",
        "ДСНС України",
        "Never searched, as far as the register knows: 5.52 ha",
        "15.004000",
        "2.012500",
        "108.3°",
        "140.6",
        "33N 500445 222443",
        "33NWC0044422442",
        "Turning points: 16. Perimeter: 2,420 m. Area: 174,786 m²."};
    for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
        if (strstr(words, wanted[k]) == NULL)
            printf("  \"%s\" is not in the PDF\n", wanted[k]);
        CHECK(strstr(words, wanted[k]) != NULL);
    }
    remove_folder(FOLDER);
}

static void without_work(json_t *json)
{
    json_object_set_new(json_object_get(json, "searched"), "by", json_array());
    json_object_set_new(json, "quality", json_array());
    json_object_set_new(json_object_get(json, "found"), "items", json_array());
}

TEST(the_absence_of_reports_is_not_read_as_absence_of_hazard)
{
    CHECK_OK(write_dossier(ctx, without_work, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    CHECK(strstr(words, "The register holds no search of this area.") != NULL);
    CHECK(strstr(words, "The register holds no inspection of this area.") != NULL);
    CHECK(strstr(words, "not taken as a sign that there was nothing") != NULL);
    remove_folder(FOLDER);
}
