/*
 * What lies on the map is drawn in black with a white edge, so that it reads on any colour of either scale. Grids larger
 * than the page can show are drawn by blocks, each with its largest value: a hot cell is never averaged away.
 */
#include "report/frame.h"

#include <math.h>
#include <stdlib.h>

enum { IMAGE_SIDE_MAX = 1400, LABELLED_MAX = 40, DOTS_MAX = 400, SMALL_POINTS = 600 };

static const double ring_pt = 5.5, badge_pt = 4.9;

void tl_frame_point(const struct tl_frame *frame, double x_m, double y_m, double *x_pt,
                    double *y_pt)
{
    const struct tl_grid *g = &frame->map->grid;
    *x_pt = frame->box.x + (x_m - g->x0_m) / ((double)g->n_x * g->step_m) * frame->box.w;
    *y_pt = frame->box.y + (g->y0_m - y_m) / ((double)g->n_y * g->step_m) * frame->box.h;
}

static bool is_inside(const struct tl_frame *frame, double x, double y)
{
    const struct tl_box *b = &frame->box;
    return x >= b->x && x <= b->x + b->w && y >= b->y && y <= b->y + b->h;
}

/* Largest value of a block of cells, NaN when all are. */
static double block_value(const struct tl_frame *frame, int64_t row, int64_t column, int64_t side)
{
    const struct tl_grid *g = &frame->map->grid;
    double best = NAN;
    for (int64_t r = row; r < row + side && r < g->n_y; r++)
        for (int64_t c = column; c < column + side && c < g->n_x; c++)
            best = fmax(best, frame->values[r * g->n_x + c]);
    return best;
}

static tl_err draw_raster(struct tl_frame *frame)
{
    tl_err err = TL_OK;
    struct tl_page *page = frame->page;
    const struct tl_grid *g = &frame->map->grid;
    int64_t longest = g->n_x > g->n_y ? g->n_x : g->n_y;
    /* No more blocks than a PNG has pixels there: one that falls between two pixels would be lost. */
    double side_px = fmax(frame->box.w, frame->box.h) * TL_PAGE_PNG_DPI / 72.0;
    int64_t most =
        page->is_pdf ? IMAGE_SIDE_MAX : (int64_t)fmin(fmax(side_px, 1.0), IMAGE_SIDE_MAX);
    int64_t side = (longest + most - 1) / most;
    int64_t n_x = (g->n_x + side - 1) / side, n_y = (g->n_y + side - 1) / side;
    uint32_t *pixels = NULL;
    TL_TRY_ALLOC(page->ctx, pixels, n_x * n_y);
    for (int64_t i = 0; i < n_x * n_y; i++) {
        double value = block_value(frame, i / n_x * side, i % n_x * side, side) * frame->factor;
        double share = tl_scale_share(&frame->scale, value);
        pixels[i] = isnan(value) ? 0 : 0xFF000000u | tl_scale_colour(frame->scale.colours, share);
    }
    /* Blocks may reach past the grid's south and east edges: the image is laid out in whole blocks, then cut. */
    struct tl_box whole = frame->box;
    whole.w *= (double)(n_x * side) / (double)g->n_x;
    whole.h *= (double)(n_y * side) / (double)g->n_y;
    tl_page_hatch(page, frame->box);
    cairo_save(page->cr);
    cairo_rectangle(page->cr, frame->box.x, frame->box.y, frame->box.w, frame->box.h);
    cairo_clip(page->cr);
    err = tl_page_image(page, whole, (int)n_x, (int)n_y, pixels);
    cairo_restore(page->cr);
done:
    tl_free(pixels);
    return err;
}

void tl_frame_stroke_area(struct tl_page *page)
{
    cairo_set_line_join(page->cr, CAIRO_LINE_JOIN_ROUND);
    tl_page_colour(page, 0xFFFFFF, 0.85);
    cairo_set_line_width(page->cr, 2.0);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(page->cr, 0.7);
    cairo_stroke(page->cr);
}

