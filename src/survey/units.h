/** Units of a lot on the ground: squares clipped to an area, what the map says of each, and which of them are drawn. */
#ifndef TL_SURVEY_UNITS_H
#define TL_SURVEY_UNITS_H

#include "survey/area.h"
#include "tilth/grid.h"

enum { TL_SURVEY_UNIT_NODES = 24 };

struct tl_survey_unit {
    int64_t i;      /* in the grid of units */
    double area_m2; /* inside the area */
    double p_any;   /* by the map; NaN = not asked for */
    int32_t stratum;
    bool is_drawn;
};

struct tl_survey_units {
    struct tl_grid grid; /* of units; its lines are the project's where unit_m is its cell */
    int64_t n;
    struct tl_survey_unit *units; /* owns: ascending by i */
    double *
        p_at; /* owns: [TL_SURVEY_UNIT_NODES][n] P(any) with the map's level shifted to a node of its own uncertainty; NULL = no map */
    double weight[TL_SURVEY_UNIT_NODES]; /* of the nodes, sum 1 */
};

/** Cuts an area into units. Errors: TL_EDATA (unit_m; too many units: says how many). */
TL_MUST_USE tl_err tl_survey_units_init(struct tl_ctx *ctx, struct tl_project *project,
                                        const struct tl_survey_area *area, double unit_m,
                                        struct tl_survey_units *units);
/** Same with units of the size that makes n of them, as nearly as squares clipped to the area can. */
TL_MUST_USE tl_err tl_survey_units_about(struct tl_ctx *ctx, struct tl_project *project,
                                         const struct tl_survey_area *area, int64_t n,
                                         struct tl_survey_units *units);
void tl_survey_units_fini(struct tl_survey_units *units);

/** Fills p_any and p_at from the latest map. Errors: TL_ENOTFOUND (no map), TL_EDATA (the area lies outside it). */
TL_MUST_USE tl_err tl_survey_units_risk(struct tl_ctx *ctx, struct tl_project *project,
                                        struct tl_survey_units *units);

/** Puts units into strata by falling p_any, as many in each as can be; 0 is the riskiest. @param[out] size [n_strata] */
TL_MUST_USE tl_err tl_survey_units_stratify(struct tl_ctx *ctx, struct tl_survey_units *units,
                                            int n_strata, int64_t *size);

/** Draws n of the units of a stratum, all alike likely; the same for the same seed. */
TL_MUST_USE tl_err tl_survey_units_draw(struct tl_ctx *ctx, struct tl_survey_units *units,
                                        int32_t stratum, int64_t n, uint64_t seed);

/** The drawn units as polygons in WGS 84, numbered from the north-west, to a .geojson file. */
TL_MUST_USE tl_err tl_survey_units_write(struct tl_ctx *ctx, const struct tl_survey_units *units,
                                         const struct tl_survey_area *area, const char *path);

#endif
