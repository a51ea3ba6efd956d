#include "unit.h"

#include "simulate/fixture.h"
#include "simulate/history.h"

static struct tl_world world;
static struct tl_history history;

static void forget(void)
{
    tl_history_fini(&history);
    tl_world_fini(&world);
}

TEST(every_item_is_found_or_exploded_or_remains)
{
    int64_t n[3] = {0}, groups[2] = {0}, by_search = 0;
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    for (int64_t k = 0; k < history.n_items; k++) {
        const struct tl_history_item *item = &history.items[k];
        n[item->state]++;
        groups[tl_history_group(item->category)]++;
        CHECK(tl_world_cell(&world, item->x, item->y) == item->cell);
        CHECK((item->end.year == 0) == (item->state == TL_HISTORY_REMAINING));
        CHECK(item->search < history.n_searches);
    }
    for (int64_t k = 0; k < history.n_searches; k++)
        by_search += history.searches[k].found;
    CHECK(n[TL_HISTORY_FOUND] == history.n_found && n[TL_HISTORY_EXPLODED] == history.n_exploded);
    CHECK(history.n_exploded == history.n_accidents && by_search <= history.n_found);
    CHECK(groups[0] == history.n_of[0] && groups[1] == history.n_of[1]);
    forget();
}

TEST(numbers_of_items_are_a_poisson_draw_of_the_intensity)
{
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    double cell_m2 = world.grid.step_m * world.grid.step_m, chi2 = 0.0, n_terms = 0.0;
    for (int group = 0; group < TL_WORLD_GROUPS; group++) {
        double expected = world.law.expected[group];
        CHECK_NEAR((double)history.n_of[group], expected, 4.0 * sqrt(expected));
    }
    /* Blocks of cells: (seen - expected)^2 / expected is 1 on average. */
    enum { BLOCKS = 300 };
    static double seen[BLOCKS], wanted[BLOCKS];
    for (int64_t k = 0; k < history.n_items; k++)
        seen[history.items[k].cell * BLOCKS / world.n_cells] += 1.0;
    for (int64_t i = 0; i < world.n_cells; i++)
        wanted[i * BLOCKS / world.n_cells] +=
            (world.lambda[0][i] + world.lambda[1][i]) * world.inside[i] * cell_m2;
    for (int b = 0; b < BLOCKS; b++) {
        if (wanted[b] < 0.5)
            continue;
        chi2 += (seen[b] - wanted[b]) * (seen[b] - wanted[b]) / wanted[b];
        n_terms += 1.0;
    }
    CHECK_NEAR(chi2 / n_terms, 1.0, 4.0 * sqrt(2.2 / n_terms));
    forget();
}

TEST(accidents_happen_where_people_are)
{
    double at_accidents = 0.0, at_items = 0.0;
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    for (int64_t k = 0; k < history.n_accidents; k++)
        at_accidents +=
            world.use[history.items[history.accidents[k].item].cell] / (double)history.n_accidents;
    for (int64_t k = 0; k < history.n_items; k++)
        at_items += world.use[history.items[k].cell] / (double)history.n_items;
    CHECK(at_accidents > 1.15 * at_items);
    for (int64_t k = 0; k < history.n_accidents; k++)
        CHECK(history.accidents[k].killed + history.accidents[k].injured > 0);
    forget();
}

static tl_err make_and_forget(struct tl_ctx *ctx)
{
    tl_err err = tl_history_make(ctx, &world, &history);
    tl_history_fini(&history);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_OK(tl_world_make(ctx, &fixture_small, &world));
    CHECK_EVERY_ALLOC(ctx, make_and_forget(ctx));
    tl_world_fini(&world);
}
