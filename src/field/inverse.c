/*
 * Selected inverse (Takahashi, Fagan, Chen 1973) on the supernodal factor, down the tree with BLAS-3. At supernode s
 * with pivots J and rows R below, S = A^-1 on R is part of the parent's front; with Y = L_RJ L_JJ^-1
 *     S_RJ = -S_RR Y,   S_JJ = (L_JJ L_JJ')^-1 - Y' S_RJ.
 * A front is kept full (both triangles, so that products are plain dgemm) and only until its children are done: the
 * inverse is never stored, we take the variances and the traces from each front as it passes.
 */
#include "field/factor.h"

#include <cblas.h>

#include <string.h>

extern void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);

static void gather(const struct tl_factor *f, int64_t s, double *front, int64_t n_row,
                   int64_t n_pivot)
{
    const struct tl_factor_plan *p = f->plan;
    int64_t up = p->parent[s];
    if (up < 0)
        return;
    int64_t up_rows = p->row_at[up + 1] - p->row_at[up];
    const double *from = f->work + p->front_at[up];
    const int32_t *at = p->in_parent + p->row_at[s];
    for (int64_t c = n_pivot; c < n_row; c++) {
        const double *in = from + at[c] * up_rows;
        double *out = front + c * n_row;
        for (int64_t r = n_pivot; r < n_row; r++)
            out[r] = in[at[r]];
    }
}

/* Lower triangle to upper, in blocks for the cache. */
static void mirror(double *a, int64_t n, int64_t stride)
{
    enum { BLOCK = 32 };
    for (int64_t b = 0; b < n; b += BLOCK)
        for (int64_t c = 0; c < n; c++)
            for (int64_t r = b > c + 1 ? b : c + 1; r < b + BLOCK && r < n; r++)
                a[r * stride + c] = a[c * stride + r];
}

static void collect(struct tl_factor *f, int64_t s, const double *front, int64_t n_row,
                    double *variance)
{
    const struct tl_factor_plan *p = f->plan;
    double sum_l = 0.0, sum_l2 = 0.0;
    for (int32_t k = p->super[s]; k < p->super[s + 1]; k++) {
        int64_t c = k - p->super[s];
        const double *column = front + c * n_row;
        variance[p->order[k]] = column[c];
        for (int64_t e = p->entry_at[k]; e < p->entry_at[k + 1]; e++) {
            double v = column[p->entry_pos[e]] * (p->entry_pos[e] == c ? 1.0 : 2.0);
            sum_l += v * p->entry_l[e];
            sum_l2 += v * p->entry_l2[e];
        }
    }
    f->part[4 * s + 2] = sum_l;
    f->part[4 * s + 3] = sum_l2;
}

static void inverse_node(struct tl_factor *f, int64_t s, void *user)
{
    const struct tl_factor_plan *p = f->plan;
    int n_row = (int)(p->row_at[s + 1] - p->row_at[s]), n_pivot = p->super[s + 1] - p->super[s];
    int m = n_row - n_pivot, info = 0;
    const double *l = f->values + p->value_at[s];
    double *front = f->work + p->front_at[s], *y = front + n_pivot;
    double *right = front + (int64_t)n_pivot * n_row;
    gather(f, s, front, n_row, n_pivot);
    for (int c = 0; c < n_pivot; c++)
        memcpy(front + (int64_t)c * n_row, l + (int64_t)c * n_row, (size_t)n_row * sizeof *l);
    if (m > 0)
        cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, m, n_pivot,
                    1.0, l, n_row, y, n_row);
    dpotri_("L", &n_pivot, front, &n_row, &info);
    mirror(front, n_pivot, n_row);
    if (m > 0) {
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, n_pivot, m, m, -1.0, y, n_row,
                    right + n_pivot, n_row, 0.0, right, n_row);
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n_pivot, n_pivot, m, -1.0, right,
                    n_row, y, n_row, 1.0, front, n_row);
        for (int64_t c = 0; c < n_pivot; c++)
            for (int64_t r = n_pivot; r < n_row; r++)
                front[c * n_row + r] = front[r * n_row + c];
    }
    collect(f, s, front, n_row, user);
}

tl_err tl_factor_inverse(struct tl_ctx *ctx, struct tl_factor *factor, double *variance,
                         double *trace_l, double *trace_l2)
{
    tl_err err = TL_OK;
    double sum_l = 0.0, sum_l2 = 0.0;
    TL_TRY(tl_factor_walk_down(ctx, factor, 2000.0, inverse_node, variance));
    for (int64_t s = 0; s < factor->plan->n_super; s++) {
        sum_l += factor->part[4 * s + 2];
        sum_l2 += factor->part[4 * s + 3];
    }
    *trace_l = sum_l;
    *trace_l2 = sum_l2;
done:
    return err;
}
