/*
 * Source of the kernels; mgkernel.c includes it once for each kind of vector instructions (no include guard).
 *
 * A tile is treated as a small grid of its own with closed edges: what is wrong because of that creeps inward one cell for each
 * application of l, and never reaches the inside through the margin. Rows live in rings; row y of step k is made when row
 * y + 2k is read, and a ring's row is used until the window has passed it. A step takes a few rows before the next step has its turn: what
 * they share of their neighbours is then still in the nearest cache.
 */
#define MG_INLINE static inline __attribute__((always_inline)) MG_TARGET
/* Functions in one piece with their loops: inlined into a pass, gcc runs out of registers and keeps constants and sums in memory. */
#define MG_FN    static __attribute__((noinline)) MG_TARGET
#define MG_WIDTH (TL_MGKERNEL_TILE_X + 2 * TL_MGKERNEL_MARGIN)
#define MG_ROW   (MG_WIDTH + 3 * TL_MGKERNEL_LANES)

/* Rows of one step, and rows that all steps use. */
enum { MG_NAME(BLOCK) = TL_MGKERNEL_BLOCK, MG_NAME(FEW) = 8, MG_NAME(MANY) = 16 };

struct MG_NAME(few) {
    float row[MG_NAME(FEW)][MG_ROW] __attribute__((aligned(64)));
};
struct MG_NAME(many) {
    float row[MG_NAME(MANY)][MG_ROW] __attribute__((aligned(64)));
};

/* The first cell of a row; one vector of room on its left for the ghost. */
MG_INLINE float *MG_NAME(at)(struct MG_NAME(few) * ring, int64_t y)
{
    return ring->row[y & (MG_NAME(FEW) - 1)] + TL_MGKERNEL_LANES;
}

MG_INLINE float *MG_NAME(at_many)(struct MG_NAME(many) * ring, int64_t y)
{
    return ring->row[y & (MG_NAME(MANY) - 1)] + TL_MGKERNEL_LANES;
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
    int64_t whole;    /* inside up to here by whole vectors */
    int64_t beyond;   /* rows beyond the inside that the last step of a pass still makes */
    int64_t alike;    /* columns up to here are 1 wide and so coupled: whole vectors */
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
    k->whole = k->in0 + (k->in1 - k->in0) / TL_MGKERNEL_LANES * TL_MGKERNEL_LANES;
    k->alike = k->n;
    for (int64_t i = 0; i < k->n + TL_MGKERNEL_LANES; i++)
        k->back[i] = k->forth[i] = k->width[i] = 1.0f;
    if (tile->cx1 != x->n || x->last == 1.0)
        return;
    k->alike = k->n < 2 ? 0 : (k->n - 2) / TL_MGKERNEL_LANES * TL_MGKERNEL_LANES;
    k->width[k->n - 1] = (float)x->last;
    k->back[k->n - 1] = x->back;
    if (k->n > 1)
        k->forth[k->n - 2] = x->forth;
}

/* What the inner loops need, by value: stores of vectors may alias anything behind a pointer. */
struct MG_NAME(line) {
    float up, down, height; /* couplings to the rows above and below; height of this one */
    float straight, mix, top, hold;
    const float *back, *forth, *width;
    int64_t n, alike;
};

