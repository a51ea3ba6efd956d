/**
 * Method. Level 0 is the grid, a cell of level l + 1 is 2 x 2 cells of level l (weights added, a doubled). With v_l(B) the variance in a
 * window B given all outside it, and e(B) = var - v(B) what the outside adds,
 *     var = v_0(B) + e(B),   e(B) ~ var_1 - v_1(B)   with the same B in cells of level 1,
 * and so on down to the coarsest level L, where the window is so large in ranges that e is little, and is estimated without bias from the draws.
 * e is smooth (it is carried by what reaches over the halo), so the coarser level knows it well, although it does not know v itself well. What is
 * not smooth about it is how much a cell heeds the outside, so e is scaled by g_0^2 / g_1^2, g(B) the conditional mean given ones outside: with weights
 * of six orders this takes the worst error of the sd from 20 % to 2 %. A window that ends h cells out is clamped where its operator (of fourth
 * order) is zero twice, one cell further; for both levels' to end at the same place a halo of 2 j + 1 cells is j coarse ones (otherwise e is off by
 * 5 %, everywhere with the same sign).
 * Level 0 costs what one level costs; all the others together a third more.
 */
#include "field/blockvar.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "field/bvwindow.h"
#include "par/par.h"

/*
 * A pivot below this share of its diagonal (the last ones are 1 / variance) costs more than 0.1 % of the sd in single precision: rounding repeats
 * from column to column and adds up. Such a window is done in double. Where nothing was searched that is so for a below SINGLE_A, and known before.
 */
static const double SINGLE_SHARE = 4.5e-3, SINGLE_A = 0.095, DOUBLE_SHARE = 1e-12;

/* A gain (squared) below this is as good as none. */
static const double LEAST_GAIN = 1e-4;

enum { MAX_LEVELS = 7, MAX_LANES = 16 };

struct level {
    struct tl_bvwindow_level at;
    struct tl_bvkernel_shape shape,
        within;           /* of this level's windows, and of the finer level's windows on it */
    int64_t row_0, row_1; /* rows of `full` */
    int64_t w_0, w_1;     /* rows of weights */
    float *w;             /* owns: NULL on level 0 */
    float *draws[TL_BLOCKVAR_MAX_DRAWS]; /* owns: coarsest level only, if coarse */
    const float *draw_at[TL_BLOCKVAR_MAX_DRAWS];
    float *full, *mcse; /* owns: variances and their error, rows row_0 .. row_1 */
};

struct tile {
    int64_t x, y; /* first wanted cell */
};

/* Whose couplings and made-up fields lie in a batch, of windows inside the grid; a 0 = nobody's. */
struct inner {
    double a;
    int64_t b, s, h, k;
    bool modes;
};

/* Room for batches of a level's windows, in either precision. */
struct bench {
    void *single, *twice; /* owns */
    struct inner inner_single, inner_twice;
};

/* What one thread works with. Windows of the two shapes that alternate have a bench each, so that each finds again what it left. */
struct worker {
    atomic_flag taken;
    struct bench own, up;
    float *answer
        [6]; /* owns: variance, square, fourth, each [lanes][b][s]; the same of the coarser level's windows */
};

struct job {
    struct tl_ctx *ctx;
    const struct tl_blockvar_plan *plan;
    const struct tl_bvkernel *single, *twice;
    struct level level[MAX_LEVELS];
    int n_levels, n_draws, n_workers;
    const uint8_t *inside;
    int64_t y0, y1;
    struct worker *worker;                /* owns: [n_workers] */
    struct tile *tile;                    /* owns: of the level under way */
    int64_t n_tiles, n_single, max_tiles; /* tiles tried in single precision come first */
    int now;                              /* level under way */
    bool in_single;                       /* tiles under way */
    atomic_int bad;                       /* a window that is not positive definite */
};

static int64_t floor_to(int64_t x, int64_t step)
{
    return x / step * step;
}

static int64_t ceil_to(int64_t x, int64_t step)
{
    return (x + step - 1) / step * step;
}

static int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t tl_blockvar_step(const struct tl_blockvar_plan *plan)
{
    return plan->block * plan->coarse;
}

