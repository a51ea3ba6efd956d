/** What the files of this room share; not for other rooms. */
#ifndef TL_RELEASE_RELEASE_H
#define TL_RELEASE_RELEASE_H

#include "core/json.h"
#include "field/window.h"
#include "tilth/release.h"

enum { TL_RELEASE_M2_PER_HA = 10000 };

/** What the latest map says of everything but the field in the window: priors of the local solve. */
struct tl_release_prior {
    double range_m, sigma;
    double level_mean, level_sd;                    /* log density at the covariates' centres */
    double centre[TL_EVIDENCE_COVARIATES_MAX];      /* in the order of the window's covariates */
    double coefficient[TL_EVIDENCE_COVARIATES_MAX]; /* mean */
    double coefficient_sd[TL_EVIDENCE_COVARIATES_MAX];
    double effect_mean[TL_EVIDENCE_CHANNELS_MAX]; /* in the order of the window's channels */
    double effect_sd[TL_EVIDENCE_CHANNELS_MAX];
};

/* ---- model.c: a window as an inference problem ---- */

enum { TL_RELEASE_LAYERS_MAX = 24, TL_RELEASE_ROWS_MAX = 64, TL_RELEASE_PASSES = 8 };

/** A search as far as it finds: its figures and the layers that it reaches. */
struct tl_release_search {
    int32_t row; /* of model->rows */
    int32_t lot;
    int32_t passes;
    int32_t n_layers; /* it reaches layers 0 .. n_layers - 1 */
};

/** Row of the methods' table that is in use here. */
struct tl_release_row {
    int32_t method; /* of local->methods */
    double d_a, d_b, q_a, q_b, p_failed;
};

/** Items of one search in one cell that lie in several groups: which one is not known. */
struct tl_release_mixed {
    int32_t first, n; /* of mixed_slot, mixed_area */
    double number;
};

/** Ground of one group in one cell. */
struct tl_release_entry {
    int32_t cell, group;
    double area_m2, inside_m2; /* inside: the part that lies in P */
};

struct tl_release_model {
    const struct tl_local *local; /* borrows */
    int64_t coarse;               /* cells of the window a side that make one cell here */
    int64_t n_x, n_y, n_cells;
    double step_m;
    int64_t n_rows;
    struct tl_release_row *rows; /* owns */
    int64_t n_lots;
    double *lot_failure; /* owns: [n_lots] f */
    int64_t n_searches;
    struct tl_release_search *searches; /* owns: as local->searches; row -1 = takes no effort */
    int64_t n_groups;                   /* ground with the same searches; 0 is that of none */
    int32_t *
        group_at; /* owns: [n_groups + 1] slots of a group, in the order in which it was searched */
    int32_t *slot_search; /* owns */
    double *slot_found;   /* owns: items found there for certain */
    int64_t n_entries;
    struct tl_release_entry *entries; /* owns: by cell */
    int64_t n_mixed;
    struct tl_release_mixed *mixed; /* owns */
    int32_t *mixed_slot;            /* owns */
    double *mixed_area;             /* owns */
    int n_layers, n_asked,
        n_reference; /* depth: layers; the first so many are asked for; the figures of density speak of the first so many */
    double layer_cm[TL_RELEASE_LAYERS_MAX]; /* lower edge; INFINITY = none */
    double layer_alpha[TL_RELEASE_LAYERS_MAX];
    double *counts;                                 /* owns: [n_cells] of the search channel */
    double *cell_area;                              /* owns: [n_cells] */
    int n_other;                                    /* other channels */
    int other[TL_EVIDENCE_CHANNELS_MAX];            /* their numbers in the evidence */
    double *other_counts[TL_EVIDENCE_CHANNELS_MAX]; /* owns, each: [n_cells] */
    double *other_effort[TL_EVIDENCE_CHANNELS_MAX]; /* owns, each */
    double *covariates[TL_EVIDENCE_COVARIATES_MAX]; /* owns, each */
    int search_channel;                             /* in the evidence, -1 = none */
    double n_unplaced; /* items counted where none of its searches lies: not used */
    int32_t *lot_row;  /* owns: [n_lots] a row of the lot's, -1 = it takes no effort */
};

