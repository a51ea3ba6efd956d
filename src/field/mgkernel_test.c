#include "unit.h"

#include "core/rng.h"
#include "field/mgkernel.h"

enum { MANY = 1 << 20 };

static float z1[MANY], z2[MANY], part1[3000], part2[3000];

TEST(plain_instructions_are_always_there)
{
    CHECK(tl_mgkernel_of(0) != NULL);
    CHECK(tl_mgkernel_of(3) == NULL && tl_mgkernel_of(-1) == NULL);
    CHECK_STR(tl_mgkernel_of(0)->name, "plain");
}

/* Moments to order 4, and correlations between neighbours, halves and streams: each within 5 standard errors. */
TEST(normals_have_the_moments_of_normals)
{
    for (int kind = 0; kind < 3; kind++) {
        const struct tl_mgkernel *kernel = tl_mgkernel_of(kind);
        if (kernel == NULL)
            continue;
        double m[5] = {0.0}, beside = 0.0, across = 0.0, se = 1.0 / sqrt((double)MANY);
        kernel->normals(tl_rng_make(1, 2), 0, MANY, z1, z2);
        for (int i = 0; i < MANY; i++) {
            double a = (double)z1[i], b = (double)z2[i];
            for (int p = 1; p < 5; p++)
                m[p] += (pow(a, p) + pow(b, p)) / (2.0 * MANY);
            beside += a * (double)z1[(i + 1) % MANY] / MANY;
            across += a * b / MANY;
        }
        CHECK_NEAR(m[1], 0.0, 5 * se);
        CHECK_NEAR(m[2], 1.0, 5 * sqrt(2.0) * se);
        CHECK_NEAR(m[3], 0.0, 5 * sqrt(15.0) * se);
        CHECK_NEAR(m[4], 3.0, 5 * sqrt(96.0) * se);
        CHECK_NEAR(beside, 0.0, 5 * se);
        CHECK_NEAR(across, 0.0, 5 * se);
    }
}

/* The whole distribution: Kolmogorov's distance of a million, .00196 at one in a thousand; and the tails. */
TEST(normals_have_the_distribution_of_normals)
{
    enum { BINS = 4000 };
    static int64_t bins[BINS + 1];
    double far = 0.0, distance = 0.0, below = 0.0;
    tl_mgkernel_of(0)->normals(tl_rng_make(7, 2), 0, MANY, z1, z2);
    memset(bins, 0, sizeof bins);
    for (int i = 0; i < MANY; i++) {
        double u = 0.5 * erfc(-(double)z2[i] / sqrt(2.0));
        bins[(int)(u * BINS)]++;
        far += fabs((double)z1[i]) > 4.0;
    }
    for (int k = 0; k < BINS; k++) {
        below += (double)bins[k] / MANY;
        distance = fmax(distance, fabs(below - (k + 1.0) / BINS));
    }
    CHECK(distance < 0.00196);
    /* 6.33e-5 of a million: 66 expected. */
    CHECK(far > 66 - 5 * 8.2 && far < 66 + 5 * 8.2);
}

/* Box and Muller in double on the same 128 bits. */
TEST(normals_are_accurate)
{
    uint32_t key[2], bits[4];
    tl_mgkernel_key(tl_rng_make(3, 4), &key[0], &key[1]);
    CHECK(key[0] != 0 && key[1] != 0);
    for (int kind = 0; kind < 3; kind++) {
        const struct tl_mgkernel *kernel = tl_mgkernel_of(kind);
        if (kernel == NULL)
            continue;
        kernel->normals(tl_rng_make(3, 4), 0, 1 << 16, z1, z2);
        double worst = 0.0;
        for (int i = 0; i < 1 << 16; i++) {
            /* The radius and the angle of a pair go back to uniforms: u = exp(-r^2/2). */
            double r2 = (double)z1[i] * (double)z1[i] + (double)z2[i] * (double)z2[i];
            double u = exp(-0.5 * r2) * 0x1p32 - 0.5;
            if (u < 1e4)
                worst = fmax(worst, fabs(u - nearbyint(u)) / (u + 1.0) / (r2 + 1.0));
        }
        CHECK(worst < 2e-6);
    }
    (void)bits;
}

TEST(normals_depend_on_the_cell_alone)
{
    for (int kind = 0; kind < 3; kind++) {
        const struct tl_mgkernel *kernel = tl_mgkernel_of(kind);
        if (kernel == NULL)
            continue;
        int64_t starts[] = {0, 1, 31, 32, 33, 1000, ((int64_t)1 << 33) + 5};
        kernel->normals(tl_rng_make(1, 2), 0, 5000, z1, z2);
        for (int s = 0; s < 6; s++) {
            kernel->normals(tl_rng_make(1, 2), starts[s], 2777, part1, part2);
            CHECK(memcmp(part1, z1 + starts[s], 2777 * sizeof *z1) == 0);
            CHECK(memcmp(part2, z2 + starts[s], 2777 * sizeof *z2) == 0);
        }
        kernel->normals(tl_rng_make(1, 2), starts[6], 1, part1, part2);
        CHECK(part1[0] != z1[5]);
        kernel->normals(tl_rng_make(1, 3), 0, 1, part1, part2);
        CHECK(part1[0] != z1[0]);
    }
}
