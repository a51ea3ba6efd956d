#include "reference.h"

#include <math.h>
#include <string.h>

#include "field/mgdirect.h"
#include "field/mglevel.h"
#include "par/par.h"

/* The operations on rows in the machine's widest vectors, as any compiled solver would have them. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("default", "avx2", "arch=x86-64-v4"), optimize("O3")))
#else
#define WIDE
#endif

enum { LEVELS = 40, DIRECT = 256, N = TL_MGKERNEL_SMOOTH, ROWS = 16, ROOM = 16 };

struct level {
    struct tl_mgkernel_level at;       /* owns: axes, roots; its arrays are not used but w, b, e */
    float *back, *forth, *width;       /* owns: [n_x] */
    float *u, *t, *v, *r, *inv, *half; /* owns: [n]; half: [n_y][n_x of the coarser level] */
    const float *w;                    /* borrows, or at.own_w */
    float *b, *e;                      /* owns through `at`; NULL on the finest level */
};

struct reference {
    struct tl_ctx *ctx;
    struct tl_stencil_grid grid;
    int n_levels, n_used;
    bool exact;
    struct level level[LEVELS];
    struct tl_mgdirect direct;
    double *direct_work; /* owns */
    float *z, *p;        /* owns: [n] */
    double *sums;        /* owns: [n_y] */
    int64_t bytes;
};

/* One operation over the rows of a level. */
struct op {
    struct reference *r;
    const struct level *l, *coarse;
    const float *a, *b, *c, *d;
    float *out;
    float f;
    void (*row)(const struct op *op, int64_t y);
    double *sums;
};

static void op_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct op *op = user;
    (void)chunk;
    for (int64_t y = first; y < last; y++)
        op->row(op, y);
}

/* @param bytes  read and written a cell of the level */
static void run(struct reference *r, const struct level *l, int bytes, struct op op)
{
    op.r = r;
    op.l = l;
    op.sums = r->sums;
    tl_par_for(r->ctx, l->at.y.n, ROWS, op_rows, &op);
    r->bytes += bytes * l->at.x.n * l->at.y.n;
}

static double total(const struct reference *r, const struct level *l)
{
    double sum = 0.0;
    for (int64_t y = 0; y < l->at.y.n; y++)
        sum += r->sums[y];
    return sum;
}

/* Couplings to the rows above and below, and height, of row y. */
struct edge {
    float up, down, height;
    const float *above, *below; /* of the array's row */
};

static struct edge edge_of(const struct level *l, const float *a, int64_t y)
{
    int64_t n_x = l->at.x.n, n_y = l->at.y.n;
    const float *row = a + y * n_x;
    struct edge e = {1.0f, 1.0f, 1.0f, y > 0 ? row - n_x : row, y + 1 < n_y ? row + n_x : row};
    if (y == n_y - 1) {
        e.height = (float)l->at.y.last;
        e.up = l->at.y.back;
    }
    if (y == n_y - 2)
        e.down = l->at.y.forth;
    return e;
}

/* out = straight a + mix M^-1 K a. */
WIDE static void helmholtz(const struct level *l, const float *a, int64_t y, float *out)
{
    int64_t n = l->at.x.n;
    struct edge e = edge_of(l, a, y);
    const float *row = a + y * n;
    const float *restrict up = e.above, *restrict down = e.below;
    float straight = l->at.straight, mix = l->at.mix;
    for (int64_t x = 0; x < n; x++) {
        int64_t left = x > 0 ? x - 1 : x, right = x + 1 < n ? x + 1 : x;
        if (x > 0 && x + 2 < n)
            break;
        float s = l->back[x] * (row[x] - row[left]) + l->forth[x] * (row[x] - row[right]);
        out[x] =
            straight * row[x] + mix * (s + (e.up * (row[x] - up[x]) + e.down * (row[x] - down[x])));
    }
    for (int64_t x = 1; x + 2 < n; x++) {
        float s = (row[x] - row[x - 1]) + (row[x] - row[x + 1]);
        out[x] =
            straight * row[x] + mix * (s + (e.up * (row[x] - up[x]) + e.down * (row[x] - down[x])));
    }
    for (int64_t x = n > 2 ? n - 2 : 1; x < n; x++) {
        int64_t right = x + 1 < n ? x + 1 : x;
        float s = l->back[x] * (row[x] - row[x - 1]) + l->forth[x] * (row[x] - row[right]);
        out[x] =
            straight * row[x] + mix * (s + (e.up * (row[x] - up[x]) + e.down * (row[x] - down[x])));
    }
}

