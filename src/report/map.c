/*
 * The page: title; two maps of one scale, side by side, or one above the other when the land is so wide that this shows
 * it larger; under each its legend; below them what the marks mean with scale bar and north, where to look first, and
 * notes; a footer. Heights are given out from the top, and what the maps do not need goes to the words below.
 */
#include "report/frame.h"

#include <math.h>
#include <stdio.h>

static const double margin_pt = 32.0, gutter_pt = 30.0;

/* A map narrower than this share of its panel is a sliver. */
#define WIDE_SHARE 0.6

enum { BAND_HEIGHT_PT = 112, FOOTER_Y_PT = 566 };

/* What a panel needs besides its map. */
static const double head_pt = 15.0, ticks_below_pt = 18.0, between_pt = 8.0;
static const double legend_pt[2] = {36.0, 46.0};

struct sheet {
    struct tl_page page;
    const struct tl_report_map *map;
    struct tl_frame frames[2];
    struct tl_box panels[2];
    double band_y;
};

static const char *const heads[2] = {"How many items may there be?", "How well is this known?"};
static const char *const captions[2] = {
    "Items of explosive ordnance per hectare (each step of the scale is a ratio)",
    "Standard deviation of log density; below: right to this factor either way"};

static double draw_title(struct sheet *sheet)
{
    double width = TL_PAGE_WIDTH_PT - 2 * margin_pt, w, h;
    struct tl_page_style title = {.size_pt = 17.0, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style subtitle = {
        .size_pt = 9.0, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 1};
    tl_page_measure(&sheet->page, &title, sheet->map->title, &w, &h);
    if (w > width)
        title.size_pt = fmax(11.0, 17.0 * width / w * 0.99);
    title.width_pt = width;
    title.max_lines = 1;
    double y = 22.0;
    y += tl_page_text(&sheet->page, margin_pt, y, &title, sheet->map->title);
    y += tl_page_text(&sheet->page, margin_pt, y, &subtitle, sheet->map->subtitle);
    return y + 7.0;
}

/* Size of the map within a panel; a strip one cell wide is widened to be seen at all. */
static void fit_box(const struct tl_grid *grid, double w, double h, struct tl_box *box)
{
    double scale = fmin(w / (double)grid->n_x, h / (double)grid->n_y);
    box->w = fmax(scale * (double)grid->n_x, 4.0);
    box->h = fmax(scale * (double)grid->n_y, 4.0);
}

static void lay_out(struct sheet *sheet, double top)
{
    const struct tl_grid *grid = &sheet->map->grid;
    double width = TL_PAGE_WIDTH_PT - 2 * margin_pt;
    double height = FOOTER_Y_PT - 6.0 - BAND_HEIGHT_PT - top;
    double furniture = head_pt + ticks_below_pt, half = (width - gutter_pt) / 2;
    struct tl_box beside = {0}, stacked = {0};
    fit_box(grid, half, height - furniture - legend_pt[1], &beside);
    double legends = legend_pt[0] + legend_pt[1] + between_pt;
    fit_box(grid, width, (height - 2 * furniture - legends) / 2, &stacked);
    bool is_stacked = stacked.w > beside.w * 1.02;
    struct tl_box map = is_stacked ? stacked : beside;
    double panel_w = is_stacked ? width : half, y = top;
    for (int i = 0; i < 2; i++) {
        double panel_h = furniture + map.h + legend_pt[is_stacked ? i : 1];
        double x = margin_pt + (is_stacked ? 0.0 : i * (half + gutter_pt));
        sheet->panels[i] = (struct tl_box){x, y, panel_w, panel_h};
        sheet->frames[i].box = map;
        /* Flush with the page's two edges; a sliver stands in the middle of its half. */
        double slack = panel_w - map.w;
        bool is_wide = map.w > WIDE_SHARE * panel_w;
        sheet->frames[i].box.x = x + (!is_wide ? slack / 2 : i == 0 || is_stacked ? 0.0 : slack);
        sheet->frames[i].box.y = y + head_pt;
        sheet->band_y = y + panel_h;
        y += is_stacked ? panel_h + between_pt : 0.0;
    }
}

static tl_err draw_panel(struct sheet *sheet, int i)
{
    struct tl_frame *frame = &sheet->frames[i];
    struct tl_box panel = sheet->panels[i];
    struct tl_page_style head = {
        .size_pt = 10.5, .bold = true, .colour = TL_FRAME_INK, .width_pt = panel.w, .max_lines = 1};
    /* Over a map of ordinary width the words start where it starts; over a sliver they start at the panel's edge. */
    bool is_wide = frame->box.w > WIDE_SHARE * panel.w;
    double left = is_wide ? frame->box.x : panel.x;
    tl_page_text(&sheet->page, left, panel.y - 2.0, &head, heads[i]);
    tl_err err = tl_frame_draw(frame);
    double width = fmin(is_wide ? frame->box.w : panel.w, 460.0);
    struct tl_box legend = {left, frame->box.y + frame->box.h + ticks_below_pt, width, 0};
    tl_legend_draw(frame, legend, captions[i], i == 1);
    return err;
}

static void draw_scale_bar(struct sheet *sheet, double x, double y)
{
    const struct tl_grid *g = &sheet->map->grid;
    const struct tl_box *box = &sheet->frames[0].box;
    /* The longer side: the shorter one of a sliver is widened, and would lie. */
    double pt_per_m = g->n_x >= g->n_y ? box->w / ((double)g->n_x * g->step_m)
                                       : box->h / ((double)g->n_y * g->step_m);
    double length_m = tl_scale_round_down(110.0 / pt_per_m), w = length_m * pt_per_m;
    struct tl_page_style style = {.size_pt = 7.2, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page *page = &sheet->page;
    double unit = length_m >= 1000.0 ? 1000.0 : 1.0;
    for (int i = 0; i < 4; i++)
        tl_page_fill_box(page, (struct tl_box){x + i * w / 4, y, w / 4, 4.0},
                         i % 2 == 0 ? TL_FRAME_INK : 0xFFFFFF);
    tl_page_stroke_box(page, (struct tl_box){x, y, w, 4.0}, TL_FRAME_INK, 0.6);
    for (int i = 0; i <= 2; i++) {
        char text[TL_SCALE_TEXT_BYTES + 8], number[TL_SCALE_TEXT_BYTES];
        tl_scale_number(i * length_m / 2 / unit, number);
        snprintf(text, sizeof text, "%s%s", number, i < 2 ? "" : unit > 1.0 ? " km" : " m");
        tl_page_text(page, x + i * w / 2, y + 4.5, &style, text);
    }
}

static void draw_north(struct sheet *sheet, double x, double y)
{
    cairo_t *cr = sheet->page.cr;
    struct tl_page_style style = {
        .size_pt = 8.5, .bold = true, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    tl_page_text(&sheet->page, x, y - 13.0, &style, "N");
    tl_page_colour(&sheet->page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(cr, 0.7);
    for (int side = -1; side <= 1; side += 2) {
        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + side * 5.0, y + 17.0);
        cairo_line_to(cr, x, y + 13.0);
        cairo_close_path(cr);
        if (side < 0)
            cairo_fill_preserve(cr);
        cairo_stroke(cr);
    }
}

enum key_kind {
    KEY_AREA,
    KEY_DEFENCE,
    KEY_TRENCH,
    KEY_ROAD,
    KEY_RIVER,
    KEY_ACCIDENT,
    KEY_FIND,
    KEY_PLACE,
    KEY_LOOK,
    KEY_KINDS
};

static void draw_key_mark(struct tl_page *page, enum key_kind kind, double x, double y)
{
    if (kind == KEY_AREA) {
        cairo_rectangle(page->cr, x - 6.0, y - 3.5, 12.0, 7.0);
        tl_frame_stroke_area(page);
    } else if (kind <= KEY_RIVER) {
        cairo_move_to(page->cr, x - 8.0, y);
        cairo_line_to(page->cr, x + 8.0, y);
        tl_frame_stroke_line(page, (enum tl_report_line)(kind - KEY_DEFENCE));
    } else if (kind == KEY_ACCIDENT) {
        tl_frame_mark_point(page, x, y, 2.3);
    } else if (kind == KEY_FIND) {
        tl_frame_mark_find(page, x, y);
    } else if (kind == KEY_PLACE) {
        tl_frame_mark_place(page, x, y);
    } else {
        tl_frame_mark_ring(page, x - 2.0, y, 4.0);
    }
}

static void count_kinds(const struct tl_report_map *map, int64_t n[KEY_KINDS])
{
    n[KEY_AREA] = map->n_areas;
    n[KEY_PLACE] = map->n_places;
    n[KEY_LOOK] = map->n_look;
    for (int64_t i = 0; i < map->n_lines; i++)
        n[KEY_DEFENCE + (int)map->lines[i].kind]++;
    for (int64_t i = 0; i < map->n_points; i++)
        n[map->points[i].is_find ? KEY_FIND : KEY_ACCIDENT]++;
}

/* Only what is on this map is in its key. */
static void draw_key(struct sheet *sheet, double x, double y, double width)
{
    static const char *const words[KEY_KINDS] = {
        "Hazardous area", "Defence line", "Trench", "Road",           "River",
        "Accident",       "Item found",   "Place",  "Look here first"};
    const struct tl_report_map *map = sheet->map;
    struct tl_page_style style = {.size_pt = 8.0,
                                  .colour = TL_FRAME_INK,
                                  .middle = true,
                                  .width_pt = width / 2 - 22.0,
                                  .max_lines = 1};
    int64_t n[KEY_KINDS] = {0};
    int shown = 0;
    count_kinds(map, n);
    for (int i = 0; i < KEY_KINDS; i++) {
        if (n[i] <= 0)
            continue;
        double left = x + (shown % 2) * width / 2, middle = y + 5.0 + (shown / 2) * 11.5;
        draw_key_mark(&sheet->page, (enum key_kind)i, left + 9.0, middle);
        tl_page_text(&sheet->page, left + 22.0, middle, &style, words[i]);
        shown++;
    }
    char text[320], step[TL_SCALE_TEXT_BYTES];
    double step_m = map->grid.step_m;
    tl_scale_number(step_m >= 1000.0 ? step_m / 1000.0 : step_m, step);
    snprintf(text, sizeof text, "Cells of %s %s · %.200s · N is grid north", step,
             step_m >= 1000.0 ? "km" : "m", map->crs_name == NULL ? "" : map->crs_name);
    struct tl_page_style fine = {
        .size_pt = 7.0, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 2};
    double bar_y = y + fmax(12.0 * ((shown + 1) / 2), 36.0) + 9.0;
    draw_scale_bar(sheet, x + 6.0, bar_y + 5.0);
    draw_north(sheet, x + width - 40.0, bar_y + 3.0);
    tl_page_text(&sheet->page, x, bar_y + 26.0, &fine, text);
}

static void write_position(const struct tl_report_map *map, const struct tl_report_point *at,
                           char text[96])
{
    double lon, lat;
    if (tl_graticule_degrees(map, at->x_m, at->y_m, &lon, &lat))
        snprintf(text, 96, "%.4f° %c, %.4f° %c", fabs(lat), lat < 0 ? 'S' : 'N', fabs(lon),
                 lon < 0 ? 'W' : 'E');
    else
        snprintf(text, 96, "E %.0f m, N %.0f m", at->x_m, at->y_m);
}

static double draw_heading(struct sheet *sheet, double x, double y, const char *text)
{
    struct tl_page_style style = {.size_pt = 9.0, .bold = true, .colour = TL_FRAME_INK};
    return tl_page_text(&sheet->page, x, y, &style, text) + 1.5;
}

static void draw_look_list(struct sheet *sheet, struct tl_box box)
{
    const struct tl_report_map *map = sheet->map;
    struct tl_page_style style = {
        .size_pt = 8.0, .colour = TL_FRAME_INK, .width_pt = box.w - 16.0, .max_lines = 1};
    double y = box.y + draw_heading(sheet, box.x, box.y, "Look here first"), row = 11.6;
    int64_t n_fit = (int64_t)((box.y + box.h - y) / row);
    int64_t n = map->n_look <= n_fit ? map->n_look : n_fit - 1;
    for (int64_t i = 0; i < n; i++) {
        char position[96], text[512];
        write_position(map, &map->look[i], position);
        const char *label = map->look[i].label;
        snprintf(text, sizeof text, "%s%s%.380s", position, label == NULL ? "" : " · ",
                 label == NULL ? "" : label);
        tl_frame_mark_badge(&sheet->page, box.x + 5.0, y + 6.0, (int)(i + 1));
        tl_page_text(&sheet->page, box.x + 16.0, y + 0.4, &style, text);
        y += row;
    }
    if (n < map->n_look) {
        char text[64];
        snprintf(text, sizeof text, "and %lld more, in the data", (long long)(map->n_look - n));
        tl_page_text(&sheet->page, box.x + 16.0, y + 0.4, &style, text);
    }
}

static void draw_notes(struct sheet *sheet, struct tl_box box)
{
    const struct tl_report_map *map = sheet->map;
    struct tl_page_style style = {.size_pt = 8.0, .colour = TL_FRAME_INK, .width_pt = box.w};
    double y = box.y + draw_heading(sheet, box.x, box.y, "How to read this");
    for (int64_t i = 0; i < map->n_notes; i++) {
        double w, h, line = 11.0;
        style.max_lines = (int)((box.y + box.h - y + 1.0) / line);
        if (style.max_lines < 1)
            return;
        tl_page_measure(&sheet->page, &style, map->notes[i], &w, &h);
        tl_page_text(&sheet->page, box.x, y, &style, map->notes[i]);
        y += h + 2.0;
    }
}

static void draw_band(struct sheet *sheet)
{
    double y = sheet->band_y + 8.0, height = FOOTER_Y_PT - 6.0 - y, key_w = 214.0, gap = 20.0;
    double x = margin_pt + key_w + gap, rest = TL_PAGE_WIDTH_PT - margin_pt - x;
    bool has_look = sheet->map->n_look > 0, has_notes = sheet->map->n_notes > 0;
    tl_page_colour(&sheet->page, TL_FRAME_PALE, 1.0);
    tl_page_line(&sheet->page, margin_pt, y - 4.0, TL_PAGE_WIDTH_PT - margin_pt, y - 4.0, 0.5);
    draw_key(sheet, margin_pt, y, key_w);
    double look_w = !has_look ? 0.0 : has_notes ? (rest - gap) * 0.54 : rest;
    if (has_look)
        draw_look_list(sheet, (struct tl_box){x, y, look_w, height});
    if (!has_notes)
        return;
    x += has_look ? look_w + gap : 0.0;
    draw_notes(sheet, (struct tl_box){x, y, TL_PAGE_WIDTH_PT - margin_pt - x, height});
}

static void draw_footer(struct sheet *sheet)
{
    struct tl_page_style style = {.size_pt = 7.0,
                                  .colour = TL_FRAME_GREY,
                                  .width_pt = TL_PAGE_WIDTH_PT - 2 * margin_pt,
                                  .max_lines = 1};
    tl_page_colour(&sheet->page, TL_FRAME_PALE, 1.0);
    tl_page_line(&sheet->page, margin_pt, FOOTER_Y_PT, TL_PAGE_WIDTH_PT - margin_pt, FOOTER_Y_PT,
                 0.5);
    tl_page_text(&sheet->page, margin_pt, FOOTER_Y_PT + 3.0, &style, sheet->map->footer);
}

static bool has_nan(const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (isnan(values[i]))
            return true;
    return false;
}

static tl_err open_frames(struct tl_ctx *ctx, struct sheet *sheet)
{
    tl_err err = TL_OK;
    const struct tl_report_map *map = sheet->map;
    int64_t n = map->grid.n_x * map->grid.n_y;
    for (int i = 0; i < 2; i++) {
        struct tl_frame *frame = &sheet->frames[i];
        *frame = (struct tl_frame){.page = &sheet->page,
                                   .map = map,
                                   .values = i == 0 ? map->mean : map->sd,
                                   .factor = i == 0 ? 1e4 : 1.0};
        frame->has_nodata = has_nan(frame->values, n);
        TL_TRY(tl_scale_fit(ctx, i == 0 ? TL_SCALE_DENSITY : TL_SCALE_UNCERTAINTY, i == 0,
                            frame->values, n, frame->factor, &frame->scale));
    }
done:
    return err;
}

tl_err tl_report_map_draw(struct tl_ctx *ctx, const struct tl_report_map *map, const char *path)
{
    tl_err err = TL_OK;
    struct sheet sheet = {.map = map};
    TL_TRY(tl_page_open(ctx, path, map->title, &sheet.page));
    TL_TRY(open_frames(ctx, &sheet));
    lay_out(&sheet, draw_title(&sheet));
    TL_TRY(draw_panel(&sheet, 0));
    TL_TRY(draw_panel(&sheet, 1));
    draw_band(&sheet);
    draw_footer(&sheet);
    TL_TRY(tl_page_write(&sheet.page));
done:
    tl_page_fini(&sheet.page);
    return err;
}
