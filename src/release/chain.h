/** What the files that draw share: chain.c (the whole), step.c (the field), sweep.c (methods and failures), reference.c (what it is made around). Not for other rooms. */
#ifndef TL_RELEASE_CHAIN_H
#define TL_RELEASE_CHAIN_H

#include "core/rng.h"
#include "release/release.h"

enum { TL_RELEASE_CHANNELS_MAX = TL_EVIDENCE_CHANNELS_MAX + 1 };

/* Work of one search in a band: a copy of what is read again and again. */
struct tl_release_work {
    int32_t row, lot, passes, slot;
    int32_t total; /* of the chain's totals: passes of this row in this band */
    double p_failed;
};

/* Layers of a group that the same searches reach: one number is left there. */
struct tl_release_band {
    int32_t group, first, n;         /* of works */
    int32_t first_layer, last_layer; /* [first_layer, last_layer) */
};

/* Items that were found by one of these slots, which one is known only where there is one. */
struct tl_release_count {
    int32_t first, n; /* of count_slot, count_weight */
    double number;
};

/* What a lot did in a band; row -1 = by several methods. */
struct tl_release_own {
    int32_t row, passes, total;
    double failed; /* what its searches leave when it failed */
};

/* A method or a lot, with the ridge along which the field gives way. */
struct tl_release_block {
    int32_t row, lot;           /* one of them is -1 */
    bool in_area;               /* it worked in P */
    int32_t n_bands, *bands;    /* owns: that it works in */
    int32_t *totals;            /* owns: [n_bands] of a row: its passes there */
    struct tl_release_own *own; /* owns: [n_bands] of a lot */
    int32_t n_counts, *counts;  /* owns: that may be of the groups of these */
    int32_t n_rivals, *rivals;  /* owns: of a lot: blocks of lots that worked on the same ground */
    double *pull;               /* owns: [n] r; NULL = no ridge */
    double *way;                /* owns: [n + n_channels] H^-1 r */
    double pull_sum, curvature; /* sum of r, r' H^-1 r */
};

struct tl_release_chain {
    struct tl_rng rng;
    uint64_t at;                                         /* numbers used so far */
    double *deviation, *density, *trial, *trial_density; /* [row], [n] */
    double *sum, *trial_sum;   /* [n_groups] effort-free expected finds: area x density x effect */
    double *found;             /* [n_groups] */
    double *left, *trial_left; /* [n_bands]; trials equal the present outside a step */
    double *normals;           /* [TL_WINDOW_DRAWS * row] of the steps to come */
    double *work;              /* of tl_window_draw */
    double *coefficient;       /* [n_terms] of a method's row: sweep.c */
    int32_t *power, *term_at;  /* [n_terms], [n_counts + 1] */
    int32_t *totals;           /* [n_totals] passes of lots in order, by band and row */
    struct tl_release_state state;
    double log_field;
    int64_t n_trials;
};

struct tl_release_run {
    const struct tl_release_model *m;
    const struct tl_release_draw_options *options;
    struct tl_window *window; /* owns */
    int64_t n, n_channels, row;
    double *base;                            /* owns: [n] density at the mode */
    double effect[TL_RELEASE_CHANNELS_MAX];  /* log-effects at the mode */
    double *weight[TL_RELEASE_CHANNELS_MAX]; /* owns, each: [n] expected counts at the mode */
    double weights[TL_RELEASE_CHANNELS_MAX]; /* their sums */
    double *all_weights;                     /* owns: [n] sum over channels */
    double *effort[TL_RELEASE_CHANNELS_MAX]; /* owns, each: [n] reference effort */
    struct tl_window_target target;          /* the same as the kernels want it */
    int64_t n_entries, n_inside;             /* sorted by group, as a look reads them */
    int32_t *entry_at;                       /* owns: [n_groups + 1] */
    int32_t *entry_cell;                     /* owns */
    double *entry_area;                      /* owns */
    int32_t *inside_cell, *inside_group;     /* owns: ground in P; the group's place among draws' */
    double *inside_area;                     /* owns */
    double *base_sum, *slots;                /* owns: [n_groups] at the mode; [slots] of no use */
    int64_t n_bands, n_works, n_totals, n_counts, n_terms;
    int32_t *band_at;                 /* owns: [n_groups + 1] */
    struct tl_release_band *bands;    /* owns */
    struct tl_release_work *works;    /* owns */
    struct tl_release_count *counts;  /* owns */
    int32_t *count_slot, *slot_group; /* owns */
    double *count_weight;             /* owns */
    int64_t n_blocks, n_ridges;
    struct tl_release_block *blocks;    /* owns: rows first, then lots */
    struct tl_release_block everything; /* owns: all bands and counts */
    struct tl_release_chain chain[TL_RELEASE_CHAINS];
    double *memory;   /* owns: of all chains */
    int32_t *numbers; /* owns: the same */
    uint8_t *failed;  /* owns: [chains * n_lots] */
    struct tl_release_draws *draws;
    uint64_t stream;
    int64_t step, n_steps, n_kept; /* steps of the field */
    int64_t burn_in;
    int sweeps;
};

