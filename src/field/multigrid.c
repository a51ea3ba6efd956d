/*
 * Conjugate gradients in the form of Chronopoulos and Gear (1989), preconditioned with a V-cycle; two passes over the finest level an iteration:
 *
 *   down   p = z + beta p;  q = A p;  x += alpha p;  r -= alpha q;  |r|^2;  three smoothing steps on A u = r from zero; what they leave, restricted
 *   (the coarser levels: the same without the first line; the coarsest solved exactly, or smoothed where a > 4)
 *   up     that, plus the coarse correction, three steps more: z;  r'z;  z'Az
 *
 * p'Ap = z'Az - beta^2 (p'Ap) of the last step by conjugacy, so that z'Az can be summed while z is at hand. Vectors besides the caller's
 * b, x, w: z and the smoothed u, and p and r twice each, because a tile's margin must see its neighbours' old rows: 24 bytes a cell, 5.3
 * more for the coarser levels.
 *
 * Memory traffic of an iteration on the finest level, bytes a cell: down reads z p r x w and writes p r x u, up reads u r w and writes z:
 * 52, and 12 for the coarser levels. docs/rooms/lattice.md says what was measured, tried and left.
 */
#include "field/multigrid.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "field/mgdirect.h"
#include "field/mglevel.h"
#include "par/par.h"

enum { LEVELS = 40, CELLS_DIRECT = 256, CELLS_ALONE = 1 << 14, RHS_MOST = 1024 };

/* Strips: cells across up to which a band factor of all of A is the preconditioner (where few heavy cells lie in a strip, coarse
 * cells as wide as the strip do not see past them: up to 33 iterations), and how many numbers it may hold. */
enum { STRIP_ACROSS = 8, STRIP_NUMBERS = 1 << 24 };

/* Cells wider than the range by this much: Q is then nearly a diagonal, and smoothing solves it. */
static const double A_ENOUGH = 4.0;

struct tl_multigrid {
    struct tl_stencil_grid grid;
    int k_max;
    const struct tl_mgkernel *kernel;
    int n_levels, n_used; /* all that there are, and those that this operator needs */
    bool exact;           /* the last level in use is solved exactly */
    bool set;
    struct tl_stencil_q q;
    struct tl_mgkernel_level level[LEVELS];
    struct tl_mgdirect direct;
    double *direct_work;          /* owns: [k_max][cells of the last level] */
    float *z, *p, *r;             /* owns: [k_max][plane], [2][k_max][plane], [2][k_max][plane] */
    double *sums;                 /* owns: [tiles][k_max][TL_MGKERNEL_SUMS] */
    struct tl_multigrid_rhs *rhs; /* owns: [k_max] */
    int64_t bytes_read, bytes_written;
};

/* One right-hand side under way. */
struct tl_multigrid_rhs {
    const float *b;
    float *x;
    bool active;
    int side; /* which of the two p and r is the present one */
    double alpha, beta, gamma, pap, norm2_b, norm2;
};

static bool is_strip(const struct tl_stencil_grid *grid)
{
    int64_t across = grid->n_x < grid->n_y ? grid->n_x : grid->n_y;
    return across <= STRIP_ACROSS && grid->n <= STRIP_NUMBERS / (2 * across + 1);
}

static int n_levels_of(const struct tl_stencil_grid *grid, int64_t size[LEVELS][2])
{
    int n = 1;
    double last_x = 1.0, last_y = 1.0;
    size[0][0] = grid->n_x;
    size[0][1] = grid->n_y;
    /* At least one coarser level, then down to what is solved directly. */
    while (!is_strip(grid) && n < LEVELS &&
           (n == 1 || size[n - 1][0] * size[n - 1][1] > CELLS_DIRECT)) {
        size[n][0] = tl_mglevel_coarsen(size[n - 1][0], last_x, &last_x);
        size[n][1] = tl_mglevel_coarsen(size[n - 1][1], last_y, &last_y);
        n++;
    }
    return n;
}

int64_t tl_multigrid_bytes(const struct tl_stencil_grid *grid, int k)
{
    int64_t size[LEVELS][2];
    int n = n_levels_of(grid, size);
    int64_t bytes = (int64_t)sizeof(struct tl_multigrid);
    bytes += 5 * (int64_t)k * tl_mglevel_stride(grid->n_x) * grid->n_y * (int64_t)sizeof(float);
    for (int l = 0; l < n; l++)
        bytes += tl_mglevel_bytes(size[l][0], size[l][1], k, l > 0);
    return bytes + tl_mgdirect_bytes(size[n - 1][0], size[n - 1][1], k);
}

