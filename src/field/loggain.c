/**
 * Method. g(R) = log|Q_R + W_R| - log|Q_R| of a rectangle R alone (Neumann edges, as the grid's own) is what its data tell about its own field. The grid's is
 * that of its overlapping rectangles, less that of the overlaps (a junction tree, as if what lies on either side of an overlap told each other
 * nothing beyond what the overlap tells both):
 *     g ~ sum over rows of strips j, j + 1 together - sum over strips j between,   and the same along the rows, in longer stretches.
 * What is left falls as exp(-2 kappa tile), because it has to reach over the overlap and back: with a tile of one and a half ranges it is a few
 * millionths. Longer ranges get levels: a cell of level l + 1 is 2 x 2 cells of level l (weights added, a doubled), and
 *     g_0 = (g_0 - g_1) + g_1,
 * where the difference of two levels on the same rectangle is short-ranged whatever the range is, so that its rectangles may be small.
 * Level 0 costs what one level costs, all others together 40 % more. Any number of levels is exact where one window holds the grid.
 *
 * Lanes of the kernel (bvkernel.h) are windows; it eliminates column after column, 4 m^3 operations each.
 */
#include "field/loggain.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "field/bvkernel.h"
#include "par/par.h"

enum {
    MAX_LEVELS = 12,
    MAX_LANES = 16,
    STRETCH = 384,
    TILE_LEAST = 8,
    TILE_USUAL = 24,
    TILE_MOST = 256
};

/* Ranges of a tile that needs no further level; where the usual tile ends; of the coarsest level's where there are several. */
static const double REACH = 2.5, REACH_USUAL = 1.8, REACH_COARSE = 1.5;

/* What a rectangle has on its own: log|Q|, the same for all of one shape. */
struct shape {
    int64_t n_x, n_y;
    double logdet;
};

struct part {
    int64_t from, to;
    int sign;
};

struct parts {
    struct part *at; /* owns */
    int64_t n;
};

struct window {
    int64_t x0, x1, y0, y1; /* cells of its level */
    double sign, base;      /* base: log|Q| */
    double gain;
};

struct level {
    struct tl_stencil_grid grid;
    struct tl_stencil_q q;
    const float *w;
    float *own; /* owns: w of the coarser levels */
};

struct worker {
    atomic_flag taken;
    void *memory; /* owns */
};

struct job {
    struct tl_ctx *ctx;
    const struct tl_bvkernel *kernel;
    struct level level[MAX_LEVELS];
    int n_levels, n_workers;
    struct worker *worker;  /* owns: [n_workers] */
    struct window *window;  /* owns: those of one kind on one level */
    const struct level *at; /* level under way */
    atomic_int bad;
    double prior; /* signed sum of log|Q| over all windows of a level, with weights or without */
    double off;   /* what such sums are off by, each level's alone */
    double n_listed, n_weighted; /* windows of level 0 */
};

static int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A batch of windows, lane by lane. */
struct batch {
    const struct tl_bvkernel *kernel;
    const struct level *level;
    const struct window *window;
    int n;
    int64_t m, least_x; /* rows of the kernel; columns of the narrowest window */
    double a2, w_scale;
};

static int degree(const struct window *w, int64_t x, int64_t y)
{
    return (x > w->x0) + (x + 1 < w->x1) + (y > w->y0) + (y + 1 < w->y1);
}

static bool has(const struct window *w, int64_t x, int64_t y)
{
    return x >= w->x0 && x < w->x1 && y >= w->y0 && y < w->y1;
}

/* Entries of (a^2 / c) Q as bvwindow.c has them, the window's edges being the grid's. */
static double coupling(const struct batch *b, const struct window *w, int64_t x, int64_t y,
                       int64_t dx, int64_t dy)
{
    if (!has(w, x, y) || !has(w, x + dx, y + dy))
        return 0.0;
    if (dx * dx + dy * dy == 1)
        return -degree(w, x, y) - degree(w, x + dx, y + dy) - 2.0 * b->a2;
    return dx != 0 && dy != 0 ? 2.0 : 1.0;
}

