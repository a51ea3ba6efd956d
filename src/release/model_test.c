#include "unit.h"

#include "release/sim.h"

static struct sim sim;

TEST(ground_and_finds_are_all_there)
{
    struct tl_release_model m;
    double area = 0.0, inside = 0.0, counts = 0.0, placed = 0.0;
    CHECK_OK(sim_make(ctx, 12, &sim));
    CHECK_OK(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 40000, &m));
    for (int64_t e = 0; e < m.n_entries; e++) {
        area += m.entries[e].area_m2;
        inside += m.entries[e].inside_m2;
    }
    for (int64_t i = 0; i < m.n_cells; i++)
        counts += m.counts[i];
    for (int64_t k = 0; k < m.group_at[m.n_groups]; k++)
        placed += m.slot_found[k];
    for (int64_t k = 0; k < m.n_mixed; k++)
        placed += m.mixed[k].number;
    CHECK_NEAR(area, SIM_CELLS * SIM_STEP * SIM_STEP, 1e-6);
    CHECK_NEAR(inside, sim.local.area_m2, 1e-6);
    CHECK_NEAR(counts, (double)sim.local.n_finds, 1e-9);
    CHECK_NEAR(placed, counts, 1e-9);
    CHECK(m.group_at[1] == 0); /* group 0 is ground that nobody searched */
    tl_release_model_fini(&m);
}

TEST(groups_are_searched_in_order_of_time)
{
    struct tl_release_model m;
    CHECK_OK(sim_make(ctx, 12, &sim));
    CHECK_OK(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 40000, &m));
    for (int64_t g = 0; g < m.n_groups; g++)
        for (int32_t k = m.group_at[g] + 1; k < m.group_at[g + 1]; k++)
            CHECK(strcmp(sim.searches[m.slot_search[k - 1]].date_start,
                         sim.searches[m.slot_search[k]].date_start) < 0);
    tl_release_model_fini(&m);
}

TEST(layers_end_where_searches_and_the_question_do)
{
    struct tl_release_model m;
    CHECK_OK(sim_make(ctx, 3, &sim));
    CHECK_OK(tl_release_model_init(ctx, &sim.local, 20.0, 40000, &m));
    CHECK(m.n_layers == 2 && m.n_asked == 2 && m.n_reference == 2);
    CHECK_NEAR(m.layer_cm[0], 13.0, 0.0);
    CHECK(tl_release_model_reach(&m, 12.9) == 0 && tl_release_model_reach(&m, 13.0) == 1);
    tl_release_model_fini(&m);
    CHECK_OK(tl_release_model_init(ctx, &sim.local, 50.0, 40000, &m));
    CHECK(m.n_layers == 3 && m.n_asked == 3 && m.n_reference == 2);
    tl_release_model_fini(&m);
    CHECK_OK(tl_release_model_init(ctx, &sim.local, 5.0, 40000, &m));
    CHECK(m.n_layers == 3 && m.n_asked == 1 && m.n_reference == 3);
    CHECK_NEAR(m.layer_alpha[0] + m.layer_alpha[1] + m.layer_alpha[2], 2.0 + 1.5 + SIM_DEPTHS,
               1e-12);
    tl_release_model_fini(&m);
    for (int k = 0; k < SIM_SEARCHES; k++)
        sim.searches[k].depth_cm = NAN;
    CHECK_OK(tl_release_model_init(ctx, &sim.local, 20.0, 40000, &m));
    CHECK(m.n_layers == 1 && m.n_asked == 1 && isinf(m.layer_cm[0]));
    tl_release_model_fini(&m);
}

TEST(large_windows_are_taken_in_larger_cells_and_keep_their_sums)
{
    struct tl_release_model m;
    double area = 0.0, counts = 0.0, accidents = 0.0, all = 0.0;
    CHECK_OK(sim_make(ctx, 12, &sim));
    CHECK_OK(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 100, &m));
    CHECK(m.coarse == 2 && m.n_cells == 81);
    for (int64_t i = 0; i < m.n_cells; i++) {
        area += m.cell_area[i];
        counts += m.counts[i];
        accidents += m.other_counts[0][i];
    }
    for (int i = 0; i < SIM_CELLS; i++)
        all += sim.accident_counts[i];
    CHECK_NEAR(area, SIM_CELLS * SIM_STEP * SIM_STEP, 1e-6);
    CHECK_NEAR(counts, (double)sim.local.n_finds, 1e-9);
    CHECK_NEAR(accidents, all, 1e-9);
    tl_release_model_fini(&m);
}
