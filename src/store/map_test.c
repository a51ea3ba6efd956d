#include "unit.h"

#include "store/fixture.h"

static const char path[] = "map_test.gpkg";

TEST(the_latest_map_is_kept_whole_older_ones_as_their_json)
{
    struct tl_project *project = NULL;
    float mean[80], sd[80], out[80];
    int64_t run = 0, n = 0;
    char *json = NULL;
    struct tl_map_band bands[2] = {{"mean", mean}, {"sd", sd}};
    for (int i = 0; i < 80; i++) {
        mean[i] = (float)i;
        sd[i] = (float)NAN;
    }
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_map_load(ctx, project, &run, &json));
    CHECK(json == NULL && run == 0);
    CHECK_FAILS(tl_project_map_band(ctx, project, "mean", out), TL_ENOTFOUND, "no band \"mean\"");
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_map_save(ctx, project, "{\"seed\":1}", 2, bands, &run));
    mean[3] = -1;
    CHECK_OK(tl_project_map_save(ctx, project, "{\"seed\":2}", 1, bands, &run));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_map_load(ctx, project, &run, &json));
    CHECK(run == 2);
    CHECK_OK(tl_project_map_same(ctx, project, 2));
    CHECK_FAILS(tl_project_map_same(ctx, project, 1), TL_ECONFLICT, "another map");
    CHECK_STR(json, "{\"seed\":2}");
    tl_free(json);
    CHECK_OK(tl_project_map_band(ctx, project, "mean", out));
    CHECK(memcmp(out, mean, sizeof out) == 0);
    CHECK_FAILS(tl_project_map_band(ctx, project, "sd", out), TL_ENOTFOUND, "no band \"sd\"");
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT count(*) FROM map_run", 0, &n));
    CHECK(n == 2);
    tl_project_close(project);
}

TEST(hazard_cells_are_replaced_and_indexed)
{
    enum { N = 3000 };
    struct tl_project *project = NULL;
    struct tl_hazard_cell *cells = tl_alloc(ctx, N, sizeof *cells);
    int64_t n = 0;
    char *tree = NULL;
    CHECK(cells != NULL);
    for (int i = 0; i < N; i++) {
        double w = -75.2 + 0.001 * (i % 60), s = 7 + 0.001 * (i / 60);
        const double corners[8] = {w, s + 0.001, w + 0.001, s + 0.001, w + 0.001, s, w, s};
        cells[i] = (struct tl_hazard_cell){.cell = i, .density_per_ha = i, .p_any = (double)NAN};
        memcpy(cells[i].corner_deg, corners, sizeof corners);
    }
    CHECK_OK(fixture_open(ctx, path, &project));
    for (int round = 0; round < 3; round++) {
        CHECK_OK(tl_project_begin(ctx, project));
        CHECK_OK(tl_project_hazard_cells(ctx, project, round == 1 ? 10 : N, cells));
        CHECK_OK(tl_project_commit(ctx, project));
        CHECK_OK(tl_sql_get_text(ctx, project->db, "SELECT rtreecheck('rtree_hazard_cell_geom')",
                                 &tree));
        CHECK_STR(tree, "ok");
        tl_free(tree);
        CHECK_OK(tl_sql_int(ctx, project->db,
                            "SELECT count(*) FROM rtree_hazard_cell_geom WHERE minx > -75.1945", 0,
                            &n));
        CHECK(n == (round == 1 ? 4 : N - 50 * 6));
    }
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name = 'hazard_cell'", 0, &n));
    CHECK(n == 0);
    tl_project_close(project);
    tl_free(cells);
}
