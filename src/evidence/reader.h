/** Reads a source into batches of checked rows. It writes nothing, so that it can run beside the
 * thread that does. */
#ifndef TL_EVIDENCE_READER_H
#define TL_EVIDENCE_READER_H

#include "core/buf.h"
#include "evidence/batch.h"
#include "evidence/mapping.h"
#include "evidence/position.h"
#include "evidence/value.h"

struct tl_reader {
    struct tl_vector *vector;         /* borrows */
    const struct tl_mapping *mapping; /* borrows */
    const char *source;               /* borrows: scope of ids */
    const struct tl_kind_info *info;
    struct tl_position position; /* owns */
    struct tl_value_dates dates;
    int n_columns;
    bool *is_mapped;     /* owns: [n_columns] */
    int date_columns[2]; /* of the kind: the date, and the date it may not come before; -1 = none */
    struct tl_buf extra; /* owns: scratch */
    bool done;
    int64_t n_rows;
};

/**
 * @param today  "2026-11-22"; NULL = the machine's date
 * Errors: as tl_position_init.
 */
TL_MUST_USE tl_err tl_reader_init(struct tl_ctx *ctx, struct tl_project *project,
                                  struct tl_vector *vector, const struct tl_mapping *mapping,
                                  const struct tl_import_options *options, const char *crs,
                                  struct tl_reader *reader);
void tl_reader_fini(struct tl_reader *reader);

/** Fills a batch (rewound first) with the next rows; `done` once the source has ended. Errors: as
 * tl_vector_next. */
TL_MUST_USE tl_err tl_reader_fill(struct tl_ctx *ctx, struct tl_reader *reader,
                                  struct tl_batch *batch);

/** A row's original values as a JSON object (cleared first); empty ones are left out. Safe beside
 * tl_reader_fill of another batch. */
TL_MUST_USE tl_err tl_reader_original(struct tl_ctx *ctx, const struct tl_reader *reader,
                                      const struct tl_batch_row *row, struct tl_buf *json);

/** Fingerprint of a position and a date, never 0. */
uint64_t tl_reader_fingerprint(int64_t n_points, const double *xy, const char *date);

/** Column of a kind that holds its date (of a search: the last day); -1 when it has none. */
int tl_reader_date_column(enum tl_kind kind);

#endif
