#include "unit.h"

#include "tile/tile.h"

TEST(tiles_of_the_world_have_the_edges_that_everybody_knows)
{
    double box[4];
    struct tl_tile_id id;
    CHECK_OK(tl_tile_check(ctx, 0, 0, 0, &id));
    tl_tile_box(id, box);
    CHECK(box[0] == -180.0 && box[2] == 180.0);
    CHECK_NEAR(box[3], 85.0511287798066, 1e-12);
    CHECK_NEAR(box[1], -85.0511287798066, 1e-12);
    /* By the formulas of the OpenStreetMap wiki, "Slippy map tilenames": zoom 18, Berlin. */
    CHECK_OK(tl_tile_check(ctx, 10, 550, 335, &id));
    tl_tile_box(id, box);
    CHECK_NEAR(box[0], 13.359375, 1e-12);
    CHECK_NEAR(box[3], 52.69636107827448, 1e-9);
    CHECK_NEAR(box[1], 52.482780222078226, 1e-9);
}

TEST(the_plane_there_and_back)
{
    for (double lat = -85.0; lat <= 85.0; lat += 0.37) {
        CHECK_NEAR(tl_tile_lat(tl_tile_y(lat)), lat, 1e-12);
        CHECK_NEAR(tl_tile_lon(tl_tile_x(2 * lat)), 2 * lat, 1e-12);
    }
    CHECK_NEAR(tl_tile_y(90.0), 0.0, 1e-12);
    CHECK_NEAR(tl_tile_y(-90.0), 1.0, 1e-12);
}

TEST(tiles_that_are_not_there_are_refused_with_the_limit)
{
    struct tl_tile_id id = {7, 7, 7};
    CHECK_FAILS(tl_tile_check(ctx, 23, 0, 0, &id), TL_ENOTFOUND, "zoom 23; expected 0 to 22");
    CHECK_FAILS(tl_tile_check(ctx, -1, 0, 0, &id), TL_ENOTFOUND, "zoom -1");
    CHECK_FAILS(tl_tile_check(ctx, 3, 8, 0, &id), TL_ENOTFOUND, "0 to 7");
    CHECK_FAILS(tl_tile_check(ctx, 3, 0, -1, &id), TL_ENOTFOUND, "0 to 7");
    CHECK_FAILS(tl_tile_check(ctx, 3, INT64_MAX, INT64_MIN, &id), TL_ENOTFOUND, "0 to 7");
    CHECK(id.z == 7 && id.x == 7 && id.y == 7);
    CHECK_OK(tl_tile_check(ctx, 22, (1 << 22) - 1, 0, &id));
}
