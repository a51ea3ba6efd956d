#include "unit.h"

#include "evidence/attribute.h"
#include "evidence/local_fixture.h"

static const char path[] = "attribute_test.gpkg";

/* Told record by record, and with the effort of the whole grid known: the same. */
TEST(searches_tell_where_they_worked_as_the_whole_grid_does)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    struct tl_land land = {0};
    struct tl_gather g = {0};
    struct tl_attribute lazy = {0}, known = {0};
    int64_t n_search = 0, n_moved = 0, n_people = 0;
    CHECK_OK(local_project(ctx, path, 100.0, false, &project));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK_OK(tl_land_init(ctx, project, &land));
    CHECK_OK(tl_gather_init(ctx, project, TL_GROUP_ALL, NULL, &land, &g));
    CHECK_OK(tl_attribute_init(ctx, project, &g, &lazy));
    CHECK_OK(tl_attribute_init(ctx, project, &g, &known));
    CHECK_STR(e.channels[0].name, "search");
    uint8_t *bits = tl_alloc(ctx, tl_grid_n_cells(&e.grid) / 8 + 1, 1);
    CHECK(bits != NULL);
    for (int64_t i = 0; i < tl_grid_n_cells(&e.grid); i++)
        if (e.channels[0].effort[i] > 0.0)
            bits[i / 8] |= (uint8_t)(1 << (i % 8));
    known.is_worked = bits;
    for (int64_t i = 0; i < g.n[TL_KIND_ITEM]; i++) {
        struct tl_attribute_result a, b;
        CHECK_OK(tl_attribute_point(ctx, &lazy, &g.points[TL_KIND_ITEM][i], &a));
        CHECK_OK(tl_attribute_point(ctx, &known, &g.points[TL_KIND_ITEM][i], &b));
        CHECK(a.search == b.search && a.cell == b.cell && a.is_left == b.is_left);
        n_search += a.cell >= 0;
        n_moved += a.cell >= 0 && a.cell != g.points[TL_KIND_ITEM][i].cell;
        n_people += a.cell < 0;
    }
    CHECK(n_search > 5 && n_moved > 0 && n_people > 5);
    tl_attribute_fini(&lazy);
    tl_attribute_fini(&known);
    tl_free(bits);
    tl_gather_fini(&g);
    tl_land_fini(&land);
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(survey_and_work_of_unknown_kind_take_no_effort)
{
    struct tl_gather_shape shape = {.type = -1, .n_passes = 1};
    char method[] = "manual";
    CHECK(!tl_attribute_takes_effort(&shape));
    shape.method = method;
    CHECK(tl_attribute_takes_effort(&shape));
    shape.type = tl_gather_choice(TL_KIND_SEARCH, "type", "NTS");
    CHECK(!tl_attribute_takes_effort(&shape));
    shape.type = tl_gather_choice(TL_KIND_SEARCH, "type", "inspection");
    shape.method = NULL;
    CHECK(tl_attribute_takes_effort(&shape));
    shape.n_passes = 0;
    CHECK(!tl_attribute_takes_effort(&shape));
    (void)ctx;
}
