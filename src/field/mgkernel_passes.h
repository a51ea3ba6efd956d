/*
 * The passes over a level: part of mgkernel_rows.h, which includes this (no include guard).
 */
enum { MG_NAME(STEPS) = TL_MGKERNEL_SMOOTH };

struct MG_NAME(rings) {
    struct MG_NAME(few) u[MG_NAME(STEPS) + 1], t[MG_NAME(STEPS)];
    struct MG_NAME(many) r, w, inv;
};

/* Rows that will soon be read from memory: fetched ahead, a line for each vector of what is computed meanwhile, of `half` one for two. */
struct MG_NAME(ahead) {
    const float *a, *b, *half;
};

/* t = B u of row y + 1, u_next, and what A u of row y is made of. Beyond the window's last row there is nothing: down = 0. */
struct MG_NAME(pair) {
    struct MG_NAME(line) next, here; /* of row y + 1 and of y */
    const float *u, *u_next, *u_after, *t, *t_up;
    float *t_next;
};

MG_INLINE struct MG_NAME(pair)
    MG_NAME(pair_of)(const struct MG_NAME(work) * k, struct MG_NAME(few) * u,
                     struct MG_NAME(few) * t, int64_t y)
{
    struct MG_NAME(pair) f;
    bool more = y + 1 < k->tile->cy1;
    f.here = MG_NAME(line_of)(k, y);
    f.next = MG_NAME(line_of)(k, y + 1);
    if (!more) {
        f.here.down = 0.0f;
        f.here.alike = 0;
    }
    if (f.next.alike < f.here.alike)
        f.here.alike = f.next.alike;
    f.u = MG_NAME(at)(u, y);
    f.u_next = more ? MG_NAME(at)(u, y + 1) : f.u;
    f.u_after = more ? MG_NAME(below)(k, u, y + 1) : f.u;
    f.t = MG_NAME(at)(t, y);
    f.t_up = MG_NAME(above)(k, t, y);
    f.t_next = MG_NAME(at)(t, y + 1);
    return f;
}

/* B t of row y, in one vector; t of row y + 1 is stored. */
MG_INLINE vec MG_NAME(both)(struct MG_NAME(pair) f, const bool even, vec u, int64_t i)
{
    vec t = MG_NAME(root_of)(f.next, even, f.u_next, u, MG_NAME(load)(f.u_after + i), i);
    MG_NAME(store)(f.t_next + i, t);
    vec v = MG_NAME(root_of)(f.here, even, f.t, MG_NAME(load)(f.t_up + i), t, i);
    return even ? v : f.here.height * MG_NAME(load)(f.here.width + i) * v;
}

/* What a step of the smoother does with a row besides. */
enum MG_NAME(task) {
    MG_NAME(STEP),  /* u += size inv (r - A u) */
    MG_NAME(LEAVE), /* u is kept; what is left of the residual, for the coarser level */
    MG_NAME(END)    /* the step, and its result is kept */
};

struct MG_NAME(step) {
    struct MG_NAME(pair) pair;
    const float *r, *w, *inv;
    float *out, size;
    struct MG_NAME(target) keep;
    struct MG_NAME(ahead) ahead;
};

MG_INLINE void MG_NAME(step_at)(const struct MG_NAME(step) * f, struct MG_NAME(sum) * rz,
                                struct MG_NAME(sum) * wzz, enum MG_NAME(task) task, const bool even,
                                int64_t i)
{
    if (task == MG_NAME(END)) {
        __builtin_prefetch(f->ahead.half + i / 2);
    } else {
        __builtin_prefetch(f->ahead.a + i);
        __builtin_prefetch(f->ahead.b + i);
    }
    vec u = MG_NAME(load)(f->pair.u + i), inv = MG_NAME(load)(f->inv + i);
    vec r = MG_NAME(load)(f->r + i), w = MG_NAME(load)(f->w + i);
    vec v = r - w * u - MG_NAME(both)(f->pair, even, u, i);
    vec out = task == MG_NAME(LEAVE) ? MG_NAME(top)(f->pair.here, even, i) * inv * v
                                     : u + f->size * inv * v;
    MG_NAME(store)(f->out + i, out);
    if (task == MG_NAME(STEP) || !MG_NAME(wants)(f->keep, i))
        return;
    MG_NAME(put)(f->keep, i, task == MG_NAME(LEAVE) ? u : out);
    if (task == MG_NAME(END)) {
        MG_NAME(add)(rz, r, out);
        MG_NAME(add)(wzz, w * out, out);
    }
}

