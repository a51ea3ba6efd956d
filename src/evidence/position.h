/** Where a row says that it lies, in WGS 84: read, brought over from another system, and judged
 * against the area. */
#ifndef TL_EVIDENCE_POSITION_H
#define TL_EVIDENCE_POSITION_H

#include "evidence/batch.h"
#include "evidence/mapping.h"
#include "evidence/region.h"

struct tl_position {
    enum tl_kind kind;
    enum tl_geom_kind wanted; /* TL_GEOM_NONE = any */
    bool around;              /* may lie around the area */
    bool allow_outside;
    struct tl_region region;     /* owns */
    struct tl_crs_map *to_wgs84; /* owns: NULL = is WGS 84 already */
};

/** Texts of one row's position, without blanks around them; NULL = not mapped or empty. */
struct tl_position_texts {
    const char *a, *b; /* lon and lat, x and y; or position, WKT in a */
};

/** What a position is made of. */
struct tl_position_options {
    enum tl_kind kind;
    enum tl_position_way way;
    const char *file_crs; /* borrows: of the file's geometry, "" = it does not say */
    const char *crs;      /* borrows: as the user says, NULL = does not */
    bool allow_outside;
};

/** Errors: TL_EUSAGE (x and y without a system), TL_EDATA (not a system), TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_position_init(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_position_options *options,
                                    struct tl_position *position);
void tl_position_fini(struct tl_position *position);

/**
 * Reads a position given as text: sets the row's geometry, accuracy and position_text, or refuses
 * the row. Errors: only of memory; what is wrong with the row is written into the row.
 */
TL_MUST_USE tl_err tl_position_read(struct tl_ctx *ctx, const struct tl_position *position,
                                    enum tl_position_way way, const struct tl_position_texts *texts,
                                    struct tl_batch *batch, struct tl_batch_row *row);

/** Takes over a geometry (WKB in the source's system; NULL = none). Errors: as tl_position_read. */
TL_MUST_USE tl_err tl_position_take(struct tl_ctx *ctx, const struct tl_position *position,
                                    const void *wkb, int64_t wkb_bytes, struct tl_batch *batch,
                                    struct tl_batch_row *row);

/** Refuses the row; text and proposal are copied. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_position_refuse(struct tl_ctx *ctx, struct tl_batch *batch,
                                      struct tl_batch_row *row, enum tl_reason reason,
                                      const char *proposal, const char *format, ...)
    TL_PRINTF(6, 7);

#endif
