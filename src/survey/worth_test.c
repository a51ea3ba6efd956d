#include "unit.h"

#include "survey/fixture.h"
#include "survey/regions.h"

/* Manual clearance has a pace in the table that every project starts with, dogs have none. */
static const struct tl_survey_next manual = {.hours = 40, .method = "manual"};

TEST(what_cannot_be_worked_out_is_said)
{
    struct tl_project *project = NULL;
    struct tl_survey_worth worth = {.n_cells = -7};
    struct tl_survey_next next = manual;
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", false, &project));
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_ENOTFOUND, "no map yet");
    tl_project_close(project);
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", true, &project));
    next.method = "dogs";
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_EDATA, "--edit");
    CHECK(strstr(tl_ctx_message(ctx), "'dogs'") != NULL);
    next.method = "NTS";
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_EDATA, "asks and looks");
    next.method = "dowsing";
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_ENOTFOUND, "dowsing");
    next.method = NULL;
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_EUSAGE, "no method");
    next = manual;
    next.hours = 0;
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_EDATA, "0 hours");
    next = manual;
    next.hours_per_day = 25;
    CHECK_FAILS(tl_survey_worth_init(ctx, project, &next, &worth), TL_EDATA, "25 hours in a day");
    CHECK(worth.n_cells == -7);
    tl_project_close(project);
}

TEST(worth_is_items_times_use)
{
    struct tl_project *project = NULL;
    struct tl_survey_worth by_use = {0}, by_items = {0};
    struct tl_survey_next next = manual;
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", true, &project));
    CHECK_OK(tl_survey_worth_init(ctx, project, &next, &by_use));
    next.items_only = true;
    CHECK_OK(tl_survey_worth_init(ctx, project, &next, &by_items));
    int64_t n = by_use.n_cells;
    float *density = tl_alloc(ctx, n, sizeof *density),
          *residual = tl_alloc(ctx, n, sizeof *density);
    CHECK_OK(tl_project_map_band(ctx, project, "density_mean", density));
    CHECK_OK(tl_project_map_band(ctx, project, "residual", residual));
    CHECK(by_use.has_places && by_use.items_total == by_items.items_total);
    CHECK_NEAR(by_use.m2_per_hour, by_use.method.m2_per_day / 6.0, 1e-12);
    double most = 0.0, least = 1.0;
    for (int64_t i = 0; i < n; i++) {
        double use = by_use.items[i] > 0.0 ? by_use.loss[i] / by_use.items[i] : 0.0;
        CHECK(by_items.loss[i] == by_items.items[i]);
        if (!(by_use.area_m2[i] > 0.0)) {
            CHECK(by_use.items[i] == 0.0 && tl_survey_worth_rate(&by_use, i) == 0.0);
            continue;
        }
        CHECK_NEAR(by_use.items[i], (double)density[i] * (double)residual[i], 1e-9);
        CHECK(use >= 0.05 - 1e-12 && use <= 1.0);
        most = fmax(most, use);
        least = fmin(least, use);
        CHECK_NEAR(tl_survey_worth_rate(&by_use, i) * by_use.hours[i],
                   by_use.loss[i] * by_use.findable[i] * by_use.per_pass, 1e-12);
    }
    CHECK(most > least);
    tl_free(density);
    tl_free(residual);
    tl_survey_worth_fini(&by_use);
    tl_survey_worth_fini(&by_items);
    tl_project_close(project);
}

/* Where manual clearance has been, it has taken most of what it can find; dogs have been elsewhere. */
TEST(a_method_finds_less_where_it_was)
{
    struct tl_project *project = NULL;
    struct tl_survey_worth worth = {0};
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", true, &project));
    CHECK_OK(tl_survey_worth_init(ctx, project, &manual, &worth));
    double d = worth.detectable, q = worth.per_pass, left = (1 - q) * d;
    double there = left / (1 - d + left), seen = 1.0;
    int64_t n_there = 0, n_whole = 0;
    for (int64_t i = 0; i < worth.n_cells; i++) {
        CHECK(worth.findable[i] <= d + 1e-12 && worth.findable[i] >= there - 1e-9);
        seen = fmin(seen, worth.findable[i]);
        n_there += worth.findable[i] < d - 1e-9;
        n_whole += fabs(worth.findable[i] - there) < 1e-9;
    }
    CHECK_NEAR(seen, there, 1e-9);
    CHECK(n_there >= 16 && n_there <= 36 && n_whole >= 9); /* 445 m by 442 m in cells of 100 m */
    tl_survey_worth_fini(&worth);
    tl_project_close(project);
}

