#include "unit.h"

#include "core/rng.h"
#include "survey/survey.h"

static double detection_of(int64_t n, const double *p, const double *alpha, const double *z)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += p[i] * (1.0 - exp(-alpha[i] * z[i]));
    return sum;
}

/* model.md section 7 */
TEST(the_vector_of_koopman_and_stone)
{
    const double p[] = {0.4, 0.3, 0.2, 0.1}, alpha[] = {1, 1, 1, 1};
    double z[4], detection;
    CHECK_OK(tl_survey_allocate(ctx, 4, p, alpha, NULL, 2.0, z, &detection));
    CHECK_NEAR(z[0], 0.994, 0.0005);
    CHECK_NEAR(z[1], 0.706, 0.0005);
    CHECK_NEAR(z[2], 0.300, 0.0005);
    CHECK_NEAR(z[3], 0.0, 0.0);
    CHECK_NEAR(detection, 0.456, 0.0005);
    CHECK_NEAR(z[0] + z[1] + z[2], 2.0, 1e-14);
}

/* All ways to spend the budget in equal steps over three or four cells; none may be better, the best one comes near. */
static double best_of_lattice(int n, const double *p, const double *alpha, const double *cost,
                              double budget, int steps)
{
    double best = 0.0, z[4] = {0};
    for (int a = 0; a <= steps; a++)
        for (int b = 0; a + b <= steps; b++)
            for (int c = 0; a + b + c <= (n == 4 ? steps : a + b); c++) {
                int left = steps - a - b - c;
                const int spent[4] = {a, b, n == 4 ? c : left, left};
                for (int i = 0; i < n; i++)
                    z[i] = budget * spent[i] / steps / cost[i];
                best = fmax(best, detection_of(n, p, alpha, z));
            }
    return best;
}

TEST(no_other_spending_of_small_cases_is_better)
{
    struct tl_rng rng = tl_rng_make(5, 1);
    for (uint64_t trial = 0; trial < 60; trial++) {
        double p[4], alpha[4], cost[4], z[4], detection, spent = 0.0;
        int n = trial % 2 == 0 ? 3 : 4;
        for (uint64_t i = 0; i < 4; i++) {
            p[i] = tl_rng_uniform(rng, 100 * trial + i);
            alpha[i] = 0.1 + 3.0 * tl_rng_uniform(rng, 100 * trial + 10 + i);
            cost[i] = 0.2 + 2.0 * tl_rng_uniform(rng, 100 * trial + 20 + i);
        }
        double budget = 4.0 * tl_rng_uniform(rng, 100 * trial + 30);
        CHECK_OK(tl_survey_allocate(ctx, n, p, alpha, cost, budget, z, &detection));
        for (int i = 0; i < n; i++) {
            CHECK(z[i] >= 0.0);
            spent += cost[i] * z[i];
        }
        double other = best_of_lattice(n, p, alpha, cost, budget, n == 3 ? 200 : 60);
        CHECK_NEAR(spent, budget, 1e-12);
        CHECK_NEAR(detection, detection_of(n, p, alpha, z), 1e-13);
        CHECK(other <= detection + 1e-13);
        CHECK(other >= detection - 2e-3 * (1.0 + budget));
    }
}

/* Karush, Kuhn, Tucker: one return per cost wherever anything is spent, no more of it elsewhere. */
TEST(many_cells_meet_the_conditions_of_the_optimum)
{
    enum { N = 2000 };
    static double p[N], alpha[N], cost[N], z[N], again[N];
    struct tl_rng rng = tl_rng_make(6, 1);
    for (uint64_t i = 0; i < N; i++) {
        p[i] = i % 17 == 0 ? 0.0 : exp(4.0 * tl_rng_normal(rng, 3 * i));
        alpha[i] = i % 19 == 0 ? 0.0 : exp(tl_rng_normal(rng, 3 * i + 1));
        cost[i] = exp(tl_rng_normal(rng, 3 * i + 2));
    }
    CHECK_OK(tl_survey_allocate(ctx, N, p, alpha, cost, 300.0, z, NULL));
    double low = INFINITY, high = 0.0, idle = 0.0, spent = 0.0;
    for (int i = 0; i < N; i++) {
        double rate = p[i] * alpha[i] / cost[i] * exp(-alpha[i] * z[i]);
        spent += cost[i] * z[i];
        if (z[i] > 0.0) {
            low = fmin(low, rate);
            high = fmax(high, rate);
        } else {
            idle = fmax(idle, rate);
        }
    }
    CHECK_NEAR(spent, 300.0, 1e-9);
    CHECK_NEAR(high / low, 1.0, 1e-10);
    CHECK(idle <= low * (1.0 + 1e-10));
    for (int i = 0; i < N; i++) /* units of loss do not matter */
        p[i] *= 1e-9;
    CHECK_OK(tl_survey_allocate(ctx, N, p, alpha, cost, 300.0, again, NULL));
    for (int i = 0; i < N; i++)
        CHECK_NEAR(again[i], z[i], 1e-9);
}

TEST(edges_of_an_allocation)
{
    const double p[] = {0.5, 0.5, 0.0}, alpha[] = {1, 1, 1}, none[] = {0, 0, 0};
    double z[3] = {-7, -7, -7}, detection = -7;
    CHECK_OK(tl_survey_allocate(ctx, 3, p, alpha, NULL, 0.0, z, &detection));
    CHECK(z[0] == 0.0 && z[1] == 0.0 && detection == 0.0);
    CHECK_OK(tl_survey_allocate(ctx, 3, p, alpha, NULL, 2.0, z, NULL));
    CHECK_NEAR(z[0], 1.0, 1e-15);
    CHECK_NEAR(z[1], 1.0, 1e-15);
    CHECK(z[2] == 0.0);
    CHECK_OK(tl_survey_allocate(ctx, 3, p, none, NULL, 2.0, z, &detection));
    CHECK(z[0] == 0.0 && detection == 0.0);
    CHECK_OK(tl_survey_allocate(ctx, 0, p, alpha, NULL, 2.0, z, &detection));
    CHECK(detection == 0.0);
}

TEST(bad_allocations_change_nothing)
{
    const double p[] = {0.5, -0.5}, good[] = {0.5, 0.5}, alpha[] = {1, NAN}, cost[] = {1, 0};
    double z[2] = {-7, -7};
    CHECK_FAILS(tl_survey_allocate(ctx, 2, p, good, NULL, 1, z, NULL), TL_EDATA, "cell 1: p");
    CHECK_FAILS(tl_survey_allocate(ctx, 2, good, alpha, NULL, 1, z, NULL), TL_EDATA, "alpha");
    CHECK_FAILS(tl_survey_allocate(ctx, 2, good, good, cost, 1, z, NULL), TL_EDATA, "cost is 0");
    CHECK_FAILS(tl_survey_allocate(ctx, 2, good, good, NULL, -1, z, NULL), TL_EDATA, "budget");
    CHECK(z[0] == -7 && z[1] == -7);
}

TEST(every_allocation_of_memory_may_fail)
{
    const double p[] = {0.5, 0.5}, alpha[] = {1, 1};
    double z[2];
    CHECK_EVERY_ALLOC(ctx, tl_survey_allocate(ctx, 2, p, alpha, NULL, 1, z, NULL));
}
