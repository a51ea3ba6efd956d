/** Test use: a simulated area with everything that draws are made around. */
#ifndef TL_RELEASE_CHAIN_FIXTURE_H
#define TL_RELEASE_CHAIN_FIXTURE_H

#include "release/chain.h"
#include "release/sim.h"

static struct sim sim;

__attribute__((unused)) static tl_err open_run(struct tl_ctx *ctx, uint64_t seed,
                                               struct tl_release_model *m,
                                               const struct tl_release_draw_options *o,
                                               struct tl_release_run *r)
{
    tl_err err = TL_OK;
    TL_TRY(sim_make(ctx, seed, &sim));
    TL_TRY(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 40000, m));
    *r = (struct tl_release_run){
        .m = m, .options = o, .n = m->n_cells, .n_channels = 1 + m->n_other};
    r->row = r->n + r->n_channels;
    TL_TRY(tl_release_reference_window(ctx, &sim.prior, r));
    TL_TRY(tl_release_reference_blocks(ctx, r));
done:
    return err;
}

#endif