static void fill_couplings(const struct batch *b, int64_t column, double *coef)
{
    static const int8_t step[TL_BVKERNEL_N][2] = {
        [TL_BVKERNEL_DOWN] = {0, 1},  [TL_BVKERNEL_DOWN2] = {0, 2},  [TL_BVKERNEL_NEXT] = {1, 0},
        [TL_BVKERNEL_NEXTD] = {1, 1}, [TL_BVKERNEL_NEXTU] = {1, -1}, [TL_BVKERNEL_NEXT2] = {2, 0}};
    int lanes = b->kernel->lanes;
    for (int which = TL_BVKERNEL_DOWN; which < TL_BVKERNEL_N; which++)
        for (int64_t r = 0; r < b->m; r++)
            for (int l = 0; l < lanes; l++) {
                const struct window *w = &b->window[l < b->n ? l : 0];
                coef[(which * b->m + r) * lanes + l] =
                    coupling(b, w, w->x0 + column, w->y0 + r, step[which][0], step[which][1]);
            }
}

static void fill_diagonal(const struct batch *b, int64_t column, double *coef)
{
    int lanes = b->kernel->lanes;
    double *high = coef + TL_BVKERNEL_HIGH * b->m * lanes;
    for (int l = 0; l < lanes; l++) {
        const struct window *w = &b->window[l < b->n ? l : 0];
        int64_t x = w->x0 + column, n = x < w->x1 ? w->y1 - w->y0 : 0;
        const float *weight = b->level->w + w->y0 * b->level->grid.n_x + x;
        for (int64_t r = 0; r < n; r++) {
            double d = degree(w, x, w->y0 + r);
            high[r * lanes + l] = d * d + d + 2.0 * b->a2 * d + b->a2 * b->a2 +
                                  b->w_scale * (double)weight[r * b->level->grid.n_x];
        }
        for (int64_t r = n; r < b->m; r++)
            high[r * lanes + l] = 1.0;
    }
}

static void fill(void *user, int64_t column, void *coef)
{
    const struct batch *b = user;
    if (column == 0)
        memset(coef, 0, (size_t)(TL_BVKERNEL_N * b->m * b->kernel->lanes) * sizeof(double));
    /* Inside they are the same from column to column. */
    if (column < 2 || column + 2 >= b->least_x)
        fill_couplings(b, column, coef);
    fill_diagonal(b, column, coef);
}

static struct worker *take_worker(struct job *job)
{
    for (;;)
        for (int i = 0; i < job->n_workers; i++)
            if (!atomic_flag_test_and_set_explicit(&job->worker[i].taken, memory_order_acquire))
                return &job->worker[i];
}

static void run_batch(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct job *job = user;
    struct worker *me = take_worker(job);
    double logdet[MAX_LANES], least[MAX_LANES];
    struct window *window = job->window + first;
    struct tl_stencil_q q = job->at->q;
    struct batch b = {.kernel = job->kernel,
                      .level = job->at,
                      .window = window,
                      .n = (int)(last - first),
                      .least_x = window[0].x1 - window[0].x0,
                      .a2 = q.a * q.a,
                      .w_scale = q.a * q.a / q.c};
    struct tl_bvkernel_columns columns = {
        .memory = me->memory, .user = &b, .fill = fill, .logdet = logdet, .least = least};
    (void)chunk;
    for (int l = 0; l < b.n; l++) {
        int64_t n_x = window[l].x1 - window[l].x0;
        b.least_x = least_of(b.least_x, n_x);
        b.m = most_of(b.m, (window[l].y1 - window[l].y0 + 3) / 4 * 4);
        columns.n = most_of(columns.n, n_x);
    }
    columns.m = b.m;
    job->kernel->logdet(&columns);
    for (int l = 0; l < b.n; l++) {
        double n = (double)((window[l].x1 - window[l].x0) * (window[l].y1 - window[l].y0));
        window[l].gain = logdet[l] - n * log(b.w_scale) - window[l].base;
        if (!(least[l] > 0.0))
            atomic_store(&job->bad, 1);
    }
    atomic_flag_clear_explicit(&me->taken, memory_order_release);
}

