/** What the latest map says of a piece of ground, and how often an item there hurts somebody. */
#ifndef TL_PLAN_RISK_H
#define TL_PLAN_RISK_H

#include "core/core.h"
#include "tilth/grid.h"
#include "tilth/project.h"

/** Bands of items: mean, 5, 95 and 50 % point. */
enum { TL_RISK_ITEMS = 4 };

struct tl_risk {
    struct tl_grid grid;
    int64_t n_cells, run_id; /* of the map; 0 = none */
    bool has_map, has_places;
    struct tl_risk_blocks
        *blocks;       /* owns: of the map, read as they are asked for; NULL without a map */
    double *slope_deg; /* owns: [n_cells] covariate "slope"; NULL = none */
    double rate;       /* accidents a year of an item on land in full use: mean */
    double rate_sd;    /* of its log */
    bool rate_by_map;  /* else assumed */
    double per_accident, per_accident_sd; /* casualties of an accident; sd of the log of the mean */
    int64_t n_accidents;                  /* behind it; 0 = assumed */
    double common_sd; /* of the log of all items together: what errs everywhere alike */
    double range_m;   /* of the field */
};

struct tl_risk_ground {
    double items[TL_RISK_ITEMS]; /* NaN = no map */
    double exposed;              /* mean items times use */
    double slope_deg;            /* mean; NaN = not known */
    double on_map;               /* share of the ground that the map covers */
};

/**
 * Errors: those of the store; TL_EINTEGRITY (the map is not readable). Without a map has_map is false.
 * @param project  borrowed until tl_risk_fini: ground is read from it
 */
TL_MUST_USE tl_err tl_risk_init(struct tl_ctx *ctx, struct tl_project *project,
                                struct tl_risk *risk);
void tl_risk_fini(struct tl_risk *risk);

/** Sums over a polygon in the grid's system. Memory: of the map's blocks that the polygon meets, and that earlier ones met, 32 MiB, more on grids of more than 8,000 columns. */
TL_MUST_USE tl_err tl_risk_ground(struct tl_ctx *ctx, const struct tl_risk *risk, const void *wkb,
                                  int64_t wkb_bytes, struct tl_risk_ground *ground);

#endif
