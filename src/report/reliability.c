/*
 * The band is that of a binomial count with the mean probability of the tenth: a little wider than the sum of unequal coins, which
 * is its exact law, so a forecast is never called dishonest for the approximation. Two plots of one scale stand side by side:
 * with correlated misses, and as if misses were independent.
 */
#include "report/reliability.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/frame.h"

static double log_choose(double n, double k)
{
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

void tl_reliability_band(int64_t n, double p, double *low, double *high)
{
    double sum = 0.0;
    int64_t lowest = -1, highest = n;
    if (p <= 0.0 || p >= 1.0) {
        *low = *high = p <= 0.0 ? 0.0 : 1.0;
        return;
    }
    for (int64_t k = 0; k <= n; k++) {
        double x = (double)k, m = (double)n;
        sum += exp(log_choose(m, x) + x * log(p) + (m - x) * log1p(-p));
        if (lowest < 0 && sum > 0.025)
            lowest = k;
        if (sum >= 0.975) {
            highest = k;
            break;
        }
    }
    *low = (double)(lowest < 0 ? 0 : lowest) / (double)n;
    *high = (double)highest / (double)n;
}

static int by_probability(const void *a, const void *b)
{
    const struct tl_reliability_forecast *x = a, *y = b;
    if (x->p != y->p)
        return x->p > y->p ? 1 : -1;
    return (x->i > y->i) - (x->i < y->i);
}

void tl_reliability_sort(int64_t n, struct tl_reliability_forecast *forecasts)
{
    qsort(forecasts, (size_t)n, sizeof *forecasts, by_probability);
}

struct tl_reliability_tenth tl_reliability_part(int64_t n,
                                                const struct tl_reliability_forecast *forecasts)
{
    struct tl_reliability_tenth made = {.n = n};
    double variance = 0.0;
    for (int64_t k = 0; k < n; k++) {
        made.predicted += forecasts[k].p;
        made.observed += forecasts[k].any;
        variance += forecasts[k].p * (1.0 - forecasts[k].p);
    }
    made.predicted /= (double)n;
    made.observed /= (double)n;
    made.error = sqrt(fmax(variance, 1.0)) / (double)n;
    return made;
}

tl_err tl_reliability_compute(struct tl_ctx *ctx, int64_t n, const double *p, const uint8_t *any,
                              struct tl_reliability_tenth *tenths, int *n_tenths)
{
    tl_err err = TL_OK;
    struct tl_reliability_forecast *forecasts = NULL;
    if (n < 1)
        return tl_fail(ctx, TL_EDATA, "there is no assessment to compare with its truth");
    TL_TRY_ALLOC(ctx, forecasts, n);
    for (int64_t i = 0; i < n; i++) {
        if (!(p[i] >= 0.0 && p[i] <= 1.0))
            TL_THROW(ctx, TL_EDATA, "area %lld: %g is not a probability", (long long)i + 1, p[i]);
        forecasts[i] = (struct tl_reliability_forecast){p[i], i, any[i] != 0};
    }
    tl_reliability_sort(n, forecasts);
    int count = n < TL_RELIABILITY_TENTHS ? (int)n : TL_RELIABILITY_TENTHS;
    for (int t = 0; t < count; t++) {
        int64_t first = n * t / count, past = n * (t + 1) / count;
        struct tl_reliability_tenth made = tl_reliability_part(past - first, forecasts + first);
        tl_reliability_band(made.n, fmin(made.predicted, 1.0), &made.low, &made.high);
        tenths[t] = made;
    }
    *n_tenths = count;
done:
    tl_free(forecasts);
    return err;
}

static const double margin_pt = 36.0, footer_y_pt = 573.0;

struct plot {
    struct tl_page *page;
    struct tl_box box;
    int n;
    struct tl_reliability_tenth tenths[TL_RELIABILITY_TENTHS];
};

static double plot_x(const struct plot *plot, double share)
{
    return plot->box.x + plot->box.w * share;
}

static double plot_y(const struct plot *plot, double share)
{
    return plot->box.y + plot->box.h * (1.0 - share);
}

static void draw_axes(const struct plot *plot, const char *title)
{
    struct tl_page *page = plot->page;
    const struct tl_box *b = &plot->box;
    struct tl_page_style head = {.size_pt = 12.0, .bold = true, .colour = TL_FRAME_INK};
    struct tl_page_style below = {.size_pt = 8.0, .colour = TL_FRAME_INK, .align = TL_PAGE_CENTRE};
    struct tl_page_style left = below, side = below;
    static const double dashes[] = {3.0, 2.0};
    left.align = TL_PAGE_RIGHT;
    left.middle = side.middle = side.upwards = true;
    tl_page_text(page, b->x, b->y - 24.0, &head, title);
    for (int percent = 0; percent <= 100; percent += 20) {
        char label[16];
        double x = plot_x(plot, percent / 100.0), y = plot_y(plot, percent / 100.0);
        snprintf(label, sizeof label, "%d %%", percent);
        tl_page_colour(page, TL_FRAME_PALE, 0.55);
        tl_page_line(page, x, b->y, x, b->y + b->h, 0.4);
        tl_page_line(page, b->x, y, b->x + b->w, y, 0.4);
        tl_page_text(page, x, b->y + b->h + 3.0, &below, label);
        tl_page_text(page, b->x - 4.0, y, &left, label);
    }
    tl_page_text(page, b->x + b->w / 2, b->y + b->h + 15.0, &below,
                 "stated chance that at least one item remains");
    tl_page_text(page, b->x - 34.0, b->y + b->h / 2, &side, "areas that truly hold one");
    tl_page_colour(page, TL_FRAME_GREY, 1.0);
    cairo_set_dash(page->cr, dashes, 2, 0.0);
    tl_page_line(page, b->x, b->y + b->h, b->x + b->w, b->y, 0.9);
    cairo_set_dash(page->cr, NULL, 0, 0.0);
    tl_page_stroke_box(page, *b, TL_FRAME_INK, 0.7);
}

static bool is_outside(const struct tl_reliability_tenth *t)
{
    return t->observed < t->low - 1e-12 || t->observed > t->high + 1e-12;
}

static void draw_tenth(const struct plot *plot, const struct tl_reliability_tenth *t)
{
    struct tl_page *page = plot->page;
    double x = plot_x(plot, t->predicted), y = plot_y(plot, t->observed);
    double top = plot_y(plot, t->high), bottom = plot_y(plot, t->low);
    tl_page_colour(page, 0x2E83A7, 0.35);
    cairo_rectangle(page->cr, x - 4.0, top, 8.0, fmax(bottom - top, 1.0));
    cairo_fill(page->cr);
    cairo_new_path(page->cr);
    cairo_arc(page->cr, x, y, 3.6, 0.0, 6.283185307179586);
    tl_page_colour(page, is_outside(t) ? 0xD55F33 : TL_FRAME_INK, 1.0);
    cairo_fill_preserve(page->cr);
    tl_page_colour(page, 0xFFFFFF, 1.0);
    cairo_set_line_width(page->cr, 0.9);
    cairo_stroke(page->cr);
}

static void take_figures(const struct plot *plot, int way,
                         struct tl_report_reliability_figures *figures)
{
    double predicted = 0.0, observed = 0.0, n = 0.0;
    for (int t = 0; t < plot->n; t++) {
        const struct tl_reliability_tenth *at = &plot->tenths[t];
        double off = fabs(at->observed - at->predicted) / at->error;
        figures->n_outside[way] += is_outside(at);
        figures->worst[way] = fmax(figures->worst[way], off);
        predicted += (double)at->n * at->predicted;
        observed += (double)at->n * at->observed;
        n += (double)at->n;
    }
    figures->predicted[way] = predicted / n;
    figures->observed = observed / n;
}

static void draw_words(const struct plot *plot, int way,
                       const struct tl_report_reliability_figures *f)
{
    char text[400];
    struct tl_page_style style = {
        .size_pt = 9.6, .colour = TL_FRAME_INK, .width_pt = plot->box.w + 30.0, .max_lines = 5};
    snprintf(text, sizeof text,
             "%d of %d tenths lie outside their 95\u202f%% band, the worst %.1f standard errors "
             "off. On average %.1f\u202f%% was stated, and %.1f\u202f%% of the areas hold an item.",
             f->n_outside[way], plot->n, f->worst[way], 100.0 * f->predicted[way],
             100.0 * f->observed);
    tl_page_text(plot->page, plot->box.x - 30.0, plot->box.y + plot->box.h + 34.0, &style, text);
}

static void draw_head(struct tl_page *page, const struct tl_report_reliability *data)
{
    double width = TL_PAGE_WIDTH_PT - 2.0 * margin_pt, y = 22.0;
    struct tl_page_style title = {
        .size_pt = 17.0, .bold = true, .colour = TL_FRAME_INK, .width_pt = width, .max_lines = 1};
    struct tl_page_style fine = {
        .size_pt = 9.0, .colour = TL_FRAME_GREY, .width_pt = width, .max_lines = 2};
    y += tl_page_text(page, margin_pt, y, &title, data->title);
    tl_page_text(page, margin_pt, y, &fine, data->subtitle);
    fine.size_pt = 7.4;
    fine.max_lines = 1;
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, margin_pt, footer_y_pt, TL_PAGE_WIDTH_PT - margin_pt, footer_y_pt, 0.5);
    tl_page_text(page, margin_pt, footer_y_pt + 3.0, &fine, data->footer);
}

