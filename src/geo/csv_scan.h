/**
 * Rows of a CSV counted beside GDAL, which drops in silence what a row has beyond its header, what stands behind a zero byte, and the rows that a quote
 * swallows which is never closed.
 */
#ifndef TL_GEO_CSV_SCAN_H
#define TL_GEO_CSV_SCAN_H

#include "core/core.h"

struct tl_csv_scan; /* used by one thread at a time */

/**
 * Opens a file whose header GDAL reads as `n_columns` names. *scan NULL where no comma, semicolon or tab parts it so: then there is nothing to hold
 * against. `label` is what messages call it (borrowed). Errors: TL_EIO, TL_EDATA (the header), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_csv_scan_open(struct tl_ctx *ctx, const char *inside, const char *label,
                                    int n_columns, struct tl_csv_scan **scan);
void tl_csv_scan_close(struct tl_csv_scan *scan);

/**
 * Goes on to a row (1 = the first below the header; those between are only passed), or to the end with INT64_MAX.
 * Errors: TL_EDATA (the row has values beyond the header's columns; a zero byte; a quote that is not closed), TL_EIO.
 */
TL_MUST_USE tl_err tl_csv_scan_row(struct tl_ctx *ctx, struct tl_csv_scan *scan, int64_t row);

#endif
