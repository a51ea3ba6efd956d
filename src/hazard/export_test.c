#include "unit.h"

#include <sys/stat.h>

#include "fixture.h"
#include "geo/vector.h"

static const char *const path = "hazard_export_test.gpkg";

static tl_err count_rows(struct tl_ctx *ctx, const char *file, int64_t *n)
{
    struct tl_vector *vector = NULL;
    bool more = true;
    *n = 0;
    tl_err err = tl_vector_open(ctx, file, NULL, &vector);
    while (err == TL_OK && more) {
        err = tl_vector_next(ctx, vector, &more);
        *n += err == TL_OK && more;
    }
    tl_vector_close(vector);
    return err;
}

TEST(every_format_holds_every_record)
{
    static const char *const files[] = {"export_t.geojson", "export_t.csv", "export_t_out.gpkg",
                                        "export_t.kml"};
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    for (int k = 0; k < 4; k++) {
        int64_t written = 0, read = 0;
        CHECK_OK(tl_hazard_export(ctx, project, "accident", NULL, files[k], true, &written));
        CHECK(written == 30);
        CHECK_OK(count_rows(ctx, files[k], &read));
        CHECK(read == 30); /* the row of hashtags in CSV is none */
        CHECK_FAILS(tl_hazard_export(ctx, project, "accident", NULL, files[k], false, &written),
                    TL_EEXISTS, files[k]);
        unlink(files[k]);
    }
    tl_project_close(project);
    unlink(path);
}

TEST(csv_carries_hashtags_under_its_header)
{
    struct tl_project *project = NULL;
    struct tl_vector *vector = NULL;
    char line[400] = "";
    bool more = false;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_export(ctx, project, "place", "csv", "export_t.csv", true, NULL));
    FILE *file = fopen("export_t.csv", "r");
    CHECK(file != NULL && fgets(line, sizeof line, file) && fgets(line, sizeof line, file));
    fclose(file);
    CHECK(strncmp(line, "#meta+id,", 9) == 0 && strstr(line, ",#geo+lon,#geo+lat,") != NULL);
    CHECK_OK(tl_vector_open(ctx, "export_t.csv", NULL, &vector));
    CHECK_OK(tl_vector_next(ctx, vector, &more));
    CHECK(more && tl_vector_row(vector) == 2);
    CHECK_STR(tl_vector_text(vector, tl_vector_find_column(vector, "name")), "Alpha");
    CHECK_NEAR(atof(tl_vector_text(vector, tl_vector_find_column(vector, "lon"))), 15.005, 1e-9);
    tl_vector_close(vector);
    tl_project_close(project);
    unlink(path);
    unlink("export_t.csv");
}

TEST(the_hazard_is_exported_cell_by_cell_after_a_map)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    int64_t n = 0, inside = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_hazard_export(ctx, project, "hazard", NULL, "export_t.geojson", true, &n),
                TL_ENOTFOUND, "no map yet");
    CHECK(access("export_t.geojson", F_OK) != 0);
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    for (int64_t i = 0; i < tl_grid_n_cells(&r.evidence.grid); i++)
        inside += r.evidence.cell_area[i] > 0.0;
    CHECK_OK(tl_hazard_export(ctx, project, "hazard", NULL, "export_t.geojson", true, &n));
    CHECK(n == inside);
    CHECK_OK(count_rows(ctx, "export_t.geojson", &n));
    CHECK(n == inside);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
    unlink("export_t.geojson");
}

TEST(refused_records_can_be_taken_out_and_mended)
{
    struct tl_project *project = NULL;
    const char *text =
        "id,lon,lat,date\n1,15.01,2.01,2015\n2,215.01,2.01,2015\n3,2.01,15.01,2015\n";
    int64_t n = 0;
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_file_write(ctx, "export_bad.csv", text, (int64_t)strlen(text)));
    CHECK_OK(fixture_import(ctx, project, "export_bad.csv", "accident"));
    CHECK_OK(tl_hazard_export(ctx, project, "refused", "csv", "export_t.csv", true, &n));
    CHECK(n == 2);
    CHECK_FAILS(tl_hazard_export(ctx, project, "nonsense", "csv", "export_u.csv", true, &n),
                TL_EUSAGE, "nonsense");
    CHECK_FAILS(tl_hazard_export(ctx, project, "place", NULL, "export_u.xyz", true, &n), TL_EUSAGE,
                "geojson");
    tl_project_close(project);
    unlink(path);
    unlink("export_bad.csv");
    unlink("export_t.csv");
}
