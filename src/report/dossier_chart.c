/*
 * One axis, from nought to a round share, and a dot a row with its band of twice the Monte Carlo error: what the searches have
 * changed, and what more of them would, is seen at a glance. What is only for comparison is hollow.
 */
#include <math.h>
#include <stdio.h>

#include "report/dossier.h"
#include "report/frame.h"
#include "report/scale.h"

enum { ROWS_MAX = 24, ROW_PT = 15, LABEL_PT = 196, VALUE_PT = 62 };

struct row {
    const char *label;
    double p, mcse;
    bool is_now, is_hollow;
};

static int gather(struct tl_dossier *d, struct row *rows)
{
    struct tl_catalogue *w = d->words;
    const json_t *r = tl_dossier_at(d, NULL, "remaining"),
                 *list = tl_dossier_at(d, NULL, "what_if");
    int n = 0;
    rows[n++] = (struct row){tl_catalogue_text(w, "Had no search been counted"),
                             tl_dossier_number(d, r, "prior.p_any"), NAN, false, true};
    rows[n++] = (struct row){tl_catalogue_text(w, "Now"), tl_dossier_number(d, r, "p_any.value"),
                             tl_dossier_number(d, r, "p_any.mcse"), true, false};
    for (size_t k = 0; k < json_array_size(list) && n < ROWS_MAX; k++) {
        const json_t *what = json_array_get(list, k);
        double passes = tl_dossier_number(d, what, "passes");
        rows[n++] =
            (struct row){tl_dossier_say(d, tl_catalogue_text(w, "After: %s × %s"),
                                        tl_dossier_term(d, tl_dossier_string(d, what, "method")),
                                        tl_dossier_whole(d, passes)),
                         tl_dossier_number(d, what, "p_any.value"),
                         tl_dossier_number(d, what, "p_any.mcse"), false, false};
    }
    return n;
}

static double axis_end(const struct row *rows, int n)
{
    double most = 0.0;
    for (int k = 0; k < n; k++)
        if (isfinite(rows[k].p))
            most = fmax(most, rows[k].p + (isfinite(rows[k].mcse) ? 2.0 * rows[k].mcse : 0.0));
    return most > 0.5 ? 1.0 : tl_scale_round_up(fmax(most, 1e-4) * 1.02);
}

static void draw_row(struct tl_dossier *d, const struct row *row, double x, double w, double y,
                     double end)
{
    struct tl_page *page = &d->flow.page;
    struct tl_page_style label = {.size_pt = 8.0,
                                  .colour = TL_FRAME_INK,
                                  .bold = row->is_now,
                                  .middle = true,
                                  .align = TL_PAGE_RIGHT,
                                  .width_pt = LABEL_PT - 12.0,
                                  .max_lines = 1};
    struct tl_page_style value = {
        .size_pt = 8.0, .colour = TL_FRAME_INK, .bold = row->is_now, .middle = true};
    tl_page_text(page, x - 8.0, y, &label, row->label);
    tl_page_text(page, x + w + 10.0, y, &value, tl_dossier_chance(d, row->p));
    if (!isfinite(row->p))
        return;
    double at = x + w * fmin(row->p / end, 1.0);
    uint32_t colour = row->is_now ? 0xB5472B : TL_FLOW_ACCENT;
    tl_page_colour(page, TL_FRAME_PALE, 1.0);
    tl_page_line(page, x, y, at, y, 0.6);
    if (isfinite(row->mcse) && row->mcse > 0.0) {
        tl_page_colour(page, colour, 0.4);
        tl_page_line(page, fmax(x, at - w * 1.96 * row->mcse / end), y,
                     fmin(x + w, at + w * 1.96 * row->mcse / end), y, 4.0);
    }
    cairo_new_path(page->cr);
    cairo_arc(page->cr, at, y, row->is_now ? 4.2 : 3.4, 0.0, 6.283185307179586);
    tl_page_colour(page, row->is_hollow ? 0xFFFFFF : colour, 1.0);
    cairo_fill_preserve(page->cr);
    tl_page_colour(page, row->is_hollow ? TL_FRAME_GREY : 0xFFFFFF, 1.0);
    cairo_set_line_width(page->cr, 0.9);
    cairo_stroke(page->cr);
}

void tl_dossier_chart(struct tl_dossier *d)
{
    struct row rows[ROWS_MAX];
    struct tl_flow *flow = &d->flow;
    struct tl_page_style tick = {.size_pt = 7.2, .colour = TL_FRAME_GREY, .align = TL_PAGE_CENTRE};
    double ticks[TL_SCALE_TICKS_MAX];
    int n = gather(d, rows);
    double end = axis_end(rows, n), height = ROW_PT * n + 6.0;
    tl_flow_subheading(flow, tl_catalogue_text(d->words, "Chance that at least one item remains"),
                       height + 26.0);
    double x = TL_FLOW_LEFT_PT + LABEL_PT, w = TL_FLOW_WIDTH_PT - LABEL_PT - VALUE_PT, y = flow->y;
    int n_ticks = tl_scale_linear_ticks(0.0, end, 5, ticks);
    for (int k = 0; k < n_ticks; k++) {
        double at = x + w * ticks[k] / end;
        tl_page_colour(&flow->page, TL_FRAME_PALE, 0.6);
        tl_page_line(&flow->page, at, y, at, y + height, 0.4);
        tl_page_text(&flow->page, at, y + height + 2.0, &tick, tl_dossier_percent(d, ticks[k]));
    }
    for (int k = 0; k < n; k++)
        draw_row(d, &rows[k], x, w, y + 3.0 + ROW_PT * (k + 0.5), end);
    flow->y += height + 18.0;
}
