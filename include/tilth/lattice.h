/**
 * The field on grids of a million to some hundred million cells: rows in, rows out, so that no array of doubles of the whole grid is
 * ever needed. Same model, same figures as tl_field_fit (which calls this for TL_ENGINE_LATTICE); method: docs/rooms/lattice.md.
 *
 * Rows are counted from the north, cells of a row from the west. Same source, options and seed: same bits on any number
 * of threads, and after being stopped and taken up again.
 */
#ifndef TILTH_LATTICE_H
#define TILTH_LATTICE_H

#include "tilth/field.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One row of the input, to be filled in. Arrays are [n_x] and come zeroed. */
struct tl_lattice_row {
    double **counts, **effort; /* [n_channels][n_x] as tl_field_channel */
    double **covariates;       /* [n_covariates][n_x] NaN = unknown */
    double *residual;          /* [n_x] read only where the source says that it has one */
    uint8_t *inside;           /* [n_x] comes as 1; 0 = outside */
};

struct tl_lattice_source {
    int64_t n_x, n_y;
    double step_m;
    int64_t n_channels;
    /* borrows: names and effect_sd are read; counts and effort come by rows */
    const struct tl_field_channel *channels;
    int64_t n_covariates;
    const struct tl_field_covariate *covariates; /* borrows: names and priors are read */
    bool has_residual; /* else the cell's area less its effort, at least 0 */
    void *user;
    /* Fills row y. Called for 0, 1, .. n_y - 1, several times over; must give the same each time. */
    tl_err (*read)(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row);
};

/** Rows of the result, each [n_rows * n_x], NaN outside. Owned by the engine, valid during the call. */
struct tl_lattice_bands {
    const float *log_density_mean, *log_density_sd;
    const float *density_mean, *density_q05, *density_q50, *density_q95, *p_any;
    const float *field;
    const float *const *shares; /* [n_channels] */
};

/** Takes what comes out; each may be NULL. An error from it stops the fit. */
struct tl_lattice_sink {
    void *user;
    /* Bands of rows y .. y + n_rows - 1, from north to south. */
    tl_err (*rows)(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                   const struct tl_lattice_bands *bands);
    /* Rows of one joint sample of log density, [n_rows * n_x]. Samples may come in any order, each from north to south. */
    tl_err (*sample)(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                     const float *eta);
};

/**
 * Where the engine may put what memory does not hold, and what lets it go on after a stop: named blobs. NULL members: no such
 * place, all is kept in memory and a stopped fit starts anew.
 */
struct tl_lattice_store {
    void *user;
    /* Puts a blob, whole or not at all; replaces one of that name. */
    tl_err (*put)(struct tl_ctx *ctx, void *user, const char *name, const void *data,
                  int64_t bytes);
    /* Gives a blob to read (a mapped file): *data is NULL when there is none of this name and size. */
    tl_err (*map)(struct tl_ctx *ctx, void *user, const char *name, int64_t bytes,
                  const void **data);
    void (*unmap)(void *user, const void *data, int64_t bytes);
    void (*drop)(void *user, const char *name); /* none of this name is fine */
};

/** What a fit found besides its rows. */
struct tl_lattice_summary {
    struct tl_estimate intercept, range_m, sigma;
    struct tl_estimate level;         /* log density at the covariates' centres */
    double *centres;                  /* owns: [n_covariates] */
    struct tl_estimate *coefficients; /* owns: [n_covariates] */
    struct tl_estimate *channels;     /* owns: [n_channels] */
    double log_marginal_likelihood;
    double log_marginal_likelihood_error; /* numerical, about: 0 where the exact engine told it */
    int64_t n_theta, n_newton, n_iterations; /* of conjugate gradients, all solves */
    int64_t n_draws;                         /* perturb-and-solve draws behind the sd */
    int64_t pad_cells;
    int64_t memory_bytes; /* most held by the engine at one time */
    int64_t bytes_moved;  /* by the solver's kernels (counted) */
    /* Monte Carlo error, mean over cells: of the sd and of the mean density relative, of the others absolute */
    double mcse_sd_relative, mcse_density_mean_relative, mcse_p_any;
    bool resumed; /* some of it came from the store */
};

void tl_lattice_summary_fini(struct tl_lattice_summary *summary);

/** One phase of a run, as planned. */
struct tl_lattice_phase {
    const char *name; /* static */
    int64_t bytes;    /* held at one time */
    double seconds;
};

enum { TL_LATTICE_PHASES = 6 };

struct tl_lattice_plan {
    int64_t n_cells;  /* of the area's grid */
    int64_t n_padded; /* with the margin (guessed where the range is not known yet) */
    int64_t batch;    /* right-hand sides at once */
    int64_t band;     /* rows of variances at a time */
    bool on_disk;     /* draws go to the store */
    bool keep_draws;  /* copies of those in memory too: a stopped run need not make them again */
    int64_t
        solve_max; /* iterations after which a solve is given up; 0 = far more than are ever needed */
    int64_t memory_bytes, disk_bytes;
    double seconds;
    struct tl_lattice_phase phases[TL_LATTICE_PHASES];
};

/**
 * What a fit will need: bytes as the engine will cut its work, seconds from trying the kernels on this machine (about a
 * quarter of a second of work).
 * @param source     only sizes, channels and covariates are looked at
 * @param has_store  draws may go to disk
 * @param now_s      a clock [s], as this library has none; NULL = no seconds (they come out as 0)
 * Errors: TL_EDATA (no cells), TL_ENOMEM (does not fit: says how much is needed and how much there is).
 */
TL_MUST_USE tl_err tl_lattice_plan(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                                   const struct tl_field_options *options, bool has_store,
                                   double (*now_s)(void), struct tl_lattice_plan *plan);

/**
 * Fits the model, rows in, rows out.
 * @param options  engine is not looked at; NULL = defaults
 * @param store    NULL = none
 * Errors: those of tl_field_fit and of the callbacks; TL_ECANCELLED leaves the store such that the same call goes on where
 * this one stopped, TL_ENUMERIC says which step did not converge and keeps the last good state in the store.
 */
TL_MUST_USE tl_err tl_lattice_fit(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                                  const struct tl_field_options *options,
                                  const struct tl_lattice_sink *sink,
                                  const struct tl_lattice_store *store,
                                  struct tl_lattice_summary *summary);

#ifdef __cplusplus
}
#endif
#endif
