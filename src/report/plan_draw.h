/** Pictures of a plan, drawn into a box of any page: the map by year and the teams' bars. For this room. */
#ifndef TL_REPORT_PLAN_DRAW_H
#define TL_REPORT_PLAN_DRAW_H

#include "report/outline.h"
#include "report/page.h"
#include "tilth/plan.h"

/** Colour of a year: dark is early, so that a print in grey can be read too. */
uint32_t tl_plan_map_colour(int64_t year, int64_t n_years);

struct tl_plan_map_place {
    double x_m, y_m, people;
    char name[64];
};

struct tl_plan_map_line {
    struct tl_outline outline; /* owns: in the grid's system */
    bool is_river;
};

/** What lies on the map. */
struct tl_plan_map {
    const struct tl_plan *plan; /* borrows */
    int64_t n_tasks, n_places, n_lines;
    struct tl_outline *tasks;         /* owns: [n_tasks] in the grid's system */
    struct tl_plan_map_place *places; /* owns: largest first */
    struct tl_plan_map_line *lines;   /* owns: roads and rivers */
    int64_t *by_rank;                 /* owns: [n_tasks] tasks, best first */
    double *base_xy;                  /* owns: [n_teams, 2] */
    double box_m[4];                  /* of the tasks: west, south, east, north */
};

TL_MUST_USE tl_err tl_plan_map_init(struct tl_ctx *ctx, struct tl_project *project,
                                    const struct tl_plan *plan, struct tl_plan_map *map);
void tl_plan_map_fini(struct tl_plan_map *map);

/** Height of the map [pt] that shows the tasks best in a width, at most `most`. */
double tl_plan_map_height(const struct tl_plan_map *map, double width_pt, double most);
void tl_plan_map_draw(struct tl_page *page, struct tl_box box, const struct tl_plan_map *map);

/** What the colours and marks mean, in so many columns; returns its height. */
double tl_plan_map_key(struct tl_page *page, double x, double y, double width, int columns,
                       const struct tl_plan_map *map);

/** Bars of teams [first, first + n): a row each under an axis of months. */
void tl_plan_gantt_draw(struct tl_page *page, struct tl_box box, const struct tl_plan *plan,
                        int64_t first, int64_t n);

#endif