static tl_err make_levels(struct tl_ctx *ctx, struct tl_multigrid *m)
{
    tl_err err = TL_OK;
    int64_t size[LEVELS][2];
    m->n_levels = n_levels_of(&m->grid, size);
    double last_x = 1.0, last_y = 1.0;
    for (int l = 0; l < m->n_levels; l++) {
        TL_TRY(tl_mglevel_init(ctx, size[l][0], last_x, size[l][1], last_y, m->k_max, l > 0,
                               &m->level[l]));
        last_x = m->level[l].x.last_coarse;
        last_y = m->level[l].y.last_coarse;
    }
    const struct tl_mgkernel_level *coarsest = &m->level[m->n_levels - 1];
    TL_TRY(tl_mgdirect_init(ctx, coarsest, &m->direct));
    TL_TRY_ALLOC(ctx, m->direct_work, m->k_max * coarsest->x.n * coarsest->y.n);
done:
    return err;
}

static tl_err pick_kernel(struct tl_ctx *ctx, enum tl_multigrid_isa isa, struct tl_multigrid *m)
{
    for (int kind = 2; isa == TL_MULTIGRID_BEST && m->kernel == NULL && kind >= 0; kind--)
        m->kernel = tl_mgkernel_of(kind);
    if (isa != TL_MULTIGRID_BEST)
        m->kernel = tl_mgkernel_of((int)isa - 1);
    if (m->kernel == NULL)
        return tl_fail(ctx, TL_EUSAGE, "vector instructions %d: this machine or build has none",
                       (int)isa);
    return TL_OK;
}

tl_err tl_multigrid_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid, int k_max,
                           enum tl_multigrid_isa isa, struct tl_multigrid **multigrid)
{
    tl_err err = TL_OK;
    struct tl_multigrid *m = NULL;
    if (k_max < 1 || k_max > RHS_MOST)
        TL_THROW(ctx, TL_EUSAGE, "%d right-hand sides at once: expected 1 to %d", k_max, RHS_MOST);
    TL_TRY_ALLOC(ctx, m, 1);
    m->grid = *grid;
    m->k_max = k_max;
    TL_TRY(pick_kernel(ctx, isa, m));
    TL_TRY(make_levels(ctx, m));
    int64_t all = m->level[0].plane * k_max + TL_MGKERNEL_LANES;
    TL_TRY_PAR_ALLOC(ctx, m->z, all);
    TL_TRY_PAR_ALLOC(ctx, m->p, 2 * all);
    TL_TRY_PAR_ALLOC(ctx, m->r, 2 * all);
    TL_TRY_ALLOC(ctx, m->sums,
                 m->level[0].n_tiles_x * m->level[0].n_tiles_y * k_max * TL_MGKERNEL_SUMS);
    TL_TRY_ALLOC(ctx, m->rhs, k_max);
    *multigrid = m;
    m = NULL;
done:
    tl_multigrid_free(m);
    return err;
}

void tl_multigrid_free(struct tl_multigrid *m)
{
    if (m == NULL)
        return;
    for (int l = 0; l < m->n_levels; l++)
        tl_mglevel_fini(&m->level[l]);
    tl_mgdirect_fini(&m->direct);
    tl_free(m->direct_work);
    tl_free(m->z);
    tl_free(m->p);
    tl_free(m->r);
    tl_free(m->sums);
    tl_free(m->rhs);
    tl_free(m);
}

const char *tl_multigrid_isa_name(const struct tl_multigrid *m)
{
    return m->kernel->name;
}

/* A kernel over the tiles of a level for all active right-hand sides; those of one tile follow each other, so that they share w. */
struct sweep {
    struct tl_multigrid *m;
    int l;
    int k; /* right-hand sides */
    tl_mgkernel_fn kernel;
    struct tl_mgkernel_pass (*pass)(struct tl_multigrid *m, int l, int j);
    struct tl_mgkernel_pass one; /* where pass is NULL */
};

static void sweep_body(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct sweep *s = user;
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        int j = (int)(i % s->k);
        double sums[TL_MGKERNEL_SUMS] = {0.0};
        if (s->pass != NULL && !s->m->rhs[j].active)
            continue;
        struct tl_mgkernel_tile tile = tl_mglevel_tile(&s->m->level[s->l], i / s->k);
        struct tl_mgkernel_pass pass = s->pass != NULL ? s->pass(s->m, s->l, j) : s->one;
        s->kernel(&pass, &tile, sums);
        if (s->l == 0)
            memcpy(s->m->sums + i * TL_MGKERNEL_SUMS, sums, sizeof sums);
    }
}