void tl_frame_stroke_line(struct tl_page *page, enum tl_report_line kind)
{
    static const double dashes[] = {5.0, 2.0, 1.2, 2.0};
    static const struct {
        double edge, width;
        uint32_t colour;
    } styles[] = {[TL_REPORT_DEFENCE_LINE] = {2.6, 1.2, TL_FRAME_INK},
                  [TL_REPORT_TRENCH] = {1.6, 0.7, TL_FRAME_INK},
                  [TL_REPORT_ROAD] = {1.5, 0.7, 0x7A7F82},
                  [TL_REPORT_RIVER] = {1.7, 0.9, 0x2E6FA7}};
    cairo_set_line_join(page->cr, CAIRO_LINE_JOIN_ROUND);
    tl_page_colour(page, 0xFFFFFF, 0.75);
    cairo_set_line_width(page->cr, styles[kind].edge);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, styles[kind].colour, 1.0);
    cairo_set_line_width(page->cr, styles[kind].width);
    if (kind == TL_REPORT_DEFENCE_LINE)
        cairo_set_dash(page->cr, dashes, 4, 0.0);
    cairo_stroke(page->cr);
    cairo_set_dash(page->cr, NULL, 0, 0.0);
}

static void trace_path(struct tl_frame *frame, const struct tl_report_path *path)
{
    cairo_t *cr = frame->page->cr;
    bool pen_down = false;
    cairo_new_path(cr);
    for (int64_t i = 0; i < path->n; i++) {
        double x, y;
        tl_frame_point(frame, path->xy_m[2 * i], path->xy_m[2 * i + 1], &x, &y);
        /* Cairo's fixed-point coordinates overflow far off the page. */
        if (!(fabs(x) < 1e5 && fabs(y) < 1e5)) {
            pen_down = false;
            continue;
        }
        if (pen_down)
            cairo_line_to(cr, x, y);
        else
            cairo_move_to(cr, x, y);
        pen_down = true;
    }
    if (path->closed && path->n > 2 && pen_down)
        cairo_close_path(cr);
}

void tl_frame_mark_point(struct tl_page *page, double x, double y, double radius)
{
    cairo_t *cr = page->cr;
    cairo_move_to(cr, x, y - radius);
    cairo_line_to(cr, x + radius, y);
    cairo_line_to(cr, x, y + radius);
    cairo_line_to(cr, x - radius, y);
    cairo_close_path(cr);
    if (radius > 1.5) {
        tl_page_colour(page, 0xFFFFFF, 1.0);
        cairo_set_line_width(cr, 1.1);
        cairo_stroke_preserve(cr);
    }
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_fill(cr);
}

void tl_frame_mark_place(struct tl_page *page, double x, double y, double radius)
{
    cairo_new_sub_path(page->cr);
    cairo_arc(page->cr, x, y, radius, 0.0, 6.283185307179586);
    tl_page_colour(page, 0xFFFFFF, 1.0);
    cairo_fill_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(page->cr, radius > 1.5 ? 0.8 : 0.5);
    cairo_stroke(page->cr);
}

void tl_frame_mark_ring(struct tl_page *page, double x, double y, double radius)
{
    cairo_new_sub_path(page->cr);
    cairo_arc(page->cr, x, y, radius, 0.0, 6.283185307179586);
    tl_page_colour(page, 0xFFFFFF, 0.95);
    cairo_set_line_width(page->cr, 3.0);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(page->cr, 1.4);
    cairo_stroke(page->cr);
}

void tl_frame_mark_badge(struct tl_page *page, double x, double y, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    cairo_new_sub_path(page->cr);
    cairo_arc(page->cr, x, y, badge_pt, 0.0, 6.283185307179586);
    tl_page_colour(page, 0xFFFFFF, 0.95);
    cairo_set_line_width(page->cr, 1.6);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_fill(page->cr);
    struct tl_page_style style = {.size_pt = number < 10    ? 7.0
                                             : number < 100 ? 6.2
                                                            : 4.6,
                                  .bold = true,
                                  .colour = 0xFFFFFF,
                                  .align = TL_PAGE_CENTRE,
                                  .middle = true};
    tl_page_text(page, x, y, &style, text);
}

