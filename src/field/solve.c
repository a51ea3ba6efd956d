/*
 * Solves with the factor, several right-hand sides at once. Up the tree each supernode hands its parent a short vector
 * instead of writing into a shared one, so that sums are made in the same order on any number of threads.
 */
#include "field/factor.h"

#include <cblas.h>

#include "par/par.h"

struct rhs {
    int n;
};

static void forward_node(struct tl_factor *f, int64_t s, void *user)
{
    const struct tl_factor_plan *p = f->plan;
    const struct rhs *rhs = user;
    int n_row = (int)(p->row_at[s + 1] - p->row_at[s]), n_pivot = p->super[s + 1] - p->super[s];
    double *front = f->solve_work + p->row_at[s] * rhs->n;
    const double *l = f->values + p->value_at[s];
    for (int j = 0; j < rhs->n; j++) {
        double *column = front + (int64_t)j * n_row;
        const double *x = f->solve_x + j * p->n + p->super[s];
        for (int k = 0; k < n_pivot; k++)
            column[k] = x[k];
        for (int k = n_pivot; k < n_row; k++)
            column[k] = 0.0;
        for (int32_t c = p->child_at[s]; c < p->child_at[s + 1]; c++) {
            int64_t child = p->child[c], below = p->super[child + 1] - p->super[child];
            int64_t size = p->row_at[child + 1] - p->row_at[child];
            const int32_t *to = p->in_parent + p->row_at[child];
            const double *from = f->solve_work + p->row_at[child] * rhs->n + j * size;
            for (int64_t k = below; k < size; k++)
                column[to[k]] += from[k];
        }
    }
    if (rhs->n == 1) {
        cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, n_pivot, l, n_row, front,
                    1);
        if (n_row > n_pivot)
            cblas_dgemv(CblasColMajor, CblasNoTrans, n_row - n_pivot, n_pivot, -1.0, l + n_pivot,
                        n_row, front, 1, 1.0, front + n_pivot, 1);
    } else {
        cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n_pivot,
                    rhs->n, 1.0, l, n_row, front, n_row);
        if (n_row > n_pivot)
            cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n_row - n_pivot, rhs->n, n_pivot,
                        -1.0, l + n_pivot, n_row, front, n_row, 1.0, front + n_pivot, n_row);
    }
    for (int j = 0; j < rhs->n; j++)
        for (int k = 0; k < n_pivot; k++)
            f->solve_x[j * p->n + p->super[s] + k] = front[(int64_t)j * n_row + k];
}

static void backward_node(struct tl_factor *f, int64_t s, void *user)
{
    const struct tl_factor_plan *p = f->plan;
    const struct rhs *rhs = user;
    int n_row = (int)(p->row_at[s + 1] - p->row_at[s]), n_pivot = p->super[s + 1] - p->super[s];
    double *front = f->solve_work + p->row_at[s] * rhs->n;
    const double *l = f->values + p->value_at[s];
    const int32_t *rows = p->rows + p->row_at[s];
    for (int j = 0; j < rhs->n; j++)
        for (int k = 0; k < n_row; k++)
            front[(int64_t)j * n_row + k] = f->solve_x[j * p->n + rows[k]];
    if (rhs->n == 1) {
        if (n_row > n_pivot)
            cblas_dgemv(CblasColMajor, CblasTrans, n_row - n_pivot, n_pivot, -1.0, l + n_pivot,
                        n_row, front + n_pivot, 1, 1.0, front, 1);
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, n_pivot, l, n_row, front,
                    1);
    } else {
        if (n_row > n_pivot)
            cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, n_pivot, rhs->n, n_row - n_pivot,
                        -1.0, l + n_pivot, n_row, front + n_pivot, n_row, 1.0, front, n_row);
        cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n_pivot, rhs->n,
                    1.0, l, n_row, front, n_row);
    }
    for (int j = 0; j < rhs->n; j++)
        for (int k = 0; k < n_pivot; k++)
            f->solve_x[j * p->n + p->super[s] + k] = front[(int64_t)j * n_row + k];
}

static void copy_out(struct tl_factor *f, int64_t n_rhs, double *x)
{
    const struct tl_factor_plan *p = f->plan;
    for (int64_t j = 0; j < n_rhs; j++)
        for (int64_t k = 0; k < p->n; k++)
            x[j * p->n + p->order[k]] = f->solve_x[j * p->n + k];
}

/* Columns at a time, as many as there is work space for. */
static tl_err solve_block(struct tl_ctx *ctx, struct tl_factor *f, int64_t n_rhs, const double *b,
                          double *x)
{
    tl_err err = TL_OK;
    const struct tl_factor_plan *p = f->plan;
    struct rhs rhs = {(int)n_rhs};
    for (int64_t j = 0; j < n_rhs; j++)
        for (int64_t k = 0; k < p->n; k++)
            f->solve_x[j * p->n + k] = b[j * p->n + p->order[k]];
    TL_TRY(tl_factor_walk_up(ctx, f, 450.0 * (double)n_rhs, forward_node, &rhs));
    TL_TRY(tl_factor_walk_down(ctx, f, 450.0 * (double)n_rhs, backward_node, &rhs));
    copy_out(f, n_rhs, x);
done:
    return err;
}

tl_err tl_factor_solve(struct tl_ctx *ctx, struct tl_factor *factor, int64_t n_rhs, const double *b,
                       double *x)
{
    tl_err err = TL_OK;
    for (int64_t at = 0; at < n_rhs; at += factor->max_rhs) {
        int64_t n = n_rhs - at < factor->max_rhs ? n_rhs - at : factor->max_rhs;
        TL_TRY(solve_block(ctx, factor, n, b + at * factor->plan->n, x + at * factor->plan->n));
    }
done:
    return err;
}

tl_err tl_factor_solve_half(struct tl_ctx *ctx, struct tl_factor *factor, int64_t n_rhs,
                            const double *z, double *x)
{
    tl_err err = TL_OK;
    int64_t n = factor->plan->n;
    for (int64_t at = 0; at < n_rhs; at += factor->max_rhs) {
        int64_t m = n_rhs - at < factor->max_rhs ? n_rhs - at : factor->max_rhs;
        struct rhs rhs = {(int)m};
        for (int64_t k = 0; k < m * n; k++)
            factor->solve_x[k] = z[at * n + k];
        TL_TRY(tl_factor_walk_down(ctx, factor, 450.0 * (double)m, backward_node, &rhs));
        copy_out(factor, m, x + at * n);
    }
done:
    return err;
}
