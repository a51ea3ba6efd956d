/**
 * The main job: evidence and field joined. A hazard map from a project, the reasons of a place, exports; and the field
 * on anyone's rasters.
 */
#ifndef TILTH_HAZARD_H
#define TILTH_HAZARD_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/evidence.h"
#include "tilth/field.h"
#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_hazard_options {
    struct tl_evidence_options evidence;
    struct tl_field_options
        field;      /* samples there are for samples.tif; totals have draws of their own */
    int64_t n_look; /* places to look first; 0 = 10 */
    /* borrows: folder for the lattice engine's files while it works, and for what a stopped map goes on from; NULL = none */
    const char *scratch_folder;
};

/** A place to look first: where most items are expected to remain; places are at least one range and three cells apart. */
struct tl_hazard_place {
    int64_t cell;
    double lon_deg, lat_deg; /* of the cell's centre */
    double x_m, y_m;
    double expected_items; /* remaining in the cell */
    double p_any;
    double density_q05_per_ha, density_q50_per_ha, density_q95_per_ha;
    char mgrs[64];
    char near[160]; /* "3.2 km NE of Granada", "" when no place is recorded */
};

struct tl_hazard_bands;

struct tl_hazard_result {
    struct tl_evidence evidence;   /* owns: arrays or rows, see tl_evidence_row */
    struct tl_field_result field;  /* owns: arrays, where `bands` is NULL: see tl_hazard_row */
    struct tl_hazard_bands *bands; /* owns: results by rows (lattice engine); NULL = in `field` */
    int64_t n_look;
    struct tl_hazard_place *look; /* owns: [n_look] */
    struct tl_estimate
        total_items; /* remaining in the whole area: mean from the marginals, the rest from joint draws */
    int64_t n_draws;             /* joint draws behind total_items */
    int64_t n_samples;           /* of them, to be written to samples.tif */
    double searched_m2, area_m2; /* effective searched area; area of interest */
    char *json;  /* owns: map.json: inputs' hashes, options, seed, figures, words; no clock in it */
    char *words; /* owns: the same for people, some 20 lines */
    char *changes; /* owns: what changed since the last map, in words; "" when it is the first */
};

/** Defaults: group all, engine auto, seed 1. */
struct tl_hazard_options tl_hazard_options_default(void);

/**
 * Makes the map; nothing is written but to the scratch folder. Same project, options and seed: same bits. On the lattice engine evidence
 * and results are kept by rows, above 4 million cells in files without a name in the scratch folder.
 * Errors: those of tl_evidence_build_rows and tl_field_fit.
 */
TL_MUST_USE tl_err tl_hazard_map(struct tl_ctx *ctx, struct tl_project *project,
                                 const struct tl_hazard_options *options,
                                 struct tl_hazard_result *result);
void tl_hazard_result_fini(struct tl_hazard_result *result);

/** Bands of a result; the share of channel c in the field is TL_HAZARD_SHARES + c. */
enum tl_hazard_band {
    TL_HAZARD_LOG_DENSITY_MEAN,
    TL_HAZARD_LOG_DENSITY_SD,
    TL_HAZARD_DENSITY_MEAN,
    TL_HAZARD_DENSITY_Q05,
    TL_HAZARD_DENSITY_Q50,
    TL_HAZARD_DENSITY_Q95,
    TL_HAZARD_P_ANY,
    TL_HAZARD_FIELD,
    TL_HAZARD_SHARES
};

/** Row y of a band, NaN outside; of one of the n_samples samples. One thread at a time. @param[out] values [n_x] Errors: TL_EIO. */
TL_MUST_USE tl_err tl_hazard_row(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                                 int band, int64_t y, double *values);
TL_MUST_USE tl_err tl_hazard_sample_row(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                                        int64_t sample, int64_t y, double *values);

/**
 * Writes posterior.tif (bands as `tilth field`), evidence.tif (counts and effort by channel, residual, covariates), look.geojson, map.json, and
 * samples.tif when samples were asked for, into a folder (that of tl_outdir).
 */
TL_MUST_USE tl_err tl_hazard_write(struct tl_ctx *ctx, struct tl_project *project,
                                   const struct tl_hazard_result *result, const char *folder);

/** Keeps the result in the project (bands, figures, layer hazard_cell), in one transaction. */
TL_MUST_USE tl_err tl_hazard_save(struct tl_ctx *ctx, struct tl_project *project,
                                  const struct tl_hazard_result *result);

/**
 * The reasons of a place, from the latest map: model.md section 5.
 * @param[out] words  for people; owns: the caller, tl_free
 * @param[out] json   "tilth.explain/1"; owns: the caller, tl_free
 * Errors: TL_ENOTFOUND (no map yet: says how to make one; outside the area).
 */
TL_MUST_USE tl_err tl_hazard_explain(struct tl_ctx *ctx, struct tl_project *project, double lon_deg,
                                     double lat_deg, char **words, char **json);

/**
 * Exports to a file.
 * @param what    a kind ("accident"), "hazard" (cells of the latest map), "refused"
 * @param format  "geojson", "csv" (with a row of HXL tags), "gpkg", "kml"; NULL = by the path's ending
 * @param[out] n_rows  written; may be NULL
 * Errors: TL_EUSAGE (unknown what or format), TL_EEXISTS, TL_EIO, TL_ENOTFOUND (no map yet).
 */
TL_MUST_USE tl_err tl_hazard_export(struct tl_ctx *ctx, struct tl_project *project,
                                    const char *what, const char *format, const char *path,
                                    bool overwrite, int64_t *n_rows);

struct tl_hazard_named_file {
    const char *name;            /* borrows: NULL = the only one */
    const char *path;            /* borrows */
    double effect_sd;            /* of a channel: s_c, 0 = its effort is known exactly */
    double prior_mean, prior_sd; /* of a covariate's coefficient; sd 0 = weak default */
};

struct tl_hazard_field_options {
    int64_t n_counts, n_effort, n_covariates;
    const struct tl_hazard_named_file *counts, *effort, *covariates; /* borrows */
    const char *residual; /* borrows: raster; NULL = none */
    struct tl_field_options field;
    bool overwrite;
};

/**
 * The field on rasters: effort nodata = outside, effort 0 = inside but not searched. Writes posterior.tif, summary.json
 * and, when asked, samples.tif into a folder, whole or not at all.
 * @param[out] json  summary.json's text; owns: the caller, tl_free
 * Errors: TL_EUSAGE (counts and effort do not pair up by name), TL_EDATA (rasters on different grids: says which way; counts where
 * effort is zero, negative or NaN effort: says file, row and column), those of tl_field_fit and tl_outdir.
 */
TL_MUST_USE tl_err tl_hazard_field(struct tl_ctx *ctx,
                                   const struct tl_hazard_field_options *options,
                                   const char *folder, char **json);

/**
 * What a fit on these rasters, or a map of the project with all its channels and covariates, will need; nothing is
 * made. @param[out] json "tilth.run-plan/1"; owns: the caller, tl_free
 * Errors: TL_EUSAGE, TL_ENOTFOUND, TL_EDATA (rasters); TL_ENOMEM (does not fit: says how much is needed and how much there is).
 */
TL_MUST_USE tl_err tl_hazard_field_plan(struct tl_ctx *ctx,
                                        const struct tl_hazard_field_options *options, char **json);
TL_MUST_USE tl_err tl_hazard_map_plan(struct tl_ctx *ctx, struct tl_project *project,
                                      const struct tl_hazard_options *options, char **json);

#ifdef __cplusplus
}
#endif
#endif