static void row_root(const struct op *op, int64_t y)
{
    helmholtz(op->l, op->a, y, op->out + y * op->l->at.x.n);
}

/* out = M B a + w b. */
WIDE static void row_apply(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    struct edge e = edge_of(op->l, op->a, y);
    float *out = op->out + y * n;
    const float *w = op->l->w + y * n, *b = op->b + y * n, *width = op->l->width;
    helmholtz(op->l, op->a, y, out);
    for (int64_t x = 0; x < n; x++)
        out[x] = e.height * width[x] * out[x] + w[x] * b[x];
}

WIDE static void row_inverse(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    struct edge e = edge_of(op->l, op->l->w, y);
    const float *w = op->l->w + y * n;
    float top = e.height * op->l->at.top, hold = op->l->at.hold, *out = op->out + y * n;
    for (int64_t x = 0; x < n; x++)
        out[x] = 1.0f / (top * op->l->width[x] + hold * w[x]);
}

/* out = f a b. */
WIDE static void row_scale(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    const float *a = op->a + y * n, *b = op->b + y * n;
    float *out = op->out + y * n, f = op->f;
    for (int64_t x = 0; x < n; x++)
        out[x] = f * a[x] * b[x];
}

/* out += f a (b - c). */
WIDE static void row_step(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    const float *a = op->a + y * n, *b = op->b + y * n, *c = op->c + y * n;
    float *out = op->out + y * n, f = op->f;
    for (int64_t x = 0; x < n; x++)
        out[x] += f * a[x] * (b[x] - c[x]);
}

/* out = m top a (b - c). */
WIDE static void row_leave(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    struct edge e = edge_of(op->l, op->a, y);
    const float *a = op->a + y * n, *b = op->b + y * n, *c = op->c + y * n;
    float *out = op->out + y * n, top = e.height * op->l->at.top;
    for (int64_t x = 0; x < n; x++)
        out[x] = top * op->l->width[x] * a[x] * (b[x] - c[x]);
}

/* out = a + f b. */
WIDE static void row_add(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    const float *a = op->a + y * n, *b = op->b + y * n;
    float *out = op->out + y * n, f = op->f;
    for (int64_t x = 0; x < n; x++)
        out[x] = a[x] + f * b[x];
}

WIDE static void row_dot(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    const float *a = op->a + y * n, *b = op->b + y * n;
    double lane[16] = {0.0}, sum = 0.0;
    int64_t x = 0;
    for (; x + 16 <= n; x += 16)
        for (int i = 0; i < 16; i++)
            lane[i] += (double)a[x + i] * (double)b[x + i];
    for (; x < n; x++)
        sum += (double)a[x] * (double)b[x];
    for (int i = 0; i < 16; i++)
        sum += lane[i];
    op->sums[y] = sum;
}

/* A row restricted along itself: out [n_y][coarse n_x] of a. */
static void row_restrict_x(const struct op *op, int64_t y)
{
    const struct tl_mgkernel_axis *ax = &op->l->at.x;
    const float *a = op->a + y * ax->n;
    float *out = op->out + y * ax->n_coarse;
    int64_t plain = ax->n_coarse > 3 ? ax->n_coarse - 2 : 0;
    memset(out, 0, (size_t)ax->n_coarse * sizeof *out);
    for (int64_t j = 1; j < plain; j++)
        out[j] = 0.75f * (a[2 * j] + a[2 * j + 1]) + 0.25f * (a[2 * j - 1] + a[2 * j + 2]);
    for (int64_t x = 0; x < ax->n; x++) {
        if (x == 4 && 2 * plain - 2 > x)
            x = 2 * plain - 2;
        if (ax->own[x] < 1 || ax->own[x] >= plain)
            out[ax->own[x]] += (1.0f - ax->weight[x]) * a[x];
        if (ax->other[x] < 1 || ax->other[x] >= plain)
            out[ax->other[x]] += ax->weight[x] * a[x];
    }
}

