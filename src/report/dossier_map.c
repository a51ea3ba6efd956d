/*
 * The map: the area with its numbered turning points on a grid of the project's system, at a round scale for A4; the searches
 * hatched by kind and method; what was found. Around it, pale, what else the register knows there. Numbers of turning points stand
 * where there is room: the first, then every tenth, every fifth, and the others.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/dossier.h"
#include "report/frame.h"

enum { STYLES_MAX = 8, MARKS_TAKEN_MAX = 160, CONTEXT_MAX = 4000 };
#define MAP_HEIGHT_MAX_PT 480.0
#define MAP_HEIGHT_MIN_PT 250.0
#define M_PER_PT          (0.0254 / 72.0)

static const struct {
    uint32_t colour;
    double angle; /* of the lines, from the x axis */
} hatches[STYLES_MAX] = {{0x2C7A8C, 0.785}, {0xB5672B, 2.356}, {0x6A51A3, 0.0},
                         {0x4D7C2E, 1.571}, {0xA03A6B, 1.178}, {0x58595B, 1.963},
                         {0x1F4E9C, 0.393}, {0x8A6D00, 2.749}};

struct view {
    struct tl_dossier *d;
    struct tl_page *page;
    struct tl_box box;
    double west_m, north_m, m_per_pt;
    int n_styles;
    const char *types[STYLES_MAX], *methods[STYLES_MAX]; /* borrows: the assessment */
    int n_of_style[STYLES_MAX];
    bool is_mixed; /* the last style is of several kinds and methods */
    bool has_inspections, has_items, has_accidents, has_others, has_places, thinned;
    bool has_lines[4];
    int n_without_polygon;
};

static void to_page(const struct view *v, double x_m, double y_m, double *x, double *y)
{
    *x = v->box.x + (x_m - v->west_m) / v->m_per_pt;
    *y = v->box.y + (v->north_m - y_m) / v->m_per_pt;
}

static bool is_inside(const struct view *v, double x, double y)
{
    return x >= v->box.x && x <= v->box.x + v->box.w && y >= v->box.y && y <= v->box.y + v->box.h;
}

/* Smallest round scale at which the area with its margin fits. */
static double round_scale(double w_m, double h_m)
{
    static const double rounds[] = {1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5};
    for (double power = 100.0; power < 1e9; power *= 10.0)
        for (size_t k = 0; k < sizeof rounds / sizeof rounds[0]; k++) {
            double m_per_pt = rounds[k] * power * M_PER_PT;
            if (w_m / m_per_pt <= TL_FLOW_WIDTH_PT - 14.0 && h_m / m_per_pt <= MAP_HEIGHT_MAX_PT)
                return rounds[k] * power;
        }
    return 1e9;
}

