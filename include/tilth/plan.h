/**
 * A plan of work: which team does which task in which year (model behind it: src/plan/problem.h; docs/rooms/plan.md). Tasks are the project's
 * open hazardous areas, cut into parts where they take longer than a team's year. What a task is worth is a sum of named parts that
 * anybody can see and argue with.
 *
 *     struct tl_plan_options options = {.budget = "12MUSD", .n_years = 3, .teams = "teams.yaml"};
 *     struct tl_plan *plan = NULL;
 *     TL_TRY(tl_plan_run(ctx, project, &options, &plan));
 *     TL_TRY(tl_plan_keep(ctx, project, plan));          // for tl_plan_explain
 *     TL_TRY(tl_plan_words(ctx, plan, &words));
 */
#ifndef TILTH_PLAN_H
#define TILTH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/project.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_plan;

enum { TL_PLAN_YEARS_MAX = 20, TL_PLAN_TEAMS_MAX = 500, TL_PLAN_DATE_BYTES = 11 };

struct tl_plan_options {
    const char *budget;    /* borrows: "12MUSD" in all, or "4MUSD,4MUSD,4MUSD" by year */
    int64_t n_years;       /* 1 to TL_PLAN_YEARS_MAX */
    const char *teams;     /* borrows: YAML file */
    const char *objective; /* borrows: "harm", "land", "hectares" or a YAML file; NULL = harm */
    bool no_carry;         /* money that is left at a year's end lapses */
    double gap;            /* stop when the plan is this near to the bound; 0 = 0.01 */
    double wait_s;         /* time for the solver; 0 = 60 */
    bool heuristic;        /* do not ask the exact solver */
    const char *solver;    /* borrows: program that reads MPS as CBC does; NULL = cbc */
    const char
        *stamp_utc; /* borrows: "20270101T000000Z", for the calendar; NULL = the plan's start */
};

/**
 * Makes a plan; nothing is written. @param[out] plan  owns: the caller, tl_plan_free
 * Errors: TL_EDATA (file, line and column of what is wrong; a must-do set that cannot be done: names which), TL_ENOTFOUND (a file; no map for an
 * objective that needs one; no open area), TL_EUSAGE (budget), TL_ENUMERIC, TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_plan_run(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_plan_options *options, struct tl_plan **plan);
void tl_plan_free(struct tl_plan *plan);

/* What came out. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_plan_json(struct tl_ctx *ctx, const struct tl_plan *plan, char **json);
TL_MUST_USE tl_err tl_plan_csv(struct tl_ctx *ctx, const struct tl_plan *plan, char **csv);
TL_MUST_USE tl_err tl_plan_ical(struct tl_ctx *ctx, const struct tl_plan *plan, char **ical);
TL_MUST_USE tl_err tl_plan_words(struct tl_ctx *ctx, const struct tl_plan *plan, char **words);

/** Writes plan.json, schedule.csv, schedule.geojson and plan.ics into a folder (that of tl_outdir). Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_plan_write(struct tl_ctx *ctx, const struct tl_plan *plan,
                                 const char *folder);

/** Keeps the plan's JSON in the project, in one transaction. */
TL_MUST_USE tl_err tl_plan_keep(struct tl_ctx *ctx, struct tl_project *project,
                                const struct tl_plan *plan);

/**
 * A task of the plan that the project keeps: its score as a sum of named parts, why it is in the plan or not, and what would have to change.
 * @param task      "T-017", a part "T-017/2", or the area's code
 * @param language  of the words: "en", "uk", ...; the JSON's are English, as the plan keeps them
 * @param[out] json, words  "tilth.plan-explain/1" and the same for people; owns: the caller, tl_free
 * Errors: TL_ENOTFOUND (no plan is kept; no such task: names the nearest), TL_EUSAGE (no such language).
 */
TL_MUST_USE tl_err tl_plan_explain(struct tl_ctx *ctx, struct tl_project *project, const char *task,
                                   const char *language, char **json, char **words);

/** A part of the score. */
struct tl_plan_part {
    const char *name; /* borrows: "harm", "near school" */
    const char *unit; /* borrows: what `amount` is in */
    double amount;    /* of the task */
    double points;    /* what it adds to the score */
};

/** A task, or a part of one. All text is borrowed from the plan. */
struct tl_plan_task {
    const char *code;     /* "T-017", "T-017/2" */
    const char *area;     /* "HA-0017" */
    const char *name;     /* of the area, "" when it has none */
    const char *district; /* "" = none is known */
    int part, n_parts;    /* 1 of 1 when it is whole */
    const void *wkb;      /* polygon in the grid's system */
    int64_t wkb_bytes;
    double lon_deg, lat_deg; /* a point in it */
    double area_m2;
    double items[3];      /* expected, with their 5 and 95 %; NaN = no map */
    double harm_per_year; /* casualties a year that are expected there; NaN = no map */
    double score;
    int64_t rank; /* by score, from 1 */
    int n_score_parts;
    const struct tl_plan_part *score_parts;
    bool is_planned;
    int64_t team, year;                                      /* of a planned one; -1 */
    char start[TL_PLAN_DATE_BYTES], end[TL_PLAN_DATE_BYTES]; /* first and last day */
    const char *method;
    double days, travel_days,
        cost;       /* of the planned team, else of the cheapest; travel is in days */
    double avoided; /* casualties that are expected to be avoided up to the horizon; NaN = no map */
    const char *why;   /* why it is in the plan or not, in words */
    const char *after; /* codes of the tasks that it waits for, a blank between; "" = none */
};

struct tl_plan_team {
    const char *name;
    double lon_deg, lat_deg;
    unsigned months; /* in which it works; bit 0 is January */
    int64_t n_years;
    const double *days, *used; /* [n_years] */
};

struct tl_plan_summary {
    const char *title, *objective, *unit, *currency; /* borrows */
    char start[TL_PLAN_DATE_BYTES], end[TL_PLAN_DATE_BYTES];
    int64_t n_tasks, n_planned, n_areas, n_teams, n_years;
    double horizon_years;
    double ha, ha_planned, cost, budget;
    double score, score_all;  /* of what is planned, of all tasks */
    double value, bound, gap; /* of the plan as it was solved, what no plan exceeds */
    bool is_exact, timed_out, has_map;
    double avoided[3]; /* casualties up to the horizon: expected, 5 and 95 %; NaN = no map */
    const double *year_budget, *year_spent; /* borrows: [n_years] */
    bool budget_by_year; /* else the first year's is for all, and what is left is carried over */
};

/* Looking into a plan. */
struct tl_plan_summary tl_plan_summary(const struct tl_plan *plan);
/** The i-th task, in order of code. */
const struct tl_plan_task *tl_plan_task(const struct tl_plan *plan, int64_t i);
struct tl_plan_team tl_plan_team(const struct tl_plan *plan, int64_t i);
/** First and last day of a year of the plan. */
void tl_plan_year(const struct tl_plan *plan, int64_t year, char first[TL_PLAN_DATE_BYTES],
                  char last[TL_PLAN_DATE_BYTES]);
/** The i-th assumption or note, NULL past the last. */
const char *tl_plan_assumption(const struct tl_plan *plan, int64_t i);
const char *tl_plan_note(const struct tl_plan *plan, int64_t i);

#ifdef __cplusplus
}
#endif
#endif
