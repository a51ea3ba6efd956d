/*
 * The map of a plan: tasks filled by year, those that are not planned pale and hatched, so that nobody takes white for done; roads, rivers, places and the teams'
 * bases for finding one's way. The extent is that of the tasks; what lies outside is not shown.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "geo/geom.h"
#include "report/frame.h"
#include "report/plan_draw.h"
#include "tilth/crs.h"

#define SMALL_PT 3.6

enum { PLACES_MAX = 2000, LINES_MAX = 2000, NAMED_MAX = 30, CODES_MAX = 120, MANY = 300 };

static const uint32_t ramp[] = {0x1F3B73, 0x1F7A8C, 0x4DAA78, 0xE0B83C, 0xE8833A};

uint32_t tl_plan_map_colour(int64_t year, int64_t n_years)
{
    double at = n_years > 1 ? 4.0 * (double)year / (double)(n_years - 1) : 1.0;
    int k = (int)fmin(floor(at), 3.0);
    double share = at - k;
    uint32_t made = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
        double a = (double)(ramp[k] >> shift & 0xFFU), b = (double)(ramp[k + 1] >> shift & 0xFFU);
        made |= (uint32_t)lround(a + share * (b - a)) << shift;
    }
    return made;
}

static int by_people(const void *a, const void *b)
{
    const struct tl_plan_map_place *x = a, *y = b;
    if (x->people != y->people)
        return x->people > y->people ? -1 : 1;
    return strcmp(x->name, y->name);
}

static tl_err gather_places(struct tl_ctx *ctx, struct tl_project *project,
                            struct tl_crs_map *to_grid, struct tl_plan_map *map)
{
    struct tl_cursor *cursor = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, map->places, PLACES_MAX);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_PLACE, NULL, &cursor));
    while (map->n_places < PLACES_MAX) {
        struct tl_plan_map_place *p = &map->places[map->n_places];
        struct tl_geom_info info;
        int64_t n = 0;
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "name"));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        if (name == NULL || wkb == NULL)
            continue;
        TL_TRY(tl_geom_info(ctx, wkb, n, &info));
        p->x_m = info.x;
        p->y_m = info.y;
        tl_crs_map_points(to_grid, 1, &p->x_m, &p->y_m, NULL);
        p->people = tl_cursor_real(cursor, tl_kind_column(TL_KIND_PLACE, "population"));
        p->people = isfinite(p->people) ? p->people : 0.0;
        snprintf(p->name, sizeof p->name, "%s", name);
        map->n_places += isfinite(p->x_m) && isfinite(p->y_m);
    }
    qsort(map->places, (size_t)map->n_places, sizeof *map->places, by_people);
done:
    tl_cursor_free(cursor);
    return err;
}

static tl_err gather_lines(struct tl_ctx *ctx, struct tl_project *project,
                           struct tl_crs_map *to_grid, struct tl_plan_map *map)
{
    struct tl_cursor *cursor = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, map->lines, LINES_MAX);
    TL_TRY(tl_register_select(ctx, project, TL_KIND_LINE, NULL, &cursor));
    while (map->n_lines < LINES_MAX) {
        int64_t n = 0;
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        const char *type = tl_cursor_text(cursor, tl_kind_column(TL_KIND_LINE, "type"));
        const void *wkb = tl_cursor_wkb(cursor, &n);
        bool is_river = type != NULL && strcmp(type, "river") == 0;
        if (wkb == NULL || !(is_river || type == NULL || strcmp(type, "road") == 0))
            continue;
        struct tl_plan_map_line *line = &map->lines[map->n_lines];
        TL_TRY(tl_outline_from_wkb(ctx, wkb, n, &line->outline));
        tl_outline_map(&line->outline, to_grid);
        line->is_river = is_river;
        map->n_lines++;
    }
done:
    tl_cursor_free(cursor);
    return err;
}

/* Bases that are not far off belong on the map. */
static void show_near_bases(struct tl_plan_map *map, int64_t n_teams)
{
    double *b = map->box_m, old[4];
    memcpy(old, b, sizeof old);
    double reach = 0.3 * fmax(old[2] - old[0], old[3] - old[1]);
    for (int64_t k = 0; k < n_teams; k++) {
        double x = map->base_xy[2 * k], y = map->base_xy[2 * k + 1];
        if (!(x > old[0] - reach && x < old[2] + reach && y > old[1] - reach && y < old[3] + reach))
            continue;
        b[0] = fmin(b[0], x);
        b[1] = fmin(b[1], y);
        b[2] = fmax(b[2], x);
        b[3] = fmax(b[3], y);
    }
}

