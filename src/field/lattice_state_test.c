#include "unit.h"

#include "field/lattice_fixture.h"

static bool same(const struct tl_field_result *a, const struct tl_field_result *b)
{
    size_t bytes = (size_t)a->n_cells * sizeof(double);
    return memcmp(a->log_density_mean, b->log_density_mean, bytes) == 0 &&
           memcmp(a->log_density_sd, b->log_density_sd, bytes) == 0 &&
           memcmp(a->p_any, b->p_any, bytes) == 0 &&
           memcmp(a->samples, b->samples, 14 * bytes / 2) == 0 &&
           memcmp(&a->range_m, &b->range_m, sizeof a->range_m) == 0 &&
           a->mcse_sd_relative == b->mcse_sd_relative && a->n_newton == b->n_newton;
}

/* Stopped after each of its puts in turn, the run goes on to the same bits, and leaves nothing behind. */
TEST(a_stopped_run_goes_on_to_the_same_bits)
{
    struct tl_field_result whole, resumed = {0};
    struct tl_field_options o = held(6.0, 1.0);
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    o.n_samples = 14;
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    o.store = &store;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &whole));
    CHECK(blobs.n == 0 && blobs.n_mapped == 0 && blobs.n_puts > 15);
    int n_puts = blobs.n_puts;
    for (int stop = 1; stop <= n_puts; stop += 2) {
        struct tl_ctx *other = tl_ctx_create();
        store = blobs_open(&blobs);
        blobs.stop_after = stop;
        CHECK(fit_with(other, &world.input, o, TL_ENGINE_LATTICE, &resumed) == TL_ECANCELLED);
        tl_ctx_free(other);
        CHECK(blobs.n > 0 && blobs.n_mapped == 0);
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &resumed));
        CHECK(same(&whole, &resumed));
        CHECK(blobs.n == 0 && blobs.n_mapped == 0);
        tl_field_result_fini(&resumed);
    }
    o.store = NULL;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &resumed));
    CHECK(same(&whole, &resumed));
    tl_field_result_fini(&resumed);
    tl_field_result_fini(&whole);
}

static char warned[1024];

static void take_warning(void *user, const char *message)
{
    (void)user;
    strncat(warned, message, sizeof warned - strlen(warned) - 1);
}

TEST(what_belongs_to_other_options_is_not_taken)
{
    struct tl_field_result plain, r = {0};
    struct tl_field_options o = held(6.0, 1.0);
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    struct tl_ctx *other = tl_ctx_create();
    o.n_samples = 14;
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    o.seed = 2;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &plain));
    o.seed = 1;
    o.store = &store;
    blobs.stop_after = 12;
    CHECK(fit_with(other, &world.input, o, TL_ENGINE_LATTICE, &r) == TL_ECANCELLED);
    tl_ctx_free(other);
    o.seed = 2;
    tl_ctx_set_warn(ctx, take_warning, NULL);
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r));
    CHECK(strstr(warned, "other input or options") != NULL);
    CHECK(same(&plain, &r));
    tl_field_result_fini(&r);
    tl_field_result_fini(&plain);
    blobs_close(&blobs);
}