int64_t tl_blockvar_margin(const struct tl_blockvar_plan *plan)
{
    return (plan->block + plan->halo + 3) * plan->coarse;
}

static int levels_of(const struct tl_blockvar_plan *plan)
{
    int n = 1;
    for (int64_t c = plan->coarse; c > 1; c /= 2)
        n++;
    return n;
}

static tl_err check(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                    const struct tl_blockvar_plan *p, int n_draws, int64_t y0, int64_t y1)
{
    bool whole =
        p->coarse >= 1 && p->coarse <= TL_BLOCKVAR_MAX_COARSE && (p->coarse & (p->coarse - 1)) == 0;
    if (!whole || p->block < 4 || p->block % 4 != 0 || p->length < 4 || p->length % 4 != 0 ||
        p->halo < 2 || (p->coarse > 1 && (p->halo < 5 || p->halo % 2 == 0)) || p->block > 256 ||
        p->halo > 256 || p->length > 4096)
        return tl_fail(
            ctx, TL_EDATA,
            "variances: windows of %lld x %lld cells, halo %lld, coarse %lld: expected multiples "
            "of 4, "
            "a halo of at least 2 (odd, at least 5, if coarse) and a power of two up to %d",
            (long long)p->length, (long long)p->block, (long long)p->halo, (long long)p->coarse,
            (int)TL_BLOCKVAR_MAX_COARSE);
    if (n_draws < 0 || n_draws > TL_BLOCKVAR_MAX_DRAWS)
        return tl_fail(ctx, TL_EDATA, "variances: %d draws; expected 0 to %d", n_draws,
                       (int)TL_BLOCKVAR_MAX_DRAWS);
    if (y0 < 0 || y1 > grid->n_y || y0 >= y1)
        return tl_fail(ctx, TL_EDATA, "variances: rows %lld to %lld of a grid of %lld",
                       (long long)y0, (long long)y1, (long long)grid->n_y);
    return TL_OK;
}

/* Shapes and rows of every level: a level's weights must reach over its own halo and serve the next level. */
static void lay_levels(struct job *job, const struct tl_stencil_grid *grid, struct tl_stencil_q q)
{
    const struct tl_blockvar_plan *p = job->plan;
    job->n_levels = levels_of(p);
    for (int l = 0; l < job->n_levels; l++) {
        struct level *v = &job->level[l];
        int64_t cells = (int64_t)1 << l;
        v->at.grid =
            tl_stencil_grid_of((grid->n_x + cells - 1) / cells, (grid->n_y + cells - 1) / cells);
        v->at.last_x = (double)(grid->n_x - (v->at.grid.n_x - 1) * cells) / (double)cells;
        v->at.last_y = (double)(grid->n_y - (v->at.grid.n_y - 1) * cells) / (double)cells;
        v->at.q = (struct tl_stencil_q){.a = q.a * (double)cells, .c = q.c};
        v->shape = (struct tl_bvkernel_shape){
            p->block, least_of(p->length, ceil_to(v->at.grid.n_x, 4)), p->halo, 0};
        if (l > 0)
            v->within = (struct tl_bvkernel_shape){p->block / 2, job->level[l - 1].shape.s / 2,
                                                   (p->halo - 1) / 2, 0};
        v->row_0 = floor_to(job->y0, p->block * cells) / cells;
        v->row_1 = least_of(ceil_to(job->y1, p->block * cells) / cells, v->at.grid.n_y);
    }
    job->level[job->n_levels - 1].shape.k = job->n_draws;
    for (int l = 0; l + 1 < job->n_levels; l++)
        job->level[l].shape.k = job->level[l + 1].within.k = TL_BVWINDOW_MODES;
    for (int l = job->n_levels - 1; l >= 0; l--) {
        struct level *v = &job->level[l];
        v->w_0 = most_of(v->row_0 - p->halo, 0);
        v->w_1 = least_of(ceil_to(v->row_1, p->block) + p->halo, v->at.grid.n_y);
        if (l + 1 < job->n_levels) {
            v->w_0 = least_of(v->w_0, 2 * job->level[l + 1].w_0);
            v->w_1 = most_of(v->w_1, least_of(2 * job->level[l + 1].w_1, v->at.grid.n_y));
        }
    }
}

