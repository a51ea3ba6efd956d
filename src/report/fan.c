/*
 * Six small plots, one a figure: for every scenario the observed set as a fan (5 to 95 %, 25 to 75 %, median) and the claimed median dashed; what was
 * recorded later as rings. One scale for all scenarios of a plot, from zero.
 */
#include "tilth/fan.h"

#include <math.h>
#include <stdio.h>

#include "report/fan_tables.h"
#include "report/frame.h"

enum { PLOTS = 6, COLUMNS = 3 };

static const uint32_t colours[] = {0x2C5F5A, 0xC0632B, 0x3B5BA5, 0x8A3B7C,
                                   0x6B7A1F, 0x8C6D1F, 0x444444, 0xA3343B};
static const double margin_pt = 36.0, top_pt = 104.0, footer_y_pt = 573.0;

static const struct {
    enum tl_forecast_series series;
    const char *title;
} plots[PLOTS] = {{TL_FORECAST_CASUALTIES, "Casualties a year"},
                  {TL_FORECAST_LIVE, "Live items"},
                  {TL_FORECAST_INERT, "Inert items, still to be found"},
                  {TL_FORECAST_SUSPECTED, "Suspected land, km²"},
                  {TL_FORECAST_CLEARED, "Cleared land from the start on, km²"},
                  {TL_FORECAST_COST_SUM, "Cost from the start on"}};

struct plot {
    struct tl_page *page;
    const struct tl_forecast *forecast;
    enum tl_forecast_series series;
    struct tl_box box;
    double top; /* value at the upper edge */
};

static double plot_x(const struct plot *p, int64_t year)
{
    int64_t n = tl_forecast_n_years(p->forecast);
    return p->box.x + p->box.w * (n > 1 ? (double)year / (double)(n - 1) : 0.5);
}

static double plot_y(const struct plot *p, double value)
{
    return p->box.y + p->box.h * (1.0 - fmin(value / p->top, 1.0));
}

/* Round number above the highest 95 % point. */
static double find_top(const struct tl_forecast *f, enum tl_forecast_series series)
{
    double top = 0.0;
    for (int64_t s = 0; s < tl_forecast_n_scenarios(f); s++)
        for (int64_t t = 0; t < tl_forecast_n_years(f); t++) {
            double later = tl_forecast_later(f, s, series, t);
            for (int set = 0; set < TL_FORECAST_SETS; set++)
                top = fmax(top, tl_forecast_at(f, s, (enum tl_forecast_set)set, series, t)
                                    .q[set == TL_FORECAST_OBSERVED ? 4 : 2]);
            top = isnan(later) ? top : fmax(top, later);
        }
    return top > 0.0 ? top * 1.04 : 1.0;
}

/* Large figures are told in thousands, millions or thousand millions, said in the title: powers of ten are hard to read. */
static double unit_of(double top, const char **words)
{
    static const struct {
        double unit;
        const char *words;
    } units[] = {{1e9, ", thousand millions"}, {1e6, ", millions"}, {1e3, ", thousands"}};
    for (size_t k = 0; k < sizeof units / sizeof units[0]; k++)
        if (top >= 10.0 * units[k].unit || (k < 2 && top >= units[k].unit)) {
            *words = units[k].words;
            return units[k].unit;
        }
    *words = "";
    return 1.0;
}

