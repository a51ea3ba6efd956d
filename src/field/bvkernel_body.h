/**
 * The kernel itself, included by bvkernel.c once for each instruction set and precision.
 * REAL, INTEGER (as wide), BYTES (of a vector), SQRT(vector), LESS(c, a, b) = c - a b and NAME(x) are set by
 * the includer. (Compilers asked for plain C17 do not join a product and a difference by themselves.)
 *
 * Everything is made of one operation: a tile of 4 x 4 numbers minus a sum over k of row i times row j, both read along k. Rows of a
 * panel are: L (m), C1 = A21 L^-T (m), C2 = E L^-T (m, upper triangular, because column x + 2 hangs on column x by a diagonal), and the right-hand
 * sides' L^-1 g (kp). One step costs 4 m^3 operations, as a banded factor does; joining two columns from both sides 2.7 m^3.
 */
typedef REAL NAME(vec) __attribute__((vector_size(BYTES)));
typedef INTEGER NAME(mask) __attribute__((vector_size(BYTES)));
#define V NAME(vec)
enum { NAME(LANES) = BYTES / (int)sizeof(REAL) };

/* out = init - sum_k a_i b_j; rows of a and b are `lda`, `ldb` apart. */
static inline __attribute__((always_inline)) void
NAME(tile)(V *restrict t, const V *a, int64_t lda, const V *b, int64_t ldb, int64_t k0, int64_t k1)
{
    const V *a0 = a, *a1 = a + lda, *a2 = a + 2 * lda, *a3 = a + 3 * lda;
    const V *b0 = b, *b1 = b + ldb, *b2 = b + 2 * ldb, *b3 = b + 3 * ldb;
    V t00 = t[0], t01 = t[1], t02 = t[2], t03 = t[3], t10 = t[4], t11 = t[5], t12 = t[6],
      t13 = t[7], t20 = t[8], t21 = t[9], t22 = t[10], t23 = t[11], t30 = t[12], t31 = t[13],
      t32 = t[14], t33 = t[15];
    for (int64_t k = k0; k < k1; k++) {
        V p = b0[k], q = b1[k], r = b2[k], s = b3[k], x = a0[k];
        t00 = LESS(t00, x, p);
        t01 = LESS(t01, x, q);
        t02 = LESS(t02, x, r);
        t03 = LESS(t03, x, s);
        x = a1[k];
        t10 = LESS(t10, x, p);
        t11 = LESS(t11, x, q);
        t12 = LESS(t12, x, r);
        t13 = LESS(t13, x, s);
        x = a2[k];
        t20 = LESS(t20, x, p);
        t21 = LESS(t21, x, q);
        t22 = LESS(t22, x, r);
        t23 = LESS(t23, x, s);
        x = a3[k];
        t30 = LESS(t30, x, p);
        t31 = LESS(t31, x, q);
        t32 = LESS(t32, x, r);
        t33 = LESS(t33, x, s);
    }
    t[0] = t00, t[1] = t01, t[2] = t02, t[3] = t03, t[4] = t10, t[5] = t11, t[6] = t12, t[7] = t13;
    t[8] = t20, t[9] = t21, t[10] = t22, t[11] = t23, t[12] = t30, t[13] = t31, t[14] = t32,
    t[15] = t33;
}

static inline void NAME(load)(V *restrict t, const V *from, int64_t ld)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            t[4 * i + j] = from[i * ld + j];
}

static inline void NAME(store)(const V *restrict t, V *to, int64_t ld)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            to[i * ld + j] = t[4 * i + j];
}

/* t := t L_jj^-T; `l` is the diagonal tile, which holds 1 / L on its diagonal. */
static inline void NAME(solve_tile)(V *restrict t, const V *l, int64_t ld)
{
    for (int i = 0; i < 4; i++) {
        V *x = t + 4 * i;
        x[0] *= l[0];
        x[1] = LESS(x[1], x[0], l[ld]) * l[ld + 1];
        x[2] = LESS(LESS(x[2], x[0], l[2 * ld]), x[1], l[2 * ld + 1]) * l[2 * ld + 2];
        x[3] = LESS(x[3], x[0], l[3 * ld]);
        x[3] = LESS(LESS(x[3], x[1], l[3 * ld + 1]), x[2], l[3 * ld + 2]) * l[3 * ld + 3];
    }
}

/* yes where the mask is set, else no. */
static inline V NAME(choose)(NAME(mask) mask, V yes, V no)
{
    return (V)((mask & (NAME(mask))yes) | (~mask & (NAME(mask))no));
}

