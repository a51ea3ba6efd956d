/** Progress tables while they are made: polygons with what they mean for land, on the plane of the project's system. */
#ifndef TL_EVIDENCE_TALLY_H
#define TL_EVIDENCE_TALLY_H

#include "geo/cover.h"
#include "geo/geom.h"
#include "tilth/project.h"
#include "tilth/tally.h"

/** A polygon that stands for open land, or for released land. */
struct tl_tally_shape {
    void *wkb; /* owns: grid CRS */
    int64_t wkb_bytes;
    double area_m2, box[4];
    int district; /* in the list of names; 0 = not known */
    /* Of a hazardous area. */
    bool is_confirmed, has_class;
    int year_recorded, year_closed; /* year_closed INT_MAX = open */
    /* Of released land. */
    int product, year;
    char when[16]; /* ISO date, as far as known */
    int64_t order; /* in which it was read */
};

struct tl_tally_shapes {
    struct tl_tally_shape *list; /* owns */
    int64_t n, room;
};

struct tl_tally_maker {
    struct tl_ctx *ctx;         /* borrows */
    struct tl_project *project; /* borrows */
    struct tl_tally *tally;     /* borrows */
    struct tl_crs_map *to_grid; /* owns */
    bool
        open_only; /* areas: all that are open, those without a date or a class too, and no others */
    struct tl_tally_shapes areas, releases;
    struct tl_tally_point { /* of items and accidents */
        int district, year, category;
        bool is_accident, is_destroyed, during_demining;
        int64_t number, killed, injured;
    } * points; /* owns */
    int64_t n_points, points_room;
    struct tl_tally_place {
        double x, y;
        int district;
    } * places; /* owns */
    int64_t n_places, places_room;
    int64_t districts_room;
    int first_year, last_year;  /* on record */
    struct tl_tally_row *cells; /* owns: [n_districts, n_years] */
    int64_t n_years;
};

/** Reads the register: districts, areas, releases, items, accidents; counts apart what can stand nowhere else. */
TL_MUST_USE tl_err tl_tally_read(struct tl_tally_maker *maker);
void tl_tally_shapes_fini(struct tl_tally_shapes *shapes);

/** Shapes as what a cover is made of; grows the box by them. @param[out] searches [shapes->n], borrowing their outlines */
void tl_tally_shapes_cover(const struct tl_tally_shapes *shapes, struct tl_cover_search *searches,
                           double box[4]);

/** As what ground is open. */
enum tl_tally_standing {
    TL_TALLY_SUSPECTED,
    TL_TALLY_CONFIRMED,
    TL_TALLY_UNCLASSED,
    TL_TALLY_STANDINGS
};

/** A piece of open ground: the middle of the cell it lies in, on a grid that is the project's, or reaches beyond it. */
typedef void (*tl_tally_open_fn)(void *user, double x_m, double y_m, double area_m2,
                                 enum tl_tally_standing standing);

/**
 * The ground of all open hazardous areas, each piece once (as confirmed where one area over it is, else as suspected), less what was released since they were
 * recorded: what progress tables have at the end of the last year, and beside it areas without a date or a class, which these count apart.
 * @param[out] n_areas  open ones with a polygon
 * Errors: TL_EIO, TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_tally_open(struct tl_ctx *ctx, struct tl_project *project,
                                 tl_tally_open_fn fn, void *user, int64_t *n_areas);

#endif