struct coarsen {
    const float *from;
    float *to;
    int64_t n_x, n_y, from_y, to_n_x, to_y, cells; /* cells: of `from` to one of `to` */
    bool mean;
};

/* Cell (x, y) of the coarse grid. */
static float coarse_cell(const struct coarsen *c, int64_t x, int64_t y)
{
    int64_t y_0 = y * c->cells, y_1 = least_of(y_0 + c->cells, c->n_y);
    int64_t x_0 = x * c->cells, x_1 = least_of(x_0 + c->cells, c->n_x);
    double sum = 0.0;
    for (int64_t v = y_0; v < y_1; v++)
        for (int64_t u = x_0; u < x_1; u++)
            sum += (double)c->from[(v - c->from_y) * c->n_x + u];
    return (float)(c->mean ? sum / (double)((y_1 - y_0) * (x_1 - x_0)) : sum);
}

static void coarsen_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct coarsen *c = user;
    (void)chunk;
    for (int64_t r = first; r < last; r++)
        for (int64_t x = 0; x < c->to_n_x; x++)
            c->to[r * c->to_n_x + x] = coarse_cell(c, x, c->to_y + r);
}

static tl_err make_weights(struct job *job, const float *w)
{
    tl_err err = TL_OK;
    job->level[0].at.w = w;
    job->level[0].at.w_y = 0;
    for (int l = 1; l < job->n_levels; l++) {
        struct level *v = &job->level[l], *fine = &job->level[l - 1];
        TL_TRY_PAR_ALLOC(job->ctx, v->w, (v->w_1 - v->w_0) * v->at.grid.n_x);
        struct coarsen c = {fine->at.w,
                            v->w,
                            fine->at.grid.n_x,
                            fine->at.grid.n_y,
                            fine->at.w_y,
                            v->at.grid.n_x,
                            v->w_0,
                            2,
                            false};
        tl_par_for(job->ctx, v->w_1 - v->w_0, 16, coarsen_rows, &c);
        v->at.w = v->w;
        v->at.w_y = v->w_0;
    }
done:
    return err;
}

static tl_err make_draws(struct job *job, const float *const *draws)
{
    tl_err err = TL_OK;
    const struct level *fine = &job->level[0];
    struct level *v = &job->level[job->n_levels - 1];
    int64_t y_0 = most_of(v->w_0 - 2, 0), y_1 = least_of(v->w_1 + 2, v->at.grid.n_y);
    v->at.n_draws = job->n_draws;
    v->at.draws = draws;
    for (int k = 0; k < job->n_draws && job->n_levels > 1; k++) {
        TL_TRY_PAR_ALLOC(job->ctx, v->draws[k], (y_1 - y_0) * v->at.grid.n_x);
        struct coarsen c = {draws[k],
                            v->draws[k],
                            fine->at.grid.n_x,
                            fine->at.grid.n_y,
                            0,
                            v->at.grid.n_x,
                            y_0,
                            job->plan->coarse,
                            true};
        tl_par_for(job->ctx, y_1 - y_0, 16, coarsen_rows, &c);
        v->draw_at[k] = v->draws[k];
        v->at.draws = v->draw_at;
        v->at.draws_y = y_0;
    }
done:
    return err;
}

/* Any cell wanted in a tile of a level, in the band's rows? */
static bool is_wanted(const struct job *job, const struct level *v, int64_t cells, struct tile t)
{
    int64_t n_x = job->level[0].at.grid.n_x;
    int64_t y_0 = most_of(t.y * cells, job->y0), x_0 = t.x * cells;
    int64_t y_1 = least_of((t.y + v->shape.b) * cells, job->y1);
    int64_t x_1 = least_of((t.x + v->shape.s) * cells, n_x);
    if (job->inside == NULL)
        return true;
    for (int64_t y = y_0; y < y_1; y++)
        for (int64_t x = x_0; x < x_1; x++)
            if (job->inside[y * n_x + x])
                return true;
    return false;
}

