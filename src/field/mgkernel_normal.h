/*
 * Normals by cell, and draws made of them: part of mgkernel_rows.h, which includes this (no include guard).
 */
/* log u, u in (0, 1]: exponent and 2 atanh((m - 1)/(m + 1)), m within sqrt(2) of 1; error below 1e-7. */
MG_INLINE float MG_NAME(log)(float u)
{
    uint32_t bits;
    memcpy(&bits, &u, sizeof bits);
    uint32_t shifted = bits - 0x3f3504f3u; /* of sqrt(1/2) */
    int32_t exponent = (int32_t)shifted >> 23;
    bits -= (uint32_t)exponent << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    float s = (m - 1.0f) / (m + 1.0f), q = s * s;
    float series = 1.0f + q * (1.0f / 3 + q * (1.0f / 5 + q * (1.0f / 7 + q * (1.0f / 9))));
    return (float)exponent * 0.69314718056f + 2.0f * s * series;
}

/* Sine and cosine of v / 2^32 turns: quarter turns, then Taylor's series on an eighth either side. */
MG_INLINE void MG_NAME(sincos)(uint32_t v, float *sine, float *cosine)
{
    uint32_t quarter = (v + 0x20000000u) >> 30;
    int32_t rest = (int32_t)(v - (quarter << 30));
    float t = (float)rest * 1.46291807926716e-9f, q = t * t;
    float s = t * (1.0f + q * (-1.0f / 6 + q * (1.0f / 120 + q * (-1.0f / 5040 + q / 362880))));
    float c = 1.0f + q * (-0.5f + q * (1.0f / 24 + q * (-1.0f / 720 + q * (1.0f / 40320))));
    float a = quarter & 1 ? c : s, b = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -a : a;
    *cosine = (quarter + 1) & 2 ? -b : b;
}

enum { MG_NAME(COUNTERS) = 16 };

/* 16 counters, 32 cells: words 0 and 1 make both normals of the even cell, 2 and 3 of the odd one (Box-Muller). */
MG_FN void MG_NAME(normals16)(uint32_t k0, uint32_t k1, uint64_t first, float *z1, float *z2)
{
    uint32_t c[4][16];
    for (uint32_t l = 0; l < 16; l++) {
        uint64_t counter = first + l;
        c[0][l] = (uint32_t)counter;
        c[1][l] = (uint32_t)(counter >> 32);
        c[2][l] = c[3][l] = 0;
    }
    for (int round = 0; round < 10; round++) {
        for (int l = 0; l < 16; l++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * c[0][l];
            uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2][l];
            c[0][l] = (uint32_t)(p1 >> 32) ^ c[1][l] ^ k0;
            c[2][l] = (uint32_t)(p0 >> 32) ^ c[3][l] ^ k1;
            c[1][l] = (uint32_t)p1;
            c[3][l] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int odd = 0; odd < 2; odd++) {
        float a[16], b[16];
        for (int l = 0; l < 16; l++) {
            float u = (float)c[2 * odd][l] * 0x1p-32f + 0x1p-33f, s, t;
            float size = -2.0f * MG_NAME(log)(u);
            size = sqrtf(size > 0.0f ? size : 0.0f);
            MG_NAME(sincos)(c[2 * odd + 1][l], &s, &t);
            a[l] = size * t;
            b[l] = size * s;
        }
        for (int l = 0; l < 16; l++) {
            z1[2 * l + odd] = a[l];
            z2[2 * l + odd] = b[l];
        }
    }
}

MG_FN void MG_NAME(normals)(struct tl_rng rng, int64_t first, int64_t n, float *z1, float *z2)
{
    uint32_t k0, k1;
    tl_mgkernel_key(rng, &k0, &k1);
    float a[32], b[32];
    for (int64_t at = first & ~(int64_t)31; at < first + n; at += 32) {
        MG_NAME(normals16)(k0, k1, (uint64_t)at >> 1, a, b);
        int64_t from = at < first ? first - at : 0, to = first + n - at < 32 ? first + n - at : 32;
        memcpy(z1 + (at + from - first), a + from, (size_t)(to - from) * sizeof *a);
        memcpy(z2 + (at + from - first), b + from, (size_t)(to - from) * sizeof *b);
    }
}

MG_FN void MG_NAME(draw)(const struct tl_mgkernel_pass *pass, const struct tl_mgkernel_tile *tile,
                         double sums[TL_MGKERNEL_SUMS])
{
    struct MG_NAME(few) u, v, t;
    struct MG_NAME(work) k;
    (void)sums;
    MG_NAME(begin)(&k, pass, tile);
    for (int64_t now = tile->cy0; now < tile->cy1 + 1; now++) {
        if (MG_NAME(has)(&k, now)) {
            float *row = MG_NAME(at)(&u, now);
            MG_NAME(normals)
            (pass->rng, now * k.level->x.n + tile->cx0, k.n, row, MG_NAME(at)(&v, now));
            MG_NAME(ghosts)(row, k.n);
        }
        int64_t y = now - 1;
        if (!MG_NAME(inside)(&k, y))
            continue;
        const float *w = k.level->w + y * k.level->w_stride + tile->cx0;
        MG_NAME(root)(&k, &u, &t, y);
        const float *b = MG_NAME(at)(&t, y), *z = MG_NAME(at)(&v, y);
        float *out = pass->out + y * pass->out_stride + tile->cx0;
        for (int64_t i = k.in0; i < k.in1; i++)
            out[i] = b[i] + sqrtf(w[i]) * z[i];
    }
}
