/**
 * Which windows for which range. The error of the sd that finite halos and coarser levels leave was measured against the exact engine
 * (bench/lattice/blockvar.c, 22 November 2026: 192 x 192 and 121 x 97 cells, ten patterns of weights over six orders of magnitude; the table holds the
 * worst pattern's root mean square). Levels are added until the coarsest window's halo is one and a half ranges: each costs a quarter of the one before.
 */
#include "field/blockvar.h"

#include <math.h>

#include "field/bvkernel.h"

enum { N_RANGES = 7, N_HALOS = 5, USUAL_HALO = 2 };

static const double range_at[N_RANGES] = {4, 8, 12, 24, 40, 80, 200};

static const struct {
    int64_t block, halo;
    double error[N_RANGES]; /* of the sd, relative; by range */
} halos[N_HALOS] = {
    {16, 7, {0.0001, 0.0010, 0.0040, 0.0080, 0.0101, 0.0166, 0.0217}},
    {16, 11, {0.0001, 0.0001, 0.0003, 0.0021, 0.0065, 0.0078, 0.0078}},
    {16, 15, {0.0001, 0.0001, 0.0003, 0.0018, 0.0063, 0.0077, 0.0072}},
    {24, 23, {0.0001, 0.0001, 0.0001, 0.0009, 0.0018, 0.0020, 0.0023}},
    {32, 31, {0.0001, 0.0001, 0.0001, 0.0008, 0.0015, 0.0016, 0.0018}},
};

/* Between the table's ranges on a line in log range; beyond them as at the last. */
static double error_at(const double error[N_RANGES], double range)
{
    int i = 0;
    if (range <= range_at[0])
        return error[0];
    while (i < N_RANGES - 2 && range > range_at[i + 1])
        i++;
    double t = fmin(log(range / range_at[i]) / log(range_at[i + 1] / range_at[i]), 1.0);
    return error[i] + t * (error[i + 1] - error[i]);
}

static double flops_of(const struct tl_blockvar_plan *p, int n_draws)
{
    double cells = (double)(p->block * p->length), sum = 0.0, share = 1.0;
    for (int64_t c = 1; c <= p->coarse; c *= 2, share /= 4.0) {
        bool last = c == p->coarse;
        struct tl_bvkernel_shape own = {p->block, p->length, p->halo, last ? n_draws : 4};
        struct tl_bvkernel_shape up = {p->block / 2, p->length / 2, (p->halo - 1) / 2, 4};
        sum += share * (tl_bvkernel_flops(own) + (last ? 0.0 : tl_bvkernel_flops(up))) / cells;
    }
    return sum;
}

struct tl_blockvar_plan tl_blockvar_plan_of(double range_cells, double error, int n_draws)
{
    double range = range_cells >= 0.2 ? fmin(range_cells, 4000.0) : 0.2;
    double wanted = error > 0.0 ? error : 0.003;
    int h = 0, last = error > 0.0 ? N_HALOS - 1 : USUAL_HALO;
    while (h < last && error_at(halos[h].error, range) > wanted)
        h++;
    struct tl_blockvar_plan plan = {.block = halos[h].block,
                                    .length = 64,
                                    .halo = halos[h].halo,
                                    .coarse = 1,
                                    .error = error_at(halos[h].error, range)};
    while (2.0 * (double)(plan.halo * plan.coarse) < 3.0 * range &&
           plan.coarse < TL_BLOCKVAR_MAX_COARSE)
        plan.coarse *= 2;
    plan.flops_per_cell = flops_of(&plan, n_draws);
    return plan;
}
