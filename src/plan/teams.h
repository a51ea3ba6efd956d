/** The file of teams: who works where, when, how fast and for what; which tasks must or must not be done, and what each district is owed. */
#ifndef TL_PLAN_TEAMS_H
#define TL_PLAN_TEAMS_H

#include "core/core.h"
#include "core/yaml.h"
#include "plan/calendar.h"
#include "plan/money.h"
#include "plan/problem.h"
#include "tilth/plan.h"

enum { TL_TEAMS_METHODS_MAX = 8 };

struct tl_teams_team {
    const struct tl_yaml_node *node; /* borrows: for messages */
    const char *name;                /* borrows: of the YAML, like all text here */
    const struct tl_yaml_node *base;
    double lon_deg, lat_deg;
    int n_methods;
    const char *methods[TL_TEAMS_METHODS_MAX];
    double pace
        [TL_TEAMS_METHODS_MAX]; /* [m2 a day] of the whole team; NaN = size times the methods table */
    double size;                /* how many of whom the methods table's pace is; NaN = not given */
    struct tl_calendar_team calendar;
    double cost_per_day; /* NaN = not given: the methods table's price */
};

struct tl_teams_rule {
    const struct tl_yaml_node *node;
    const char *task;
    enum tl_plan_rule rule;
};

struct tl_teams_window {
    const struct tl_yaml_node *node;
    const char *task;
    int64_t from, to; /* days */
};

struct tl_teams_after {
    const struct tl_yaml_node *node;
    const char *task;
    const struct tl_yaml_node *waits_for; /* a list of tasks */
};

struct tl_teams_ground {
    const struct tl_yaml_node *node;
    const char *area;      /* NULL = all that are not named */
    int vegetation, slope; /* of tilth/method.h; -1 = not said */
};

struct tl_teams_district {
    const struct tl_yaml_node *areas;
    const char *name;
};

struct tl_teams_floor {
    const struct tl_yaml_node *node;
    const char *district;
    double share; /* of the district's score; 0 = none */
    double ha;    /* 0 = none */
};

struct tl_teams {
    struct tl_yaml *yaml; /* owns */
    const char *title;    /* "" = none */
    char currency[TL_MONEY_CURRENCY_BYTES];
    int64_t start;                         /* first day of the plan */
    double speed_kmh, hours_a_day, detour; /* of travel */
    const char *travel_source;             /* NULL = the program's assumption */
    const struct tl_yaml_node *after_node,
        *in_order; /* tasks: after:, tasks: in_order:; NULL = not there */
    int64_t n_teams, n_rules, n_windows, n_after, n_ground, n_districts, n_floors;
    struct tl_teams_team *teams; /* owns, like the others */
    struct tl_teams_rule *rules;
    struct tl_teams_window *windows;
    struct tl_teams_after *after;
    struct tl_teams_ground *ground;
    struct tl_teams_district *districts;
    struct tl_teams_floor *floors;
};

/**
 * Reads the file. Bases that are no position are looked up among the register's places (project may be NULL: then they are refused).
 * @param currency  of the budget: every sum must be in it
 * Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA (file, line, column; an unknown key with the nearest known one), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_teams_read(struct tl_ctx *ctx, struct tl_project *project, const char *path,
                                 const char *currency, struct tl_teams *teams);
void tl_teams_fini(struct tl_teams *teams);

#endif
