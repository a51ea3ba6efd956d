#include "evidence/kernel.h"

#include <math.h>

#include "par/par.h"

static const double CUT = 4.0;

struct job {
    const struct tl_grid *grid;
    const struct tl_kernel_point *points;
    int64_t n;
    const int64_t *box; /* first column, first row, columns, rows */
    double *values;     /* of the box */
};

static int64_t clamp(double i, int64_t first, int64_t last)
{
    return i < (double)first ? first : i > (double)last ? last : (int64_t)i;
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
    int64_t west = job->box[0], east = west + job->box[2] - 1;
    if (to < (double)west || from > (double)east || to < from)
        return;
    double *values = job->values + (row - job->box[1]) * job->box[2] - west;
    for (int64_t c = clamp(from, west, east); c <= clamp(to, west, east); c++) {
        double dx = g->x0_m + ((double)c + 0.5) * g->step_m - p->x_m;
        values[c] += p->height * exp(scale * (dx * dx + dy * dy));
    }
}

static void add_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct job *job = user;
    (void)chunk;
    for (int64_t row = job->box[1] + first; row < job->box[1] + last; row++)
        for (int64_t k = 0; k < job->n; k++)
            add_row(job, &job->points[k], row);
}

void tl_kernel_add_box(struct tl_ctx *ctx, const struct tl_grid *grid, const int64_t box[4],
                       int64_t n, const struct tl_kernel_point *points, double *values)
{
    struct job job = {grid, points, n, box, values};
    tl_par_for(ctx, box[3], 8, add_rows, &job);
}

void tl_kernel_add_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                        int64_t row_end, int64_t n, const struct tl_kernel_point *points,
                        double *values)
{
    const int64_t box[4] = {0, row_first, grid->n_x, row_end - row_first};
    tl_kernel_add_box(ctx, grid, box, n, points, values);
}

void tl_kernel_add(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                   const struct tl_kernel_point *points, double *values)
{
    tl_kernel_add_rows(ctx, grid, 0, grid->n_y, n, points, values);
}
