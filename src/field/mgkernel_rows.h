/*
 * Source of the kernels; mgkernel.c includes it once for each kind of vector instructions (no include guard).
 *
 * A tile is treated as a small grid of its own with closed edges: what is wrong because of that creeps inward one cell for each
 * application of l, and never reaches the inside through the margin. Rows live in rings; row y of step k is made when row
 * y + 2k is read, and a ring's row is used until the window has passed it.
 */
#define MG_INLINE static inline __attribute__((always_inline)) MG_TARGET
#define MG_FN     static MG_TARGET
#define MG_WIDTH  (TL_MGKERNEL_TILE_X + 2 * TL_MGKERNEL_MARGIN)
#define MG_ROW    (MG_WIDTH + 7 * TL_MGKERNEL_LANES)

struct MG_NAME(ring4) {
    float row[4][MG_ROW] __attribute__((aligned(64)));
};
struct MG_NAME(ring8) {
    float row[8][MG_ROW] __attribute__((aligned(64)));
};

/* The first cell of a row; one vector of room on its left for the ghost. */
MG_INLINE float *MG_NAME(at4)(struct MG_NAME(ring4) * ring, int64_t y)
{
    return ring->row[y & 3] + TL_MGKERNEL_LANES;
}

MG_INLINE float *MG_NAME(at8)(struct MG_NAME(ring8) * ring, int64_t y)
{
    return ring->row[y & 7] + TL_MGKERNEL_LANES;
}

MG_INLINE vec MG_NAME(load)(const float *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

MG_INLINE void MG_NAME(store)(float *p, vec v)
{
    memcpy(p, &v, sizeof v);
}

MG_INLINE vec MG_NAME(all)(float f)
{
    return f - (vec){0};
}

/* What a row operation needs to know of its tile and level. */
struct MG_NAME(work) {
    const struct tl_mgkernel_pass *pass;
    const struct tl_mgkernel_level *level;
    const struct tl_mgkernel_tile *tile;
    int64_t n;        /* cells of a row, with margin */
    int64_t in0, in1; /* inside, from the row's first cell */
    bool uneven;      /* the last column's width is not 1: couplings from the rows below */
    float back[MG_ROW], forth[MG_ROW], width[MG_ROW];
};

MG_INLINE void MG_NAME(begin)(struct MG_NAME(work) * k, const struct tl_mgkernel_pass *pass,
                              const struct tl_mgkernel_tile *tile)
{
    const struct tl_mgkernel_axis *x = &pass->level->x;
    k->pass = pass;
    k->level = pass->level;
    k->tile = tile;
    k->n = tile->cx1 - tile->cx0;
    k->in0 = tile->x0 - tile->cx0;
    k->in1 = tile->x1 - tile->cx0;
    k->uneven = tile->cx1 == x->n && x->last != 1.0;
    if (!k->uneven)
        return;
    for (int64_t i = 0; i < k->n + TL_MGKERNEL_LANES; i++)
        k->back[i] = k->forth[i] = k->width[i] = 1.0f;
    k->width[k->n - 1] = (float)x->last;
    k->back[k->n - 1] = x->back;
    if (k->n > 1)
        k->forth[k->n - 2] = x->forth;
}

/*
 * What the inner loops need, by value: stores of vectors may alias anything behind a pointer. `uneven` is a constant wherever
 * these are used, so that even rows pay nothing for it.
 */
struct MG_NAME(line) {
    float up, down, height; /* couplings to the rows above and below; height of this one */
    float straight, mix, top, hold;
    const float *back, *forth, *width;
    int64_t n;
};

MG_INLINE struct MG_NAME(line) MG_NAME(line_of)(const struct MG_NAME(work) * k, int64_t y)
{
    const struct tl_mgkernel_level *level = k->level;
    struct MG_NAME(line) l = {1.0f,        1.0f,    1.0f,     level->straight, level->mix, 0.0f,
                              level->hold, k->back, k->forth, k->width,        k->n};
    if (y == level->y.n - 1) {
        l.height = (float)level->y.last;
        l.up = level->y.back;
    }
    if (y == level->y.n - 2)
        l.down = level->y.forth;
    l.top = l.height * level->top;
    return l;
}

MG_INLINE void MG_NAME(ghosts)(float *row, int64_t n)
{
    row[-1] = row[0];
    row[n] = row[n - 1];
}

/* A row from memory; what the last vector holds beyond it must be finite. */
MG_INLINE void MG_NAME(fetch)(float *row, const float *from, int64_t n)
{
    int64_t i = 0;
    for (; i + TL_MGKERNEL_LANES <= n; i += TL_MGKERNEL_LANES)
        MG_NAME(store)(row + i, MG_NAME(load)(from + i));
    memcpy(row + i, from + i, (size_t)(n - i) * sizeof *row);
    MG_NAME(store)(row + n, MG_NAME(all)(row[n - 1]));
    row[-1] = row[0];
}

/* straight u + mix M^-1 K u in one vector; differences first, which are exact where u is smooth. */
MG_INLINE vec MG_NAME(helmholtz)(struct MG_NAME(line) c, const bool uneven, const float *row,
                                 const float *up, const float *down, int64_t i)
{
    vec u = MG_NAME(load)(row + i);
    vec left = u - MG_NAME(load)(row + i - 1), right = u - MG_NAME(load)(row + i + 1);
    vec l = left + right;
    if (uneven)
        l = MG_NAME(load)(c.back + i) * left + MG_NAME(load)(c.forth + i) * right;
    vec n = c.up * (u - MG_NAME(load)(up + i)), s = c.down * (u - MG_NAME(load)(down + i));
    return c.straight * u + c.mix * (l + (n + s));
}

/* Neighbours of row y in a ring. */
MG_INLINE const float *MG_NAME(above)(const struct MG_NAME(work) * k, struct MG_NAME(ring4) * ring,
                                      int64_t y)
{
    return MG_NAME(at4)(ring, y > k->tile->cy0 ? y - 1 : y);
}

MG_INLINE const float *MG_NAME(below)(const struct MG_NAME(work) * k, struct MG_NAME(ring4) * ring,
                                      int64_t y)
{
    return MG_NAME(at4)(ring, y + 1 < k->tile->cy1 ? y + 1 : y);
}

MG_INLINE bool MG_NAME(has)(const struct MG_NAME(work) * k, int64_t y)
{
    return y >= k->tile->cy0 && y < k->tile->cy1;
}

MG_INLINE bool MG_NAME(inside)(const struct MG_NAME(work) * k, int64_t y)
{
    return y >= k->tile->y0 && y < k->tile->y1;
}

/* Rows that will soon be read from memory: fetched ahead, a line for each vector of what is computed meanwhile. */
struct MG_NAME(ahead) {
    const float *a, *b;
};

MG_INLINE void MG_NAME(root_any)(struct MG_NAME(line) c, const bool uneven, const float *row,
                                 const float *up, const float *down, float *out,
                                 struct MG_NAME(ahead) ahead)
{
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES) {
        __builtin_prefetch(ahead.a + i);
        __builtin_prefetch(ahead.b + i);
        MG_NAME(store)(out + i, MG_NAME(helmholtz)(c, uneven, row, up, down, i));
    }
}