static void sweep_run(struct tl_ctx *ctx, struct sweep *s)
{
    const struct tl_mgkernel_level *level = &s->m->level[s->l];
    int64_t n = level->n_tiles_x * level->n_tiles_y * s->k;
    tl_par_for(ctx, n, 1, sweep_body, s);
}

/* Sum number `which` of right-hand side j, tiles in order. */
static double sum_of(const struct tl_multigrid *m, int k, int j, int which)
{
    double sum = 0.0;
    int64_t n = m->level[0].n_tiles_x * m->level[0].n_tiles_y;
    for (int64_t i = 0; i < n; i++)
        sum += m->sums[(i * k + j) * TL_MGKERNEL_SUMS + which];
    return sum;
}

static void count(struct tl_multigrid *m, int l, int64_t floats_read, int64_t floats_written)
{
    int64_t n = m->level[l].x.n * m->level[l].y.n * (int64_t)sizeof(float);
    m->bytes_read += n * floats_read;
    m->bytes_written += n * floats_written;
}

static float *side_of(struct tl_multigrid *m, float *both, int side, int j)
{
    return both + ((int64_t)side * m->k_max + j) * m->level[0].plane;
}

static struct tl_mgkernel_pass common(struct tl_multigrid *m, int l, int j)
{
    struct tl_mgkernel_pass pass = {.level = &m->level[l]};
    pass.smooth = m->level[l].smooth + j * m->level[l].plane;
    if (l + 1 < m->n_used) {
        pass.coarse = &m->level[l + 1];
        pass.coarse_b = m->level[l + 1].b + j * m->level[l + 1].plane;
        pass.coarse_e = m->level[l + 1].e + j * m->level[l + 1].plane;
    }
    return pass;
}

static struct tl_mgkernel_pass coarse_pass(struct tl_multigrid *m, int l, int j)
{
    struct tl_mgkernel_pass pass = common(m, l, j);
    pass.r_in = m->level[l].b + j * m->level[l].plane;
    pass.r_in_stride = m->level[l].stride;
    pass.out = m->level[l].e + j * m->level[l].plane;
    pass.out_stride = m->level[l].stride;
    return pass;
}

static struct tl_mgkernel_pass start_pass(struct tl_multigrid *m, int l, int j)
{
    struct tl_mgkernel_pass pass = common(m, l, j);
    struct tl_multigrid_rhs *rhs = &m->rhs[j];
    pass.source = TL_MGKERNEL_START;
    pass.r_in = rhs->b;
    pass.r_in_stride = m->grid.n_x;
    pass.x = rhs->x;
    pass.r_out = side_of(m, m->r, rhs->side, j);
    return pass;
}

static struct tl_mgkernel_pass step_pass(struct tl_multigrid *m, int l, int j)
{
    struct tl_mgkernel_pass pass = common(m, l, j);
    struct tl_multigrid_rhs *rhs = &m->rhs[j];
    pass.source = TL_MGKERNEL_STEP;
    pass.alpha = rhs->alpha;
    pass.beta = rhs->beta;
    pass.z = m->z + j * m->level[0].plane;
    pass.p_in = side_of(m, m->p, rhs->side, j);
    pass.p_out = side_of(m, m->p, 1 - rhs->side, j);
    pass.r_in = side_of(m, m->r, rhs->side, j);
    pass.r_in_stride = m->level[0].stride;
    pass.r_out = side_of(m, m->r, 1 - rhs->side, j);
    pass.x = rhs->x;
    return pass;
}

static struct tl_mgkernel_pass up_pass(struct tl_multigrid *m, int l, int j)
{
    struct tl_mgkernel_pass pass = common(m, l, j);
    pass.r_in = side_of(m, m->r, m->rhs[j].side, j);
    pass.r_in_stride = m->level[0].stride;
    pass.out = m->z + j * m->level[0].plane;
    pass.out_stride = m->level[0].stride;
    pass.want_form = true;
    return pass;
}

static int deepest_of(const struct tl_multigrid *m)
{
    return m->exact ? m->n_used - 2 : m->n_used - 1;
}

