/** What the files around the solver share. The solver itself stands behind problem.h and knows nothing of this. */
#ifndef TL_PLAN_PLAN_H
#define TL_PLAN_PLAN_H

#include "core/core.h"
#include "core/json.h"
#include "plan/objective.h"
#include "plan/problem.h"
#include "plan/risk.h"
#include "plan/teams.h"
#include "tilth/method.h"
#include "tilth/plan.h"

#define TL_PLAN_Z95 1.6448536269514722 /* of the normal 95 % point */

enum { TL_PLAN_PARTS_OF_TASK_MAX = 100, TL_PLAN_ORDERS_MAX = 20000, TL_PLAN_M2_PER_HA = 10000 };

/** An open hazardous area of the register. Text is borrowed from the plan's texts. */
struct tl_plan_area {
    const char *code, *source_id, *name, *use, *priority, *district; /* "" = not known */
    bool is_confirmed, is_suspected;
    double beneficiaries, depth_cm; /* NaN = not known */
    void *
        wkb; /* owns: polygon in the grid's system, valid; NULL = all of it counts in other areas */
    int64_t wkb_bytes;
    double area_m2, x_m, y_m, lon_deg, lat_deg, box[4];
    int vegetation, slope; /* classes of tilth/method.h; -1 = not known */
    uint32_t near;         /* bit p: it is near what part p of the objective names */
    int64_t first, n;      /* tasks */
};

/** What a task has beside what all may see. */
struct tl_plan_job {
    int64_t area;
    double exposed; /* items times use of land; NaN = no map */
    double items_q50;
    double found; /* share of the items that the least able method of its options finds */
    int64_t first_option, n_options;
    enum tl_plan_rule rule;
    int64_t first_year, last_year;
    void *wkb;   /* owns: of a part; NULL = the area's */
    int why_not; /* enum tl_plan_obstacle, of all its teams */
    double
        threshold; /* score at which it is worth what its days and money would earn elsewhere; NaN = nobody can */
    double cheaper; /* cost at which it would be; NaN = no lower cost would do */
    double faster;  /* days; NaN = no fewer would do */
    int64_t before; /* of the tasks that are not planned, those that would come first */
    double money_before, days_before; /* what these and itself would take */
};

/** Why a team cannot do a task. */
enum tl_plan_obstacle {
    TL_PLAN_ABLE,
    TL_PLAN_NO_PACE,  /* the methods table does not know its method's pace */
    TL_PLAN_NO_PRICE, /* nor price, and the team has no cost */
    TL_PLAN_TOO_LONG, /* longer than any of its years */
    TL_PLAN_NO_DAYS   /* it has no working day in the plan */
};

/** Beside struct tl_plan_option of the same index. */
struct tl_plan_option_info {
    int32_t method; /* row of the methods table */
    double work_days, travel_days;
};

struct tl_plan_list {
    const char **texts; /* owns the array; texts are of plan->texts */
    int64_t n, room;
};

struct tl_plan {
    struct tl_teams teams;         /* owns */
    struct tl_objective objective; /* owns */
    struct tl_money_budget budget;
    struct tl_risk risk; /* owns */
    char title[160];
    const char *crs;
    bool carry, has_floors_in_ha;
    int64_t n_years, start, end; /* days */
    int64_t horizon_end;
    char stamp_utc[20];
    char **texts; /* owns, with each */
    int64_t n_texts, room_texts;
    struct tl_plan_list assumptions, notes; /* own */
    struct tl_method *methods;              /* owns */
    int64_t n_methods;
    char *soil; /* owns: NULL = not known */
    int64_t n_areas, room_areas;
    struct tl_plan_area *areas; /* owns, with their WKB */
    int64_t n_tasks, room_tasks;
    struct tl_plan_task *tasks; /* owns */
    struct tl_plan_job *jobs;   /* owns: [n_tasks] */
    struct tl_plan_part *parts; /* owns: [n_tasks, objective.n_parts] */
    int64_t n_options, room_options;
    struct tl_plan_option *options;          /* owns */
    struct tl_plan_option_info *option_info; /* owns */
    int64_t n_orders, room_orders;
    struct tl_plan_order *orders;  /* owns */
    double *team_days, *team_used; /* owns: [n_teams, n_years] */
    double *
        early_days; /* owns: [n_teams, n_years] before the year's middle; NULL where nothing waits */
    int64_t middle[TL_PLAN_YEARS_MAX]; /* day */
    double year_budget[TL_PLAN_YEARS_MAX], year_spent[TL_PLAN_YEARS_MAX];
    double year_weight[TL_PLAN_YEARS_MAX];
    int64_t n_districts;
    const char **districts;                            /* owns the array */
    double *floors;                                    /* owns: [n_districts] */
    int32_t *task_district;                            /* owns: [n_tasks] */
    struct tl_plan_solution solution;                  /* owns */
    double *price_day, price_money[TL_PLAN_YEARS_MAX]; /* owns: [n_teams, n_years] */
    double avoided[3];
};

