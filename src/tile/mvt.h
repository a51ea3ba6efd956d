/** Encoder of Mapbox vector tiles, version 2.1: one layer. */
#ifndef TL_TILE_MVT_H
#define TL_TILE_MVT_H

#include "core/buf.h"

enum tl_mvt_type { TL_MVT_POINT = 1, TL_MVT_LINE = 2, TL_MVT_POLYGON = 3 };

struct tl_mvt {
    int64_t n_features;
    struct tl_buf features, keys, values; /* encoded messages of the layer */
    struct tl_buf tags, geometry;         /* of the feature that is being made */
    int32_t *value_at;     /* owns: [n_slots] index of a value + 1, by its hash; 0 = free */
    int64_t *value_starts; /* owns: [n_values] in `values`, of the message's content */
    int32_t n_values, n_slots, n_keys;
    int32_t x, y; /* the cursor */
};

void tl_mvt_fini(struct tl_mvt *mvt);

/** Adds a key; its number is the count of keys before. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_mvt_key(struct tl_ctx *ctx, struct tl_mvt *mvt, const char *name);

/* Values, as messages: appended to a buffer. */
TL_MUST_USE tl_err tl_mvt_text(struct tl_ctx *ctx, struct tl_buf *buf, const char *text, int64_t n);
TL_MUST_USE tl_err tl_mvt_integer(struct tl_ctx *ctx, struct tl_buf *buf, int64_t value);
TL_MUST_USE tl_err tl_mvt_real(struct tl_ctx *ctx, struct tl_buf *buf, double value);
TL_MUST_USE tl_err tl_mvt_yesno(struct tl_ctx *ctx, struct tl_buf *buf, bool value);

/* A feature: begin, any number of tags, geometry, end. */
void tl_mvt_begin(struct tl_mvt *mvt);
/** @param value  a message of the functions above */
TL_MUST_USE tl_err tl_mvt_tag(struct tl_ctx *ctx, struct tl_mvt *mvt, int32_t key,
                              const void *value, int64_t n);
/** Points of a multipoint, a line, or a ring (without its closing point): xy in tile units. */
TL_MUST_USE tl_err tl_mvt_path(struct tl_ctx *ctx, struct tl_mvt *mvt, enum tl_mvt_type type,
                               int64_t n, const int32_t (*xy)[2]);
/** @param id  of the record, above 0. A feature without geometry is left out. */
TL_MUST_USE tl_err tl_mvt_end(struct tl_ctx *ctx, struct tl_mvt *mvt, enum tl_mvt_type type,
                              int64_t id);

/** The tile: one layer of a name. */
TL_MUST_USE tl_err tl_mvt_finish(struct tl_ctx *ctx, const struct tl_mvt *mvt, const char *name,
                                 int extent, struct tl_buf *out);

#endif
