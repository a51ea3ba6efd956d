#include "unit.h"

#include "core/rng.h"
#include "release/suspicion.h"

static const double CERTAIN = 1e15;

/* Where a search finds for certain what is there, it is counting: Beta(1 + true, 1 + false). */
TEST(outcomes_that_are_certain_are_counted)
{
    struct tl_release_lesson lesson[] = {{.code = "A", .found = true},
                                         {.code = "B", .found = true},
                                         {.code = "C", .odds = CERTAIN},
                                         {.code = "D", .found = true}};
    struct tl_release_lessons all = {.n = 4, .n_found = 3, .lesson = lesson};
    struct tl_release_share s = tl_release_share_of(&all, NULL);
    CHECK_NEAR(s.mean, 4.0 / 6.0, 1e-6); /* Beta(4, 2) */
    for (int k = 0; k < 2; k++) {        /* P(s <= x) = 5 x^4 - 4 x^5 */
        double x = k == 0 ? s.low : s.high;
        CHECK_NEAR(5.0 * pow(x, 4.0) - 4.0 * pow(x, 5.0), k == 0 ? 0.05 : 0.95, 1e-5);
    }
    CHECK(s.n == 4 && s.n_found == 3);
    s = tl_release_share_of(&all, "C"); /* without it Beta(4, 1): P(s <= x) = x^4 */
    CHECK_NEAR(s.mean, 0.8, 1e-6);
    CHECK_NEAR(s.low, pow(0.05, 0.25), 1e-5);
    CHECK(s.n == 3 && s.n_found == 3);
}

TEST(searches_that_would_have_found_nothing_either_way_teach_nothing)
{
    struct tl_release_lesson lesson[3] = {
        {.code = "A", .odds = 1.0}, {.code = "B", .odds = 1.0}, {.code = "C", .odds = 1.0}};
    struct tl_release_lessons all = {.n = 3, .lesson = lesson}, none = {.n = 0};
    struct tl_release_share s = tl_release_share_of(&all, NULL);
    CHECK_NEAR(s.mean, 0.5, 1e-12);
    CHECK_NEAR(s.low, 0.05, 1e-9);
    CHECK_NEAR(s.high, 0.95, 1e-9);
    CHECK_NEAR(tl_release_share_of(&none, NULL).mean, 0.5, 1e-12);
    for (int k = 0; k < 3; k++)
        lesson[k].odds = 1.2; /* a weak search: a little less */
    double weak = tl_release_share_of(&all, NULL).mean;
    for (int k = 0; k < 3; k++)
        lesson[k].odds = 20.0;
    double strong = tl_release_share_of(&all, NULL).mean;
    CHECK(weak < 0.5 && weak > 0.45 && strong < 0.3 && strong > 0.2);
}

/* A density that is Gamma(2) with rate 1 before a search worth 1: given nothing found Gamma(2) with rate 2. */
TEST(odds_agree_with_the_gammas_own)
{
    enum { N = 40000 };
    static double finds[N];
    struct tl_rng rng = tl_rng_make(11, 12);
    for (int k = 0; k < N; k++)
        finds[k] = tl_rng_gamma(tl_rng_fork(rng, (uint64_t)k), 0, 2.0) / 2.0;
    for (double factor = 0.25; factor <= 1.0; factor += 0.25) {
        /* (1 / (1 + factor))^2 over (1 / 2)^2 */
        double exact = pow(2.0 / (1.0 + factor), 2.0);
        CHECK_NEAR(tl_release_suspicion_odds(factor, finds, N) / exact, 1.0, 0.03);
    }
}

/*
 * All cases listed: the suspicion is true or not, the density is 1 or 3 [items], a search of effort 0.6 found nothing. Draws given that it is
 * true stand in the ratio of their posterior chances, which is 3 to 1 by the choice of effort.
 */
TEST(both_cases_together_are_bayes_rule)
{
    const double effort = log(3.0) / 2.0, low = 1.0, high = 3.0, factor = 0.4, prior = 0.7;
    const double draws[4] = {low, low, low, high};
    double finds[4], remaining[4], any[2] = {0.0, 0.0}, chance[2] = {0.0, 0.0}, items = 0.0;
    for (int k = 0; k < 4; k++) {
        finds[k] = effort * draws[k];
        remaining[k] = (1.0 - effort) * draws[k];
    }
    for (int is_true = 0; is_true < 2; is_true++)
        for (int k = 0; k < 2; k++) {
            double density = (k == 0 ? low : high) * (is_true != 0 ? 1.0 : factor);
            double p =
                0.5 * (is_true != 0 ? prior : 1.0 - prior) * exp(-effort * density); /* none */
            chance[is_true] += p;
            any[is_true] += p * -expm1(-(1.0 - effort) * density);
            items += p * (1.0 - effort) * density;
        }
    struct tl_release_suspicion s = {.factor = factor, .share = {.mean = prior}};
    struct tl_release_figures now = tl_release_figures_of(remaining, 4, 1);
    CHECK_NEAR(now.p_any.value, any[1] / chance[1], 1e-12);
    tl_release_suspicion_weigh(finds, remaining, 4, &now, &s);
    double total = chance[0] + chance[1];
    CHECK_NEAR(s.holds, chance[1] / total, 1e-12);
    CHECK_NEAR(s.p_any_if_false, any[0] / chance[0], 1e-12);
    CHECK_NEAR(s.p_any, (any[0] + any[1]) / total, 1e-12);
    CHECK_NEAR(s.expected, items / total, 1e-12);
}