void tl_frame_mark_find(struct tl_page *page, double x, double y)
{
    cairo_new_sub_path(page->cr);
    cairo_arc(page->cr, x, y, 0.95, 0.0, 6.283185307179586);
    tl_page_colour(page, 0xFFFFFF, 0.9);
    cairo_set_line_width(page->cr, 0.6);
    cairo_stroke_preserve(page->cr);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_fill(page->cr);
}

/* Finds first, accidents over them. */
static void draw_points(struct tl_frame *frame, struct tl_labels *labels)
{
    const struct tl_report_map *map = frame->map;
    int64_t n_accidents = 0;
    double x, y;
    for (int64_t i = 0; i < map->n_points; i++) {
        n_accidents += !map->points[i].is_find;
        tl_frame_point(frame, map->points[i].x_m, map->points[i].y_m, &x, &y);
        if (map->points[i].is_find && is_inside(frame, x, y))
            tl_frame_mark_find(frame->page, x, y);
    }
    double radius = n_accidents > SMALL_POINTS ? 0.9 : 2.3;
    for (int64_t i = 0; i < map->n_points; i++) {
        tl_frame_point(frame, map->points[i].x_m, map->points[i].y_m, &x, &y);
        if (map->points[i].is_find || !is_inside(frame, x, y))
            continue;
        tl_frame_mark_point(frame->page, x, y, radius);
        tl_labels_avoid(labels, (struct tl_box){x - radius, y - radius, 2 * radius, 2 * radius});
    }
}

/* A number beside its ring, or, where rings crowd, a little off with a line to it. */
static void draw_look_number(struct tl_frame *frame, struct tl_labels *labels, double x, double y,
                             int number)
{
    static const double gaps[] = {1.2, 9.0, 18.0, 28.0, 40.0, 54.0};
    const double side = 2 * badge_pt + 1;
    struct tl_box box = {x - side / 2, y - side / 2, side, side};
    for (size_t k = 0; k < sizeof gaps / sizeof *gaps; k++) {
        if (!tl_labels_place(labels, x, y, ring_pt + gaps[k], side, side, &box))
            continue;
        double to_x = box.x + side / 2, to_y = box.y + side / 2, away = hypot(to_x - x, to_y - y);
        for (int pass = 0; k > 0 && pass < 2; pass++) {
            tl_page_colour(frame->page, pass == 0 ? 0xFFFFFF : TL_FRAME_INK, 0.9);
            tl_page_line(frame->page, x + (to_x - x) * ring_pt / away,
                         y + (to_y - y) * ring_pt / away, to_x, to_y, pass == 0 ? 1.8 : 0.7);
        }
        break;
    }
    tl_frame_mark_badge(frame->page, box.x + side / 2, box.y + side / 2, number);
}

/* Rings go first, then their numbers: a number may stand beside its ring, never on another one. */
static void draw_look(struct tl_frame *frame, struct tl_labels *labels)
{
    const struct tl_report_map *map = frame->map;
    double x, y;
    for (int64_t i = 0; i < map->n_look; i++) {
        tl_frame_point(frame, map->look[i].x_m, map->look[i].y_m, &x, &y);
        if (!is_inside(frame, x, y))
            continue;
        tl_frame_mark_ring(frame->page, x, y, ring_pt);
        tl_labels_take(labels, (struct tl_box){x - ring_pt, y - ring_pt, 2 * ring_pt, 2 * ring_pt});
    }
    for (int64_t i = 0; i < map->n_look; i++) {
        tl_frame_point(frame, map->look[i].x_m, map->look[i].y_m, &x, &y);
        if (is_inside(frame, x, y))
            draw_look_number(frame, labels, x, y, (int)(i + 1));
    }
}

struct ranked {
    double size;
    int64_t i;
};

static int larger_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->i > y->i) - (x->i < y->i);
}

