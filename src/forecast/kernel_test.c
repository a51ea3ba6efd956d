#include "unit.h"

#include "forecast/fixture.h"

static double total(const struct tl_kernel_class *c, int i)
{
    double sum = 0;
    for (int s = 0; s < TL_KERNEL_STATES; s++)
        sum += c->state[s][i];
    return sum;
}

/* Whether as many items lie in the ground at the start as every class was given. */
static bool starts_with(const struct tl_kernel *k)
{
    bool all = true;
    for (int c = 0; c < k->s->n_classes; c++)
        for (int set = 0; set < TL_FORECAST_SETS; set++)
            for (int i = 0; i < TL_LANES; i++) {
                const struct tl_kernel_class *class = tl_kernel_class_of(k, set, c);
                double given = k->values[k->s->classes[c].numbers][i];
                all = all && fabs(class->out[0][i] + class->out[1][i] - given) < 0.01 &&
                      total(class, i) == class->arrived[i];
            }
    return all;
}

/* From a map: numbers are of items that lie there now. */
TEST(what_a_map_expects_to_remain_is_there_at_the_start)
{
    static const char *const claims[] = {"{share: 99 %, within: 30 days}",
                                         "{share: 100 %, within: 1 days}"};
    for (int k = 0; k < 4; k++) {
        char text[4000];
        struct tl_forecast_scenario *s = NULL;
        struct tl_kernel *kernel = NULL;
        tl_kernel_lanes *values = NULL;
        snprintf(
            text, sizeof text,
            "title: from a map\nstart: 2020\ncasualties: {rate: 0 /year}\nclasses:\n  - {name: "
            "a, kind: self-destructing, numbers: {best: 500, low: 100, high: 900}, arrived: "
            "{from: 2010, to: 2019}, half_life: 20 years, self_destruct: {claimed: %s, observed: "
            "{share: 90 %%, within: 1 years}}}\n  - {name: b, kind: persistent-ap, numbers: 300, "
            "arrived: {from: 2000, to: 2001}}\n",
            claims[k / 2]);
        CHECK_OK(fixture_scenario(ctx, text, &s));
        s->classes[0].is_present = s->classes[1].is_present = k % 2 == 1;
        kernel = tl_alloc(ctx, 1, sizeof *kernel);
        values = tl_alloc(ctx, s->n_quantities, sizeof *values);
        CHECK(kernel != NULL && values != NULL);
        kernel->s = s;
        kernel->kind = tl_simd_best();
        kernel->values = values;
        tl_run_values(s, kernel->kind, 1, 0, -1, values);
        tl_kernel_start(kernel);
        CHECK(starts_with(kernel) == (k % 2 == 1));
        tl_free(kernel);
        tl_free(values);
        tl_forecast_scenario_free(s);
    }
}

/* Steps one block through all its years; says whether items are conserved to the last bit in every draw, class and year. */
static tl_err walk(struct tl_ctx *ctx, const char *text, bool *conserved, double *first_live,
                   double *last_live)
{
    struct tl_forecast f = {.n_scenarios = 1, .n_years = 20};
    struct tl_forecast_scenario *s = NULL;
    struct tl_kernel *k = NULL;
    tl_kernel_lanes *values = NULL;
    struct tl_run_noise noise = {0};
    tl_err err = TL_OK;
    *conserved = true;
    TL_TRY(fixture_scenario(ctx, text, &s));
    f.scenarios[0] = s;
    TL_TRY_ALLOC(ctx, k, 1);
    TL_TRY_ALLOC(ctx, values, s->n_quantities);
    TL_TRY(tl_run_noise_init(ctx, &f, &noise));
    k->s = s;
    k->kind = tl_simd_best();
    k->values = values;
    tl_run_values(s, k->kind, 1, 0, -1, values);
    tl_run_noise_use(&noise, 1, 0, k);
    tl_kernel_start(k);
    for (int t = 0; t < 20; t++) {
        tl_kernel_year(k, t);
        *first_live = t == 0 ? k->out[TL_FORECAST_OBSERVED][TL_FORECAST_LIVE][0] : *first_live;
        *last_live = k->out[TL_FORECAST_OBSERVED][TL_FORECAST_LIVE][0];
        for (int c = 0; c < s->n_classes; c++)
            for (int i = 0; i < TL_LANES; i++) {
                for (int set = 0; set < TL_FORECAST_SETS; set++) {
                    const struct tl_kernel_class *class = tl_kernel_class_of(k, set, c);
                    *conserved = *conserved && total(class, i) == class->arrived[i];
                    for (int j = 0; j < TL_KERNEL_STATES; j++)
                        *conserved = *conserved && class->state[j][i] >= 0.0;
                }
            }
    }
done:
    tl_run_noise_fini(&noise);
    tl_free(values);
    tl_free(k);
    tl_forecast_scenario_free(s);
    return err;
}

TEST(items_are_conserved_to_the_last_bit)
{
    bool conserved = false;
    double first, last;
    CHECK_OK(walk(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &conserved, &first, &last));
    CHECK(conserved && last > 0 && last < first);
}

static const char all_cleared[] =
    "title: t\nstart: 2020\nyears: 20\nland: {suspected: 10 km2, contaminated: 30 %}\nclearance:\n"
    "  - {method: m, pace: 1 km2/year, price: 0 USD/m2, found: 80 %}\n"
    "casualties: {rate: 0 /year}\nclasses:\n"
    "  - {name: x, kind: persistent-ap, numbers: 1000, arrived: {from: 2000, to: 2003}}\n";

/* All suspected land is cleared in ten years, and a fifth missed; three quarters of the items never lay there. */
TEST(clearance_meets_only_items_on_suspected_land)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    static const struct tl_forecast_options options = {.n_draws = 256, .n_shares = -1, .seed = 7};
    static const double within[] = {1.0, 0.25, 0.0};
    for (int k = 0; k < 3; k++) {
        CHECK_OK(fixture_scenario(ctx, all_cleared, &s));
        s->within = within[k];
        CHECK_OK(tl_forecast_run(ctx, 1, &s, &options, &f));
        struct tl_forecast_fan end =
            tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_LIVE, 19);
        CHECK_NEAR(end.q[2], 1000.0 * (1.0 - 0.8 * within[k]), 0.5);
        tl_forecast_free(f);
        tl_forecast_scenario_free(s);
    }
}

TEST(nothing_leaves_without_clearance_decay_and_casualties)
{
    bool conserved = false;
    double first, last;
    CHECK_OK(walk(ctx,
                  "title: t\nstart: 2020\ncasualties: {rate: 0 /year}\nclasses:\n  - {name: x, "
                  "kind: persistent-ap, "
                  "numbers: 12345, arrived: {from: 2000, to: 2003}}\n",
                  &conserved, &first, &last));
    CHECK(conserved && first == 12345.0 && last == 12345.0);
}
