#include "unit.h"

#include "evidence/tally.h"
#include "evidence/tally_fixture.h"

#define NAME "tally_read_test.gpkg"

TEST(the_register_is_read_as_polygons_and_points)
{
    struct tl_tally tally = {0};
    struct tl_tally_maker m = {.ctx = ctx, .tally = &tally};
    CHECK_OK(tally_fixture(ctx, NAME, &m.project));
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(m.project), &m.to_grid));
    CHECK_OK(tl_tally_read(&m));
    CHECK(m.areas.n == 3 && m.releases.n == 6 && m.n_points == 6 && m.n_places == 3);
    CHECK(m.first_year == 2018 && m.last_year == 2022);
    /* "" first, then the second level before the first. */
    CHECK(tally.n_districts == 3 && tally.districts[0][0] == '\0' &&
          strcmp(tally.districts[1], "West") == 0 && strcmp(tally.districts[2], "East") == 0);
    CHECK(m.areas.list[1].is_confirmed && m.areas.list[1].year_closed == 2021);
    CHECK(m.areas.list[2].product < 0); /* closed: none of the three */
    tl_tally_shapes_fini(&m.areas);
    tl_tally_shapes_fini(&m.releases);
    for (int64_t d = 0; d < tally.n_districts; d++)
        tl_free(tally.districts[d]);
    tl_free(tally.districts);
    tl_free(m.points);
    tl_free(m.places);
    tl_crs_map_free(m.to_grid);
    tl_project_close(m.project);
    unlink(NAME);
}
