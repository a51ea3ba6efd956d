#include "unit.h"

#include "simulate/fixture.h"
#include "simulate/world.h"

static struct tl_world world;

TEST(intensities_add_up_to_the_expected_numbers)
{
    CHECK_OK(tl_world_make(ctx, &fixture_small, &world));
    double cell_m2 = world.grid.step_m * world.grid.step_m;
    for (int group = 0; group < TL_WORLD_GROUPS; group++) {
        double sum = 0.0;
        for (int64_t i = 0; i < world.n_cells; i++) {
            CHECK(world.lambda[group][i] > 0.0);
            sum += world.lambda[group][i] * world.inside[i] * cell_m2;
        }
        CHECK_NEAR(sum, world.law.expected[group], 1e-6 * sum);
    }
    tl_world_fini(&world);
}

TEST(ground_is_as_ground_is)
{
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    double steep = 0.0, low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < world.n_cells; i++) {
        low = fmin(low, world.elevation_m[i]);
        high = fmax(high, world.elevation_m[i]);
        steep = fmax(steep, world.slope_deg[i]);
        CHECK(world.use[i] > 0.0 && world.use[i] <= 1.0 && world.front_m[i] >= 0.0);
    }
    CHECK(low > -50.0 && high < 500.0 && high - low > 40.0);
    CHECK(steep > 1.0 && steep < 45.0);
    CHECK(world.n_places >= 12 && world.n_roads == world.n_places - 1);
    for (int k = 0; k < world.n_places; k++)
        CHECK(tl_world_cell(&world, world.places[k].x, world.places[k].y) >= 0);
    tl_world_fini(&world);
}

TEST(mines_are_denser_along_the_front_where_it_was_mined)
{
    double near = 0.0, far = 0.0;
    int64_t n_near = 0, n_far = 0;
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    for (int64_t i = 0; i < world.n_cells; i++) {
        if (world.front_m[i] < 150.0 && tl_world_activity(&world, world.front_at[i]) > 0.8) {
            near += world.lambda[TL_WORLD_MINES][i];
            n_near++;
        } else if (world.front_m[i] > 3000.0) {
            far += world.lambda[TL_WORLD_MINES][i];
            n_far++;
        }
    }
    CHECK(n_near > 10 && n_far > 1000);
    CHECK(near / (double)n_near > 20.0 * far / (double)n_far);
    tl_world_fini(&world);
}

TEST(options_out_of_range_are_refused_with_their_value)
{
    struct tl_simulate_options o = fixture_small;
    o.years = 99;
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "99 years");
    tl_world_fini(&world);
    o = fixture_small;
    o.dirt = 0.9;
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "0.9");
    tl_world_fini(&world);
    o = fixture_small;
    o.step_m = 5000.0;
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "8 by 8");
    tl_world_fini(&world);
    o = fixture_small;
    o.step_m = 1.0;
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "4000000");
    tl_world_fini(&world);
    o = fixture_small;
    o.step_m = NAN;
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "step");
    tl_world_fini(&world);
    o = fixture_small;
    o.area_deg[2] = o.area_deg[0];
    CHECK_FAILS(tl_world_make(ctx, &o, &world), TL_EDATA, "");
    tl_world_fini(&world);
}

static tl_err make_and_forget(struct tl_ctx *ctx)
{
    tl_err err = tl_world_make(ctx, &fixture_small, &world);
    tl_world_fini(&world);
    return err;
}

TEST(shares_inside_add_up_to_the_area)
{
    double sum = 0.0, lon[2] = {37.1, 37.18}, cos_lat = cos(48.3225 * 0.017453292519943295);
    CHECK_OK(tl_world_make(ctx, &fixture_small, &world));
    for (int64_t i = 0; i < world.n_cells; i++)
        sum += world.inside[i] * world.grid.step_m * world.grid.step_m;
    /* Of a box in degrees on the ellipsoid at this latitude: 111,206 m and 111,531 m x cos(latitude) to a degree. */
    CHECK_NEAR(sum, (lon[1] - lon[0]) * 111531.0 * cos_lat * 0.045 * 111206.0, 0.004 * sum);
    CHECK(tl_world_cell(&world, world.grid.x0_m + 1.0, world.grid.y0_m - 1.0) == -1);
    tl_world_fini(&world);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, make_and_forget(ctx));
}
