#include "evidence/kernel.h"

#include <math.h>

#include "par/par.h"

static const double CUT = 4.0;

struct job {
    const struct tl_grid *grid;
    const struct tl_kernel_point *points;
    int64_t n, row_first;
    double *values; /* of the rows from row_first on */
};

static int64_t clamp(double i, int64_t n)
{
    return i < 0.0 ? 0 : i > (double)(n - 1) ? n - 1 : (int64_t)i;
}

static void add_row(const struct job *job, const struct tl_kernel_point *p, int64_t row)
{
    const struct tl_grid *g = job->grid;
    double y = g->y0_m - ((double)row + 0.5) * g->step_m, dy = y - p->y_m, reach = CUT * p->range_m;
    if (fabs(dy) > reach)
        return;
    double half = sqrt(reach * reach - dy * dy), scale = -0.5 / (p->range_m * p->range_m);
    double from = ceil((p->x_m - half - g->x0_m) / g->step_m - 0.5);
    double to = floor((p->x_m + half - g->x0_m) / g->step_m - 0.5);
    if (to < 0.0 || from > (double)(g->n_x - 1) || to < from)
        return;
    double *values = job->values + (row - job->row_first) * g->n_x;
    for (int64_t c = clamp(from, g->n_x); c <= clamp(to, g->n_x); c++) {
        double dx = g->x0_m + ((double)c + 0.5) * g->step_m - p->x_m;
        values[c] += p->height * exp(scale * (dx * dx + dy * dy));
    }
}

static void add_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct job *job = user;
    (void)chunk;
    for (int64_t row = job->row_first + first; row < job->row_first + last; row++)
        for (int64_t k = 0; k < job->n; k++)
            add_row(job, &job->points[k], row);
}

void tl_kernel_add_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                        int64_t row_end, int64_t n, const struct tl_kernel_point *points,
                        double *values)
{
    struct job job = {grid, points, n, row_first, values};
    tl_par_for(ctx, row_end - row_first, 8, add_rows, &job);
}

void tl_kernel_add(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                   const struct tl_kernel_point *points, double *values)
{
    tl_kernel_add_rows(ctx, grid, 0, grid->n_y, n, points, values);
}
