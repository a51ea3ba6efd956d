/*
 * Open hazardous areas: those whose status is open or not known, with a polygon. An area that is there in the register is never left out silently: one
 * without a polygon is told. Districts are those of the teams' file, else the second (else first) administrative level of the nearest place
 * that names one.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "geo/geom.h"
#include "plan/plan.h"
#include "tilth/coord.h"
#include "tilth/crs.h"

enum { MODERATE_DEG = 10, STEEP_DEG = 25 };

struct reading {
    struct tl_ctx *ctx;
    struct tl_project *project;
    struct tl_plan *plan;
    struct tl_crs_map *to_grid; /* owns */
    int64_t n_shapeless;
};

static int column(const char *name)
{
    return tl_kind_column(TL_KIND_HAZARD_AREA, name);
}

static tl_err text_of(struct reading *r, const char *text, const char **kept)
{
    *kept = "";
    if (text != NULL && text[0] != '\0')
        *kept = tl_plan_keep_text(r->ctx, r->plan, "%s", text);
    return *kept != NULL ? TL_OK : TL_ENOMEM;
}

static tl_err read_texts(struct reading *r, struct tl_cursor *cursor, struct tl_plan_area *a)
{
    tl_err err = TL_OK;
    const char *kind = tl_cursor_text(cursor, column("classification"));
    TL_TRY(text_of(r, tl_cursor_code(cursor), &a->code));
    TL_TRY(text_of(r, tl_cursor_source_id(cursor), &a->source_id));
    TL_TRY(text_of(r, tl_cursor_text(cursor, column("name")), &a->name));
    TL_TRY(text_of(r, tl_cursor_text(cursor, column("blocked_land_use")), &a->use));
    TL_TRY(text_of(r, tl_cursor_text(cursor, column("priority")), &a->priority));
    a->district = "";
    a->is_confirmed = kind != NULL && strcmp(kind, "CHA") == 0;
    a->is_suspected = kind != NULL && strcmp(kind, "SHA") == 0;
    a->beneficiaries = tl_cursor_real(cursor, column("beneficiaries"));
    a->depth_cm = tl_cursor_real(cursor, column("depth_cm"));
done:
    return err;
}

/* Shape in the grid's system, mended where it must be. */
static tl_err read_shape(struct reading *r, const void *wkb, int64_t n, struct tl_plan_area *a,
                         bool *is_polygon)
{
    struct tl_geom_info info;
    void *moved = NULL, *mended = NULL;
    int64_t n_moved = 0, n_mended = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_geom_transform(r->ctx, r->to_grid, wkb, n, &moved, &n_moved));
    TL_TRY(tl_geom_info(r->ctx, moved, n_moved, &info));
    if (info.kind == TL_GEOM_POLYGON && !info.is_valid) {
        TL_TRY(tl_plan_remark(r->ctx, r->plan, "%s: its polygon crosses itself and was mended (%s)",
                              a->code, info.why));
        TL_TRY(tl_geom_repair(r->ctx, moved, n_moved, &mended, &n_mended));
        tl_free(moved);
        moved = mended;
        n_moved = n_mended;
        TL_TRY(tl_geom_info(r->ctx, moved, n_moved, &info));
    }
    *is_polygon = info.kind == TL_GEOM_POLYGON && info.area > 0.0;
    if (*is_polygon) {
        a->wkb = moved;
        a->wkb_bytes = n_moved;
        a->area_m2 = info.area;
        a->lon_deg = a->x_m = info.x;
        a->lat_deg = a->y_m = info.y;
        memcpy(a->box, info.box, sizeof a->box);
        tl_crs_map_points_back(r->to_grid, 1, &a->lon_deg, &a->lat_deg, NULL);
        moved = NULL;
    }
done:
    tl_free(moved);
    return err;
}