/* 1 / sqrt of a pivot; one that is not positive becomes 1 and is told by `least`. */
static inline V NAME(pivot)(V p, V high, V *least)
{
    const V zero = {0}, one = zero + (REAL)1;
    V share = p / high;
    share = NAME(choose)(p > zero, share, -one);
    *least = NAME(choose)(share < *least, share, *least);
    return one / SQRT(NAME(choose)(p > zero, p, one));
}

/* Cholesky of a 4 x 4 tile; the diagonal holds 1 / L. */
static inline void NAME(factor_tile)(V *restrict t, const V *high, const V *low, V *least)
{
    for (int j = 0; j < 4; j++) {
        V p = t[5 * j];
        for (int k = 0; k < j; k++)
            p = LESS(p, t[4 * j + k], t[4 * j + k]);
        V inverse = NAME(pivot)(p + low[j], high[j], least);
        t[5 * j] = inverse;
        for (int i = j + 1; i < 4; i++) {
            V x = t[4 * i + j];
            for (int k = 0; k < j; k++)
                x = LESS(x, t[4 * i + k], t[4 * j + k]);
            t[4 * i + j] = x * inverse;
        }
    }
}

/* Lower triangle of `from` [size][size] into its factor `l`; low, high: the diagonal. */
static void NAME(factor)(const V *from, V *l, int64_t size, const V *high, const V *low, V *least)
{
    V t[16];
    for (int64_t i = 0; i < size; i += 4) {
        for (int64_t j = 0; j < i; j += 4) {
            NAME(load)(t, from + i * size + j, size);
            NAME(tile)(t, l + i * size, size, l + j * size, size, 0, j);
            NAME(solve_tile)(t, l + j * size + j, size);
            NAME(store)(t, l + i * size + j, size);
        }
        NAME(load)(t, from + i * size + i, size);
        NAME(tile)(t, l + i * size, size, l + i * size, size, 0, i);
        NAME(factor_tile)(t, high + i, low + i, least);
        NAME(store)(t, l + i * size + i, size);
    }
}

/* Rows `from` times L^-T into `rows` (row length ld, L in the first `size` columns of `l`). */
static void NAME(solve)(const V *from, V *rows, int64_t n_rows, const V *l, int64_t size)
{
    V t[16];
    for (int64_t i = 0; i < n_rows; i += 4)
        for (int64_t j = 0; j < size; j += 4) {
            NAME(load)(t, from + i * size + j, size);
            NAME(tile)(t, rows + i * size, size, l + j * size, size, 0, j);
            NAME(solve_tile)(t, l + j * size + j, size);
            NAME(store)(t, rows + i * size + j, size);
        }
}

/* diag(e) L^-T, upper triangular: `l` and `rows` have rows of `ld`; e NULL = 1. */
static void NAME(solve_diagonal)(const V *e, V *rows, const V *l, int64_t size, int64_t ld)
{
    V t[16];
    for (int64_t i = 0; i < size; i += 4)
        for (int64_t j = i; j < size; j += 4) {
            memset(t, 0, sizeof t);
            for (int c = 0; c < 4 && i == j; c++)
                t[5 * c] = e == NULL ? t[5 * c] + (REAL)1 : e[i + c];
            NAME(tile)(t, rows + i * ld, ld, l + j * ld, ld, i, j);
            NAME(solve_tile)(t, l + j * ld + j, ld);
            NAME(store)(t, rows + i * ld + j, ld);
        }
}

/* A state: what eliminated columns leave on the two next to them: S11, S21, S22 [m][m], and right-hand sides g1, g2 [kp][m]. */
struct NAME(state) {
    V *s11, *s21, *s22, *g1, *g2;
};

static struct NAME(state) NAME(state_at)(const struct tl_bvkernel_work *w, void *memory, int64_t i)
{
    int64_t m = w->m;
    V *at = (V *)memory + i * (3 * m + 2 * w->kp) * m;
    return (struct NAME(state)){at, at + m * m, at + 2 * m * m, at + 3 * m * m,
                                at + (3 * m + w->kp) * m};
}

static const V *NAME(coef)(const struct tl_bvkernel_work *w, int64_t column,
                           enum tl_bvkernel_coefficient which)
{
    return (const V *)w->coef + (column * TL_BVKERNEL_N + which) * w->m;
}