/* A suspicion that is true for certain changes no bit; nor does one that the map gives no weight to. */
TEST(without_a_doubt_the_figures_are_themselves)
{
    const double finds[3] = {0.1, 0.5, 0.2}, remaining[3] = {0.31, 1.7, 0.011};
    struct tl_release_figures now = tl_release_figures_of(remaining, 3, 1);
    struct tl_release_suspicion s = {.factor = 0.3,
                                     .share = {.mean = 1.0, .low = 0.2, .high = 1.0}};
    tl_release_suspicion_weigh(finds, remaining, 3, &now, &s);
    CHECK(s.p_any == now.p_any.value && s.expected == now.expected.value && s.holds == 1.0);
    CHECK(s.p_any_low < s.p_any && s.p_any_high == s.p_any);
    s = (struct tl_release_suspicion){.factor = 1.0, .share = {.mean = 0.4, .high = 0.9}};
    tl_release_suspicion_weigh(finds, remaining, 3, &now, &s);
    CHECK_NEAR(s.p_any, now.p_any.value, 1e-15);
    CHECK_NEAR(s.holds, 0.4, 1e-15);
}

/* The more of it was searched in vain, the less likely it is true; never does a doubt raise a figure. */
TEST(a_search_in_vain_speaks_against_it)
{
    double before = 1.0;
    for (double effort = 0.0; effort < 0.95; effort += 0.1) {
        double finds[2] = {2.0 * effort, 4.0 * effort},
               remaining[2] = {2.0 * (1.0 - effort), 4.0 * (1.0 - effort)};
        struct tl_release_figures now = tl_release_figures_of(remaining, 2, 1);
        struct tl_release_suspicion s = {.factor = 0.2, .share = {.mean = 0.5}};
        tl_release_suspicion_weigh(finds, remaining, 2, &now, &s);
        CHECK(s.holds < before && s.p_any <= now.p_any.value && s.p_any >= s.p_any_if_false);
        CHECK(effort > 0.0 || (s.holds <= 0.5 && s.holds >= 0.5));
        before = s.holds;
    }
}

TEST(what_lifts_the_doubt)
{
    struct tl_release_subject s = {
        .is_area = true, .classification = "SHA", .evidence_kind = "indirect", .status = "open"};
    struct tl_local_item item = {.kind = TL_KIND_ACCIDENT, .number = 1.0};
    struct tl_local_search search = {.takes_effort = true, .area_m2 = 10.0};
    struct tl_local local = {.n_searches = 1, .searches = &search, .items = &item};
    CHECK_STR(tl_release_suspicion_why(&s, &local), "suspected");
    search.found = 1.0;
    CHECK_STR(tl_release_suspicion_why(&s, &local), "found");
    local.n_items = 1; /* an accident inside, whatever searches found */
    CHECK_STR(tl_release_suspicion_why(&s, &local), "met");
    item.by_search = true; /* while it was searched: it is an accident all the same */
    CHECK_STR(tl_release_suspicion_why(&s, &local), "met");
    item = (struct tl_local_item){.kind = TL_KIND_ITEM, .number = 1.0, .by_search = true};
    CHECK_STR(tl_release_suspicion_why(&s, &local), "found");
    local.n_items = 0;
    search.found = 0.0;
    snprintf(s.status, sizeof s.status, "cancelled");
    CHECK_STR(tl_release_suspicion_why(&s, &local), "cancelled");
    snprintf(s.evidence_kind, sizeof s.evidence_kind, "direct");
    CHECK_STR(tl_release_suspicion_why(&s, &local), "direct-evidence");
    snprintf(s.classification, sizeof s.classification, "CHA");
    CHECK_STR(tl_release_suspicion_why(&s, &local), "confirmed");
    s.classification[0] = '\0';
    CHECK_STR(tl_release_suspicion_why(&s, &local), "no-standing");
    s.is_area = false;
    CHECK_STR(tl_release_suspicion_why(&s, &local), "not-registered");
}

