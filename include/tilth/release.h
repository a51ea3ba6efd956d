/**
 * What remains in an area, and what a person decides about it (model.md section 6). Nothing here releases land, and nothing says that
 * ground is free of hazard: it says what was searched, what was found, what may remain, and how sure that is.
 */
#ifndef TILTH_RELEASE_H
#define TILTH_RELEASE_H

#include "tilth/decision.h"
#include "tilth/local.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_release_what_if {
    char method[64];
    int32_t passes; /* one more pass each */
};

struct tl_release_options {
    const char *area; /* borrows: code, source id or name of a hazardous area; NULL = `polygon` */
    const char *polygon; /* borrows: file with one polygon (any format GDAL reads); NULL = none */
    const void *wkb;     /* borrows: or a polygon in WGS 84 */
    int64_t wkb_bytes;
    double depth_cm;      /* to which the answer speaks; NaN = all depths */
    const char *group;    /* borrows: "all", "mines", "erw" */
    const char *criteria; /* borrows: YAML file; NULL = none: figures and no verdict */
    int64_t n_what_if;
    const struct tl_release_what_if
        *what_if; /* borrows: empty = one pass of each method that searches */
    const char *vegetation,
        *slope;           /* borrows: of the area: NULL = not known, as given in the table */
    const char *language; /* borrows: "en" or "uk": of the words */
    int64_t n_draws;      /* 0 = 4000 */
    uint64_t seed;
    bool independent_misses; /* for comparison only: as if misses were independent */
    bool keep; /* keep it in the project (needs TL_PROJECT_WRITE); only registered areas */
};

struct tl_release_options tl_release_options_default(void);

struct tl_release_figure {
    double value, mcse; /* Monte Carlo standard error */
};

struct tl_release_result {
    char code[32]; /* of the area; "" for a polygon */
    double area_m2;
    struct tl_release_figure expected, upper95,
        p_any;            /* items remaining in P; 95 % upper bound of their number */
    bool in_doubt;        /* suspected and nothing more: the suspicion may be false */
    double p_any_doubted; /* p_any with that taken into account; without doubt p_any itself */
    char *json;           /* owns: tilth.assess/1, schemas/tilth.assess.1.json; no clock in it */
    char *words;          /* owns: the same for people */
    char hash[65];
    bool kept;
};

/**
 * Assesses one area. Errors: TL_ENOTFOUND (no such area: nearest names; no map yet: says how to make one; method not in the table), TL_EDATA (self-crossing or overlapping
 * parts, outside the map, criteria: file, line; criteria that contradict), TL_EUSAGE, TL_ECANCELLED, TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_release_assess(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_release_options *options,
                                     struct tl_release_result *result);
void tl_release_result_fini(struct tl_release_result *result);

/**
 * Keeps an assessment that was made without `keep`, for those who write its dossier first. Refuses (TL_EUSAGE) a polygon's.
 * Errors: TL_EDATA (not an assessment), those of the project.
 */
TL_MUST_USE tl_err tl_release_keep(struct tl_ctx *ctx, struct tl_project *project,
                                   struct tl_release_result *result);

/** An assessment that stays in memory, so that more can be asked of it without drawing anew. One question at a time. */
struct tl_release_ask;

/** Assesses as tl_release_assess does (keeps nothing) and stays. @param[out] result  may be NULL. Errors: as there. The project may be closed afterwards. */
TL_MUST_USE tl_err tl_release_ask_open(struct tl_ctx *ctx, struct tl_project *project,
                                       const struct tl_release_options *options,
                                       struct tl_release_ask **ask,
                                       struct tl_release_result *result);
void tl_release_ask_close(struct tl_release_ask *ask);

/**
 * What would remain after a programme of work: all of the steps together, steps of one method added up; none = as it is now. The same draws as in the
 * assessment, so answers are compared on the same luck.
 * @param[out] json  tilth.what-if/1; owns: the caller
 * Errors: TL_ENOTFOUND (no such method: the nearest name), TL_EUSAGE (passes, more than 8 methods), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_release_ask_what_if(struct tl_ctx *ctx, struct tl_release_ask *ask, int64_t n,
                                          const struct tl_release_what_if *steps, char **json);

/** Called once an area, in order of code; the result is freed by the caller of the callback. */
typedef tl_err (*tl_release_each)(struct tl_ctx *ctx, void *user,
                                  const struct tl_release_result *result);

/** Assesses all open hazardous areas (those outside the map are told by `skipped`, a JSON array {code, why}; owns: the caller). */
TL_MUST_USE tl_err tl_release_assess_all(struct tl_ctx *ctx, struct tl_project *project,
                                         const struct tl_release_options *options,
                                         tl_release_each each, void *user, char **skipped);

struct tl_release_decide {
    const char *area, *as, *person, *role, *reason; /* borrows */
};

/**
 * Records a person's decision, in one transaction. Refuses (TL_EDENIED) a role that may not, (TL_ENOTFOUND) without a kept assessment, (TL_ECONFLICT or
 * TL_EDATA) when the evidence has changed since: assess again. A decision against the criteria is recorded as such.
 * @param[out] json  tilth.release/1; owns: the caller
 */
TL_MUST_USE tl_err tl_release_decide(struct tl_ctx *ctx, struct tl_project *project,
                                     const struct tl_release_decide *decide, char **json);

#ifdef __cplusplus
}
#endif
#endif
