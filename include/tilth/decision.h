/**
 * What a project keeps of assessments, decisions and findings. A decision is a person's; the program only records it, with the hash
 * of the assessment it rests on, and refuses where there is none. All of it is in the log.
 */
#ifndef TILTH_DECISION_H
#define TILTH_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Keeps an assessment of a registered area (inside a transaction). `json` holds no clock, so `hash` (SHA-256 of json) is its identity;
 * the same one again is kept once. */
TL_MUST_USE tl_err tl_decision_keep_assessment(struct tl_ctx *ctx, struct tl_project *project,
                                               const char *area_code, const char *hash,
                                               const char *evidence_hash, const char *json);

/** Latest assessment of an area; *json and *hash NULL when there is none. owns: the caller, tl_free both. */
TL_MUST_USE tl_err tl_decision_latest_assessment(struct tl_ctx *ctx, struct tl_project *project,
                                                 const char *area_code, char **hash,
                                                 char **evidence_hash, char **json);

/**
 * Of each area its latest assessment in short: JSON object by code of {at, hash, expected, upper95, p_any, area_m2, speaks_of, doubt}; figures as they
 * stand in the assessment. `doubt`: null, or of an area that was suspected and nothing more {holds, p_any, expected, factor} (docs/rooms/release.md). owns: the caller, tl_free. Cost: about 0.2 ms an area.
 */
TL_MUST_USE tl_err tl_decision_summaries(struct tl_ctx *ctx, struct tl_project *project,
                                         char **json);

struct tl_decision {
    const char *area_code;     /* borrows */
    const char *as;            /* "cancelled", "reduced" or "cleared" */
    const char *person, *role; /* only "approver" may */
    const char *reason;
    const char *assessment_hash; /* of tl_decision_keep_assessment */
    const char *criteria;        /* JSON of which criteria were met, NULL = none were given */
};

/** Records it and sets the area's status (inside a transaction). Errors: TL_EDENIED (role), TL_EUSAGE (empty name or reason, unknown `as`),
 * TL_ENOTFOUND (area or assessment), TL_EREADONLY. */
TL_MUST_USE tl_err tl_decision_put(struct tl_ctx *ctx, struct tl_project *project,
                                   const struct tl_decision *decision, int64_t *id);

/** Decisions on an area (NULL = all), oldest first, as a JSON array: id, date, area, as, person, role, reason, assessment, criteria.
 * owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_decision_list(struct tl_ctx *ctx, struct tl_project *project,
                                    const char *area_code, char **json);

/**
 * Looks for accidents and items that lie inside released areas, came after the decision and are not known yet, and raises a finding for each
 * (inside a transaction). Called at the end of every import and when a project is opened for writing (records may come from QGIS).
 */
TL_MUST_USE tl_err tl_decision_watch(struct tl_ctx *ctx, struct tl_project *project,
                                     int64_t *n_raised);

/** Open (or all) findings of released areas as a JSON array: id, area, decision, kind, record, message, raised, answered (null or {date, person, role,
 * answer}). owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_decision_findings(struct tl_ctx *ctx, struct tl_project *project,
                                        const char *area_code, bool all, char **json);

/** A person answers a finding (inside a transaction). Roles: approver, quality manager. Errors: TL_ENOTFOUND, TL_EDENIED, TL_EUSAGE (no answer),
 * TL_ECONFLICT (answered already: by whom, when). */
TL_MUST_USE tl_err tl_decision_answer(struct tl_ctx *ctx, struct tl_project *project,
                                      int64_t finding, const char *person, const char *role,
                                      const char *answer);

#ifdef __cplusplus
}
#endif
#endif