static void draw_axes(const struct plot *p, const char *title)
{
    struct tl_page *page = p->page;
    const char *unit_words;
    char titled[120];
    double unit = unit_of(p->top, &unit_words);
    struct tl_page_style head = {.size_pt = 9.6, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style below = {.size_pt = 7.2, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page_style left = below;
    double ticks[TL_SCALE_TICKS_MAX];
    char text[TL_SCALE_TEXT_BYTES];
    int64_t n_years = tl_forecast_n_years(p->forecast), step = n_years > 30   ? 10
                                                               : n_years > 12 ? 5
                                                                              : 1;
    int n = tl_scale_linear_ticks(0.0, p->top, 4, ticks);
    left.align = TL_PAGE_RIGHT;
    left.middle = true;
    snprintf(titled, sizeof titled, "%s%s", title, unit_words);
    tl_page_text(page, p->box.x - 34.0, p->box.y - 16.0, &head, titled);
    for (int k = 0; k < n; k++) {
        double y = plot_y(p, ticks[k]);
        tl_page_colour(page, TL_FRAME_PALE, 0.6);
        tl_page_line(page, p->box.x, y, p->box.x + p->box.w, y, 0.4);
        tl_scale_number(ticks[k] / unit, text);
        tl_page_text(page, p->box.x - 4.0, y, &left, text);
    }
    for (int64_t t = 0; t < n_years; t++) {
        int64_t year = tl_forecast_start_year(p->forecast) + t;
        if (year % step != 0)
            continue;
        snprintf(text, sizeof text, "%lld", (long long)year);
        tl_page_colour(page, TL_FRAME_GREY, 1.0);
        tl_page_line(page, plot_x(p, t), p->box.y + p->box.h, plot_x(p, t),
                     p->box.y + p->box.h + 2.5, 0.6);
        tl_page_text(page, plot_x(p, t), p->box.y + p->box.h + 3.5, &below, text);
    }
    tl_page_stroke_box(page, p->box, TL_FRAME_GREY, 0.6);
}

static void band(const struct plot *p, int64_t s, int low, int high, double alpha)
{
    cairo_t *cr = p->page->cr;
    int64_t n = tl_forecast_n_years(p->forecast);
    cairo_new_path(cr);
    for (int64_t t = 0; t < n; t++)
        cairo_line_to(
            cr, plot_x(p, t),
            plot_y(p, tl_forecast_at(p->forecast, s, TL_FORECAST_OBSERVED, p->series, t).q[high]));
    for (int64_t t = n - 1; t >= 0; t--)
        cairo_line_to(
            cr, plot_x(p, t),
            plot_y(p, tl_forecast_at(p->forecast, s, TL_FORECAST_OBSERVED, p->series, t).q[low]));
    cairo_close_path(cr);
    tl_page_colour(p->page, colours[s], alpha);
    cairo_fill(cr);
}

static void median(const struct plot *p, int64_t s, enum tl_forecast_set set)
{
    static const double dashes[] = {3.5, 2.5};
    cairo_t *cr = p->page->cr;
    cairo_new_path(cr);
    for (int64_t t = 0; t < tl_forecast_n_years(p->forecast); t++)
        cairo_line_to(cr, plot_x(p, t),
                      plot_y(p, tl_forecast_at(p->forecast, s, set, p->series, t).q[2]));
    tl_page_colour(p->page, colours[s], 1.0);
    cairo_set_line_width(cr, 1.3);
    cairo_set_dash(cr, dashes, set == TL_FORECAST_CLAIMED ? 2 : 0, 0.0);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0.0);
}

static void rings(const struct plot *p, int64_t s)
{
    cairo_t *cr = p->page->cr;
    for (int64_t t = 0; t < tl_forecast_n_years(p->forecast); t++) {
        double later = tl_forecast_later(p->forecast, s, p->series, t);
        if (isnan(later))
            continue;
        cairo_new_path(cr);
        cairo_arc(cr, plot_x(p, t), plot_y(p, later), 3.2, 0.0, 6.283185307179586);
        tl_page_colour(p->page, 0xFFFFFF, 1.0);
        cairo_fill_preserve(cr);
        tl_page_colour(p->page, TL_FRAME_INK, 1.0);
        cairo_set_line_width(cr, 1.2);
        cairo_stroke(cr);
    }
}

static void draw_plot(const struct plot *p, const char *title)
{
    int64_t n = tl_forecast_n_scenarios(p->forecast);
    draw_axes(p, title);
    for (int64_t s = 0; s < n; s++) {
        band(p, s, 0, 4, n > 2 ? 0.10 : 0.16);
        band(p, s, 1, 3, n > 2 ? 0.14 : 0.24);
    }
    for (int64_t s = 0; s < n; s++) {
        median(p, s, TL_FORECAST_CLAIMED);
        median(p, s, TL_FORECAST_OBSERVED);
        rings(p, s);
    }
}

static void draw_head(struct tl_page *page, const struct tl_forecast *f)
{
    double width = TL_PAGE_WIDTH_PT - 2.0 * margin_pt, y = 20.0, x = margin_pt, w, h;
    struct tl_page_style title = {
        .size_pt = 16.0, .bold = true, .colour = TL_FRAME_INK, .width_pt = width, .max_lines = 1};
    struct tl_page_style fine = {
        .size_pt = 8.6, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 2};
    struct tl_page_style key = {.size_pt = 8.6, .colour = TL_FRAME_INK};
    char text[200];
    int64_t start = tl_forecast_start_year(f);
    snprintf(text, sizeof text, "Forecast %lld to %lld", (long long)start,
             (long long)(start + tl_forecast_n_years(f) - 1));
    y += tl_page_text(page, margin_pt, y, &title, text);
    y += tl_page_text(page, margin_pt, y, &fine,
                      "Bands: 5 to 95 % and 25 to 75 %, line: median, with self-destruction and "
                      "self-deactivation as observed; dashed: median as "
                      "claimed; rings: recorded later. Forecasts under the scenario's assumptions, "
                      "which forecast.json and the last pages of the PDF list.");
    for (int64_t s = 0; s < tl_forecast_n_scenarios(f); s++) {
        const char *name = tl_forecast_scenario_title(f, s);
        tl_page_measure(page, &key, name, &w, &h);
        if (x > margin_pt && x + w + 34.0 > TL_PAGE_WIDTH_PT - margin_pt) {
            x = margin_pt;
            y += 12.0;
        }
        tl_page_fill_box(page, (struct tl_box){x, y + 4.0, 14.0, 6.0}, colours[s]);
        tl_page_text(page, x + 18.0, y + 1.5, &key, name);
        x += w + 34.0;
    }
}

static void draw_foot(struct tl_page *page, const struct tl_forecast *f)
{
    struct tl_page_style fine = {.size_pt = 7.4,
                                 .colour = TL_FRAME_GREY,
                                 .width_pt = TL_PAGE_WIDTH_PT - 2.0 * margin_pt,
                                 .max_lines = 1};
    char text[200];
    snprintf(text, sizeof text,
             "tilth " TILTH_VERSION
             ". Cost in %s. Not a statement that any ground is free of hazard.",
             tl_forecast_currency(f, 0));
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, margin_pt, footer_y_pt, TL_PAGE_WIDTH_PT - margin_pt, footer_y_pt, 0.5);
    tl_page_text(page, margin_pt, footer_y_pt + 3.0, &fine, text);
}