/* @param sums  r'z, z'Wz; NULL where they are not wanted */
MG_INLINE void MG_NAME(step_all)(const struct MG_NAME(step) * f, struct MG_NAME(sum) sums[2],
                                 enum MG_NAME(task) task)
{
    struct MG_NAME(sum) rz = {{0}, {0}}, wzz = rz;
    int64_t i = 0, alike = f->pair.here.alike, n = f->pair.here.n;
    for (; i < alike; i += TL_MGKERNEL_LANES)
        MG_NAME(step_at)(f, &rz, &wzz, task, true, i);
    for (; i < n; i += TL_MGKERNEL_LANES)
        MG_NAME(step_at)(f, &rz, &wzz, task, false, i);
    if (sums == NULL)
        return;
    sums[0] = rz;
    sums[1] = wzz;
}

/* A row y that the steps before number s have reached; false where there is none. */
MG_INLINE bool MG_NAME(step_begin)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int s,
                                   int64_t y, struct MG_NAME(step) * f)
{
    int64_t steps = TL_MGKERNEL_SMOOTH - s;
    MG_NAME(root_first)(k, &g->u[s - 1], &g->t[s - 1], MG_NAME(needed_from)(k, steps), y);
    if (!MG_NAME(needed)(k, steps, y))
        return false;
    f->pair = MG_NAME(pair_of)(k, &g->u[s - 1], &g->t[s - 1], y);
    f->r = MG_NAME(at_many)(&g->r, y);
    f->w = MG_NAME(at_many)(&g->w, y);
    f->inv = MG_NAME(at_many)(&g->inv, y);
    return true;
}

MG_INLINE void MG_NAME(step_end)(const struct MG_NAME(work) * k, const struct MG_NAME(step) * f)
{
    MG_NAME(ghosts)(f->pair.t_next, k->n);
    MG_NAME(ghosts)(f->out, k->n);
}

/* Row y of step s of the smoother: u[s] = u[s-1] + size inv (r - A u[s-1]). */
MG_FN void MG_NAME(advance)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int s,
                            float size, int64_t y, struct MG_NAME(ahead) ahead)
{
    struct MG_NAME(step) f = {.size = size, .ahead = ahead};
    if (!MG_NAME(step_begin)(k, g, s, y, &f))
        return;
    f.out = MG_NAME(at)(&g->u[s], y);
    MG_NAME(step_all)(&f, NULL, MG_NAME(STEP));
    MG_NAME(step_end)(k, &f);
}

/* Row y after smoothing, kept for the way up; what is left of the residual, restricted. */
MG_FN void MG_NAME(leave)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g,
                          struct MG_NAME(coarse) * to, int64_t y, struct MG_NAME(ahead) ahead)
{
    float room[MG_BEYOND] __attribute__((aligned(64)));
    struct MG_NAME(step) f = {.ahead = ahead};
    if (!MG_NAME(step_begin)(k, g, TL_MGKERNEL_SMOOTH, y, &f))
        return;
    f.out = room + TL_MGKERNEL_LANES;
    f.keep = MG_NAME(target_of)(k, k->pass->smooth, k->level->stride, y);
    MG_NAME(step_all)(&f, NULL, MG_NAME(LEAVE));
    MG_NAME(step_end)(k, &f);
    MG_NAME(put_rest)(k, f.keep, f.pair.u);
    if (k->pass->coarse != NULL)
        MG_NAME(restrict_row)(k, to, f.out, y);
}

/* Row y of z, with its share of r'z and z'Wz. */
MG_FN void MG_NAME(end)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, float size,
                        int64_t y, struct MG_NAME(ahead) ahead, double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(step) f = {.size = size, .ahead = ahead};
    struct MG_NAME(sum) own[2] = {0};
    if (!MG_NAME(step_begin)(k, g, TL_MGKERNEL_SMOOTH, y, &f))
        return;
    f.out = MG_NAME(at)(&g->u[TL_MGKERNEL_SMOOTH], y);
    f.keep = MG_NAME(target_of)(k, k->pass->out, k->pass->out_stride, y);
    MG_NAME(step_all)(&f, own, MG_NAME(END));
    MG_NAME(step_end)(k, &f);
    MG_NAME(put_rest)(k, f.keep, f.out);
    if (f.keep.to == NULL || !k->pass->want_form)
        return;
    sums[0] += MG_NAME(sum_of)(k, own[0], f.r, f.out);
    sums[1] += MG_NAME(total)(own[1].low + own[1].high);
    for (int64_t i = k->whole; i < k->in1; i++)
        sums[1] += (double)(f.w[i] * f.out[i]) * (double)f.out[i];
}

