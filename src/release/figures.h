/** What remains, from draws; not for other rooms. */
#ifndef TL_RELEASE_FIGURES_H
#define TL_RELEASE_FIGURES_H

#include "release/release.h"

enum { TL_RELEASE_STEPS_MAX = 8 };

/** Work that could be done over all of P: passes of a method, by one new lot. */
struct tl_release_step {
    int32_t method; /* of local->methods */
    int32_t row;    /* of model->rows, -1 = not used here so far */
    int32_t passes;
    int32_t n_layers; /* depth layers that it reaches */
    double detect;    /* factor on q: vegetation, slope */
};

struct tl_release_options_of {
    uint64_t seed;
    bool independent;  /* misses as if independent */
    bool nothing_done; /* as if P had not been searched (what the draws say of density stays) */
};

struct tl_release_figures {
    struct tl_release_figure expected, upper95, p_any;
    double median, q05;
    int64_t n_draws;
    double effective_draws;
};

/** Mean number of items that remain in P in each draw, after more work. @param[out] remaining  [draws->n] */
void tl_release_remaining(struct tl_ctx *ctx, const struct tl_release_model *model,
                          const struct tl_release_draws *draws,
                          const struct tl_release_options_of *options, int n_steps,
                          const struct tl_release_step *steps, double *remaining);

/** Items that the searches of P are expected to find in each draw. @param[out] finds  [draws->n] */
void tl_release_finds(struct tl_ctx *ctx, const struct tl_release_model *model,
                      const struct tl_release_draws *draws, double *finds);

struct tl_release_figures tl_release_figures_of(const double *mean, int64_t n, int64_t n_chains);

#endif