/* One right-hand side on one level, a tile after the other. */
static void sweep_alone(struct tl_multigrid *m, int l, int j, tl_mgkernel_fn kernel)
{
    const struct tl_mgkernel_level *level = &m->level[l];
    struct tl_mgkernel_pass pass = coarse_pass(m, l, j);
    for (int64_t i = 0; i < level->n_tiles_x * level->n_tiles_y; i++) {
        struct tl_mgkernel_tile tile = tl_mglevel_tile(level, i);
        kernel(&pass, &tile, (double[TL_MGKERNEL_SUMS]){0.0});
    }
}

struct lower {
    struct tl_multigrid *m;
    int top; /* the finest of the levels that one thread goes through alone */
};

/* From the top's b to its e. */
static void lower_body(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct lower *s = user;
    struct tl_multigrid *m = s->m;
    int deepest = deepest_of(m);
    (void)chunk;
    for (int j = (int)first; j < last; j++) {
        const struct tl_mgkernel_level *level = &m->level[m->n_levels - 1];
        if (!m->rhs[j].active)
            continue;
        for (int l = s->top; l <= deepest; l++)
            sweep_alone(m, l, j, m->kernel->down);
        if (m->exact)
            tl_mgdirect_solve(&m->direct, level, level->b + j * level->plane,
                              level->e + j * level->plane, m->direct_work + j * m->direct.n);
        for (int l = deepest; l >= s->top; l--)
            sweep_alone(m, l, j, m->kernel->up);
    }
}

static bool is_strip_solve(const struct tl_multigrid *m)
{
    return m->exact && m->n_levels == 1;
}

/* out = A^-1 in by the factor, where that is of the finest level; strides as the arrays have them. */
static void strip_solve(struct tl_multigrid *m, int j, const float *in, float *out, int64_t stride)
{
    struct tl_mgkernel_level level = m->level[0];
    level.stride = stride;
    tl_mgdirect_solve(&m->direct, &level, in, out, m->direct_work + j * m->direct.n);
}

/* Of a strip, what the pass up is otherwise: z, r'z (sums[0]) and z'Az (sums[1]). */
static void strip_up(struct tl_ctx *ctx, struct tl_multigrid *m, int j, double sums[2])
{
    const struct tl_mgkernel_level *level = &m->level[0];
    float *z = m->z + j * level->plane;
    const float *r = side_of(m, m->r, m->rhs[j].side, j);
    struct sweep s = {.m = m, .k = 1, .kernel = m->kernel->apply};
    strip_solve(m, j, r, z, level->stride);
    sums[0] = 0.0;
    for (int64_t y = 0; y < m->grid.n_y; y++)
        for (int64_t i = y * level->stride; i < y * level->stride + m->grid.n_x; i++)
            sums[0] += (double)r[i] * (double)z[i];
    s.one = common(m, 0, j);
    s.one.r_in = z;
    s.one.r_in_stride = s.one.out_stride = level->stride;
    s.one.out = s.one.smooth;
    sweep_run(ctx, &s);
    sums[1] = sum_of(m, 1, 0, 0);
}

/*
 * The coarser levels' part of a V-cycle: from level 1's b to its e. Levels of few cells are done in less time than threads need to
 * meet: there each right-hand side goes its way alone, which makes the same numbers.
 */
static void coarse_cycle(struct tl_ctx *ctx, struct tl_multigrid *m, int k)
{
    /* A last level that is only smoothed goes down too: its `smooth` would otherwise be what an earlier operator left there. */
    int deepest = deepest_of(m), top = 1;
    while (top <= deepest && m->level[top].x.n * m->level[top].y.n > CELLS_ALONE)
        top++;
    for (int l = 1; l < top; l++)
        sweep_run(ctx, &(struct sweep){
                           .m = m, .l = l, .k = k, .kernel = m->kernel->down, .pass = coarse_pass});
    tl_par_for(ctx, k, 1, lower_body, &(struct lower){m, top});
    for (int l = top - 1; l >= 1; l--)
        sweep_run(ctx, &(struct sweep){
                           .m = m, .l = l, .k = k, .kernel = m->kernel->up, .pass = coarse_pass});
    for (int l = 1; l <= deepest; l++) {
        count(m, l, 2 * k, 2 * k); /* its b was written by the level above */
        count(m, l, 4 * k, k);     /* e is read by the level above */
    }
}

struct weights {
    const float *w;
    float most;
    int64_t *bad; /* [chunks] first cell whose weight is none, or -1 */
};

enum { WEIGHTS_CHUNK = 1 << 16 };

