/*
 * Between a level and the next coarser one, and the coarse weights: part of mgkernel_rows.h, which includes this (no include guard).
 */
/* Cells of a coarse row under a window, and those beyond that whole vectors touch. */
#define MG_HALF (MG_WIDTH / 2 + 3 * TL_MGKERNEL_LANES)
/* A fine row of which whole vectors are read that begin before its end. */
#define MG_BEYOND (MG_ROW + 3 * TL_MGKERNEL_LANES)

/* Coarse rows that are being summed: at most three, written when the last fine row has had its say. */
struct MG_NAME(coarse) {
    int64_t c0, n;         /* cells of a row */
    int64_t r0, r1, ready; /* rows of the tile, and those before which all are written */
    float row[4][MG_HALF] __attribute__((aligned(64)));
};

MG_INLINE void MG_NAME(coarse_begin)(const struct MG_NAME(work) * k, struct MG_NAME(coarse) * to)
{
    const struct tl_mgkernel_axis *ax = &k->level->x, *ay = &k->level->y;
    to->c0 = ax->own[k->tile->x0];
    to->n = ax->own[k->tile->x1 - 1] + 1 - to->c0;
    to->r0 = to->ready = ay->own[k->tile->y0];
    to->r1 = ay->own[k->tile->y1 - 1];
    memset(to->row, 0, sizeof to->row);
}

/* Writes the rows that no fine row after y has a share in. */
MG_INLINE void MG_NAME(coarse_write)(const struct MG_NAME(work) * k, struct MG_NAME(coarse) * to,
                                     int64_t y)
{
    const struct tl_mgkernel_level *coarse = k->pass->coarse;
    int64_t end = y + 1 < k->tile->cy1 ? k->level->y.own[y + 1] - 1 : to->r1 + 1;
    for (; to->ready <= to->r1 && to->ready < end; to->ready++) {
        float *row = to->row[to->ready & 3], *out = k->pass->coarse_b + to->c0;
        out += to->ready * coarse->stride;
        bool stream = coarse->stream && ((uintptr_t)out & 63) == 0;
        int64_t c = 0;
        for (; c + TL_MGKERNEL_LANES <= to->n; c += TL_MGKERNEL_LANES) {
            vec v = MG_NAME(load)(row + c);
            if (stream)
                MG_STREAM(out + c, v);
            else
                MG_NAME(store)(out + c, v);
            MG_NAME(store)(row + c, (vec){0});
        }
        memcpy(out + c, row + c, (size_t)(to->n - c) * sizeof *out);
        MG_NAME(store)(row + c, (vec){0});
    }
}

/* Restriction along x: the adjoint of prolong below. */
MG_INLINE void MG_NAME(restrict_x)(const struct MG_NAME(work) * k, int64_t c0, int64_t n,
                                   const float *row, float *sum)
{
    const struct tl_mgkernel_axis *ax = &k->level->x;
    const struct tl_mgkernel_tile *tile = k->tile;
    int64_t last = ax->n_coarse - 2; /* the last two coarse cells take theirs from the table */
    int64_t plain = n < last - c0 ? n : last - c0 > 0 ? last - c0 : 0;
    const float *f = row + (2 * c0 - tile->cx0);
    /* Loops over cells: what compilers make of them is better than shuffles by hand, but for AVX-512, where it is as good. */
    for (int64_t j = 0; j < plain; j++)
        sum[j] = 0.75f * (f[2 * j] + f[2 * j + 1]) + 0.25f * (f[2 * j - 1] + f[2 * j + 2]);
    for (int64_t c = plain; c < n; c++)
        sum[c] = 0.0f;
    int64_t first = 2 * last - 1;
    for (int64_t i = first < tile->cx0 ? tile->cx0 : first; n > plain && i < tile->cx1; i++) {
        int64_t own = ax->own[i] - c0, other = ax->other[i] - c0;
        if (own >= plain)
            sum[own] += (1.0f - ax->weight[i]) * row[i - tile->cx0];
        if (other >= plain)
            sum[other] += ax->weight[i] * row[i - tile->cx0];
    }
}

