/** National criteria: limits that a person or an authority wrote into a file; none are built in. */
#ifndef TL_RELEASE_CRITERIA_H
#define TL_RELEASE_CRITERIA_H

#include "core/catalogue.h"
#include "core/json.h"

enum tl_release_measure {
    TL_RELEASE_P_ANY,
    TL_RELEASE_EXPECTED,
    TL_RELEASE_EXPECTED_HA,
    TL_RELEASE_UPPER95,
    TL_RELEASE_UPPER95_HA,
    TL_RELEASE_SEARCHED_SHARE,
    TL_RELEASE_INSPECTED_SHARE,
    TL_RELEASE_DEPTH,
    TL_RELEASE_FOUND,
    TL_RELEASE_ACCIDENTS,
    TL_RELEASE_YEARS,
    TL_RELEASE_FINDINGS,
    TL_RELEASE_MEASURES
};

enum { TL_RELEASE_VERDICTS = 3, TL_RELEASE_METHODS_MAX = 32 };
extern const char *const tl_release_verdicts[TL_RELEASE_VERDICTS]; /* cancelled, reduced, cleared */

/** What criteria are held against. */
struct tl_release_facts {
    double value[TL_RELEASE_MEASURES]; /* NaN = not known: then no limit on it is met */
    int n_methods;
    const char *method[TL_RELEASE_METHODS_MAX]; /* borrows: that searched here */
    const char *evidence;                       /* borrows: "direct", "indirect" or "" */
    char last_accident[12];                     /* date, "" = none */
    bool is_undated; /* an accident has no date: when the last one was is not known */
};

struct tl_release_criteria;

/**
 * Reads a file (docs/rooms/release.md). Errors: TL_ENOTFOUND, TL_EDATA (file, line, column: unknown key with the nearest known one, a number out of
 * its range, no unit, limits that contradict each other).
 */
TL_MUST_USE tl_err tl_release_criteria_load(struct tl_ctx *ctx, const char *path,
                                            struct tl_release_criteria **criteria);
void tl_release_criteria_free(struct tl_release_criteria *criteria);

/** Whether the last day that a date may mean ("2020" is all of it) comes after that of another; "" comes before all. */
bool tl_release_date_is_later(const char *a, const char *b);

/** Whether a verdict has limits at all; verdict as in tl_release_verdicts. */
bool tl_release_criteria_has(const struct tl_release_criteria *criteria, int verdict);

/** Whether a method may be used for it. */
bool tl_release_criteria_allows(const struct tl_release_criteria *criteria, int verdict,
                                const char *method);

/** Whether the facts meet the limits; *why is the name of the first that is not met, NULL when all are. */
bool tl_release_criteria_met(const struct tl_release_criteria *criteria, int verdict,
                             const struct tl_release_facts *facts, const char **why);

/** The JSON object "criteria" of an assessment. owns: the caller. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_release_criteria_judge(struct tl_ctx *ctx,
                                             const struct tl_release_criteria *criteria,
                                             const struct tl_catalogue *catalogue,
                                             const struct tl_release_facts *facts, json_t **json);

#endif