static void find_bad(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct weights *k = user;
    bool good = true;
    for (int64_t i = first; i < last; i++)
        good = good & (k->w[i] >= 0.0f) & (k->w[i] <= k->most);
    k->bad[chunk] = -1;
    for (int64_t i = first; !good && i < last && k->bad[chunk] < 0; i++)
        if (!(k->w[i] >= 0.0f) || !(k->w[i] <= k->most))
            k->bad[chunk] = i;
}

static tl_err check_weights(struct tl_ctx *ctx, const struct tl_multigrid *m, struct tl_stencil_q q,
                            const float *w)
{
    tl_err err = TL_OK;
    double top = q.c * pow(q.a + 8.0 / q.a, 2.0), most = 1e12 * top;
    if (!(q.a > 0.0) || !(q.c > 0.0) || !(top < 1e24) || !(q.c * q.a * q.a > 1e-24) || !(q.a < 1e6))
        return tl_fail(ctx, TL_EDATA,
                       "operator with a = %g, c = %g: single precision does not hold it", q.a, q.c);
    int64_t n_chunks = (m->grid.n + WEIGHTS_CHUNK - 1) / WEIGHTS_CHUNK, cell = -1;
    struct weights all = {w, (float)fmin(most, FLT_MAX), NULL};
    TL_TRY_ALLOC(ctx, all.bad, n_chunks);
    tl_par_for(ctx, m->grid.n, WEIGHTS_CHUNK, find_bad, &all);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t k = n_chunks - 1; k >= 0; k--)
        cell = all.bad[k] >= 0 ? all.bad[k] : cell;
    if (cell >= 0)
        TL_THROW(ctx, TL_EDATA, "weight %g of cell %lld: expected 0 to %.3g (single precision)",
                 (double)w[cell], (long long)cell, most);
done:
    tl_free(all.bad);
    return err;
}

tl_err tl_multigrid_set(struct tl_ctx *ctx, struct tl_multigrid *m, struct tl_stencil_q q,
                        const float *w)
{
    tl_err err = check_weights(ctx, m, q, w);
    if (err != TL_OK)
        return err;
    double a = q.a, c = q.c;
    m->set = false;
    m->q = q;
    m->n_used = 0;
    m->level[0].w = w;
    m->level[0].w_stride = m->grid.n_x;
    for (int l = 0; l < m->n_levels && m->n_used == 0; l++) {
        tl_mglevel_set(&m->level[l], a, c);
        if (a > A_ENOUGH)
            m->n_used = l + 1;
        c *= (m->level[l].x.n == 1 ? 0.5 : 1.0) * (m->level[l].y.n == 1 ? 0.5 : 1.0);
        a *= 2.0;
    }
    m->exact = m->n_used == 0;
    if (m->exact)
        m->n_used = m->n_levels;
    for (int l = 0; l + 1 < m->n_used; l++) {
        struct sweep s = {.m = m, .l = l, .k = 1, .kernel = m->kernel->weigh};
        s.one = common(m, l, 0);
        s.one.coarse_b = m->level[l + 1].own_w;
        sweep_run(ctx, &s);
    }
    TL_TRY(tl_cancelled(ctx));
    if (m->exact)
        TL_TRY(tl_mgdirect_set(ctx, &m->level[m->n_levels - 1], &m->direct));
    m->set = true;
done:
    return err;
}

/* r, its norm and that of b. */
static void start(struct tl_ctx *ctx, struct tl_multigrid *m, int k, double tolerance)
{
    sweep_run(ctx, &(struct sweep){.m = m, .k = k, .kernel = m->kernel->down, .pass = start_pass});
    count(m, 0, 3 * k, 2 * k);
    for (int j = 0; j < k; j++) {
        struct tl_multigrid_rhs *rhs = &m->rhs[j];
        rhs->norm2 = sum_of(m, k, j, 0);
        rhs->norm2_b = sum_of(m, k, j, 1);
        if (rhs->norm2_b == 0.0) {
            memset(rhs->x, 0, (size_t)m->grid.n * sizeof *rhs->x);
            rhs->norm2 = 0.0;
        }
        rhs->active = rhs->norm2 > tolerance * tolerance * rhs->norm2_b;
    }
}