tl_err tl_plan_map_init(struct tl_ctx *ctx, struct tl_project *project, const struct tl_plan *plan,
                        struct tl_plan_map *map)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    struct tl_plan_map made = {.plan = plan, .box_m = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    struct tl_crs_map *to_grid = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &to_grid));
    TL_TRY_ALLOC(ctx, made.tasks, s.n_tasks);
    TL_TRY_ALLOC(ctx, made.by_rank, s.n_tasks);
    made.n_tasks = s.n_tasks;
    for (int64_t t = 0; t < s.n_tasks; t++) {
        const struct tl_plan_task *task = tl_plan_task(plan, t);
        TL_TRY(tl_outline_from_wkb(ctx, task->wkb, task->wkb_bytes, &made.tasks[t]));
        tl_outline_widen(&made.tasks[t], made.box_m);
        made.by_rank[task->rank - 1] = t;
    }
    TL_TRY_ALLOC(ctx, made.base_xy, 2 * s.n_teams);
    for (int64_t k = 0; k < s.n_teams; k++) {
        struct tl_plan_team team = tl_plan_team(plan, k);
        made.base_xy[2 * k] = team.lon_deg;
        made.base_xy[2 * k + 1] = team.lat_deg;
        tl_crs_map_points(to_grid, 1, &made.base_xy[2 * k], &made.base_xy[2 * k + 1], NULL);
    }
    show_near_bases(&made, s.n_teams);
    TL_TRY(gather_places(ctx, project, to_grid, &made));
    TL_TRY(gather_lines(ctx, project, to_grid, &made));
    *map = made;
    made = (struct tl_plan_map){0};
done:
    tl_crs_map_free(to_grid);
    tl_plan_map_fini(&made);
    return err;
}

void tl_plan_map_fini(struct tl_plan_map *map)
{
    for (int64_t t = 0; t < map->n_tasks; t++)
        tl_outline_fini(&map->tasks[t]);
    for (int64_t i = 0; i < map->n_lines; i++)
        tl_outline_fini(&map->lines[i].outline);
    tl_free(map->tasks);
    tl_free(map->by_rank);
    tl_free(map->places);
    tl_free(map->lines);
    tl_free(map->base_xy);
    *map = (struct tl_plan_map){0};
}

struct view {
    struct tl_page *page;
    struct tl_box box;
    double west_m, north_m, m_per_pt;
};

static void place(const struct view *v, double x_m, double y_m, double *x, double *y)
{
    *x = v->box.x + (x_m - v->west_m) / v->m_per_pt;
    *y = v->box.y + (v->north_m - y_m) / v->m_per_pt;
}

static bool is_inside(const struct view *v, double x, double y)
{
    return x >= v->box.x && x <= v->box.x + v->box.w && y >= v->box.y && y <= v->box.y + v->box.h;
}

double tl_plan_map_height(const struct tl_plan_map *map, double width_pt, double most)
{
    const double *b = map->box_m;
    double ratio = fmax(b[3] - b[1], 1.0) / fmax(b[2] - b[0], 1.0);
    return fmin(fmax(width_pt * ratio * 1.02, 0.45 * width_pt), most);
}

static struct view make_view(struct tl_page *page, struct tl_box box, const struct tl_plan_map *map)
{
    const double *b = map->box_m;
    double w_m = fmax(b[2] - b[0], 500.0) * 1.12, h_m = fmax(b[3] - b[1], 500.0) * 1.12;
    struct view v = {.page = page, .box = box, .m_per_pt = fmax(w_m / box.w, h_m / box.h)};
    v.west_m = 0.5 * (b[0] + b[2] - box.w * v.m_per_pt);
    v.north_m = 0.5 * (b[1] + b[3] + box.h * v.m_per_pt);
    return v;
}

static void trace(const struct view *v, const struct tl_outline *outline)
{
    cairo_t *cr = v->page->cr;
    cairo_new_path(cr);
    for (int64_t k = 0; k < outline->n_rings; k++) {
        const struct tl_outline_ring *ring = &outline->rings[k];
        for (int64_t i = 0; i < ring->n; i++) {
            double x, y;
            place(v, ring->xy[2 * i], ring->xy[2 * i + 1], &x, &y);
            x = fmax(-1e4, fmin(1e4, x)); /* Cairo's coordinates overflow far off the page */
            y = fmax(-1e4, fmin(1e4, y));
            if (i == 0)
                cairo_move_to(cr, x, y);
            else
                cairo_line_to(cr, x, y);
        }
        if (ring->closed)
            cairo_close_path(cr);
    }
}