/* Restriction of the fine row y, of MG_BEYOND, finite beyond its ends. */
MG_FN void MG_NAME(restrict_row)(const struct MG_NAME(work) * k, struct MG_NAME(coarse) * to,
                                 const float *row, int64_t y)
{
    const struct tl_mgkernel_axis *ay = &k->level->y;
    float sum[MG_HALF] __attribute__((aligned(64)));
    int64_t at[2] = {ay->own[y], ay->other[y]};
    float share[2] = {1.0f - ay->weight[y], ay->weight[y]};
    MG_NAME(restrict_x)(k, to->c0, to->n, row, sum);
    for (int s = 0; s < 2; s++) {
        float *out = to->row[at[s] & 3], by = share[s];
        if (at[s] < to->r0 || at[s] > to->r1 || by == 0.0f)
            continue;
        for (int64_t c = 0; c < to->n; c += TL_MGKERNEL_LANES)
            MG_NAME(store)(out + c, MG_NAME(load)(out + c) + by * MG_NAME(load)(sum + c));
    }
    MG_NAME(coarse_write)(k, to, y);
}

/* The coarse level's weights: what w costs a smooth function, which would rather have a hole than follow a large w. */
MG_FN void MG_NAME(weigh)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                          double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(work) k;
    struct MG_NAME(coarse) to;
    float room[MG_BEYOND] __attribute__((aligned(64))) = {0.0f}, *w = room + TL_MGKERNEL_LANES;
    (void)sums;
    MG_NAME(begin)(&k, pass, tile);
    MG_NAME(coarse_begin)(&k, &to);
    for (int64_t y = tile->cy0; y < tile->cy1; y++) {
        float most = (float)(TL_MGKERNEL_HOLE)*k.level->diagonal;
        most *= MG_NAME(line_of)(&k, y).height;
        MG_NAME(fetch)(w, k.level->w + y * k.level->w_stride + tile->cx0, k.n);
        for (int64_t i = 0; i < k.n; i++) {
            float m = most * k.width[i];
            w[i] = m * (w[i] / (m + w[i]));
        }
        MG_NAME(ghosts)(w, k.n);
        MG_NAME(restrict_row)(&k, &to, w, y);
    }
}

/* The coarse correction on row y. */
MG_FN void MG_NAME(prolong_row)(const struct MG_NAME(work) * k, float *fine, int64_t y)
{
    const struct tl_mgkernel_axis *ax = &k->level->x, *ay = &k->level->y;
    const struct tl_mgkernel_tile *tile = k->tile;
    int64_t c0 = tile->cx0 / 2, n = ax->own[tile->cx1 - 1] + 1 - c0;
    const float *e0 = k->pass->coarse_e + ay->own[y] * k->pass->coarse->stride + c0;
    const float *e1 = k->pass->coarse_e + ay->other[y] * k->pass->coarse->stride + c0;
    float room[MG_HALF + TL_MGKERNEL_LANES] __attribute__((aligned(64)));
    float *e = room + TL_MGKERNEL_LANES, weight = ay->weight[y];
    int64_t at = 0;
    do { /* one cell at least */
        vec own = MG_NAME(load)(e0 + at);
        MG_NAME(store)(e + at, own + weight * (MG_NAME(load)(e1 + at) - own));
        at += TL_MGKERNEL_LANES;
    } while (at < n);
    e[-1] = e[0];
    e[n] = e[n - 1];
    for (int64_t c = 0; c < n; c++) {
        fine[2 * c] = 0.75f * e[c] + 0.25f * e[c - 1];
        fine[2 * c + 1] = 0.75f * e[c] + 0.25f * e[c + 1];
    }
    int64_t first = 2 * (ax->n_coarse - 2);
    for (int64_t i = first < tile->cx0 ? tile->cx0 : first; i < tile->cx1; i++) {
        float own = e[ax->own[i] - c0], other = ax->other[i] < c0 ? own : e[ax->other[i] - c0];
        fine[i - tile->cx0] = own + ax->weight[i] * (other - own);
    }
}
