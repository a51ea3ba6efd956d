/**
 * Geometries between rooms: WKB (ISO, little endian) in and out, so that GEOS stays in geo. Calls keep no state, so threads may
 * call at the same time, each with a context of its own.
 */
#ifndef TL_GEO_GEOM_H
#define TL_GEO_GEOM_H

#include "core/core.h"
#include "tilth/crs.h"

enum tl_geom_kind { TL_GEOM_NONE, TL_GEOM_POINT, TL_GEOM_LINE, TL_GEOM_POLYGON, TL_GEOM_OTHER };

struct tl_geom_info {
    enum tl_geom_kind kind; /* multi kinds count as their part's kind */
    bool is_empty;
    bool is_finite; /* all coordinates finite */
    bool is_valid;  /* OGC validity */
    bool repeats;   /* has repeated vertices closer than 1e-6 apart, besides the closing one */
    int64_t n_points;
    double box[4]; /* west, south, east, north */
    double x,
        y; /* a representative point: itself, middle of the line, a point inside the polygon */
    double area; /* planar, in the units of the coordinates squared */
    double length;
    char why[256]; /* why it is not valid */
};

/** Facts of a geometry. Errors: TL_EDATA (not WKB), TL_ENOMEM. */
TL_MUST_USE tl_err tl_geom_info(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                struct tl_geom_info *info);

/** A valid geometry with the same points as far as possible (GEOS MakeValid, polygons only kept). owns: caller. */
TL_MUST_USE tl_err tl_geom_repair(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                  void **out, int64_t *out_bytes);

/** Transformed copy (Z and M are dropped). owns: the caller. Errors: TL_EDATA (a point cannot be transformed). */
TL_MUST_USE tl_err tl_geom_transform(struct tl_ctx *ctx, struct tl_crs_map *map, const void *wkb,
                                     int64_t wkb_bytes, void **out, int64_t *out_bytes);

/** WKB of a point. `out` at least 21 bytes. */
enum { TL_GEOM_POINT_BYTES = 21 };
void tl_geom_point(double x, double y, unsigned char *out);

/** WKB from WKT ("POLYGON((...))"). owns: the caller. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_geom_from_wkt(struct tl_ctx *ctx, const char *wkt, void **out,
                                    int64_t *out_bytes);

/** WKT of a geometry (up to 9 decimals). owns: the caller, tl_free. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_geo_wkt(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, char **wkt);

/** Area of the intersection of two polygons, in squared units. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_geom_overlap(struct tl_ctx *ctx, const void *a, int64_t a_bytes,
                                   const void *b, int64_t b_bytes, double *area);

/** Whether a geometry holds a point (edge included). Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_geom_holds(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double x,
                                 double y, bool *holds);

/** A geometry made ready to be asked about many points. */
struct tl_geom_holder;

/** @param wkb  read here, not kept. Errors: TL_EDATA, TL_ENOMEM. */
TL_MUST_USE tl_err tl_geom_holder_create(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                         struct tl_geom_holder **holder);

/** Whether it holds a point (edge included). One thread at a time. Errors: TL_EDATA. */
TL_MUST_USE tl_err tl_geom_holder_holds(struct tl_ctx *ctx, struct tl_geom_holder *holder, double x,
                                        double y, bool *holds);
void tl_geom_holder_free(struct tl_geom_holder *holder);

/**
 * Part of a line or polygon that lies in a polygon; parts of a lower dimension (where it only touches) are dropped.
 * @param[out] out  owns: the caller; NULL when nothing is left
 * Errors: TL_EDATA, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_geom_clip(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                const void *polygon, int64_t polygon_bytes, void **out,
                                int64_t *out_bytes);

/**
 * What of a polygon lies outside another; parts of a lower dimension are dropped.
 * @param[out] out  owns: the caller; NULL when nothing is left
 * Errors: TL_EDATA, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_geom_minus(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                 const void *other, int64_t other_bytes, void **out,
                                 int64_t *out_bytes);

/** Buffer of a polygon or line by a distance. owns: the caller. */
TL_MUST_USE tl_err tl_geom_buffer(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes,
                                  double distance, void **out, int64_t *out_bytes);

/**
 * A geometry on whole multiples of a step, valid, nowhere moved by more than 0.71 steps (GEOS, snap rounding).
 * @param[out] out  owns: the caller; NULL when nothing is left
 */
TL_MUST_USE tl_err tl_geom_snap(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, double step,
                                void **out, int64_t *out_bytes);

#endif
