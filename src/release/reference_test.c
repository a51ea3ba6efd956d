#include "unit.h"

#include "release/chain.h"
#include "release/sim.h"

static struct sim sim;

static tl_err open_run(struct tl_ctx *ctx, uint64_t seed, struct tl_release_model *m,
                       const struct tl_release_draw_options *o, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    TL_TRY(sim_make(ctx, seed, &sim));
    TL_TRY(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 40000, m));
    *r = (struct tl_release_run){
        .m = m, .options = o, .n = m->n_cells, .n_channels = 1 + m->n_other};
    r->row = r->n + r->n_channels;
    r->n_slots = m->group_at[m->n_groups];
    TL_TRY(tl_release_reference_window(ctx, &sim.prior, r));
    TL_TRY(tl_release_reference_blocks(ctx, r));
done:
    return err;
}

TEST(blocks_are_the_methods_and_lots_with_all_of_their_ground)
{
    static struct tl_release_run r;
    struct tl_release_model m;
    const struct tl_release_draw_options o = {.n_draws = 64, .seed = 1};
    CHECK_OK(open_run(ctx, 12, &m, &o, &r));
    CHECK(r.n_blocks == m.n_rows + m.n_lots);
    CHECK(r.everything.n_groups == m.n_groups);
    double found = 0.0, all = 0.0;
    for (int64_t k = 0; k < r.n_slots; k++)
        all += m.slot_found[k];
    for (int32_t k = 0; k < r.everything.n_counted; k++)
        found += m.slot_found[r.everything.counted[k]];
    CHECK_NEAR(found, all, 1e-12);
    CHECK(r.everything.n_mixed == m.n_mixed);
    for (int64_t k = 0; k < r.n_blocks; k++)
        for (int32_t g = 0; g < r.blocks[k].n_groups; g++)
            CHECK(r.blocks[k].groups[g] > 0); /* nobody works in group 0 */
    tl_release_reference_fini(&r);
    tl_release_model_fini(&m);
}

/* r' H^-1 r is a variance, at most that of the whole pull; no cell pulls more than its expected counts. */
TEST(ridges_pull_at_no_more_than_what_is_expected)
{
    static struct tl_release_run r;
    struct tl_release_model m;
    const struct tl_release_draw_options o = {.n_draws = 64, .seed = 1};
    CHECK_OK(open_run(ctx, 12, &m, &o, &r));
    CHECK(r.n_ridges > 0);
    for (int64_t k = 0; k < r.n_blocks; k++) {
        const struct tl_release_block *b = &r.blocks[k];
        double sum = 0.0;
        if (b->way == NULL)
            continue;
        for (int64_t i = 0; i < r.n; i++) {
            CHECK(b->pull[i] >= 0.0 && b->pull[i] <= r.weight[0][i] * (1.0 + 1e-12));
            sum += b->pull[i];
        }
        /* H >= diag(w) >= diag(r), hence r' H^-1 r <= sum r. */
        CHECK(b->curvature > 0.0 && b->curvature <= sum * (1.0 + 1e-9));
    }
    tl_release_reference_fini(&r);
    tl_release_model_fini(&m);
}

TEST(as_if_independent_there_is_nothing_to_move)
{
    static struct tl_release_run r;
    struct tl_release_model m;
    const struct tl_release_draw_options o = {.n_draws = 64, .seed = 1, .independent = true};
    CHECK_OK(open_run(ctx, 12, &m, &o, &r));
    CHECK(r.n_blocks == 0 && r.n_ridges == 0);
    tl_release_reference_fini(&r);
    tl_release_model_fini(&m);
}
