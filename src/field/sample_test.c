#include "unit.h"

#include "field/fixture.h"

TEST(samples_have_the_posteriors_mean_sd_and_smoothness)
{
    enum { DRAWS = 600, SIDE = 24, CELLS = SIDE * SIDE };
    struct tl_field_result r;
    struct tl_field_options o = tl_field_options_default();
    o.n_samples = DRAWS;
    CHECK_OK(simulate(ctx, SIDE, SIDE, 0.0, 2, &world));
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
    double off = 0.0, ratio = 0.0;
    for (int i = 0; i < CELLS; i++) {
        double sum = 0.0, square = 0.0;
        for (int s = 0; s < DRAWS; s++)
            sum += r.samples[s * CELLS + i];
        for (int s = 0; s < DRAWS; s++)
            square += pow(r.samples[s * CELLS + i] - sum / DRAWS, 2.0);
        off = fmax(off, fabs(sum / DRAWS - r.log_density_mean[i]) / r.log_density_sd[i]);
        ratio += square / DRAWS / pow(r.log_density_sd[i], 2.0) / CELLS;
    }
    CHECK(off < 5.0 / sqrt(DRAWS));
    CHECK_NEAR(ratio, 1.0, 0.06);
    tl_field_result_fini(&r);
}

/* A draw is a function of the seed and its own number: asking for more draws does not change the first ones' nodes and normals. */
TEST(draws_depend_on_seed_and_number_alone)
{
    struct tl_field_result few, many, other;
    struct tl_field_options o = held(8.0, 1.0);
    CHECK_OK(simulate(ctx, 16, 12, 0.0, 2, &world));
    o.n_samples = 4;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &few));
    o.n_samples = 8;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &many));
    o.seed = 2;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &other));
    CHECK(memcmp(few.samples, many.samples, 4 * 192 * sizeof(float)) == 0);
    CHECK(memcmp(other.samples, many.samples, 4 * 192 * sizeof(float)) != 0);
    tl_field_result_fini(&few);
    tl_field_result_fini(&many);
    tl_field_result_fini(&other);
}
