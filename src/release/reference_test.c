#include "unit.h"

#include "release/chain_fixture.h"

TEST(blocks_are_the_methods_and_lots_with_all_of_their_ground)
{
    static struct tl_release_run r;
    struct tl_release_model m;
    const struct tl_release_draw_options o = {.n_draws = 64, .seed = 1};
    CHECK_OK(open_run(ctx, 12, &m, &o, &r));
    CHECK(r.n_blocks == m.n_rows + m.n_lots);
    CHECK(r.everything.n_bands == r.n_bands && r.everything.n_counts == r.n_counts);
    for (int64_t k = 0; k < r.n_blocks; k++) {
        const struct tl_release_block *b = &r.blocks[k];
        for (int32_t i = 0; i < b->n_bands; i++) {
            const struct tl_release_band *band = &r.bands[b->bands[i]];
            bool works = false;
            CHECK(band->group > 0); /* nobody works in group 0 */
            for (int32_t w = band->first; w < band->first + band->n; w++)
                works =
                    works || (b->row >= 0 ? r.works[w].row == b->row : r.works[w].lot == b->lot);
            CHECK(works);
        }
    }
    tl_release_reference_fini(&r);
    tl_release_model_fini(&m);
}

/* Of two lots that worked on the same ground each is a rival of the other. */
TEST(rivals_are_mutual)
{
    static struct tl_release_run r;
    struct tl_release_model m;
    const struct tl_release_draw_options o = {.n_draws = 64, .seed = 1};
    int n = 0;
    CHECK_OK(open_run(ctx, 12, &m, &o, &r));
    for (int32_t k = 0; k < r.n_blocks; k++)
        for (int32_t j = 0; j < r.blocks[k].n_rivals; j++) {
            const struct tl_release_block *other = &r.blocks[r.blocks[k].rivals[j]];
            bool back = false;
            CHECK(other != &r.blocks[k] && other->row < 0);
            for (int32_t i = 0; i < other->n_rivals; i++)
                back = back || other->rivals[i] == k;
            CHECK(back);
            n++;
        }
    CHECK(n > 0);
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
