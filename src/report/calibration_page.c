/*
 * The page of a calibration: square plots side by side, as large as the width allows, each with its question above and its
 * figures in words below; under three plots the numbers behind them as tables. Without predicted probabilities there are
 * two plots, as large as the height allows.
 */
#include "report/calibration.h"

#include <math.h>
#include <stdio.h>

#include "core/text.h"
#include "report/frame.h"

static const double margin_pt = 32.0, footer_y_pt = 573.0;
static const double axis_pt = 37.0; /* tick labels and the axis' title to the left of a plot */
static const double gap_pt = 10.0;  /* from a plot to the labels of the next */
static const double words_pt = 42.0, table_row_pt = 13.5;

enum { COLOUR_ALL = 0x1E2326, COLOUR_SEARCHED = 0x2E83A7, COLOUR_UNSEARCHED = 0xD55F33 };

/* An axis over lo..hi; `is_root` stretches it towards 0 by the square root. */
struct plot {
    struct tl_page *page;
    struct tl_box box;
    double lo, hi;
    bool is_root;
};

static double share_of(const struct plot *plot, double value)
{
    double share = (value - plot->lo) / (plot->hi - plot->lo);
    share = fmin(fmax(share, 0.0), 1.0);
    return plot->is_root ? sqrt(share) : share;
}

static double plot_x(const struct plot *plot, double value)
{
    return plot->box.x + share_of(plot, value) * plot->box.w;
}

static double plot_y(const struct plot *plot, double value)
{
    return plot->box.y + plot->box.h - share_of(plot, value) * plot->box.h;
}