/* |Bz|^2 of row y, on the finest level, where all cells are alike. */
MG_FN double MG_NAME(form)(const struct MG_NAME(work) * k, struct MG_NAME(few) * u, int64_t y)
{
    const float *row = MG_NAME(at)(u, y), *up = MG_NAME(above)(k, u, y);
    const float *down = MG_NAME(below)(k, u, y);
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    struct MG_NAME(sum) sum = {{0}, {0}};
    double rest = 0.0;
    for (int64_t i = k->in0; i < k->in1; i += TL_MGKERNEL_LANES) {
        vec t = MG_NAME(root_of)(c, true, row, MG_NAME(load)(up + i), MG_NAME(load)(down + i), i);
        if (i < k->whole)
            MG_NAME(add)(&sum, t, t);
        for (int64_t l = 0; i >= k->whole && i + l < k->in1; l++)
            rest += (double)t[l] * (double)t[l];
    }
    return MG_NAME(total)(sum.low + sum.high) + rest;
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
    struct MG_NAME(target) keep = MG_NAME(target_of)(k, pass->p_out, k->level->stride, y);
    for (int64_t i = 0; i < n; i += TL_MGKERNEL_LANES) {
        vec v = MG_NAME(load)(z + i);
        if (beta != 0.0f) /* what p was before the first step may be anything */
            v += beta * MG_NAME(load)(old + i);
        MG_NAME(store)(p + i, v);
        if (MG_NAME(wants)(keep, i))
            MG_NAME(put)(keep, i, v);
    }
    MG_NAME(ghosts)(p, n);
    MG_NAME(put_rest)(k, keep, p);
}

/* A row of the new residual, its weights, and the first step of the smoother from zero. */
struct MG_NAME(enter) {
    struct MG_NAME(pair) pair; /* of p */
    const float *r_in, *w_in;
    float *r, *w, *inv, *out, *q;
    float *x; /* inside, where it moves */
    float alpha, size;
    struct MG_NAME(target) keep;
};

MG_INLINE void MG_NAME(enter_at)(const struct MG_NAME(enter) * f, struct MG_NAME(sum) * rr,
                                 struct MG_NAME(sum) * bb, struct MG_NAME(sum) * pq,
                                 enum tl_mgkernel_source source, const bool even, int64_t i)
{
    int64_t n = f->pair.here.n;
    vec w = MG_NAME(take)(f->w_in, i, n), r = MG_NAME(take)(f->r_in, i, n);
    MG_NAME(store)(f->w + i, w);
    if (source != TL_MGKERNEL_GIVEN) {
        vec u = MG_NAME(load)(f->pair.u + i), b = r;
        vec q = MG_NAME(both)(f->pair, even, u, i) + w * u;
        r = r - f->alpha * q;
        if (MG_NAME(wants)(f->keep, i)) {
            MG_NAME(put)(f->keep, i, r);
            MG_NAME(add)(rr, r, r);
            if (source == TL_MGKERNEL_START) {
                MG_NAME(add)(bb, b, b);
            } else {
                MG_NAME(add)(pq, u, q);
                MG_NAME(store)(f->x + i, MG_NAME(load)(f->x + i) + f->alpha * u);
            }
        } else {
            MG_NAME(store)(f->q, q);
        }
    }
    vec inv = MG_NAME(inverse)(f->pair.here, even, w, i);
    MG_NAME(store)(f->r + i, r);
    MG_NAME(store)(f->inv + i, inv);
    MG_NAME(store)(f->out + i, f->size * inv * r);
}

/* The sums are variables of their own, as otherwise gcc leaves them in memory. */
MG_INLINE void MG_NAME(enter_all)(const struct MG_NAME(enter) * f, struct MG_NAME(sum) sums[3],
                                  enum tl_mgkernel_source source)
{
    struct MG_NAME(sum) rr = {{0}, {0}}, bb = rr, pq = rr;
    int64_t i = 0, alike = f->pair.here.alike, n = f->pair.here.n;
    for (; i < alike; i += TL_MGKERNEL_LANES)
        MG_NAME(enter_at)(f, &rr, &bb, &pq, source, true, i);
    for (; i < n; i += TL_MGKERNEL_LANES)
        MG_NAME(enter_at)(f, &rr, &bb, &pq, source, false, i);
    sums[0] = rr;
    sums[1] = bb;
    sums[2] = pq;
}

