#include "unit.h"

#include "core/rng.h"
#include "geo/geom.h"
#include "survey/regions.h"

enum { X = 12, Y = 9, N = X * Y };

struct field {
    struct tl_survey_worth worth;
    double items[N], findable[N], hours[N], area[N];
};

/* Cells of 10 m, an hour a pass each, everything findable, q = 0.6. */
static void make(struct field *f)
{
    *f = (struct field){.worth = {.grid = {0, 90, 10, X, Y},
                                  .n_cells = N,
                                  .items = f->items,
                                  .loss = f->items,
                                  .findable = f->findable,
                                  .hours = f->hours,
                                  .area_m2 = f->area,
                                  .per_pass = 0.6,
                                  .detectable = 1.0}};
    for (int i = 0; i < N; i++) {
        f->findable[i] = 1.0;
        f->hours[i] = 1.0;
        f->area[i] = 100.0;
        f->items[i] = 0.01;
    }
}

static bool hangs_together(const struct tl_survey_plan *plan, int64_t k)
{
    const struct tl_survey_region *r = &plan->regions[k];
    bool in[N] = {0}, seen[N] = {0};
    int64_t stack[4 * N], n = 0, reached = 0;
    for (int64_t c = r->first; c < r->first + r->n; c++)
        in[plan->members[c]] = true;
    stack[n++] = plan->members[r->first];
    while (n > 0) {
        int64_t i = stack[--n];
        if (seen[i])
            continue;
        seen[i] = true;
        reached++;
        const int64_t to[4] = {i % X > 0 ? i - 1 : -1, i % X < X - 1 ? i + 1 : -1, i - X, i + X};
        for (int d = 0; d < 4; d++)
            if (to[d] >= 0 && to[d] < N && in[to[d]] && !seen[to[d]])
                stack[n++] = to[d];
    }
    return reached == r->n;
}

TEST(two_hills_become_two_regions)
{
    struct field f;
    struct tl_survey_plan plan;
    make(&f);
    static const int hill[] = {14, 15, 26, 27, 80, 81, 92, 93};
    for (int k = 0; k < 8; k++)
        f.items[hill[k]] = k < 4 ? 2.0 : 1.0;
    const struct tl_survey_gather options = {.hours = 8, .min_area_m2 = 400, .n_max = 20};
    CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &plan));
    CHECK(plan.n == 2);
    CHECK(plan.regions[0].n == 4 && plan.regions[1].n == 4);
    CHECK_NEAR(plan.regions[0].rate, 1.2, 1e-12);
    CHECK_NEAR(plan.loss_reduction, 0.6 * 12.0, 1e-12);
    CHECK_NEAR(plan.hours, 8.0, 1e-12);
    void *wkb = NULL;
    int64_t bytes;
    struct tl_geom_info info;
    CHECK_OK(tl_survey_regions_outline(ctx, &f.worth, &plan, 0, &wkb, &bytes));
    CHECK_OK(tl_geom_info(ctx, wkb, bytes, &info));
    CHECK(info.is_valid && info.kind == TL_GEOM_POLYGON);
    CHECK_NEAR(info.area, 400.0, 1e-9);
    CHECK_NEAR(info.length, 80.0, 1e-9);
    CHECK_NEAR(info.box[0], 20.0, 1e-9);
    CHECK_NEAR(info.box[3], 80.0, 1e-9);
    tl_free(wkb);
    tl_survey_regions_fini(&plan);
}

TEST(many_hours_buy_further_passes)
{
    struct field f;
    struct tl_survey_plan plan;
    make(&f);
    for (int i = 0; i < N; i++)
        f.hours[i] = 0.0; /* nothing but a block of four is land */
    static const int block[] = {14, 15, 26, 27};
    for (int k = 0; k < 4; k++)
        f.hours[block[k]] = 1.0;
    const struct tl_survey_gather options = {.hours = 12.0, .min_area_m2 = 400, .n_max = 20};
    CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &plan));
    CHECK_NEAR(plan.whole_passes, 0.04 * (1.0 - pow(0.4, 3)), 1e-12);
    CHECK(plan.n == 1 && plan.regions[0].passes == 3);
    CHECK_NEAR(plan.loss_reduction, plan.whole_passes, 1e-12);
    tl_survey_regions_fini(&plan);
}