static double set_view(struct view *v)
{
    double b[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    tl_outline_widen(&v->d->area, b);
    double w_m = fmax(b[2] - b[0], 1.0) * 1.14, h_m = fmax(b[3] - b[1], 1.0) * 1.14;
    double scale = round_scale(w_m, h_m);
    v->m_per_pt = scale * M_PER_PT;
    v->box = (struct tl_box){TL_FLOW_LEFT_PT + 14.0, v->d->flow.y, TL_FLOW_WIDTH_PT - 14.0,
                             fmax(MAP_HEIGHT_MIN_PT, h_m / v->m_per_pt)};
    v->west_m = (b[0] + b[2]) / 2.0 - v->box.w * v->m_per_pt / 2.0;
    v->north_m = (b[1] + b[3]) / 2.0 + v->box.h * v->m_per_pt / 2.0;
    return scale;
}

static void trace(const struct view *v, const struct tl_outline *outline)
{
    cairo_t *cr = v->page->cr;
    cairo_new_path(cr);
    for (int64_t k = 0; k < outline->n_rings; k++) {
        const struct tl_outline_ring *ring = &outline->rings[k];
        cairo_new_sub_path(cr);
        for (int64_t j = 0; j < ring->n; j++) {
            double x, y;
            to_page(v, ring->xy[2 * j], ring->xy[2 * j + 1], &x, &y);
            /* Cairo's fixed-point coordinates overflow far off the page. */
            if (fabs(x) < 1e6 && fabs(y) < 1e6)
                cairo_line_to(cr, x, y);
        }
        if (ring->closed)
            cairo_close_path(cr);
    }
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
}

static void hatch_path(const struct view *v, int style, double every_pt)
{
    cairo_t *cr = v->page->cr;
    double x1, y1, x2, y2;
    cairo_path_extents(cr, &x1, &y1, &x2, &y2);
    x1 = fmax(x1, v->box.x);
    y1 = fmax(y1, v->box.y);
    x2 = fmin(x2, v->box.x + v->box.w);
    y2 = fmin(y2, v->box.y + v->box.h);
    tl_page_colour(v->page, hatches[style].colour, 1.0);
    cairo_set_line_width(cr, 0.9);
    cairo_stroke_preserve(cr);
    if (x1 >= x2 || y1 >= y2) {
        cairo_new_path(cr);
        return;
    }
    cairo_save(cr);
    cairo_clip(cr);
    double c = cos(hatches[style].angle), s = sin(hatches[style].angle);
    double reach = hypot(x2 - x1, y2 - y1) / 2.0 + every_pt;
    double mx = (x1 + x2) / 2.0, my = (y1 + y2) / 2.0;
    /* Lines of all searches of a style are in step, so that neighbours look like one. */
    double offset = fmod(mx * s - my * -c, every_pt);
    for (double t = -reach - offset; t <= reach; t += every_pt) {
        cairo_move_to(cr, mx + t * s - reach * c, my + t * c + reach * s);
        cairo_line_to(cr, mx + t * s + reach * c, my + t * c - reach * s);
    }
    cairo_set_line_width(cr, 0.55);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int style_of(struct view *v, const json_t *row)
{
    const char *type = tl_dossier_string(v->d, row, "type");
    const char *method = tl_dossier_string(v->d, row, "method");
    int k = 0;
    while (k < v->n_styles && !(same_text(v->types[k], type) && same_text(v->methods[k], method)))
        k++;
    if (k == STYLES_MAX) { /* more than can be told apart: the last hatch is then of several */
        k = STYLES_MAX - 1;
        v->is_mixed = true;
    } else if (k == v->n_styles) {
        v->types[k] = type;
        v->methods[k] = method;
        v->n_styles++;
    }
    v->n_of_style[k]++;
    return k;
}

static void stroke_inspection(struct tl_page *page)
{
    static const double dashes[] = {4.0, 2.0, 1.0, 2.0};
    tl_page_colour(page, 0x1A3E8C, 1.0);
    cairo_set_dash(page->cr, dashes, 4, 0.0);
    cairo_set_line_width(page->cr, 1.1);
    cairo_stroke(page->cr);
    cairo_set_dash(page->cr, NULL, 0, 0.0);
}

static void draw_searches(struct view *v)
{
    for (int64_t k = 0; k < v->d->n_searches; k++) {
        const struct tl_dossier_search *s = &v->d->searches[k];
        v->n_without_polygon += s->outline.n_rings == 0;
        if (s->outline.n_rings == 0 || s->is_quality)
            continue;
        int style = style_of(v, s->row);
        trace(v, &s->outline);
        hatch_path(v, style, 5.0);
    }
    for (int64_t k = 0; k < v->d->n_searches; k++) {
        const struct tl_dossier_search *s = &v->d->searches[k];
        if (s->outline.n_rings == 0 || !s->is_quality)
            continue;
        v->has_inspections = true;
        trace(v, &s->outline);
        stroke_inspection(v->page);
    }
}

static enum tl_report_line line_kind(const char *type)
{
    if (type != NULL && strcmp(type, "trench") == 0)
        return TL_REPORT_TRENCH;
    if (type != NULL && strcmp(type, "river") == 0)
        return TL_REPORT_RIVER;
    if (type != NULL && strstr(type, "line") != NULL)
        return TL_REPORT_DEFENCE_LINE;
    return TL_REPORT_ROAD;
}

static void draw_other_area(struct view *v, const struct tl_outline *outline)
{
    trace(v, outline);
    tl_page_colour(v->page, 0xEFECE6, 1.0);
    cairo_fill_preserve(v->page->cr);
    tl_page_colour(v->page, 0x9A958A, 1.0);
    cairo_set_line_width(v->page->cr, 0.6);
    cairo_stroke(v->page->cr);
}

/* Records of a kind around the area, pale: other hazardous areas, lines. */
static tl_err draw_context(struct view *v, enum tl_kind kind, const double box_deg[4])
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    struct tl_outline outline = {0};
    const char *own = tl_dossier_string(v->d, NULL, "area.code");
    bool more = true;
    int64_t bytes = 0;
    TL_TRY(tl_register_select(v->d->ctx, v->d->project, kind, box_deg, &cursor));
    for (int n = 0; n < CONTEXT_MAX; n++) {
        TL_TRY(tl_cursor_next(v->d->ctx, cursor, &more));
        if (!more)
            break;
        const void *wkb = tl_cursor_wkb(cursor, &bytes);
        if (wkb == NULL || (kind == TL_KIND_HAZARD_AREA && same_text(tl_cursor_code(cursor), own)))
            continue;
        TL_TRY(tl_outline_from_wkb(v->d->ctx, wkb, bytes, &outline));
        tl_outline_map(&outline, v->d->to_grid);
        if (kind == TL_KIND_HAZARD_AREA) {
            draw_other_area(v, &outline);
            v->has_others = v->has_others || outline.n_rings > 0;
        } else {
            enum tl_report_line line =
                line_kind(tl_cursor_text(cursor, tl_kind_column(kind, "type")));
            trace(v, &outline);
            tl_frame_stroke_line(v->page, line);
            v->has_lines[line] = true;
        }
        tl_outline_fini(&outline);
    }
done:
    tl_outline_fini(&outline);
    tl_cursor_free(cursor);
    return err;
}

static tl_err draw_places(struct view *v, struct tl_labels *labels, const double box_deg[4])
{
    tl_err err = TL_OK;
    struct tl_cursor *cursor = NULL;
    bool more = true;
    int64_t bytes = 0;
    struct tl_page_style style = {.size_pt = 7.6, .colour = TL_FRAME_GREY, .halo_pt = 1.4};
    TL_TRY(tl_register_select(v->d->ctx, v->d->project, TL_KIND_PLACE, box_deg, &cursor));
    for (int n = 0; n < 60; n++) {
        double at[2], x, y, w, h;
        struct tl_box place;
        TL_TRY(tl_cursor_next(v->d->ctx, cursor, &more));
        if (!more)
            break;
        const unsigned char *wkb = tl_cursor_wkb(cursor, &bytes);
        if (wkb == NULL || bytes != 21 || wkb[0] != 1)
            continue;
        memcpy(at, wkb + 5, sizeof at);
        tl_crs_map_points(v->d->to_grid, 1, &at[0], &at[1], NULL);
        to_page(v, at[0], at[1], &x, &y);
        if (!is_inside(v, x, y))
            continue;
        v->has_places = true;
        tl_frame_mark_place(v->page, x, y, 2.4);
        const char *name = tl_cursor_text(cursor, tl_kind_column(TL_KIND_PLACE, "name"));
        tl_page_measure(v->page, &style, name, &w, &h);
        if (name != NULL && tl_labels_place(labels, x, y, 3.5, w, h, &place))
            tl_page_text(v->page, place.x, place.y, &style, name);
    }
done:
    tl_cursor_free(cursor);
    return err;
}

/* Lines inside the map (clipped), or their labels outside it. */
static void draw_grid(struct view *v, bool labels)
{
    double ticks[TL_SCALE_TICKS_MAX];
    const struct tl_box *b = &v->box;
    struct tl_page_style below = {.size_pt = 6.6, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
    struct tl_page_style left = below;
    double east_m = v->west_m + b->w * v->m_per_pt, south_m = v->north_m - b->h * v->m_per_pt, x, y;
    char text[48];
    left.middle = left.upwards = true;
    tl_page_colour(v->page, TL_FRAME_GREY, 0.35);
    int n = tl_scale_linear_ticks(v->west_m, east_m, 5, ticks);
    for (int k = 0; k < n; k++) {
        to_page(v, ticks[k], v->north_m, &x, &y);
        snprintf(text, sizeof text, "%.0f", ticks[k]);
        if (!labels)
            tl_page_line(v->page, x, b->y, x, b->y + b->h, 0.35);
        else if (x > b->x + 14.0 && x < b->x + b->w - 14.0)
            tl_page_text(v->page, x, b->y + b->h + 2.0, &below, text);
    }
    n = tl_scale_linear_ticks(south_m, v->north_m, b->h > 330.0 ? 5 : 3, ticks);
    for (int k = 0; k < n; k++) {
        to_page(v, v->west_m, ticks[k], &x, &y);
        snprintf(text, sizeof text, "%.0f", ticks[k]);
        if (!labels)
            tl_page_line(v->page, b->x, y, b->x + b->w, y, 0.35);
        else if (y > b->y + 16.0 && y < b->y + b->h - 16.0)
            tl_page_text(v->page, b->x - 7.0, y, &left, text);
    }
}

static void stroke_own_area(struct tl_page *page)
{
    cairo_set_line_join(page->cr, CAIRO_LINE_JOIN_ROUND);
    tl_page_colour(page, 0xFFFFFF, 0.9);
    cairo_set_line_width(page->cr, 3.0);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, 0xB5472B, 1.0);
    cairo_set_line_width(page->cr, 1.5);
    cairo_stroke(page->cr);
}

static void mark_turning_point(struct tl_page *page, double x, double y, double radius)
{
    cairo_new_path(page->cr);
    cairo_arc(page->cr, x, y, radius, 0.0, 6.283185307179586);
    tl_page_colour(page, 0xFFFFFF, 1.0);
    cairo_fill_preserve(page->cr);
    tl_page_colour(page, 0xB5472B, 1.0);
    cairo_set_line_width(page->cr, radius > 2.0 ? 1.0 : 0.6);
    cairo_stroke(page->cr);
}

static void mark_item(struct tl_page *page, double x, double y)
{
    cairo_new_path(page->cr);
    cairo_rectangle(page->cr, x - 2.4, y - 2.4, 4.8, 4.8);
    tl_page_colour(page, 0xFFFFFF, 1.0);
    cairo_set_line_width(page->cr, 1.6);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_fill(page->cr);
}

static bool point_at(const struct view *v, const json_t *row, double *x, double *y)
{
    double lon = tl_dossier_number(v->d, row, "lon_deg"),
           lat = tl_dossier_number(v->d, row, "lat_deg");
    if (!isfinite(lon) || !isfinite(lat))
        return false;
    tl_crs_map_points(v->d->to_grid, 1, &lon, &lat, NULL);
    to_page(v, lon, lat, x, y);
    return isfinite(*x) && isfinite(*y) && is_inside(v, *x, *y);
}

/* Round of labels in which a point's number is tried. */
static int rank_of(size_t k, size_t n)
{
    return k == 0 || n <= 40 ? 0 : (k + 1) % 10 == 0 ? 1 : (k + 1) % 5 == 0 ? 2 : 3;
}

static void draw_turning_points(struct view *v, struct tl_labels *labels)
{
    const json_t *points = tl_dossier_at(v->d, NULL, "area.turning_points");
    size_t n = json_array_size(points);
    double radius = n > 200 ? 1.3 : n > 60 ? 1.8 : 2.4, x, y, w, h;
    struct tl_page_style style = {
        .size_pt = n > 60 ? 6.4 : 7.4, .bold = true, .colour = 0x7A2A17, .halo_pt = 1.3};
    for (size_t k = 0; k < n; k++) {
        if (!point_at(v, json_array_get(points, k), &x, &y))
            continue;
        mark_turning_point(v->page, x, y, radius);
        if (k < MARKS_TAKEN_MAX)
            tl_labels_avoid(labels,
                            (struct tl_box){x - radius, y - radius, 2 * radius, 2 * radius});
    }
    for (int rank = 0; rank < 4; rank++)
        for (size_t k = 0; k < n; k++) {
            struct tl_box place;
            char text[24];
            const json_t *row = json_array_get(points, k);
            if (rank_of(k, n) != rank || !point_at(v, row, &x, &y))
                continue;
            snprintf(text, sizeof text, "%lld",
                     (long long)json_integer_value(json_object_get(row, "n")));
            tl_page_measure(v->page, &style, text, &w, &h);
            if (tl_labels_place(labels, x, y, radius + 1.0, w, h * 0.8, &place))
                tl_page_text(v->page, place.x, place.y - h * 0.1, &style, text);
            else
                v->thinned = true;
        }
}

static void draw_found(struct view *v, struct tl_labels *labels)
{
    const json_t *items = tl_dossier_at(v->d, NULL, "found.items");
    for (size_t k = 0; k < json_array_size(items); k++) {
        const json_t *row = json_array_get(items, k);
        const char *kind = tl_dossier_string(v->d, row, "kind");
        bool accident = kind != NULL && strcmp(kind, "accident") == 0;
        double x, y;
        if (!point_at(v, row, &x, &y))
            continue;
        if (accident)
            tl_frame_mark_point(v->page, x, y, 4.0);
        else
            mark_item(v->page, x, y);
        if (k < 200)
            tl_labels_avoid(labels, (struct tl_box){x - 3.0, y - 3.0, 6.0, 6.0});
        v->has_accidents = v->has_accidents || accident;
        v->has_items = v->has_items || !accident;
    }
}

/* Direction of true north on the page: the grid's differs from it by the convergence of meridians. */
static void draw_north(struct view *v, double x, double y)
{
    double lon[2], lat[2], turn = 0.0;
    cairo_t *cr = v->page->cr;
    struct tl_page_style style = {
        .size_pt = 9.0, .bold = true, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    lon[0] = lon[1] = v->west_m + v->box.w * v->m_per_pt / 2.0;
    lat[0] = lat[1] = v->north_m - v->box.h * v->m_per_pt / 2.0;
    tl_crs_map_points_back(v->d->to_grid, 2, lon, lat, NULL);
    lat[1] += 0.001;
    tl_crs_map_points(v->d->to_grid, 2, lon, lat, NULL);
    if (isfinite(lon[1]) && isfinite(lat[1]))
        turn = atan2(lon[1] - lon[0], lat[1] - lat[0]);
    tl_page_text(v->page, x, y - 3.0, &style, "N");
    cairo_save(cr);
    cairo_translate(cr, x, y + 22.0);
    cairo_rotate(cr, turn);
    tl_page_colour(v->page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(cr, 0.8);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(cr, 0.0, -12.0);
        cairo_line_to(cr, side * 5.5, 11.0);
        cairo_line_to(cr, 0.0, 6.0);
        cairo_close_path(cr);
        if (side < 0)
            cairo_fill_preserve(cr);
        cairo_stroke(cr);
    }
    cairo_restore(cr);
}

/* The band under the map: scale bar, scale in words, the system, north. Returns its height. */
static double draw_scale_band(struct view *v, double y, double scale, const char *crs_name)
{
    struct tl_catalogue *words = v->d->words;
    double length_m = tl_scale_round_down(130.0 * v->m_per_pt), w = length_m / v->m_per_pt;
    double unit = length_m >= 2000.0 ? 1000.0 : 1.0, x = v->box.x;
    struct tl_page_style style = {.size_pt = 7.2, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page_style text = {
        .size_pt = 7.8, .colour = TL_FRAME_GREY, .width_pt = v->box.w - w - 90.0, .max_lines = 3};
    for (int k = 0; k < 4; k++)
        tl_page_fill_box(v->page, (struct tl_box){x + k * w / 4, y + 7.0, w / 4, 4.0},
                         k % 2 == 0 ? TL_FRAME_INK : 0xFFFFFF);
    tl_page_stroke_box(v->page, (struct tl_box){x, y + 7.0, w, 4.0}, TL_FRAME_INK, 0.6);
    for (int k = 0; k <= 2; k++) {
        const char *number = tl_dossier_figure(v->d, k * length_m / 2.0 / unit);
        const char *label = k < 2 ? number
                            : unit > 1.0
                                ? tl_dossier_say(v->d, tl_catalogue_text(words, "%s km"), number)
                                : tl_dossier_say(v->d, tl_catalogue_text(words, "%s m"), number);
        tl_page_text(v->page, x + k * w / 2, y + 12.0, &style, label);
    }
    tl_page_text(
        v->page, x + w + 34.0, y + 3.0, &text,
        tl_dossier_say(v->d,
                       tl_catalogue_text(words, "Scale 1 : %s when printed on A4. Grid: %s, in "
                                                "metres. The arrow points to true north."),
                       tl_dossier_whole(v->d, scale), crs_name));
    draw_north(v, v->box.x + v->box.w - 12.0, y);
    return 44.0;
}

static tl_err draw_inside(struct view *v, struct tl_labels *labels)
{
    tl_err err = TL_OK;
    double deg[4], x[4], y[4];
    const struct tl_box *b = &v->box;
    for (int k = 0; k < 4; k++) {
        x[k] = v->west_m + (k % 2 == 0 ? 0.0 : b->w * v->m_per_pt);
        y[k] = v->north_m - (k < 2 ? 0.0 : b->h * v->m_per_pt);
    }
    tl_crs_map_points_back(v->d->to_grid, 4, x, y, NULL);
    deg[0] = fmin(x[0], x[2]);
    deg[1] = fmin(y[2], y[3]);
    deg[2] = fmax(x[1], x[3]);
    deg[3] = fmax(y[0], y[1]);
    TL_TRY(draw_context(v, TL_KIND_HAZARD_AREA, deg));
    TL_TRY(draw_context(v, TL_KIND_LINE, deg));
    trace(v, &v->d->area);
    tl_page_colour(v->page, 0xFBF1EC, 1.0);
    cairo_fill(v->page->cr);
    draw_searches(v);
    draw_grid(v, false);
    trace(v, &v->d->area);
    stroke_own_area(v->page);
    draw_found(v, labels);
    draw_turning_points(v, labels);
    TL_TRY(draw_places(v, labels, deg));
done:
    return err;
}

/* The key: a mark and its words, in columns. */
struct key {
    struct view *v;
    int n;
    double x, y;
};

static void key_place(struct key *key, const char *words)
{
    struct tl_page_style style = {
        .size_pt = 8.0, .colour = TL_FRAME_INK, .middle = true, .width_pt = 130.0, .max_lines = 2};
    key->x = TL_FLOW_LEFT_PT + (key->n % 3) * (TL_FLOW_WIDTH_PT / 3.0);
    key->y = key->v->d->flow.y + 23.0 * (key->n / 3) + 10.0;
    key->n++;
    tl_page_text(key->v->page, key->x + 30.0, key->y, &style, words);
}

static struct tl_box swatch(const struct key *key)
{
    return (struct tl_box){key->x + 2.0, key->y - 5.5, 22.0, 11.0};
}

static void key_styles(struct key *key)
{
    struct view *v = key->v;
    for (int k = 0; k < v->n_styles; k++) {
        const char *method = v->methods[k] == NULL
                                 ? tl_catalogue_text(v->d->words, "method not recorded")
                                 : tl_dossier_term(v->d, v->methods[k]);
        bool is_one = !v->is_mixed || k < STYLES_MAX - 1;
        key_place(key,
                  is_one ? tl_dossier_say(v->d, "%s: %s (%d)", tl_dossier_term(v->d, v->types[k]),
                                          method, v->n_of_style[k])
                         : tl_dossier_say(v->d, "%s (%d)",
                                          tl_catalogue_text(v->d->words, "other kinds and methods"),
                                          v->n_of_style[k]));
        struct tl_box b = swatch(key);
        cairo_new_path(v->page->cr);
        cairo_rectangle(v->page->cr, b.x, b.y, b.w, b.h);
        struct view whole = *v;
        whole.box = b;
        hatch_path(&whole, k, 4.0);
    }
}

static void key_line(struct key *key, const char *words)
{
    key_place(key, words);
    cairo_move_to(key->v->page->cr, key->x + 2.0, key->y);
    cairo_line_to(key->v->page->cr, key->x + 24.0, key->y);
}

static void draw_key(struct view *v)
{
    struct tl_catalogue *w = v->d->words;
    struct tl_page *page = v->page;
    struct key key = {.v = v};
    const char *const lines[4] = {
        tl_catalogue_text(w, "defence line"), tl_catalogue_text(w, "trench"),
        tl_catalogue_text(w, "road or other line"), tl_catalogue_text(w, "river")};
    key_line(&key, tl_catalogue_text(w, "this area"));
    stroke_own_area(page);
    key_place(&key, tl_catalogue_text(w, "turning point with its number"));
    mark_turning_point(page, key.x + 13.0, key.y, 2.4);
    key_styles(&key);
    if (v->has_inspections) {
        key_line(&key, tl_catalogue_text(w, "sampling inspection"));
        stroke_inspection(page);
    }
    if (v->has_items) {
        key_place(&key, tl_catalogue_text(w, "item found"));
        mark_item(page, key.x + 13.0, key.y);
    }
    if (v->has_accidents) {
        key_place(&key, tl_catalogue_text(w, "accident"));
        tl_frame_mark_point(page, key.x + 13.0, key.y, 4.0);
    }
    if (v->has_others) {
        key_place(&key, tl_catalogue_text(w, "other hazardous area"));
        tl_page_fill_box(page, swatch(&key), 0xEFECE6);
        tl_page_stroke_box(page, swatch(&key), 0x9A958A, 0.6);
    }
    for (int k = 0; k < 4; k++)
        if (v->has_lines[k]) {
            key_line(&key, lines[k]);
            tl_frame_stroke_line(page, (enum tl_report_line)k);
        }
    v->d->flow.y += 23.0 * ((key.n + 2) / 3) + 4.0;
}

static void draw_notes(struct view *v)
{
    struct tl_dossier *d = v->d;
    struct tl_catalogue *w = d->words;
    if (v->thinned)
        tl_flow_note(&d->flow,
                     tl_catalogue_text(w, "Where turning points lie close together only some carry "
                                          "their number; the table has all of them."));
    if (v->n_without_polygon > 0)
        tl_flow_note(
            &d->flow,
            tl_dossier_say(d,
                           tl_catalogue_plural(
                               w, "%d search has no polygon in the register and is not drawn.",
                               "%d searches have no polygon in the register and are not drawn.",
                               v->n_without_polygon),
                           v->n_without_polygon));
    if (v->has_items || v->has_accidents)
        tl_flow_note(&d->flow,
                     tl_catalogue_text(w, "Shows exact positions of items: not for publication."));
}

tl_err tl_dossier_map(struct tl_dossier *d)
{
    tl_err err = TL_OK;
    struct view v = {.d = d, .page = &d->flow.page};
    struct tl_labels *labels = NULL;
    char crs_name[TL_CRS_TEXT_BYTES];
    tl_flow_heading(&d->flow, tl_catalogue_text(d->words, "Map"), 600.0);
    if (d->area.n_rings == 0) {
        tl_flow_paragraph(&d->flow,
                          tl_catalogue_text(d->words, "The assessment has no geometry to draw."));
        return TL_OK;
    }
    TL_TRY_ALLOC(d->ctx, labels, 1);
    TL_TRY(tl_crs_check(d->ctx, tl_project_crs(d->project), 1, crs_name));
    double scale = set_view(&v);
    tl_labels_init(labels, v.box);
    cairo_save(v.page->cr);
    cairo_rectangle(v.page->cr, v.box.x, v.box.y, v.box.w, v.box.h);
    cairo_clip(v.page->cr);
    err = draw_inside(&v, labels);
    cairo_restore(v.page->cr);
    if (err != TL_OK)
        goto done;
    draw_grid(&v, true);
    tl_page_stroke_box(v.page, v.box, TL_FRAME_INK, 0.7);
    d->flow.y = v.box.y + v.box.h + 14.0;
    d->flow.y += draw_scale_band(&v, d->flow.y, scale, crs_name);
    draw_key(&v);
    draw_notes(&v);
done:
    tl_free(labels);
    return err;
}
