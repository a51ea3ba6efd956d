/**
 * The lattice engine's insides: data by rows in single precision, the mode without a factor, draws, theta. See
 * docs/rooms/lattice.md for the method.
 *
 * Two kinds of arrays: over the grid's cells [n_x * n_y] ("cells": data, results) and over the lattice with its
 * margin [grid.n] ("lattice": what the solver sees).
 */
#ifndef TL_FIELD_LATTICE_H
#define TL_FIELD_LATTICE_H

#include "core/rng.h"
#include "field/blockvar.h"
#include "field/model.h"
#include "field/multigrid.h"
#include "field/stage.h"
#include "tilth/lattice.h"

/* Data (lattice_data.c). */

struct tl_lattice_data {
    struct tl_model_scale scale; /* owns */
    struct tl_stencil_grid grid; /* with the margin */
    int64_t pad, n_x, n_y;
    double step_m;
    int64_t n_channels, n_cov;
    uint8_t *inside; /* owns: [n_x * n_y], NULL = all */
    float **effort;  /* owns: [n_channels][n_x * n_y] */
    float **x;       /* owns: [n_cov][n_x * n_y] standardised, 0 where unknown */
    /* Counts are mostly zero: by channel, row after row, where they are not. */
    int64_t **count_at; /* owns: [n_channels][n_y + 1] */
    int32_t **count_x;  /* owns: [n_channels][.] column, ascending in a row */
    float **count;      /* owns: [n_channels][.] */
    int64_t n_searched; /* cells with effort in any channel */
    int64_t bytes;
};

/** Checks the source's values, reads it twice, keeps what a fit needs; no margin yet. Errors: TL_EDATA, TL_ENOMEM, the source's. */
TL_MUST_USE tl_err tl_lattice_data_read(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                                        const struct tl_field_options *options,
                                        struct tl_lattice_data *data);
void tl_lattice_data_fini(struct tl_lattice_data *data);
void tl_lattice_data_set_pad(struct tl_lattice_data *data, int64_t pad);

/** A copy of a window [x0, x0 + n_x) x [y0, y0 + n_y), on the whole's scale, without a margin. */
TL_MUST_USE tl_err tl_lattice_data_window(struct tl_ctx *ctx, const struct tl_lattice_data *data,
                                          int64_t x0, int64_t y0, int64_t n_x, int64_t n_y,
                                          struct tl_lattice_data *window);

/** Row buffers for reading a source: owns. */
struct tl_lattice_rowbuf {
    struct tl_lattice_row row;
    double *values; /* owns */
    int64_t n_x, n_arrays;
};
TL_MUST_USE tl_err tl_lattice_rowbuf_init(struct tl_ctx *ctx,
                                          const struct tl_lattice_source *source,
                                          struct tl_lattice_rowbuf *buf);
/** Reads row y into zeroed buffers. */
TL_MUST_USE tl_err tl_lattice_rowbuf_read(struct tl_ctx *ctx,
                                          const struct tl_lattice_source *source, int64_t y,
                                          struct tl_lattice_rowbuf *buf);
void tl_lattice_rowbuf_fini(struct tl_lattice_rowbuf *buf);

/** A window of the data on blocks of coarse x coarse cells, as the exact engine takes it. */
struct tl_lattice_cut {
    struct tl_field_input input;           /* its pointers: into what is below */
    double *values;                        /* owns */
    uint8_t *inside;                       /* owns */
    struct tl_field_channel *channels;     /* owns */
    struct tl_field_covariate *covariates; /* owns */
    double count;                          /* items in it */
};

/** @param x0,y0,n_x,n_y  window in cells */
TL_MUST_USE tl_err tl_lattice_cut_init(struct tl_ctx *ctx, const struct tl_lattice_data *data,
                                       int64_t x0, int64_t y0, int64_t n_x, int64_t n_y,
                                       int64_t coarse, struct tl_lattice_cut *cut);
void tl_lattice_cut_fini(struct tl_lattice_cut *cut);

/* The mode for given theta (lattice_mode.c, lattice_pass.c). */

enum { TL_LATTICE_FIXED_MAX = 128, TL_LATTICE_SOLVE_MAX = 80 };