/* texts.c */
/** A text that lives as long as the plan; NULL with a message on error. */
const char *tl_plan_keep_text(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
    TL_PRINTF(3, 4);
/** Adds a sentence to what the plan takes for granted, or to what it has to say. The same one again is not added. */
TL_MUST_USE tl_err tl_plan_assume(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
    TL_PRINTF(3, 4);
TL_MUST_USE tl_err tl_plan_remark(struct tl_ctx *ctx, struct tl_plan *plan, const char *format, ...)
    TL_PRINTF(3, 4);

/* area.c */
/** Reads the open areas, what is near them, their ground and district. Errors: TL_ENOTFOUND (none is open), TL_EDATA. */
TL_MUST_USE tl_err tl_plan_area_read(struct tl_ctx *ctx, struct tl_project *project,
                                     struct tl_plan *plan);
/** The area that a text names (code, id in the source, name; a task's code), -1 = none. */
int64_t tl_plan_area_find(const struct tl_plan *plan, const char *text);

/* overlap.c */
/** Takes off each area what another one counts, and says what it took. */
TL_MUST_USE tl_err tl_plan_overlap_count_once(struct tl_ctx *ctx, struct tl_plan *plan);

/* option.c */
/** Which methods the teams' file may name, and the teams' days. */
TL_MUST_USE tl_err tl_plan_option_prepare(struct tl_ctx *ctx, struct tl_project *project,
                                          struct tl_plan *plan);
/** Best method of a team for so much of an area. @return why it cannot, or TL_PLAN_ABLE */
enum tl_plan_obstacle tl_plan_option_make(const struct tl_plan *plan,
                                          const struct tl_plan_area *area, double area_m2,
                                          int64_t team, struct tl_plan_option *option,
                                          struct tl_plan_option_info *info);
/** Options of all tasks. Errors: TL_EDATA (a team that can do none: file and line). */
TL_MUST_USE tl_err tl_plan_option_all(struct tl_ctx *ctx, struct tl_plan *plan);
/** Share of the items of an area that a method finds in one pass. */
double tl_plan_option_found(const struct tl_plan *plan, const struct tl_plan_area *area,
                            int32_t method);
/** Parts that an area has to be cut into for its teams, at least 1. */
int tl_plan_option_parts(const struct tl_plan *plan, const struct tl_plan_area *area);

/* cut.c */
/** Cuts a polygon into n parts of one size by straight lines across its longer side. @param[out] wkb, wkb_bytes [n], owns: the caller */
TL_MUST_USE tl_err tl_plan_cut(struct tl_ctx *ctx, const void *wkb, int64_t wkb_bytes, int n,
                               void **parts, int64_t *part_bytes);

/* task.c */
TL_MUST_USE tl_err tl_plan_task_make(struct tl_ctx *ctx, struct tl_plan *plan);
/** Amounts and points of every part of the score, and the ranks; options must be there. */
TL_MUST_USE tl_err tl_plan_task_score(struct tl_ctx *ctx, struct tl_plan *plan);

/* rules.c */
/** Must, must-not, windows, order and floors of the teams' file. Errors: TL_EDATA (no such task or district; no whole year in a window; tasks that wait in a circle). */
TL_MUST_USE tl_err tl_plan_rules_apply(struct tl_ctx *ctx, struct tl_plan *plan);

/* schedule.c */
/** Dates of what the solver chose, money and days used, casualties avoided. */
TL_MUST_USE tl_err tl_plan_schedule_make(struct tl_ctx *ctx, struct tl_plan *plan);

/* dates.c */
/** The middle of each year: the day before which half of all teams' working days lie. Nothing to do where nothing waits. */
TL_MUST_USE tl_err tl_plan_dates_halve(struct tl_ctx *ctx, struct tl_plan *plan);
/** The schedule by its dates alone: in its year, one task of a team after the other, what waits behind what it waits for. Errors: TL_EBUG. */
TL_MUST_USE tl_err tl_plan_dates_check(struct tl_ctx *ctx, const struct tl_plan *plan);

/* why.c */
/** Why each task is in the plan or not, and what would have to change. */
TL_MUST_USE tl_err tl_plan_why_all(struct tl_ctx *ctx, struct tl_plan *plan);

/* output.c */
TL_MUST_USE tl_err tl_plan_output_geojson(struct tl_ctx *ctx, const struct tl_plan *plan,
                                          const char *path);

#endif