/* Step lengths from r'z and z'Az. */
static void lengths(struct tl_multigrid_rhs *rhs, double gamma, double form, bool first)
{
    rhs->beta = first ? 0.0 : gamma / rhs->gamma;
    double pap = form - rhs->beta * rhs->beta * rhs->pap;
    /* Rounding can cost conjugacy; then the direction starts anew. */
    if (!(pap > 1e-3 * form)) {
        rhs->beta = 0.0;
        pap = form;
    }
    rhs->gamma = gamma;
    rhs->alpha = pap > 0.0 ? gamma / pap : 0.0;
}

/* One iteration of all that are active; returns how many still are. */
static int iterate(struct tl_ctx *ctx, struct tl_multigrid *m, int k, double tolerance, bool first)
{
    int n_active = 0, n_working = 0;
    for (int j = 0; j < k; j++)
        n_working += m->rhs[j].active;
    if (!is_strip_solve(m)) {
        coarse_cycle(ctx, m, k);
        sweep_run(ctx, &(struct sweep){.m = m, .k = k, .kernel = m->kernel->up, .pass = up_pass});
    }
    count(m, 0, 3 * n_working, n_working);
    for (int j = 0; j < k; j++) {
        double sums[2];
        if (!m->rhs[j].active)
            continue;
        if (is_strip_solve(m)) {
            strip_up(ctx, m, j, sums);
        } else {
            sums[0] = sum_of(m, k, j, 0);
            sums[1] = sum_of(m, k, j, 1);
        }
        lengths(&m->rhs[j], sums[0], sums[1], first);
    }
    sweep_run(ctx, &(struct sweep){.m = m, .k = k, .kernel = m->kernel->down, .pass = step_pass});
    count(m, 0, 5 * n_working, 4 * n_working);
    for (int j = 0; j < k; j++) {
        struct tl_multigrid_rhs *rhs = &m->rhs[j];
        if (!rhs->active)
            continue;
        rhs->side = 1 - rhs->side;
        rhs->norm2 = sum_of(m, k, j, 0);
        rhs->pap = sum_of(m, k, j, 2);
        rhs->active = rhs->norm2 > tolerance * tolerance * rhs->norm2_b;
        n_active += rhs->active;
    }
    return n_active;
}

static tl_err check_solve(struct tl_ctx *ctx, const struct tl_multigrid *m, int k)
{
    if (!m->set)
        return tl_fail(ctx, TL_EUSAGE, "solve before the operator was set");
    if (k < 1 || k > m->k_max)
        return tl_fail(ctx, TL_EUSAGE, "%d right-hand sides: expected 1 to %d", k, m->k_max);
    return TL_OK;
}

static double worst(const struct tl_multigrid *m, int k)
{
    double most = 0.0;
    for (int j = 0; j < k; j++) {
        /* A b that is not a number makes neither 0. */
        double share = m->rhs[j].norm2 == 0.0 ? 0.0 : sqrt(m->rhs[j].norm2 / m->rhs[j].norm2_b);
        most = share > most || isnan(share) ? share : most;
    }
    return most;
}

tl_err tl_multigrid_solve(struct tl_ctx *ctx, struct tl_multigrid *m, int k, const float *const *b,
                          float *const *x, double tolerance, int max_iterations,
                          struct tl_multigrid_report *report)
{
    tl_err err = check_solve(ctx, m, k);
    if (err != TL_OK)
        return err;
    int n_active = 0, n = 0;
    m->bytes_read = m->bytes_written = 0;
    for (int j = 0; j < k; j++)
        m->rhs[j] = (struct tl_multigrid_rhs){.b = b[j], .x = x[j], .active = true};
    start(ctx, m, k, tolerance);
    for (int j = 0; j < k; j++)
        n_active += m->rhs[j].active;
    while (n_active > 0 && n < max_iterations) {
        TL_TRY(tl_cancelled(ctx));
        n_active = iterate(ctx, m, k, tolerance, n == 0);
        n++;
    }
    TL_TRY(tl_cancelled(ctx));
    double residual = worst(m, k);
    if (report != NULL)
        *report = (struct tl_multigrid_report){n, residual, m->bytes_read, m->bytes_written};
    if (!(residual <= tolerance))
        TL_THROW(ctx, TL_ENUMERIC,
                 "solver: residual %.3g after %d iterations, expected at most %.3g", residual, n,
                 tolerance);
done:
    return err;
}

