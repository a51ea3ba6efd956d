/*
 * Plan of a factorisation: CHOLMOD's symbolic analysis (supernodes with relaxed amalgamation) of the order of
 * dissect.c, and our schedule over the tree. Work space for update matrices and fronts is laid out here, once: inside
 * a subtree, which one thread walks in postorder, places are reused (first fit); above, each node has its own.
 */
#include "field/factor.h"

#include <cholmod.h>

#include <stdlib.h>
#include <string.h>

#include "field/dissect.h"

/* Subtrees are cut so that the largest holds this share of the work: enough of them for any laptop. */
enum { TREE_SHARE = 48, LIVE_MAX = 4096 };

static int64_t n_pivots(const struct tl_factor_plan *p, int64_t s)
{
    return p->super[s + 1] - p->super[s];
}

static int64_t n_front(const struct tl_factor_plan *p, int64_t s)
{
    return p->row_at[s + 1] - p->row_at[s];
}

/* Lower triangle of the pattern, as CHOLMOD wants it. Row order within a column is of no matter. */
static cholmod_sparse *pattern(const struct tl_stencil_grid *grid, cholmod_common *common)
{
    size_t n = (size_t)grid->n;
    cholmod_sparse *a = cholmod_allocate_sparse(n, n, n * 7, 0, 1, -1, CHOLMOD_PATTERN, common);
    if (a == NULL)
        return NULL;
    int *at = a->p, *row = a->i, count = 0;
    struct tl_stencil_row r;
    for (int64_t i = 0; i < grid->n; i++) {
        at[i] = count;
        tl_stencil_row_of(grid, i, &r);
        for (int k = 0; k < r.n; k++)
            if (r.cell[k] >= i)
                row[count++] = (int)r.cell[k];
    }
    at[grid->n] = count;
    return a;
}

static tl_err copy_symbolic(struct tl_ctx *ctx, const cholmod_factor *l, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    const int *super = l->super, *pi = l->pi, *px = l->px, *s = l->s, *perm = l->Perm;
    p->n_super = (int64_t)l->nsuper;
    p->n_rows = (int64_t)l->ssize;
    TL_TRY_ALLOC(ctx, p->super, p->n_super + 1);
    TL_TRY_ALLOC(ctx, p->row_at, p->n_super + 1);
    TL_TRY_ALLOC(ctx, p->value_at, p->n_super + 1);
    TL_TRY_ALLOC(ctx, p->rows, p->n_rows);
    TL_TRY_ALLOC(ctx, p->in_parent, p->n_rows);
    TL_TRY_ALLOC(ctx, p->place, p->n);
    for (int64_t k = 0; k <= p->n_super; k++) {
        p->super[k] = super[k];
        p->row_at[k] = pi[k];
        p->value_at[k] = px[k];
    }
    memcpy(p->rows, s, (size_t)pi[p->n_super] * sizeof *p->rows);
    for (int64_t k = 0; k < p->n; k++) {
        p->order[k] = perm[k];
        p->place[perm[k]] = (int32_t)k;
    }
    p->n_values = px[p->n_super];
done:
    return err;
}

static tl_err symbolic(struct tl_ctx *ctx, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    cholmod_common common;
    cholmod_sparse *a = NULL;
    cholmod_factor *l = NULL;
    cholmod_start(&common);
    common.print = 0;
    common.nmethods = 1;
    common.method[0].ordering = CHOLMOD_GIVEN;
    common.postorder = 1;
    common.supernodal = CHOLMOD_SUPERNODAL;
    TL_TRY_ALLOC(ctx, p->order, p->n);
    tl_dissect_order(&p->grid, p->order);
    a = pattern(&p->grid, &common);
    if (a != NULL)
        l = cholmod_analyze_p(a, p->order, NULL, 0, &common);
    if (l == NULL || !l->is_super)
        TL_THROW(ctx, TL_ENOMEM,
                 "the structure of a field of %lld x %lld cells does not fit in memory",
                 (long long)p->grid.n_x, (long long)p->grid.n_y);
    TL_TRY(copy_symbolic(ctx, l, p));
done:
    cholmod_free_factor(&l, &common);
    cholmod_free_sparse(&a, &common);
    cholmod_finish(&common);
    return err;
}