struct tl_lattice_mode {
    const struct tl_lattice_data *data; /* borrows */
    struct tl_multigrid *multigrid;     /* owns; NULL between phases */
    struct tl_stencil_q q;
    int64_t n, k;  /* lattice cells; fixed effects */
    int batch;     /* right-hand sides at once */
    int solve_max; /* iterations after which a solve is given up */
    double
        longest_ok; /* the search ends with a step that moves no cell by more; 0 = as an answer needs */
    float *u, *w;    /* owns: [n] field, weights (expected counts) */
    float *gradient; /* owns: [n] */
    float *step;     /* owns: [n] */
    float **b;       /* owns: [batch][n] right-hand sides */
    float **v;       /* owns: [k][n] A^-1 B */
    float **
        mean; /* owns: [n_channels][cells] expected counts, of channels with an effect; else NULL */
    float *variance;    /* owns: [cells] of eta; NULL until known */
    double *g;          /* owns: [k] fixed effects */
    double *gradient_g; /* owns: [k] */
    double *dg;         /* owns: [k] */
    double *d, *s;      /* owns: [k * k] D; Cholesky factor of S (lower, by row) */
    double *inverse_s;  /* owns: [k * k] */
    double *held_s;     /* owns: [k * k] S^-1 that belongs to `variance` */
    double *border;     /* owns: [k * k] B' V */
    double *parts;      /* owns: [n_tiles * part_size] sums of a pass by tile */
    int64_t n_tiles, part_size;
    double objective, decrement,
        longest;    /* of the last step: squared length, largest move of a cell */
    bool correct;   /* weights are e exp(. + v/2) */
    bool searching; /* a solve need not reach its tolerance */
    bool w_is_set;  /* the multigrid has w */
    int64_t n_newton, n_iterations, bytes_moved, bytes;
};

TL_MUST_USE tl_err tl_lattice_mode_init(struct tl_ctx *ctx, const struct tl_lattice_data *data,
                                        int batch, struct tl_lattice_mode *mode);
void tl_lattice_mode_fini(struct tl_lattice_mode *mode);

/** u = 0, fixed effects at their priors, the mean density. */
void tl_lattice_mode_start(struct tl_lattice_mode *mode);

/** The solver's memory comes and goes by phases. */
TL_MUST_USE tl_err tl_lattice_mode_open(struct tl_ctx *ctx, struct tl_lattice_mode *mode);
void tl_lattice_mode_close(struct tl_lattice_mode *mode);

/**
 * Inexact Newton from (u, g) to the mode; with `correct`, to the variational mean with `variance` held.
 * Errors: TL_ENUMERIC (says which step), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_lattice_mode_find(struct tl_ctx *ctx, struct tl_lattice_mode *mode,
                                        struct tl_stencil_q q, bool correct);

/** V = A^-1 B, S and its inverse at the mode. */
TL_MUST_USE tl_err tl_lattice_mode_border(struct tl_ctx *ctx, struct tl_lattice_mode *mode,
                                          double tolerance);

