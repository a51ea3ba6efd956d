#include "unit.h"

#include "store/fixture.h"

static const char path[] = "qgis_test.gpkg";

TEST(a_renamed_file_gets_a_new_qgis_project)
{
    struct tl_project *project = NULL;
    char *file = NULL;
    CHECK_OK(fixture_create(ctx, path));
    CHECK(rename(path, "qgis_test_moved.gpkg") == 0);
    CHECK_OK(tl_project_open(ctx, "qgis_test_moved.gpkg", TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT value FROM tilth_state WHERE key = 'qgis_file'", &file));
    CHECK_STR(file, "qgis_test_moved.gpkg");
    tl_free(file);
    tl_project_close(project);
    unlink("qgis_test_moved.gpkg");
}

/* The bytes of the embedded project: hex of a zip. What QGIS makes of it is tests/store/qgis_check.py. */
TEST(the_embedded_project_is_a_zip_in_hex)
{
    struct tl_project *project = NULL;
    char *text = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT CAST(content AS TEXT) FROM qgis_projects WHERE name = 'tilth'",
                             &text));
    CHECK(text != NULL && strncmp(text, "504b0304", 8) == 0 && strlen(text) % 2 == 0);
    CHECK(strspn(text, "0123456789abcdef") == strlen(text));
    tl_free(text);
    tl_project_close(project);
}
