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

static float taken[2][2][MAX_CELLS]; /* by run: mean, sd */

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *b)
{
    float(*to)[MAX_CELLS] = user;
    (void)ctx;
    memcpy(to[0] + y * 40, b->log_density_mean, (size_t)(n_rows * 40) * sizeof(float));
    memcpy(to[1] + y * 40, b->log_density_sd, (size_t)(n_rows * 40) * sizeof(float));
    return TL_OK;
}

/* A free machine cuts the work otherwise than a full one; what a stopped run left goes on as it was cut, with the same bits. */
TEST(memory_that_was_free_does_not_end_what_a_stopped_run_left)
{
    struct tl_field_options o = held(6.0, 1.0);
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    struct by_rows rows = {&world.input};
    struct tl_lattice_summary summary = {0};
    struct tl_lattice_plan plan[2];
    struct tl_ctx *other = tl_ctx_create();
    const struct tl_lattice_sink sink[] = {{taken[0], take_rows, NULL},
                                           {taken[1], take_rows, NULL}};
    o.n_samples = 14;
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    tl_lattice_plan_of(&source, &o, 2, 1, true, &plan[0]);
    tl_lattice_plan_of(&source, &o, 2, 4, false, &plan[1]);
    CHECK_OK(tl_lattice_fit_planned(ctx, &source, &o, &sink[0], &store, &plan[0], &summary));
    tl_lattice_summary_fini(&summary);
    blobs.stop_after = blobs.n_puts + 14;
    CHECK(tl_lattice_fit_planned(other, &source, &o, &sink[1], &store, &plan[0], &summary) ==
          TL_ECANCELLED);
    tl_ctx_free(other);
    CHECK(blobs.n == 14);
    CHECK_OK(tl_lattice_fit_planned(ctx, &source, &o, &sink[1], &store, &plan[1], &summary));
    CHECK(summary.resumed && memcmp(taken[0], taken[1], sizeof taken[0]) == 0);
    tl_lattice_summary_fini(&summary);
}

/* A draw that does not converge is told by its number; what was done before it is kept, and the run goes on to the same bits. */
TEST(a_draw_that_does_not_converge_keeps_what_there_is)
{
    struct tl_field_options o = held(6.0, 1.0);
    static struct blob_store blobs;
    struct tl_lattice_store store = blobs_open(&blobs);
    struct by_rows rows = {&world.input};
    struct tl_lattice_summary summary = {0};
    struct tl_lattice_plan plan;
    const struct tl_lattice_sink sink[] = {{taken[0], take_rows, NULL},
                                           {taken[1], take_rows, NULL}};
    struct tl_ctx *other = tl_ctx_create();
    o.n_samples = 14;
    CHECK_OK(simulate(ctx, 40, 36, -1.0, 3, &world));
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    tl_lattice_plan_of(&source, &o, 2, 4, false, &plan);
    CHECK(!plan.keep_draws); /* of so small a lattice */
    plan.keep_draws = true;
    CHECK_OK(tl_lattice_fit_planned(ctx, &source, &o, &sink[0], &store, &plan, &summary));
    tl_lattice_summary_fini(&summary);
    while (blob_find(&blobs, "draw-3") < 0) {
        /* Stopped when some of the first four draws are there, at last all. */
        blobs.stop_after = blobs.n_puts + 1;
        struct tl_ctx *here = tl_ctx_create();
        CHECK(tl_lattice_fit_planned(here, &source, &o, &sink[1], &store, &plan, &summary) ==
              TL_ECANCELLED);
        tl_ctx_free(here);
    }
    blobs.stop_after = 0;
    plan.solve_max = 1;
    int left = blobs.n;
    CHECK(tl_lattice_fit_planned(other, &source, &o, &sink[1], &store, &plan, &summary) ==
          TL_ENUMERIC);
    printf("  %s\n", tl_ctx_message(other));
    CHECK(strstr(tl_ctx_message(other), "draw 4: solver: residual") != NULL);
    CHECK(blobs.n == left && blobs.n_mapped == 0 && blob_find(&blobs, "draw-4") < 0);
    tl_ctx_free(other);
    plan.solve_max = 0;
    CHECK_OK(tl_lattice_fit_planned(ctx, &source, &o, &sink[1], &store, &plan, &summary));
    CHECK(summary.resumed && memcmp(taken[0], taken[1], sizeof taken[0]) == 0 && blobs.n == 0);
    tl_lattice_summary_fini(&summary);
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