/* Adds a column's own entries to `s` [m][m], lower. */
static void NAME(add_own)(const struct tl_bvkernel_work *w, int64_t column, V *s)
{
    int64_t m = w->m;
    const V *high = NAME(coef)(w, column, TL_BVKERNEL_HIGH);
    const V *down = NAME(coef)(w, column, TL_BVKERNEL_DOWN);
    const V *down2 = NAME(coef)(w, column, TL_BVKERNEL_DOWN2);
    for (int64_t i = 0; i < m; i++) {
        s[i * m + i] += high[i];
        if (i >= 1)
            s[i * m + i - 1] += down[i - 1];
        if (i >= 2)
            s[i * m + i - 2] += down2[i - 2];
    }
}

static void NAME(add_rhs)(const struct tl_bvkernel_work *w, int64_t column, V *g)
{
    const V *rhs = (const V *)w->rhs + column * w->kp * w->m;
    for (int64_t i = 0; i < w->kp * w->m; i++)
        g[i] += rhs[i];
}

/* Adds the entries of a column with its neighbour in direction `step` to `s` [m][m]: row = the neighbour's. */
static void NAME(add_next)(const struct tl_bvkernel_work *w, int64_t column, int step, V *s)
{
    int64_t m = w->m, first = step > 0 ? column : column - 1;
    const V *next = NAME(coef)(w, first, TL_BVKERNEL_NEXT);
    const V *nextd = NAME(coef)(w, first, TL_BVKERNEL_NEXTD);
    const V *nextu = NAME(coef)(w, first, TL_BVKERNEL_NEXTU);
    for (int64_t i = 0; i < m; i++) {
        s[i * m + i] += next[i];
        if (i >= 1)
            s[i * m + i - 1] += step > 0 ? nextd[i - 1] : nextu[i];
        if (i < m - 1)
            s[i * m + i + 1] += step > 0 ? nextu[i + 1] : nextd[i];
    }
}

/* to = init - a b': tiles on and below the diagonal only, rows of a (or b) that begin at their own number, as `what` says. */
static void NAME(update)(const V *init, const V *a, int64_t n_rows, const V *b, int64_t m,
                         unsigned what, V *to)
{
    V t[16];
    for (int64_t i = 0; i < n_rows; i += 4)
        for (int64_t j = 0; j < (what & LOWER ? i + 4 : m); j += 4) {
            int64_t k0 = what & FROM_ROW ? i : what & FROM_COLUMN ? j : 0;
            if (init != NULL)
                NAME(load)(t, init + i * m + j, m);
            else
                memset(t, 0, sizeof t);
            NAME(tile)(t, a + i * m, m, b + j * m, m, k0, m);
            NAME(store)(t, to + i * m + j, m);
        }
}

/* Eliminates a column of a whole state: `to` is what it leaves on the next two in direction `step`. */
static void NAME(eliminate)(const struct tl_bvkernel_work *w, int64_t column, int step,
                            struct NAME(state) st, struct NAME(state) to)
{
    int64_t m = w->m, first = step > 0 ? column : column - 2;
    V *l = w->panel, *c1 = l + m * m, *c2 = c1 + m * m, *z = c2 + m * m;
    NAME(factor)
    (st.s11, l, m, NAME(coef)(w, column, TL_BVKERNEL_HIGH), NAME(coef)(w, column, TL_BVKERNEL_LOW),
     w->least);
    NAME(solve)(st.s21, c1, m, l, m);
    NAME(solve_diagonal)(NAME(coef)(w, first, TL_BVKERNEL_NEXT2), c2, l, m, m);
    NAME(update)(st.s22, c1, m, c1, m, LOWER, to.s11);
    NAME(update)(NULL, c2, m, c1, m, FROM_ROW, to.s21);
    NAME(update)(NULL, c2, m, c2, m, LOWER | FROM_ROW, to.s22);
    if (w->kp > 0) {
        NAME(solve)(st.g1, z, w->kp, l, m);
        NAME(update)(st.g2, z, w->kp, c1, m, 0, to.g1);
        NAME(update)(NULL, z, w->kp, c2, m, FROM_COLUMN, to.g2);
    }
}

/* Unknowns of a pair of columns come in six runs: halo rows of both columns first, then the rows wanted. */
static void NAME(runs)(const struct tl_bvkernel_work *w, struct tl_bvkernel_run run[6])
{
    int64_t h = w->shape.h, b = w->shape.b, rest = w->m - b;
    for (int64_t c = 0; c < 2; c++) {
        run[2 * c] = (struct tl_bvkernel_run){c * rest, c, 0, h};
        run[2 * c + 1] = (struct tl_bvkernel_run){c * rest + h, c, h + b, rest - h};
        run[4 + c] = (struct tl_bvkernel_run){2 * rest + c * b, c, h, b};
    }
}