/** S and its inverse with the weights of now for a V that need not be solved. Uses up mode->step. */
TL_MUST_USE tl_err tl_lattice_mode_s(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** The solver has the weights of now. */
TL_MUST_USE tl_err tl_lattice_mode_set(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** A x_j = b_j with the weights of now, in batches. Zeros in x are a fine start. */
TL_MUST_USE tl_err tl_lattice_mode_solve(struct tl_ctx *ctx, struct tl_lattice_mode *mode, int n,
                                         float *const *b, float *const *x, double tolerance);

/** Replaces (x_u, x_g) = in by H^-1 in, given x_u = A^-1 in_u already; in_v = V' in_u [k]. */
void tl_lattice_mode_finish_solve(struct tl_ctx *ctx, struct tl_lattice_mode *mode,
                                  const double *in_g, const double *in_v, float *x_u, double *x_g);

/* Passes over the lattice, by tiles, sums in the tiles' order (lattice_pass.c). */

enum { TL_LATTICE_TILE_X = 512, TL_LATTICE_TILE_Y = 64 };

struct tl_lattice_tile {
    int64_t x0, x1, y0, y1;
};
struct tl_lattice_tile tl_lattice_pass_tile(const struct tl_stencil_grid *grid, int64_t tile);
int64_t tl_lattice_pass_tiles(const struct tl_stencil_grid *grid);

/** t = K u = a u + l u / a, columns [x0, x1) of row y. */
void tl_lattice_pass_k_row(const struct tl_stencil_grid *grid, double a, const float *u, int64_t y,
                           int64_t x0, int64_t x1, double *t);

/** Weights, expected counts, gradient, D, objective at (u, g). Errors: TL_ENUMERIC (weights overflow), TL_ECANCELLED. */
TL_MUST_USE tl_err tl_lattice_pass_assemble(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** Column j of B. */
void tl_lattice_pass_column(struct tl_ctx *ctx, const struct tl_lattice_mode *mode, int64_t j,
                            float *out);

/** mode->border = B' V. */
void tl_lattice_pass_border(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** step := step - V dg, and its largest entry and its product with the gradient. */
void tl_lattice_pass_combine(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** u += t step, g += t dg. */
void tl_lattice_pass_move(struct tl_ctx *ctx, struct tl_lattice_mode *mode, double t);

double tl_lattice_pass_dot(struct tl_ctx *ctx, int64_t n, const float *a, const float *b);

/** out[0] = (K p)' (K y), out[1] = sum of weight p (K y); weight NULL = 1. */
void tl_lattice_pass_forms(struct tl_ctx *ctx, struct tl_lattice_mode *mode, const float *p,
                           const float *y, const float *weight, double out[2]);

/** mode->variance [cells] := itself (of A^-1) + (z - V)' S^-1 (z - V). */
void tl_lattice_pass_add_border(struct tl_ctx *ctx, struct tl_lattice_mode *mode);

/** z'g and z'd of a cell: intercept and covariates. */
double tl_lattice_pass_fixed(const struct tl_lattice_data *data, const double *g, int64_t cell);

/** gradient of log|H| by eta through the weights: out_u [n] and out_g [k], from mode->variance (uncapped). */
void tl_lattice_pass_weights(struct tl_ctx *ctx, struct tl_lattice_mode *mode, float *out_u,
                             double *out_g);

/** out[j] = (dQ / d theta_j) u, theta = (log range, log sigma). */
void tl_lattice_pass_slopes(struct tl_ctx *ctx, struct tl_lattice_mode *mode, float *out[2]);

/** square [cells] += x^2. */
void tl_lattice_pass_add_square(struct tl_ctx *ctx, const struct tl_lattice_mode *mode,
                                const float *x, double factor, float *square);

/** Sum over the cells of w times values [cells]. */
double tl_lattice_pass_weighted(struct tl_ctx *ctx, const struct tl_lattice_mode *mode,
                                const float *values);

/* Draws (lattice_draw.c). */

/** Centred draws of Normal(0, A^-1), of these numbers of the seed, n at most mode->batch. */
TL_MUST_USE tl_err tl_lattice_draw(struct tl_ctx *ctx, struct tl_lattice_mode *mode, uint64_t seed,
                                   const int64_t *number, int n, double tolerance, float *const *x);

/** Draw of the fixed effects, Normal(0, S^-1): number `draw` of the seed. */
void tl_lattice_draw_fixed(const struct tl_lattice_mode *mode, uint64_t seed, int64_t draw,
                           double *d);

/* Range and sigma (lattice_theta.c, lattice_score.c). */

struct tl_lattice_theta {
    struct tl_theta theta;
    struct tl_theta_limits limits;
    struct tl_laplace_prior prior;
    /* owns: the exact engine's, of the grid itself where it is small enough, or of blocks where theta is wide; n = 0 otherwise */
    struct tl_theta_design design;
    struct tl_estimate marginals[2];
    struct tl_stage stage; /* the finest lattice of the whole area that the exact engine took */
    int64_t coarse;        /* its blocks */
    double covariance[3];  /* of theta: (0,0), (0,1), (1,1) */
    double start[2];
    int64_t n_newton;
    bool fixed;
    bool confirmed; /* the curvature is one that scores have measured */
    double
        share; /* of the whole's items to those of the window that theta is from; 0 = no window */
};

/** Priors, limits and the search's start; fixed or not. */
void tl_lattice_theta_priors(const struct tl_lattice_data *data,
                             const struct tl_field_options *options,
                             struct tl_lattice_theta *theta);

/** Estimates on coarse lattices and windows with the exact engine, and leaves a start for the mode. */
TL_MUST_USE tl_err tl_lattice_theta_coarse(struct tl_ctx *ctx, const struct tl_lattice_data *data,
                                           const struct tl_field_options *options,
                                           struct tl_lattice_theta *theta);
void tl_lattice_theta_fini(struct tl_lattice_theta *theta);

/** The design is the grid's own: nothing is left to be sought. */
bool tl_lattice_theta_is_whole(const struct tl_lattice_theta *theta);

/** Cells of margin for a range [m]. */
int64_t tl_lattice_theta_pad(const struct tl_lattice_data *data,
                             const struct tl_field_options *options, double range_m);

/** The mode's start from the coarse stage's mode. */
void tl_lattice_theta_start(struct tl_ctx *ctx, const struct tl_lattice_theta *theta,
                            struct tl_lattice_mode *mode);

/** Before that, on lattices large enough: the same on a window, and the curvature there, so that the whole needs one score. */
TL_MUST_USE tl_err tl_lattice_theta_prepare(struct tl_ctx *ctx, const struct tl_lattice_data *data,
                                            int batch, uint64_t seed,
                                            struct tl_lattice_theta *theta);

/** Newton on the stochastic score of mode's lattice; leaves the mode at the last theta. */
TL_MUST_USE tl_err tl_lattice_theta_finish(struct tl_ctx *ctx, struct tl_lattice_mode *mode,
                                           uint64_t seed, struct tl_lattice_theta *theta);

/** Wider than this (sd of a logarithm) theta is not normal, and first-order corrections are not enough. */
#define TL_LATTICE_WIDE_SD 0.15
/** Points, at most, that a theta gets which is wider than first-order corrections bear, on grids of so many cells at most. */
enum { TL_LATTICE_POINTS = 7, TL_LATTICE_POINTS_CELLS = 20000000 };
/** The same on the window with most items, for lattices of more than TL_LATTICE_SCORE_CELLS. */
enum { TL_LATTICE_SCORE_SIDE = 1024, TL_LATTICE_SCORE_CELLS = 3000000 };
TL_MUST_USE tl_err tl_lattice_theta_finish_window(struct tl_ctx *ctx,
                                                  const struct tl_lattice_data *data, int batch,
                                                  uint64_t seed, struct tl_lattice_theta *theta);

/** Score of log p(theta | y) at the mode, with `n_draws` draws. mode->variance is used up. */
TL_MUST_USE tl_err tl_lattice_score(struct tl_ctx *ctx, struct tl_lattice_mode *mode,
                                    const struct tl_laplace_prior *prior, const double t[2],
                                    uint64_t seed, int n_draws, double score[2]);

/* The posterior at one theta (lattice_node.c). */

struct tl_lattice_node {
    double t[2], weight;
    float *mean,
        *sd; /* owns: [cells] of eta, theta given; after tl_lattice_node_widen with theta's uncertainty */
    double *fixed; /* owns: [k] means, then [k * k] covariance */
    float *slope
        [2]; /* owns, or mapped from the store (plan.on_disk): [cells] derivative of eta by theta; NULL where not needed */
    double *slope_g;         /* owns: [2 * k] of the fixed effects */
    double mcse_sd_relative; /* mean over the cells */
    double log_likelihood,
        log_likelihood_error; /* log p(y | theta) at its mode, and its numerical error */
};

/** Everything that a run carries along. */
struct tl_lattice_run {
    struct tl_lattice_data data;
    struct tl_lattice_mode mode;
    struct tl_lattice_theta theta;
    struct tl_lattice_plan plan;
    struct tl_field_options options;
    const struct tl_lattice_source *source; /* borrows */
    const struct tl_lattice_sink *sink;     /* borrows */
    const struct tl_lattice_store *store;   /* borrows: may be NULL */
    struct tl_lattice_node *nodes;          /* owns: [n_nodes] */
    int64_t n_nodes;
    int16_t *node_of;               /* owns: [n_samples] node of each sample */
    float **shares;                 /* owns: [n_channels - 1][cells] */
    uint8_t *wanted;                /* owns: [grid.n] cells whose variance is wanted */
    char hash[65];                  /* of source and options */
    double phase_first, phase_last; /* share of the whole run that the phase under way covers */
    bool resumed;
};

/** Draws behind the variances. */
enum { TL_LATTICE_DRAWS = 12 };

/** Fills node `index`, whose t and weight are set, writes its samples to the sink, adds its shares. */
TL_MUST_USE tl_err tl_lattice_node_fill(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                        int64_t index);
void tl_lattice_node_fini(const struct tl_lattice_run *run, struct tl_lattice_node *node);

/** Joint draws of eta at a node to the sink: `draw` [n] holds a centred draw of A^-1. */
TL_MUST_USE tl_err tl_lattice_node_sample(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                          const struct tl_lattice_node *node, int64_t sample,
                                          const float *draw);

/** out [n] = counts of channel c less those expected at the mean. */
void tl_lattice_pass_unexplained(struct tl_ctx *ctx, const struct tl_lattice_mode *mode, int64_t c,
                                 float *out);

/* Evidence (lattice_evidence.c). */

/** A node's log p(y | theta); the mode is found, its border and weights are its own. */
TL_MUST_USE tl_err tl_lattice_evidence_node(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                            struct tl_lattice_node *node);

/** log p(y) of all nodes, as the exact engine tells it, and its numerical error. */
void tl_lattice_evidence(const struct tl_lattice_run *run, double *value, double *error);

/* Rows out (lattice_rows.c). */
TL_MUST_USE tl_err tl_lattice_rows_write(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                         struct tl_lattice_summary *summary);

/* What a stopped run leaves and takes up again (lattice_state.c). All do nothing without a store. */
/** run->hash; uses no context, as it may run beside the coarse fits. */
void tl_lattice_state_hash(struct tl_lattice_run *run);
/** Puts an array under a name. */
TL_MUST_USE tl_err tl_lattice_state_put(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                        const char *name, const void *data, int64_t bytes);
/** Puts several at once, from several threads. Errors: the first blob's that could not be put. */
struct tl_lattice_blob {
    char name[32];
    const void *data;
    int64_t bytes;
    tl_err err; /* set here, and so is `tried` */
    bool tried;
};
TL_MUST_USE tl_err tl_lattice_state_put_all(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                            struct tl_lattice_blob *blobs, int64_t n);
/** Copies one back, *found = it was there. */
TL_MUST_USE tl_err tl_lattice_state_get(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                        const char *name, void *data, int64_t bytes, bool *found);
/** After theta: t, covariance, margin; how the work is cut (run->plan), as the bits hang on that. Getting makes run->hash where there is something. */
TL_MUST_USE tl_err tl_lattice_state_put_theta(struct tl_ctx *ctx, const struct tl_lattice_run *run);
TL_MUST_USE tl_err tl_lattice_state_get_theta(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                              bool *found);
/** The mode's start that went with theta. Errors: TL_EIO (not whole). */
TL_MUST_USE tl_err tl_lattice_state_get_start(struct tl_ctx *ctx, struct tl_lattice_run *run);
/** After a search: u, g, V and counters, under a name of its own ("mode", "mean"). */
TL_MUST_USE tl_err tl_lattice_state_put_mode(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                             const char *name);
TL_MUST_USE tl_err tl_lattice_state_get_mode(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                             const char *name, bool *found);
/** A run that came to its end leaves nothing. */
void tl_lattice_state_drop(const struct tl_lattice_run *run);

/** Bytes and bands of a plan with these right-hand sides at once, draws on disk or not. */
void tl_lattice_plan_of(const struct tl_lattice_source *source,
                        const struct tl_field_options *options, int n_threads, int64_t batch,
                        bool on_disk, struct tl_lattice_plan *plan);

/** tl_lattice_plan without the seconds. */
TL_MUST_USE tl_err tl_lattice_plan_make(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                                        const struct tl_field_options *options, bool has_store,
                                        struct tl_lattice_plan *plan);

/** tl_lattice_fit with a plan of one's own (tests: a plan that small grids would not get). */
TL_MUST_USE tl_err tl_lattice_fit_planned(struct tl_ctx *ctx,
                                          const struct tl_lattice_source *source,
                                          const struct tl_field_options *options,
                                          const struct tl_lattice_sink *sink,
                                          const struct tl_lattice_store *store,
                                          const struct tl_lattice_plan *plan,
                                          struct tl_lattice_summary *summary);

/** tl_field_fit's arrays as a source; `user` is a struct whose first member points at the input. */
struct tl_lattice_source tl_lattice_wrap_source(const struct tl_field_input *input, void *user);

/** tl_field_fit by this engine. The input has been checked. */
TL_MUST_USE tl_err tl_lattice_wrap(struct tl_ctx *ctx, const struct tl_field_input *input,
                                   const struct tl_field_options *options,
                                   struct tl_field_result *result);

#endif