/* Parents, children, and where each row of a child lies in its parent (both lists ascend: one merge). */
static tl_err link_tree(struct tl_ctx *ctx, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    int32_t *of = NULL;
    TL_TRY_ALLOC(ctx, of, p->n);
    TL_TRY_ALLOC(ctx, p->parent, p->n_super);
    TL_TRY_ALLOC(ctx, p->child_at, p->n_super + 1);
    TL_TRY_ALLOC(ctx, p->child, p->n_super);
    for (int64_t s = 0; s < p->n_super; s++)
        for (int32_t k = p->super[s]; k < p->super[s + 1]; k++)
            of[k] = (int32_t)s;
    for (int64_t s = 0; s < p->n_super; s++) {
        int64_t first = p->row_at[s] + n_pivots(p, s), last = p->row_at[s + 1];
        p->parent[s] = first < last ? of[p->rows[first]] : -1;
        if (first == last)
            continue;
        int64_t up = p->row_at[p->parent[s]], begin = up;
        p->child_at[p->parent[s] + 1]++;
        for (int64_t k = first; k < last; k++) {
            while (p->rows[up] < p->rows[k])
                up++;
            p->in_parent[k] = (int32_t)(up - begin);
        }
    }
    for (int64_t s = 0; s < p->n_super; s++)
        p->child_at[s + 1] += p->child_at[s];
    memset(of, 0, (size_t)p->n * sizeof *of);
    for (int64_t s = 0; s < p->n_super; s++)
        if (p->parent[s] >= 0)
            p->child[p->child_at[p->parent[s]] + of[p->parent[s]]++] = (int32_t)s;
done:
    tl_free(of);
    return err;
}

static int32_t row_position(const struct tl_factor_plan *p, int64_t s, int32_t row)
{
    int64_t low = p->row_at[s], high = p->row_at[s + 1] - 1;
    while (low < high) {
        int64_t mid = (low + high) / 2;
        if (p->rows[mid] < row)
            low = mid + 1;
        else
            high = mid;
    }
    return (int32_t)(low - p->row_at[s]);
}

/* Lower entries of one pivot; returns where the next pivot's begin. */
static int64_t place_pivot(struct tl_factor_plan *p, int64_t s, int32_t k, int64_t at)
{
    struct tl_stencil_row r;
    tl_stencil_row_of(&p->grid, p->order[k], &r);
    p->entry_at[k] = at;
    for (int m = 0; m < r.n; m++) {
        int32_t row = p->place[r.cell[m]];
        if (row < k)
            continue;
        p->entry_pos[at] = row_position(p, s, row);
        p->entry_l[at] = r.l[m];
        p->entry_l2[at++] = r.l2[m];
    }
    return at;
}

static tl_err place_entries(struct tl_ctx *ctx, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    int64_t at = 0;
    TL_TRY_ALLOC(ctx, p->entry_at, p->n + 1);
    TL_TRY_ALLOC(ctx, p->entry_pos, p->n * 7);
    TL_TRY_ALLOC(ctx, p->entry_l, p->n * 7);
    TL_TRY_ALLOC(ctx, p->entry_l2, p->n * 7);
    for (int64_t s = 0; s < p->n_super; s++)
        for (int32_t k = p->super[s]; k < p->super[s + 1]; k++)
            at = place_pivot(p, s, k, at);
    p->entry_at[p->n] = at;
done:
    return err;
}

/* Subtrees: the largest ones with at most 1/TREE_SHARE of the work; the rest in levels above them. */
static tl_err schedule(struct tl_ctx *ctx, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    double *work = NULL;
    int32_t *first = NULL, *level = NULL;
    double all = 0.0;
    TL_TRY_ALLOC(ctx, work, p->n_super);
    TL_TRY_ALLOC(ctx, first, p->n_super);
    TL_TRY_ALLOC(ctx, level, p->n_super);
    TL_TRY_ALLOC(ctx, p->tree_first, p->n_super);
    TL_TRY_ALLOC(ctx, p->tree_last, p->n_super);
    TL_TRY_ALLOC(ctx, p->level_node, p->n_super);
    for (int64_t s = 0; s < p->n_super; s++) {
        double m = (double)n_front(p, s), c = (double)n_pivots(p, s);
        work[s] += c * m * m + 200.0;
        all += c * m * m + 200.0;
        first[s] =
            p->child_at[s + 1] > p->child_at[s] ? first[p->child[p->child_at[s]]] : (int32_t)s;
        if (p->parent[s] >= 0)
            work[p->parent[s]] += work[s];
    }
    double limit = all / TREE_SHARE;
    for (int64_t s = 0; s < p->n_super; s++) {
        level[s] = -1;
        if (work[s] <= limit) {
            if (p->parent[s] < 0 || work[p->parent[s]] > limit) {
                p->tree_first[p->n_trees] = first[s];
                p->tree_last[p->n_trees++] = (int32_t)s;
            }
            continue;
        }
        for (int32_t c = p->child_at[s]; c < p->child_at[s + 1]; c++)
            level[s] = level[p->child[c]] > level[s] ? level[p->child[c]] : level[s];
        level[s]++;
        if (level[s] + 1 > p->n_levels)
            p->n_levels = level[s] + 1;
    }
    TL_TRY_ALLOC(ctx, p->level_at, p->n_levels + 1);
    int32_t at = 0;
    for (int32_t v = 0; v < p->n_levels; v++) {
        p->level_at[v] = at;
        for (int64_t s = 0; s < p->n_super; s++)
            if (level[s] == v)
                p->level_node[at++] = (int32_t)s;
    }
    p->level_at[p->n_levels] = at;
done:
    tl_free(work);
    tl_free(first);
    tl_free(level);
    return err;
}