/* t = B u, row y. */
MG_FN void MG_NAME(root)(const struct MG_NAME(work) * k, struct MG_NAME(ring4) * u,
                         struct MG_NAME(ring4) * t, int64_t y, struct MG_NAME(ahead) ahead)
{
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    const float *row = MG_NAME(at4)(u, y);
    const float *up = MG_NAME(above)(k, u, y), *down = MG_NAME(below)(k, u, y);
    float *out = MG_NAME(at4)(t, y);
    if (k->uneven)
        MG_NAME(root_any)(c, true, row, up, down, out, ahead);
    else
        MG_NAME(root_any)(c, false, row, up, down, out, ahead);
    MG_NAME(ghosts)(out, c.n);
}

/* Row y of everything that A u is made of: t = B u around it, u, w. */
struct MG_NAME(rows) {
    const float *t, *up, *down, *u, *w;
};

MG_INLINE struct MG_NAME(rows)
    MG_NAME(rows_of)(const struct MG_NAME(work) * k, struct MG_NAME(ring4) * t,
                     struct MG_NAME(ring4) * u, const float *w, int64_t y)
{
    return (struct MG_NAME(rows)){MG_NAME(at4)(t, y), MG_NAME(above)(k, t, y),
                                  MG_NAME(below)(k, t, y), MG_NAME(at4)(u, y), w};
}

/* A u in one vector. */
MG_INLINE vec MG_NAME(operator)(struct MG_NAME(line) c, const bool uneven, struct MG_NAME(rows) f,
                                int64_t i)
{
    vec v = c.height * MG_NAME(helmholtz)(c, uneven, f.t, f.up, f.down, i);
    if (uneven)
        v = v * MG_NAME(load)(c.width + i);
    return v + MG_NAME(load)(f.w + i) * MG_NAME(load)(f.u + i);
}

MG_INLINE vec MG_NAME(top)(struct MG_NAME(line) c, const bool uneven, int64_t i)
{
    vec m = MG_NAME(all)(c.top);
    return uneven ? m * MG_NAME(load)(c.width + i) : m;
}