/* [0, n) in stretches of `step` that overlap by `overlap`, the overlaps taken off again. */
static tl_err make_parts(struct tl_ctx *ctx, int64_t n, int64_t step, int64_t overlap, int sign,
                         struct parts *p)
{
    tl_err err = TL_OK;
    int64_t n_parts = n <= step + overlap ? 1 : (n - overlap + step - 1) / step;
    *p = (struct parts){.n = sign > 0 ? n_parts : n_parts - 1};
    TL_TRY_ALLOC(ctx, p->at, n_parts);
    for (int64_t k = 0; k < p->n; k++) {
        int64_t from = (sign > 0 ? k : k + 1) * step;
        p->at[k] = (struct part){
            from, sign > 0 ? least_of(from + step + overlap, n) : from + overlap, sign};
        if (n_parts == 1)
            p->at[k].to = n;
    }
done:
    return err;
}

static bool has_weight(const struct level *v, const struct part *x, const struct part *y)
{
    for (int64_t r = y->from; r < y->to; r++)
        for (int64_t c = x->from; c < x->to; c++)
            if (v->w[r * v->grid.n_x + c] != 0.0F)
                return true;
    return false;
}

/* log|Q| of a shape: few differ, and one after the other they are mostly the same. */
static double base_of(struct shape known[4], struct tl_stencil_q q, int64_t n_x, int64_t n_y)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(n_x, n_y);
    for (int k = 0; k < 4; k++)
        if (known[k].n_x == n_x && known[k].n_y == n_y)
            return known[k].logdet;
    memmove(known + 1, known, 3 * sizeof *known);
    known[0] = (struct shape){n_x, n_y, tl_stencil_logdet(&grid, q, NULL)};
    return known[0].logdet;
}

/* The windows of every part of x with every part of y that have weights, on `up` halved (a coarser level's cells). */
static tl_err list_windows(struct job *job, const struct level *fine, bool halved,
                           const struct parts *xs, const struct parts *ys, double sign, int64_t *n)
{
    tl_err err = TL_OK;
    struct shape known[4] = {{0, 0, 0.0}};
    *n = 0;
    TL_TRY_ALLOC(job->ctx, job->window, xs->n * ys->n);
    for (int64_t i = 0; i < xs->n; i++)
        for (int64_t j = 0; j < ys->n; j++) {
            struct part x = xs->at[i], y = ys->at[j];
            struct window w = {x.from, x.to, y.from, y.to, sign * x.sign * y.sign, 0.0, 0.0};
            if (halved)
                w = (struct window){
                    x.from / 2, (x.to + 1) / 2, y.from / 2, (y.to + 1) / 2, w.sign, 0.0, 0.0};
            w.base = base_of(known, job->at->q, w.x1 - w.x0, w.y1 - w.y0);
            job->prior += w.sign * w.base;
            job->n_listed += fine == job->level;
            if (!has_weight(fine, &x, &y))
                continue;
            job->n_weighted += fine == job->level;
            job->window[(*n)++] = w;
        }
done:
    return err;
}

/* The signed sum over the windows of a level, in its own cells or the next coarser level's. */
static tl_err sum_windows(struct job *job, int l, bool halved, const struct parts x[2],
                          const struct parts y[2], double *sum)
{
    tl_err err = TL_OK;
    job->at = &job->level[halved ? l + 1 : l];
    for (int kind = 0; kind < 4; kind++) {
        int64_t n = 0;
        TL_TRY(list_windows(job, &job->level[l], halved, &x[kind / 2], &y[kind % 2],
                            halved ? -1.0 : 1.0, &n));
        tl_par_for(job->ctx, n, job->kernel->lanes, run_batch, job);
        TL_TRY(tl_cancelled(job->ctx));
        if (atomic_load(&job->bad) != 0)
            TL_THROW(job->ctx, TL_ENUMERIC,
                     "evidence: Q + W is not positive definite in a window; expected finite "
                     "weights >= 0");
        for (int64_t k = 0; k < n; k++)
            *sum += job->window[k].sign * job->window[k].gain;
        tl_free(job->window);
        job->window = NULL;
    }
done:
    return err;
}