MG_INLINE struct MG_NAME(line) MG_NAME(line_of)(const struct MG_NAME(work) * k, int64_t y)
{
    const struct tl_mgkernel_level *level = k->level;
    struct MG_NAME(line)
        l = {1.0f,        1.0f,    1.0f,     level->straight, level->mix, 0.0f,
             level->hold, k->back, k->forth, k->width,        k->n,       k->alike};
    if (y >= level->y.n - 2 && level->y.last != 1.0) {
        l.height = y == level->y.n - 1 ? (float)level->y.last : 1.0f;
        l.up = y == level->y.n - 1 ? level->y.back : 1.0f;
        l.down = y == level->y.n - 2 ? level->y.forth : 1.0f;
        l.alike = 0;
    }
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

/* A vector from memory; of the last one only what is there, and ones beyond. */
MG_INLINE vec MG_NAME(take)(const float *from, int64_t i, int64_t n)
{
    if (i + TL_MGKERNEL_LANES <= n)
        return MG_NAME(load)(from + i);
    vec v = MG_NAME(all)(1.0f);
    memcpy(&v, from + i, (size_t)(n - i) * sizeof *from);
    return v;
}

/* straight u + mix M^-1 K u in one vector; differences first, which are exact where u is smooth. `even`: all cells alike. */
MG_INLINE vec MG_NAME(root_of)(struct MG_NAME(line) c, const bool even, const float *row, vec up,
                               vec down, int64_t i)
{
    vec u = MG_NAME(load)(row + i);
    vec left = u - MG_NAME(load)(row + i - 1), right = u - MG_NAME(load)(row + i + 1);
    if (even)
        return c.straight * u + c.mix * ((left + right) + ((u - up) + (u - down)));
    return c.straight * u +
           c.mix * ((MG_NAME(load)(c.back + i) * left + MG_NAME(load)(c.forth + i) * right) +
                    (c.up * (u - up) + c.down * (u - down)));
}

/* Neighbours of row y in a ring. */
MG_INLINE const float *MG_NAME(above)(const struct MG_NAME(work) * k, struct MG_NAME(few) * ring,
                                      int64_t y)
{
    return MG_NAME(at)(ring, y > k->tile->cy0 ? y - 1 : y);
}

MG_INLINE const float *MG_NAME(below)(const struct MG_NAME(work) * k, struct MG_NAME(few) * ring,
                                      int64_t y)
{
    return MG_NAME(at)(ring, y + 1 < k->tile->cy1 ? y + 1 : y);
}

MG_INLINE bool MG_NAME(has)(const struct MG_NAME(work) * k, int64_t y)
{
    return y >= k->tile->cy0 && y < k->tile->cy1;
}

/* Rows that are still needed `steps` steps before the end of a pass: what lies beyond is not made. */
MG_INLINE int64_t MG_NAME(needed_from)(const struct MG_NAME(work) * k, int64_t steps)
{
    int64_t y = k->tile->y0 - k->beyond - 2 * steps;
    return y > k->tile->cy0 ? y : k->tile->cy0;
}

MG_INLINE bool MG_NAME(needed)(const struct MG_NAME(work) * k, int64_t steps, int64_t y)
{
    int64_t end = k->tile->y1 + k->beyond + 2 * steps;
    return y >= MG_NAME(needed_from)(k, steps) && y < k->tile->cy1 && y < end;
}

MG_INLINE bool MG_NAME(inside)(const struct MG_NAME(work) * k, int64_t y)
{
    return y >= k->tile->y0 && y < k->tile->y1;
}

MG_INLINE void MG_NAME(root_any)(struct MG_NAME(line) c, const float *row, const float *up,
                                 const float *down, float *out)
{
    int64_t i = 0;
    for (; i < c.alike; i += TL_MGKERNEL_LANES)
        MG_NAME(store)
    (out + i, MG_NAME(root_of)(c, true, row, MG_NAME(load)(up + i), MG_NAME(load)(down + i), i));
    for (; i < c.n; i += TL_MGKERNEL_LANES)
        MG_NAME(store)
    (out + i, MG_NAME(root_of)(c, false, row, MG_NAME(load)(up + i), MG_NAME(load)(down + i), i));
}

/* t = B u, row y. */
MG_FN void MG_NAME(root)(const struct MG_NAME(work) * k, struct MG_NAME(few) * u,
                         struct MG_NAME(few) * t, int64_t y)
{
    float *out = MG_NAME(at)(t, y);
    MG_NAME(root_any)
    (MG_NAME(line_of)(k, y), MG_NAME(at)(u, y), MG_NAME(above)(k, u, y), MG_NAME(below)(k, u, y),
     out);
    MG_NAME(ghosts)(out, k->n);
}

/* t = B u of row y + 1 where that is the first needed row `from`, or the one above it; later rows come with the row before them. */
MG_INLINE void MG_NAME(root_first)(const struct MG_NAME(work) * k, struct MG_NAME(few) * u,
                                   struct MG_NAME(few) * t, int64_t from, int64_t y)
{
    if ((y == from - 2 || y == from - 1) && MG_NAME(has)(k, y + 1))
        MG_NAME(root)(k, u, t, y + 1);
}

/* m top in one vector. */
MG_INLINE vec MG_NAME(top)(struct MG_NAME(line) c, const bool even, int64_t i)
{
    vec m = MG_NAME(all)(c.top);
    return even ? m : m * MG_NAME(load)(c.width + i);
}

/*
 * 1/(m top + hold w) in one vector: the same on the way down and up, which keeps the preconditioner symmetric. A guess from the bits of the
 * divisor (12 % off at most) and three steps of Newton: rounding remains, and it takes half the time of a division.
 */
MG_INLINE vec MG_NAME(inverse)(struct MG_NAME(line) c, const bool even, vec w, int64_t i)
{
    vec d = MG_NAME(top)(c, even, i) + c.hold * w;
    vec v = (vec)(0x7ef311c7 - (whole_numbers)d);
    v = v * (2.0f - d * v);
    v = v * (2.0f - d * v);
    return v * (2.0f - d * v);
}

/* Where the inside of a row goes; past the caches where the whole array would not stay in them anyway. */
struct MG_NAME(target) {
    float *to; /* of the row's first cell; NULL: nowhere */
    int64_t first, last;
    bool stream;
};

MG_INLINE struct MG_NAME(target)
    MG_NAME(target_of)(const struct MG_NAME(work) * k, float *array, int64_t stride, int64_t y)
{
    struct MG_NAME(target) t = {NULL, 0, 0, false};
    if (array == NULL || !MG_NAME(inside)(k, y))
        return t;
    t.to = array + y * stride + k->tile->cx0;
    t.first = k->in0;
    t.last = k->whole;
    t.stream = k->level->stream && ((uintptr_t)t.to & 63) == 0;
    return t;
}

MG_INLINE bool MG_NAME(wants)(struct MG_NAME(target) t, int64_t i)
{
    return i >= t.first && i < t.last;
}

MG_INLINE void MG_NAME(put)(struct MG_NAME(target) t, int64_t i, vec v)
{
    if (t.stream)
        MG_STREAM(t.to + i, v);
    else
        MG_NAME(store)(t.to + i, v);
}

/* What is inside beyond the last whole vector. */
MG_INLINE void MG_NAME(put_rest)(const struct MG_NAME(work) * k, struct MG_NAME(target) t,
                                 const float *row)
{
    if (t.to != NULL && k->whole < k->in1)
        memcpy(t.to + k->whole, row + k->whole, (size_t)(k->in1 - k->whole) * sizeof *row);
}

/* Sums of products, in double, in 8 lanes. */
MG_INLINE wide MG_NAME(low)(vec v)
{
    return MG_WIDE(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7));
}