/* inv = 1/(m top + hold w), row y; first step of the smoother from zero, u = step inv r. */
MG_FN void MG_NAME(inverse)(const struct MG_NAME(work) * k, const float *w, const float *r,
                            float *inv, float *u, int64_t y)
{
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    float size = k->level->step[0];
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES) {
        vec m = k->uneven ? MG_NAME(top)(c, true, i) : MG_NAME(top)(c, false, i);
        vec one = 1.0f / (m + c.hold * MG_NAME(load)(w + i));
        MG_NAME(store)(inv + i, one);
        if (u != NULL)
            MG_NAME(store)(u + i, size * one * MG_NAME(load)(r + i));
    }
    if (u != NULL)
        MG_NAME(ghosts)(u, c.n);
}

enum { MG_NAME(STEPS) = TL_MGKERNEL_SMOOTH };

struct MG_NAME(rings) {
    struct MG_NAME(ring4) u[MG_NAME(STEPS) + 1], t[MG_NAME(STEPS) + 1];
    struct MG_NAME(ring8) r, w, inv;
};

MG_INLINE void MG_NAME(step_any)(struct MG_NAME(line) c, const bool uneven, struct MG_NAME(rows) f,
                                 float size, const float *r, const float *inv, float *out)
{
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES) {
        vec left = MG_NAME(load)(r + i) - MG_NAME(operator)(c, uneven, f, i);
        vec by = size * MG_NAME(load)(inv + i);
        MG_NAME(store)(out + i, MG_NAME(load)(f.u + i) + by * left);
    }
}

/* A step of the smoother, row y: u[s] = u[s-1] + size inv (r - A u[s-1]). */
MG_FN void MG_NAME(step)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int s,
                         float size, int64_t y)
{
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    struct MG_NAME(rows) f =
        MG_NAME(rows_of)(k, &g->t[s - 1], &g->u[s - 1], MG_NAME(at8)(&g->w, y), y);
    const float *r = MG_NAME(at8)(&g->r, y), *inv = MG_NAME(at8)(&g->inv, y);
    float *out = MG_NAME(at4)(&g->u[s], y);
    if (k->uneven)
        MG_NAME(step_any)(c, true, f, size, r, inv, out);
    else
        MG_NAME(step_any)(c, false, f, size, r, inv, out);
    MG_NAME(ghosts)(out, c.n);
}

MG_INLINE void MG_NAME(leave_any)(struct MG_NAME(line) c, const bool uneven, struct MG_NAME(rows) f,
                                  const float *r, const float *inv, float *left)
{
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES) {
        vec v = MG_NAME(load)(r + i) - MG_NAME(operator)(c, uneven, f, i);
        vec take = MG_NAME(top)(c, uneven, i) * MG_NAME(load)(inv + i);
        MG_NAME(store)(left + i, take * v);
    }
}

/* What is left of the last row of the window, which has no row after it. */
MG_FN void MG_NAME(rest)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, float *out,
                         int64_t y)
{
    enum { LAST = TL_MGKERNEL_SMOOTH - 1 };
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    struct MG_NAME(rows) f =
        MG_NAME(rows_of)(k, &g->t[LAST], &g->u[LAST], MG_NAME(at8)(&g->w, y), y);
    const float *r = MG_NAME(at8)(&g->r, y), *inv = MG_NAME(at8)(&g->inv, y);
    if (k->uneven)
        MG_NAME(leave_any)(c, true, f, r, inv, out);
    else
        MG_NAME(leave_any)(c, false, f, r, inv, out);
}

/* helmholtz with the rows above and below at hand. */
MG_INLINE vec MG_NAME(between)(struct MG_NAME(line) c, const bool uneven, const float *row, vec up,
                               vec down, int64_t i)
{
    vec u = MG_NAME(load)(row + i);
    vec left = u - MG_NAME(load)(row + i - 1), right = u - MG_NAME(load)(row + i + 1);
    vec l = left + right;
    if (uneven)
        l = MG_NAME(load)(c.back + i) * left + MG_NAME(load)(c.forth + i) * right;
    vec n = c.up * (u - up), s = c.down * (u - down);
    return c.straight * u + c.mix * (l + (n + s));
}

struct MG_NAME(pair) {
    struct MG_NAME(line) next, here; /* of row y + 1 and of y */
    const float *u, *u_next, *u_after, *t, *t_up;
    const float *r, *w, *inv;
    float *t_next, *out;
    struct MG_NAME(ahead) ahead;
};

/* t = B u of row y + 1 and, with that, a step of row y, or (leave) what the steps have left of it for the coarser level. */
MG_INLINE void MG_NAME(pair_any)(struct MG_NAME(pair) f, const bool uneven, const bool leave,
                                 float size)
{
    struct MG_NAME(line) next = f.next, here = f.here;
    for (int64_t i = 0; i < here.n; i += TL_MGKERNEL_LANES) {
        __builtin_prefetch(f.ahead.a + i);
        __builtin_prefetch(f.ahead.b + i);
        vec u = MG_NAME(load)(f.u + i);
        vec t = MG_NAME(between)(next, uneven, f.u_next, u, MG_NAME(load)(f.u_after + i), i);
        MG_NAME(store)(f.t_next + i, t);
        vec v = here.height * MG_NAME(between)(here, uneven, f.t, MG_NAME(load)(f.t_up + i), t, i);
        if (uneven)
            v = v * MG_NAME(load)(here.width + i);
        v = MG_NAME(load)(f.r + i) - (v + MG_NAME(load)(f.w + i) * u);
        vec inv = MG_NAME(load)(f.inv + i);
        MG_NAME(store)
        (f.out + i, leave ? MG_NAME(top)(here, uneven, i) * inv * v : u + size * inv * v);
    }
}

