/*
 * Multifrontal Cholesky (Duff, Reid 1983; Liu 1992) on CHOLMOD's supernodal structure. The numeric part is ours, not
 * CHOLMOD's, because it can then use all cores along the tree with one-threaded BLAS kernels and give the same bits on
 * any number of threads; CHOLMOD's depends on how many threads BLAS takes. Figures in docs/rooms/field.md.
 *
 * At supernode s: front = entries of A + update matrices of the children; the pivots' columns become L, the rest is
 * handed up as U = F_RR - L_RJ L_RJ'. Only lower triangles are kept.
 */
#include "field/factor.h"

#include <cblas.h>

#include <math.h>
#include <string.h>

#include "par/par.h"

/* LAPACK's own name; OpenBLAS brings it without a C header that is sure to be installed. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);

struct walk {
    struct tl_factor *factor;
    tl_factor_node node;
    void *user;
    double work_per_value;
    const int32_t *nodes; /* of a level */
};

static void walk_trees_up(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct walk *w = user;
    (void)chunk;
    for (int64_t t = first; t < last; t++)
        for (int32_t s = w->factor->plan->tree_first[t]; s <= w->factor->plan->tree_last[t]; s++)
            w->node(w->factor, s, w->user);
}

static void walk_trees_down(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct walk *w = user;
    (void)chunk;
    for (int64_t t = first; t < last; t++)
        for (int32_t s = w->factor->plan->tree_last[t]; s >= w->factor->plan->tree_first[t]; s--)
            w->node(w->factor, s, w->user);
}

static void walk_level(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct walk *w = user;
    (void)chunk;
    for (int64_t k = first; k < last; k++)
        w->node(w->factor, w->nodes[k], w->user);
}

static void run_level(struct tl_ctx *ctx, struct walk *w, int64_t level)
{
    const struct tl_factor_plan *p = w->factor->plan;
    int64_t n = p->level_at[level + 1] - p->level_at[level];
    w->nodes = p->level_node + p->level_at[level];
    /* In a solve the levels above the subtrees are too little work for a region of threads each. */
    if (w->work_per_value < 1000.0)
        walk_level(w, 0, n, 0);
    else
        tl_par_for(ctx, n, 1, walk_level, w);
}

/*
 * A region of threads costs some microseconds, and on a busy machine each waits for a neighbour to be given its core
 * again. Up to 128 x 128 cells a second thread gains a quarter when idle and loses a multiple when busy, so such walks
 * are left to one thread; the bits are the same either way. Work per value is in parts of a factorisation's / 1000.
 */
static bool is_short(const struct tl_factor *factor, double work_per_value)
{
    return work_per_value * (double)factor->plan->n_values < 4e9;
}

tl_err tl_factor_walk_up(struct tl_ctx *ctx, struct tl_factor *factor, double work_per_value,
                         tl_factor_node node, void *user)
{
    struct walk w = {factor, node, user, work_per_value, NULL};
    for (int64_t s = 0; s < factor->plan->n_super && is_short(factor, work_per_value); s++)
        node(factor, s, user);
    if (is_short(factor, work_per_value))
        return tl_cancelled(ctx);
    tl_par_for(ctx, factor->plan->n_trees, 1, walk_trees_up, &w);
    for (int64_t level = 0; level < factor->plan->n_levels; level++)
        run_level(ctx, &w, level);
    return tl_cancelled(ctx);
}

tl_err tl_factor_walk_down(struct tl_ctx *ctx, struct tl_factor *factor, double work_per_value,
                           tl_factor_node node, void *user)
{
    struct walk w = {factor, node, user, work_per_value, NULL};
    for (int64_t s = factor->plan->n_super - 1; s >= 0 && is_short(factor, work_per_value); s--)
        node(factor, s, user);
    if (is_short(factor, work_per_value))
        return tl_cancelled(ctx);
    for (int64_t level = factor->plan->n_levels - 1; level >= 0; level--)
        run_level(ctx, &w, level);
    tl_par_for(ctx, factor->plan->n_trees, 1, walk_trees_down, &w);
    return tl_cancelled(ctx);
}

tl_err tl_factor_init(struct tl_ctx *ctx, const struct tl_factor_plan *plan, int64_t max_rhs,
                      struct tl_factor *factor)
{
    tl_err err = TL_OK;
    struct tl_factor f = {.plan = plan, .max_rhs = max_rhs};
    TL_TRY_ALLOC(ctx, f.values, plan->n_values);
    TL_TRY_ALLOC(ctx, f.work, plan->n_work);
    TL_TRY_ALLOC(ctx, f.solve_work, plan->n_rows * max_rhs);
    TL_TRY_ALLOC(ctx, f.solve_x, plan->n * max_rhs);
    TL_TRY_ALLOC(ctx, f.part, plan->n_super * 4);
    *factor = f;
    f = (struct tl_factor){0};
done:
    tl_factor_fini(&f);
    return err;
}