void tl_multigrid_apply(struct tl_ctx *ctx, struct tl_multigrid *m, const float *x, float *out,
                        double *form)
{
    struct sweep s = {.m = m, .k = 1, .kernel = m->kernel->apply};
    s.one = (struct tl_mgkernel_pass){.level = &m->level[0],
                                      .r_in = x,
                                      .r_in_stride = m->grid.n_x,
                                      .out = out,
                                      .out_stride = m->grid.n_x};
    sweep_run(ctx, &s);
    if (form != NULL)
        *form = sum_of(m, 1, 0, 0);
}

void tl_multigrid_forms(struct tl_ctx *ctx, struct tl_multigrid *m, const float *x, double *form,
                        double *drange)
{
    struct sweep s = {.m = m, .k = 1, .kernel = m->kernel->apply};
    s.one = (struct tl_mgkernel_pass){.level = &m->level[0], .r_in = x, .r_in_stride = m->grid.n_x};
    sweep_run(ctx, &s);
    double a2 = m->q.a * m->q.a, xx = sum_of(m, 1, 0, 1), xlx = sum_of(m, 1, 0, 2);
    double lx2 = sum_of(m, 1, 0, 3);
    *form = m->q.c * (a2 * xx + 2.0 * xlx + lx2 / a2);
    *drange = 2.0 * m->q.c * (lx2 / a2 - a2 * xx);
}

void tl_multigrid_draw(struct tl_ctx *ctx, struct tl_multigrid *m, struct tl_rng rng, float *out)
{
    struct sweep s = {.m = m, .k = 1, .kernel = m->kernel->draw};
    s.one = (struct tl_mgkernel_pass){
        .level = &m->level[0], .out = out, .out_stride = m->grid.n_x, .rng = rng};
    sweep_run(ctx, &s);
}

void tl_multigrid_normals(const struct tl_multigrid *m, struct tl_rng rng, int64_t first, int64_t n,
                          float *z1, float *z2)
{
    m->kernel->normals(rng, first, n, z1, z2);
}

void tl_multigrid_precondition(struct tl_ctx *ctx, struct tl_multigrid *m, const float *in,
                               float *out)
{
    struct sweep s = {.m = m, .k = 1};
    m->rhs[0] = (struct tl_multigrid_rhs){.active = true};
    if (is_strip_solve(m)) {
        strip_solve(m, 0, in, out, m->grid.n_x);
        return;
    }
    s.one = common(m, 0, 0);
    s.one.r_in = in;
    s.one.r_in_stride = s.one.out_stride = m->grid.n_x;
    s.one.out = out;
    s.kernel = m->kernel->down;
    sweep_run(ctx, &s);
    coarse_cycle(ctx, m, 1);
    s.kernel = m->kernel->up;
    sweep_run(ctx, &s);
}

/* Residuals in double: r = b - A x in two sweeps over rows. */
struct exactly {
    const struct tl_multigrid *m;
    const double *b, *x;
    double *t;
    float *r; /* in units of 1/scale */
    double scale;
    double *sums;   /* of squares of r, by row */
    double largest; /* of A's eigenvalues, from above, times what rounding adds to a double */
    const float *d;
    double *out;
};

static double helmholtz(const struct tl_multigrid *m, const double *u, int64_t x, int64_t y)
{
    int64_t n_x = m->grid.n_x, n_y = m->grid.n_y;
    const double *row = u + y * n_x;
    double here = row[x], l = x > 0 ? here - row[x - 1] : 0.0;
    l += x + 1 < n_x ? here - row[x + 1] : 0.0;
    l += y > 0 ? here - row[x - n_x] : 0.0;
    l += y + 1 < n_y ? here - row[x + n_x] : 0.0;
    return sqrt(m->q.c) * (m->q.a * here + l / m->q.a);
}

static void exactly_root(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct exactly *e = user;
    int64_t n_x = e->m->grid.n_x;
    (void)chunk;
    for (int64_t i = first * n_x; i < last * n_x; i++)
        e->t[i] = helmholtz(e->m, e->x, i % n_x, i / n_x);
}

static void exactly_residual(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct exactly *e = user;
    int64_t n_x = e->m->grid.n_x;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        double sum = 0.0;
        for (int64_t x = 0; x < n_x; x++) {
            int64_t i = y * n_x + x;
            double r = e->b[i] - helmholtz(e->m, e->t, x, y);
            r = (r - (double)e->m->level[0].w[i] * e->x[i]) * e->scale;
            e->r[i] = (float)r;
            sum += r * r;
        }
        e->sums[y] = sum;
    }
}

static void exactly_add(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct exactly *e = user;
    int64_t n_x = e->m->grid.n_x;
    (void)chunk;
    for (int64_t i = first * n_x; i < last * n_x; i++)
        e->out[i] += (double)e->d[i] / e->scale;
}