/* Diagonal lines within the present path. */
static void hatch_path(struct tl_page *page, uint32_t colour)
{
    double x1, y1, x2, y2;
    cairo_t *cr = page->cr;
    cairo_save(cr);
    cairo_path_extents(cr, &x1, &y1, &x2, &y2);
    cairo_clip(cr);
    tl_page_colour(page, colour, 0.9);
    for (double x = floor((x1 - (y2 - y1)) / 3.0) * 3.0; x < x2 && x2 - x1 < 2000.0; x += 3.0)
        tl_page_line(page, x, y2, x + (y2 - y1), y1, 0.45);
    cairo_restore(cr);
}

/* What would be too small to see is drawn larger, never smaller. */
static void mark_small(struct tl_page *page, double x, double y, uint32_t colour, bool is_planned)
{
    cairo_new_path(page->cr);
    cairo_arc(page->cr, x, y, is_planned ? 2.0 : 1.3, 0.0, 6.283185307179586);
    tl_page_colour(page, is_planned ? colour : 0xFFFFFF, 1.0);
    cairo_fill_preserve(page->cr);
    tl_page_colour(page, is_planned ? TL_FRAME_INK : 0x8A9094, 1.0);
    cairo_set_line_width(page->cr, is_planned ? 0.4 : 0.5);
    cairo_stroke(page->cr);
}

static void draw_task(const struct view *v, const struct tl_plan_map *map, int64_t t)
{
    const struct tl_plan_task *task = tl_plan_task(map->plan, t);
    int64_t n_years = tl_plan_summary(map->plan).n_years;
    cairo_t *cr = v->page->cr;
    double b[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY}, x, y;
    tl_outline_widen(&map->tasks[t], b);
    if (fmax(b[2] - b[0], b[3] - b[1]) / v->m_per_pt < SMALL_PT) {
        place(v, 0.5 * (b[0] + b[2]), 0.5 * (b[1] + b[3]), &x, &y);
        mark_small(v->page, x, y, task->is_planned ? tl_plan_map_colour(task->year, n_years) : 0,
                   task->is_planned);
        return;
    }
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    trace(v, &map->tasks[t]);
    tl_page_colour(v->page, task->is_planned ? tl_plan_map_colour(task->year, n_years) : 0xFFFFFF,
                   task->is_planned ? 0.92 : 0.8);
    cairo_fill(cr);
    if (!task->is_planned) {
        trace(v, &map->tasks[t]);
        hatch_path(v->page, 0x8A9094);
    }
    trace(v, &map->tasks[t]);
    tl_page_colour(v->page, task->is_planned ? TL_FRAME_INK : 0x6B7276, 1.0);
    cairo_set_line_width(cr, task->is_planned ? 0.7 : 0.6);
    cairo_stroke(cr);
}

static void draw_lines(const struct view *v, const struct tl_plan_map *map)
{
    for (int64_t i = 0; i < map->n_lines; i++) {
        trace(v, &map->lines[i].outline);
        tl_page_colour(v->page, map->lines[i].is_river ? 0x7FB2D9 : 0xC3BDB0, 1.0);
        cairo_set_line_width(v->page->cr, map->lines[i].is_river ? 1.3 : 0.8);
        cairo_stroke(v->page->cr);
    }
}

static void mark_base(struct tl_page *page, double x, double y)
{
    cairo_t *cr = page->cr;
    cairo_new_path(cr);
    cairo_move_to(cr, x, y - 5.2);
    cairo_line_to(cr, x + 4.8, y + 3.4);
    cairo_line_to(cr, x - 4.8, y + 3.4);
    cairo_close_path(cr);
    tl_page_colour(page, 0xFFFFFF, 1.0);
    cairo_set_line_width(cr, 2.0);
    cairo_stroke_preserve(cr);
    tl_page_colour(page, 0xA3343B, 1.0);
    cairo_fill(cr);
}

static void take_bases(const struct view *v, const struct tl_plan_map *map,
                       struct tl_labels *labels)
{
    for (int64_t k = 0; k < tl_plan_summary(map->plan).n_teams; k++) {
        double x, y;
        place(v, map->base_xy[2 * k], map->base_xy[2 * k + 1], &x, &y);
        if (is_inside(v, x, y))
            tl_labels_take(labels, (struct tl_box){x - 5.0, y - 5.5, 10.0, 9.5});
    }
}

