/*
 * Draws by perturb-and-solve (Papandreou, Yuille 2010): (Q + W) x = Q^(1/2) z1 + W^(1/2) z2 has covariance A^-1, and
 * Q^(1/2) = sqrt(c) K is a stencil (multigrid.h makes the right-hand side). A number depends on seed, draw and cell alone.
 */
#include <math.h>

#include "field/lattice.h"
#include "par/par.h"

enum { LATTICE_STREAM = 0x6c61, FIXED_STREAM = 0x6c66 };

tl_err tl_lattice_draw(struct tl_ctx *ctx, struct tl_lattice_mode *m, uint64_t seed,
                       const int64_t *number, int n, double tolerance, float *const *x)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(seed, LATTICE_STREAM);
    TL_TRY(tl_lattice_mode_set(ctx, m));
    for (int j = 0; j < n; j++) {
        tl_multigrid_draw(ctx, m->multigrid, tl_rng_fork(rng, (uint64_t)number[j]), m->b[j]);
        tl_par_zero(ctx, x[j], m->n * (int64_t)sizeof(float));
    }
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(tl_lattice_mode_solve(ctx, m, n, m->b, x, tolerance));
done:
    return err;
}

void tl_lattice_draw_fixed(const struct tl_lattice_mode *m, uint64_t seed, int64_t draw, double *d)
{
    struct tl_rng rng = tl_rng_fork(tl_rng_make(seed, FIXED_STREAM), (uint64_t)draw);
    /* S = G G' (rows of m->s), so d = G^-T z has covariance S^-1. */
    for (int64_t i = m->k - 1; i >= 0; i--) {
        double sum = tl_rng_normal(rng, (uint64_t)i);
        for (int64_t c = i + 1; c < m->k; c++)
            sum -= m->s[c * m->k + i] * d[c];
        d[i] = sum / m->s[i * m->k + i];
    }
}
