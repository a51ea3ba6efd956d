/*
 * The page: title; two maps of one scale and under each its legend; what the marks mean with scale bar and north, where
 * to look first, and notes; a footer. Where each stands is up to layout.c.
 */
#include "report/layout.h"

#include <math.h>
#include <stdio.h>

#include "report/frame.h"

static const double margin_pt = 32.0;

enum { FOOTER_Y_PT = 573 };

struct sheet {
    struct tl_page page;
    const struct tl_report_map *map;
    struct tl_frame frames[2];
    struct tl_layout layout;
};

static const char *const heads[2] = {"How many items may there be?", "How well is this known?"};
static const char *const captions[2] = {
    "Items of explosive ordnance per hectare",
    "There may be this many times more or fewer (likely: 2 chances in 3)"};
static const char *const details[2] = {
    "Darker: more. Each step to the right multiplies.",
    "Darker: less is known. Grey: standard deviation of log density."};

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
    double y = 20.0;
    y += tl_page_text(&sheet->page, margin_pt, y, &title, sheet->map->title);
    y += tl_page_text(&sheet->page, margin_pt, y, &subtitle, sheet->map->subtitle);
    return y + 6.0;
}

static tl_err draw_panel(struct sheet *sheet, int i)
{
    const struct tl_layout *at = &sheet->layout;
    struct tl_page_style head = {.size_pt = 10.5,
                                 .bold = true,
                                 .colour = TL_FRAME_INK,
                                 .width_pt = at->panels[i].w,
                                 .max_lines = 1};
    sheet->frames[i].box = at->maps[i];
    tl_page_text(&sheet->page, at->panels[i].x, at->panels[i].y - 2.0, &head, heads[i]);
    tl_err err = tl_frame_draw(&sheet->frames[i]);
    tl_legend_draw(&sheet->frames[i], at->legends[i], captions[i], details[i], i == 1);
    return err;
}