/* Is a window nearly without weights, on a level where that is known to be too much for single precision? */
static bool is_delicate(const struct level *v, struct tile t)
{
    int64_t h = v->shape.h, n_x = v->at.grid.n_x, n_set = 0;
    int64_t y_0 = most_of(t.y - h, 0), y_1 = least_of(t.y + v->shape.b + h, v->at.grid.n_y);
    int64_t x_0 = most_of(t.x - h, 0), x_1 = least_of(t.x + v->shape.s + h, n_x);
    if (v->at.q.a >= SINGLE_A)
        return false;
    for (int64_t y = y_0; y < y_1; y++)
        for (int64_t x = x_0; x < x_1; x++)
            n_set += v->at.w[(y - v->at.w_y) * n_x + x] != 0.0F;
    return n_set * 20 < (y_1 - y_0) * (x_1 - x_0);
}

static bool is_inner(const struct level *v, struct tile t)
{
    return tl_bvwindow_is_inner(&v->at, v->shape, t.x, t.y);
}

struct wanted {
    struct job *job;
    uint8_t *
        what; /* 0 = not wanted; single precision: 1 = inside the grid, 2 = at its edge; 3, 4 = double */
    int64_t n_across;
};

static void sort_tiles(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct wanted *list = user;
    const struct level *v = &list->job->level[list->job->now];
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        struct tile t = {i % list->n_across * v->shape.s,
                         v->row_0 + i / list->n_across * v->shape.b};
        if (is_wanted(list->job, v, (int64_t)1 << list->job->now, t))
            list->what[i] = (uint8_t)(1 + 2 * is_delicate(v, t) + !is_inner(v, t));
    }
}

static tl_err list_tiles(struct job *job)
{
    tl_err err = TL_OK;
    const struct level *v = &job->level[job->now];
    int64_t n_down = (v->row_1 - v->row_0 + v->shape.b - 1) / v->shape.b;
    struct wanted list = {job, NULL, (v->at.grid.n_x + v->shape.s - 1) / v->shape.s};
    TL_TRY_ALLOC(job->ctx, list.what, n_down * list.n_across);
    tl_par_for(job->ctx, n_down * list.n_across, 8, sort_tiles, &list);
    job->n_tiles = 0;
    for (int what = 1; what <= 4; what++) {
        for (int64_t i = 0; i < n_down * list.n_across; i++)
            if (list.what[i] == what)
                job->tile[job->n_tiles++] = (struct tile){
                    i % list.n_across * v->shape.s, v->row_0 + i / list.n_across * v->shape.b};
        job->n_single = what <= 2 ? job->n_tiles : job->n_single;
    }
done:
    tl_free(list.what);
    return err;
}

static struct worker *take_worker(struct job *job)
{
    for (;;)
        for (int i = 0; i < job->n_workers; i++)
            if (!atomic_flag_test_and_set_explicit(&job->worker[i].taken, memory_order_acquire))
                return &job->worker[i];
}

/* Windows of one shape: their first wanted cells, and which lane of the answer is whose. */
struct batch {
    const struct tile *tile;
    const int *lane;
    int n;
    float *const *answer;
};

/* A lane's numbers out of a batch into [lanes][b][s]. */
static void take_lane(const struct tl_bvkernel *kernel, const struct tl_bvkernel_work *work,
                      int lane, int to_lane, double scale, float *const *answer)
{
    int64_t b = work->shape.b, s = work->shape.s, to = to_lane * b * s;
    for (int64_t c = 0; c < s; c++)
        for (int64_t r = 0; r < b; r++) {
            int64_t at = (c * b + r) * kernel->lanes + lane;
            answer[0][to + r * s + c] = (float)(scale * tl_bvwindow_get(kernel, work->var, at));
            if (work->kp == 0)
                continue;
            answer[1][to + r * s + c] = (float)tl_bvwindow_get(kernel, work->square, at);
            answer[2][to + r * s + c] = (float)tl_bvwindow_get(kernel, work->fourth, at);
        }
}

/* Is what is equal for all windows inside the grid (couplings, made-up fields) in the batch already? Notes what will be. */
static bool is_there(struct inner *there, const struct tl_bvwindow_level *at,
                     struct tl_bvkernel_shape shape, const struct batch *batch)
{
    struct inner now = {at->q.a, shape.b, shape.s, shape.h, shape.k, at->draws == NULL};
    bool inner = true, same = now.a == there->a && now.b == there->b && now.s == there->s &&
                              now.h == there->h && now.k == there->k && now.modes == there->modes;
    for (int i = 0; i < batch->n; i++)
        inner = inner && tl_bvwindow_is_inner(at, shape, batch->tile[i].x, batch->tile[i].y);
    *there = inner ? now : (struct inner){0};
    return inner && same;
}