/* Places in use inside one subtree, ascending; first fit. */
struct live {
    int64_t at[LIVE_MAX], size[LIVE_MAX], peak;
    int n;
};

static int64_t take(struct live *live, int64_t size)
{
    int64_t at = 0;
    int k = 0;
    while (k < live->n && live->at[k] - at < size) {
        at = live->at[k] + live->size[k];
        k++;
    }
    if (live->n == LIVE_MAX) { /* never seen; the place is then simply not reused */
        at = live->peak;
        live->peak += size;
        return at;
    }
    for (int m = live->n; m > k; m--) {
        live->at[m] = live->at[m - 1];
        live->size[m] = live->size[m - 1];
    }
    live->at[k] = at;
    live->size[k] = size;
    live->n++;
    if (at + size > live->peak)
        live->peak = at + size;
    return at;
}

static void give_back(struct live *live, int64_t at)
{
    int k = 0;
    while (k < live->n && live->at[k] != at)
        k++;
    if (k == live->n)
        return;
    live->n--;
    for (; k < live->n; k++) {
        live->at[k] = live->at[k + 1];
        live->size[k] = live->size[k + 1];
    }
}

static int64_t update_size(const struct tl_factor_plan *p, int64_t s)
{
    int64_t m = n_front(p, s) - n_pivots(p, s);
    return m * m;
}

/* Up the tree: an update matrix lives from its own node to its parent. Down: a front lives until its last child. */
static void lay_out_tree(struct tl_factor_plan *p, int64_t t, struct live *live, int64_t base[2])
{
    int32_t first = p->tree_first[t], last = p->tree_last[t];
    live->n = 0;
    live->peak = 0;
    for (int32_t s = first; s <= last; s++) {
        p->update_at[s] = base[0] + take(live, update_size(p, s));
        for (int32_t c = p->child_at[s]; c < p->child_at[s + 1]; c++)
            give_back(live, p->update_at[p->child[c]] - base[0]);
    }
    base[0] += live->peak;
    live->n = 0;
    live->peak = 0;
    for (int32_t s = last; s >= first; s--) {
        p->front_at[s] = base[1] + take(live, n_front(p, s) * n_front(p, s));
        if (p->child_at[s] == p->child_at[s + 1])
            give_back(live, p->front_at[s] - base[1]);
        int32_t up = p->parent[s];
        if (s < last && p->child[p->child_at[up]] == s)
            give_back(live, p->front_at[up] - base[1]);
    }
    base[1] += live->peak;
}

static tl_err lay_out(struct tl_ctx *ctx, struct tl_factor_plan *p)
{
    tl_err err = TL_OK;
    struct live *live = NULL;
    int64_t base[2] = {0, 0};
    TL_TRY_ALLOC(ctx, live, 1);
    TL_TRY_ALLOC(ctx, p->update_at, p->n_super);
    TL_TRY_ALLOC(ctx, p->front_at, p->n_super);
    for (int64_t t = 0; t < p->n_trees; t++)
        lay_out_tree(p, t, live, base);
    for (int64_t k = 0; k < p->level_at[p->n_levels]; k++) {
        int32_t s = p->level_node[k];
        p->update_at[s] = base[0];
        p->front_at[s] = base[1];
        base[0] += update_size(p, s);
        base[1] += n_front(p, s) * n_front(p, s);
    }
    p->n_work = base[0] > base[1] ? base[0] : base[1];
    p->bytes = p->n * (2 * 4 + 8 + 7 * 6) + p->n_rows * 8 + p->n_super * 80;
done:
    tl_free(live);
    return err;
}

tl_err tl_factor_plan_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                             struct tl_factor_plan **plan)
{
    tl_err err = TL_OK;
    struct tl_factor_plan *p = NULL;
    TL_TRY_ALLOC(ctx, p, 1);
    p->grid = *grid;
    p->n = grid->n;
    TL_TRY(symbolic(ctx, p));
    TL_TRY(link_tree(ctx, p));
    TL_TRY(place_entries(ctx, p));
    TL_TRY(schedule(ctx, p));
    TL_TRY(lay_out(ctx, p));
    *plan = p;
    p = NULL;
done:
    tl_factor_plan_free(p);
    return err;
}

void tl_factor_plan_free(struct tl_factor_plan *p)
{
    if (p == NULL)
        return;
    void *owned[] = {p->order,     p->place,     p->super,      p->row_at,    p->value_at,
                     p->rows,      p->in_parent, p->parent,     p->child_at,  p->child,
                     p->entry_at,  p->entry_pos, p->entry_l,    p->entry_l2,  p->tree_first,
                     p->tree_last, p->level_at,  p->level_node, p->update_at, p->front_at};
    for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++)
        tl_free(owned[k]);
    tl_free(p);
}