static tl_err take(struct reading *r, struct tl_cursor *cursor)
{
    struct tl_plan *plan = r->plan;
    const char *status = tl_cursor_text(cursor, column("status"));
    struct tl_plan_area made = {.vegetation = -1, .slope = -1};
    int64_t n = 0;
    bool is_polygon = false;
    tl_err err = TL_OK;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    if (status != NULL && strcmp(status, "open") != 0)
        return TL_OK;
    TL_TRY(read_texts(r, cursor, &made));
    if (wkb != NULL)
        TL_TRY(read_shape(r, wkb, n, &made, &is_polygon));
    if (!is_polygon) {
        r->n_shapeless++;
        return tl_plan_remark(r->ctx, plan, "%s is open but has no polygon: it is in no task",
                              made.code);
    }
    if (plan->n_areas == plan->room_areas) {
        int64_t room = 2 * plan->room_areas + 64;
        struct tl_plan_area *grown =
            tl_regrow(r->ctx, plan->areas, plan->n_areas, room, sizeof *grown);
        if (grown == NULL) {
            tl_free(made.wkb);
            return TL_ENOMEM;
        }
        plan->areas = grown;
        plan->room_areas = room;
    }
    plan->areas[plan->n_areas++] = made;
done:
    return err != TL_OK ? tl_fail_at(r->ctx, err, "hazardous area %s", tl_cursor_code(cursor))
                        : TL_OK;
}

