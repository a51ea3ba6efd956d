/** How each layer is drawn and edited in QGIS. For this room. */
#ifndef TL_STORE_STYLE_H
#define TL_STORE_STYLE_H

#include "core/buf.h"

enum tl_style_geometry { TL_STYLE_POINT, TL_STYLE_LINE, TL_STYLE_POLYGON, TL_STYLE_TABLE };

/** What a layer is in QGIS. */
struct tl_style_layer {
    const char *table, *title, *group;
    enum tl_style_geometry geometry;
    bool is_part;   /* of a layer with several kinds of geometry: QGIS shows one layer a kind */
    bool is_hidden; /* switched off at first */
};
extern const struct tl_style_layer tl_style_layers[];
extern const int tl_style_n_layers;

/** Appends the renderer, labels and editing widgets of a layer, as QML and QGS files both have them. */
TL_MUST_USE tl_err tl_style_body(struct tl_ctx *ctx, const struct tl_style_layer *layer,
                                 struct tl_buf *xml);

/** Whether labels are drawn. */
bool tl_style_has_labels(const struct tl_style_layer *layer);

#endif