static void draw_bases(const struct view *v, const struct tl_plan_map *map,
                       struct tl_labels *labels)
{
    struct tl_page_style style = {.size_pt = 7.6, .bold = true, .colour = 0xA3343B, .halo_pt = 1.5};
    for (int64_t k = 0; k < tl_plan_summary(map->plan).n_teams; k++) {
        struct tl_plan_team team = tl_plan_team(map->plan, k);
        struct tl_box box;
        double x, y, w, h;
        place(v, map->base_xy[2 * k], map->base_xy[2 * k + 1], &x, &y);
        if (!is_inside(v, x, y))
            continue;
        mark_base(v->page, x, y);
        tl_page_measure(v->page, &style, team.name, &w, &h);
        if (w > 0.0 && tl_labels_place(labels, x, y, 6.0, w, h * 0.86, &box))
            tl_page_text(v->page, box.x, box.y - h * 0.07, &style, team.name);
    }
}

static void draw_places(const struct view *v, const struct tl_plan_map *map,
                        struct tl_labels *labels)
{
    int n = 0;
    for (int64_t i = 0; i < map->n_places && n < NAMED_MAX; i++) {
        const struct tl_plan_map_place *p = &map->places[i];
        struct tl_page_style style = {
            .size_pt = i < 3 ? 8.4 : 7.2, .colour = 0x3E4649, .halo_pt = 1.4};
        struct tl_box box;
        double x, y, w, h;
        place(v, p->x_m, p->y_m, &x, &y);
        if (!is_inside(v, x, y))
            continue;
        tl_frame_mark_place(v->page, x, y, 1.8);
        tl_labels_take(labels, (struct tl_box){x - 2.2, y - 2.2, 4.4, 4.4});
        tl_page_measure(v->page, &style, p->name, &w, &h);
        if (w > 0.0 && tl_labels_place(labels, x, y, 3.6, w, h * 0.86, &box))
            tl_page_text(v->page, box.x, box.y - h * 0.07, &style, p->name);
        n++;
    }
}

/* A task's code, or once the area's where it is cut: by rank, as long as there is room. */
static void draw_codes(const struct view *v, const struct tl_plan_map *map,
                       struct tl_labels *labels)
{
    struct tl_page_style style = {.size_pt = 6.8, .bold = true, .halo_pt = 1.5};
    for (int64_t t = 0; t < map->n_tasks; t++) {
        double b[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY}, x1, y1, x2, y2;
        tl_outline_widen(&map->tasks[t], b);
        place(v, b[0], b[3], &x1, &y1);
        place(v, b[2], b[1], &x2, &y2);
        tl_labels_avoid(labels, (struct tl_box){x1, y1, x2 - x1, y2 - y1});
    }
    for (int64_t rank = 0, n = 0;
         rank < map->n_tasks && n < (map->n_tasks > MANY ? CODES_MAX / 3 : CODES_MAX); rank++) {
        int64_t t = map->by_rank[rank];
        const struct tl_plan_task *task = tl_plan_task(map->plan, t);
        double b[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY}, x, y, w, h;
        struct tl_box box;
        char code[64];
        if (task->part > 1)
            continue;
        snprintf(code, sizeof code, "%.*s", (int)strcspn(task->code, "/"), task->code);
        tl_outline_widen(&map->tasks[t], b);
        place(v, 0.5 * (b[0] + b[2]), 0.5 * (b[1] + b[3]), &x, &y);
        style.colour = task->is_planned ? TL_FRAME_INK : 0x5B6468;
        tl_page_measure(v->page, &style, code, &w, &h);
        double gap = fmin(0.5 * hypot(b[2] - b[0], b[3] - b[1]) / v->m_per_pt, 14.0) + 1.5;
        if (tl_labels_place(labels, x, y, gap, w, h * 0.86, &box)) {
            tl_page_text(v->page, box.x, box.y - h * 0.07, &style, code);
            n++;
        }
    }
}

static void draw_scale(const struct view *v)
{
    struct tl_page_style style = {
        .size_pt = 7.4, .colour = TL_FRAME_INK, .halo_pt = 1.4, .align = TL_PAGE_CENTRE};
    double length_m = tl_scale_round_down(0.2 * v->box.w * v->m_per_pt);
    double w = length_m / v->m_per_pt, x = v->box.x + 10.0, y = v->box.y + v->box.h - 10.0;
    char text[40];
    snprintf(text, sizeof text, "%g %s", length_m >= 1000.0 ? length_m / 1000.0 : length_m,
             length_m >= 1000.0 ? "km" : "m");
    tl_page_fill_box(v->page, (struct tl_box){x - 4.0, y - 14.0, w + 8.0, 19.0}, 0xFFFFFF);
    tl_page_colour(v->page, TL_FRAME_INK, 1.0);
    tl_page_line(v->page, x, y, x + w, y, 1.4);
    tl_page_line(v->page, x, y - 3.0, x, y + 1.0, 1.0);
    tl_page_line(v->page, x + w, y - 3.0, x + w, y + 1.0, 1.0);
    tl_page_text(v->page, x + 0.5 * w, y - 12.5, &style, text);
}