/* One batch in either precision; lanes whose least pivot is below `least` are marked, and not taken. */
static void run_kernel(const struct tl_bvkernel *kernel, void *memory, struct inner *there,
                       const struct tl_bvwindow_level *at, struct tl_bvkernel_shape shape,
                       const struct batch *batch, double least, bool *marked)
{
    struct tl_bvkernel_work work;
    bool known = is_there(there, at, shape, batch);
    tl_bvkernel_lay_out(kernel, shape, memory, &work);
    if (work.kp > 0 && !(known && at->draws == NULL))
        memset(work.rhs, 0, (size_t)(work.n * work.kp * work.m * kernel->lanes) * kernel->real);
    for (int l = 0; l < kernel->lanes; l++) {
        struct tile t = batch->tile[l < batch->n ? l : 0];
        tl_bvwindow_fill(kernel, &work, l, at, t.x, t.y, known);
    }
    kernel->run(&work);
    for (int l = 0; l < batch->n; l++) {
        marked[l] = !(tl_bvwindow_get(kernel, work.least, l) > least);
        if (!marked[l])
            take_lane(kernel, &work, l, batch->lane[l], tl_bvwindow_scale(at), batch->answer);
    }
}

static void run_double(struct job *job, struct bench *me, const struct tl_bvwindow_level *at,
                       struct tl_bvkernel_shape shape, const struct batch *batch)
{
    bool bad[MAX_LANES] = {false};
    for (int first = 0; first < batch->n; first += job->twice->lanes) {
        struct batch part = *batch;
        part.tile += first;
        part.lane += first;
        part.n = (int)least_of(batch->n - first, job->twice->lanes);
        run_kernel(job->twice, me->twice, &me->inner_twice, at, shape, &part, DOUBLE_SHARE, bad);
        for (int l = 0; l < part.n; l++)
            if (bad[l])
                atomic_store(&job->bad, 1);
    }
}

/* In single precision, and again in double what that cannot hold. */
static void run_single(struct job *job, struct bench *me, const struct tl_bvwindow_level *at,
                       struct tl_bvkernel_shape shape, const struct batch *batch)
{
    struct tile tile[MAX_LANES];
    int lane[MAX_LANES], n = 0;
    bool marked[MAX_LANES] = {false};
    run_kernel(job->single, me->single, &me->inner_single, at, shape, batch, SINGLE_SHARE, marked);
    for (int l = 0; l < batch->n; l++) {
        if (!marked[l])
            continue;
        tile[n] = batch->tile[l];
        lane[n++] = batch->lane[l];
    }
    if (n > 0)
        run_double(job, me, at, shape, &(struct batch){tile, lane, n, batch->answer});
}

static void run_windows(struct job *job, struct bench *me, const struct tl_bvwindow_level *at,
                        struct tl_bvkernel_shape shape, const struct tile *tile, int n, bool single,
                        float *const *answer)
{
    int lane[MAX_LANES];
    for (int l = 0; l < n; l++)
        lane[l] = l;
    struct batch batch = {tile, lane, n, answer};
    if (single)
        run_single(job, me, at, shape, &batch);
    else
        run_double(job, me, at, shape, &batch);
}

/* Coarsest level: the draws' share comes on top. */
static void keep_coarsest(const struct job *job, struct level *v, const struct tile *tile, int lane,
                          float *const answer[3])
{
    int64_t b = v->shape.b, s = v->shape.s, k = job->n_draws;
    for (int64_t r = 0; r < least_of(b, v->row_1 - tile->y); r++)
        for (int64_t c = 0; c < least_of(s, v->at.grid.n_x - tile->x); c++) {
            int64_t from = (lane * b + r) * s + c;
            int64_t to = (tile->y - v->row_0 + r) * v->at.grid.n_x + tile->x + c;
            double square = k > 0 ? (double)answer[1][from] / (double)k : 0.0;
            double fourth = k > 0 ? (double)answer[2][from] / (double)k : 0.0;
            v->full[to] = (float)((double)answer[0][from] + square);
            v->mcse[to] =
                (float)(k > 1 ? sqrt(fmax(fourth - square * square, 0.0) / (double)(k - 1))
                              : square);
        }
}

