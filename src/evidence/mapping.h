/**
 * Which column of a source goes into which field of a record: what the user said, what a mapping
 * file says, what was used last time for the same columns, and what the names say by themselves, in
 * this order.
 */
#ifndef TL_EVIDENCE_MAPPING_H
#define TL_EVIDENCE_MAPPING_H

#include "geo/vector.h"
#include "tilth/evidence.h"

/** Fields beside the columns of the kind. */
enum tl_field_id {
    TL_FIELD_LON,
    TL_FIELD_LAT,
    TL_FIELD_POSITION,
    TL_FIELD_X,
    TL_FIELD_Y,
    TL_FIELD_WKT,
    TL_FIELD_ID,
    TL_FIELD_REMARKS,
    TL_FIELD_ACCURACY,
    TL_FIELD_DATE_FORMAT,
    TL_FIELD_COLUMNS /* the first of the kind's columns */
};

enum { TL_FIELDS_MAX = TL_FIELD_COLUMNS + TL_RECORD_COLUMNS_MAX };

/** Where a field's column comes from; a higher one wins. */
enum tl_field_origin {
    TL_ORIGIN_NONE,
    TL_ORIGIN_NAME,
    TL_ORIGIN_REMEMBERED,
    TL_ORIGIN_FILE,
    TL_ORIGIN_GIVEN
};

/** How positions are given. */
enum tl_position_way { TL_WAY_GEOMETRY, TL_WAY_LONLAT, TL_WAY_POSITION, TL_WAY_XY, TL_WAY_WKT };

struct tl_mapped {
    char *column; /* owns: name in the source, "=text", or NULL = not mapped */
    int index;    /* of the source's column; -1 = none or a constant */
    enum tl_field_origin origin;
};

struct tl_mapping {
    enum tl_kind kind;
    int n_fields;
    struct tl_mapped fields[TL_FIELDS_MAX];
    enum tl_position_way way;
};

void tl_mapping_init(struct tl_mapping *mapping, enum tl_kind kind);
void tl_mapping_fini(struct tl_mapping *mapping);

/** Name of a field. */
const char *tl_mapping_field(const struct tl_mapping *mapping, int field);

/**
 * Sets a field unless a higher origin has set it; an empty column means "leave this field out".
 * Errors: TL_EUSAGE (no such field: names the nearest; given twice), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_mapping_set(struct tl_ctx *ctx, struct tl_mapping *mapping, const char *field,
                                  const char *column, enum tl_field_origin origin);

/** Sets from the JSON that tl_mapping_json made; fields of another version are passed over. Errors:
 * TL_ENOMEM. */
TL_MUST_USE tl_err tl_mapping_from_json(struct tl_ctx *ctx, struct tl_mapping *mapping,
                                        const char *json, enum tl_field_origin origin);

/**
 * {"lon": "x", "category": "=mine"}; with `left_out` also the fields that somebody has left out, as "",
 * so that a later import of the same columns does not take them by name. owns: the caller, tl_free.
 */
TL_MUST_USE tl_err tl_mapping_json(struct tl_ctx *ctx, const struct tl_mapping *mapping,
                                   bool left_out, char **json);

/** "lon=x lat=y", cut to size. */
void tl_mapping_pairs(const struct tl_mapping *mapping, char *out, size_t size);

/**
 * Completes the mapping by names and finds the columns in the source.
 * Errors: TL_ENOTFOUND (a mapped column is not there: names the nearest and all), TL_EUSAGE
 * (position given in two ways, or half), TL_EDATA (no way to a position; points for a kind that
 * needs lines or polygons).
 */
TL_MUST_USE tl_err tl_mapping_resolve(struct tl_ctx *ctx, struct tl_mapping *mapping,
                                      const struct tl_vector *vector);

/** Hash (hex) and list ("a, b, c") of a source's column names. @param[out] list owns: the caller.
 */
TL_MUST_USE tl_err tl_mapping_columns(struct tl_ctx *ctx, const struct tl_vector *vector,
                                      char hex[65], char **list);

#endif
