/** `tilth field` row by row, for the lattice engine; and what it shares with the form that reads whole rasters. Not for other rooms. */
#ifndef TL_HAZARD_RASTER_ROWS_H
#define TL_HAZARD_RASTER_ROWS_H

#include "hazard/hazard.h"
#include "tilth/lattice.h"
#include "tilth/outdir.h"
#include "tilth/raster.h"

enum { TL_HAZARD_RASTERS_MAX = 64, TL_HAZARD_BANDS = 7, TL_HAZARD_SAMPLE_NAME = 40 };

/** The program with its libraries, and what GDAL and the allocator hold besides blocks (measured: docs/rooms/hazard.md). */
enum { TL_HAZARD_PROGRAM_BYTES = 64 << 20 };

/** Names of posterior.tif's bands, in order. */
extern const char *const tl_hazard_raster_bands[TL_HAZARD_BANDS];

/** "sample_0001" for 0. */
void tl_hazard_raster_sample_name(int64_t sample, char name[TL_HAZARD_SAMPLE_NAME]);

const char *tl_hazard_raster_name(const struct tl_hazard_named_file *file);

/** The effort of a channel of counts; NULL = none of this name. */
const struct tl_hazard_named_file *
tl_hazard_raster_effort(const struct tl_hazard_field_options *options, int64_t channel);

/**
 * Checks row y of a channel, both arrays [n_x] with NaN as they were read, and marks in `inside` where there is an effort.
 * @param info  the effort's, for its stray NaN
 * Errors: TL_EDATA (file, row, column, value, what was expected).
 */
TL_MUST_USE tl_err tl_hazard_raster_check(struct tl_ctx *ctx,
                                          const struct tl_hazard_field_options *options,
                                          int64_t channel, int64_t y, const struct tl_raster *info,
                                          const double *counts, const double *effort,
                                          uint8_t *inside);

/** Checks row y of the residual where it is inside. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_hazard_raster_check_residual(struct tl_ctx *ctx, const char *path, int64_t y,
                                                   int64_t n_x, const double *residual,
                                                   const uint8_t *inside);

/** That channels pair up by name and all names differ. Errors: TL_EUSAGE. */
TL_MUST_USE tl_err tl_hazard_field_check_names(struct tl_ctx *ctx,
                                               const struct tl_hazard_field_options *options);

/** Warns that nothing was found anywhere. */
void tl_hazard_raster_warn_nothing(struct tl_ctx *ctx);

/** The rasters of a run, open to be read by rows. */
struct tl_hazard_rows;

/** Opens them and checks that they share a grid. Errors: TL_ENOTFOUND, TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_hazard_rows_open(struct tl_ctx *ctx,
                                       const struct tl_hazard_field_options *options,
                                       struct tl_hazard_rows **rows);
void tl_hazard_rows_close(struct tl_hazard_rows *rows); /* NULL is fine */

/** Sizes, names and priors, without arrays; valid until the rows are closed. */
struct tl_field_input tl_hazard_rows_input(const struct tl_hazard_rows *rows);

/** Most bytes that the program holds besides the engine: rows of rasters, GDAL's blocks, itself. */
int64_t tl_hazard_rows_bytes(const struct tl_hazard_rows *rows);

/** Most bytes on disk besides the engine's: the rows kept aside, the files made of them and their overviews (not compressed). */
int64_t tl_hazard_rows_disk(const struct tl_hazard_rows *rows, int64_t n_samples);

/** Options for the engine: `field` with what the program holds taken off the memory. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_hazard_rows_options(struct tl_ctx *ctx, const struct tl_hazard_rows *rows,
                                          const struct tl_field_options *field,
                                          struct tl_field_options *own);

/** The same where the program holds `held` bytes of `what` ("the rows of its rasters"). */
TL_MUST_USE tl_err tl_hazard_rows_engine_options(struct tl_ctx *ctx, const struct tl_grid *grid,
                                                 int64_t held, const char *what,
                                                 const struct tl_field_options *field,
                                                 struct tl_field_options *own);

/** A summary's figures, which move over. @param held  bytes that the program held besides the engine's */
void tl_hazard_rows_figures(struct tl_lattice_summary *summary, int64_t n_cells, int64_t held,
                            struct tl_field_result *result);

/**
 * Checks every value in one pass, fits, and makes posterior.tif and (n_samples > 0) samples.tif in `out`. They are complete before
 * the engine's state is dropped, so that a kill while they are written costs only the writing.
 * @param[out] result  its figures; no arrays over cells
 */
TL_MUST_USE tl_err tl_hazard_rows_fit(struct tl_ctx *ctx, struct tl_hazard_rows *rows,
                                      const struct tl_field_options *field,
                                      const struct tl_lattice_store *store, struct tl_outdir *out,
                                      struct tl_field_result *result);

#endif