static double prior_of(const struct job *job, int l)
{
    return tl_stencil_logdet(&job->level[l].grid, job->level[l].q, NULL);
}

static tl_err add_level(struct job *job, const struct tl_loggain_plan *plan, int l, double *sum)
{
    tl_err err = TL_OK;
    struct parts x[2] = {{NULL, 0}, {NULL, 0}}, y[2] = {{NULL, 0}, {NULL, 0}};
    const struct tl_stencil_grid *grid = &job->level[l].grid;
    job->prior = 0.0;
    for (int k = 0; k < 2; k++) {
        int sign = k == 0 ? 1 : -1;
        TL_TRY(make_parts(job->ctx, grid->n_x, plan->stretch, plan->tile, sign, &x[k]));
        TL_TRY(make_parts(job->ctx, grid->n_y, plan->tile, plan->tile, sign, &y[k]));
    }
    TL_TRY(sum_windows(job, l, false, x, y, sum));
    if (l + 1 < job->n_levels)
        TL_TRY(sum_windows(job, l, true, x, y, sum));
    job->off +=
        fabs(job->prior - prior_of(job, l) + (l + 1 < job->n_levels ? prior_of(job, l + 1) : 0.0));
done:
    for (int k = 0; k < 2; k++) {
        tl_free(x[k].at);
        tl_free(y[k].at);
    }
    return err;
}

struct coarsen {
    const struct level *fine, *coarse;
    float *to;
};

static double sum_of_four(const struct level *fine, int64_t x, int64_t y)
{
    int64_t x_1 = least_of(2 * x + 2, fine->grid.n_x), y_1 = least_of(2 * y + 2, fine->grid.n_y);
    double sum = 0.0;
    for (int64_t v = 2 * y; v < y_1; v++)
        for (int64_t u = 2 * x; u < x_1; u++)
            sum += (double)fine->w[v * fine->grid.n_x + u];
    return sum;
}

static void coarsen_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct coarsen *c = user;
    int64_t n_x = c->coarse->grid.n_x;
    (void)chunk;
    for (int64_t y = first; y < last; y++)
        for (int64_t x = 0; x < n_x; x++)
            c->to[y * n_x + x] = (float)sum_of_four(c->fine, x, y);
}

static bool fits_one(const struct tl_stencil_grid *grid, const struct tl_loggain_plan *plan)
{
    return grid->n_x <= plan->stretch + plan->tile && grid->n_y <= 2 * plan->tile;
}

static tl_err make_levels(struct job *job, const struct tl_stencil_grid *grid,
                          struct tl_stencil_q q, const float *w, const struct tl_loggain_plan *plan)
{
    tl_err err = TL_OK;
    job->level[0] = (struct level){*grid, q, w, NULL};
    job->n_levels = 1;
    while (job->n_levels < plan->n_levels && !fits_one(&job->level[job->n_levels - 1].grid, plan)) {
        struct level *fine = &job->level[job->n_levels - 1], *v = fine + 1;
        v->grid = tl_stencil_grid_of((fine->grid.n_x + 1) / 2, (fine->grid.n_y + 1) / 2);
        v->q = (struct tl_stencil_q){2.0 * fine->q.a, fine->q.c};
        TL_TRY_PAR_ALLOC(job->ctx, v->own, v->grid.n);
        v->w = v->own;
        struct coarsen c = {fine, v, v->own};
        tl_par_for(job->ctx, v->grid.n_y, 16, coarsen_rows, &c);
        job->n_levels++;
    }
done:
    return err;
}

static tl_err make_workers(struct job *job, const struct tl_loggain_plan *plan)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(job->ctx, job->worker, job->n_workers);
    for (int i = 0; i < job->n_workers; i++) {
        atomic_flag_clear(&job->worker[i].taken);
        job->worker[i].memory =
            tl_alloc(job->ctx, tl_bvkernel_columns_bytes(job->kernel, 2 * plan->tile), 1);
        if (job->worker[i].memory == NULL)
            return TL_ENOMEM;
    }
done:
    return err;
}