/* As of a country: the best cells and what lies around them, with the bits that they have when all are looked at. */
TEST(of_a_large_map_the_best_cells_are_looked_at)
{
    struct tl_project *project = NULL;
    struct tl_survey_worth all = {0}, best = {0};
    const struct tl_survey_gather options = {.hours = 9000, .min_area_m2 = 39999, .n_max = 5};
    struct tl_survey_plan of_all = {0}, of_best = {0};
    int64_t n_better = 0;
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", true, &project));
    CHECK_OK(tl_survey_worth_init(ctx, project, &manual, &all));
    CHECK_OK(tl_survey_worth_init_best(ctx, project, &manual, 0, 40, &best));
    CHECK(all.cell == NULL && all.cut_rate == 0.0 && best.cut_rate > 0.0);
    CHECK(best.n_cells >= 40 && best.n_cells < all.n_cells);
    CHECK(best.items_total == all.items_total && best.loss_total == all.loss_total);
    for (int64_t i = 0; i < all.n_cells; i++) {
        double rate = tl_survey_worth_rate(&all, i);
        int64_t k = tl_survey_worth_find(&best, i);
        n_better += rate > best.cut_rate;
        CHECK(k >= 0 || rate <= best.cut_rate);
        if (k < 0)
            continue;
        CHECK(tl_survey_worth_cell(&best, k) == i && tl_survey_worth_rate(&best, k) == rate);
        CHECK(best.items[k] == all.items[i] && best.loss[k] == all.loss[i] &&
              best.findable[k] == all.findable[i] && best.hours[k] == all.hours[i] &&
              best.area_m2[k] == all.area_m2[i]);
        CHECK(memcmp(&best.p_any[k], &all.p_any[i], sizeof(float)) == 0);
    }
    CHECK(n_better < 40 && n_better > 20);
    CHECK(tl_survey_worth_find(&best, -1) == -1 && tl_survey_worth_find(&best, all.n_cells) == -1);
    /* The same plan, as long as it asks for nothing that was left out. */
    CHECK_OK(tl_survey_regions_gather(ctx, &all, &options, &of_all));
    CHECK_OK(tl_survey_regions_gather(ctx, &best, &options, &of_best));
    CHECK(of_all.level > best.cut_rate && of_best.level == of_all.level);
    CHECK(of_all.n == of_best.n && of_all.n_members == of_best.n_members && of_all.n >= 1);
    CHECK(of_all.loss_reduction == of_best.loss_reduction &&
          of_all.whole_passes == of_best.whole_passes);
    for (int64_t k = 0; k < of_all.n_members; k++)
        CHECK(of_all.members[k] == tl_survey_worth_cell(&best, of_best.members[k]));
    tl_survey_regions_fini(&of_all);
    tl_survey_regions_fini(&of_best);
    tl_survey_worth_fini(&all);
    tl_survey_worth_fini(&best);
    tl_project_close(project);
}

static tl_err once_best(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_survey_worth worth = {0};
    tl_err err = tl_survey_worth_init_best(ctx, project, &manual, 0, 10, &worth);
    tl_survey_worth_fini(&worth);
    return err;
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_survey_worth worth = {0};
    tl_err err = tl_survey_worth_init(ctx, project, &manual, &worth);
    tl_survey_worth_fini(&worth);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_survey(ctx, "worth_test.gpkg", true, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    CHECK_EVERY_ALLOC(ctx, once_best(ctx, project));
    tl_project_close(project);
}