static tl_err read_areas(struct reading *r)
{
    struct tl_cursor *cursor = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(r->ctx, r->project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(r->ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(take(r, cursor));
    }
    if (r->plan->n_areas == 0)
        TL_THROW(r->ctx, TL_ENOTFOUND,
                 "%s holds no open hazardous area with a polygon: there is nothing to plan",
                 tl_project_path(r->project));
done:
    tl_cursor_free(cursor);
    return err;
}

/* "T-017" names the area whose code ends in that number. */
static bool is_task_of(const char *text, const char *code)
{
    long long number = 0;
    int n = 0, m = 0;
    long long own = 0;
    if (strncasecmp(text, "T-", 2) != 0)
        return false;
    if (strcasecmp(text + 2, code) == 0)
        return true;
    return sscanf(text + 2, "%lld%n", &number, &n) == 1 && text[2 + n] == '\0' &&
           strncmp(code, "HA-", 3) == 0 && sscanf(code + 3, "%lld%n", &own, &m) == 1 &&
           code[3 + m] == '\0' && own == number;
}

int64_t tl_plan_area_find(const struct tl_plan *plan, const char *text)
{
    for (int64_t i = 0; i < plan->n_areas; i++)
        if (strcasecmp(plan->areas[i].code, text) == 0 || is_task_of(text, plan->areas[i].code))
            return i;
    for (int64_t i = 0; i < plan->n_areas; i++)
        if (plan->areas[i].source_id[0] != '\0' && strcmp(plan->areas[i].source_id, text) == 0)
            return i;
    for (int64_t i = 0; i < plan->n_areas; i++)
        if (plan->areas[i].name[0] != '\0' && strcmp(plan->areas[i].name, text) == 0)
            return i;
    return -1;
}

/* An area that a file names. */
static tl_err find_named(struct reading *r, const struct tl_yaml_node *node, const char *text,
                         int64_t *area)
{
    *area = tl_plan_area_find(r->plan, text);
    if (*area >= 0)
        return TL_OK;
    return tl_yaml_fail(r->ctx, node,
                        "\"%.60s\" is no open hazardous area of the project; expected its code, "
                        "such as %s, its id in the source or its name",
                        text, r->plan->areas[0].code);
}

static tl_err set_ground(struct reading *r)
{
    struct tl_plan *plan = r->plan;
    bool any = false;
    tl_err err = TL_OK;
    for (int64_t i = 0; i < plan->n_areas && plan->risk.slope_deg != NULL; i++) {
        struct tl_risk_ground ground;
        struct tl_plan_area *a = &plan->areas[i];
        if (a->wkb == NULL)
            continue;
        TL_TRY(tl_risk_ground(r->ctx, &plan->risk, a->wkb, a->wkb_bytes, &ground));
        if (isfinite(ground.slope_deg)) {
            a->slope = ground.slope_deg < MODERATE_DEG ? 0 : ground.slope_deg < STEEP_DEG ? 1 : 2;
            any = true;
        }
    }
    if (any)
        TL_TRY(tl_plan_assume(r->ctx, plan,
                              "slope of an area: the mean of the covariate \"slope\", taken as "
                              "degrees (flat under %d, steep from %d)",
                              MODERATE_DEG, STEEP_DEG));
    for (int pass = 0; pass < 2; pass++) /* "all" first, then what is named */
        for (int64_t g = 0; g < plan->teams.n_ground; g++) {
            const struct tl_teams_ground *ground = &plan->teams.ground[g];
            int64_t first = 0, last = plan->n_areas - 1;
            if ((ground->area == NULL) != (pass == 0))
                continue;
            if (ground->area != NULL) {
                TL_TRY(find_named(r, ground->node, ground->area, &first));
                last = first;
            }
            for (int64_t i = first; i <= last; i++) {
                struct tl_plan_area *a = &plan->areas[i];
                a->vegetation = ground->vegetation >= 0 ? ground->vegetation : a->vegetation;
                a->slope = ground->slope >= 0 ? ground->slope : a->slope;
            }
        }
done:
    return err;
}

/* Whether a record's shape (WGS 84) lies within a distance of an area. */
static tl_err is_near(struct reading *r, const struct tl_plan_area *a, double within_m,
                      const void *wkb, int64_t n, bool *near)
{
    struct tl_geom_info info;
    void *moved = NULL, *wide = NULL, *clipped = NULL;
    int64_t n_moved = 0, n_wide = 0, n_clipped = 0;
    tl_err err = TL_OK;
    *near = false;
    TL_TRY(tl_geom_transform(r->ctx, r->to_grid, wkb, n, &moved, &n_moved));
    TL_TRY(tl_geom_info(r->ctx, moved, n_moved, &info));
    if (info.is_empty || info.box[0] > a->box[2] + within_m || info.box[2] < a->box[0] - within_m ||
        info.box[1] > a->box[3] + within_m || info.box[3] < a->box[1] - within_m)
        goto done;
    TL_TRY(tl_geom_buffer(r->ctx, a->wkb, a->wkb_bytes, fmax(within_m, 0.01), &wide, &n_wide));
    if (info.kind == TL_GEOM_POINT) {
        TL_TRY(tl_geom_holds(r->ctx, wide, n_wide, info.x, info.y, near));
    } else {
        TL_TRY(tl_geom_clip(r->ctx, moved, n_moved, wide, n_wide, &clipped, &n_clipped));
        *near = clipped != NULL;
    }
done:
    tl_free(moved);
    tl_free(wide);
    tl_free(clipped);
    return err;
}

/* Marks what lies near places or lines of a type that the objective names. */
static tl_err mark_near(struct reading *r, enum tl_kind kind, int p, int64_t *n_of_type)
{
    const struct tl_objective_part *part = &r->plan->objective.parts[p];
    struct tl_cursor *cursor = NULL;
    bool more = true, near = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_select(r->ctx, r->project, kind, NULL, &cursor));
    for (;;) {
        int64_t n = 0;
        TL_TRY(tl_cursor_next(r->ctx, cursor, &more));
        if (!more)
            break;
        const char *type = tl_cursor_text(cursor, tl_kind_column(kind, "type"));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        if (type == NULL || wkb == NULL || strcasecmp(type, part->what) != 0)
            continue;
        ++*n_of_type;
        for (int64_t i = 0; i < r->plan->n_areas; i++) {
            struct tl_plan_area *a = &r->plan->areas[i];
            if ((a->near >> p & 1U) != 0 || a->wkb == NULL)
                continue;
            TL_TRY(is_near(r, a, part->within_m, wkb, n, &near));
            a->near |= near ? 1U << p : 0U;
        }
    }
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err find_near(struct reading *r)
{
    tl_err err = TL_OK;
    for (int p = 0; p < r->plan->objective.n_parts; p++) {
        const struct tl_objective_part *part = &r->plan->objective.parts[p];
        int64_t n = 0;
        if (part->kind != TL_OBJECTIVE_NEAR)
            continue;
        TL_TRY(mark_near(r, TL_KIND_PLACE, p, &n));
        TL_TRY(mark_near(r, TL_KIND_LINE, p, &n));
        if (n == 0)
            TL_TRY(tl_plan_remark(r->ctx, r->plan,
                                  "the register has no place or line of the type \"%s\": \"%s\" "
                                  "gives no task any points",
                                  part->what, part->name));
    }
done:
    return err;
}

/* The nearest place with an administrative level gives its name. */
static tl_err districts_by_place(struct reading *r)
{
    struct tl_cursor *cursor = NULL;
    double *best = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(r->ctx, best, r->plan->n_areas);
    TL_TRY(tl_register_select(r->ctx, r->project, TL_KIND_PLACE, NULL, &cursor));
    for (;;) {
        struct tl_geom_info info;
        int64_t n = 0;
        TL_TRY(tl_cursor_next(r->ctx, cursor, &more));
        if (!more)
            break;
        const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "admin2"));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        name =
            name != NULL ? name : tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "admin1"));
        if (name == NULL || name[0] == '\0' || wkb == NULL)
            continue;
        TL_TRY(tl_geom_info(r->ctx, wkb, n, &info));
        const char *kept = NULL;
        for (int64_t i = 0; i < r->plan->n_areas; i++) {
            struct tl_plan_area *a = &r->plan->areas[i];
            double distance;
            tl_coord_distance(a->lon_deg, a->lat_deg, info.x, info.y, &distance, NULL);
            if (a->district[0] != '\0' && best[i] <= distance)
                continue;
            if (kept == NULL)
                TL_TRY(text_of(r, name, &kept));
            a->district = kept;
            best[i] = distance;
        }
    }
