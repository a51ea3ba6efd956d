#include "report/frame.h"

#include <math.h>
#include <stdio.h>

static const struct tl_page_style caption_style = {.size_pt = 8.0, .colour = TL_FRAME_INK};
static const struct tl_page_style tick_style = {
    .size_pt = 7.4, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
static const struct tl_page_style factor_style = {
    .size_pt = 7.4, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
static const struct tl_page_style side_style = {
    .size_pt = 7.0, .colour = TL_FRAME_GREY, .middle = true};

/* The bar ends in a point where there are values beyond it. */
static void trace_bar(struct tl_frame *frame, struct tl_box bar)
{
    cairo_t *cr = frame->page->cr;
    double point = bar.h * 0.75, middle = bar.y + bar.h / 2;
    cairo_new_path(cr);
    cairo_move_to(cr, bar.x, bar.y);
    cairo_line_to(cr, bar.x + bar.w, bar.y);
    if (frame->scale.is_above)
        cairo_line_to(cr, bar.x + bar.w + point, middle);
    cairo_line_to(cr, bar.x + bar.w, bar.y + bar.h);
    cairo_line_to(cr, bar.x, bar.y + bar.h);
    if (frame->scale.is_below)
        cairo_line_to(cr, bar.x - point, middle);
    cairo_close_path(cr);
}

static void draw_bar(struct tl_frame *frame, struct tl_box bar)
{
    struct tl_page *page = frame->page;
    enum { SLICES = 240 };
    cairo_save(page->cr);
    trace_bar(frame, bar);
    cairo_clip(page->cr);
    for (int i = 0; i < SLICES; i++) {
        uint32_t rgb = tl_scale_colour(frame->scale.colours, (i + 0.5) / SLICES);
        double left = i == 0 ? bar.x - bar.h : bar.x + bar.w * i / SLICES;
        double right = bar.x + bar.w + bar.h;
        /* Each slice runs to the end and the next one covers it: no hairlines between them. */
        tl_page_fill_box(page, (struct tl_box){left, bar.y, right - left, bar.h}, rgb);
    }
    cairo_restore(page->cr);
    trace_bar(frame, bar);
    tl_page_colour(page, TL_FRAME_INK, 1.0);
    cairo_set_line_width(page->cr, 0.5);
    cairo_stroke(page->cr);
}

/* Where the ticks of factors stand: at round factors, or, where these are too few, at round standard deviations. */
static int factor_ticks(const struct tl_scale *scale, double *ticks)
{
    static const double round_factors[] = {1.0,  1.1,  1.2,  1.3,  1.4,  1.5,   1.7,   2.0,
                                           2.5,  3.0,  4.0,  5.0,  7.0,  10.0,  15.0,  20.0,
                                           30.0, 50.0, 70.0, 100., 200., 300.0, 500.0, 1000.0};
    int n = 0;
    for (size_t i = 0; i < sizeof round_factors / sizeof *round_factors; i++) {
        double sd = log(round_factors[i]);
        if (sd >= scale->lo - 1e-9 && sd <= scale->hi + 1e-9)
            ticks[n++] = sd;
    }
    return n >= 3 && exp(scale->hi) <= 2000.0 ? n : tl_scale_ticks(scale, ticks);
}

/* Two digits are more than anyone knows of an uncertainty. */
static void write_factor(double sd, char text[TL_SCALE_TEXT_BYTES])
{
    char number[TL_SCALE_TEXT_BYTES];
    double factor = exp(sd);
    if (factor < 1.995)
        snprintf(number, sizeof number, "%.2g", factor);
    else
        tl_scale_number(factor < 9.5 ? round(10.0 * factor) / 10.0 : round(factor), number);
    snprintf(text, TL_SCALE_TEXT_BYTES, "×%.26s", number);
}

static void write_sd(double sd, char text[TL_SCALE_TEXT_BYTES])
{
    if (fabs(sd) < 1000.0)
        snprintf(text, TL_SCALE_TEXT_BYTES, "%.2f", sd);
    else
        tl_scale_number(sd, text);
}

static void draw_ticks(struct tl_frame *frame, struct tl_box bar, bool as_factor)
{
    double ticks[TL_SCALE_TICKS_MAX], free_x = -1e9;
    int n = as_factor ? factor_ticks(&frame->scale, ticks) : tl_scale_ticks(&frame->scale, ticks);
    for (int i = 0; i < n; i++) {
        char text[TL_SCALE_TEXT_BYTES];
        double w, h, x = bar.x + bar.w * tl_scale_share(&frame->scale, ticks[i]);
        double y = bar.y + bar.h;
        if (as_factor)
            write_factor(ticks[i], text);
        else
            tl_scale_tick(&frame->scale, ticks[i], text);
        tl_page_measure(frame->page, &tick_style, text, &w, &h);
        tl_page_colour(frame->page, TL_FRAME_INK, 1.0);
        if (x - w / 2 < free_x)
            continue;
        tl_page_line(frame->page, x, y, x, y + 2.5, 0.6);
        y += 2.2;
        y += tl_page_text(frame->page, x, y, &tick_style, text);
        free_x = x + w / 2 + 6.0;
        if (as_factor) {
            write_sd(ticks[i], text);
            tl_page_text(frame->page, x, y - 1.0, &factor_style, text);
        }
    }
}

double tl_legend_draw(struct tl_frame *frame, struct tl_box box, const char *caption,
                      const char *detail, bool as_factor)
{
    struct tl_page *page = frame->page;
    struct tl_page_style style = caption_style;
    style.width_pt = box.w;
    double y = box.y + tl_page_text(page, box.x, box.y, &style, caption);
    style.size_pt = 7.2;
    style.colour = TL_FRAME_GREY;
    y += tl_page_text(page, box.x, y - 0.5, &style, detail) + 1.5;
    double key_w = frame->has_nodata ? 74.0 : 0.0;
    struct tl_box bar = {box.x + 8.0, y, fmax(box.w - key_w - 18.0, 40.0), 8.0};
    double height = y - box.y + bar.h + (as_factor ? 24.0 : 14.0);
    if (frame->scale.is_empty) {
        struct tl_page_style plain = {.size_pt = 8.0, .colour = TL_FRAME_GREY};
        tl_page_text(page, box.x, y, &plain, "No values to show within the area of interest.");
        return height;
    }
    draw_bar(frame, bar);
    draw_ticks(frame, bar, as_factor);
    if (frame->has_nodata) {
        struct tl_box swatch = {box.x + box.w - 60.0, bar.y, 12.0, bar.h};
        tl_page_hatch(page, swatch);
        tl_page_stroke_box(page, swatch, TL_FRAME_GREY, 0.4);
        tl_page_text(page, swatch.x + 16.0, bar.y + bar.h / 2, &side_style, "outside");
    }
    return height;
}