/* Row y of step s of the smoother; in `out` what is left, when that is not NULL. */
MG_FN void MG_NAME(advance)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int s,
                            float size, float *out, int64_t y, struct MG_NAME(ahead) ahead)
{
    bool make = MG_NAME(has)(k, y + 1), use = MG_NAME(has)(k, y);
    struct MG_NAME(ring4) *from = &g->u[s - 1], *t = &g->t[s - 1];
    if (make && !use)
        MG_NAME(root)(k, from, t, y + 1, ahead);
    if (!use)
        return;
    struct MG_NAME(pair) f;
    f.next = MG_NAME(line_of)(k, y + 1);
    f.here = MG_NAME(line_of)(k, y);
    f.u = MG_NAME(at4)(from, y);
    f.u_next = MG_NAME(at4)(from, y + 1);
    f.u_after = MG_NAME(below)(k, from, y + 1);
    f.t = MG_NAME(at4)(t, y);
    f.t_up = MG_NAME(above)(k, t, y);
    f.t_next = MG_NAME(at4)(t, y + 1);
    f.r = MG_NAME(at8)(&g->r, y);
    f.w = MG_NAME(at8)(&g->w, y);
    f.inv = MG_NAME(at8)(&g->inv, y);
    f.out = out != NULL ? out : MG_NAME(at4)(&g->u[s], y);
    f.ahead = ahead;
    if (!make && out == NULL)
        MG_NAME(step)(k, g, s, size, y);
    else if (!make)
        MG_NAME(rest)(k, g, out, y);
    else if (k->uneven && out == NULL)
        MG_NAME(pair_any)(f, true, false, size);
    else if (k->uneven)
        MG_NAME(pair_any)(f, true, true, size);
    else if (out == NULL)
        MG_NAME(pair_any)(f, false, false, size);
    else
        MG_NAME(pair_any)(f, false, true, size);
    if (make)
        MG_NAME(ghosts)(f.t_next, k->n);
    MG_NAME(ghosts)(f.out, k->n);
}

/* The inside of a row to memory; past the caches where the whole array would not stay in them anyway. */
MG_INLINE void MG_NAME(put)(const struct MG_NAME(work) * k, float *to, const float *row)
{
    int64_t n = k->in1 - k->in0, i = 0;
    row += k->in0;
#ifdef MG_STREAM
    for (; k->level->stream && ((uintptr_t)to & 63) == 0 && i + 16 <= n; i += 16)
        MG_STREAM(to + i, row + i);
#endif
    for (; i + 16 <= n; i += 16)
        MG_NAME(store)(to + i, MG_NAME(load)(row + i));
    memcpy(to + i, row + i, (size_t)(n - i) * sizeof *row);
}

/* Sums of products, in double, in 8 lanes. */
MG_INLINE wide MG_NAME(product)(const float *a, const float *b)
{
    half x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return __builtin_convertvector(x, wide) * __builtin_convertvector(y, wide);
}

