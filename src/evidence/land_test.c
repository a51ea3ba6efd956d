#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/land.h"

TEST(runs_say_what_the_whole_grid_says)
{
    struct tl_project *project = NULL;
    struct tl_evidence e = {0};
    struct tl_import_report r = {0};
    struct tl_land land = {0};
    CHECK_OK(fixture_district(ctx, "land_test.gpkg", &project));
    CHECK_OK(
        fixture_import(ctx, project, "accident", "l.csv", "lon,lat,date\n30.1,50.05,1999\n", &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK_OK(tl_land_init(ctx, project, &land));
    int64_t n = tl_grid_n_cells(&e.grid);
    double *row = calloc((size_t)n, sizeof *row);
    for (int64_t i = 0; i < n; i++)
        CHECK(tl_land_area(&land, i) == e.cell_area[i]);
    for (int64_t first = 0; first < n; first += 37) {
        int64_t count = first + 90 < n ? 90 : n - first;
        tl_land_row(&land, first, count, row);
        CHECK(memcmp(row, e.cell_area + first, (size_t)count * sizeof *row) == 0);
    }
    CHECK(land.n < n && tl_land_area(&land, n + 5) == 0.0);
    free(row);
    tl_land_fini(&land);
    tl_evidence_fini(&e);
    CHECK_EVERY_ALLOC(ctx, tl_land_init(ctx, project, &land));
    tl_land_fini(&land);
    tl_project_close(project);
}
