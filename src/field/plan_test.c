#include "unit.h"

#include "field/factor.h"

static int64_t front(const struct tl_factor_plan *p, int64_t s)
{
    return p->row_at[s + 1] - p->row_at[s];
}

static int64_t below(const struct tl_factor_plan *p, int64_t s)
{
    return front(p, s) - (p->super[s + 1] - p->super[s]);
}

TEST(rows_of_a_child_are_found_in_its_parent)
{
    struct tl_factor_plan *p = NULL;
    struct tl_stencil_grid grid = tl_stencil_grid_of(45, 33);
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &p));
    int64_t n_roots = 0;
    for (int64_t s = 0; s < p->n_super; s++) {
        n_roots += p->parent[s] < 0;
        CHECK(p->parent[s] < 0 || p->parent[s] > s);
        for (int64_t k = p->row_at[s + 1] - below(p, s); k < p->row_at[s + 1]; k++)
            CHECK(p->rows[p->row_at[p->parent[s]] + p->in_parent[k]] == p->rows[k]);
    }
    CHECK(n_roots == 1);
    tl_factor_plan_free(p);
}

/* Each node is either in one subtree or in one level, and children come before parents. */
TEST(schedule_holds_every_node_once)
{
    struct tl_factor_plan *p = NULL;
    struct tl_stencil_grid grid = tl_stencil_grid_of(70, 70);
    static int times[8192];
    memset(times, 0, sizeof times);
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &p));
    for (int64_t t = 0; t < p->n_trees; t++)
        for (int32_t s = p->tree_first[t]; s <= p->tree_last[t]; s++)
            times[s]++;
    for (int32_t k = 0; k < p->level_at[p->n_levels]; k++)
        times[p->level_node[k]]++;
    for (int64_t s = 0; s < p->n_super; s++)
        CHECK(times[s] == 1);
    CHECK(p->n_trees >= 8 && p->n_levels >= 2);
    tl_factor_plan_free(p);
}

static bool apart(int64_t a, int64_t n_a, int64_t b, int64_t n_b)
{
    return a + n_a <= b || b + n_b <= a;
}

/* An update matrix lives until its parent is done, so a node's must not lie on its children's, nor on its elder siblings'. */
TEST(living_matrices_do_not_overlap)
{
    struct tl_factor_plan *p = NULL;
    struct tl_stencil_grid grid = tl_stencil_grid_of(64, 50);
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &p));
    for (int64_t s = 0; s < p->n_super; s++) {
        CHECK(p->update_at[s] + below(p, s) * below(p, s) <= p->n_work);
        CHECK(p->front_at[s] + front(p, s) * front(p, s) <= p->n_work);
        if (p->parent[s] < 0)
            continue;
        int32_t up = p->parent[s];
        CHECK(apart(p->update_at[s], below(p, s) * below(p, s), p->update_at[up],
                    below(p, up) * below(p, up)));
        CHECK(apart(p->front_at[s], front(p, s) * front(p, s), p->front_at[up],
                    front(p, up) * front(p, up)));
        for (int32_t c = p->child_at[up]; c < p->child_at[up + 1]; c++) {
            int32_t other = p->child[c];
            CHECK(other == s || apart(p->update_at[s], below(p, s) * below(p, s),
                                      p->update_at[other], below(p, other) * below(p, other)));
        }
    }
    tl_factor_plan_free(p);
}