/* Value between coarse cells; beyond the outermost, on along the line of the last two. */
static double between(double here, double beyond, bool has_beyond, double behind)
{
    return has_beyond ? 0.75 * here + 0.25 * beyond : here + 0.25 * (here - behind);
}

/* Value of `field` [n_r][stride] at the finer cell (r, c). */
static double between_cells(const float *field, int64_t n_r, int64_t n_c, int64_t stride, int64_t r,
                            int64_t c)
{
    int64_t i = r / 2, j = c / 2, di = r % 2 ? 1 : -1, dj = c % 2 ? 1 : -1;
    int64_t i_on = i + di, i_off = i - di, j_on = j + dj, j_off = j - dj;
    bool has_i = i_on >= 0 && i_on < n_r, has_j = j_on >= 0 && j_on < n_c;
    int64_t row[3] = {i, has_i ? i_on : i, i_off >= 0 && i_off < n_r ? i_off : i};
    int64_t column[3] = {j, has_j ? j_on : j, j_off >= 0 && j_off < n_c ? j_off : j};
    double part[3];
    for (int k = 0; k < 3; k++) {
        const float *x = field + row[k] * stride;
        part[k] = between((double)x[column[0]], (double)x[column[1]], has_j, (double)x[column[2]]);
    }
    return between(part[0], part[1], has_i, part[2]);
}

/* Turns a coarser window's variances into what the outside adds, and its squared gains into gains. */
static void make_outside(const struct level *up, const struct tile *tile, int64_t n_r, int64_t n_c,
                         float *e, float *gain)
{
    for (int64_t r = 0; r < n_r; r++)
        for (int64_t c = 0; c < n_c; c++) {
            int64_t at = (tile->y / 2 - up->row_0 + r) * up->at.grid.n_x + tile->x / 2 + c;
            int64_t i = r * up->within.s + c;
            e[i] = fmaxf(up->full[at] - e[i], 0.0F);
            gain[i] = sqrtf(gain[i]);
        }
}

/* Finer level: what the outside adds is read from the coarser level, in the window's own cells. */
static void keep_finer(struct level *v, const struct level *up, const struct tile *tile, int lane,
                       float *const answer[6])
{
    int64_t b = v->shape.b, s = v->shape.s, hs = up->within.s, n_x = v->at.grid.n_x;
    int64_t n_r = least_of(up->within.b, up->at.grid.n_y - tile->y / 2);
    int64_t n_c = least_of(hs, up->at.grid.n_x - tile->x / 2);
    float *e = answer[3] + lane * up->within.b * hs, *gain = answer[4] + lane * up->within.b * hs;
    make_outside(up, tile, n_r, n_c, e, gain);
    for (int64_t r = 0; r < least_of(b, v->row_1 - tile->y); r++)
        for (int64_t c = 0; c < least_of(s, n_x - tile->x); c++) {
            int64_t from = (lane * b + r) * s + c, x = tile->x + c, y = tile->y + r;
            int64_t to = (y - v->row_0) * n_x + x, coarse = y / 2 - up->row_0;
            double coarse_gain = between_cells(gain, n_r, n_c, hs, r, c);
            double share =
                ((double)answer[1][from] + LEAST_GAIN) / (coarse_gain * coarse_gain + LEAST_GAIN);
            double outside = fmax(between_cells(e, n_r, n_c, hs, r, c), 0.0) * share;
            v->full[to] = (float)((double)answer[0][from] + outside);
            v->mcse[to] = (float)(share * (double)up->mcse[coarse * up->at.grid.n_x + x / 2]);
        }
}

