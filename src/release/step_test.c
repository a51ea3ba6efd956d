/* Steps of the field: what a look adds up, and that each kind of step leaves the posterior as it is. */
#include "unit.h"

#include "release/opened_fixture.h"

TEST(a_look_adds_up_what_each_group_may_hold)
{
    CHECK_OK(open_all(ctx, 12));
    struct tl_release_chain *c = &r.chain[2];
    double total = 0.0;
    for (int64_t g = 1; g < m.n_groups; g++) {
        double sum = 0.0;
        for (int64_t e = 0; e < m.n_entries; e++)
            if (m.entries[e].group == g)
                sum += m.entries[e].area_m2 * r.base[m.entries[e].cell] *
                       exp(c->deviation[m.entries[e].cell]);
        sum *= exp(r.effect[0] + c->deviation[r.n]);
        CHECK_NEAR(c->sum[g] / sum, 1.0, 1e-10);
    }
    /* The part without the methods: w x + w x^2 / 2 over both channels, less what accidents expect. */
    for (int64_t k = 0; k < r.n_channels; k++)
        for (int64_t i = 0; i < r.n; i++) {
            double x = c->deviation[i] + c->deviation[r.n + k], w = r.weight[k][i];
            total += w * x + 0.5 * w * x * x;
            if (k > 0)
                total -= r.effort[k][i] * r.base[i] * exp(r.effect[k] + x);
        }
    CHECK_NEAR(c->log_field, total, 1e-8 * fabs(total) + 1e-8);
    close_all();
}

/* A step along a ridge and back is the way it came: what the chain believes of the field is what a look says anew. */
TEST(steps_keep_their_own_accounts)
{
    static double density[SIM_CELLS], sum[1000], trial[SIM_CELLS + TL_RELEASE_CHANNELS_MAX];
    CHECK_OK(open_all(ctx, 5));
    struct tl_release_chain *c = &r.chain[0];
    int n_moved = 0;
    for (int k = 0; k < 200; k++) {
        double before = c->log_field;
        tl_release_sweep_look(&r, c);
        tl_release_step_along(&r, c, &r.blocks[k % r.n_blocks]);
        n_moved += c->log_field != before;
        double fresh =
            tl_release_step_look(&r, 1.0, c->deviation, 0.0, c->deviation, trial, density, sum);
        CHECK_NEAR(c->log_field, fresh, 1e-9 * fabs(fresh) + 1e-9);
        for (int64_t g = 0; g < m.n_groups; g++)
            CHECK_NEAR(c->sum[g], sum[g], 1e-9 * sum[g]);
    }
    CHECK(n_moved > 10 && n_moved < 190);
    close_all();
}

/* The same posterior with steps along ridges and without: the mean of d given all, by two chains of different steps. */
TEST(ridges_do_not_change_what_is_drawn)
{
    enum { STEPS = 6000 };
    double mean[2] = {0}, squares[2] = {0}, batch = 0.0;
    CHECK_OK(open_all(ctx, 5));
    for (int way = 0; way < 2; way++) {
        struct tl_release_chain *c = &r.chain[way];
        for (int k = -200; k < STEPS; k++) {
            if (k % TL_WINDOW_DRAWS == 0)
                tl_window_draw(r.window, 77, (uint64_t)way, k + 400, c->work, c->normals);
            tl_release_sweep_look(&r, c);
            tl_release_step_field(&r, c, c->normals + ((k + 208) % TL_WINDOW_DRAWS) * r.row);
            for (int64_t b = 0; b < r.n_blocks && way == 1; b++)
                tl_release_step_along(&r, c, &r.blocks[b]);
            tl_release_sweep(&r, c, true);
            if (k < 0)
                continue;
            double x = 0.0;
            for (int64_t g = 0; g < m.n_groups; g++)
                x += c->sum[g];
            batch += log(x) / 100.0;
            if (k % 100 == 99) {
                mean[way] += batch / (STEPS / 100);
                squares[way] += batch * batch / (STEPS / 100);
                batch = 0.0;
            }
        }
    }
    double error =
        sqrt((squares[0] - mean[0] * mean[0] + squares[1] - mean[1] * mean[1]) / (STEPS / 100.0));
    CHECK_NEAR(mean[0], mean[1], 4.5 * error);
    CHECK(error < 0.1);
    close_all();
}