/**
 * @param depth_cm  to which the answer speaks; NaN = all
 * @param max_cells more cells are taken together, two by two, three by three, ...
 * Errors: TL_EDATA, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_release_model_init(struct tl_ctx *ctx, const struct tl_local *local,
                                         double depth_cm, int64_t max_cells,
                                         struct tl_release_model *model);
void tl_release_model_fini(struct tl_release_model *model);

/** Layers that a search to this depth [cm] reaches whole. */
int tl_release_model_reach(const struct tl_release_model *model, double cm);

/* ---- miss.c: what a state of the methods leaves ---- */

/** What is drawn of the methods: shares, chances, failures, depths. */
struct tl_release_state {
    double d[TL_RELEASE_ROWS_MAX], q[TL_RELEASE_ROWS_MAX];
    /* What 0, 1, .. passes of a row miss, of d and q: tl_release_state_fill. */
    double missed[TL_RELEASE_ROWS_MAX][TL_RELEASE_PASSES];
    double share[TL_RELEASE_LAYERS_MAX]; /* items in a layer per item in the reference layers */
    uint8_t *failed;                     /* owns or borrows: [n_lots] */
};

/** Work that has not been done: passes of a row, reaching the first n_layers layers, its lot failed or not. */
struct tl_release_more {
    int32_t passes, n_layers;
    bool failed;
    double d, q, p_failed;
    int32_t row; /* of model->rows, -1 = a method that was not used here */
};

/**
 * Share of a group's items that all of its searches leave: one number a layer.
 * @param n_more  more work, at most 8
 */
void tl_release_left(const struct tl_release_model *model, const struct tl_release_state *state,
                     int64_t group, int n_more, const struct tl_release_more *more,
                     double left[TL_RELEASE_LAYERS_MAX]);

/** Chance that an item of the reference layers' density is found by each search of a group in turn, and their sum. */
double tl_release_found(const struct tl_release_model *model, const struct tl_release_state *state,
                        int64_t group, double *by_slot);

/** The same as if every pass found every item with one chance, whatever else happened. */
double tl_release_found_alone(const struct tl_release_model *model, int64_t group, double *by_slot);
void tl_release_left_alone(const struct tl_release_model *model, int64_t group,
                           double left[TL_RELEASE_LAYERS_MAX]);

/** After d or q of a row has changed. */
void tl_release_state_fill(struct tl_release_state *state, int64_t row);

/** State at the means. */
void tl_release_state_mean(const struct tl_release_model *model, struct tl_release_state *state);

/** Found share at the means, failures averaged over: what the reference takes. */
double tl_release_found_mean(const struct tl_release_model *model, int64_t group);

/* ---- chain.c: draws ---- */

enum { TL_RELEASE_CHAINS = 4 };

struct tl_release_draws;

struct tl_release_draw_options {
    int64_t n_draws; /* kept, in all chains */
    uint64_t seed;
    bool independent;               /* misses as if independent: methods held at their means */
    int64_t n_alone;                /* draws of the same as if independent, beside the others */
    struct tl_release_draws *alone; /* borrows: where to, NULL = none */
    const struct tl_window *like;   /* borrows: of the same grid, to start from; NULL = none */
    struct tl_window *
        *window; /* borrows: where the Gaussian that was moved around goes to, NULL = nowhere */
};

struct tl_release_draws {
    int64_t n; /* draws; those of one chain follow each other */
    int64_t n_chains;
    int64_t n_inside; /* groups that have ground in P */
    int32_t *group;   /* owns: [n_inside] */
    double *
        ground; /* owns: [n, n_inside] sum over P of area times density: items if nothing had been found */
    double *d, *q;         /* owns: [n, n_rows] */
    double *share;         /* owns: [n, n_layers] */
    uint8_t *failed;       /* owns: [n, n_lots] */
    double field_accepted; /* proposals of the field per step */
};

TL_MUST_USE tl_err tl_release_draw(struct tl_ctx *ctx, const struct tl_release_model *model,
                                   const struct tl_release_prior *prior,
                                   const struct tl_release_draw_options *options,
                                   struct tl_release_draws *draws);
void tl_release_draws_fini(struct tl_release_draws *draws);

#endif
