/** Ground that is suspected and nothing more, as the latest kept assessments have it: told beside the places, without a say in their order. */
#ifndef TL_SURVEY_DOUBT_H
#define TL_SURVEY_DOUBT_H

#include "geo/cover.h"
#include "survey/worth.h"

/** An open suspected area whose suspicion may be false. */
struct tl_survey_doubt {
    char code[32];
    double holds;  /* chance that the suspicion is true */
    double factor; /* density if it is not, over density if it is; at most 1 */
    int64_t n_cells;
    struct tl_cover_cell *cells; /* owns: ascending */
};

struct tl_survey_doubts {
    int64_t n;
    struct tl_survey_doubt *areas; /* owns: in the order of the register */
    int64_t
        n_unknown; /* open suspected areas without a kept assessment: nothing is known of their doubt */
};

/** What the doubt means for a place. */
struct tl_survey_doubted {
    double share; /* of its land in such areas, 0..1; ground in several counts once */
    double items; /* expected to remain there, with the doubt */
    int64_t n;    /* such areas that it touches */
    int64_t area; /* the one that has most of it; -1 = none */
};

/** Reads areas and kept assessments. @param to_grid  from WGS 84 to the grid's system. Errors: TL_EIO, TL_EINTEGRITY, TL_ENOMEM, TL_ECANCELLED. */
TL_MUST_USE tl_err tl_survey_doubts_init(struct tl_ctx *ctx, struct tl_project *project,
                                         const struct tl_grid *grid, struct tl_crs_map *to_grid,
                                         struct tl_survey_doubts *doubts);
void tl_survey_doubts_fini(struct tl_survey_doubts *doubts);

/**
 * Of a place's cells. Where ground lies in several such areas, what the doubt takes off is the mean over them.
 * @param cells  borrows: [n], by the numbers of the worth
 */
TL_MUST_USE tl_err tl_survey_doubts_place(struct tl_ctx *ctx, const struct tl_survey_doubts *doubts,
                                          const struct tl_survey_worth *worth, const int64_t *cells,
                                          int64_t n, struct tl_survey_doubted *doubted);

#endif