done:
    tl_cursor_free(cursor);
    tl_free(best);
    return err;
}

static tl_err set_districts(struct reading *r)
{
    const struct tl_teams *t = &r->plan->teams;
    tl_err err = districts_by_place(r);
    for (int64_t d = 0; d < t->n_districts && err == TL_OK; d++)
        for (int64_t k = 0; k < t->districts[d].areas->n && err == TL_OK; k++) {
            const struct tl_yaml_node *node = &t->districts[d].areas->nodes[k];
            int64_t area = 0;
            err = find_named(r, node, node->text, &area);
            if (err == TL_OK)
                r->plan->areas[area].district = t->districts[d].name;
        }
    return err;
}

/* Where an area is, once it is known what of it counts. */
static void place_again(struct reading *r)
{
    for (int64_t i = 0; i < r->plan->n_areas; i++) {
        struct tl_plan_area *a = &r->plan->areas[i];
        a->lon_deg = a->x_m;
        a->lat_deg = a->y_m;
        tl_crs_map_points_back(r->to_grid, 1, &a->lon_deg, &a->lat_deg, NULL);
    }
}

tl_err tl_plan_area_read(struct tl_ctx *ctx, struct tl_project *project, struct tl_plan *plan)
{
    struct reading r = {.ctx = ctx, .project = project, .plan = plan};
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &r.to_grid));
    TL_TRY(read_areas(&r));
    TL_TRY(tl_plan_overlap_count_once(ctx, plan));
    place_again(&r);
    TL_TRY(set_ground(&r));
    TL_TRY(find_near(&r));
    TL_TRY(set_districts(&r));
done:
    tl_crs_map_free(r.to_grid);
    return err;
}
