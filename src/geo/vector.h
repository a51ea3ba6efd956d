/**
 * Vector files of any format that GDAL reads, streamed row by row; and written. GDAL stays in geo.
 */
#ifndef TL_GEO_VECTOR_H
#define TL_GEO_VECTOR_H

#include "core/core.h"

struct tl_vector; /* an open layer, read from first to last row; used by one thread at a time */

struct tl_vector_options {
    const char *layer; /* borrows: name; NULL = the only one (several: TL_EUSAGE listing them) */
    const char *
        where; /* borrows: OGR SQL condition; text compared with a number compares as one; NULL = all */
    const char *encoding; /* borrows: of text files that do not say; NULL = UTF-8, else recoded */
    const char *const
        *drivers; /* borrows: the only ones that may read it, ends with NULL; NULL = any */
    const char *
        plain_label; /* borrows: the path is of plain rows (rows.h), which messages call this; layer, where and
                              * encoding have had their say already. NULL = a file that GDAL reads */
    bool first_layer; /* where there are several and none is named, the first one */
};

/**
 * Opens a layer. An archive (.zip, .kmz) is looked into: one shapefile, one geodatabase or one other file is expected in it.
 * Errors: TL_ENOTFOUND (file, layer), TL_EDATA (not a vector file, empty file, `where` is not valid: says why), TL_EIO.
 */
TL_MUST_USE tl_err tl_vector_open(struct tl_ctx *ctx, const char *path,
                                  const struct tl_vector_options *options,
                                  struct tl_vector **vector);
void tl_vector_close(struct tl_vector *vector);

/** Rows that will come, -1 when that is not known without reading. With `where`, rows that pass it. */
int64_t tl_vector_n_rows(struct tl_vector *vector);

/** Columns. Names as in the file; CSV values are text, never guessed. */
int tl_vector_n_columns(const struct tl_vector *vector);
const char *tl_vector_column(const struct tl_vector *vector, int column);

/** Column of a name: exact, else without regard to case and blanks around it; -1 when there is none. */
int tl_vector_find_column(const struct tl_vector *vector, const char *name);

/** The layer's name as the file has it. */
const char *tl_vector_layer(const struct tl_vector *vector);

/** The file's layers and how many rows each has (-1: not known); not of plain rows. */
int tl_vector_n_layers(const struct tl_vector *vector);
const char *tl_vector_layer_at(const struct tl_vector *vector, int i, int64_t *n_rows);

/** CRS as WKT, "" when the file has none. */
const char *tl_vector_crs(const struct tl_vector *vector);

/** The driver's short name ("CSV", "GPKG", "ESRI Shapefile"). */
const char *tl_vector_driver(const struct tl_vector *vector);

/** Next row; a first one of HXL tags in a table is passed over. *more is false past the last one. Errors: TL_EIO, TL_EDATA (a broken row: says which). */
TL_MUST_USE tl_err tl_vector_next(struct tl_ctx *ctx, struct tl_vector *vector, bool *more);

/** 1-based number of the present row in the file (for CSV the header is not counted). */
int64_t tl_vector_row(const struct tl_vector *vector);

/** Text of a column in the present row, "" for null; valid until the next row. */
const char *tl_vector_text(struct tl_vector *vector, int column);

/** Whether it is null or empty. */
bool tl_vector_is_null(struct tl_vector *vector, int column);

/** WKB of the present row's geometry, curves made linear; *wkb NULL when there is none; valid until the next row. */
TL_MUST_USE tl_err tl_vector_wkb(struct tl_ctx *ctx, struct tl_vector *vector, const void **wkb,
                                 int64_t *wkb_bytes);

/* Writing. */

struct tl_vector_writer;

enum tl_vector_type { TL_VECTOR_TEXT, TL_VECTOR_INTEGER, TL_VECTOR_REAL };

struct tl_vector_field {
    const char *name; /* borrows */
    enum tl_vector_type type;
};

/**
 * Creates a file with one layer; it appears at `path` whole when closed with TL_OK, not at all otherwise.
 * @param driver    "GeoJSON", "GPKG", "KML", "CSV", "ESRI Shapefile", "FlatGeobuf", "GPX", "XLSX", "ODS"
 * @param geometry  "point", "line", "polygon", "multipolygon", "any", or NULL for none
 * @param crs       definition; GeoJSON and KML are written in WGS 84 whatever this is
 */
TL_MUST_USE tl_err tl_vector_create(struct tl_ctx *ctx, const char *path, const char *driver,
                                    const char *layer, const char *geometry, const char *crs,
                                    int n_fields, const struct tl_vector_field *fields,
                                    struct tl_vector_writer **writer);

/**
 * Adds a row: `values` as text ([n_fields], NULL = null), geometry as WKB or NULL. In GPX, fields that the format does not
 * know are read back with "ogr_" before their names. Errors: TL_EDATA (not a number, not WKB), TL_EIO.
 */
TL_MUST_USE tl_err tl_vector_add(struct tl_ctx *ctx, struct tl_vector_writer *writer,
                                 const char *const *values, const void *wkb, int64_t wkb_bytes);

/**
 * Finishes (keep) or removes (not keep) the file, and frees the writer in any case. The rows are counted in the finished
 * file before it may appear, because drivers do not all notice a full disk. Errors: TL_EIO (also after a refused row).
 */
TL_MUST_USE tl_err tl_vector_finish(struct tl_ctx *ctx, struct tl_vector_writer *writer, bool keep);

#endif