static void run_batch(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct job *job = user;
    struct worker *me = take_worker(job);
    struct level *v = &job->level[job->now];
    bool single = job->in_single;
    const struct tile *tile = job->tile + (single ? 0 : job->n_single) + first;
    int n = (int)(last - first);
    (void)chunk;
    if (job->now == job->n_levels - 1) {
        run_windows(job, &me->own, &v->at, v->shape, tile, n, single, me->answer);
        for (int l = 0; l < n; l++)
            keep_coarsest(job, v, &tile[l], l, me->answer);
    } else {
        struct tl_bvwindow_level own = v->at, up = v[1].at;
        struct tile half[MAX_LANES];
        own.n_draws = up.n_draws = TL_BVWINDOW_MODES;
        own.draws = up.draws = NULL;
        for (int l = 0; l < n; l++)
            half[l] = (struct tile){tile[l].x / 2, tile[l].y / 2};
        run_windows(job, &me->own, &own, v->shape, tile, n, single, me->answer);
        run_windows(job, &me->up, &up, v[1].within, half, n, single, me->answer + 3);
        for (int l = 0; l < n; l++)
            keep_finer(v, v + 1, &tile[l], l, me->answer);
    }
    atomic_flag_clear_explicit(&me->taken, memory_order_release);
}

/* Bytes of the largest batch of a level's own windows, or of the finer level's on it. */
static int64_t batch_bytes(const struct job *job, const struct tl_bvkernel *kernel, bool within)
{
    int64_t most = 1;
    for (int l = within ? 1 : 0; l < job->n_levels; l++)
        most = most_of(
            most, tl_bvkernel_bytes(kernel, within ? job->level[l].within : job->level[l].shape));
    return most;
}

static int64_t worker_bytes(const struct job *job)
{
    int64_t sum =
        6 * job->single->lanes * job->plan->block * job->plan->length * (int64_t)sizeof(float);
    for (int within = 0; within < 2; within++)
        sum += batch_bytes(job, job->single, within) + batch_bytes(job, job->twice, within);
    return sum;
}

int64_t tl_blockvar_bytes(const struct tl_stencil_grid *grid, const struct tl_blockvar_plan *plan,
                          int n_draws, int64_t n_rows, int n_threads)
{
    struct job job = {.plan = plan,
                      .single = tl_bvkernel_of(TL_BVKERNEL_BEST, false),
                      .twice = tl_bvkernel_of(TL_BVKERNEL_BEST, true),
                      .n_draws = n_draws,
                      .y0 = 0,
                      .y1 = least_of(n_rows + tl_blockvar_step(plan), grid->n_y)};
    lay_levels(&job, grid, (struct tl_stencil_q){1.0, 1.0});
    int64_t sum = n_threads * worker_bytes(&job);
    for (int l = 0; l < job.n_levels; l++) {
        const struct level *v = &job.level[l];
        int64_t rows = 2 * (v->row_1 - v->row_0), margin = 2 * (plan->halo + 2);
        if (l > 0)
            rows += v->w_1 - v->w_0 + margin;
        if (l > 0 && l == job.n_levels - 1)
            rows += n_draws * (v->w_1 - v->w_0 + margin);
        sum += rows * v->at.grid.n_x * (int64_t)sizeof(float);
    }
    return sum;
}

static tl_err make_bench(const struct job *job, bool within, struct bench *bench)
{
    bench->single = tl_alloc(job->ctx, batch_bytes(job, job->single, within), 1);
    if (bench->single == NULL)
        return TL_ENOMEM;
    bench->twice = tl_alloc(job->ctx, batch_bytes(job, job->twice, within), 1);
    return bench->twice == NULL ? TL_ENOMEM : TL_OK;
}

static tl_err make_workers(struct job *job)
{
    tl_err err = TL_OK;
    int64_t numbers = job->single->lanes * job->plan->block * job->plan->length;
    TL_TRY_ALLOC(job->ctx, job->worker, job->n_workers);
    for (int i = 0; i < job->n_workers; i++) {
        struct worker *w = &job->worker[i];
        atomic_flag_clear(&w->taken);
        TL_TRY(make_bench(job, false, &w->own));
        TL_TRY(make_bench(job, true, &w->up));
        for (int k = 0; k < 6; k++)
            TL_TRY_ALLOC(job->ctx, w->answer[k], numbers);
    }
    for (int l = 0; l < job->n_levels; l++) {
        const struct level *v = &job->level[l];
        job->max_tiles = most_of(job->max_tiles, ((v->row_1 - v->row_0) / v->shape.b + 1) *
                                                     (v->at.grid.n_x / v->shape.s + 1));
    }
    TL_TRY_ALLOC(job->ctx, job->tile, job->max_tiles);
done:
    return err;
}