MG_INLINE double MG_NAME(total)(wide sum)
{
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* a'b over the inside of a row. */
MG_FN double MG_NAME(dot)(const struct MG_NAME(work) * k, const float *a, const float *b)
{
    wide sum = {0}, more = {0};
    int64_t i = k->in0, last = k->in1;
    for (; i + 16 <= last; i += 16) {
        sum += MG_NAME(product)(a + i, b + i);
        more += MG_NAME(product)(a + i + 8, b + i + 8);
    }
    double rest = 0.0;
    for (; i < last; i++)
        rest += (double)a[i] * (double)b[i];
    return MG_NAME(total)(sum + more) + rest;
}

MG_FN void MG_NAME(clear)(const struct MG_NAME(work) * k)
{
    const struct tl_mgkernel_axis *ax = &k->level->x, *ay = &k->level->y;
    int64_t c0 = ax->own[k->tile->x0], c1 = ax->own[k->tile->x1 - 1] + 1;
    for (int64_t r = ay->own[k->tile->y0]; r <= ay->own[k->tile->y1 - 1]; r++)
        memset(k->pass->coarse_b + r * k->pass->coarse->stride + c0, 0,
               (size_t)(c1 - c0) * sizeof(float));
}

/* Restriction: the adjoint of prolong below. `row` is the fine row y, finite beyond its ends. */
MG_FN void MG_NAME(restrict_row)(const struct MG_NAME(work) * k, const float *row, int64_t y)
{
    const struct tl_mgkernel_axis *ax = &k->level->x, *ay = &k->level->y;
    const struct tl_mgkernel_tile *tile = k->tile;
    int64_t last = ax->n_coarse - 2; /* the last two coarse cells take theirs from the table */
    int64_t c0 = ax->own[tile->x0], c1 = ax->own[tile->x1 - 1] + 1;
    int64_t plain = c1 < last ? c1 : last;
    float sum[MG_WIDTH / 2 + 2 * TL_MGKERNEL_LANES];
    const float *f = row + (2 * c0 - tile->cx0);
    int64_t j = 0;
    for (; j < plain - c0; j++)
        sum[j] = 0.75f * (f[2 * j] + f[2 * j + 1]) + 0.25f * (f[2 * j - 1] + f[2 * j + 2]);
    for (int64_t c = j; c < c1 - c0; c++)
        sum[c] = 0.0f;
    int64_t first = 2 * last - 1;
    for (int64_t i = first < tile->cx0 ? tile->cx0 : first; c1 > plain && i < tile->cx1; i++) {
        int64_t own = ax->own[i] - c0, other = ax->other[i] - c0;
        if (own >= j)
            sum[own] += (1.0f - ax->weight[i]) * row[i - tile->cx0];
        if (other >= j)
            sum[other] += ax->weight[i] * row[i - tile->cx0];
    }
    int64_t r0 = ay->own[tile->y0], r1 = ay->own[tile->y1 - 1];
    int64_t to[2] = {ay->own[y], ay->other[y]};
    float share[2] = {1.0f - ay->weight[y], ay->weight[y]};
    for (int s = 0; s < 2; s++) {
        float *out = k->pass->coarse_b + to[s] * k->pass->coarse->stride + c0;
        if (to[s] < r0 || to[s] > r1 || share[s] == 0.0f)
            continue;
        for (int64_t c = 0; c < c1 - c0; c++)
            out[c] += share[s] * sum[c];
    }
}

/* The coarse level's weights: what w costs a smooth function, which would rather have a hole than follow a large w. */
MG_FN void MG_NAME(weigh)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                          double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(work) k;
    float room[MG_ROW], *w = room + TL_MGKERNEL_LANES;
    (void)sums;
    MG_NAME(begin)(&k, pass, tile);
    MG_NAME(clear)(&k);
    for (int64_t y = tile->cy0; y < tile->cy1; y++) {
        float most = (float)(TL_MGKERNEL_HOLE)*k.level->diagonal;
        most *= MG_NAME(line_of)(&k, y).height;
        MG_NAME(fetch)(w, k.level->w + y * k.level->w_stride + tile->cx0, k.n);
        for (int64_t i = 0; i < k.n; i++) {
            float m = k.uneven ? most * k.width[i] : most;
            w[i] = m * (w[i] / (m + w[i]));
        }
        MG_NAME(ghosts)(w, k.n);
        MG_NAME(restrict_row)(&k, w, y);
    }
}

/* Adds the coarse correction to row y of u. */
MG_FN void MG_NAME(prolong_row)(const struct MG_NAME(work) * k, const float *inv, float *u,
                                int64_t y)
{
    const struct tl_mgkernel_axis *ax = &k->level->x, *ay = &k->level->y;
    const struct tl_mgkernel_tile *tile = k->tile;
    int64_t c0 = tile->cx0 / 2, c1 = ax->own[tile->cx1 - 1] + 1;
    const float *e0 = k->pass->coarse_e + ay->own[y] * k->pass->coarse->stride + c0;
    const float *e1 = k->pass->coarse_e + ay->other[y] * k->pass->coarse->stride + c0;
    float sum[MG_WIDTH / 2 + 2 * TL_MGKERNEL_LANES], fine[MG_ROW];
    float *e = sum + 1;
    for (int64_t c = 0; c < c1 - c0; c++)
        e[c] = e0[c] + ay->weight[y] * (e1[c] - e0[c]);
    e[-1] = e[0];
    e[c1 - c0] = e[c1 - c0 - 1];
    for (int64_t c = 0; c < c1 - c0; c++) {
        fine[2 * c] = 0.75f * e[c] + 0.25f * e[c - 1];
        fine[2 * c + 1] = 0.75f * e[c] + 0.25f * e[c + 1];
    }
    int64_t first = 2 * (ax->n_coarse - 2);
    for (int64_t i = first < tile->cx0 ? tile->cx0 : first; i < tile->cx1; i++) {
        float own = e[ax->own[i] - c0], other = ax->other[i] < c0 ? own : e[ax->other[i] - c0];
        fine[i - tile->cx0] = own + ax->weight[i] * (other - own);
    }
    for (int64_t i = k->n; i < k->n + TL_MGKERNEL_LANES; i++)
        fine[i] = 0.0f;
    struct MG_NAME(line) line = MG_NAME(line_of)(k, y);
    for (int64_t i = 0; i < k->n; i += TL_MGKERNEL_LANES) {
        vec m = k->uneven ? MG_NAME(top)(line, true, i) : MG_NAME(top)(line, false, i);
        vec take = m * MG_NAME(load)(inv + i) * MG_NAME(load)(fine + i);
        MG_NAME(store)(u + i, MG_NAME(load)(u + i) + take);
    }
    MG_NAME(ghosts)(u, k->n);
}

