/** A map by rows: the fit on the lattice engine, what is kept of it, and what is added up as rows come. Not for other rooms. */
#ifndef TL_HAZARD_MAP_ROWS_H
#define TL_HAZARD_MAP_ROWS_H

#include "hazard/hazard.h"
#include "tilth/lattice.h"

struct tl_rowfile;

/* Results by rows (bands.c). */

struct tl_hazard_bands {
    struct tl_rowfile *file; /* owns: bands, shares by channel, samples */
    int n_channels;
};

/** @param folder  for a file without a name; NULL = memory. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_hazard_bands_open(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                                        const char *folder, int64_t n_samples,
                                        struct tl_hazard_bands **bands);
void tl_hazard_bands_close(struct tl_hazard_bands *bands); /* NULL is fine */
TL_MUST_USE tl_err tl_hazard_bands_put(struct tl_ctx *ctx, struct tl_hazard_bands *bands, int64_t y,
                                       int64_t n_rows, const struct tl_lattice_bands *from);
TL_MUST_USE tl_err tl_hazard_bands_put_sample(struct tl_ctx *ctx, struct tl_hazard_bands *bands,
                                              int64_t sample, int64_t y, int64_t n_rows,
                                              const float *eta);
int64_t tl_hazard_bands_memory(const struct tl_hazard_bands *bands);

/* Totals and places (totals.c). */

/** Sums that are made while rows come, of draws and of marginals, each from north to south. */
struct tl_hazard_totals {
    const struct tl_evidence *evidence; /* borrows */
    int64_t n_draws;
    double *sums;     /* owns: [n_draws] items in the area */
    double *row_most; /* owns: [n_y] largest expected items of a cell */
    double mean, area_m2, searched_m2;
    double *area, *residual; /* own: rows */
    double *items;           /* owns: rows */
    int64_t room;            /* rows */
};

TL_MUST_USE tl_err tl_hazard_totals_init(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                                         int64_t n_draws, struct tl_hazard_totals *totals);
void tl_hazard_totals_fini(struct tl_hazard_totals *totals);

/** Rows of a draw of log density. @param eta [n_rows * n_x] */
TL_MUST_USE tl_err tl_hazard_totals_draw(struct tl_ctx *ctx, struct tl_hazard_totals *totals,
                                         int64_t draw, int64_t y, int64_t n_rows, const float *eta);

/** A row of mean density. @param density_mean [n_x] */
TL_MUST_USE tl_err tl_hazard_totals_row(struct tl_ctx *ctx, struct tl_hazard_totals *totals,
                                        int64_t y, const double *density_mean);

/** Areas and items in the result. */
void tl_hazard_totals_tell(struct tl_hazard_totals *totals, struct tl_hazard_result *result);

/** Places to look first, greedily: the same cells as a search through all of them for each place. */
TL_MUST_USE tl_err tl_hazard_totals_places(struct tl_ctx *ctx, struct tl_project *project,
                                           const struct tl_hazard_totals *totals, int64_t n_look,
                                           struct tl_hazard_result *result);

/* The fit (map_rows.c). */

/** Fits made->evidence, by rows, on the lattice engine: field's figures, bands, totals. `folder`: for rows; NULL = memory. */
TL_MUST_USE tl_err tl_hazard_map_rows(struct tl_ctx *ctx, const struct tl_field_options *options,
                                      const char *folder, struct tl_hazard_totals *totals,
                                      struct tl_hazard_result *made);

/** Most bytes that a map by rows holds besides its evidence, its results and the engine: the program, GDAL's blocks, rows. */
int64_t tl_hazard_map_rows_bytes(const struct tl_grid *grid);

#endif
