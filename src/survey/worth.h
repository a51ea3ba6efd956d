/** What an hour of searching is worth in every cell of the latest map. */
#ifndef TL_SURVEY_WORTH_H
#define TL_SURVEY_WORTH_H

#include "survey/area.h"
#include "tilth/grid.h"

/** Cells that are looked at of a map: all of one of up to as many cells, else as many of the best ones, and those around them. */
enum { TL_SURVEY_WORTH_ALL = 1 << 20, TL_SURVEY_WORTH_BEST = 1 << 17 };

struct tl_survey_worth {
    struct tl_grid grid;
    int64_t n_cells; /* that are looked at: numbers 0 to n_cells - 1, which all below go by */
    int64_t *cell;   /* owns: their numbers in the grid, ascending; NULL = the same ones */
    double
        cut_rate; /* no cell that is not looked at is worth more an hour (tl_survey_worth_rate); 0 = there is none */
    double *items;    /* owns: expected to remain */
    double *loss;     /* owns: items, weighed with the use of land unless items only */
    double *findable; /* owns: share of what remains that the method can find, 0..1 */
    double *hours;    /* owns: of one pass; 0 = outside */
    double *area_m2;  /* owns: land */
    float *p_any;     /* owns */
    double per_pass;  /* q: share of the findable that a pass finds, process failure folded in */
    double detectable;
    double hours_per_day;           /* at which the table's pace of a day was taken */
    double m2_per_hour;             /* vegetation and slope in it, as in per_pass */
    const char *vegetation, *slope; /* names of the table */
    struct tl_method method;
    int64_t run_id;                 /* of the map */
    char group[16];                 /* of the map */
    bool has_places;                /* else use is 1 everywhere */
    double items_total, loss_total; /* of the whole map */
};

/**
 * Memory: of what is looked at, and of a row of the map's blocks.
 * Errors: TL_ENOTFOUND (no map, no such method), TL_EDATA (not a search; pace not known: says how to give it).
 */
TL_MUST_USE tl_err tl_survey_worth_init(struct tl_ctx *ctx, struct tl_project *project,
                                        const struct tl_survey_next *next,
                                        struct tl_survey_worth *worth);
/** The same. @param n_best  cells that are looked at of a map of more than n_all: those worth most an hour, and what lies around each */
TL_MUST_USE tl_err tl_survey_worth_init_best(struct tl_ctx *ctx, struct tl_project *project,
                                             const struct tl_survey_next *next, int64_t n_all,
                                             int64_t n_best, struct tl_survey_worth *worth);
void tl_survey_worth_fini(struct tl_survey_worth *worth);

/** Loss that the first pass over a cell takes away, per hour; 0 outside. */
double tl_survey_worth_rate(const struct tl_survey_worth *worth, int64_t k);

/** The number in the grid of a cell that is looked at, and back: -1 = it is not looked at. */
int64_t tl_survey_worth_cell(const struct tl_survey_worth *worth, int64_t k);
int64_t tl_survey_worth_find(const struct tl_survey_worth *worth, int64_t cell);

#endif
