/** The ground that a survey is laid over: a hazardous area of the register or a polygon from a file, in the grid's system. */
#ifndef TL_SURVEY_AREA_H
#define TL_SURVEY_AREA_H

#include "survey/survey.h"
#include "tilth/crs.h"

struct tl_survey_area {
    char name[160];  /* "HA-0042", or the file's name */
    const char *crs; /* borrows: the grid's, of the project */
    void *wkb;       /* owns: polygon or multipolygon in the grid's system, valid */
    int64_t wkb_bytes;
    double area_m2;
    double box[4];              /* west, south, east, north [m] */
    double x, y;                /* a point in it */
    struct tl_crs_map *to_grid; /* owns: from WGS 84 */
};

/**
 * @param code  code, source id or name of a hazardous area; NULL = `file`
 * @param file  vector file with one polygon or several, which are joined
 * Errors: TL_EUSAGE (neither or both), TL_ENOTFOUND (no such area or file), TL_EDATA (no polygon, self-crossing: says where; no area).
 */
TL_MUST_USE tl_err tl_survey_area_init(struct tl_ctx *ctx, struct tl_project *project,
                                       const char *code, const char *file,
                                       struct tl_survey_area *area);
void tl_survey_area_fini(struct tl_survey_area *area);

/** Refuses a file that is there already, unless it may be replaced; NULL is fine. Errors: TL_EEXISTS. */
TL_MUST_USE tl_err tl_survey_may_write(struct tl_ctx *ctx, const char *path, bool overwrite);

/** Whether a path ends in `ending`, whatever the case. */
bool tl_survey_ends_with(const char *path, const char *ending);

/** A method's row of the project's table, for any group and depth. Errors: TL_ENOTFOUND (not in the table). */
TL_MUST_USE tl_err tl_survey_method(struct tl_ctx *ctx, struct tl_project *project,
                                    const char *name, const char *group, struct tl_method *method);

/** JSON of the latest map. owns: the caller, tl_free. Errors: TL_ENOTFOUND (none: says how to make one). */
TL_MUST_USE tl_err tl_survey_map(struct tl_ctx *ctx, struct tl_project *project, int64_t *run_id,
                                 char **json);

#endif
