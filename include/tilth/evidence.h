/**
 * Evidence: from files that people have to records in the register, and from records to counts and effort on the grid
 * (docs/rooms/evidence.md).
 */
#ifndef TILTH_EVIDENCE_H
#define TILTH_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/grid.h"
#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_import_map {
    const char *
        field; /* borrows: "lon", "lat", "position", "wkt", "id", "remarks", "accuracy", or a column of the kind */
    const char *column; /* borrows: of the source; "=text" gives a constant */
};

enum tl_import_state { TL_IMPORT_ADDED, TL_IMPORT_UPDATED, TL_IMPORT_UNCHANGED, TL_IMPORT_REFUSED };

/** What became of a row. Everything is borrowed for the call. */
struct tl_import_row {
    int64_t row;
    enum tl_import_state state;
    const struct tl_record *record;   /* NULL = refused */
    const struct tl_refused *refused; /* NULL = not refused */
};

/** What becomes of a covariate of a raster. Everything is borrowed for the call. */
struct tl_import_layer {
    const char *name;
    enum tl_import_state state;
    struct tl_grid grid;
    const double *values;   /* [n_cells], NaN = none */
    int64_t n_land, n_gaps; /* cells of the area of interest, and those of them without a value */
};

/** A class of a raster: its covariate is the share of the cell that the class has. */
struct tl_import_class {
    double value;
    const char *name; /* borrows: the covariate is called NAME_name */
};

/** For whoever wants to see an import while it goes on: each NULL, or called in the order of the file. */
struct tl_import_watch {
    void *user;
    /** The mapping as JSON ({"lon": "x", "category": "=mine"}) before any row, also one that turns out not to do. */
    tl_err (*mapped)(struct tl_ctx *ctx, void *user, enum tl_kind kind, const char *mapping,
                     bool remembered);
    tl_err (*row)(struct tl_ctx *ctx, void *user, enum tl_kind kind,
                  const struct tl_import_row *row);
    tl_err (*layer)(struct tl_ctx *ctx, void *user, const struct tl_import_layer *layer);
};

struct tl_import_options {
    const char *as; /* borrows: "accident", ..., or "covariate" */
    int64_t n_maps;
    const struct tl_import_map *maps; /* borrows */
    const char *mapping_file;         /* borrows: YAML or JSON file with the mapping, NULL = none */
    const char *where;                /* borrows: SQL condition on the source's columns */
    const char *layer;                /* borrows */
    const char *source; /* borrows: scope of ids; NULL = the file's name without folder */
    const char
        *crs; /* borrows: of x/y columns or a file that does not say; NULL = WGS 84 for lon/lat */
    const char *encoding;        /* borrows */
    const char *name;            /* borrows: of a covariate; NULL = the file's stem */
    double prior_mean, prior_sd; /* of a covariate */
    bool nearest;                /* of a covariate: the value in the middle of a cell, no average */
    int band;                    /* of a covariate's raster; 0 = 1 */
    int64_t n_classes;
    const struct tl_import_class *classes; /* borrows: of a covariate's raster; each is one */
    bool dry_run;                          /* everything but writing */
    bool keep_duplicates; /* take in rows that repeat an earlier row of the file exactly */
    bool
        allow_outside; /* take in positions outside the area of interest (default: refused for point kinds,
                                 except place and line, which may lie around it) */
    const char *
        today; /* borrows: "2026-11-22": dates after it are in the future; NULL = the machine's date */
    const char *
        plain; /* borrows: the path is of plain rows (rows.h) or numbers (pixels.h) that were read of a file of this name and ... */
    const char *
        plain_sha256; /* ... of these bytes; layer, where and encoding have had their say. NULL = any file */
    bool only_maps; /* a field that `maps` does not name is not mapped, whatever it is called */
    const char *
        outcome; /* borrows: TL_ECONFLICT and nothing changed unless the report's outcome is this one; NULL = any */
    const struct tl_import_watch *watch; /* borrows: NULL = nobody watches */
};

enum { TL_IMPORT_REASONS_MAX = 40 };

struct tl_import_reason {
    char reason[40];   /* "duplicate-row" */
    char example[200]; /* the first one, in words, with its row */
    int64_t n;
    bool refused; /* else a finding: taken in, with a doubt */
};

/** n_read = n_added + n_updated + n_unchanged + n_refused, always. */
struct tl_import_report {
    int64_t import_id; /* 0 after a dry run */
    int64_t n_read, n_added, n_updated, n_unchanged, n_refused;
    int n_reasons;
    struct tl_import_reason reasons[TL_IMPORT_REASONS_MAX];
    char mapping[2048]; /* the mapping that was used, as "field=column" pairs */
    bool mapping_found; /* it was remembered from an earlier import */
    char driver[32];
    char sha256[65];
    char outcome
        [65]; /* hash of what became of each row; the same for a dry run and the import it shows */
};

/**
 * Imports a file, in one transaction.
 * @param[out] report  untouched on error
 * Errors: TL_ECONFLICT (another outcome), TL_ENOTFOUND (file, layer, mapped column: names the nearest), TL_EUSAGE (unknown kind or field), TL_EDATA (not readable, empty,
 * a required field is not mapped), TL_EIO, TL_ELOCKED, TL_EREADONLY, TL_ECANCELLED. Nothing changed on any error.
 */