MG_INLINE wide MG_NAME(high)(vec v)
{
    return MG_WIDE(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}

MG_INLINE double MG_NAME(total)(wide sum)
{
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

struct MG_NAME(sum) {
    wide low, high;
};

MG_INLINE void MG_NAME(add)(struct MG_NAME(sum) * s, vec a, vec b)
{
    s->low += MG_NAME(low)(a) * MG_NAME(low)(b);
    s->high += MG_NAME(high)(a) * MG_NAME(high)(b);
}

/* The sum, and a'b over what is inside beyond the last whole vector. */
MG_INLINE double MG_NAME(sum_of)(const struct MG_NAME(work) * k, struct MG_NAME(sum) s,
                                 const float *a, const float *b)
{
    double rest = 0.0;
    for (int64_t i = k->whole; i < k->in1; i++)
        rest += (double)a[i] * (double)b[i];
    return MG_NAME(total)(s.low + s.high) + rest;
}

/* a'b over the inside of a row. */
MG_FN double MG_NAME(dot)(const struct MG_NAME(work) * k, const float *a, const float *b)
{
    struct MG_NAME(sum) sum = {{0}, {0}};
    for (int64_t i = k->in0; i < k->whole; i += TL_MGKERNEL_LANES)
        MG_NAME(add)(&sum, MG_NAME(load)(a + i), MG_NAME(load)(b + i));
    return MG_NAME(sum_of)(k, sum, a, b);
}

#include "field/mgkernel_transfer.h"
#include "field/mgkernel_passes.h"
#include "field/mgkernel_normal.h"

#undef MG_INLINE
#undef MG_FN
#undef MG_WIDTH
#undef MG_ROW