/* Rows of `half` restricted down: row y of the coarser level. */
WIDE static void row_restrict_y(const struct op *op, int64_t y)
{
    const struct tl_mgkernel_axis *ay = &op->coarse->at.y;
    int64_t n = op->l->at.x.n, first = y > 0 ? 2 * y - 2 : 0;
    float *out = op->out + y * op->l->at.stride;
    memset(out, 0, (size_t)n * sizeof *out);
    for (int64_t f = first; f < ay->n && f < 2 * y + 6; f++) {
        float share = ay->own[f] == y     ? 1.0f - ay->weight[f]
                      : ay->other[f] == y ? ay->weight[f]
                                          : 0.0f;
        const float *a = op->a + f * n;
        for (int64_t x = 0; share != 0.0f && x < n; x++)
            out[x] += share * a[x];
    }
}

/* out += m top a P e, e of the coarser level. */
WIDE static void row_prolong(const struct op *op, int64_t y)
{
    const struct tl_mgkernel_axis *ax = &op->l->at.x, *ay = &op->l->at.y;
    int64_t n = ax->n, stride = op->coarse->at.stride,
            plain = ax->n_coarse > 3 ? ax->n_coarse - 2 : 0;
    const float *e0 = op->b + ay->own[y] * stride, *e1 = op->b + ay->other[y] * stride;
    const float *a = op->a + y * n;
    float *out = op->out + y * n, share = ay->weight[y];
    float top = edge_of(op->l, op->a, y).height * op->l->at.top;
    for (int64_t j = 1; j < plain; j++) {
        float left = e0[j - 1] + share * (e1[j - 1] - e0[j - 1]);
        float here = e0[j] + share * (e1[j] - e0[j]);
        float right = e0[j + 1] + share * (e1[j + 1] - e0[j + 1]);
        out[2 * j] += top * a[2 * j] * (0.75f * here + 0.25f * left);
        out[2 * j + 1] += top * a[2 * j + 1] * (0.75f * here + 0.25f * right);
    }
    for (int64_t x = 0; x < n; x++) {
        if (x == 2 && 2 * plain > x)
            x = 2 * plain;
        int64_t i = ax->own[x], k = ax->other[x];
        float own = e0[i] + share * (e1[i] - e0[i]), other = e0[k] + share * (e1[k] - e0[k]);
        out[x] += top * op->l->width[x] * a[x] * (own + ax->weight[x] * (other - own));
    }
}

static void row_weigh(const struct op *op, int64_t y)
{
    int64_t n = op->l->at.x.n;
    float most = (float)(TL_MGKERNEL_HOLE)*op->l->at.diagonal * edge_of(op->l, op->a, y).height;
    for (int64_t x = 0; x < n; x++) {
        float m = most * op->l->width[x], w = op->a[y * n + x];
        op->out[y * n + x] = m * (w / (m + w));
    }
}

static void restrict_to(struct reference *r, int l, const float *from, float *to)
{
    struct level *fine = &r->level[l], *coarse = &r->level[l + 1];
    run(r, fine, 6, (struct op){.row = row_restrict_x, .a = from, .out = fine->half});
    run(r, coarse, 12,
        (struct op){.row = row_restrict_y, .a = fine->half, .coarse = fine, .out = to});
}

/* v = A u by way of t. */
static void apply(struct reference *r, const struct level *l, const float *u)
{
    run(r, l, 8, (struct op){.row = row_root, .a = u, .out = l->t});
    run(r, l, 16, (struct op){.row = row_apply, .a = l->t, .b = u, .out = l->v});
}

static void smooth(struct reference *r, const struct level *l, const float *b, int step)
{
    apply(r, l, l->u);
    run(r, l, 20,
        (struct op){
            .row = row_step, .a = l->inv, .b = b, .c = l->v, .out = l->u, .f = l->at.step[step]});
}

