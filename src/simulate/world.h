/** The ground of a district: terrain, settlements, roads, an old defence line, and the intensity of items that follows. */
#ifndef TL_SIMULATE_WORLD_H
#define TL_SIMULATE_WORLD_H

#include "core/core.h"
#include "simulate/dice.h"
#include "tilth/crs.h"
#include "tilth/grid.h"
#include "tilth/simulate.h"

enum {
    TL_WORLD_PLACES_MAX = 60,
    TL_WORLD_ROADS_MAX = 80,
    TL_WORLD_TRENCHES_MAX = 24,
    TL_WORLD_STRIKES_MAX = 60,
    TL_WORLD_VERTICES = 49
};

enum tl_world_group { TL_WORLD_MINES, TL_WORLD_ERW, TL_WORLD_GROUPS };

struct tl_world_place {
    char name[64];
    const char *type;
    double x, y;
    int64_t population;
    bool has_belt; /* ringed by a protective belt */
};

struct tl_world_line {
    int n;
    double xy[2 * TL_WORLD_VERTICES];
};

struct tl_world_strike {
    double x, y, radius;
};

/** Parameters of the log-intensity, written into truth.json. */
struct tl_world_law {
    double field_range_m, field_sigma;
    double belt_height, belt_width_m;
    double near_front, near_front_m[TL_WORLD_GROUPS];
    double strike_height, protective_height;
    double beta_0[TL_WORLD_GROUPS];   /* set so that the expected numbers are as wanted */
    double expected[TL_WORLD_GROUPS]; /* items */
};

struct tl_world {
    struct tl_simulate_options options; /* every default in place */
    struct tl_grid grid;
    char crs[TL_CRS_TEXT_BYTES];
    struct tl_crs_map *to_degrees; /* owns: grid CRS to WGS 84 */
    double scale; /* area over that of the default district, 0.05 to 8: how much of everything */
    int64_t n_cells;
    double *elevation_m, *slope_deg, *front_m, *road_m, *use; /* owns: [n_cells]; use 0..1 */
    double *front_at; /* owns: [n_cells] place along the front, 0..1 */
    double *inside;   /* owns: [n_cells] share of the cell in the area, 0 to 1 */
    double
        *lambda[TL_WORLD_GROUPS]; /* owns: [n_cells] items per m2 of the area, at the beginning */
    int n_places, n_roads, n_trenches, n_strikes;
    struct tl_world_place places[TL_WORLD_PLACES_MAX];
    struct tl_world_line roads[TL_WORLD_ROADS_MAX], trenches[TL_WORLD_TRENCHES_MAX], front;
    struct tl_world_strike strikes[TL_WORLD_STRIKES_MAX];
    struct tl_world_law law;
};

/**
 * Makes the ground. Errors: TL_EDATA (area, step, years or dirt out of range: says which), TL_ENOMEM.
 * Call tl_world_fini in any case.
 */
TL_MUST_USE tl_err tl_world_make(struct tl_ctx *ctx, const struct tl_simulate_options *options,
                                 struct tl_world *world);
void tl_world_fini(struct tl_world *world);

/** Cell of a point; -1 outside the area (the grid reaches a little beyond it). */
int64_t tl_world_cell(const struct tl_world *world, double x, double y);

/** Share of the front's length that is mined at a place along it, 0 to 1. */
double tl_world_activity(const struct tl_world *world, double at);

/** Point of the front at 0..1 along it, and its direction [radians]. */
void tl_world_front_point(const struct tl_world *world, double at, double *x, double *y,
                          double *angle);

#endif