void tl_factor_fini(struct tl_factor *factor)
{
    tl_free(factor->values);
    tl_free(factor->work);
    tl_free(factor->solve_work);
    tl_free(factor->solve_x);
    tl_free(factor->part);
    *factor = (struct tl_factor){0};
}

struct numeric {
    struct tl_stencil_q q;
    const double *w;
};

static void add_entries(const struct tl_factor_plan *p, const struct numeric *in, int64_t s,
                        double *l, int64_t n_row)
{
    double one = in->q.c * in->q.a * in->q.a, two = 2.0 * in->q.c;
    double three = in->q.c / (in->q.a * in->q.a);
    for (int32_t k = p->super[s]; k < p->super[s + 1]; k++) {
        double *column = l + (k - p->super[s]) * n_row;
        for (int64_t e = p->entry_at[k]; e < p->entry_at[k + 1]; e++)
            column[p->entry_pos[e]] += two * p->entry_l[e] + three * p->entry_l2[e];
        column[k - p->super[s]] += one + (in->w != NULL ? in->w[p->order[k]] : 0.0);
    }
}

/* Adds a child's update matrix (lower triangle) to the parent's front: its pivots' columns, and its own update. */
static void add_child(struct tl_factor *f, int64_t s, int64_t child, double *l, double *u)
{
    const struct tl_factor_plan *p = f->plan;
    int64_t n_row = p->row_at[s + 1] - p->row_at[s], n_pivot = p->super[s + 1] - p->super[s];
    int64_t below = p->super[child + 1] - p->super[child], m = n_row - n_pivot;
    int64_t size = p->row_at[child + 1] - p->row_at[child] - below;
    const int32_t *to = p->in_parent + p->row_at[child] + below;
    const double *from = f->work + p->update_at[child];
    for (int64_t c = 0; c < size; c++, from += size) {
        double *column = to[c] < n_pivot ? l + to[c] * n_row : u + (to[c] - n_pivot) * m - n_pivot;
        for (int64_t r = c; r < size;) {
            /* Rows come in runs, which the compiler can then add as vectors. */
            int64_t run = r + 1;
            while (run < size && to[run] == to[run - 1] + 1)
                run++;
            double *out = column + to[r];
            for (int64_t k = r; k < run; k++)
                out[k - r] += from[k];
            r = run;
        }
    }
}

static void factor_node(struct tl_factor *f, int64_t s, void *user)
{
    const struct tl_factor_plan *p = f->plan;
    int n_row = (int)(p->row_at[s + 1] - p->row_at[s]), n_pivot = p->super[s + 1] - p->super[s];
    int m = n_row - n_pivot, info = 0;
    double *l = f->values + p->value_at[s], *u = f->work + p->update_at[s], logs = 0.0;
    memset(l, 0, (size_t)n_row * (size_t)n_pivot * sizeof *l);
    memset(u, 0, (size_t)m * (size_t)m * sizeof *u);
    add_entries(p, user, s, l, n_row);
    for (int32_t c = p->child_at[s]; c < p->child_at[s + 1]; c++)
        add_child(f, s, p->child[c], l, u);
    dpotrf_("L", &n_pivot, l, &n_row, &info);
    f->part[4 * s + 1] = info != 0;
    if (info != 0)
        return;
    if (m > 0) {
        cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, m, n_pivot,
                    1.0, l, n_row, l + n_pivot, n_row);
        cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, m, n_pivot, -1.0, l + n_pivot, n_row,
                    1.0, u, m);
    }
    for (int k = 0; k < n_pivot; k++)
        logs += log(l[k * (int64_t)n_row + k]);
    f->part[4 * s] = logs;
}

tl_err tl_factor_compute(struct tl_ctx *ctx, struct tl_factor *factor, struct tl_stencil_q q,
                         const double *w)
{
    tl_err err = TL_OK;
    struct numeric in = {q, w};
    double logs = 0.0;
    TL_TRY(tl_factor_walk_up(ctx, factor, 1000.0, factor_node, &in));
    factor->n_done++;
    for (int64_t s = 0; s < factor->plan->n_super; s++) {
        logs += factor->part[4 * s];
        if (factor->part[4 * s + 1] != 0.0 || !isfinite(factor->part[4 * s]))
            TL_THROW(ctx, TL_ENUMERIC,
                     "the field's matrix is not positive definite at pivot %d of %lld (range %.3g "
                     "cells, sigma %.3g)",
                     factor->plan->super[s], (long long)factor->plan->n, sqrt(8.0) / q.a,
                     sqrt(1.0 / (4.0 * 3.14159265358979323846 * q.c)));
    }
    factor->logdet = 2.0 * logs;
done:
    return err;
}
