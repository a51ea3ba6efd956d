/** One assessment on its way: what was read, drawn and found. Not for other rooms. */
#ifndef TL_RELEASE_ASSESS_H
#define TL_RELEASE_ASSESS_H

#include "release/criteria.h"
#include "release/figures.h"
#include "release/prior.h"
#include "release/subject.h"
#include "release/suspicion.h"

enum { TL_RELEASE_WHAT_IF_MAX = 64 };

/** What all areas of one call share. */
struct tl_release_shared {
    struct tl_project *project;
    const struct tl_release_options *options;
    struct tl_release_map map;
    struct tl_local_base *base;           /* owns */
    struct tl_release_criteria *criteria; /* owns, NULL = none */
    struct tl_catalogue *catalogue;       /* owns */
    char *soil;                           /* owns, NULL = not known */
    int vegetation, slope;                /* -1 = not known */
    int64_t n_draws;
    double margin_m;
    char map_hash[65];
    bool map_is_older;                 /* records came after the map was made */
    struct tl_release_lessons lessons; /* owns: read when the first area in doubt comes */
};

struct tl_release_what {
    struct tl_release_step step;
    char method[64];
    double days, days_low, days_high, cost, cost_low, cost_high; /* NaN = not known */
    struct tl_release_figures figures;
};

/** The cheapest work that meets the criteria. */
struct tl_release_programme {
    bool asked, meets;
    int verdict, n_steps;
    struct tl_release_step steps[TL_RELEASE_STEPS_MAX];
    double days, cost;
    char currency[8];
    struct tl_release_figures figures;
    char why[200];     /* English, of the catalogue: why nothing meets them */
    const char *limit; /* name of the limit in the way, NULL = none */
};

struct tl_release_case {
    struct tl_release_subject subject;
    struct tl_local local;
    json_t *area, *decisions, *findings; /* owns */
    double depth_cm;
    struct tl_release_model model;
    struct tl_release_prior prior;
    double map_share; /* of the map's data that lies in the window */
    struct tl_release_draws draws;
    double *remaining; /* owns: [draws.n] */
    struct tl_release_figures now, alone, before;
    struct tl_release_suspicion suspicion;
    double density_ha; /* mean over P, all items, given everything [1/ha] */
    double searched_m2, effective_m2, inspected_m2, deepest_cm, covered_cm;
    struct tl_release_facts facts;
    int n_what;
    struct tl_release_what what[TL_RELEASE_WHAT_IF_MAX];
    struct tl_release_programme programme;
    json_t *verdicts; /* owns, NULL = no criteria */
    char evidence_hash[65];
    tl_err err; /* of solving aside */
    char message[1024];
    struct tl_release_result result;
};

/* work.c */

/** Checks and completes what was asked: one pass of each method that searches, when nothing was. Errors: TL_ENOTFOUND (with the nearest name), TL_EUSAGE. */
TL_MUST_USE tl_err tl_release_what_if_set(struct tl_ctx *ctx,
                                          const struct tl_release_shared *shared,
                                          struct tl_release_case *c);
TL_MUST_USE tl_err tl_release_what_if_run(struct tl_ctx *ctx,
                                          const struct tl_release_shared *shared,
                                          struct tl_release_case *c);

/** One what-if with days and price, not yet computed. Errors: as tl_release_what_if_set. */
TL_MUST_USE tl_err tl_release_what_if_of(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                         const struct tl_release_case *c,
                                         const struct tl_release_what_if *asked,
                                         struct tl_release_what *what);

/** Facts once n steps are done: everything is searched by them. */
void tl_release_plan_facts(struct tl_release_case *c, const struct tl_release_figures *figures,
                           int n, const struct tl_release_step *steps);

/** Cheapest multiset of passes that meets the criteria. */
TL_MUST_USE tl_err tl_release_programme_find(struct tl_ctx *ctx,
                                             const struct tl_release_shared *shared,
                                             struct tl_release_case *c);

/* facts.c: what was searched, found, and what criteria are held against. */
void tl_release_case_measure(struct tl_release_case *c);
void tl_release_case_facts(struct tl_release_case *c, const struct tl_release_figures *figures);

/* tell.c and words.c */
TL_MUST_USE tl_err tl_release_tell(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                   struct tl_release_case *c, json_t **json);
TL_MUST_USE tl_err tl_release_words(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                    const struct tl_release_case *c, const json_t *json,
                                    char **words);
/** Lists of {key, words}: what was taken for granted, and what to beware of. */
TL_MUST_USE tl_err tl_release_assumptions(struct tl_ctx *ctx,
                                          const struct tl_release_shared *shared,
                                          const struct tl_release_case *c, json_t *list);
TL_MUST_USE tl_err tl_release_warnings(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                       const struct tl_release_case *c, json_t *list);

/* assess.c */
TL_MUST_USE tl_err tl_release_shared_init(struct tl_ctx *ctx, struct tl_project *project,
                                          const struct tl_release_options *options, bool all,
                                          struct tl_release_shared *shared);
void tl_release_shared_fini(struct tl_release_shared *shared);
void tl_release_case_fini(struct tl_release_case *c);

/** Reads what the project holds of the subject (which is taken over); nothing is computed yet. */
TL_MUST_USE tl_err tl_release_case_read(struct tl_ctx *ctx, struct tl_release_shared *shared,
                                        struct tl_release_subject *subject,
                                        struct tl_release_case *c);

/** The rest: no project, so several at a time. Fills c->result. */
TL_MUST_USE tl_err tl_release_case_solve(struct tl_ctx *ctx, const struct tl_release_shared *shared,
                                         struct tl_release_case *c);

/** One area of the options, read and solved. Keeps nothing. */
TL_MUST_USE tl_err tl_release_case_open(struct tl_ctx *ctx, struct tl_project *project,
                                        struct tl_release_shared *shared,
                                        struct tl_release_case *c);

/** Hash of all that an assessment of this ground rests on: its records, methods, map and perimeter. */
void tl_release_case_hash(const struct tl_release_shared *shared, const struct tl_local *local,
                          const struct tl_release_subject *subject, char hex[65]);

#endif