/* Sums of an entered row, and what is inside beyond its last whole vector: f->q has A p there. */
MG_INLINE void MG_NAME(enter_sums)(const struct MG_NAME(work) * k, const struct MG_NAME(enter) * f,
                                   const struct MG_NAME(sum) own[3], double sums[TL_MGKERNEL_SUMS])
{
    sums[0] += MG_NAME(sum_of)(k, own[0], f->r, f->r);
    if (k->pass->source == TL_MGKERNEL_START) {
        sums[1] += MG_NAME(sum_of)(k, own[1], f->r_in, f->r_in);
        return;
    }
    sums[2] += MG_NAME(total)(own[2].low + own[2].high);
    for (int64_t i = k->whole; i < k->in1; i++) {
        sums[2] += (double)f->pair.u[i] * (double)f->q[i - k->whole];
        f->x[i] += f->alpha * f->pair.u[i];
    }
}

MG_FN void MG_NAME(enter)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g,
                          struct MG_NAME(few) * p, struct MG_NAME(few) * t, int64_t y,
                          double sums[TL_MGKERNEL_SUMS])
{
    const struct tl_mgkernel_pass *pass = k->pass;
    float q[TL_MGKERNEL_LANES];
    struct MG_NAME(enter) f = {.q = q, .alpha = (float)pass->alpha, .size = k->level->step[0]};
    struct MG_NAME(sum) own[3] = {0};
    enum { N = TL_MGKERNEL_SMOOTH };
    if (pass->source != TL_MGKERNEL_GIVEN)
        MG_NAME(root_first)(k, p, t, MG_NAME(needed_from)(k, N), y);
    if (!MG_NAME(needed)(k, N, y))
        return;
    f.r_in = pass->r_in + y * pass->r_in_stride + k->tile->cx0;
    f.w_in = k->level->w + y * k->level->w_stride + k->tile->cx0;
    f.r = MG_NAME(at_many)(&g->r, y);
    f.w = MG_NAME(at_many)(&g->w, y);
    f.inv = MG_NAME(at_many)(&g->inv, y);
    f.out = MG_NAME(at)(&g->u[0], y);
    if (pass->source == TL_MGKERNEL_GIVEN) {
        f.pair.here = MG_NAME(line_of)(k, y);
        MG_NAME(enter_all)(&f, own, TL_MGKERNEL_GIVEN);
        MG_NAME(ghosts)(f.out, k->n);
        return;
    }
    f.pair = MG_NAME(pair_of)(k, p, t, y);
    f.keep = MG_NAME(target_of)(k, pass->r_out, k->level->stride, y);
    f.x = pass->x + y * k->level->x.n + k->tile->cx0;
    if (pass->source == TL_MGKERNEL_START) {
        f.alpha = 1.0f;
        MG_NAME(enter_all)(&f, own, TL_MGKERNEL_START);
    } else {
        MG_NAME(enter_all)(&f, own, TL_MGKERNEL_STEP);
    }
    MG_NAME(ghosts)(f.pair.t_next, k->n);
    MG_NAME(ghosts)(f.out, k->n);
    MG_NAME(put_rest)(k, f.keep, f.r);
    if (f.keep.to != NULL)
        MG_NAME(enter_sums)(k, &f, own, sums);
}

/* Rows that the next blocks will read, by array. */
struct MG_NAME(soon) {
    const float *w, *r, *x, *z, *p, *smooth, *e;
};

MG_INLINE struct MG_NAME(soon) MG_NAME(soon_of)(const struct MG_NAME(work) * k, int64_t y)
{
    const struct tl_mgkernel_pass *pass = k->pass;
    y += MG_NAME(BLOCK) + 2;
    int64_t x0 = k->tile->cx0, at = y * k->level->stride + x0;

    struct MG_NAME(soon) s = {.w = k->level->w + y * k->level->w_stride + x0,
                              .r = pass->r_in + y * pass->r_in_stride + x0};
    bool step = pass->source == TL_MGKERNEL_STEP;
    s.x = step ? pass->x + y * k->level->x.n + x0 : s.r;
    s.z = step ? pass->z + at : s.r;
    s.p = step ? pass->p_in + at : s.r;
    s.smooth = pass->smooth + at;
    s.e = pass->coarse != NULL ? pass->coarse_e + y / 2 * pass->coarse->stride + x0 / 2 : s.r;
    return s;
}