/* ---- chain.c ---- */

/** Chains at their starts, and room for what they will draw; the reference has been made. The caller closes the run and frees the draws on error too. */
TL_MUST_USE tl_err tl_release_chain_open(struct tl_ctx *ctx, struct tl_release_run *run,
                                         struct tl_release_draws *draws);
void tl_release_chain_close(struct tl_release_run *run);

/* ---- step.c ---- */

/** Density and sums over groups at a from + b along; what of the target does not depend on the methods. */
double tl_release_step_look(const struct tl_release_run *run, double a, const double *from,
                            double b, const double *along, double *out, double *density,
                            double *sum);

/** Elliptical slice step of the field. */
void tl_release_step_field(struct tl_release_run *run, struct tl_release_chain *chain,
                           const double *normal);

/** A method or a lot changes and the field gives way along the block's ridge. */
void tl_release_step_along(struct tl_release_run *run, struct tl_release_chain *chain,
                           const struct tl_release_block *block);

double tl_release_step_uniform(struct tl_release_chain *chain);

/* ---- sweep.c ---- */

/** Bands and counts: what the methods need to know of the model. */
TL_MUST_USE tl_err tl_release_sweep_init(struct tl_ctx *ctx, struct tl_release_run *run);
void tl_release_sweep_fini(struct tl_release_run *run);

/** Of a block: where the passes of its row or its lot are counted, in each of its bands. */
TL_MUST_USE tl_err tl_release_sweep_own(struct tl_ctx *ctx, const struct tl_release_run *run,
                                        struct tl_release_block *block);

/** Items of a band per item of the reference layers. */
double tl_release_sweep_share(const struct tl_release_state *state,
                              const struct tl_release_band *band);

/** What is left in all bands, and found in all groups, in the chain's state. */
void tl_release_sweep_look(const struct tl_release_run *run, struct tl_release_chain *chain);

/** Found share of each group from what is left; of all groups. */
void tl_release_sweep_found(const struct tl_release_run *run, struct tl_release_chain *chain);

/** Log chance of who found what among a block's counts in a state, up to a constant. */
double tl_release_sweep_finds(const struct tl_release_run *run,
                              const struct tl_release_state *state,
                              const struct tl_release_block *block);

/** New d and q of a row, or a lot flipped, in chain->state; trial_left of the block's bands follows. Log of prior times backward over forward proposal. */
double tl_release_sweep_propose(const struct tl_release_run *run, struct tl_release_chain *chain,
                                const struct tl_release_block *block);

/** What a proposal needs to be taken back. */
struct tl_release_undo {
    double d, q;
};
void tl_release_sweep_settle(const struct tl_release_run *run, struct tl_release_chain *chain,
                             const struct tl_release_block *block,
                             const struct tl_release_undo *undo, bool accept);

/** d and q of a method's block, given all else. */
void tl_release_sweep_row(const struct tl_release_run *run, struct tl_release_chain *chain,
                          const struct tl_release_block *block);

/** Failures of the lots, given all else: all of them, or of those that worked in P. */
void tl_release_sweep_lots(const struct tl_release_run *run, struct tl_release_chain *chain,
                           bool everything);

/** Once over methods, failures and depths, given the field. */
void tl_release_sweep(const struct tl_release_run *run, struct tl_release_chain *chain,
                      bool everything);

/** The Gaussian around which the chains move: methods at their means, or misses as if independent. */
TL_MUST_USE tl_err tl_release_reference_window(struct tl_ctx *ctx,
                                               const struct tl_release_prior *prior,
                                               struct tl_release_run *run);

/** Methods and lots, with the ground that they bear on and the ridges along which the field gives way. */
TL_MUST_USE tl_err tl_release_reference_blocks(struct tl_ctx *ctx, struct tl_release_run *run);

void tl_release_reference_fini(struct tl_release_run *run);

#endif
