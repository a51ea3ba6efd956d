#include "unit.h"

#include "field/lattice_fixture.h"

struct taken {
    float mean[MAX_CELLS], sd[MAX_CELLS], samples[15][MAX_CELLS];
    int64_t n_x;
};

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *b)
{
    struct taken *t = user;
    (void)ctx;
    memcpy(t->mean + y * t->n_x, b->log_density_mean, (size_t)(n_rows * t->n_x) * 4);
    memcpy(t->sd + y * t->n_x, b->log_density_sd, (size_t)(n_rows * t->n_x) * 4);
    return TL_OK;
}

static tl_err take_sample(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                          const float *eta)
{
    struct taken *t = user;
    (void)ctx;
    memcpy(t->samples[sample] + y * t->n_x, eta, (size_t)(n_rows * t->n_x) * 4);
    return TL_OK;
}

/* Draws in memory, four at a time, or in the store, one at a time, several bands of variances: the same answer. */
TEST(draws_on_disk_change_nothing_but_rounding)
{
    static struct taken in_memory, on_disk;
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    struct tl_field_options o = held(6.0, 1.0);
    struct tl_lattice_plan plan;
    struct tl_lattice_summary summary;
    struct by_rows rows = {&world.input};
    CHECK_OK(simulate(ctx, 64, 60, -1.0, 3, &world));
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    o.n_samples = 15;
    CHECK_OK(tl_lattice_plan_make(ctx, &source, &o, true, &plan));
    CHECK(!plan.on_disk && plan.batch == 4);
    for (int k = 0; k < 2; k++) {
        struct taken *t = k == 0 ? &in_memory : &on_disk;
        struct tl_lattice_sink sink = {t, take_rows, take_sample};
        t->n_x = 64;
        plan.on_disk = k == 1;
        plan.batch = k == 0 ? 4 : 1;
        plan.band = k == 0 ? 60 : 16;
        CHECK_OK(tl_lattice_fit_planned(ctx, &source, &o, &sink, &store, &plan, &summary));
        tl_lattice_summary_fini(&summary);
        CHECK(blobs.n == 0 && blobs.n_mapped == 0);
    }
    for (int64_t i = 0; i < 64 * 60; i++) {
        double sd = (double)in_memory.sd[i];
        CHECK_NEAR((double)on_disk.mean[i], (double)in_memory.mean[i], 0.01 * sd);
        CHECK_NEAR((double)on_disk.sd[i] / sd, 1.0, 1e-3);
        for (int s = 0; s < 15; s++)
            CHECK_NEAR((double)on_disk.samples[s][i], (double)in_memory.samples[s][i], 0.02 * sd);
    }
}

/* Sample number s is the same whether ten or twenty are asked for. */
TEST(more_samples_begin_with_the_same_ones)
{
    struct tl_field_result few, many;
    struct tl_field_options o = held(6.0, 1.0);
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    o.n_samples = 5;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &few));
    o.n_samples = 20;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &many));
    for (int64_t i = 0; i < 5 * few.n_cells; i++)
        CHECK_NEAR((double)many.samples[i], (double)few.samples[i], 0.02);
    tl_field_result_fini(&few);
    tl_field_result_fini(&many);
}
