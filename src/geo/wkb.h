/**
 * Well-known binary read into plain arrays: what cover, geom and distance work on. Takes ISO and EWKB, either byte
 * order, Z and M (dropped), collections; every count is checked against the bytes that are there.
 */
#ifndef TL_GEO_WKB_H
#define TL_GEO_WKB_H

#include "geo/geom.h"

struct tl_wkb_path {
    int64_t first, count;   /* points */
    int64_t offset_bytes;   /* where its coordinates begin in `flat` */
    enum tl_geom_kind kind; /* point, line, or polygon (a ring) */
    bool is_hole;
};

struct tl_wkb {
    enum tl_geom_kind
        kind; /* of all parts; OTHER where they differ or there are none in a collection */
    int64_t n_points, n_paths;
    double *xy;                /* owns: [n_points][2] */
    struct tl_wkb_path *paths; /* owns: [n_paths] */
    unsigned char *flat;       /* owns: the same geometry, 2-D, ISO, little endian */
    int64_t flat_bytes;
};

/** Reads a geometry. Errors: TL_EDATA (says what is wrong), TL_ENOMEM. */
TL_MUST_USE tl_err tl_wkb_read(struct tl_ctx *ctx, const void *bytes, int64_t n_bytes,
                               struct tl_wkb *wkb);
void tl_wkb_fini(struct tl_wkb *wkb);

/** Puts `xy` back into `flat`. */
void tl_wkb_restore(struct tl_wkb *wkb);

#endif