static void draw_scale_bar(struct sheet *sheet, double x, double y, double longest_pt)
{
    const struct tl_grid *g = &sheet->map->grid;
    const struct tl_box *box = &sheet->frames[0].box;
    /* The longer side: the shorter one of a sliver is widened, and would lie. */
    double pt_per_m = g->n_x >= g->n_y ? box->w / ((double)g->n_x * g->step_m)
                                       : box->h / ((double)g->n_y * g->step_m);
    double length_m = tl_scale_round_down(longest_pt / pt_per_m), w = length_m * pt_per_m;
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
        tl_frame_mark_place(page, x, y, 1.9);
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

static int count_shown(const struct tl_report_map *map)
{
    int64_t n[KEY_KINDS] = {0};
    int shown = 0;
    count_kinds(map, n);
    for (int i = 0; i < KEY_KINDS; i++)
        shown += n[i] > 0;
    return shown;
}

/* Scale bar, north and what a cell is, from y down. */
static void draw_scale(struct sheet *sheet, struct tl_box key, double y)
{
    const struct tl_report_map *map = sheet->map;
    char text[320], step[TL_SCALE_TEXT_BYTES];
    double step_m = map->cell_m > 0.0 ? map->cell_m : map->grid.step_m;
    tl_scale_number(step_m >= 1000.0 ? step_m / 1000.0 : step_m, step);
    snprintf(text, sizeof text, "Cells of %s %s · %.200s · N is grid north", step,
             step_m >= 1000.0 ? "km" : "m", map->crs_name == NULL ? "" : map->crs_name);
    bool is_narrow = sheet->layout.key_columns == 1;
    struct tl_page_style fine = {
        .size_pt = 7.0, .colour = TL_FRAME_GREY, .width_pt = key.w, .max_lines = is_narrow ? 5 : 2};
    if (is_narrow) {
        draw_north(sheet, key.x + 12.0, y + 14.0);
        y += 38.0;
        draw_scale_bar(sheet, key.x + 6.0, y, key.w - 28.0);
    } else {
        draw_north(sheet, key.x + fmin(key.w - 24.0, 186.0), y + 8.0);
        y += 9.0;
        draw_scale_bar(sheet, key.x + 6.0, y, 110.0);
    }
    tl_page_text(&sheet->page, key.x, y + 20.0, &fine, text);
}

/* Only what is on this map is in its key. */
static void draw_key(struct sheet *sheet)
{
    static const char *const words[KEY_KINDS] = {
        "Hazardous area", "Defence line", "Trench", "Road",           "River",
        "Accident",       "Item found",   "Place",  "Look here first"};
    struct tl_box key = sheet->layout.key;
    int columns = sheet->layout.key_columns, shown = 0;
    double column_w = fmin(key.w / columns, 110.0);
    struct tl_page_style style = {.size_pt = 8.0,
                                  .colour = TL_FRAME_INK,
                                  .middle = true,
                                  .width_pt = column_w - 22.0,
                                  .max_lines = 1};
    int64_t n[KEY_KINDS] = {0};
    count_kinds(sheet->map, n);
    for (int i = 0; i < KEY_KINDS; i++) {
        if (n[i] <= 0)
            continue;
        double left = key.x + (shown % columns) * column_w;
        double middle = key.y + 6.0 + (shown / columns) * TL_LAYOUT_KEY_ROW_PT;
        draw_key_mark(&sheet->page, (enum key_kind)i, left + 9.0, middle);
        tl_page_text(&sheet->page, left + 22.0, middle, &style, words[i]);
        shown++;
    }
    double rows = TL_LAYOUT_KEY_ROW_PT * ((shown + columns - 1) / columns);
    draw_scale(sheet, key, key.y + (columns > 1 ? fmax(rows, 30.0) : rows) + 6.0);
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

static void draw_look_place(struct sheet *sheet, int64_t i, double x, double y, double width)
{
    const struct tl_report_point *place = &sheet->map->look[i];
    struct tl_page_style style = {.size_pt = 8.0,
                                  .colour = TL_FRAME_INK,
                                  .width_pt = width - 16.0,
                                  .max_lines = 1,
                                  .middle = true};
    char position[96], text[512];
    write_position(sheet->map, place, position);
    snprintf(text, sizeof text, "%s%s%.380s", position, place->label == NULL ? "" : " · ",
             place->label == NULL ? "" : place->label);
    tl_frame_mark_badge(&sheet->page, x + 5.0, y + TL_LAYOUT_LOOK_ROW_PT / 2, (int)(i + 1));
    tl_page_text(&sheet->page, x + 16.0, y + TL_LAYOUT_LOOK_ROW_PT / 2, &style, text);
}

/* Down the first column, then down the next; the last row of all tells how many did not fit. */
static void draw_look_list(struct sheet *sheet)
{
    const double row = TL_LAYOUT_LOOK_ROW_PT;
    struct tl_box box = sheet->layout.look;
    int columns = sheet->layout.look_columns;
    int64_t n = sheet->map->n_look, shown = n;
    double y = box.y + draw_heading(sheet, box.x, box.y, "Look here first");
    int64_t rows = (int64_t)((box.y + box.h - y + 0.5) / row);
    if (rows < 1)
        return;
    if (n > rows * columns)
        shown = rows * columns - 1;
    if (n < rows * columns)
        rows = (n + columns - 1) / columns;
    double width = (box.w - 12.0 * (columns - 1)) / columns;
    for (int64_t i = 0; i < shown; i++)
        draw_look_place(sheet, i, box.x + (double)(i / rows) * (width + 12.0),
                        y + (double)(i % rows) * row, width);
    if (shown == n)
        return;
    char text[64];
    struct tl_page_style style = {.size_pt = 8.0, .colour = TL_FRAME_INK, .middle = true};
    snprintf(text, sizeof text, "and %lld more, in the data", (long long)(n - shown));
    tl_page_text(&sheet->page, box.x + (double)(shown / rows) * (width + 12.0) + 16.0,
                 y + ((double)(shown % rows) + 0.5) * row, &style, text);
}

static void draw_notes(struct sheet *sheet)
{
    struct tl_box box = sheet->layout.notes;
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

static void draw_words(struct sheet *sheet)
{
    const struct tl_layout *at = &sheet->layout;
    tl_page_colour(&sheet->page, TL_FRAME_PALE, 1.0);
    if (at->rule_y > 0.0)
        tl_page_line(&sheet->page, margin_pt, at->rule_y, TL_PAGE_WIDTH_PT - margin_pt, at->rule_y,
                     0.5);
    draw_key(sheet);
    if (at->look.w > 0.0)
        draw_look_list(sheet);
    if (at->notes.w > 0.0)
        draw_notes(sheet);
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
    double top = draw_title(&sheet);
    struct tl_layout_needs needs = {
        .page = {margin_pt, top, TL_PAGE_WIDTH_PT - 2 * margin_pt, FOOTER_Y_PT - 5.0 - top},
        .n_x = map->grid.n_x,
        .n_y = map->grid.n_y,
        .n_look = map->n_look,
        .n_key = count_shown(map),
        .has_notes = map->n_notes > 0};
    tl_layout_make(&needs, &sheet.layout);
    TL_TRY(draw_panel(&sheet, 0));
    TL_TRY(draw_panel(&sheet, 1));
    draw_words(&sheet);
    draw_footer(&sheet);
    TL_TRY(tl_page_write(&sheet.page));
done:
    tl_page_fini(&sheet.page);
    return err;
}