/* |r| in units of 1/scale. */
static double exactly_norm(struct tl_ctx *ctx, struct exactly *e)
{
    double sum = 0.0;
    tl_par_for(ctx, e->m->grid.n_y, 16, exactly_root, e);
    tl_par_for(ctx, e->m->grid.n_y, 16, exactly_residual, e);
    for (int64_t y = 0; y < e->m->grid.n_y; y++)
        sum += e->sums[y];
    return sqrt(sum);
}

static double square(void *user, int64_t first, int64_t last)
{
    const double *b = user;
    double sum = 0.0;
    for (int64_t i = first; i < last; i++)
        sum += b[i] * b[i];
    return sum;
}

/* What doubles can reach, in units of 1/scale: x's own last digits, times A, are no smaller. */
static double exactly_floor(struct tl_ctx *ctx, const struct exactly *e)
{
    return e->largest * sqrt(tl_par_sum(ctx, e->m->grid.n, square, e->out)) * e->scale;
}

/*
 * A correction's own rounding leaves a rough residual, which can be the larger one where the range is hundreds of cells; the next
 * correction, of the size of that rounding, removes it. So the norm may grow once before it falls.
 */
static tl_err correct(struct tl_ctx *ctx, struct tl_multigrid *m, struct exactly *e, float *d,
                      double tolerance, int max_iterations, struct tl_multigrid_report *report)
{
    enum { ROUNDS = 12 };
    tl_err err = TL_OK;
    int n = 0;
    double norm = exactly_norm(ctx, e), wanted = tolerance;
    for (int round = 0; round < ROUNDS && norm > wanted && n < max_iterations; round++) {
        struct tl_multigrid_report part = {0};
        double want = 0.3 * tolerance / norm;
        memset(d, 0, (size_t)m->grid.n * sizeof *d);
        tl_err inner =
            tl_multigrid_solve(ctx, m, 1, (const float *const[]){e->r}, (float *const[]){d},
                               want > 1e-5 ? want : 1e-5, max_iterations - n, &part);
        /* Out of iterations: what there is still helps, and the norm below tells. */
        if (inner != TL_OK && inner != TL_ENUMERIC)
            TL_TRY(inner);
        tl_par_for(ctx, m->grid.n_y, 16, exactly_add, e);
        n += part.iterations;
        report->bytes_read += part.bytes_read;
        report->bytes_written += part.bytes_written;
        norm = exactly_norm(ctx, e);
        wanted = fmax(tolerance, exactly_floor(ctx, e));
        TL_TRY(tl_cancelled(ctx));
    }
    report->iterations = n;
    report->residual = norm;
    if (!(norm <= wanted))
        TL_THROW(ctx, TL_ENUMERIC,
                 "solver: residual %.3g in double after %d iterations, expected at most %.3g", norm,
                 n, wanted);
done:
    return err;
}

tl_err tl_multigrid_refine(struct tl_ctx *ctx, struct tl_multigrid *m, const double *b, double *x,
                           double tolerance, int max_iterations, struct tl_multigrid_report *report)
{
    tl_err err = TL_OK;
    float *d = NULL;
    struct tl_multigrid_report own = {0};
    struct exactly e = {.m = m, .b = b, .x = x, .out = x};
    TL_TRY(check_solve(ctx, m, 1));
    TL_TRY_ALLOC(ctx, e.t, m->grid.n);
    TL_TRY_ALLOC(ctx, e.r, m->grid.n);
    TL_TRY_ALLOC(ctx, e.sums, m->grid.n_y);
    TL_TRY_ALLOC(ctx, d, m->grid.n);
    e.d = d;
    double norm_b = sqrt(tl_par_sum(ctx, m->grid.n, square, (void *)(uintptr_t)b));
    if (norm_b == 0.0) {
        memset(x, 0, (size_t)m->grid.n * sizeof *x);
    } else {
        e.scale = 1.0 / norm_b;
        e.largest = DBL_EPSILON * m->q.c * pow(m->q.a + 8.0 / m->q.a, 2.0);
        TL_TRY(correct(ctx, m, &e, d, tolerance, max_iterations, &own));
    }
done:
    if (report != NULL && (err == TL_OK || err == TL_ENUMERIC))
        *report = own;
    tl_free(e.t);
    tl_free(e.r);
    tl_free(e.sums);
    tl_free(d);
    return err;
}
