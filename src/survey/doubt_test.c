#include "unit.h"

#include "survey/doubt.h"
#include "survey/fixture.h"
#include "tilth/decision.h"

enum { CELLS = 4 };

/* Four cells of 10 m in a row, the last with half of its land; 10, 4, 2 and 6 items. */
static double items[CELLS] = {10, 4, 2, 6}, land[CELLS] = {100, 100, 100, 50};
static const struct tl_survey_worth worth = {
    .grid = {0, 10, 10, CELLS, 1}, .n_cells = CELLS, .items = items, .area_m2 = land};
static const int64_t all[CELLS] = {0, 1, 2, 3};

TEST(what_the_doubt_takes_off_by_hand)
{
    /* A: cell 0 and half of cell 1; takes off .6 x .5 = .3. B: cell 0 and cell 3; true without a doubt. */
    struct tl_cover_cell of_a[] = {{0, 100}, {1, 50}}, of_b[] = {{0, 100}, {3, 100}};
    struct tl_survey_doubt areas[] = {{"HA-0001", 0.4, 0.5, 2, of_a},
                                      {"HA-0002", 1.0, 0.2, 2, of_b}};
    struct tl_survey_doubts doubts = {.n = 1, .areas = areas};
    struct tl_survey_doubted d;
    CHECK_OK(tl_survey_doubts_place(ctx, &doubts, &worth, all, CELLS, &d));
    CHECK_NEAR(d.items, 10 * 0.7 + 4 * 0.85 + 2 + 6, 1e-12);
    CHECK_NEAR(d.share, 150.0 / 350.0, 1e-12);
    CHECK(d.n == 1 && d.area == 0);
    doubts.n = 2; /* cell 0 lies in both: the mean of .3 and 0 */
    CHECK_OK(tl_survey_doubts_place(ctx, &doubts, &worth, all, CELLS, &d));
    CHECK_NEAR(d.items, 10 * 0.85 + 4 * 0.85 + 2 + 6, 1e-12);
    CHECK_NEAR(d.share, 200.0 / 350.0, 1e-12);
    CHECK(d.n == 2 && d.area == 0);
    CHECK_OK(tl_survey_doubts_place(ctx, &doubts, &worth, all + 2, 1, &d));
    CHECK(d.n == 0 && d.area == -1 && d.share == 0.0 && d.items == 2.0);
    doubts.n = 0;
    CHECK_OK(tl_survey_doubts_place(ctx, &doubts, &worth, all, CELLS, &d));
    CHECK(d.area == -1 && d.items == 22.0);
}

static tl_err keep(struct tl_ctx *ctx, struct tl_project *project, const char *code,
                   const char *suspicion)
{
    char json[400], hash[65];
    snprintf(json, sizeof json, "{\"remaining\": {\"suspicion\": %s}}", suspicion);
    tl_hash_of(json, (int64_t)strlen(json), hash);
    tl_err err = tl_project_begin(ctx, project);
    if (err == TL_OK)
        err = tl_decision_keep_assessment(ctx, project, code, hash, "e", json);
    return err == TL_OK ? tl_project_commit(ctx, project) : err;
}

TEST(only_open_suspected_areas_whose_latest_assessment_doubts_them)
{
    static const char doubted[] = "{\"in_doubt\": true, \"holds\": {\"value\": 0.25}, \"factor\": "
                                  "0.2, \"p_any\": {\"value\": "
                                  "0.3}, \"expected\": 1.5}";
    struct tl_project *project = NULL;
    struct tl_crs_map *to_grid = NULL;
    struct tl_survey_doubts doubts = {0};
    CHECK_OK(fixture_survey(ctx, "doubt_test.gpkg", false, &project));
    CHECK_OK(fixture_suspect(ctx, project, "doubt_test.csv"));
    struct tl_grid grid = tl_project_grid(project);
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &to_grid));
    CHECK_OK(tl_survey_doubts_init(ctx, project, &grid, to_grid, &doubts));
    CHECK(doubts.n == 0 && doubts.n_unknown == 1);
    tl_survey_doubts_fini(&doubts);
    for (int k = 4; k <= 6; k++) { /* open and suspected, confirmed, closed */
        char code[16];
        snprintf(code, sizeof code, "HA-%04d", k);
        CHECK_OK(keep(ctx, project, code, doubted));
    }
    CHECK_OK(tl_survey_doubts_init(ctx, project, &grid, to_grid, &doubts));
    CHECK(doubts.n == 1 && doubts.n_unknown == 0);
    CHECK_STR(doubts.areas[0].code, "HA-0004");
    CHECK(doubts.areas[0].holds == 0.25 && doubts.areas[0].factor == 0.2);
    CHECK(doubts.areas[0].n_cells == tl_grid_n_cells(&grid));
    tl_survey_doubts_fini(&doubts);
    /* Somebody met something since, and it was assessed again. */
    CHECK_OK(keep(ctx, project, "HA-0004", "{\"in_doubt\": false, \"standing\": \"met\"}"));
    CHECK_OK(tl_survey_doubts_init(ctx, project, &grid, to_grid, &doubts));
    CHECK(doubts.n == 0 && doubts.n_unknown == 0);
    tl_survey_doubts_fini(&doubts);
    tl_crs_map_free(to_grid);
    tl_project_close(project);
    unlink("doubt_test.gpkg");
}
