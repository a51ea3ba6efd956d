/** Whether a suspicion is true at all, and what that would change; docs/rationale/0010. Not for other rooms. */
#ifndef TL_RELEASE_SUSPICION_H
#define TL_RELEASE_SUSPICION_H

#include "release/figures.h"
#include "release/subject.h"

/** What one searched area of the register says of how often suspicions are true. */
struct tl_release_lesson {
    char code[32];
    bool found; /* something was found: it was true */
    double
        odds; /* chance of what was found if it was false, over that if it was true; not used where something was found */
};

struct tl_release_lessons {
    bool is_read;
    int64_t n, n_found;
    int64_t n_left_out;               /* suspected areas beyond those that were looked at */
    struct tl_release_lesson *lesson; /* owns */
};

/** Share of suspicions that are true, as the lessons leave it. */
struct tl_release_share {
    double mean, low, high; /* low, high: 5 and 95 % */
    int64_t n, n_found;     /* lessons that it rests on */
};

struct tl_release_suspicion {
    const char
        *why; /* a key: "suspected" = in doubt; else why it is not (tl_release_suspicion_why) */
    bool in_doubt;
    double factor; /* density without the suspicion, over density with it: above 0, at most 1 */
    double odds;   /* as of a lesson: of this area */
    struct tl_release_share share;
    double holds, holds_low, holds_high; /* chance that it is true, given this area's searches */
    double p_any, p_any_low, p_any_high, expected; /* with that chance taken into account */
    double p_any_if_false, expected_if_false;
    int64_t n_left_out;
};

/** Whether a registered area rests on a suspicion alone: "suspected", or "not-registered", "confirmed", "no-standing", "direct-evidence", "cancelled", "met" (people
 * met something inside), "found" (a search found something inside). */
const char *tl_release_suspicion_why(const struct tl_release_subject *subject,
                                     const struct tl_local *local);

/** Mean over P of the density without the suspicion (share in suspected areas, reports nearby) over that with it; at most 1. */
double tl_release_suspicion_factor(const struct tl_release_model *model,
                                   const struct tl_release_prior *prior);

/** Posterior of the share, from Beta(1, 1). @param skip  code of an area whose own lesson is left out, NULL = none */
struct tl_release_share tl_release_share_of(const struct tl_release_lessons *lessons,
                                            const char *skip);

/**
 * Chance of having found nothing if the suspicion is false, over that if it is true, by the posterior given that it is true: mean of exp((1 - factor) finds).
 * @param finds  [n] expected finds in each draw
 */
double tl_release_suspicion_odds(double factor, const double *finds, int64_t n);

/**
 * What the doubt changes, from draws made as if the suspicion were true. `share`, `factor` and `now` are given.
 * @param finds, remaining  [n] expected finds and items that remain, in each draw
 */
void tl_release_suspicion_weigh(const double *finds, const double *remaining, int64_t n,
                                const struct tl_release_figures *now,
                                struct tl_release_suspicion *suspicion);

#endif
