/**
 * Project: one GeoPackage that holds everything: the register, its log, settings, evidence, the last maps. Every write
 * is inside one transaction: killed at any moment, the file holds the old state or the new.
 */
#ifndef TILTH_PROJECT_H
#define TILTH_PROJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/grid.h"
#include "tilth/method.h"
#include "tilth/register.h"

#ifdef __cplusplus
extern "C" {
#endif

enum tl_project_mode { TL_PROJECT_READ, TL_PROJECT_WRITE };

struct tl_project_new {
    struct tl_grid grid;  /* in `crs` */
    const char *crs;      /* "EPSG:32618" or WKT2 */
    double area_deg[4];   /* west, south, east, north of the area of interest */
    const void *area_wkb; /* the area of interest, WGS 84 polygon */
    int64_t area_wkb_bytes;
    const char *title; /* NULL = the file's name */
    bool overwrite;    /* replace a file that is there */
};

/**
 * Creates a project; the file appears whole or not at all. Errors: TL_EEXISTS (and not overwrite), TL_EIO.
 */
TL_MUST_USE tl_err tl_project_create(struct tl_ctx *ctx, const char *path,
                                     const struct tl_project_new *options);

/**
 * Opens a project. Opening for writing migrates an older schema forward (in one transaction) and seals log lines that came from
 * outside (QGIS). Errors: TL_ENOTFOUND, TL_EDATA (not a project: says what it is), TL_EVERSION (newer than the program, says both
 * versions), TL_EREADONLY, TL_ELOCKED (another program is writing: waits up to 5 s first).
 */
TL_MUST_USE tl_err tl_project_open(struct tl_ctx *ctx, const char *path, enum tl_project_mode mode,
                                   struct tl_project **project);
void tl_project_close(struct tl_project *project);

/** Memory that this handle may keep of the file, at least 64 KiB (64 MiB by default): for a program that has many handles open. */
void tl_project_set_cache(struct tl_project *project, int64_t bytes);

/**
 * Copies the project whole to a new file (mode 0600), as it stands at one moment, for work that must not keep others from writing. They wait for pieces
 * of it only, unless somebody writes all the time: then once for as long as copying takes.
 * @param path  nothing may be there yet; nothing is there after an error
 * Errors: TL_EEXISTS, TL_EIO (full disk), TL_ELOCKED (another program writes), TL_ECANCELLED, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_project_copy(struct tl_ctx *ctx, struct tl_project *project,
                                   const char *path);

const char *tl_project_path(const struct tl_project *project);
const char *tl_project_title(const struct tl_project *project); /* never NULL */
const char *tl_project_crs(const struct tl_project *project);
struct tl_grid tl_project_grid(const struct tl_project *project);
void tl_project_area_deg(const struct tl_project *project, double area_deg[4]);

/** The area of interest, WGS 84. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_project_area(struct tl_ctx *ctx, struct tl_project *project, void **wkb,
                                   int64_t *wkb_bytes);

/* One transaction; everything that writes is inside one. Commit seals the log. */
TL_MUST_USE tl_err tl_project_begin(struct tl_ctx *ctx, struct tl_project *project);
TL_MUST_USE tl_err tl_project_commit(struct tl_ctx *ctx, struct tl_project *project);
void tl_project_rollback(struct tl_project *project); /* fine without a transaction */

/** Who is named in the log from now on ("user@host" by default). */
TL_MUST_USE tl_err tl_project_set_actor(struct tl_ctx *ctx, struct tl_project *project,
                                        const char *actor);

/* Settings: text by key, logged like everything else. */
/** owns: the caller, tl_free; *value is NULL when there is none. */
TL_MUST_USE tl_err tl_project_get(struct tl_ctx *ctx, struct tl_project *project, const char *key,
                                  char **value);
TL_MUST_USE tl_err tl_project_set(struct tl_ctx *ctx, struct tl_project *project, const char *key,
                                  const char *value);

/* Imports: what came from where, with its mapping, its counts and what was refused. */
struct tl_import_entry {
    const char *kind;    /* "accident", or "covariate" */
    const char *path;    /* as given */
    const char *sha256;  /* of the file */
    const char *source;  /* scope of source ids */
    const char *options; /* JSON: mapping, where, layer, ... */
    int64_t n_read, n_added, n_updated, n_unchanged, n_refused;
};

TL_MUST_USE tl_err tl_project_import_begin(struct tl_ctx *ctx, struct tl_project *project,
                                           const struct tl_import_entry *entry, int64_t *import_id);
TL_MUST_USE tl_err tl_project_import_end(struct tl_ctx *ctx, struct tl_project *project,
                                         int64_t import_id, const struct tl_import_entry *entry);

/** A refused record: its row, reason (machine name and words), original values as a JSON object. */
struct tl_refused {
    int64_t row;
    const char *reason;   /* "column-missing", "date-future", ...: see docs/rooms/evidence.md */
    const char *message;  /* words with the value and what was expected */
    const char *original; /* JSON object */
    const char
        *proposal; /* JSON object of values that would mend it ({"lon": -74.1}), NULL = none */
};
TL_MUST_USE tl_err tl_project_refuse(struct tl_ctx *ctx, struct tl_project *project,
                                     int64_t import_id, const struct tl_refused *refused);

/** Columns of a refused record as text: import, file, row, reason, message, original, proposal; then its id, kind, the code of the record that
 * came of it, and the options of its import as JSON (with the mapping). */
enum {
    TL_REFUSED_COLUMNS = 7,
    TL_REFUSED_ID = 7,
    TL_REFUSED_KIND,
    TL_REFUSED_MENDED,
    TL_REFUSED_OPTIONS,
    TL_REFUSED_ALL
};
struct tl_refused_cursor; /* refused records, latest import first, by row */
TL_MUST_USE tl_err tl_project_refused_select(struct tl_ctx *ctx, struct tl_project *project,
                                             struct tl_refused_cursor **cursor);
/** Which refused records; zeros = all. */
struct tl_refused_filter {
    int64_t import_id, id;
    bool open;             /* only those that nobody has mended */
    int64_t limit, offset; /* limit 0 = no limit */
};
/** @param[out] total  how many there are, whatever limit and offset; NULL = not wanted */
TL_MUST_USE tl_err tl_project_refused_find(struct tl_ctx *ctx, struct tl_project *project,
                                           const struct tl_refused_filter *filter, int64_t *total,
                                           struct tl_refused_cursor **cursor);
/**
 * Writes down, inside a transaction, which record was entered by hand for a refused one.
 * Errors: TL_ENOTFOUND (no such refused record), TL_ECONFLICT (it was mended already: says as which record).
 */
TL_MUST_USE tl_err tl_project_refused_mend(struct tl_ctx *ctx, struct tl_project *project,
                                           int64_t id, const char *record, const char *person);
/** @param[out] values  NULL where not known; valid until the next row; *more is false past the last one */
TL_MUST_USE tl_err tl_project_refused_next(struct tl_ctx *ctx, struct tl_refused_cursor *cursor,
                                           const char *values[TL_REFUSED_ALL], bool *more);
void tl_project_refused_free(struct tl_refused_cursor *cursor);

/** A doubt about a record that was taken in all the same. */
struct tl_finding {
    const char *reason; /* "same-position", "invalid-polygon", ... */
    const char *message;
    int64_t record_id; /* in the kind's table, 0 = none */
    int64_t row;       /* in the source, 0 = none */
};
TL_MUST_USE tl_err tl_project_find(struct tl_ctx *ctx, struct tl_project *project,
                                   int64_t import_id, enum tl_kind kind,
                                   const struct tl_finding *finding);

/** Mapping that was last used for a kind and a set of source columns (hash), as JSON. owns: the caller; NULL when there is none. */
TL_MUST_USE tl_err tl_project_mapping_get(struct tl_ctx *ctx, struct tl_project *project,
                                          const char *kind, const char *columns_hash, char **json);
TL_MUST_USE tl_err tl_project_mapping_put(struct tl_ctx *ctx, struct tl_project *project,
                                          const char *kind, const char *columns_hash,
                                          const char *columns, const char *json);

/* Covariates: rasters on the project's grid. */
struct tl_covariate_info {
    char name[64];
    char source[512];
    char sha256[65];
    double prior_mean, prior_sd; /* on the covariate's own scale; sd 0 = weak default */
};
TL_MUST_USE tl_err tl_project_covariate_put(struct tl_ctx *ctx, struct tl_project *project,
                                            const struct tl_covariate_info *info,
                                            const double *values, bool *added, bool *changed);
TL_MUST_USE tl_err tl_project_covariates(struct tl_ctx *ctx, struct tl_project *project,
                                         struct tl_covariate_info **infos,
                                         int64_t *n); /* owns: caller */
TL_MUST_USE tl_err tl_project_covariate_get(struct tl_ctx *ctx, struct tl_project *project,
                                            const char *name, double *values);

/* Maps: the result of a run, kept with what it rests on. */
struct tl_map_band {
    const char *name;    /* borrows */
    const float *values; /* borrows: [n_cells] */
};
/** Saves a run (JSON: inputs' hashes, options, seed, figures) with its bands, as the latest; older runs keep their JSON only. */
TL_MUST_USE tl_err tl_project_map_save(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *json, int64_t n_bands,
                                       const struct tl_map_band *bands, int64_t *run_id);
/** The same band by band, inside a transaction: a run without bands yet, which takes the place of the one before, and a band of it. */
TL_MUST_USE tl_err tl_project_map_new(struct tl_ctx *ctx, struct tl_project *project,
                                      const char *json, int64_t *run_id);
TL_MUST_USE tl_err tl_project_map_band_put(struct tl_ctx *ctx, struct tl_project *project,
                                           int64_t run_id, const struct tl_map_band *band);
/** JSON of the latest run; NULL when there is none. owns: the caller. */
TL_MUST_USE tl_err tl_project_map_load(struct tl_ctx *ctx, struct tl_project *project,
                                       int64_t *run_id, char **json);
/**
 * A rectangle of a band of the latest run; of the rest of the band nothing is read. Memory and time go with the rectangle.
 * @param box  first column, first row, columns, rows; within the grid
 * @param[out] values  [rows * columns]; anything on error
 * Errors: TL_ENOTFOUND (no such band), TL_EDATA (damaged), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_project_map_box(struct tl_ctx *ctx, struct tl_project *project,
                                      const char *name, const int64_t box[4], float *values);
/** Rows that are best read together, from row 0 on: a band is kept in blocks of as many (128; fewer where the grid is very wide). */
int64_t tl_project_map_rows(const struct tl_project *project);
/** For who reads a map in parts: whether it is still that run's. Errors: TL_ECONFLICT (another took its place), TL_EIO. */
TL_MUST_USE tl_err tl_project_map_same(struct tl_ctx *ctx, struct tl_project *project,
                                       int64_t run_id);
/** One band of the latest run, whole. @param[out] values [n_cells] Errors: as tl_project_map_box. */
TL_MUST_USE tl_err tl_project_map_band(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *name, float *values);

/**
 * Keeps a plan of work (inside a transaction) in the place of the one before; its SHA-256 is in the log.
 * Errors: TL_EREADONLY, TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_project_plan_save(struct tl_ctx *ctx, struct tl_project *project,
                                        const char *json);
/** The plan that is kept, and when it was; both NULL when there is none. owns: the caller, tl_free. Errors: TL_EINTEGRITY (altered). */
TL_MUST_USE tl_err tl_project_plan_load(struct tl_ctx *ctx, struct tl_project *project, char **json,
                                        char **at);

/** Names of the latest run's bands, in the order of saving; none without a map. owns: the caller, each and the array. */
TL_MUST_USE tl_err tl_project_map_bands(struct tl_ctx *ctx, struct tl_project *project,
                                        char ***names, int64_t *n);

/** A cell of the layer "hazard_cell" that QGIS shows. */
struct tl_hazard_cell {
    int64_t cell;
    double corner_deg[8]; /* lon, lat of its four corners: NW, NE, SE, SW */
    double density_per_ha, density_q05_per_ha, density_q95_per_ha; /* items per hectare */
    double log_density_sd, p_any, residual_ha;
    int64_t rank; /* 1 = look here first; 0 = not ranked */
};
/** Replaces the layer's cells (not logged row by row: the run's hash is). */
TL_MUST_USE tl_err tl_project_hazard_cells(struct tl_ctx *ctx, struct tl_project *project,
                                           int64_t n, const struct tl_hazard_cell *cells);

/** Hash of everything that a map rests on: records of a kind (all columns that matter), in hex. */
TL_MUST_USE tl_err tl_project_kind_hash(struct tl_ctx *ctx, struct tl_project *project,
                                        enum tl_kind kind, char hex[65]);

/* Checking. */
struct tl_check_line {
    char severity[16]; /* "error" or "warning" */
    char check[64];    /* "log-chain", "foreign-key", "invalid-geometry", ... */
    char message[512];
};
/**
 * Checks the file: SQLite's own integrity, foreign keys, GeoPackage tables, the log's chain (a removed, added or altered line), geometries
 * (GICHD's list of known defects in domain.md/ecosystem.md), orphans, counts.
 * @param[out] lines  owns: the caller, tl_free
 * Errors: only when checking itself fails. What is found is in `lines`.
 */
TL_MUST_USE tl_err tl_project_check(struct tl_ctx *ctx, struct tl_project *project,
                                    struct tl_check_line **lines, int64_t *n_lines);

/** What changed in the file, by whomever, since a line of the log. */
struct tl_project_change {
    int64_t last_line; /* of the log now: give it again next time */
    bool kinds[TL_KIND_COUNT];
    bool map; /* a map was made or removed */
};

/**
 * @param since  a last_line of before; negative = not known, then everything counts as changed, as it does when the log is
 *               shorter than it was (another file). Cost: some microseconds when nothing changed.
 */
TL_MUST_USE tl_err tl_project_changes(struct tl_ctx *ctx, struct tl_project *project, int64_t since,
                                      struct tl_project_change *change);

/** Figures for `info`, as a JSON object text: title, crs, grid, records by kind, imports, refused, findings, log lines, last map. */
TL_MUST_USE tl_err tl_project_info(struct tl_ctx *ctx, struct tl_project *project, char **json);

#ifdef __cplusplus
}
#endif
#endif
