/* Bands, finds, and steps of methods and lots against the plain formulas of miss.c and against enumeration. */
#include "unit.h"

#include "release/opened_fixture.h"

/* What is found in each group, and by whom, is what miss.c says, whatever has failed. */
static void check_state(const struct tl_release_chain *c)
{
    double by[SIM_SEARCHES];
    for (int64_t g = 0; g < m.n_groups; g++) {
        double found = tl_release_found(&m, &c->state, g, by), mine = 0.0;
        for (int32_t b = r.band_at[g]; b < r.band_at[g + 1]; b++)
            mine += tl_release_sweep_share(&c->state, &r.bands[b]) * (1.0 - c->left[b]);
        CHECK_NEAR(mine, found, 1e-12);
    }
}

static double finds_by_miss(const struct tl_release_state *state)
{
    static double slot[100000];
    double total = 0.0;
    for (int64_t g = 0; g < m.n_groups; g++)
        tl_release_found(&m, state, g, slot + m.group_at[g]);
    for (int32_t s = 0; s < m.group_at[m.n_groups]; s++)
        if (m.slot_found[s] > 0.0)
            total += m.slot_found[s] * log(slot[s]);
    for (int64_t k = 0; k < m.n_mixed; k++) {
        double sum = 0.0;
        for (int32_t j = m.mixed[k].first; j < m.mixed[k].first + m.mixed[k].n; j++)
            sum += m.mixed_area[j] * slot[m.mixed_slot[j]];
        total += m.mixed[k].number * log(sum);
    }
    return total;
}

TEST(bands_and_finds_are_those_of_the_plain_formulas)
{
    CHECK_OK(open_all(ctx, 12));
    struct tl_release_chain *c = &r.chain[0];
    for (int pattern = 0; pattern < 1 << SIM_LOTS; pattern++) {
        for (int lot = 0; lot < SIM_LOTS; lot++)
            c->state.failed[lot] = (uint8_t)(pattern >> lot & 1);
        tl_release_sweep_look(&r, c);
        check_state(c);
        CHECK_NEAR(tl_release_sweep_finds(&r, &c->state, &r.everything), finds_by_miss(&c->state),
                   1e-9);
    }
    close_all();
}

/* Changed by ratios all along, what is left must be what it is anew. */
TEST(after_many_sweeps_what_is_left_is_still_that_of_the_state)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        CHECK_OK(open_all(ctx, seed));
        struct tl_release_chain *c = &r.chain[1];
        for (int k = 0; k < 200; k++)
            tl_release_sweep(&r, c, k % 2 == 0);
        check_state(c);
        for (int64_t b = 0; b < r.n_bands; b++)
            CHECK(c->left[b] == c->trial_left[b]);
        close_all();
    }
}

/* Field, d, q and depths held: the lots' failures have 2^4 states, whose weights can be written out. */
TEST(flips_and_rivals_visit_failures_as_often_as_enumerated)
{
    enum { STATES = 1 << SIM_LOTS, STEPS = 60000 };
    double weight[STATES], total = 0.0, visits[STATES] = {0}, most = -INFINITY;
    CHECK_OK(open_all(ctx, 7));
    struct tl_release_chain *c = &r.chain[0];
    for (int pattern = 0; pattern < STATES; pattern++) {
        weight[pattern] = 0.0;
        for (int lot = 0; lot < SIM_LOTS; lot++) {
            double f = m.lot_failure[lot];
            c->state.failed[lot] = (uint8_t)(pattern >> lot & 1);
            weight[pattern] += log(c->state.failed[lot] != 0 ? f : 1.0 - f);
        }
        tl_release_sweep_look(&r, c);
        weight[pattern] += finds_by_miss(&c->state);
        for (int64_t g = 0; g < m.n_groups; g++)
            weight[pattern] -= c->found[g] * c->sum[g];
        most = fmax(most, weight[pattern]);
    }
    for (int pattern = 0; pattern < STATES; pattern++)
        total += weight[pattern] = exp(weight[pattern] - most);
    for (int step = 0; step < STEPS; step++) {
        int pattern = 0;
        tl_release_sweep_lots(&r, c, true);
        for (int lot = 0; lot < SIM_LOTS; lot++)
            pattern |= (c->state.failed[lot] != 0) << lot;
        visits[pattern] += 1.0 / STEPS;
    }
    int n_likely = 0;
    for (int pattern = 0; pattern < STATES; pattern++) {
        double p = weight[pattern] / total;
        CHECK_NEAR(visits[pattern], p, 0.01 + 5.0 * sqrt(p * (1.0 - p) / (STEPS / 20.0)));
        n_likely += p > 0.02;
    }
    CHECK(n_likely > 1); /* or the test shows nothing */
    close_all();
}

/* Field, failures and depths held: mean of d and q of a method against a sum over a grid of both. */
TEST(d_and_q_are_drawn_from_their_posterior)
{
    enum { GRID = 200, STEPS = 20000 };
    double total = 0.0, mean[2] = {0}, drawn[2] = {0}, most = -INFINITY;
    static double logs[GRID][GRID];
    CHECK_OK(open_all(ctx, 33));
    struct tl_release_chain *c = &r.chain[0];
    const struct tl_release_row *row = &m.rows[0];
    memset(c->state.failed, 0, SIM_LOTS);
    for (int i = 0; i < GRID; i++)
        for (int j = 0; j < GRID; j++) {
            double x = (i + 0.5) / GRID, y = (j + 0.5) / GRID;
            c->state.d[0] = x;
            c->state.q[0] = y;
            tl_release_state_fill(&c->state, 0);
            tl_release_sweep_look(&r, c);
            logs[i][j] = finds_by_miss(&c->state) + (row->d_a - 1.0) * log(x) +
                         (row->d_b - 1.0) * log(1.0 - x) + (row->q_a - 1.0) * log(y) +
                         (row->q_b - 1.0) * log(1.0 - y);
            for (int64_t g = 0; g < m.n_groups; g++)
                logs[i][j] -= c->found[g] * c->sum[g];
            most = fmax(most, logs[i][j]);
        }
    for (int i = 0; i < GRID; i++)
        for (int j = 0; j < GRID; j++) {
            double w = exp(logs[i][j] - most);
            total += w;
            mean[0] += w * (i + 0.5) / GRID;
            mean[1] += w * (j + 0.5) / GRID;
        }
    c->state.d[0] = c->state.q[0] = 0.8;
    tl_release_state_fill(&c->state, 0);
    tl_release_sweep_look(&r, c);
    for (int step = 0; step < STEPS; step++) {
        tl_release_sweep_row(&r, c, &r.blocks[0]);
        drawn[0] += c->state.d[0] / STEPS;
        drawn[1] += c->state.q[0] / STEPS;
    }
    CHECK_NEAR(drawn[0], mean[0] / total, 0.004);
    CHECK_NEAR(drawn[1], mean[1] / total, 0.004);
    /* It must have learned something, or the prior would do. */
    CHECK(fabs(mean[0] / total - row->d_a / (row->d_a + row->d_b)) +
              fabs(mean[1] / total - row->q_a / (row->q_a + row->q_b)) >
          0.01);
    close_all();
}
