/** Covariates from the register's claims and from imported rasters (model.md section 2). */
#ifndef TL_EVIDENCE_COVARIATE_H
#define TL_EVIDENCE_COVARIATE_H

#include "evidence/attribute.h"
#include "tilth/evidence.h"

/** Absolute correlation beyond which two covariates cannot be told apart. */
#define TL_COVARIATE_SAME 0.98

/*
 * Default prior of a coefficient is Normal(0, 2²), per unit for our own covariates (shares and kernels, 0 to about 1), per standard
 * deviation for rasters: a factor of 7 at one prior sd, of 50 at two. Wider ones let the density of ground that no search
 * covers run away: with 10 per standard deviation, a claim that is rare in the area and was nowhere searched
 * gave totals of 1e41.
 */
#define TL_COVARIATE_WEAK_SD 2.0

/** Imported rasters of the whole grid, their gaps filled; each is read when it is first needed. */
struct tl_covariate_raster {
    double *values; /* owns: [n_cells]; NULL = not read yet */
    double sd;      /* over the area */
    int64_t n_gaps;
};

/** A window of the grid instead of the whole: nothing is dropped, and only what is named is made. */
struct tl_covariate_window {
    const struct tl_gather *all; /* borrows: the whole project's records */
    const struct tl_grid *grid;  /* borrows: the project's grid */
    int64_t column, row;         /* of the window's first cell in it */
    int64_t n_names;
    const char *const *names; /* borrows: in the wanted order; NULL = all that can be made */
    int64_t n_rasters;
    const struct tl_covariate_info *infos; /* borrows */
    struct tl_covariate_raster *rasters;   /* borrows: [n_rasters], filled as needed */
};

struct tl_covariate_options {
    double report_range_m; /* > 0 */
    bool no_defaults;      /* only imported rasters */
    bool with_places; /* near_place too: only where a search looked does nearness say something of
                         items */
    const struct tl_covariate_window *window; /* borrows; NULL = the whole grid */
};

/**
 * Fills evidence->covariates, dropping what does not vary and what another one says already (told
 * in evidence->notes). Errors: TL_EDATA (more than TL_EVIDENCE_COVARIATES_MAX), TL_EIO, TL_ENOMEM,
 * TL_ECANCELLED. On error what was added stays in `evidence`, to be freed with it.
 */
TL_MUST_USE tl_err tl_covariate_fill(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_gather *gather,
                                     const struct tl_covariate_options *options,
                                     struct tl_evidence *evidence);

/** Appends to the evidence's notes, cut to size. */
void tl_covariate_note(struct tl_evidence *evidence, const char *format, ...) TL_PRINTF(2, 3);

/** What was made of searches with a depth and without one, in the evidence's notes. */
void tl_covariate_note_depth(const struct tl_attribute *searches, struct tl_evidence *evidence);

#endif