/* Row r of column c of the pair's matrix, as far as run `q` goes (`count` unknowns of it). */
static void NAME(gather_run)(int64_t m, int64_t c, int64_t r, struct tl_bvkernel_run q,
                             int64_t count, struct NAME(state) left, struct NAME(state) right,
                             V *to)
{
    int64_t along = r * m + q.row, across = q.row * m + r;
    bool below = q.row <= r; /* a lower triangle is read along its row, or down its column */
    const V *x = c == 0 ? left.s11 : left.s22, *y = c == 0 ? right.s22 : right.s11;
    int64_t dx = below ? 1 : m, dy = dx;
    if (c == q.column) {
        x += below ? along : across;
        y += below ? along : across;
    } else { /* left.s21: rows are the second column's; right.s21: the first's */
        x = left.s21 + (c == 1 ? along : across);
        y = right.s21 + (c == 1 ? across : along);
        dx = c == 1 ? 1 : m;
        dy = c == 1 ? m : 1;
    }
    for (int64_t i = 0; i < count; i++)
        to[i] = x[i * dx] + y[i * dy];
}

/* The pair's matrix and right-hand sides: what is left of it and right of it, each column's own entries being in one of the two. */
static void NAME(gather)(const struct tl_bvkernel_work *w, int64_t column, struct NAME(state) left,
                         struct NAME(state) right, V *mid, V *high, V *low)
{
    int64_t m = w->m, m2 = 2 * m;
    struct tl_bvkernel_run run[6];
    NAME(runs)(w, run);
    for (int64_t s = 0; s < 6; s++)
        for (int64_t i = 0; i < run[s].n; i++) {
            int64_t p = run[s].at + i, r = run[s].row + i, c = run[s].column;
            for (int64_t u = 0; u <= s; u++)
                NAME(gather_run)
            (m, c, r, run[u], u == s ? i + 1 : run[u].n, left, right, mid + p * m2 + run[u].at);
            high[p] = NAME(coef)(w, column + c, TL_BVKERNEL_HIGH)[r];
            low[p] = NAME(coef)(w, column + c, TL_BVKERNEL_LOW)[r];
            for (int64_t k = 0; k < w->kp; k++)
                mid[(m2 + k) * m2 + p] = (c == 0 ? left.g1 : left.g2)[k * m + r] +
                                         (c == 0 ? right.g2 : right.g1)[k * m + r];
        }
}

/* Variances and conditional means' powers of the pair's wanted cells. `y` [kp][2 m]: L^-1 g; `inverse` [2 b][2 m]: rows of L^-T. */
static void NAME(harvest)(const struct tl_bvkernel_work *w, int64_t pair, const V *inverse,
                          const V *y)
{
    int64_t b2 = 2 * w->shape.b, m2 = 2 * w->m, at = pair * b2;
    for (int64_t i = 0; i < b2; i++) {
        const V *row = inverse + i * m2;
        V sum = {0}, square = {0}, fourth = {0};
        for (int64_t j = i; j < b2; j++)
            sum += row[j] * row[j];
        ((V *)w->var)[at + i] = sum;
        for (int64_t k = 0; k < w->shape.k; k++) {
            V mean = {0};
            for (int64_t j = i; j < b2; j++)
                mean += row[j] * y[k * m2 + j];
            square += mean * mean;
            fourth += mean * mean * mean * mean;
        }
        if (w->kp > 0) {
            ((V *)w->square)[at + i] = square;
            ((V *)w->fourth)[at + i] = fourth;
        }
    }
}

/* Columns `column` and `column` + 1 from both sides. */
static void NAME(join)(struct tl_bvkernel_work *w, int64_t column, struct NAME(state) left)
{
    int64_t m2 = 2 * w->m, outer = 2 * (w->m - w->shape.b), b2 = 2 * w->shape.b;
    int64_t pair = (column - w->shape.h) / 2;
    V *mid = w->mid, *g = mid + m2 * m2, *inverse = g + w->kp * m2, *high = inverse + b2 * m2;
    NAME(gather)(w, column, left, NAME(state_at)(w, w->slots, pair), mid, high, high + m2);
    NAME(factor)(mid, mid, m2, high, high + m2, w->least);
    if (w->kp > 0)
        NAME(solve)(g, g, w->kp, mid, m2);
    NAME(solve_diagonal)(NULL, inverse, mid + outer * m2 + outer, b2, m2);
    NAME(harvest)(w, pair, inverse, g + outer);
}