/* Row y of p = z + beta p, or of x at the start. Our own arrays have room for a last vector beyond their end. */
MG_FN void MG_NAME(direction)(const struct MG_NAME(work) * k, float *p, int64_t y)
{
    const struct tl_mgkernel_pass *pass = k->pass;
    int64_t at = y * k->level->stride + k->tile->cx0, n = k->n;
    if (pass->source == TL_MGKERNEL_START) {
        MG_NAME(fetch)(p, pass->x + y * k->level->x.n + k->tile->cx0, n);
        MG_NAME(ghosts)(p, n);
        return;
    }
    const float *z = pass->z + at, *old = pass->p_in + at;
    float beta = (float)pass->beta;
    if (beta == 0.0f)
        MG_NAME(fetch)(p, z, n);
    for (int64_t i = 0; beta != 0.0f && i < n; i += TL_MGKERNEL_LANES)
        MG_NAME(store)(p + i, MG_NAME(load)(z + i) + beta * MG_NAME(load)(old + i));
    MG_NAME(ghosts)(p, n);
    if (MG_NAME(inside)(k, y))
        MG_NAME(put)(k, pass->p_out + y * k->level->stride + k->tile->x0, p);
}

MG_INLINE void MG_NAME(residual_any)(struct MG_NAME(line) c, const bool uneven,
                                     struct MG_NAME(rows) f, float alpha, float *q, float *r)
{
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES) {
        vec v = MG_NAME(operator)(c, uneven, f, i);
        MG_NAME(store)(q + i, v);
        MG_NAME(store)(r + i, MG_NAME(load)(r + i) - alpha * v);
    }
}

/* Row y of the new residual from q = A p; x moves along p. */
MG_FN void MG_NAME(residual)(const struct MG_NAME(work) * k, struct MG_NAME(ring4) * p,
                             struct MG_NAME(ring4) * t, const float *w, float *r, int64_t y,
                             double sums[TL_MGKERNEL_SUMS])
{
    const struct tl_mgkernel_pass *pass = k->pass;
    bool start = pass->source == TL_MGKERNEL_START;
    float alpha = start ? 1.0f : (float)pass->alpha, q[MG_ROW] __attribute__((aligned(64)));
    struct MG_NAME(rows) f = MG_NAME(rows_of)(k, t, p, w, y);
    MG_NAME(fetch)(r, pass->r_in + y * pass->r_in_stride + k->tile->cx0, k->n);
    if (MG_NAME(inside)(k, y) && start)
        sums[1] += MG_NAME(dot)(k, r, r);
    if (k->uneven)
        MG_NAME(residual_any)(MG_NAME(line_of)(k, y), true, f, alpha, q, r);
    else
        MG_NAME(residual_any)(MG_NAME(line_of)(k, y), false, f, alpha, q, r);
    if (!MG_NAME(inside)(k, y))
        return;
    sums[0] += MG_NAME(dot)(k, r, r);
    sums[2] += MG_NAME(dot)(k, f.u, q);
    MG_NAME(put)(k, pass->r_out + y * k->level->stride + k->tile->x0, r);
    float *x = pass->x + y * k->level->x.n + k->tile->x0;
    const float *u = f.u + k->in0;
    for (int64_t i = 0; !start && i < k->in1 - k->in0; i++)
        x[i] += alpha * u[i];
}

/* Row y after smoothing, kept for the way up; what is left of the residual, restricted. */
MG_FN void MG_NAME(leave)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int64_t y,
                          struct MG_NAME(ahead) ahead)
{
    float room[MG_ROW] __attribute__((aligned(64))), *left = room + TL_MGKERNEL_LANES;
    MG_NAME(advance)(k, g, TL_MGKERNEL_SMOOTH, 0.0f, left, y, ahead);
    if (!MG_NAME(has)(k, y))
        return;
    if (MG_NAME(inside)(k, y))
        MG_NAME(put)
    (k, k->pass->smooth + y * k->level->stride + k->tile->x0,
     MG_NAME(at4)(&g->u[TL_MGKERNEL_SMOOTH - 1], y));
    if (k->pass->coarse != NULL)
        MG_NAME(restrict_row)(k, left, y);
}

