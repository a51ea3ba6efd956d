#include "unit.h"

#include "field/lattice_fixture.h"

static int ticks;

/* A clock that goes a millisecond at each look: no test rests on the machine's speed. */
static double clock_of_mine(void)
{
    return 1e-3 * ticks++;
}

TEST(seconds_grow_with_the_cells_and_need_a_clock)
{
    struct tl_lattice_plan plan[3];
    struct tl_field_options o = held(12.0, 1.0);
    static const struct tl_field_channel channel = {.name = "search"};
    struct tl_lattice_source source = {
        .n_x = 1000, .n_y = 1000, .step_m = 1.0, .n_channels = 1, .channels = &channel};
    o.n_samples = 20;
    CHECK_OK(tl_lattice_plan(ctx, &source, &o, true, NULL, &plan[0]));
    CHECK_NEAR(plan[0].seconds, 0.0, 0.0);
    CHECK_OK(tl_lattice_plan(ctx, &source, &o, true, clock_of_mine, &plan[1]));
    source.n_y = 4000;
    CHECK_OK(tl_lattice_plan(ctx, &source, &o, true, clock_of_mine, &plan[2]));
    CHECK(plan[1].seconds > 0.0 && plan[1].memory_bytes == plan[0].memory_bytes);
    CHECK_NEAR(plan[2].seconds / plan[1].seconds, 4.0, 0.8);
    double sum = 0.0;
    int64_t most = 0;
    for (int i = 0; i < TL_LATTICE_PHASES; i++) {
        sum += plan[1].phases[i].seconds;
        if (plan[1].phases[i].bytes > most)
            most = plan[1].phases[i].bytes;
        CHECK(plan[1].phases[i].name != NULL);
    }
    CHECK_NEAR(sum, plan[1].seconds, 1e-9);
    CHECK(most == plan[1].memory_bytes);
}