static void draw_fans(struct tl_page *page, const struct tl_forecast *forecast)
{
    double width = (TL_PAGE_WIDTH_PT - 2.0 * margin_pt) / COLUMNS, height = 236.0;
    draw_head(page, forecast);
    for (int k = 0; k < PLOTS; k++) {
        struct plot p = {.page = page,
                         .forecast = forecast,
                         .series = plots[k].series,
                         .box = {margin_pt + 36.0 + k % COLUMNS * width,
                                 top_pt + k / COLUMNS * height, width - 50.0, height - 46.0},
                         .top = find_top(forecast, plots[k].series)};
        draw_plot(&p, plots[k].title);
    }
    draw_foot(page, forecast);
}

/* A picture has the fans only. */
static tl_err draw(struct tl_ctx *ctx, struct tl_fan_tables *tables, const char *path, bool keep)
{
    struct tl_flow *flow = &tables->flow;
    tl_err err = TL_OK;
    TL_TRY(tl_page_open(ctx, path, "Forecast", &flow->page));
    draw_fans(&flow->page, tables->f);
    if (flow->page.is_pdf) {
        tl_flow_follow(flow);
        tl_fan_tables_draw(tables);
    }
    if (keep)
        TL_TRY(tl_page_write(&flow->page));
    flow->n_pages = flow->number;
done:
    tl_page_fini(&flow->page);
    return err;
}

/* Twice: pages are counted first. */
tl_err tl_fan_draw(struct tl_ctx *ctx, const struct tl_forecast *forecast, const char *path)
{
    struct tl_fan_tables tables = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_fan_tables_init(ctx, forecast, &tables));
    tables.flow.left = "Forecast under assumptions, not a statement about any ground";
    tables.flow.right = "Forecast";
    tables.flow.foot = "tilth " TILTH_VERSION;
    TL_TRY(draw(ctx, &tables, path, false));
    TL_TRY(draw(ctx, &tables, path, true));
done:
    tl_fan_tables_fini(&tables);
    return err;
}
