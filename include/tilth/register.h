/**
 * The register: what kinds of record there are and which columns each has. One table (src/store/kinds.c) makes the
 * SQL schema, the importer's checks, the command's help and the manual's page.
 *
 * Positions are kept in WGS 84 longitude and latitude, as received; the grid's own system is used for computing only.
 */
#ifndef TILTH_REGISTER_H
#define TILTH_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_project;

/** Kinds that can be imported, explained and exported. Others (organisation, victim, ...) live in the schema only. */
enum tl_kind {
    TL_KIND_HAZARD_AREA,
    TL_KIND_ACCIDENT,
    TL_KIND_ITEM,
    TL_KIND_SEARCH,
    TL_KIND_REPORT,
    TL_KIND_LINE,
    TL_KIND_PLACE,
    TL_KIND_COUNT
};

enum tl_column_type {
    TL_COLUMN_TEXT,
    TL_COLUMN_INTEGER,
    TL_COLUMN_REAL,
    TL_COLUMN_DATE,   /* ISO 8601, reduced precision allowed: "1990", "1990-07", "1990-07-14" */
    TL_COLUMN_CHOICE, /* one of `choices` */
    TL_COLUMN_YESNO   /* 0 or 1 */
};

struct tl_column {
    const char *name;
    enum tl_column_type type;
    const char *choices; /* "SHA|CHA" for TL_COLUMN_CHOICE, else NULL */
    double min, max;     /* of numbers; both 0 = any finite */
    const char *hxl;     /* HXL hashtag, "" when there is none */
    const char *meaning; /* one line, with the unit */
};

struct tl_kind_info {
    const char *name;   /* as on the command line: "hazard-area" */
    const char *table;  /* as in the GeoPackage: "hazard_area" */
    const char *prefix; /* of codes: "HA" gives HA-0001 */
    const char *title;  /* "Hazardous areas" */
    const char *
        geometry; /* "point", "line", "polygon" or "any": of GeoPackage's geometry types, multi kinds allowed */
    int n_columns;
    const struct tl_column *columns; /* beside those that all kinds have: see tl_record */
};

/** Facts of a kind. */
const struct tl_kind_info *tl_kind_info(enum tl_kind kind);

/** Kind of a name ("hazard-area"). Errors: TL_EUSAGE (lists the names). */
TL_MUST_USE tl_err tl_kind_find(struct tl_ctx *ctx, const char *name, enum tl_kind *kind);

/** Number of a column of a kind, -1 when there is none. */
int tl_kind_column(enum tl_kind kind, const char *name);

enum { TL_RECORD_COLUMNS_MAX = 32 };

/** A record on its way in. Everything is borrowed for the call. */
struct tl_record {
    const char
        *source; /* which source the `source_id` belongs to (a file's name, an organisation) */
    const char
        *source_id;     /* the record's id there; NULL = none, then the content is its identity */
    int64_t import_id;  /* of tl_project_import_begin; 0 = entered by hand */
    int64_t source_row; /* row in the source, 0 = none */
    const char *values
        [TL_RECORD_COLUMNS_MAX]; /* text per column of the kind, checked by the caller; NULL = not known */
    double accuracy_m;           /* of the position; NaN = not known */
    const char *position_text; /* the position as typed; NULL = none */
    const char *remarks;
    const char *extra; /* JSON object of source columns that were not mapped; NULL = none */
    const void *wkb;   /* geometry in WGS 84 (lon, lat) */
    int64_t wkb_bytes;
};

enum tl_put {
    TL_PUT_ADDED,
    TL_PUT_UPDATED,   /* same source and id, other content */
    TL_PUT_UNCHANGED, /* there already, with the same content, from an earlier import */
    TL_PUT_DUPLICATE /* same content came earlier in this very import (or same source id): not written */
};

