/*
 * The sampler against closed forms and quadrature, where there are some, and (fewer areas than the nightly calibration) against areas whose
 * truth is known.
 */
#include "unit.h"

#include "release/sim.h"
#include "release/figures.h"

static struct sim sim;

static tl_err figures_of(struct tl_ctx *ctx, const struct tl_local *local,
                         const struct tl_release_prior *prior, int64_t n_draws, double depth_cm,
                         bool independent, struct tl_release_figures *f)
{
    tl_err err = TL_OK;
    struct tl_release_model m = {0};
    struct tl_release_draws d = {0};
    struct tl_release_draw_options o = {.n_draws = n_draws, .seed = 11, .independent = independent};
    struct tl_release_options_of of = {.seed = 11, .independent = independent};
    double *remaining = NULL;
    TL_TRY(tl_release_model_init(ctx, local, depth_cm, 40000, &m));
    TL_TRY(tl_release_draw(ctx, &m, prior, &o, &d));
    TL_TRY_ALLOC(ctx, remaining, d.n);
    tl_release_remaining(ctx, &m, &d, &of, 0, NULL, remaining);
    *f = tl_release_figures_of(remaining, d.n, d.n_chains);
done:
    tl_free(remaining);
    tl_release_draws_fini(&d);
    tl_release_model_fini(&m);
    return err;
}

/* One cell, hardly any field, two searches of two lots each over half of it; P is all of it. */
struct small {
    struct tl_local local;
    double area[1];
    struct tl_local_search searches[2];
    struct tl_local_piece pieces[2];
    int32_t list[2];
    struct tl_local_find finds[2];
    struct tl_method method;
};

static struct tl_release_prior make_small(struct small *s, double sd)
{
    *s = (struct small){.area = {10000.0}, .list = {0, 1}};
    struct tl_local *l = &s->local;
    l->grid = (struct tl_grid){0.0, 100.0, 100.0, 1, 1};
    l->cell_area = l->inside_area = s->area;
    l->area_m2 = 10000.0;
    l->n_searches = l->n_lots = 2;
    l->searches = s->searches;
    l->n_pieces = 2;
    l->pieces = s->pieces;
    l->piece_search = s->list;
    l->n_methods = 1;
    l->methods = &s->method;
    l->finds = s->finds;
    s->method = (struct tl_method){.detectable_a = 9e8,
                                   .detectable_b = 1e8,
                                   .per_pass_a = 8e8,
                                   .per_pass_b = 2e8,
                                   .depth_cm = INFINITY};
    for (int k = 0; k < 2; k++) {
        s->searches[k] = (struct tl_local_search){
            .lot = k, .passes = 1, .depth_cm = NAN, .takes_effort = true, .method = sim_empty};
        s->pieces[k] = (struct tl_local_piece){
            .cell = 0, .inside = 1.0f, .area_m2 = 5000.0, .first = k, .n = 1};
    }
    return (struct tl_release_prior){
        .range_m = 50.0, .sigma = 1e-4, .level_mean = log(4e-4), .level_sd = sd};
}

/* exp(level) is log-normal and the counts are Poisson: what remains given failures, by a sum over the level. */
static void by_quadrature(const struct small *s, const double p_found[2], double f, double p_failed,
                          double sd, double *expected, double *p_any)
{
    double total = 0.0, mean = 0.0, any = 0.0;
    for (int pattern = 0; pattern < 4; pattern++)
        for (int k = -400; k <= 400; k++) {
            double z = 0.02 * k, density = 4e-4 * exp(sd * z), weight = exp(-0.5 * z * z),
                   left = 0.0;
            for (int lot = 0; lot < 2; lot++) {
                bool failed = (pattern >> lot & 1) != 0;
                double p = failed ? p_failed : p_found[lot], mu = 5000.0 * p * density;
                weight *= (failed ? f : 1.0 - f) * exp(-mu) * pow(mu, s->finds[lot].number);
                left += 5000.0 * (1.0 - p) * density;
            }
            total += weight;
            mean += weight * left;
            any += weight * -expm1(-left);
        }
    *expected = mean / total;
    *p_any = any / total;
}

TEST(without_a_field_and_with_known_methods_it_is_a_sum_over_the_level)
{
    static struct small s;
    struct tl_release_prior prior = make_small(&s, 0.7);
    struct tl_release_figures f;
    double expected, p_any, p[2] = {0.72, 0.72};
    s.local.n_finds = 2;
    s.finds[0] = (struct tl_local_find){0, 0, 3.0};
    s.finds[1] = (struct tl_local_find){0, 1, 1.0};
    CHECK_OK(figures_of(ctx, &s.local, &prior, 32000, NAN, false, &f));
    by_quadrature(&s, p, 0.0, 0.0, 0.7, &expected, &p_any);
    CHECK_NEAR(f.expected.value, expected, 4.0 * f.expected.mcse + 1e-3);
    CHECK_NEAR(f.p_any.value, p_any, 4.0 * f.p_any.mcse + 1e-3);
    CHECK(f.expected.mcse < 0.05 * expected);
}

