/**
 * CSV of one column, which GDAL's reader does not take for a table: a copy with a second, empty column, in memory.
 */
#ifndef TL_GEO_CSV_H
#define TL_GEO_CSV_H

#include "core/buf.h"

enum { TL_CSV_COLUMNS_MAX = 4096, TL_CSV_ONE_MAX_BYTES = 64 << 20 };

struct tl_csv_one {
    struct tl_buf text; /* the copy */
    char *path;         /* owns: what GDAL opens; NULL = there is no copy */
};

/**
 * @param path      of the user, for messages
 * @param inside    what is read
 * @param[out] one  one->path stays NULL when the first line has a separator (or "|"), or all rows as many spaces. It must be zeroed.
 * Errors: TL_EDATA (a row with several values, a quote that is never closed, too large), TL_EIO, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_csv_one_open(struct tl_ctx *ctx, const char *path, const char *inside,
                                   struct tl_csv_one *one);
/** When GDAL has closed it. */
void tl_csv_one_close(struct tl_csv_one *one);

#endif