TL_MUST_USE tl_err tl_import_file(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                                  const struct tl_import_options *options,
                                  struct tl_import_report *report);

/**
 * A raster on its way in, in two steps, so that only the second needs the one who writes: tl_import_file with "covariate" does both.
 * `options` are those of tl_import_file and borrowed until it is freed.
 */
struct tl_import_raster;

/** Brings it to the project's grid; nothing is written. Errors: as tl_import_file. */
TL_MUST_USE tl_err tl_import_raster_make(struct tl_ctx *ctx, struct tl_project *project,
                                         const char *path, const struct tl_import_options *options,
                                         struct tl_import_raster **raster);
/** Writes it in one transaction. Errors: as tl_import_file; TL_ECONFLICT (another outcome, another grid). */
TL_MUST_USE tl_err tl_import_raster_put(struct tl_ctx *ctx, struct tl_project *project,
                                        const struct tl_import_raster *raster,
                                        struct tl_import_report *report);
void tl_import_raster_free(struct tl_import_raster *raster); /* NULL is fine */

struct tl_evidence_options {
    const char *
        group; /* borrows: "all", "mines" or "erw"; records whose category says another group are left out */
    double accident_sd; /* s_c of the accident channel; 0 = 1.5 */
    double search_sd;   /* s_c of the search channel; 0 = 0.2 */
    double
        report_range_m; /* width of the kernel around reports; 0 = 1 km or 1.5 cells, whichever is greater */
    double
        use_range_m; /* width of the kernel around places in the intensity of land use; 0 = 5 km or 2 cells */
    bool no_default_covariates; /* only rasters that were imported */
};

struct tl_evidence_channel {
    char name[32];  /* "search", "accident", "spot" */
    double *counts; /* owns: [n_cells]; NULL = by rows */
    double *effort; /* owns: [n_cells] [m2]; NULL = by rows */
    double effect_sd;
    int64_t n_records;                   /* that made the counts */
    double total_count, total_effort_m2; /* of all cells */
    char words[256];                     /* how the effort was made, for map.json and explain */
};

struct tl_evidence_covariate {
    char name[64];
    char words[256];
    double *values; /* owns: [n_cells] on its own scale; NULL = by rows */
    double prior_mean, prior_sd;
};

enum { TL_EVIDENCE_CHANNELS_MAX = 4, TL_EVIDENCE_COVARIATES_MAX = 32 };

struct tl_evidence_rows;

struct tl_evidence {
    struct tl_grid grid;
    struct tl_evidence_rows *rows; /* owns: where no arrays are; NULL = arrays */
    double *cell_area; /* owns: [n_cells] [m2] inside the area of interest; 0 = outside */
    double *residual;  /* owns: [n_cells] [m2] */
    int n_channels;
    struct tl_evidence_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    int n_covariates;
    struct tl_evidence_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    int64_t n_outside; /* records outside the area, not used */
    int64_t n_other_group;
    char hash[65];    /* of all that it rests on */
    char notes[2048]; /* what was left out or taken otherwise than one may expect, one a line */
};

/**
 * Makes counts, effort, residual and covariates from the register. For the search channel effort + residual = cell_area, always.
 * A channel without any record is left out, except that there is always at least one. A covariate without any variation is left out.
 * Errors: TL_EDATA (no record that counts: says what to import), TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_evidence_build(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_evidence_options *options,
                                     struct tl_evidence *evidence);

/** Rows of larger grids belong in a file. */
enum { TL_EVIDENCE_MEMORY_CELLS = 1 << 22 };

/**
 * The same without arrays over the grid: it is made in stripes of rows, kept in a form that takes little where there is little, and
 * read by tl_evidence_row. The same bits.
 * @param folder  where a file without a name holds the rows, up to 8 bytes a cell for each effort of people and covariate; NULL = in
 *                memory. Gone with the evidence, also when the program is killed
 * Errors: those of tl_evidence_build; TL_EIO (folder, disk full). Cost: some 100 bytes of memory a record, a bit a cell; where rasters were
 * imported 24 bytes a cell while they are read.
 */
TL_MUST_USE tl_err tl_evidence_build_rows(struct tl_ctx *ctx, struct tl_project *project,
                                          const struct tl_evidence_options *options,
                                          const char *folder, struct tl_evidence *evidence);

enum tl_evidence_part {
    TL_EVIDENCE_AREA,     /* of land [m2] */
    TL_EVIDENCE_RESIDUAL, /* [m2] */
    TL_EVIDENCE_COUNTS,   /* of channel k */
    TL_EVIDENCE_EFFORT,   /* of channel k [m2] */
    TL_EVIDENCE_COVARIATE /* k */
};

/** Row y of a part, of arrays or of what is kept by rows. One thread at a time. @param[out] values [n_x] Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_evidence_row(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                                   enum tl_evidence_part part, int k, int64_t y, double *values);

/** Makes arrays of rows. Errors: TL_ENOMEM, TL_EIO. */
TL_MUST_USE tl_err tl_evidence_to_arrays(struct tl_ctx *ctx, struct tl_evidence *evidence);

/** Bytes that it holds in memory, and on disk. */
int64_t tl_evidence_memory(const struct tl_evidence *evidence);
int64_t tl_evidence_disk(const struct tl_evidence *evidence);

void tl_evidence_fini(struct tl_evidence *evidence);

#ifdef __cplusplus
}
#endif
#endif