/* Four patterns of failure, enumerated; one lot found six items, the other, beside it, none. */
TEST(two_lots_that_may_have_failed_are_as_enumerated)
{
    static struct small s;
    struct tl_release_prior prior = make_small(&s, 1.0);
    struct tl_release_figures f;
    double expected, p_any, p[2] = {0.72, 0.72};
    s.method.process_failure = 0.2;
    s.method.process_failure_p = 0.1;
    s.local.n_finds = 1;
    s.finds[0] = (struct tl_local_find){0, 0, 6.0};
    CHECK_OK(figures_of(ctx, &s.local, &prior, 64000, NAN, false, &f));
    by_quadrature(&s, p, 0.2, 0.1, 1.0, &expected, &p_any);
    CHECK_NEAR(f.expected.value, expected, 4.0 * f.expected.mcse + 1e-3);
    CHECK_NEAR(f.p_any.value, p_any, 4.0 * f.p_any.mcse + 1e-3);
    CHECK(f.expected.mcse < 0.05 * expected);
    /* It must have mattered, or the test shows nothing. */
    double never, any;
    by_quadrature(&s, p, 1e-9, 0.1, 1.0, &never, &any);
    CHECK(fabs(never - expected) > 10.0 * f.expected.mcse);
}

/* West and east exchanged: the same area, other numbers drawn for each cell, so the same within their errors. */
TEST(mirrored_ground_gives_the_same_figures)
{
    static struct sim mirrored;
    struct tl_release_figures a, b;
    CHECK_OK(sim_make(ctx, 4, &sim));
    CHECK_OK(sim_make(ctx, 4, &mirrored));
    for (int i = 0; i < SIM_CELLS; i++) {
        int j = i / SIM_SIDE * SIM_SIDE + SIM_SIDE - 1 - i % SIM_SIDE;
        mirrored.accident_counts[i] = sim.accident_counts[j];
        mirrored.accident_effort[i] = sim.accident_effort[j];
        mirrored.covariate[i] = sim.covariate[j];
    }
    for (int64_t k = 0; k < sim.local.n_pieces; k++) {
        int c = sim.pieces[k].cell;
        mirrored.pieces[k].cell = c / SIM_SIDE * SIM_SIDE + SIM_SIDE - 1 - c % SIM_SIDE;
    }
    for (int64_t k = 0; k < sim.local.n_finds; k++) {
        int c = sim.finds[k].cell;
        mirrored.finds[k].cell = c / SIM_SIDE * SIM_SIDE + SIM_SIDE - 1 - c % SIM_SIDE;
    }
    CHECK_OK(figures_of(ctx, &sim.local, &sim.prior, 6400, SIM_ASKED_CM, false, &a));
    CHECK_OK(figures_of(ctx, &mirrored.local, &mirrored.prior, 6400, SIM_ASKED_CM, false, &b));
    CHECK_NEAR(a.expected.value, b.expected.value, 4.5 * hypot(a.expected.mcse, b.expected.mcse));
    CHECK_NEAR(a.p_any.value, b.p_any.value, 4.5 * hypot(a.p_any.mcse, b.p_any.mcse));
}

TEST(the_same_bits_on_any_number_of_threads)
{
    struct tl_release_figures a, b;
    CHECK_OK(sim_make(ctx, 8, &sim));
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(figures_of(ctx, &sim.local, &sim.prior, 640, SIM_ASKED_CM, false, &a));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(figures_of(ctx, &sim.local, &sim.prior, 640, SIM_ASKED_CM, false, &b));
    CHECK(memcmp(&a, &b, sizeof a) == 0);
}

TEST(every_allocation_may_fail)
{
    struct tl_release_figures f;
    CHECK_OK(sim_make(ctx, 8, &sim));
    int64_t before = tl_ctx_n_allocs(ctx);
    CHECK_OK(figures_of(ctx, &sim.local, &sim.prior, 64, SIM_ASKED_CM, false, &f));
    int64_t n = tl_ctx_n_allocs(ctx) - before;
    for (int64_t k = 1; k <= n; k++) {
        tl_ctx_fail_alloc(ctx, k);
        CHECK_FAILS(figures_of(ctx, &sim.local, &sim.prior, 64, SIM_ASKED_CM, false, &f), TL_ENOMEM,
                    "");
    }
    tl_ctx_fail_alloc(ctx, 0);
}

/* 160 areas: the number given any, and the numbers that remain, against their sums over the areas. Misses as if independent fail the same test. */
TEST(chances_come_true_as_often_as_they_say)
{
    double p[2] = {0}, variance[2] = {0}, any = 0.0;
    tl_ctx_set_threads(ctx, 1);
    for (uint64_t run = 1; run <= 160; run++) {
        CHECK_OK(sim_make(ctx, run, &sim));
        any += sim.n_left > 0;
        for (int k = 0; k < 2; k++) {
            struct tl_release_figures f;
            CHECK_OK(figures_of(ctx, &sim.local, &sim.prior, 640, SIM_ASKED_CM, k == 1, &f));
            p[k] += f.p_any.value;
            variance[k] += f.p_any.value * (1.0 - f.p_any.value);
        }
    }
    printf(
        "  areas that held something: %.0f of 160, said %.1f; as if misses were independent %.1f\n",
        any, p[0], p[1]);
    CHECK_NEAR(any, p[0], 3.5 * sqrt(variance[0]));
    CHECK(p[1] < p[0] - 0.5 * sqrt(variance[0]));
}
