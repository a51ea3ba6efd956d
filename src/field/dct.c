/*
 * A fast transform would need 30 times fewer operations and a library more; BLAS makes it good: 1500 x 1500 cells take
 * under a second. Rows go in fixed chunks, each with one-threaded BLAS: the same bits on any number of threads.
 */
#include "field/dct.h"

#include <cblas.h>

#include <math.h>

#include "par/par.h"

#define PI 3.14159265358979323846

static void fill(double *c, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        for (int64_t i = 0; i < n; i++) {
            /* The angle is reduced in whole numbers first, so that high frequencies keep all digits. */
            int64_t turn = k * (2 * i + 1) % (4 * n);
            c[k * n + i] =
                sqrt((k == 0 ? 1.0 : 2.0) / (double)n) * cos(PI * (double)turn / (2.0 * (double)n));
        }
}

tl_err tl_dct_init(struct tl_ctx *ctx, const struct tl_stencil_grid *grid, struct tl_dct *dct)
{
    tl_err err = TL_OK;
    struct tl_dct d = {.grid = *grid};
    TL_TRY_ALLOC(ctx, d.half, grid->n);
    TL_TRY_ALLOC(ctx, d.c_x, grid->n_x * grid->n_x);
    fill(d.c_x, grid->n_x);
    if (grid->n_y == grid->n_x) {
        d.c_y = d.c_x;
    } else {
        TL_TRY_ALLOC(ctx, d.c_y, grid->n_y * grid->n_y);
        fill(d.c_y, grid->n_y);
    }
    *dct = d;
    d = (struct tl_dct){0};
done:
    tl_dct_fini(&d);
    return err;
}

void tl_dct_fini(struct tl_dct *dct)
{
    if (dct->c_y != dct->c_x)
        tl_free(dct->c_y);
    tl_free(dct->c_x);
    tl_free(dct->half);
    *dct = (struct tl_dct){0};
}

struct job {
    const struct tl_dct *dct;
    bool forward;
    double *data;
};

/* half = data C_x' (or data C_x back). */
static void along_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct job *j = user;
    int n_x = (int)j->dct->grid.n_x, rows = (int)(last - first);
    (void)chunk;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, j->forward ? CblasTrans : CblasNoTrans, rows, n_x, n_x,
                1.0, j->data + first * n_x, n_x, j->dct->c_x, n_x, 0.0, j->dct->half + first * n_x,
                n_x);
}

/* data = C_y half (or C_y' half back). */
static void along_columns(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct job *j = user;
    int n_x = (int)j->dct->grid.n_x, n_y = (int)j->dct->grid.n_y, rows = (int)(last - first);
    (void)chunk;
    const double *c = j->forward ? j->dct->c_y + first * n_y : j->dct->c_y + first;
    cblas_dgemm(CblasRowMajor, j->forward ? CblasNoTrans : CblasTrans, CblasNoTrans, rows, n_x, n_y,
                1.0, c, n_y, j->dct->half, n_x, 0.0, j->data + first * n_x, n_x);
}

void tl_dct_transform(struct tl_ctx *ctx, struct tl_dct *dct, bool to_frequencies, double *data)
{
    enum { ROWS = 64 };
    struct job job = {dct, to_frequencies, data};
    tl_par_for(ctx, dct->grid.n_y, ROWS, along_rows, &job);
    tl_par_for(ctx, dct->grid.n_y, ROWS, along_columns, &job);
}

void tl_dct_scale(const struct tl_dct *dct, struct tl_stencil_q q, double power, double *data)
{
    for (int64_t j = 0; j < dct->grid.n_y; j++) {
        double e_y = tl_stencil_eigenvalue(j, dct->grid.n_y);
        for (int64_t k = 0; k < dct->grid.n_x; k++) {
            double root = sqrt(q.c) * (q.a + (e_y + tl_stencil_eigenvalue(k, dct->grid.n_x)) / q.a);
            data[j * dct->grid.n_x + k] *= power == -0.5 ? 1.0 / root : pow(root, 2.0 * power);
        }
    }
}