static void NAME(clear)(const struct tl_bvkernel_work *w, struct NAME(state) st)
{
    memset(st.s11, 0, (size_t)((3 * w->m + 2 * w->kp) * w->m) * sizeof(V));
}

/* From the right: a whole state is kept for every pair of wanted columns, that of the pair's second column. */
static void NAME(from_right)(struct tl_bvkernel_work *w)
{
    int64_t h = w->shape.h;
    struct NAME(state) now = NAME(state_at)(w, w->state[0], 0);
    NAME(clear)(w, now);
    for (int64_t c = w->n - 1, turn = 1; c > h; c--, turn = 1 - turn) {
        bool keep = c - h <= w->shape.s && (c - h) % 2 == 0;
        struct NAME(state) next = keep ? NAME(state_at)(w, w->slots, (c - h) / 2 - 1)
                                       : NAME(state_at)(w, w->state[turn], 0);
        NAME(add_own)(w, c, now.s11);
        NAME(add_next)(w, c, -1, now.s21);
        if (w->kp > 0)
            NAME(add_rhs)(w, c, now.g1);
        if (c > h + 1)
            NAME(eliminate)(w, c, -1, now, next);
        now = next;
    }
}

/* From the left, joining on the way. The coupling of a pair is in the right state, so it is added here after joining. */
static void NAME(from_left)(struct tl_bvkernel_work *w)
{
    int64_t h = w->shape.h, last = h + w->shape.s - 2;
    struct NAME(state) now = NAME(state_at)(w, w->state[0], 0);
    NAME(clear)(w, now);
    for (int64_t c = 0, turn = 1; c <= last; c++, turn = 1 - turn) {
        struct NAME(state) next = NAME(state_at)(w, w->state[turn], 0);
        NAME(add_own)(w, c, now.s11);
        if (w->kp > 0)
            NAME(add_rhs)(w, c, now.g1);
        if (c >= h && (c - h) % 2 == 0)
            NAME(join)(w, c, now);
        NAME(add_next)(w, c, 1, now.s21);
        if (c < last)
            NAME(eliminate)(w, c, 1, now, next);
        now = next;
    }
}

static void NAME(run)(struct tl_bvkernel_work *w)
{
    for (int l = 0; l < NAME(LANES); l++)
        ((REAL *)w->least)[l] = (REAL)1;
    NAME(from_right)(w);
    NAME(from_left)(w);
}

/* Log of the pivots of a column, of which l's diagonal has 1 / sqrt; a few are multiplied before a logarithm is taken. */
static void NAME(add_pivots)(const V *l, int64_t m, double *logdet)
{
    int64_t group = sizeof(REAL) == sizeof(double) ? 8 : 1;
    for (int64_t i = 0; i < m; i += group) {
        V product = l[i * m + i];
        for (int64_t j = i + 1; j < i + group && j < m; j++)
            product *= l[j * m + j];
        for (int lane = 0; lane < NAME(LANES); lane++)
            logdet[lane] -= 2.0 * log((double)product[lane]);
    }
}

/* The elimination from the left alone: one column's coefficients at a time, two states that alternate. */
static void NAME(logdet)(struct tl_bvkernel_columns *columns)
{
    int64_t m = columns->m;
    V *at = columns->memory, *states = at + TL_BVKERNEL_N * m, *least = states + 9 * m * m;
    struct tl_bvkernel_work w = {.m = m, .coef = at, .panel = states + 6 * m * m, .least = least};
    struct NAME(state) now = NAME(state_at)(&w, states, 0);
    for (int lane = 0; lane < NAME(LANES); lane++) {
        ((REAL *)w.least)[lane] = (REAL)1;
        columns->logdet[lane] = 0.0;
    }
    NAME(clear)(&w, now);
    for (int64_t c = 0; c < columns->n; c++) {
        struct NAME(state) next = NAME(state_at)(&w, states, 1 - c % 2);
        columns->fill(columns->user, c, at);
        NAME(add_own)(&w, 0, now.s11);
        NAME(add_next)(&w, 0, 1, now.s21);
        NAME(eliminate)(&w, 0, 1, now, next);
        NAME(add_pivots)(w.panel, m, columns->logdet);
        now = next;
    }
    for (int lane = 0; lane < NAME(LANES); lane++)
        columns->least[lane] = (double)((REAL *)w.least)[lane];
}

#undef V
#undef REAL
#undef INTEGER
#undef BYTES
#undef SQRT
#undef LESS
#undef NAME
