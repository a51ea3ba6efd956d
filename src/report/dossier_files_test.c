#include "unit.h"

#define FIXTURE_NAME "dossier_files_test"
#include "report/fixture.h"

TEST(tables_and_shapes_are_read_by_gdal)
{
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (!output_of("ogrinfo -ro -so -al " FOLDER "/area.geojson 2>&1"))
        SKIP("ogrinfo is not installed");
    /* the area, 4 searches, 16 turning points, 6 items and accidents */
    CHECK(strstr(words, "Feature Count: 27") != NULL);
    CHECK(output_of("ogrinfo -ro -al " FOLDER "/area.geojson -where \"code='SE-0002'\" 2>&1"));
    CHECK(strstr(words, "method (String) = manual") != NULL && strstr(words, "POLYGON") != NULL);
    CHECK(output_of("ogrinfo -ro -al " FOLDER "/searches.csv 2>&1"));
    /* 4 searches and the row of HXL tags */
    CHECK(strstr(words, "Feature Count: 5") != NULL);
    CHECK(strstr(words, "team (String) = Бригада №4 \"Степ\"") != NULL);
    CHECK(strstr(words, "#activity+type") != NULL);
    CHECK(output_of("ogrinfo -ro -so -al " FOLDER "/turning_points.csv 2>&1"));
    CHECK(strstr(words, "Feature Count: 17") != NULL);
    remove_folder(FOLDER);
}

static void with_formulas(json_t *json)
{
    json_t *row = json_array_get(json_object_get(json_object_get(json, "searched"), "by"), 0);
    json_object_set_new(row, "team", json_string("=HYPERLINK(\"x\")"));
    json_object_set_new(row, "organisation", json_string("a,b\nc"));
}

/* A spreadsheet that opens the file must not compute what somebody typed as a team's name. */
TEST(what_a_spreadsheet_would_compute_is_text)
{
    CHECK_OK(write_dossier(ctx, with_formulas, "en"));
    CHECK(output_of("cat " FOLDER "/searches.csv"));
    CHECK(strstr(words, "\"'=HYPERLINK(\"\"x\"\")\"") != NULL);
    CHECK(strstr(words, "\"a,b\nc\"") != NULL);
    remove_folder(FOLDER);
}

static void with_inspection_in_both(json_t *json)
{
    json_t *by = json_object_get(json_object_get(json, "searched"), "by");
    json_array_append(by, json_array_get(json_object_get(json, "quality"), 0));
}

TEST(an_inspection_that_counts_as_effort_is_told_once)
{
    CHECK_OK(write_dossier(ctx, with_inspection_in_both, "en"));
    CHECK(words[0] == '\0' || strstr(words, "no polygon") == NULL);
    CHECK(output_of("cat " FOLDER "/searches.csv"));
    CHECK(times("SE-0004") == 1 && times("SE-0001") == 1);
    CHECK(strstr(words, "SE-0001") < strstr(words, "SE-0004"));
    CHECK(output_of("cat " FOLDER "/area.geojson"));
    CHECK(times("SE-0004") == 1 && strstr(words, "inspection") != NULL);
    remove_folder(FOLDER);
}
