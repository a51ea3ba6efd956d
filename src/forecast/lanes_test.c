#include "unit.h"

#include "forecast/lanes.h"
#include "forecast/noise.h"

TEST(exponential_is_within_1e14_of_the_library)
{
    for (double x = -699.9; x < 700.0; x += 0.0137)
        CHECK(fabs(lanes_exp(x) / exp(x) - 1.0) < 1e-14);
    CHECK(lanes_exp(0.0) == 1.0);
    CHECK(lanes_exp(-1e9) > 0.0 && lanes_exp(1e9) < INFINITY);
}

TEST(logarithm_is_within_1e15_of_the_library)
{
    for (double x = 1e-300; x < 1e300; x *= 1.0137)
        CHECK(fabs(lanes_log(x) - log(x)) < 1e-15 * (1.0 + fabs(log(x))));
    for (double x = 0.5; x < 2.0; x += 0.00037)
        CHECK(fabs(lanes_log(x) - log(x)) < 1e-15 * fabs(log(x)) + 1e-18);
    CHECK(lanes_log(1.0) == 0.0);
}

TEST(uniforms_are_the_middles_of_their_bits)
{
    CHECK(lanes_uniform(0) == 0x1p-33 && lanes_uniform(0xFFFFFFFFu) == 1.0 - 0x1p-33);
    CHECK(lanes_uniform(0x80000000u) == 0.5 + 0x1p-33);
    CHECK(lanes_normal(0.5) == 0.0 && lanes_normal(0x1p-33) == -lanes_normal(1.0 - 0x1p-33));
}

enum { YEARS = 7 };

struct numbers {
    uint32_t bits[YEARS * 2 * TL_LANES];
    float z[YEARS * 2 * TL_LANES];
    double quantity[TL_LANES], level[YEARS * TL_LANES], count[TL_LANES];
};

static void draw(enum tl_simd kind, struct numbers *n)
{
    double size[TL_LANES], step[TL_LANES], trend[TL_LANES], damping[TL_LANES], mean[TL_LANES];
    tl_noise_counts(kind, 3, 5, 512, YEARS, n->bits, n->z);
    tl_noise_quantity(kind, 3, 6, 512, n->quantity);
    for (int i = 0; i < TL_LANES; i++) {
        size[i] = i % 3 == 0 ? 1e9 : 0.05 * (i + 1);
        step[i] = 0.01 * (i % 7);
        trend[i] = n->quantity[i] / 20;
        damping[i] = 0.5;
        mean[i] = i < 128 ? 0.1 * i : 0.01 * i * i;
    }
    tl_noise_level(kind, 3, 512, YEARS, (const double *const[]){size, step, trend, damping},
                   n->level);
    tl_noise_poisson(kind, mean, n->bits, n->z, n->count);
}

TEST(all_kinds_of_instructions_give_the_same_bits)
{
    static struct numbers plain, other;
    draw(TL_SIMD_PLAIN, &plain);
    for (int kind = 0; kind < TL_SIMD_KINDS; kind++)
        if (tl_simd_has((enum tl_simd)kind)) {
            memset(&other, 0, sizeof other);
            draw((enum tl_simd)kind, &other);
            CHECK(memcmp(&plain, &other, sizeof plain) == 0);
        }
}
