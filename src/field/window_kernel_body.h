/*
 * One set of the kernels of window_kernel.c, for the instructions that hold where this is included (no include guard). NAME(x) names it.
 */
typedef double NAME(v) __attribute__((vector_size(64)));
typedef uint64_t NAME(u) __attribute__((vector_size(64)));
typedef int64_t NAME(i) __attribute__((vector_size(64)));
#define V NAME(v)
#define U NAME(u)
#define I NAME(i)

static inline V NAME(all)(double x)
{
    return (V){x, x, x, x, x, x, x, x};
}

static inline V NAME(load)(const double *from)
{
    V x;
    memcpy(&x, from, sizeof x);
    return x;
}

static inline void NAME(store)(double *to, V x)
{
    memcpy(to, &x, sizeof x);
}

static inline double NAME(add_up)(V x)
{
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

/* Two parts of log 2, so that the rest is exact, and Taylor's series on +-log(2)/2: error below 2e-16 of the value. */
static inline V NAME(exp)(V x)
{
    const double magic =
        6755399441055744.0; /* 1.5 * 2^52: the nearest integer ends in the low bits */
    V shifted = x * 1.4426950408889634 + magic, k = shifted - magic;
    V r = x - k * 0.6931471803691238;
    r = r - k * 1.9082149292705877e-10;
    V p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return p * (V)(((U)shifted << 52) + ((uint64_t)1023 << 52));
}

static inline V NAME(within)(V x, double most)
{
    I over = x > most, under = x < -most;
    V high = NAME(all)(most), low = NAME(all)(-most);
    I bits = (((I)x & ~over) | ((I)high & over));
    bits = (bits & ~under) | ((I)low & under);
    return (V)bits;
}

/* log x, x in (0, 1): exponent and 2 atanh((m - 1)/(m + 1)), m within sqrt(2) of 1. */
static inline V NAME(log)(V x)
{
    U bits = (U)x;
    U shifted = bits - (uint64_t)0x3fe6a09e667f3bcd; /* of sqrt(1/2) */
    I exponent = (I)shifted >> 52;
    V m = (V)(bits - ((U)exponent << 52));
    /* An integer of few bits as a double, by the same trick as in exp. */
    V k = (V)((U)exponent + (uint64_t)0x4338000000000000) - 6755399441055744.0;
    V s = (m - 1.0) / (m + 1.0), q = s * s;
    V p = q * (1.0 / 21.0) + 1.0 / 19.0;
    p = p * q + 1.0 / 17.0;
    p = p * q + 1.0 / 15.0;
    p = p * q + 1.0 / 13.0;
    p = p * q + 1.0 / 11.0;
    p = p * q + 1.0 / 9.0;
    p = p * q + 1.0 / 7.0;
    p = p * q + 1.0 / 5.0;
    p = p * q + 1.0 / 3.0;
    p = p * q + 1.0;
    return k * 0.6931471805599453 + 2.0 * s * p;
}

/* Sine and cosine of u turns, u in (0, 1): quarter turns, then Taylor's series on an eighth either side. */
static inline void NAME(turn)(V u, V *sine, V *cosine)
{
    const double magic = 6755399441055744.0;
    V shifted = u * 4.0 + magic;
    U quarter = (U)shifted;
    V t = (u * 4.0 - (shifted - magic)) * 1.5707963267948966, q = t * t;
    V s = q * (1.0 / 355687428096000.0) - 1.0 / 1307674368000.0;
    s = s * q + 1.0 / 6227020800.0;
    s = s * q - 1.0 / 39916800.0;
    s = s * q + 1.0 / 362880.0;
    s = s * q - 1.0 / 5040.0;
    s = s * q + 1.0 / 120.0;
    s = s * q - 1.0 / 6.0;
    s = t + t * q * s;
    V c = q * (1.0 / 20922789888000.0) - 1.0 / 87178291200.0;
    c = c * q + 1.0 / 479001600.0;
    c = c * q - 1.0 / 3628800.0;
    c = c * q + 1.0 / 40320.0;
    c = c * q - 1.0 / 720.0;
    c = c * q + 1.0 / 24.0;
    c = c * q - 0.5;
    c = c * q + 1.0;
    U swap = -(quarter & 1), negative = (quarter & 2) << 62, other = ((quarter + 1) & 2) << 62;
    U a = ((U)c & swap) | ((U)s & ~swap), b = ((U)s & swap) | ((U)c & ~swap);
    *sine = (V)(a ^ negative);
    *cosine = (V)(b ^ other);
}

static inline V NAME(root)(V x)
{
    double a[8];
    NAME(store)(a, x);
    for (int l = 0; l < 8; l++)
        a[l] = sqrt(a[l]);
    return NAME(load)(a);
}

/* 53 bits to (0, 1). */
static inline V NAME(unit)(U high, U low)
{
    U bits = ((high << 32) | low) >> 12; /* 52 of them, under an exponent of 0 */
    return ((V)(bits | (uint64_t)0x3ff0000000000000) - 1.0) + 0x1p-53;
}

/* Two numbers of each of eight series. */
static inline void NAME(normals8)(U key0, U key1, int64_t at, V *one, V *two)
{
    const U low = (U){0} + 0xffffffffu;
    U c0 = (U){0} + ((uint64_t)at & 0xffffffffu), c1 = (U){0} + ((uint64_t)at >> 32);
    U c2 = (U){0}, c3 = c2;
    for (int round = 0; round < 10; round++) {
        U p0 = c0 * (uint64_t)0xD2511F53u, p1 = c2 * (uint64_t)0xCD9E8D57u;
        c0 = (p1 >> 32) ^ c1 ^ key0;
        c2 = (p0 >> 32) ^ c3 ^ key1;
        c1 = p1 & low;
        c3 = p0 & low;
        key0 = (key0 + 0x9E3779B9u) & low;
        key1 = (key1 + 0xBB67AE85u) & low;
    }
    V sine, cosine, radius = NAME(root)(NAME(log)(NAME(unit)(c0, c1)) * -2.0);
    NAME(turn)(NAME(unit)(c2, c3), &sine, &cosine);
    *one = radius * cosine;
    *two = radius * sine;
}

static void NAME(normals)(const uint64_t *key, int64_t n, double *out)
{
    U low[2] = {{0}}, high[2] = {{0}};
    V one, two;
    for (int l = 0; l < 16; l++) {
        low[l / 8][l % 8] = key[l] & 0xffffffffu;
        high[l / 8][l % 8] = key[l] >> 32;
    }
    for (int64_t at = 0; at < n; at += 2)
        for (int half = 0; half < 2; half++) {
            NAME(normals8)(low[half], high[half], at, &one, &two);
            NAME(store)(out + at * 16 + half * 8, one);
            if (at + 1 < n)
                NAME(store)(out + at * 16 + 16 + half * 8, two);
        }
}

static void NAME(solve)(const struct tl_factor *f, double *x, double *work)
{
    const struct tl_factor_plan *p = f->plan;
    for (int64_t s = p->n_super - 1; s >= 0; s--) {
        int64_t n_row = p->row_at[s + 1] - p->row_at[s], n_pivot = p->super[s + 1] - p->super[s];
        const double *l = f->values + p->value_at[s];
        const int32_t *rows = p->rows + p->row_at[s];
        double *own = x + (int64_t)p->super[s] * 16;
        for (int64_t r = n_pivot; r < n_row; r++)
            memcpy(work + r * 16, x + (int64_t)rows[r] * 16, 16 * sizeof *x);
        for (int64_t c = n_pivot - 1; c >= 0; c--) {
            const double *column = l + c * n_row, *at = work + (c + 1) * 16;
            V a = NAME(load)(own + c * 16), b = NAME(load)(own + c * 16 + 8), d = NAME(all)(0.0),
              e = d;
            int64_t r = c + 1;
            for (; r + 2 <= n_row; r += 2, at += 32) {
                a -= column[r] * NAME(load)(at);
                b -= column[r] * NAME(load)(at + 8);
                d -= column[r + 1] * NAME(load)(at + 16);
                e -= column[r + 1] * NAME(load)(at + 24);
            }
            if (r < n_row) {
                a -= column[r] * NAME(load)(at);
                b -= column[r] * NAME(load)(at + 8);
            }
            double scale = 1.0 / column[c];
            a = (a + d) * scale;
            b = (b + e) * scale;
            NAME(store)(work + c * 16, a);
            NAME(store)(work + c * 16 + 8, b);
            NAME(store)(own + c * 16, a);
            NAME(store)(own + c * 16 + 8, b);
        }
    }
}

static void NAME(spread)(int64_t n, const int32_t *to, const double *x, int64_t n_ways,
                         const double *way, const double *d, int64_t stride, double *out)
{
    for (int64_t i = 0; i < n; i++) {
        V a = NAME(load)(x + i * 16), b = NAME(load)(x + i * 16 + 8);
        for (int64_t k = 0; k < n_ways; k++) {
            a += way[k * n + to[i]] * NAME(load)(d + k * 16);
            b += way[k * n + to[i]] * NAME(load)(d + k * 16 + 8);
        }
        for (int j = 0; j < 8; j++) {
            out[j * stride + to[i]] = a[j];
            out[(j + 8) * stride + to[i]] = b[j];
        }
    }
}

static double NAME(product)(int64_t n, const double *a, const double *b)
{
    V sum = NAME(all)(0.0);
    double rest = 0.0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        sum += NAME(load)(a + i) * NAME(load)(b + i);
    for (; i < n; i++)
        rest += a[i] * b[i];
    return NAME(add_up)(sum) + rest;
}

static inline void NAME(look_block)(const struct tl_window_target *t, int64_t i, double a,
                                    const double *from, double b, const double *along, double *out,
                                    double *density, V *second, V *first, V *expected)
{
    V x = a * NAME(load)(from) + b * NAME(load)(along);
    V y = NAME(load)(t->base + i) * NAME(exp)(NAME(within)(x, 700.0));
    NAME(store)(out, x);
    NAME(store)(density, y);
    *second += NAME(load)(t->total + i) * x * x;
    for (int c = 0; c < t->n_channels; c++) {
        first[c] += NAME(load)(t->weight[c] + i) * x;
        if (t->effort[c] != NULL)
            expected[c] += NAME(load)(t->effort[c] + i) * y;
    }
}

/* The last block: copied to where eight may be read. */
static void NAME(look_rest)(const struct tl_window_target *t, int64_t i, double a,
                            const double *from, double b, const double *along, double *out,
                            double *density, V *second, V *first, V *expected)
{
    int64_t n = t->n - i;
    double copy[2 + 2 * TL_WINDOW_KERNEL_CHANNELS][8] = {{0}}, ends[4][8] = {{0}};
    struct tl_window_target own = {
        .n = 8, .base = copy[0], .total = copy[1], t->n_channels, {0}, {0}};
    size_t bytes = (size_t)n * sizeof(double);
    memcpy(copy[0], t->base + i, bytes);
    memcpy(copy[1], t->total + i, bytes);
    for (int c = 0; c < t->n_channels; c++) {
        memcpy(copy[2 + 2 * c], t->weight[c] + i, bytes);
        own.weight[c] = copy[2 + 2 * c];
        if (t->effort[c] == NULL)
            continue;
        memcpy(copy[3 + 2 * c], t->effort[c] + i, bytes);
        own.effort[c] = copy[3 + 2 * c];
    }
    memcpy(ends[0], from, bytes);
    memcpy(ends[1], along, bytes);
    NAME(look_block)(&own, 0, a, ends[0], b, ends[1], ends[2], ends[3], second, first, expected);
    memcpy(out, ends[2], bytes);
    memcpy(density, ends[3], bytes);
}

static void NAME(look)(const struct tl_window_target *t, double a, const double *from, double b,
                       const double *along, double *out, double *density,
                       struct tl_window_look *look)
{
    V second = NAME(all)(0.0), first[TL_WINDOW_KERNEL_CHANNELS],
      expected[TL_WINDOW_KERNEL_CHANNELS];
    for (int c = 0; c < t->n_channels; c++)
        first[c] = expected[c] = second;
    int64_t i = 0;
    for (; i + 8 <= t->n; i += 8)
        NAME(look_block)
    (t, i, a, from + i, b, along + i, out + i, density + i, &second, first, expected);
    if (i < t->n)
        NAME(look_rest)
    (t, i, a, from + i, b, along + i, out + i, density + i, &second, first, expected);
    look->second = NAME(add_up)(second);
    for (int c = 0; c < t->n_channels; c++) {
        look->first[c] = NAME(add_up)(first[c]);
        look->expected[c] = NAME(add_up)(expected[c]);
    }
}

#undef V
#undef U
#undef I
#undef NAME