TEST(few_hours_cover_a_part)
{
    struct field f;
    struct tl_survey_plan plan;
    make(&f);
    f.items[40] = 5.0;
    const struct tl_survey_gather options = {.hours = 1.0, .min_area_m2 = 400, .n_max = 20};
    CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &plan));
    CHECK(plan.n == 1 && plan.regions[0].n == 4);
    CHECK_NEAR(plan.regions[0].coverage, 0.25, 1e-12);
    CHECK_NEAR(plan.loss_reduction, 0.25 * 0.6 * 5.03, 1e-12);
    tl_survey_regions_fini(&plan);
}

/* Greedy passes against all ways to give 0..3 whole passes to four cells. */
TEST(whole_passes_are_best_by_brute_force)
{
    struct field f;
    for (int trial = 0; trial < 30; trial++) {
        struct tl_rng rng = tl_rng_make(21, (uint64_t)trial);
        struct tl_survey_plan plan;
        double brute = 0.0;
        int hours = 1 + trial % 9;
        make(&f);
        f.worth.grid = (struct tl_grid){0, 90, 10, 4, 1};
        f.worth.n_cells = 4;
        for (uint64_t i = 0; i < 4; i++)
            f.items[i] = tl_rng_uniform(rng, i);
        for (int code = 0; code < 6 * 6 * 6 * 6; code++) {
            int spent = 0, rest = code;
            double gain = 0.0;
            for (int i = 0; i < 4; i++, rest /= 6) {
                spent += rest % 6;
                gain += f.items[i] * (1.0 - pow(0.4, rest % 6));
            }
            if (spent <= hours)
                brute = fmax(brute, gain);
        }
        const struct tl_survey_gather options = {.hours = hours, .min_area_m2 = 1, .n_max = 4};
        CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &plan));
        CHECK_NEAR(plan.whole_passes, brute, 1e-12);
        CHECK(plan.loss_reduction <= brute + 1e-12);
        tl_survey_regions_fini(&plan);
    }
}

TEST(plans_keep_to_the_rules_and_near_the_optimum)
{
    for (int trial = 0; trial < 40; trial++) {
        struct field f;
        struct tl_survey_plan plan, again;
        struct tl_rng rng = tl_rng_make(22, (uint64_t)trial);
        double hours = 6.0 + trial, spent = 0.0;
        bool used[N] = {0};
        make(&f);
        for (uint64_t i = 0; i < N; i++) { /* a smooth hill and noise */
            double dx = (double)(i % X) - 4.0, dy = (double)(i / X) - 5.0;
            f.items[i] = exp(-0.1 * (dx * dx + dy * dy)) + 0.05 * tl_rng_uniform(rng, i);
            f.hours[i] = i % 29 == 7 ? 0.0 : 0.5 + tl_rng_uniform(rng, 1000 + i);
            f.area[i] = f.hours[i] * 100.0;
        }
        const struct tl_survey_gather options = {.hours = hours, .min_area_m2 = 400, .n_max = 5};
        CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &plan));
        CHECK_OK(tl_survey_regions_gather(ctx, &f.worth, &options, &again));
        double best = plan.whole_passes;
        CHECK(plan.n >= 1 && plan.n <= 5);
        for (int64_t k = 0; k < plan.n; k++) {
            const struct tl_survey_region *r = &plan.regions[k];
            spent += r->hours;
            CHECK(r->area_m2 >= 400.0 && hangs_together(&plan, k));
            CHECK(k == 0 || r->rate <= plan.regions[k - 1].rate);
            for (int64_t c = r->first; c < r->first + r->n; c++) {
                CHECK(!used[plan.members[c]] && f.hours[plan.members[c]] > 0.0);
                used[plan.members[c]] = true;
            }
        }
        CHECK(spent <= hours * (1.0 + 1e-9));
        CHECK(plan.loss_reduction <= best * (1.0 + 1e-9));
        CHECK(plan.loss_reduction >= 0.8 * best);
        CHECK(plan.loss_reduction == again.loss_reduction && plan.n_members == again.n_members);
        tl_survey_regions_fini(&plan);
        tl_survey_regions_fini(&again);
    }
}

static tl_err once(struct tl_ctx *ctx, const struct field *f)
{
    tl_err err = TL_OK;
    struct tl_survey_plan plan = {0};
    const struct tl_survey_gather options = {.hours = 20, .min_area_m2 = 400, .n_max = 20};
    void *wkb = NULL;
    int64_t bytes;
    TL_TRY(tl_survey_regions_gather(ctx, &f->worth, &options, &plan));
    TL_TRY(tl_survey_regions_outline(ctx, &f->worth, &plan, 0, &wkb, &bytes));
done:
    tl_free(wkb);
    tl_survey_regions_fini(&plan);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct field f;
    make(&f);
    CHECK_EVERY_ALLOC(ctx, once(ctx, &f));
}