/* A block of rows of each step, and of what the steps leave. */
MG_INLINE void MG_NAME(down_steps)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g,
                                   struct MG_NAME(coarse) * to, int64_t now, int64_t delay)
{
    enum { N = TL_MGKERNEL_SMOOTH };
    for (int64_t at = MG_NAME(BLOCK); at < (N + 1) * MG_NAME(BLOCK); at++) {
        int64_t s = at / MG_NAME(BLOCK), j = now + at % MG_NAME(BLOCK), y = j - delay - 2 * s;
        struct MG_NAME(soon) soon = MG_NAME(soon_of)(k, j);
        struct MG_NAME(ahead) first = {soon.r, soon.w, NULL}, then = {soon.x, soon.x, NULL};
        if (s == N)
            MG_NAME(leave)(k, g, to, y, (struct MG_NAME(ahead)){soon.z, soon.p, NULL});
        else
            MG_NAME(advance)(k, g, (int)s, k->level->step[s], y, s == 1 ? first : then);
    }
}

MG_FN void MG_NAME(down)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                         double sums[TL_MGKERNEL_SUMS])
{
    enum { N = TL_MGKERNEL_SMOOTH };
    struct MG_NAME(rings) g;
    struct MG_NAME(few) p, tp;
    struct MG_NAME(coarse) to;
    struct MG_NAME(work) k;
    MG_NAME(begin)(&k, pass, tile);
    int64_t delay = pass->source == TL_MGKERNEL_GIVEN ? 0 : 2;
    k.beyond = 2; /* for the restriction */
    if (pass->coarse != NULL)
        MG_NAME(coarse_begin)(&k, &to);
    for (int64_t now = tile->cy0; now < tile->cy1 + delay + 2 * N; now += MG_NAME(BLOCK)) {
        for (int64_t y = now; delay > 0 && y < now + MG_NAME(BLOCK); y++)
            if (MG_NAME(has)(&k, y))
                MG_NAME(direction)(&k, MG_NAME(at)(&p, y), y);
        for (int64_t y = now - delay; y < now - delay + MG_NAME(BLOCK); y++)
            MG_NAME(enter)(&k, &g, &p, &tp, y, sums);
        MG_NAME(down_steps)(&k, &g, &to, now, delay);
    }
}

/* A row as it was left on the way down, with the coarse correction. */
struct MG_NAME(correct) {
    struct MG_NAME(line) line;
    const float *r_in, *w_in, *u_in, *fine;
    float *r, *w, *inv, *u;
    bool coarse;
};

MG_INLINE void MG_NAME(correct_at)(const struct MG_NAME(correct) * f, const bool even, int64_t i)
{
    struct MG_NAME(line) c = f->line;
    vec w = MG_NAME(take)(f->w_in, i, c.n), u = MG_NAME(take)(f->u_in, i, c.n);
    vec inv = MG_NAME(inverse)(c, even, w, i);
    MG_NAME(store)(f->w + i, w);
    MG_NAME(store)(f->r + i, MG_NAME(take)(f->r_in, i, c.n));
    MG_NAME(store)(f->inv + i, inv);
    if (f->coarse)
        u = u + MG_NAME(top)(c, even, i) * inv * MG_NAME(load)(f->fine + i);
    MG_NAME(store)(f->u + i, u);
}

MG_FN void MG_NAME(correct)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g, int64_t y)
{
    const struct tl_mgkernel_pass *pass = k->pass;
    int64_t x0 = k->tile->cx0, i = 0;
    float fine[MG_BEYOND] __attribute__((aligned(64)));
    struct MG_NAME(correct) f = {.line = MG_NAME(line_of)(k, y),
                                 .r_in = pass->r_in + y * pass->r_in_stride + x0,
                                 .w_in = k->level->w + y * k->level->w_stride + x0,
                                 .u_in = pass->smooth + y * k->level->stride + x0,
                                 .fine = fine,
                                 .r = MG_NAME(at_many)(&g->r, y),
                                 .w = MG_NAME(at_many)(&g->w, y),
                                 .inv = MG_NAME(at_many)(&g->inv, y),
                                 .u = MG_NAME(at)(&g->u[0], y),
                                 .coarse = pass->coarse != NULL};
    if (f.coarse)
        MG_NAME(prolong_row)(k, fine, y);
    for (; i < f.line.alike; i += TL_MGKERNEL_LANES)
        MG_NAME(correct_at)(&f, true, i);
    for (; i < f.line.n; i += TL_MGKERNEL_LANES)
        MG_NAME(correct_at)(&f, false, i);
    MG_NAME(ghosts)(f.u, k->n);
}