MG_INLINE void MG_NAME(fetch_w)(const struct MG_NAME(work) * k, float *w, int64_t y)
{
    MG_NAME(fetch)(w, k->level->w + y * k->level->w_stride + k->tile->cx0, k->n);
}

enum { MG_NAME(AHEAD) = 4 };

MG_FN void MG_NAME(down)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                         double sums[TL_MGKERNEL_SUMS])
{
    enum { N = TL_MGKERNEL_SMOOTH };
    struct MG_NAME(rings) g;
    struct MG_NAME(ring4) p, tp;
    struct MG_NAME(work) k;
    MG_NAME(begin)(&k, pass, tile);
    bool step = pass->source == TL_MGKERNEL_STEP;
    int64_t delay = pass->source == TL_MGKERNEL_GIVEN ? 0 : 2;
    if (pass->coarse != NULL)
        MG_NAME(clear)(&k);
    for (int64_t now = tile->cy0; now < tile->cy1 + delay + 2 * N; now++) {
        int64_t soon = now + MG_NAME(AHEAD), at = soon * k.level->stride + tile->cx0;
        const float *w_soon = k.level->w + soon * k.level->w_stride + tile->cx0;
        const float *r_soon = pass->r_in + soon * pass->r_in_stride + tile->cx0;
        const float *x_soon = step ? pass->x + soon * k.level->x.n + tile->cx0 : r_soon;
        if (delay > 0 && MG_NAME(has)(&k, now))
            MG_NAME(direction)(&k, MG_NAME(at4)(&p, now), now);
        if (delay > 0 && MG_NAME(has)(&k, now - 1))
            MG_NAME(root)
        (&k, &p, &tp, now - 1,
         (struct MG_NAME(ahead)){step ? pass->z + at : x_soon, step ? pass->p_in + at : x_soon});
        int64_t y = now - delay;
        if (MG_NAME(has)(&k, y)) {
            float *w = MG_NAME(at8)(&g.w, y), *r = MG_NAME(at8)(&g.r, y);
            MG_NAME(fetch_w)(&k, w, y);
            if (delay > 0)
                MG_NAME(residual)(&k, &p, &tp, w, r, y, sums);
            else
                MG_NAME(fetch)(r, pass->r_in + y * pass->r_in_stride + tile->cx0, k.n);
            MG_NAME(inverse)(&k, w, r, MG_NAME(at8)(&g.inv, y), MG_NAME(at4)(&g.u[0], y), y);
        }
        struct MG_NAME(ahead) more = {r_soon, w_soon};
        for (int s = 1; s < N; s++) {
            MG_NAME(advance)(&k, &g, s, k.level->step[s], NULL, y - 2 * s, more);
            more = (struct MG_NAME(ahead)){x_soon, x_soon};
        }
        MG_NAME(leave)(&k, &g, y - 2 * N, more);
    }
}

/* Row y of z is done. */
MG_INLINE void MG_NAME(finish)(const struct MG_NAME(work) * k, const float *r, const float *z,
                               int64_t y, double sums[TL_MGKERNEL_SUMS])
{
    if (!MG_NAME(inside)(k, y))
        return;
    if (k->pass->want_form)
        sums[0] += MG_NAME(dot)(k, r, z);
    float *to = k->pass->out + y * k->pass->out_stride + k->tile->x0;
    MG_NAME(put)(k, to, z);
}

/* z'Az = |Bz|^2 + z'Wz on the finest level, where all cells are alike. */
MG_INLINE double MG_NAME(form)(const struct MG_NAME(work) * k, const float *t, const float *z,
                               const float *w)
{
    wide sum = {0};
    int64_t i = k->in0;
    for (; i + 8 <= k->in1; i += 8) {
        half f;
        memcpy(&f, z + i, sizeof f);
        sum += MG_NAME(product)(t + i, t + i) +
               MG_NAME(product)(w + i, z + i) * __builtin_convertvector(f, wide);
    }
    double rest = 0.0;
    for (; i < k->in1; i++)
        rest += (double)t[i] * t[i] + (double)w[i] * z[i] * (double)z[i];
    return MG_NAME(total)(sum) + rest;
}

