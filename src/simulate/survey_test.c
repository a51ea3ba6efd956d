#include "unit.h"

#include "simulate/history.h"

static struct tl_world world;
static struct tl_history history;

TEST(searches_lie_in_the_district_and_find_what_the_method_can)
{
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    double area = 0.0;
    for (int64_t k = 0; k < history.n_searches; k++) {
        const struct tl_history_search *s = &history.searches[k];
        for (int c = 0; c < 4; c++)
            CHECK(tl_world_cell(&world, s->corners[2 * c], s->corners[2 * c + 1]) >= 0);
        CHECK(s->passes >= 1 && s->area_m2 > 0.0 && s->found >= 0);
        CHECK(s->area < history.n_areas);
        area += s->area_m2;
    }
    CHECK_NEAR(area, history.searched_m2, 1e-6 * area);
    tl_history_fini(&history);
    tl_world_fini(&world);
}

/* Corners run counter-clockwise: a point left of all four edges is inside. */
static bool holds(const struct tl_history_search *s, double x, double y)
{
    for (int k = 0; k < 4; k++) {
        const double *a = &s->corners[2 * k], *b = &s->corners[2 * ((k + 1) % 4)];
        if ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0.0)
            return false;
    }
    return true;
}

TEST(a_search_finds_only_inside_itself_and_misses_some)
{
    int64_t inside_found = 0, inside_left = 0;
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    for (int64_t k = 0; k < history.n_items; k++) {
        const struct tl_history_item *item = &history.items[k];
        if (item->search >= 0) {
            CHECK(holds(&history.searches[item->search], item->x, item->y));
            inside_found++;
        }
        for (int64_t s = 0; s < history.n_searches && item->state == TL_HISTORY_REMAINING; s++)
            if (holds(&history.searches[s], item->x, item->y)) {
                inside_left++;
                break;
            }
    }
    CHECK(inside_found > 100);
    CHECK(inside_left > inside_found / 30 && inside_left < inside_found);
    tl_history_fini(&history);
    tl_world_fini(&world);
}

TEST(some_areas_are_confirmed_some_wrong_and_few_worked_off)
{
    int64_t n_confirmed = 0;
    CHECK_OK(tl_world_make(ctx, NULL, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    for (int64_t k = 0; k < history.n_areas; k++) {
        const struct tl_history_area *a = &history.areas[k];
        n_confirmed += a->is_confirmed;
        CHECK((a->closed.year > 0) == (strcmp(a->status, "open") != 0));
        CHECK(a->n_blocks_done <= a->n_blocks);
    }
    CHECK(n_confirmed > history.n_areas / 5 && n_confirmed < history.n_areas);
    tl_history_fini(&history);
    tl_world_fini(&world);
}