/* A block of rows of each step, the last one that of the result. */
MG_INLINE void MG_NAME(up_steps)(const struct MG_NAME(work) * k, struct MG_NAME(rings) * g,
                                 int64_t now, double sums[TL_MGKERNEL_SUMS])
{
    enum { N = TL_MGKERNEL_SMOOTH };
    for (int64_t at = MG_NAME(BLOCK); at < (N + 1) * MG_NAME(BLOCK); at++) {
        int64_t s = at / MG_NAME(BLOCK), j = now + at % MG_NAME(BLOCK), y = j - 2 * s;
        struct MG_NAME(soon) soon = MG_NAME(soon_of)(k, j);
        struct MG_NAME(ahead) first = {soon.w, soon.r, NULL};
        struct MG_NAME(ahead) then = {soon.smooth, soon.smooth, NULL};
        if (s == N)
            MG_NAME(end)
        (k, g, k->level->step[0], y, (struct MG_NAME(ahead)){NULL, NULL, soon.e}, sums);
        else MG_NAME(advance)(k, g, (int)s, k->level->step[N - s], y, s == 1 ? first : then);
    }
}

MG_FN void MG_NAME(up)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                       double sums[TL_MGKERNEL_SUMS])
{
    enum { N = TL_MGKERNEL_SMOOTH };
    struct MG_NAME(rings) g;
    struct MG_NAME(work) k;
    MG_NAME(begin)(&k, pass, tile);
    k.beyond = 1; /* for z'Az */
    for (int64_t now = tile->cy0; now < tile->cy1 + 2 * N + 1; now += MG_NAME(BLOCK)) {
        for (int64_t y = now; y < now + MG_NAME(BLOCK); y++)
            if (MG_NAME(needed)(&k, N, y))
                MG_NAME(correct)(&k, &g, y);
        MG_NAME(up_steps)(&k, &g, now, sums);
        for (int64_t y = now - 2 * N - 1; y < now - 2 * N - 1 + MG_NAME(BLOCK); y++)
            if (pass->want_form && MG_NAME(inside)(&k, y))
                sums[1] += MG_NAME(form)(&k, &g.u[N], y);
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

/* Row y of A u, from t = B u around it. Only of the finest level, where all cells are alike. */
MG_INLINE void MG_NAME(product)(const struct MG_NAME(work) * k, struct MG_NAME(few) * t,
                                const float *u, const float *w, float *q, int64_t y)
{
    const float *row = MG_NAME(at)(t, y);
    const float *up = MG_NAME(above)(k, t, y), *down = MG_NAME(below)(k, t, y);
    struct MG_NAME(line) c = MG_NAME(line_of)(k, y);
    for (int64_t i = 0; i < c.n; i += TL_MGKERNEL_LANES)
        MG_NAME(store)
    (q + i, MG_NAME(root_of)(c, true, row, MG_NAME(load)(up + i), MG_NAME(load)(down + i), i) +
                MG_NAME(take)(w, i, c.n) * MG_NAME(load)(u + i));
}

MG_FN void MG_NAME(apply)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                          double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(few) u, t;
    struct MG_NAME(work) k;
    float q[MG_ROW] __attribute__((aligned(64)));
    MG_NAME(begin)(&k, pass, tile);
    for (int64_t now = tile->cy0; now < tile->cy1 + 2; now++) {
        float *row = MG_NAME(at)(&u, now);
        if (MG_NAME(has)(&k, now)) {
            MG_NAME(fetch)(row, pass->r_in + now * pass->r_in_stride + tile->cx0, k.n);
            MG_NAME(ghosts)(row, k.n);
        }
        int64_t y = now - 1;
        if (MG_NAME(has)(&k, y))
            MG_NAME(root)(&k, &u, &t, y);
        if (MG_NAME(inside)(&k, y))
            MG_NAME(moments)
        (&k, MG_NAME(at)(&u, y), MG_NAME(above)(&k, &u, y), MG_NAME(below)(&k, &u, y), sums);
        y = now - 2;
        if (!MG_NAME(inside)(&k, y) || pass->out == NULL)
            continue;
        MG_NAME(product)
        (&k, &t, MG_NAME(at)(&u, y), k.level->w + y * k.level->w_stride + tile->cx0, q, y);
        sums[0] += MG_NAME(dot)(&k, q, MG_NAME(at)(&u, y));
        memcpy(pass->out + y * pass->out_stride + tile->x0, q + k.in0,
               (size_t)(k.in1 - k.in0) * sizeof *q);
    }
}