static void free_job(struct job *job)
{
    for (int i = 0; job->worker != NULL && i < job->n_workers; i++) {
        tl_free(job->worker[i].own.single);
        tl_free(job->worker[i].own.twice);
        tl_free(job->worker[i].up.single);
        tl_free(job->worker[i].up.twice);
        for (int k = 0; k < 6; k++)
            tl_free(job->worker[i].answer[k]);
    }
    tl_free(job->worker);
    tl_free(job->tile);
    for (int l = 0; l < job->n_levels; l++) {
        tl_free(job->level[l].w);
        tl_free(job->level[l].full);
        tl_free(job->level[l].mcse);
        for (int k = 0; k < TL_BLOCKVAR_MAX_DRAWS; k++)
            tl_free(job->level[l].draws[k]);
    }
}

static tl_err run_level(struct job *job, int l)
{
    tl_err err = TL_OK;
    struct level *v = &job->level[l];
    job->now = l;
    TL_TRY_PAR_ALLOC(job->ctx, v->full, (v->row_1 - v->row_0) * v->at.grid.n_x);
    TL_TRY_PAR_ALLOC(job->ctx, v->mcse, (v->row_1 - v->row_0) * v->at.grid.n_x);
    TL_TRY(list_tiles(job));
    job->in_single = true;
    tl_par_for(job->ctx, job->n_single, job->single->lanes, run_batch, job);
    job->in_single = false;
    tl_par_for(job->ctx, job->n_tiles - job->n_single, job->twice->lanes, run_batch, job);
    TL_TRY(tl_cancelled(job->ctx));
    if (atomic_load(&job->bad) != 0)
        TL_THROW(
            job->ctx, TL_ENUMERIC,
            "variances: Q + W is not positive definite in a window; expected finite weights >= 0");
done:
    return err;
}

struct hand {
    const struct job *job;
    float *var, *mcse;
};

static void hand_out(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct hand *hand = user;
    const struct job *job = hand->job;
    const struct level *v = &job->level[0];
    int64_t n_x = v->at.grid.n_x, from = (job->y0 - v->row_0) * n_x;
    (void)chunk;
    for (int64_t i = first * n_x; i < last * n_x; i++) {
        bool wanted = job->inside == NULL || job->inside[job->y0 * n_x + i] != 0;
        hand->var[i] = wanted ? v->full[from + i] : 0.0F;
        if (hand->mcse != NULL)
            hand->mcse[i] = wanted ? v->mcse[from + i] : 0.0F;
    }
}

tl_err tl_blockvar_rows(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                        struct tl_stencil_q q, const float *w, const uint8_t *inside,
                        const struct tl_blockvar_plan *plan, int n_draws, const float *const *draws,
                        int64_t y0, int64_t y1, float *var, float *mcse)
{
    tl_err err = TL_OK;
    struct job *job = NULL;
    TL_TRY(check(ctx, grid, plan, n_draws, y0, y1));
    TL_TRY_ALLOC(ctx, job, 1);
    *job = (struct job){.ctx = ctx,
                        .plan = plan,
                        .single = tl_bvkernel_of(TL_BVKERNEL_BEST, false),
                        .twice = tl_bvkernel_of(TL_BVKERNEL_BEST, true),
                        .n_draws = n_draws,
                        .n_workers = tl_ctx_threads(ctx),
                        .inside = inside,
                        .y0 = y0,
                        .y1 = y1};
    lay_levels(job, grid, q);
    TL_TRY(make_weights(job, w));
    TL_TRY(make_draws(job, draws));
    TL_TRY(make_workers(job));
    for (int l = job->n_levels - 1; l >= 0; l--)
        TL_TRY(run_level(job, l));
    tl_par_for(ctx, y1 - y0, 8, hand_out, &(struct hand){job, var, mcse});
done:
    if (job != NULL)
        free_job(job);
    tl_free(job);
    return err;
}
