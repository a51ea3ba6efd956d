/** A chain that is open, with its run, model and draws: what tests of its steps begin and end with. */
#ifndef TL_RELEASE_OPENED_FIXTURE_H
#define TL_RELEASE_OPENED_FIXTURE_H

#include "release/chain_fixture.h"

static struct tl_release_run r;
static struct tl_release_model m;
static struct tl_release_draws d;
static const struct tl_release_draw_options options = {.n_draws = 64, .seed = 1};

static tl_err open_all(struct tl_ctx *ctx, uint64_t seed)
{
    tl_err err = TL_OK;
    d = (struct tl_release_draws){0};
    TL_TRY(open_run(ctx, seed, &m, &options, &r));
    TL_TRY(tl_release_chain_open(ctx, &r, &d));
done:
    return err;
}

static void close_all(void)
{
    tl_release_chain_close(&r);
    tl_release_draws_fini(&d);
    tl_release_model_fini(&m);
}

#endif