void tl_plan_map_draw(struct tl_page *page, struct tl_box box, const struct tl_plan_map *map)
{
    struct view v = make_view(page, box, map);
    struct tl_labels labels;
    tl_labels_init(&labels, box);
    tl_labels_take(&labels, (struct tl_box){box.x, box.y + box.h - 26.0, 0.2 * box.w + 20.0, 26.0});
    tl_page_fill_box(page, box, 0xF7F5F0);
    cairo_save(page->cr);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_clip(page->cr);
    draw_lines(&v, map);
    take_bases(&v, map, &labels);
    for (int64_t t = 0; t < map->n_tasks; t++)
        if (!tl_plan_task(map->plan, t)->is_planned)
            draw_task(&v, map, t);
    for (int64_t t = 0; t < map->n_tasks; t++)
        if (tl_plan_task(map->plan, t)->is_planned)
            draw_task(&v, map, t);
    draw_codes(&v, map, &labels);
    draw_places(&v, map, &labels);
    draw_bases(&v, map, &labels);
    draw_scale(&v);
    cairo_restore(page->cr);
    tl_page_stroke_box(page, box, TL_FRAME_GREY, 0.7);
}

struct row {
    uint32_t colour;
    int kind; /* 0 = a year, 1 = not planned, 2 = base, 3 = place */
    char text[120];
};

static int list_key(const struct tl_plan_map *map, struct row rows[TL_PLAN_YEARS_MAX + 3])
{
    struct tl_plan_summary s = tl_plan_summary(map->plan);
    char a[TL_TEXT_NUMBER_BYTES];
    int n = 0;
    for (int64_t y = 0; y <= s.n_years; y++) { /* the last: not planned */
        char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES];
        int64_t n_tasks = 0;
        double ha = 0.0;
        for (int64_t t = 0; t < s.n_tasks; t++) {
            const struct tl_plan_task *task = tl_plan_task(map->plan, t);
            if (task->is_planned ? task->year != y : y != s.n_years)
                continue;
            n_tasks++;
            ha += task->area_m2 / 1e4;
        }
        tl_plan_year(map->plan, y, first, last);
        rows[n].colour = tl_plan_map_colour(y, s.n_years);
        rows[n].kind = y == s.n_years;
        if (y == s.n_years)
            snprintf(rows[n].text, sizeof rows[n].text, "not planned: %lld task%s, %s ha",
                     (long long)n_tasks, n_tasks == 1 ? "" : "s", tl_text_number(ha, a));
        else
            snprintf(rows[n].text, sizeof rows[n].text, "year %lld from %s: %lld task%s, %s ha",
                     (long long)y + 1, first, (long long)n_tasks, n_tasks == 1 ? "" : "s",
                     tl_text_number(ha, a));
        n++;
    }
    rows[n] = (struct row){.kind = 2};
    snprintf(rows[n++].text, sizeof rows[0].text, "base of a team");
    rows[n] = (struct row){.kind = 3};
    snprintf(rows[n++].text, sizeof rows[0].text, "place");
    return n;
}

double tl_plan_map_key(struct tl_page *page, double x, double y, double width, int columns,
                       const struct tl_plan_map *map)
{
    struct row rows[TL_PLAN_YEARS_MAX + 3];
    struct tl_page_style style = {.size_pt = 8.0, .colour = TL_FRAME_INK, .max_lines = 1};
    int n = list_key(map, rows), per = (n + columns - 1) / columns;
    style.width_pt = width / columns - 20.0;
    for (int i = 0; i < n; i++) {
        double at_x = x + i / per * (width / columns), at_y = y + 13.0 * (i % per);
        struct tl_box box = {at_x, at_y + 1.5, 13.0, 8.0};
        if (rows[i].kind == 0) {
            tl_page_fill_box(page, box, rows[i].colour);
            tl_page_stroke_box(page, box, TL_FRAME_INK, 0.5);
        } else if (rows[i].kind == 1) {
            cairo_new_path(page->cr);
            cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
            hatch_path(page, 0x8A9094);
            tl_page_stroke_box(page, box, 0x6B7276, 0.5);
        } else if (rows[i].kind == 2) {
            mark_base(page, at_x + 6.5, at_y + 6.4);
        } else {
            tl_frame_mark_place(page, at_x + 6.5, at_y + 5.5, 1.9);
        }
        tl_page_text(page, at_x + 18.0, at_y, &style, rows[i].text);
    }
    return 13.0 * per;
}