tl_err tl_report_reliability_draw(struct tl_ctx *ctx, const struct tl_report_reliability *data,
                                  const char *path, struct tl_report_reliability_figures *figures)
{
    static const char *const titles[2] = {"Misses go together, as the program has it",
                                          "As if misses were independent"};
    tl_err err = TL_OK;
    struct tl_page page = {0};
    struct tl_report_reliability_figures f = {0};
    struct plot plots[2];
    const double *p[2] = {data->p_any, data->p_any_independent};
    int n = p[1] == NULL ? 1 : 2;
    double side = 340.0, left = n == 1 ? (TL_PAGE_WIDTH_PT - side) / 2.0 : margin_pt + 42.0;
    for (int way = 0; way < n; way++) {
        plots[way] =
            (struct plot){.page = &page, .box = {left + way * (side + 58.0), 104.0, side, side}};
        TL_TRY(tl_reliability_compute(ctx, data->n_areas, p[way], data->any, plots[way].tenths,
                                      &plots[way].n));
        take_figures(&plots[way], way, &f);
    }
    TL_TRY(tl_page_open(ctx, path, data->title, &page));
    draw_head(&page, data);
    for (int way = 0; way < n; way++) {
        draw_axes(&plots[way], titles[way]);
        for (int t = 0; t < plots[way].n; t++)
            draw_tenth(&plots[way], &plots[way].tenths[t]);
        draw_words(&plots[way], way, &f);
    }
    TL_TRY(tl_page_write(&page));
    if (figures != NULL)
        *figures = f;
done:
    tl_page_fini(&page);
    return err;
}
