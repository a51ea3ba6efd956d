/** What the files that draw share: chain.c (the steps) and reference.c (what they are made around). Not for other rooms. */
#ifndef TL_RELEASE_CHAIN_H
#define TL_RELEASE_CHAIN_H

#include "core/rng.h"
#include "release/release.h"

enum { TL_RELEASE_CHANNELS_MAX = TL_EVIDENCE_CHANNELS_MAX + 1 };

/* A method or a lot, with the ridge along which the field gives way. */
struct tl_release_block {
    int32_t row, lot;            /* one of them is -1 */
    bool in_area;                /* it worked in P */
    int32_t n_groups, *groups;   /* owns: that it works in */
    int32_t n_counted, *counted; /* owns: their slots in which items were found */
    int32_t n_mixed, *mixed;     /* owns: of the model's, those that may be of these groups */
    double *pull;                /* owns: [n] r; NULL = no ridge */
    double *way;                 /* owns: [n + n_channels] H^-1 r */
    double curvature;            /* r' H^-1 r */
};

struct tl_release_chain {
    struct tl_rng rng;
    uint64_t at;                                         /* numbers used so far */
    double *deviation, *density, *trial, *trial_density; /* [row], [n] */
    double *sum, *trial_sum; /* [n_groups] effort-free expected finds: area x density x effect */
    double *found, *trial_found; /* [n_groups]; trials equal the present outside a step */
    double *slot, *trial_slot;   /* [n_slots] */
    struct tl_release_state state;
    double log_field;
    int64_t n_trials;
};

struct tl_release_run {
    const struct tl_release_model *m;
    const struct tl_release_draw_options *options;
    struct tl_window *window; /* owns */
    int64_t n, n_channels, row, n_slots;
    double *base;                            /* owns: [n] density at the mode */
    double effect[TL_RELEASE_CHANNELS_MAX];  /* log-effects at the mode */
    double *weight[TL_RELEASE_CHANNELS_MAX]; /* owns, each: [n] expected counts at the mode */
    double weights[TL_RELEASE_CHANNELS_MAX]; /* their sums */
    double *all_weights;                     /* owns: [n] sum over channels */
    double *effort[TL_RELEASE_CHANNELS_MAX]; /* owns, each: [n] reference effort */
    double *base_sum;                        /* owns: [n_groups] at the mode */
    int64_t n_blocks, n_ridges;
    struct tl_release_block *blocks;    /* owns: rows first, then lots */
    struct tl_release_block everything; /* owns: all groups */
    struct tl_release_chain chain[TL_RELEASE_CHAINS];
    double *memory;  /* owns: of all chains */
    uint8_t *failed; /* owns: [chains * n_lots] */
    double *normals; /* owns: [AT_ONCE * chains * row] */
    struct tl_release_draws *draws;
    int64_t step, n_steps, n_kept; /* steps of the field */
    int64_t burn_in;
    int sweeps;
};

/** The Gaussian around which the chains move: methods at their means, or misses as if independent. */
TL_MUST_USE tl_err tl_release_reference_window(struct tl_ctx *ctx,
                                               const struct tl_release_prior *prior,
                                               struct tl_release_run *run);

/** Methods and lots, with the ground that they bear on and the ridges along which the field gives way. */
TL_MUST_USE tl_err tl_release_reference_blocks(struct tl_ctx *ctx, struct tl_release_run *run);

void tl_release_reference_fini(struct tl_release_run *run);

#endif