/* Two cells: one wholly in the suspected area, one half; what else the map knows stays. */
TEST(the_factor_takes_off_what_the_suspicion_brought)
{
    double sha[2] = {1.0, 0.5}, slope[2] = {3.0, 3.0};
    struct tl_local local = {.evidence = {.n_covariates = 2}};
    struct tl_release_entry entries[2] = {{.cell = 0, .inside_m2 = 100.0},
                                          {.cell = 1, .inside_m2 = 50.0}};
    struct tl_release_model m = {
        .local = &local, .n_entries = 2, .entries = entries, .covariates = {sha, slope}};
    struct tl_release_prior prior = {.coefficient = {log(4.0), 0.9}};
    snprintf(local.evidence.covariates[0].name, sizeof local.evidence.covariates[0].name,
             "sha_fraction");
    snprintf(local.evidence.covariates[1].name, sizeof local.evidence.covariates[1].name, "slope");
    CHECK_NEAR(tl_release_suspicion_factor(&m, &prior), 150.0 / (100.0 * 4.0 + 50.0 * 2.0), 1e-12);
    prior.coefficient[0] =
        -1.0; /* a map that holds suspected ground for better: nothing to take off */
    CHECK_NEAR(tl_release_suspicion_factor(&m, &prior), 1.0, 0.0);
    sha[1] = NAN;
    prior.coefficient[0] = log(4.0);
    CHECK_NEAR(tl_release_suspicion_factor(&m, &prior), 150.0 / (100.0 * 4.0 + 50.0), 1e-12);
}

/* One area of a made-up register: whether it is true and how dense it is was drawn; what a search of this effort found decides what is known of it. */
struct ground {
    bool is_true;
    double density, effort;
    int64_t found;
};

static struct ground dig(struct tl_rng rng, double share)
{
    struct ground g = {.is_true = tl_rng_uniform(rng, 0) < share,
                       .density = tl_rng_gamma(tl_rng_fork(rng, 1), 0, 2.0),
                       .effort = 0.8 * tl_rng_uniform(rng, 2)};
    if (!g.is_true)
        g.density = 0.0;
    g.found = tl_rng_poisson(tl_rng_fork(rng, 2), 0, g.effort * g.density);
    return g;
}

/* Simulation-based calibration: registers whose share, truths, densities and finds come from the model; areas where nothing was found hold something as often as said. */
TEST(areas_of_made_up_registers_hold_something_as_often_as_they_are_said_to)
{
    enum { REGISTERS = 2000, AREAS = 10, DRAWS = 256, BINS = 10 };
    double said[BINS] = {0.0}, held[BINS] = {0.0}, variance[BINS] = {0.0}, chi = 0.0;
    for (uint64_t run = 0; run < REGISTERS; run++) {
        struct tl_rng rng = tl_rng_fork(tl_rng_make(77, 78), run);
        struct tl_release_lesson lesson[AREAS];
        struct tl_release_lessons all = {.n = AREAS, .lesson = lesson};
        double share = tl_rng_uniform(rng, 0), finds[DRAWS], remaining[DRAWS];
        struct ground last = {.is_true = false};
        for (uint64_t a = 0; a < AREAS; a++) {
            last = dig(tl_rng_fork(rng, 10 + a), share);
            lesson[a] = (struct tl_release_lesson){.code = "an area", .found = last.found > 0};
            for (uint64_t k = 0; k < DRAWS && last.found == 0; k++) {
                struct tl_rng own = tl_rng_fork(rng, 1000 * (a + 1) + k);
                remaining[k] = tl_rng_gamma(own, 0, 2.0) / (1.0 + last.effort);
                finds[k] = last.effort * remaining[k];
            }
            if (last.found == 0)
                lesson[a].odds = tl_release_suspicion_odds(0.0, finds, DRAWS);
        }
        if (last.found > 0)
            continue;
        snprintf(lesson[AREAS - 1].code, sizeof lesson[0].code, "this one");
        struct tl_release_figures now = tl_release_figures_of(remaining, DRAWS, 4);
        struct tl_release_suspicion s = {.share = tl_release_share_of(&all, "this one")};
        tl_release_suspicion_weigh(finds, remaining, DRAWS, &now, &s);
        int bin = (int)fmin(s.p_any * BINS, BINS - 1);
        said[bin] += s.p_any;
        variance[bin] += s.p_any * (1.0 - s.p_any);
        held[bin] += tl_rng_uniform(rng, 1) < -expm1(-last.density);
    }
    for (int k = 0; k < BINS; k++)
        chi += variance[k] > 0.0 ? pow(held[k] - said[k], 2.0) / variance[k] : 0.0;
    printf("  chi-square of the deciles %.1f\n", chi);
    CHECK(chi < 35.6); /* ten degrees of freedom, 1e-4 */
}