static void draw_place_names(struct tl_frame *frame, struct tl_labels *labels,
                             const struct ranked *ranked, int64_t n)
{
    for (int64_t k = 0; k < n && k < LABELLED_MAX; k++) {
        const struct tl_report_point *place = &frame->map->places[ranked[k].i];
        struct tl_page_style style = {
            .size_pt = k < 4 ? 8.2 : 7.2, .bold = k < 4, .colour = TL_FRAME_INK, .halo_pt = 1.3};
        double x, y, w, h;
        struct tl_box box;
        tl_page_measure(frame->page, &style, place->label, &w, &h);
        tl_frame_point(frame, place->x_m, place->y_m, &x, &y);
        if (w > 0.0 && tl_labels_place(labels, x, y, 3.6, w, h * 0.86, &box))
            tl_page_text(frame->page, box.x, box.y - h * 0.07, &style, place->label);
    }
}

static tl_err draw_places(struct tl_frame *frame, struct tl_labels *labels)
{
    tl_err err = TL_OK;
    const struct tl_report_map *map = frame->map;
    struct ranked *ranked = NULL;
    int64_t n = 0;
    TL_TRY_ALLOC(frame->page->ctx, ranked, map->n_places);
    for (int64_t i = 0; i < map->n_places; i++) {
        double x, y, size = map->places[i].size;
        tl_frame_point(frame, map->places[i].x_m, map->places[i].y_m, &x, &y);
        if (is_inside(frame, x, y))
            ranked[n++] = (struct ranked){isfinite(size) ? size : 0.0, i};
    }
    qsort(ranked, (size_t)n, sizeof *ranked, larger_first);
    int64_t n_dots = n < DOTS_MAX ? n : LABELLED_MAX;
    /* The largest last, so on top. Hundreds of full marks would hide the map: those without a name are smaller. */
    for (int64_t k = n_dots - 1; k >= 0; k--) {
        const struct tl_report_point *place = &map->places[ranked[k].i];
        double x, y;
        tl_frame_point(frame, place->x_m, place->y_m, &x, &y);
        if (k < LABELLED_MAX) {
            tl_frame_mark_place(frame->page, x, y, 1.9);
            tl_labels_take(labels, (struct tl_box){x - 2.2, y - 2.2, 4.4, 4.4});
        } else {
            tl_frame_mark_place(frame->page, x, y, 1.0);
            tl_labels_avoid(labels, (struct tl_box){x - 1.2, y - 1.2, 2.4, 2.4});
        }
    }
    draw_look(frame, labels);
    draw_place_names(frame, labels, ranked, n);
done:
    tl_free(ranked);
    return err;
}

/* What matters less goes below. */
static void draw_lines(struct tl_frame *frame)
{
    const struct tl_report_map *map = frame->map;
    for (int kind = TL_REPORT_RIVER; kind >= TL_REPORT_DEFENCE_LINE; kind--)
        for (int64_t i = 0; i < map->n_lines; i++) {
            if ((int)map->lines[i].kind != kind)
                continue;
            trace_path(frame, &map->lines[i]);
            tl_frame_stroke_line(frame->page, map->lines[i].kind);
        }
}

tl_err tl_frame_draw(struct tl_frame *frame)
{
    tl_err err = TL_OK;
    const struct tl_report_map *map = frame->map;
    struct tl_page *page = frame->page;
    struct tl_labels *labels = NULL;
    TL_TRY_ALLOC(page->ctx, labels, 1);
    tl_labels_init(labels, frame->box);
    TL_TRY(draw_raster(frame));
    cairo_save(page->cr);
    cairo_rectangle(page->cr, frame->box.x, frame->box.y, frame->box.w, frame->box.h);
    cairo_clip(page->cr);
    tl_graticule_crosses(frame);
    draw_lines(frame);
    for (int64_t i = 0; i < map->n_areas; i++) {
        trace_path(frame, &map->areas[i]);
        tl_frame_stroke_area(page);
    }
    draw_points(frame, labels);
    err = draw_places(frame, labels);
    cairo_restore(page->cr);
    tl_graticule_draw(frame);
    tl_page_stroke_box(page, frame->box, TL_FRAME_INK, 0.7);
done:
    tl_free(labels);
    return err;
}