/**
 * Puts a record in, inside a transaction of tl_project_begin.
 *
 * Identity: (kind, source, source_id) when there is an id; else the content (kind, values, geometry, accuracy, position as typed, remarks, extra),
 * whatever the source's name, so that a renamed file adds nothing. Within one import, content that came before is
 * TL_PUT_DUPLICATE (unless keep_duplicates: then it is added, its identity carrying its ordinal, so that importing again still
 * adds nothing); an id that came before in this import is TL_PUT_DUPLICATE whatever the content.
 * @param[out] put  what happened
 * @param[out] id   of the record that now holds it (for a duplicate: of the first one); may be NULL
 * Errors: TL_EIO, TL_ENOMEM, TL_EREADONLY.  Cost: a few microseconds; statements are prepared once.
 */
TL_MUST_USE tl_err tl_register_put(struct tl_ctx *ctx, struct tl_project *project,
                                   enum tl_kind kind, const struct tl_record *record,
                                   bool keep_duplicates, enum tl_put *put, int64_t *id);

struct tl_cursor; /* records of a kind, in order of id */

/**
 * @param box_deg  west, south, east, north: only records whose envelope meets it (R-tree); NULL = all
 */
TL_MUST_USE tl_err tl_register_select(struct tl_ctx *ctx, struct tl_project *project,
                                      enum tl_kind kind, const double *box_deg,
                                      struct tl_cursor **cursor);
/** Which records of a kind; all that is given must hold. */
struct tl_register_filter {
    const double *box_deg; /* borrows: as of tl_register_select; NULL = any */
    const char *code;      /* borrows: exactly this one; NULL = any */
    const char *
        text; /* borrows: part of the code, source id, remarks or a text column, without regard to case; NULL = any */
    const char *from,
        *to; /* borrows: of the kind's first date, to the precision given: "2024", "2024-05", "2024-05-31"; NULL = any */
    const char *column,
        *value; /* borrows: a column of the kind and its value ("status", "open"); NULL = any */
    const char *column2, *value2; /* borrows: another one ("organisation", "Zemlia Operator") */
    int64_t limit, offset;        /* limit 0 = no limit */
};

/** Records that pass a filter, in order of id. Errors: TL_EUSAGE (the kind has no such column, or no date). */
TL_MUST_USE tl_err tl_register_find(struct tl_ctx *ctx, struct tl_project *project,
                                    enum tl_kind kind, const struct tl_register_filter *filter,
                                    struct tl_cursor **cursor);
/** How many there are, whatever limit and offset. */
TL_MUST_USE tl_err tl_register_find_count(struct tl_ctx *ctx, struct tl_project *project,
                                          enum tl_kind kind,
                                          const struct tl_register_filter *filter, int64_t *n);

void tl_cursor_free(struct tl_cursor *cursor);
TL_MUST_USE tl_err tl_cursor_next(struct tl_ctx *ctx, struct tl_cursor *cursor, bool *more);

/** Of the present record; text and WKB are valid until the next one. */
int64_t tl_cursor_id(const struct tl_cursor *cursor);
const char *tl_cursor_code(const struct tl_cursor *cursor);             /* "AC-0007" */
const char *tl_cursor_text(const struct tl_cursor *cursor, int column); /* NULL = not known */
double tl_cursor_real(const struct tl_cursor *cursor, int column);      /* NaN = not known */
double tl_cursor_accuracy_m(const struct tl_cursor *cursor);            /* NaN = not known */
const char *tl_cursor_source(const struct tl_cursor *cursor);
const char *tl_cursor_source_id(const struct tl_cursor *cursor); /* NULL = none */
const char *tl_cursor_remarks(const struct tl_cursor *cursor);
const void *tl_cursor_wkb(const struct tl_cursor *cursor,
                          int64_t *wkb_bytes); /* NULL = no geometry */

/** Number of records of a kind. */
TL_MUST_USE tl_err tl_register_count(struct tl_ctx *ctx, struct tl_project *project,
                                     enum tl_kind kind, int64_t *n);

#ifdef __cplusplus
}
#endif
#endif