static void free_job(struct job *job)
{
    for (int i = 0; job->worker != NULL && i < job->n_workers; i++)
        tl_free(job->worker[i].memory);
    tl_free(job->worker);
    tl_free(job->window);
    for (int l = 1; l < MAX_LEVELS; l++)
        tl_free(job->level[l].own);
}

static tl_err check(struct tl_ctx *ctx, const struct tl_loggain_plan *p)
{
    if (p->tile < 8 || p->tile % 4 != 0 || p->tile > TILE_MOST || p->stretch < p->tile ||
        p->stretch % 2 != 0 || p->n_levels < 1 || p->n_levels > MAX_LEVELS)
        return tl_fail(ctx, TL_EDATA,
                       "evidence: strips of %lld rows, stretches of %lld columns, %d levels: "
                       "expected multiples of 4 from 8 to %d, even stretches of at least that, 1 "
                       "to %d levels",
                       (long long)p->tile, (long long)p->stretch, p->n_levels, (int)TILE_MOST,
                       (int)MAX_LEVELS);
    return TL_OK;
}

tl_err tl_loggain(struct tl_ctx *ctx, const struct tl_stencil_grid *grid, struct tl_stencil_q q,
                  const float *w, const struct tl_loggain_plan *plan, double *gain, double *error)
{
    tl_err err = TL_OK;
    struct job *job = NULL;
    double sum = 0.0;
    TL_TRY(check(ctx, plan));
    TL_TRY_ALLOC(ctx, job, 1);
    *job = (struct job){.ctx = ctx,
                        .kernel = tl_bvkernel_of(TL_BVKERNEL_BEST, true),
                        .n_workers = tl_ctx_threads(ctx)};
    TL_TRY(make_levels(job, grid, q, w, plan));
    TL_TRY(make_workers(job, plan));
    for (int l = 0; l < job->n_levels; l++)
        TL_TRY(add_level(job, plan, l, &sum));
    *gain = sum;
    /* Where weights are all alike it is .5 to 1.4 times that; patches of heavy ones on a narrow grid have shown 5.5. */
    if (error != NULL)
        *error = 2.0 * job->off * job->n_weighted / job->n_listed;
done:
    if (job != NULL)
        free_job(job);
    tl_free(job);
    return err;
}

int64_t tl_loggain_bytes(const struct tl_stencil_grid *grid, const struct tl_loggain_plan *plan,
                         int n_threads)
{
    const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_BEST, true);
    int64_t sum = n_threads * tl_bvkernel_columns_bytes(kernel, 2 * plan->tile);
    struct tl_stencil_grid g = *grid;
    for (int l = 1; l < plan->n_levels; l++) {
        g = tl_stencil_grid_of((g.n_x + 1) / 2, (g.n_y + 1) / 2);
        sum += g.n * (int64_t)sizeof(float);
    }
    /* Windows of the kind that has most of them. */
    return sum + (int64_t)sizeof(struct window) * (grid->n_y / plan->tile + 1) *
                     (grid->n_x / plan->stretch + 1);
}

/* Operations a cell of its level: strips two tiles high, less those of one, and the overlaps of stretches. */
static double flops_of(double tile, double stretch)
{
    return 36.0 * tile * tile * (1.0 + 2.0 * tile / stretch);
}

struct tl_loggain_plan tl_loggain_plan_of(double range_cells)
{
    double range = range_cells >= 0.2 ? fmin(range_cells, 4000.0) : 0.2, share = 1.0;
    struct tl_loggain_plan plan = {.tile = TILE_LEAST, .stretch = STRETCH, .n_levels = 1};
    while (plan.tile < TILE_USUAL && (double)plan.tile < REACH * range)
        plan.tile += 4;
    double cells = (double)plan.tile, per_cell = flops_of(cells, (double)plan.stretch);
    plan.flops_per_cell = per_cell;
    if (cells >= REACH_USUAL * range)
        return plan;
    do {
        /* This level's windows in the next one's cells, and the next one. */
        plan.flops_per_cell += per_cell * share * (1.0 / 16.0 + 0.25);
        share /= 4.0;
        cells *= 2.0;
        plan.n_levels++;
    } while (cells < REACH_COARSE * range && plan.n_levels < MAX_LEVELS);
    return plan;
}