static void draw_tick(const struct plot *plot, double value, const char *label)
{
    struct tl_page_style below = {.size_pt = 7.4, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page_style left = {
        .size_pt = 7.4, .colour = TL_FRAME_INK, .align = TL_PAGE_RIGHT, .middle = true};
    double x = plot_x(plot, value), y = plot_y(plot, value);
    double bottom = plot->box.y + plot->box.h;
    tl_page_colour(plot->page, TL_FRAME_PALE, 0.55);
    tl_page_line(plot->page, x, plot->box.y, x, bottom, 0.4);
    tl_page_line(plot->page, plot->box.x, y, plot->box.x + plot->box.w, y, 0.4);
    tl_page_text(plot->page, x, bottom + 3.0, &below, label);
    tl_page_text(plot->page, plot->box.x - 4.0, y, &left, label);
}

static void draw_diagonal(const struct plot *plot)
{
    static const double dashes[] = {3.0, 2.0};
    tl_page_colour(plot->page, TL_FRAME_GREY, 1.0);
    cairo_set_dash(plot->page->cr, dashes, 2, 0.0);
    tl_page_line(plot->page, plot->box.x, plot->box.y + plot->box.h, plot->box.x + plot->box.w,
                 plot->box.y, 0.9);
    cairo_set_dash(plot->page->cr, NULL, 0, 0.0);
}

static void draw_titles(const struct plot *plot, const char *head, const char *x_title,
                        const char *y_title)
{
    struct tl_page_style title = {.size_pt = 11.0, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style axis = {.size_pt = 8.0, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page_style side = {.size_pt = 8.0,
                                 .colour = TL_FRAME_INK,
                                 .align = TL_PAGE_CENTRE,
                                 .middle = true,
                                 .upwards = true};
    const struct tl_box *b = &plot->box;
    tl_page_text(plot->page, b->x, b->y - 20.0, &title, head);
    tl_page_text(plot->page, b->x + b->w / 2, b->y + b->h + 15.0, &axis, x_title);
    tl_page_text(plot->page, b->x - 31.0, b->y + b->h / 2, &side, y_title);
    tl_page_stroke_box(plot->page, *b, TL_FRAME_INK, 0.7);
}

static void draw_words(const struct plot *plot, const char *text)
{
    struct tl_page_style style = {
        .size_pt = 10.0, .colour = TL_FRAME_INK, .width_pt = plot->box.w, .max_lines = 8};
    tl_page_text(plot->page, plot->box.x, plot->box.y + plot->box.h + 36.0, &style, text);
}

static void draw_coverage_line(const struct plot *plot, const struct tl_calibration *c, int set,
                               uint32_t colour, double width)
{
    if (c->n[set] == 0)
        return;
    cairo_new_path(plot->page->cr);
    for (int k = 0; k < TL_CALIBRATION_LEVELS; k++)
        cairo_line_to(plot->page->cr, plot_x(plot, c->level[k]), plot_y(plot, c->coverage[set][k]));
    tl_page_colour(plot->page, colour, 1.0);
    cairo_set_line_width(plot->page->cr, width);
    cairo_stroke(plot->page->cr);
    for (int k = 0; k < TL_CALIBRATION_LEVELS; k++) {
        cairo_new_sub_path(plot->page->cr);
        cairo_arc(plot->page->cr, plot_x(plot, c->level[k]), plot_y(plot, c->coverage[set][k]), 1.7,
                  0.0, 6.283185307179586);
    }
    cairo_fill(plot->page->cr);
}

static void draw_coverage_key(const struct plot *plot, const struct tl_calibration *c)
{
    static const char *const names[] = {"all cells", "searched cells", "cells not searched"};
    static const uint32_t colours[] = {COLOUR_ALL, COLOUR_SEARCHED, COLOUR_UNSEARCHED};
    struct tl_page_style style = {
        .size_pt = 8.0, .colour = TL_FRAME_INK, .middle = true, .halo_pt = 1.5};
    double y = plot->box.y + 12.0;
    for (int set = 0; set < 3; set++) {
        char text[96], number[TL_SCALE_TEXT_BYTES];
        if (c->n[set] == 0)
            continue;
        tl_scale_number((double)c->n[set], number);
        snprintf(text, sizeof text, "%s (%s)", names[set], number);
        tl_page_colour(plot->page, colours[set], 1.0);
        tl_page_line(plot->page, plot->box.x + 8.0, y, plot->box.x + 22.0, y, 1.6);
        tl_page_text(plot->page, plot->box.x + 27.0, y, &style, text);
        y += 12.0;
    }
}

static void draw_coverage(struct plot plot, const struct tl_calibration *c)
{
    char text[512], by_search[160] = "";
    for (int percent = 0; percent <= 100; percent += 20) {
        char label[8];
        snprintf(label, sizeof label, "%d %%", percent);
        draw_tick(&plot, percent / 100.0, label);
    }
    draw_diagonal(&plot);
    draw_coverage_line(&plot, c, TL_CALIBRATION_ALL, COLOUR_ALL, 2.2);
    draw_coverage_line(&plot, c, TL_CALIBRATION_SEARCHED, COLOUR_SEARCHED, 1.1);
    draw_coverage_line(&plot, c, TL_CALIBRATION_UNSEARCHED, COLOUR_UNSEARCHED, 1.1);
    draw_coverage_key(&plot, c);
    draw_titles(&plot, "Do the intervals hold the truth?", "nominal level of the interval",
                "cells whose truth lies within");
    const struct tl_report_calibration_figures *f = &c->figures;
    if (c->n[TL_CALIBRATION_SEARCHED] > 0 && c->n[TL_CALIBRATION_UNSEARCHED] > 0)
        snprintf(by_search, sizeof by_search,
                 " (%.1f\u202f%% where searched, %.1f\u202f%% where not)",
                 100.0 * f->coverage95_searched, 100.0 * f->coverage95_unsearched);
    snprintf(text, sizeof text,
             "The 95\u202f%% intervals hold the truth in %.1f\u202f%% of cells%s, the 50\u202f%% "
             "intervals "
             "in %.1f\u202f%%. "
             "On the dashed line the stated sureness is right; below it, it is overstated.",
             100.0 * f->coverage95, by_search, 100.0 * f->coverage50);
    draw_words(&plot, text);
}

/* Two binomial errors either way around the prediction: where an honest forecast's decile should fall. */
static void draw_decile(const struct plot *plot, const struct tl_calibration_decile *decile)
{
    double x = plot_x(plot, decile->predicted), y = plot_y(plot, decile->observed);
    double top = plot_y(plot, decile->predicted + 2.0 * decile->error);
    double bottom = plot_y(plot, decile->predicted - 2.0 * decile->error);
    tl_page_colour(plot->page, COLOUR_SEARCHED, 0.35);
    cairo_rectangle(plot->page->cr, x - 3.0, top, 6.0, fmax(bottom - top, 0.8));
    cairo_fill(plot->page->cr);
    tl_frame_mark_point(plot->page, x, y, 3.0);
}

static void draw_reliability(struct plot plot, const struct tl_calibration *c)
{
    static const double ticks[] = {0.0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0};
    static const char *const labels[] = {"0",    "1 %",  "5 %",  "10 %", "20 %",
                                         "40 %", "60 %", "80 %", "100 %"};
    char text[512];
    double top = 0.0;
    for (int d = 0; d < c->n_deciles; d++)
        top = fmax(top,
                   fmax(c->deciles[d].predicted + 2 * c->deciles[d].error, c->deciles[d].observed));
    /* Rare items leave most of a 0 to 100 % plot empty. */
    plot.hi = top < 0.09 ? 0.1 : top < 0.19 ? 0.2 : top < 0.39 ? 0.4 : 1.0;
    plot.is_root = true;
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
        if (ticks[i] <= plot.hi)
            draw_tick(&plot, ticks[i], labels[i]);
    draw_diagonal(&plot);
    for (int d = 0; d < c->n_deciles; d++)
        draw_decile(&plot, &c->deciles[d]);
    draw_titles(&plot, "Does P(at least one item) come true?",
                "predicted (axes stretched towards 0)", "cells that hold an item");
    snprintf(text, sizeof text,
             "Each mark is a tenth of the cells, by rising probability; the bars are two binomial "
             "standard errors either way. The worst lies %.1f standard errors off. The cells of "
             "one map share its errors, so marks tend to lie off together.",
             c->figures.reliability_worst);
    draw_words(&plot, text);
}

static tl_err draw_histogram(const struct plot *plot, const struct tl_calibration *c)
{
    enum { N = TL_CALIBRATION_BINS };
    tl_err err = TL_OK;
    uint32_t *pixels = NULL;
    int64_t most = 1;
    TL_TRY_ALLOC(plot->page->ctx, pixels, N * N);
    for (int i = 0; i < N * N; i++)
        most = c->counts[i] > most ? c->counts[i] : most;
    for (int i = 0; i < N * N; i++) {
        int row = N - 1 - i / N, column = i % N;
        int64_t n = c->counts[row * N + column];
        double share = 0.12 + 0.88 * log1p((double)n) / log1p((double)most);
        pixels[i] = n == 0 ? 0 : 0xFF000000u | tl_scale_colour(TL_SCALE_UNCERTAINTY, share);
    }
    err = tl_page_image(plot->page, plot->box, N, N, pixels);
done:
    tl_free(pixels);
    return err;
}

static void draw_true_mean(const struct plot *plot, const struct tl_calibration *c)
{
    cairo_t *cr = plot->page->cr;
    cairo_new_path(cr);
    for (int k = 0; k < TL_CALIBRATION_BINS; k++) {
        double x = plot->lo + (plot->hi - plot->lo) * (k + 0.5) / TL_CALIBRATION_BINS;
        if (isfinite(c->true_mean[k]))
            cairo_line_to(cr, plot_x(plot, x), plot_y(plot, c->true_mean[k]));
    }
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    tl_page_colour(plot->page, 0xFFFFFF, 0.9);
    cairo_set_line_width(cr, 3.4);
    cairo_stroke_preserve(cr);
    tl_page_colour(plot->page, COLOUR_UNSEARCHED, 1.0);
    cairo_set_line_width(cr, 1.6);
    cairo_stroke(cr);
}

static tl_err draw_scatter(struct plot plot, const struct tl_calibration *c)
{
    double ticks[TL_SCALE_TICKS_MAX];
    char text[512];
    plot.lo = c->lo;
    plot.hi = c->hi;
    tl_err err = draw_histogram(&plot, c);
    struct tl_scale scale = {.is_log = true, .lo = pow(10.0, c->lo), .hi = pow(10.0, c->hi)};
    int n = tl_scale_ticks(&scale, ticks);
    for (int i = 0; i < n; i++) {
        char label[TL_SCALE_TEXT_BYTES];
        tl_scale_tick(&scale, ticks[i], label);
        draw_tick(&plot, log10(ticks[i]), label);
    }
    draw_diagonal(&plot);
    draw_true_mean(&plot, c);
    draw_titles(&plot, "Is the density right?", "predicted [items per hectare]",
                "true [items per hectare]");
    snprintf(text, sizeof text,
             "RMSE of log density %.3f (a factor of %.1f either way), mean error %+.3f. Darker: "
             "more cells. The "
             "orange line is the mean of the true log densities for each prediction; it should "
             "follow the dashed line.",
             c->figures.rmse, exp(c->figures.rmse), c->bias);
    draw_words(&plot, text);
    return err;
}

/* One row of a table: words at its left, numbers right-aligned in columns of equal width. */
static void draw_row(struct tl_page *page, struct tl_box row, const struct tl_page_style *style,
                     const char *name, int n, char cells[][TL_SCALE_TEXT_BYTES])
{
    static const double name_pt = 76.0;
    struct tl_page_style number = *style;
    number.align = TL_PAGE_RIGHT;
    tl_page_text(page, row.x, row.y, style, name);
    for (int i = 0; i < n; i++)
        tl_page_text(page, row.x + name_pt + (row.w - name_pt) * (i + 1) / n, row.y, &number,
                     cells[i]);
}

static double draw_table_head(struct tl_page *page, struct tl_box row, const char *text)
{
    struct tl_page_style style = {.size_pt = 9.0, .bold = true, .colour = TL_FRAME_INK};
    tl_page_text(page, row.x, row.y, &style, text);
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, row.x, row.y + 14.5, row.x + row.w, row.y + 14.5, 0.5);
    return row.y + 16.5;
}

static void draw_coverage_table(struct tl_page *page, struct tl_box row,
                                const struct tl_calibration *c)
{
    static const char *const names[] = {"all cells", "searched", "not searched"};
    static const int levels[] = {8, 14, 16, 17}; /* 50, 80, 90, 95 % */
    enum { N = sizeof levels / sizeof *levels };
    struct tl_page_style grey = {.size_pt = 8.4, .colour = TL_FRAME_GREY};
    struct tl_page_style ink = {.size_pt = 8.4, .colour = TL_FRAME_INK};
    char cells[N][TL_SCALE_TEXT_BYTES];
    row.y = draw_table_head(page, row, "Cells whose truth lies within");
    for (int i = 0; i < N; i++)
        snprintf(cells[i], sizeof cells[i], "%.0f %%", 100.0 * c->level[levels[i]]);
    draw_row(page, row, &grey, "interval of", N, cells);
    for (int set = 0; set < 3; set++) {
        if (c->n[set] == 0)
            continue;
        for (int i = 0; i < N; i++)
            tl_text_percent(c->coverage[set][levels[i]], 3, cells[i]);
        row.y += table_row_pt;
        draw_row(page, row, &ink, names[set], N, cells);
    }
}

static void draw_decile_table(struct tl_page *page, struct tl_box row,
                              const struct tl_calibration *c)
{
    struct tl_page_style grey = {.size_pt = 8.4, .colour = TL_FRAME_GREY};
    struct tl_page_style ink = {.size_pt = 8.4, .colour = TL_FRAME_INK};
    char cells[3][TL_CALIBRATION_DECILES][TL_SCALE_TEXT_BYTES];
    row.y = draw_table_head(page, row, "P(at least one item), each tenth of the cells");
    for (int d = 0; d < c->n_deciles; d++) {
        const struct tl_calibration_decile *at = &c->deciles[d];
        tl_text_percent(at->predicted, 2, cells[0][d]);
        tl_text_percent(at->observed, 2, cells[1][d]);
        snprintf(cells[2][d], sizeof cells[2][d], "±%.1f %%", 200.0 * at->error);
    }
    draw_row(page, row, &grey, "predicted", c->n_deciles, cells[0]);
    row.y += table_row_pt;
    draw_row(page, row, &ink, "came true", c->n_deciles, cells[1]);
    row.y += table_row_pt;
    draw_row(page, row, &grey, "two std. errors", c->n_deciles, cells[2]);
}

int tl_calibration_page_plots(bool has_p_any, double top_pt, struct tl_box plots[3])
{
    int n = has_p_any ? 3 : 2;
    double width = TL_PAGE_WIDTH_PT - 2 * margin_pt - n * axis_pt - (n - 1) * gap_pt;
    double title = 22.0, words = words_pt + (n == 3 ? 186.0 : 72.0);
    double height = footer_y_pt - top_pt - title - words;
    double side = fmin(width / n, height);
    /* Two plots limited by the height stand in the middle. */
    double left = margin_pt + axis_pt + (width - n * side) / 2;
    for (int i = 0; i < n; i++)
        plots[i] =
            (struct tl_box){left + i * (side + axis_pt + gap_pt), top_pt + title, side, side};
    return n;
}

static void draw_head(struct tl_page *page, const struct tl_report_calibration *data,
                      const struct tl_calibration *c)
{
    double width = TL_PAGE_WIDTH_PT - 2 * margin_pt;
    struct tl_page_style title = {
        .size_pt = 17.0, .bold = true, .colour = TL_FRAME_INK, .width_pt = width, .max_lines = 1};
    struct tl_page_style fine = {
        .size_pt = 9.0, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 1};
    struct tl_page_style footer = {
        .size_pt = 7.0, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 1};
    char text[160], number[TL_SCALE_TEXT_BYTES];
    double y = 22.0;
    y += tl_page_text(page, margin_pt, y, &title, data->title);
    tl_scale_number((double)c->n[TL_CALIBRATION_ALL], number);
    snprintf(
        text, sizeof text,
        "The map against the truth, which is known because the district was simulated: %s cells",
        number);
    tl_page_text(page, margin_pt, y, &fine, text);
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, margin_pt, footer_y_pt, TL_PAGE_WIDTH_PT - margin_pt, footer_y_pt, 0.5);
    tl_page_text(page, margin_pt, footer_y_pt + 3.0, &footer, data->footer);
}

tl_err tl_report_calibration_draw(struct tl_ctx *ctx, const struct tl_report_calibration *data,
                                  const char *path, struct tl_report_calibration_figures *figures)
{
    tl_err err = TL_OK;
    struct tl_page page = {0};
    struct tl_calibration *c = NULL;
    TL_TRY_ALLOC(ctx, c, 1);
    TL_TRY(tl_calibration_compute(ctx, data, c));
    TL_TRY(tl_page_open(ctx, path, data->title, &page));
    draw_head(&page, data, c);
    struct tl_box boxes[3];
    struct plot plots[3];
    int n = tl_calibration_page_plots(c->n_deciles > 0, 74.0, boxes);
    for (int i = 0; i < n; i++)
        plots[i] = (struct plot){.page = &page, .lo = 0.0, .hi = 1.0, .box = boxes[i]};
    draw_coverage(plots[0], c);
    TL_TRY(draw_scatter(plots[n - 1], c));
    if (n == 3) {
        double y = footer_y_pt - 104.0, right = boxes[2].x + boxes[2].w;
        draw_reliability(plots[1], c);
        draw_coverage_table(&page, (struct tl_box){boxes[0].x, y, boxes[0].w, 0}, c);
        draw_decile_table(&page, (struct tl_box){boxes[1].x, y, right - boxes[1].x, 0}, c);
    }
    TL_TRY(tl_page_write(&page));
    if (figures != NULL)
        *figures = c->figures;
done:
    tl_page_fini(&page);
    tl_free(c);
    return err;
}
