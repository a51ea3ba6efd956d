/** What happens in the years after: people meet items and report them, surveyors draw areas, teams search and find, or do not. */
#ifndef TL_SIMULATE_HISTORY_H
#define TL_SIMULATE_HISTORY_H

#include "simulate/world.h"

enum tl_history_state { TL_HISTORY_REMAINING, TL_HISTORY_FOUND, TL_HISTORY_EXPLODED };
enum tl_history_category {
    TL_HISTORY_AP_MINE,
    TL_HISTORY_AV_MINE,
    TL_HISTORY_IMPROVISED,
    TL_HISTORY_SUBMUNITION,
    TL_HISTORY_UXO,
    TL_HISTORY_AXO,
    TL_HISTORY_CATEGORIES
};
enum tl_history_method {
    TL_HISTORY_MANUAL,
    TL_HISTORY_DUAL_SENSOR,
    TL_HISTORY_DOGS,
    TL_HISTORY_MECHANICAL,
    TL_HISTORY_BAC,
    TL_HISTORY_METHODS
};

/** Words of the lists above as they stand in the files. */
extern const char *const tl_history_category_names[TL_HISTORY_CATEGORIES];
extern const char *const tl_history_method_names[TL_HISTORY_METHODS];

struct tl_history_date {
    int year, day; /* day 1..365 of the year */
};

struct tl_history_item {
    double x, y, depth_cm;
    int64_t cell;
    enum tl_history_category category;
    enum tl_history_state state;
    struct tl_history_date end; /* when it was found or exploded */
    int64_t search;             /* that found it; -1 = spot find, or none */
    double found_x, found_y;    /* as recorded */
};

struct tl_history_accident {
    int64_t item;
    struct tl_history_date date;
    double x, y; /* as recorded */
    int killed, injured;
    const char *activity;
};

struct tl_history_report {
    int64_t item; /* -1 = false */
    struct tl_history_date date;
    double x, y;
    enum tl_history_category category;
    const char *said, *reliability;
};

enum { TL_HISTORY_RING = 14 };

struct tl_history_area {
    double x, y, angle, half_a, half_b; /* ellipse about which it is drawn */
    int n_ring;
    double ring[2 * TL_HISTORY_RING];
    bool is_confirmed;
    const char *status, *category, *organisation;
    struct tl_history_date date, closed; /* closed.year 0 = open */
    int n_lanes, n_blocks_done, n_blocks;
    int64_t found;
};

struct tl_history_search {
    double corners[8]; /* rectangle, grid CRS */
    double area_m2;
    const char *type, *organisation, *released_as;
    int team, area; /* area: number of the hazardous area, -1 = none */
    int task;
    enum tl_history_method method;
    int passes, depth_cm;
    struct tl_history_date start, end;
    int64_t found;
    bool failed; /* the lot failed as a whole */
};

struct tl_history {
    const struct tl_world *world; /* borrows */
    int first_year;
    int64_t n_items, n_accidents, n_reports, n_areas, n_searches;
    int64_t items_room, accidents_room, reports_room, areas_room, searches_room;
    struct tl_history_item *items;         /* owns */
    struct tl_history_accident *accidents; /* owns */
    struct tl_history_report *reports;     /* owns */
    struct tl_history_area *areas;         /* owns */
    struct tl_history_search *searches;    /* owns */
    int64_t n_of[TL_WORLD_GROUPS], n_found, n_exploded, n_false;
    double detectable[TL_HISTORY_METHODS], per_pass[TL_HISTORY_METHODS]; /* d, q of this district */
    double lot_failure, lot_failure_p;
    double searched_m2;
};

/** Draws the items and lives through the years. Call tl_history_fini in any case. Errors: TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_history_make(struct tl_ctx *ctx, const struct tl_world *world,
                                   struct tl_history *history);
void tl_history_fini(struct tl_history *history);

/** Group of a category. */
enum tl_world_group tl_history_group(enum tl_history_category category);

/* Between history.c and survey.c. */

/** Surveyors draw this year's hazardous areas. */
TL_MUST_USE tl_err tl_survey_areas(struct tl_ctx *ctx, struct tl_history *history, int year);

/** Teams search this year: lanes and blocks in areas, fields near places, samples of cleared blocks. */
TL_MUST_USE tl_err tl_survey_search(struct tl_ctx *ctx, struct tl_history *history, int year);

/** Room for one more element of a growing array. */
TL_MUST_USE tl_err tl_history_grow(struct tl_ctx *ctx, void **array, int64_t n, int64_t *room,
                                   size_t size);

#endif