static void down(struct reference *r, int l, const float *b)
{
    const struct level *at = &r->level[l];
    run(r, at, 12,
        (struct op){.row = row_scale, .a = at->inv, .b = b, .out = at->u, .f = at->at.step[0]});
    for (int s = 1; s < N; s++)
        smooth(r, at, b, s);
    if (l + 1 >= r->n_used)
        return;
    apply(r, at, at->u);
    run(r, at, 16, (struct op){.row = row_leave, .a = at->inv, .b = b, .c = at->v, .out = at->t});
    restrict_to(r, l, at->t, r->level[l + 1].b);
}

static void up(struct reference *r, int l, const float *b)
{
    const struct level *at = &r->level[l];
    if (l + 1 < r->n_used)
        run(r, at, 13,
            (struct op){.row = row_prolong,
                        .a = at->inv,
                        .b = r->level[l + 1].e,
                        .coarse = &r->level[l + 1],
                        .out = at->u});
    for (int s = N - 1; s >= 0; s--)
        smooth(r, at, b, s);
}

/* z = M r: the V-cycle. Coarser levels keep b and e in rows of their stride, which here is n_x. */
static void cycle(struct reference *r, const float *b, float *z)
{
    int deepest = r->exact ? r->n_used - 2 : r->n_used - 1;
    for (int l = 0; l <= deepest; l++)
        down(r, l, l == 0 ? b : r->level[l].b);
    if (r->exact) {
        struct level *last = &r->level[r->n_used - 1];
        tl_mgdirect_solve(&r->direct, &last->at, last->b, last->e, r->direct_work);
    }
    for (int l = deepest; l >= 0; l--) {
        up(r, l, l == 0 ? b : r->level[l].b);
        memcpy(l == 0 ? z : r->level[l].e, r->level[l].u,
               (size_t)(r->level[l].at.x.n * r->level[l].at.y.n) * sizeof(float));
        r->bytes += 8 * r->level[l].at.x.n * r->level[l].at.y.n;
    }
}

static double dot(struct reference *r, const float *a, const float *b)
{
    run(r, &r->level[0], a == b ? 4 : 8, (struct op){.row = row_dot, .a = a, .b = b});
    return total(r, &r->level[0]);
}

void reference_solve(struct reference *r, const float *b, float *x, double tolerance, int most,
                     struct reference_report *report)
{
    struct level *l = &r->level[0];
    int64_t n = r->grid.n;
    double gamma = 0.0;
    r->bytes = 0;
    *report = (struct reference_report){.residual = 1.0};
    memset(x, 0, (size_t)n * sizeof *x);
    memcpy(l->r, b, (size_t)n * sizeof *b);
    r->bytes += 12 * n;
    double norm_b = sqrt(dot(r, b, b));
    for (int k = 0; k < most && report->residual > tolerance; k++) {
        cycle(r, l->r, r->z);
        double now = dot(r, l->r, r->z);
        run(r, l, 12,
            (struct op){.row = row_add,
                        .a = r->z,
                        .b = r->p,
                        .out = r->p,
                        .f = k > 0 ? (float)(now / gamma) : 0.0f});
        gamma = now;
        apply(r, l, r->p);
        float alpha = (float)(gamma / dot(r, r->p, l->v));
        run(r, l, 12, (struct op){.row = row_add, .a = x, .b = r->p, .out = x, .f = alpha});
        run(r, l, 12, (struct op){.row = row_add, .a = l->r, .b = l->v, .out = l->r, .f = -alpha});
        report->residual = sqrt(dot(r, l->r, l->r)) / norm_b;
        if (k < 64)
            report->history[k] = report->residual;
        report->iterations = k + 1;
    }
    report->bytes = r->bytes;
}

static tl_err level_init(struct tl_ctx *ctx, int64_t n_x, double last_x, int64_t n_y, double last_y,
                         bool coarse, struct level *l)
{
    tl_err err = TL_OK;
    TL_TRY(tl_mglevel_init(ctx, n_x, last_x, n_y, last_y, 1, coarse, &l->at));
    int64_t n = n_x * n_y + ROOM;
    float **arrays[] = {&l->u, &l->t, &l->v, &l->r, &l->inv};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        TL_TRY_PAR_ALLOC(ctx, *arrays[i], n);
    TL_TRY_ALLOC(ctx, l->half, l->at.x.n_coarse * n_y + ROOM);
    TL_TRY_ALLOC(ctx, l->back, n_x);
    TL_TRY_ALLOC(ctx, l->forth, n_x);
    TL_TRY_ALLOC(ctx, l->width, n_x);
    for (int64_t x = 0; x < n_x; x++)
        l->back[x] = l->forth[x] = l->width[x] = 1.0f;
    l->width[n_x - 1] = (float)last_x;
    l->back[n_x - 1] = l->at.x.back;
    if (n_x > 1)
        l->forth[n_x - 2] = l->at.x.forth;
    l->at.stride = l->at.w_stride = n_x; /* rows one after another, all arrays alike */
    l->b = l->at.b;
    l->e = l->at.e;
    l->w = l->at.own_w;
done:
    return err;
}