MG_FN void MG_NAME(up)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                       double sums[TL_MGKERNEL_SUMS])
{
    enum { N = TL_MGKERNEL_SMOOTH };
    struct MG_NAME(rings) g;
    struct MG_NAME(work) k;
    MG_NAME(begin)(&k, pass, tile);
    for (int64_t y = tile->cy0; y < tile->cy1 + 2 * N + 1; y++) {
        int64_t soon = y + MG_NAME(AHEAD), at = soon * k.level->stride + tile->cx0;
        const float *w_soon = k.level->w + soon * k.level->w_stride + tile->cx0;
        const float *r_soon = pass->r_in + soon * pass->r_in_stride + tile->cx0;
        if (MG_NAME(has)(&k, y)) {
            float *w = MG_NAME(at8)(&g.w, y), *r = MG_NAME(at8)(&g.r, y);
            float *u = MG_NAME(at4)(&g.u[0], y), *inv = MG_NAME(at8)(&g.inv, y);
            MG_NAME(fetch_w)(&k, w, y);
            MG_NAME(fetch)(r, pass->r_in + y * pass->r_in_stride + tile->cx0, k.n);
            MG_NAME(inverse)(&k, w, r, inv, NULL, y);
            MG_NAME(fetch)(u, pass->smooth + y * k.level->stride + tile->cx0, k.n);
            if (pass->coarse != NULL)
                MG_NAME(prolong_row)(&k, inv, u, y);
        }
        struct MG_NAME(ahead) more = {r_soon, w_soon};
        for (int s = 1; s <= N; s++) {
            MG_NAME(advance)(&k, &g, s, k.level->step[N - s], NULL, y - 2 * s, more);
            more = (struct MG_NAME(ahead)){pass->smooth + at, pass->smooth + at};
        }
        int64_t done = y - 2 * N, last = done - 1;
        if (MG_NAME(inside)(&k, done))
            MG_NAME(finish)
        (&k, MG_NAME(at8)(&g.r, done), MG_NAME(at4)(&g.u[N], done), done, sums);
        if (!pass->want_form || !MG_NAME(inside)(&k, last))
            continue;
        const float *z = MG_NAME(at4)(&g.u[N], last);
        MG_NAME(root)(&k, &g.u[N], &g.t[N], last, (struct MG_NAME(ahead)){z, z});
        sums[1] += MG_NAME(form)(&k, MG_NAME(at4)(&g.t[N], last), z, MG_NAME(at8)(&g.w, last));
    }
}

/* x'x, x'lx and |lx|^2 over the inside of a row. */
MG_FN void MG_NAME(moments)(const struct MG_NAME(work) * k, const float *x, const float *up,
                            const float *down, double sums[TL_MGKERNEL_SUMS])
{
    float l[MG_ROW];
    for (int64_t i = k->in0; i < k->in1; i++)
        l[i] = ((x[i] - up[i]) + (x[i] - down[i])) + ((x[i] - x[i - 1]) + (x[i] - x[i + 1]));
    sums[1] += MG_NAME(dot)(k, x, x);
    sums[2] += MG_NAME(dot)(k, x, l);
    sums[3] += MG_NAME(dot)(k, l, l);
}

MG_INLINE void MG_NAME(product_any)(struct MG_NAME(line) c, struct MG_NAME(rows) f, float *q)
{
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES)
        MG_NAME(store)(q + i, MG_NAME(operator)(c, false, f, i));
}

/* Only of the finest level, where all cells are alike. */
MG_FN void MG_NAME(apply)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                          double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(ring4) u, t;
    struct MG_NAME(work) k;
    float q[MG_ROW] __attribute__((aligned(64)));
    float room[MG_ROW] __attribute__((aligned(64))), *w = room + TL_MGKERNEL_LANES;
    MG_NAME(begin)(&k, pass, tile);
    for (int64_t now = tile->cy0; now < tile->cy1 + 2; now++) {
        const float *soon = pass->r_in + (now + MG_NAME(AHEAD)) * pass->r_in_stride + tile->cx0;
        float *row = MG_NAME(at4)(&u, now);
        if (MG_NAME(has)(&k, now)) {
            MG_NAME(fetch)(row, pass->r_in + now * pass->r_in_stride + tile->cx0, k.n);
            MG_NAME(ghosts)(row, k.n);
        }
        int64_t y = now - 1;
        if (MG_NAME(has)(&k, y))
            MG_NAME(root)(&k, &u, &t, y, (struct MG_NAME(ahead)){soon, soon});
        if (MG_NAME(inside)(&k, y))
            MG_NAME(moments)
        (&k, MG_NAME(at4)(&u, y), MG_NAME(above)(&k, &u, y), MG_NAME(below)(&k, &u, y), sums);
        y = now - 2;
        if (!MG_NAME(inside)(&k, y) || pass->out == NULL)
            continue;
        MG_NAME(fetch_w)(&k, w, y);
        MG_NAME(product_any)(MG_NAME(line_of)(&k, y), MG_NAME(rows_of)(&k, &t, &u, w, y), q);
        sums[0] += MG_NAME(dot)(&k, q, MG_NAME(at4)(&u, y));
        memcpy(pass->out + y * pass->out_stride + tile->x0, q + k.in0,
               (size_t)(k.in1 - k.in0) * sizeof *q);
    }
}

#include "field/mgkernel_normal.h"

#undef MG_INLINE
#undef MG_FN
#undef MG_WIDTH
#undef MG_ROW