struct reference *reference_create(struct tl_ctx *ctx, const struct tl_stencil_grid *grid)
{
    struct reference *r = tl_alloc(ctx, 1, sizeof *r);
    int64_t n_x = grid->n_x, n_y = grid->n_y;
    double last_x = 1.0, last_y = 1.0;
    if (r == NULL)
        return NULL;
    r->ctx = ctx;
    r->grid = *grid;
    for (int l = 0; l < LEVELS; l++) {
        struct level *at = &r->level[l];
        if (level_init(ctx, n_x, last_x, n_y, last_y, l > 0, at) != TL_OK)
            goto failed;
        r->n_levels = l + 1;
        if (l > 0 && n_x * n_y <= DIRECT)
            break;
        n_x = tl_mglevel_coarsen(n_x, last_x, &last_x);
        n_y = tl_mglevel_coarsen(n_y, last_y, &last_y);
    }
    r->z = tl_par_alloc(ctx, grid->n, sizeof *r->z);
    r->p = tl_par_alloc(ctx, grid->n, sizeof *r->p);
    r->sums = tl_alloc(ctx, grid->n_y, sizeof *r->sums);
    r->direct_work = tl_alloc(ctx, DIRECT, sizeof *r->direct_work);
    if (r->z != NULL && r->p != NULL && r->sums != NULL && r->direct_work != NULL &&
        tl_mgdirect_init(ctx, &r->level[r->n_levels - 1].at, &r->direct) == TL_OK)
        return r;
failed:
    reference_free(r);
    return NULL;
}

void reference_free(struct reference *r)
{
    for (int l = 0; r != NULL && l < LEVELS; l++) {
        struct level *at = &r->level[l];
        float *arrays[] = {at->u,    at->t,    at->v,     at->r,    at->inv,
                           at->half, at->back, at->forth, at->width};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
            tl_free(arrays[i]);
        tl_mglevel_fini(&at->at);
    }
    if (r == NULL)
        return;
    tl_mgdirect_fini(&r->direct);
    tl_free(r->direct_work);
    tl_free(r->z);
    tl_free(r->p);
    tl_free(r->sums);
    tl_free(r);
}

tl_err reference_set(struct reference *r, struct tl_stencil_q q, const float *w)
{
    double a = q.a, c = q.c;
    r->level[0].w = w;
    r->n_used = 0;
    /* As tl_multigrid_set: down to where Q is nearly a diagonal. */
    for (int l = 0; l < r->n_levels && r->n_used == 0; l++) {
        tl_mglevel_set(&r->level[l].at, a, c);
        r->n_used = a > 4.0 ? l + 1 : 0;
        c *= (r->level[l].at.x.n == 1 ? 0.5 : 1.0) * (r->level[l].at.y.n == 1 ? 0.5 : 1.0);
        a *= 2.0;
    }
    r->exact = r->n_used == 0;
    r->n_used = r->exact ? r->n_levels : r->n_used;
    for (int l = 0; l < r->n_used; l++) {
        struct level *at = &r->level[l];
        run(r, at, 8, (struct op){.row = row_inverse, .out = at->inv});
        if (l + 1 == r->n_used)
            continue;
        run(r, at, 8, (struct op){.row = row_weigh, .a = at->w, .out = at->t});
        restrict_to(r, l, at->t, r->level[l + 1].at.own_w);
    }
    return r->exact ? tl_mgdirect_set(r->ctx, &r->level[r->n_levels - 1].at, &r->direct) : TL_OK;
}
